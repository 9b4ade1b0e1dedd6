"""Markdown checklists with tiers: one as the guide map, and copies of it filled in. See docs/formats/checklists.md."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from loaders import validate, yaml_rows
from loaders.mapping import Mapping, sources_of
from loaders.markdown_tasks import Task, tasks
from loaders.reading import Reading
from loaders.slugs import slug
from loaders.yaml_rows import Document
from maturity.records.guide_map import Category, GuideMapHead, Level, Practice
from maturity.records.problems import Loaded, Problem, show
from maturity.sources import ChecklistSource

_FRONT = ("product", "assessed_on", "assessor")


def guide_map(reading: Reading, source: Loaded[ChecklistSource]) -> None:
    """Read the checklist of a source as the guide map."""
    mapping, options = Mapping.of(reading, source), source.record
    files = reading.files(options.model) if options.model else []
    if not files:
        expected = "the file of the checklist below the data folder"
        reading.problems.append(source.trouble(("model",), f"no file {options.model or ''}".strip(), expected))
        return
    head = {"schema": "sre-guide-map/1", "id": options.id, "version": "1", "title": options.id}
    reading.bundle.guide_map = Loaded(GuideMapHead.model_validate(head), source.file, source.line)
    taken: dict[str, str] = {}
    for path, file in files:
        text, problems = yaml_rows.text_of(path, file)
        reading.problems += problems
        found = tasks(text or "", set(options.tiers))
        if text is not None and not found:
            reading.problems.append(Problem(file, 1, "file", "no item", "items such as - [ ] It has an owner (A, B)"))
        made = [_practice(reading, source, mapping, file, task, taken) for task in found]
        loaded = [practice for practice in made if practice]
        reading.bundle.practices += loaded
        reading.note(path, file, "guide_map", len(found), len(loaded))
    reading.saw("practices", [{"id": key} for key in taken])
    _levels(reading, source, files[0][1])
    mapping.tell()


def _levels(reading: Reading, source: Loaded[ChecklistSource], file: str) -> None:
    """As many levels as the practices use; a level is named by the headings that the source gives it."""
    options, practices = source.record, reading.bundle.practices
    highest = max((p.record.level for p in practices), default=1)
    for number in range(1, highest + 1):
        named = " / ".join(heading for heading, level in options.levels.items() if level == number)
        name: Any = named or {"en": f"Level {number}", "ja": f"レベル{number}"}
        made = Level.model_validate({"level": number, "name": name, "meaning": name})
        reading.bundle.levels.append(Loaded(made, source.file, source.line_of("levels")))


def _practice(
    reading: Reading,
    source: Loaded[ChecklistSource],
    mapping: Mapping,
    file: str,
    task: Task,
    taken: dict[str, str],
) -> Loaded[Practice] | None:
    options = source.record
    if mapping.ignored(task.name) or (task.code and mapping.ignored(task.code)):
        return None
    if task.struck:
        mapping.leave_out("item", task.name, file, task.line, "an item that is not struck out")
        return None
    key = task.code or slug(task.name)
    if key in taken:
        found = f"{show(task.name)} again (first at {taken[key]})"
        reading.problems.append(
            Problem(file, task.line, "item", found, "another wording, or a code such as **PRC-12**")
        )
        return None
    taken[key] = f"{file}:{task.line}"
    heading = task.heading or options.id
    category = slug(heading)
    if category not in {c.record.id for c in reading.bundle.categories}:
        reading.bundle.categories.append(
            Loaded(Category.model_validate({"id": category, "name": heading}), file, task.line)
        )
    items = [{"id": slug(item.name), "en": item.name, "ja": item.name} for item in task.items if not item.struck]
    fields = {
        "id": key,
        "category": category,
        "level": options.levels.get(heading, 1),
        "must": options.must,
        "review_days": options.review_days,
        "name": task.name,
        "why": " ".join(task.below) or heading,
        "tiers": sorted({options.tiers[mark] for mark in task.tiers}),
        "checklist": items or [{"id": "done", "en": task.name, "ja": task.name}],
    }
    loaded, problems = validate.record(Practice, fields, Document(file, fields, task.line))
    reading.problems += problems
    return loaded


# --------------------------------------------------------------------------------------------------------- answers


def load(reading: Reading) -> None:
    """Read every filled-in checklist as assessments."""
    for source in sources_of(reading, "checklist"):
        mapping = Mapping.of(reading, source)
        model = {file for _, file in reading.files(source.record.model)} if source.record.model else set()
        files = [(path, file) for path, file in reading.files(source.record.path) if file not in model]
        for path, file in files:
            _filled(reading, source, mapping, path, file)
        mapping.tell()


def _filled(reading: Reading, source: Loaded[ChecklistSource], mapping: Mapping, path: Path, file: str) -> None:
    text, problems = yaml_rows.text_of(path, file)
    reading.problems += problems
    if text is None:
        return
    front, after = _front_matter(reading, file, text)
    found = [task for task in tasks(text, set(source.record.tiers), after) if not mapping.ignored(task.name)]
    product = mapping.product(front["product"], file, 2) if front else None
    accepted = sum(_answer(reading, mapping, file, front, product, task) for task in found) if product else 0
    reading.note(path, file, "assessments", len(found), accepted)


def _front_matter(reading: Reading, file: str, text: str) -> tuple[dict[str, str] | None, int]:
    """Product, day and assessor at the top of a file, and how many lines that takes."""
    lines = text.replace("\r\n", "\n").split("\n")
    ends = [i for i, line in enumerate(lines) if line.strip() == "---"]
    expected = f"--- with {', '.join(_FRONT)} --- at the top"
    if len(ends) < 2 or ends[0] != 0:
        reading.problems.append(Problem(file, 1, "front matter", "nothing", expected))
        return None, 0
    documents, problems = yaml_rows.parse("\n".join(lines[: ends[1]]), file)
    reading.problems += problems
    value = documents[0].value if documents else None
    if not isinstance(value, dict):
        if not problems:
            reading.problems.append(Problem(file, 1, "front matter", show(value), expected))
        return None, ends[1] + 1
    missing = [name for name in _FRONT if not isinstance(value.get(name), str)]
    for name in missing:
        line = documents[0].lines.get((name,), 1)
        reading.problems.append(Problem(file, line, name, show(value.get(name)), "a value"))
    return (None if missing else value), ends[1] + 1


def _answer(reading: Reading, mapping: Mapping, file: str, front: dict[str, str], product: str, task: Task) -> bool:
    """One item as a statement; True where it was taken."""
    practice = _find(mapping, task)
    if practice is None or task.struck:
        expected = "an item that is not struck out" if task.struck else _nearest(reading, task)
        mapping.leave_out("item", task.name, file, task.line, expected)
        return False
    if task.not_applicable:
        expected = "an exemption in exemptions.yaml, with approver and last day; counted as not done"
        reading.problems.append(Problem(file, task.line, "item", f"{show(task.name)}: N/A", expected, "warning"))
    fields: dict[str, Any] = {
        "product": product,
        "practice": practice,
        "assessed_on": front["assessed_on"],
        "assessor": front["assessor"],
    } | _said(reading, mapping, file, practice, task)
    if task.url:
        fields["evidence"] = {"url": task.url}
    if task.below:
        fields["note"] = " ".join(task.below)
    return mapping.assess(fields, file, task.line)


def _said(reading: Reading, mapping: Mapping, file: str, practice: str, task: Task) -> dict[str, Any]:
    if task.not_applicable:
        return {"state": "not_adopted"}
    if not task.items:
        return {"state": "adopted" if task.done else "not_adopted"}
    (record,) = [p.record for p in reading.bundle.practices if p.record.id == practice]
    known = {slug(text): item.id for item in record.checklist for text in (item.id, item.en, item.ja)}
    done = []
    for item in task.items:
        if slug(item.name) in known:
            done += [known[slug(item.name)]] if item.done else []
        else:
            mapping.leave_out("item", item.name, file, item.line, f"an item of {record.name.en}")
    return {"items_done": list(dict.fromkeys(done))}


def _find(mapping: Mapping, task: Task) -> str | None:
    """By its code, by its words as an id, or by the name of a practice."""
    words = [task.code, *(word for name in (task.name, task.bare) if name for word in (slug(name), name))]
    return next((found for word in words if word and (found := mapping.known_practice(word))), None)


def _nearest(reading: Reading, task: Task) -> str:
    names = [name for p in reading.bundle.practices for name in (p.record.name.en, p.record.name.ja)]
    near = difflib.get_close_matches(task.name, names, n=1)
    return (
        f"{show(near[0])} (did you mean it?)"
        if near
        else "an item of the guide map, or an entry in practices: or ignore:"
    )
