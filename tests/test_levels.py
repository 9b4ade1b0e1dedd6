"""States, levels and falls, on the project's own guide map (13, 22, 17 and 6 practices in four levels)."""

from __future__ import annotations

import pytest
from given import START, adopted, adoption, day, dropped, exempted, only_fall, practices, product, said, scoring

from maturity.falls import falls
from maturity.levels import LevelShare, exemption_status, month_ends, reached

TODAY = day("2026-02-01")


def musts_first(level: int, count: int) -> list[str]:
    """So many practices of a level, all its musts among them."""
    musts = practices(level, must=True)
    return (musts + [p for p in practices(level) if p not in musts])[:count]


# ------------------------------------------------------------------------------------------------- worked examples


def test_example_a_all_musts_and_19_of_22_reach_level_2_and_the_missing_three_are_listed():
    done = practices(1) + musts_first(2, 19) + musts_first(3, 6)
    made = adoption(*adopted(done)).product_level("alpha", TODAY)
    assert made.level == 2
    assert made.percent == pytest.approx(0.655, abs=0.0005)
    assert made.next_step.level == 3
    assert made.next_step.share == pytest.approx(0.35, abs=0.005)
    assert list(made.shares[1].missing) == [p for p in practices(2) if p not in done]
    assert len(made.shares[1].missing) == 3


def test_example_b_one_missing_must_of_level_1_gives_level_0_whatever_lies_above():
    level_1 = [p for p in practices(1) if p not in ("own-01", "own-02", "obs-02")]
    made = adoption(*adopted(level_1 + practices(2) + practices(3))).product_level("alpha", TODAY)
    assert made.level == 0
    assert made.shares[0].missing_musts == ("own-01",)
    assert made.percent == pytest.approx(0.845, abs=0.0005)


def test_example_c_unapproved_exemptions_stay_in_the_denominator():
    done = musts_first(2, 13)
    called_na = [p for p in practices(2) if p not in done]
    approved, pending = called_na[:3], called_na[3:]
    made = adoption(
        *adopted(practices(1) + done),
        *[exempted(p, "2026-01-01", "2026-12-31") for p in approved],
        *[exempted(p, "2026-01-01", "2026-12-31", approver=None) for p in pending],
    )
    level = made.product_level("alpha", TODAY)
    assert level.level == 1
    assert level.next_step.share == pytest.approx(13 / 19)
    assert level.next_step.missing == tuple(pending)
    assert len(pending) == 6
    assert level.next_step.na_share == pytest.approx(3 / 22)
    asked_for = {p: made.state("alpha", p, TODAY).exemption for p in called_na}
    assert [exemption_status(asked_for[p].record, TODAY) for p in pending] == ["pending"] * 6


def test_example_d_eight_answers_of_58_give_13_8_percent_not_100():
    made = adoption(*adopted(practices(1)[:8])).product_level("alpha", TODAY)
    assert made.level == 0
    assert made.percent == pytest.approx(0.138, abs=0.0005)
    assert made.coverage == pytest.approx(0.138, abs=0.0005)


@pytest.mark.parametrize(
    ("on", "state", "is_adopted", "is_confirmed"),
    [
        pytest.param("2025-07-09", "adopted", True, True, id="180 days old: fresh"),
        pytest.param("2025-07-10", "stale", True, False, id="181 days old: stale"),
        pytest.param("2025-09-01", "stale", True, False, id="234 days old: stale, adopted, not confirmed"),
        pytest.param("2026-01-05", "stale", True, False, id="360 days old: still stale"),
        pytest.param("2026-01-06", "lapsed", False, False, id="361 days old: lapsed"),
    ],
)
def test_example_e_an_answer_ages(on: str, state: str, is_adopted: bool, is_confirmed: bool):
    evidence = {"url": "https://example.com/own"}
    found = adoption(said("own-01", "2025-01-10", evidence=evidence)).state("alpha", "own-01", day(on))
    assert (found.state, found.adopted, found.confirmed) == (state, is_adopted, is_confirmed)


def test_example_e_the_lapse_is_a_regression_on_the_day_it_happens():
    made = adoption(said("own-01", "2025-01-10"))
    assert falls(made, day("2026-01-05")) == []
    fall = only_fall(made, "2026-01-06")
    assert (fall.on, fall.cause, fall.from_state, fall.to_state) == (day("2026-01-06"), "lapse", "stale", "lapsed")
    assert fall.regression


