"""The ladder of use: five rungs, each with its evidence."""

from __future__ import annotations

from pathlib import Path

import pytest
from given import ask, day, slo

from maturity.records.problems import Loaded
from maturity.records.reviews import Decision
from maturity.slo_use import Episode, Rung, ladder

AS_OF = day("2026-09-30")
WHOLE = {"owner": "kim", "basis": "Agreed", "policy": "Stop", "reviewed_on": ["2026-09-01"]}
SPENT = Episode("spent", day("2026-09-10"), day("2026-09-30"))


def rungs(episode: Episode | None = None, decisions: tuple = (), coverage: float | None = 1.0, **fields) -> list[Rung]:
    made = Loaded(slo(**(WHOLE | fields)), "slos/a.yaml", 3)
    return ladder(made, coverage, day("2026-01-01"), episode, decisions, AS_OF, 0.9, 92)


def decision(on: str, choice: str = "invest", until: str | None = None) -> Loaded[Decision]:
    record = Decision(
        id="D-1",
        slo="alpha-ok",
        decided_on=day(on),
        decision=choice,
        reason="So.",
        decided_by="kim",
        until=until and day(until),
    )
    return Loaded(record, "decisions.yaml", 7)


def height(found: list[Rung]) -> int:
    return sum(rung.reached for rung in found)


def test_all_five_rungs_hold_when_nothing_has_to_be_decided():
    found = rungs()
    assert [rung.rung for rung in found] == ["defined", "measured", "owned", "reviewed", "decided"]
    assert height(found) == 5


@pytest.mark.parametrize(
    ("given", "stands_on", "missing"),
    [
        ({"coverage": None}, 1, "no_data"),
        ({"coverage": 0.89}, 1, "low_coverage"),
        ({"owner": None}, 2, "owner"),
        ({"basis": None}, 2, "basis"),
        ({"policy": None}, 2, "policy"),
        ({"reviewed_on": []}, 3, "never_reviewed"),
        ({"reviewed_on": ["2026-06-29"]}, 3, "review_overdue"),
        ({"episode": SPENT}, 4, "no_decision_spent"),
        ({"episode": Episode("unspent", day("2026-01-01"), AS_OF)}, 4, "no_decision_unspent"),
    ],
)
def test_an_slo_stands_below_the_first_thing_that_is_missing(given: dict, stands_on: int, missing: str):
    found = rungs(**given)
    assert height(found) == stands_on
    assert found[stands_on].missing == (missing,)


def test_a_rung_above_a_gap_is_true_but_does_not_count():
    found = rungs(owner=None)
    assert (found[3].met, found[3].reached) == (True, False)


def test_a_review_after_the_snapshot_is_none_yet():
    assert rungs(reviewed_on=["2026-10-01"])[3].missing == ("never_reviewed",)


def test_a_review_of_92_days_ago_is_still_in_the_cycle():
    assert height(rungs(reviewed_on=["2026-06-30"])) == 5


@pytest.mark.parametrize(
    ("about", "made", "met"),
    [
        ("after the budget ran out", decision("2026-09-10"), True),
        ("before it ran out", decision("2026-09-09"), False),
        ("an exception that still holds", decision("2026-09-12", "exception", "2026-09-30"), True),
        ("an exception that ended", decision("2026-09-12", "exception", "2026-09-29"), False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_decision_answers_the_stretch_it_was_made_in(about: str, made: Loaded, met: bool):
    assert rungs(SPENT, (made,))[4].met is met


def test_a_decision_is_walked_back_to_its_line():
    last = rungs(SPENT, (decision("2026-09-10"), decision("2026-09-20")))[4]
    assert (last.on, last.src_file, last.src_line) == (day("2026-09-20"), "decisions.yaml", 7)


def test_the_sample_stands_on_every_height_of_the_ladder(sample_snapshot: Path):
    heights = "select count(*) filter (where reached) as height from slo_rung group by slo"
    assert {h for (h,) in ask(sample_snapshot, heights)} == {1, 2, 3, 4, 5}
    verdicts = {v for (v,) in ask(sample_snapshot, "select distinct verdict from slo_advice")}
    assert {"over_provided", "in_use", "too_few_events", "low_coverage"} <= verdicts
