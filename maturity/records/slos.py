"""SLOs, their targets, and corrections of what was measured."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from maturity.records.forms import Day, Id, Instant, Record, Whole, Words

Method = Literal["Occurrences", "Timeslices", "RatioTimeslices"]


class Member(Record):
    """An SLO that is part of a composite."""

    slo: Id
    weight: float = Field(default=1, gt=0)


class Slo(Record):
    """One objective of one SLO, whatever format it was written in."""

    id: Id
    product: Id
    name: Words
    service: str | None = None
    journey: Words | None = Field(default=None, description="The user journey the target protects.")
    basis: Words | None = Field(default=None, description="Why this target: who agreed, and on what ground.")
    owner: str | None = None
    policy: Words | None = Field(default=None, description="What happens when the budget is gone: text or link.")
    reviewed_on: list[Day] = Field(default=[], description="Days on which the SLO was reviewed.")
    description: Words | None = None
    method: Method
    target: Decimal = Field(gt=0, le=1, max_digits=9, decimal_places=8, description="Target in force now, as a ratio.")
    window_kind: Literal["rolling", "calendar"]
    window_count: Whole = Field(ge=1)
    window_unit: Literal["d", "w", "M", "Q", "Y"]
    anchor: Day | None = Field(default=None, description="First day of a calendar window.")
    time_zone: str = "UTC"
    slice_target: float | None = Field(default=None, gt=0, le=1, description="Timeslices: a slice below it is bad.")
    slice_minutes: Whole | None = Field(default=None, ge=1)
    missing_slices: Literal["ignore", "good", "bad"] = Field(
        default="ignore", description="How slices without data count; events that were not seen never count."
    )
    combine: Literal["weighted", "all_hold"] | None = Field(default=None, description="How a composite joins members.")
    members: list[Member] = Field(default=[], description="SLOs of a composite; empty: the SLO has an SLI of its own.")
    bucket_seconds: Whole | None = Field(default=None, ge=1, description="Declared bucket length; else inferred.")
    format: str = Field(default="openslo/v1", description="Format the definition was written in.")
    source: Id | None = Field(default=None, description="Data source the SLI is fetched from.")
    source_type: str | None = None
    good_query: str | None = None
    bad_query: str | None = None
    total_query: str | None = None


class SloTarget(Record):
    """A target and the days it was in force: [valid_from, valid_to), open ends are empty."""

    slo: Id
    target: Decimal = Field(gt=0, le=1, max_digits=9, decimal_places=8)
    valid_from: Day | None = None
    valid_to: Day | None = None


class Correction(Record):
    """Time in which what was measured shall not count as measured: who says so, when and why."""

    id: Id
    slos: Annotated[list[Id], Field(min_length=1)]
    start: Instant = Field(description="First instant; without an offset it is local time of time_zone.")
    end: Instant | None = Field(default=None, description="Exclusive.")
    duration_minutes: Whole | None = Field(default=None, ge=1, description="Instead of `end`.")
    rrule: str | None = Field(default=None, examples=["FREQ=WEEKLY;BYDAY=SU"], description="RFC 5545 recurrence.")
    time_zone: str = "UTC"
    effect: Literal["drop", "good"] = Field(description="Leave the time out, or count what was bad in it as good.")
    category: Literal["maintenance", "deployment", "outside_hours", "false_positive", "external", "other"]
    author: str = Field(min_length=1)
    recorded_on: Day
    reason: Words


class CorrectionSpan(Record):
    """One occurrence of a correction on one SLO, UTC, [starts_at, ends_at)."""

    correction: Id
    slo: Id
    starts_at: dt.datetime
    ends_at: dt.datetime
    effect: Literal["drop", "good"]
