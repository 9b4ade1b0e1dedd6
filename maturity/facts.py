"""What the rules say, as rows: practice states, levels, falls, risk costs, window plans.

The models give these tables their columns and the data dictionary its text; the functions fill them from a bundle.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field

from maturity import provision, risk_tables, slo_use, windows
from maturity.falls import Fall, falls
from maturity.levels import Adoption, State, exemption_status
from maturity.records.bundle import Bundle

Rows = Iterable[dict[str, Any]]


class PracticeState(BaseModel):
    """One row per month, product and practice: the state on the month's last day (or the snapshot's date)."""

    month: str
    as_of: dt.date
    product: str
    practice: str
    state: str = Field(
        description="adopted, stale, lapsed, contradicted, partial, not_adopted, unassessed, exempt or not_asked."
    )
    adopted: bool
    confirmed: bool = Field(description="Adopted, fresh, and backed by at least a link.")
    assessed: bool
    applies: bool = Field(description="It stands in the denominators: not exempt, and asked of the product.")
    items_done: int
    items_total: int
    share: float = Field(description="Done share (0-1).")
    done: list[str] | None = Field(description="Checklist items that are done; empty where a state was given instead.")
    grace: str | None = Field(description="What changed in the map: items, practice or successor.")
    grace_until: dt.date | None = Field(description="Until then the change takes nothing away.")
    signal: str | None = Field(description="Signal that contradicts or confirms the claim.")
    signal_verdict: str | None
    signal_found: str | None
    signal_expected: str | None
    signal_on: dt.date | None
    signal_source: str | None
    signal_url: str | None
    signal_file: str | None
    signal_line: int | None
    exemption: str | None = Field(description="active, pending, expired or revoked, where one was asked for.")
    exemption_until: dt.date | None
    provider: str | None = Field(description="Product it is inherited from.")
    confirmed_on: dt.date | None
    evidence_kind: str | None
    evidence_url: str | None
    assessor: str | None
    assessed_on: dt.date | None
    note: str | None
    src_file: str | None
    src_line: int | None


class ProductLevel(BaseModel):
    """One row per month and product. Shares are 0-1 and of the applicable practices."""

    month: str
    as_of: dt.date
    product: str
    level: int
    level_with_na_as_gaps: int
    percent: float | None = Field(description="Done items, lapsed answers as 0, weighted by level.")
    coverage: float | None = Field(description="Assessed practices.")
    confirmed_share: float | None = Field(description="Adopted, fresh and with evidence.")
    na_share: float | None = Field(description="Exempt practices, of all.")
    narrow_scope: bool
    target_level: int
    target_gap: int
    next_level: int | None = Field(description="The level above; empty at the top.")
    next_share: float | None = Field(description="Adopted share of the level above.")
    next_na_share: float | None = Field(description="Exempt practices of the level above.")
    missing_musts: list[str] | None = Field(description="Musts that block the level above.")
    missing: list[str] | None = Field(description="All practices missing at the level above.")
    last_assessed_on: dt.date | None
    quiet: bool = Field(description="No assessment for longer than 1.5 cycles.")


class Regression(BaseModel):
    """One row per fall: an adopted practice that no longer is, or that a change of the map puts in question."""

    position: int = Field(description="Order of the list: worst first.")
    month: str
    fell_on: dt.date
    product: str
    practice: str
    from_state: str
    to_state: str
    cause: str = Field(
        description="decline, lapse, contradicted, inherited, exemption_ended, model_change, scope_change, correction."
    )
    regression: bool = Field(description="One of the first four causes, and the state had been held.")
    alert: bool = Field(description="A regression on a mature product, or one that broke a level or lost a must.")
    held: bool
    mature: bool
    must: bool
    gate_broken: bool = Field(description="The product's level fell on that day.")
    level_before: int
    level_after: int
    grace_until: dt.date | None = Field(description="Nothing has fallen yet: a change of the map waits until then.")
    recovered_on: dt.date | None
    provider: str | None
    signal: str | None = Field(description="Signal that contradicts.")
    signal_found: str | None
    signal_expected: str | None
    signal_on: dt.date | None
    signal_file: str | None
    signal_line: int | None
    before_assessor: str | None
    before_on: dt.date | None
    before_file: str | None
    before_line: int | None
    after_assessor: str | None
    after_on: dt.date | None
    after_file: str | None
    after_line: int | None
    after_note: str | None


class SloPlan(BaseModel):
    """One row per SLO: its calendar. SLOs of one zone, window and targets share it."""

    slo: str
    plan: int


class PlanDay(BaseModel):
    """One row per calendar and local day: its target and its length."""

    plan: int
    day: dt.date
    target: Decimal
    starts_at: dt.datetime = Field(description="First instant of the day, UTC.")
    minutes: float
    passed_minutes: float = Field(description="How much of the day lies before the snapshot's end.")


class PlanWindow(BaseModel):
    """One row per calendar and local day: the window that belongs to it."""

    plan: int
    day: dt.date
    window_start: dt.date
    window_end: dt.date
    window_minutes: float
    budget_minutes: float = Field(description="Bad minutes the targets allow in the whole window.")


class SloMember(BaseModel):
    """One row per composite and member."""

    slo: str
    member: str
    weight: float


class Month(BaseModel):
    """One row per month of the snapshot and the day it is judged on."""

    month: str
    as_of: dt.date


class SloRung(BaseModel):
    """One row per SLO and rung of the ladder of use, as of the snapshot's date."""

    slo: str
    position: int
    rung: str
    met: bool
    reached: bool = Field(description="It is met, and all rungs below it.")
    on_date: dt.date | None = Field(default=None, description="Since when, or when last.")
    missing: list[str] = Field(default=[], description="What is missing, in words that the pages translate.")
    value: float | None = Field(default=None, description="Coverage (ratio), or age of the last review in days.")
    src_file: str
    src_line: int


