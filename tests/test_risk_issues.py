"""Risk records kept as issues of GitHub and Jira, fetched from stand-ins that speak their documented answers."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from given import over_tiny, read
from stand_in import StandIn, standing_in

from loaders import github_issues, http, jira, kept_answers
from loaders.__main__ import main
from maturity.records.risks import Risk
from maturity.sources import GithubIssuesSource, JiraSource

TOKEN = "s3cr3t-t0ken"
NOW = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GM_TOKEN", TOKEN)
    monkeypatch.setenv("GM_USER", "anna")


def risks(folder: Path) -> tuple[dict[str, Risk], list[str]]:
    reading, messages = read(folder)
    found = {r.record.id: r.record for r in reading.bundle.risks if r.record.source}
    return found, [m for m in messages if "issues.json" in m or "sources.yaml" in m]


# ---------------------------------------------------------------------------------------------------------- GitHub

BODY = """Every call enters through one trunk.

```yaml
cause: {text: One carrier, confidence: high}
cre: {ettd_min: 4, ettr_min: 95, users_affected: 0.6, ettf_days: 540, basis: guess}
links: {slos: [alpha-ok]}
```
Below the block is for people.
"""


def named(*names: str) -> list[dict]:
    return [{"name": name} for name in names]


def issue(number: int, **fields) -> dict:
    given = {
        "number": number, "title": f"Risk {number}", "body": "Text.", "state": "open", "state_reason": None,
        "labels": [{"name": "risk"}], "assignees": [], "milestone": None, "comments": 0,
        "created_at": f"2026-01-{number:02d}T10:00:00Z", "updated_at": f"2026-01-{number:02d}T11:00:00Z",
        "closed_at": None, "html_url": f"https://github.example/acme/shop/issues/{number}", "extra": "left out",
    }  # fmt: skip
    return given | fields


class Github(StandIn):
    """GitHub's two lists, two entries a page."""

    issues: list[dict]
    comments: dict[int, list[dict]]

    def reply(self, path: str, asked: dict, headers) -> tuple:
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {}, {"message": "Bad credentials"}
        if path.endswith("/comments"):
            return 200, {}, self.comments[int(path.split("/")[-2])]
        label = asked["labels"][0]
        found = [one for one in self.issues if label in [each["name"] for each in one["labels"]]]
        page = int(asked.get("page", ["1"])[0])
        more = f'<{self.url}{path}?page={page + 1}&labels={label}>; rel="next"' if len(found) > page * 2 else ""
        return 200, {"Link": more} if more else {}, found[page * 2 - 2 : page * 2]


@pytest.fixture
def github() -> Iterator[Github]:
    here = Github()
    here.comments = {
        1: [
            {
                "created_at": "2026-01-05T00:00:00Z",
                "user": {"login": "lee"},
                "body": "Asked\nthem.",
                "html_url": "https://github.example/c/1",
            }
        ]
    }
    here.issues = [
        issue(1, body=BODY, comments=1, assignees=[{"login": "kim"}], milestone={"due_on": "2026-03-31T07:00:00Z"},
              labels=named("risk", "category:dependency", "impact:4", "likelihood:2")),
        issue(2, pull_request={"url": "x"}),
        issue(3, state="closed", state_reason="completed", closed_at="2026-01-20T00:00:00Z"),
        issue(4, state="closed", state_reason="not_planned", closed_at="2026-01-21T00:00:00Z"),
        issue(5, labels=named("risk", "product:beta", "state:mitigating")),
    ]  # fmt: skip
    with standing_in(here, here.reply):
        yield here


def source(url: str, **more) -> GithubIssuesSource:
    given = {"id": "gh", "kind": "github-issues", "url": url, "repositories": {"alpha": ["acme/shop"]}}
    return GithubIssuesSource(**(given | {"auth": {"kind": "bearer", "token_env": "GM_TOKEN"}} | more))


