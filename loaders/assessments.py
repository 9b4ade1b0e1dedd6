"""`assessments/`: the append-only log of who said what about which practice, as YAML a product or as CSV."""

from __future__ import annotations

from loaders.reading import Reading
from maturity.records.forms import Id, Record
from maturity.records.guide_map import Assessment
from maturity.records.problems import Problem

_EVIDENCE = {"evidence_kind": "kind", "evidence_url": "url", "evidence_on": "on", "evidence_reviewer": "reviewer"}
CSV_COLUMNS = [
    "product", "practice", "assessed_on", "assessor", "items_done", "state", "share", "provider", "confirmed_on",
    *_EVIDENCE, "note", "id", "corrects",
]  # fmt: skip


class AssessmentsHead(Record):
    """The head of an assessments file: whose assessments they are."""

    product: Id


def load(reading: Reading) -> None:
    """Read every YAML and CSV file below `assessments/`."""
    for path, file in reading.files("assessments/**/*.y*ml"):
        for found, top in reading.rows(
            Assessment, path, file, "assessments", "assessments", AssessmentsHead, fill=True
        ):
            if top:
                reading.bundle.assessments += found
    reading.bundle.assessments += reading.csv_rows(
        Assessment, "assessments/**/*.csv", "assessments", CSV_COLUMNS, _nested
    )


def tell_if_none(reading: Reading) -> None:
    """A warning where neither our own files nor foreign ones say anything; read last."""
    if not reading.bundle.assessments:
        reading.problems.append(
            Problem("assessments", 1, "folder", "no assessments", "assessments/PRODUCT.yaml or .csv", "warning")
        )


def _nested(cells: dict) -> dict:
    """Cells of one row -> the shape of an assessment. `items_done` is separated by semicolons; `-` is an empty list."""
    row = {key: value for key, value in cells.items() if value is not None}
    evidence = {name: row.pop(column) for column, name in _EVIDENCE.items() if column in row}
    if evidence:
        row["evidence"] = evidence
    if "items_done" in row:
        done = row["items_done"]
        row["items_done"] = [] if done == "-" else [item.strip() for item in done.split(";") if item.strip()]
    return row
