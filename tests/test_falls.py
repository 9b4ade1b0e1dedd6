"""What fell, why, whether it counts, and in which order: the eight causes, on the project's own guide map."""

from __future__ import annotations

import random

import pytest
from given import (
    START,
    adopted,
    adoption,
    day,
    defaults,
    dropped,
    exempted,
    only_fall,
    practices,
    product,
    said,
    scoring,
    seen,
)  # fmt: skip

from maturity.falls import falls
from maturity.levels import Adoption

TODAY = day("2026-02-01")


# ------------------------------------------------------------------------------------------------- kinds of falls


def test_a_correction_is_listed_and_is_no_regression():
    wrong = said("own-02", START, id="A-1")
    fall = only_fall(adoption(wrong, dropped("own-02", "2026-04-20", corrects="A-1")), "2026-04-30")
    assert (fall.cause, fall.held, fall.regression) == ("correction", True, False)


def test_a_correction_of_the_same_day_counts_after_what_it_corrects_wherever_it_stands():
    wrong, right = said("own-02", START, id="A-1"), dropped("own-02", START, corrects="A-1")
    for order in ([wrong, right], [right, wrong]):
        made = adoption(*order)
        assert made.state("alpha", "own-02", day(START)).state == "not_adopted"
        assert falls(made, TODAY) == []


@pytest.mark.parametrize(
    ("entries", "held"),
    [
        pytest.param(["2026-01-10"], False, id="one assessment, 59 days: unstable"),
        pytest.param(["2026-01-09"], True, id="one assessment, 60 days: held"),
        pytest.param(["2026-03-01", "2026-03-05"], True, id="two assessments in a week: held"),
    ],
)
def test_a_fall_counts_once_the_state_was_held(entries: list[str], held: bool):
    made = adoption(*[said("own-02", on) for on in entries], dropped("own-02", "2026-03-10"))
    fall = only_fall(made, "2026-03-31")
    assert (fall.cause, fall.held, fall.regression) == ("decline", held, held)


def test_only_the_assessments_since_it_was_adopted_count_as_holding():
    made = adoption(
        said("own-02", "2025-01-01"),
        dropped("own-02", "2026-01-01"),
        said("own-02", "2026-02-01"),
        dropped("own-02", "2026-02-20"),
    )
    assert [(f.on, f.held) for f in falls(made, day("2026-03-01"))] == [
        (day("2026-01-01"), True),
        (day("2026-02-20"), False),
    ]


def test_from_adopted_to_partial_is_a_decline_and_from_partial_to_nothing_is_no_fall():
    made = adoption(
        said("own-02", "2025-06-01"), said("own-02", "2026-01-10", items_done=["a"]), dropped("own-02", "2026-02-10")
    )
    fall = only_fall(made)
    assert (fall.on, fall.to_state, fall.cause) == (day("2026-01-10"), "partial", "decline")


def test_a_fall_that_was_mended_says_when():
    lost = [said("own-02", "2025-06-01"), dropped("own-02", "2026-01-10")]
    assert only_fall(adoption(*lost)).recovered_on is None
    assert only_fall(adoption(*lost, said("own-02", "2026-03-05")), "2026-12-31").recovered_on == day("2026-03-05")


def test_a_recovery_after_the_date_is_not_known_yet():
    made = adoption(said("own-02", "2025-06-01"), dropped("own-02", "2026-01-10"), said("own-02", "2026-03-05"))
    assert only_fall(made, "2026-03-04").recovered_on is None


def test_copied_forward_keeps_the_old_date_and_lapses_on_it():
    copied = said("own-01", "2025-12-20", confirmed_on=day("2025-01-10"))
    made = adoption(said("own-01", "2025-01-10"), copied)
    assert made.state("alpha", "own-01", day("2025-12-20")).state == "stale"
    fall = only_fall(made, "2026-01-31")
    assert (fall.on, fall.cause) == (day("2026-01-06"), "lapse")


def test_confirmed_again_in_time_does_not_lapse():
    made = adoption(said("own-01", "2025-01-10"), said("own-01", "2025-12-20"))
    assert falls(made, day("2026-12-15")) == []
    assert only_fall(made, "2026-12-16").on == day("2026-12-16")


