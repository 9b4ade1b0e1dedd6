"""How small CSV files are read: named columns, empty cells as no value, every row with its line.

The dashboard's own CSV puts an apostrophe before text that a spreadsheet would run as a formula; it is taken off
again here, so that an exported file reloads unchanged.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from loaders import texts
from loaders.yaml_rows import Document
from maturity.records.forms import FORMULA_SIGNS
from maturity.records.problems import Problem, show

_END = "end of the file"
_GUARDED = re.compile(f"^'+[{re.escape(''.join(FORMULA_SIGNS))}]")


@dataclass(frozen=True)
class Table:
    """A file as it stands: its header without surrounding blanks, and (line, cells) of each row."""

    header: list[str]
    rows: list[tuple[int, list[str]]]


def read(path: Path, file: str, columns: list[str]) -> tuple[list[Document], list[Problem]]:
    """One `Document` a row, its value a dict of column -> text or None. Unknown or repeated columns are problems."""
    found, trouble = table(path, file)
    header = found.header
    problems = [
        Problem(file, 1, name or "header", "an unknown column", _some(columns, name))
        for name in header
        if name not in columns
    ]
    if header and len(problems) == len(header):  # a file of another kind: one message
        problems = [Problem(file, 1, "header", show(", ".join(header)), _some(columns))]
    if not header and not trouble:
        return [], [Problem(file, 1, "file", "nothing", "a header and rows, or no file", "warning")]
    problems += [
        Problem(file, 1, name, "the column twice", "each column once")
        for name in sorted({n for n in header if n and header.count(n) > 1})
    ]
    if problems:
        return [], problems
    return [_row(file, line, header, cells) for line, cells in found.rows], trouble


def _some(columns: list[str], name: str = "") -> str:
    """Columns that may have been meant; a list of dozens would drown the message."""
    if len(columns) <= 20:
        return f"some of {', '.join(sorted(columns))}"
    near = difflib.get_close_matches(name, columns, 3) or columns[:5]
    return f"some of the {len(columns)} columns that guidemap export writes, such as {', '.join(near)}"


def table(path: Path, file: str, encoding: str = "utf-8-sig", delimiter: str = ",") -> tuple[Table, list[Problem]]:
    """Header and rows of a file as they stand in it, without blank rows. Rows of another length are problems."""
    rows, problems = every_row(path, file, encoding, delimiter)
    found = Table([cell.strip() for cell in rows[0][1]] if rows else [], [])
    for line, cells in rows[1:]:
        if any(cell.strip() for cell in cells):
            problems += length(file, line, found.header, cells)
            found.rows.extend([(line, cells)] if len(cells) == len(found.header) else [])
    return found, problems


def every_row(
    path: Path, file: str, encoding: str = "utf-8-sig", delimiter: str = ","
) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """(line, cells) of every row, the header and blank rows too; up to the one that cannot be read."""
    text, problems = texts.read(path, file, encoding)
    if text is None:
        return [], problems
    # A quote that is never closed makes one cell of all rows behind it: then the last row is not the one added here.
    text = text + ("" if text.endswith(("\n", "\r")) or not text else "\n") + _END
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, line = [], 1
    try:
        for cells in reader:
            rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        return rows, [Problem(file, line, "csv", f"a row that cannot be read ({error})", "well-formed CSV")]
    line, cells = rows.pop()
    if cells != [_END]:
        return rows, [Problem(file, line, "csv", "a quote that is never closed", "well-formed CSV")]
    return rows, []


def length(file: str, line: int, header: list[str], cells: list[str]) -> list[Problem]:
    """A problem where a row has another number of cells than the header."""
    if len(cells) == len(header):
        return []
    return [Problem(file, line, "row", f"{len(cells)} cells", f"{len(header)} cells as in the header")]


def blanks(file: str, line: int, headers: Iterable[str]) -> list[Problem]:
    """A warning for each header with blanks around it: another tool will not find that column."""
    return [
        Problem(
            file, line, "header", f"{show(name)} with blanks around it (read as {show(name.strip())})",
            show(name.strip()), "warning",
        )
        for name in headers
        if name.strip() != name
    ]  # fmt: skip


def in_columns(problems: list[Problem], columns: list[str]) -> list[Problem]:
    """The same problems by the name of their column: the field reason.en stands in the column reason_en."""
    names = {column.replace("_", "."): column for column in columns}
    return [replace(p, field=names.get(p.field.replace("_", "."), p.field)) for p in problems]


def plain(cell: str) -> str | None:
    """The text of a cell without the apostrophe of the export; None where it is empty."""
    cell = cell.strip(" ")
    return (cell[1:] if _GUARDED.match(cell) else cell) or None


def guarded(text: str) -> str:
    """A text as a cell: with an apostrophe before what a spreadsheet would run, which `plain` takes off again."""
    return f"'{text}" if _GUARDED.match(f"'{text}") else text


def _row(file: str, line: int, header: list[str], cells: list[str]) -> Document:
    value = {name: plain(cell) for name, cell in zip(header, cells, strict=True)}
    return Document(file, value, line)
