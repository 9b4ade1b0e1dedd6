"""Tables of which nothing that they are made of changed stand as they stood; all others are made again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from given import ask, build, changed, day, over_tiny
from test_earlier import STATEMENTS, added, edited
from test_store import content

RISKS, SLOS = "risks/alpha.yaml", "slos/alpha.yaml"
# Of each kind one: rows of a file, a question, a simulation, and a question that asks for days of SLOs.
MARKS = {
    "product": "update product set team = 'planted'",
    "category_adoption": "update category_adoption set adopted = 42",
    "simulated_year": "update simulated_year set p50 = 42",
    "slo_month": "update slo_month set good = 42",
}
MARKED = {
    "product": "select bool_and(team = 'planted') from product",
    "category_adoption": "select bool_and(adopted = 42) from category_adoption",
    "simulated_year": "select bool_and(p50 = 42) from risk_year",
    "slo_month": "select bool_and(good = 42) from slo_month",
}
ALL = set(MARKS)
STAND = {
    "nothing": (lambda folder: None, ALL),
    "an answer": (STATEMENTS["another state of an old statement"][0], ALL - {"category_adoption"}),
    "a team": (edited("products.yaml", "team: blue", "team: green"), {"simulated_year", "slo_month"}),
    "the numbers of a risk": (edited(RISKS, "ettr_min: 96", "ettr_min: 97"), ALL - {"simulated_year"}),
    "the words of a risk": (edited(RISKS, "en: One trunk", "en: A single trunk"), ALL),
    "a bucket": (added("sli/alpha.csv", "alpha-ok,2026-01-01T00:00:00Z,1,99\n"), {"product", "simulated_year"}),
}


@pytest.mark.parametrize(("change", "stand"), STAND.values(), ids=STAND)
def test_a_table_stands_as_long_as_nothing_that_it_is_made_of_changes(tmp_path: Path, change: Callable, stand: set):
    folder, store = over_tiny(tmp_path / "data"), tmp_path / "store"
    changed(build(store, folder).snapshot, *MARKS.values())
    change(folder)
    upon = build(store, folder, minute=1).snapshot
    assert {table for table, question in MARKED.items() if ask(upon, question) == [(True,)]} == stand


CHANGES = [(change, 1) for change, _ in [*STAND.values(), *STATEMENTS.values()]] + [(STAND["nothing"][0], 40)]


@pytest.mark.parametrize(("change", "days"), CHANGES)
def test_after_any_change_everything_is_as_if_built_from_nothing(tmp_path: Path, change: Callable, days: int):
    folder, store, on = over_tiny(tmp_path / "data"), tmp_path / "store", day("2026-03-15")
    build(store, folder, on)
    change(folder)
    on += dt.timedelta(days=days)
    upon = content(build(store, folder, on, minute=1).snapshot)
    assert upon == content(build(tmp_path / "fresh", folder, on, minute=1).snapshot)


def test_many_builds_do_not_let_a_snapshot_grow_without_end(tmp_path: Path):
    """What a build leaves unused the next one writes into."""
    folder, store, sizes = over_tiny(tmp_path / "data"), tmp_path / "store", []
    for minute in range(6):
        products = folder / "products.yaml"
        products.write_text(products.read_text().replace("team: blue", f"team: blue{minute}"))
        sizes.append(build(store, folder, minute=minute).snapshot.stat().st_size)
    assert max(sizes) < 2 * sizes[0]
