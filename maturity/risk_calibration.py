"""What incidents say about estimates: how often a risk happened, against how often it was said to happen.

Gamma-Poisson: n' = (k n0 + events) / (k + years), where k is what the estimate is worth in years (risk.md 2.5).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Learned:
    """Incidents a year: as estimated, as seen, and both together."""

    estimated: float
    seen: int
    years: float
    both: float


def learn(per_year: float, events: int, years: float, weight: float) -> Learned:
    """A guess of one in 365 days, then three in one year: 2.0003 a year."""
    return Learned(per_year, events, years, (weight * per_year + events) / (weight + years))
