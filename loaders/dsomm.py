"""OWASP DSOMM: a model as the guide map, and what teams have reached as assessments. See docs/formats/dsomm.md."""

from __future__ import annotations

from typing import Any

from loaders import dsomm_evidence, dsomm_map, dsomm_model, dsomm_progress, dsomm_series
from loaders.dsomm_files import META, Folder
from loaders.dsomm_history import snapshots
from loaders.dsomm_progress import Pair, State, Statement, Words
from loaders.mapping import Mapping, sources_of
from loaders.reading import Reading
from maturity.records.problems import Loaded, Problem
from maturity.sources import DsommSource


def guide_map(reading: Reading, source: Loaded[DsommSource]) -> None:
    """Read the activities of a source as the guide map."""
    folder = Folder.open(reading, source)
    if folder is None:
        return
    mapping = Mapping.of(reading, source)
    model = dsomm_model.read(folder, mapping)
    if not model.activities:
        expected = "model.yaml, default/model.yaml, or activityFiles in meta.yaml"
        reading.problems.append(source.trouble(("path",), f"no activities in {source.record.path}", expected))
    dsomm_map.fill(folder, model, mapping)
    loaded = {practice.record.id for practice in reading.bundle.practices}
    for path in model.files:
        kept = [a for a in model.activities if not dsomm_map.left_out(mapping, a)]
        mine = [a.uuid for a in kept if a.place.file == folder.name(path)]
        reading.note(path, folder.name(path), "guide_map", len(mine), sum(uuid in loaded for uuid in mine))
    mapping.tell()


def load(reading: Reading) -> None:
    """Read the progress and the evidence of every DSOMM source as assessments."""
    for source in sources_of(reading, "dsomm"):
        folder = Folder.open(reading, source)
        if folder:
            _load(folder)


def _load(folder: Folder) -> None:
    reading, mapping = folder.reading, Mapping.of(folder.reading, folder.source)
    words = Words.of(folder, dsomm_model.read(folder, mapping), mapping)
    found = snapshots(folder)
    scores = folder.scores() if found else {}
    if found and not scores:
        expected = "progressDefinition with the score of each stage, or stages: in the source"
        reading.problems.append(Problem(folder.name(folder.home / META), 1, "progressDefinition", "nothing", expected))
        return
    states = [dsomm_progress.state_of(snapshot, words, scores) for snapshot in found]
    logs = dsomm_series.statements(states, words, scores)
    if states:
        dsomm_series.tell_of_teams(states[-1], words)
    dsomm_evidence.lay(folder, words, logs)
    for pair, log in logs.items():
        for statement in log:
            mapping.assess(_fields(folder, pair, statement), statement.file, statement.line)
    _note(folder, states)
    mapping.tell()


def _fields(folder: Folder, pair: Pair, statement: Statement) -> dict[str, Any]:
    """A statement in the fields of an assessment."""
    day, note = statement.day.isoformat(), "; ".join(statement.notes)
    fields = {
        "product": pair[0], "practice": pair[1], "assessed_on": day, "share": statement.share,
        "assessor": folder.source.record.assessor or statement.team, "evidence": statement.evidence,
        "confirmed_on": day if statement.confirmed else None, "note": note,
    }  # fmt: skip
    return {key: value for key, value in fields.items() if value not in (None, "")}


def _note(folder: Folder, states: list[State]) -> None:
    """Each dated file by itself; the commits of one file together, under the file's own name."""
    counts: dict[str, list[int]] = {}
    for state in states:
        count = counts.setdefault(state.snapshot.name, [0, 0])
        count[0] += state.rows
        count[1] += len(state.pairs)
    for file, (rows, accepted) in counts.items():
        path = folder.reading.folder / file
        folder.reading.note(path if path.exists() else folder.home, file, "assessments", rows, accepted)
