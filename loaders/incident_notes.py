"""Postmortems as Markdown: `incidents/**/*.md` and `postmortems/**/*.md`. See docs/formats/incidents.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from loaders import validate, yaml_rows
from loaders.markdown_notes import Section, front_matter, named, sections
from loaders.markdown_tasks import without_comments
from loaders.reading import Reading
from loaders.yaml_rows import Document
from maturity.records.incidents import Incident
from maturity.records.problems import Loaded, Problem, show

# Headings by the field that their text becomes and its language.
_SECTIONS = {
    "summary": ("summary", "en"), "executive summary": ("summary", "en"), "概要": ("summary", "ja"),
    "cause": ("cause", "en"), "root cause": ("cause", "en"), "root causes": ("cause", "en"), "原因": ("cause", "ja"),
    "根本原因": ("cause", "ja"),
    "lessons": ("lessons", "en"), "lessons learned": ("lessons", "en"), "教訓": ("lessons", "ja"),
    "学び": ("lessons", "ja"),
    "action items": ("action_items", "en"), "actions": ("action_items", "en"),
    "再発防止策": ("action_items", "ja"), "アクションアイテム": ("action_items", "ja"),
}  # fmt: skip
_ITEM = re.compile(r"^\s*[-*+]\s+\[(?P<mark>[ xX-])\]\s+(?P<text>.*\S)\s*$")
# Behind an item, in brackets: who, until when, and where it is tracked, in any order.
_BEHIND = re.compile(r"\s*[(（](?P<inside>[^()（）]*)[)）]$")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_TICKET = re.compile(r"^(?:[A-Z][A-Z0-9]+-\d+|#\d+|https?://\S+)$")
_NEEDED = "incident, and products, title, severity and started_at unless incidents.yaml has it,"


def load(reading: Reading) -> None:
    """Read every Markdown file below the two folders, but a README; what incidents.yaml has is completed."""
    for pattern in ("incidents/**/*.md", "postmortems/**/*.md"):
        for path, file in reading.files(pattern):
            if path.stem.casefold() != "readme":
                reading.note(path, file, "incidents", 1, int(_note(reading, path, file)))


def _note(reading: Reading, path: Path, file: str) -> bool:
    text, problems = yaml_rows.text_of(path, file)
    reading.problems += problems
    if text is None:
        return False
    lines = without_comments(text).split("\n")
    document, after = front_matter(reading, file, lines, _NEEDED)
    if document is None:
        return False
    fields = dict(document.value)
    places = dict(document.lines)
    if "incident" in fields:
        fields["id"], places["id",] = fields.pop("incident"), document.lines["incident",]
    fields.setdefault("id", path.stem)
    parts = sections(lines, after, _known)
    _body(reading, file, parts, fields, places)
    heading = next((part.name for part in parts if part.depth == 1 and not _known(part.name)), None)
    earlier = next((loaded for loaded in reading.bundle.incidents if loaded.record.id == fields["id"]), None)
    if not earlier and ("incidents.yaml" in reading.unread or fields["id"] in reading.seen["incidents"]):
        return False  # it waits for its entry there, which has a problem of its own
    reading.saw("incidents", [{"id": fields["id"]}])
    if earlier:
        given = earlier.record.model_dump(exclude_unset=True)
        again = sorted(fields.keys() & given.keys() - {"id"})
        for name in again:
            expected = f"it once: {earlier.file}:{earlier.line_of(name)} has it"
            reading.problems.append(Problem(file, places.get((name,), 1), name, show(fields[name]), expected))
        if again:
            return False
        fields = given | fields
    if heading and "title" not in fields:
        fields["title"] = heading
    loaded, problems = validate.record(Incident, fields, Document(file, fields, 1, places))
    reading.problems += problems
    if loaded is None:
        return False
    if earlier:
        here = {path: (file, line) for path, line in places.items() if path}
        loaded = Loaded(loaded.record, earlier.file, earlier.line, earlier.lines, earlier.places | here)
        reading.bundle.incidents.remove(earlier)
    reading.bundle.incidents.append(loaded)
    return True


def _known(heading: str) -> list[tuple[str, str]]:
    return named(heading, _SECTIONS)


def _body(reading: Reading, file: str, parts: list[Section], fields: dict[str, Any], places: dict) -> None:
    """Put the text below the headings into the fields; other headings are the writer's own, and stay in the file."""
    texts: dict[str, dict[str, str]] = {}
    items: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        known = _known(part.name)
        if not known or not part.text:
            continue
        name = known[0][0]
        if name in fields or any(language in texts.get(name, items) for _, language in known):
            found = f"{name} again under {show(part.name)} (not loaded)"
            reading.problems.append(Problem(file, part.heading, "heading", found, f"{name} once", "warning"))
        elif name == "action_items":
            items[known[0][1]] = _items(reading, file, part, places)
        else:
            places.setdefault((name,), part.heading)
            for _, language in known:
                texts.setdefault(name, {})[language] = part.text
    for name, said in texts.items():
        fields[name] = said if len(said) > 1 else next(iter(said.values()))
    if items:
        fields["action_items"] = _joined(reading, file, items, places)


def _joined(reading: Reading, file: str, items: dict[str, list[dict[str, Any]]], places: dict) -> list[dict[str, Any]]:
    """Items in both languages, one by one; the first heading says what is done, by whom and until when."""
    first, *others = items.values()
    if not others:
        return first
    counts = [len(found) for found in items.values()]
    if counts[0] != counts[1]:
        found = f"{counts[0]} and {counts[1]} in the two languages (only the first are loaded)"
        line = places.get(("action_items", 0), 1)
        reading.problems.append(Problem(file, line, "action_items", found, "as many in each", "warning"))
        return first
    texts = {language: [item["text"] for item in found] for language, found in items.items()}
    return [item | {"text": {language: said[i] for language, said in texts.items()}} for i, item in enumerate(first)]


def _items(reading: Reading, file: str, part: Section, places: dict) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for line, text in enumerate(part.lines, part.line):
        item = _ITEM.match(text)
        if item:
            places.setdefault(("action_items", len(found)), line)
            found.append(_item(item["text"], item["mark"]))
        elif re.match(r"^\s*[-*+]\s+\S", text):
            expected = "- [ ] text (owner, 2026-10-30, TICKET-1), or - [x] for one that is done"
            reading.problems.append(
                Problem(file, line, "action_items", f"{show(text.strip())} (not loaded)", expected, "warning")
            )
    return found


def _item(text: str, mark: str) -> dict[str, Any]:
    made: dict[str, Any] = {"state": {" ": "open", "-": "cancelled"}.get(mark, "done")}
    behind = _BEHIND.search(text)
    parts = [part.strip() for part in re.split(r"[,、]", behind["inside"])] if behind else []
    if any(_DAY.match(part) or _TICKET.match(part) for part in parts) or (len(parts) == 1 and " " not in parts[0]):
        text = text[: behind.start()]
        for part in parts:
            made["due" if _DAY.match(part) else "ticket" if _TICKET.match(part) else "owner"] = part
    return made | {"text": text}
