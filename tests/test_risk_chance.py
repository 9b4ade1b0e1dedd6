"""How sure a place is, and the chance to miss a year: the reference's own figures (risk.md 2.1 to 2.5)."""

from __future__ import annotations

import math
import random
from decimal import Decimal

import pytest
from given import defaults
from hypothesis import given as such_that
from hypothesis import settings
from hypothesis import strategies as st

from maturity import risk_calibration, risk_chance, risk_cost, risk_range
from maturity.records.risks import Cre, Ranks, RiskFactor
from maturity.risk_chance import Lognormal, Source
from maturity.risk_range import Interval

POLICY = defaults().risk_policy.record
# Detect, repair, users, days between: the eight rows of oracle A.
ORACLE_A = [
    (1440, 30, 0.02, 90), (5, 120, 1, 365), (240, 10, 0.15, 180), (5, 510, 1, 1460),
    (30, 120, 0.2, 120), (5, 120, 0.5, 180), (5, 40, 0.5, 365), (2, 30, 1, 730),
]  # fmt: skip
BUDGET_999 = risk_cost.budget_min_per_year(Decimal("0.999"), POLICY)


def cre(detect: float, repair: float, users: float, days: float, **more) -> Cre:
    numbers = {"ettd_min": detect, "ettr_min": repair, "users_affected": users, "ettf_days": days}
    return Cre(**(numbers | {"basis": "guess"} | more))


def sources(*factors: RiskFactor) -> list[Source]:
    return [Source.of(cre(*row), POLICY, factors) for row in ORACLE_A]


# ------------------------------------------------------------------------------------------------------ Monte-Carlo


def test_oracle_a_misses_its_budget_in_two_years_of_three():
    year = risk_chance.simulate(sources(), BUDGET_999, POLICY)
    assert (year.mean, year.sd) == (pytest.approx(705.9943, abs=1e-3), pytest.approx(316.28, abs=0.01))
    assert year.chance_to_miss == pytest.approx(0.674, abs=0.012)  # 20,000 years: three standard errors
    assert (year.p50, year.p90) == (pytest.approx(631, rel=0.02), pytest.approx(1141, rel=0.02))


def test_the_same_seed_gives_the_same_chance_and_another_one_nearly_the_same():
    first, again = (risk_chance.simulate(sources(), BUDGET_999, POLICY) for _ in range(2))
    other = risk_chance.simulate(sources(), BUDGET_999, POLICY.model_copy(update={"seed": 1}))
    assert first == again
    assert other != first
    assert other.chance_to_miss == pytest.approx(first.chance_to_miss, abs=0.015)


@pytest.mark.parametrize(
    ("rate", "low", "high", "a_year"),
    [(1, 15, 240, 85.58), (0.1, 1e5, 1e6, 40_400.128), (0.01, 1e6, 1e7, 40_400.128), (0.1, 1e7, 1e9, 26_639_801),
     (0.05, 5e6, 5e7, 1_010_003)],
)  # fmt: skip
def test_a_lognormal_from_its_ends(rate: float, low: float, high: float, a_year: float):
    """Repair of 15 to 240 minutes, whose median is 60, and riskquant's own examples."""
    drawn = Lognormal.of(low, high)
    assert math.exp(drawn.mu) == pytest.approx(math.sqrt(low * high))
    assert rate * drawn.mean == pytest.approx(a_year, rel=6e-5)


def test_a_range_widens_the_year_and_lifts_its_mean():
    plain, ranged = cre(5, 60, 1, 90), cre(5, 60, 1, 90, ettr_min_p5_p95=[15, 240])
    narrow, wide = (risk_chance.simulate([Source.of(one, POLICY)], 300, POLICY) for one in (plain, ranged))
    assert wide.mean == pytest.approx(POLICY.days_per_year / 90 * (5 + 85.58), rel=1e-4)
    assert wide.sd > narrow.sd
    assert wide.p90 > narrow.p90


