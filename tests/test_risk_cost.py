"""Bad minutes a year: the sample's records against figures computed apart, and the public CRE example."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from given import SAMPLE_AS_OF, TESTS, day, defaults, yaml_file

from loaders.reading import Reading
from maturity import risk_cost, risk_facts
from maturity.levels import Adoption
from maturity.records.risks import Cre, Risk

EXPECTED = yaml_file(TESTS / "expected" / "risk_records.yaml")
RECORDS = EXPECTED["records"]
BY_PRODUCT = [(key, product) for key, record in RECORDS.items() for product in record["products"]]
POLICY = defaults().risk_policy.record

# Expected figure -> the same figure from a row of risk_score.
FIGURES = {
    "budget_min_per_year": "budget_min_per_year",
    "current_min_per_year": "current_min_per_year",
    "incidents_per_year": "incidents_per_year",
    "event_bad_min": "event_bad_min",
    "p_at_least_one_per_year": "chance_in_a_year",
    "potential_min_per_year": "bad_minutes_per_year",
    "potential_budget_share": "budget_share",
    "added_min_per_year": "bad_minutes_per_year",
    "added_budget_share": "budget_share",
    "event_share_of_28d_budget": "event_share",
    "likelihood_band": "likelihood_band",
    "impact_band": "impact_band",
    "exceeds_single_risk_limit_25pct": "exceeds_single_risk_limit",
    "residual_min_per_year": "residual_min_per_year",
    "saved_min_per_year": "saved_min_per_year",
    "saved_min_per_effort_day": "saved_min_per_effort_day",
    "sum_users_times_frequency": "sum_users_times_frequency",
}


@pytest.fixture(scope="module")
def scores(sample: Reading) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows of risk_score of the sample by record and product, in ranking order."""
    rows = list(risk_facts.risk_rows(sample.bundle, Adoption.of(sample.bundle), SAMPLE_AS_OF)["risk_score"])
    return {(row["risk"], row["product"]): row for row in rows}


# ------------------------------------------------------------------------------------------------------- the sample


def test_the_sample_holds_the_records_that_the_figures_are_for(sample: Reading):
    assert {r.record.id for r in sample.bundle.risks} == set(RECORDS)


@pytest.mark.parametrize(("key", "product"), BY_PRODUCT, ids=[" ".join(pair) for pair in BY_PRODUCT])
def test_figures_of_a_record(scores, key: str, product: str):
    row, expected = scores[key, product], RECORDS[key]["products"][product]
    found = {name: row[column] for name, column in FIGURES.items() if name in expected}
    if "band_sum" in expected:
        found["band_sum"] = row["likelihood_band"] + row["impact_band"]
    assert found == pytest.approx(expected, abs=5.1e-5)


@pytest.mark.parametrize(("key", "product"), BY_PRODUCT, ids=[" ".join(pair) for pair in BY_PRODUCT])
def test_a_figure_that_is_not_known_is_empty_and_never_zero(scores, key: str, product: str):
    expected = RECORDS[key]["products"][product].keys()
    known = {column for name, column in FIGURES.items() if name in expected} | {
        "exceeds_single_risk_limit",  # a yes or no
        "current_min_per_year",  # a fact that a factor may have, too
    }
    found = {column: scores[key, product][column] for column in set(FIGURES.values()) - known}
    assert found == dict.fromkeys(found)


@pytest.mark.parametrize("key", RECORDS)
def test_flags_and_idle_days_of_a_record(scores, key: str):
    rows = [row for (risk, _), row in scores.items() if risk == key]
    assert rows
    for row in rows:
        assert sorted(row["flags"]) == sorted(RECORDS[key]["flags"])
        assert row["idle_days"] == RECORDS[key]["idle_days"]


@pytest.mark.parametrize("product", EXPECTED["product_totals"])
def test_totals_of_a_product(scores, product: str):
    rows = [row for (_, key), row in scores.items() if key == product and row["is_open"]]
    scored = [row for row in rows if row["bad_minutes_per_year"] is not None]
    minutes = sum(row["bad_minutes_per_year"] for row in scored)
    budget = rows[0]["budget_min_per_year"]
    found = {
        "open_scored": len(scored),
        "open_unscored": len(rows) - len(scored),
        "potential_min_per_year": minutes,
        "budget_min_per_year": budget,
        "share_of_budget": minutes / budget,
    }
    assert found == pytest.approx(EXPECTED["product_totals"][product], abs=1.1e-4)  # sums of rounded figures


