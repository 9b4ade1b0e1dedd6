"""A frozen review: what was shown in a month, small enough for Git and the same to the byte from the same inputs.

    reviews/2026-09/review.json        month, day and the sums of all files
    reviews/2026-09/*.csv              agenda, one list, changes, figures: to be read and compared in Git
    reviews/2026-09/tables/*.parquet   the tables that pages ask, so that they can open the month as it was

Left out: what differs between two builds of the same inputs (when it was built, what the folder was called, and the
list of files, which grow) and days older than `frozen_days`, except for the last day of each month. Numbers keep twelve
digits: behind that, sums of several threads differ. The engine is handed in; `maturity.store` opens it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from maturity import export
from maturity.records.reviews import FrozenReview

FORMAT = 1
FOLDER = "reviews"
HEAD = "review.json"
QUERIES = Path(__file__).parent / "sql" / "queries"
# Git must not change line ends, or the sums would differ on another machine.
_GIT, _ATTRIBUTES = ".gitattributes", "* -text\n"
# What a thawed review tells beside its tables; raised with it, so that those in a store are made again.
_THAWED = 2
UNKNOWN_THEN = "not known yet when this review was frozen"
_VOLATILE = {("meta", "built_at"), ("meta", "folder")}
# A review does not know itself, nor those that came after it. Files grow by what is dated later; they stay out.
_ROWS = {"review": "month < (select strftime(as_of, '%Y-%m') from shown.meta)", "source_file": "false"}


def write(con: Any, tables: Path, day: dt.date, days: int) -> None:
    """Write every table that a query asks as Parquet; `con` has the snapshot attached as `shown`."""
    tables.mkdir(parents=True)
    first = day - dt.timedelta(days=days)
    for name in _asked(con):
        columns = dict(
            con.execute(
                "select column_name, data_type from duckdb_columns() where database_name = 'shown' and table_name = $1 "
                "order by column_index",
                [name],
            ).fetchall()
        )
        kept = ", ".join(_kept(name, column, kind) for column, kind in columns.items())
        rows = _ROWS.get(name, "true")
        if {"slo", "day"} <= columns.keys():
            rows = f"day > date '{first}' or day in (select as_of from shown.month)"
        file = quoted(tables / f"{name}.parquet")
        con.execute(
            f'copy (select {kept} from shown."{name}" where {rows} order by all) to {file} '
            "(format parquet, compression zstd)"
        )


def _kept(table: str, column: str, kind: str) -> str:
    if (table, column) in _VOLATILE:
        return f'null::{kind} as "{column}"'
    if kind == "DOUBLE":
        return f"""printf('%.12g', "{column}")::double as "{column}\""""
    return f'"{column}"::bigint as "{column}"' if kind == "HUGEINT" else f'"{column}"'


@cache
def _words() -> frozenset[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(QUERIES.glob("*.sql")))
    return frozenset(re.findall(r"\b(?:from|join) (\w+)", text))


def _asked(con: Any) -> list[str]:
    """Tables of the snapshot that some query names."""
    found = con.execute("select table_name from duckdb_tables() where database_name = 'shown' order by 1").fetchall()
    return [name for (name,) in found if name in _words()]


def thaw(con: Any, tables: Path) -> None:
    """Make the tables of a frozen review again, as they were."""
    for path in sorted(tables.glob("*.parquet")):
        con.execute(f'create table "{path.stem}" as select * from read_parquet({quoted(path)})')


def thaw_like(con: Any, tables: Path) -> None:
    """The same in the form of the snapshot that `con` has attached as `shown`, which pages of today can ask.

    What the review was frozen without, because it did not exist yet, is empty and says so: `unknown_then.sql`.
    """
    for name in _asked(con):
        con.execute(f'create table "{name}" as select * from shown."{name}" limit 0')
        path = tables / f"{name}.parquet"
        if path.is_file():
            had = columns(con, path)
            both = ", ".join(f'"{c}"' for (c, *_) in con.execute(f'describe "{name}"').fetchall() if c in had)
            con.execute(f'insert into "{name}" by name select {both} from read_parquet({quoted(path)})')
        else:
            con.execute(f"comment on table \"{name}\" is '{UNKNOWN_THEN}'")


def columns(con: Any, path: Path) -> set[str]:
    """What a table was frozen with; one of an older version may lack some."""
    return {name for name, *_ in con.execute(f"describe select * from read_parquet({quoted(path)})").fetchall()}


@cache
def form() -> str:
    """What the tables look like in this version: a thawed review of another form is made again."""
    files = sorted((QUERIES.parent / "views").glob("*.sql"))
    views = "".join(path.read_text(encoding="utf-8") for path in files)
    return hashlib.sha256(f"{_THAWED}{views}".encode()).hexdigest()


def name_in_store(review: FrozenReview) -> str:
    """Its file beside the snapshots: other content or another form of the tables, another name."""
    sums = form() + "".join(file.sha256 for file in review.files.values())
    return f"review-{review.month}-{hashlib.sha256(sums.encode()).hexdigest()[:12]}.duckdb"


def write_csv(query, folder: Path) -> None:
    """The files that people read: `query` asks the frozen tables."""
    for name, question in export.REVIEW_FILES.items():
        (folder / name).write_bytes(export.to_csv(query(question)))


def seal(folder: Path, month: str, day: dt.date) -> None:
    """Write `review.json` over all files of the folder."""
    files = {
        path.relative_to(folder).as_posix(): {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "bytes": path.stat().st_size,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in (HEAD, _GIT)
    }
    head = {"format": FORMAT, "month": month, "as_of": str(day), "files": files}
    (folder / HEAD).write_text(json.dumps(head, indent=1) + "\n", encoding="utf-8")
    (folder / _GIT).write_text(_ATTRIBUTES, encoding="utf-8")


def differences(old: Path, new: Path) -> list[str]:
    """Names of files that two frozen folders do not share to the byte."""
    names = {path.relative_to(root).as_posix() for root in (old, new) for path in root.rglob("*") if path.is_file()}
    return sorted(name for name in names if _bytes(old / name) != _bytes(new / name))


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def quoted(path: Path) -> str:
    """A path as a text of SQL, where no parameter may stand."""
    return "'" + str(path).replace("'", "''") + "'"
