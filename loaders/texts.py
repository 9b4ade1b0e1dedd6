"""The text of a file that people write: decoded as a whole, or the one problem that says why nothing of it is read."""

from __future__ import annotations

import re
from pathlib import Path

from maturity.records.problems import Problem, not_decoded, not_read

# Git leaves both where two people changed the same lines; one of them alone may be a heading or a rule.
_OURS, _THEIRS = re.compile(r"^<{7}( |$)", re.M), re.compile(r"^>{7}( |$)", re.M)


def read(path: Path, file: str, encoding: str = "utf-8-sig") -> tuple[str | None, list[Problem]]:
    """The text with the line ends it has; None and the problem where there is none. `file` is its name in messages."""
    try:
        text = path.read_bytes().decode(encoding)  # read_text would turn a line end inside a cell into another one
    except OSError as error:
        return None, [not_read(file, error)]
    except UnicodeDecodeError as error:
        return None, [not_decoded(file, error, "UTF-8" if encoding == "utf-8-sig" else encoding)]
    ours = _OURS.search(text)
    if ours and _THEIRS.search(text):
        line = text.count("\n", 0, ours.start()) + 1
        return None, [Problem(file, line, "merge", "<<<<<<<, the mark of a merge", "the merged text without marks")]
    return text, []