def test_to_confirm_a_lapsed_answer_again_mends_it():
    made = adoption(said("own-01", "2025-01-10"), said("own-01", "2026-02-01"))
    assert only_fall(made, "2026-02-01").recovered_on == day("2026-02-01")


def test_lapse_after_one_and_a_half_reviews_is_a_day_that_exists():
    made = adoption(said("own-02", "2025-01-01"), scoring=scoring(lapse_after_reviews=1.5))  # 365 x 1.5 = 547.5 days
    assert made.state("alpha", "own-02", day("2026-07-02")).state == "stale"
    assert only_fall(made, "2026-12-31").on == day("2026-07-03")


# ---------------------------------------------------------------------------------------- mature, gates and order


@pytest.mark.parametrize(
    ("since", "target", "mature"),
    [
        pytest.param("2026-01-31", 1, True, id="at target after its last two rounds of assessment"),
        pytest.param("2026-03-01", 1, False, id="at target after one round only"),
        pytest.param("2026-01-31", 2, False, id="below target"),
    ],
)
def test_a_product_is_mature_after_two_assessments_at_its_target(since: str, target: int, mature: bool):
    done = adopted([p for p in practices(1) if p != "own-02"], since)
    made = adoption(
        *done,
        said("own-02", "2025-06-01"),
        said("slo-02", "2026-03-02"),
        dropped("own-02", "2026-03-15"),
        products=[product(target_level=target)],
    )
    assert only_fall(made, "2026-03-31").mature is mature


def test_several_days_of_one_month_are_one_assessment():
    done = [said(p, f"2026-03-{i:02}") for i, p in enumerate(practices(1), 1)]
    made = adoption(*done, dropped("own-02", "2026-03-25"), products=[product(target_level=1)])
    assert not only_fall(made, "2026-03-31").mature


def test_on_a_mature_product_every_regression_alerts_and_elsewhere_only_a_must_or_a_broken_level():
    grown = [*adopted(practices(1), "2025-12-10"), *adopted(practices(1), "2026-01-10")]
    mature = adoption(*grown, dropped("own-02", "2026-04-01"), products=[product(target_level=1)])
    young = adoption(*grown, dropped("own-02", "2026-04-01"), products=[product(target_level=2)])
    must = adoption(*grown, dropped("own-01", "2026-04-01"), products=[product(target_level=2)])
    assert [only_fall(made, "2026-04-01").alert for made in (mature, young, must)] == [True, False, True]
    assert only_fall(young, "2026-04-01").regression


def test_level_3_is_mature_even_below_a_target_of_4():
    made = adoption(
        *adopted(practices(1) + practices(2) + practices(3), "2026-01-10"),
        said("own-01", "2026-02-10"),
        dropped("own-05", "2026-03-15"),
        products=[product(target_level=4)],
    )
    assert only_fall(made, "2026-03-31").mature


def test_a_lost_must_breaks_the_gate_and_a_lost_should_does_not():
    level_1 = adopted(practices(1))
    must = only_fall(adoption(*level_1, dropped("own-01", "2026-04-01")), "2026-04-01")
    should = only_fall(adoption(*level_1, dropped("own-02", "2026-04-01")), "2026-04-01")
    assert (must.gate_broken, must.level_before, must.level_after) == (True, 1, 0)
    assert (should.gate_broken, should.level_before, should.level_after) == (False, 1, 1)


def falls_of(practice: str, product_id: str, on: str = "2026-04-01", **fields) -> list:
    return [
        said(practice, START, product=product_id, id=f"{product_id}-1"),
        dropped(practice, on, **{"product": product_id, **fields}),
    ]


