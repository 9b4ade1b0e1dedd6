"""The files of a DSOMM folder: where they lie, what refers to what, and what `meta.yaml` says of teams and stages.

Format: assets/YAML/ of the DSOMM application. `meta.yaml` names the others; `$ref: 'file#/path'` may stand anywhere.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders.reading import Reading
from loaders.yaml_rows import Document
from maturity.records.problems import Loaded, Problem, show
from maturity.sources import DsommSource

META, PROGRESS, EVIDENCE = "meta.yaml", "team-progress.yaml", "team-evidence.yaml"
_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_MOST_HOPS = 20


@dataclass(frozen=True)
class Place:
    """One value of a YAML document, and where it stands."""

    document: Document
    path: tuple = ()
    value: Any = None

    @classmethod
    def root(cls, document: Document) -> Place:
        return cls(document, (), document.value)

    @property
    def file(self) -> str:
        return self.document.file

    @property
    def line(self) -> int:
        return self.document.lines.get(self.path, self.document.line)

    def at(self, key: Any) -> Place:
        """The value inside; empty, at this line, where there is none."""
        inside = self.value.get(key) if isinstance(self.value, dict) else None
        return Place(self.document, (*self.path, key), inside)

    def entries(self) -> Iterator[tuple[str, Place]]:
        """(key, value) of a mapping; nothing of anything else."""
        for key in self.value if isinstance(self.value, dict) else ():
            yield key, self.at(key)

    def items(self) -> list[Place]:
        """The values of a list; none of anything else."""
        values = self.value if isinstance(self.value, list) else []
        return [Place(self.document, (*self.path, i), value) for i, value in enumerate(values)]

    def problem(self, expected: str, found: str | None = None, level: str = "error") -> Problem:
        """A problem with this value, named by its path."""
        field_ = ".".join(map(str, self.path)) or "file"
        around = (self.path[:i] for i in range(len(self.path), 0, -1))
        line = next((n for path in around if (n := self.document.lines.get(path))), self.line)
        return Problem(self.file, line, field_, found or shown(self.value), expected, level)


def shown(value: Any) -> str:
    """What was found, in a few words."""
    if isinstance(value, dict):
        return "fields"
    return f"a list of {len(value)}" if isinstance(value, list) else show(value)


def day_of(text: Any) -> dt.date | None:
    """A date, from `2026-01-15` or `2026-01-15T08:00:00Z`; None where it is none."""
    try:
        return dt.datetime.fromisoformat(text.strip()).date() if isinstance(text, str) else None
    except ValueError:
        return None


@dataclass
class Folder:
    """The folder of one source. Every problem with a file of it goes to the reading."""

    reading: Reading
    source: Loaded[DsommSource]
    base: Path
    _documents: dict[Path, list[Place]] = field(default_factory=dict)

    @classmethod
    def open(cls, reading: Reading, source: Loaded[DsommSource]) -> Folder | None:
        """The folder that `path` names; None, with a problem, where there is none below the data folder."""
        base = (reading.folder / source.record.path).resolve()
        if not base.is_relative_to(reading.folder.resolve()) or not base.is_dir():
            expected = "a folder below the data folder, with meta.yaml and team-progress.yaml"
            reading.problems.append(source.problem(("path",), source.record.path, expected))
            return None
        return cls(reading, source, base)

    def name(self, path: Path) -> str:
        """A file as messages name it."""
        return path.relative_to(self.reading.folder.resolve()).as_posix()

    def documents(self, path: Path) -> list[Place]:
        """The documents of a file that hold anything; read once."""
        if path not in self._documents:
            found = self.reading.documents(path, self.name(path))
            self._documents[path] = [Place.root(document) for document in found if document.value is not None]
        return self._documents[path]

    def tell(self, problem: Problem) -> None:
        self.reading.problems.append(problem)

    # ---------------------------------------------------------------------------------------------- references

    def follow(self, place: Place, hops: int = 0) -> Place:
        """What a `$ref` stands for; the place itself where it is none. A reference to nothing is an empty value."""
        if not isinstance(place.value, dict) or "$ref" not in place.value:
            return place
        ref = place.at("$ref")
        nothing = Place(place.document, place.path, None)
        if not isinstance(ref.value, str) or hops > _MOST_HOPS:
            self.tell(ref.problem("a reference such as 'file.yaml#/path' that ends somewhere"))
            return nothing
        name, _, inside = (part.strip() for part in ref.value.partition("#"))
        here = Place.root(place.document)
        if name:
            path = self.inside(ref, (self.reading.folder.resolve() / place.file).parent / name)
            documents = self.documents(path) if path else []
            if not documents:
                return nothing
            here = documents[-1]
        for key in filter(None, inside.split("/")):
            here = self.follow(here, hops + 1).at(key)
            if here.value is None:
                self.tell(ref.problem(f"a path that stands in {here.file}"))
                return nothing
        return self.follow(here, hops + 1)

    def inside(self, place: Place, path: Path) -> Path | None:
        """A file that `place` names; None, with a problem, where it is not there or not below the folder."""
        path = path.resolve()
        if path.is_relative_to(self.base) and path.is_file():
            return path
        self.tell(place.problem(f"a file below {self.name(self.base)}"))
        return None

    # ---------------------------------------------------------------------------------------------- dated files

    def dated(self, usual: str) -> list[tuple[dt.date, Path]]:
        """Files of a series, oldest first: the date stands in the name of the file or of a folder above it."""
        stem, found = Path(usual).stem, {}
        for path in sorted(self.base.rglob("*.y*ml")):
            parts = path.relative_to(self.base).parts
            if _DATE.sub("", path.stem).strip("-_. ") != stem or any(part.startswith(".") for part in parts):
                continue
            dates = _DATE.findall("/".join(parts))
            if not dates:
                continue
            day = day_of(dates[-1])
            if day is None or day in found:
                taken = found.get(day)
                expected = f"one file a day; {self.name(taken)} is read" if taken else "a date such as 2026-01-15"
                self.tell(Problem(self.name(path), 1, "file", f"the date {dates[-1]} in its name", expected))
                continue
            found[day] = path
        return sorted(found.items())

    # ---------------------------------------------------------------------------------------------- meta.yaml

    @property
    def home(self) -> Path:
        """The folder with meta.yaml: the source's own, or else that of the newest date."""
        if (self.base / META).is_file():
            return self.base
        return next((path.parent for _, path in reversed(self.dated(META))), self.base)

    @property
    def meta(self) -> Place | None:
        path = self.home / META
        documents = self.documents(path) if path.is_file() else []
        return documents[0] if documents else None

    def setting(self, key: str) -> Place | None:
        """A field of meta.yaml with its reference followed; None where it is empty."""
        place = self.follow(self.meta.at(key)) if self.meta else None
        return place if place is not None and place.value is not None else None

    def named(self, key: str, usual: str) -> str:
        """A text of meta.yaml, such as the name of a file, or the usual one."""
        place = self.setting(key)
        return place.value if place and isinstance(place.value, str) else usual

    def teams(self) -> set[str]:
        """The teams of meta.yaml; none where it lists none."""
        place = self.setting("teams")
        found = [self.follow(item).value for item in place.items()] if place else []
        return {team for team in found if isinstance(team, str)}

    def scores(self) -> dict[str, float]:
        """Stage -> share (0-1) of meta.yaml and of the source. Titles are free text: only the score gives an order."""
        place, found = self.setting("progressDefinition"), {}
        for title, stage in place.entries() if place else ():
            stage = self.follow(stage)
            score = stage.at("score") if isinstance(stage.value, dict) else stage
            value = _score(score.value)
            if value is None:
                self.tell(score.problem("a score from 0 to 1, such as 20% or 0.2"))
            else:
                found[title] = value
        if place and not {0.0, 1.0} <= set(found.values()):
            self.tell(place.problem("a stage of 0% and one of 100%", f"the scores {_listed(found.values())}"))
        return found | self.source.record.stages


def _score(value: Any) -> float | None:
    text = value.strip() if isinstance(value, str) else ""
    try:
        number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return None
    return number if 0 <= number <= 1 else None


def _listed(values: Any) -> str:
    return ", ".join(f"{value:.0%}" for value in sorted(values)) or "of none"