SOURCES = """sources:
  - id: gh
    kind: github-issues
    url: {url}
    repositories: {{alpha: [acme/shop]}}
    auth: {{kind: bearer, token_env: GM_TOKEN}}
"""


def company(folder: Path, url: str) -> Path:
    return over_tiny(folder / "data", **{"sources.yaml": SOURCES.format(url=url)})


def test_issues_become_records(github: Github, tmp_path: Path, capsys: pytest.CaptureFixture):
    folder = company(tmp_path, github.url)
    assert main(["fetch", str(folder)]) == 0
    assert "gh: 4 issues, 4 of them new or changed" in capsys.readouterr().err
    found, messages = risks(folder)
    assert messages == []
    assert list(found) == ["gh-acme-shop-1", "gh-acme-shop-3", "gh-acme-shop-4", "gh-acme-shop-5"]
    first = found["gh-acme-shop-1"]
    assert (first.source, first.source_id, first.url) == (
        "gh",
        "acme/shop#1",
        "https://github.example/acme/shop/issues/1",
    )
    assert (first.products, first.status, first.category, first.owner) == (["alpha"], "new", "dependency", "kim")
    assert (first.summary.en, str(first.detected.at), first.detected.via) == (
        "Every call enters through one trunk.", "2026-01-01", "import",
    )  # fmt: skip
    assert (first.cre.ettr_min, first.cause.confidence, first.links.slos) == (95, "high", ["alpha-ok"])
    assert (first.ranks.potential_impact, first.ranks.likelihood) == (4, 2)
    assert (first.next_action.text.en, str(first.next_action.due)) == ("Risk 1", "2026-03-31")
    assert [(str(e.at), e.by, e.text.en, e.url) for e in first.log] == [
        ("2026-01-05", "lee", "Asked them.", "https://github.example/c/1")
    ]
    assert [(found[f"gh-acme-shop-{n}"].status, found[f"gh-acme-shop-{n}"].closed.reason) for n in (3, 4)] == [
        ("closed", "fixed"), ("closed", "no_longer_applies"),
    ]  # fmt: skip
    assert found["gh-acme-shop-3"].closed.evidence.en.endswith("/issues/3")
    assert (found["gh-acme-shop-5"].products, found["gh-acme-shop-5"].status) == (["beta"], "mitigating")


def test_a_second_fetch_asks_for_the_list_and_for_comments_of_what_changed(github: Github, tmp_path: Path):
    github_issues.fetch(source(github.url), tmp_path, now=NOW)
    before = kept_answers_text(tmp_path)
    github.asked.clear()
    assert github_issues.fetch(source(github.url), tmp_path, now=NOW).changed == 0
    assert [asked["path"][0] for asked in github.asked] == ["/repos/acme/shop/issues"] * 3
    assert kept_answers_text(tmp_path) == before
    github.issues[0] |= {"title": "Renamed", "updated_at": "2026-01-30T00:00:00Z"}
    assert github_issues.fetch(source(github.url), tmp_path, now=NOW).changed == 1
    assert len(github.of("/comments")) == 1
    assert kept_of(tmp_path)["acme/shop#1"]["title"] == "Renamed"
    assert len(kept_of(tmp_path)) == 4


def test_an_issue_that_lost_its_label_or_was_deleted_stays_and_is_told_each_time(
    github: Github, tmp_path: Path, capsys: pytest.CaptureFixture
):
    folder = company(tmp_path, github.url)
    github_issues.fetch(source(github.url), folder / "raw", now=NOW)
    github.issues[0]["labels"] = named("impact:4")
    del github.issues[3]
    fetched = github_issues.fetch(source(github.url), folder / "raw", now=NOW)
    told = ["acme/shop#1: not returned since 2026-02-01", "acme/shop#4: not returned since 2026-02-01"]
    assert (fetched.issues, fetched.changed, fetched.warnings) == (4, 0, told)
    before = kept_answers_text(folder / "raw")
    later = github_issues.fetch(source(github.url), folder / "raw", now=NOW + dt.timedelta(days=9))
    assert (later.warnings, kept_answers_text(folder / "raw")) == (told, before)
    found, messages = risks(folder)
    assert len(found) == 4
    assert messages == [
        f"raw/gh/answers/issues.json:{line}: warning: issue: found acme/shop#{number}, which was not returned since "
        "2026-02-01 (loaded as it was kept), expected its label or its place in the search back, or this file deleted "
        "and fetched"
        for line, number in ((2, 1), (4, 4))
    ]
    assert main(["fetch", str(folder)]) == 0
    assert "gh: warning: acme/shop#1: not returned since 2026-02-01" in capsys.readouterr().err
    github.issues[0]["labels"] = named("risk", "impact:4", "likelihood:2")
    assert github_issues.fetch(source(github.url), folder / "raw", now=NOW).changed == 1
    assert [m[:34] for m in risks(folder)[1]] == ["raw/gh/answers/issues.json:4: warn"]