def test_ranking_of_the_sample(scores):
    ranked = [row for row in scores.values() if row["position"]]
    found = [
        {
            "rank": r["position"],
            "id": r["risk"],
            "product": r["product"],
            "share_of_year_budget": round(r["budget_share"], 4),
        }
        for r in ranked
    ]
    assert found == EXPECTED["ranking"]


def test_unscored_closed_and_merged_records_have_no_rank(scores):
    unranked = {key for key, row in scores.items() if row["position"] == 0}
    assert unranked == {
        ("SRR-2026-008", "voicedesk"),
        ("SRR-2026-012", "foreplan"),
        ("SRR-2026-013", "ragfinder"),
    }


def test_an_irreversible_record_must_be_discussed_whatever_its_rank(scores):
    row = scores["SRR-2026-010", "docsift"]
    assert row["must_discuss"]
    assert row["budget_share"] == pytest.approx(0.0014, abs=5e-5)
    assert not scores["SRR-2026-009", "askhub"]["must_discuss"]


# ------------------------------------------------------------------------------- oracle A: the public CRE example

ORACLE_A = [
    # detect, repair, users, days between, bad minutes a year
    pytest.param(1440, 30, 0.02, 90, 119.3150, id="small bad release, found after a day"),
    pytest.param(5, 120, 1, 365, 125.0856, id="growth unnoticed"),
    pytest.param(240, 10, 0.15, 180, 76.0938, id="noisy alerts"),
    pytest.param(5, 510, 1, 1460, 128.8382, id="database deleted"),
    pytest.param(30, 120, 0.2, 120, 91.3125, id="config error cuts capacity"),
    pytest.param(5, 120, 0.5, 180, 126.8229, id="bad release, rollback unfamiliar"),
    pytest.param(5, 40, 0.5, 365, 22.5154, id="zone lost"),
    pytest.param(2, 30, 1, 730, 16.0110, id="region lost"),
]
MINUTES = [row.values[4] for row in ORACLE_A]


def cre(detect: float, repair: float, users: float, between: float) -> Cre:
    return Cre(ettd_min=detect, ettr_min=repair, users_affected=users, ettf_days=between, basis="guess")


@pytest.fixture
def eight() -> list[risk_cost.Cost]:
    return [risk_cost.cost(cre(*row.values[:4]), POLICY) for row in ORACLE_A]


@pytest.mark.parametrize(("detect", "repair", "users", "between", "expected"), ORACLE_A)
def test_bad_minutes_a_year_of_a_public_example(detect, repair, users, between, expected):
    made = risk_cost.cost(cre(detect, repair, users, between), POLICY)
    assert made.bad_min_per_year == pytest.approx(expected, abs=5.1e-5)


@pytest.mark.parametrize(
    ("detect", "repair", "users", "expected"),
    [(30, 120, 0.2, 121.75), (5, 120, 1, 507.2917)],
    ids=["config error every 90 days", "untested rollback"],
)
def test_the_two_published_figures_that_fit_90_days(detect, repair, users, expected):
    assert risk_cost.cost(cre(detect, repair, users, 90), POLICY).bad_min_per_year == pytest.approx(
        expected, abs=5.1e-5
    )


def test_the_eight_together_miss_the_slo_although_no_single_one_is_too_big(eight):
    total = sum(c.bad_min_per_year for c in eight)
    assert total == pytest.approx(705.9943, abs=5e-5)
    assert sum(c.users_times_frequency for c in eight) == pytest.approx(4.260416, abs=5e-7)
    at_995, at_999 = (risk_cost.budget_min_per_year(Decimal(t), POLICY) for t in ("0.995", "0.999"))
    assert total / at_995 == pytest.approx(0.2685, abs=5e-5)
    assert total / at_999 == pytest.approx(1.3423, abs=5e-5)
    assert max(c.bad_min_per_year for c in eight) / at_999 == pytest.approx(0.2450, abs=5e-5)