class SloAdvice(BaseModel):
    """One row per SLO: is it more reliable than it has to be, or why there is no advice."""

    slo: str
    verdict: str
    windows: int = Field(description="Whole windows looked at.")
    first: dt.date | None = None
    last: dt.date | None = None
    units: float | None = None
    bad_units: float | None = None
    proving_units: float | None = Field(
        default=None, description="Plain units that would prove as much; of a weighted composite fewer than it counts."
    )
    upper_bound: float | None = Field(default=None, description="Upper confidence bound of the bad share.")
    budget_used: float | None = Field(default=None, description="That bound / (1 - target).")
    tighten_to: Decimal | None = None
    lower_to: Decimal | None = None
    free_minutes: float | None = Field(default=None, description="Bad minutes a window that could be spent.")
    freed_per_month: float | None = None
    currency: str | None = None
    cost_source: str | None = None


TABLES: dict[str, type[BaseModel]] = {
    "month": Month,
    "practice_state": PracticeState,
    "product_level": ProductLevel,
    "regression": Regression,
    **risk_tables.TABLES,
    "slo_plan": SloPlan,
    "plan_day": PlanDay,
    "plan_window": PlanWindow,
    "slo_member": SloMember,
    "slo_rung": SloRung,
    "slo_advice": SloAdvice,
}


def first_day(bundle: Bundle, first_bucket: dt.date | None, as_of: dt.date) -> dt.date:
    """Where the months begin: with the oldest assessment or measurement."""
    days = [loaded.record.assessed_on for loaded in bundle.assessments]
    return min([*days, *([first_bucket] if first_bucket else []), as_of])


# What a snapshot knows of practices by month: for a month whose states cannot have changed it is not computed again.
BY_MONTH = ("practice_state", "product_level")