def test_example_f_three_won_and_three_lost_are_not_no_change():
    lost, won = ["own-02", "slo-01", "cap-01"], ["own-04", "slo-03", "obs-04"]
    made = adoption(*adopted(practices(1)), *adopted(won, "2026-04-10"), *[dropped(p, "2026-04-10") for p in lost])
    before = {p for p in practices() if made.state("alpha", p, day("2026-04-09")).adopted}
    after = {p for p in practices() if made.state("alpha", p, day("2026-04-10")).adopted}
    assert len(before) == len(after)
    assert after - before == set(won)
    found = falls(made, day("2026-04-30"))
    assert {f.practice for f in found} == set(lost)
    assert {(f.cause, f.regression) for f in found} == {("decline", True)}


# ---------------------------------------------------------------------------------------------------- which level


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        pytest.param([(1.0, ()), (0.79, ()), (1.0, ())], 1, id="a level below the threshold stops the climb"),
        pytest.param([(1.0, ()), (0.8, ()), (0.0, ())], 2, id="exactly the threshold is enough"),
        pytest.param([(0.92, ("own-01",)), (1.0, ())], 0, id="a missing must stops at any share"),
        pytest.param([(1.0, ()), (None, ()), (0.1, ())], 1, id="a level that is all exempt is not reached on its own"),
        pytest.param(
            [(1.0, ()), (None, ()), (0.9, ())], 3, id="a level that is all exempt does not block the next one"
        ),
        pytest.param([(None, ()), (None, ())], 0, id="nothing applicable is level 0"),
        pytest.param([], 0, id="an empty map is level 0"),
    ],
)
def test_reached(shares: list, expected: int):
    made = [LevelShare(i, share, musts, musts) for i, (share, musts) in enumerate(shares, 1)]
    assert reached(made, 0.8) == expected


def test_threshold_1_is_the_strict_gate():
    without_a_must = [p for p in practices(1) if p != "rec-01"]
    assert adoption(*adopted(without_a_must)).level("alpha", TODAY) == 0
    without_a_should = [p for p in practices(1) if p != "own-02"]
    assert adoption(*adopted(without_a_should)).level("alpha", TODAY) == 1
    assert adoption(*adopted(without_a_should), scoring=scoring(level_threshold=1.0)).level("alpha", TODAY) == 0


def test_partial_never_passes_a_gate_but_counts_in_the_percent():
    most = [p for p in practices(1) if p != "own-01"]
    made = adoption(*adopted(most), said("own-01", START, items_done=["a", "b"])).product_level("alpha", TODAY)
    assert made.level == 0
    assert made.shares[0].missing_musts == ("own-01",)
    assert made.percent == pytest.approx((12 + 2 / 3) / 58)


def test_an_item_named_twice_counts_once():
    state = adoption(said("own-01", START, items_done=["a", "a", "a"])).state("alpha", "own-01", TODAY)
    assert (state.state, state.items_done) == ("partial", 1)


def test_a_lapsed_answer_counts_nothing_in_the_percent_and_a_stale_one_counts_fully():
    made = adoption(said("own-01", "2025-01-10"))
    assert made.product_level("alpha", day("2026-01-05")).percent == pytest.approx(1 / 58)
    lapsed = made.product_level("alpha", day("2026-01-06"))
    assert lapsed.percent == 0
    assert lapsed.coverage == pytest.approx(1 / 58)


def test_a_lapsed_partial_answer_counts_nothing_either():
    made = adoption(said("own-01", "2025-01-10", items_done=["a"]))
    assert made.product_level("alpha", day("2026-01-06")).percent == 0
    assert falls(made, day("2026-01-06")) == []


def test_weights_by_level_move_the_percent():
    made = adoption(*adopted(practices(4)), scoring=scoring(level_weights={1: 1, 2: 1, 3: 1, 4: 10}))
    assert made.product_level("alpha", TODAY).percent == pytest.approx(60 / (52 + 60))


