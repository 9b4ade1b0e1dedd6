"""Entities of a Backstage catalogue: from `catalog-info.yaml` files and the Locations in them to names and fields."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders.reading import Reading
from loaders.yaml_rows import Document
from maturity.records.problems import Loaded, Problem, show
from maturity.sources import BackstageSource

_KINDS = {"api", "component", "domain", "group", "location", "resource", "system", "template", "user"}
_REF = re.compile(r"^(?:([^:/\s]+):)?(?:([^:/\s]+)/)?([^:/\s]+)$")
_PLACEHOLDER = "${{"

# (kind, namespace, name), all in lower case: references are compared so.
Ref = tuple[str, str, str]


@dataclass(frozen=True)
class Entity:
    """One document of a catalogue."""

    ref: Ref
    name: str
    namespace: str
    value: dict[str, Any]
    document: Document

    @property
    def file(self) -> str:
        return self.document.file

    def line(self, *path: Any) -> int:
        """Line of a field, or of the nearest thing around it."""
        while path and path not in self.document.lines:
            path = path[:-1]
        return self.document.lines.get(path, self.document.line)

    def mapping(self, *path: str) -> dict[str, Any]:
        """A mapping inside the entity; empty where there is none."""
        found: Any = self.value
        for part in path:
            found = found.get(part) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def text(self, *path: str) -> str | None:
        """A text inside the entity; None where it is empty or something else."""
        found = self.mapping(*path[:-1]).get(path[-1])
        return found.strip() or None if isinstance(found, str) else None

    def problem(self, path: tuple, found: str, expected: str, level: str = "error") -> Problem:
        """A problem with one field, at its line."""
        return Problem(self.file, self.line(*path), ".".join(map(str, path)), found, expected, level)


def ref(text: str, kind: str, namespace: str = "default") -> Ref | None:
    """`[kind:][namespace/]name` with the defaults of its field; None where it is no reference.

    >>> ref("Team-A", "group"), ref("user:ops/kim", "group")
    (('group', 'default', 'team-a'), ('user', 'ops', 'kim'))
    """
    match = _REF.match(text.strip())
    if not match:
        return None
    return (match[1] or kind).lower(), (match[2] or namespace).lower(), match[3].lower()


@dataclass
class Catalog:
    """Every entity of a source, in the order of the files; `counts` are documents by file."""

    reading: Reading
    source: Loaded[BackstageSource]
    entities: dict[Ref, Entity] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    paths: dict[str, Path] = field(default_factory=dict)

    @classmethod
    def read(cls, reading: Reading, source: Loaded[BackstageSource]) -> Catalog:
        """Read the files of a source, and those that their Locations point to."""
        catalog = cls(reading, source)
        files = reading.files(source.record.path)
        if not files:
            expected = "a file or pattern below the data folder"
            reading.problems.append(source.trouble(("path",), f"no file {source.record.path}", expected))
        for path, file in files:
            catalog._file(path, file)
        return catalog

    def of_kind(self, kinds: set[str]) -> Iterator[Entity]:
        """Entities of some kinds (lower case)."""
        return (entity for entity in self.entities.values() if entity.ref[0] in kinds)

    def _file(self, path: Path, file: str) -> None:
        if file in self.paths:  # named twice, or a circle of Locations
            return
        self.paths[file] = path
        for document in self.reading.documents(path, file):
            self.counts[file] += 1
            entity = self._entity(document)
            if entity is None:
                continue
            if entity.ref in self.entities:
                first, (kind, namespace, name) = self.entities[entity.ref], entity.ref
                found = f"{kind}:{namespace}/{name} again (first at {first.file}:{first.line()})"
                self._tell(entity.problem(("metadata", "name"), found, "each entity once"))
                continue
            self.entities[entity.ref] = entity
            if entity.ref[0] == "location":
                self._follow(entity, path)

    def _entity(self, document: Document) -> Entity | None:
        value = document.value
        metadata = value.get("metadata") if isinstance(value, dict) else None
        if not isinstance(metadata, dict) or not isinstance(value.get("kind"), str):
            found = f"fields ({', '.join(list(value)[:4])})" if isinstance(value, dict) else show(value)
            self._tell(Problem(document.file, document.line, "entity", found, "apiVersion, kind and metadata"))
            return None
        name, kind = metadata.get("name"), value["kind"].strip()
        namespace = metadata.get("namespace")
        namespace = namespace if isinstance(namespace, str) and namespace else "default"
        entity = Entity((kind.lower(), namespace.lower(), str(name).lower()), str(name), namespace, value, document)
        if not isinstance(name, str) or not name:
            self._tell(entity.problem(("metadata", "name"), show(name), "the name of the entity"))
            return None
        if _PLACEHOLDER in name or _PLACEHOLDER in namespace:
            self._tell(entity.problem(("metadata", "name"), show(name), "a name; this is a template", "warning"))
            return None
        if kind.lower() not in _KINDS:
            self._tell(entity.problem(("kind",), show(kind), f"one of {', '.join(sorted(_KINDS))}", "warning"))
            return None
        if not isinstance(value.get("apiVersion"), str):
            self._tell(entity.problem(("apiVersion",), "nothing", "such as backstage.io/v1alpha1", "warning"))
        return entity

    def _follow(self, location: Entity, path: Path) -> None:
        spec = location.mapping("spec")
        targets = spec.get("targets") if isinstance(spec.get("targets"), list) else [spec.get("target")]
        for i, target in enumerate(targets):
            at = ("spec", "targets", i) if isinstance(spec.get("targets"), list) else ("spec", "target")
            if not isinstance(target, str):
                self._tell(location.problem(at, show(target), "a path to another file"))
                continue
            if "://" in target:
                self._tell(location.problem(at, show(target), "a file below the data folder; not followed", "warning"))
                continue
            self._target(location, at, path, target)

    def _target(self, location: Entity, at: tuple, path: Path, target: str) -> None:
        home = self.reading.folder.resolve()
        wanted = (path.parent / target).resolve()
        if not wanted.is_relative_to(home):
            self._tell(location.problem(at, show(target), "a file below the data folder; not followed", "warning"))
        elif wanted.is_file():
            self._file(wanted, wanted.relative_to(home).as_posix())
        else:
            matched = sorted(p for p in path.parent.glob(target) if p.is_file()) if "*" in target else []
            for found in matched:
                self._file(found.resolve(), found.resolve().relative_to(home).as_posix())
            if not matched:
                self._tell(location.problem(at, show(target), "a file that is there"))

    def _tell(self, problem: Problem) -> None:
        self.reading.problems.append(problem)
