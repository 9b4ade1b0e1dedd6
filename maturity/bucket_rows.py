"""Bucket files read row by row: CSV, and Parquet files in which something is wrong.

Rows land in the temporary table `incoming`; bad ones are told with file and line and left out. Bulk rows never pass
through Python; only the few bad ones are looked up by line.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from maturity.records.problems import Problem, not_decoded, not_read, show

COLUMNS = {"slo": "varchar", "start": "timestamptz", "good": "double", "total": "double"}
_TOLD = 50  # bad rows named one by one in a file; the rest are counted
_KINDS = {"start": "a time such as 2026-09-30T10:00:00Z", "good": "a number", "total": "a number", "slo": "an SLO id"}
_LOADED_SLO = "an SLO of slos/ that is loaded"
# A clock that was never set says 1970, and each day since would be a day of history.
FIRST = dt.date(2000, 1, 1)
# Whole numbers above it are not exact in floats: 2 to the power of 53.
MOST = 2**53
Named = list[tuple[Path, str]]
Place = tuple[int, list[str]]  # the line on which a row begins, and its cells


class Cursor(Protocol):
    """What is needed of a connection."""

    def execute(self, query: str, parameters: Any = ...) -> Any: ...


def fill(cur: Cursor, table: str, columns: dict[str, str], rows: list[tuple], temporary: bool = True) -> None:
    """A new table of these columns (name -> SQL type) with these rows, which go to the engine as one list a column."""
    kinds = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    cur.execute(f"create or replace {'temp' if temporary else ''} table {table} ({kinds})")
    lists = ", ".join(f"unnest(${i}::{kind}[])" for i, kind in enumerate(columns.values(), 1))
    if rows:
        cur.execute(f"insert into {table} select {lists}", [list(column) for column in zip(*rows, strict=True)])


def create(cur: Cursor) -> None:
    """The empty table of rows."""
    cur.execute(
        "create or replace temp table incoming (slo varchar, start timestamp, good double, total double, file int)"
    )


def csv_header(path: Path, file: str) -> tuple[tuple[str, ...], list[Problem]]:
    """Names of the columns."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header = tuple(name.strip() for name in next(csv.reader(lines), []))
    except UnicodeDecodeError as error:
        return (), [not_decoded(file, error)]
    except OSError as error:
        return (), [not_read(file, error)]
    return header, names(file, header)


def parquet_headers(
    cur: Cursor, named: Named, numbers: list[int]
) -> tuple[dict[tuple[str, ...], list[int]], list[Problem]]:
    """Numbers of Parquet files by the names and types of their columns: files of one shape are read together."""
    if not numbers:
        return {}, []
    try:
        found = _schemas(cur, [str(named[n][0]) for n in numbers])
    except Exception as error:  # the engine's own error type has its home in store.py
        if len(numbers) > 1:  # one of them cannot be read; each is looked at on its own
            shapes, problems = defaultdict(list), []
            for number in numbers:
                shape, trouble = parquet_headers(cur, named, [number])
                problems += trouble
                for kinds, alone in shape.items():
                    shapes[kinds] += alone
            return shapes, problems
        file = named[numbers[0]][1]
        return {}, [Problem(file, 1, "file", str(error).split("\n")[0][:120], "a Parquet file")]
    shapes, problems = defaultdict(list), []
    for number in numbers:
        path, file = named[number]
        columns = found.get(str(path), [])
        trouble = names(file, tuple(name for name, *_ in columns))
        # The engine would read a text as a time without its offset.
        if any(name == "start" and kind == "BYTE_ARRAY" for name, kind, _ in columns):
            trouble.append(Problem(file, 1, "start", "a column of texts", "a column of timestamps"))
        problems += trouble
        if not trouble:
            shapes[tuple(sorted(map(str, columns)))].append(number)
    return shapes, problems


def _schemas(cur: Cursor, paths: list[str]) -> dict[str, list[tuple]]:
    found = defaultdict(list)
    for path, *column in cur.execute(
        "select file_name, name, type, logical_type from parquet_schema($1) where num_children is null", [paths]
    ).fetchall():
        found[path].append(tuple(column))
    return found


def names(file: str, header: tuple[str, ...]) -> list[Problem]:
    if sorted(header) == sorted(COLUMNS):
        return []
    found = show(", ".join(header)) if header else "nothing"
    return [Problem(file, 1, "header", found, "the columns slo, start, good, total")]