def test_no_practice_that_applies_gives_no_percent_not_zero():
    made = adoption(*[exempted(p, "2026-01-01", "2026-12-31") for p in practices()]).product_level("alpha", TODAY)
    assert (made.percent, made.coverage, made.confirmed_share) == (None, None, None)
    assert (made.level, made.na_share, made.narrow_scope) == (0, 1.0, True)


@pytest.mark.parametrize(("count", "narrow"), [(14, False), (15, True)], ids=["14 of 58: no", "15 of 58: yes"])
def test_more_than_a_quarter_exempt_is_a_narrow_scope(count: int, narrow: bool):
    exempt = [*practices(3), *practices(2)][:count]
    made = adoption(*[exempted(p, "2026-01-01", "2026-12-31") for p in exempt]).product_level("alpha", TODAY)
    assert made.narrow_scope is narrow
    assert made.na_share == pytest.approx(count / 58)


def test_a_narrow_scope_shows_a_second_level_with_exemptions_as_gaps():
    kept = musts_first(2, 8)
    exempt = [p for p in practices(2) if p not in kept]
    made = adoption(*adopted(practices(1) + kept), *[exempted(p, "2026-01-01", "2026-12-31") for p in exempt])
    level = made.product_level("alpha", TODAY)
    assert (level.level, level.level_with_na_as_gaps) == (2, 1)


def test_confirmed_needs_a_link():
    with_link = said("own-02", START, evidence={"url": "https://example.com/map"})
    made = adoption(said("own-01", START), with_link)
    assert made.state("alpha", "own-01", TODAY).adopted
    assert not made.state("alpha", "own-01", TODAY).confirmed
    assert made.product_level("alpha", TODAY).confirmed_share == pytest.approx(1 / 58)


def test_the_target_gap_never_falls_below_zero():
    done = adopted(practices(1) + practices(2))
    assert adoption(*done, products=[product(target_level=1)]).product_level("alpha", TODAY).target_gap == 0
    assert adoption(*done, products=[product(target_level=4)]).product_level("alpha", TODAY).target_gap == 2


@pytest.mark.parametrize(
    ("on", "quiet"), [("2026-05-27", False), ("2026-05-28", True)], ids=["137 days: no", "138 days: yes"]
)
def test_a_product_nobody_assesses_goes_quiet(on: str, quiet: bool):
    assert adoption(said("own-01", START)).product_level("alpha", day(on)).quiet is quiet


def test_a_product_never_assessed_is_not_quiet_but_uncovered():
    made = adoption().product_level("alpha", TODAY)
    assert (made.quiet, made.last_assessed_on, made.coverage) == (False, None, 0)


# ------------------------------------------------------------------------------------------------------ exemptions


@pytest.mark.parametrize(
    ("fields", "on", "state"),
    [
        pytest.param({}, "2026-02-28", "unassessed", id="before it is granted"),
        pytest.param({}, "2026-03-01", "exempt", id="from the day it is granted"),
        pytest.param({}, "2026-06-30", "exempt", id="to its last day"),
        pytest.param({}, "2026-07-01", "unassessed", id="expired the day after"),
        pytest.param({"approver": None}, "2026-04-01", "unassessed", id="pending"),
        pytest.param({"revoked_on": day("2026-05-01")}, "2026-04-30", "exempt", id="not yet revoked"),
        pytest.param({"revoked_on": day("2026-05-01")}, "2026-05-01", "unassessed", id="revoked"),
    ],
)
def test_an_exemption_counts_only_while_it_is_approved_and_runs(fields: dict, on: str, state: str):
    made = adoption(exempted("rec-04", "2026-03-01", "2026-06-30", **fields))
    assert made.state("alpha", "rec-04", day(on)).state == state


@pytest.mark.parametrize(
    ("fields", "on"),
    [
        pytest.param({}, "2026-07-01", id="expired"),
        pytest.param({"revoked_on": day("2026-05-01")}, "2026-05-01", id="revoked"),
    ],
)
def test_the_end_of_an_exemption_is_listed_and_is_no_regression(fields: dict, on: str):
    fall = only_fall(adoption(exempted("rec-04", "2026-03-01", "2026-06-30", **fields)))
    assert (fall.on, fall.cause, fall.from_state, fall.regression) == (day(on), "exemption_ended", "exempt", False)


