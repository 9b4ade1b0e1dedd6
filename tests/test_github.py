"""Evidence from GitHub, asked of a small server of ours that speaks GitHub's documented answers."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import signal as signals_of_unix
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from github_server import (
    NO_RIGHTS,
    NOT_FOUND,
    OTHER_PLAN,
    REQUIRED,
    TOKEN,
    Github,
    Repo,
    deployment,
    github,
    person,
    release,
    run,
    status,
)
from given import ROOT, over_tiny, read
from test_http import Site, _handler, serving

from loaders import github as loader
from loaders import github_verdicts, http
from loaders.github_looks import LOOKS, Look
from loaders.reading import Reading
from loaders.signals import load
from maturity.records.guide_map import Signal
from maturity.sources import Auth, GithubSource

NOW = dt.datetime(2026, 1, 31, 9, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _token_in_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GH_TOKEN_OF_TEST", TOKEN)


def limits() -> list[Signal]:
    """The project's own signals."""
    reading = Reading(ROOT / "no folder")
    load(reading)
    return [loaded.record for loaded in reading.bundle.signals]


def source(server: Github, **fields) -> GithubSource:
    given = {"repositories": {"alpha": ["acme/shop"]}, "auth": Auth(kind="bearer", token_env="GH_TOKEN_OF_TEST")}
    return GithubSource(id="gh", kind="github", url=server.url, **(given | fields))


def fetch(
    server: Github, raw: Path, now: dt.datetime = NOW, waits: list[float] | None = None, **fields
) -> loader.Fetched:
    """A fetch that never really waits; `waits` gets the seconds."""
    waited = [] if waits is None else waits
    return loader.fetch(source(server, **fields), limits(), {"alpha", "beta"}, raw, now=now, sleep=waited.append)


def rows(raw: Path, month: str = "2026-01") -> dict[tuple[str, str], dict[str, str]]:
    """Observations by product and signal."""
    path = raw / "gh" / "signals" / f"{month}.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["product"], row["signal"]): row for row in csv.DictReader(file)}


def seen(raw: Path, signal: str, product: str = "alpha") -> tuple[str, str]:
    row = rows(raw)[product, signal]
    return row["verdict"], row["found"]


def busy(**changed) -> Repo:
    """A repository in which everything is as it should be."""
    return replace(
        Repo(
            runs=[run("2026-01-30", key=3), run("2026-01-20", "failure", key=2), run("2026-01-15"), run("2026-01-14")],
            rules=[REQUIRED],
            deployments=[deployment(k, f"2026-01-{26 + k}", sha) for k, sha in ((3, "a"), (2, "b"), (1, "a"))],
            statuses={k: [status("success", f"2026-01-{26 + k}")] for k in (1, 2, 3)},
            releases=[release("2026-01-10")],
        ),
        **changed,
    )  # fmt: skip


def everything(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file())


# ------------------------------------------------------------------------------------------------- what is written


def test_a_busy_repository_confirms_every_signal_and_the_folder_reads_without_a_problem(tmp_path: Path):
    folder = over_tiny(tmp_path / "data")
    with github(shop=busy()) as server:
        fetched = fetch(server, folder / "raw")
    assert (fetched.observations, fetched.unclear, fetched.failures, fetched.warnings) == (6, [], [], [])
    reading, messages = read(folder)
    assert messages == []
    observed = {o.record.signal: (o.record.verdict, o.record.found) for o in reading.bundle.observations}
    assert observed == {
        "ci.main_branch_checks": ("confirms", "1 of 1 repositories require checks before a merge"),
        "ci.runs_28d": ("confirms", "4 workflow runs in 28 days"),
        "ci.success_ratio_28d": ("confirms", "3 of 4 finished runs succeeded in 28 days"),
        "deploy.automated_ratio": ("confirms", "3 of 3 production deployments automated in 90 days"),
        "deploy.rollback_seen_180d": ("confirms", "1 rollback in 180 days"),
        "release.automated_90d": ("confirms", "1 automated release in 90 days"),
    }
    first = reading.bundle.observations[0]
    assert (first.file, first.line, first.record.source) == ("raw/gh/signals/2026-01.csv", 2, "gh")
    assert all(o.record.observed_on == NOW.date() for o in reading.bundle.observations)


def test_a_row_leads_to_a_page_and_says_what_was_expected(tmp_path: Path):
    with github(shop=busy()) as server:
        fetch(server, tmp_path)
    found = {signal: (row["expected"], row["url"]) for (_, signal), row in rows(tmp_path).items()}
    page = "https://github.example/acme/shop"
    assert found == {
        "ci.main_branch_checks": ("at least 1 of the repositories", f"{page}/rules"),
        "ci.runs_28d": ("at least 1 runs", f"{page}/actions/runs/3"),
        "ci.success_ratio_28d": ("at least 0.7 of the finished runs", f"{page}/actions/runs/2"),
        "deploy.automated_ratio": ("at least 0.9 of the production deployments", f"{page}/deployments"),
        "deploy.rollback_seen_180d": ("at least 1 rollbacks", f"{page}/deployments"),
        "release.automated_90d": ("at least 1 releases", f"{page}/releases/tag/v1"),
    }


