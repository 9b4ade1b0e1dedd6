"""SLOs that rules of Sloth's and Pyrra's kind record in a real Prometheus, found and counted without any file."""

from __future__ import annotations

import datetime as dt
import json
import math
import random
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from urllib.parse import urlencode

import pytest
from given import ROOT, TINY, build, over_tiny, read
from prometheus_server import backfill, gate, need_prometheus, record, running

from loaders import kept_answers, prometheus, recorded
from maturity import store
from maturity.records.bundle import Bundle
from maturity.sources import PrometheusSource

pytestmark = pytest.mark.prometheus

SINCE = dt.date(2026, 1, 28)
ZERO = int(dt.datetime(2026, 1, 28, tzinfo=dt.UTC).timestamp())
DAYS = 3
MINUTES = DAYS * 1440
NOW = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
QUIET = range(600, 660)  # an hour without a single request
BLIND = range(2000, 2100)  # nothing is scraped

# What the two tools write for an SLO over requests_total, as far as it is read here (Sloth 0.16, Pyrra 0.10 with
# --generic-rules). `probe` is a gauge of Pyrra's, `plain` one of its SLOs without generic rules, `twice` has two
# namespaces, `hourly` a window that is no whole day, `lost` a service that nobody knows; rules
# that divide nothing by nothing record NaN as the window of `windowless` and the objective of `aimless`.
RATE = 'sum(rate(requests_total{code="500"}[5m])) / sum(rate(requests_total[5m]))'
SLOTH = {
    "alpha-requests": ("alpha", "requests", "vector(0.9990000000000001)", 30),
    "lost-requests": ("lost", "requests", "vector(0.99)", 30),
    "alpha-windowless": ("alpha", "windowless", "vector(0.99)", "NaN"),
    "alpha-aimless": ("alpha", "aimless", f"vector(0.99) / (vector(time()) < bool {ZERO})", 30),
    "alpha-faltering": ("alpha", "faltering", f"vector(0.99) / (vector(time()) < bool {ZERO + 86_400})", 30),
    "alpha-moved": ("alpha", "moved", f"vector(0.99) + 0.005 * (vector(time()) >= bool {ZERO + 86_400})", 28),
}


def _rules() -> str:
    lines = ["groups:", "- name: slos", "  rules:"]

    def rule(name: str, expression: str, **labels: str) -> None:
        said = ", ".join(f"{key}: {value!r}" for key, value in labels.items())
        lines.append(f"  - {{record: '{name}', expr: '{expression}', labels: {{{said}}}}}")

    for key, (service, slo, objective, days) in SLOTH.items():
        ids = {"sloth_id": key, "sloth_service": service, "sloth_slo": slo, "owner": "red"}
        rule("slo:sli_error:ratio_rate5m", RATE, **ids, sloth_window="5m")
        rule("slo:objective:ratio", objective, **ids)
        rule("slo:time_period:days", f"vector({days})", **ids)
        rule("sloth_slo_info", "vector(1)", **ids, sloth_version="v0.16.0", sloth_mode="cli-gen-prom")
    for labels, window in (
        ({"slo": "checkout", "team": "alpha"}, 2_419_200),
        ({"slo": "probe", "team": "alpha"}, 2_419_200),
        ({"slo": "hourly", "team": "alpha"}, 3_600),
        ({"slo": "twice", "team": "alpha", "namespace": "eu"}, 2_419_200),
        ({"slo": "twice", "team": "alpha", "namespace": "us"}, 2_419_200),
    ):
        rule("pyrra_objective", "vector(0.995)", **labels)
        rule("pyrra_window", f"vector({window})", **labels)
    rule("pyrra_requests:rate5m", "sum(rate(requests_total[5m]))", slo="checkout", team="alpha")
    rule("pyrra_errors:rate5m", 'sum(rate(requests_total{code="500"}[5m])) or vector(0)', slo="checkout", team="alpha")
    rule("probe_success:count4w", "vector(8000)", slo="probe")
    rule("requests:burnrate5m", RATE, slo="plain")
    rule("requests:burnrate5m", RATE, slo="checkout")
    return "\n".join([*lines, ""])


def _events(seed: int, most: int) -> list[int]:
    chance = random.Random(seed)
    return [0 if i in QUIET else chance.randint(0, most) for i in range(MINUTES)]


EVENTS = {"200": _events(1, 40), "500": _events(2, 2)}