def read_csv(
    cur: Cursor,
    named: Named,
    numbers: list[int],
    header: tuple[str, ...],
    rejected: dict[int, set[int]],
) -> list[Problem]:
    paths = [str(named[n][0]) for n in numbers]
    kinds = "{" + ", ".join(f"'{name}': '{COLUMNS[name]}'" for name in header) + "}"
    cur.execute(
        f"""
        insert into incoming
        select r.slo, timezone('UTC', r.start), r.good, r.total, f.file
        from read_csv($1, header = true, auto_detect = false, delim = ',', quote = '"', columns = {kinds},
                      filename = true, store_rejects = true, rejects_limit = 0, nullstr = '') r
        join file_place f on f.location = r.filename
        """,
        [paths],
    )
    found = cur.execute(
        """
        select f.file, e.line, e.column_name, e.error_type, e.csv_line
        from reject_errors e join reject_scans s using (scan_id, file_id) join file_place f on f.location = s.file_path
        order by f.file, e.line
        """
    ).fetchall()
    cur.execute("drop table reject_errors")
    cur.execute("drop table reject_scans")
    bad = defaultdict(set)
    for number, row, *_ in found:
        bad[number].add(row)
    places = {number: _places(named[number][0], rows) for number, rows in bad.items()}
    problems = []
    for number, row, column, kind, text in found:
        first = row not in rejected[number]
        rejected[number].add(row)
        line, cells = places[number][row]
        text = text.strip("\r\n")
        if kind == "CAST":
            value = dict(zip(header, cells, strict=False)).get(column, text)
            problems.append(Problem(named[number][1], line, column, repr(value), _KINDS[column]))
        elif kind == "INVALID ENCODING" and first:
            problems.append(Problem(named[number][1], line, "encoding", "a byte that is not UTF-8", "UTF-8 text"))
        elif first:
            problems.append(Problem(named[number][1], line, "row", repr(text[:60]), f"{len(header)} cells"))
    return _cut(problems)


def read_parquet(cur: Cursor, named: Named, numbers: list[int]) -> list[Problem]:
    problems = []
    for number in numbers:
        path, file = named[number]
        kind = cur.execute("select typeof(start) from read_parquet($1) limit 1", [str(path)]).fetchone()
        start = "timezone('UTC', start)" if kind and kind[0] == "TIMESTAMP WITH TIME ZONE" else "start::timestamp"
        try:
            cur.execute(
                f"""
                insert into incoming
                select slo::varchar, {start}, good::double, total::double, {number} from read_parquet($1)
                """,
                [str(path)],
            )
        except Exception as error:  # a column that is no number at all: the whole file is out
            problems.append(
                Problem(file, 1, "file", str(error).split("\n")[0][:120], "numbers and times in its columns")
            )
    return problems