def test_a_repository_spelled_otherwise_keeps_its_ids(github: Github, tmp_path: Path):
    github_issues.fetch(source(github.url), tmp_path, now=NOW)
    before = kept_answers_text(tmp_path)
    github_issues.fetch(source(github.url, repositories={"alpha": ["Acme/Shop"]}), tmp_path, now=NOW)
    assert kept_answers_text(tmp_path) == before


def kept_of(raw: Path) -> dict[str, dict]:
    return {e["id"]: e for _, e in kept_answers.entries(raw / "gh" / "answers" / "issues.json")}


def kept_answers_text(raw: Path) -> bytes:
    return (raw / "gh" / "answers" / "issues.json").read_bytes()


@pytest.mark.parametrize(
    ("status", "value", "headers", "told"),
    [
        (429, {"message": "slow down"}, {"Retry_After": "7"}, None),
        (502, b"", {}, None),
        (0, b"", {}, None),
        (500, {"message": "broken"}, {}, "acme/shop: http://127.0.0.1"),
        (200, {"message": "no list"}, {}, "found an object, expected a list of objects"),
        (200, [], {"Link": '<{url}/repos/acme/shop/issues>; rel="next"'}, "the next page is one that was read already"),
        (200, b"[{", {}, "not JSON"),
    ],
)
def test_trouble_in_the_middle_is_waited_for_or_told_and_nothing_is_lost(
    github: Github, tmp_path: Path, status: int, value: object, headers: dict, told: str | None
):
    waits: list[float] = []
    github.fault(
        "/issues", status, value, after=1, **{name: text.format(url=github.url) for name, text in headers.items()}
    )
    fetched = github_issues.fetch(source(github.url), tmp_path, now=NOW, sleep=waits.append)
    if told:
        assert told in fetched.failures[0]
        assert TOKEN not in fetched.failures[0]
        fetched = github_issues.fetch(source(github.url), tmp_path, now=NOW)
    assert (fetched.issues, fetched.failures) == (4, [])
    assert waits == ([7] if status == 429 else waits)


def test_a_wrong_token_is_told_without_it(github: Github, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GM_TOKEN", "wr0ng-t0ken")
    (failure,) = github_issues.fetch(source(github.url), tmp_path, now=NOW).failures
    assert "status 401: Bad credentials" in failure
    assert "wr0ng" not in failure
    assert not (tmp_path / "gh").exists()


def test_a_next_page_on_another_host_is_not_followed(github: Github, tmp_path: Path):
    github.fault("/issues", 200, [], Link='<https://evil.example/issues>; rel="next"')
    (failure,) = github_issues.fetch(source(github.url), tmp_path, now=NOW).failures
    assert "the next page is said to be at https://evil.example/issues; not followed" in failure


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"body": "```yaml\ncre: {ettd_min: soon}\n```"}, "cre.ettd_min: found 'soon', expected a number"),
        ({"body": "```yaml\ncolour: red\n```"}, "colour: found an unknown field, expected one of acceptance, category"),
        ({"body": "```yaml\n- a\n```"}, "yaml: found "),
        ({"labels": named("risk", "impact:huge", "likelihood:1")}, "potential_impact: found 'huge', expected a whole"),
        ({"labels": named("risk", "product:nobody")}, "product: found 'nobody', unknown (1 entry not loaded)"),
        ({"created_at": None}, "issue: found acme/shop#1, TypeError"),
    ],
)  # fmt: skip
def test_a_problem_of_one_issue_is_told_with_its_line_and_does_not_stop_the_others(
    github: Github, tmp_path: Path, changed: dict, told: str
):
    github.issues[0] |= changed
    folder = company(tmp_path, github.url)
    github_issues.fetch(source(github.url), folder / "raw", now=NOW)
    found, messages = risks(folder)
    assert list(found) == ["gh-acme-shop-3", "gh-acme-shop-4", "gh-acme-shop-5"]
    assert any(m.startswith("raw/gh/answers/issues.json:2: ") and told in m for m in messages), messages


