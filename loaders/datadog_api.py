"""How Datadog's API (v1) is asked: pages by offset, one span of an SLO's history, and what its answers hold.

Source: https://docs.datadoghq.com/api/latest/service-level-objectives/ and the recorded answers of Datadog's own
Python client. Times of a series are milliseconds, all others seconds. Buckets of a series lie on a grid of their own
length since 1970; the first one may begin just before `from_ts`, on that grid or off it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from loaders import http
from maturity.sources import DatadogSource

SLOS_PER_PAGE = 1000
CORRECTIONS_PER_PAGE = 25  # the default, and all that the reference promises
NO_TRAFFIC = "ZERO_VALUED_DENOMINATOR"  # Datadog's own state is then no_data
UP, DOWN = 0, 1  # states of a time-based SLO; 2 is no data
OF_ONE_SLO = {400, 404, 409, 410, 422}  # what is wrong with one SLO; any other refusal holds for all

Counts = tuple[float, float]  # good, total


class BucketsAreTooLong(http.SourceFailed):
    """The history came in longer buckets than the source wants, or in some that do not fill them."""


@dataclass(frozen=True)
class Server:
    """Whom to ask."""

    session: http.Session
    url: str


@dataclass(frozen=True)
class Span:
    """A piece of time, Unix seconds, [start, end), in which buckets of `bucket_s` are wanted."""

    start: int
    end: int
    bucket_s: int


@dataclass
class History:
    """What one SLO's history says of a span. `good` and `total` are events, or seconds for a time-based SLO."""

    buckets: dict[int, Counts] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def open_session(source: DatadogSource, sleep: Callable[[float], None] = time.sleep) -> http.Session:
    """A session with both keys. Raises http.SourceFailed."""
    keys = {"DD-API-KEY": source.auth.api_key_env, "DD-APPLICATION-KEY": source.auth.application_key_env}
    return http.open_session(None, None, source.ca_file, source.timeout_s, secret_headers=keys, sleep=sleep)


def slos(server: Server) -> list[dict[str, Any]]:
    """Every SLO definition. Raises http.SourceFailed."""
    return _listed(server, "/api/v1/slo", SLOS_PER_PAGE)


def corrections(server: Server) -> list[dict[str, Any]]:
    """Every correction. Raises http.SourceFailed."""
    return _listed(server, "/api/v1/slo/correction", CORRECTIONS_PER_PAGE)


def history(server: Server, slo: str, kind: str, span: Span) -> History:
    """The buckets of an SLO within a span, without corrections. Raises http.SourceFailed."""
    # Corrections are kept as rows of their own, so that every figure is there with and without them.
    params = {"from_ts": str(span.start), "to_ts": str(span.end), "apply_correction": "false"}
    answer = http.get_json(server.session, f"{server.url}/api/v1/slo/{slo}/history", params)
    data = answer.get("data")
    if not isinstance(data, dict) or answer.get("errors"):
        told = http.without_secrets(server.session, str(answer.get("errors") or "no data"))
        raise http.AnswerHasAnotherShape(f"found {told}, expected a history")
    with http.read_as_documented("history"):
        errors = _errors(data)
        if NO_TRAFFIC in errors:
            return History()
        buckets = _of_series(data, span) if kind == "metric" else _of_states(data, span)
        if not all(math.isfinite(count) for counts in buckets.values() for count in counts):
            raise ValueError("no number of events")
    return History(buckets, [http.without_secrets(server.session, told) for told in errors.values()])


def _listed(server: Server, path: str, limit: int) -> list[dict[str, Any]]:
    found: dict[str, dict] = {}
    while True:
        params = {"limit": str(limit), "offset": str(len(found))}
        answer = http.get_json(server.session, f"{server.url}{path}", params)
        entries = answer.get("data")
        if not isinstance(entries, list) or not all(isinstance(e, dict) and e.get("id") for e in entries):
            raise http.AnswerHasAnotherShape(f"{path}: found no list of objects with an id in data")
        before = len(found)
        found |= {str(entry["id"]): entry for entry in entries}
        with http.read_as_documented(path):
            total = _total(answer)
        if total is not None and len(found) >= total:
            return list(found.values())
        if len(found) == before:
            if total is not None:
                raise http.AnswerHasAnotherShape(f"{path}: found {len(found)} of {total} entries")
            return list(found.values())


