"""The same budgets from a real Prometheus: counters backfilled by promtool, 28-day increases for every day."""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

import duckdb

from bench import given
from bench.ways import _build

_DAY = 86400
_TIMES = 5


def measure(folder: Path, slos: int, days: int) -> dict[str, float]:
    """Seconds of both for the budgets of `slos` SLOs on each day, and the largest difference of a budget."""
    with tempfile.TemporaryDirectory() as place:
        _openmetrics(folder, slos, Path(place) / "data.om")
        command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=2160h"]
        subprocess.run([*command, f"{place}/data.om", f"{place}/tsdb"], check=True, capture_output=True)
        ours, own = _ours(folder, Path(place) / "store", slos, days)
        theirs, other = _theirs(Path(place), days)
    shared = own.keys() & other.keys()
    worst = max(abs(own[key] - other[key]) / max(own[key], 1e-9) for key in shared)
    return {"prometheus": theirs, "guidemap": ours, "budgets": len(shared), "largest_difference": worst}


def _openmetrics(folder: Path, slos: int, to: Path) -> None:
    """Counters that grow by each bucket's events at its end; both start at 0."""
    with duckdb.connect() as con:
        con.execute(
            f"""
            copy (
                with grown as (
                    select
                        slo,
                        epoch(start)::bigint + 300 as ends,
                        sum(total) over (partition by slo order by start)::bigint as total,
                        sum(total - good) over (partition by slo order by start)::bigint as bad
                    from read_parquet('{folder}/sli/*.parquet')
                    where slo < '{given.name(slos)}'
                ),
                lines as (
                    select 1 as part, slo, ends, 'bad_total{{slo="' || slo || '"}} ' || bad || ' ' || ends as line
                    from grown
                    union all
                    select 3, slo, ends, 'all_total{{slo="' || slo || '"}} ' || total || ' ' || ends from grown
                    union all select 0, '', 0, '# TYPE bad counter'
                    union all select 2, '', 0, '# TYPE all counter'
                    union all select 4, '', 0, '# EOF'
                )
                select line from lines order by part, slo, ends
            ) to '{to}' (format csv, header false, quote '', escape '', delim '\x01')
            """
        )


def _ours(folder: Path, into: Path, slos: int, days: int) -> tuple[float, dict]:
    _build(folder, into, days, 0)
    snapshot = next(into.glob("snap-*.duckdb"))
    with duckdb.connect(str(snapshot), read_only=True) as con:
        seconds = []
        for _ in range(_TIMES):
            begun = time.perf_counter()
            rows = con.execute(
                "select slo, epoch(day)::bigint, consumed from slo_status where slo < $1", [given.name(slos)]
            ).fetchall()
            seconds.append(time.perf_counter() - begun)
    # A day's budget is that of its end; only whole windows of data can be compared.
    first = int(time.mktime(given.FIRST.timetuple())) - time.timezone + 28 * _DAY
    return statistics.median(seconds), {(slo, day + _DAY): value for slo, day, value in rows if day + _DAY > first}


def _theirs(place: Path, days: int) -> tuple[float, dict]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (place / "none.yml").write_text("global: {}\n")
    server = subprocess.Popen(
        [
            "prometheus", f"--config.file={place}/none.yml", f"--storage.tsdb.path={place}/tsdb",
            f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.retention.time=10y",
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"TZ": "UTC"},
    )  # fmt: skip
    try:
        begin = int(time.mktime(given.FIRST.timetuple())) - time.timezone
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        seconds, sums = [], {}
        for name in ("bad_total", "all_total") * _TIMES:
            span = {"start": begin + 29 * _DAY, "end": begin + days * _DAY, "step": _DAY}
            query = {"query": f"increase({name}[28d])"} | span
            url = f"http://127.0.0.1:{port}/api/v1/query_range?{urllib.parse.urlencode(query)}"
            begun = time.perf_counter()
            sums[name] = json.load(urllib.request.urlopen(url, timeout=600))["data"]["result"]
            seconds.append(time.perf_counter() - begun)
    finally:
        server.terminate()
        server.wait()
    value = {
        name: {(s["metric"]["slo"], int(at)): float(v) for s in series for at, v in s["values"]}
        for name, series in sums.items()
    }
    targets = {given.name(i): float(given.target(i)) for i in range(10_000)}
    budgets = {key: bad / ((1 - targets[key[0]]) * value["all_total"][key]) for key, bad in value["bad_total"].items()}
    return 2 * statistics.median(seconds), budgets
