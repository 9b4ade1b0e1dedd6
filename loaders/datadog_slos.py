"""Datadog's SLO definitions and corrections, as `guidemap fetch` kept them below `raw/<source>/answers/`.

Fields: https://docs.datadoghq.com/api/latest/service-level-objectives/ and .../service-level-objective-corrections/
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from loaders import corrections, datadog_choice, http, mapping, validate
from loaders.datadog_choice import LeftOut, Taken
from loaders.reading import Reading
from loaders.yaml_rows import Document
from maturity.records.problems import Loaded, Problem, show
from maturity.records.slos import Correction, Slo, SloTarget
from maturity.sources import DatadogSource

SLOS, CORRECTIONS = "slos.json", "corrections.json"
_CATEGORIES = {
    "Scheduled Maintenance": "maintenance",
    "Outside Business Hours": "outside_hours",
    "Deployment": "deployment",
    "Other": "other",
}
# Datadog leaves corrected time out, but counts it as up for time slices (slo.md of Datadog: SLO status corrections).
_EFFECTS = {"metric": "drop", "monitor": "drop", "time_slice": "good"}


def load(reading: Reading) -> None:
    """Add an `Slo` for each definition that is taken, and a `Correction` for each correction of one of them."""
    for loaded in mapping.sources_of(reading, "datadog"):
        reading.problems += _unknown_slos(reading, loaded)
        answers = f"raw/{loaded.record.id}/answers"
        taken: dict[str, Taken] = {}
        for path, file in reading.files(f"{answers}/{SLOS}"):
            taken = _definitions(reading, loaded.record, path, file)
        for path, file in reading.files(f"{answers}/{CORRECTIONS}"):
            _corrections(reading, taken, path, file)


def _unknown_slos(reading: Reading, loaded: Loaded[DatadogSource]) -> list[Problem]:
    known = {slo.record.id for slo in reading.bundle.slos} | reading.seen["slos"]
    return [
        loaded.problem(("slos", key), slo, "the id of an SLO of slos/")
        for key, slo in loaded.record.slos.items()
        if slo not in known
    ]


# ------------------------------------------------------------------------------------------------------- definitions


def _definitions(reading: Reading, source: DatadogSource, path: Path, file: str) -> dict[str, Taken]:
    """Add the SLOs that are taken; returns them by Datadog's id."""
    wanted = [(line, d) for line, d in reading.kept(path, file) if datadog_choice.wanted(d, source)]
    products = {product.record.id for product in reading.bundle.products}
    taken = {}
    for line, definition in wanted:
        choice = datadog_choice.choose(definition, source)
        if isinstance(choice, LeftOut):
            found = f"{choice.found}, not loaded"
            reading.problems.append(Problem(file, line, choice.field, found, choice.expected, "warning"))
        elif choice.product is None or (choice.product in products and _add(reading, source, choice, file, line)):
            taken[choice.key] = choice
    reading.note(path, file, "slos", len(wanted), len(taken))
    return taken


def _add(reading: Reading, source: DatadogSource, taken: Taken, file: str, line: int) -> bool:
    """One `Slo` and its `SloTarget` for each target. False where one has a problem."""
    good = True
    for slo, timeframe, percent in taken.targets:
        fields = _fields(source, taken, slo, timeframe) | {"target": percent / 100}
        loaded, problems = validate.record(Slo, fields, Document(file, fields, line))
        reading.problems += problems
        reading.saw("slos", [{"id": slo}])
        if loaded:
            reading.bundle.slos.append(loaded)
            reading.bundle.slo_targets.append(Loaded(SloTarget(slo=slo, target=loaded.record.target), file, line))
        good = good and loaded is not None
    return good


def _fields(source: DatadogSource, taken: Taken, slo: str, timeframe: str) -> dict[str, Any]:
    definition = taken.definition
    name = str(definition.get("name") or slo)
    first = timeframe == taken.targets[0][1]
    fields = {
        "id": slo,
        "product": taken.product,
        "name": name if first else f"{name} ({timeframe})",
        "service": datadog_choice.tag(definition, "service"),
        "owner": datadog_choice.tag(definition, "team"),
        "description": definition.get("description") or None,
        "window_kind": "rolling",
        "window_count": int(timeframe.removesuffix("d")),
        "window_unit": "d",
        "bucket_seconds": datadog_choice.bucket_s(definition, source),
        "format": "datadog",
        "source": source.id,
        "source_type": f"datadog {taken.type}",
    }
    if taken.type == "metric":
        query = definition.get("query") or {}
        return fields | {
            "method": "Occurrences",
            "good_query": query.get("numerator"),
            "total_query": query.get("denominator"),
        }
    return fields | {
        "method": "Timeslices",
        "slice_target": 1,
        "slice_minutes": datadog_choice.slice_minutes(definition),
        # Datadog counts a slice without data as up, and leaves time without data of a monitor out.
        "missing_slices": "good" if taken.type == "time_slice" else "ignore",
    }


