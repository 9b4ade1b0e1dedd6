"""Task lists of a Markdown file: headings, `- [ ]` items with what is indented below them, and tables of items."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

_FENCE = re.compile(r"^\s*(```|~~~)")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$")
_TASK = re.compile(r"^(\s*)(?:[-*+]|\d+[.)])\s+\[([ xX])\]\s+(.*\S)\s*$")
_ROW = re.compile(r"^\s*\|(.*)\|\s*$")
_RULE = re.compile(r"^[\s|:-]+$")
_ANCHOR = re.compile(r"""^<a\s+(?:name|id)=["']([^"']+)["']\s*>\s*</a>\s*""")
_CODE = re.compile(r"^(?:\*\*|`)([A-Za-z][\w.]*-\d[\w.-]*)(?:\*\*|`):?\s*|^([A-Z][A-Z0-9]*-\d+):\s*")
_STRUCK = re.compile(r"^~~.*~~$")
_LINK = re.compile(r"\[([^\]]*)\]\((\S+?)\)")
_URL = re.compile(r"https?://[^\s)>\]]+")
_MARKS = re.compile(r"[(\[（【]([^()\[\]（）【】]+)[)\]）】]")
_NOT_APPLICABLE = re.compile(r"(?<!\w)n/?a(?!\w)|該当なし|対象外", re.IGNORECASE)
_YES = {"x", "○", "◯", "✓", "✔", "yes", "y", "required", "必須", "●"}


@dataclass
class Task:
    """One item. `code` is an id that stands in it, `tiers` its marks, `below` the text lines indented under it."""

    text: str
    line: int
    done: bool
    heading: str
    code: str | None = None
    tiers: list[str] = field(default_factory=list)
    struck: bool = False
    below: list[str] = field(default_factory=list)
    items: list[Task] = field(default_factory=list)

    @property
    def url(self) -> str | None:
        """The first link in the item or below it."""
        found = _URL.search("\n".join([self.text, *self.below]))
        return found[0] if found else None

    @property
    def name(self) -> str:
        """The item as it is read: without the targets of its links."""
        return " ".join(_LINK.sub(r"\1", self.text).split())

    @property
    def bare(self) -> str:
        """The item without what is said behind it of not applying: `Item (N/A: one user)` is about `Item`."""
        return re.split(rf"[\s(（:：-]*{_NOT_APPLICABLE.pattern}", self.name, maxsplit=1, flags=re.IGNORECASE)[
            0
        ].strip()

    @property
    def not_applicable(self) -> bool:
        """Whether it says, in the item or below, that it does not apply."""
        return any(_NOT_APPLICABLE.search(unicodedata.normalize("NFKC", text)) for text in [self.text, *self.below])


def tasks(text: str, tiers: set[str], after: int = 0) -> list[Task]:
    """Items of the highest indentation, each with those below it. `after` lines are front matter.

    `tiers` are the marks that mean a tier, such as `(A, B)` behind an item, or the heads of columns in a table.
    """
    found: list[Task] = []
    open_: list[tuple[int, Task]] = []
    heading, columns, fenced = "", None, False
    for number, line in enumerate(without_comments(text).split("\n"), 1):
        if number <= after:
            continue
        if _FENCE.match(line):
            fenced = not fenced
            continue
        if fenced:
            continue
        if head := _HEADING.match(line):
            heading, open_, columns = head[1], [], None
        elif task := _TASK.match(line):
            indent = len(task[1].expandtabs(4))
            made = _task(task[3], number, task[2] in "xX", heading, tiers)
            open_ = [(at, parent) for at, parent in open_ if at < indent]
            (open_[-1][1].items if open_ else found).append(made)
            open_.append((indent, made))
        elif row := _ROW.match(line):
            columns = _row(row[1], number, heading, tiers, columns, found)
        elif line.strip() and open_ and len(line) - len(line.lstrip()) > open_[-1][0]:
            open_[-1][1].below.append(line.strip())
        elif line.strip():
            open_, columns = [], None
    return found


def without_comments(text: str) -> str:
    """HTML comments become empty lines, so that every line keeps its number."""
    return re.sub(r"<!--.*?-->", lambda found: "\n" * found[0].count("\n"), text.replace("\r\n", "\n"), flags=re.DOTALL)


def _task(text: str, line: int, done: bool, heading: str, tiers: set[str]) -> Task:
    struck = bool(_STRUCK.match(text))
    code = None
    if anchor := _ANCHOR.match(text):
        code, text = anchor[1], text[anchor.end() :]
    elif mark := _CODE.match(text):
        code, text = mark[1] or mark[2], text[mark.end() :]
    named: list[str] = []
    for found in _MARKS.finditer(text):
        words = [word for word in re.split(r"[\s,/、・]+", found[1].strip()) if word]
        if words and set(words) <= tiers:
            named += words
            text = text.replace(found[0], "")
    return Task(" ".join(text.split()), line, done, heading, code, list(dict.fromkeys(named)), struck)


def _row(
    row: str, line: int, heading: str, tiers: set[str], columns: list[str] | None, found: list[Task]
) -> list[str] | None:
    """A row of a table: the head names the columns, every other row is an item. One without tiers is passed over."""
    cells = [cell.strip() for cell in row.split("|")]
    if columns is None:
        return cells
    if _RULE.match(row) or not tiers & set(columns):
        return columns
    marked = [name for name, cell in zip(columns, cells, strict=False) if name in tiers and cell.lower() in _YES]
    text = next((cell for name, cell in zip(columns, cells, strict=False) if name not in tiers and cell), None)
    if text:
        made = _task(text, line, False, heading, tiers)
        made.tiers = marked
        found.append(made)
    return columns
