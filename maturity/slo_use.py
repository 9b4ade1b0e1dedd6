"""Is this SLO used? A ladder of five rungs, each with its evidence; an SLO stands on the last one below which all hold.

defined -> measured -> owned -> reviewed -> decided. Source: reference slo.md 7.1 and 7.2; docs/slos-in-use.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from maturity.records.problems import Loaded
from maturity.records.reviews import Decision
from maturity.records.slos import Slo

RUNGS = ("defined", "measured", "owned", "reviewed", "decided")


@dataclass(frozen=True)
class Episode:
    """A stretch of days on which the budget was spent, or lay unspent; `last` is the newest of them."""

    kind: Literal["spent", "unspent"]
    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Rung:
    """One rung: is it true, does it count (all below hold too), since when, what is missing, and where it stands."""

    rung: str
    met: bool
    reached: bool
    on: dt.date | None
    missing: tuple[str, ...]
    value: float | None
    src_file: str
    src_line: int


def ladder(
    slo: Loaded[Slo],
    coverage: float | None,
    measured_since: dt.date | None,
    episode: Episode | None,
    decisions: Sequence[Loaded[Decision]],
    as_of: dt.date,
    min_coverage: float,
    cycle_days: int,
) -> list[Rung]:
    """The rungs of one SLO. `coverage` is that of its window on `as_of`, None without traffic.

    `episode` is the newest one of the last cycle. A decision answers it when it was made after it began and still
    holds; where there is none to answer, the last rung is met, and says so.
    """
    found: list[Rung] = []
    for step in (
        _defined(slo),
        _measured(slo, coverage, measured_since, min_coverage),
        _owned(slo),
        _reviewed(slo, as_of, cycle_days),
        _decided(slo, episode, decisions, as_of),
    ):
        rung, met, on, missing, value, (file, line) = step
        reached = met and all(below.met for below in found)
        found.append(Rung(rung, met, reached, on, tuple(missing), value, file, line))
    return found


def _defined(slo: Loaded[Slo]) -> tuple:
    return "defined", True, None, [], None, slo.place_of()


def _measured(slo: Loaded[Slo], coverage: float | None, since: dt.date | None, least: float) -> tuple:
    missing = ["no_data"] if coverage is None else ["low_coverage"] if coverage < least else []
    return "measured", not missing, since, missing, coverage, slo.place_of()


def _owned(slo: Loaded[Slo]) -> tuple:
    missing = [name for name in ("owner", "basis", "policy") if getattr(slo.record, name) is None]
    return "owned", not missing, None, missing, None, slo.place_of()


def _reviewed(slo: Loaded[Slo], as_of: dt.date, cycle_days: int) -> tuple:
    last = max((day for day in slo.record.reviewed_on if day <= as_of), default=None)
    if last is None:
        return "reviewed", False, None, ["never_reviewed"], None, slo.place_of("reviewed_on")
    age = (as_of - last).days
    missing = ["review_overdue"] if age > cycle_days else []
    return "reviewed", not missing, last, missing, float(age), slo.place_of("reviewed_on")


def _decided(slo: Loaded[Slo], episode: Episode | None, decisions: Sequence[Loaded[Decision]], as_of: dt.date) -> tuple:
    if episode is None:
        return "decided", True, None, [], None, slo.place_of()
    answers = [
        loaded
        for loaded in decisions
        if loaded.record.decided_on >= episode.first and (loaded.record.until is None or loaded.record.until >= as_of)
    ]
    if not answers:
        return "decided", False, episode.first, [f"no_decision_{episode.kind}"], None, slo.place_of()
    answer = max(answers, key=lambda loaded: loaded.record.decided_on)
    return "decided", True, answer.record.decided_on, [], None, (answer.file, answer.line)
