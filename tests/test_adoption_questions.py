"""What spreads, what comes next, what to sample, what to search: the questions of the pages, on small given tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from given import ROOT, build, over_tiny

from maturity import store
from maturity.filling import Filling, view_files, view_name

QUESTIONS = ROOT / "maturity" / "sql" / "queries"
Tables = dict[str, list[dict[str, Any]]]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Callable[..., pd.DataFrame]]:
    """Fill the snapshot's own tables with rows, compute a view where one is needed, and ask one question."""
    con = duckdb.connect(":memory:")
    made = Filling(con)
    made.create()

    def answer(name: str, given: Tables, views: tuple[str, ...] = (), **parameters: Any) -> list[dict[str, Any]]:
        for table, rows in given.items():
            made.add(table, rows)
        for path in view_files():
            if view_name(path) in views:
                made.view(path)
        return con.execute((QUESTIONS / f"{name}.sql").read_text(), parameters).df().to_dict("records")

    yield answer
    con.close()


POLICY = [
    {"name": "trend_months", "value": 2},
    {"name": "spread_share", "value": 0.5},
    {"name": "sampled_claims", "value": 2},
    {"name": "effort_weeks_S", "value": 1},
    {"name": "effort_weeks_M", "value": 4},
    {"name": "effort_weeks_L", "value": 13},
]


def states(practice: str, **by_month: str) -> list[dict[str, Any]]:
    """One row a product and month; a letter a product: + adopted, - not, x not asked. Months are m1, m2, ..."""
    return [
        {
            "month": f"2026-0{month[1:]}", "practice": practice, "product": f"p{i}",
            "state": {"+": "adopted", "-": "partial", "x": "not_asked"}[letter], "adopted": letter == "+",
            "confirmed": False, "applies": letter != "x", "assessed": letter != "x",
        }
        for month, letters in by_month.items()
        for i, letter in enumerate(letters)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        pytest.param({"m1": "+---", "m2": "++--", "m3": "+++-"}, ("spreading", 1, 3, 1), id="more: spreading"),
        pytest.param({"m1": "+++-", "m2": "++--", "m3": "+---"}, ("falling", 3, 1, 0), id="fewer: falling"),
        pytest.param({"m1": "+---", "m2": "+---", "m3": "-+--"}, ("stalled", 1, 1, None), id="as many: stalled"),
        pytest.param({"m1": "++++", "m2": "++++", "m3": "++++"}, ("everywhere", 4, 4, 0), id="all of them: everywhere"),
        pytest.param({"m1": "----", "m2": "----", "m3": "----"}, ("not_begun", 0, 0, None), id="none: not begun"),
        pytest.param({"m1": "--xx", "m2": "+-xx", "m3": "+-xx"}, ("spreading", 0, 1, 0), id="half of the asked"),
        pytest.param({"m1": "xxxx", "m2": "xxxx", "m3": "xxxx"}, ("not_asked", 0, 0, None), id="asked of nobody"),
    ],
)
def test_the_course_of_a_practice_and_the_time_from_its_first_product_to_half_of_them(ask, months, expected):
    given = {
        "policy": POLICY,
        "month": [{"month": f"2026-0{n}"} for n in (1, 2, 3)],
        "practice": [{"id": "own-01", "level": 1, "name_en": "A", "name_ja": "あ"}],
        "practice_state": states("own-01", **months),
    }
    (found,) = ask("practice_trend", given, ("practice_spread",), month="2026-03")
    took = None if pd.isna(found["months_to_spread"]) else int(found["months_to_spread"])
    assert (found["trend"], found["adopted_before"], found["adopted"], took) == expected


def test_a_first_product_in_the_oldest_month_may_be_older_than_the_records(ask):
    given = {
        "policy": POLICY,
        "month": [{"month": "2026-01"}, {"month": "2026-02"}],
        "practice": [{"id": p, "level": 1} for p in ("old", "new")],
        "practice_state": [*states("old", m1="+--", m2="++-"), *states("new", m1="---", m2="+--")],
    }
    found = {r["practice"]: r for r in ask("practice_trend", given, ("practice_spread",), month="2026-02")}
    assert (found["old"]["first_month"], found["old"]["first_is_older"]) == ("2026-01", True)
    assert (found["new"]["first_month"], found["new"]["first_is_older"]) == ("2026-02", False)
    assert list(found["old"]["counts"]) == [1, 2]


