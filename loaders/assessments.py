"""`assessments/`: the append-only log of who said what about which practice, as YAML a product or as CSV."""

from __future__ import annotations

from loaders import csv_rows, validate
from loaders.reading import Reading
from loaders.yaml_rows import Document
from maturity.records import Assessment, Id, Problem, Record

_EVIDENCE = {"evidence_kind": "kind", "evidence_url": "url", "evidence_on": "on", "evidence_reviewer": "reviewer"}
CSV_COLUMNS = [
    "product", "practice", "assessed_on", "assessor", "items_done", "state", "provider", "confirmed_on",
    *_EVIDENCE, "note", "id", "corrects",
]  # fmt: skip


class AssessmentsHead(Record):
    """The head of an assessments file: whose assessments they are."""

    product: Id


def load(reading: Reading) -> None:
    """Read every YAML and CSV file below `assessments/`."""
    for path, file in reading.files("assessments/**/*.yaml"):
        for found, top in reading.rows(Assessment, path, file, "assessments", "assessments", AssessmentsHead):
            if top:
                reading.bundle.assessments += found
    for path, file in reading.files("assessments/**/*.csv"):
        documents, problems = csv_rows.read(path, file, set(CSV_COLUMNS))
        reading.problems += problems
        before = len(reading.bundle.assessments)
        for document in documents:
            _nest(document)
            loaded, trouble = validate.record(Assessment, document.value, document)
            reading.bundle.assessments += [loaded] if loaded else []
            reading.problems += csv_rows.in_columns(trouble, CSV_COLUMNS)
        rows = len(documents) + sum(1 for p in problems if p.line > 1)
        reading.note(path, file, "assessments", rows, len(reading.bundle.assessments) - before)
    if not reading.bundle.assessments:
        reading.problems.append(
            Problem("assessments", 1, "folder", "no assessments", "assessments/PRODUCT.yaml or .csv", "warning")
        )


def _nest(document: Document) -> None:
    """Cells of one row -> the shape of an assessment. `items_done` is separated by semicolons; `-` is an empty list."""
    row = {key: value for key, value in document.value.items() if value is not None}
    evidence = {name: row.pop(column) for column, name in _EVIDENCE.items() if column in row}
    if evidence:
        row["evidence"] = evidence
    if "items_done" in row:
        done = row["items_done"]
        row["items_done"] = [] if done == "-" else [item.strip() for item in done.split(";") if item.strip()]
    document.value = row