def loaded(folder: Path, github: Github) -> tuple[dict[str, Risk], list[str]]:
    made = company(folder, github.url)
    github_issues.fetch(source(github.url), made / "raw", now=NOW)
    found, messages = risks(made)
    return {name.removeprefix("gh-acme-shop-"): risk for name, risk in found.items()}, messages


def test_products_follow_the_configuration_without_a_new_fetch(github: Github, tmp_path: Path):
    folder = company(tmp_path, github.url)
    github_issues.fetch(source(github.url), folder / "raw", now=NOW)
    both = SOURCES.format(url=github.url).replace("{alpha: [acme/shop]}", "{alpha: [acme/shop], beta: [Acme/Shop]}")
    (folder / "sources.yaml").write_text(both)
    found, messages = risks(folder)
    assert found["gh-acme-shop-1"].products == ["alpha", "beta"]
    assert found["gh-acme-shop-5"].products == ["beta"]  # a label
    (folder / "sources.yaml").write_text(both.replace("acme/shop", "acme/other").replace("Acme/Shop", "acme/other"))
    found, messages = risks(folder)
    assert list(found) == ["gh-acme-shop-5"]
    assert messages == [
        "raw/gh/answers/issues.json:2: warning: repository: found 'acme/shop', unknown (3 entries not loaded), "
        "expected a repository in repositories: of source gh"
    ]


def test_a_repository_of_two_products_is_asked_once(github: Github, tmp_path: Path):
    both = source(github.url, repositories={"alpha": ["acme/shop"], "beta": ["acme/shop"]})
    assert github_issues.fetch(both, tmp_path, now=NOW).issues == 4
    assert len(github.of("/issues")) == 3  # pages


def test_why_it_was_closed_is_told_where_github_does_not_say(github: Github, tmp_path: Path):
    github.issues[2] |= {"state_reason": None}
    github.issues[3] |= {"state_reason": "duplicate"}
    found, messages = loaded(tmp_path, github)
    assert [found[n].closed.reason for n in "34"] == ["no_longer_applies"] * 2
    assert [m.partition(": warning: ")[2].partition(", expected")[0] for m in messages] == [
        "closed_reason: found closed as nothing (loaded as no_longer_applies)",
        "closed_reason: found closed as duplicate (loaded as no_longer_applies)",
    ]


def test_a_duplicate_that_names_its_original_is_merged(github: Github, tmp_path: Path):
    body = "```yaml\nstatus: merged\nduplicate_of: gh-acme-shop-1\n```"
    github.issues[3] |= {"state_reason": "duplicate", "body": body}
    found, messages = loaded(tmp_path, github)
    assert (found["4"].status, found["4"].duplicate_of, found["4"].closed) == ("merged", "gh-acme-shop-1", None)
    assert messages == []


