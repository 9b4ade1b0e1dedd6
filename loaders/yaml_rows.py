"""How YAML (and JSON, which is YAML) is read: every scalar as the text in the file, every value with its line.

`yaml.safe_load` would turn `no` into False, `22:30` into 1350, `010` into 8 and keep the last of two equal keys
without a word. So the nodes are composed, scalars stay text for pydantic to convert by type, and a repeated key
is a problem.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from loaders import texts
from maturity.records.problems import Problem

# A character beyond U+FFFF as JSON writes it in ASCII: two escapes, which YAML does not know together.
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
# Only these plain (unquoted) words mean "no value".
_EMPTY = {"", "~", "null", "Null", "NULL"}

# No input is deeper than about ten levels; what goes on is an alias inside its own anchor, or no file of ours.
_DEEPEST = 50
# Every value takes a character at least; only aliases of aliases make many more of them.
_UNFOLDED = 100_000


class _Text(yaml.CSafeLoader):
    """Nodes whose scalars are text: nobody asks what YAML would make of them, so nothing is matched to find out."""

    def resolve(self, kind, value, implicit):
        return ""


class _TooDeep(Exception):
    """Lists or fields do not end; noted among the problems."""


@dataclass
class Document:
    """One YAML document: plain Python values (dict, list, str, None) and the line of each path inside it."""

    file: str
    value: Any
    line: int
    lines: dict[tuple, int] = field(default_factory=dict)


def read(path: Path, file: str) -> tuple[list[Document], list[Problem]]:
    """All documents of a file. `file` is the name to use in messages. A syntax error is a problem, not an exception."""
    text, problems = text_of(path, file)
    return ([], problems) if text is None else parse(text, file)


def text_of(path: Path, file: str) -> tuple[str | None, list[Problem]]:
    """The text of a file in UTF-8, its lines ended by \\n alone; None and the problem where there is none."""
    text, problems = texts.read(path, file)
    return (None, problems) if text is None else (text.replace("\r\n", "\n").replace("\r", "\n"), [])


def parse(text: str, file: str) -> tuple[list[Document], list[Problem]]:
    """All documents of a text, whose first line is line 1 of the file."""
    try:
        nodes = [node for node in yaml.compose_all(_PAIR.sub(_joined, text), Loader=_Text) if not _is_empty(node)]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        line, found = mark.line + 1 if mark else 1, f"a syntax error ({what.removeprefix('found ')})"
        if isinstance(error, yaml.reader.ReaderError):  # a character that nobody sees, such as NUL
            line = text.count("\n", 0, max(0, text.find(chr(error.character)))) + 1
        return [], [Problem(file, line, "yaml", found, "well-formed YAML")]
    documents, problems = [], []
    for node in nodes:
        document = Document(file, None, node.start_mark.line + 1)
        try:
            document.value = _plain(node, (), document, problems, len(text) + _UNFOLDED)
        except _TooDeep:
            continue
        documents.append(document)
    return documents, problems


def _joined(pair: re.Match) -> str:
    return pair[1] + bytes.fromhex(pair[2] + pair[3]).decode("utf-16-be")


def _is_empty(node: yaml.Node | None) -> bool:
    """Is a document nothing but its `---`, as between two others or at the end of what templates write?"""
    return node is None or (isinstance(node, yaml.ScalarNode) and not node.style and node.value == "")


def _plain(node: yaml.Node, path: tuple, document: Document, problems: list[Problem], most: int) -> Any:
    document.lines[path] = node.start_mark.line + 1
    if len(document.lines) > most:
        where = str(path[0])
        found, expected = "aliases of aliases, far more than is written", "a file without them"
        problems.append(Problem(document.file, document.lines[path[:1]], where, found, expected))
        raise _TooDeep
    if len(path) > _DEEPEST:
        where, line = ".".join(map(str, path[:4])) + "...", document.lines[path]
        found, expected = f"more than {_DEEPEST} levels, one inside the other", "a file without an alias inside itself"
        problems.append(Problem(document.file, line, where, found, expected))
        raise _TooDeep
    if isinstance(node, yaml.ScalarNode):
        # libyaml marks a plain scalar with "", the Python parser with None.
        return None if not node.style and node.value in _EMPTY else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*path, i), document, problems, most) for i, child in enumerate(node.value)]
    mapping: dict[str, Any] = {}
    for key_node, child in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            where = ".".join(map(str, path)) or "key"
            problems.append(Problem(document.file, line, where, "a list or fields as a key", "a word as a key"))
            continue
        key = key_node.value
        if key in mapping:
            where = ".".join(map(str, (*path, key)))
            first = document.lines[(*path, key)]
            problems.append(
                Problem(document.file, line, where, f"the key again (first on line {first})", "each key once")
            )
            continue
        mapping[key] = _plain(child, (*path, key), document, problems, most)
        document.lines[(*path, key)] = line
    return mapping


@dataclass(frozen=True)
class ListPlace:
    """Where a list stands in a text, for adding to it and leaving everything else as it is.

    `start` and `end` are offsets in characters; `items` holds those of each item. `dash` is the column of the dashes,
    None in a list in brackets. `in_flow`: what is around it is written in braces. No value at all is an empty list.
    """

    start: int
    end: int
    items: tuple[tuple[int, int], ...]
    dash: int | None
    in_flow: bool


def list_places(text: str, key: str) -> list[ListPlace | None]:
    """The list under a key at the top of each document of a well-formed text; None where there is none."""
    nodes = [node for node in yaml.compose_all(text, Loader=_Text) if not _is_empty(node)]
    return [_list_place(text, node, key) for node in nodes]


def _list_place(text: str, node: yaml.Node, key: str) -> ListPlace | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    found = next((child for name, child in pairs if name.value == key), None)
    start, end = (found.start_mark.index, found.end_mark.index) if found else (0, 0)
    if isinstance(found, yaml.ScalarNode) and not found.style and found.value in _EMPTY:
        return ListPlace(start, end, (), None, node.flow_style)
    if not isinstance(found, yaml.SequenceNode):
        return None
    items = tuple((item.start_mark.index, item.end_mark.index) for item in found.value)
    dash = None
    if not found.flow_style:
        before = text[: items[0][0]]
        dash = before.rindex("-") - (before.rfind("\n", 0, before.rindex("-")) + 1)
    return ListPlace(start, end, items, dash, node.flow_style)


def objects(document: Document) -> Iterator[Document]:
    """A document may be one object, a list of them, or a `kind: List` as kubectl writes it: each with its own lines."""
    value = document.value
    if isinstance(value, list):
        yield from _items(document, value, ())
    elif isinstance(value, dict) and str(value.get("kind")).endswith("List") and isinstance(value.get("items"), list):
        yield from _items(document, value["items"], ("items",))
    else:
        yield document


def _items(document: Document, items: list, at: tuple) -> Iterator[Document]:
    lines: dict[int, dict[tuple, int]] = defaultdict(dict)
    depth = len(at)
    for path, line in document.lines.items():
        if len(path) > depth and path[:depth] == at:
            lines[path[depth]][path[depth + 1 :]] = line
    for i, value in enumerate(items):
        yield Document(document.file, value, lines[i][()], lines[i])
