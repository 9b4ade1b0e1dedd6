"""Calendars of error budgets: which days a window holds, how long they are, and what the target allows in them.

A window belongs to a day: the rolling window of `count` days that ends with it, or the calendar period that holds it.
Days are local days of the SLO's time zone, so a day has 23 or 25 hours when clocks change.
"""

from __future__ import annotations

import calendar
import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from maturity.records.slos import Slo, SloTarget

DAY = dt.timedelta(days=1)
_MONTHS = {"M": 1, "Q": 3, "Y": 12}
_DAYS = {"d": 1, "w": 7}
LONGEST_DAYS = 3660  # of a window, ten years: what is longer is a slip of the keyboard


@lru_cache(maxsize=100_000)
def day_minutes(day: dt.date, zone: str) -> float:
    """Length of a local day in minutes: 1440, or 1380 / 1500 when clocks change by an hour."""
    tz = ZoneInfo(zone)
    start = dt.datetime.combine(day, dt.time(), tz).astimezone(dt.UTC)
    end = dt.datetime.combine(day + DAY, dt.time(), tz).astimezone(dt.UTC)
    return (end - start).total_seconds() / 60


def day_at(midnight: dt.date, zone: str) -> dt.date:
    """The day that a zone has when a UTC day begins: the same, or the one before."""
    return dt.datetime.combine(midnight, dt.time(), dt.UTC).astimezone(ZoneInfo(zone)).date()


def add_months(anchor: dt.date, months: int) -> dt.date:
    """The same day `months` later; the 31st is clamped to the end of a shorter month, from the anchor each time."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return dt.date(year, month + 1, min(anchor.day, calendar.monthrange(year, month + 1)[1]))


def period(slo: Slo, day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the window that belongs to a day."""
    if slo.window_kind == "rolling":
        return day - DAY * (slo.window_count * _DAYS[slo.window_unit] - 1), day
    return _calendar_period(slo.anchor, slo.window_count, slo.window_unit, day)


def _calendar_period(anchor: dt.date, count: int, unit: str, day: dt.date) -> tuple[dt.date, dt.date]:
    if unit in _DAYS:
        length = count * _DAYS[unit]
        start = anchor + DAY * ((day - anchor).days // length * length)
        return start, start + DAY * (length - 1)
    step = count * _MONTHS[unit]
    n = ((day.year - anchor.year) * 12 + day.month - anchor.month) // step
    if add_months(anchor, n * step) > day:
        n -= 1
    return add_months(anchor, n * step), add_months(anchor, (n + 1) * step) - DAY


@dataclass(frozen=True)
class Targets:
    """Targets of one SLO by day."""

    since: tuple[dt.date, ...]
    values: tuple[Decimal, ...]

    @classmethod
    def of(cls, versions: list[SloTarget]) -> Targets:
        """From the versions of one SLO, in any order."""
        ordered = sorted(versions, key=lambda v: v.valid_from or dt.date.min)
        return cls(tuple(v.valid_from or dt.date.min for v in ordered), tuple(v.target for v in ordered))

    def on(self, day: dt.date) -> Decimal:
        """The target in force on a day."""
        return self.values[max(0, bisect_right(self.since, day) - 1)]


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + DAY * i for i in range((last - first).days + 1))


def plan_days(slo: Slo, targets: Targets, first: dt.date, last: dt.date, until: dt.datetime) -> Iterator[dict]:
    """One row a day: its target, its length, and how much of it lies before `until` (UTC), in minutes."""
    tz = ZoneInfo(slo.time_zone)
    for day in _days(first, last):
        start = dt.datetime.combine(day, dt.time(), tz).astimezone(dt.UTC).replace(tzinfo=None)
        length = day_minutes(day, slo.time_zone)
        passed = min(length, max(0.0, (until - start).total_seconds() / 60))
        yield {
            "day": day, "target": targets.on(day), "starts_at": start, "minutes": length, "passed_minutes": passed,
        }  # fmt: skip


def plan_windows(slo: Slo, targets: Targets, first: dt.date, last: dt.date) -> Iterator[dict]:
    """One row a day: the window that belongs to it, its length and the bad minutes that its targets allow: the sum
    over its days of (1 - target) x length.

    15 days at 0.999 and 15 days at 0.995 give 21.6 + 108 = 129.6.
    """
    spans = [(day, *period(slo, day)) for day in _days(first, last)]
    if not spans:
        return
    begin = spans[0][1]
    # What lies before each day: windows overlap, so each is a difference of two.
    lengths, allowed = [0.0], [Decimal(0)]
    for day in _days(begin, spans[-1][2]):
        minutes = day_minutes(day, slo.time_zone)
        lengths.append(lengths[-1] + minutes)
        allowed.append(allowed[-1] + (1 - targets.on(day)) * Decimal(minutes))
    for day, start, end in spans:
        before, after = (start - begin).days, (end - begin).days + 1
        yield {
            "day": day, "window_start": start, "window_end": end,
            "window_minutes": lengths[after] - lengths[before],
            "budget_minutes": float(allowed[after] - allowed[before]),
        }  # fmt: skip
