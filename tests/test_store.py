"""Publishing and reading: no kill, no crowd and no bad input may show anybody half a snapshot."""

from __future__ import annotations

import datetime as dt
import fcntl
import gc
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest
from crowd import STOP, look_until_told
from given import ROOT, SAMPLE, SAMPLE_AS_OF, TESTS, TINY, TINY_AS_OF, ask, build, over_tiny, practices, write

from maturity import building, store

TABLES = "select table_name from information_schema.tables where table_schema = 'main' order by 1"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def content(snapshot: Path) -> dict[str, list[tuple]]:
    """Every table but the time of the build; the last digits of a float depend on the order of adding."""
    with duckdb.connect(str(snapshot), read_only=True) as con:
        tables = [table for (table,) in con.execute(TABLES).fetchall() if table != "meta"]
        rows = {table: con.execute(f'select * from "{table}" order by all').fetchall() for table in tables}
    return {table: list(map(nearly, of_one)) for table, of_one in rows.items()}


def nearly(row: tuple) -> tuple:
    return tuple(float(f"{value:.9g}") if isinstance(value, float) else value for value in row)


# ------------------------------------------------------------------------------------------------ publish and open


def test_nothing_published_opens_as_nothing(tmp_path: Path):
    assert store.current(tmp_path) is None
    assert store.open_current(tmp_path) is None


def test_what_was_built_is_what_opens(tmp_path: Path):
    built = build(tmp_path)
    snapshot = store.open_current(tmp_path)
    assert snapshot.path == built.snapshot
    (meta,) = snapshot.query("meta").to_dict("records")
    assert (meta["as_of"].date(), meta["errors"], meta["warnings"]) == (TINY_AS_OF, 0, 0)
    assert names(tmp_path) == ["CURRENT", built.snapshot.name]


def test_every_table_holds_as_many_rows_as_it_was_given(tmp_path: Path):
    built = build(tmp_path)
    for table, rows in built.rows.items():
        assert ask(built.snapshot, f'select count(*) from "{table}"') == [(rows,)]
    assert built.rows["practice_state"] == 2 * len(practices())
    assert built.rows["assessment"] == 5


def test_the_same_input_twice_gives_equal_tables(sample_snapshot: Path, tmp_path: Path):
    again = build(tmp_path / "again", SAMPLE, SAMPLE_AS_OF, minute=5)
    assert content(sample_snapshot) == content(again.snapshot)


def test_the_last_three_snapshots_are_kept_and_a_reader_keeps_its_own_until_it_looks_again(tmp_path: Path):
    first = build(tmp_path).snapshot
    reader = store.open_current(tmp_path)
    made = [build(tmp_path, minute=minute).snapshot.name for minute in range(1, 5)]
    assert names(tmp_path) == ["CURRENT", *made[-3:]]
    assert store.current(tmp_path).name == made[-1]
    assert not first.exists()
    assert len(reader.query("meta")) == 1
    assert store.open_current(tmp_path).version != reader.version


def test_a_clock_that_went_back_does_not_lose_the_new_snapshot(tmp_path: Path):
    for minute in (10, 11, 12):
        (tmp_path / f"snap-20260201T00{minute}00000000.duckdb").touch()
    late = build(tmp_path, minute=0).snapshot
    assert store.open_current(tmp_path).path == late


# ------------------------------------------------------------------------------------------------------- problems


def test_a_problem_in_the_buckets_stops_the_build_and_leaves_the_last_snapshot(tmp_path: Path):
    good = build(tmp_path / "store").snapshot
    folder = over_tiny(tmp_path / "data", **{"sli/new.csv": "slo,start,good,total\nalpha-ok,soon,1,1\n"})
    built = build(tmp_path / "store", folder, minute=1)
    assert built.snapshot is None
    assert [p.field for p in built.problems] == ["start"]
    assert store.current(tmp_path / "store") == good
    assert names(tmp_path / "store") == ["CURRENT", good.name]


def test_a_problem_in_a_record_stops_the_build_too(tmp_path: Path):
    folder = over_tiny(tmp_path / "data", TINY.parent / "bad" / "rejected_product")
    assert build(tmp_path / "store", folder).snapshot is None


def test_keep_going_loads_the_good_rows_and_stores_the_problems(tmp_path: Path):
    rows = "alpha-ok,soon,1,1\nalpha-ok,2026-01-24T00:00:00Z,7,7\n"
    folder = over_tiny(tmp_path / "data", **{"sli/new.csv": f"slo,start,good,total\n{rows}"})
    built = build(tmp_path / "store", folder, keep_going=True)
    stored = ask(built.snapshot, "select file, line, field, found, level from problem")
    assert stored == [("sli/new.csv", 2, "start", "'soon'", "error")]
    assert ask(built.snapshot, "select good from slo_day where day = '2026-01-24'") == [(7,)]
    assert ask(built.snapshot, "select rows, accepted from source_file where file = 'sli/new.csv'") == [(2, 1)]


def test_a_snapshot_that_fails_its_check_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    good = build(tmp_path / "store").snapshot
    sql = tmp_path / "sql"
    for kind in ("views", "queries"):
        (sql / kind).parent.mkdir(exist_ok=True)
        (sql / kind).symlink_to(store.SQL / kind)
    write(sql / "checks" / "no_products_at_all.sql", "select id from product")
    monkeypatch.setattr(store, "SQL", sql)
    with pytest.raises(store.TheSnapshotFailedItsCheck, match="no_products_at_all"):
        build(tmp_path / "store", minute=1)
    assert names(tmp_path / "store") == ["CURRENT", good.name]


