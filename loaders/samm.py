"""OWASP SAMM spreadsheets: the questions as the guide map, the answers as assessments. See docs/formats/samm.md."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders import validate, workbooks
from loaders.mapping import Mapping, sources_of
from loaders.reading import Reading
from loaders.slugs import slug
from loaders.workbooks import Sheets
from loaders.yaml_rows import Document
from maturity.records.guide_map import Category, GuideMapHead, Level, Practice
from maturity.records.problems import Loaded, Problem, show
from maturity.sources import SammSource

INTERVIEW, QUESTIONS, ANSWERS = "Interview", "imp-questions", "imp-answers"
_CODE = re.compile(r"^[A-Z]-[A-Z]{2,3}-[A-Z]-(\d)(?:-\d+)?$")
_ROWS = "rows whose column A holds a code such as G-SM-A-1-1"
# Where the sheet has them when no label is found beside a value (reference: the sheet's own layout).
_HEAD = {"organisation": (10, "D"), "team": (11, "D"), "date": (12, "D")}
_LABELS = {"organisation": ("organization", "organisation"), "team": ("team", "application"), "date": ("date",)}
_HEAD_ROWS = 30
_LEVELS = {1: ("Maturity 1", "成熟度1"), 2: ("Maturity 2", "成熟度2"), 3: ("Maturity 3", "成熟度3")}


@dataclass
class Question:
    """One question of the model and the texts that may answer it, each with its weight (0-1)."""

    code: str
    category: str
    level: int
    text: str
    guidance: str | None
    row: int
    weights: dict[str, float] = field(default_factory=dict)


def guide_map(reading: Reading, source: Loaded[SammSource]) -> None:
    """Read the questions of the first workbook of a source as the guide map."""
    files = reading.files(source.record.path)
    if not files:
        expected = "a file or pattern below the data folder"
        reading.problems.append(source.trouble(("path",), f"no file {source.record.path}", expected))
        return
    path, file = files[0]
    sheets, problems = workbooks.read(path, file, (QUESTIONS, ANSWERS))
    reading.problems += problems
    place = f"{file}#{QUESTIONS}"
    questions = _questions(reading, file, sheets)
    head = {"schema": "sre-guide-map/1", "id": source.record.id, "version": "1", "title": "OWASP SAMM"}
    reading.bundle.guide_map = Loaded(GuideMapHead.model_validate(head), source.file, source.line)
    for level in range(1, max((q.level for q in questions.values()), default=0) + 1):
        en, ja = _LEVELS.get(level, (f"Maturity {level}", f"成熟度{level}"))
        made = Level.model_validate({"level": level, "name": {"en": en, "ja": ja}, "meaning": {"en": en, "ja": ja}})
        reading.bundle.levels.append(Loaded(made, source.file, source.line))
    for name, row in {q.category: q.row for q in reversed(questions.values())}.items():
        made = Category.model_validate({"id": slug(name), "name": name})
        reading.bundle.categories.append(Loaded(made, place, row))
    reading.bundle.categories.sort(key=lambda loaded: loaded.line)
    found = [_practice(reading, source, place, question) for question in questions.values()]
    reading.bundle.practices = [practice for practice in found if practice]
    reading.saw("practices", [{"id": code} for code in questions])
    reading.note(path, file, "guide_map", len(questions), len(reading.bundle.practices))


def _practice(reading: Reading, source: Loaded[SammSource], place: str, question: Question) -> Loaded[Practice] | None:
    options = source.record
    fields = {
        "id": question.code,
        "category": slug(question.category),
        "level": question.level,
        "must": options.must,
        "review_days": options.review_days,
        "name": question.text,
        "why": question.guidance or question.text,
        "checklist": [{"id": "done", "en": question.text, "ja": question.text}],
    }
    loaded, problems = validate.record(Practice, fields, Document(place, fields, question.row))
    reading.problems += problems
    return loaded


def _questions(reading: Reading, file: str, sheets: Sheets) -> dict[str, Question]:
    """Code -> question, with the weights of its own set of answers: texts differ between sets."""
    sets = {_text(row, 0): _weights(row) for row in sheets.get(ANSWERS, []) if _text(row, 0)}
    found: dict[str, Question] = {}
    for number, row in enumerate(sheets.get(QUESTIONS, []), 1):
        code = _text(row, 0)
        match = _CODE.match(code or "")
        if not match:
            continue
        place, answers = f"{file}#{QUESTIONS}", _text(row, 7)
        if code in found:
            where = f"{code} again (first at {place}:{found[code].row})"
            reading.problems.append(Problem(place, number, "A", where, "each question once"))
            continue
        if answers not in sets:
            reading.problems.append(Problem(place, number, "H", show(answers), f"a set of answers in {ANSWERS}"))
            continue
        category = " / ".join(part for part in (_text(row, 1), _text(row, 2)) if part) or code.rsplit("-", 3)[0]
        text = _text(row, 5) or code
        found[code] = Question(code, category, int(match[1]), text, _text(row, 6), number, sets[answers])
    if QUESTIONS in sheets and not found:
        reading.problems.append(Problem(f"{file}#{QUESTIONS}", 1, "A", "no question", _ROWS))
    return found


def _weights(row: tuple[Any, ...]) -> dict[str, float]:
    """Text of an answer -> weight, from the columns B-E and F-I of a set."""
    pairs = zip(range(1, 5), range(5, 9), strict=True)
    return {
        _folded(text): float(row[weight])
        for answer, weight in pairs
        if (text := _text(row, answer)) and len(row) > weight and isinstance(row[weight], int | float)
    }


# --------------------------------------------------------------------------------------------------------- answers


def load(reading: Reading) -> None:
    """Read the answers of every workbook as assessments."""
    for source in sources_of(reading, "samm"):
        mapping = Mapping.of(reading, source)
        for path, file in reading.files(source.record.path):
            _answers(reading, source, mapping, path, file)
        mapping.tell()


def _answers(reading: Reading, source: Loaded[SammSource], mapping: Mapping, path: Path, file: str) -> None:
    sheets, problems = workbooks.read(path, file, (INTERVIEW, QUESTIONS, ANSWERS))
    reading.problems += problems
    if problems:
        return
    rows, place = sheets[INTERVIEW], f"{file}#{INTERVIEW}"
    questions = _questions(reading, file, sheets)
    team = _head(rows, "team")[0] or _head(rows, "organisation")[0]
    day = _day(reading, place, rows)
    asked = [(number, row) for number, row in enumerate(rows, 1) if _CODE.match(_text(row, 0) or "")]
    if not asked:
        reading.problems.append(Problem(place, 1, "A", "no question", _ROWS))
    product = None
    if team is None:
        reading.problems.append(Problem(place, _HEAD["team"][0], "D", "nothing", "the team that answered"))
    else:
        product = mapping.product(str(team), place, _head(rows, "team")[1])
    taken = 0
    if day and product:
        taken = sum(_answer(source, mapping, questions, place, product, str(team), day, n, row) for n, row in asked)
    blank = sum(_text(row, 5) is None for _, row in asked)
    if blank:
        found = f"{blank} of {len(asked)} questions without an answer"
        reading.problems.append(Problem(place, asked[0][0], "F", found, "an answer; they stay unassessed", "warning"))
    reading.note(path, file, "assessments", len(asked), taken)


def _answer(
    source: Loaded[SammSource],
    mapping: Mapping,
    questions: dict[str, Question],
    place: str,
    product: str,
    team: str,
    day: dt.date,
    number: int,
    row: tuple[Any, ...],
) -> bool:
    """One row of the interview as a statement; True where it was taken."""
    code, said = _text(row, 0), _text(row, 5)
    if said is None or mapping.ignored(code):
        return False
    question = questions.get(code)
    if question is None:
        mapping.leave_out("question", code, place, number, f"a question of {QUESTIONS}")
        return False
    weight = question.weights.get(_folded(said))
    if weight is None:
        mapping.leave_out(f"F{number}", said, place, number, f"one of the answers to {code} in {ANSWERS}")
        return False
    practice = mapping.practice(code, place, number)
    if practice is None:
        return False
    fields = {
        "product": product, "practice": practice, "assessed_on": day.isoformat(), "share": weight,
        "assessor": source.record.assessor or team, "note": _text(row, 8),
    }  # fmt: skip
    return mapping.assess({key: value for key, value in fields.items() if value is not None}, place, number)


def _head(rows: list[tuple[Any, ...]], name: str) -> tuple[Any, int]:
    """A value of the head and its row: right of its label, because rows move between releases; else where it was."""
    for number, row in enumerate(rows[:_HEAD_ROWS], 1):
        for at, cell in enumerate(row[:4]):
            if isinstance(cell, str) and cell.strip().rstrip(":*").casefold().startswith(_LABELS[name]):
                value = next((v for v in row[at + 1 : at + 5] if v not in (None, "")), None)
                if value is not None:
                    return value, number
    number, column = _HEAD[name]
    row = rows[number - 1] if len(rows) >= number else ()
    at = ord(column) - ord("A")
    return (row[at] if len(row) > at and row[at] not in (None, "") else None), number


def _day(reading: Reading, place: str, rows: list[tuple[Any, ...]]) -> dt.date | None:
    value, number = _head(rows, "date")
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value.strip().replace("/", "-"))
        except ValueError:
            pass
    expected = "the day of the assessment, as a date or as text such as 2026-09-30"
    reading.problems.append(Problem(place, number, "date", show(value), expected))
    return None


def _text(row: tuple[Any, ...], at: int) -> str | None:
    value = row[at] if len(row) > at else None
    return " ".join(str(value).split()) or None if value is not None else None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