def test_a_month_after_the_chosen_one_is_not_looked_at(ask):
    given = {
        "policy": POLICY,
        "month": [{"month": f"2026-0{n}"} for n in (1, 2, 3)],
        "practice": [{"id": "own-01", "level": 1}],
        "practice_state": states("own-01", m1="+--", m2="+--", m3="+++"),
    }
    (found,) = ask("practice_trend", given, ("practice_spread",), month="2026-02")
    assert (found["adopted"], pd.isna(found["spread_month"])) == (1, True)


# -------------------------------------------------------------------------------------------------------- what next


def gap(practice: str, level: int = 1, **fields: Any) -> tuple[dict, dict]:
    """A practice of the map, and its state on `alpha`: missing unless it says otherwise."""
    keys = ("must", "effort", "prerequisites")
    of_map = {"id": practice, "level": level, "must": False, "effort": "S", "prerequisites": []}
    of_map |= {key: fields[key] for key in keys if key in fields}
    adopted = fields.get("adopted", False)
    state = {
        "month": "2026-01", "product": "alpha", "practice": practice, "adopted": adopted, "applies": True,
        "state": fields.get("state", "adopted" if adopted else "partial"),
    }  # fmt: skip
    return of_map, state | ({"applies": False} if state["state"] == "exempt" else {})


def next_of(ask, *gaps: tuple[dict, dict], minutes: dict[str, float] | None = None, others: list | None = None) -> list:
    given = {
        "policy": POLICY,
        "practice": [p for p, _ in gaps],
        "practice_state": [s for _, s in gaps] + (others or []),
        "product_level": [{"month": "2026-01", "product": "alpha", "level": 0, "next_level": 1}],
        "practice_gap": [
            {"product": "alpha", "practice": p, "bad_minutes_per_year": m} for p, m in (minutes or {}).items()
        ],
    }
    return ask("what_next", given, month="2026-01", product="alpha")


def test_what_can_begin_comes_before_what_waits_and_it_says_what_for(ask):
    found = next_of(ask, gap("a", prerequisites=["c", "d"]), gap("b"), gap("c", level=2), gap("d", adopted=True))
    assert [r["practice"] for r in found] == ["b", "c", "a"]
    assert list(found[-1]["waits_for"]) == ["c"]
    assert found[0]["waits_for"] is None or pd.isna(found[0]["waits_for"])


def test_what_blocks_the_next_level_comes_before_what_saves_more_above_it(ask):
    found = next_of(ask, gap("big", level=2), gap("small"), gap("must", must=True), minutes={"big": 900, "small": 1})
    assert [(r["practice"], r["blocks"]) for r in found] == [("must", True), ("small", True), ("big", False)]


@pytest.mark.parametrize(
    ("quarter", "expected"),
    [
        pytest.param(120, ["days", "quarter"], id="120 minutes in 13 weeks are less than 10 in one"),
        pytest.param(140, ["quarter", "days"], id="140 minutes in 13 weeks are more than 10 in one"),
    ],
)
def test_minutes_are_weighed_against_effort(ask, quarter: int, expected: list[str]):
    found = next_of(ask, gap("quarter", effort="L"), gap("days"), minutes={"quarter": quarter, "days": 10})
    assert [r["practice"] for r in found] == expected


def test_what_does_not_apply_or_is_adopted_is_not_proposed(ask):
    found = next_of(ask, gap("a", state="exempt"), gap("b", adopted=True), gap("c", state="contradicted"))
    assert [r["practice"] for r in found] == ["c"]


