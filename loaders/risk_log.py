"""Dated lines of a risk's log: `2026-03-12 m.arai: text`, with `[decision]` where the entry is more than a note."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import get_args

from loaders.sheet_cells import day_of
from maturity.records.risks import LogEntry

KINDS = get_args(LogEntry.model_fields["kind"].annotation)

_DATED = re.compile(
    r"(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?)(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?(?!\d)[\s,:：—–-]*(.*)", re.S
)
_KIND = re.compile(r"\[\s*([A-Za-z_ -]+?)\s*\][\s:：]*")
# One word and a colon; not that of a link.
_WHO = re.compile(r"([^\s:：\[\]()（）]{1,40})[:：](?!//)\s*(.*)", re.S)
# The words of a Markdown link, and its address; or an address alone.
_LINK = re.compile(r"\[([^\[\]]+)\]\((https?://[^\s()]+)\)|(https?://[^\s<>()\[\]]+)")
_BULLET = re.compile(r"(\s*)([-*+・•]|#{1,6}|\d+[.)])\s+(.*)")


@dataclass
class Entry:
    """One entry and the line it begins on."""

    line: int
    at: str
    by: str | None
    kind: str
    texts: list[str] = field(default_factory=list)

    def fields(self, by: str) -> dict[str, str]:
        """Fields of a `LogEntry`; `by` where the line names nobody. The first link of the text is that of the entry."""
        text = " ".join(filter(None, self.texts))
        link = _LINK.search(text)
        found = {"url": link[2] or link[3]} if link else {}
        if link and link[1]:
            text = text[: link.start()] + link[1] + text[link.end() :]
        return {"at": self.at, "by": self.by or by, "kind": self.kind, "text": text} | found


def entries(lines: Iterable[tuple[int, str]]) -> tuple[list[Entry], list[tuple[int, str]]]:
    """Dated entries in order of their days, and the lines that belong to none.

    What stands below an entry, indented or without a bullet, belongs to it; below a heading with a day everything.
    """
    found: list[Entry] = []
    lost: list[tuple[int, str]] = []
    current: Entry | None = None
    headed = False
    for line, text in lines:
        bullet = _BULLET.match(text)
        body = (bullet[3] if bullet else text).strip()
        made = _entry(line, body)
        if made:
            current, headed = made, bool(bullet) and bullet[2].startswith("#")
            found.append(made)
        elif body and current and (not bullet or bullet[1] or headed):
            current.texts.append(body)
        elif body:
            lost.append((line, body))
            current = None
    empty = [entry for entry in found if not any(entry.texts)]
    lost += [(entry.line, entry.at) for entry in empty]
    return sorted((e for e in found if e not in empty), key=lambda entry: entry.at), sorted(lost)


def _entry(line: int, body: str) -> Entry | None:
    dated = _DATED.match(unicodedata.normalize("NFKC", body[:20]) + body[20:])
    day = day_of(dated[1], []) if dated else None
    if day is None:
        return None
    kind, rest = _kind(dated[2])
    who = _WHO.match(rest)
    if who:
        second, rest = _kind(who[2])
        kind = kind or second
    return Entry(line, day.isoformat(), who[1] if who else None, kind or "note", [rest.strip()])


def _kind(text: str) -> tuple[str | None, str]:
    """A kind in brackets at the beginning and the rest; a word in brackets that is no kind is part of the text."""
    found = _KIND.match(text)
    word = re.sub(r"[\s-]+", "_", found[1].lower()) if found else None
    return (word, text[found.end() :]) if word in KINDS else (None, text)