ORDER = [
    pytest.param(
        [*falls_of("own-02", "b"), *falls_of("own-01", "a", corrects="a-1")],
        {},
        ["b", "a"],
        id="regressions before the rest",
    ),
    pytest.param(
        [*adopted(practices(1), product="b"), dropped("own-01", "2026-04-01", product="b"), *falls_of("own-01", "a")],
        {},
        ["b", "a"],
        id="a broken gate before none",
    ),
    pytest.param([*falls_of("own-01", "b"), *falls_of("own-02", "a")], {}, ["b", "a"], id="a must before a should"),
    pytest.param([*falls_of("own-02", "b"), *falls_of("own-04", "a")], {}, ["b", "a"], id="the lower level first"),
    pytest.param(
        [*falls_of("own-02", "b"), *falls_of("own-02", "a")], {"a": 3}, ["b", "a"], id="the critical tier first"
    ),
    pytest.param(
        [*falls_of("own-02", "b"), *falls_of("own-02", "a", items_done=["a", "b"])],
        {},
        ["b", "a"],
        id="the longer fall first",
    ),
    pytest.param(
        [*falls_of("own-02", "b", "2026-03-30"), *falls_of("own-02", "a", "2026-04-01")],
        {},
        ["b", "a"],
        id="the older first",
    ),
    pytest.param([*falls_of("own-02", "b"), *falls_of("own-02", "a")], {}, ["a", "b"], id="all equal: by name"),
]


@pytest.mark.parametrize(("log", "tiers", "expected"), ORDER)
def test_the_worst_fall_comes_first(log: list, tiers: dict, expected: list[str]):
    made = adoption(*log, products=[product(key, tier=tiers.get(key, 1)) for key in ("a", "b")])
    assert [f.product for f in falls(made, day("2026-04-30"))] == expected


def test_the_same_records_in_another_order_give_the_same_list(sample):
    bundle = sample.bundle
    expected = falls(Adoption.of(bundle), day("2026-09-30"))
    assert len(expected) >= 5
    chance = random.Random(7)
    for _ in range(3):
        shuffled = defaults(products=bundle.products, practices=bundle.practices)
        shuffled.assessments = chance.sample(bundle.assessments, len(bundle.assessments))
        shuffled.exemptions = chance.sample(bundle.exemptions, len(bundle.exemptions))
        assert falls(Adoption.of(shuffled), day("2026-09-30")) == expected


def test_a_late_entry_of_an_old_day_re_runs_the_log():
    known = [said("own-02", "2025-06-01"), said("own-02", "2026-03-01")]
    assert falls(adoption(*known), TODAY) == []
    late = adoption(*known, dropped("own-02", "2025-12-01"))
    assert [(f.on, f.recovered_on) for f in falls(late, day("2026-04-01"))] == [(day("2025-12-01"), day("2026-03-01"))]


# --------------------------------------------------------------------------------------- a change of the guide map


def changed_map(**by_id: dict) -> list:
    """The project's practices with fields of some replaced; underscores stand for hyphens in ids."""
    changes = {key.replace("_", "-"): fields for key, fields in by_id.items()}
    return [
        type(p)(p.record.model_copy(update=changes.get(p.record.id, {})), p.file, p.line) for p in defaults().practices
    ]


def with_item(practice: str, added_on: str, retired: str | None = None) -> list:
    """The project's practices, one of them with an item more, and perhaps its first item gone on the same day."""
    (own,) = [p.record for p in defaults().practices if p.record.id == practice]
    items = list(own.checklist)
    if retired:
        items = [i.model_copy(update={"retired_on": day(added_on)}) if i.id == retired else i for i in items]
    new = items[0].model_copy(update={"id": "new", "added_on": day(added_on), "retired_on": None})
    return changed_map(**{practice: {"checklist": [*items, new]}})


def test_example_g_one_item_more_and_twelve_products_wait_for_a_new_answer_and_none_falls():
    twelve = [f"p{i}" for i in range(12)]
    made = adoption(
        *[said("slo-03", START, product=p) for p in twelve],
        products=[product(p) for p in twelve],
        practices=with_item("slo-03", "2026-03-01"),
    )
    found = falls(made, day("2026-05-30"))
    assert [f.product for f in found] == sorted(twelve)
    assert {(f.cause, f.to_state, f.on, f.grace_until) for f in found} == {
        ("model_change", "adopted", day("2026-03-01"), day("2026-05-30"))
    }
    assert not any(f.regression for f in found)
    waiting = made.state("p0", "slo-03", day("2026-05-30"))
    assert (waiting.state, waiting.items_done, waiting.items_total, waiting.grace) == ("adopted", 3, 3, "items")


