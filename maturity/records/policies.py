"""Thresholds and weights: what scoring.yaml and the files named policy in data/ hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from maturity.records.forms import Days, Record, Share, Text, Whole


class Effort(Record):
    """Weeks behind the letters of `Practice.effort`."""

    S: float = Field(gt=0)
    M: float = Field(gt=0)
    L: float = Field(gt=0)


class ScoringPolicy(Record):
    """How practices add up to a level (reference: maturity.md 5)."""

    level_threshold: Share
    level_weights: dict[int, float]
    lapse_after_reviews: float = Field(gt=1)
    narrow_scope_na_share: Share
    exemption_max_days: Days = Field(ge=1)
    held_assessments: Whole = Field(ge=1)
    held_days: Days = Field(ge=1)
    mature_level: Whole = Field(ge=1)
    mature_assessments: Whole = Field(ge=1)
    quiet_after_days: Days = Field(ge=1)
    grace_days: Days = Field(ge=0, description="How long a change of the guide map takes nothing away.")
    signal_valid_days: Days = Field(ge=1, description="An automatic observation older than this says nothing.")
    trend_months: int = Field(
        ge=1, le=1200, description="Months over which a practice is called spreading, stalled or falling."
    )
    spread_share: Share = Field(description="Share of products at which a practice counts as spread.")
    sampled_claims: int = Field(ge=1, le=1000, description="Claims without fresh evidence that a meeting looks at.")
    effort_weeks: Effort = Field(description="Weeks of one team behind an effort, for minutes saved per effort.")


class BurnAlert(Record):
    """A pair of windows that must both burn too fast (reference: SRE workbook ch. 5)."""

    action: Literal["page", "ticket"]
    share: float = Field(gt=0, le=1, description="Share of the window's budget that the long window may spend.")
    long_minutes: Whole = Field(ge=1)
    short_minutes: Whole = Field(ge=1, description="Ends the alert soon after the trouble ended.")


class OverProvided(Record):
    """When an SLO is called more reliable than it has to be (reference: slo.md 7.3)."""

    windows: Whole = Field(ge=1, description="Whole windows that must lie behind it.")
    confidence: float = Field(gt=0.5, lt=1, description="Of the upper bound of the bad share.")
    budget_used: float = Field(gt=0, lt=1, description="Share of the budget that the upper bound may reach at most.")
    targets: Annotated[list[Decimal], Field(min_length=1)] = Field(description="Targets that may be proposed.")


class BudgetPolicy(Record):
    """When a budget has which state, and what is to be done (reference: slo.md 2.7)."""

    at_risk_left: Share = Field(description="Budget left below which an SLO is at risk.")
    unspent_consumed: Share = Field(description="Share consumed at or below which a met SLO counts as unspent.")
    min_coverage: Share = Field(description="Coverage below which a budget carries a warning.")
    burn_still: float = Field(gt=0, description="1-day burn rate above which an exhausted SLO is still burning.")
    forecast_from: Share = Field(
        description="Share of a calendar window after which it may be unspent, or at risk by pace."
    )
    burn_alerts: Annotated[list[BurnAlert], Field(min_length=1)]
    review_cycle_days: Days = Field(ge=1, description="How often an SLO is to be reviewed.")
    over_provided: OverProvided
    actions: dict[str, Text]


class CalibrationWeight(Record):
    """Years of observation that an estimate is worth, by what it rests on."""

    guess: float = Field(gt=0)
    estimated: float = Field(gt=0)
    drill: float = Field(gt=0)
    measured: float = Field(gt=0)


class DraftRules(Record):
    """When a record is proposed (reference: risk.md 3, metric to record)."""

    soft_limit_weeks: int = Field(ge=1, le=5000, description="Of the last so many weeks ...")
    soft_limit_times: Whole = Field(ge=1, description="... so many beyond the soft limit.")
    trend_weeks: int = Field(ge=3, le=5000, description="Weeks that a trend is taken from.")
    trend_days: Days = Field(ge=1, description="The trend reaches the hard limit within so many days.")
    event_share: float = Field(gt=0, description="One incident took more than this of the comparison window's budget.")
    label_times: Whole = Field(ge=2, description="The same label on so many incidents ...")
    label_days: Days = Field(ge=1, description="... within so many days.")
    action_days: Days = Field(ge=1, description="A postmortem's action item is open for longer.")


class RiskPolicy(Record):
    """Bands and limits of the risk figures (reference: risk.md 2)."""

    days_per_year: float = Field(gt=0)
    budget_window_days: Days
    single_risk_limit: Share
    must_discuss_event_share: float
    likelihood_edges_per_year: Annotated[list[float], Field(min_length=4, max_length=4)]
    impact_edges_share_of_window_budget: Annotated[list[float], Field(min_length=4, max_length=4)]
    default_cadence_days: Days = Field(ge=1)
    postponed_limit: int
    buried_idle_reviews: float
    buried_action_late_days: Days
    acceptance_growth: float = Field(ge=0, description="Above the frozen share by more than this part: overtaken.")
    acceptance_notice_days: Days = Field(ge=0)
    rank_difference: Whole = Field(ge=1)
    total_targets: list[Decimal] = Field(min_length=1)
    simulated_years: int = Field(ge=1000, le=1_000_000)
    seed: Whole = Field(ge=0)
    calibration_days: Days = Field(ge=1)
    calibration_weight: CalibrationWeight
    drafts: DraftRules
    workdays_per_week: float = Field(gt=0)


class SectionMinutes(Record):
    """How long one item of a section of the agenda takes."""

    follow_up: float = Field(gt=0)
    budgets: float = Field(gt=0)
    regressions: float = Field(gt=0)
    risks: float = Field(gt=0)
    over_provided: float = Field(gt=0)
    spreading: float = Field(gt=0)
    quiet: float = Field(gt=0)
    claims: float = Field(gt=0)


class ReviewPolicy(Record):
    """How a monthly review is put together."""

    minutes: Whole = Field(ge=1, description="What the meeting has.")
    minutes_each: SectionMinutes
    quiet_days: Days = Field(ge=1, description="A record of which nobody wrote for so long is named.")
    decision_days: Days = Field(ge=1, description="A decision without a day is asked about after so long.")
    first_steps: Whole = Field(ge=1, description="Of the one list: what so many at its top would buy together.")
    risen_share: float = Field(ge=0, description="A risk whose figure grew by more than this part has risen.")
    frozen_days: Days = Field(ge=31, description="A frozen month keeps the days of so long.")
