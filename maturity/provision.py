"""Over-provided reliability: is an SLO far better than it has to be, and what could be decided?

Nothing here decides. Over whole windows the bad share is bounded from above; where even that bound leaves most of the
budget unused, three options lie on the table: keep, tighten to what the data proves, or lower the target (or spend the
budget on change). Without a basis for the target there is no advice: nobody knows what users need.
Source: reference slo.md 2.4 and 7.3; method in docs/slos-in-use.md.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import NormalDist
from typing import Literal

import numpy as np

from maturity.records.policies import OverProvided
from maturity.records.products import RunningCost

Verdict = Literal[
    "over_provided", "in_use", "no_basis", "no_budget", "too_few_windows", "low_coverage", "too_few_events"
]  # fmt: skip

# Above so many bad events the score interval differs from the exact one by less than a thousandth of itself.
_EXACT_UP_TO = 1_000_000
# Terms that are added in one step.
_AT_ONCE = 1024


@dataclass(frozen=True)
class Window:
    """One whole window of an SLO: what was counted, after corrections. Units are events, or slices.

    `proving_units` prove as much of the bad share: all, but of a weighted composite fewer, see slo_window_day.
    """

    first: dt.date
    last: dt.date
    units: float
    bad_units: float
    proving_units: float
    coverage: float | None
    budget_minutes: float


@dataclass(frozen=True)
class Advice:
    """What the windows say. Shares are ratios; `free_minutes` is what a window has to spend, in bad minutes."""

    verdict: Verdict
    windows: int
    first: dt.date | None = None
    last: dt.date | None = None
    units: float | None = None
    bad_units: float | None = None
    proving_units: float | None = None
    upper_bound: float | None = None
    budget_used: float | None = None
    tighten_to: Decimal | None = None
    lower_to: Decimal | None = None
    free_minutes: float | None = None
    freed_per_month: float | None = None
    currency: str | None = None
    cost_source: str | None = None


def upper_bound(bad: float, units: float, confidence: float) -> float:
    """One-sided upper confidence bound of the bad share (Clopper and Pearson 1934); fractions of bad count as whole.

    0 bad of 2,995 at 95 % give 0.001: that many events without a failure prove 99.9 %. Slices are not independent of
    each other as events nearly are, so for slices the bound is a lower limit of the doubt.
    """
    count = math.ceil(bad - 1e-9)
    if units <= 0 or count >= units:
        return 1.0
    if count == 0:
        return 1 - (1 - confidence) ** (1 / units)
    if count > _EXACT_UP_TO:
        return _score_bound(count / units, units, confidence)
    low, high = count / units, 1.0
    share = min(_score_bound(low, units, confidence), (low + high) / 2)
    while True:
        chance, last_term = _at_most(count, units, share)
        above = chance - (1 - confidence)
        low, high = (share, high) if above > 0 else (low, share)
        # Newton's step, as d P(X <= k) / d p = -P(X = k) (n - k) / (1 - p); halving where it would leave the bracket.
        slope = last_term * (units - count) / (1 - share)
        following = share + above / slope if slope else low
        following = following if low < following < high else (low + high) / 2
        if abs(following - share) <= 1e-12 * share:
            return following
        share = following


def _at_most(count: int, units: float, share: float) -> tuple[float, float]:
    """P(X <= count) and P(X = count) of a binomial, summed from X = count down until the rest no longer matters."""
    term = math.exp(
        math.lgamma(units + 1) - math.lgamma(count + 1) - math.lgamma(units - count + 1)
        + count * math.log(share) + (units - count) * math.log1p(-share)
    )  # fmt: skip
    last, total, k = term, term, count
    while k > 0 and term > 1e-14 * total:
        counts = np.arange(k, max(k - _AT_ONCE, 0), -1)
        steps = counts * (1 - share) / ((units - counts + 1) * share)
        # One after the other, as a loop would multiply and add, up to the first that no longer matters.
        terms = np.cumprod(np.append(term, steps))[1:]
        totals = np.cumsum(np.append(total, terms))[1:]
        done = np.flatnonzero(terms <= 1e-14 * totals)
        end = done[0] if done.size else len(terms) - 1
        total, term, k = float(totals[end]), float(terms[end]), k - len(terms)
    return total, last


def _score_bound(share: float, units: float, confidence: float) -> float:
    """Wilson's upper bound of a share (1927)."""
    z = NormalDist().inv_cdf(confidence)
    middle = share + z * z / (2 * units)
    spread = z * math.sqrt(share * (1 - share) / units + z * z / (4 * units * units))
    return (middle + spread) / (1 + z * z / units)


def advise(
    target: Decimal,
    windows: Sequence[Window],
    has_basis: bool,
    costs: Sequence[RunningCost],
    policy: OverProvided,
    min_coverage: float,
) -> Advice:
    """The advice for one SLO from its last whole windows, newest first.

    With 99 %, three windows of together 100,000 events and 100 bad, the bound is 0.0012: 12 % of the budget of 0.01,
    so it is over-provided; 99.5 % is proven with most of its budget left, 98 % would be the next step down.
    """
    windows = windows[: policy.windows]
    if target >= 1:
        return Advice("no_budget", len(windows))
    if len(windows) < policy.windows:
        return Advice("too_few_windows", len(windows))
    units, bad, proving = (sum(getattr(w, of) for w in windows) for of in ("units", "bad_units", "proving_units"))
    budget = float(1 - target)
    bound = upper_bound(bad / units * proving, proving, policy.confidence)
    seen = Advice(
        "in_use", len(windows), windows[-1].first, windows[0].last, units, bad, proving, bound, bound / budget
    )  # fmt: skip
    if any(w.coverage is None or w.coverage < min_coverage for w in windows):
        return replace(seen, verdict="low_coverage")
    if upper_bound(0, proving, policy.confidence) > policy.budget_used * budget:
        return replace(seen, verdict="too_few_events")
    if bound > policy.budget_used * budget:
        return seen
    if not has_basis:
        return replace(seen, verdict="no_basis")
    tighter = [t for t in policy.targets if t > target and bound <= policy.budget_used * float(1 - t)]
    lower = max((t for t in policy.targets if t < target), default=None)
    now, then = _cost(costs, target), _cost(costs, lower)
    priced = now is not None and then is not None and now.currency == then.currency
    return replace(
        seen,
        verdict="over_provided",
        tighten_to=max(tighter, default=None),
        lower_to=lower,
        free_minutes=windows[0].budget_minutes * (1 - bound / budget),
        freed_per_month=now.per_month - then.per_month if priced else None,
        currency=now.currency if priced else None,
        cost_source=now.source if priced else None,
    )


def _cost(costs: Sequence[RunningCost], target: Decimal | None) -> RunningCost | None:
    """What the target costs: the price of exactly this target, or of the nearest stricter one, which is enough."""
    if target is None:
        return None
    return min((cost for cost in costs if cost.target >= target), key=lambda cost: cost.target, default=None)