def test_every_signal_that_github_shows_is_looked_for_has_a_rule_and_stands_in_signals_yaml():
    named = {signal.id for signal in limits() if signal.seen_in == "github"}
    assert named == set(LOOKS) == set(github_verdicts.RULES)


def test_a_second_fetch_on_the_same_day_writes_nothing_anew_and_costs_nothing(tmp_path: Path):
    with github(shop=busy()) as server:
        fetch(server, tmp_path)
        before = (tmp_path / "gh/signals/2026-01.csv").read_bytes()
        again = fetch(server, tmp_path, NOW + dt.timedelta(hours=3))
    assert (again.observations, again.already_there) == (0, 6)
    assert again.unchanged == again.asked > 5
    assert (tmp_path / "gh/signals/2026-01.csv").read_bytes() == before


def test_of_several_looks_on_a_day_the_last_counts_and_earlier_days_stay(tmp_path: Path):
    with github(shop=busy()) as server:
        fetch(server, tmp_path, NOW - dt.timedelta(days=1))
        fetch(server, tmp_path)
        server.repos["acme/shop"].rules = []
        fetched = fetch(server, tmp_path)
    assert fetched.observations == 1
    with (tmp_path / "gh/signals/2026-01.csv").open(encoding="utf-8") as file:
        of_signal = [row for row in csv.DictReader(file) if row["signal"] == "ci.main_branch_checks"]
    assert [(row["observed_on"], row["verdict"]) for row in of_signal] == [
        ("2026-01-30", "confirms"),
        ("2026-01-31", "contradicts"),
    ]


def test_each_month_has_its_own_file(tmp_path: Path):
    with github(shop=busy()) as server:
        fetch(server, tmp_path)
        fetch(server, tmp_path, NOW + dt.timedelta(days=1))
    assert sorted(p.name for p in (tmp_path / "gh/signals").iterdir()) == ["2026-01.csv", "2026-02.csv"]


def test_a_file_that_is_not_ours_is_not_overwritten(tmp_path: Path):
    path = tmp_path / "gh/signals/2026-01.csv"
    path.parent.mkdir(parents=True)
    path.write_text("my,own,notes\n")
    with github(shop=busy()) as server, pytest.raises(github_verdicts.MonthFileIsNotOurs, match="expected the header"):
        fetch(server, tmp_path)
    assert path.read_text() == "my,own,notes\n"


# ---------------------------------------------------------------------------------------------------------- asking


def test_the_token_the_version_and_who_asks_are_sent(tmp_path: Path):
    with github(shop=busy()) as server:
        fetch(server, tmp_path)
    sent = server.headers[0]
    assert sent["Authorization"] == f"Bearer {TOKEN}"
    assert sent["Accept"] == "application/vnd.github+json"
    assert sent["X-GitHub-Api-Version"] == "2026-03-10"
    assert sent["User-Agent"] == "guidemap"


def test_runs_of_two_pages_are_added_up_and_none_before_the_look_back_counts(tmp_path: Path):
    runs = [run(f"2026-01-{day}", key=day) for day in range(30, 9, -4)] + [run("2026-01-01")]
    with github(shop=busy(runs=runs)) as server:
        server.most = 4
        fetch(server, tmp_path)
    assert seen(tmp_path, "ci.runs_28d") == ("confirms", "6 workflow runs in 28 days")
    assert server.count("/actions/runs") == 2
    asked = next(path for path in server.asked if "/actions/runs" in path)
    assert asked.endswith("?branch=main&event=push&created=%3E%3D2025-08-04&per_page=100")


def test_paging_ends_with_a_page_older_than_any_look_back(tmp_path: Path):
    old = [deployment(k, "2024-01-01") for k in range(50, 10, -1)]
    with github(shop=busy(deployments=[deployment(99, "2026-01-30"), *old])) as server:
        server.most = 1
        fetch(server, tmp_path)
    assert server.count("/deployments") == 2


def test_more_pages_than_the_bound_are_told(tmp_path: Path):
    runs = [run("2026-01-30", key=k) for k in range(12)]
    with github(shop=busy(runs=runs)) as server:
        server.most = 1
        fetched = fetch(server, tmp_path)
    assert seen(tmp_path, "ci.runs_28d") == ("confirms", "10 workflow runs in 28 days")
    assert fetched.warnings == ["acme/shop: runs: more than 1000; only the newest are looked at"]


def test_a_next_page_on_another_host_is_refused_and_gets_no_token(tmp_path: Path):
    other = Site(answers=[(200, {}, "[]")])
    with serving(_handler(other)) as elsewhere, github(shop=busy()) as server:
        there = f"http://127.0.0.1:{elsewhere.server_port}/repos/acme/shop/releases?page=2&token={TOKEN}"
        server.fault("/releases", 200, [release("2026-01-10")], Link=f'<{there}>; rel="next"')
        fetched = fetch(server, tmp_path)
    assert other.seen == []
    shown = there.split("?")[0]
    assert fetched.failures == [f"acme/shop: releases: the next page is said to be at {shown}; not followed"]
    assert ("alpha", "release.automated_90d") not in rows(tmp_path)
    assert seen(tmp_path, "ci.runs_28d")[0] == "confirms"


