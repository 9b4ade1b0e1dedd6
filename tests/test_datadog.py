"""Fetching from a stand-in for Datadog, and reading what was fetched, against numbers that are worked out here."""

from __future__ import annotations

import datetime as dt
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from datadog_server import API_KEY, APP_KEY, Datadog, _history, correction, datadog, slo
from given import ROOT, ask, build, over_tiny, read

from loaders import datadog as fetcher
from loaders import datadog_api, day_files, http, kept_answers
from loaders.__main__ import main
from maturity.sources import DatadogSource

SINCE = dt.date(2026, 1, 28)
ZERO = day_files.midnight(SINCE)
NOW = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)  # three days are over: 28, 29 and 30 January
HOUR, DAY = 3600, 86_400
EVERY_HOUR = {ZERO + hour * HOUR + 5: (99.0, 100.0) for hour in range(-24, 96)}


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GM_API_KEY", API_KEY)
    monkeypatch.setenv("GM_APP_KEY", APP_KEY)


@pytest.fixture
def account() -> Iterator[Datadog]:
    slos = [slo("aaa1", "Replies", tags=["team:red", "service:askhub"])]
    with datadog(slos=slos, events={"aaa1": dict(EVERY_HOUR)}) as here:
        yield here


def source(url: str, **more) -> DatadogSource:
    auth = {"api_key_env": "GM_API_KEY", "application_key_env": "GM_APP_KEY"}
    given = {"id": "dd", "kind": "datadog", "url": url, "since": SINCE, "auth": auth, "products": {"team:red": "alpha"}}
    return DatadogSource(**(given | more))


def fetch(here: Datadog, raw: Path, now: dt.datetime = NOW, waits: list | None = None, **more) -> fetcher.Fetched:
    waited = [] if waits is None else waits
    return fetcher.fetch(source(here.url, **more), raw, now=now, sleep=waited.append)


def rows(raw: Path, slo_id: str = "aaa1") -> dict[str, list[str]]:
    """`start,good,total` of each file, without the id."""
    return {
        path.name: [line.split(",", 1)[1] for line in path.read_text().splitlines()[1:]]
        for path in sorted((raw / "dd" / slo_id).glob("*.csv"))
    }


def files(raw: Path) -> dict[str, bytes]:
    return {p.relative_to(raw).as_posix(): p.read_bytes() for p in sorted(raw.rglob("*")) if p.is_file()}


def sources_yaml(url: str, since: dt.date = SINCE, more: str = "products: {'team:red': alpha}") -> str:
    return f"""sources:
  - id: dd
    kind: datadog
    url: {url}
    since: {since}
    auth: {{api_key_env: GM_API_KEY, application_key_env: GM_APP_KEY}}
    {more}
"""


def fetched_folder(to: Path, here: Datadog, **more) -> Path:
    """tests/tiny with the source in sources.yaml and its answers in raw/."""
    said = json.dumps({"products": {"team:red": "alpha"}} | more)[1:-1]
    lines = "\n    ".join(f"{key}: {json.dumps(value)}" for key, value in json.loads("{" + said + "}").items())
    folder = over_tiny(to, **{"sources.yaml": sources_yaml(here.url, more=lines)})
    fetch(here, folder / "raw", **more)
    return folder


# ------------------------------------------------------------------------------------------------------------ events


def test_events_become_buckets_of_two_hours_of_the_days_that_are_over(account: Datadog, tmp_path: Path):
    fetched = fetch(account, tmp_path)
    assert (fetched.slos, fetched.days_written, fetched.buckets, fetched.failures) == (1, 3, 36, [])
    assert list(rows(tmp_path)) == ["2026-01-28.csv", "2026-01-29.csv", "2026-01-30.csv"]
    assert rows(tmp_path)["2026-01-28.csv"][:2] == ["2026-01-28T00:00:00Z,198,200", "2026-01-28T02:00:00Z,198,200"]


def test_every_span_is_a_whole_day_without_corrections(account: Datadog, tmp_path: Path):
    fetch(account, tmp_path)
    spans = [(int(a["from_ts"][0]) - ZERO, int(a["to_ts"][0]) - ZERO) for a in account.of("/history")]
    assert spans == [(2 * DAY, 3 * DAY), (DAY, 2 * DAY), (0, DAY)]
    assert {a["apply_correction"][0] for a in account.of("/history")} == {"false"}


