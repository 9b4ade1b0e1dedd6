"""`sources.yaml`: the servers that `guidemap fetch` asks."""

from __future__ import annotations

from loaders.reading import Reading
from maturity.records import PrometheusSource


def load(reading: Reading) -> None:
    """Read the sources, if there are any."""
    for path, file in reading.files("sources.yaml"):
        for found, _ in reading.rows(PrometheusSource, path, file, "sources", "sources"):
            reading.bundle.sources += found
