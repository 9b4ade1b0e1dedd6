"""The whole way, from a real server's counters to a figure in a published snapshot."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from given import ROOT, build
from prometheus_server import backfill, need_prometheus, running

from loaders import prometheus, registry
from maturity import store

pytestmark = pytest.mark.prometheus

DAY = dt.date(2026, 3, 1)
ZERO = int(dt.datetime(2026, 3, 1, tzinfo=dt.UTC).timestamp())


def company(folder: Path, url: str, since: dt.date) -> Path:
    """A data folder whose only source is a Prometheus server at `url`."""
    shutil.copytree(ROOT / "tests" / "prometheus_self", folder)
    sources = (folder / "sources.yaml").read_text().replace("http://127.0.0.1:9090", url)
    (folder / "sources.yaml").write_text(sources.replace("2026-01-01", str(since)))
    return folder


def guidemap(*arguments: str) -> subprocess.CompletedProcess:
    """The command line, as a user runs it."""
    command = [sys.executable, "-m", "loaders", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_fetch_then_build_gives_the_budget_of_the_servers_counters(tmp_path: Path):
    """Three days of 5-minute points: 10 requests a bucket, 1 of them bad in each of the last 288 buckets."""
    need_prometheus()
    lines = ["# TYPE prometheus_http_requests counter"]
    for code, value in (("200", lambda i: 10 * i - max(0, i - 576)), ("500", lambda i: max(0, i - 576))):
        series = f'prometheus_http_requests_total{{code="{code}"}}'
        lines += [f"{series} {value(i)} {ZERO + 300 * i}" for i in range(3 * 288 + 1)]
    backfill(tmp_path / "data", "\n".join([*lines, "# EOF", ""]))
    with running(tmp_path / "data") as url:
        folder = company(tmp_path / "company", url, DAY)
        first = guidemap("fetch", str(folder))
        again = guidemap("fetch", str(folder))
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    built = guidemap("build", str(folder), "--store", str(tmp_path / "store"), "--as-of", "2026-03-03")
    assert built.returncode == 0, built.stdout + built.stderr
    snapshot = store.open_current(tmp_path / "store")
    status = snapshot.query("slo_one", slo="prometheus-requests", month="2026-03").iloc[0]
    assert (status["total"], status["bad_units"]) == (3 * 288 * 10, 288)
    assert status["consumed"] == pytest.approx(288 / (0.001 * 8640))
    assert status["state"] == "exhausted_and_still_burning"
    assert status["coverage"] == pytest.approx(3 / 28)
    assert status["bucket_seconds"] == 300
    snapshot.close()


def test_the_request_slo_of_a_server_that_measures_itself(tmp_path: Path):
    """Input that nobody here wrote. The public grid is 300 s; steps of 2 s let a young server have several."""
    need_prometheus()
    today = dt.datetime.now(dt.UTC).date()
    with running(tmp_path / "data", scrapes_itself=True) as url:
        folder = company(tmp_path / "company", url, today)
        bundle = registry.read_folder(folder, today).bundle
        slos = [loaded.record for loaded in bundle.slos]
        end = time.monotonic() + 30
        while time.monotonic() < end:
            now = dt.datetime.now(dt.UTC)
            fetched = prometheus.fetch_on_grid(bundle.sources[0].record, slos, folder / "raw", now=now, step_s=2)
            if fetched.buckets >= 3:
                break
            time.sleep(0.5)
    built = build(tmp_path / "store", folder, dt.datetime.now(dt.UTC).date())
    assert [p for p in built.problems if p.level == "error"] == []
    snapshot = store.open_current(tmp_path / "store")
    month = f"{dt.datetime.now(dt.UTC):%Y-%m}"
    status = snapshot.query("budgets", month=month, product=None).iloc[0]
    assert 0 < status["good"] <= status["total"]
    assert status["state"] in ("met_unspent", "too_little_traffic")
    assert 0 < status["coverage"] < 0.01
    (place,) = snapshot.query("slo_sources", slo="prometheus-requests", month=month)["src_file"]
    assert place.startswith("raw/self/prometheus-requests/")
    snapshot.close()
