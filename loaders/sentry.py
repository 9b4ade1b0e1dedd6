"""Sentry: counts of sessions by status, as hourly buckets of the SLOs in slos/ that a source names.

On disk, below `raw/<source>/<slo>/`, one CSV file a UTC day, see day_files. Newest days first. A fetch may be stopped
at any moment; the next one asks for the days that are not finished.

Source: https://docs.sentry.io/api/releases/retrieve-release-health-session-statistics/
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders import day_files, http
from maturity.sources import SentrySource

BUCKET_S = 3600  # the shortest interval that Sentry offers
STATUSES = {"healthy", "errored", "crashed", "abnormal"}
MOST_POINTS = 10_000  # of one answer: intervals times groups
MOST_DAYS = MOST_POINTS // (24 * (len(STATUSES) + 1))  # one group to spare
MOST_PAGES = 100
GRACE_S = day_files.DAY_S  # devices report sessions when they are next online
LIMIT_WAIT_S = 10  # after a 429 that names no time
OF_ONE_SLO = {400, 403, 404, 422}  # a project that is not there or not ours; any other refusal holds for all

FETCH_FAILED = (http.SourceFailed,)


@dataclass
class Fetched:
    """What a fetch did. `buckets` are rows written; `days_written` includes partial days; counted over all SLOs."""

    slos: int = 0
    buckets: int = 0
    days_written: int = 0
    days_already_there: int = 0
    warnings: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass
class Sessions:
    """Sessions by hour (Unix seconds): good ones and all. `unknown` are statuses that were counted as bad."""

    good: dict[int, float] = field(default_factory=dict)
    total: dict[int, float] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)


def say_nothing(_: str) -> None:
    """Default of `say`: progress is for people who watch."""


def fetch(
    source: SentrySource,
    raw: Path,
    *,
    now: dt.datetime,
    say: Callable[[str], None] = say_nothing,
    sleep: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Bring `raw` up to date with the sessions of every SLO in `source.projects`.

    Rows are hours of UTC from `source.since` to the last one that ended before `now` (naive means UTC). An hour without
    any session gets no row: Sentry answers 0 for it, and for what it does not keep any more.
    Raises one of FETCH_FAILED where nothing can be asked; what goes wrong later is told in the result.
    """
    now = now.astimezone(dt.UTC) if now.tzinfo else now.replace(tzinfo=dt.UTC)
    fetched = Fetched(slos=len(source.projects))
    with http.open_session(
        source.auth, None, source.ca_file, source.timeout_s, limit_wait_s=LIMIT_WAIT_S, sleep=sleep
    ) as session:
        for slo in source.projects:
            try:
                _fetch_slo(session, source, slo, raw / source.id / slo, int(now.timestamp()), fetched)
            except http.SourceFailed as error:
                fetched.failures.append(f"slo {slo}: {error}")
                if not _of_one_slo(error):
                    fetched.failures.append("stopped; what was written stays, the next fetch goes on")
                    break
            say(f"{slo}: {fetched.buckets} buckets so far")
    return fetched


def _of_one_slo(error: http.SourceFailed) -> bool:
    return isinstance(error, http.AnswerHasAnotherShape) or getattr(error, "status", None) in OF_ONE_SLO


def _fetch_slo(session: http.Session, source: SentrySource, slo: str, folder: Path, now: int, fetched: Fetched) -> None:
    finished = day_files.finished_days(folder)
    fetched.days_already_there += len(finished)
    end = now // BUCKET_S * BUCKET_S  # the hour that is still running is not asked for
    wanted = [day for day in day_files.days(source.since, end) if day not in finished]
    empty: list[tuple[dt.date, bool]] = []
    unknown: set[str] = set()
    while wanted:
        run = _newest_run(wanted)
        del wanted[: len(run)]
        start = day_files.midnight(run[-1])
        sessions = ask(session, source, slo, start, min(day_files.midnight(run[0]) + day_files.DAY_S, end))
        unknown |= sessions.unknown
        for day in run:
            sure = day_files.midnight(day) + day_files.DAY_S + GRACE_S <= now
            rows = _rows(sessions, day)
            if rows:
                _write(folder, slo, day, rows, sure, fetched)
            else:
                empty.append((day, sure))
    # A project that never had a session gets no file, so that a corrected number is asked for from the first day.
    had_sessions = any(folder.glob("*.csv"))
    for day, sure in empty if had_sessions else []:
        _write(folder, slo, day, {}, sure, fetched)
    if not had_sessions:
        fetched.warnings.append(f"slo {slo}: no session since {source.since}; are {source.projects[slo]} its projects?")
    if unknown:
        fetched.warnings.append(f"slo {slo}: status {', '.join(sorted(unknown))} is unknown here; counted as bad")


