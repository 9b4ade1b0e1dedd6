"""The activities of a DSOMM model: Category > Dimension > Activity, with later files laid over earlier ones.

Merging follows the DSOMM application: a later file finds an activity by uuid, or by name where it gives no uuid, and
replaces field by field; `ignore: true` on a category, a dimension or an activity takes out what earlier files had.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from loaders.dsomm_files import Folder, Place
from loaders.mapping import Mapping
from maturity.records.problems import Problem

_USUAL = ("model.yaml", "default/model.yaml", "generated/model.yaml")
# Answers of old versions, from before team-progress.yaml: they have no dates, so they cannot become a history.
_LEGACY = ("isImplemented", "teamsImplemented", "teamsEvidence")
KNOWN = {
    "uuid", "level", "description", "risk", "measure", "assessment", "difficultyOfImplementation", "usefulness",
    "dependsOn", "implementation", "references", "tags", "comments", "ignore", "evidence", *_LEGACY,
}  # fmt: skip


@dataclass
class Activity:
    """One activity. `fields` are its values with the places they stand at, in whatever file said them last."""

    uuid: str
    name: str
    category: str
    dimension: str
    place: Place
    fields: dict[str, Place] = field(default_factory=dict)

    def text(self, key: str) -> str | None:
        """A field that holds a text; None where it is empty or something else."""
        value = self.fields[key].value if key in self.fields else None
        return value.strip() or None if isinstance(value, str) else None


@dataclass
class Model:
    """All activities in file order. `meta` is what the model says of itself: version, released, publisher."""

    activities: list[Activity] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    files: dict[Path, int] = field(default_factory=dict)

    def find(self, word: str) -> Activity | None:
        """An activity by uuid or else by name; of two with one name the first. For a model that is read to its end."""
        return self._by_word.get(word)

    @cached_property
    def _by_word(self) -> dict[str, Activity]:
        last_first = self.activities[::-1]
        return {a.name: a for a in last_first} | {a.uuid: a for a in last_first}


def read(folder: Folder, mapping: Mapping) -> Model:
    """The model of a folder, from the files of `activityFiles` or the usual ones."""
    model = Model()
    for path in _files(folder):
        data = _data(folder, path, model)
        if data:
            _lay_over(folder, mapping, model, data, path)
    return model


def _files(folder: Folder) -> list[Path]:
    named = folder.setting("activityFiles")
    if named:
        return [path for place in named.items() if (path := _named(folder, place))]
    usual = [folder.home / name for name in _USUAL if (folder.home / name).is_file()][:1]
    return usual + sorted((folder.home / "custom").glob("*.yaml"))


def _named(folder: Folder, place: Place) -> Path | None:
    place = folder.follow(place)
    if not isinstance(place.value, str):
        folder.tell(place.problem("the name of a file"))
        return None
    return folder.inside(place, folder.home / place.value)


def _data(folder: Folder, path: Path, model: Model) -> Place | None:
    """The document with the activities; the one before it, if any, is about the model itself."""
    documents = folder.documents(path)
    about = [d for d in documents if isinstance(d.value, dict) and list(d.value) == ["meta"]]
    for place in about:
        model.meta = {key: str(p.value) for key, p in place.at("meta").entries() if isinstance(p.value, str)}
    data = [d for d in documents if d not in about]
    if len(data) == 1 and isinstance(data[0].value, dict):
        return data[0]
    if documents:
        found = f"{len(data)} documents" if len(data) != 1 else None
        expected = "one document of Category > Dimension > Activity, after one with meta at most"
        folder.tell((data or documents)[0].problem(expected, found))
    return None


# --------------------------------------------------------------------------------------------------------- merging


def _lay_over(folder: Folder, mapping: Mapping, model: Model, data: Place, path: Path) -> None:
    earlier, new, legacy = list(model.activities), [], {}
    for activity in _walk(folder, mapping, data, earlier):
        for key in _LEGACY:
            if key in activity.fields and _says_something(activity.fields[key]):
                legacy.setdefault(key, []).append(activity.fields[key])
        known = _same(earlier, activity)
        if known:
            known.fields |= activity.fields
            known.name, known.category, known.dimension = activity.name, activity.category, activity.dimension
        elif activity.uuid:
            _warn_of_name(folder, [*earlier, *new], activity)
            new.append(activity)
        else:
            folder.tell(activity.place.at("uuid").problem("the uuid by which teams refer to it"))
    taken_out = {id(activity) for activity in _ignored(folder, data, earlier)}
    model.activities = [a for a in earlier if id(a) not in taken_out] + new
    model.files[path] = len(new)
    for key, places in legacy.items():
        found = f"answers in {len(places)} {'activity' if len(places) == 1 else 'activities'}"
        expected = "team-progress.yaml, which has dates; these are not loaded"
        folder.tell(Problem(places[0].file, places[0].line, key, found, expected, "warning"))


def _says_something(place: Place) -> bool:
    if isinstance(place.value, dict):
        return any(_says_something(inside) for _, inside in place.entries())
    return place.value is not None and str(place.value).strip().lower() not in ("", "false", "no")


def _walk(folder: Folder, mapping: Mapping, data: Place, earlier: list[Activity]) -> Iterator[Activity]:
    """The activities of one file, without those that say ignore."""
    for category, dimensions in _inner(folder, mapping, data, "a category"):
        for dimension, activities in _inner(folder, mapping, dimensions, "a dimension"):
            for name, place in _inner(folder, mapping, activities, "an activity"):
                if not _says_ignore(place):
                    yield _activity(mapping, category, dimension, name, place, earlier)


def _inner(folder: Folder, mapping: Mapping, place: Place, what: str) -> Iterator[tuple[str, Place]]:
    """The entries that have fields; a remark between them is told of, anything else is a problem."""
    for key, inside in place.entries():
        inside = folder.follow(inside)
        if isinstance(inside.value, dict):
            yield key, inside
        elif key == "ignore" and place.path:
            continue
        elif isinstance(inside.value, str):
            mapping.leave_out("entry", key, inside.file, inside.line, f"{what} with its fields")
        else:
            folder.tell(inside.problem(f"{what} with its fields"))


def _activity(
    mapping: Mapping, category: str, dimension: str, name: str, place: Place, earlier: list[Activity]
) -> Activity:
    fields = dict(place.entries())
    for key in sorted(set(fields) - KNOWN):
        expected = f"a field of an activity ({', '.join(sorted(KNOWN - set(_LEGACY)))})"
        mapping.leave_out("field", key, fields[key].file, fields[key].line, expected)
    uuid = fields["uuid"].value if "uuid" in fields else None
    return Activity(uuid if isinstance(uuid, str) else "", name, category, dimension, place, fields)


def _same(earlier: list[Activity], activity: Activity) -> Activity | None:
    """The activity of an earlier file that this one changes."""
    if activity.uuid:
        return next((a for a in earlier if a.uuid == activity.uuid), None)
    return next((a for a in earlier if a.name == activity.name), None)


def _warn_of_name(folder: Folder, known: list[Activity], activity: Activity) -> None:
    first = next((a for a in known if a.name == activity.name and a.uuid != activity.uuid), None)
    if first:
        where = f"{first.place.file}:{first.place.line}"
        found = f"{activity.name!r} again with another uuid (first at {where})"
        expected = "each name once; a reference by name means the first"
        folder.tell(Problem(activity.place.file, activity.place.line, "activity", found, expected, "warning"))


def _says_ignore(place: Place) -> bool:
    return str(place.at("ignore").value).lower() in ("true", "yes", "on")


def _ignored(folder: Folder, data: Place, earlier: list[Activity]) -> Iterator[Activity]:
    """What a file takes out of the earlier ones, where there are any. A word that matches nothing is told of."""
    for place, what, matches in _ignores(data):
        found = [activity for activity in earlier if matches(activity)]
        yield from found
        if earlier and not found:
            at = place.at("ignore")
            expected = f"{what} of an earlier file"
            folder.tell(Problem(at.file, at.line, "ignore", f"{place.path[-1]!r}, unknown", expected, "warning"))


def _ignores(data: Place) -> Iterator[tuple]:
    for category, dimensions in data.entries():
        if _says_ignore(dimensions):
            yield dimensions, "a category", lambda a, word=category: a.category == word
        for dimension, activities in dimensions.entries():
            if _says_ignore(activities):
                yield activities, "a dimension", lambda a, word=dimension: a.dimension == word
            for name, place in activities.entries():
                if _says_ignore(place):
                    uuid = place.at("uuid").value
                    yield (
                        place,
                        "an activity",
                        lambda a, word=uuid or name, by_uuid=bool(uuid): (a.uuid if by_uuid else a.name) == word,
                    )
