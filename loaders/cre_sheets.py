"""Google's CRE risk spreadsheet, or its YAML twin, as risks. See docs/formats/risk-files.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders import csv_files, risk_cells
from loaders.cre_tables import EVENT, FACTOR, CreTable, Row, of_csv, of_yaml
from loaders.mapping import sources_of
from loaders.reading import Reading
from loaders.risk_register import Register
from maturity import risk_cost
from maturity.records.problems import Problem, show
from maturity.records.risks import Cre

_YAML = {".yaml", ".yml", ".json"}
_SHARES = ("users_affected", "frequency_plus")
_TYPED_MAY_DIFFER_BY = 1  # the spreadsheet shows whole minutes


def load(reading: Reading) -> None:
    """Read the files of every CRE source."""
    for source in sources_of(reading, "cre-sheet"):
        register = Register.of(reading, source)
        if register is None or not register.has_day("a CRE sheet"):
            continue
        for path, file in csv_files.files(reading, source, "CSV or YAML files"):
            tables = [_Table(register, file, table) for table in _tables(register, path, file)]
            taken = sum(table.load() for table in tables)
            reading.note(path, file, "risks", sum(len(table.table.rows) for table in tables), taken)
        register.close()


def _tables(register: Register, path: Path, file: str) -> list[CreTable]:
    tables, problems = [], []
    if path.suffix.lower() in _YAML:
        for document in register.reading.documents(path, file):
            found, trouble = of_yaml(document)
            tables, problems = tables + found, problems + trouble
    elif rows := register.rows(path, file):
        tables, problems = of_csv(rows, file)
    register.tell(*problems)
    return tables


@dataclass
class _Table:
    """Turns the rows of one table into risks."""

    register: Register
    file: str
    table: CreTable

    def load(self) -> int:
        """How many were taken."""
        fields = FACTOR if self.table.factors else EVENT
        self.table.rows = [row for row in self.table.rows if self._is_risk(row, fields)]
        self._shares, self._refused = {}, set()
        for name in _SHARES:
            cells = [(row.line, row.texts.get(name, "")) for row in self.table.rows if name in fields]
            most = 1 if name == "users_affected" else float("inf")
            self._shares[name], wrong = risk_cells.shares(cells, most)
            for line, found, expected, level in wrong:
                self._tell(line, name, found, expected, level)
                self._refused |= {line} if level == "error" else set()
        return sum(self._add(row, fields) for row in self.table.rows)

    def _tell(self, line: int, what: str, found: str, expected: str, level: str = "error") -> None:
        self.register.tell(Problem(self.file, line, what, found, expected, level))

    def _is_risk(self, row: Row, fields: tuple[str, ...]) -> bool:
        """Rows of computed cells only are passed over; words without numbers are told, for they may be a total."""
        title, numbers = row.texts.get("title", "").strip(), [n for n in fields if row.texts.get(n, "").strip()]
        if not title and numbers:
            self._tell(row.line, "description", "nothing", "what can happen")
        elif title and not numbers and not self.register.mapping.ignored(title):
            found = f"{show(title)} without a number (not loaded)"
            self._tell(row.line, "row", found, ", ".join(fields), "warning")
        return bool(title and numbers)

    def _add(self, row: Row, fields: tuple[str, ...]) -> bool:
        numbers = {name: self._number(row, name) for name in fields}
        products = self.register.product(row.texts.get("product", ""), self.file, row.line)
        if row.line in self._refused or not products:
            return False
        title = " ".join(row.texts["title"].split())
        risk: dict[str, Any] = {"products": products, "title": title, "summary": title, "status": "new"}
        risk |= {"owner": row.texts["owner"]} if row.texts.get("owner") else {}
        if self.table.factors:
            risk |= {"kind": "factor", "risk_factor": {n: value or 0 for n, value in numbers.items()}}
        elif lacking := [name for name, value in numbers.items() if value is None]:
            expected = "all four numbers (loaded unscored)"
            self._tell(
                row.line, lacking[0], "nothing" if len(lacking) == 1 else "nothing in several", expected, "warning"
            )
        else:
            risk["cre"] = numbers | {"basis": self.register.source.record.basis}
            self._compare(row, Cre.model_validate(risk["cre"]))
        source_id = self.register.title_as_id(title, row.texts.get("product", ""), products)
        return self.register.add(risk, source_id, self.file, row.line)

    def _number(self, row: Row, name: str) -> float | None:
        text = row.texts.get(name, "")
        if name in _SHARES or not text.strip():
            return self._shares.get(name, {}).get(row.line)
        value, trouble = risk_cells.number(text, name == "ettf_days", "days" if name == "ettf_days" else "minutes")
        if trouble:
            self._tell(row.line, name, *trouble)
            self._refused.add(row.line)
            return None
        return value * row.per_unit.get(name, 1)

    def _compare(self, row: Row, cre: Cre) -> None:
        """The sheet's own result beside ours: another one means a changed formula, or numbers that are not those."""
        typed = risk_cells.plain_number(row.texts.get("bad_min_per_year", ""))
        policy = self.register.reading.bundle.risk_policy
        if typed is None or policy is None:
            return
        ours = risk_cost.cost(cre, policy.record).bad_min_per_year
        if abs(typed - ours) > _TYPED_MAY_DIFFER_BY:
            self._tell(row.line, "BM/Y", f"{typed:g}", f"{ours:.1f} from the four numbers (which count)", "warning")
