"""`reviews/<month>/review.json`: reviews that were frozen, each checked against the sums of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from loaders import validate
from loaders.reading import Reading
from maturity.records import FrozenReview, Loaded, Problem

HEAD = "review.json"
_BACK = "the file as it was frozen; take it back from Git"


def load(reading: Reading) -> None:
    """Read the frozen reviews. One whose files were changed is refused: its figures can no longer be trusted."""
    for tables in sorted(reading.folder.glob("reviews/*/tables")):
        head = tables.parent / HEAD
        if not (head.is_file() and head.read_bytes().strip()):
            reading.problems.append(Problem(head.relative_to(reading.folder).as_posix(), 1, "file", "nothing", _BACK))
    for path, file in reading.files(f"reviews/*/{HEAD}"):
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
    for name, frozen in review.files.items():
        found = path.parent / name
        place = f"{Path(loaded.file).parent.as_posix()}/{name}"
        if not found.is_file():
            yield Problem(place, 1, "file", "nothing", _BACK)
        elif hashlib.sha256(found.read_bytes()).hexdigest() != frozen.sha256:
            yield Problem(place, 1, "sha256", "another sum than review.json holds", _BACK)
