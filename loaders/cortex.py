"""Cortex scorecards as a guide map: the ladder gives levels, the rules practices. See docs/formats/cortex.md."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from loaders import validate
from loaders.mapping import Mapping
from loaders.reading import Reading
from loaders.slugs import slug
from loaders.yaml_rows import Document
from maturity.records.guide_map import Category, GuideMapHead, Level, Practice
from maturity.records.problems import Loaded, Problem, show
from maturity.sources import CortexSource

# Read by Cortex, and of no meaning here; one warning a file names those that are there.
_NOT_CARRIED = {"filter", "notifications", "exemptions", "evaluation"}


class _Foreign(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Rung(_Foreign):
    """One level of a ladder."""

    name: str = Field(min_length=1)
    rank: int = Field(ge=1)
    description: str | None = None
    color: str | None = None


class Rule(_Foreign):
    """One rule of a scorecard."""

    title: str = Field(min_length=1)
    expression: str = Field(min_length=1)
    description: str | None = None
    identifier: str | None = None
    weight: float = Field(default=1, ge=0)
    level: str | None = None
    failureMessage: str | None = None
    failure_message: str | None = None
    filter: dict[str, Any] | None = None
    effectiveFrom: str | None = None


_KNOWN = {"tag", "name", "description", "draft", "ladder", "rules"} | _NOT_CARRIED


def guide_map(reading: Reading, source: Loaded[CortexSource]) -> None:
    """Read the scorecards of a source as the guide map."""
    mapping = Mapping.of(reading, source)
    files = reading.files(source.record.path)
    if not files:
        expected = "a file or pattern below the data folder"
        reading.problems.append(source.trouble(("path",), f"no file {source.record.path}", expected))
    ladder: list[Loaded[Rung]] = []
    taken: dict[str, str] = {}
    for path, file in files:
        for document in reading.documents(path, file):
            ladder = _scorecard(reading, source, mapping, path, document, ladder, taken)
    mapping.tell()


def _scorecard(
    reading: Reading,
    source: Loaded[CortexSource],
    mapping: Mapping,
    path: Path,
    document: Document,
    ladder: list[Loaded[Rung]],
    taken: dict[str, str],
) -> list[Loaded[Rung]]:
    """Read one scorecard into the bundle; returns the ladder that all of them share."""
    reading.problems += validate.unknown_keys(document, _KNOWN)
    card = document.value
    if not isinstance(card, dict):
        return ladder
    _tell_of_the_card(reading, document)
    category = _category(reading, document)
    mine = _ladder(reading, document)
    if (
        ladder
        and mine
        and [(r.record.name, r.record.rank) for r in mine] != [(r.record.name, r.record.rank) for r in ladder]
    ):
        first = ladder[0].file
        found = ", ".join(r.record.name for r in mine)
        reading.problems.append(
            Problem(document.file, document.lines[("ladder",)], "ladder", found, f"the ladder of {first}")
        )
        return ladder
    if not ladder and mine:
        ladder = mine
        reading.bundle.guide_map = _head(source, card, document)
        reading.bundle.levels = [_level(number, rung) for number, rung in enumerate(ladder, 1)]
    if category is None or not ladder:
        return ladder
    reading.bundle.categories.append(category)
    rules, problems = validate.rows(Rule, card.get("rules"), document, ("rules",))
    reading.problems += problems
    kept = [_practice(reading, source, mapping, rule, category.record.id, ladder, taken) for rule in rules]
    loaded = [practice for practice in kept if practice]
    reading.bundle.practices += loaded
    given = card.get("rules")
    reading.note(path, document.file, "guide_map", len(given) if isinstance(given, list) else 0, len(loaded))
    return ladder


def _tell_of_the_card(reading: Reading, document: Document) -> None:
    """What is in the file and means nothing here."""
    card = document.value
    if str(card.get("draft")).lower() == "true":
        reading.problems.append(
            Problem(document.file, document.lines[("draft",)], "draft", "true", "a published scorecard", "warning")
        )
    for name in sorted(_NOT_CARRIED & set(card)):
        expected = "exemptions.yaml" if name == "exemptions" else "nothing; it is not carried over"
        reading.problems.append(
            Problem(document.file, document.lines[(name,)], name, "settings of Cortex", expected, "warning")
        )


def _category(reading: Reading, document: Document) -> Loaded[Category] | None:
    card = document.value
    tag = card.get("tag") or card.get("name")
    fields = {"id": slug(tag) if isinstance(tag, str) else tag, "name": card.get("name") or tag}
    line = document.lines.get(("name",), document.line)
    loaded, problems = validate.record(Category, fields, Document(document.file, fields, line))
    reading.problems += [replace(p, field="tag" if p.field == "id" else p.field) for p in problems]
    return loaded


def _ladder(reading: Reading, document: Document) -> list[Loaded[Rung]]:
    """Rungs in the order of their rank."""
    ladder = document.value.get("ladder")
    rungs = ladder.get("levels") if isinstance(ladder, dict) else None
    found, problems = validate.rows(Rung, rungs, document, ("ladder", "levels"))
    reading.problems += problems
    for name in ("name", "rank"):
        values = [getattr(rung.record, name) for rung in found]
        for i, rung in enumerate(found):
            if values.index(values[i]) < i:
                reading.problems.append(rung.trouble((name,), f"{show(values[i])} again", f"each {name} once"))
                return []
    return [] if problems else sorted(found, key=lambda rung: rung.record.rank)


def _head(source: Loaded[CortexSource], card: dict[str, Any], document: Document) -> Loaded[GuideMapHead]:
    title = card.get("name") if isinstance(card.get("name"), str) else source.record.id
    head = {"schema": "sre-guide-map/1", "id": source.record.id, "version": "1", "title": title, "languages": ["en"]}
    return Loaded(GuideMapHead.model_validate(head), document.file, document.line)


def _level(number: int, rung: Loaded[Rung]) -> Loaded[Level]:
    name = rung.record.name
    return Loaded(Level(level=number, name=name, meaning=rung.record.description or name), rung.file, rung.line)


def _practice(
    reading: Reading,
    source: Loaded[CortexSource],
    mapping: Mapping,
    loaded: Loaded[Rule],
    category: str,
    ladder: list[Loaded[Rung]],
    taken: dict[str, str],
) -> Loaded[Practice] | None:
    rule, options = loaded.record, source.record
    if mapping.ignored(rule.title):
        return None
    levels = {rung.record.name: number for number, rung in enumerate(ladder, 1)}
    if rule.level is None:
        mapping.leave_out(
            "rule", rule.title, loaded.file, loaded.line, "a level of the ladder, to be placed on the map"
        )
        return None
    if rule.level not in levels:
        reading.problems.append(loaded.problem(("level",), rule.level, f"one of {', '.join(levels)} of the ladder"))
        return None
    if rule.weight == 0:
        mapping.leave_out("rule", rule.title, loaded.file, loaded.line, "a weight above 0; Cortex only reports on it")
        return None
    key = slug(rule.identifier or rule.title)
    if key in taken:
        expected = "another title or identifier: they become the id"
        reading.problems.append(
            loaded.trouble(("title",), f"{show(rule.title)} again (first at {taken[key]})", expected)
        )
        return None
    taken[key] = f"{loaded.file}:{loaded.line}"
    failure = rule.failureMessage or rule.failure_message
    fields = {
        "id": key,
        "category": category,
        "level": levels[rule.level],
        "must": options.must,
        "review_days": options.review_days,
        "name": rule.title,
        "why": rule.description or rule.title,
        "how_to": [failure] if failure else [],
        "evidence": rule.expression,
        "weight": rule.weight,
        "checklist": [{"id": "done", "en": rule.title, "ja": rule.title}],
    }
    made, problems = validate.record(Practice, fields, Document(loaded.file, fields, loaded.line))
    reading.problems += problems
    return made