def test_a_second_build_at_the_same_time_is_refused(tmp_path: Path):
    build(tmp_path)
    with (tmp_path / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(store.AnotherBuildIsRunning, match=str(tmp_path)):
            build(tmp_path, minute=1)
    assert build(tmp_path, minute=2).snapshot is not None


# ------------------------------------------------------------------------------------------------------ kill a build


def start_build(into: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "loaders", "build", str(TINY), "--store", str(into), "--as-of", str(TINY_AS_OF)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_build_killed_at_any_moment_leaves_the_old_snapshot_readable(tmp_path: Path):
    began = time.monotonic()
    assert start_build(tmp_path).wait(60) == 0
    whole = time.monotonic() - began
    for tenth in range(2, 10, 2):
        before = store.current(tmp_path)
        process = start_build(tmp_path)
        time.sleep(whole * tenth / 10)
        process.kill()
        process.wait(60)
        snapshot = store.open_current(tmp_path)
        assert snapshot.version >= before.stem
        assert snapshot.query("meta")["as_of"].dt.date.tolist() == [TINY_AS_OF]
        assert len(snapshot.query("export_practice_state", month=None)) == 2 * len(practices())
        snapshot.close()
    (tmp_path / ".building-1.duckdb").write_text("left over")
    write(tmp_path / ".building-1.tmp" / "duckdb_temp_storage_DEFAULT-0.tmp", "left over")
    assert start_build(tmp_path).wait(60) == 0
    assert not list(tmp_path.glob(".building-*"))
    assert len(list(tmp_path.glob("snap-*.duckdb"))) <= 3


# -------------------------------------------------------------------------------------------------------- the crowd

PUBLISHES = 12


def publish(folder: Path, minute: int) -> None:
    assert build(folder, as_of=TINY_AS_OF + dt.timedelta(days=minute % 5), minute=minute).snapshot


def test_a_dozen_publishes_under_readers_in_threads_and_another_process(tmp_path: Path):
    publish(tmp_path, 0)
    other = subprocess.Popen(
        [sys.executable, str(TESTS / "crowd.py"), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    looks, wrong = [], []
    readers = [threading.Thread(target=look_until_told, args=(tmp_path, looks, wrong)) for _ in range(2)]
    for reader in readers:
        reader.start()
    for minute in range(1, PUBLISHES + 1):
        publish(tmp_path, minute)
    (tmp_path / STOP).touch()
    for reader in readers:
        reader.join(30)
    said, _ = other.communicate(timeout=30)
    their_looks, their_wrong = json.loads(said)
    assert (wrong[:5], their_wrong) == ([], [])
    assert len(looks) > PUBLISHES
    assert their_looks > 0


# ------------------------------------------------------------------------------------------- a locked-down connection


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(
            "select * from read_csv('/etc/passwd', header = false, columns = {'a': 'varchar'})", id="read a file"
        ),
        pytest.param("select * from read_text('/etc/passwd')", id="read a text"),
        pytest.param("copy product to '/tmp/leak.csv'", id="write a file"),
        pytest.param("attach ':memory:' as other", id="attach a database"),
        pytest.param("install httpfs", id="install an extension"),
        pytest.param("load httpfs", id="load an extension"),
        pytest.param("set enable_external_access = true", id="open the door"),
        pytest.param("set lock_configuration = false", id="unlock the settings"),
        pytest.param("set memory_limit = '100GB'", id="take more memory"),
        pytest.param("insert into product (id) values ('x')", id="insert"),
        pytest.param("delete from product", id="delete"),
        pytest.param("create table x (a int)", id="create a table"),
        pytest.param("drop table product", id="drop a table"),
    ],
)
def test_the_reading_connection_can_only_read_its_own_file(tiny: store.Snapshot, statement: str):
    with tiny._con.cursor() as cur, pytest.raises(duckdb.Error):
        cur.execute(statement).fetchall()
    assert len(tiny.query("meta")) == 1


def test_a_parameter_is_a_value_and_never_a_piece_of_sql(tiny: store.Snapshot):
    assert len(tiny.query("export_product_level", month="2026-01")) == 2
    assert tiny.query("export_product_level", month="x' or '1' = '1").empty
    assert tiny.query("export_product_level", month="2026-01'; drop table product; --").empty


def test_a_wrong_parameter_is_refused(tiny: store.Snapshot):
    with pytest.raises(duckdb.Error):
        tiny.query("export_product_level")
    with pytest.raises(duckdb.Error):
        tiny.query("export_product_level", month=None, products="alpha")


def test_a_python_variable_is_not_a_table(tiny: store.Snapshot):
    frame = tiny.query("meta")
    assert len(frame) == 1
    with tiny._con.cursor() as cur, pytest.raises(duckdb.CatalogException):
        cur.execute("select * from frame")


def test_one_snapshot_answers_many_threads(tiny: store.Snapshot):
    lengths: list[int] = []
    threads = [
        threading.Thread(target=lambda: lengths.append(len(tiny.query("export_practice_state", month=None))))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert lengths == [116] * 16


def test_garbage_is_collected_again_after_a_build_that_failed():
    @building.uncollected()
    def build_that_fails():
        raise ValueError(gc.isenabled())

    with pytest.raises(ValueError, match="False"):
        build_that_fails()
    assert gc.isenabled()
