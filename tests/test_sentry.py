"""Fetching sessions from a stand-in for Sentry, against numbers that are worked out here."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from given import ROOT, ask, over_tiny, read
from sentry_server import HOUR, TOKEN, Sentry, sentry

from loaders import day_files
from loaders import sentry as fetcher
from loaders.__main__ import main
from maturity.sources import SentrySource

SINCE = dt.date(2026, 1, 28)
ZERO = day_files.midnight(SINCE)
NOW = dt.datetime(2026, 1, 30, 10, 40, tzinfo=dt.UTC)
DAY = 86_400
HOURS = [ZERO + hour * HOUR for hour in range(96)]
WEB, APP = 11, 22


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GM_TOKEN", TOKEN)


def every_hour(project: int = WEB, **counts: int) -> dict:
    """The same sessions in every hour, by status."""
    return {(project, status): dict.fromkeys(HOURS, count) for status, count in counts.items()}


@pytest.fixture
def org() -> Iterator[Sentry]:
    with sentry(sessions=every_hour(healthy=90, errored=5, crashed=3, abnormal=2)) as here:
        yield here


def source(url: str, **more) -> SentrySource:
    auth = {"kind": "bearer", "token_env": "GM_TOKEN"}
    given = {"id": "se", "kind": "sentry", "url": url, "org": "acme", "since": SINCE, "auth": auth}
    return SentrySource(**(given | {"projects": {"alpha-ok": [WEB]}} | more))


def fetch(here: Sentry, raw: Path, now: dt.datetime = NOW, waits: list | None = None, **more) -> fetcher.Fetched:
    waited = [] if waits is None else waits
    return fetcher.fetch(source(here.url, **more), raw, now=now, sleep=waited.append)


def rows(raw: Path, slo: str = "alpha-ok") -> dict[str, list[str]]:
    """`start,good,total` of each file, without the id."""
    return {
        path.name: [line.split(",", 1)[1] for line in path.read_text().splitlines()[1:]]
        for path in sorted((raw / "se" / slo).glob("*.csv"))
    }


def files(raw: Path) -> dict[str, bytes]:
    return {p.relative_to(raw).as_posix(): p.read_bytes() for p in sorted(raw.rglob("*")) if p.is_file()}


# ---------------------------------------------------------------------------------------------------------- counting


@pytest.mark.parametrize(("errored_is_good", "good"), [(True, 95), (False, 90)])
def test_sessions_with_handled_errors_are_good_if_the_source_says_so(
    org: Sentry, tmp_path: Path, errored_is_good: bool, good: int
):
    fetch(org, tmp_path, errored_is_good=errored_is_good)
    assert rows(tmp_path)["2026-01-28.csv"][0] == f"2026-01-28T00:00:00Z,{good},100"


def test_the_sample_of_sentrys_own_page(tmp_path: Path):
    with sentry(sessions={(WEB, "healthy"): {ZERO: 1_717_118}, (WEB, "crashed"): {ZERO: 383}}) as here:
        fetch(here, tmp_path)
    assert rows(tmp_path)["2026-01-28.csv"] == ["2026-01-28T00:00:00Z,1717118,1717501"]


def test_counts_by_status_are_asked_for_and_never_a_rate(org: Sentry, tmp_path: Path):
    fetch(org, tmp_path, environments=["prod", "live"])
    (asked,) = org.asked
    assert (asked["field"], asked["groupBy"], asked["interval"]) == (["sum(session)"], ["session.status"], ["1h"])
    assert (asked["project"], asked["environment"]) == (["11"], ["prod", "live"])
    assert (asked["start"], asked["end"]) == (["2026-01-28T00:00:00Z"], ["2026-01-30T10:00:00Z"])


def test_the_hour_that_is_still_running_is_not_taken(org: Sentry, tmp_path: Path):
    fetch(org, tmp_path)
    assert rows(tmp_path)["2026-01-30.partial.csv"][-1].startswith("2026-01-30T09:00:00Z")


def test_an_hour_that_was_not_asked_for_is_left_out(org: Sentry, tmp_path: Path):
    hours = [f"2026-01-{day}T{hour}:00:00Z" for day, hour in ((27, 23), (28, "00"), (30, 10))]
    groups = [{"by": {"session.status": "healthy"}, "series": {"sum(session)": [7, 8, 9]}}]
    org.fault("/sessions/", 200, {"intervals": hours, "groups": groups})
    fetch(org, tmp_path)
    assert [row for day in rows(tmp_path).values() for row in day] == ["2026-01-28T00:00:00Z,8,8"]


def test_an_hour_without_any_session_is_a_gap(org: Sentry, tmp_path: Path):
    for counts in org.sessions.values():
        counts[ZERO + HOUR] = 0
    fetch(org, tmp_path)
    starts = [row.split(",")[0] for row in rows(tmp_path)["2026-01-28.csv"]]
    assert starts[:2] == ["2026-01-28T00:00:00Z", "2026-01-28T02:00:00Z"]


def test_projects_of_one_slo_are_added_up_by_sentry(org: Sentry, tmp_path: Path):
    org.sessions |= every_hour(APP, healthy=10, crashed=10)
    fetch(org, tmp_path, projects={"alpha-ok": [WEB, APP], "beta-ok": [APP]})
    assert rows(tmp_path)["2026-01-28.csv"][0] == "2026-01-28T00:00:00Z,105,120"
    assert rows(tmp_path, "beta-ok")["2026-01-28.csv"][0] == "2026-01-28T00:00:00Z,10,20"


def test_a_status_that_is_unknown_here_counts_as_bad_and_is_told(org: Sentry, tmp_path: Path):
    org.sessions |= every_hour(unhandled=10)
    fetched = fetch(org, tmp_path)
    assert fetched.warnings == ["slo alpha-ok: status unhandled is unknown here; counted as bad"]
    assert rows(tmp_path)["2026-01-28.csv"][0] == "2026-01-28T00:00:00Z,95,110"


# ------------------------------------------------------------------------------------------------------------- asking


def test_every_page_is_read_until_one_has_no_results(org: Sentry, tmp_path: Path):
    fetch(org, tmp_path / "one page")
    org.per_page = 1
    fetch(org, tmp_path / "four pages")
    assert [asked.get("cursor", ["0"]) for asked in org.asked[1:]] == [["0"], ["1"], ["2"], ["3"]]
    assert files(tmp_path / "four pages") == files(tmp_path / "one page")


def test_a_next_page_on_another_host_is_not_followed(org: Sentry, tmp_path: Path):
    link = '<http://127.0.0.1:1/steal>; rel="next"; results="true"'
    org.fault("/sessions/", 200, {"intervals": [], "groups": []}, Link=link)
    (failure,) = fetch(org, tmp_path).failures
    assert "the next page is said to be at http://127.0.0.1:1/steal; not followed" in failure


def test_a_long_time_is_asked_for_in_pieces_of_at_most_10_000_points_newest_first(org: Sentry, tmp_path: Path):
    fetched = fetch(org, tmp_path, since=dt.date(2025, 8, 1))
    assert fetched.failures == []
    assert [(asked["start"][0][:10], asked["end"][0][:10]) for asked in org.asked] == [
        ("2025-11-09", "2026-01-30"),
        ("2025-08-18", "2025-11-09"),
        ("2025-08-01", "2025-08-18"),
    ]


# --------------------------------------------------------------------------------------------------- again and again


def test_a_second_fetch_changes_no_byte_and_asks_only_for_days_that_may_still_grow(org: Sentry, tmp_path: Path):
    first = fetch(org, tmp_path)
    before = files(tmp_path)
    again = fetch(org, tmp_path)
    assert files(tmp_path) == before
    assert list(rows(tmp_path)) == ["2026-01-28.csv", "2026-01-29.partial.csv", "2026-01-30.partial.csv"]
    assert (first.days_written, again.days_written, again.days_already_there) == (3, 2, 1)
    assert org.asked[-1]["start"] == ["2026-01-29T00:00:00Z"]


def test_a_day_is_finished_a_day_after_its_end_with_what_came_late(org: Sentry, tmp_path: Path):
    fetch(org, tmp_path)
    org.sessions[WEB, "healthy"][ZERO + DAY] += 7
    fetch(org, tmp_path, now=NOW + dt.timedelta(days=1))
    assert list(rows(tmp_path))[:3] == ["2026-01-28.csv", "2026-01-29.csv", "2026-01-30.partial.csv"]
    assert rows(tmp_path)["2026-01-29.csv"][0] == "2026-01-29T00:00:00Z,102,107"


def test_days_before_the_first_session_are_finished_files_without_rows(org: Sentry, tmp_path: Path):
    fetch(org, tmp_path, since=dt.date(2026, 1, 26))
    assert rows(tmp_path)["2026-01-26.csv"] == []


def test_a_project_without_any_session_is_a_warning_and_leaves_no_file(org: Sentry, tmp_path: Path):
    org.sessions = {(WEB, "healthy"): {}}
    fetched = fetch(org, tmp_path)
    assert fetched.warnings == ["slo alpha-ok: no session since 2026-01-28; are [11] its projects?"]
    assert files(tmp_path) == {}


FETCH = """
import os, pathlib, signal, sys
sys.path[:0] = [{root!r}, {tests!r}]
from test_sentry import NOW, source
from loaders import sentry
renames = 0
def watch(event, _):
    global renames
    if event != "os.rename":
        return
    renames += 1
    if renames == {kill_at}:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
