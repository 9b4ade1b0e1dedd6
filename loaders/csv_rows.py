"""How small CSV files are read: named columns, empty cells as no value, every row with its line.

The dashboard's own CSV puts an apostrophe before text that a spreadsheet would run as a formula; it is taken off
again here, so that an exported file reloads unchanged.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

from loaders.yaml_rows import Document
from maturity.records import Problem

_GUARDED = re.compile(r"^'+[=+\-@\t\r]")


def read(path: Path, file: str, columns: set[str]) -> tuple[list[Document], list[Problem]]:
    """One `Document` a row, its value a dict of column -> text or None. Unknown or repeated columns are problems."""
    try:
        text = path.read_bytes().decode("utf-8-sig")  # read_text would turn a line end inside a cell into another one
    except UnicodeDecodeError as error:
        return [], [Problem(file, 1, "encoding", f"a byte that is not UTF-8 at position {error.start}", "UTF-8 text")]
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [name.strip() for name in next(reader, [])]
    problems = [
        Problem(file, 1, name or "header", "an unknown column", f"some of {', '.join(sorted(columns))}")
        for name in header
        if name not in columns
    ]
    problems += [
        Problem(file, 1, name, "the column twice", "each column once")
        for name in sorted({n for n in header if header.count(n) > 1})
    ]
    if problems:
        return [], problems
    documents, line = [], reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            documents += _row(file, line, header, cells, problems)
        line = reader.line_num + 1
    return documents, problems


def in_columns(problems: list[Problem], columns: list[str]) -> list[Problem]:
    """The same problems by the name of their column: the field reason.en stands in the column reason_en."""
    names = {column.replace("_", "."): column for column in columns}
    return [replace(p, field=names.get(p.field.replace("_", "."), p.field)) for p in problems]


def _row(file: str, line: int, header: list[str], cells: list[str], problems: list[Problem]) -> list[Document]:
    if len(cells) != len(header):
        problems.append(Problem(file, line, "row", f"{len(cells)} cells", f"{len(header)} cells as in the header"))
        return []
    value = {name: _plain(cell) for name, cell in zip(header, cells, strict=True)}
    return [Document(file, value, line, {(name,): line for name in header})]


def _plain(cell: str) -> str | None:
    cell = cell.strip(" ")
    return (cell[1:] if _GUARDED.match(cell) else cell) or None