def test_what_the_tracker_says_wins_over_the_block_and_days_are_not_lost(github: Github, tmp_path: Path):
    block = """```yaml
status: planned
detected: {via: drill}
next_action: {text: Ask for a second trunk, owner: lee}
log: [{at: 2026-01-02, by: kim, kind: note, text: First.}, {at: 2026-01-09, by: kim, kind: note, text: Third.}]
```"""
    github.issues[0] |= {"body": block}
    github.issues[2] |= {"body": block}
    github.issues[4] |= {"body": block}
    found, messages = loaded(tmp_path, github)
    assert [found[n].status for n in "135"] == ["planned", "closed", "mitigating"]
    first = found["1"]
    assert (str(first.detected.at), first.detected.via) == ("2026-01-01", "drill")
    assert (first.next_action.text.en, str(first.next_action.due)) == ("Ask for a second trunk", "2026-03-31")
    assert [entry.text.en for entry in first.log] == ["First.", "Asked them.", "Third."]
    assert [m.partition(": warning: ")[2] for m in messages] == [
        "status: found 'planned' in the block, expected closed, which counts before it",
        "status: found 'planned' in the block, expected mitigating, which counts before it",
    ]


def test_a_closed_issue_is_closed_though_a_label_of_the_work_stayed_on_it(github: Github, tmp_path: Path):
    github.issues[2] |= {"labels": named("risk", "state:mitigating")}
    found, messages = loaded(tmp_path, github)
    assert (found["3"].status, found["3"].closed.reason, found["5"].status) == ("closed", "fixed", "mitigating")
    assert [m.partition(": warning: ")[2] for m in messages] == [
        "status: found 'mitigating' in a label, expected closed, which counts before it"
    ]


def test_a_block_inside_an_html_comment_is_not_read(github: Github, tmp_path: Path):
    github.issues[0] |= {"body": "Text.\r\n<!--\r\n```yaml\r\ncre: {}\r\n```\r\n-->\r\n"}
    found, messages = loaded(tmp_path, github)
    assert (found["1"].cre, found["1"].summary.en, messages) == (None, "Text.", [])


@pytest.mark.parametrize(
    ("status", "value", "headers"), [(401, {"message": "no"}, {}), (403, {"message": "API rate limit exceeded"}, {})]
)
def test_without_token_or_questions_left_the_rest_is_not_asked(
    github: Github, tmp_path: Path, status: int, value: dict, headers: dict
):
    two = source(github.url, repositories={"alpha": ["acme/shop", "acme/other"]})
    github.fault("/issues", status, value, **headers)
    assert len(github_issues.fetch(two, tmp_path, now=NOW, sleep=lambda s: None).failures) == 1
    assert len(github.asked) == 1
    github.asked.clear()
    github.fault("/shop/issues", 404, {"message": "Not Found"})
    assert len(github_issues.fetch(two, tmp_path, now=NOW).failures) == 1
    assert kept_of(tmp_path).keys() == {f"acme/other#{n}" for n in (1, 3, 4, 5)}


# ------------------------------------------------------------------------------------------------------------ Jira


def text(*parts: dict) -> dict:
    return {"type": "doc", "version": 1, "content": list(parts)}


def paragraph(words: str) -> dict:
    return {"type": "paragraph", "content": [{"type": "text", "text": words}]}


def ticket(number: int, **fields) -> dict:
    given = {
        "summary": f"Ticket {number}", "status": {"name": "In Progress"}, "labels": [], "assignee": None,
        "duedate": None,
        "created": f"2026-01-{number:02d}T10:00:00.000+0900", "updated": f"2026-01-{number:02d}T11:00:00.000+0900",
        "resolutiondate": None, "description": None, "comment": {"comments": []}, "project": {"key": "RISK"},
    }  # fmt: skip
    return {"id": str(number), "key": f"RISK-{number}", "fields": given | fields}