def test_the_simulated_years_have_the_exact_mean_and_spread():
    drawn = Source.of(cre(5, 60, 0.5, 20, ettr_min_p5_p95=[15, 240]), POLICY)
    policy = POLICY.model_copy(update={"simulated_years": 200_000})
    year = risk_chance.simulate([drawn], 850, policy)
    assert year.mean == pytest.approx(18.2625 * 0.5 * (5 + 85.58), rel=1e-4)
    # Skewed to the right: the middle year lies below the mean, and the normal law is not far off.
    assert 0.9 * year.mean < year.p50 < year.mean
    assert year.p90 == pytest.approx(year.mean + 1.2816 * year.sd, rel=0.05)


@pytest.mark.parametrize("days", [0.3, 1e-9])
def test_a_risk_that_happens_all_the_time_is_simulated_without_drawing_each_time(days: float):
    """Just beyond a thousand times a year, where both ways can be compared, and where memory would end."""
    drawn = Source.of(cre(5, 60, 0.5, days, ettr_min_p5_p95=[15, 240]), POLICY)
    assert drawn.per_year > 1000
    year = risk_chance.simulate([drawn], 0.99 * drawn.per_year * drawn.mean, POLICY)
    assert year.p50 == pytest.approx(year.mean, rel=0.005)
    assert year.p90 == pytest.approx(year.mean + 1.2816 * year.sd, rel=0.005)
    assert year.chance_to_miss > 0.55


@pytest.mark.parametrize(
    ("factor", "added"),
    [
        ({"ettd_plus_min": 30}, 127.8125),
        ({"ettr_plus_min": 5}, 21.3021),
        ({"frequency_plus": 0.10}, 70.5994),
        ({"ettd_plus_min": 30, "ettr_plus_min": 5, "frequency_plus": 0.10}, 234.6255),
    ],
)
def test_a_factor_adds_to_the_year_what_the_formula_says(factor: dict, added: float):
    made = RiskFactor(**factor)
    year = risk_chance.simulate(sources(made), BUDGET_999, POLICY)
    costs = [risk_cost.cost(cre(*row), POLICY) for row in ORACLE_A]
    assert year.mean - 705.9943 == pytest.approx(added, abs=1e-3)
    assert risk_cost.added_minutes(costs, *risk_cost.joined([made])) == pytest.approx(added, abs=1e-3)


def test_factors_together_are_not_the_sum_of_single_ones():
    costs = [risk_cost.cost(cre(*row), POLICY) for row in ORACLE_A]
    single = [RiskFactor(ettd_plus_min=30), RiskFactor(ettr_plus_min=5), RiskFactor(frequency_plus=0.10)]
    assert risk_cost.joined(single) == pytest.approx((30, 5, 0.10))
    assert risk_cost.added_minutes(costs, *risk_cost.joined(single)) == pytest.approx(234.6255, abs=1e-3)
    assert sum(risk_cost.added_minutes(costs, *risk_cost.joined([one])) for one in single) == pytest.approx(
        219.7140, abs=1e-3
    )


def test_no_budget_gives_no_chance_rather_than_zero():
    assert risk_chance.simulate(sources(), None, POLICY).chance_to_miss is None


# --------------------------------------------------------------------------------------------------------- oracle B

ORACLE_B = [3559, 507, 395, 242, 213, 150, 129, 125, 122, 119, 76, 71, 52, 16]


@pytest.mark.parametrize(
    ("target", "limit", "count"),
    [("0.995", 0.25, 1), ("0.999", 0.25, 6), ("0.9999", 0.25, 14), ("0.9999", 1.0, 12)],
)
def test_the_published_figures_against_three_targets(target: str, limit: float, count: int):
    budget = risk_cost.budget_min_per_year(Decimal(target), POLICY)
    assert sum(ORACLE_B) == 5776
    assert sum(minutes / budget > limit for minutes in ORACLE_B) == count


# ------------------------------------------------------------------------------------------------- bands and ranks

