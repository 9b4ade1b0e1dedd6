"""Jira Cloud issues that are risk records, kept as they came: `raw/<source>/answers/issues.json`, one issue a line.

Fields: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/ (search/jql: pages by
nextPageToken until isLast, without a total).
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from loaders import http, kept_answers
from loaders.github_issues import FETCH_FAILED, FILE, Fetched, kept_issues
from maturity.sources import JiraSource

__all__ = ["FETCH_FAILED", "fetch"]
_FIELDS = (
    "summary", "status", "labels", "assignee", "duedate", "created", "updated", "resolution", "resolutiondate",
    "statuscategorychangedate", "description", "comment", "project",
)  # fmt: skip


def fetch(source: JiraSource, raw: Path, *, sleep: Callable[[float], None] = time.sleep) -> Fetched:
    """Bring the kept issues of the search up to date, page by page.

    Asked for is what changed since the day before the newest kept issue: days are in the time zone of the user.
    Raises one of FETCH_FAILED; pages that were kept stay.
    """
    path, fetched = raw / source.id / "answers" / FILE, Fetched()
    kept = kept_issues(path)
    newest = max((entry["fields"].get("updated") or "" for entry in kept.values()), default="")
    jql = f"({source.jql}) ORDER BY updated ASC"
    if newest:
        day = dt.date.fromisoformat(newest[:10]) - dt.timedelta(days=1)
        jql = f'({source.jql}) AND updated >= "{day}" ORDER BY updated ASC'
    asked: dict[str, Any] = {"jql": jql, "fields": [*_FIELDS, *source.fields], "maxResults": 100}
    seen: set[str] = set()
    url = source.url.rstrip("/") + "/rest/api/3/search/jql"
    with http.open_session(source.auth, None, source.ca_file, source.timeout_s, sleep=sleep) as session:
        while True:
            answer = http.ask(session, url, {}, body=asked).value
            found = _entries(answer, url)
            fetched.changed += sum(kept.get(entry["id"]) != entry for entry in found)
            kept |= {entry["id"]: entry for entry in found}
            kept_answers.keep_entries(path, session, list(kept.values()))
            token = answer.get("nextPageToken")
            if answer.get("isLast", True) or not token:
                break
            if token in seen:
                raise http.AnswerHasAnotherShape(f"{http.shown(url)}: the next page is one that was read already")
            seen.add(token)
            asked |= {"nextPageToken": token}
    fetched.issues = len(kept)
    return fetched


def _entries(answer: Any, url: str) -> list[dict[str, Any]]:
    issues = answer.get("issues") if isinstance(answer, dict) else None
    if not isinstance(issues, list) or not all(isinstance(one, dict) and "key" in one for one in issues):
        raise http.AnswerHasAnotherShape(f"{http.shown(url)}: expected issues with a key")
    return [{"id": one["key"], "key": one["key"], "fields": one.get("fields") or {}} for one in issues]