def test_a_damaged_kept_answer_is_asked_for_anew(tmp_path: Path):
    with github(shop=busy()) as server:
        fetch(server, tmp_path)
        kept = tmp_path / "gh/answers/acme/shop/runs-1.json"
        kept.write_text(kept.read_text()[:40])
        again = fetch(server, tmp_path)
    assert again.unchanged == again.asked - 1
    assert json.loads(kept.read_text())["value"]["total_count"] == 4


def test_answers_that_are_no_longer_asked_for_are_deleted(tmp_path: Path):
    with github(shop=busy()) as server:
        fetch(server, tmp_path)
        server.repos["acme/shop"].deployments = []
        fetch(server, tmp_path)
    kept = {path.name for path in (tmp_path / "gh/answers/acme/shop").iterdir()}
    assert kept == {"repository.json", "rules-1.json", "runs-1.json", "deployments-1.json", "releases-1.json"}


def test_a_renamed_repository_is_followed_on_the_same_host_and_told(tmp_path: Path):
    with github(store=busy()) as server:
        server.moved = {"acme/shop": "acme/store"}
        fetched = fetch(server, tmp_path)
    assert fetched.warnings == ["acme/shop is now acme/store; name it so in sources.yaml"]
    assert fetched.observations == 6
    assert sum("/acme/shop" in path for path in server.asked) == 1


def test_a_move_to_another_host_stops_the_fetch_and_no_token_goes_there(tmp_path: Path):
    other = Site(answers=[(200, {}, "{}")])
    with serving(_handler(other)) as elsewhere, github(shop=busy()) as server:
        there = f"http://127.0.0.1:{elsewhere.server_port}/login"
        server.fault("/acme/shop", 301, {"message": "Moved Permanently"}, Location=f"{there}?t={TOKEN}")
        fetched = fetch(server, tmp_path)
    assert other.seen == []
    told = f"{server.url}/repos/acme/shop: redirects to {there}; name the final address as url"
    assert fetched.failures == [f"stopped: {told}"]


# ------------------------------------------------------------------------------------------------------ rate limits


def limited(server: Github, ending: str, seconds: int) -> None:
    """The primary rate limit, as GitHub words it."""
    reset = str(int(time.time()) + seconds)
    words = {"message": "API rate limit exceeded for user ID 1.", "status": "403"}
    server.fault(ending, 403, words, X_RateLimit_Remaining="0", X_RateLimit_Reset=reset)


def test_a_used_up_rate_limit_says_when_to_ask_again_and_the_next_fetch_goes_on(tmp_path: Path):
    two = {"alpha": ["acme/shop"], "beta": ["acme/till"]}
    with github(shop=busy(), till=busy()) as server:
        limited(server, "/acme/till", 1800)
        fetched = fetch(server, tmp_path, repositories=two)
        assert {product for product, _ in rows(tmp_path)} == {"alpha"}
        server.asked.clear()
        again = fetch(server, tmp_path, repositories=two)
    (told,) = fetched.failures
    assert told.startswith(f"stopped at GitHub's rate limit: {server.url}/repos/acme/till: status 403: API rate limit")
    assert "; may be asked again at 20" in told
    assert told.endswith(" UTC; what was observed stays, the next fetch goes on")
    assert server.asked[0] == "/repos/acme/till"  # what is missing today comes first
    assert (again.observations, again.already_there, again.failures) == (6, 6, [])


def test_a_secondary_rate_limit_without_a_time_stops_with_a_word(tmp_path: Path):
    with github(shop=busy()) as server:
        words = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}
        server.fault("/deployments", 403, words)
        fetched = fetch(server, tmp_path)
    assert rows(tmp_path) == {}
    assert fetched.failures == [
        f"stopped at GitHub's rate limit: {server.url}/repos/acme/shop/deployments: status 403: You have exceeded a "
        "secondary rate limit. Please wait a few minutes.; wait at least a minute; what was observed stays, "
        "the next fetch goes on"
    ]


def test_a_short_wait_is_waited_for(tmp_path: Path):
    waits = []
    with github(shop=busy()) as server:
        server.fault("/releases", 403, {"message": "You have exceeded a secondary rate limit."}, Retry_After="7")
        server.fault("/rules/branches/main", 429, {"message": "Too many requests"})
        limited(server, "/deployments", 30)
        fetched = fetch(server, tmp_path, waits=waits)
    assert (fetched.observations, fetched.failures) == (6, [])
    assert waits == [60, pytest.approx(31, abs=2), 7]  # without a time: the minute that GitHub asks for


# ---------------------------------------------------------------------------------------------------------- errors


def test_a_wrong_token_stops_the_fetch_without_being_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GH_TOKEN_OF_TEST", "github_pat_wrong")
    with github(shop=busy()) as server:
        fetched = fetch(server, tmp_path)
    assert fetched.failures == [f"stopped: {server.url}/repos/acme/shop: status 401: Bad credentials"]
    assert len(server.asked) == 1
    assert not (tmp_path / "gh").exists()


