"""DSOMM's team evidence: laid onto the statements it backs, or a statement of its own where it is newer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from loaders.dsomm_files import EVIDENCE, Folder, Place, day_of
from loaders.dsomm_progress import Pair, Statement, Words

_KNOWN = {"id", "teams", "title", "evidenceRecorded", "reviewer", "description", "attachment"}


@dataclass(frozen=True)
class Proof:
    """One record of evidence for one team. `urls` are its attachments; a record may have none."""

    on: dt.date
    team: str
    title: str
    urls: tuple[str, ...]
    reviewer: str | None
    description: str
    place: Place

    @property
    def evidence(self) -> dict | None:
        """The record's own form of it; a record without an address has none."""
        if not self.urls:
            return None
        kind = "reviewed" if self.reviewer else "link"
        return {"kind": kind, "url": self.urls[0], "on": self.on.isoformat(), "reviewer": self.reviewer}

    def note(self, backs: bool) -> str:
        """What the note of a statement says of it; with everything in it where it is not the evidence itself."""
        if backs:
            return "; ".join((self.title, *self.urls[1:]))
        by = f" by {self.reviewer}" if self.reviewer else ""
        text = " ".join(self.description.split())
        return "; ".join(filter(None, (f"{self.title} ({self.on}{by})", text, *self.urls)))


def lay(folder: Folder, words: Words, logs: dict[Pair, list[Statement]]) -> None:
    """Read the evidence file, if there is one, and put its records into the logs."""
    usual = folder.named("teamEvidenceFile", EVIDENCE)
    path = (folder.home / usual).resolve()
    if not path.is_file():
        path = next((path for _, path in reversed(folder.dated(usual))), None)
    if path is None or not path.is_relative_to(folder.base):
        return
    rows, proofs = 0, []
    for root in folder.documents(path)[:1]:
        for uuid, place, proof in _read(folder, root):
            if proof and words.ignored(uuid, proof.team):
                continue
            rows += 1
            proofs += [(uuid, place, proof)] if proof else []
    accepted = sum([_add(words, logs, *found) for found in sorted(proofs, key=lambda found: _order(found[2]))])
    folder.reading.note(path, folder.name(path), "assessments", rows, accepted)


def _order(proof: Proof) -> tuple:
    return proof.on, proof.place.line, proof.team


def _read(folder: Folder, root: Place) -> Iterator[tuple[str, Place, Proof | None]]:
    """(uuid, place, record) for each team of each record; no record where it has a problem."""
    top = root.at("evidence")
    if not isinstance(root.value, dict) or "evidence" not in root.value:
        folder.tell(root.problem("evidence: with activities and their records"))
    elif top.value is not None and not isinstance(top.value, dict):
        folder.tell(top.problem("activities with their records"))
    for uuid, records in top.entries():
        if not isinstance(records.value, list):
            folder.tell(records.problem("a list of records"))
        for place in records.items():
            found = list(_proofs(folder, place))
            for proof in found or [None]:
                yield uuid, place, proof


def _proofs(folder: Folder, place: Place) -> Iterator[Proof]:
    if not isinstance(place.value, dict):
        folder.tell(place.problem("a record with teams, title and evidenceRecorded"))
        return
    on, teams = day_of(place.at("evidenceRecorded").value), place.at("teams")
    names = [item.value for item in teams.items() if isinstance(item.value, str)]
    if on is None:
        folder.tell(place.at("evidenceRecorded").problem("a date such as 2026-01-15"))
    if not names:
        folder.tell(teams.problem("a list of teams"))
    for key in sorted(set(place.value) - _KNOWN):
        folder.tell(place.at(key).problem(f"one of {', '.join(sorted(_KNOWN))}", "an unknown field", "warning"))
    links = [item.at("externalLink").value for item in place.at("attachment").items()]
    for team in names if on else ():
        yield Proof(
            on=on,
            team=team,
            title=_text(place, "title") or "evidence",
            urls=tuple(link.strip() for link in links if isinstance(link, str) and link.strip()),
            reviewer=_text(place, "reviewer"),
            description=_text(place, "description") or "",
            place=place,
        )


def _text(place: Place, key: str) -> str | None:
    value = place.at(key).value
    return value.strip() or None if isinstance(value, str) else None


def _add(words: Words, logs: dict[Pair, list[Statement]], uuid: str, place: Place, proof: Proof) -> bool:
    """Put one record into the log of its pair. False, told, where nothing was said there that it could back."""
    pair = words.pair(uuid, proof.team, place.file, place.line)
    if pair is None:
        return False
    if pair not in logs or (logs[pair][0].day > proof.on and not logs[pair][0].share):
        expected = f"a stage of {proof.team!r} in team-progress.yaml that it backs"
        words.mapping.leave_out("evidence", words.named(uuid), place.file, place.line, expected)
        return False
    logs[pair] = _laid(logs[pair], proof)
    return True


def _laid(log: list[Statement], proof: Proof) -> list[Statement]:
    """A log with one more record of evidence.

    What was collected on the way to a stage backs the statement that follows, if that does not lower the share.
    Anything else was a look at the state of its day: a statement of that day with the share that held.
    """
    earlier = [statement for statement in log if statement.day < proof.on]
    later = log[len(earlier) :]
    if later and (later[0].day == proof.on or not earlier or later[0].share >= earlier[-1].share):
        return [*earlier, _backed(later[0], proof), *later[1:]]
    own = Statement(
        proof.on, earlier[-1].share, proof.team, proof.place.file, proof.place.line, earlier[-1].stage, confirmed=True
    )
    return [*earlier, _backed(own, proof), *later]


def _backed(statement: Statement, proof: Proof) -> Statement:
    """A statement with a record of evidence; of several the reviewed one counts, then the latest. The note has all."""
    known, new = statement.evidence, proof.evidence
    wins = new is not None and (known is None or _weight(new) >= _weight(known))
    return replace(statement, evidence=new if wins else known, notes=(*statement.notes, proof.note(backs=wins)))


def _weight(evidence: dict) -> tuple:
    return evidence["kind"] == "reviewed", evidence["on"]
