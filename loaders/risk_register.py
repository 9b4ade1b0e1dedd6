"""The risks of one source: their ids, products and day of finding, and each one once however often it is read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from loaders import csv_files, csv_rows, validate
from loaders.mapping import Mapping
from loaders.reading import Reading
from loaders.slugs import slug
from loaders.yaml_rows import Document
from maturity.records.problems import Loaded, Problem
from maturity.records.risks import Risk
from maturity.sources import RiskFiles

_LONGEST_ID = 80

Rows = list[tuple[int, list[str]]]  # line, cells


@dataclass
class Register:
    """Gathers the risks of a source, file by file; `close` puts them into the bundle."""

    reading: Reading
    source: Loaded[RiskFiles]
    mapping: Mapping
    _kept: dict[str, Loaded[Risk]] = field(default_factory=dict)
    _again: dict[tuple[str, str], list[tuple[Loaded[Risk], Loaded[Risk]]]] = field(default_factory=dict)

    @classmethod
    def of(cls, reading: Reading, source: Loaded[RiskFiles]) -> Register | None:
        """None, told, where the source names a product that does not exist."""
        product = source.record.product
        if product and product not in {p.record.id for p in reading.bundle.products}:
            rejected = product in reading.seen["products"]
            expected = "a product that is loaded" if rejected else "the id of a product"
            reading.problems.append(source.problem(("product",), product, expected))
            return None
        return cls(reading, source, Mapping.of(reading, source))

    def has_day(self, format_: str) -> bool:
        """Whether the source says a day of finding, for formats that hold none; told where it does not."""
        if self.source.record.detected_on:
            return True
        expected = f"detected_on: the day of the register, because {format_} holds no day of finding"
        self.reading.problems.append(self.source.problem(("detected_on",), None, expected))
        return False

    def tell(self, *problems: Problem) -> None:
        """Note problems."""
        self.reading.problems += problems

    def rows(self, path: Path, file: str) -> Rows | None:
        """Every row of a CSV file that holds anything; None, told, where it cannot be read."""
        codec, problems = csv_files.codec(path, file, self.source.record)
        self.tell(*problems)
        if codec is None:
            return None
        rows, problems = csv_rows.every_row(path, file, codec, self.source.record.delimiter)
        self.tell(*problems)
        filled = [(line, cells) for line, cells in rows if any(cell.strip() for cell in cells)]
        if not filled and not problems:
            self.tell(Problem(file, 1, "file", "nothing", "at least one row", "warning"))
        return filled or None

    def product(self, word: str, file: str, line: int) -> list[str]:
        """Our product for a word, in a list; the source's own where there is no word; told where none is."""
        if word.strip():
            found = self.mapping.product(word, file, line)
            return [found] if found else []
        if self.source.record.product:
            return [self.source.record.product]
        expected = f"a product's id or name, or product: in source {self.source.record.id}"
        self.tell(Problem(file, line, "product", "nothing", expected))
        return []

    def add(
        self, fields: dict[str, Any], source_id: str, file: str, line: int, lines: dict[tuple, int] | None = None
    ) -> bool:
        """Validate and keep one risk whose products are ours. False where it has a problem."""
        source = self.source.record
        detected = {"via": "import"} | fields.get("detected", {})
        given = {"id": risk_id(source.id, source_id), "source": source.id, "source_id": source_id}
        places = {}
        if not detected.get("at") and source.detected_on:
            detected["at"] = source.detected_on.isoformat()
            places[("detected", "at")] = (self.source.file, self.source.line_of("detected_on"))
        fields = {**fields, **given, "detected": detected}
        loaded, problems = validate.record(Risk, fields, Document(file, fields, line, lines or {}))
        self.tell(*problems)
        return bool(loaded) and self._keep(replace(loaded, places=places))

    @staticmethod
    def title_as_id(title: str, product_column: str, products: list[str]) -> str:
        """What tells rows without an id apart: the title, behind the product where a column holds one."""
        return f"{' '.join(products)}: {title}" if product_column.strip() else title

    def _keep(self, loaded: Loaded[Risk]) -> bool:
        """Of several exports of a register the last one counts; in one file each risk stands once."""
        first = self._kept.get(loaded.record.id)
        if first and first.record.source_id != loaded.record.source_id:
            found = f"{loaded.record.source_id!r} and {first.record.source_id!r}, one id for us ({loaded.record.id})"
            self.tell(Problem(loaded.file, loaded.line, "id", found, "ids that differ in letters or digits"))
            return False
        if first and first.file == loaded.file:
            found = f"{loaded.record.source_id!r} again (first on line {first.line})"
            self.tell(Problem(loaded.file, loaded.line, "id", found, "each risk once, or a column with ids of its own"))
            return False
        if first:
            self._again.setdefault((first.file, loaded.file), []).append((first, loaded))
        self._kept[loaded.record.id] = loaded
        return True

    def close(self) -> None:
        """Put what was kept into the bundle, and tell what was left out."""
        for (earlier, later), pairs in self._again.items():
            changed = sum(old.record != new.record for old, new in pairs)
            count = "1 risk" if len(pairs) == 1 else f"{len(pairs)} risks"
            found = f"{count} of {earlier} again, {changed} of them changed"
            self.tell(Problem(later, 1, "file", found, "each once (the later file counts)", "warning"))
        self.reading.bundle.risks += self._kept.values()
        self.mapping.tell()


def risk_id(source: str, source_id: str) -> str:
    """An id that is the same at every reading.

    >>> risk_id("cre", "Database deleted by operator")
    'cre-database-deleted-by-operator'
    """
    made = f"{source}-{slug(source_id)}"
    if len(made) <= _LONGEST_ID:
        return made
    return f"{made[: _LONGEST_ID - 9]}-{hashlib.sha256(made.encode()).hexdigest()[:8]}"