def test_a_token_that_is_not_set_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GH_TOKEN_OF_TEST")
    with github() as server, pytest.raises(http.EnvironmentVariableIsNotSet, match="GH_TOKEN_OF_TEST is not set"):
        fetch(server, tmp_path)


def test_a_repository_that_is_not_there_is_told_and_the_others_go_on(tmp_path: Path):
    with github(till=busy()) as server:
        fetched = fetch(server, tmp_path, repositories={"alpha": ["acme/gone"], "beta": ["acme/till"]})
    assert fetched.failures == [f"acme/gone: {server.url}/repos/acme/gone: status 404: Not Found"]
    assert {product for product, _ in rows(tmp_path)} == {"beta"}
    assert fetched.unclear[0] == "alpha: ci.main_branch_checks: acme/gone: no answer"


def test_what_a_token_may_not_read_is_inconclusive_and_no_failure(tmp_path: Path):
    closed = busy(runs=NO_RIGHTS, deployments=NO_RIGHTS, rules=[], protection=NO_RIGHTS, summary=NO_RIGHTS)
    with github(shop=closed) as server:
        fetched = fetch(server, tmp_path)
    assert {signal for _, signal in rows(tmp_path)} == {"release.automated_90d"}
    assert fetched.failures == []
    words = "status 403: Resource not accessible by personal access token"
    runs = f"acme/shop: not readable: {server.url}/repos/acme/shop/actions/runs: {words}"
    assert f"alpha: ci.runs_28d: {runs}" in fetched.unclear
    assert len(fetched.unclear) == 5


def test_no_json_and_an_odd_answer_are_failures_of_that_repository_only(tmp_path: Path):
    with github(shop=busy(), till=busy()) as server:
        server.fault("/shop/releases", 200, b"<html>maintenance", Content_Type="text/html")
        server.fault("/shop/deployments", 200, {"deployments": []})
        server.fault("/till/actions/runs", 200, {"total_count": 1, "workflow_runs": [{"created_at": "yesterday"}]})
        fetched = fetch(server, tmp_path, repositories={"alpha": ["acme/shop"], "beta": ["acme/till"]})
    assert fetched.failures == [
        "acme/shop: deployments: found an object, expected a list of objects",
        f"acme/shop: {server.url}/repos/acme/shop/releases: status 200, but text/html, not JSON",
        "acme/till: created_at: found a text, expected a time",
    ]
    assert len(rows(tmp_path)) == 3 + 4


def test_an_answer_that_breaks_off_is_asked_for_again(tmp_path: Path):
    with github(shop=busy()) as server:
        server.fault("/releases", 0)
        server.fault("/deployments", 200, b'[{"id": 1', Content_Length="5000")
        fetched = fetch(server, tmp_path)
    assert (fetched.observations, fetched.failures) == (6, [])


def test_a_server_that_is_gone_stops_the_fetch_and_keeps_what_was_observed(tmp_path: Path):
    with github(shop=busy(), till=busy()) as server:
        for _ in range(5):
            server.fault("/till/releases", 0)
        fetched = fetch(server, tmp_path, repositories={"alpha": ["acme/shop"], "beta": ["acme/till"]})
    assert {product for product, _ in rows(tmp_path)} == {"alpha"}
    (told,) = fetched.failures
    assert told.startswith(f"stopped: {server.url}/repos/acme/till/releases: ")


def test_the_token_is_in_no_file_and_no_message_even_where_the_server_repeats_it(tmp_path: Path):
    with github(shop=busy(releases=(400, {}, {"message": f"bad header Bearer {TOKEN}"}))) as server:
        server.repos["acme/shop"].runs[0]["html_url"] = f"https://github.example/{TOKEN}"
        fetched = fetch(server, tmp_path)
    assert fetched.failures == [f"acme/shop: {server.url}/repos/acme/shop/releases: status 400: bad header Bearer ***"]
    assert rows(tmp_path)["alpha", "ci.runs_28d"]["url"] == "https://github.example/***"
    assert TOKEN not in everything(tmp_path) + repr(fetched)


def test_a_page_that_a_browser_would_run_is_no_link(tmp_path: Path):
    with github(shop=busy()) as server:
        server.repos["acme/shop"].runs[0]["html_url"] = "javascript:alert(1)"
        fetch(server, tmp_path)
    assert rows(tmp_path)["alpha", "ci.runs_28d"]["url"] == ""


def test_an_unknown_product_is_told_and_not_asked_for(tmp_path: Path):
    with github(shop=busy()) as server:
        fetched = fetch(server, tmp_path, repositories={"gamma": ["acme/shop"]})
    assert fetched.failures == ["repositories: found product gamma, unknown; expected an id of products.yaml"]
    assert server.asked == []


def test_a_signal_without_a_limit_is_refused(tmp_path: Path):
    given = [Signal(id="ci.runs_28d", name="x", meaning="x", seen_in="github", source="x", days=28)]
    with github() as server, pytest.raises(loader.SignalHasNoLimit, match=r"ci\.runs_28d: found no limit, expected"):
        loader.fetch(source(server), given, {"alpha"}, tmp_path, now=NOW)


