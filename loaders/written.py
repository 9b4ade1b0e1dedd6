"""Text written into a data folder stays only if the folder then reads as before, and with what was added."""

from __future__ import annotations

import datetime as dt
import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from loaders import registry
from loaders.reading import Reading
from maturity import whole_files
from maturity.records.problems import Problem


class NotWritten(Exception):
    """The file is as it was before; `problems` say what would not read well."""

    def __init__(self, message: str, problems: list[Problem]) -> None:
        super().__init__(message)
        self.problems = problems


@contextmanager
def only_writer(folder: Path, wait: bool = True) -> Iterator[None]:
    """Nobody else who asks for it writes into the folder meanwhile: from reading what is there to reading it again.

    The lock is on the folder itself, leaves no file and goes with the process. Without `wait`, raises BlockingIOError
    where another has it. A file system that cannot lock folders (some shared ones) is written to without.
    """
    held = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError as error:
            if error.errno not in (errno.EBADF, errno.ENOLCK, errno.ENOTSUP):
                raise
        yield
    finally:
        os.close(held)


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

    `lines` are an entry that is moved in by two spaces. Raises NotWritten where that brings a problem, or not `has_it`,
    and where the file cannot be read.
    """
    path = folder / file
    if file in before.unread:
        raise NotWritten(f"{file} cannot be read; nothing was written", [p for p in before.problems if p.file == file])
    old = path.read_bytes().decode("utf-8") if path.exists() else None
    newline = "\r\n" if "\r\n" in (old or "") else "\n"
    start = _begun(old or "", head.replace("\n", newline), newline)
    if re.search(r"^- ", start, flags=re.M):  # entries stand as far left as the key of their list
        lines = [line.removeprefix("  ") for line in lines]
    path.parent.mkdir(parents=True, exist_ok=True)
    whole_files.put(path, start + "".join(f"{line}{newline}" for line in lines))
    try:
        after = registry.read_folder(folder, day)
    except BaseException:  # Ctrl-C before it is known to read well
        _put_back(path, old)
        raise
    problems = sorted({*after.problems} - {*before.problems})
    if problems or not has_it(after):
        _put_back(path, old)
        # Without a new problem it waits for what stands in a file that cannot be read.
        raise NotWritten(f"{file} is as it was before: what was added does not read well", problems or after.problems)
    return start.count("\n") + 1


def _put_back(path: Path, old: str | None) -> None:
    path.unlink() if old is None else whole_files.put(path, old)


def _begun(old: str, head: str, newline: str) -> str:
    """The text of a file up to its next entry: `head` where it holds nothing but remarks, an empty list opened."""
    if not re.search(r"^\ufeff? *[^\s#\ufeff]", old, flags=re.M):
        old += head if old.endswith("\n") or not old else newline + head
    start = re.sub(r"^(\ufeff?\w+:) *\[ *\]", r"\1", old, flags=re.M)
    return start if start.endswith("\n") else start + newline
