"""A DSOMM model as the guide map: activities become practices, dimensions categories; levels stay, up to 5."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from loaders import validate
from loaders.dsomm_files import Folder, Place
from loaders.dsomm_model import Activity, Model
from loaders.mapping import Mapping
from loaders.yaml_rows import Document
from maturity.records.guide_map import Category, GuideMapHead, Level, Practice
from maturity.records.problems import Loaded, Problem

HIGHEST = 5
# Field of a practice -> field of an activity, for the line and the name in messages.
_ORIGIN = {
    "id": "uuid", "level": "level", "why": "risk", "explanation": "measure", "evidence": "assessment",
    "effort": "difficultyOfImplementation", "prerequisites": "dependsOn", "references": "implementation",
    "risk_tags": "tags", "sources": "references",
}  # fmt: skip
_STANDARDS = {
    "samm2": "OWASP SAMM 2", "iso27001-2017": "ISO 27001:2017", "iso27001-2022": "ISO 27001:2022", "openCRE": "OpenCRE",
}  # fmt: skip
_EFFORT = ((2, "S"), (3, "M"), (5, "L"))  # up to this mean of knowledge, time and resources (1-5)


def fill(folder: Folder, model: Model, mapping: Mapping) -> None:
    """Put the model into the bundle as its guide map."""
    bundle, activities = folder.reading.bundle, [a for a in model.activities if not left_out(mapping, a)]
    bundle.guide_map = _head(folder, model)
    bundle.levels = [_level(folder, number) for number in range(1, _highest(activities) + 1)]
    categories = _categories(activities)
    bundle.categories = [
        _loaded(folder, Category, {"id": id_, "name": " / ".join(names)}, place)
        for names, (id_, place) in categories.items()
    ]
    needed = _prerequisites(folder, model, activities, mapping)
    found = [_practice(folder, a, categories[a.category, a.dimension][0], needed, mapping) for a in activities]
    bundle.practices = [practice for practice in found if practice]
    folder.reading.saw("practices", [{"id": activity.uuid} for activity in activities])
    _tell_of_musts(folder, activities, mapping)


def left_out(mapping: Mapping, activity: Activity) -> bool:
    """Whether the source ignores an activity, by any word for it."""
    words = (activity.uuid, activity.name, activity.dimension, activity.category)
    return any(mapping.ignored(word) for word in words)


def _loaded(folder: Folder, model: type, fields: dict[str, Any], place: Place) -> Loaded | None:
    """A record that is made of names alone, at the place they stand."""
    loaded, problems = validate.record(model, fields, Document(place.file, fields, place.line))
    folder.reading.problems += problems
    return loaded


def _highest(activities: list[Activity]) -> int:
    """The highest level that the model uses; an empty one above it could never be reached."""
    used = [int(text) for activity in activities if (text := activity.text("level")) and text.isdecimal()]
    return max((level for level in used if 1 <= level <= HIGHEST), default=HIGHEST)


def _head(folder: Folder, model: Model) -> Loaded[GuideMapHead]:
    version = model.meta.get("version")
    fields = {
        "schema": "sre-guide-map/1", "id": folder.source.record.id, "version": version or "0",
        "title": f"DSOMM {version}" if version else "DSOMM",
        "languages": [folder.named("lang", "en")],
        "source_notes": model.meta,
    }  # fmt: skip
    return Loaded(GuideMapHead.model_validate(fields), folder.source.file, folder.source.line)


def _level(folder: Folder, number: int) -> Loaded[Level]:
    """A level, in the words of `strings` in meta.yaml where there are any: `Level 1: what it means`."""
    strings = folder.setting("strings")
    words = strings.at(folder.named("lang", "en")).at("maturityLevels").items() if strings else []
    said = words[number - 1].value if number <= len(words) else None
    name, _, meaning = (said if isinstance(said, str) else "").partition(":")
    plain = {"en": f"Level {number}", "ja": f"レベル{number}"}
    general = {"en": f"Activities of DSOMM level {number}", "ja": f"DSOMM レベル{number}の活動"}
    fields = {"level": number, "name": name.strip() or plain, "meaning": meaning.strip() or general}
    return Loaded(Level.model_validate(fields), folder.source.file, folder.source.line)


# ------------------------------------------------------------------------------------------------------- categories


def _categories(activities: list[Activity]) -> dict[tuple[str, str], tuple[str, Place]]:
    """(category, dimension) -> (id, first place), in the order of the model."""
    found: dict[tuple[str, str], tuple[str, Place]] = {}
    taken: set[str] = set()
    for activity in activities:
        names = (activity.category, activity.dimension)
        if names in found:
            continue
        id_ = ".".join(filter(None, map(_slug, names))) or "dimension"
        if id_ in taken:
            id_ = f"{id_}-{len(found) + 1}"
        taken.add(id_)
        found[names] = (id_, activity.place)
    return found


def _slug(name: str) -> str:
    """Letters and digits of a name, for an id; empty where it has none of ASCII."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:36].strip("-")


# -------------------------------------------------------------------------------------------------------- practices


