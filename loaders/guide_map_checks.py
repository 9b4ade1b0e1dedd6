"""What must hold in a guide map, whoever wrote it: levels without holes, dates in order, a checklist at any time.

A map is for a whole company, so what is only thin or idle in it is a warning.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from loaders.guide_map_changes import NAME
from loaders.reading import Reading
from maturity.levels import in_force
from maturity.records.bundle import Bundle
from maturity.records.guide_map import Practice
from maturity.records.problems import Loaded, Problem

# Files in which a company writes its own practices; a foreign model may well have no how-to.
_OWN = ("guide_map.yaml", NAME)
_NEEDED = {
    "how_to": "steps, so that a team can act on the map alone",
    "evidence": "what a team shows when it is done",
}


def of_map(reading: Reading, as_of: dt.date) -> Iterator[Problem]:
    """Problems of the map as a whole; they take no record out. Nothing is said about what was rejected in part."""
    bundle = reading.bundle
    yield from _holes(reading)
    if reading.seen["practices"] <= {loaded.record.id for loaded in bundle.practices}:
        yield from _idle(bundle, as_of)
    if reading.seen["products"] <= {loaded.record.id for loaded in bundle.products}:
        yield from _tiers(bundle)
    yield from _thin(bundle, as_of)


def of_practices(bundle: Bundle) -> Iterator[tuple[Loaded, Problem]]:
    """Problems of single practices, each with the practice."""
    known = {loaded.record.id: loaded.record for loaded in bundle.practices}
    for loaded in bundle.practices:
        for problem in (*_dates(loaded), *_successor(loaded, known), *_empty(loaded), *_needs_retired(loaded, known)):
            yield loaded, problem


def _holes(reading: Reading) -> Iterator[Problem]:
    levels = {loaded.record.level: loaded for loaded in reading.bundle.levels}
    rejected = reading.seen["levels"] - levels.keys()
    before = 0
    for level in sorted([*levels, *rejected]):
        if level > before + 1 and level in levels:
            found = f"{level} after {before}" if before else f"{level} as the lowest"
            yield levels[level].trouble(("level",), found, str(before + 1))
        before = level


def _idle(bundle: Bundle, as_of: dt.date) -> Iterator[Problem]:
    """A level needs a practice that is asked for, now or later; a category may be kept for the retired ones."""
    used = {p.record.level for p in bundle.practices if not p.record.retired_on or p.record.retired_on > as_of}
    for loaded in bundle.levels:
        if loaded.record.level not in used:
            found = f"level {loaded.record.level} without practices"
            yield loaded.trouble(("level",), found, "at least one, or nobody can reach it", "warning")
    named = {p.record.category for p in bundle.practices}
    for loaded in bundle.categories:
        if loaded.record.id not in named:
            yield loaded.trouble(("id",), f"{loaded.record.id} without practices", "at least one", "warning")


def _tiers(bundle: Bundle) -> Iterator[Problem]:
    """Tiers that no product has, each told once."""
    held = {loaded.record.tier for loaded in bundle.products}
    places: dict[int, list[tuple[Loaded, int]]] = defaultdict(list)
    for loaded in bundle.practices:
        for i, tier in enumerate(loaded.record.tiers):
            if held and tier not in held:
                places[tier].append((loaded, i))
    for tier, named in places.items():
        loaded, i = named[0]
        expected = f"a tier that a product has ({', '.join(map(str, sorted(held)))})"
        yield loaded.trouble(("tiers", i), f"{tier} in {_of([p for p, _ in named])}", expected, "warning")


def _thin(bundle: Bundle, as_of: dt.date) -> Iterator[Problem]:
    for file in _OWN:
        asked = [
            p for p in bundle.practices if p.file == file and not (p.record.retired_on and p.record.retired_on <= as_of)
        ]
        for name, expected in _NEEDED.items():
            thin = [p for p in asked if not (p.record.how_to.en if name == "how_to" else p.record.evidence)]
            if thin:
                yield thin[0].trouble((name,), f"nothing in {_of(thin)}", expected, "warning")


def _of(named: list[Loaded]) -> str:
    """The practices of a problem that is told once for all of them."""
    ids = [loaded.record.id for loaded in named]
    return f"{len(ids)} practice{'s' if len(ids) > 1 else ''} ({', '.join(ids[:3])}{', ...' if len(ids) > 3 else ''})"


def _dates(loaded: Loaded[Practice]) -> Iterator[Problem]:
    parts = [((), loaded.record), *((("checklist", i), item) for i, item in enumerate(loaded.record.checklist))]
    for path, part in parts:
        if part.added_on and part.retired_on and part.retired_on <= part.added_on:
            expected = f"a date after added_on {part.added_on}"
            yield loaded.trouble((*path, "retired_on"), str(part.retired_on), expected)


def _successor(loaded: Loaded[Practice], known: dict[str, Practice]) -> Iterator[Problem]:
    """The practice that takes the answers over is there on the day on which this one goes."""
    old, path = loaded.record, ("superseded_by",)
    new = known.get(old.superseded_by or "")
    way = _way(old, known)
    if old.superseded_by and old.retired_on is None:
        yield loaded.trouble(path, f"{old.superseded_by} without retired_on", "superseded_by beside retired_on")
    elif len(way) > 1 and way[-1] == old.id:
        yield loaded.trouble(path, " -> ".join(way), "no circle")
    elif new and new.retired_on and new.retired_on <= old.retired_on:
        expected = f"a practice that is asked for after {old.retired_on}"
        yield loaded.trouble(path, f"{new.id}, retired on {new.retired_on}", expected)
    elif new and new.added_on and new.added_on > old.retired_on:
        expected = f"a practice that is there on {old.retired_on}"
        yield loaded.trouble(path, f"{new.id}, added on {new.added_on}", expected, "warning")


def _way(practice: Practice, known: dict[str, Practice]) -> list[str]:
    """Ids from a practice along its successors, up to the last one or to the first that comes again."""
    way = [practice.id]
    while (following := known[way[-1]].superseded_by) in known:
        way.append(following)
        if following in way[:-1]:
            break
    return way


def _empty(loaded: Loaded[Practice]) -> Iterator[Problem]:
    """A practice without items could be neither adopted nor missed."""
    practice = loaded.record
    begin, end = practice.added_on or dt.date.min, practice.retired_on or dt.date.max
    gone = {item.retired_on: i for i, item in enumerate(practice.checklist) if item.retired_on}
    for day in sorted({begin, *gone}):
        if begin <= day < end and not in_force(practice, day):
            if day in gone:
                path, found = ("checklist", gone[day], "retired_on"), f"no item left from {day} on"
            else:
                first = min(item.added_on for item in practice.checklist if item.added_on)
                path, found = ("checklist",), f"no item before {first}"
            yield loaded.trouble(path, found, "at least one item as long as the practice is asked for")
            return


def _needs_retired(loaded: Loaded[Practice], known: dict[str, Practice]) -> Iterator[Problem]:
    for i, needed in enumerate(loaded.record.prerequisites):
        until = known[needed].retired_on if needed in known else None
        if until and (loaded.record.retired_on or dt.date.max) > until:
            expected = "a practice that is still asked for"
            yield loaded.trouble(("prerequisites", i), f"{needed}, retired on {until}", expected, "warning")