def test_an_exemption_that_ends_on_an_adopted_practice_is_no_fall():
    made = adoption(exempted("own-02", "2026-03-01", "2026-06-30"), said("own-02", "2026-06-01"))
    assert falls(made, day("2026-12-31")) == []


def test_an_exemption_followed_by_another_is_no_fall():
    made = adoption(exempted("own-02", "2026-01-01", "2026-06-30"), exempted("own-02", "2026-07-01", "2026-12-31"))
    assert falls(made, day("2026-12-31")) == []


# ------------------------------------------------------------------------------------------------------ inherited

TEAM = [product("alpha", providers=["beta"]), product("beta")]
FROM_BETA = {"state": "inherited", "provider": "beta"}


@pytest.mark.parametrize(
    ("theirs", "state"),
    [
        pytest.param([said("rec-01", START, product="beta")], "adopted", id="adopted"),
        pytest.param([said("rec-01", START, product="beta", items_done=["a"])], "partial", id="partial"),
        pytest.param([said("rec-01", "2025-08-01", product="beta")], "lapsed", id="lapsed"),
        pytest.param([said("rec-01", "2025-10-20", product="beta")], "stale", id="stale"),
        pytest.param([], "not_adopted", id="never answered, so nobody does it"),
        pytest.param([exempted("rec-01", START, "2026-12-31", product="beta")], "not_adopted", id="exempt there"),
    ],
)
def test_an_inherited_practice_has_the_state_of_its_provider(theirs: list, state: str):
    made = adoption(said("rec-01", START, **FROM_BETA), *theirs, products=TEAM)
    found = made.state("alpha", "rec-01", TODAY)
    assert (found.state, found.provider) == (state, "beta")


def test_an_inherited_practice_is_confirmed_by_the_evidence_of_its_provider():
    evidence = {"url": "https://example.com/backup"}
    made = adoption(
        said("rec-01", START, **FROM_BETA), said("rec-01", START, product="beta", evidence=evidence), products=TEAM
    )
    assert made.state("alpha", "rec-01", TODAY).confirmed


def test_a_lapse_of_the_provider_is_a_lapse_there_and_inherited_here():
    made = adoption(said("rec-01", START, **FROM_BETA), said("rec-01", START, product="beta"), products=TEAM)
    found = {f.product: f for f in falls(made, day("2026-07-10"))}
    assert (found["beta"].cause, found["alpha"].cause) == ("lapse", "inherited")
    assert found["alpha"].on == found["beta"].on == day("2026-07-10")  # 180 days and one after 10 January
    assert found["alpha"].regression


def test_a_loss_travels_through_two_providers():
    chain = [product("alpha", providers=["beta"]), product("beta", providers=["gamma"]), product("gamma")]
    made = adoption(
        said("rec-01", START, **FROM_BETA),
        said("rec-01", START, product="beta", state="inherited", provider="gamma"),
        said("rec-01", START, product="gamma"),
        dropped("rec-01", "2026-03-20", product="gamma"),
        products=chain,
    )
    causes = {f.product: f.cause for f in falls(made, day("2026-03-31"))}
    assert causes == {"gamma": "decline", "beta": "inherited", "alpha": "inherited"}


def test_to_say_no_oneself_is_a_decline_even_where_it_was_inherited():
    made = adoption(
        said("rec-01", START, **FROM_BETA),
        said("rec-01", START, product="beta"),
        dropped("rec-01", "2026-03-20"),
        products=TEAM,
    )
    fall = only_fall(made, "2026-03-31")
    assert (fall.product, fall.cause) == ("alpha", "decline")


# ----------------------------------------------------------------------------------------------------------- months


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        pytest.param(
            "2025-12-31",
            "2026-02-28",
            [("2025-12", "2025-12-31"), ("2026-01", "2026-01-31"), ("2026-02", "2026-02-28")],
            id="whole months",
        ),
        pytest.param("2026-01-31", "2026-02-10", [("2026-01", "2026-01-31"), ("2026-02", "2026-02-10")], id="running"),
        pytest.param("2028-02-29", "2028-02-29", [("2028-02", "2028-02-29")], id="leap day"),
    ],
)
def test_a_month_is_judged_on_its_last_day_or_on_the_snapshots(first: str, last: str, expected: list):
    assert month_ends(day(first), day(last)) == [(month, day(end)) for month, end in expected]