ODD = {
    "/actions/runs": {"workflow_runs": [run("2026-01-30") | {"conclusion": ["success"]}]},
    "/rules/branches/main": [{"type": "required_status_checks", "parameters": "test"}],
    "/deployments": [deployment(1, "2026-01-30", creator={"login": 7}) | {"id": "1", "environment": ["production"]}],
    "/releases": [release("2026-01-30") | {"published_at": 5}],
    "/acme/shop": {"full_name": "acme/shop", "default_branch": None},
    "/2/statuses": [{"state": "success", "created_at": None}],
}


@pytest.mark.parametrize("ending", ODD)
def test_fields_of_another_type_are_told_or_left_out_and_never_break_the_fetch(tmp_path: Path, ending: str):
    with github(shop=busy()) as server:
        server.fault(ending, 200, ODD[ending])
        fetched = fetch(server, tmp_path)
    assert fetched.failures + fetched.unclear
    assert all(line.startswith("acme/shop: ") and "expected" in line for line in fetched.failures)


# -------------------------------------------------------------------------------------------- checks before a merge


def checks(tmp_path: Path, **repo) -> tuple[str, str] | list[str]:
    """The verdict on required checks, or why there is none."""
    with github(shop=busy(**repo)) as server:
        fetched = fetch(server, tmp_path)
    assert fetched.failures == []
    if ("alpha", "ci.main_branch_checks") in rows(tmp_path):
        return seen(tmp_path, "ci.main_branch_checks")
    return [line for line in fetched.unclear if "main_branch" in line]


NONE, ALL = "0 of 1 repositories require checks before a merge", "1 of 1 repositories require checks before a merge"
PROTECTED = {"required_status_checks": {"strict": True, "contexts": ["test"], "checks": [{"context": "test"}]}}
SUMMARY = {"name": "main", "protected": True, "protection": {"enabled": True} | PROTECTED}
NO_CHECKS = {"protected": True, "protection": {"required_status_checks": {"enforcement_level": "off", "contexts": []}}}
WORKFLOW = {"type": "workflows", "parameters": {"workflows": [{"path": ".github/workflows/ci.yml"}]}}


@pytest.mark.parametrize(
    ("repo", "expected"),
    [
        pytest.param({}, ("confirms", ALL), id="a ruleset requires checks"),
        pytest.param({"rules": [WORKFLOW]}, ("confirms", ALL), id="a ruleset requires a workflow"),
        pytest.param({"rules": [], "protection": PROTECTED}, ("confirms", ALL), id="branch protection requires checks"),
        pytest.param({"rules": [{"type": "deletion"}]}, ("contradicts", NONE), id="other rules, branch not protected"),
        pytest.param(
            {"rules": [], "protection": {"url": "x"}}, ("contradicts", NONE), id="branch protection without checks"
        ),
        pytest.param(
            {"rules": [], "protection": NO_RIGHTS, "summary": SUMMARY},
            ("confirms", ALL),
            id="without rights to administration the branch itself shows its checks",
        ),
        pytest.param(
            {"rules": [], "protection": NOT_FOUND, "summary": NO_CHECKS},
            ("contradicts", NONE),
            id="the branch itself shows that no check is required",
        ),
        pytest.param(
            {"rules": [], "protection": NO_RIGHTS, "summary": {"protected": False}},
            ("contradicts", NONE),
            id="the branch itself shows that it is not protected",
        ),
        pytest.param(
            {"rules": NOT_FOUND, "protection": PROTECTED}, ("confirms", ALL), id="a server from before rulesets"
        ),
        pytest.param(
            {"rules": [], "protection": NO_RIGHTS, "summary": {"protected": True}},
            ["alpha: ci.main_branch_checks: acme/shop: protection of main is not readable"],
            id="protected, but how is not shown",
        ),
        pytest.param(
            {"rules": OTHER_PLAN, "protection": OTHER_PLAN, "summary": {"protected": False}},
            ["alpha: ci.main_branch_checks: acme/shop: its rulesets are not readable"],
            id="a plan without protection is inconclusive",
        ),
        pytest.param(
            {"rules": [], "protection": (404, {}, {"message": "Branch not found"})},
            ["alpha: ci.main_branch_checks: acme/shop: no branch main yet, or not readable"],
            id="an empty repository has no branch",
        ),
    ],
)
def test_required_checks(tmp_path: Path, repo: dict, expected: tuple[str, str] | list[str]):
    assert checks(tmp_path, **repo) == expected


def test_a_default_branch_of_another_name_is_asked_for_by_its_name(tmp_path: Path):
    repo = busy(branch="release/1.x", runs=[run("2026-01-30", branch="release/1.x"), run("2026-01-30")])
    with github(shop=repo) as server:
        fetch(server, tmp_path)
    assert seen(tmp_path, "ci.main_branch_checks") == ("confirms", ALL)
    assert seen(tmp_path, "ci.runs_28d") == ("confirms", "1 workflow run in 28 days")
    assert "/repos/acme/shop/rules/branches/release%2F1.x?per_page=100" in server.asked


