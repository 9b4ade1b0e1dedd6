"""What a risk costs, in bad minutes a year against the error budget. Pure arithmetic.

Formula (Google's CRE risk spreadsheet): bad minutes a year = (ETTD + ETTR) x users x 365.25 / ETTF.
One worked number: ETTD 9, ETTR 28, users 0.7, ETTF 45 days gives 25.9 bad minutes an event, 8.1167 events and
210.2217 bad minutes a year, 39.97 % of the 525.96 minutes that 99.9 % allows.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from pydantic import BaseModel, Field

from maturity import risk_range
from maturity.records.incidents import Incident
from maturity.records.policies import RiskPolicy
from maturity.records.risks import Cre, Risk, RiskFactor
from maturity.risk_range import Interval

ENDED = frozenset({"closed", "merged"})


@dataclass(frozen=True)
class Cost:
    """Expected cost of an event risk. Minutes are bad minutes: full outage for all users."""

    incidents_per_year: float
    event_bad_min: float
    users_affected: float

    @property
    def bad_min_per_year(self) -> float:
        return self.incidents_per_year * self.event_bad_min

    @property
    def users_times_frequency(self) -> float:
        return self.users_affected * self.incidents_per_year


def cost(cre: Cre, policy: RiskPolicy) -> Cost:
    """Cost of one event risk from its four numbers."""
    return Cost(
        policy.days_per_year / cre.ettf_days, (cre.ettd_min + cre.ettr_min) * cre.users_affected, cre.users_affected
    )


def budget_min_per_year(target: Decimal, policy: RiskPolicy) -> float:
    """Bad minutes a year that a target allows; 0.999 gives 525.96."""
    return float((1 - target) * 1440) * policy.days_per_year


def budget_min_per_window(target: Decimal, policy: RiskPolicy) -> float:
    """Bad minutes that a target allows in the comparison window; 0.999 over 28 days gives 40.32."""
    return float((1 - target) * 1440) * policy.budget_window_days


def added_minutes(costs: Iterable[Cost], detect_min: float, repair_min: float, frequency: float) -> float:
    """Bad minutes a year that a factor adds to all incidents: (1+f)(dD+dR) sum(U n) + f sum(m).

    `frequency` is a fraction (0.10 = 10 % more incidents). Source: CRE risk factors.
    """
    costs = list(costs)
    reach = sum(c.users_times_frequency for c in costs)
    minutes = sum(c.bad_min_per_year for c in costs)
    return (1 + frequency) * (detect_min + repair_min) * reach + frequency * minutes


def band(value: float, edges: list[float]) -> int:
    """Band 1-5 by four edges; a value on an edge belongs to the band above it."""
    return bisect_right(edges, value) + 1


def observed_per_year(observed_28d: float, policy: RiskPolicy) -> float:
    """Current burn: bad minutes of the last 28 days as a yearly rate. A fact, kept apart from expectation."""
    return observed_28d * policy.days_per_year / policy.budget_window_days


def incident_minutes(incident: Incident) -> tuple[float | None, str | None]:
    """Bad minutes: measured, else length x users hit; unknown without an end or without users."""
    if incident.bad_minutes is not None:
        return incident.bad_minutes, "measured"
    if incident.ended_at is None or incident.users_affected is None:
        return None, None
    return (incident.ended_at - incident.started_at).total_seconds() / 60 * incident.users_affected, "estimated"


def is_open(risk: Risk) -> bool:
    """Accepted records stay open: their minutes are still expected."""
    return risk.status not in ENDED


def idle_days(risk: Risk, as_of: dt.date) -> int:
    """Days since anybody wrote in the log, or since it was found."""
    return (as_of - max([risk.detected.at, *(entry.at for entry in risk.log)])).days


def cadence_days(risk: Risk, policy: RiskPolicy) -> int:
    """How often the record is to be looked at."""
    return risk.review.cadence_days or policy.default_cadence_days


def overdue_days(risk: Risk, as_of: dt.date) -> int:
    """Days by which the open next action is late, 0 when it is not."""
    action = risk.next_action
    if not action or action.state != "open" or not action.due:
        return 0
    return max(0, (as_of - action.due).days)


def flags(risk: Risk, as_of: dt.date, policy: RiskPolicy) -> list[str]:
    """What is wrong with how the record is kept, in a fixed order. Ended records have no flags."""
    if not is_open(risk):
        return []
    no_action = risk.next_action is None
    late = overdue_days(risk, as_of)
    idle = idle_days(risk, as_of)
    buried = (
        no_action
        or idle > policy.buried_idle_reviews * cadence_days(risk, policy)
        or late > policy.buried_action_late_days
    )
    checks = {
        "acceptance_expired": risk.acceptance is not None and risk.acceptance.expires < as_of,
        "action_overdue": late > 0,
        "no_owner": risk.owner is None,
        "no_next_action": no_action,
        "unscored": risk.kind == "event" and risk.cre is None,
        "review_overdue": risk.review.next_review is not None and risk.review.next_review < as_of,
        "postponed_repeatedly": bool(risk.next_action and risk.next_action.times_postponed >= policy.postponed_limit),
        "buried": buried,
    }
    return [name for name, true in checks.items() if true]


class Score(BaseModel, frozen=True):
    """Figures of one risk on one product. None where a number is not known: unscored is never 0."""

    risk: str
    product: str
    slo: str | None = Field(description="SLO whose budget pays.")
    target: Decimal | None
    budget_min_per_year: float | None
    budget_min_per_window: float | None
    current_min_per_year: float | None = Field(description="Seen in the last 28 days, as a yearly rate.")
    current_window_share: float | None
    incidents_per_year: float | None
    chance_in_a_year: float | None = Field(description="That it happens at least once: 1 - e^(-incidents_per_year).")
    event_bad_min: float | None
    bad_minutes_per_year: float | None
    budget_share: float | None = Field(description="bad_minutes_per_year / budget_min_per_year.")
    share_low: float | None = Field(description="budget_share with every ranged number at its better end.")
    share_high: float | None = Field(description="budget_share with every ranged number at its worse end.")
    order_share: float | None = Field(description="What the list is ordered by: budget_share, else that of the ranks.")
    from_ranks: bool = Field(description="No numbers: order_share is the middle of the typed ranks' bands.")
    event_share: float | None = Field(description="event_bad_min / budget_min_per_window.")
    likelihood_band: int | None
    impact_band: int | None
    current_band: int | None
    residual_min_per_year: float | None
    residual_budget_share: float | None
    residual_likelihood_band: int | None
    residual_impact_band: int | None
    saved_min_per_year: float | None
    saved_min_per_effort_day: float | None
    sum_users_times_frequency: float | None
    exceeds_single_risk_limit: bool
    must_discuss: bool
    user_minutes_per_year: float | None


def score(
    risk: Risk,
    product: str,
    slo: str | None,
    target: Decimal | None,
    active_users: int | None,
    others: list[Cost],
    policy: RiskPolicy,
) -> Score:
    """Figures of one risk on one product.

    `slo` and `target` are the SLO whose budget pays; None leaves every share unknown. `others` are the costs of the
    product's open event risks, which a factor makes worse.
    """
    year = budget_min_per_year(target, policy) if target is not None and target < 1 else None
    window = budget_min_per_window(target, policy) if year else None
    event = cost(risk.cre, policy) if risk.cre and risk.kind == "event" else None
    plan = cost(risk.cre_residual, policy) if risk.cre_residual and risk.kind == "event" else None
    factor = risk.risk_factor if risk.kind == "factor" else None
    minutes = event.bad_min_per_year if event else None
    if factor:
        minutes = added_minutes(others, factor.ettd_plus_min, factor.ettr_plus_min, factor.frequency_plus)
    saved = minutes - plan.bad_min_per_year if plan and minutes is not None else None
    seen = risk.observed_bad_minutes_28d
    likelihood, impact = policy.likelihood_edges_per_year, policy.impact_edges_share_of_window_budget
    event_share = _ratio(event and event.event_bad_min, window)
    share = _ratio(minutes, year)
    spread = _spread(risk, minutes, year, policy)
    return Score(
        risk=risk.id,
        product=product,
        slo=slo,
        target=target,
        budget_min_per_year=year,
        budget_min_per_window=window,
        current_min_per_year=None if seen is None else observed_per_year(seen, policy),
        current_window_share=_ratio(seen, window),
        incidents_per_year=event and event.incidents_per_year,
        chance_in_a_year=event and -math.expm1(-event.incidents_per_year),
        event_bad_min=event and event.event_bad_min,
        bad_minutes_per_year=minutes,
        budget_share=share,
        share_low=spread and spread.low,
        share_high=spread and spread.high,
        order_share=spread and spread.middle,
        from_ranks=spread is not None and share is None,
        event_share=event_share,
        likelihood_band=band(event.incidents_per_year, likelihood) if event else None,
        impact_band=band(event_share, impact) if event_share is not None else None,
        current_band=_current_band(_ratio(seen, window), impact),
        residual_min_per_year=plan and plan.bad_min_per_year,
        residual_budget_share=_ratio(plan and plan.bad_min_per_year, year),
        residual_likelihood_band=band(plan.incidents_per_year, likelihood) if plan else None,
        residual_impact_band=band(plan.event_bad_min / window, impact) if plan and window else None,
        saved_min_per_year=saved,
        saved_min_per_effort_day=_ratio(saved, risk.effort_days),
        sum_users_times_frequency=sum(c.users_times_frequency for c in others) if factor else None,
        exceeds_single_risk_limit=share is not None and share > policy.single_risk_limit,
        must_discuss=risk.irreversible or (event_share is not None and event_share >= policy.must_discuss_event_share),
        user_minutes_per_year=minutes * active_users if minutes is not None and active_users is not None else None,
    )


def _spread(risk: Risk, minutes: float | None, year: float | None, policy: RiskPolicy) -> Interval | None:
    """The share of the year's budget as an interval; that of the ranks where there are no numbers."""
    if year is None:
        return None
    if risk.kind == "event" and risk.cre:
        return risk_range.of_numbers(risk.cre, policy).times(1 / year)
    if minutes is not None:
        return Interval(minutes, minutes, minutes).times(1 / year)
    return risk_range.of_ranks(risk.ranks, policy) if risk.kind == "event" and risk.ranks else None


