"""Automatic evidence: `signals.yaml` says what can be seen, `signals/*.csv` and `raw/` hold what was seen."""

from __future__ import annotations

from loaders.reading import Reading
from maturity.records import Observation, Signal

CSV_COLUMNS = ["product", "signal", "observed_on", "verdict", "found", "expected", "source", "url"]


def load(reading: Reading) -> None:
    """Read the signals (the folder's own, or the default) and every observation."""
    path, file = reading.or_default("signals.yaml")
    for found, _ in reading.rows(Signal, path, file, "signals", "signals"):
        reading.bundle.signals += found
    for pattern in ("signals/**/*.csv", "raw/*/signals/*.csv"):
        reading.bundle.observations += reading.csv_rows(Observation, pattern, "observations", CSV_COLUMNS, dict)
