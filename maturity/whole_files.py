"""Files that are there whole or not at all, whenever the run ends: a full disk, Ctrl-C, a killed machine."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


def put(path: Path, content: str | bytes) -> None:
    """Put a whole new file in the place of the old one, with its mode; a link goes on leading to it.

    A text is written in UTF-8 with the line ends it has. One writer at a time for each file.
    """
    path = path.resolve()
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        _write(temporary, content)
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def put_all(folder: Path, files: Mapping[str, Callable[[], str | bytes]]) -> None:
    """Write several files into a folder, which is made where it is not there: all of them, or none.

    All are made and on disk before the first old one gives way; other files of the folder stay. Raises OSError.
    """
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as made:
            for name, make in files.items():
                if (folder / name).is_dir():
                    raise IsADirectoryError(21, os.strerror(21), str(folder / name))
                _write(Path(made) / name, make())
            with _uninterrupted():
                for name in files:
                    (Path(made) / name).replace(folder / name)
    except BaseException:
        if is_new and not any(folder.iterdir()):
            folder.rmdir()
        raise


def _write(path: Path, content: str | bytes) -> None:
    with path.open("wb") as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits for what takes a thousandth of a second."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
