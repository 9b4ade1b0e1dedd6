"""The CSV files of a source: which they are, and in what encoding. Of several encodings none is guessed."""

from __future__ import annotations

import codecs
from pathlib import Path

from loaders.reading import Reading
from maturity.records.problems import Loaded, Problem, not_read
from maturity.sources import CsvFiles, Import

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def files(reading: Reading, source: Loaded[Import], what: str = "CSV files") -> list[tuple[Path, str]]:
    """The files of a source, in name order; a problem of the source where there is none."""
    pattern = source.record.path
    try:
        found = reading.files(pattern) if ".." not in Path(pattern).parts else []
    except (NotImplementedError, ValueError):  # an absolute path, or `**` as part of a name
        found = []
    if not found:
        reading.problems.append(source.problem(("path",), pattern, f"{what} below the data folder"))
    return found


def codec(path: Path, file: str, source: CsvFiles) -> tuple[str | None, list[Problem]]:
    """By the byte order mark, else as declared. What is plainly in another encoding is a problem."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return None, [not_read(file, error)]
    seen = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    seen = seen or ("utf-8" if _is_utf8(data, source.encoding) else None)
    if seen is None and source.encoding is None:
        expected = f"UTF-8 text, or encoding: in source {source.id} (cp932 for Shift_JIS)"
        return None, [Problem(file, 1, "encoding", "bytes that are not UTF-8", expected)]
    if seen and source.encoding and seen != source.encoding:
        expected = f"{source.encoding}, as encoding: of source {source.id} says"
        return None, [Problem(file, 1, "encoding", f"{seen} text", expected)]
    found = source.encoding or seen
    return "utf-8-sig" if found == "utf-8" else found, []


def _is_utf8(data: bytes, declared: str | None) -> bool:
    """Whether bytes without a mark are UTF-8 and hardly anything else: plain ASCII is whatever was declared."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    if declared == "utf-16":
        return "\0" not in text
    return not text.isascii() or declared in (None, "utf-8")