@pytest.mark.parametrize(
    ("detect", "repair", "frequency", "expected"),
    [
        pytest.param(30, 0, 0, 127.8125, id="30 minutes later noticed"),
        pytest.param(0, 5, 0, 21.3021, id="5 minutes longer repaired"),
        pytest.param(0, 0, 0.1, 70.5994, id="10 per cent more often"),
        pytest.param(30, 5, 0.1, 234.6255, id="all three: more than their sum of 219.7140"),
        pytest.param(0, 0, 0, 0, id="nothing"),
    ],
)
def test_minutes_that_a_factor_adds(eight, detect, repair, frequency, expected):
    assert risk_cost.added_minutes(eight, detect, repair, frequency) == pytest.approx(expected, abs=5e-5)


def test_a_factor_adds_what_the_longer_and_more_frequent_incidents_would_cost(eight):
    worse = [
        risk_cost.cost(cre(detect + 30, repair + 5, users, between / 1.1), POLICY)
        for detect, repair, users, between, _ in (row.values for row in ORACLE_A)
    ]
    difference = sum(c.bad_min_per_year for c in worse) - sum(c.bad_min_per_year for c in eight)
    assert risk_cost.added_minutes(eight, 30, 5, 0.1) == pytest.approx(difference)


@pytest.mark.parametrize(
    ("target", "expected"),
    [("0.99", 5259.6), ("0.995", 2629.8), ("0.999", 525.96), ("0.9995", 262.98), ("0.9999", 52.596)],
)
def test_year_budget_of_a_target(target: str, expected: float):
    assert risk_cost.budget_min_per_year(Decimal(target), POLICY) == pytest.approx(expected, abs=1e-9)


def test_window_budget_is_that_of_28_days():
    assert risk_cost.budget_min_per_window(Decimal("0.999"), POLICY) == pytest.approx(40.32, abs=1e-9)


# ------------------------------------------------------------------------------------------------------------ bands


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 1), (0.2499, 1), (0.25, 2), (0.9999, 2), (1, 3), (3.99, 3), (4, 4), (15.9, 4), (16, 5), (1000, 5)],
)
def test_a_value_on_an_edge_belongs_to_the_band_above(value: float, expected: int):
    assert risk_cost.band(value, POLICY.likelihood_edges_per_year) == expected


def test_one_event_that_eats_exactly_the_window_is_on_the_edge_of_band_4():
    share = 40.32 / risk_cost.budget_min_per_window(Decimal("0.999"), POLICY)
    assert risk_cost.band(share, POLICY.impact_edges_share_of_window_budget) == 4


def scored(event_share: float, per_year: float, **fields: Any) -> risk_cost.Score:
    """Score of a record with one event of that share of the window's budget, so often a year, at 99.9 %."""
    numbers = cre(event_share * 40.32, 0, 1, 365.25 / per_year)
    return risk_cost.score(record(cre=numbers, **fields), "alpha", "alpha-ok", Decimal("0.999"), 100, [], POLICY)


def record(**fields: Any) -> Risk:
    given = {
        "id": "R-1", "products": ["alpha"], "title": "T", "category": "data", "status": "new", "summary": "S",
        "detected": {"at": "2026-01-01", "by": "kim", "via": "drill"}, "review": {"cadence_days": 30},
        "log": [{"at": "2026-01-01", "by": "kim", "kind": "found", "text": "Seen."}],
    }  # fmt: skip
    return Risk(**(given | fields))


@pytest.mark.parametrize(
    ("frequent", "rare"),
    [
        # (share of a window's budget, times a year) in the middle of the bands
        pytest.param((0.03125, 32), (0.5, 0.5), id="L5 I1 and L2 I3: the product says 5 below 6"),
        pytest.param((0.03125, 8), (0.125, 0.5), id="L4 I1 and L2 I2: the product says 4 and 4"),
    ],
)
def test_the_share_ranks_where_a_product_of_ranks_would_reverse_or_tie(frequent: tuple, rare: tuple):
    one, other = scored(*frequent, id="Z"), scored(*rare, id="A")
    assert one.likelihood_band * one.impact_band <= other.likelihood_band * other.impact_band
    assert one.likelihood_band + one.impact_band == other.likelihood_band + other.impact_band + 1
    assert one.budget_share > other.budget_share
    assert sorted([other, one], key=lambda s: risk_cost.rank_key(s, 0)) == [one, other]


