"""`incidents.yaml`, and `incidents/` as CSV: what happened, and what was learnt from it. Times are UTC."""

from __future__ import annotations

from loaders.reading import Reading
from maturity import tables
from maturity.records.incidents import Incident

CSV_COLUMNS = list(tables.columns(Incident))


def load(reading: Reading) -> None:
    """Read the incidents, if there are any."""
    for path, file in reading.files("incidents.yaml"):
        for found, _ in reading.rows(Incident, path, file, "incidents", "incidents"):
            reading.bundle.incidents += found
    reading.bundle.incidents += reading.csv_rows(Incident, "incidents/**/*.csv", "incidents", CSV_COLUMNS, _nested)


def _nested(cells: dict) -> dict:
    return tables.nested(Incident, cells)
