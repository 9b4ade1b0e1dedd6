"""Tables of risks that rules fill: figures by risk and product, totals, chances, checks, incidents, gaps."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from pydantic import BaseModel, Field

from maturity import risk_cost


class RiskScore(risk_cost.Score):
    """One row per risk and product; minutes are bad minutes, shares are of the error budget (1 = all of it)."""

    position: int = Field(description="Rank among open records with a share; 0 where not ranked.")
    place: int = Field(description="Place in the list, ranked or not.")
    rank_best: int | None = Field(description="The best place that its interval allows among open records.")
    rank_worst: int | None = Field(description="The worst one; the order is not certain where the two differ.")
    idle_minutes: float | None = Field(description="Minutes risked, and burnt, since anybody last wrote in the log.")
    is_open: bool
    flags: list[str]
    idle_days: int
    overdue_days: int
    times_reported: int = Field(description="1 and the records that were merged into it.")


class RiskHistory(BaseModel):
    """One row per risk, product and set of numbers that it had, the newest last; at today's target."""

    risk: str
    product: str
    position: int
    until: dt.date | None = Field(description="Empty: the numbers of today.")
    bad_minutes_per_year: float | None
    budget_share: float | None
    likelihood_band: int | None
    impact_band: int | None
    ranks_likelihood: int | None
    ranks_potential_impact: int | None
    by: str | None


class RiskTotal(BaseModel):
    """One row per product and target: what its open risks cost together, against that target's yearly budget."""

    product: str
    target: Decimal
    is_own: bool = Field(description="The target of the SLO that pays, not one of the comparison.")
    slo: str | None
    budget_min_per_year: float
    scored: int = Field(description="Open records with minutes.")
    unscored: int = Field(description="Open records without minutes: the total is at least this much.")
    events_min_per_year: float
    factors_min_per_year: float = Field(description="What factors add, all at once.")
    bad_minutes_per_year: float
    budget_share: float
    largest_share: float | None = Field(description="The largest single record's share.")
    largest_risk: str | None


class RiskYear(BaseModel):
    """One row per product: simulated years of its open risks; minutes are bad minutes."""

    product: str
    slo: str | None
    budget_min_per_year: float | None
    mean: float = Field(description="Expected, with the ranges of the records.")
    sd: float
    p50: float
    p90: float
    chance_to_miss: float | None = Field(description="Share of simulated years above the budget.")
    years: int
    seed: int


class SimulatedYear(BaseModel):
    """What each simulation of `risk_year` gave: of the same, the next build takes it over."""

    made_of: str = Field(description="Stands for all that was simulated.")
    mean: float
    sd: float
    p50: float
    p90: float
    chance_to_miss: float | None


class RiskLearned(BaseModel):
    """One row per open event risk with numbers and product: how often, as estimated, as seen, and both together."""

    risk: str
    product: str
    estimated_per_year: float
    seen: int = Field(description="Linked incidents in the calibration time.")
    years: float
    both_per_year: float
    estimated_min_per_year: float
    learned_min_per_year: float


class RiskCheck(BaseModel):
    """One row per risk and thing to do about how it is kept."""

    risk: str
    position: int
    name: str = Field(description="The check.")
    since: dt.date | None
    days: int | None = Field(description="Since then; below zero: until then.")
    found: str | None
    expected: str | None
    bad_minutes_per_year: float | None = Field(description="Expected, of all its products.")
    idle_minutes: float | None = Field(description="Risked since anybody last wrote in the log.")


class RiskDraft(BaseModel):
    """One row per record that the rules propose; nothing is a risk record until a person accepts it."""

    id: str
    rule: str
    product: str
    title_en: str
    title_ja: str
    reason_en: str
    reason_ja: str
    record: str = Field(description="The record as YAML, to be copied or accepted.")
    src_file: str
    src_line: int


class IncidentCost(BaseModel):
    """One row per incident and product: its bad minutes, and whether the risk was known."""

    incident: str
    product: str
    slo: str | None
    bad_minutes: float | None
    basis: str | None = Field(description="measured, or estimated from length and users.")
    window_share: float | None = Field(description="Of the budget of the comparison window.")
    risks: list[str] = Field(description="Records that are linked with it.")
    known: bool | None = Field(description="A record was there before it began.")


class IncidentAction(BaseModel):
    """One row per action item of a postmortem."""

    incident: str
    position: int
    text_en: str
    text_ja: str
    owner: str | None
    due: dt.date | None
    state: str
    ticket: str | None
    dated: dt.date = Field(description="Day of the postmortem, else of the incident's end or begin.")
    age_days: int
    overdue_days: int


class RiskQuarter(BaseModel):
    """One row per product and quarter: bad minutes that were expected, and those of its incidents."""

    product: str
    quarter: str
    expected_min: float = Field(description="What today's open records expect of a quarter.")
    seen_min: float = Field(description="Of incidents whose minutes are known.")
    incidents: int
    without_minutes: int
    known: int = Field(description="Incidents whose risk was on record.")


class PracticeGap(BaseModel):
    """One row per product and missing practice with a risk factor: what its absence alone costs, at most."""

    product: str
    practice: str
    state: str
    bad_minutes_per_year: float
    budget_share: float | None
    effort_days: float
    saved_min_per_effort_day: float


class GapTotal(BaseModel):
    """One row per product: what its missing practices cost all at once (not the sum of single ones)."""

    product: str
    practices: int
    bad_minutes_per_year: float
    budget_share: float | None


class FirstStep(BaseModel):
    """One row per product (empty: all) and order of the one list: what its first few would buy, done together."""

    product: str | None
    list_order: str = Field(description="minutes, or saved_per_day: most minutes saved per day of work first.")
    deeds: list[int] = Field(description="Positions in `one_list`; what has no price of its doing is passed over.")
    saved_minutes: float = Field(description="Bad minutes a year.")
    effort_days: float
    without_effort: int = Field(description="Of how many the effort is not known.")


TABLES: dict[str, type[BaseModel]] = {
    "risk_score": RiskScore,
    "risk_history": RiskHistory,
    "risk_total": RiskTotal,
    "risk_year": RiskYear,
    "simulated_year": SimulatedYear,
    "risk_learned": RiskLearned,
    "risk_check": RiskCheck,
    "risk_quarter": RiskQuarter,
    "risk_draft": RiskDraft,
    "practice_gap": PracticeGap,
    "gap_total": GapTotal,
    "incident_cost": IncidentCost,
    "incident_action": IncidentAction,
    "first_step": FirstStep,
}