class Jira(StandIn):
    """The search of Jira Cloud, two issues a page, without a total; comments of an issue, ten a page."""

    issues: list[dict]
    comments: dict[str, list[dict]]

    def reply(self, path: str, asked: dict, headers) -> tuple:
        if headers.get("Authorization") != "Basic " + base64.b64encode(f"anna:{TOKEN}".encode()).decode():
            return 401, {}, {"errorMessages": ["Client must be authenticated"]}
        if path.endswith("/comment"):
            begin, said = int(asked["startAt"][0]), self.comments[path.split("/")[-2]]
            return 200, {}, {"startAt": begin, "total": len(said), "comments": said[begin : begin + 10]}
        if path != "/rest/api/3/search/jql" or "fields" not in asked:
            return 404, {}, {"errorMessages": ["no such thing"]}
        begin = int(asked.get("nextPageToken", "0"))
        last = begin + 2 >= len(self.issues)
        answer = {"issues": self.issues[begin : begin + 2], "isLast": last}
        return 200, {}, answer if last else answer | {"nextPageToken": str(begin + 2)}


@pytest.fixture
def tracker() -> Iterator[Jira]:
    here = Jira()
    block = {
        "type": "codeBlock",
        "attrs": {"language": "yaml"},
        "content": [{"type": "text", "text": "irreversible: true"}],
    }
    said = {
        "id": "901",
        "created": "2026-01-09T00:00:00.000+0000",
        "author": {"displayName": "Lee"},
        "body": text(paragraph("Noted.")),
    }
    here.issues = [
        ticket(1, description=text(paragraph("One trunk."), block), assignee={"displayName": "Kim Sato"},
               duedate="2026-02-28", comment={"comments": [said]}, customfield_10010=4, customfield_10011="95",
               customfield_10012={"value": "60%"}, customfield_10013=540),
        ticket(2, status={"name": "Done"}, resolution={"name": "Done"},
               resolutiondate="2026-01-20T00:00:00.000+0900", labels=["product:beta"]),
        ticket(3, status={"name": "To Do"}),
    ]  # fmt: skip
    with standing_in(here, here.reply):
        yield here


def jira_source(url: str) -> JiraSource:
    return JiraSource(
        id="jr", kind="jira", url=url, jql="project = RISK", product="alpha",
        statuses={"in progress": "mitigating", "Done": "closed"},
        fields={"customfield_10010": "ettd_min", "customfield_10011": "ettr_min", "customfield_10012": "users_affected",
                "customfield_10013": "ettf_days"},
        auth={"kind": "basic", "user_env": "GM_USER", "password_env": "GM_TOKEN"},
    )  # fmt: skip


def test_jira_issues_become_records(tracker: Jira, tmp_path: Path):
    made = json.loads(jira_source(tracker.url).model_dump_json(exclude_unset=True))
    folder = over_tiny(tmp_path / "data", **{"sources.yaml": json.dumps({"sources": [made]})})
    assert main(["fetch", str(folder)]) == 0
    found, messages = risks(folder)
    assert list(found) == ["jr-risk-1", "jr-risk-2", "jr-risk-3"]
    first, second, third = found.values()
    assert (first.title.en, first.summary.en, first.status, first.owner) == (
        "Ticket 1",
        "One trunk.",
        "mitigating",
        "Kim Sato",
    )
    assert (first.cre.ettd_min, first.cre.ettr_min, first.cre.users_affected, first.cre.ettf_days) == (4, 95, 0.6, 540)
    assert (first.irreversible, str(first.next_action.due), first.url) == (
        True, "2026-02-28", f"{tracker.url}/browse/RISK-1",
    )  # fmt: skip
    assert [(e.by, e.text.en, e.url) for e in first.log] == [("Lee", "Noted.", f"{first.url}?focusedCommentId=901")]
    assert (second.products, second.status, str(second.closed.at)) == (["beta"], "closed", "2026-01-20")
    assert (third.products, third.status) == (["alpha"], "new")
    assert messages == [
        "raw/jr/answers/issues.json:4: warning: status: found 'To Do', "
        "expected a status in statuses: of source jr (loaded as new)"
    ]


