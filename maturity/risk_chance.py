"""The chance that a product's risks together use more than its yearly error budget: a seeded simulation of years.

Each risk happens a Poisson number of times a year; each time costs its bad minutes, drawn from a lognormal where the
record gives a range for detection or repair (risk.md 2.3). Factors make every incident longer and more frequent.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maturity.records.policies import RiskPolicy
from maturity.records.risks import Cre, RiskFactor

_Z95 = 1.6448536269514722  # 95 % point of the standard normal
# From so many times a year on, the minutes of a year are drawn as one normal number with the mean and spread of their
# sum (central limit theorem), because drawing each time of 20,000 years would take more memory than there is.
_MANY = 1000


@dataclass(frozen=True)
class Lognormal:
    """Minutes with a 5 % and a 95 % point."""

    mu: float
    sigma: float

    @classmethod
    def of(cls, low: float, high: float) -> Lognormal:
        """15 to 240 min: median 60, mean 85.58."""
        return cls(math.log(low * high) / 2, math.log(high / low) / (2 * _Z95))

    @property
    def mean(self) -> float:
        return math.exp(self.mu + self.sigma**2 / 2)

    @property
    def mean_of_squares(self) -> float:
        return math.exp(2 * self.mu + 2 * self.sigma**2)


@dataclass(frozen=True)
class Source:
    """One risk in a year: how often, and what one time costs, `users` x (`fixed` + the drawn minutes)."""

    per_year: float
    users: float
    fixed: float
    drawn: tuple[Lognormal, ...] = ()

    @classmethod
    def of(cls, cre: Cre, policy: RiskPolicy, factors: Sequence[RiskFactor] = ()) -> Source:
        """A record's numbers, made worse by the factors of its product."""
        fixed, drawn = sum(f.ettd_plus_min + f.ettr_plus_min for f in factors), []
        for number, ends in ((cre.ettd_min, cre.ettd_min_p5_p95), (cre.ettr_min, cre.ettr_min_p5_p95)):
            if ends:
                drawn.append(Lognormal.of(*ends))
            else:
                fixed += number
        often = math.prod(1 + f.frequency_plus for f in factors)
        return cls(policy.days_per_year / cre.ettf_days * often, cre.users_affected, fixed, tuple(drawn))

    @property
    def mean(self) -> float:
        """Expected minutes of one time."""
        return self.users * (self.fixed + sum(part.mean for part in self.drawn))

    @property
    def mean_of_squares(self) -> float:
        parts = self.fixed + sum(part.mean for part in self.drawn)
        spread = sum(part.mean_of_squares - part.mean**2 for part in self.drawn)
        return self.users**2 * (parts**2 + spread)


@dataclass(frozen=True)
class Year:
    """What years look like: bad minutes, and the share of years that pass the budget (None without a budget)."""

    mean: float
    sd: float
    p50: float
    p90: float
    chance_to_miss: float | None


def made_of(sources: Sequence[Source], budget: float | None, policy: RiskPolicy) -> str:
    """Stands for all that decides what `simulate` gives, the library that draws the numbers included."""
    given = (sources, budget, policy.simulated_years, policy.seed, np.__version__)
    return hashlib.sha256(repr(given).encode()).hexdigest()


def simulate(sources: Sequence[Source], budget: float | None, policy: RiskPolicy) -> Year:
    """`policy.simulated_years` years with `policy.seed`; mean and sd are exact: E = sum(n e), Var = sum(n E[e^2]).

    The eight risks of the public CRE example: mean 705.99, sd 316.28, and 67 % of years pass 525.96 minutes.
    """
    chance = np.random.default_rng(policy.seed)
    years = np.zeros(policy.simulated_years)
    for source in sources:
        if source.per_year > _MANY:
            sd = math.sqrt(source.per_year * source.mean_of_squares)
            years += np.maximum(0, chance.normal(source.per_year * source.mean, sd, policy.simulated_years))
            continue
        times = chance.poisson(source.per_year, policy.simulated_years)
        if not source.drawn:
            years += times * source.mean
            continue
        which = np.repeat(np.arange(policy.simulated_years), times)
        minutes = source.fixed + sum(chance.lognormal(d.mu, d.sigma, which.size) for d in source.drawn)
        years += source.users * np.bincount(which, weights=minutes, minlength=policy.simulated_years)
    return Year(
        mean=sum(s.per_year * s.mean for s in sources),
        sd=math.sqrt(sum(s.per_year * s.mean_of_squares for s in sources)),
        p50=float(np.median(years)),
        p90=float(np.quantile(years, 0.9)),
        chance_to_miss=None if budget is None else float(np.mean(years > budget)),
    )
