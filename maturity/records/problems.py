"""What is wrong with an input, and a record with the place it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel


def is_utf8(name: str) -> bool:
    """Whether the name of a file is; Python keeps other bytes as surrogates, which nothing can store or print."""
    return not any("\ud800" <= sign <= "\udfff" for sign in name)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with the input, at a place the writer of the file can go to.

    `level` is "error" (the row is not loaded) or "warning" (loaded, but worth a look).
    """

    file: str
    line: int
    field: str
    found: str
    expected: str
    level: str = "error"

    def __str__(self) -> str:
        mark = "" if self.level == "error" else "warning: "
        return f"{self.file}:{self.line}: {mark}{self.field}: found {self.found}, expected {self.expected}"


def not_read(file: str, error: OSError) -> Problem:
    """A file that the machine does not hand out."""
    return Problem(file, 1, "file", error.strerror or str(error), "a file that can be read")


def not_decoded(file: str, error: UnicodeDecodeError, name: str = "UTF-8") -> Problem:
    """The line of a file at which its bytes are no text in the encoding `name`."""
    line = error.object.count(b"\n", 0, error.start) + 1
    if name == "UTF-8" and error.object[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Problem(file, line, "encoding", "UTF-16 text", "UTF-8 text")
    return Problem(
        file, line, "encoding", f"a byte that is not {name} (0x{error.object[error.start]:02x})", f"{name} text"
    )


R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True)
class Loaded(Generic[R]):
    """A record and where it came from. `lines` maps a path inside the record to its line in `file`.

    `places` are those of parts that stand in another file, which changed the record.
    """

    record: R
    file: str
    line: int
    lines: dict[tuple, int] = field(default_factory=dict, compare=False)
    places: dict[tuple, tuple[str, int]] = field(default_factory=dict, compare=False)

    def line_of(self, *path: Any) -> int:
        """Line of a field, or of the nearest thing around it that has one."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return self.line

    def place_of(self, *path: Any) -> tuple[str, int]:
        """File and line of a field, or of the nearest thing around it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return self.file, self.line_of(*path)

    def problem(self, path: tuple, found: Any, expected: str, level: str = "error") -> Problem:
        """A problem with one field of this record, quoting the value that was found."""
        return self.trouble(path, show(found), expected, level)

    def trouble(self, path: tuple, found: str, expected: str, level: str = "error") -> Problem:
        """A problem with one field of this record, saying in words what was found."""
        return Problem(*self.place_of(*path), ".".join(map(str, path)), found, expected, level)


def show(value: Any) -> str:
    """A value as it is quoted in a message: short, and without line breaks."""
    if value is None:
        return "nothing"
    text = str(value).replace("\n", " ")
    return repr(text if len(text) <= 60 else text[:57] + "...") if isinstance(value, str) else text
