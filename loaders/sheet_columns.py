"""Which column of a sheet holds what: by the source's mapping, by its own name, or by the practice its header names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from maturity.records.bundle import Bundle
from maturity.records.problems import Loaded
from maturity.sources import SHEET_FIELDS, SHEET_FIELDS_OF_A_PRACTICE, SheetSource

ANSWERS = ("answer", "items_done", "state", "share")

# What a Google Form calls its own columns, in English and Japanese.
_OF_FORMS = {
    "timestamp": "assessed_on", "タイムスタンプ": "assessed_on",
    "email address": "assessor", "メールアドレス": "assessor", "username": "assessor", "ユーザー名": "assessor",
}  # fmt: skip
_KNOWN = {name: name for name in (*SHEET_FIELDS, *SHEET_FIELDS_OF_A_PRACTICE)} | _OF_FORMS

_GRID = re.compile(r"^(.*\S)\s*\[([^\[\]]*)\]$", re.S)
_ID_IN_BRACKETS = re.compile(r"[\[(【「]\s*([a-z0-9][a-z0-9._-]*)[^\])】」]*[\])】」]")
_ID_FIRST = re.compile(r"([a-z0-9][a-z0-9._-]*)")


@dataclass(frozen=True)
class Column:
    """One column: the field it holds; of one practice, or even one item of its checklist, where its header says so."""

    at: int
    header: str
    field: str
    practice: str | None = None
    item: str | None = None


@dataclass
class Columns:
    """The columns of one file. `left` are the places of those that hold nothing known, `used` the mapping's keys."""

    found: list[Column] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    @property
    def long(self) -> bool:
        """One statement a row, rather than one submission a row."""
        return self.holds("practice")

    def holds(self, name: str) -> bool:
        return any(column.field == name for column in self.found)


@dataclass(frozen=True)
class Words:
    """What the words of a file mean here: keys (see `key`) of names, ids and texts -> our ids."""

    products: dict[str, str]
    practices: dict[str, str]
    items: dict[str, dict[str, str]]

    @classmethod
    def of(cls, bundle: Bundle, source: SheetSource) -> Words:
        """Those of a bundle, and the source's own, which go first."""
        texts = {p.record.id: p.record.checklist for p in bundle.practices}
        own = {key(text): item for text, item in source.items.items()}
        return cls(
            _names(bundle.products) | {key(word): name for word, name in source.products.items()},
            _names(bundle.practices) | {key(word): name for word, name in source.practices.items()},
            {name: {key(w): i.id for i in items for w in (i.en, i.ja, i.id)} | own for name, items in texts.items()},
        )

    def practice_in(self, header: str) -> str | None:
        """The practice that a header is the name of, or whose id it begins with or has in brackets."""
        word = key(header)
        ids = {name.casefold(): name for name in self.items}
        first = _ID_FIRST.match(word)
        candidates = [*_ID_IN_BRACKETS.findall(word), *([first[1]] if first else [])]
        named = (ids.get(c) or ids.get(c.rstrip("._-")) for c in candidates)
        return self.practices.get(word) or next((name for name in named if name), None)


def key(word: str) -> str:
    """Words as they are compared: full-width as half-width, no case, blanks and line breaks as one blank."""
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split())


def columns_of(header: list[str], source: SheetSource, words: Words) -> Columns:
    """What each column of a file holds."""
    mapped = {key(name): (name, what.split()) for name, what in source.columns.items()}
    taken = {what[0] for _, what in mapped.values()}
    known = {name: what for name, what in _KNOWN.items() if what not in taken}
    columns = Columns()
    for at, name in enumerate(header):
        column = _mapped(at, name, mapped, words, columns.used) or _known(at, name, known)
        if column:
            columns.found.append(column)
    taken_places = {column.at for column in columns.found}
    for at, name in enumerate(header):
        if at in taken_places:
            continue
        column = None if columns.long else _practice(at, name, source, words, columns.used)
        columns.found += [column] if column else []
        columns.left += [] if column else [at]
    return columns


def _mapped(at: int, name: str, mapped: dict, words: Words, used: set[str]) -> Column | None:
    """By `columns:` of the source: the header as a whole, or the question of a grid whose rows are practices."""
    if key(name) in mapped:
        own, (what, *practice) = mapped[key(name)]
        used.add(own)
        return Column(at, name, what, practice[0] if practice else None)
    question, row = _grid(name)
    practice = words.practice_in(row) if row and key(question) in mapped else None
    if practice is None:
        return None
    own, (what, *_) = mapped[key(question)]
    used.add(own)
    return Column(at, name, what, practice)


def _known(at: int, name: str, known: dict[str, str]) -> Column | None:
    what = known.get(key(name))
    return Column(at, name, what) if what else None


def _practice(at: int, name: str, source: SheetSource, words: Words, used: set[str]) -> Column | None:
    """By the practice, or the item of a practice, that the header names."""
    question, row = _grid(name)
    own = {key(word): word for word in source.practices}
    used |= {own[key(word)] for word in (name, question, row) if word and key(word) in own}
    whole = words.practices.get(key(name))
    if whole or row is None:
        practice = whole or words.practice_in(name)
        return Column(at, name, "answer", practice) if practice else None
    inside, around = words.practice_in(row), words.practice_in(question)
    if inside:
        return Column(at, name, "answer", inside)
    item = words.items.get(around, {}).get(key(row)) if around else None
    return Column(at, name, "answer", around, item) if item else None


def _grid(name: str) -> tuple[str, str | None]:
    """`Question [Row]`, as a form writes each row of a grid; a plain header has no row."""
    found = _GRID.match(unicodedata.normalize("NFKC", name).strip())
    return (found[1], found[2]) if found else (name, None)


def _names(records: Iterable[Loaded[Any]]) -> dict[str, str]:
    return {key(word): r.record.id for r in records for word in (r.record.name.en, r.record.name.ja, r.record.id)}