sentry.fetch(source({url!r}), pathlib.Path({raw!r}), now=NOW)
"""


@pytest.mark.parametrize("kill_at", [1, 2, 4], ids=["the first day", "the second day", "before the last is finished"])
def test_a_run_that_is_killed_is_completed_by_the_next(org: Sentry, tmp_path: Path, kill_at: int):
    fetch(org, tmp_path / "whole")
    raw = tmp_path / "raw"
    code = FETCH.format(root=str(ROOT), tests=str(ROOT / "tests"), kill_at=kill_at, url=org.url, raw=str(raw))
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, timeout=30)
    assert run.returncode == -signal.SIGKILL, run.stderr.decode()
    assert files(raw) != files(tmp_path / "whole")
    fetch(org, raw)
    assert {name: text for name, text in files(raw).items() if not name.endswith(".tmp")} == files(tmp_path / "whole")


# ----------------------------------------------------------------------------------------------------------- trouble


@pytest.mark.parametrize(
    ("headers", "waited"), [({"Retry_After": "7"}, [7]), ({}, [10])], ids=["Retry-After", "no time is named"]
)
def test_a_rate_limit_is_waited_for(org: Sentry, tmp_path: Path, headers: dict, waited: list[float]):
    org.fault("/sessions/", 429, {"detail": "You are attempting to use this endpoint too frequently."}, **headers)
    waits = []
    assert fetch(org, tmp_path, waits=waits).failures == []
    assert waits == waited


def test_a_rate_limit_that_is_far_off_stops_and_the_next_fetch_goes_on(org: Sentry, tmp_path: Path):
    org.sessions |= every_hour(APP, healthy=10)
    org.fault("/sessions/", 429, {"detail": "too frequently"}, after=1, Retry_After="3600")
    both = {"alpha-ok": [WEB], "beta-ok": [APP]}
    fetched = fetch(org, tmp_path, projects=both)
    assert "slo beta-ok: " in fetched.failures[0]
    assert "status 429: too frequently; may be asked again at " in fetched.failures[0]
    assert (len(rows(tmp_path)), len(rows(tmp_path, "beta-ok"))) == (3, 0)
    fetch(org, tmp_path, projects=both)
    assert len(rows(tmp_path, "beta-ok")) == 3


def test_broken_connections_and_servers_in_trouble_are_asked_again(org: Sentry, tmp_path: Path):
    org.fault("/sessions/", 200, b'{"intervals": [', Content_Length="5000")
    org.fault("/sessions/", 0)
    org.fault("/sessions/", 503)
    fetched = fetch(org, tmp_path)
    assert (fetched.failures, len(rows(tmp_path))) == ([], 3)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"intervals": ["2026-01-28T00:00:00Z"]}, "found no intervals or no groups"),
        ([], "found no intervals or no groups"),
        (
            {
                "intervals": ["2026-01-28T00:00:00Z", "2026-01-28T01:00:00Z"],
                "groups": [{"by": {"session.status": "healthy"}, "series": {"sum(session)": [1]}}],
            },
            "found 1 counts for 2 hours, expected as many of each",
        ),
        ({"intervals": [], "groups": [{"by": {}, "series": {}}]}, "found a group without session.status"),
        ({"intervals": ["soon"], "groups": []}, "or an odd time"),
    ],
    ids=["no groups", "a list", "a count short", "a group without status", "a time that is none"],
)
def test_half_an_answer_is_told_and_nothing_of_it_is_written(org: Sentry, tmp_path: Path, value: object, said: str):
    org.fault("/sessions/", 200, value)
    (failure,) = fetch(org, tmp_path).failures
    assert failure.startswith("slo alpha-ok: ")
    assert said in failure
    assert files(tmp_path) == {}
    assert fetch(org, tmp_path).days_written == 3


def test_a_project_that_is_not_ours_does_not_keep_the_others(org: Sentry, tmp_path: Path):
    fetched = fetch(org, tmp_path, projects={"beta-ok": [99], "alpha-ok": [WEB]})
    (failure,) = fetched.failures
    assert failure.endswith("status 403: You do not have permission to perform this action.")
    assert len(rows(tmp_path)) == 3


def test_a_wrong_token_stops_and_is_in_no_message(org: Sentry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GM_TOKEN", "wrong-token-1234")
    org.fault("/sessions/", 401, {"detail": "Invalid token wrong-token-1234"})
    fetched = fetch(org, tmp_path)
    assert fetched.failures[0].endswith("status 401: Invalid token ***")
    assert fetched.failures[1].startswith("stopped")


# ------------------------------------------------------------------------------------------------- from fetch to budget


SOURCES = """sources:
  - id: se
    kind: sentry
    url: {url}
    org: acme
    since: {since}
    auth: {{kind: bearer, token_env: GM_TOKEN}}
    projects: {{{slo}: [11]}}
