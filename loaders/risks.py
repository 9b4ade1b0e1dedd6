"""`risks/`: system risk records, as YAML or as the CSV that `guidemap export` writes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from loaders.reading import Reading
from maturity import tables
from maturity.records.forms import Record
from maturity.records.risks import Risk

CSV_COLUMNS = list(tables.columns(Risk))


class RisksHead(Record):
    """The head of a risk file."""

    schema_: Literal["sre-risk-records/1"] = Field(alias="schema")
    company: str | None = None


def load(reading: Reading) -> None:
    """Read every YAML and CSV file below `risks/`."""
    for path, file in reading.files("risks/**/*.y*ml"):
        for found, _ in reading.rows(Risk, path, file, "records", "risks", RisksHead):
            reading.bundle.risks += found
    reading.bundle.risks += reading.csv_rows(Risk, "risks/**/*.csv", "risks", CSV_COLUMNS, _nested)


def _nested(cells: dict) -> dict:
    return tables.nested(Risk, cells)
