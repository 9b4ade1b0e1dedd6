"""`guide_map.yaml`: the folder's own guide map, or the one that comes with the project."""

from __future__ import annotations

from loaders import validate
from loaders.reading import Reading
from maturity.records import Category, GuideMapHead, Level, Practice

_LISTS = {"levels": Level, "categories": Category, "practices": Practice}


def load(reading: Reading) -> None:
    """Read the map's head, levels, categories and practices."""
    path, file = reading.or_default("guide_map.yaml")
    documents = reading.documents(path, file)
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
            reading.saw(key, document.value.get(key))
            setattr(reading.bundle, key, found)
        reading.note(path, file, "guide_map", len(document.value.get("practices") or []), len(reading.bundle.practices))
