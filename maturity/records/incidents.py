"""Incidents with their postmortems, and metrics watched against limits."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from maturity.records.forms import Day, Id, Instant, Minutes, Record, Share, Words, in_utc


class ActionItem(Record):
    """What a postmortem asks for."""

    text: Words
    owner: str | None = None
    due: Day | None = None
    state: Literal["open", "done", "cancelled"] = "open"
    ticket: str | None = None


class Incident(Record):
    """An incident with its postmortem: drawn on burn-downs, linked from risk records, and what estimates learn from."""

    id: Id
    products: Annotated[list[Id], Field(min_length=1)]
    title: Words
    severity: int = Field(ge=1, le=5, description="1 is the worst.")
    started_at: Instant
    detected_at: Instant | None = None
    ended_at: Instant | None = None
    users_affected: Share | None = Field(default=None, description="Fraction of users hit, 0-1.")
    bad_minutes: Minutes | None = Field(default=None, description="Measured; else length x users_affected stands in.")
    detected_by: str | None = Field(default=None, description="Who or what noticed: an alert, a user, a person.")
    labels: list[str] = Field(default=[], description="Kinds of trouble; the same one again is a risk.")
    slos: list[Id] = []
    postmortem: str | None = Field(default=None, description="Id or link.")
    postmortem_status: Literal["draft", "reviewed", "published"] | None = None
    postmortem_on: Day | None = Field(default=None, description="Its action items date from then.")
    summary: Words | None = None
    cause: Words | None = None
    lessons: Words | None = None
    risk_known: bool | None = Field(default=None, description="Empty: known if a linked record is older.")
    action_items: list[ActionItem] = []

    @field_validator("started_at", "detected_at", "ended_at")
    @classmethod
    def _utc(cls, at: dt.datetime | None) -> dt.datetime | None:
        return in_utc(at)

    @model_validator(mode="after")
    def _in_order(self) -> Incident:
        if self.ended_at and self.ended_at < self.started_at:
            raise ValueError(f"found ended_at {self.ended_at}|a time not before started_at {self.started_at}")
        return self


class WatchedMetric(Record):
    """A figure that is looked at in reviews: beyond its soft limit a risk is recorded, at its hard limit it hurts."""

    id: Id
    product: Id
    name: Words
    unit: str | None = None
    soft_limit: float
    hard_limit: float
    owner: str | None = None

    @model_validator(mode="after")
    def _apart(self) -> WatchedMetric:
        if self.soft_limit == self.hard_limit:
            raise ValueError(f"found {self.hard_limit:g} as soft and as hard limit|two limits, the soft one first")
        return self

    @property
    def rises(self) -> bool:
        """Whether high values are bad."""
        return self.hard_limit > self.soft_limit


class MetricValue(Record):
    """What a watched metric was on a day. Append-only."""

    metric: Id
    on: Day
    value: float
