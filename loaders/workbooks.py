"""The one home of openpyxl: the cells of some sheets of an .xlsx file, as values and with their rows."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from maturity.records.problems import Problem

# A workbook of answers holds a few hundred kilobytes; a small file that unpacks to far more is no workbook of answers.
_LARGEST = 64 * 2**20

# openpyxl lets the errors of zip, XML and its own lookups through, whichever the damage hits first.
_DAMAGE = (
    OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError,
    SyntaxError, LookupError, ValueError, TypeError, AttributeError,
)  # fmt: skip

# Sheet -> rows; row 1 is the first one.
Sheets = dict[str, list[tuple[Any, ...]]]


def read(path: Path, file: str, names: Collection[str]) -> tuple[Sheets, list[Problem]]:
    """Rows of the named sheets, hidden ones too; formulas as the values that were last computed, None where never."""
    import openpyxl  # as long in loading as all of ours: only those who have a workbook wait for it
    from openpyxl.utils.exceptions import InvalidFileException

    expected = "an .xlsx workbook without a password"
    try:
        with zipfile.ZipFile(path) as zipped:
            if sum(part.file_size for part in zipped.infolist()) > _LARGEST:
                return {}, [Problem(file, 1, "file", "a workbook that unpacks to more than 64 MB", "a smaller one")]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # extensions of Excel that nobody reads here
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                present = [name for name in names if name in book.sheetnames]
                found = {name: list(book[name].iter_rows(values_only=True)) for name in present}
            finally:
                book.close()
    except (*_DAMAGE, InvalidFileException):
        return {}, [Problem(file, 1, "file", "something that does not open", expected)]
    missing = sorted(set(names) - set(found))
    return found, [Problem(file, 1, "sheet", f"no sheet {name}", "a sheet of that name") for name in missing]