# ------------------------------------------------------------------------------------------------------- corrections


def _corrections(reading: Reading, taken: dict[str, Taken], path: Path, file: str) -> None:
    """Add the corrections of SLOs that are taken. One that names its SLOs by a query is left out, and told."""
    loaded_slos = {slo.record.id for slo in reading.bundle.slos}
    ours = accepted = 0
    for line, entry in reading.kept(path, file):
        try:
            of_ours, loaded = _one_correction(reading, taken, loaded_slos, entry, file, line)
        except http.ANOTHER_SHAPE as error:
            found = f"another shape ({type(error).__name__}), not loaded"
            expected = "a correction as Datadog documents it"
            reading.problems.append(Problem(file, line, "attributes", found, expected, "warning"))
            of_ours, loaded = True, False
        ours, accepted = ours + of_ours, accepted + loaded
    reading.note(path, file, "corrections", ours, accepted)


def _one_correction(
    reading: Reading, taken: dict[str, Taken], loaded_slos: set[str], entry: dict[str, Any], file: str, line: int
) -> tuple[bool, bool]:
    """Whether it is of an SLO that is taken, and whether it was loaded."""
    said = entry.get("attributes") or {}
    document = Document(file, said, line)
    if not said.get("slo_id"):
        found = f"{show(said.get('slo_query'))}, not loaded"
        expected = "a correction of one SLO; whom a query means, only Datadog knows"
        reading.problems.append(Problem(file, line, "slo_query", found, expected, "warning"))
        return True, False
    slo = taken.get(str(said["slo_id"]))
    ids = [key for key in slo.ids if key in loaded_slos] if slo else []
    if not ids:
        return False, False  # of an SLO that `take` does not ask for, or that was told above
    fields, problems = _correction(document, str(entry["id"]), said, ids, slo.type)
    reading.problems += problems
    loaded, problems = validate.record(Correction, fields, document) if fields else (None, [])
    reading.problems += problems
    whole = loaded is not None and corrections.is_whole(reading, loaded)
    reading.bundle.corrections += [loaded] if whole else []
    return True, whole


def _correction(
    document: Document, key: str, said: dict[str, Any], slos: list[str], kind: str
) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The fields of a `Correction`, or None with the reason; what is guessed is a warning."""

    def problem(field: str, expected: str, level: str = "error") -> Problem:
        return Problem(document.file, document.line, field, show(said.get(field)), expected, level)

    start, end = _instant(said.get("start")), _end(said)
    if start is None or end is None or end <= start:
        field = "start" if start is None else "duration" if said.get("rrule") else "end"
        return None, [problem(field, "Unix seconds of a start and a later end, or a duration with rrule")]
    category, author = _CATEGORIES.get(said.get("category")), _author(said)
    problems = []
    if category is None:
        problems.append(problem("category", f"one of {', '.join(_CATEGORIES)}; loaded as other", "warning"))
    if author is None:
        problems.append(problem("creator", "a handle, e-mail or name; loaded as unknown", "warning"))
    recorded = _instant(said.get("created_at")) or _instant(said.get("modified_at")) or start
    return {
        "id": key,
        "slos": slos,
        "start": start.isoformat(),
        "end": end.isoformat(),
        "rrule": (said.get("rrule") or "").removeprefix("RRULE:") or None,
        "time_zone": said.get("timezone") or "UTC",
        "effect": _EFFECTS[kind],
        "category": category or "other",
        "author": author or "unknown",
        "recorded_on": recorded.date().isoformat(),
        "reason": said.get("description") or said.get("category") or "no reason given",
    }, problems


def _instant(value: Any) -> dt.datetime | None:
    try:
        return dt.datetime.fromtimestamp(int(value), dt.UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _end(said: dict[str, Any]) -> dt.datetime | None:
    """A recurring correction has a duration (seconds) instead of an end."""
    if not said.get("rrule"):
        return _instant(said.get("end"))
    start, seconds = _instant(said.get("start")), said.get("duration")
    return start + dt.timedelta(seconds=int(seconds)) if start and isinstance(seconds, int) else None


def _author(said: dict[str, Any]) -> str | None:
    """Who made it. The API wraps the person in data.attributes; its reference shows the fields unwrapped."""
    creator = said.get("creator") or {}
    person = (creator.get("data") or {}).get("attributes") or creator
    return next((str(person[name]) for name in ("handle", "email", "name") if person.get(name)), None)
