"""`reviews/<month>/review.json`: reviews that were frozen, each checked against the sums of its files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from loaders import validate
from loaders.reading import Reading
from maturity.records.forms import MONTH_PATTERN
from maturity.records.problems import Loaded, Problem
from maturity.records.reviews import FrozenReview

HEAD = "review.json"
_BACK = "the file as it was frozen; take it back from Git"
_MONTH = "a folder that is called as its month, such as 2026-09"
# A folder of notes may lie there; a review that is called otherwise is missed.
_LEVEL = {True: "error", False: "warning"}
# Of files that are gone, so many are told one by one.
_NAMED = 3


def load(reading: Reading) -> None:
    """Read the frozen reviews. One whose files were changed is refused: its figures can no longer be trusted."""
    for folder in sorted(reading.folder.glob("reviews/*/")):
        if folder.name.startswith("."):
            continue
        name = folder.relative_to(reading.folder).as_posix()
        if not re.fullmatch(MONTH_PATTERN, folder.name):
            frozen = any((folder / part).exists() for part in (HEAD, "tables"))
            told = Problem(name, 1, "folder", f"{folder.name}, which nothing reads", _MONTH, _LEVEL[frozen])
            reading.problems.append(told)
        elif not ((folder / HEAD).is_file() and (folder / HEAD).read_bytes().strip()):
            reading.problems.append(Problem(f"{name}/{HEAD}", 1, "file", "nothing", _BACK))
        else:
            _review(reading, folder / HEAD, f"{name}/{HEAD}")


def _review(reading: Reading, path: Path, file: str) -> None:
    for document in reading.documents(path, file)[:1]:
        loaded, problems = validate.record(FrozenReview, document.value, document)
        problems += list(_changed(path, loaded)) if loaded else []
        reading.problems += problems
        reading.bundle.reviews += [] if problems else [loaded]
        reading.note(path, file, "reviews", 1, int(not problems))


def _changed(path: Path, loaded: Loaded[FrozenReview]) -> Iterator[Problem]:
    review = loaded.record
    if path.parent.name != review.month:
        yield loaded.problem(("month",), review.month, f"{path.parent.name}, as its folder is called")
    if f"{review.as_of:%Y-%m}" != review.month:
        yield loaded.problem(("as_of",), str(review.as_of), f"a day of {review.month}")
    for table in sorted(path.parent.glob("tables/*.parquet")):
        if (name := table.relative_to(path.parent).as_posix()) not in review.files:
            place = f"{Path(loaded.file).parent.as_posix()}/{name}"
            yield Problem(place, 1, "file", "a table that review.json does not name", "no such file; take it away")
    missing = [name for name in review.files if not (path.parent / name).is_file()]
    if len(missing) > _NAMED:
        found = f"nothing of {len(missing)} of {len(review.files)} files, such as {missing[0]}"
        yield loaded.trouble(("files",), found, "the files as they were frozen; take them back from Git")
    for name, frozen in review.files.items():
        found = path.parent / name
        place = f"{Path(loaded.file).parent.as_posix()}/{name}"
        if name in missing:
            if len(missing) <= _NAMED:
                yield Problem(place, 1, "file", "nothing", _BACK)
        elif hashlib.sha256(found.read_bytes()).hexdigest() != frozen.sha256:
            yield Problem(place, 1, "sha256", "another sum than review.json holds", _BACK)