def test_a_bucket_that_begins_before_the_span_is_not_counted_twice(account: Datadog, tmp_path: Path):
    fetch(account, tmp_path / "plain")
    account.early = 1
    fetch(account, tmp_path / "early")
    assert files(tmp_path / "early") == files(tmp_path / "plain")
    assert not any(row.startswith("2026-01-27") for row in rows(tmp_path / "early")["2026-01-28.csv"])


def test_the_times_of_a_recorded_answer_are_milliseconds_whose_first_is_trimmed(account: Datadog):
    """From the recordings of Datadog's Python client: a day in buckets of 2 h, the first off their grid."""
    start = 1704236088
    times = [1704235800000.0, *(1704240000000.0 + i * 7_200_000 for i in range(12))]
    sides = {name: {"values": [5.0] * 13, "sum": 65.0, "count": 13} for name in ("numerator", "denominator")}
    account.fault("/history", 200, {"data": {"series": {"interval": 7200, "times": times} | sides}, "errors": None})
    with datadog_api.open_session(source(account.url)) as session:
        span = datadog_api.Span(start, start + DAY, 7200)
        found = datadog_api.history(datadog_api.Server(session, account.url), "aaa1", "metric", span)
    assert list(found.buckets) == [1704240000 + i * 7200 for i in range(12)]
    assert sum(total for _, total in found.buckets.values()) == 60


def test_a_null_is_a_gap_and_not_a_zero(account: Datadog, tmp_path: Path):
    account.nulls["aaa1"] = {ZERO + 2 * HOUR}
    fetch(account, tmp_path)
    starts = [row.split(",")[0] for row in rows(tmp_path)["2026-01-28.csv"]]
    assert starts[:2] == ["2026-01-28T00:00:00Z", "2026-01-28T04:00:00Z"]
    assert len(starts) == 11


def test_a_day_that_datadog_calls_no_data_is_finished_without_rows(account: Datadog, tmp_path: Path):
    account.events["aaa1"] = {at: counts for at, counts in EVERY_HOUR.items() if at < ZERO + DAY}
    fetched = fetch(account, tmp_path)
    assert (rows(tmp_path)["2026-01-29.csv"], len(rows(tmp_path)["2026-01-28.csv"])) == ([], 12)
    assert fetched.warnings == []


def test_shorter_spans_give_shorter_buckets_summed_up_to_those_that_are_wanted(account: Datadog, tmp_path: Path):
    account.events["aaa1"] |= {ZERO + 299: (1.0, 2.0), ZERO + 300: (0.0, 4.0)}
    fetch(account, tmp_path, span_hours=1, bucket_minutes=5)
    day = rows(tmp_path)["2026-01-28.csv"]
    assert day[:2] == ["2026-01-28T00:00:00Z,100,102", "2026-01-28T00:05:00Z,0,4"]
    assert day[2] == "2026-01-28T00:10:00Z,0,0", "a zero among traffic is what Datadog says"
    assert len(account.of("/history")) == 3 * 24 + 11, "the hours of today that ended an hour ago, too"
    assert "2026-01-31.partial.csv" in rows(tmp_path)


def test_buckets_that_are_too_long_are_told_and_no_day_is_written(account: Datadog, tmp_path: Path):
    fetched = fetch(account, tmp_path, bucket_minutes=60)
    assert (
        "aaa1 (Replies): 2026-01-30: found buckets of 7200 s, expected a length that divides 3600 s"
        in (fetched.failures[0])
    )
    assert rows(tmp_path) == {}


# -------------------------------------------------------------------------------------------------------------- time


def test_states_of_a_monitor_become_minutes_with_the_seconds_it_was_up(tmp_path: Path):
    changes = [[ZERO - DAY, 0], [ZERO + 90, 1], [ZERO + 200, 0], [ZERO + 240, 2], [ZERO + 360, 0]]
    with datadog(slos=[slo("mmm1", "Up", "monitor", tags=["team:red"])], states={"mmm1": changes}) as here:
        fetched = fetch(here, tmp_path)
    day = rows(tmp_path, "mmm1")["2026-01-28.csv"]
    assert day[:5] == [
        "2026-01-28T00:00:00Z,60,60",
        "2026-01-28T00:01:00Z,30,60",
        "2026-01-28T00:02:00Z,0,60",
        "2026-01-28T00:03:00Z,40,60",
        "2026-01-28T00:06:00Z,60,60",  # two minutes without data are a gap
    ]
    assert len(day) == 1440 - 2
    assert fetched.failures == []