def test_a_sum_of_bands_two_higher_is_never_the_smaller_risk():
    events = [4**i / 16 * shift for i in range(-1, 4) for shift in (0.26, 0.5, 0.99) if 4**i / 16 * shift < 4]
    often = [4**i * shift for i in range(-1, 3) for shift in (0.26, 0.5, 0.99)]
    made = [scored(event, year) for event in events for year in often if event >= 1 / 64 and year >= 1 / 16]
    sums = [(s.likelihood_band + s.impact_band, s.budget_share) for s in made]
    pairs = [(a, b) for a, b in itertools.permutations(sums, 2) if a[0] >= b[0] + 2]
    assert len(pairs) > 100
    assert all(a[1] > b[1] for a, b in pairs)


# ------------------------------------------------------------------------------------------------- rank and the rest


@pytest.mark.parametrize(
    ("per_year", "chance"), [(0.25, 0.2212), (28 / 365.25, 0.0738)], ids=["every four years", "28 days' part of one"]
)
def test_the_chance_that_it_happens_at_all(per_year: float, chance: float):
    assert scored(1, per_year).chance_in_a_year == pytest.approx(chance, abs=5e-5)


def test_rank_is_share_then_event_share_then_overdue_then_id():
    big = scored(1, 1, id="D")
    same_share_bigger_event = scored(2, 0.5, id="C")
    late, on_time, without = scored(1, 1, id="B"), scored(1, 1, id="A"), unscored(id="0")
    rows = [(without, 99), (on_time, 0), (big, 0), (late, 5), (same_share_bigger_event, 0)]
    rows.sort(key=lambda pair: risk_cost.rank_key(*pair))
    assert [made.risk for made, _ in rows] == ["C", "B", "A", "D", "0"]


def unscored(**fields: Any) -> risk_cost.Score:
    return risk_cost.score(record(**fields), "alpha", "alpha-ok", Decimal("0.999"), 100, [], POLICY)


def test_without_an_slo_the_minutes_are_known_and_the_shares_are_not():
    numbers = cre(10, 50, 0.5, 365.25)
    made = risk_cost.score(record(cre=numbers), "alpha", None, None, 100, [], POLICY)
    assert made.bad_minutes_per_year == pytest.approx(30)
    assert (made.budget_share, made.event_share, made.impact_band, made.likelihood_band) == (None, None, None, 3)
    assert not made.exceeds_single_risk_limit


def test_a_target_of_1_has_no_budget_to_take_a_share_of():
    made = risk_cost.score(record(cre=cre(1, 1, 1, 1)), "alpha", "alpha-ok", Decimal(1), None, [], POLICY)
    assert (made.budget_share, made.event_share) == (None, None)


def test_current_burn_is_a_yearly_rate_kept_apart_from_what_is_expected():
    made = risk_cost.score(
        record(observed_bad_minutes_28d=6.2), "alpha", "alpha-ok", Decimal("0.999"), None, [], POLICY
    )
    assert made.current_min_per_year == pytest.approx(80.8768, abs=5e-5)
    assert made.current_window_share == pytest.approx(6.2 / 40.32)
    assert made.bad_minutes_per_year is None


@pytest.mark.parametrize(
    ("seen", "band"), [(None, None), (0, 0), (0.01, 1), (40.32, 4)], ids=["unknown", "none", "little", "all of it"]
)
def test_current_band_tells_unknown_from_nothing(seen: float | None, band: int | None):
    made = unscored(observed_bad_minutes_28d=seen)
    assert made.current_band == band


def test_user_minutes_are_a_second_view_of_the_same_minutes():
    made = scored(0.5, 2)
    assert made.user_minutes_per_year == pytest.approx(made.bad_minutes_per_year * 100)


@pytest.mark.parametrize(("share", "expected"), [(3.99, False), (4, True)], ids=["3.99 budgets: no", "4 budgets: yes"])
def test_an_event_of_four_window_budgets_must_be_discussed(share: float, expected: bool):
    assert scored(share, 0.01).must_discuss is expected


