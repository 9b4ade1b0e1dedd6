"""SLI buckets from CSV and Parquet into the snapshot under construction, read by the engine itself.

A bucket is (slo, start, good, total). Where (slo, start) is given again, the last one wins: files count in the order
raw/ before sli/, then by name; within a file the later row. So a correction is a row in a later file.
Bulk rows never pass through Python; only the few bad ones are looked up by line.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from maturity.records import Bundle, Problem, SourceFile

COLUMNS = {"slo": "varchar", "start": "timestamptz", "good": "double", "total": "double"}
_TOLD = 50  # bad rows named one by one in a file; the rest are counted
_KINDS = {"start": "a time such as 2026-09-30T10:00:00Z", "good": "a number", "total": "a number", "slo": "an SLO id"}
_LOADED_SLO = "an SLO of slos/ that is loaded"


class Cursor(Protocol):
    """What is needed of a connection."""

    def execute(self, query: str, parameters: Any = ...) -> Any: ...


def files(folder: Path) -> list[tuple[Path, str]]:
    """Bucket files in the order in which they count, with their names in messages; `raw/` holds signals too."""
    found = []
    for top in ("raw", "sli"):
        for end in ("csv", "parquet"):
            found += [p for p in (folder / top).rglob(f"*.{end}") if not p.name.startswith(".")]
    order = {"raw": 0, "sli": 1}
    named = [(path, path.relative_to(folder).as_posix()) for path in found]
    named = [(path, file) for path, file in named if not PurePosixPath(file).match("raw/*/signals/*.csv")]
    return sorted(named, key=lambda pair: (order[pair[1].split("/")[0]], pair[1]))


def load(cur: Cursor, folder: Path, bundle: Bundle, as_of: dt.date) -> tuple[list[Problem], list[SourceFile]]:
    """Fill the temporary tables `bucket` and `bucket_file`, and the table `slo_bucket`.

    Bad rows are left out and come back as problems; `as_of` is the last day (UTC) that may be measured.
    """
    cur.execute(
        "create or replace temp table incoming (slo varchar, start timestamp, good double, total double, file int)"
    )
    named = files(folder)
    problems: list[Problem] = []
    rejected: dict[int, set[int]] = defaultdict(set)
    by_header = defaultdict(list)
    for number, (path, file) in enumerate(named):
        header, trouble = _csv_header(path, file) if path.suffix == ".csv" else _parquet_header(cur, path, file)
        problems += trouble
        if not trouble:
            by_header[path.suffix, header].append(number)
    # Insertion order is file order only if each group of equal headers is read in turn; ties are settled by `file`.
    for (kind, header), numbers in by_header.items():
        if kind == ".csv":
            problems += _read_csv(cur, named, numbers, header, rejected)
        else:
            problems += _read_parquet(cur, named, numbers)
    _file_numbers(cur, "bucket_file", [(file, n) for n, (_, file) in enumerate(named)])
    _declare(cur, bundle)
    problems += list(_bad_rows(cur, named, rejected, as_of))
    rows = dict(cur.execute("select file, count(*) from incoming group by file").fetchall())
    bad = dict(cur.execute("select file, count(*) from bad group by file").fetchall())
    problems += _settle_duplicates(cur, named)
    problems += _bucket_lengths(cur, bundle)
    return problems, [
        _source_file(path, file, rows.get(i, 0), len(rejected[i]) + bad.get(i, 0))
        for i, (path, file) in enumerate(named)
    ]


def _csv_header(path: Path, file: str) -> tuple[tuple[str, ...], list[Problem]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header = tuple(name.strip() for name in next(csv.reader(lines), []))
    except UnicodeDecodeError as error:
        return (), [Problem(file, 1, "encoding", f"a byte that is not UTF-8 at position {error.start}", "UTF-8 text")]
    except OSError as error:
        return (), [Problem(file, 1, "file", error.strerror or str(error), "a file that can be read")]
    return header, _names(file, header)


def _parquet_header(cur: Cursor, path: Path, file: str) -> tuple[tuple[str, ...], list[Problem]]:
    try:
        found = cur.execute("select name from parquet_schema($1) where num_children is null", [str(path)]).fetchall()
    except Exception as error:  # the engine's own error type has its home in store.py
        return (), [Problem(file, 1, "file", str(error).split("\n")[0][:120], "a Parquet file")]
    return tuple(sorted(COLUMNS)), _names(file, tuple(name for (name,) in found))


def _names(file: str, header: tuple[str, ...]) -> list[Problem]:
    if sorted(header) == sorted(COLUMNS):
        return []
    return [Problem(file, 1, "header", ", ".join(header) or "nothing", "the columns slo, start, good, total")]


def _read_csv(
    cur: Cursor,
    named: list[tuple[Path, str]],
    numbers: list[int],
    header: tuple[str, ...],
    rejected: dict[int, set[int]],
) -> list[Problem]:
    paths = [str(named[n][0]) for n in numbers]
    kinds = "{" + ", ".join(f"'{name}': '{COLUMNS[name]}'" for name in header) + "}"
    _file_numbers(cur, "file_number", [(str(named[n][0]), n) for n in numbers])
    cur.execute(
        f"""
        insert into incoming
        select r.slo, timezone('UTC', r.start), r.good, r.total, f.file
        from read_csv($1, header = true, auto_detect = false, delim = ',', quote = '"', columns = {kinds},
                      filename = true, store_rejects = true, rejects_limit = 0, nullstr = '') r
        join file_number f on f.path = r.filename
        """,
        [paths],
    )
    found = cur.execute(
        """
        select f.file, e.line, e.column_name, e.error_type, e.csv_line
        from reject_errors e join reject_scans s using (scan_id, file_id) join file_number f on f.path = s.file_path
        order by f.file, e.line
        """
    ).fetchall()
    cur.execute("drop table reject_errors")
    cur.execute("drop table reject_scans")
    problems = []
    for number, line, column, kind, text in found:
        first = line not in rejected[number]
        rejected[number].add(line)
        if kind == "CAST":
            value = dict(zip(header, next(csv.reader([text]), []), strict=False)).get(column, text)
            problems.append(Problem(named[number][1], line, column, repr(value), _KINDS[column]))
        elif kind == "INVALID ENCODING" and first:
            problems.append(Problem(named[number][1], line, "encoding", "a byte that is not UTF-8", "UTF-8 text"))
        elif first:
            problems.append(Problem(named[number][1], line, "row", repr(text[:60]), f"{len(header)} cells"))
    return _cut(problems)


def _read_parquet(cur: Cursor, named: list[tuple[Path, str]], numbers: list[int]) -> list[Problem]:
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


def _file_numbers(cur: Cursor, table: str, numbered: list[tuple[str, int]]) -> None:
    cur.execute(f"create or replace temp table {table} (path varchar, file int)")
    paths, numbers = [path for path, _ in numbered], [number for _, number in numbered]
    cur.execute(f"insert into {table} select unnest($1::varchar[]), unnest($2::int[])", [paths, numbers])


def _declare(cur: Cursor, bundle: Bundle) -> None:
    cur.execute("create or replace temp table known_slo (slo varchar, bucket_seconds bigint)")
    for loaded in bundle.slos:
        cur.execute("insert into known_slo values ($1, $2)", [loaded.record.id, loaded.record.bucket_seconds])


def _bad_rows(
    cur: Cursor, named: list[tuple[Path, str]], rejected: dict[int, set[int]], as_of: dt.date
) -> Iterator[Problem]:
    """Rows whose values cannot be: reported by line, then deleted. `good` above `total` is reported and kept."""
    checks = [
        ("slo", "i.slo is null or k.slo is null", "i.slo", _LOADED_SLO, True),
        ("start", "i.start is null", "i.start", _KINDS["start"], True),
        ("start", "i.start >= $1", "i.start", f"a time not after {as_of}", True),
        (
            "start",
            "epoch(i.start)::bigint % k.bucket_seconds <> 0",
            "i.start",
            "a start on the grid of its buckets",
            True,
        ),
        ("good", "i.good is null or not isfinite(i.good) or i.good < 0", "i.good", "a number, 0 or more", True),
        ("total", "i.total is null or not isfinite(i.total) or i.total < 0", "i.total", "a number, 0 or more", True),
        ("good", "i.good > i.total and isfinite(i.good)", "i.good", "at most total (kept as it is)", False),
    ]
    end = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time())
    cur.execute("create or replace temp table bad (row bigint, file int)")
    for column, condition, shown, expected, out in checks:
        cur.execute(
            f"""
            create or replace temp table found as
            select i.file, i.rowid as row, {shown}::varchar as value
            from incoming i left join known_slo k on k.slo = i.slo
            where ({condition}) and i.rowid not in (select row from bad)
            """,
            [end] if "$1" in condition else [],
        )
        # One unknown SLO is one problem, whatever the number of its rows.
        one_problem = "file, value" if column == "slo" else "file, value, row"
        named_rows = defaultdict(list)
        for number, row, value, times in cur.execute(
            f"""
            select file, min(row) as first_row, value, count(*) from found group by {one_problem}
            qualify row_number() over (partition by file order by min(row)) <= {_TOLD}
            order by file, first_row
            """
        ).fetchall():
            named_rows[number].append((row, value, times))
        counted = f"select file, count(*) from (select distinct {one_problem} from found) group by file"
        problems_of = dict(cur.execute(counted).fetchall())
        level = "error" if out else "warning"
        for number, rows in named_rows.items():
            path, file = named[number]
            lines = _lines(cur, path, number, [row for row, _, _ in rows], rejected[number])
            for row, value, times in rows:
                line, text = lines[row]
                found_text = _shown(path, column, value, text) + (f" in {times} rows" if times > 1 else "")
                yield Problem(file, line, column, found_text, expected, level)
            if problems_of[number] > _TOLD:
                more = f"{problems_of[number] - _TOLD} more rows like these"
                yield Problem(file, lines[rows[-1][0]][0], column, more, expected, level)
        if out:
            cur.execute("insert into bad select row, file from found")
    cur.execute("delete from incoming where rowid in (select row from bad)")


def _shown(path: Path, column: str, value: str | None, text: str) -> str:
    """What stands in the cell; a time that the engine could not read is looked up in the text of its line."""
    if value is None and text:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header = [name.strip() for name in next(csv.reader(lines))]
        value = dict(zip(header, next(csv.reader([text]), []), strict=False)).get(column) or None
    return "nothing" if value is None else repr(value.removesuffix(".0"))


def _lines(cur: Cursor, path: Path, number: int, rows: list[int], rejected: set[int]) -> dict[int, tuple[int, str]]:
    """Line of each row id in its file, and its text. A Parquet file has no lines: the row's number stands for it."""
    (first,) = cur.execute("select min(rowid) from incoming where file = $1", [number]).fetchone()
    wanted = {row - first: row for row in rows}
    if path.suffix == ".parquet":
        return {row: (ordinal + 1, "") for ordinal, row in wanted.items()}
    found, ordinal = {}, -1
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        for line, text in enumerate(lines, 1):
            if line == 1 or not text.strip() or line in rejected:
                continue
            ordinal += 1
            if ordinal in wanted:
                found[wanted[ordinal]] = line, text
            if len(found) == len(wanted):
                break
    return found