def month_rows(adoption: Adoption, months: list[tuple[str, dt.date]]) -> dict[str, Rows]:
    """Rows of the tables of `BY_MONTH` for some months, with the day that each is judged on."""
    return {
        "practice_state": _states(adoption, months),
        "product_level": [_level(adoption, product, *month) for month in months for product in adoption.products],
    }


def fall_rows(adoption: Adoption, as_of: dt.date) -> Rows:
    """Rows of `regression`."""
    return [_fall(i, fall) for i, fall in enumerate(falls(adoption, as_of), 1)]


def _states(adoption: Adoption, months: list[tuple[str, dt.date]]) -> Iterator[dict[str, Any]]:
    for month, day in months:
        for product in adoption.products:
            for practice in adoption.practices:
                state = adoption.state(product, practice, day)
                yield {"month": month, "as_of": day, "product": product, "practice": practice} | _state(state, day)


def _state(state: State, day: dt.date) -> dict[str, Any]:
    entry = state.statement.record if state.statement else None
    source = state.statement or state.exemption
    exemption = state.exemption.record if state.exemption else None
    return _signal(state) | {
        "state": state.state,
        "adopted": state.adopted,
        "confirmed": state.confirmed,
        "assessed": state.assessed,
        "applies": state.applies,
        "items_done": state.items_done,
        "items_total": state.items_total,
        "share": state.share,
        "grace": state.grace,
        "grace_until": state.grace_until,
        "exemption": exemption_status(exemption, day) if exemption else None,
        "exemption_until": exemption.expires_on if exemption else None,
        "done": entry.items_done if entry else None,
        "provider": state.provider,
        "confirmed_on": state.confirmed_on,
        "evidence_kind": state.evidence_kind,
        "evidence_url": entry.evidence.url if entry and entry.evidence else None,
        "assessor": entry.assessor if entry else None,
        "assessed_on": entry.assessed_on if entry else None,
        "note": entry.note if entry else None,
        "src_file": source.file if source else None,
        "src_line": source.line if source else None,
    }


def _signal(state: State) -> dict[str, Any]:
    """Both sides of a claim: what the machine saw, beside what the team said."""
    if state.observation is None:
        return {}
    seen = state.observation.record
    return {
        "signal": seen.signal,
        "signal_verdict": seen.verdict,
        "signal_found": seen.found,
        "signal_expected": seen.expected,
        "signal_on": seen.observed_on,
        "signal_source": seen.source,
        "signal_url": seen.url,
        "signal_file": state.observation.file,
        "signal_line": state.observation.line,
    }


def _level(adoption: Adoption, product: str, month: str, day: dt.date) -> dict[str, Any]:
    made = adoption.product_level(product, day)
    step = made.next_step
    names = ProductLevel.model_fields.keys() & vars(made).keys()
    return {name: getattr(made, name) for name in names} | {
        "month": month,
        "as_of": day,
        "next_level": step.level if step else None,
        "next_share": step.share if step else None,
        "next_na_share": step.na_share if step else None,
        "missing_musts": list(step.missing_musts) if step else None,
        "missing": list(step.missing) if step else None,
    }


def _fall(position: int, fall: Fall) -> dict[str, Any]:
    same = ("product", "practice", "from_state", "to_state", "cause", "regression", "alert", "held", "mature", "must",
            "gate_broken", "level_before", "level_after", "grace_until", "recovered_on")  # fmt: skip
    row = {name: getattr(fall, name) for name in same}
    row |= _signal(fall.after) if fall.cause == "contradicted" else {}
    row |= {"position": position, "month": f"{fall.on:%Y-%m}", "fell_on": fall.on, "provider": fall.after.provider}
    for side, state in (("before", fall.before), ("after", fall.after)):
        source = state.statement or state.exemption
        entry = state.statement.record if state.statement else None
        exemption = state.exemption.record if state.exemption else None
        row |= {
            f"{side}_assessor": entry.assessor if entry else exemption and exemption.approver,
            f"{side}_on": entry.assessed_on if entry else exemption and exemption.granted_on,
            f"{side}_file": source.file if source else None,
            f"{side}_line": source.line if source else None,
        }
    row["after_note"] = fall.after.statement.record.note if fall.after.statement else None
    return row


