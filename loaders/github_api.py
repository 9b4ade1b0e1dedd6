"""How GitHub's REST API is asked: pages, conditional requests, and every answer kept as it came.

On disk, below `raw/<source>/answers/<owner>/<name>/`, one file a question and page: its URL, its ETag, the page that
follows, and the answer. Asked again with the ETag, an answer that is as before costs nothing of the rate limit (304).
A file is replaced whole or not at all; a damaged one is asked for anew. What a fetch no longer asks is deleted.

Source: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from loaders import http
from maturity import whole_files
from maturity.sources import GithubIssuesSource, GithubSource

PER_PAGE = 100  # the most that GitHub gives
MOST_PAGES = 10  # 1,000 entries; of workflow runs GitHub gives no more
MOVES = 3  # a renamed repository answers 301; within the same host that is followed
LIMIT_WAIT_S = 60  # what GitHub asks for where a rate limit names no time


class LinkLeadsElsewhere(http.SourceFailed):
    """The next page is said to be on another host, which must not get our token."""


@dataclass
class Server:
    """Whom to ask, where answers are kept, and how often was asked; `unchanged` are the answers as before."""

    session: http.Session
    url: str
    answers: Path
    asked: int = 0
    unchanged: int = 0


@dataclass
class Repository:
    """One repository. `name` is owner/name as GitHub spells it now; `kept` are the files this fetch used."""

    server: Server
    name: str
    folder: Path
    kept: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def open_session(source: GithubSource | GithubIssuesSource, sleep: Callable[[float], None]) -> http.Session:
    """A session as GitHub wants it. Raises http.SourceFailed."""
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": source.api_version}
    return http.open_session(
        source.auth, None, source.ca_file, source.timeout_s, headers=headers, limit_wait_s=LIMIT_WAIT_S, sleep=sleep
    )


def repository(server: Server, name: str) -> Repository:
    """A repository by its owner/name, to be asked."""
    return Repository(server, name, server.answers / name.lower())


def stops_everything(error: http.SourceFailed) -> bool:
    """Whether asking on is of no use: no connection, no valid token, or no questions left."""
    if isinstance(error, http.SourceRefused):
        return error.status == 401 or is_rate_limit(error)
    kinds = http.SourceDidNotAnswer | http.CertificateIsNotTrusted | http.SourceRedirects | http.UrlHoldsASecret
    return isinstance(error, kinds)


def is_rate_limit(error: http.SourceRefused) -> bool:
    """Whether GitHub refused because of a primary or secondary rate limit."""
    return error.status == 429 or (
        error.status == 403 and (error.again_at is not None or "rate limit" in error.said.lower())
    )


# ------------------------------------------------------------------------------------------------------- asking


def one(repository: Repository, question: str, path: str, params: dict[str, str] | None = None) -> Any:
    """The answer to a question that has one page. `path` is below the repository; `question` names the kept file."""
    url = f"{repository.server.url}/repos/{repository.name}{path}"
    return _asked(repository, question, url, params or {})[0]


def an_object(repository: Repository, question: str, path: str, params: dict[str, str] | None = None) -> dict:
    """The same, where GitHub documents an object."""
    value = one(repository, question, path, params)
    if not isinstance(value, dict):
        raise http.AnswerHasAnotherShape(f"{repository.name}: {question}: found {_kind(value)}, expected an object")
    return value


def listed(
    repository: Repository,
    question: str,
    path: str,
    params: dict[str, str],
    recent: Callable[[dict], bool],
    key: str | None = None,
) -> list[dict]:
    """Recent entries of a list, newest first, over its pages, up to a page without any.

    `key` names the list where it stands in an object. More than 1,000 entries are cut off, with a note.
    """
    found: list[dict] = []
    url: str | None = f"{repository.server.url}/repos/{repository.name}{path}"
    params = {**params, "per_page": str(PER_PAGE)}
    for page in range(1, MOST_PAGES + 1):
        value, following = _asked(repository, f"{question}-{page}", url, params)
        entries = _entries(repository, question, value, key)
        new = [entry for entry in entries if recent(entry)]
        found += new
        if not new or following is None:
            return found
        _here(f"{repository.name}: {question}", repository.server.url, following)
        url, params = following, {}
    repository.notes.append(
        f"{repository.name}: {question}: more than {MOST_PAGES * PER_PAGE}; only the newest are looked at"
    )
    return found


def pages(session: http.Session, url: str, params: http.Params) -> Iterator[dict[str, Any]]:
    """Every object of a list over all its pages, for callers that keep them in another way."""
    seen: set[str] = set()
    following: str | None = url
    params = {**params, "per_page": str(PER_PAGE)}
    while following:
        seen.add(following)
        answer = http.ask(session, following, params, same_host_moves=MOVES)
        if not isinstance(answer.value, list) or not all(isinstance(entry, dict) for entry in answer.value):
            raise http.AnswerHasAnotherShape(
                f"{http.shown(url)}: found {_kind(answer.value)}, expected a list of objects"
            )
        yield from answer.value
        following, params = answer.next_url, {}
        if following:
            _here(http.shown(url), url, following)
        if following in seen:
            raise http.AnswerHasAnotherShape(f"{http.shown(url)}: the next page is one that was read already")


def _here(what: str, url: str, following: str) -> None:
    if not http.same_host(url, following):
        raise LinkLeadsElsewhere(f"{what}: the next page is said to be at {http.shown(following)}; not followed")


def moment(repository: Repository, entry: dict, name: str) -> dt.datetime:
    """A time of an entry (UTC). Raises AnswerHasAnotherShape."""
    try:
        at = dt.datetime.fromisoformat(entry[name])
    except (KeyError, TypeError, ValueError):
        found = _kind(entry.get(name))
        raise http.AnswerHasAnotherShape(f"{repository.name}: {name}: found {found}, expected a time") from None
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def part(repository: Repository, entry: dict, name: str) -> dict:
    """An object within an entry; an empty one where there is none. Raises AnswerHasAnotherShape."""
    value = entry.get(name)
    if value is not None and not isinstance(value, dict):
        raise http.AnswerHasAnotherShape(f"{repository.name}: {name}: found {_kind(value)}, expected an object")
    return value or {}


def _entries(repository: Repository, question: str, value: Any, key: str | None) -> list[dict]:
    entries = value.get(key) if key and isinstance(value, dict) else None if key else value
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        where = f"a list of objects{f' in {key}' if key else ''}"
        raise http.AnswerHasAnotherShape(f"{repository.name}: {question}: found {_kind(value)}, expected {where}")
    return entries


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", int: "a number", type(None): "nothing"}
    return kinds.get(type(value), "something else")


def _asked(repository: Repository, question: str, url: str, params: dict[str, str]) -> tuple[Any, str | None]:
    """(answer, URL of the next page), from the server or, where it says so, as it was kept."""
    server, path = repository.server, repository.folder / f"{question}.json"
    whole = f"{url}?{urlencode(params)}" if params else url
    kept = _kept(path, whole)
    server.asked += 1
    answer = http.ask(server.session, url, params, etag=kept.get("etag"), same_host_moves=MOVES)
    repository.kept.add(path.name)
    if answer.status == 304:
        server.unchanged += 1
        return kept["value"], kept["next"]
    following = answer.next_url
    _keep(path, server.session, {
        "url": whole, "etag": answer.headers.get("ETag"), "next": following, "value": answer.value,
    })  # fmt: skip
    return answer.value, following


# -------------------------------------------------------------------------------------------------- kept answers


def _kept(path: Path, url: str) -> dict[str, Any]:
    """What was kept for this very URL, or nothing."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    whole = isinstance(kept, dict) and {"url", "etag", "next", "value"} <= kept.keys()
    return kept if whole and kept["url"] == url and isinstance(kept["etag"], str) else {}


def _keep(path: Path, session: http.Session, answer: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole_files.put(path, http.hide_secrets(session, json.dumps(answer, ensure_ascii=False, indent=1)))


def forget_unused(repository: Repository) -> None:
    """Delete kept answers that this fetch did not ask for: pages and deployments of the past."""
    for path in repository.folder.glob("*.json"):
        if path.name not in repository.kept:
            path.unlink()
