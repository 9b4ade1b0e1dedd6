"""When a correction holds: its occurrences as spans of UTC.

A recurrence (RFC 5545) runs on the clock of the correction's zone: every Sunday at 02:00 stays 02:00 when clocks
change, and each occurrence lasts the same real time. A local time that the clocks skip is moved forward by the change;
one that comes twice is the first.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from maturity.records.slos import Correction

# More occurrences than this are a slip in the rule, such as FREQ=SECONDLY; 27 years of days are fewer.
MOST = 10_000
Span = tuple[dt.datetime, dt.datetime]


class TheRecurrenceCannotBeRead(ValueError):
    """The text is no RFC 5545 rule; the message says why."""


def occurrences(correction: Correction, until: dt.datetime, most: int = MOST + 1) -> list[Span]:
    """[starts_at, ends_at) of each occurrence that begins before `until`, at most `most`; in UTC without a zone.

    Raises TheRecurrenceCannotBeRead, and OverflowError where a time lies outside the years 1 to 9999.
    A window of two hours on Sundays at 02:00 in Berlin is 01:00-03:00 UTC in winter and 00:00-02:00 UTC in summer.
    """
    zone = ZoneInfo(correction.time_zone)
    first = correction.start.astimezone(zone).replace(tzinfo=None) if correction.start.tzinfo else correction.start
    length = _length(correction, zone)
    try:
        return list(islice(_spans(correction, first, length, zone, until), most))
    except TypeError as error:  # dateutil compares its dates when they are asked for
        raise TheRecurrenceCannotBeRead(str(error)) from error


def _length(correction: Correction, zone: ZoneInfo) -> dt.timedelta:
    if correction.duration_minutes is not None:
        return dt.timedelta(minutes=correction.duration_minutes)
    return _utc(correction.end, zone) - _utc(correction.start, zone)


def _spans(
    correction: Correction, first: dt.datetime, length: dt.timedelta, zone: ZoneInfo, until: dt.datetime
) -> Iterator[Span]:
    starts = iter([first]) if correction.rrule is None else iter(_rule(correction.rrule, first, zone))
    for local in starts:
        begins = _utc(local, zone)
        if begins >= until:
            return
        yield begins, begins + length


def _rule(text: str, first: dt.datetime, zone: ZoneInfo) -> Iterator[dt.datetime]:
    # UNTIL is in UTC by the RFC, as EXDATE and RDATE may be, and our clock is local: they are read on the local clock.
    # A day alone in UNTIL is that whole day: calendars say "until 7 January" so; dateutil would end with its midnight.
    def local(match: re.Match) -> str:
        at = dt.datetime.strptime(match[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        return f"{at.astimezone(zone):%Y%m%dT%H%M%S}"

    rule = re.sub(r"(UNTIL=\d{8})(?![\dT])", r"\1T235959", text.upper())
    if "DTSTART" in rule:
        raise TheRecurrenceCannotBeRead("without DTSTART: the first time stands in start")
    if first.time() != dt.time() and re.search(r"(EXDATE|RDATE)[^\n]*[:,]\d{8}(?![\dT])", rule):
        raise TheRecurrenceCannotBeRead(f"EXDATE and RDATE with a time, such as {first:%Y%m%dT%H%M%S}")
    try:
        return rrulestr(re.sub(r"\d{8}T\d{6}Z", local, rule), dtstart=first)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TheRecurrenceCannotBeRead(str(error)) from error


def _utc(at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    aware = at if at.tzinfo else at.replace(tzinfo=zone)
    return aware.astimezone(dt.UTC).replace(tzinfo=None)
