"""Folders that may not be read: globbing passes them over, and a build would publish as if nothing stood in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from maturity.records.problems import Problem

_DEEPEST = 3  # raw/SOURCE/SLO is the deepest place of ours; its thousands of files need not be listed for this


class FoldersCannotBeRead(Exception):
    """Nothing of the data folder is read; `problems` name the folders that may not be listed or entered."""

    def __init__(self, folder: Path, problems: list[Problem]) -> None:
        super().__init__(str(folder))
        self.folder = folder
        self.problems = problems


def refuse(folder: Path) -> None:
    """Raise FoldersCannotBeRead where a folder of the data folder, or itself, is closed to whoever runs this."""
    found = [path.relative_to(folder).as_posix() for path in _closed(folder, _DEEPEST)]
    if found:
        expected = "a folder that whoever runs this may read"
        raise FoldersCannotBeRead(
            folder, [Problem(name, 1, "folder", "Permission denied", expected) for name in sorted(found)]
        )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _closed(folder: Path, depth: int) -> Iterator[Path]:
    # The effective user is the one that opens files, which may not be the one that started the process.
    effective = os.access in os.supports_effective_ids
    if not os.access(folder, os.R_OK | os.X_OK, effective_ids=effective):
        yield folder
    elif depth:
        with os.scandir(folder) as entries:
            inner = [Path(entry.path) for entry in entries if not entry.name.startswith(".") and _is_folder(entry)]
        for path in inner:
            yield from _closed(path, depth - 1)