def test_master_is_a_default_branch_like_any_other(tmp_path: Path):
    with github(shop=busy(branch="master", runs=[run("2026-01-30", branch="master")])) as server:
        fetch(server, tmp_path)
    assert seen(tmp_path, "ci.runs_28d") == ("confirms", "1 workflow run in 28 days")


# ------------------------------------------------------------------------------------------------------------ runs


def without_runs(tmp_path: Path, **repo) -> str:
    with github(shop=busy(**{"runs": [], **repo})) as server:
        fetched = fetch(server, tmp_path)
    assert fetched.failures == []
    if ("alpha", "ci.runs_28d") in rows(tmp_path):
        return seen(tmp_path, "ci.runs_28d")[0]
    return next(line for line in fetched.unclear if "runs_28d" in line).rpartition("acme/shop: ")[2]


ACTIVE, COMMIT = [{"state": "active"}], [{"sha": "a" * 40}]


def test_no_run_contradicts_only_where_commits_landed_and_workflows_are_active(tmp_path: Path):
    assert without_runs(tmp_path / "1", commits=COMMIT, workflows=ACTIVE) == "contradicts"
    assert without_runs(tmp_path / "2", workflows=ACTIVE) == "no commit on main in 28 days"
    other = "no active workflow; another CI would not be seen here"
    assert without_runs(tmp_path / "3", commits=COMMIT) == other
    assert without_runs(tmp_path / "4", commits=COMMIT, workflows=[{"state": "disabled_manually"}]) == other
    pull = [run("2026-01-30", branch="feature", event="pull_request")]
    assert without_runs(tmp_path / "5", runs=pull, commits=COMMIT, workflows=ACTIVE) == (
        "1 run in 28 days, none by a push to main"
    )


def test_an_empty_repository_says_nothing_at_all(tmp_path: Path):
    empty = Repo(protection=(404, {}, {"message": "Branch not found"}))
    empty.commits = (409, {}, {"message": "Git Repository is empty.", "status": "409"})
    with github(shop=empty) as server:
        fetched = fetch(server, tmp_path)
    assert rows(tmp_path) == {}
    assert fetched.failures == []
    assert [line.removeprefix("alpha: ") for line in fetched.unclear] == [
        "ci.main_branch_checks: acme/shop: no branch main yet, or not readable",
        "ci.runs_28d: acme/shop: no commit on main in 28 days",
        "ci.success_ratio_28d: acme/shop: no finished run by a push to main in 28 days",
        "deploy.automated_ratio: acme/shop: no deployment in 90 days",
        "deploy.rollback_seen_180d: acme/shop: no deployment in 180 days",
        "release.automated_90d: acme/shop: 0 releases in 90 days, none published by automation",
    ]


def test_runs_that_say_nothing_about_the_code_are_left_out_of_the_share(tmp_path: Path):
    ends = ["success", "cancelled", "skipped", "timed_out", "startup_failure", None]
    with github(shop=busy(runs=[run("2026-01-30", end) for end in ends])) as server:
        fetch(server, tmp_path)
    assert seen(tmp_path, "ci.runs_28d") == ("confirms", "6 workflow runs in 28 days")
    assert seen(tmp_path, "ci.success_ratio_28d") == ("contradicts", "1 of 3 finished runs succeeded in 28 days")


# ----------------------------------------------------------------------------------------------------- deployments

BY_RUN = "https://github.example/acme/shop/actions/runs/9/job/1"


def test_a_deployment_of_a_person_is_automated_where_its_status_names_a_workflow_run(tmp_path: Path):
    anna, robot = person("anna"), person("Deploy-Robot")
    app = deployment(4, "2026-01-27", creator=anna) | {"performed_via_github_app": {"slug": "deployer"}}
    repo = busy(
        deployments=[
            deployment(1, "2026-01-30", creator=anna),
            deployment(2, "2026-01-29", creator=anna),
            deployment(3, "2026-01-28", creator=robot),
            app,
            deployment(5, "2026-01-26"),
        ],
        statuses={1: [status("success", "2026-01-30", BY_RUN)], 2: [status("success", "2026-01-29")]},
    )
    with github(shop=repo) as server:
        fetch(server, tmp_path, automation_users=["deploy-robot"])
    found = "4 of 5 production deployments automated in 90 days"
    assert seen(tmp_path, "deploy.automated_ratio") == ("contradicts", found)
    assert (server.count("/1/statuses"), server.count("/3/statuses"), server.count("/5/statuses")) == (1, 0, 0)


def test_only_so_many_statuses_are_asked_for_and_the_rest_is_told(tmp_path: Path):
    many = [deployment(k, f"2026-01-{k // 10 + 10}", creator=person("anna")) for k in range(120, 0, -1)]
    repo = busy(deployments=many, statuses={k: [status("success", "2026-01-30", BY_RUN)] for k in range(1, 121)})
    with github(shop=repo) as server:
        fetched = fetch(server, tmp_path)
    found = "100 of 100 production deployments automated in 90 days"
    assert seen(tmp_path, "deploy.automated_ratio") == ("confirms", found)
    assert fetched.warnings == [
        "acme/shop: deployments: 20 of 120 not looked at; the statuses of 100 are asked for",
    ]


