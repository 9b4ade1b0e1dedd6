"""`guide_map_changes.yaml`: what a company adds to the guide map, changes, or retires, whatever map lies below.

A map changes without a date where only words change. What is asked changes with one, because the log of assessments
names practices and items for ever: an added one has `added_on`, one that goes has `retired_on` and stays in the map.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from loaders import validate
from loaders.reading import Reading
from loaders.yaml_rows import Document
from maturity.records.forms import Day, Id, Record, Words
from maturity.records.guide_map import Category, ChecklistItem, Level, Practice
from maturity.records.problems import Loaded, Problem, show

NAME = "guide_map_changes.yaml"
# Lists of a guide map -> the field that names an entry.
_KEYS = {"levels": "level", "categories": "id", "practices": "id"}
_DATED = "First day on which it is asked for."
# What `change` leaves to another part of the file, because the history rests on it.
_ELSEWHERE = {
    "checklist": "items: with a date; the id of an item is never reused",
    "retired_on": "an entry in retire:",
    "superseded_by": "an entry in retire:",
}


def _partial(model: type[Record], key: str, without: Iterable[str] = ()) -> type[Record]:
    """The same fields, of which only the key is required."""
    fields = {
        name: (info.rebuild_annotation(), Field(default_factory=lambda: None, description=info.description))
        for name, info in model.model_fields.items()
        if name != key and name not in without
    }
    named = model.model_fields[key]
    text = f"What differs in one {model.__name__.lower()}; a field is given whole."
    return create_model(
        f"Changed{model.__name__}", __base__=Record, __doc__=text, **{key: (named.annotation, copy(named)), **fields}
    )


class AddedPractice(Practice):
    """A practice that was not in the map before."""

    added_on: Day = Field(description=_DATED)


class AddedItem(ChecklistItem):
    """A checklist item that was not in the practice before."""

    added_on: Day = Field(description=_DATED)


class ItemWords(Record):
    """New words for a checklist item that asks for the same as before."""

    id: Id
    en: str = Field(min_length=1)
    ja: str = Field(min_length=1)


class RetiredItem(Record):
    """A checklist item that is no longer asked for."""

    id: Id
    retired_on: Day = Field(description="First day on which it is no longer asked for.")


class ItemsChange(Record):
    """What becomes of the checklist of one practice."""

    practice: Id
    add: list[AddedItem] = []
    change: list[ItemWords] = []
    retire: list[RetiredItem] = []


class RetiredPractice(Record):
    """A practice that is no longer asked for. It stays in the map, because the log still names it."""

    id: Id
    retired_on: Day = Field(description="First day on which it is no longer asked for.")
    superseded_by: Id | None = Field(default=None, description="The practice that takes its answers.")
    reason: Words | None = Field(default=None, description="Why; for readers of the file.")


ADDED: dict[str, type[Record]] = {"levels": Level, "categories": Category, "practices": AddedPractice}
CHANGED: dict[str, type[Record]] = {
    "levels": _partial(Level, "level"),
    "categories": _partial(Category, "id"),
    "practices": _partial(Practice, "id", without=_ELSEWHERE),
}


def _lists(name: str, models: dict[str, type[Record]]) -> type[Record]:
    return create_model(name, __base__=Record, **{key: (list[model] | None, None) for key, model in models.items()})


class ChangesHead(Record):
    """What the file says about itself."""

    schema_: Literal["sre-guide-map-changes/1"] = Field(alias="schema")


# The whole file, for its JSON Schema. It is read part by part, so that a slip in one entry leaves the others alone.
FILE: type[BaseModel] = create_model(
    "GuideMapChanges",
    __base__=ChangesHead,
    add=(_lists("Additions", ADDED) | None, None),
    change=(_lists("OtherFields", CHANGED) | None, None),
    items=(list[ItemsChange] | None, None),
    retire=(list[RetiredPractice] | None, None),
)


def apply(reading: Reading) -> None:
    """Change the map that was read, if the folder has anything to change."""
    for path, file in reading.files(NAME):
        for document in reading.documents(path, file):
            changes = _Changes(reading, document)
            changes.apply()
            reading.note(path, file, "guide_map", changes.given, changes.loaded - len(changes.refused))


def saw(reading: Reading, collection: str, values: Any) -> None:
    """Remember what stands in a list of a map, loaded or not; a level is named by its number."""
    reading.saw(collection, values)
    if collection == "levels" and isinstance(values, list):
        numbers = [str(value.get("level")) for value in values if isinstance(value, dict)]
        reading.seen[collection] |= {int(number) for number in numbers if number.isdecimal()}


@dataclass
class _Changes:
    """One document of changes on its way into the bundle of a reading."""

    reading: Reading
    document: Document
    given: int = 0
    loaded: int = 0
    refused: set[tuple[int, int]] = field(default_factory=set)  # id and line of entries with a problem

    def apply(self) -> None:
        """Each part in turn: what is added may be changed, and what is changed may be retired."""
        self.reading.problems += validate.unknown_keys(self.document, {"schema", "add", "change", "items", "retire"})
        if not isinstance(self.document.value, dict):
            return
        head = {key: value for key, value in self.document.value.items() if key == "schema"}
        self.reading.problems += validate.record(ChangesHead, head, self.document)[1]
        for collection, values in self._section("add").items():
            saw(self.reading, collection, values)
            for entry in self._entries(ADDED[collection], values, "add", collection):
                self._add(collection, entry)
        for collection, values in self._section("change").items():
            first: dict[Any, Loaded] = {}
            for entry in self._entries(CHANGED[collection], self._allowed(collection, values), "change", collection):
                self._change(collection, entry, first.setdefault(getattr(entry.record, _KEYS[collection]), entry))
        for entry in self._entries(ItemsChange, self.document.value.get("items"), "items"):
            self._change_items(entry)
        for entry in self._entries(RetiredPractice, self.document.value.get("retire"), "retire"):
            self._retire(entry)

    # ------------------------------------------------------------------------------------------- reading

    def _section(self, name: str) -> dict[str, Any]:
        """The lists below add: or change:, in the order of a guide map."""
        value = self.document.value.get(name)
        if value is not None and not isinstance(value, dict):
            found = f"a list of {len(value)}" if isinstance(value, list) else show(value)
            self._problem((name,), found, f"lists under {', '.join(_KEYS)}")
        value = value if isinstance(value, dict) else {}
        for key in value.keys() - _KEYS.keys():
            self._problem((name, key), "an unknown field", validate.one_of(key, set(_KEYS)))
        return {collection: value[collection] for collection in _KEYS if collection in value}

    def _entries(self, model: type[Record], values: Any, *path: str) -> list[Loaded]:
        """Good entries of a list; none where it is absent or empty."""
        if values is None:
            return []
        found, problems = validate.rows(model, values, self.document, path)
        self.reading.problems += problems
        self.given += len(values) if isinstance(values, list) else 1
        self.loaded += len(found)
        return found

    def _allowed(self, collection: str, values: Any) -> Any:
        """Entries of change: without the fields that have a part of their own; each of those is a problem."""
        if collection != "practices" or not isinstance(values, list):
            return values
        for i, value in enumerate(values):
            for name in _ELSEWHERE if isinstance(value, dict) else ():
                if name in value:
                    self._problem(("change", collection, i, name), "the field in change:", _ELSEWHERE[name], name)
        return [{k: v for k, v in e.items() if k not in _ELSEWHERE} if isinstance(e, dict) else e for e in values]

    # ------------------------------------------------------------------------------------------- merging

    def _add(self, collection: str, entry: Loaded) -> None:
        key = _KEYS[collection]
        name = getattr(entry.record, key)
        there = self._known(collection).get(name)
        if there:
            found = f"{name}, which is there already ({there.file}:{there.line})"
            self._refuse(entry, (key,), found, "a new one, or an entry in change:")
        else:
            getattr(self.reading.bundle, collection).append(entry)

    def _change(self, collection: str, entry: Loaded, first: Loaded) -> None:
        key = _KEYS[collection]
        base = self._named(collection, entry, key)
        if base and first is not entry:
            found = f"{getattr(entry.record, key)} again (first on line {first.line})"
            self._refuse(entry, (key,), found, "one entry with all that changes")
        elif base:
            given = entry.record.model_fields_set - {key}
            places = {path: (entry.file, line) for path, line in entry.lines.items() if path and path[0] in given}
            self._replace(collection, base, {name: getattr(entry.record, name) for name in given}, places)

    def _change_items(self, entry: Loaded[ItemsChange]) -> None:
        base = self._named("practices", entry, "practice")
        if base is None:
            return
        items = list(base.record.checklist)
        places: dict[tuple, tuple[str, int]] = {}
        for i, new in enumerate(entry.record.add):
            if new.id in [item.id for item in items]:
                expected = "a new id; ids are never reused, and new words go to change:"
                self._refuse(entry, ("add", i, "id"), f"{new.id}, which is there already", expected)
                continue
            places |= _moved(entry, ("add", i), len(items))
            items.append(ChecklistItem(**new.model_dump()))
        for part in ("change", "retire"):
            for i, said in enumerate(getattr(entry.record, part)):
                at = self._place(entry, (part, i, "id"), said, items)
                if at is not None:
                    items[at] = items[at].model_copy(update=said.model_dump(exclude={"id"}))
                    places |= _moved(entry, (part, i), at)
        self._replace("practices", base, {"checklist": items}, places)

    def _place(
        self, entry: Loaded, path: tuple, said: ItemWords | RetiredItem, items: list[ChecklistItem]
    ) -> int | None:
        """Where the item stands that an entry speaks of; None, and a problem, where it cannot be changed so."""
        ids = [item.id for item in items]
        if said.id not in ids:
            self._refuse(entry, path, show(said.id), f"one of {', '.join(ids)} of {entry.record.practice}")
            return None
        item = items[ids.index(said.id)]
        if isinstance(said, RetiredItem) and item.retired_on:
            found = f"{said.id}, which is retired on {item.retired_on} already"
            self._refuse(entry, path, found, "each item retired once")
            return None
        return ids.index(said.id)

    def _retire(self, entry: Loaded[RetiredPractice]) -> None:
        base = self._named("practices", entry, "id")
        if base is None:
            return
        if base.record.retired_on:
            found = f"{entry.record.id}, which is retired on {base.record.retired_on} already"
            self._refuse(entry, ("id",), found, "each practice retired once")
            return
        if ("must",) in base.places and base.record.must:
            found = f"a must on {entry.record.id}, which retires on {entry.record.retired_on}"
            self.reading.problems.append(base.trouble(("must",), found, "a must on a practice that stays"))
        given = entry.record.model_fields_set & {"retired_on", "superseded_by"}
        places = {(name,): (entry.file, entry.line_of(name)) for name in given}
        self._replace("practices", base, {name: getattr(entry.record, name) for name in given}, places)

    def _replace(self, collection: str, base: Loaded, update: dict, places: dict[tuple, tuple[str, int]]) -> None:
        record = base.record.model_copy(update=update)
        places = base.places | places
        records = getattr(self.reading.bundle, collection)
        at = next(i for i, loaded in enumerate(records) if loaded is base)
        records[at] = Loaded(record, base.file, base.line, base.lines, places)

    # --------------------------------------------------------------------------------------- what is wrong

    def _known(self, collection: str) -> dict[Any, Loaded]:
        return {
            getattr(loaded.record, _KEYS[collection]): loaded for loaded in getattr(self.reading.bundle, collection)
        }

    def _named(self, collection: str, entry: Loaded, key: str) -> Loaded | None:
        """The record of the map that an entry speaks of; a problem where there is none."""
        known, name = self._known(collection), getattr(entry.record, key)
        if name not in known:
            self._refuse(entry, (key,), show(name), self._meant(collection, str(name), [str(k) for k in known]))
        return known.get(name)

    def _meant(self, collection: str, name: str, known: list[str]) -> str:
        if name in self.reading.seen[collection]:
            return f"an entry of {collection} that is loaded; this one has a problem of its own"
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
        return f"{near[0]} (did you mean it?)" if near else f"an entry of {collection} in the map or in add:"

    def _refuse(self, entry: Loaded, path: tuple, found: str, expected: str) -> None:
        self.refused.add((id(entry), entry.line))
        self.reading.problems.append(entry.trouble(path, found, expected))

    def _problem(self, path: tuple, found: str, expected: str, name: str | None = None) -> None:
        line = self.document.lines.get(path, self.document.line)
        where = name or ".".join(map(str, path))
        self.reading.problems.append(Problem(self.document.file, line, where, found, expected))


def _moved(entry: Loaded, old: tuple, item: int) -> dict[tuple, tuple[str, int]]:
    """Where the parts of an entry stand, under the path that they get in the checklist of the practice."""
    size = len(old)
    lines = {path[size:]: line for path, line in entry.lines.items() if path[:size] == old}
    return {("checklist", item, *path): (entry.file, line) for path, line in lines.items()}