@pytest.mark.parametrize(("seconds", "slices"), [(60, 1440), (300, 288), (None, 288)])
def test_time_slices_have_the_length_that_their_definition_says(tmp_path: Path, seconds: int | None, slices: int):
    said = {"sli_specification": {"time_slice": {"query_interval_seconds": seconds}}} if seconds else {}
    given = slo("ttt1", "Fast", "time_slice", tags=["team:red"], **said)
    with datadog(slos=[given], states={"ttt1": [[ZERO, 0]]}) as here:
        fetch(here, tmp_path)
    assert len(rows(tmp_path, "ttt1")["2026-01-28.csv"]) == slices


# --------------------------------------------------------------------------------------------------- again and again


def test_a_second_fetch_changes_no_byte_and_asks_for_no_history(account: Datadog, tmp_path: Path):
    account.corrections = [correction("c1", "aaa1", ZERO, ZERO + HOUR)]
    fetch(account, tmp_path)
    before, asked = files(tmp_path), len(account.of("/history"))
    again = fetch(account, tmp_path)
    assert files(tmp_path) == before
    assert (len(account.of("/history")), again.days_written, again.days_already_there) == (asked, 0, 3)


def test_the_next_day_is_asked_for_once_it_is_an_hour_over(account: Datadog, tmp_path: Path):
    fetch(account, tmp_path)
    for minutes, days in ((59, 3), (60, 4)):
        fetch(account, tmp_path, now=dt.datetime(2026, 2, 1, 0, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes))
        assert len(rows(tmp_path)) == days


def test_an_slo_that_datadog_has_no_more_stays_with_its_days(account: Datadog, tmp_path: Path):
    fetch(account, tmp_path)
    before = files(tmp_path)
    account.slos = []
    for _ in range(2):
        fetched = fetch(account, tmp_path)
        assert fetched.warnings[0] == "aaa1 (Replies): not in Datadog any more; what was fetched stays"
    assert files(tmp_path) == before


FETCH = """
import datetime as dt, os, pathlib, signal, sys
sys.path[:0] = [{root!r}, {tests!r}]
from test_datadog import NOW, source
from loaders import datadog
renames = 0
def watch(event, _):
    global renames
    if event != "os.rename":
        return
    renames += 1
    if renames == {kill_at}:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
datadog.fetch(source({url!r}), pathlib.Path({raw!r}), now=NOW)
"""


@pytest.mark.parametrize(
    "kill_at",
    [
        pytest.param(1, id="before the definitions are there"),
        pytest.param(3, id="before the first day is there"),
        pytest.param(4, id="before the first day is finished"),
        pytest.param(7, id="within the last day"),
    ],
)
def test_a_run_that_is_killed_is_completed_by_the_next(account: Datadog, tmp_path: Path, kill_at: int):
    account.events["aaa1"][ZERO + 7] = (0.5, 1.0)
    fetch(account, tmp_path / "whole")
    raw = tmp_path / "raw"
    code = FETCH.format(root=str(ROOT), tests=str(ROOT / "tests"), kill_at=kill_at, url=account.url, raw=str(raw))
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, timeout=30)
    assert run.returncode == -signal.SIGKILL, run.stderr.decode()
    assert files(raw) != files(tmp_path / "whole")
    fetch(account, raw)
    assert files(raw) == files(tmp_path / "whole")


# ----------------------------------------------------------------------------------------------------------- trouble


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        pytest.param({"Retry_After": "7"}, [7], id="Retry-After"),
        pytest.param({"X_RateLimit_Reset": "9", "X_RateLimit_Remaining": "0"}, [9], id="seconds to go"),
    ],
)
def test_a_rate_limit_that_is_soon_renewed_is_waited_for(
    account: Datadog, tmp_path: Path, headers: dict, waited: list[float]
):
    account.fault("/history", 429, {"errors": ["Rate limit of 300 requests in 3600 seconds reached."]}, **headers)
    waits = []
    assert fetch(account, tmp_path, waits=waits).days_written == 3
    assert waits == waited


def test_a_rate_limit_that_is_far_off_stops_and_the_next_fetch_goes_on(account: Datadog, tmp_path: Path):
    reset = {"X_RateLimit_Reset": "3000", "X_RateLimit_Remaining": "0"}
    account.fault("/history", 429, {"errors": ["Rate limit reached."]}, after=1, **reset)
    fetched = fetch(account, tmp_path)
    assert "status 429: Rate limit reached.; may be asked again at " in fetched.failures[0]
    assert fetched.failures[1] == "stopped; what was written stays, the next fetch goes on"
    assert list(rows(tmp_path)) == ["2026-01-30.csv"], "the newest day is there"
    assert fetch(account, tmp_path).days_written == 2


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_server_in_trouble_is_asked_again(account: Datadog, tmp_path: Path, status: int):
    account.fault("/history", status)
    assert fetch(account, tmp_path).failures == []


