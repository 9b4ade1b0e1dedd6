"""Risks as Markdown: `risks/**/*.md` with front matter and headings. See docs/formats/risk-files.md."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from loaders import validate, yaml_rows
from loaders.markdown_notes import Section, front_matter, named, sections
from loaders.markdown_tasks import without_comments
from loaders.reading import Reading
from loaders.risk_fields import Flat
from loaders.slugs import slug
from loaders.yaml_rows import Document
from maturity.records.forms import ID_PATTERN
from maturity.records.problems import Problem, show
from maturity.records.risks import Risk
from maturity.sources import RISK_FIELDS

# Headings by the field that their text becomes and its language.
_SECTIONS = {
    "summary": ("summary", "en"), "概要": ("summary", "ja"),
    "log": ("log", "en"), "ログ": ("log", "ja"),
    "cause": ("cause", "en"), "原因": ("cause", "ja"),
    "response policy": ("response_policy", "en"), "対応方針": ("response_policy", "ja"),
    "nextaction": ("next_action", "en"), "next action": ("next_action", "en"), "次のアクション": ("next_action", "ja"),
}  # fmt: skip
_BOTH = ("en", "ja")
_ALIASES = {"due": "next_action_due"}
_OWN_WAY = {"id", "product", "products"}
_FLAT = (set(RISK_FIELDS) - {"title_en", "title_ja"} | {"detected_via"} | _ALIASES.keys()) - _OWN_WAY
# The rest of a record may stand in the front matter as it would in a YAML file.
_RECORD = set(Risk.model_fields) - {"source", "source_id"} - _OWN_WAY
_ONE_BULLET = re.compile(r"\A[-*+]\s+([^\n]*)\Z")


def load(reading: Reading) -> None:
    """Read every Markdown file below `risks/`, but a README."""
    for path, file in reading.files("risks/**/*.md"):
        if path.stem.casefold() == "readme":
            continue
        text, problems = yaml_rows.text_of(path, file)
        reading.problems += problems
        if text is not None:
            taken = _note(reading, path, file, text)
            reading.note(path, file, "risks", 1, int(taken))


def _note(reading: Reading, path: Path, file: str, text: str) -> bool:
    lines = without_comments(text).split("\n")
    document, after = front_matter(reading, file, lines, "product, title, status and detected_at")
    if document is None:
        return False
    value = document.value
    made = value.get("id") or (path.stem if re.match(ID_PATTERN, path.stem) else slug(path.stem))
    reading.saw("risks", [{"id": made}])
    problems = validate.unknown_keys(document, _FLAT | _RECORD | _OWN_WAY)
    whole = {name for name in value if name in _RECORD and not _is_text(name, value[name])}
    flat = Flat(file, 1, {}, lines={name: document.lines[(name,)] for name in value})
    for name in value:
        if name in _FLAT and name not in whole and value[name] is not None:
            flat.fields[_ALIASES.get(name, name)] = value[name]
            flat.lines[_ALIASES.get(name, name)] = document.lines[(name,)]
    problems += _body(flat, sections(lines, after, _known), whole)
    flat.fields |= {name: value[name] for name in ("acceptance", "closed") if name in whole}
    risk = flat.read()
    problems += flat.problems
    reading.problems += problems
    if risk is None or any(problem.level == "error" for problem in problems):
        return False
    risk |= {name: value[name] for name in whole}
    risk["products"] = _products(value)
    risk["id"] = made
    if isinstance(risk.get("detected", {}), dict):
        risk["detected"] = {"via": "import"} | risk.get("detected", {})
    places = {("products",): document.lines.get(("product",), 1)} | flat.places | document.lines
    loaded, problems = validate.record(Risk, risk, Document(file, risk, 1, places))
    reading.problems += problems
    reading.bundle.risks += [loaded] if loaded else []
    return loaded is not None


def _is_text(name: str, value: Any) -> bool:
    """Whether a field of a record is given in its short form: a text, or one in two languages."""
    if isinstance(value, dict):
        return name in _FLAT - {"log"} and value.keys() <= {"en", "ja"}
    return name in _FLAT and not isinstance(value, list)


def _products(value: dict[str, Any]) -> Any:
    given = value.get("products", value.get("product"))
    return [given] if isinstance(given, str) else given or []


# ------------------------------------------------------------------------------------------------------------ the body


def _known(heading: str) -> list[tuple[str, str]]:
    return named(heading, _SECTIONS)


def _body(flat: Flat, sections: list[Section], whole: set[str]) -> list[Problem]:
    """Put the text below the headings into the fields; what is in none of them is told."""
    problems: list[Problem] = []
    texts: dict[str, dict[str, str]] = {}
    said_elsewhere = "summary" in flat.fields or any(("summary", x) in _known(s.name) for s in sections for x in _BOTH)
    for section in sections:
        known = _known(section.name)
        if section.depth == 1 and not known and "title" not in flat.fields:
            flat.fields["title"], flat.lines["title"] = section.name, section.heading
        if known:
            problems += _take(flat, section, known, texts, whole)
        elif section.depth < 2 and section.text and not said_elsewhere:
            said_elsewhere = True
            texts["summary"] = {"en": section.text}
            flat.lines["summary"] = section.line
        else:
            problems += _left(flat, section)
    for name, said in texts.items():
        flat.fields[name] = said if len(said) > 1 else next(iter(said.values()))
    return problems


def _take(
    flat: Flat, section: Section, known: list[tuple[str, str]], texts: dict[str, dict[str, str]], whole: set[str]
) -> list[Problem]:
    name = known[0][0]
    if not section.text:
        return []
    if name in whole or name in flat.fields or any(language in texts.get(name, {}) for _, language in known):
        if name == "log" and name not in whole:
            return _more_log(flat, section)
        found = f"{name} again under {show(section.name)} (not loaded)"
        return [Problem(flat.file, section.heading, "heading", found, f"{name} once", "warning")]
    if name == "log":
        flat.fields[name], flat.lines[name] = "\n".join(section.lines), section.line
        return []
    flat.lines.setdefault(name, section.heading)
    for _, language in known:
        texts.setdefault(name, {})[language] = _ONE_BULLET.sub(r"\1", section.text)
    return []


def _more_log(flat: Flat, section: Section) -> list[Problem]:
    """A second log, in the other language: filled up with empty lines so that every line keeps its number."""
    gap = section.line - flat.lines["log"] - len(flat.fields["log"].split("\n"))
    flat.fields["log"] = "\n".join([flat.fields["log"], *[""] * gap, *section.lines])
    return []


def _left(flat: Flat, section: Section) -> list[Problem]:
    if not section.text:
        return []
    what = show(section.name) if section.depth else "text above the first heading"
    count = sum(bool(line.strip()) for line in section.lines)
    found = f"{what}, {count} {'line' if count == 1 else 'lines'} not below a heading that is read (not loaded)"
    expected = "Summary, Log, Cause, Response policy or Next action, or 概要, ログ, 原因, 対応方針, 次のアクション"
    return [Problem(flat.file, max(section.heading, 1), "heading", found, expected, "warning")]