def test_jira_is_asked_page_by_page(tracker: Jira, tmp_path: Path):
    assert jira.fetch(jira_source(tracker.url), tmp_path, now=NOW).issues == 3
    assert [asked.get("nextPageToken") for asked in tracker.asked] == [None, "2"]
    assert tracker.asked[0]["jql"] == "(project = RISK) ORDER BY created ASC"
    assert "customfield_10010" in tracker.asked[0]["fields"]
    assert jira.fetch(jira_source(tracker.url), tmp_path, now=NOW).changed == 0


def test_a_ticket_that_left_the_search_stays_and_is_told(tracker: Jira, tmp_path: Path):
    made = json.loads(jira_source(tracker.url).model_dump_json(exclude_unset=True))
    folder = over_tiny(tmp_path / "data", **{"sources.yaml": json.dumps({"sources": [made]})})
    jira.fetch(jira_source(tracker.url), folder / "raw", now=NOW)
    tracker.issues = []  # a user who may no longer see the project gets no error
    fetched = jira.fetch(jira_source(tracker.url), folder / "raw", now=NOW)
    assert (fetched.issues, fetched.warnings[0]) == (3, "RISK-1: not returned since 2026-02-01")
    found, messages = risks(folder)
    assert len(found) == 3
    assert sum("which was not returned since 2026-02-01" in m for m in messages) == 3


def test_comments_that_a_search_cuts_off_are_asked_for(tracker: Jira, tmp_path: Path):
    said = [{"created": f"2026-01-{n:02d}T00:00:00.000+0000", "author": None, "body": f"{n}."} for n in range(1, 26)]
    tracker.comments = {"RISK-1": said}
    tracker.issues = [ticket(1, comment={"comments": said[-20:], "total": 25})]
    jira.fetch(jira_source(tracker.url), tmp_path, now=NOW)
    (entry,) = kept_answers.entries(tmp_path / "jr" / "answers" / "issues.json")
    assert entry[1]["fields"]["comment"]["comments"] == said
    assert [asked["startAt"] for asked in tracker.of("/RISK-1/comment")] == [["0"], ["10"], ["20"]]
    tracker.comments = {"RISK-1": said[:7]}
    with pytest.raises(http.AnswerHasAnotherShape, match="found 7 of 25 comments"):
        jira.fetch(jira_source(tracker.url), tmp_path, now=NOW)


def test_jira_keeps_the_pages_before_trouble_and_shows_no_secret(tracker: Jira, tmp_path: Path):
    tracker.fault("/jql", 500, {"errorMessages": ["broken"]}, after=1)
    with pytest.raises(http.SourceRefused, match="status 500") as raised:
        jira.fetch(jira_source(tracker.url), tmp_path, now=NOW, sleep=lambda s: None)
    assert TOKEN not in str(raised.value)
    assert len(kept_answers.entries(tmp_path / "jr" / "answers" / "issues.json")) == 2
    tracker.fault("/jql", 429, {}, Retry_After="3")
    waits: list[float] = []
    assert jira.fetch(jira_source(tracker.url), tmp_path, now=NOW, sleep=waits.append).issues == 3
    assert waits == [3]


@pytest.mark.parametrize(
    ("fields", "reason", "at", "told"),
    [
        ({"resolution": {"name": "fixed"}, "resolutiondate": "2026-01-20T00:00:00.000+0900"}, "fixed", "2026-01-20",
         []),
        ({"resolution": {"name": "Won't do"}, "resolutiondate": "2026-01-20T00:00:00.000+0900"}, "no_longer_applies",
         "2026-01-20", ["closed_reason: found \"Won't do\" (loaded as no_longer_applies)"]),
        ({"statuscategorychangedate": "2026-01-19T00:00:00.000+0900"}, "no_longer_applies", "2026-01-19",
         ["closed_reason: found no resolution (loaded as no_longer_applies)"]),
        ({}, None, None, ["closed_reason: found no resolution (loaded as no_longer_applies)",
                          "closed_at: found nothing, expected the day"]),
    ],
)  # fmt: skip
def test_jira_says_why_and_when_a_ticket_was_closed(
    tracker: Jira, tmp_path: Path, fields: dict, reason: str | None, at: str | None, told: list[str]
):
    tracker.issues = [ticket(2, status={"name": "Done"}, **fields)]
    made = json.loads(jira_source(tracker.url).model_dump_json(exclude_unset=True))
    folder = over_tiny(tmp_path / "data", **{"sources.yaml": json.dumps({"sources": [made]})})
    jira.fetch(jira_source(tracker.url), folder / "raw", now=NOW)
    found, messages = risks(folder)
    closed = [(risk.closed.reason, str(risk.closed.at)) for risk in found.values()]
    assert closed == ([(reason, at)] if reason else [])
    assert len(messages) == len(told)
    assert all(any(words in m for m in messages) for words in told), messages