def _write(folder: Path, slo: str, day: dt.date, rows: dict[str, str], finished: bool, fetched: Fetched) -> None:
    day_files.write(folder, slo, day, rows, finished)
    fetched.days_written += 1
    fetched.buckets += len(rows)


def _newest_run(days: list[dt.date]) -> list[dt.date]:
    """The first days of the list, which is newest first, that follow one another; at most MOST_DAYS."""
    run = days[:1]
    for day in days[1:MOST_DAYS]:
        if day + dt.timedelta(days=1) != run[-1]:
            break
        run.append(day)
    return run


def _rows(sessions: Sessions, day: dt.date) -> dict[str, str]:
    first = day_files.midnight(day)
    return {
        day_files.iso(at): f"{day_files.number(sessions.good.get(at, 0))},{day_files.number(total)}"
        for at in range(first, first + day_files.DAY_S, BUCKET_S)
        if (total := sessions.total.get(at))
    }


# ------------------------------------------------------------------------------------------------------------ asking


def ask(session: http.Session, source: SentrySource, slo: str, start: int, end: int) -> Sessions:
    """Sessions of an SLO's projects in the hours of [start, end), over all pages. Raises http.SourceFailed."""
    url: str | None = f"{source.url.rstrip('/')}/api/0/organizations/{source.org}/sessions/"
    params: http.Params = {
        "project": [str(number) for number in source.projects[slo]],
        "environment": source.environments,
        "field": "sum(session)",  # a rate cannot be grouped by status, nor added up
        "groupBy": "session.status",
        "interval": "1h",
        "start": day_files.iso(start),
        "end": day_files.iso(end),
    }
    sessions, good = Sessions(), {"healthy", "errored"} if source.errored_is_good else {"healthy"}
    for _ in range(MOST_PAGES):
        answer = http.ask(session, url, params)
        hours, groups = _shape(answer.value)
        if hours and not any(start <= at < end for at in hours):
            told = "found no hour of those that were asked for, expected them in intervals"
            raise http.AnswerHasAnotherShape(told)
        with http.read_as_documented("sessions"):
            for status, counts in groups:
                _add(
                    sessions, status, good, [(at, n) for at, n in zip(hours, counts, strict=True) if start <= at < end]
                )
        if answer.next_url is None:
            return sessions
        if not http.same_host(source.url, answer.next_url):
            raise http.AnswerHasAnotherShape(
                f"the next page is said to be at {http.shown(answer.next_url)}; not followed: it must not get the token"
            )
        url, params = answer.next_url, {}
    raise http.AnswerHasAnotherShape(f"more than {MOST_PAGES} pages")


def _add(sessions: Sessions, status: str, good: set[str], counts: list[tuple[int, float | None]]) -> None:
    if status not in STATUSES:
        sessions.unknown.add(status)
    for at, count in counts:
        if not math.isfinite(count or 0):
            raise ValueError("no number of sessions")
        sessions.total[at] = sessions.total.get(at, 0) + (count or 0)
        if status in good:
            sessions.good[at] = sessions.good.get(at, 0) + (count or 0)


def _shape(value: Any) -> tuple[list[int], list[tuple[str, list]]]:
    """Hours as Unix seconds, and (status, counts) of each group. Raises AnswerHasAnotherShape."""
    hours, groups = (value.get("intervals"), value.get("groups")) if isinstance(value, dict) else (None, None)
    if not isinstance(hours, list) or not isinstance(groups, list):
        raise http.AnswerHasAnotherShape("found no intervals or no groups, expected lists of both")
    try:
        starts = [int(dt.datetime.fromisoformat(hour).timestamp()) for hour in hours]
        found = [(str(group["by"]["session.status"]), group["series"]["sum(session)"]) for group in groups]
        lengths = {len(counts) for _, counts in found}
    except (KeyError, TypeError, ValueError):
        raise http.AnswerHasAnotherShape(
            "found a group without session.status or sum(session), or an odd time"
        ) from None
    if lengths - {len(starts)}:
        raise http.AnswerHasAnotherShape(
            f"found {min(lengths)} counts for {len(starts)} hours, expected as many of each"
        )
    return starts, found