def _total(answer: dict) -> int | None:
    page = (answer.get("metadata") or answer.get("meta") or {}).get("page") or {}
    count = page.get("total_filtered_count", page.get("total_count"))
    return count if isinstance(count, int) else None


def _errors(data: dict) -> dict[str, str]:
    """Errors of the whole SLO by their type."""
    told = (data.get("overall") or {}).get("errors") or []
    return {str(one.get("error_type")): f"{one.get('error_type')}: {one.get('error_message')}" for one in told}


# ----------------------------------------------------------------------------------------------------------- events


def _of_series(data: dict, span: Span) -> dict[int, Counts]:
    """Sums of Datadog's buckets that begin in the span, by the start of our longer ones.

    A bucket without one of its two values is a gap and not a zero. One that begins before the span belongs to the
    span before, which has it in full: counted twice, its events would be there twice.
    """
    times, good, total = _series(data)
    interval = data["series"].get("interval")
    if not isinstance(interval, int) or interval < 1 or span.bucket_s % interval:
        raise BucketsAreTooLong(
            f"found buckets of {interval} s, expected a length that divides {span.bucket_s} s (bucket_minutes); "
            "shorter span_hours give shorter buckets"
        )
    if times and not any(span.start <= ms // 1000 < span.end for ms in times):
        found = "found no time within the span that was asked for"
        raise http.AnswerHasAnotherShape(f"{found}, expected milliseconds since 1970")
    buckets: dict[int, Counts] = {}
    for ms, one, all_of_them in zip(times, good, total, strict=True):
        at = int(ms // 1000)
        if not span.start <= at < span.end or one is None or all_of_them is None:
            continue
        start = at // span.bucket_s * span.bucket_s
        before = buckets.get(start, (0, 0))
        buckets[start] = before[0] + one, before[1] + all_of_them
    return buckets


def _series(data: dict) -> tuple[list, list, list]:
    series = data.get("series")
    if not isinstance(series, dict):
        raise http.AnswerHasAnotherShape("found no series, expected times, numerator and denominator")
    lists = [series.get("times"), *((series.get(name) or {}).get("values") for name in ("numerator", "denominator"))]
    lengths = [len(one) if isinstance(one, list) else None for one in lists]
    if None in lengths or len(set(lengths)) > 1:
        found = ", ".join("none" if length is None else str(length) for length in lengths)
        raise http.AnswerHasAnotherShape(f"found {found} times, numerators and denominators, expected as many of each")
    return tuple(lists)


# ------------------------------------------------------------------------------------------------------------- time


def _of_states(data: dict, span: Span) -> dict[int, Counts]:
    """(seconds up, seconds known) of each bucket. A state holds until the next; before the first nothing is known."""
    changes = (data.get("overall") or {}).get("history")
    if not isinstance(changes, list) or not all(isinstance(c, list) and len(c) == 2 for c in changes):
        raise http.AnswerHasAnotherShape("found no history in overall, expected changes of state [time, 0, 1 or 2]")
    changes = sorted((int(at), int(state)) for at, state in changes)
    ends = [*(at for at, _ in changes[1:]), span.end]
    buckets: dict[int, Counts] = {}
    for (since, state), until in zip(changes, ends, strict=False):  # without any change there is one end too many
        if state not in (UP, DOWN):
            continue
        at, until = max(since, span.start), min(until, span.end)
        while at < until:
            start = at // span.bucket_s * span.bucket_s
            end = min(until, start + span.bucket_s)
            up, known = buckets.get(start, (0, 0))
            buckets[start] = up + (end - at) * (state == UP), known + end - at
            at = end
    return buckets
