"""Over-provided reliability: the bound, the options, and when there is no advice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from given import day, defaults

from maturity import provision
from maturity.provision import Window, advise, upper_bound
from maturity.records.products import RunningCost

POLICY = defaults().budget_policy.record.over_provided
CALM = Window(day("2026-01-01"), day("2026-01-28"), 1_000_000, 10, 1_000_000, 1.0, 403.2)


def cost(target: str, per_month: float, currency: str = "JPY") -> RunningCost:
    return RunningCost(target=target, per_month=per_month, currency=currency, source="Finance")


def advice(window: Window = CALM, target: str = "0.99", count: int = 3, basis: bool = True, costs: tuple = ()):
    return advise(Decimal(target), [window] * count, basis, costs, POLICY, 0.9)


# ------------------------------------------------------------------------------------------------------ the bound


@pytest.mark.parametrize(("target", "events"), [("0.995", 598), ("0.999", 2995), ("0.9999", 29956)])
def test_zero_failures_prove_a_target_from_the_published_number_of_events(target: str, events: int):
    """Reference: slo.md 2.4, n >= ln 0.05 / ln T."""
    allowed = float(1 - Decimal(target))
    assert upper_bound(0, events, 0.95) <= allowed < upper_bound(0, events - 1, 0.95)


@pytest.mark.parametrize(
    ("bad", "units", "bound"),
    [(1, 10, 0.39416), (5, 10, 0.77756), (0, 10, 0.25887), (10, 10, 1.0), (2, 50, 0.12062)],
)
def test_the_bound_is_that_of_clopper_and_pearson(bad: int, units: int, bound: float):
    """Where P(X <= bad) is 5 %: checked against the binomial itself below, and here as fixed values."""
    assert upper_bound(bad, units, 0.95) == pytest.approx(bound, abs=1e-5)


@pytest.mark.parametrize(("bad", "units"), [(3, 200), (40, 5000), (7, 9)])
def test_at_the_bound_so_few_failures_have_a_chance_of_one_in_twenty(bad: int, units: int):
    from math import comb

    share = upper_bound(bad, units, 0.95)
    chance = sum(comb(units, k) * share**k * (1 - share) ** (units - k) for k in range(bad + 1))
    assert chance == pytest.approx(0.05, rel=1e-6)


def test_the_bound_for_large_counts_continues_the_exact_one(monkeypatch: pytest.MonkeyPatch):
    exact = upper_bound(50_000, 100_000_000, 0.95)
    monkeypatch.setattr(provision, "_EXACT_UP_TO", 10)
    assert upper_bound(50_000, 100_000_000, 0.95) == pytest.approx(exact, rel=1e-4)


def test_a_fraction_of_a_bad_event_counts_as_one():
    assert upper_bound(0.2, 1000, 0.95) == upper_bound(1, 1000, 0.95)


def test_without_units_nothing_is_known():
    assert upper_bound(0, 0, 0.95) == 1.0


# ------------------------------------------------------------------------------------------------------ the options


def test_a_weighted_composite_proves_as_much_as_the_units_that_carry_its_weight():
    """A million events prove 99.99 %; those of a busy member with a tenth of the weight do not."""
    assert advice().proving_units == 3_000_000
    few = advice(replace(CALM, bad_units=0, proving_units=12))
    assert (few.verdict, few.units, few.proving_units) == ("too_few_events", 3_000_000, 36)
    some = advice(replace(CALM, proving_units=1000))
    assert some.upper_bound == upper_bound(0.03, 3000, POLICY.confidence)


def test_far_below_its_budget_an_slo_is_over_provided_and_all_three_options_are_named():
    found = advice(costs=(cost("0.99", 900), cost("0.98", 600)))
    assert found.verdict == "over_provided"
    assert found.budget_used == pytest.approx(0.0014, abs=0.0002)
    assert (found.tighten_to, found.lower_to) == (Decimal("0.9999"), Decimal("0.98"))
    assert found.free_minutes == pytest.approx(403.2 * (1 - found.budget_used))
    assert (found.freed_per_month, found.currency, found.cost_source) == (300, "JPY", "Finance")


def test_a_target_that_has_no_price_of_its_own_costs_what_the_next_stricter_one_costs():
    found = advice(target="0.999", costs=(cost("0.9995", 900), cost("0.998", 500)))
    assert found.freed_per_month == 400


@pytest.mark.parametrize("costs", [(), (cost("0.98", 600),), (cost("0.99", 900), cost("0.98", 5, "USD"))])
def test_without_two_prices_in_one_currency_no_money_is_named(costs: tuple):
    found = advice(costs=costs)
    assert (found.verdict, found.freed_per_month, found.currency) == ("over_provided", None, None)


def test_the_lowest_target_of_the_list_has_nothing_below_it():
    assert advice(target="0.9").lower_to is None


@pytest.mark.parametrize(
    ("verdict", "given"),
    [
        ("no_basis", {"basis": False}),
        ("too_few_windows", {"count": 2}),
        ("low_coverage", {"window": replace(CALM, coverage=0.8)}),
        ("low_coverage", {"window": replace(CALM, coverage=None)}),
        ("too_few_events", {"window": replace(CALM, units=100, bad_units=0, proving_units=100)}),
        ("in_use", {"window": replace(CALM, bad_units=4000)}),
        ("no_budget", {"target": "1"}),
    ],
)
def test_when_there_is_no_advice_the_reason_is_said(verdict: str, given: dict):
    found = advice(**given)
    assert (found.verdict, found.tighten_to, found.lower_to, found.freed_per_month) == (verdict, None, None, None)


def test_an_slo_that_uses_its_budget_is_not_refused_for_want_of_a_basis():
    assert advice(window=replace(CALM, bad_units=4000), basis=False).verdict == "in_use"