def test_only_production_counts_by_name_or_by_mark(tmp_path: Path):
    marked = deployment(3, "2026-01-28", creator=person("anna"), environment="eu-live") | {
        "production_environment": True
    }
    preview = deployment(2, "2026-01-29", creator=person("anna"), environment="preview")
    repo = busy(deployments=[deployment(1, "2026-01-30", environment="Production"), preview, marked])
    with github(shop=repo) as server:
        fetch(server, tmp_path)
        assert seen(tmp_path, "deploy.automated_ratio")[1] == "1 of 2 production deployments automated in 90 days"
        server.repos["acme/shop"].deployments = [preview]
        fetched = fetch(server, tmp_path / "again")
        fetch(server, tmp_path / "named", environments=["PREVIEW"])
    assert (
        "alpha: deploy.automated_ratio: acme/shop: 1 deployment in 90 days, none to production (only to preview)"
        in (fetched.unclear)
    )
    assert seen(tmp_path / "named", "deploy.automated_ratio")[1].startswith("0 of 1")


def rolled_back(tmp_path: Path, shas: str, ends: str, environments: str = "") -> bool:
    """Whether a rollback is seen: one deployment a day, oldest first; s succeeded, f failed."""
    ids = range(1, len(shas) + 1)
    places = environments or "p" * len(shas)
    names = {"p": "production", "q": "prod", "s": "success", "f": "failure"}
    made = [deployment(k, f"2026-01-{k:02}", shas[k - 1], environment=names[places[k - 1]]) for k in ids]
    statuses = {k: [status(names[ends[k - 1]], f"2026-01-{k:02}")] for k in ids}
    repo = busy(deployments=made[::-1], statuses=statuses)
    with github(shop=repo) as server:
        fetched = fetch(server, tmp_path)
    found = ("alpha", "deploy.rollback_seen_180d") in rows(tmp_path)
    assert found != any("deploy.rollback_seen_180d: acme/shop: no commit came back" in line for line in fetched.unclear)
    return found


@pytest.mark.parametrize(
    ("shas", "ends", "environments", "expected"),
    [
        pytest.param("aba", "sss", "", True, id="the commit before came back"),
        pytest.param("abca", "ssfs", "", True, id="an older commit came back"),
        pytest.param("abc", "sss", "", False, id="always a new commit"),
        pytest.param("aab", "sss", "", False, id="the same commit twice in a row"),
        pytest.param("aba", "sfs", "", False, id="the other commit was never live"),
        pytest.param("aba", "ssf", "", False, id="going back failed"),
        pytest.param("aba", "sss", "pqp", False, id="the other commit was in another environment"),
    ],
)
def test_a_rollback_is_a_commit_that_comes_back_after_another_was_live(
    tmp_path: Path, shas: str, ends: str, environments: str, expected: bool
):
    assert rolled_back(tmp_path, shas, ends, environments) is expected


# --------------------------------------------------------------------------------------------------------- releases


def test_only_published_releases_of_automation_count(tmp_path: Path):
    anna = person("anna")
    repo = busy(
        releases=[release(None, draft=True), release("2026-01-20", anna), release("2026-01-10"), release("2025-01-01")]
    )
    with github(shop=repo) as server:
        fetch(server, tmp_path)
        server.repos["acme/shop"].releases = [release("2026-01-20", anna)]
        fetched = fetch(server, tmp_path / "again")
    assert seen(tmp_path, "release.automated_90d") == ("confirms", "1 automated release in 90 days")
    expected = "alpha: release.automated_90d: acme/shop: 1 release in 90 days, none published by automation"
    assert fetched.unclear == [expected]


# ---------------------------------------------------------------------------------------------- several repositories


def test_repositories_of_a_product_are_judged_together_and_an_archived_one_is_left_out(tmp_path: Path):
    bare = busy(rules=[], runs=[run("2026-01-29", "failure", key=8)] * 4, deployments=[])
    with github(shop=busy(), till=bare, old=busy(archived=True)) as server:
        fetched = fetch(server, tmp_path, repositories={"alpha": ["acme/shop", "acme/till", "acme/old"]})
    assert seen(tmp_path, "ci.main_branch_checks") == (
        "contradicts", "1 of 2 repositories require checks before a merge",
    )  # fmt: skip
    assert seen(tmp_path, "ci.runs_28d") == ("confirms", "8 workflow runs in 28 days")
    assert seen(tmp_path, "ci.success_ratio_28d") == ("contradicts", "3 of 8 finished runs succeeded in 28 days")
    assert rows(tmp_path)["alpha", "ci.success_ratio_28d"]["url"].endswith("/actions/runs/8")
    assert fetched.warnings == ["acme/old: archived; left out"]
    rolled = "1 rollback in 180 days (1 of 2 repositories not judged)"
    assert seen(tmp_path, "deploy.rollback_seen_180d") == ("confirms", rolled)


def test_a_repository_of_two_products_is_asked_once(tmp_path: Path):
    with github(shop=busy()) as server:
        fetched = fetch(server, tmp_path, repositories={"alpha": ["acme/shop"], "beta": ["ACME/shop", "acme/shop"]})
    assert (fetched.products, fetched.repositories, server.count("/releases")) == (2, 1, 1)


