"""Notes in Markdown: front matter as a YAML document, and the text below each heading, with their lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from loaders import yaml_rows
from loaders.reading import Reading
from loaders.yaml_rows import Document
from maturity.records.problems import Problem, show

_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE = re.compile(r"^\s*(```|~~~)")


@dataclass
class Section:
    """The text below one heading; `line` is its first line, `heading` that of the heading."""

    name: str
    depth: int
    heading: int
    lines: list[str] = field(default_factory=list)

    @property
    def line(self) -> int:
        return self.heading + 1

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


def front_matter(reading: Reading, file: str, lines: list[str], needed: str) -> tuple[Document | None, int]:
    """The front matter as a document, and how many lines it takes; None, told, where there is none."""
    expected = f"--- with {needed} --- at the top"
    end = next((i for i, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if lines[0].strip() != "---" or end is None:
        found = "no front matter" if lines[0].strip() != "---" else "front matter without an end"
        reading.problems.append(Problem(file, 1, "front matter", found, expected))
        return None, 0
    documents, problems = yaml_rows.parse("\n".join(lines[:end]), file)
    reading.problems += problems
    value = documents[0].value if documents else None
    if isinstance(value, dict):
        return documents[0], end + 1
    if not problems:
        reading.problems.append(Problem(file, 1, "front matter", show(value), expected))
    return None, 0


def sections(lines: list[str], after: int, known: Callable[[str], object]) -> list[Section]:
    """The parts of a body. A heading below one that is read belongs to its text, and so does fenced code."""
    found = [Section("", 0, after)]
    fenced = False
    for number, line in enumerate(lines[after:], after + 1):
        fenced ^= bool(_FENCE.match(line))
        head = None if fenced else _HEADING.match(line)
        inside = found[-1].depth and known(found[-1].name)
        if head and not (inside and len(head[1]) > found[-1].depth):
            found.append(Section(head[2], len(head[1]), number))
        else:
            found[-1].lines.append(line)
    return found


def named(heading: str, fields: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """The fields a heading names; `Summary / 概要` names one in both languages."""
    parts = re.split(r"[/／|・()（）]", unicodedata.normalize("NFKC", heading).casefold())
    words = [fields.get(" ".join(word.split()).strip(":： ")) for word in parts]
    found = [name for name in words if name]
    return found if len({name for name, _ in found}) == 1 else []