def bad_rows(
    cur: Cursor, named: Named, rejected: dict[int, set[int]], end: dt.datetime, today: dt.date
) -> Iterator[Problem]:
    """Rows whose values cannot be: reported by line, then deleted. `good` above `total` is reported and kept.

    Rows from `end` on that are not after `today` are later than the day that is judged: deleted, and in table `later`.
    """
    checks = [
        ("slo", "i.slo is null or k.slo is null", "i.slo", _LOADED_SLO, True),
        ("start", "i.start is null", "i.start", _KINDS["start"], True),
        ("start", f"i.start < timestamp '{FIRST}'", "i.start", f"a time since {FIRST}", True),
        ("start", "i.start >= $1", "i.start", f"a time not after {today}", True),
        (
            "start",
            "epoch(i.start)::bigint % k.bucket_seconds <> 0",
            "i.start",
            "a start on the grid of its buckets",
            True,
        ),
        ("good", "i.good is null or not isfinite(i.good) or i.good < 0", "i.good", "a number, 0 or more", True),
        ("total", "i.total is null or not isfinite(i.total) or i.total < 0", "i.total", "a number, 0 or more", True),
        ("good", f"i.good > {MOST}", "i.good", f"a count of at most {MOST:,}", True),
        ("total", f"i.total > {MOST}", "i.total", f"a count of at most {MOST:,}", True),
        ("good", "i.good > i.total and isfinite(i.good)", "i.good", "at most total (kept as it is)", False),
    ]
    future = dt.datetime.combine(today + dt.timedelta(days=1), dt.time())
    cur.execute("create or replace temp table bad (row bigint, file int)")
    cur.execute(
        "create or replace temp table later as "
        "select rowid as row, file from incoming where start >= $1 and start < $2",
        [end, future],
    )
    for column, condition, shown, expected, out in checks:
        (count,) = cur.execute(
            f"""
            create or replace temp table found as
            select i.file, i.rowid as row, {shown}::varchar as value
            from incoming i left join known_slo k on k.slo = i.slo
            where ({condition}) and i.rowid not in (select row from bad union all select row from later)
            """,
            [future] if "$1" in condition else [],
        ).fetchone()
        if not count:
            continue
        # One unknown SLO is one problem, whatever the number of its rows and files.
        one_problem = "value, case when value is null then file end" if column == "slo" else "file, value, row"
        problems = f"""
            select first.file as file, first.row as row, value, times, files
            from (
                select
                    min({{'file': file, 'row': row}}) as first, value, count(*) as times, count(distinct file) as files
                from found
                group by {one_problem}
            )
        """
        named_rows = defaultdict(list)
        for number, *told in cur.execute(
            f"""
            {problems}
            qualify row_number() over (partition by file order by row) <= {_TOLD}
            order by file, row
            """
        ).fetchall():
            named_rows[number].append(told)
        problems_of = dict(cur.execute(f"select file, count(*) from ({problems}) group by file").fetchall())
        level = "error" if out else "warning"
        for number, rows in named_rows.items():
            path, file = named[number]
            lines = _lines(cur, path, number, [row for row, *_ in rows], rejected[number])
            for row, value, times, files in rows:
                line, cells = lines[row]
                found_text = _shown(path, column, value, cells) + (f" in {times} rows" if times > 1 else "")
                found_text += f" of {files} files" if files > 1 else ""
                yield Problem(file, line, column, found_text, expected, level)
            if problems_of[number] > _TOLD:
                more = f"{problems_of[number] - _TOLD} more rows like these"
                yield Problem(file, lines[rows[-1][0]][0], column, more, expected, level)
        if out:
            cur.execute("insert into bad select row, file from found")
    cur.execute("delete from incoming where rowid in (select row from bad union all select row from later)")


def _shown(path: Path, column: str, value: str | None, cells: list[str]) -> str:
    """What stands in the cell; a time that the engine could not read is looked up in its row."""
    if value is None and cells:
        _, (_, header) = next(_rows(path))
        value = dict(zip((name.strip() for name in header), cells, strict=False)).get(column) or None
    return "nothing" if value is None else repr(value.removesuffix(".0"))


def _lines(cur: Cursor, path: Path, number: int, rows: list[int], rejected: set[int]) -> dict[int, Place]:
    """Place of each row id in its file. A Parquet file has no lines: the row's number stands for it."""
    (first,) = cur.execute("select min(rowid) from incoming where file = $1", [number]).fetchone()
    wanted = {row - first: row for row in rows}
    if path.suffix == ".parquet":
        return {row: (ordinal + 1, []) for ordinal, row in wanted.items()}
    found, ordinal = {}, -1
    for row, place in _rows(path):
        if row == 1 or not place[1] or row in rejected:
            continue
        ordinal += 1
        if ordinal in wanted:
            found[wanted[ordinal]] = place
        if len(found) == len(wanted):
            break
    return found


def _places(path: Path, rows: set[int]) -> dict[int, Place]:
    """Place of each of these rows, as the engine counts them: the header is 1, and a blank line is a row."""
    found = {row: (row, []) for row in rows}
    for row, place in _rows(path):
        if row in rows:
            found[row] = place
        if row >= max(rows):
            break
    return found


def _rows(path: Path) -> Iterator[tuple[int, Place]]:
    """Number and place of every row of a CSV file. A cell in quotes may hold line ends, so a row is not a line."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        reader, line = csv.reader(text), 1
        with contextlib.suppress(csv.Error):  # a quote that is never closed: the engine, too, reads no row behind it
            for row, cells in enumerate(reader, 1):
                yield row, (line, cells)
                line = reader.line_num + 1


def _cut(problems: list[Problem]) -> list[Problem]:
    by_file = defaultdict(list)
    for problem in problems:
        by_file[problem.file].append(problem)
    kept = []
    for found in by_file.values():
        kept += found[:_TOLD]
        if len(found) > _TOLD:
            last = found[-1]
            kept.append(
                Problem(last.file, last.line, "row", f"{len(found) - _TOLD} more rows like these", last.expected)
            )
    return kept