def slo_rows(bundle: Bundle, first: dt.date, as_of: dt.date, until: dt.datetime) -> dict[str, Rows]:
    """Rows of `slo_plan`, `plan_day` and `plan_window` for every day from `first` (UTC) to the snapshot's date, and of
    `slo_member`.

    Where `first` begins, clocks west of Greenwich still show the day before; then all begin with it, as a composite has
    members of other zones.
    """
    versions = defaultdict(list)
    for loaded in bundle.slo_targets:
        versions[loaded.record.slo].append(loaded.record)
    zones = {loaded.record.time_zone for loaded in bundle.slos}
    first = min((windows.day_at(first, zone) for zone in zones), default=first)
    plans: dict[tuple, int] = {}
    slos, days, spans, members = [], [], [], []
    begins = _plans_begin(bundle, first)
    for slo in (loaded.record for loaded in bundle.slos):
        targets = windows.Targets.of(versions[slo.id])
        begin = begins[slo.id]
        key = (slo.time_zone, slo.window_kind, slo.window_count, slo.window_unit, slo.anchor, targets, begin)
        if key not in plans:
            plan = plans[key] = len(plans)
            days += [row | {"plan": plan} for row in windows.plan_days(slo, targets, begin, as_of, until)]
            spans += [row | {"plan": plan} for row in windows.plan_windows(slo, targets, first, as_of)]
        slos.append({"slo": slo.id, "plan": plans[key]})
        members += [{"slo": slo.id, "member": part.slo, "weight": part.weight} for part in slo.members]
    return {"slo_plan": slos, "plan_day": days, "plan_window": spans, "slo_member": members}


def _plans_begin(bundle: Bundle, first: dt.date) -> dict[str, dt.date]:
    """The day from which on each SLO is planned: its first window's, or that of a composite that it is a member of."""
    slos = [loaded.record for loaded in bundle.slos]
    begins = {slo.id: windows.period(slo, first)[0] for slo in slos}
    for slo in slos:
        for part in slo.members:
            if part.slo in begins:  # one with problems is not loaded
                begins[part.slo] = min(begins[part.slo], begins[slo.id])
    return begins


@dataclass
class SeenSlo:
    """What the views of a build say of one SLO."""

    coverage: float | None = None
    measured_since: dt.date | None = None
    episode: slo_use.Episode | None = None
    windows: list[provision.Window] = field(default_factory=list)


def use_rows(bundle: Bundle, seen: dict[str, SeenSlo], as_of: dt.date) -> dict[str, Rows]:
    """Rows of `slo_rung` and `slo_advice`, from what the views say of each SLO."""
    policy = bundle.budget_policy.record
    costs = {loaded.record.id: loaded.record.costs for loaded in bundle.products}
    rungs, advice = [], []
    for loaded in bundle.slos:
        slo, facts = loaded.record, seen.get(loaded.record.id, SeenSlo())
        answers = [d for d in bundle.decisions if d.record.slo == slo.id]
        steps = slo_use.ladder(
            loaded, facts.coverage, facts.measured_since, facts.episode, answers, as_of,
            policy.min_coverage, policy.review_cycle_days,
        )  # fmt: skip
        for i, step in enumerate(steps, 1):
            rungs.append(vars(step) | {"slo": slo.id, "position": i, "on_date": step.on, "missing": list(step.missing)})
        said = provision.advise(
            slo.target, facts.windows, slo.basis is not None, costs.get(slo.product, []),
            policy.over_provided, policy.min_coverage,
        )  # fmt: skip
        advice.append(vars(said) | {"slo": slo.id})
    return {"slo_rung": rungs, "slo_advice": advice}