def test_a_broken_connection_in_the_middle_of_an_answer_is_asked_again(account: Datadog, tmp_path: Path):
    account.fault("/history", 200, b'{"data": {"se', Content_Length="5000")
    account.fault("/api/v1/slo", 0)
    assert (fetch(account, tmp_path).failures, len(rows(tmp_path))) == ([], 3)


def test_a_server_that_hangs_stops_the_fetch(account: Datadog, tmp_path: Path):
    for _ in range(5):
        account.fault("/history", 0)
    fetched = fetch(account, tmp_path)
    assert fetched.failures[-1].startswith("stopped")
    assert rows(tmp_path) == {}


HALF = {"interval": 7200, "times": [ZERO * 1000.0, (ZERO + 7200) * 1000.0]}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"data": None, "errors": ["internal"]}, "found ['internal'], expected a history"),
        ({}, "found no data, expected a history"),
        ({"data": {"overall": {}}}, "found no series"),
        (
            {"data": {"series": HALF | {"numerator": {"values": [1, 2]}, "denominator": {"values": [1]}}}},
            "found 2, 2, 1 times, numerators and denominators, expected as many of each",
        ),
        ({"data": {"series": HALF | {"numerator": {"values": [1, 2]}}}}, "found 2, 2, none times"),
    ],
    ids=["errors and no data", "an empty object", "no series", "a value short", "no denominator"],
)
def test_half_an_answer_is_told_and_its_day_asked_again(account: Datadog, tmp_path: Path, value: dict, said: str):
    account.fault("/history", 200, value)
    (failure,) = fetch(account, tmp_path).failures
    assert failure.startswith("aaa1 (Replies): 2026-01-30: ")
    assert said in failure
    assert list(rows(tmp_path)) == ["2026-01-28.csv", "2026-01-29.csv"]
    assert fetch(account, tmp_path).days_written == 1


def test_a_day_without_any_state_is_finished_without_rows(tmp_path: Path):
    with datadog(slos=[slo("mmm1", "Up", "monitor", tags=["team:red"])], states={"mmm1": []}) as here:
        fetched = fetch(here, tmp_path)
    assert (fetched.failures, rows(tmp_path, "mmm1")["2026-01-28.csv"]) == ([], [])


def test_half_a_history_of_states_is_told(tmp_path: Path):
    with datadog(slos=[slo("mmm1", "Up", "monitor", tags=["team:red"])], states={"mmm1": []}) as here:
        here.fault("/history", 200, {"data": {"overall": {"sli_value": 99.9}}})
        assert "found no history in overall" in fetch(here, tmp_path).failures[0]


def test_errors_in_an_answer_are_told_and_the_day_stays_partial(account: Datadog, tmp_path: Path):
    series = {"interval": 7200, "times": [(ZERO + 2 * DAY) * 1000.0]}
    series |= {"numerator": {"values": [1]}, "denominator": {"values": [2]}}
    errors = [{"error_type": "QUERY_TIMEOUT", "error_message": "too many groups"}]
    account.fault("/history", 200, {"data": {"series": series, "overall": {"errors": errors}}, "errors": None})
    fetched = fetch(account, tmp_path)
    assert fetched.warnings == ["aaa1 (Replies): 2026-01-30: Datadog tells QUERY_TIMEOUT: too many groups"]
    assert rows(tmp_path)["2026-01-30.partial.csv"] == ["2026-01-30T00:00:00Z,1,2"]
    fetch(account, tmp_path)
    assert len(rows(tmp_path)["2026-01-30.csv"]) == 12


def test_an_slo_that_is_refused_does_not_keep_the_others(account: Datadog, tmp_path: Path):
    account.slos.append(slo("bbb2", "Pages", tags=["team:red"]))
    account.events["bbb2"] = dict(EVERY_HOUR)
    account.fault("/slo/aaa1/history", 404, {"errors": ["SLO not found"]})
    fetched = fetch(account, tmp_path)
    assert len(fetched.failures) == 1
    assert (rows(tmp_path), len(rows(tmp_path, "bbb2"))) == ({}, 3)