def test_after_the_grace_an_unanswered_new_item_makes_it_partial_and_that_is_no_regression():
    made = adoption(said("slo-03", START), practices=with_item("slo-03", "2026-03-01"))
    after = made.state("alpha", "slo-03", day("2026-05-31"))
    assert (after.state, after.items_done, after.items_total, after.grace) == ("partial", 3, 4, None)
    waits, fell = sorted(falls(made, day("2026-05-31")), key=lambda f: f.on)
    assert (waits.to_state, fell.to_state) == ("adopted", "partial")
    assert (fell.on, fell.cause, fell.regression) == (day("2026-05-31"), "model_change", False)


def test_to_answer_within_the_grace_that_the_new_item_is_missing_costs_nothing_before_its_end():
    answer = said("slo-03", "2026-04-01", items_done=["a", "b", "c"])
    made = adoption(said("slo-03", START), answer, practices=with_item("slo-03", "2026-03-01"))
    assert made.state("alpha", "slo-03", day("2026-05-30")).adopted
    assert [f.cause for f in falls(made, day("2026-06-30"))] == ["model_change", "model_change"]


def test_to_lose_an_old_item_within_the_grace_is_a_decline():
    made = adoption(
        said("slo-03", "2025-12-01"),
        said("slo-03", "2026-04-01", items_done=["a", "new"]),
        practices=with_item("slo-03", "2026-03-01"),
    )
    fell = next(f for f in falls(made, day("2026-04-30")) if f.to_state == "partial")
    assert (fell.on, fell.cause, fell.regression) == (day("2026-04-01"), "decline", True)


def test_the_answer_to_the_new_item_ends_the_wait():
    answer = said("slo-03", "2026-04-01", items_done=["a", "b", "c", "new"])
    made = adoption(said("slo-03", START), answer, practices=with_item("slo-03", "2026-03-01"))
    assert only_fall(made, "2026-12-31").recovered_on == day("2026-04-01")
    assert made.state("alpha", "slo-03", day("2026-04-01")).items_total == 4


def test_an_item_replaced_by_another_waits_under_the_old_checklist():
    made = adoption(said("slo-03", START), practices=with_item("slo-03", "2026-03-01", retired="a"))
    assert made.state("alpha", "slo-03", day("2026-05-30")).adopted
    assert made.state("alpha", "slo-03", day("2026-05-31")).items_done == 2


def test_an_item_that_goes_can_only_help():
    (own,) = [p.record for p in defaults().practices if p.record.id == "slo-03"]
    items = [i.model_copy(update={"retired_on": day("2026-03-01")}) if i.id == "a" else i for i in own.checklist]
    made = adoption(said("slo-03", START, items_done=["b", "c"]), practices=changed_map(slo_03={"checklist": items}))
    assert made.state("alpha", "slo-03", day("2026-02-28")).state == "partial"
    assert made.state("alpha", "slo-03", day("2026-03-01")).state == "adopted"
    assert falls(made, day("2026-06-30")) == []


def test_a_new_wording_or_translation_is_no_change():
    (own,) = [p.record for p in defaults().practices if p.record.id == "slo-03"]
    items = [i.model_copy(update={"en": "Said anew.", "ja": "言い換え。"}) for i in own.checklist]
    made = adoption(said("slo-03", START), practices=changed_map(slo_03={"checklist": items, "why": own.name}))
    assert falls(made, day("2026-06-30")) == []
    assert made.state("alpha", "slo-03", TODAY).adopted


def test_a_new_practice_is_no_gap_until_the_end_of_the_grace():
    level_1 = practices(1)
    made = adoption(*adopted([p for p in level_1 if p != "own-01"]), practices=changed_map(own_01={"added_on": TODAY}))
    assert made.state("alpha", "own-01", day("2026-01-31")).state == "not_asked"
    within, after = day("2026-05-02"), day("2026-05-03")  # 90 days and one after 1 February
    assert (made.level("alpha", within), made.product_level("alpha", within).coverage) == (1, pytest.approx(12 / 57))
    assert (made.level("alpha", after), made.product_level("alpha", after).coverage) == (0, pytest.approx(12 / 58))
    assert falls(made, day("2026-06-30")) == []