def joined(factors: Iterable[RiskFactor]) -> tuple[float, float, float]:
    """Several factors at once: added detection and repair minutes, and the fraction of more incidents.

    Minutes add up, frequencies multiply: 10 % and 20 % more are 32 % more.
    """
    detect = repair = 0.0
    often = 1.0
    for factor in factors:
        detect, repair = detect + factor.ettd_plus_min, repair + factor.ettr_plus_min
        often *= 1 + factor.frequency_plus
    return detect, repair, often - 1


def rank_key(made: Score, late_days: int) -> tuple:
    """Share of the year's budget first, then share of one window's budget, then overdue days, then id: total, stable.

    Records without a share come after all that have one; they are listed, not ranked. Those with ranks only stand where
    the middle of their bands would be, without a number.
    """
    share = made.order_share
    return (share is None, -(share or 0), -(made.event_share or 0), -late_days, made.risk, made.product)


def _ratio(value: float | None, by: float | None) -> float | None:
    return value / by if value is not None and by else None


def minutes_while_idle(made: Score, days: int, policy: RiskPolicy) -> float | None:
    """(seen + expected minutes a year) x idle days / year: 200 a year, idle for 73 days, are 40 minutes."""
    known = [one for one in (made.current_min_per_year, made.bad_minutes_per_year) if one is not None]
    return sum(known) * days / policy.days_per_year if known else None


def _current_band(share: float | None, edges: list[float]) -> int | None:
    if share is None:
        return None
    return band(share, edges) if share > 0 else 0