def test_wrong_keys_are_refused_in_datadogs_words(account: Datadog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GM_APP_KEY", "another")
    with pytest.raises(http.SourceRefused, match="/api/v1/slo: status 403: Forbidden"):
        fetch(account, tmp_path)
    assert files(tmp_path) == {}


def test_no_key_is_in_any_message_or_file(account: Datadog, tmp_path: Path):
    account.slos[0]["description"] = f"an answer that quotes {API_KEY} and {APP_KEY}"
    account.fault("/history", 400, {"errors": [f"bad key {APP_KEY}"]})
    fetched = fetch(account, tmp_path)
    told = "".join(fetched.failures) + b"".join(files(tmp_path).values()).decode()
    assert "bad key ***" in told
    assert "quotes *** and ***" in told
    assert API_KEY not in told
    assert APP_KEY not in told


# ------------------------------------------------------------------------------------------------------------- lists


def test_definitions_and_corrections_are_read_over_all_their_pages(tmp_path: Path):
    slos = [slo(f"s{i:03}", f"SLO {i}", tags=["team:red"]) for i in range(7)]
    corrections = [correction(f"c{i:03}", "s000", ZERO, ZERO + HOUR) for i in range(60)]
    with datadog(slos=slos, corrections=corrections, most=3) as here:
        fetched = fetch(here, tmp_path, take=["s006"])
        offsets = [a.get("offset", ["0"])[0] for a in here.of("/api/v1/slo")]
    assert (fetched.slos, fetched.corrections, offsets) == (1, 60, ["0", "3", "6"])
    assert len(json.loads((tmp_path / "dd/answers/slos.json").read_text())) == 7


def test_a_list_that_ends_too_early_is_no_list(account: Datadog, tmp_path: Path):
    total = {"page": {"total_count": 2, "total_filtered_count": 2}}
    for _ in range(2):
        account.fault("/api/v1/slo", 200, {"data": account.slos, "metadata": total})
    with pytest.raises(http.AnswerHasAnotherShape, match="/api/v1/slo: found 1 of 2 entries"):
        fetch(account, tmp_path)


def test_without_the_right_to_read_corrections_there_are_buckets_still(account: Datadog, tmp_path: Path):
    account.corrections = [correction("c1", "aaa1", ZERO, ZERO + HOUR)]
    fetch(account, tmp_path)
    before = files(tmp_path)
    account.fault("/correction", 403, {"errors": ["Forbidden"]})
    (failure,) = fetch(account, tmp_path).failures
    assert failure.endswith("status 403: Forbidden; those of an earlier fetch stay")
    assert files(tmp_path) == before


# ------------------------------------------------------------------------------------------------ what the build reads


def test_a_definition_is_an_slo_with_an_exact_target(account: Datadog, tmp_path: Path):
    account.slos[0] |= {"thresholds": [{"timeframe": "30d", "target": 99.99}, {"timeframe": "7d", "target": 99.99}]}
    reading, messages = read(fetched_folder(tmp_path / "data", account))
    (found,) = [s.record for s in reading.bundle.slos if s.record.format == "datadog"]
    assert messages == []
    assert (found.id, found.product, str(found.target), found.method) == ("aaa1", "alpha", "0.9999", "Occurrences")
    assert (found.window_count, found.window_unit, found.bucket_seconds) == (30, "d", 7200)
    assert (found.owner, found.service, found.name.ja) == ("red", "askhub", "Replies")


def test_a_timeframe_with_another_target_is_an_slo_of_its_own_over_the_same_buckets(account: Datadog, tmp_path: Path):
    targets = [{"timeframe": "7d", "target": 99.5}, {"timeframe": "30d", "target": 99.9}]
    account.slos[0] |= {"thresholds": [*targets, {"timeframe": "90d", "target": 99.5}], "timeframe": "7d"}
    folder = fetched_folder(tmp_path / "data", account)
    reading, messages = read(folder)
    found = {s.record.id: s.record for s in reading.bundle.slos if s.record.format == "datadog"}
    assert messages == []
    assert {key: (str(s.target), s.window_count) for key, s in found.items()} == {
        "aaa1": ("0.995", 7),
        "aaa1-30d": ("0.999", 30),
    }
    assert found["aaa1-30d"].name.en == "Replies (30d)"
    assert rows(folder / "raw", "aaa1-30d") == rows(folder / "raw", "aaa1")


def test_time_based_slos_count_slices(tmp_path: Path):
    slos = [slo("mmm1", "Up", "monitor", tags=["team:red"]), slo("ttt1", "Fast", "time_slice", tags=["team:red"])]
    with datadog(slos=slos, states={"mmm1": [[ZERO, 0]], "ttt1": [[ZERO, 0], [ZERO + 600, 1]]}) as here:
        reading, messages = read(fetched_folder(tmp_path / "data", here))
    found = {s.record.id: s.record for s in reading.bundle.slos if s.record.format == "datadog"}
    assert messages == []
    assert {s.method for s in found.values()} == {"Timeslices"}
    assert [(found[key].slice_minutes, found[key].missing_slices) for key in ("mmm1", "ttt1")] == [
        (1, "ignore"),
        (5, "good"),
    ]


def test_what_cannot_be_taken_is_told_with_its_line_and_not_fetched(tmp_path: Path):
    slos = [
        slo("s1", "Nobody's"),
        slo("s2", "Both", tags=["team:red", "team:blue"]),
        slo("s3", "Odd", "forecast", tags=["team:red"]),
        slo("s4", "Custom", targets={"custom": 99.0}, tags=["team:red"]),
        slo("s5", "All", targets={"30d": 100.0}, tags=["team:red"]),
        slo("s6", "By name", tags=["team:red"]),
    ]
    products = {"team:red": "alpha", "team:blue": "beta", "By name": "beta"}
    with datadog(slos=slos) as here:
        folder = fetched_folder(tmp_path / "data", here, products=products, take=["s1", "team:red", "s5"])
        reading, messages = read(folder)
    place = "raw/dd/answers/slos.json"
    needs = "expected its id, its name or one of its tags under products of source dd"
    assert messages == [
        f'{place}:2: warning: products: found no product for "Nobody\'s", not loaded, {needs}',
        f"{place}:3: warning: products: found products alpha, beta, not loaded, {needs}",
        f"{place}:4: warning: type: found 'forecast', not loaded, expected one of metric, monitor, time_slice",
        f"{place}:5: warning: thresholds: found no timeframe of 7d, 30d or 90d with a target, not loaded, "
        "expected at least one",
    ]
    taken = {s.record.id: s.record.product for s in reading.bundle.slos if s.record.format == "datadog"}
    assert taken == {"s5": "alpha", "s6": "beta"}


def test_an_slo_of_ours_may_have_its_sli_from_datadog(account: Datadog, tmp_path: Path):
    folder = fetched_folder(tmp_path / "data", account, slos={"aaa1": "alpha-ok"}, span_hours=1, bucket_minutes=60)
    (folder / "sli/alpha.csv").unlink()
    reading, messages = read(folder)
    assert messages == []
    assert [s.record.format for s in reading.bundle.slos] == ["openslo/v1"]
    built = build(tmp_path / "store", folder)
    assert ask(built.snapshot, "select sum(good), sum(total) from slo_day where day = '2026-01-28'") == [(2376, 2400)]


def test_an_unknown_slo_of_ours_is_a_problem_of_the_source(account: Datadog, tmp_path: Path):
    folder = over_tiny(
        tmp_path / "data", **{"sources.yaml": sources_yaml(account.url, more="slos: {aaa1: alpha-okay}")}
    )
    assert read(folder)[1] == [
        "sources.yaml:7: slos.aaa1: found 'alpha-okay', expected the id of an SLO of slos/",
    ]


def test_a_damaged_file_of_answers_is_told(account: Datadog, tmp_path: Path):
    folder = fetched_folder(tmp_path / "data", account)
    (folder / "raw/dd/answers/slos.json").write_text('[{"id": ')
    (message,) = [m for m in read(folder)[1] if m.startswith("raw/dd/answers/slos.json:1: json: found slos.json, ")]
    assert message.endswith("expected a list as guidemap fetch writes it; delete it and fetch")
    with pytest.raises(kept_answers.KeptAnswerIsDamaged, match=r"slos\.json, "):
        fetch(account, folder / "raw")


# -------------------------------------------------------------------------------------------------------- corrections


def test_corrections_are_records_with_author_reason_and_recurrence(account: Datadog, tmp_path: Path):
    weekly = {"rrule": "RRULE:FREQ=WEEKLY;BYDAY=SU", "duration": 5400, "timezone": "Asia/Tokyo"}
    bare = {"category": "Deployment", "description": "", "creator": {"email": "kim@example.com"}, "created_at": None}
    account.corrections = [
        correction("c1", "aaa1", ZERO, ZERO + HOUR),
        correction("c2", "aaa1", ZERO, None, **weekly),
        correction("c3", "aaa1", ZERO, ZERO + 90, **bare),
        correction("c4", "other", ZERO, ZERO + 90),
    ]
    reading, messages = read(fetched_folder(tmp_path / "data", account))
    first, second, third = (loaded.record for loaded in reading.bundle.corrections)
    assert messages == []
    assert (first.id, first.slos, first.effect, first.category) == ("c1", ["aaa1"], "drop", "maintenance")
    assert (first.author, first.reason.en, first.recorded_on) == ("frog@example.com", "Move of the database", SINCE)
    assert (first.start.isoformat(), first.end - first.start) == (
        "2026-01-28T00:00:00+00:00",
        dt.timedelta(hours=1),
    )
    assert (second.rrule, second.time_zone) == ("FREQ=WEEKLY;BYDAY=SU", "Asia/Tokyo")
    assert second.end - second.start == dt.timedelta(minutes=90)
    assert (third.category, third.reason.en, third.author) == ("deployment", "Deployment", "kim@example.com")
    assert third.recorded_on == SINCE


def test_a_correction_of_time_slices_counts_them_as_good(tmp_path: Path):
    slos = [slo("ttt1", "Fast", "time_slice", tags=["team:red"]), slo("mmm1", "Up", "monitor", tags=["team:red"])]
    corrections = [correction("c1", "ttt1", ZERO, ZERO + HOUR), correction("c2", "mmm1", ZERO, ZERO + HOUR)]
    states = {"ttt1": [[ZERO, 0]], "mmm1": [[ZERO, 0]]}
    with datadog(slos=slos, corrections=corrections, states=states) as here:
        reading, _ = read(fetched_folder(tmp_path / "data", here))
    assert {c.record.id: c.record.effect for c in reading.bundle.corrections} == {"c1": "good", "c2": "drop"}


def test_corrections_that_cannot_be_loaded_or_lack_something_are_told_with_their_line(account: Datadog, tmp_path: Path):
    account.corrections = [
        correction("c1", None, ZERO, ZERO + 90, slo_query="env:prod"),
        correction("c2", "aaa1", ZERO, ZERO),
        correction("c3", "aaa1", ZERO, None, rrule="FREQ=DAILY"),
        correction("c4", "aaa1", ZERO, ZERO + 90, category="Full moon", creator=None),
        correction("c5", "aaa1", ZERO, None, rrule="FREQ=SOMETIMES", duration=60),
        correction("c6", "aaa1", ZERO, ZERO + 90, timezone="Mars/Base"),
    ]
    reading, messages = read(fetched_folder(tmp_path / "data", account))
    place = "raw/dd/answers/corrections.json"
    times = "expected Unix seconds of a start and a later end, or a duration with rrule"
    assert messages == [
        f"{place}:2: warning: slo_query: found 'env:prod', not loaded, "
        "expected a correction of one SLO; whom a query means, only Datadog knows",
        f"{place}:3: end: found {ZERO}, {times}",
        f"{place}:4: duration: found nothing, {times}",
        f"{place}:5: warning: category: found 'Full moon', expected one of Scheduled Maintenance, "
        "Outside Business Hours, Deployment, Other; loaded as other",
        f"{place}:5: warning: creator: found nothing, expected a handle, e-mail or name; loaded as unknown",
        f"{place}:6: rrule: found 'FREQ=SOMETIMES', expected an RFC 5545 rule such as FREQ=WEEKLY;BYDAY=SU "
        "(invalid 'FREQ': SOMETIMES)",
        f"{place}:7: time_zone: found 'Mars/Base', expected an IANA time zone such as Asia/Tokyo",
    ]
    assert [(c.record.id, c.record.category, c.record.author) for c in reading.bundle.corrections] == [
        ("c4", "other", "unknown")
    ]


# ------------------------------------------------------------------------------------------------- from fetch to budget


def test_from_fetch_to_budget_through_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture):
    """30 of 3,600 bad at 99 %: 30 of the 36 that are allowed; without the corrected 100 of them, 28 of 35."""
    today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start = int(today.timestamp()) - 4 * DAY
    since = (today - dt.timedelta(days=4)).date()
    events = {start + hour * HOUR: (49.0 if hour < 30 else 50.0, 50.0) for hour in range(72)}
    given = [slo("aaa1", "Replies", targets={"7d": 99.0}, tags=["team:red"])]
    maintenance = [correction("c1", "aaa1", start, start + HOUR)]
    with datadog(slos=given, events={"aaa1": events}, corrections=maintenance) as here:
        folder = over_tiny(tmp_path / "data", **{"sources.yaml": sources_yaml(here.url, since)})
        assert main(["fetch", str(folder)]) == 0
    said = capsys.readouterr().err
    assert "dd: 1 SLOs (0 left out), 1 corrections, 36 buckets; " in said
    assert main(["build", str(folder), "--store", str(tmp_path / "store")]) == 0
    (snapshot,) = (tmp_path / "store").glob("*.duckdb")
    last = f"day = '{since + dt.timedelta(days=2)}'"
    ((consumed, measured),) = ask(
        snapshot, f"select consumed, measured_consumed from slo_status where slo = 'aaa1' and {last}"
    )
    assert measured == pytest.approx(30 / 36), "what was measured stays as it was measured"
    assert consumed == pytest.approx(28 / 35), "the bucket of two hours that begins in the correction is left out"
    midnight = today.replace(tzinfo=None) - dt.timedelta(days=4)
    assert ask(snapshot, 'select id, author, "start", "end" from correction') == [
        ("c1", "frog@example.com", midnight, midnight + dt.timedelta(hours=1))
    ]
    assert API_KEY not in said + capsys.readouterr().out


