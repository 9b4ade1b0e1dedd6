"""Tables of a snapshot under construction: filled, or left as they stand in a copy of the snapshot before.

Every table has a sum of what it was made of: the rows that came from Python, or a question and the sums of the tables
that it asks. A table of the same sum is the same, and is neither read in nor written again. The sums of a snapshot are
kept with it, so that the next build can compare.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from maturity import tables
from maturity.bucket_rows import Cursor

MACROS = Path(__file__).parent / "sql" / "macros.sql"
_VIEWS = MACROS.with_name("views")
Rows = Iterable[dict[str, Any]]


def view_files() -> list[Path]:
    """The views in the order in which they build on one another."""
    return sorted(_VIEWS.glob("*.sql"))


def view_name(path: Path) -> str:
    """The table that a view is computed into."""
    return path.stem.split("_", 1)[1]


def asked(question: str) -> set[str]:
    """Every table that a question names, and names of its own parts."""
    return set(re.findall(r"\b(?:from|join)\s+(\w+)", question))


class Filling:
    """Fills tables through `cur`. `known` are the sums of a copy that it writes into; without them all is new."""

    def __init__(self, cur: Cursor, known: Mapping[str, str] | None = None):
        self.cur = cur
        self.sums = dict(known or {})
        self.rows: dict[str, int] = {}  # how many each table was given
        self.same: set[str] = set()  # tables that stand as they stood
        self._stand = set(self.sums)  # what would be in the way of a new table

    def create(self) -> None:
        """What views share, and empty tables, as the contract describes them, where there is no copy of others."""
        self.cur.execute(MACROS.read_text(encoding="utf-8"))
        for name in tables.all_columns() if not self._stand else ():
            self.cur.execute(_created(name))

    def fill(self, table: str, rows: Rows) -> None:
        """Make a table of rows, by the types of its columns; absent fields are empty."""
        with _lines(table, rows) as (path, count, made_of):
            self.rows[table] = count
            if self._is(table, made_of):
                return
            if table in self._stand:
                self.cur.execute(_created(table, "or replace"))
            _read(self.cur, table, path, count)

    def add(self, table: str, rows: Rows) -> None:
        """Add rows to those that stayed of a table."""
        with _lines(table, rows) as (path, count, _):
            self.rows[table] = self.rows.get(table, 0) + count
            _read(self.cur, table, path, count)
        if count:
            self.changed(table)

    def changed(self, *names: str) -> None:
        """These tables are other ones than before, made elsewhere."""
        self.sums |= {name: uuid.uuid4().hex for name in names}

    def view(self, path: Path) -> None:
        """Compute one view into a table of its name: a snapshot never changes, so nothing is computed twice."""
        name, question = view_name(path), path.read_text(encoding="utf-8")
        parts = sorted((part, self.sums[part]) for part in asked(question) if part in self.sums)
        if not self._is(name, _sum(repr(parts).encode())):
            self.cur.execute(f'create or replace table "{name}" as {question}')

    def _is(self, table: str, made_of: str) -> bool:
        if self.sums.get(table) == made_of:
            self.same.add(table)
            return True
        self.sums[table] = made_of
        return False


def _created(table: str, how: str = "") -> str:
    fields = ",\n".join(f'"{column}" {kind}' for column, (kind, _) in tables.all_columns()[table].items())
    return f'create {how} table "{table}" (\n{fields}\n)'


@contextmanager
def _lines(table: str, rows: Rows) -> Iterator[tuple[str, int, str]]:
    """The rows as a file of JSON lines, their number and their sum.

    The engine reads them with declared types: lists, dates and decimals arrive as what they are, nothing is guessed.
    """
    columns, made_of, count = tables.all_columns()[table], hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        for row in rows:
            line = _ENCODER.encode({name: row[name] for name in columns if name in row}).encode() + b"\n"
            file.write(line)
            made_of.update(line)
            count += 1
        file.flush()
        yield file.name, count, made_of.hexdigest()


def _read(cur: Cursor, table: str, path: str, count: int) -> None:
    if count:
        kinds = ", ".join(f"'{name}': '{kind}'" for name, (kind, _) in tables.all_columns()[table].items())
        cur.execute(
            f"""insert into "{table}" select * from read_json($1, format = 'newline_delimited',
                columns = {{{kinds}}})""",
            [path],
        )


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _json(value: Any) -> Any:
    if isinstance(value, dt.date | dt.datetime | Decimal):
        return str(value)
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} has no place in a table")


_ENCODER = json.JSONEncoder(default=_json, ensure_ascii=False)