def test_a_new_practice_counts_at_once_where_it_is_adopted():
    made = adoption(*adopted(practices(1)), practices=changed_map(own_01={"added_on": day(START)}))
    assert made.product_level("alpha", TODAY).coverage == pytest.approx(13 / 58)


def test_a_retired_practice_leaves_the_figures_and_is_listed_as_a_change_of_the_map():
    made = adoption(*adopted(practices(1)), practices=changed_map(own_01={"retired_on": day("2026-03-01")}))
    fall = only_fall(made, "2026-03-31")
    assert (fall.on, fall.cause, fall.to_state, fall.regression) == (
        day("2026-03-01"), "model_change", "not_asked", False,
    )  # fmt: skip
    assert made.product_level("alpha", day("2026-03-01")).coverage == pytest.approx(12 / 57)
    assert made.level("alpha", day("2026-03-01")) == 1


def test_the_answers_of_a_superseded_practice_count_for_its_successor_until_the_end_of_the_grace():
    own = changed_map(
        own_01={"retired_on": day("2026-03-01"), "superseded_by": "own-03"}, own_03={"added_on": day("2026-03-01")}
    )
    made = adoption(said("own-01", START), practices=own)
    taken = made.state("alpha", "own-03", day("2026-05-30"))
    assert (taken.state, taken.grace, taken.grace_until) == ("adopted", "successor", day("2026-05-30"))
    assert made.state("alpha", "own-03", day("2026-05-31")).state == "unassessed"
    assert [(f.practice, f.cause, f.regression) for f in falls(made, day("2026-05-31"))] == [
        ("own-01", "model_change", False),
        ("own-03", "model_change", False),
    ]


def test_an_answer_of_its_own_comes_before_what_a_successor_took_over():
    own = changed_map(
        own_01={"retired_on": day("2026-03-01"), "superseded_by": "own-03"}, own_03={"added_on": day("2026-03-01")}
    )
    made = adoption(said("own-01", START), said("own-03", "2026-04-01", items_done=["a"]), practices=own)
    assert made.state("alpha", "own-03", day("2026-04-01")).state == "partial"


def test_a_practice_for_other_tiers_is_not_asked():
    own = changed_map(own_01={"tiers": [1, 2]})
    made = adoption(
        *adopted([p for p in practices(1) if p != "own-01"], product="low"),
        products=[product("alpha", tier=1), product("low", tier=3)],
        practices=own,
    )
    assert made.state("low", "own-01", TODAY).state == "not_asked"
    assert made.level("low", TODAY) == 1
    assert made.state("alpha", "own-01", TODAY).state == "unassessed"


def test_the_weight_of_a_practice_counts_in_its_level_and_in_the_percent():
    made = adoption(said("own-01", START), practices=changed_map(own_01={"weight": 13}))
    assert made.shares("alpha", TODAY)[0].share == pytest.approx(13 / 25)
    assert made.product_level("alpha", TODAY).percent == pytest.approx(13 / 70)


# --------------------------------------------------------------------------------------------------------- signals


def test_a_signal_that_contradicts_takes_the_claim_away_and_both_sides_are_kept():
    made = adoption(said("rel-01", START), seen("ci.main_branch_checks", "2026-03-31", "contradicts", found="none"))
    state = made.state("alpha", "rel-01", day("2026-03-31"))
    assert (state.state, state.adopted, state.share, state.counted) == ("contradicted", False, 1.0, 0.0)
    assert (state.statement.record.assessor, state.observation.record.found) == ("kim", "none")
    fall = only_fall(made, "2026-03-31")
    assert (fall.cause, fall.regression, fall.on) == ("contradicted", True, day("2026-03-31"))


