"""What the cells of a sheet say: days and answers. What is not unambiguous is left out and told, never guessed."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from loaders.mapping import Mapping
from loaders.sheet_columns import Column, Words, key
from maturity.sources import SheetSource

# Words that mean the same wherever they stand. Marks such as x or a triangle do not.
_PLAIN = {
    "yes": {"state": "adopted"}, "はい": {"state": "adopted"}, "true": {"state": "adopted"},
    "no": {"state": "not_adopted"}, "いいえ": {"state": "not_adopted"}, "false": {"state": "not_adopted"},
    "adopted": {"state": "adopted"}, "not_adopted": {"state": "not_adopted"}, "inherited": {"state": "inherited"},
}  # fmt: skip

_HALF = r"(?:午前|午後|[ap]m)"
# 12:34, 12:34:56, 午後 3:04:05, 3:04:05 PM GMT+9, T12:34:56.7Z
_ZONE = r"(?:z|(?:gmt|utc)?\s*[+-]\d[\d:]*|gmt|utc)"
_TIME = rf"[\sT,]*(?:{_HALF}\s*)?\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?\s*{_HALF}?\s*{_ZONE}?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.年](\d{{1,2}})[-/.月](\d{{1,2}})日?(?:{_TIME})?", re.I)
_TIME_AT_END = re.compile(rf"(?<=\d){_TIME}$", re.I)
_NUMBERS = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b")
_SEPARATORS = re.compile(r"([,;、\n])")


def day_of(cell: str, formats: list[str]) -> dt.date | None:
    """The day of a date or time stamp, as it stands there. Only a date that begins with its year needs no format.

    >>> day_of("2026/09/30 午後 3:04:05", []), day_of("9/10/2026 15:04:05", ["%d/%m/%Y"])
    (datetime.date(2026, 9, 30), datetime.date(2026, 10, 9))
    """
    text = unicodedata.normalize("NFKC", cell).strip()
    for form in formats:
        for part in (text, _TIME_AT_END.sub("", text)):
            try:
                return dt.datetime.strptime(part, form).date()
            except ValueError:
                continue
    found = _YEAR_FIRST.fullmatch(text)
    try:
        return dt.date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def is_ambiguous(cell: str) -> bool:
    """Whether it is a date whose day and month only the people who wrote it can tell apart."""
    return bool(_NUMBERS.match(unicodedata.normalize("NFKC", cell).strip()))


@dataclass
class Answers:
    """Reads the answers of one source."""

    source: SheetSource
    words: Words
    mapping: Mapping

    def __post_init__(self) -> None:
        self._answers = _PLAIN | {key(word): _said(answer) for word, answer in self.source.answers.items()}
        self._ignored = {key(word) for word in self.source.ignore}

    def read(self, column: Column, practice: str, cell: str, file: str, line: int) -> dict[str, Any] | None:
        """Fields of the statement; none of them where the answer is to be ignored, None where it is unknown."""
        word = key(cell)
        if word in self._ignored:
            return {}
        if column.field == "items_done" and word == "-":
            return {"items_done": []}
        if column.field == "share":
            return {"share": _share(cell)}
        if word in self._answers:
            return dict(self._answers[word])
        items, unknown = self._items(practice, cell)
        if unknown:
            self._leave_out(unknown, practice, file, line)
            return None
        return {"items_done": items} if items else {}

    def done(self, cell: str, practice: str, file: str, line: int) -> bool | None:
        """Whether one item is done, by the answer to a question of its own; None where the answer says neither."""
        word = key(cell)
        said = self._answers.get(word, {}).get("state")
        if said in ("adopted", "not_adopted"):
            return said == "adopted"
        if word not in self._ignored:
            self._leave_out(cell, practice, file, line)
        return None

    def _items(self, practice: str, cell: str) -> tuple[list[str], str | None]:
        """The options that were ticked, as items; or else the first part that is no option.

        Options are joined by commas and may hold commas themselves, so runs of parts are looked up, long ones first.
        """
        known: dict[str, str | None] = dict.fromkeys(self._ignored) | self.words.items[practice]
        parts = _SEPARATORS.split(unicodedata.normalize("NFKC", cell))
        longest = max(len(_SEPARATORS.split(word)) for word in (*known, ""))
        ways: dict[int, list[str]] = {0: []}
        for start in range(0, len(parts), 2):
            if start not in ways:
                continue
            for end in range(min(start + longest, len(parts)), start, -2):
                word = key("".join(parts[start:end]))
                if (word in known or not word) and end + 1 not in ways:
                    ways[end + 1] = [*ways[start], *([known[word]] if known.get(word) else [])]
        if len(parts) + 1 in ways:
            return list(dict.fromkeys(ways[len(parts) + 1])), None
        part = parts[max(ways)]
        return [], cell if key(part) in self._answers else part

    def _leave_out(self, word: str, practice: str, file: str, line: int) -> None:
        shown = " ".join(word.split())
        expected = f"items of {practice}, or an entry in answers:, items: or ignore: of source {self.source.id}"
        self.mapping.leave_out("answer", shown if len(shown) <= 60 else shown[:57] + "...", file, line, expected)


def _said(answer: str) -> dict[str, Any]:
    word, *provider = answer.split()
    if provider:
        return {"state": word, "provider": provider[0]}
    return {"state": word} if word in ("adopted", "not_adopted") else {"share": word}


def _share(cell: str) -> str:
    """`50%` as 0.5; anything else as it stands, for the record to judge."""
    text = unicodedata.normalize("NFKC", cell).strip()
    try:
        return str(float(text[:-1]) / 100) if text.endswith("%") else text
    except ValueError:
        return text