def _openmetrics() -> str:
    lines = ["# TYPE requests counter"]
    for code, events in EVENTS.items():
        for minute, value in enumerate(accumulate(events, initial=0)):
            if minute not in BLIND:
                lines.append(f'requests_total{{code="{code}"}} {value} {ZERO + minute * 60}')
    return "\n".join([*lines, "# EOF", ""])


def samples(server: str, series: str) -> dict[float, float]:
    """Everything that a rule recorded, at the instants at which it was evaluated (not on our grid)."""
    at = ZERO + MINUTES * 60
    with urllib.request.urlopen(f"{server}/api/v1/query?{urlencode({'query': f'{series}[4d]', 'time': at})}") as answer:
        (found,) = json.load(answer)["data"]["result"]
    return {when: float(text) for when, text in found["values"]}


def last_before(recorded_at: dict[float, float], end: int) -> float | None:
    """What a rule last said in the five minutes before an instant; None for NaN or nothing."""
    times = [at for at in recorded_at if end - 300 < at <= end]
    value = recorded_at[max(times)] if times else math.nan
    return None if math.isnan(value) else value


GRID = [ZERO + i * 300 for i in range(MINUTES // 5)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    need_prometheus()
    folder = tmp_path_factory.mktemp("recorded")
    backfill(folder / "data", _openmetrics())
    (folder / "rules.yml").write_text(_rules())
    with running(folder / "data") as url:
        record(folder / "data", url, folder / "rules.yml", ZERO, ZERO + MINUTES * 60)
    with running(folder / "data") as url:
        yield url


def source(url: str, **more) -> PrometheusSource:
    return PrometheusSource(**({"id": "main", "kind": "prometheus", "url": url, "since": SINCE} | more))


SOURCES = "sources:\n  - {{id: main, kind: prometheus, url: {url!r}, since: {since}, ignore: [lost]{more}}}\n"


def company(folder: Path, url: str, more: str = "", **files: str) -> Path:
    """The tiny folder with that server, after `guidemap fetch` at NOW."""
    made = over_tiny(folder / "company", **{"sources.yaml": SOURCES.format(url=url, since=SINCE, more=more)}, **files)
    fetch(made, source(url))
    return made


def fetch(folder: Path, here: PrometheusSource, now: dt.datetime = NOW) -> tuple[recorded.Discovered, object]:
    found = recorded.discover(here, folder / "raw", now=now)
    slos = [slo.record for slo in bundle(folder).slos]
    return found, prometheus.fetch(here, slos, folder / "raw", now=now)


def bundle(folder: Path) -> Bundle:
    return read(folder)[0].bundle


def told(folder: Path, word: str) -> list[str]:
    """Messages in which a word stands."""
    return [message for message in read(folder)[1] if word in message]


def rows(folder: Path, slo: str) -> dict[int, tuple[float, float]]:
    """(good, total) by bucket start in Unix seconds."""
    lines = [line for path in (folder / "raw/main" / slo).glob("*.csv") for line in path.read_text().splitlines()[1:]]
    cells = [line.split(",") for line in lines]
    return {int(dt.datetime.fromisoformat(at).timestamp()): (float(good), float(all_)) for _, at, good, all_ in cells}


def kept(folder: Path) -> dict[str, recorded.RecordedSlo]:
    entries = kept_answers.entries(folder / "raw/main/answers/recorded.json")
    return {entry["name"]: recorded.RecordedSlo(**entry) for _, entry in entries}


# ------------------------------------------------------------------------------------------------------- the numbers


@pytest.fixture(scope="module")
def fetched(server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return company(tmp_path_factory.mktemp("company"), server)


def test_pyrras_rates_become_events_of_each_bucket(server: str, fetched: Path):
    requests = samples(server, 'pyrra_requests:rate5m{slo="checkout"}')
    errors = samples(server, 'pyrra_errors:rate5m{slo="checkout"}')
    expected = {}
    for start in GRID:
        total, bad = last_before(requests, start + 300), last_before(errors, start + 300)
        if total is not None:
            expected[start] = (pytest.approx((total - bad) * 300), pytest.approx(total * 300))
    assert rows(fetched, "checkout") == expected
    assert len(GRID) - len(expected) in range(18, 23), "100 blind minutes are gaps, not zeros"


def test_rates_add_up_to_about_what_happened(fetched: Path):
    good, total = (sum(column) for column in zip(*rows(fetched, "checkout").values(), strict=True))
    seen = [i for i in range(MINUTES) if i not in BLIND]
    bad, everything = (sum(EVENTS[code][i] for code in codes for i in seen) for codes in (["500"], ["200", "500"]))
    assert total == pytest.approx(everything, rel=0.02)
    assert (total - good) / total == pytest.approx(bad / everything, rel=0.02)


def test_sloths_ratio_is_a_part_of_each_bucket_and_no_traffic_is_a_gap(server: str, fetched: Path):
    ratios = samples(server, 'slo:sli_error:ratio_rate5m{sloth_id="alpha-requests"}')
    assert any(math.isnan(value) for value in ratios.values()), "the quiet hour divides 0 by 0"
    said = {start: last_before(ratios, start + 300) for start in GRID}
    expected = {start: (pytest.approx(1 - ratio), 1) for start, ratio in said.items() if ratio is not None}
    assert rows(fetched, "alpha-requests") == expected
    assert len(GRID) - len(expected) in range(28, 35), "100 blind and 60 quiet minutes are gaps"


def test_each_gets_the_method_that_its_metrics_permit(fetched: Path):
    slos = {slo.record.id: slo.record for slo in bundle(fetched).slos}
    sloth, pyrra = slos["alpha-requests"], slos["checkout"]
    assert (sloth.method, sloth.slice_minutes, sloth.format) == ("RatioTimeslices", 5, "sloth/recorded")
    assert (sloth.window_count, str(sloth.target), sloth.owner, sloth.product) == (30, "0.999", "red", "alpha")
    assert (pyrra.method, pyrra.format, pyrra.window_count, str(pyrra.target)) == (
        "Occurrences", "pyrra/recorded", 28, "0.995",
    )  # fmt: skip
    assert pyrra.source == sloth.source == "main"


def test_the_budget_of_a_snapshot_is_that_of_the_events(fetched: Path, tmp_path: Path):
    build(tmp_path / "store", fetched)
    snapshot = store.open_current(tmp_path / "store")
    for slo in ("checkout", "alpha-requests"):
        pairs = rows(fetched, slo).values()
        status = snapshot.query("slo_one", slo=slo, month="2026-01").iloc[0]
        assert status["bad_units"] == pytest.approx(sum(total - good for good, total in pairs))
        assert status["total"] == pytest.approx(sum(total for _, total in pairs))


def test_a_target_that_moved_has_a_version_from_the_day_on_which_it_moved(fetched: Path):
    versions = [t.record for t in bundle(fetched).slo_targets if t.record.slo == "alpha-moved"]
    assert [(str(v.target), v.valid_from, v.valid_to) for v in versions] == [
        ("0.99", None, dt.date(2026, 1, 29)),
        ("0.995", dt.date(2026, 1, 29), None),
    ]


def test_days_on_which_an_objective_is_no_number_leave_the_one_before(fetched: Path):
    assert kept(fetched)["alpha-faltering"].targets == [(SINCE, "0.99")]


# ------------------------------------------------------------------------------------------------- what is left out


def test_what_cannot_be_counted_is_told_with_its_line(fetched: Path):
    place = "raw/main/answers/recorded.json"
    lines = {entry["name"]: line for line, entry in kept_answers.entries(fetched / place)}
    assert told(fetched, "recorded.json") == [
        f"{place}:{lines['hourly']}: warning: window: found hourly, 3600 s (not loaded), "
        "expected one window of whole days, ten years at most",
        f"{place}:{lines['plain']}: warning: slo: found plain, burn rates only (not loaded), "
        "expected its objective; start Pyrra with --generic-rules",
        f"{place}:{lines['probe']}: warning: slo: found probe, a gauge (not loaded), "
        "expected a ratio or a latency; Pyrra records no events of a gauge, only counts over the whole window",
        f"{place}:{lines['twice']}: warning: slo: found twice, 2 times: namespace=eu; namespace=us (not loaded), "
        "expected one series a name",
        f"{place}:{lines['alpha-aimless']}: warning: objective: found alpha-aimless, nothing (not loaded), "
        "expected a ratio such as 0.999",
        f"{place}:{lines['alpha-windowless']}: warning: window: found alpha-windowless, none (not loaded), "
        "expected one window of whole days, ten years at most",
    ]


def test_a_service_that_nobody_knows_is_told_once_until_it_is_mapped_or_ignored(server: str, tmp_path: Path):
    folder = company(tmp_path, server)
    sources = folder / "sources.yaml"
    given = sources.read_text()
    sources.write_text(given.replace("ignore: [lost]", "ignore: []"))
    (message,) = told(folder, "'lost'")
    assert "product: found 'lost', unknown (1 entry not loaded), expected a product's id or name" in message
    sources.write_text(given.replace("ignore: [lost]", "products: {lost: alpha}"))
    assert "lost-requests" in {slo.record.id for slo in bundle(folder).slos}


def test_an_slo_that_a_file_defines_is_that_of_the_file(server: str, tmp_path: Path):
    given = (TINY / "slos/alpha.yaml").read_text()
    folder = company(tmp_path, server, **{"slos/checkout.yaml": given.replace("alpha-ok", "checkout")})
    (slo,) = [slo for slo in bundle(folder).slos if slo.record.id == "checkout"]
    assert slo.file == "slos/checkout.yaml"
    (message,) = told(folder, "checkout is recorded")
    assert "slo: found checkout is recorded, too, expected none: slos/checkout.yaml:" in message
    assert not (folder / "raw/main/checkout").exists()


def test_a_source_that_takes_nothing_recorded_asks_for_nothing(server: str, tmp_path: Path):
    with gate(server) as door:
        found = recorded.discover(source(door.url, recorded=[]), tmp_path, now=NOW)
    assert (found, door.asked, list(tmp_path.iterdir())) == (recorded.Discovered(), [], [])


def test_a_server_without_any_leaves_no_file(server: str, tmp_path: Path):
    before = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert recorded.discover(source(server), tmp_path, now=before) == recorded.Discovered()
    assert list(tmp_path.iterdir()) == []


# ----------------------------------------------------------------------------------------------------- again and again


def test_a_second_fetch_changes_nothing(server: str, tmp_path: Path):
    folder = company(tmp_path, server)
    before = {path: path.read_bytes() for path in (folder / "raw").rglob("*") if path.is_file()}
    found, again = fetch(folder, source(server))
    assert {path: path.read_bytes() for path in (folder / "raw").rglob("*") if path.is_file()} == before
    assert (found.warnings, again.warnings) == ([], [])


def test_what_is_not_recorded_any_more_stays_with_its_targets_and_days(server: str, tmp_path: Path):
    folder = company(tmp_path, server)
    days, entries = rows(folder, "checkout"), kept(folder)
    later = NOW + dt.timedelta(days=2)
    found, _ = fetch(folder, source(server), later)
    assert "checkout: not recorded by pyrra now; what was kept stays" in found.warnings
    assert rows(folder, "checkout") == days
    assert kept(folder) == entries


def test_targets_that_the_server_has_forgotten_stay(server: str, tmp_path: Path):
    folder = company(tmp_path, server)
    recorded.discover(source(server, since=dt.date(2026, 1, 30)), folder / "raw", now=NOW)
    assert kept(folder)["alpha-moved"].targets == [(SINCE, "0.99"), (dt.date(2026, 1, 29), "0.995")]


KILLED = """
import os, pathlib, signal, sys
sys.path[:0] = [{root!r}, {tests!r}]
from test_recorded import company
renames = 0
def watch(event, _):
    global renames
    if event != "os.rename":
        return
    renames += 1
    if renames == {kill_at}:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
company(pathlib.Path({folder!r}), {url!r})
"""


@pytest.mark.parametrize("kill_at", [1, 2, 7])
def test_a_fetch_that_was_killed_goes_on(server: str, fetched: Path, tmp_path: Path, kill_at: int):
    """Before the list is there, before the first day, and within the days."""
    code = KILLED.format(root=str(ROOT), tests=str(ROOT / "tests"), kill_at=kill_at, folder=str(tmp_path), url=server)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert run.returncode == -signal.SIGKILL, run.stderr
    folder = next(path.parent for path in tmp_path.rglob("sources.yaml"))
    fetch(folder, source(server))
    for slo in ("checkout", "alpha-requests", "alpha-moved"):
        assert rows(folder, slo) == rows(fetched, slo)
    assert kept(folder) == kept(fetched)


def test_a_damaged_list_is_told_and_not_written_over(server: str, tmp_path: Path):
    folder = company(tmp_path, server)
    path = folder / "raw/main/answers/recorded.json"
    path.write_text('[\n{"id": "sloth:x", "tool": "abacus"}\n]\n')
    with pytest.raises(kept_answers.KeptAnswerIsDamaged):
        recorded.discover(source(server), folder / "raw", now=NOW)
    assert "abacus" in path.read_text()
    assert any("recorded.json:2: tool: found 'abacus', expected" in line for line in told(folder, "recorded.json"))
