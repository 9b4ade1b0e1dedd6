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

from loaders import http, kept_answers
from maturity.sources import GithubIssuesSource

FILE = "issues.json"
FETCH_FAILED = (http.SourceFailed, kept_answers.KeptAnswerIsDamaged)
MOVES = 3  # a renamed repository answers 301; within the same host that is followed
LIMIT_WAIT_S = 60  # what GitHub asks for where a rate limit names no time
_KEPT = (
    "number", "title", "body", "state", "state_reason", "labels", "assignees", "milestone", "created_at", "updated_at",
    "closed_at", "html_url",
)  # fmt: skip


class AnswerHasAnotherShape(http.SourceFailed):
    """The answer is JSON, but no list of issues."""


@dataclass
class Fetched:
    """What a fetch did: issues that are kept now, and how many of them are new or changed."""

    issues: int = 0
    changed: int = 0
    failures: list[str] = field(default_factory=list)


def fetch(source: GithubIssuesSource, raw: Path, *, sleep: Callable[[float], None] = time.sleep) -> Fetched:
    """Bring the kept issues of every repository up to date; a repository that fails does not stop the others.

    Raises one of FETCH_FAILED where a secret is missing or the kept list is damaged.
    """
    path, fetched = raw / source.id / "answers" / FILE, Fetched()
    kept = {str(entry["id"]): entry for _, entry in kept_answers.entries(path)} if path.exists() else {}
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": source.api_version}
    with http.open_session(
        source.auth, None, source.ca_file, source.timeout_s, headers=headers, limit_wait_s=LIMIT_WAIT_S, sleep=sleep
    ) as session:
        for product, repositories in source.repositories.items():
            for name in repositories:
                try:
                    found = list(_issues(session, source, product, name, _newest(kept, name)))
                except http.SourceFailed as error:
                    fetched.failures.append(f"{name}: {error}; what was kept stays")
                    continue
                fetched.changed += sum(kept.get(entry["id"]) != entry for entry in found)
                kept |= {entry["id"]: entry for entry in found}
                kept_answers.keep_entries(path, session, list(kept.values()))
    fetched.issues = len(kept)
    return fetched


def _newest(kept: dict[str, dict[str, Any]], repository: str) -> str | None:
    """When the newest kept issue changed; that one is asked for again, because seconds may be shared."""
    return max((entry["updated_at"] for entry in kept.values() if entry["repository"] == repository), default=None)


def _issues(
    session: http.Session, source: GithubIssuesSource, product: str, name: str, since: str | None
) -> Iterator[dict[str, Any]]:
    url = f"{source.url.rstrip('/')}/repos/{name}/issues"
    params = {"state": "all", "labels": source.label, "per_page": "100", "sort": "updated", "direction": "desc"}
    for issue in _pages(session, url, params | ({"since": since} if since else {})):
        if "pull_request" in issue:  # the list holds pull requests, too
            continue
        comments = []
        if issue.get("comments"):
            for comment in _pages(session, f"{url}/{issue['number']}/comments", {"per_page": "100"}):
                said = {"at": comment.get("created_at"), "by": (comment.get("user") or {}).get("login")}
                comments.append(said | {"text": comment.get("body")})
        yield {
            "id": f"{name}#{issue['number']}", "repository": name, "product": product, "comments": comments,
        } | {key: issue.get(key) for key in _KEPT}  # fmt: skip


def _pages(session: http.Session, url: str, params: http.Params) -> Iterator[dict[str, Any]]:
    """Every object of a list over all its pages; the next page must be on the same host, which has our token."""
    while url:
        answer = http.ask(session, url, params, same_host_moves=MOVES)
        if not isinstance(answer.value, list) or not all(isinstance(one, dict) for one in answer.value):
            raise AnswerHasAnotherShape(f"{http.shown(url)}: expected a list of objects")
        yield from answer.value
        following = answer.next_url
        if following and not http.same_host(url, following):
            raise AnswerHasAnotherShape(f"{http.shown(url)}: the next page is on another host, {http.shown(following)}")
        url, params = following, {}