def test_a_signal_that_confirms_is_evidence_and_does_not_refresh_the_answer():
    made = adoption(said("rel-01", START), seen("ci.main_branch_checks", "2026-01-31", "confirms"))
    state = made.state("alpha", "rel-01", TODAY)
    assert (state.confirmed, state.evidence_kind, state.confirmed_on) == (True, "automatic", day(START))
    late = adoption(said("rel-01", "2024-01-10"), seen("ci.main_branch_checks", "2026-01-31", "confirms"))
    assert late.state("alpha", "rel-01", TODAY).state == "lapsed"


def test_an_old_observation_says_nothing_any_more():
    made = adoption(said("rel-01", START), seen("ci.main_branch_checks", "2026-03-01", "contradicts"))
    assert made.state("alpha", "rel-01", day("2026-04-05")).state == "contradicted"  # 35 days
    assert made.state("alpha", "rel-01", day("2026-04-06")).adopted
    assert only_fall(made, "2026-04-30").recovered_on == day("2026-04-06")


def test_the_latest_observation_counts_and_on_one_day_the_one_that_contradicts():
    signal = "ci.main_branch_checks"
    mended = adoption(
        said("rel-01", START), seen(signal, "2026-03-01", "contradicts"), seen(signal, "2026-03-08", "confirms")
    )
    assert mended.state("alpha", "rel-01", day("2026-03-08")).confirmed
    two = adoption(
        said("rel-01", START),
        seen(signal, "2026-03-01", "contradicts", source="a"),
        seen(signal, "2026-03-01", "confirms", source="b"),
    )
    assert two.state("alpha", "rel-01", day("2026-03-01")).state == "contradicted"


def test_a_signal_never_answers_for_the_team():
    made = adoption(seen("ci.main_branch_checks", "2026-01-31", "confirms"))
    assert made.state("alpha", "rel-01", TODAY).state == "unassessed"
    part = adoption(said("rel-01", START, items_done=["a"]), seen("ci.main_branch_checks", "2026-01-31", "confirms"))
    assert part.state("alpha", "rel-01", TODAY).state == "partial"


def test_a_claim_that_was_contradicted_from_the_start_was_never_held():
    made = adoption(seen("ci.main_branch_checks", "2026-03-01", "contradicts"), said("rel-01", "2026-03-02"))
    assert made.state("alpha", "rel-01", day("2026-03-02")).state == "contradicted"
    assert falls(made, day("2026-03-31")) == []


def test_what_a_provider_lost_to_a_signal_is_inherited():
    made = adoption(
        said("rel-01", START, state="inherited", provider="beta"),
        said("rel-01", START, product="beta"),
        seen("ci.main_branch_checks", "2026-04-01", "contradicts", product="beta"),
        products=[product("alpha", providers=["beta"]), product("beta")],
    )
    assert {f.product: f.cause for f in falls(made, day("2026-04-01"))} == {
        "alpha": "inherited",
        "beta": "contradicted",
    }


# ---------------------------------------------------------------------------------------------------- other causes


def test_an_exemption_on_an_adopted_practice_is_a_change_of_scope():
    fall = only_fall(adoption(said("own-02", START), exempted("own-02", "2026-03-20", "2026-12-31")), "2026-04-30")
    assert (fall.on, fall.cause, fall.to_state, fall.regression) == (day("2026-03-20"), "scope_change", "exempt", False)


def test_a_provider_that_needs_it_no_longer_is_a_change_of_scope_for_those_who_inherit():
    made = adoption(
        said("rec-01", START, state="inherited", provider="beta"),
        said("rec-01", START, product="beta"),
        exempted("rec-01", "2026-03-20", "2026-12-31", product="beta"),
        products=[product("alpha", providers=["beta"]), product("beta")],
    )
    found = {f.product: (f.cause, f.regression) for f in falls(made, day("2026-03-31"))}
    assert found == {"alpha": ("scope_change", False), "beta": ("scope_change", False)}


def test_a_share_of_a_stage_model_falls_like_any_other_answer():
    made = adoption(said("own-02", "2025-06-01", share=1), said("own-02", START, share=0.5))
    assert made.state("alpha", "own-02", TODAY).share == 0.5
    assert (only_fall(made).cause, only_fall(made).to_state) == ("decline", "partial")
