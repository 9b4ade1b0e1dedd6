"""The guide map: the folder's own `guide_map.yaml`, or a foreign model in `sources.yaml`, or the project's default."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from loaders import checklists, cortex, dsomm, guide_map_changes, samm, validate
from loaders.reading import Reading
from maturity.records.guide_map import Category, GuideMapHead, Level, Practice
from maturity.records.problems import Loaded, Problem

_LISTS = {"levels": Level, "categories": Category, "practices": Practice}

# Kind of a source -> reader of its practices, which fills guide_map, levels, categories and practices of the bundle.
FOREIGN: dict[str, Callable[[Reading, Loaded], None]] = {
    "checklist": checklists.guide_map,
    "cortex": cortex.guide_map,
    "dsomm": dsomm.guide_map,
    "samm": samm.guide_map,
}


def load(reading: Reading) -> None:
    """Read the map's head, levels, categories and practices, and what `guide_map_changes.yaml` makes of them."""
    path, file = reading.or_default("guide_map.yaml")
    foreign = [s for s in reading.bundle.sources if getattr(s.record, "guide_map", False)]
    for source in foreign[1:] if file.startswith("default/") else foreign:
        where = "guide_map.yaml" if not file.startswith("default/") else f"source {foreign[0].record.id}"
        reading.problems.append(source.trouble(("guide_map",), f"a second guide map beside {where}", "one guide map"))
    if foreign and file.startswith("default/"):
        _foreign(reading, foreign[0], path, file)
    else:
        _native(reading, path, file)
    guide_map_changes.apply(reading)


def _foreign(reading: Reading, source: Loaded, path: Path, file: str) -> None:
    kind = source.record.kind
    if kind in FOREIGN:
        FOREIGN[kind](reading, source)
        return
    expected = "guide_map: true only where the files define practices"
    reading.problems.append(source.trouble(("guide_map",), f"a guide map of kind {kind}", expected))
    _native(reading, path, file)


def _native(reading: Reading, path: Path, file: str) -> None:
    documents = reading.documents(path, file)
    for further in documents[1:]:
        reading.problems.append(Problem(file, further.line, "file", "a second document", "one guide map a file"))
    for document in documents[:1]:
        head_fields = {f.alias or name for name, f in GuideMapHead.model_fields.items()}
        reading.problems += validate.unknown_keys(document, head_fields | set(_LISTS))
        if not isinstance(document.value, dict):
            return
        head = {key: value for key, value in document.value.items() if key not in _LISTS and key in head_fields}
        reading.bundle.guide_map, problems = validate.record(GuideMapHead, head, document)
        reading.problems += problems
        for key, model in _LISTS.items():
            found, problems = validate.rows(model, document.value.get(key), document, (key,))
            reading.problems += problems
            guide_map_changes.saw(reading, key, document.value.get(key))
            setattr(reading.bundle, key, found)
        reading.note(path, file, "guide_map", len(document.value.get("practices") or []), len(reading.bundle.practices))
