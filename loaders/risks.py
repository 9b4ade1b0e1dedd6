"""`risks/`: system risk records."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from loaders.reading import Reading
from maturity.records import Record, Risk


class RisksHead(Record):
    """The head of a risk file."""

    schema_: Literal["sre-risk-records/1"] = Field(alias="schema")
    company: str | None = None


def load(reading: Reading) -> None:
    """Read every YAML file below `risks/`."""
    for path, file in reading.files("risks/**/*.yaml"):
        for found, _ in reading.rows(Risk, path, file, "records", "risks", RisksHead):
            reading.bundle.risks += found