def _settle_duplicates(cur: Cursor, named: list[tuple[Path, str]]) -> list[Problem]:
    """Keep the last of each (slo, start); say in which files other values were replaced."""
    cur.execute(
        """
        create or replace temp table twice as
        select slo, start, max(file) as last_file, count(distinct (good, total)) > 1 as differ
        from incoming group by slo, start having count(*) > 1
        """
    )
    changed = cur.execute("select last_file, count(*) from twice where differ group by last_file order by 1").fetchall()
    cur.execute(
        """
        delete from incoming where rowid in (
            select rowid from (
                select
                    i.rowid,
                    row_number() over (partition by i.slo, i.start order by i.file desc, i.rowid desc) as place
                from incoming i join twice t using (slo, start)
            ) where place > 1
        )
        """
    )
    cur.execute("create or replace temp table bucket as select slo, start, good, total, file from incoming")
    cur.execute("drop table incoming")
    told = "each bucket once (the last one is used)"
    return [
        Problem(
            named[n][1],
            1,
            "start",
            f"{count} bucket{'s' if count > 1 else ''} given again with other values",
            told,
            "warning",
        )
        for n, count in changed
    ]


def _bucket_lengths(cur: Cursor, bundle: Bundle) -> list[Problem]:
    """Length of an SLO's buckets: declared, else the greatest common divisor of the distances between their starts."""
    offsets = defaultdict(list)
    for slo, offset in cur.execute("select distinct slo, epoch(start)::bigint % 86400 from bucket").fetchall():
        offsets[slo].append(offset)
    cur.execute("create or replace table slo_bucket (slo varchar, bucket_seconds bigint)")
    problems = []
    for loaded in bundle.slos:
        slo, seen = loaded.record, sorted(offsets.get(loaded.record.id, []))
        inferred = math.gcd(86400, *(offset - seen[0] for offset in seen)) if seen else None
        seconds = slo.bucket_seconds or inferred
        cur.execute("insert into slo_bucket values ($1, $2)", [slo.id, seconds])
        if slo.slice_minutes and seconds and seconds > slo.slice_minutes * 60:
            wanted = f"buckets of at most the slice of {slo.slice_minutes} minutes"
            problems.append(
                loaded.trouble(("metadata", "name"), f"{slo.id} with buckets of {seconds // 60} minutes", wanted)
            )
    return problems


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


def _source_file(path: Path, file: str, accepted: int, rejected: int) -> SourceFile:
    changed = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).replace(tzinfo=None, microsecond=0)
    return SourceFile(file, "sli", accepted + rejected, accepted, changed)
