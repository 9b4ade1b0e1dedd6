"""GitHub issues that are risk records, kept as they came: `raw/<source>/answers/issues.json`, one issue a line.

Only what changed since the newest kept issue of a repository is asked for. A repository is kept whole or not at all,
so that a fetch that was killed goes on. Fields: https://docs.github.com/en/rest/issues/issues
"""

from __future__ import annotations

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
    """What a fetch did: issues that are kept now, and how many of them are new or changed."""

    issues: int = 0
    changed: int = 0
    failures: list[str] = field(default_factory=list)


def fetch(source: GithubIssuesSource, raw: Path, *, sleep: Callable[[float], None] = time.sleep) -> Fetched:
    """Bring the kept issues of every repository up to date; one that fails does not stop the others.

    Without connection, token or questions left the rest is not asked. Raises one of FETCH_FAILED where a secret is
    missing or the kept list is damaged.
    """
    path, fetched = raw / source.id / "answers" / FILE, Fetched()
    kept = kept_issues(path)
    names = {name.casefold(): name for several in source.repositories.values() for name in several}
    with github_api.open_session(source, sleep) as session:
        for name in names.values():
            try:
                found = list(_issues(session, source, name, _newest(kept, name)))
            except http.SourceFailed as error:
                fetched.failures.append(f"{name}: {error}; what was kept stays")
                if github_api.stops_everything(error):
                    break
                continue
            fetched.changed += sum(kept.get(entry["id"]) != entry for entry in found)
            kept |= {entry["id"]: entry for entry in found}
            kept_answers.keep_entries(path, session, list(kept.values()))
    fetched.issues = len(kept)
    return fetched


def kept_issues(path: Path) -> dict[str, dict[str, Any]]:
    """Issues kept so far, by id. Raises kept_answers.KeptAnswerIsDamaged."""
    return {str(entry["id"]): entry for _, entry in kept_answers.entries(path)} if path.exists() else {}


def _newest(kept: dict[str, dict[str, Any]], repository: str) -> str | None:
    """When the newest kept issue changed; that one is asked for again, because seconds may be shared."""
    return max((entry["updated_at"] for entry in kept.values() if entry["repository"] == repository), default=None)


def _issues(
    session: http.Session, source: GithubIssuesSource, name: str, since: str | None
) -> Iterator[dict[str, Any]]:
    url = f"{source.url.rstrip('/')}/repos/{name}/issues"
    params = {"state": "all", "labels": source.label, "sort": "updated", "direction": "desc"}
    for issue in github_api.pages(session, url, params | ({"since": since} if since else {})):
        if "pull_request" in issue:  # the list holds pull requests, too
            continue
        comments = []
        if issue.get("comments"):
            for comment in github_api.pages(session, f"{url}/{issue['number']}/comments", {}):
                said = {"at": comment.get("created_at"), "by": (comment.get("user") or {}).get("login")}
                comments.append(said | {"text": comment.get("body")})
        yield {"id": f"{name}#{issue['number']}", "repository": name, "comments": comments} | {
            key: issue.get(key) for key in _KEPT
        }
