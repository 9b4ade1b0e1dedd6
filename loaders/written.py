"""Text written into a data folder stays only if the folder then reads as before, and with what was added."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from loaders import kept_answers, registry
from loaders.reading import Reading
from maturity.records import Problem


class NotWritten(Exception):
    """The file is as it was before; `problems` say what would not read well."""

    def __init__(self, message: str, problems: list[Problem]) -> None:
        super().__init__(message)
        self.problems = problems


def append(
    folder: Path,
    file: str,
    head: str,
    lines: list[str],
    before: Reading,
    has_it: Callable[[Reading], bool],
    day: dt.date,
) -> int:
    """Put lines behind a file of the folder, which begins with `head` if it is new; returns the line of the first.

    Raises NotWritten where that brings a problem, or not `has_it`.
    """
    path = folder / file
    old = path.read_text(encoding="utf-8") if path.exists() else None
    start = old if old is not None else head
    start = start if start.endswith("\n") else start + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept_answers.replace_file(path, start + "".join(f"{line}\n" for line in lines))
    after = registry.read_folder(folder, day)
    problems = sorted({*after.problems} - {*before.problems})
    if problems or not has_it(after):
        path.unlink() if old is None else kept_answers.replace_file(path, old)
        raise NotWritten(f"{file} is as it was before: what was added does not read well", problems)
    return start.count("\n") + 1
