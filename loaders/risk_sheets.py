"""Any register of risks as CSV, through a mapping of its columns and words. See docs/formats/risk-files.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from loaders import cre_tables, csv_files, csv_rows, risk_cells
from loaders.mapping import sources_of
from loaders.reading import Reading
from loaders.risk_fields import Flat
from loaders.risk_register import Register, Rows
from loaders.sheet_columns import key
from maturity.records.problems import Problem, show
from maturity.sources import RISK_FIELDS, RiskSheetSource

_TITLES = ("title", "title_en", "title_ja")


def load(reading: Reading) -> None:
    """Read the files of every risk sheet."""
    for source in sources_of(reading, "risk-sheet"):
        register = Register.of(reading, source)
        if register is None:
            continue
        for path, file in csv_files.files(reading, source):
            rows = register.rows(path, file)
            sheet = _Sheet(register, file)
            if rows and (data := sheet.columns(rows)) is not None:
                reading.note(path, file, "risks", len(data), sheet.load(data))
        register.close()


@dataclass
class _Sheet:
    """One file: which column holds what, then a risk a row."""

    register: Register
    file: str
    header: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)  # header -> place

    def __post_init__(self) -> None:
        self.source: RiskSheetSource = self.register.source.record

    def _tell(self, line: int, what: str, found: str, expected: str, level: str = "error") -> None:
        self.register.tell(Problem(self.file, line, what, found, expected, level))

    # ------------------------------------------------------------------------------------------------- the columns

    def columns(self, rows: Rows) -> Rows | None:
        """The rows below the header; None, told, where no row could be understood."""
        at = next((i for i, (line, _) in enumerate(rows) if line >= (self.source.header_line or 0)), None)
        if at is None:
            self._tell(1, "header", "no such line", f"a header on line {self.source.header_line}")
            return None
        line, header = rows[at]
        mapped = {key(name): what for name, what in self.source.columns.items()}
        taken = set(mapped.values())
        known = {name: name for name in RISK_FIELDS if name not in taken} | mapped
        names = [key(name) for name in header]
        if not self._fits(line, header, names, mapped, known):
            return None
        for place, name in enumerate(names):
            what = known.get(name)
            if what == "note":
                self.notes[" ".join(header[place].split())] = place
            elif what:
                self.places[what] = place
        self.header, below = header, rows[at + 1 :]
        self._tell_of_headers(line, header, below)
        return below

    def _fits(self, line: int, header: list[str], names: list[str], mapped: dict, known: dict) -> bool:
        """Whether every column that is asked for is there, once; else one message says what is and what is not."""
        shown = show(", ".join(" ".join(name.split()) for name in header if name.strip()))
        twice = sorted({name for name in names if name in known and names.count(name) > 1})
        if twice:
            self._tell(line, "header", f"{', '.join(map(show, twice))} in two columns", "each column that is read once")
        lacking = [name for name in self.source.columns if key(name) not in names]
        if lacking:
            also = f" or header_line: in source {self.source.id}" if self.source.header_line is None else ""
            self._tell(line, "header", shown, f"{', '.join(lacking)}, as columns: of the source says{also}")
        elif not any(known.get(name) in _TITLES for name in names):
            expected = f"a column with the title; say which in columns: of source {self.source.id}"
            self._tell(line, "header", shown, expected)
        elif not self.source.detected_on and "detected_at" not in {known.get(name) for name in names}:
            expected = f"a column with detected_at, or detected_on: in source {self.source.id}"
            self._tell(line, "header", shown, expected)
        else:
            return not twice
        return False

    def _tell_of_headers(self, line: int, header: list[str], below: Rows) -> None:
        ignored = {key(word) for word in self.source.ignore}
        read = {*self.places.values(), *self.notes.values()}
        self.register.tell(*csv_rows.blanks(self.file, line, (header[place] for place in sorted(read))))
        for place, name in enumerate(header):
            plain = name.strip()
            filled = sum(bool(cells[place].strip()) for _, cells in below if place < len(cells))
            if place not in read and key(name) not in ignored and (plain or filled):
                found = f"{show(plain)}, a column without a mapping ({filled} filled cells not loaded)"
                expected = f"an entry in columns: or ignore: of source {self.source.id}"
                self._tell(line, "header", found, expected, "warning")

    # ---------------------------------------------------------------------------------------------------- the rows

    def load(self, data: Rows) -> int:
        """How many rows were taken."""
        whole = []
        for line, cells in data:
            wrong = csv_rows.length(self.file, line, self.header, cells)
            self.register.tell(*wrong)
            whole += [] if wrong else [(line, [csv_rows.plain(cell) or "" for cell in cells])]
        self._units(whole)
        refused = self._shares(whole)
        return sum(self._add(line, cells, line in refused) for line, cells in whole)

    def _units(self, whole: Rows) -> None:
        """Hours become minutes and weeks days where the header says so."""
        for what, place in self.places.items():
            factor = cre_tables.unit_in_brackets(self.header[place], what)
            for _, cells in whole if factor != 1 else ():
                value = risk_cells.plain_number(cells[place])
                cells[place] = cells[place] if value is None else repr(value * factor)

    def _shares(self, whole: Rows) -> set[int]:
        """Per cent or not is decided for the whole column; the cells become plain shares. Lines with another thing."""
        place = self.places.get("users_affected")
        if place is None:
            return set()
        found, wrong = risk_cells.shares((line, cells[place]) for line, cells in whole)
        for line, was, expected, level in wrong:
            self._tell(line, "users_affected", was, expected, level)
        for line, cells in whole:
            cells[place] = repr(found.get(line, 0.0)) if cells[place] else ""  # 0: of a line that is refused
        return {line for line, _, _, level in wrong if level == "error"}

    def _add(self, line: int, cells: list[str], refused: bool) -> bool:
        fields = {what: cells[place] for what, place in self.places.items() if cells[place]}
        fields |= {"title": title} if (title := self._title(fields)) else {}
        notes = [(name, cells[place]) for name, place in self.notes.items() if cells[place]]
        if notes:
            fields["note"] = "; ".join(f"{name}: {text}" if len(self.notes) > 1 else text for name, text in notes)
        day = self.source.detected_on.isoformat() if self.source.detected_on else None
        flat = Flat(
            self.file, line, fields, self.source.id, day,
            values=self.source.values, formats=self.source.date_formats, basis=self.source.basis,
        )  # fmt: skip
        risk = flat.read()
        if not title:
            flat.tell("title", "nothing", "a title")
        elif risk is not None and not day and not risk.get("detected", {}).get("at"):
            flat.tell("detected_at", "nothing", f"a day, or detected_on: in source {self.source.id}")
        self.register.tell(*flat.problems)
        products = self._products(fields.get("product", ""), line)
        if refused or not products or any(problem.level == "error" for problem in flat.problems):
            return False
        named = next(fields[name] for name in _TITLES if isinstance(fields.get(name), str))
        source_id = fields.get("id") or self.register.title_as_id(named, fields.get("product", ""), products)
        return self.register.add({**risk, "products": products}, source_id, self.file, line)

    def _title(self, fields: dict) -> str | dict[str, str] | None:
        en, ja = (fields.get(name) or fields.get("title") for name in ("title_en", "title_ja"))
        texts = {name: " ".join(text.split()) for name, text in (("en", en or ja), ("ja", ja or en)) if text}
        return None if not texts else texts["en"] if texts["en"] == texts["ja"] else texts

    def _products(self, text: str, line: int) -> list[str]:
        words: Iterable[str] = risk_cells.parts(text, self.register.mapping.knows_product) or [""]
        return list(dict.fromkeys(p for word in words for p in self.register.product(word, self.file, line)))
