"""Jira Cloud issues that are risk records, kept as they came: `raw/<source>/answers/issues.json`, one issue a line.

The whole search is asked for each time, because what left it is told nowhere else; that stays, with the day since when.
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
from loaders.github_issues import FETCH_FAILED, FILE, Fetched, compared, kept_issues
from maturity.sources import JiraSource

__all__ = ["FETCH_FAILED", "fetch"]
_FIELDS = (
    "summary", "status", "labels", "assignee", "duedate", "created", "updated", "resolution", "resolutiondate",
    "statuscategorychangedate", "description", "comment", "project",
)  # fmt: skip


def fetch(source: JiraSource, raw: Path, *, now: dt.datetime, sleep: Callable[[float], None] = time.sleep) -> Fetched:
    """Bring the kept issues of the search up to date, page by page.

    Raises one of FETCH_FAILED; pages that were kept stay.
    """
    path, fetched = raw / source.id / "answers" / FILE, Fetched()
    before, found = kept_issues(path), {}
    # By the day of creation no issue changes its page while the pages are read.
    asked: dict[str, Any] = {
        "jql": f"({source.jql}) ORDER BY created ASC", "fields": [*_FIELDS, *source.fields], "maxResults": 100,
    }  # fmt: skip
    seen: set[str] = set()
    api = source.url.rstrip("/") + "/rest/api/3"
    url = f"{api}/search/jql"
    with http.open_session(source.auth, None, source.ca_file, source.timeout_s, sleep=sleep) as session:
        while True:
            answer = http.ask(session, url, {}, body=asked).value
            with http.read_as_documented("issues"):
                for entry in _entries(answer, url):
                    _complete(session, api, entry)
                    found[entry["id"]] = entry
            kept_answers.keep_entries(path, session, list((before | found).values()))
            token = answer.get("nextPageToken")
            if answer.get("isLast", True) or not token:
                break
            if not isinstance(token, str) or token in seen:
                raise http.AnswerHasAnotherShape(f"{http.shown(url)}: the next page is one that was read already")
            seen.add(token)
            asked |= {"nextPageToken": token}
        kept = compared(before, found, now, fetched)
        kept_answers.keep_entries(path, session, list(kept.values()))
    fetched.issues = len(kept)
    return fetched


def _complete(session: http.Session, api: str, entry: dict[str, Any]) -> None:
    """Put all comments into an issue: a search returns the newest 20 and says how many there are."""
    given = entry["fields"].get("comment") or {}
    total, said, url = given.get("total") or 0, given.get("comments") or [], f"{api}/issue/{entry['key']}/comment"
    if total <= len(said):
        return
    said = []
    while len(said) < total:
        answer = http.get_json(session, url, {"startAt": str(len(said)), "maxResults": "100"})
        more = answer.get("comments")
        if not isinstance(more, list) or not more:
            raise http.AnswerHasAnotherShape(f"{http.shown(url)}: found {len(said)} of {total} comments")
        said += more
    entry["fields"]["comment"] = given | {"comments": said}


def _entries(answer: Any, url: str) -> list[dict[str, Any]]:
    issues = answer.get("issues") if isinstance(answer, dict) else None
    if not isinstance(issues, list) or not all(
        isinstance(one, dict) and isinstance(one.get("key"), str) for one in issues
    ):
        raise http.AnswerHasAnotherShape(f"{http.shown(url)}: expected issues with a key")
    return [{"id": one["key"], "key": one["key"], "fields": one.get("fields") or {}} for one in issues]
