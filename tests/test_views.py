"""Given rows -> expected rows, a file for each view in `tests/views`.

view: slo_budget             the view whose rows are compared
given: {slo: [...]}          rows of tables, and of views further down, for all cases of the file
cases:
  - about: a sentence        the test's id
    given: {bucket: [...]}   more rows
    expect: [...]            all rows of the view; only the columns that are named are compared, numbers nearly
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from given import TESTS, TINY, TINY_AS_OF, ask, build, yaml_file

from loaders import registry
from maturity import budget_days, store
from maturity.filling import Filling, asked, view_files, view_name

# Tables that are not in the contract, because a snapshot's build makes them from the bucket files.
BUILT = {
    "bucket": "slo varchar, start timestamp, good double, total double, kept_good double, kept_total double",
    "recent": "slo varchar, start timestamp, good double, total double",
    "burn_end": "slo varchar, ends timestamp, bucket_seconds bigint",
    "bucket_file": "path varchar, file int, size bigint, changed_ns bigint, accepted bigint, clean boolean",
    "sli_part": "file int, slo varchar, day date, good double, total double, buckets bigint, slices bigint, "
    "bad_slices bigint, ratio_sum double, first_start timestamp, last_start timestamp, twice boolean, "
    "step_seconds int, shift_seconds int",
    "row_day": "slo varchar, day date",
    "slo_bucket": "slo varchar, bucket_seconds bigint, counted_as varchar",
    "kept": "file int, old_file int, accepted bigint",
}
# Without an earlier snapshot there is no state before the first day.
STATE_BEFORE = "create table state_before (slo varchar, state varchar, state_since date)"
FILES = [(path, yaml_file(path)) for path in sorted((TESTS / "views").glob("*.yaml"))]
CASES = [
    pytest.param(spec["view"], [spec.get("given", {}), case.get("given", {})], case["expect"], id=case["about"])
    for _, spec in FILES
    for case in spec["cases"]
]
VIEWS = [view_name(path) for path in view_files()]


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(":memory:")
    made.execute("set timezone = 'UTC'")
    return made


@pytest.mark.parametrize(("view", "given", "expect"), CASES)
def test_view(con: duckdb.DuckDBPyConnection, view: str, given: list[dict], expect: list[dict]):
    rows: dict[str, list] = {}
    for part in given:
        for table, some in part.items():
            rows.setdefault(table, []).extend(some)
    made = Filling(con)
    made.create()
    for table, columns in BUILT.items():
        con.execute(f"create table {table} ({columns})")
    con.execute(STATE_BEFORE)
    budget_days.look_at(con, dt.date.min, dt.date.max, dt.date.min)
    for table in rows.keys() - set(VIEWS):
        add(con, table, rows[table])
    for path, name in zip(view_files(), VIEWS, strict=True):
        made.view(path)
        add(con, name, rows.get(name, []))  # a view that is given stands empty until now, with its columns
        if name == "bucket_day":  # given buckets are counted one by one
            con.execute("insert into row_day select slo, day from bucket_day")
        if name == view:
            break
    columns = list(expect[0]) if expect else list(con.execute(f'describe "{view}"').df()["column_name"])
    names = ", ".join(f'"{column}"' for column in columns)
    found = con.execute(f'select {names} from "{view}" order by all').fetchall()
    wanted = sorted((tuple(row[column] for column in columns) for row in expect), key=sortable)
    assert [tuple(map(plain, row)) for row in sorted(found, key=sortable)] == [nearly(row) for row in wanted]


def add(con: duckdb.DuckDBPyConnection, table: str, rows: list[dict]) -> None:
    for row in rows:
        names, places = ", ".join(f'"{name}"' for name in row), ", ".join(["?"] * len(row))
        con.execute(f'insert into "{table}" ({names}) values ({places})', list(row.values()))


def plain(value: Any) -> Any:
    """Value of the engine as the YAML of the expectation has it."""
    return float(value) if isinstance(value, Decimal) else value


def nearly(row: tuple) -> tuple:
    return tuple(pytest.approx(v, rel=1e-9, abs=1e-12) if isinstance(v, float) else v for v in row)


def sortable(row: tuple) -> list[str]:
    return [v.isoformat() if isinstance(v, dt.date) else str(v) for v in row]


# ----------------------------------------------------------------------------------------------------- housekeeping


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_a_given_and_expect_file(view: str):
    assert view in {spec["view"] for _, spec in FILES}


@pytest.mark.parametrize("path", view_files(), ids=lambda path: path.stem)
def test_every_view_file_says_what_a_row_is(path: Path):
    assert path.read_text(encoding="utf-8").startswith("-- One row per ")


def test_no_two_cases_say_the_same_sentence():
    sentences = [case["about"] for _, spec in FILES for case in spec["cases"]]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("table", BUILT)
def test_the_given_tables_are_those_that_a_build_makes(con: duckdb.DuckDBPyConnection, table: str):
    con.execute(f"create table expected ({BUILT[table]})")
    store.check_buckets(TINY, registry.read_folder(TINY, TINY_AS_OF).bundle, TINY_AS_OF, con)
    shape = "select column_name, column_type from (describe {})"
    assert con.execute(shape.format(table)).fetchall() == con.execute(shape.format("expected")).fetchall()


def nodes(tree: Any) -> Iterator[dict]:
    """Every object of a parsed question."""
    if isinstance(tree, dict):
        yield tree
    for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from nodes(part)


@pytest.mark.parametrize("path", [path for path in view_files() if path.name >= "50"], ids=lambda path: path.stem)
def test_every_table_that_a_view_asks_is_found_in_its_text(con: duckdb.DuckDBPyConnection, path: Path):
    """Or a change of it would go by, and the view stand as it stood."""
    question = path.read_text(encoding="utf-8")
    (parsed,) = con.execute("select json_serialize_sql($1)", [question]).fetchone()
    found = list(nodes(json.loads(parsed)))
    own = {entry["key"] for node in found for entry in node.get("cte_map", {}).get("map", [])}
    tables = {node["table_name"] for node in found if node.get("type") == "BASE_TABLE"} - own
    assert tables
    assert tables <= asked(question)
    assert not {node.get("function_name") for node in found} & {"getvariable", "now", "today", "random", "uuid"}


def test_every_table_that_a_view_names_has_a_sum(tmp_path: Path):
    """What has none is a part of the question itself."""
    snapshot = build(tmp_path).snapshot
    (noted,) = ask(snapshot, "select comment from duckdb_tables() where table_name = 'meta'")[0]
    named = set().union(*(asked(path.read_text(encoding="utf-8")) for path in view_files() if path.name >= "50"))
    there = {table for (table,) in ask(snapshot, "select table_name from duckdb_tables()")}
    assert (named & there) | {"recent", "burn_end"} <= json.loads(noted.partition(" ")[2]).keys()