def judged(signal: str, *looks: Look, **changed) -> tuple[str | None, str]:
    limit = next(s for s in limits() if s.id == signal).model_copy(update=changed)
    verdict = github_verdicts.judge(limit, list(looks))
    return verdict.verdict, verdict.found


DARK = Look("acme/dark", unclear="not readable")


@pytest.mark.parametrize(
    ("signal", "looks", "verdict"),
    [
        pytest.param("ci.runs_28d", [Look("a", 1, 1), DARK], "confirms", id="a count that is reached stands"),
        pytest.param("ci.runs_28d", [Look("a", 0, 0), DARK], None, id="a count may still be reached elsewhere"),
        pytest.param("ci.runs_28d", [Look("a", 0, 0)], "contradicts", id="nothing anywhere"),
        pytest.param("ci.main_branch_checks", [Look("a", 0, 1), DARK], "contradicts", id="one without is enough"),
        pytest.param("ci.main_branch_checks", [Look("a", 1, 1), DARK], None, id="the dark one may have none"),
        pytest.param("deploy.automated_ratio", [Look("a", 9, 9), DARK], None, id="of a ratio both sides are unknown"),
        pytest.param("deploy.automated_ratio", [Look("a", 9, 9), Look("b", 9, 11)], "confirms", id="18 of 20"),
        pytest.param("deploy.automated_ratio", [Look("a", 1, 1), Look("b", 5, 9)], "contradicts", id="6 of 10"),
        pytest.param("deploy.automated_ratio", [DARK], None, id="all in the dark"),
        pytest.param("deploy.automated_ratio", [], None, id="no repository"),
    ],
)
def test_a_verdict_holds_whatever_the_unread_repositories_would_show(
    signal: str, looks: list[Look], verdict: str | None
):
    assert judged(signal, *looks)[0] == verdict


def test_a_limit_may_be_a_most():
    assert judged("ci.runs_28d", Look("a", 3, 3), direction="at_most", limit=2)[0] == "contradicts"
    assert judged("ci.runs_28d", Look("a", 3, 3), DARK, direction="at_most", limit=2)[0] == "contradicts"
    assert judged("ci.runs_28d", Look("a", 1, 1), DARK, direction="at_most", limit=2)[0] is None


# ------------------------------------------------------------------------------------------------- the command line

SOURCES = """sources:
  - id: gh
    kind: github
    url: {url}
    repositories: {{alpha: [acme/shop], beta: [acme/gone]}}
    auth: {{kind: bearer, token_env: GH_TOKEN_OF_TEST}}
"""


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "loaders", "fetch", str(folder), *arguments]


def test_the_command_tells_everything_and_the_token_nowhere(tmp_path: Path):
    with github(shop=busy()) as server:
        folder = over_tiny(tmp_path / "data", **{"sources.yaml": SOURCES.format(url=server.url)})
        ran = subprocess.run(command(folder, "gh"), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 1
    lines = ran.stderr.splitlines()
    assert lines[0].startswith("alpha: ")
    assert any(line.startswith("gh: 2 products, 2 repositories; ") for line in lines)
    assert f"gh: failed: acme/gone: {server.url}/repos/acme/gone: status 404: Not Found" in lines
    assert "gh: inconclusive: beta: ci.main_branch_checks: acme/gone: no answer" in lines
    assert TOKEN not in ran.stdout + ran.stderr + everything(folder)


def test_a_killed_fetch_leaves_nothing_half_and_the_next_one_does_the_rest(tmp_path: Path):
    both = SOURCES.replace("acme/gone", "acme/till")
    with github(shop=busy(), till=busy()) as server:
        folder = over_tiny(tmp_path / "data", **{"sources.yaml": both.format(url=server.url)})
        server.fault("/till/releases", 503, b"", Retry_After="50")  # while it waits, it is killed
        running = subprocess.Popen(command(folder), cwd=ROOT, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while not server.count("/till/releases") and time.monotonic() < end:
            time.sleep(0.05)
        running.send_signal(signals_of_unix.SIGKILL)
        running.wait(10)
        month = f"{dt.datetime.now(dt.UTC):%Y-%m}"
        assert {product for product, _ in rows(folder / "raw", month)} == {"alpha"}
        assert not list((folder / "raw").rglob("*.tmp"))
        subprocess.run(command(folder), cwd=ROOT, capture_output=True, timeout=60, check=True, env=os.environ)
    assert {product for product, _ in rows(folder / "raw", month)} == {"alpha", "beta"}


@pytest.mark.parametrize("name", ["shop", "acme/shop/x", "../shop", "acme/..", "acme/.", "acme/a b", "acme/a?b"])
def test_a_repository_that_is_no_owner_and_name_is_a_problem_with_its_line(tmp_path: Path, name: str):
    text = SOURCES.format(url="https://api.github.com").replace("acme/gone", f'"{name}"')
    messages = read(over_tiny(tmp_path / "data", **{"sources.yaml": text}))[1]
    assert messages == [f"sources.yaml:5: repositories.beta.0: found '{name}', expected owner/name such as acme/shop"]