def _practice(
    folder: Folder, activity: Activity, category: str, needed: dict[str, list[str]], mapping: Mapping
) -> Loaded[Practice] | None:
    source = folder.source.record
    explained = [text for key in ("description", "measure") if (text := activity.text(key))]
    fields = {
        "id": activity.uuid,
        "category": category,
        "level": activity.text("level"),
        "must": not {activity.uuid, activity.name}.isdisjoint(source.must),
        "review_days": source.review_days,
        "name": activity.name,
        "why": activity.text("risk") or " ".join(explained[:1]) or activity.name,
        "explanation": "\n\n".join(explained) or None,
        "effort": _effort(folder, activity),
        "prerequisites": needed[activity.uuid],
        "references": _references(folder, activity, mapping),
        "checklist": [{"id": "done", "en": activity.name, "ja": activity.name}],
        "evidence": activity.text("assessment"),
        "risk_tags": _texts(folder, activity, "tags"),
        "sources": list(_sources(activity)),
    }
    lines = {(ours,): place.line for ours, place in _origins(activity)}
    document = Document(activity.place.file, fields, activity.place.line, lines)
    loaded, problems = validate.record(Practice, fields, document)
    folder.reading.problems += [replace(p, field=_named(p.field)) for p in problems]
    return loaded


def _origins(activity: Activity) -> Iterator[tuple[str, Place]]:
    """(our field, place) of the fields that stand in the activity's own file."""
    for ours, theirs in _ORIGIN.items():
        place = activity.fields.get(theirs)
        if place and place.file == activity.place.file:
            yield ours, place


def _named(field: str) -> str:
    first, dot, rest = field.partition(".")
    return _ORIGIN.get(first, first) + dot + rest


def _effort(folder: Folder, activity: Activity) -> str | None:
    given = activity.fields.get("difficultyOfImplementation")
    numbers = []
    for key, place in given.entries() if given else ():
        if key in ("knowledge", "time", "resources") and place.value is not None:
            if str(place.value) in "12345" and len(str(place.value)) == 1:
                numbers.append(int(place.value))
            else:
                folder.tell(place.problem("a whole number from 1 to 5", level="warning"))
    mean = sum(numbers) / len(numbers) if numbers else None
    return next(letter for limit, letter in _EFFORT if mean <= limit) if mean else None


def _references(folder: Folder, activity: Activity, mapping: Mapping) -> list[dict[str, str]]:
    """Name and address of each implementation; one that has no web address is told of."""
    found: dict[str, dict[str, str]] = {}
    given = activity.fields.get("implementation")
    for place in given.items() if given else []:
        item = folder.follow(place)
        url, name = item.at("url").value, item.at("name").value
        if isinstance(url, str) and re.match(r"https?://", url):
            found.setdefault(url, {"title": name if isinstance(name, str) else url, "url": url})
        elif isinstance(item.value, dict) and url is None and isinstance(name, str):
            continue  # a tool that is only named
        elif item.value is not None:
            word = url if isinstance(url, str) else str(name or activity.name)
            mapping.leave_out("implementation", word, item.file, item.line, "a url such as https://example.com/page")
    return list(found.values())


def _texts(folder: Folder, activity: Activity, key: str) -> list[str]:
    place = activity.fields.get(key)
    if place is None or place.value is None:
        return []
    found = [folder.follow(item) for item in place.items()]
    texts = [item.value for item in found if isinstance(item.value, str)]
    if not isinstance(place.value, list) or len(texts) < len(found):
        folder.tell(place.problem("a list of texts", level="warning"))
    return texts


def _sources(activity: Activity) -> Iterator[str]:
    """The clauses of other standards, such as `ISO 27001:2022 8.10`: text, so that 8.10 does not become 8.1."""
    given = activity.fields.get("references")
    for key, clauses in given.entries() if given else ():
        for clause in clauses.items():
            if isinstance(clause.value, str):
                yield f"{_STANDARDS.get(key, key)} {clause.value}"


def _tell_of_musts(folder: Folder, activities: list[Activity], mapping: Mapping) -> None:
    known = {word for activity in activities for word in (activity.uuid, activity.name)}
    source = folder.source
    for i, word in enumerate(source.record.must):
        if word not in known:
            mapping.leave_out("must", word, source.file, source.line_of("must", i), "uuid or name of an activity")


# ---------------------------------------------------------------------------------------------------- prerequisites


def _prerequisites(folder: Folder, model: Model, activities: list[Activity], mapping: Mapping) -> dict[str, list[str]]:
    """uuid -> uuids to do first. What a guide map cannot hold is left out with a warning: higher levels and circles."""
    known = {activity.uuid: activity for activity in activities}
    needed: dict[str, list[str]] = {uuid: [] for uuid in known}
    for activity in activities:
        given = activity.fields.get("dependsOn")
        for place in given.items() if given else []:
            word = str(place.value)
            other = model.find(word)
            if other is None or other.uuid not in known:
                if other is None or not left_out(mapping, other):
                    mapping.leave_out("dependsOn", word, place.file, place.line, "uuid or name of an activity")
            elif trouble := _trouble(activity, other, needed):
                folder.tell(Problem(place.file, place.line, "dependsOn", trouble, _NO_HOLD, "warning"))
            elif other.uuid not in needed[activity.uuid]:
                needed[activity.uuid].append(other.uuid)
    return needed


_NO_HOLD = "an activity of the same or a lower level, in no circle (left out)"


def _trouble(activity: Activity, other: Activity, needed: dict[str, list[str]]) -> str | None:
    """Why a guide map cannot hold that an activity needs another."""
    levels = (activity.text("level"), other.text("level"))
    if all(level and level.isdecimal() for level in levels) and int(levels[1]) > int(levels[0]):
        return f"{other.name!r} of level {levels[1]} for level {levels[0]}"
    return f"{other.name!r}, which needs this one" if _leads_to(other.uuid, activity.uuid, needed) else None


def _leads_to(start: str, goal: str, needed: dict[str, list[str]]) -> bool:
    ways, seen = [start], set()
    while ways:
        uuid = ways.pop()
        if uuid == goal:
            return True
        if uuid not in seen:
            seen.add(uuid)
            ways += needed[uuid]
    return False
