"""A stand-in for Datadog's API on a loopback port: Datadog itself cannot be reached from a test.

It speaks the format of the answers that Datadog's own Python client keeps as recordings (SLO list, history of a metric
SLO, corrections), and of the reference for what is not recorded (states of time-based SLOs, errors, rate limit). As
recorded, the buckets of a history lie on a grid of their own length, which depends on the span, and the first one may
begin before `from_ts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from stand_in import Asked, Reply, StandIn, standing_in

API_KEY, APP_KEY = "dd-api-0123456789abcdef", "dd-app-fedcba9876543210"
FORBIDDEN: Reply = (403, {}, {"errors": ["Forbidden"]})
BUCKETS = {3600: 20, 86_400: 7200}  # length of a bucket by length of the span, seconds: 1 h and 24 h are recorded
ZERO = {"error_message": "The denominator is zero valued", "error_type": "ZERO_VALUED_DENOMINATOR"}


@dataclass
class Datadog(StandIn):
    """The account. `events` are (good, total) by second, `states` changes of state [second, state], both by SLO."""

    slos: list[dict] = field(default_factory=list)
    corrections: list[dict] = field(default_factory=list)
    events: dict[str, dict[int, tuple[float, float]]] = field(default_factory=dict)
    nulls: dict[str, set[int]] = field(default_factory=dict)  # starts of buckets whose values are null
    states: dict[str, list[list[int]]] = field(default_factory=dict)
    early: int = 0  # buckets that begin before from_ts
    most: int = 1000  # entries on a page, whatever is asked for


@contextmanager
def datadog(**fields: Any) -> Iterator[Datadog]:
    """A running stand-in."""
    here = Datadog(**fields)

    def reply(path: str, asked: Asked, headers: Any) -> Reply:
        if (headers.get("DD-API-KEY"), headers.get("DD-APPLICATION-KEY")) != (API_KEY, APP_KEY):
            return FORBIDDEN
        match path.removeprefix("/api/v1/slo").split("/")[1:]:
            case []:
                return _page(here, here.slos, asked, "metadata", 1000)
            case ["correction"]:
                return _page(here, here.corrections, asked, "meta", 25)
            case [key, "history"] if found := [slo for slo in here.slos if slo["id"] == key]:
                return 200, {}, {"data": _history(here, found[0], asked), "errors": None}
        return 404, {}, {"errors": ["Not found"]}

    with standing_in(here, reply):
        yield here


# ------------------------------------------------------------------------------------------------------- what is given


def slo(key: str, name: str, kind: str = "metric", targets: dict[str, float] | None = None, **fields: Any) -> dict:
    """A definition; `targets` are per cent by timeframe."""
    thresholds = [{"timeframe": frame, "target": target} for frame, target in (targets or {"30d": 99.0}).items()]
    given = {
        "id": key, "name": name, "tags": [], "monitor_tags": [], "thresholds": thresholds, "type": kind,
        "description": "", "creator": {"name": None, "handle": "frog@example.com", "email": "frog@example.com"},
        "created_at": 1704322488, "modified_at": 1704322488,
    }  # fmt: skip
    if kind == "metric":
        given["query"] = {"numerator": "sum:hits{code:2xx}.as_count()", "denominator": "sum:hits{*}.as_count()"}
    return given | fields


def correction(key: str, slo_id: str | None, start: int, end: int | None, **attributes: Any) -> dict:
    """A correction, with its creator wrapped as recorded."""
    person = {"uuid": "3ad549bf", "handle": "frog@example.com", "email": "frog@example.com", "name": None}
    given = {
        "slo_id": slo_id, "start": start, "end": end, "description": "Move of the database",
        "category": "Scheduled Maintenance", "timezone": "UTC", "created_at": start, "modified_at": start,
        "rrule": None, "duration": None, "modifier": None,
        "creator": {"data": {"type": "users", "id": "3ad549bf", "attributes": person}},
    }  # fmt: skip
    return {"type": "correction", "id": key, "attributes": given | attributes}


# ----------------------------------------------------------------------------------------------------------- answering


def _page(here: Datadog, entries: list[dict], asked: Asked, head: str, default: int) -> Reply:
    offset, limit = (int(asked.get(name, [str(other)])[0]) for name, other in (("offset", 0), ("limit", default)))
    page = {"page": {"total_count": len(entries), "total_filtered_count": len(entries)}}
    return 200, {}, {"data": entries[offset : offset + min(limit, here.most)], head: page}


def _history(here: Datadog, definition: dict, asked: Asked) -> dict:
    start, end = int(asked["from_ts"][0]), int(asked["to_ts"][0])
    head = {"from_ts": start, "to_ts": end, "type": definition["type"], "group_by": [], "slo": definition}
    if definition["type"] != "metric":
        before = [change for change in here.states[definition["id"]] if change[0] < end]
        return head | {"overall": {"history": before, "sli_value": 99.0, "errors": [], "corrections": []}}
    interval = BUCKETS.get(end - start, 300)
    times = list(range((start // interval - here.early) * interval, end, interval))
    events, nulls = here.events.get(definition["id"], {}), here.nulls.get(definition["id"], set())
    sums = {at: [0.0, 0.0] for at in times}
    for at, counts in events.items():
        if at // interval * interval in sums:
            for side, count in enumerate(counts):
                sums[at // interval * interval][side] += count
    sides = [[None if at in nulls else sums[at][side] for at in times] for side in (0, 1)]
    overall = {"sli_value": None, "errors": [], "state": "ok"} if any(map(any, sides)) else {"errors": [ZERO]}
    values = [{"values": side, "sum": sum(v or 0 for v in side), "count": len(side)} for side in sides]
    series = {"interval": interval, "times": [at * 1000.0 for at in times]}
    return head | {"series": series | dict(zip(("numerator", "denominator"), values, strict=True)), "overall": overall}
