"""GitHub issues that are risk records, kept as they came: `raw/<source>/answers/issues.json`, one issue a line.

The whole list is asked for each time, because a lost label or a deletion is told nowhere else; comments only where an
issue changed. What the tracker returns no more stays, with the day since when. A repository is kept whole or not at
all, so that a fetch that was killed goes on. Fields: https://docs.github.com/en/rest/issues/issues
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders import github_api, http, kept_answers
from maturity.sources import GithubIssuesSource

FILE = "issues.json"
FETCH_FAILED = (http.SourceFailed, kept_answers.KeptAnswerIsDamaged)
_KEPT = (
    "number", "title", "body", "state", "state_reason", "labels", "assignees", "milestone", "created_at", "updated_at",
    "closed_at", "html_url",
)  # fmt: skip


@dataclass
class Fetched:
    """What a fetch did: issues that are kept now, how many of them are new or changed, and which are missing."""

    issues: int = 0
    changed: int = 0
    warnings: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def fetch(
    source: GithubIssuesSource, raw: Path, *, now: dt.datetime, sleep: Callable[[float], None] = time.sleep
) -> Fetched:
    """Bring the kept issues of every repository up to date; one that fails does not stop the others.

    Without connection, token or questions left the rest is not asked. Raises one of FETCH_FAILED where a secret is
    missing or the kept list is damaged.
    """
    path, fetched = raw / source.id / "answers" / FILE, Fetched()
    kept = kept_issues(path)
    names = {name.casefold(): name for several in source.repositories.values() for name in several}
    with github_api.open_session(source, sleep) as session:
        for folded, name in names.items():
            before = {key: entry for key, entry in kept.items() if entry["repository"].casefold() == folded}
            try:
                with http.read_as_documented("issues"):
                    found = {entry["id"]: entry for entry in _issues(session, source, name, before)}
            except http.SourceFailed as error:
                fetched.failures.append(f"{name}: {error}; what was kept stays")
                if github_api.stops_everything(error):
                    break
                continue
            kept = {key: entry for key, entry in kept.items() if key not in before}
            kept |= compared(before, found, now, fetched)
            kept_answers.keep_entries(path, session, list(kept.values()))
    fetched.issues = len(kept)
    return fetched


def kept_issues(path: Path) -> dict[str, dict[str, Any]]:
    """Issues kept so far, by id. Raises kept_answers.KeptAnswerIsDamaged."""
    return {str(entry["id"]): entry for _, entry in kept_answers.entries(path)} if path.exists() else {}


def compared(before: dict[str, dict], found: dict[str, dict], now: dt.datetime, fetched: Fetched) -> dict[str, dict]:
    """What to keep of a whole list: what was found, and what was not, with the day (UTC) since when."""
    missing = {key: {"missing_since": f"{now:%F}"} | entry for key, entry in before.items() if key not in found}
    fetched.changed += sum(before.get(key) != entry for key, entry in found.items())
    fetched.warnings += [f"{key}: not returned since {entry['missing_since']}" for key, entry in missing.items()]
    return found | missing


def _issues(
    session: http.Session, source: GithubIssuesSource, name: str, before: dict[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    url = f"{source.url.rstrip('/')}/repos/{name}/issues"
    # By the day of creation no issue changes its page while the pages are read.
    params = {"state": "all", "labels": source.label, "sort": "created", "direction": "asc"}
    spelled = next((entry["repository"] for entry in before.values()), name)
    for issue in github_api.pages(session, url, params):
        if "pull_request" in issue:  # the list holds pull requests, too
            continue
        if not isinstance(issue["number"], int):  # it is a part of paths
            raise TypeError("no number of an issue")
        entry = {"id": f"{spelled}#{issue['number']}", "repository": spelled} | {key: issue.get(key) for key in _KEPT}
        yield entry | {"comments": _comments(session, url, issue, before.get(entry["id"], {}))}


def _comments(session: http.Session, url: str, issue: dict[str, Any], before: dict[str, Any]) -> list[dict[str, Any]]:
    """As they were kept where neither the issue nor their number changed."""
    known, count = before.get("comments", []), issue.get("comments") or 0
    if before.get("updated_at") == issue.get("updated_at") and len(known) == count:
        return known
    answers = github_api.pages(session, f"{url}/{issue['number']}/comments", {}) if count else []
    return [
        {
            "at": said.get("created_at"),
            "by": (said.get("user") or {}).get("login"),
            "text": said.get("body"),
            "url": said.get("html_url"),
        }
        for said in answers
    ]
