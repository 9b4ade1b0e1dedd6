"""CSV of a form or a spreadsheet as assessments, through a mapping of its columns. See docs/formats/sheets.md."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from loaders import csv_files, csv_rows
from loaders.csv_rows import Table
from loaders.mapping import Mapping, sources_of
from loaders.reading import Reading
from loaders.sheet_columns import ANSWERS, Columns, Words, columns_of, key
from loaders.sheet_rows import Rows, last_of_each
from maturity.records.problems import Loaded, Problem, show
from maturity.sources import SheetSource

_NEEDED = {"product": "product", "assessed_on": None, "assessor": "assessor"}  # field -> where else it may stand


def load(reading: Reading) -> None:
    """Read the files of every sheet source."""
    for source in sources_of(reading, "sheet"):
        _Sheets(reading, source, Mapping.of(reading, source), Words.of(reading.bundle, source.record)).load()


@dataclass
class _Sheets:
    """The files of one source."""

    reading: Reading
    source: Loaded[SheetSource]
    mapping: Mapping
    words: Words
    used: set[str] = field(default_factory=set)  # keys of the mapping that stand in a header
    wide: list[str] = field(default_factory=list)  # files with a column a practice

    def load(self) -> None:
        if self._unknown_practices():
            return
        read = [
            (path, rows)
            for path, file in csv_files.files(self.reading, self.source)
            if (rows := self._read(path, file))
        ]
        self._unused_practices()
        statements, problems = last_of_each([s for _, rows in read for s in rows.statements])
        self._tell(*problems)
        refused = Counter(s.file for s in statements if not self.mapping.assess(s.fields, s.file, s.line))
        for path, rows in read:
            taken = len(rows.statements) - refused[rows.file]
            self.reading.note(path, rows.file, "assessments", rows.asked, taken)
        self.mapping.tell()

    def _tell(self, *problems: Problem) -> None:
        self.reading.problems += problems

    def _unknown_practices(self) -> bool:
        """Whether the mapping names practices that the guide map does not have; each is a problem."""
        record = self.source.record
        named = [(("practices", word), name) for word, name in record.practices.items()]
        named += [(("columns", word), what.split()[1]) for word, what in record.columns.items() if " " in what]
        wrong = [(path, name) for path, name in named if name not in self.words.items]
        self._tell(*(self.source.problem(path, name, "the id of a practice in the guide map") for path, name in wrong))
        return bool(wrong)

    # -------------------------------------------------------------------------------------------------- the files

    def _read(self, path: Path, file: str) -> Rows | None:
        """One file with its statements; None where nothing of it can be read."""
        table = self._table(path, file)
        if table is None:
            return None
        columns = columns_of(table.header, self.source.record, self.words)
        self.used |= columns.used
        self.wide += [] if columns.long else [file]
        self._tell_of_columns(table, columns, file)
        rows = Rows(self.source.record, self.words, self.mapping, columns, file)
        if not self._lacks(columns, file):
            for line, cells in table.rows:
                rows.read(line, cells)
            rows.tell_of_days()
        self._tell(*rows.problems)
        return rows

    def _table(self, path: Path, file: str) -> Table | None:
        codec, problems = csv_files.codec(path, file, self.source.record)
        self._tell(*problems)
        if codec is None:
            return None
        table, problems = csv_rows.table(path, file, codec, self.source.record.delimiter)
        self._tell(*problems)
        if not table.header and not problems:
            self._tell(Problem(file, 1, "header", "nothing", "the names of the columns"))
        return table if table.header else None

    # ------------------------------------------------------------------------------------------------ the columns

    def _lacks(self, columns: Columns, file: str) -> bool:
        """Whether a column is missing without which no row can be read; each is a problem of the source."""
        record, lacking = self.source.record, []
        for name in record.columns:
            if name not in columns.used:
                lacking.append((("columns", name), f"no such column in {file}", "a header as it stands in the file"))
        for name, instead in _NEEDED.items():
            if not columns.holds(name) and not (instead and getattr(record, instead)):
                also = f", or {instead}: in the source" if instead else ""
                lacking.append((("columns",), f"no column for {name} in {file}", f"a header with {name}{also}"))
        answers = [column for column in columns.found if column.field in ANSWERS]
        for column in answers if not columns.long else ():
            if column.practice is None:
                found = f"{column.field} without a practice in {file}"
                expected = f"{column.field} PRACTICE, or another column with practice"
                lacking.append((("columns", column.header), found, expected))
        if not answers:
            expected = "headers with the id or name of a practice, or entries in practices: or columns:"
            lacking.append((("columns",), f"no column with answers in {file}", expected))
        self._tell(*(self.source.trouble(*what) for what in lacking))
        return bool(lacking)

    def _tell_of_columns(self, table: Table, columns: Columns, file: str) -> None:
        """Columns that nothing is loaded from, and headers that stand there more than once."""
        ignored = {key(word) for word in self.source.record.ignore}
        expected = f"an entry in columns:, practices: or ignore: of source {self.source.record.id}"
        for at in columns.left:
            name, filled = table.header[at], sum(bool(cells[at].strip()) for _, cells in table.rows)
            if key(name) not in ignored and (name or filled):
                found = f"{show(name)}, a column without a mapping ({filled} filled cells not loaded)"
                self._tell(Problem(file, 1, "header", found, expected, "warning"))
        for name, count in Counter(map(key, table.header)).items():
            if count > 1 and name and name not in ignored:
                shown = show(next(own for own in table.header if key(own) == name))
                once = "each header once (in a row the first filled one counts)"
                self._tell(Problem(file, 1, "header", f"{shown} {count} times", once, "warning"))

    def _unused_practices(self) -> None:
        """Columns that `practices:` names and no file has. In a long file its entries are words, not headers."""
        for name in self.source.record.practices:
            if self.wide and name not in self.used:
                found = f"no such column in {', '.join(self.wide)}"
                self._tell(self.source.trouble(("practices", name), found, "a header as it stands in the file"))