"""


def test_an_slo_that_is_unknown_is_a_problem_of_the_source(tmp_path: Path):
    text = SOURCES.format(url="https://sentry.io", since=SINCE, slo="alpha-okay")
    assert read(over_tiny(tmp_path / "data", **{"sources.yaml": text}))[1] == [
        "sources.yaml:8: projects.alpha-okay: found 'alpha-okay', expected the id of an SLO of slos/"
    ]


def test_from_fetch_to_budget_through_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture):
    """12 of 2,400 sessions crash at 99 %: half of the 24 that are allowed."""
    today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = int(today.timestamp()) - 3 * DAY
    hours = [first + hour * HOUR for hour in range(24)]
    sessions = {
        (WEB, "healthy"): {hour: 100 if i % 2 else 99 for i, hour in enumerate(hours)},
        (WEB, "crashed"): dict.fromkeys(hours[::2], 1),
    }
    since = (today - dt.timedelta(days=3)).date()
    with sentry(sessions=sessions) as here:
        folder = over_tiny(
            tmp_path / "data", **{"sources.yaml": SOURCES.format(url=here.url, since=since, slo="alpha-ok")}
        )
        assert main(["fetch", str(folder)]) == 0
    said = capsys.readouterr().err
    assert "se: 1 SLOs, 24 buckets; " in said
    assert main(["build", str(folder), "--store", str(tmp_path / "store")]) == 0
    (snapshot,) = (tmp_path / "store").glob("*.duckdb")
    ((consumed,),) = ask(snapshot, f"select consumed from slo_status where slo = 'alpha-ok' and day = '{since}'")
    assert consumed == pytest.approx(0.5)
    written = b"".join(files(folder / "raw").values()).decode()
    assert TOKEN not in said + capsys.readouterr().out + written


@pytest.mark.parametrize("count", [[1], "5", {"a": 1}, 10**400], ids=["list", "text", "object", "beyond all floats"])
def test_a_count_that_is_none_is_told_and_the_next_slo_goes_on(org: Sentry, tmp_path: Path, count: object):
    series = {"by": {"session.status": "healthy"}, "series": {"sum(session)": [count]}}
    org.fault("/sessions/", 200, {"intervals": ["2026-01-28T00:00:00Z"], "groups": [series]})
    fetched = fetch(org, tmp_path, projects={"alpha-ok": [WEB], "beta-ok": [WEB]})
    (failure,) = fetched.failures
    assert failure.startswith("slo alpha-ok: sessions: found an answer of another shape (")
    assert (rows(tmp_path), fetched.days_written) == ({}, 3)


def test_hours_that_were_not_asked_for_are_told_and_no_day_is_taken_as_empty(org: Sentry, tmp_path: Path):
    series = {"by": {"session.status": "healthy"}, "series": {"sum(session)": [5]}}
    org.fault("/sessions/", 200, {"intervals": ["1970-01-21T00:00:00Z"], "groups": [series]})
    fetched = fetch(org, tmp_path)
    assert fetched.failures == ["slo alpha-ok: found no hour of those that were asked for, expected them in intervals"]
    assert rows(tmp_path) == {}