LIKELIHOOD, IMPACT = POLICY.likelihood_edges_per_year, POLICY.impact_edges_share_of_window_budget


@settings(max_examples=500, deadline=None)
@such_that(
    st.tuples(*[st.floats(math.log(1 / 16) + 1e-9, math.log(64) - 1e-9) for _ in range(2)]),
    st.tuples(*[st.floats(math.log(1 / 64) + 1e-9, math.log(16) - 1e-9) for _ in range(2)]),
)
def test_a_sum_of_bands_two_or_more_higher_is_never_a_smaller_risk(often: tuple, impact: tuple):
    """Equal-ratio bands, ends as wide as the others: the proof of risk.md 2.2."""
    first, second = (
        (math.exp(n) * math.exp(e), risk_cost.band(math.exp(n), LIKELIHOOD) + risk_cost.band(math.exp(e), IMPACT))
        for n, e in zip(often, impact, strict=True)
    )
    if first[1] - second[1] >= 2:
        assert first[0] > second[0]


@pytest.mark.parametrize(
    ("likelihood", "impact", "share"), [(3, 2, 0.019), (3, 3, 0.077), (4, 3, 0.307), (4, 4, 1.23), (5, 4, 4.91)]
)
def test_ranks_stand_for_the_middle_of_their_bands(likelihood: int, impact: int, share: float):
    ranks = Ranks(current_impact=0, potential_impact=impact, likelihood=likelihood)
    low, middle, high = risk_range.of_ranks(ranks, POLICY)
    assert middle == pytest.approx(share, rel=0.02)
    assert (low, high) == (pytest.approx(middle / 4), pytest.approx(middle * 4))


def test_ranks_without_a_likelihood_stand_for_nothing():
    assert risk_range.of_ranks(Ranks(current_impact=2, potential_impact=4, likelihood=0), POLICY) is None
    assert risk_range.of_ranks(Ranks(current_impact=2, potential_impact=0, likelihood=4), POLICY) is None


def test_a_range_of_repair_stretches_the_minutes():
    made = risk_range.of_numbers(cre(4, 95, 0.6, 540, ettr_min_p5_p95=[40, 240]), POLICY)
    assert made == pytest.approx((17.8567, 40.1775, 99.0233), abs=1e-4)


def test_a_range_of_days_between_turns_round():
    """Rarer is better: the long end belongs to the low minutes."""
    low, middle, high = risk_range.of_numbers(cre(0, 10, 1, 100, ettf_days_p5_p95=[50, 400]), POLICY)
    assert (low, high) == (pytest.approx(middle / 4), pytest.approx(middle * 2))


def test_possible_ranks_of_intervals():
    found = risk_range.possible_ranks([Interval(1, 2, 3), Interval(2, 4, 6), Interval(7, 8, 9)])
    assert found == [(2, 3), (2, 3), (1, 1)]


def test_possible_ranks_agree_with_looking_at_every_pair():
    chance = random.Random(7)
    ends = [sorted(chance.choices(range(30), k=3)) for _ in range(60)]
    intervals = [Interval(*end) for end in ends]
    assert risk_range.possible_ranks(intervals) == [
        (1 + sum(o.low > one.high for o in intervals), sum(o.high >= one.low for o in intervals)) for one in intervals
    ]


# ----------------------------------------------------------------------------------------------------- calibration


def test_three_incidents_in_a_year_double_a_guess_of_one():
    learned = risk_calibration.learn(POLICY.days_per_year / 365, 3, 1, POLICY.calibration_weight.guess)
    assert learned.both == pytest.approx(2.0003, abs=1e-4)


def test_what_was_measured_moves_less_than_a_guess():
    weights = POLICY.calibration_weight
    moved = [
        risk_calibration.learn(1, 4, 1, weight).both for weight in (weights.guess, weights.estimated, weights.measured)
    ]
    assert moved == [2.5, 2.0, 1.6]
