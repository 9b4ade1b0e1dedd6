"""How sure a risk's place is: intervals of bad minutes a year, and the ranks that are possible within them.

A range of a number (5 % to 95 %) stretches the minutes to both sides. Where only ranks were typed, the middle of their
bands stands in, a quarter to four times as wide: bands go up by four, and each of the two numbers may be anywhere in
its band. Two records whose intervals overlap have no certain order. Source: risk.md 2.2 and 2.4.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from maturity.records.policies import RiskPolicy
from maturity.records.risks import Cre, Ranks


class Interval(NamedTuple):
    """Bad minutes a year, or shares: at best, expected, at worst."""

    low: float
    middle: float
    high: float

    def times(self, factor: float) -> Interval:
        """The interval in another unit."""
        return Interval(self.low * factor, self.middle * factor, self.high * factor)


def of_numbers(cre: Cre, policy: RiskPolicy) -> Interval:
    """Minutes a year with every ranged number at its better end, as typed, and at its worse end.

    Repair 95 min in [40, 240], detection 4 min, 60 % of users, every 540 days: 17.9 to 99.0 minutes, expected 40.2.
    """

    def at(end: int | None) -> float:
        def number(name: str, worse: int = 1) -> float:
            ends = getattr(cre, f"{name}_p5_p95")
            return getattr(cre, name) if end is None or ends is None else ends[worse if end else 1 - worse]

        event = (number("ettd_min") + number("ettr_min")) * min(1.0, number("users_affected"))
        return event * policy.days_per_year / number("ettf_days", worse=0)

    return Interval(min(at(0), at(None)), at(None), max(at(1), at(None)))


def of_ranks(ranks: Ranks, policy: RiskPolicy) -> Interval | None:
    """Share of the year's budget that typed ranks stand for; None without a likelihood or a potential impact.

    Likelihood 4 and impact 3: 8 a year, half a window's budget each; 30.7 % of the year's budget, 7.7 % to 122.7 %.
    """
    if not ranks.likelihood or not ranks.potential_impact:
        return None
    a_year = _middle(policy.likelihood_edges_per_year, ranks.likelihood)
    of_window = _middle(policy.impact_edges_share_of_window_budget, ranks.potential_impact)
    middle = a_year * of_window * policy.budget_window_days / policy.days_per_year
    width = math.sqrt(_ratio(policy.likelihood_edges_per_year) * _ratio(policy.impact_edges_share_of_window_budget))
    return Interval(middle / width, middle, middle * width)


def _ratio(edges: Sequence[float]) -> float:
    return edges[1] / edges[0]


def _middle(edges: Sequence[float], band: int) -> float:
    """Geometric middle of a band; the open end bands are taken as wide as the others."""
    ratio = _ratio(edges)
    low = edges[0] / ratio if band == 1 else edges[band - 2]
    return low * math.sqrt(ratio)


def possible_ranks(intervals: Sequence[Interval]) -> list[tuple[int, int]]:
    """The best and the worst rank that each may have: 1 and 1 for one that lies above all others even at best.

    Intervals [1, 2, 3], [2, 4, 6] and [7, 8, 9] give (2, 3), (2, 3) and (1, 1).
    """
    lows, highs = sorted(one.low for one in intervals), sorted(one.high for one in intervals)
    count = len(intervals)
    return [(1 + count - bisect_right(lows, one.high), count - bisect_left(highs, one.low)) for one in intervals]
