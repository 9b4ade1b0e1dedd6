"""What stands where data is looked for and is read by nobody: a misspelt name, `.YAML`, a spreadsheet, a dead link."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

from loaders.reading import Reading
from loaders.validate import one_of
from maturity.records.problems import Problem, is_utf8

_FILES = {
    "budget_policy.yaml", "corrections.yaml", "decisions.yaml", "exemptions.csv", "exemptions.yaml", "guide_map.yaml",
    "guide_map_changes.yaml", "incidents.yaml", "products.yaml", "review_policy.yaml", "risk_policy.yaml",
    "scoring.yaml", "signals.yaml", "sources.yaml", "watched_metrics.yaml",
}  # fmt: skip
_FOLDERS = {
    "assessments": ".yaml, .yml or .csv", "risks": ".yaml, .yml, .csv or .md", "slos": ".yaml, .yml or .json",
    "sli": ".csv or .parquet", "incidents": ".csv or .md", "postmortems": ".md", "metrics": ".csv",
    "signals": ".csv",
}  # fmt: skip
# Notes and pictures may lie beside data; what ends like these was meant to be read.
_DATA = {".csv", ".gz", ".json", ".ods", ".parquet", ".tsv", ".xls", ".xlsx", ".yaml", ".yml"}


def tell(reading: Reading) -> None:
    """A warning for each of them; asked last, when all that is read was noted."""
    known = {read.file for read in reading.bundle.files} | {problem.file for problem in reading.problems}
    patterns = [getattr(source.record, name, None) for source in reading.bundle.sources for name in ("path", "model")]
    for path, expected in _candidates(reading.folder):
        name = path.relative_to(reading.folder).as_posix()
        if not is_utf8(name):
            shown = name.encode(errors="surrogateescape").decode(errors="replace")
            reading.problems.append(Problem(shown, 1, "file", "a name that is not UTF-8", "a name in UTF-8"))
            continue
        foreign = any(pattern and PurePath(name).match(pattern) for pattern in patterns)
        buckets = name.startswith("sli/") and path.suffix in (".csv", ".parquet") and path.is_file()
        if name in known or foreign or buckets:
            continue  # SLI buckets are read by the engine, which tells what it cannot read
        reading.problems.append(Problem(name, 1, "file", f"{_kind(path)} that nothing reads", expected, "warning"))


def _candidates(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.iterdir()):
        if path.name in _FOLDERS and path.is_dir():
            expected = f"a file that ends in {_FOLDERS[path.name]}"
            yield from ((inner, expected) for inner in sorted(path.rglob("*")) if _is_data(inner))
        elif path.name in {*_FOLDERS, "raw", "reviews"}:
            if not path.is_dir():
                yield path, "a folder"
        elif _is_data(path):
            yield path, "a file" if path.name in _FILES else one_of(path.name, _FILES)


def _is_data(path: Path) -> bool:
    return path.suffix.casefold() in _DATA and not path.name.startswith(".")


def _kind(path: Path) -> str:
    if path.is_dir():
        return "a folder"
    return "a file" if path.exists() else "a link to nothing"
