"""One DSOMM progress file: the day on which each team reached each stage, as dated statements about our practices."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from loaders.dsomm_files import Folder, Place, day_of
from loaders.dsomm_history import Snapshot
from loaders.dsomm_model import Model
from loaders.mapping import Mapping
from maturity.records.problems import Problem

Pair = tuple[str, str]  # product, practice
Unit = tuple[str, str]  # uuid of the activity, team


@dataclass(frozen=True)
class Statement:
    """What is said of a pair on a day. `share` is 0-1."""

    day: dt.date
    share: float
    team: str
    file: str
    line: int
    stage: str | None = None
    notes: tuple[str, ...] = ()
    evidence: dict | None = None
    confirmed: bool = False


@dataclass
class State:
    """What one snapshot says: stages of each unit with their places, and what they mean for us."""

    snapshot: Snapshot
    dates: dict[Unit, dict[str, tuple[dt.date, int]]] = field(default_factory=dict)
    pairs: dict[Unit, Pair] = field(default_factory=dict)
    lines: dict[Unit, int] = field(default_factory=dict)
    rows: int = 0

    @cached_property
    def units(self) -> dict[Pair, list[Unit]]:
        """The units of each pair, in order."""
        found: dict[Pair, list[Unit]] = defaultdict(list)
        for unit, pair in sorted(self.pairs.items()):
            found[pair].append(unit)
        return dict(found)

    @cached_property
    def products(self) -> set[str]:
        return {product for product, _ in self.pairs.values()}

    @cached_property
    def practices(self) -> set[str]:
        return {practice for _, practice in self.pairs.values()}


@dataclass
class Words:
    """How the words of progress and evidence are asked for: the activity by uuid, or by its name in the model."""

    folder: Folder
    model: Model
    mapping: Mapping
    ids: set[str]

    @classmethod
    def of(cls, folder: Folder, model: Model, mapping: Mapping) -> Words:
        ours = {loaded.record.id.casefold() for loaded in folder.reading.bundle.practices}
        return cls(folder, model, mapping, ours | {word.casefold() for word in mapping.source.practices})

    def ignored(self, uuid: str, team: str) -> bool:
        """Left out on purpose, by the team or by any word for the activity."""
        activity = self.model.find(uuid)
        words = (activity.name, activity.dimension, activity.category) if activity else ()
        return any(self.mapping.ignored(word) for word in (uuid, team, *words))

    def pair(self, uuid: str, team: str, file: str, line: int) -> Pair | None:
        """Our product and practice; None, counted, where one of them is unknown."""
        activity = self.model.find(uuid)
        by_name = activity and not self.mapping.source.guide_map and uuid.casefold() not in self.ids
        word = activity.name if by_name else uuid
        product = self.mapping.product(team, file, line)
        practice = self.mapping.practice(word, file, line)
        return (product, practice) if product and practice else None

    def named(self, uuid: str) -> str:
        """The activity as a reader knows it."""
        activity = self.model.find(uuid)
        return activity.name if activity else uuid


# ------------------------------------------------------------------------------------------------------ one snapshot


def state_of(snapshot: Snapshot, words: Words, scores: dict[str, float]) -> State:
    """Read one snapshot. In one that cannot be mended any more, what is wrong is a warning."""
    state = State(snapshot)
    top = snapshot.root.at("progress")
    problems = list(_unread(snapshot.root))
    for uuid, teams in top.entries():
        if not isinstance(teams.value, dict):
            problems.append(teams.problem("teams with their stages"))
        for team, stages in teams.entries():
            if words.ignored(uuid, team):
                continue
            state.rows += 1
            pair = words.pair(uuid, team, stages.file, stages.line)
            found = _stages(stages, words, scores, problems)
            if pair and found:
                unit = (uuid, team)
                state.pairs[unit], state.dates[unit], state.lines[unit] = pair, found, stages.line
    for problem in problems:
        words.folder.tell(replace(problem, level="warning") if snapshot.settled else problem)
    return state


def _unread(root: Place) -> Iterator[Problem]:
    if not isinstance(root.value, dict) or "progress" not in root.value:
        yield root.problem("progress: with activities, teams and stages")
        return
    top = root.at("progress")
    if top.value is not None and not isinstance(top.value, dict):
        yield top.problem("activities with their teams")
    for key, place in root.entries():
        if key != "progress":
            yield place.problem("progress: and nothing else", "an unknown field")


def _stages(
    place: Place, words: Words, scores: dict[str, float], problems: list[Problem]
) -> dict[str, tuple[dt.date, int]]:
    if not isinstance(place.value, dict):
        problems.append(place.problem("stages with their dates"))
    found = {}
    for title, stage in place.entries():
        day = day_of(stage.value)
        if title not in scores:
            expected = f"a stage of progressDefinition in meta.yaml ({', '.join(scores) or 'none there'})"
            expected += f", or an entry in stages: of source {words.mapping.source.id}"
            words.mapping.leave_out("stage", title, stage.file, stage.line, expected)
        elif day is None:
            problems.append(stage.problem("a date such as 2026-01-15"))
        else:
            found[title] = (day, stage.line)
    return found


def timelines(state: State, scores: dict[str, float]) -> dict[Pair, list[Statement]]:
    """What a snapshot says of each pair, oldest first: only rising, because a file holds no fall."""
    return {
        pair: _lowest([list(_climb(state, unit, scores)) for unit in state.units[pair]]) for pair in sorted(state.units)
    }


def _climb(state: State, unit: Unit, scores: dict[str, float]) -> Iterator[Statement]:
    """The stages of one unit that were higher than all before; of one day the highest."""
    stages = [(day, -scores[title], title, line) for title, (day, line) in state.dates[unit].items()]
    best = -1.0
    seen: set[dt.date] = set()
    for day, minus, title, line in sorted(stages):
        if day not in seen and -minus > best:
            best = -minus
            yield Statement(day, best, unit[1], state.snapshot.file, line, title)
        seen.add(day)


def _lowest(climbs: list[list[Statement]]) -> list[Statement]:
    """Of several teams or activities that mean one pair the lowest counts: it is adopted when all have adopted it."""
    if len(climbs) == 1:
        return climbs[0]
    found: list[Statement] = []
    for day in sorted({step.day for climb in climbs for step in climb}):
        steps = [next((s for s in reversed(climb) if s.day <= day), None) for climb in climbs]
        low = min(step.share if step else 0.0 for step in steps)
        if found and low == found[-1].share:
            continue
        told = next((s for s in steps if s and s.share == low), None) or next(s for s in steps if s and s.day == day)
        found.append(replace(told, day=day, share=low))
    return found