# ---------------------------------------------------------------------------------------------- JSON of another shape


def inside(value: dict, path: list, junk: object) -> dict:
    """The value with something else at a place."""
    first, *rest = path
    if isinstance(value, list):
        return [inside(one, rest, junk) if rest and i == first else junk if i == first else one
                for i, one in enumerate(value)]  # fmt: skip
    return value | {first: inside(value[first], rest, junk) if rest else junk}


@pytest.mark.parametrize(
    ("path", "junk"),
    [
        (["overall"], [None]),
        (["overall", "errors"], 7),
        (["series", "numerator", "values", 3], "99"),
        (["series", "numerator", "values", 3], [1]),
        (["series", "denominator"], [None]),
        (["series", "times", 1], None),
    ],
    ids=str,
)
def test_a_history_of_another_shape_is_told_and_the_other_days_are_written(
    account: Datadog, tmp_path: Path, path: list, junk: object
):
    asked = {"from_ts": [str(ZERO + 2 * DAY)], "to_ts": [str(ZERO + 3 * DAY)]}
    account.fault("/history", 200, {"data": inside(_history(account, account.slos[0], asked), path, junk)})
    (failure,) = fetch(account, tmp_path).failures
    assert failure.startswith("aaa1 (Replies): 2026-01-30: ")
    assert failure.endswith("; the day is not written")
    assert list(rows(tmp_path)) == ["2026-01-28.csv", "2026-01-29.csv"]


