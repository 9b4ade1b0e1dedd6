"""SLO definitions in other tools' files: reading them, and making one `Slo` and `SloTarget` of each.

What each tool's file says is found by a function of its own (`sloth`, `pyrra`, `slo_generator`, `google_slo`), which
yields `Found`. Nothing is guessed: what our model cannot hold is told with file and line.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from loaders import validate, yaml_rows
from loaders.mapping import Mapping, sources_of
from loaders.reading import Reading
from loaders.slugs import slug
from loaders.yaml_rows import Document
from maturity.records.forms import ID_PATTERN
from maturity.records.problems import Loaded, Problem, show
from maturity.records.slos import Slo, SloTarget
from maturity.windows import LONGEST_DAYS

# A day on which calendar weeks, months, quarters and years begin.
MONDAY_AND_FIRST = dt.date(2024, 1, 1)
_RATE = re.compile(r"^sum\s*\(\s*(?:rate|increase)\s*\(\s*(?P<selector>.+?)\s*\[[^\]]+\]\s*\)\s*\)$", re.S)


@dataclass
class Found:
    """One definition as its file has it. `path` is where it stands in the document, for messages."""

    document: Document
    path: tuple
    key: str
    service: str
    target: str | None
    target_path: tuple
    target_of: int  # 100 where the file says per cent, 1 where it says a ratio
    window: dict[str, Any]
    name: str | None = None
    description: str | None = None
    owner: str | None = None
    method: str = "Occurrences"
    fields: dict[str, Any] = field(default_factory=dict)


Finder = Callable[[Document, Loaded, "Notes"], Iterator[Found]]


class Notes:
    """Problems with one document, by path."""

    def __init__(self, reading: Reading, document: Document):
        self.reading, self.document = reading, document

    def tell(self, path: tuple, found: str, expected: str, level: str = "warning") -> None:
        """Note a problem at the path, or at the nearest thing around it."""
        line = next(
            (self.document.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.document.lines),
            self.document.line,
        )
        where = ".".join(map(str, path)) or "document"
        self.reading.problems.append(Problem(self.document.file, line, where, found, expected, level))


def load(reading: Reading, kind: str, find: Finder) -> None:
    """Read the files of every source of a kind."""
    for source in sources_of(reading, kind):
        mapping = Mapping.of(reading, source)
        files = reading.files(source.record.path)
        if not files:
            expected = "a file or pattern below the data folder"
            reading.problems.append(source.trouble(("path",), f"no file {source.record.path}", expected))
        for path, file in files:
            counted = accepted = 0
            for document in reading.documents(path, file):
                for part in yaml_rows.objects(document):
                    for found in find(part, source, Notes(reading, part)):
                        counted += 1
                        accepted += _add(reading, mapping, source, found)
            reading.note(path, file, "slos", counted, accepted)
        mapping.tell()


def mapped(value: Any, *path: Any) -> Any:
    """What stands at a path of mappings; None where there is nothing."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def whole_days(text: str | None, notes: Notes, path: tuple) -> dict[str, Any] | None:
    """A rolling window such as `4w`, `28d` or `86400s`; None, told, where it is not whole days."""
    match = re.fullmatch(r"(\d+)(s|m|h|d|w)", str(text or ""))
    seconds = int(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[match[2]] if match else 0
    if not seconds or seconds % 86400 or seconds > LONGEST_DAYS * 86400:
        more = ", ten years at most" if seconds > LONGEST_DAYS * 86400 else ""
        notes.tell(path, show(text), f"whole days or weeks such as 28d or 4w{more} (not loaded)", "error")
        return None
    return rolling(seconds // 86400)


def rolling(days: int) -> dict[str, Any]:
    """A rolling window of whole days."""
    return {"window_kind": "rolling", "window_count": days, "window_unit": "d"}


def counter(query: Any, notes: Notes, path: tuple) -> str | None:
    """The raw counter in `sum(rate(counter[window]))`, whose increase over a bucket is exactly what that adds up."""
    text = " ".join(str(query or "").split())
    match = _RATE.match(text)
    selector = match["selector"] if match else text
    if query and re.fullmatch(r"[A-Za-z_:][\w:]*\s*(\{[^{}]*\})?", selector):
        return selector
    notes.tell(path, show(text[:80]), "sum(rate(counter[...])) of one counter; the SLO is loaded without its queries")
    return None


def _add(reading: Reading, mapping: Mapping, source: Loaded, found: Found) -> bool:
    notes = Notes(reading, found.document)
    key = found.key if re.match(ID_PATTERN, found.key) else slug(found.key)
    line = found.document.lines.get(found.path, found.document.line)
    product = mapping.product(found.service, found.document.file, line)
    target = _target(found, notes)
    if product is None or target is None:
        return False
    fields = {
        "id": key, "product": product, "name": found.name or found.key, "service": found.service,
        "owner": found.owner, "description": found.description, "method": found.method, "target": target,
        "source": source.record.server if found.fields.get("total_query") else None,
    } | found.window | found.fields  # fmt: skip
    loaded, problems = validate.record(Slo, fields, Document(found.document.file, fields, line))
    reading.problems += problems
    reading.saw("slos", [{"id": key}])
    if loaded is None:
        return False
    reading.bundle.slos.append(loaded)
    reading.bundle.slo_targets.append(Loaded(SloTarget(slo=key, target=loaded.record.target), loaded.file, line))
    return True


def _target(found: Found, notes: Notes) -> Decimal | None:
    expected = "a number above 0 and at most 100, such as 99.9" if found.target_of == 100 else "a ratio such as 0.999"
    try:
        target = Decimal(str(found.target)) / found.target_of
    except InvalidOperation:
        target = Decimal(0)
    if not target.is_finite() or not 0 < target <= 1:
        notes.tell(found.target_path, show(found.target), expected, "error")
        return None
    if target == 1:
        notes.tell(found.target_path, show(found.target), "a target below 100 %; with it there is no budget to spend")
    return target