def action(due: str, **fields: Any) -> dict[str, Any]:
    return {"owner": "kim", "next_action": {"text": "Do it.", "due": due} | fields}


CRE = {"cre": {"ettd_min": 1, "ettr_min": 1, "users_affected": 1, "ettf_days": 1, "basis": "guess"}}
ACCEPTED = {"approver": "wada", "accepted_at": "2026-01-01", "reason": "Waits."}


@pytest.mark.parametrize(
    ("fields", "on", "expected"),
    [
        pytest.param({**action("2026-01-31"), **CRE}, "2026-01-31", [], id="due today is not late"),
        pytest.param({**action("2026-01-30"), **CRE}, "2026-01-31", ["action_overdue"], id="due yesterday is late"),
        pytest.param(
            {**action("2026-01-17"), **CRE}, "2026-01-31", ["action_overdue"], id="14 days late: not buried yet"
        ),
        pytest.param(
            {**action("2026-01-16"), **CRE}, "2026-01-31", ["action_overdue", "buried"], id="15 days late: buried"
        ),
        pytest.param({**action("2026-01-01", state="done"), **CRE}, "2026-01-31", [], id="a done action is never late"),
        pytest.param({**action("2026-12-31"), **CRE}, "2026-03-02", [], id="idle for two reviews: not buried yet"),
        pytest.param({**action("2026-12-31"), **CRE}, "2026-03-03", ["buried"], id="idle for a day more: buried"),
        pytest.param({**action("2026-12-31", times_postponed=1), **CRE}, "2026-01-31", [], id="postponed once"),
        pytest.param(
            {**action("2026-12-31", times_postponed=2), **CRE},
            "2026-01-31",
            ["postponed_repeatedly"],
            id="postponed twice",
        ),
        pytest.param(
            {**action("2026-12-31"), **CRE, "acceptance": ACCEPTED | {"expires": "2026-01-31"}, "status": "accepted"},
            "2026-01-31",
            [],
            id="an acceptance holds on its last day",
        ),
        pytest.param(
            {**action("2026-12-31"), **CRE, "acceptance": ACCEPTED | {"expires": "2026-01-30"}, "status": "accepted"},
            "2026-01-31",
            ["acceptance_expired"],
            id="an acceptance ends",
        ),
        pytest.param({"status": "closed"}, "2027-01-31", [], id="a closed record has no flags"),
        pytest.param({}, "2026-01-01", ["no_owner", "no_next_action", "unscored", "buried"], id="a bare record"),
    ],
)
def test_flags(fields: dict, on: str, expected: list[str]):
    assert risk_cost.flags(record(**fields), day(on), POLICY) == expected


def test_idle_days_count_from_the_newest_log_line_wherever_it_stands():
    log = [{"at": at, "by": "kim", "kind": "note", "text": "N"} for at in ("2026-01-20", "2026-01-05")]
    assert risk_cost.idle_days(record(log=log), dt.date(2026, 1, 31)) == 11


# ------------------------------------------------------------------------------------- practices as risk factors


def test_a_missing_practice_costs_what_its_factor_adds_to_the_open_risks(sample: Reading):
    open_costs = defaultdict(list)
    for loaded in sample.bundle.risks:
        if loaded.record.cre and risk_cost.is_open(loaded.record):
            for product in loaded.record.products:
                open_costs[product].append(risk_cost.cost(loaded.record.cre, POLICY))
    factors = {p.record.id: p.record.risk_factor for p in sample.bundle.practices}
    gaps = list(risk_facts.risk_rows(sample.bundle, Adoption.of(sample.bundle), SAMPLE_AS_OF)["practice_gap"])
    assert len(gaps) > 20
    for gap in gaps:
        factor, costs = factors[gap["practice"]], open_costs[gap["product"]]
        reach, minutes = sum(c.users_times_frequency for c in costs), sum(c.bad_min_per_year for c in costs)
        more = factor.frequency_pct / 100
        expected = (1 + more) * (factor.detect_min + factor.repair_min) * reach + more * minutes
        assert gap["bad_minutes_per_year"] == pytest.approx(expected)
        assert gap["state"] not in ("adopted", "stale", "exempt")
