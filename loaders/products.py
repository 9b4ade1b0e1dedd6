"""The products that are reviewed: `products.yaml`, or a Backstage catalogue, or both.

A product may stand in both. Then `products.yaml` need only say what the catalogue does not, and what it says wins.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from loaders import backstage, validate
from loaders.backstage import Entry
from loaders.mapping import sources_of
from loaders.reading import Reading
from loaders.yaml_rows import Document
from maturity.records.problems import Loaded, Problem
from maturity.records.products import Product

_FILE = "products.yaml"


def load(reading: Reading) -> None:
    """Read the products; without any of them there is nothing to review, so that is a problem."""
    files = reading.files(_FILE)
    catalogue = backstage.products(reading)
    reading.saw("products", [{"id": key} for key in catalogue])
    for path, file in files:
        if catalogue:
            _merged(reading, path, file, catalogue)
        else:
            for found, _ in reading.rows(Product, path, file, "products", "products"):
                reading.bundle.products += found
    for entry in catalogue.values():
        made = backstage.loaded(reading, entry, Product)
        reading.bundle.products += [made] if made else []
    if not (reading.seen["products"] or reading.unread & {_FILE, "sources.yaml"} or sources_of(reading, "backstage")):
        # More than the warning that every empty file gets.
        reading.problems = [problem for problem in reading.problems if problem.file != _FILE]
        reading.problems.append(Problem(_FILE, 1, "file", "nothing", "a list of products"))
        reading.unread.add(_FILE)


def _merged(reading: Reading, path: Path, file: str, catalogue: dict[str, Entry]) -> None:
    """Read `products.yaml` over a catalogue; what was merged is taken out of the catalogue."""
    for document in reading.documents(path, file):
        reading.problems += validate.unknown_keys(document, {"products"})
        values = document.value.get("products") if isinstance(document.value, dict) else None
        if not isinstance(values, list):
            reading.problems.append(Problem(file, document.line, "products", "nothing", "a list"))
            reading.unread.add(file)
            continue
        reading.saw("products", values)
        made = [_product(reading, document, i, value, catalogue) for i, value in enumerate(values)]
        found = [product for product in made if product]
        reading.bundle.products += found
        reading.note(path, file, "products", len(values), len(found))


def _product(
    reading: Reading, document: Document, i: int, value: Any, catalogue: dict[str, Entry]
) -> Loaded[Product] | None:
    key = value.get("id") if isinstance(value, dict) else None
    entry = catalogue.pop(key, None) if isinstance(key, str) else None
    base = {} if entry is None else {k: v for k, v in entry.fields.items() if value.get(k) is None}
    given = {k: v for k, v in value.items() if k not in base} if isinstance(value, dict) else value
    loaded, problems = validate.record(Product, given, document, ("products", i), **base)
    places = {(name,): (entry.file, entry.lines.get((name,), entry.line)) for name in base} if entry else {}
    for problem in problems:
        place = places.get((problem.field.split(".")[0],))
        reading.problems.append(replace(problem, file=place[0], line=place[1]) if place else problem)
    return replace(loaded, places=places) if loaded else None
