"""`incidents.yaml`: what happened, to be drawn on burn-downs and linked from risk records. Times are UTC."""

from __future__ import annotations

from loaders.reading import Reading
from maturity.records import Incident


def load(reading: Reading) -> None:
    """Read the incidents, if there are any."""
    for path, file in reading.files("incidents.yaml"):
        for found, _ in reading.rows(Incident, path, file, "incidents", "incidents"):
            reading.bundle.incidents += found
