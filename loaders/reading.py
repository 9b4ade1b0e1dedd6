"""One reading of a data folder: what was found so far, what is wrong with it, and which files it came from."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from loaders import csv_rows, kept_answers, validate, yaml_rows
from loaders.yaml_rows import Document
from maturity.records.bundle import Bundle, SourceFile
from maturity.records.problems import Loaded, Problem, is_utf8

DEFAULTS = Path(__file__).resolve().parent.parent / "data"


@dataclass
class Reading:
    """What a loader gets and adds to. `folder` is the data folder; names in messages are relative to it."""

    folder: Path
    bundle: Bundle = field(default_factory=Bundle)
    problems: list[Problem] = field(default_factory=list)
    # Ids that stand in the files, loaded or not: a reference to a rejected record is not an unknown id.
    seen: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    # Files of which nothing, or not every row, could be read: an id that nothing has may stand in them.
    unread: set[str] = field(default_factory=set)

    def files(self, pattern: str) -> list[tuple[Path, str]]:
        """Files of the folder that match, in name order, each with its name in messages, without hidden ones."""
        found = sorted(p for p in self.folder.glob(pattern) if p.is_file() and not p.name.startswith("."))
        named = [(path, path.relative_to(self.folder).as_posix()) for path in found]
        return [(path, file) for path, file in named if is_utf8(file)]

    def or_default(self, name: str) -> tuple[Path, str]:
        """The folder's own file of that name, or else the one that comes with the project."""
        own = self.folder / name
        return (own, name) if own.is_file() else (DEFAULTS / name, f"default/{name}")

    def documents(self, path: Path, file: str) -> list[Document]:
        """The YAML documents of a file; its syntax errors and repeated keys are noted."""
        documents, problems = yaml_rows.read(path, file)
        self.problems += problems
        self.unread |= {file} if problems and not documents else set()
        if not documents and not problems:
            self.problems.append(Problem(file, 1, "file", "nothing", "at least one entry, or no file", "warning"))
        return documents

    def rows(
        self,
        model: type[BaseModel],
        path: Path,
        file: str,
        key: str,
        topic: str,
        head: type[BaseModel] | None = None,
        fill: bool = False,
    ) -> Iterator[tuple[list[Loaded], Any]]:
        """Records in the list `key` of each document of a file, with the file's head fields (validated by `head`).

        With `fill`, the head's fields are fields of every record too.
        """
        for document in self.documents(path, file):
            fields = {f.alias or name for name, f in head.model_fields.items()} if head else set()
            unknown = validate.unknown_keys(document, {key, *fields})
            self.problems += unknown
            if not isinstance(document.value, dict):
                self.unread.add(file)
                continue
            top, trouble = None, []
            if head:
                shown = {name: document.value[name] for name in fields if name in document.value}
                top, trouble = validate.record(head, shown, document)
                self.problems += trouble
            values = document.value.get(key)
            given = top.record.model_dump() if top and fill else {}
            if values is None and key not in document.value:
                self.problems.append(Problem(file, document.line, key, "nothing", "a list"))
                self.unread.add(file)
                continue
            found, problems = validate.rows(model, values or [], document, (key,), **given)
            self.problems += problems
            self.unread |= set() if isinstance(values or [], list) else {file}
            self.saw(topic, values)
            self.note(path, file, topic, len(values or []), len(found))
            yield found, top

    def csv_rows(
        self, model: type[BaseModel], pattern: str, topic: str, columns: list[str], shape: Callable[[dict], dict]
    ) -> list[Loaded]:
        """Records of the CSV files that match: one a row, whose cells `shape` turns into the record's fields."""
        records = []
        for path, file in self.files(pattern):
            documents, problems = csv_rows.read(path, file, columns)
            found, troubles = [], []
            for document in documents:
                loaded, trouble = validate.record(model, shape(document.value), document)
                found += [loaded] if loaded else []
                troubles += trouble
            self.problems += problems + csv_rows.in_columns(troubles, columns)
            self.unread |= {problem.file for problem in problems if problem.level == "error"}
            unread = sum(1 for problem in problems if problem.line > 1)
            self.note(path, file, topic, len(documents) + unread, len(found))
            records += found
        return records

    def kept(self, path: Path, file: str) -> list[tuple[int, dict[str, Any]]]:
        """(line, object) of a list that `guidemap fetch` kept; nothing, noted, where it is damaged."""
        try:
            return kept_answers.entries(path)
        except kept_answers.KeptAnswerIsDamaged as error:
            expected = "a list as guidemap fetch writes it; delete it and fetch"
            self.problems.append(Problem(file, 1, "json", str(error), expected))
            return []

    def saw(self, collection: str, values: Any) -> None:
        """Remember the ids of a list as it stands in the file."""
        if isinstance(values, list):
            self.seen[collection] |= {v["id"] for v in values if isinstance(v, dict) and isinstance(v.get("id"), str)}

    def note(self, path: Path, file: str, topic: str, rows: int, accepted: int) -> None:
        """Remember a file that was read."""
        changed = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).replace(tzinfo=None, microsecond=0)
        self.bundle.files.append(SourceFile(file, topic, rows, accepted, changed))