def test_who_does_it_himself_can_be_asked_and_the_best_confirmed_first(ask):
    def theirs(product: str, **fields: Any) -> dict[str, Any]:
        base = {"month": "2026-01", "product": product, "practice": "a", "state": "adopted", "adopted": True}
        return base | {"confirmed": False, "assessor": product.upper(), "confirmed_on": "2025-12-01"} | fields

    others = [
        theirs("old", confirmed_on="2025-01-01"),
        theirs("sure", confirmed=True, confirmed_on="2025-06-01"),
        theirs("heir", provider="sure"),
        theirs("not", adopted=False),
        theirs("new"),
    ]
    (found,) = next_of(ask, gap("a"), others=others)
    assert list(found["who"]) == ["sure", "new", "old"]
    assert list(found["assessors"]) == ["SURE", "NEW", "OLD"]


# ------------------------------------------------------------------------------------------------ claims and search


def claims(month: str) -> list[dict[str, Any]]:
    return [
        {"month": month, "product": f"p{i}", "practice": "a", "state": "adopted", "adopted": True, "confirmed": i == 0,
         "provider": "p2" if i == 1 else None}
        for i in range(30)
    ]  # fmt: skip


def test_the_draw_of_a_month_is_the_same_for_everybody_and_another_one_next_month(ask):
    given = {"policy": POLICY, "practice": [{"id": "a"}], "practice_state": [*claims("2026-01"), *claims("2026-02")]}
    first = ask("claims_to_sample", given, ("claim_sample",), month="2026-01")
    again = ask("claims_to_sample", {}, month="2026-01")
    later = ask("claims_to_sample", {}, month="2026-02")
    assert [r["product"] for r in first] == [r["product"] for r in again]
    assert [r["product"] for r in first] != [r["product"] for r in later]
    assert {r["claims"] for r in first} == {28}  # one is confirmed, one is another product's claim


def test_confirmed_and_inherited_claims_are_never_drawn(ask):
    many = [p if p["name"] != "sampled_claims" else p | {"value": 100} for p in POLICY]
    given = {"policy": many, "practice": [{"id": "a"}], "practice_state": claims("2026-01")}
    drawn = {r["product"] for r in ask("claims_to_sample", given, ("claim_sample",), month="2026-01")}
    assert drawn == {f"p{i}" for i in range(2, 30)}


MAP = [
    {"id": "a", "name_en": "Fast rollback", "name_ja": "素早い切り戻し"},
    {"id": "b", "name_en": "Metrics", "name_ja": "計測", "already_doing_en": ["A count of Rollbacks"],
     "already_doing_ja": ["ロールバックの回数"]},
    {"id": "c", "name_en": "Review", "name_ja": "見直し", "why_en": "A rollback is late.", "why_ja": "遅い。"},
    {"id": "d", "name_en": "Other", "name_ja": "その他"},
]  # fmt: skip


def test_a_practice_is_found_by_its_name_then_by_what_teams_call_it_then_by_its_text(ask):
    found = ask("practice_search", {"practice": MAP}, words="rollback")
    assert [(r["practice"], r["position"]) for r in found] == [("a", 1), ("b", 2), ("c", 3)]
    assert list(found[1]["habits"]) == ["A count of Rollbacks"]


def test_a_practice_is_found_in_the_other_language_too(ask):
    assert [r["practice"] for r in ask("practice_search", {"practice": MAP}, words="ロールバック")] == ["b"]


def test_signs_that_mean_something_to_a_search_engine_are_plain_letters(ask):
    assert ask("practice_search", {"practice": MAP}, words="%") == []
    assert ask("practice_search", {"practice": MAP[:0]}, words="' or 1=1 --") == []


def test_products_at_target_are_counted_by_tier(tmp_path):
    build(tmp_path / "store", over_tiny(tmp_path / "data"))
    snapshot = store.open_current(tmp_path / "store")
    rows = snapshot.query("target_by_tier", month="2026-01").to_dict("records")
    spread = snapshot.query("level_spread", month="2026-01")
    snapshot.close()
    assert sum(r["products"] for r in rows) == spread[spread["month"] == "2026-01"]["products"].sum()
    assert all(0 <= r["at_target"] <= r["products"] for r in rows)
