"""What the cells of a risk register say: numbers, shares, days. What is not plainly a number is told, never guessed."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Iterable

from loaders.sheet_cells import day_of
from maturity.records.problems import show

_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_FORMULA_ERROR = re.compile(r"#(?:REF|DIV/0|N/A|VALUE|NAME|NUM|NULL|ERROR|SPILL)[!?]?", re.I)
_NO_DAY = re.compile(r"0000[-/.]00[-/.]00(?:[ T]00:00(?::00)?)?")

_TOO_SMALL, _TOO_BIG = 1e-9, 1e15  # beyond them it is a slip, and arithmetic on it may fail

Trouble = tuple[str, str]  # what was found, what was expected


def plain_number(text: str) -> float | None:
    """A number as spreadsheets write it; None for everything else.

    >>> plain_number("1,440"), plain_number(".2"), plain_number("60 min"), plain_number("1,5")
    (1440.0, 0.2, None, None)
    """
    text = unicodedata.normalize("NFKC", text).strip()
    value = float(text.replace(",", "")) if _NUMBER.fullmatch(text) else math.inf
    return value if value == 0 or _TOO_SMALL < abs(value) < _TOO_BIG else None


def number(text: str, above: bool = False, what: str = "a number") -> tuple[float | None, Trouble | None]:
    """A number that is not negative, or with `above` not 0 either; else what is wrong with it."""
    if _FORMULA_ERROR.fullmatch(text.strip()):
        return None, (show(text), f"{what}; the sheet has a formula error there")
    value = plain_number(text)
    if value is None:
        return None, (show(text), f"{what} such as 90, 1,440 or 0.5, without words")
    if value < 0 or (above and value == 0):
        return None, (show(text), f"{what} {'above' if above else 'at least'} 0")
    return value, None


def shares(
    cells: Iterable[tuple[int, str]], most: float = 1
) -> tuple[dict[int, float], list[tuple[int, str, str, str]]]:
    """Line -> share of each cell of one column, and (line, found, expected, level) of what is wrong.

    `20%` is 0.2. A number without the sign is a share, unless one of the column is above 1 or has the sign: then all
    are per cent, and one of at most 1 is told, because the writer may have meant the share.
    """
    texts = {line: unicodedata.normalize("NFKC", text).strip() for line, text in cells if text.strip()}
    signed = {line for line, text in texts.items() if text.endswith("%")}
    found, wrong = {}, []
    for line, text in texts.items():
        value, trouble = number(text.removesuffix("%").strip(), what="a share such as 20% or 0.2")
        if trouble:
            wrong.append((line, show(text), trouble[1], "error"))
        else:
            found[line] = value
    plain = {line: value for line, value in found.items() if line not in signed}
    per_cent = bool(signed) or any(value > 1 for value in plain.values())
    for line, value in list(found.items()):
        if per_cent and line in plain and 0 < value <= 1:
            read = f"{show(texts[line])} in a column of per cent (read as {value:g} %)"
            wrong.append((line, read, f"{value:g}% or {value * 100:g}%", "warning"))
        found[line] = value / 100 if per_cent else value
        if found[line] > most:
            wrong.append((line, show(texts[line]), "at most 100%", "error"))
            del found[line]
    return found, wrong


def share(text: str) -> tuple[float | None, Trouble | None]:
    """One share by itself: `20%`, `.2` and `20` are 0.2."""
    found, wrong = shares([(0, text)])
    return found.get(0), wrong[0][1:3] if wrong else None


def day(text: str, formats: list[str] | None) -> tuple[dt.date | None, Trouble | None]:
    """The day of a cell; neither day nor trouble where it is empty or 0000-00-00, which databases put for none."""
    if not text.strip() or _NO_DAY.fullmatch(text.strip()):
        return None, None
    found = day_of(text, formats or [])
    forms = f" or as {', '.join(formats)}" if formats else ", or date_formats: in the source"
    forms = "" if formats is None else forms
    return found, None if found else (show(text), f"a date such as 2026-09-30{forms}")


def parts(text: str, known: Callable[[str], bool] = lambda word: False) -> list[str]:
    """The entries of a list in one cell, split by the first of line break, pipe, semicolon and comma that it holds.

    What is a known word as a whole is one entry, whatever it holds.
    """
    if known(text):
        return [text.strip()]
    mark = next((mark for mark in ("\n", "|", ";", "、", ",") if mark in text.strip()), None)
    return (
        [part.strip() for part in text.split(mark) if part.strip()] if mark else [text.strip()] if text.strip() else []
    )