def test_jira_pages_that_go_in_a_circle_are_told(tracker: Jira, tmp_path: Path):
    for after in (1, 1):
        tracker.fault("/jql", 200, {"issues": [], "isLast": False, "nextPageToken": "2"}, after=after)
    with pytest.raises(http.AnswerHasAnotherShape, match="read already"):
        jira.fetch(jira_source(tracker.url), tmp_path, now=NOW)


def test_a_long_search_of_jira_is_json(tracker: Jira, tmp_path: Path):
    long = jira_source(tracker.url).model_copy(update={"jql": "labels in (" + ", ".join(["word"] * 500) + ")"})
    assert jira.fetch(long, tmp_path, now=NOW).issues == 3
    assert tracker.asked[0]["jql"].startswith("(labels in (word, word")


def test_a_search_with_its_own_order_and_unknown_words_are_refused_with_their_line(tmp_path: Path):
    text = """sources:
  - id: jr
    kind: jira
    url: https://x.example
    jql: project = RISK order by created
    statuses: {Done: finished}
    auth: {kind: basic, user_env: A, password_env: B}
"""
    messages = read(over_tiny(tmp_path / "data", **{"sources.yaml": text}))[1]
    assert any(m.startswith("sources.yaml:5: sources.0.jql: found") or "jql" in m for m in messages), messages


# ---------------------------------------------------------------------------------------------- JSON of another shape


@pytest.mark.parametrize("odd", [{"number": "3"}, {"number": None}], ids=str)
def test_an_issue_of_another_shape_is_told_and_what_was_kept_stays(github: Github, tmp_path: Path, odd: dict, capsys):
    folder = company(tmp_path, github.url)
    assert main(["fetch", str(folder)]) == 0
    kept = (folder / "raw/gh/answers/issues.json").read_bytes()
    github.issues = [issue(6) | odd]
    assert main(["fetch", str(folder)]) == 1
    told = "gh: failed: acme/shop: issues: found an answer of another shape ("
    assert any(line.startswith(told) for line in capsys.readouterr().err.splitlines())
    assert (folder / "raw/gh/answers/issues.json").read_bytes() == kept


@pytest.mark.parametrize(
    "odd",
    [{"labels": [{"name": [1]}, {"name": "risk"}]}, {"comments": 1, "number": 1}, {"title": 7}],
    ids=["label", "comment", "title"],
)
def test_an_issue_that_was_kept_in_another_shape_stops_no_build(github: Github, tmp_path: Path, odd: dict):
    folder = company(tmp_path, github.url)
    github.comments[1][0]["body"] = {"no": "text"}
    github.issues = [issue(6) | odd, issue(7)]
    assert main(["fetch", str(folder)]) == 0
    found, messages = risks(folder)
    assert "gh-acme-shop-7" in found
    assert len(messages) == len({*messages}) >= 1


@pytest.mark.parametrize(
    "odd", [{"key": []}, {"key": 7}, {"fields": [[1]]}, {"fields": {"comment": True}}], ids=str
)  # fmt: skip
def test_a_ticket_of_another_shape_is_told(tracker: Jira, tmp_path: Path, odd: dict):
    tracker.issues = [ticket(1) | odd]
    with pytest.raises(http.AnswerHasAnotherShape):
        jira.fetch(jira_source(tracker.url), tmp_path, now=NOW)