@pytest.mark.parametrize(
    "odd",
    [
        {"tags": 7}, {"thresholds": [None]}, {"thresholds": "30d"}, {"query": [1]}, {"type": ["metric"]},
        {"thresholds": [{"timeframe": [], "target": 99}]}, {"thresholds": [{"timeframe": "30d", "target": "NaN"}]},
        {"type": "time_slice", "sli_specification": [1]},
        {"type": "time_slice", "sli_specification": {"time_slice": {"query_interval_seconds": 30}}},
    ],
    ids=str,
)  # fmt: skip
def test_a_definition_of_another_shape_is_left_out_and_stops_no_build(account: Datadog, tmp_path: Path, odd: dict):
    account.slos = [*account.slos, slo("odd", "Odd", tags=["team:red"]) | odd]
    folder = fetched_folder(tmp_path / "data", account)
    reading, messages = read(folder)
    assert "aaa1" in {loaded.record.id for loaded in reading.bundle.slos}
    assert "odd" not in {loaded.record.id for loaded in reading.bundle.slos}
    assert all("warning" in message for message in messages if "slos.json" in message)


@pytest.mark.parametrize("odd", [{"rrule": 7, "duration": 60}, {"creator": [1]}, {"category": []}], ids=str)
def test_a_correction_of_another_shape_is_told_with_its_line(account: Datadog, tmp_path: Path, odd: dict):
    account.corrections = [correction("c1", "aaa1", ZERO, ZERO + HOUR, **odd)]
    reading, messages = read(fetched_folder(tmp_path / "data", account))
    assert reading.bundle.corrections == []
    (told,) = [message for message in messages if "corrections.json" in message]
    assert told.startswith("raw/dd/answers/corrections.json:2: warning: attributes: found another shape (")


def test_times_in_another_unit_are_told_and_no_day_is_taken_as_empty(account: Datadog, tmp_path: Path):
    """A day without a bucket of its own would be finished, and never asked for again."""
    asked = {"from_ts": [str(ZERO + 2 * DAY)], "to_ts": [str(ZERO + 3 * DAY)]}
    answer = _history(account, account.slos[0], asked)
    answer["series"]["times"] = [ms / 1000 for ms in answer["series"]["times"]]
    account.fault("/history", 200, {"data": answer})
    (failure,) = fetch(account, tmp_path).failures
    assert "2026-01-30: found no time within the span that was asked for, expected milliseconds" in failure
    assert list(rows(tmp_path)) == ["2026-01-28.csv", "2026-01-29.csv"]
