"""A stand-in for Sentry's sessions API on a loopback port: Sentry itself cannot be reached from a test.

It speaks the format of https://docs.sentry.io/api/releases/retrieve-release-health-session-statistics/: intervals and
one group a status, zeros where nothing was kept, a Link header that names a next page even where it has no results,
and an error beyond 10,000 points. The sample of that page is 383 crashed of 1,717,501 sessions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from stand_in import Asked, Reply, StandIn, standing_in

TOKEN = "sntrys_0123456789abcdef"
HOUR = 3600


@dataclass
class Sentry(StandIn):
    """Sessions by (project, status) and hour (Unix seconds). `per_page` groups are on a page."""

    sessions: dict[tuple[int, str], dict[int, int]] = field(default_factory=dict)
    per_page: int = 100


@contextmanager
def sentry(**fields: Any) -> Iterator[Sentry]:
    """A running stand-in for the organization acme."""
    here = Sentry(**fields)

    def reply(path: str, asked: Asked, headers: Any) -> Reply:
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {}, {"detail": "Invalid token"}
        if path != "/api/0/organizations/acme/sessions/":
            return 404, {}, {"detail": "The requested resource does not exist"}
        projects = {int(number) for number in asked["project"]}
        if projects - {project for project, _ in here.sessions}:
            return 403, {}, {"detail": "You do not have permission to perform this action."}
        return _sessions(here, asked, projects)

    with standing_in(here, reply):
        yield here


def _sessions(here: Sentry, asked: Asked, projects: set[int]) -> Reply:
    start, end = (int(dt.datetime.fromisoformat(asked[name][0]).timestamp()) for name in ("start", "end"))
    hours = list(range(start // HOUR * HOUR, end, HOUR))
    statuses = sorted({status for project, status in here.sessions if project in projects})
    if len(hours) * len(statuses) > 10_000:
        return 400, {}, {"detail": "Your interval and date range would create too many results."}
    groups = []
    for status in statuses:
        counted = [counts for (project, of), counts in here.sessions.items() if of == status and project in projects]
        series = [sum(counts.get(hour, 0) for counts in counted) for hour in hours]
        by = {"by": {"session.status": status}, "totals": {"sum(session)": sum(series)}}
        groups.append(by | {"series": {"sum(session)": series}})
    first = int(asked.get("cursor", ["0"])[0])
    last = first + here.per_page
    kept = {name: values for name, values in asked.items() if name not in ("path", "cursor")}
    query = urlencode(kept, doseq=True)
    more = "true" if last < len(groups) else "false"
    link = f'<{here.url}{asked["path"][0]}?{query}&cursor={last}>; rel="next"; results="{more}"; cursor="0:{last}:0"'
    shown = [f"{dt.datetime.fromtimestamp(hour, dt.UTC):%Y-%m-%dT%H:%M:%SZ}" for hour in hours]
    value = {"start": asked["start"][0], "end": asked["end"][0], "intervals": shown, "groups": groups[first:last]}
    return 200, {"Link": link}, value
