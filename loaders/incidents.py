"""`incidents.yaml`: what happened, to be drawn on burn-downs and linked from risk records. Times are UTC."""

from __future__ import annotations

import datetime as dt

from loaders.reading import Reading
from maturity.records import Incident, Loaded


def load(reading: Reading) -> None:
    """Read the incidents, if there are any; times with an offset are turned to UTC."""
    for path, file in reading.files("incidents.yaml"):
        for found, _ in reading.rows(Incident, path, file, "incidents", "incidents"):
            reading.bundle.incidents += [_utc(loaded) for loaded in found]


def _utc(loaded: Loaded[Incident]) -> Loaded[Incident]:
    times = {}
    for name in ("started_at", "detected_at", "ended_at"):
        at = getattr(loaded.record, name)
        times[name] = at.astimezone(dt.UTC).replace(tzinfo=None) if at and at.tzinfo else at
    return Loaded(loaded.record.model_copy(update=times), loaded.file, loaded.line, loaded.lines)
