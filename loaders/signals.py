"""Automatic evidence: `signals.yaml` says what can be seen, `signals/*.csv` and `raw/` hold what was seen."""

from __future__ import annotations

from loaders.reading import Reading
from maturity.records.guide_map import Observation, Signal
from maturity.records.problems import Loaded
from maturity.signals import NEEDS

CSV_COLUMNS = ["product", "signal", "observed_on", "verdict", "found", "expected", "source", "url"]


def load(reading: Reading) -> None:
    """Read the signals (the folder's own, or the default) and every observation."""
    path, file = reading.or_default("signals.yaml")
    for found, _ in reading.rows(Signal, path, file, "signals", "signals"):
        reading.bundle.signals += [loaded for loaded in found if not _lacks(reading, loaded)]
    for pattern in ("signals/**/*.csv", "raw/*/signals/*.csv"):
        reading.bundle.observations += reading.csv_rows(Observation, pattern, "observations", CSV_COLUMNS, dict)


def _lacks(reading: Reading, loaded: Loaded[Signal]) -> bool:
    """Whether one of our own rules would have nothing to judge by; that is a problem."""
    empty = [name for name in NEEDS.get(loaded.record.id, ()) if getattr(loaded.record, name) is None]
    reading.problems += [loaded.problem((name,), None, "a number; the rule judges by it") for name in empty]
    return bool(empty)
