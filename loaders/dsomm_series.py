"""A series of DSOMM progress files as one log.

A stage that is lost is simply gone from the next file, so what one file says and the next one no longer says becomes a
statement of its own, on the day of the later file. The log is never dated backwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from loaders.dsomm_files import Place
from loaders.dsomm_progress import Pair, State, Statement, Words, timelines
from maturity.records.problems import Problem


def statements(states: list[State], words: Words, scores: dict[str, float]) -> dict[Pair, list[Statement]]:
    """The log of a series, by pair and oldest first."""
    logs: dict[Pair, list[Statement]] = {}
    before: State | None = None
    dated: set[tuple] = set()
    for state in states:
        _check_order(state, words, scores, dated)
        if before and _is_empty(before, state, words):
            continue
        now = timelines(state, scores)
        for pair, said in now.items():
            logs[pair] = _continued(logs[pair], said, before, state, pair) if pair in logs else said
        if before:
            _check_dates(before, state, words)
            _tell_of_lost(before, state, words)
            for pair in sorted(set(before.pairs.values()) - set(now)):
                if logs[pair][-1].share and _was_lowered(before, state, pair, words):
                    logs[pair] = _said(logs[pair], _to_nothing(before, state, pair))
        before = state
    return {pair: logs[pair] for pair in sorted(logs)}


def _is_empty(before: State, state: State, words: Words) -> bool:
    """Whether a file holds no progress at all: more likely a file that was reset than that everything was lost."""
    top = state.snapshot.root.at("progress")
    if isinstance(top.value, dict) and top.value:
        return False
    if before.pairs and not top.value:
        found = f"nothing, after {before.snapshot.file}"
        words.folder.tell(top.problem("what teams have reached; this file is passed over", found, "warning"))
    return True


def _continued(
    log: list[Statement], said: list[Statement], before: State | None, state: State, pair: Pair
) -> list[Statement]:
    """A log with what a later snapshot says of the same pair; it is never dated before what is already there."""
    last, top = log[-1], said[-1]
    shown_on = state.snapshot.day or last.day
    if top.share < last.share:
        gone = _gone(before, state, pair) if before else ""
        return _said(log, replace(top, day=shown_on, notes=(gone,) if gone else ()))
    if top.share == last.share:
        return _said(log, top) if top.day > last.day else log
    for step in said:
        if step.share > log[-1].share:
            if step.day < log[-1].day:
                note = f"{step.stage!r} stands there with the date {step.day}"
                step = replace(step, day=shown_on, notes=(note,))
            log = _said(log, step)
    return log


def _said(log: list[Statement], statement: Statement) -> list[Statement]:
    """A log with one more statement; the later word of a day replaces the earlier one."""
    statement = replace(statement, day=max(statement.day, log[-1].day))
    return [entry for entry in log if entry.day < statement.day] + [statement]


def _to_nothing(before: State, state: State, pair: Pair) -> Statement:
    """DSOMM writes no stage of 0 %: a team or an activity without any stage is not in the file."""
    uuid, team = before.units[pair][0]
    top = state.snapshot.root.at("progress")
    place = top.at(uuid) if isinstance(top.value, dict) and uuid in top.value else top
    notes = (_gone(before, state, pair),)
    return Statement(state.snapshot.day, 0.0, team, place.file, place.line, notes=notes)


def _gone(before: State, state: State, pair: Pair) -> str:
    """Which stages stood in the snapshot before and no longer do."""
    left = {title for unit in state.units.get(pair, []) for title in state.dates[unit]}
    held = [title for unit in before.units.get(pair, []) for title in before.dates[unit]]
    titles = ", ".join(repr(title) for title in dict.fromkeys(held) if title not in left)
    return f"gone: {titles}, last seen in {before.snapshot.file}" if titles else ""


def _was_lowered(before: State, state: State, pair: Pair, words: Words) -> bool:
    """Whether a pair without any stage fell to 0 %, or its team or activity is not there any more at all."""
    product, practice = pair
    teams = words.folder.teams()
    return any(
        (product in state.products or team in teams) and (practice in state.practices or words.model.find(uuid))
        for uuid, team in before.units[pair]
    )


# ---------------------------------------------------------------------------------------------------------- warnings


def _tell_of_lost(before: State, state: State, words: Words) -> None:
    """Teams and activities that vanished altogether: renamed or removed, which no file says."""
    top = state.snapshot.root.at("progress")
    there, teams = {team for _, team in state.pairs}, words.folder.teams()
    for team in sorted({team for _, team in before.pairs} - there - teams):
        if not {pair[0] for unit, pair in before.pairs.items() if unit[1] == team} <= state.products:
            _lost(words, top, "team", team, before, "the team, or its new name mapped to the same product")
    there = {uuid for uuid, _ in state.pairs}
    for uuid in sorted({uuid for uuid, _ in before.pairs} - there):
        mine = {pair[1] for unit, pair in before.pairs.items() if unit[0] == uuid}
        if not mine <= state.practices and not words.model.find(uuid):
            _lost(words, top, "activity", uuid, before, "the activity, or its new uuid mapped to the same practice")


def _lost(words: Words, top: Place, what: str, word: str, before: State, expected: str) -> None:
    found = f"nothing of {word!r}, which stood in {before.snapshot.file}"
    words.folder.tell(Problem(top.file, top.line, what, found, f"{expected}; its last state stays", "warning"))


def _check_dates(before: State, state: State, words: Words) -> None:
    """A stage whose date was changed: the log keeps the day that was said first."""
    for unit in sorted(set(before.dates) & set(state.dates)):
        for title, (day, line) in state.dates[unit].items():
            was = before.dates[unit].get(title, (day, 0))[0]
            if was != day:
                field_ = ".".join(("progress", *unit, title))
                expected = f"{was} as in {before.snapshot.file}"
                words.folder.tell(Problem(state.snapshot.file, line, field_, str(day), expected, "warning"))


def _check_order(state: State, words: Words, scores: dict[str, float], told: set[tuple]) -> None:
    """A higher stage with an earlier date; told once, however many snapshots repeat it."""
    for unit, stages in sorted(state.dates.items()):
        for title, (day, line) in stages.items():
            lower = [(d, t) for t, (d, _) in stages.items() if scores[t] < scores[title]]
            if lower and day < max(lower)[0] and (unit, title, day) not in told:
                told.add((unit, title, day))
                latest, stage = max(lower)
                field_, expected = ".".join(("progress", *unit, title)), f"a date not before {latest} of {stage!r}"
                words.folder.tell(Problem(state.snapshot.file, line, field_, str(day), expected, "warning"))


def tell_of_teams(state: State, words: Words) -> None:
    """Teams of the newest snapshot that count for a product and are not in `teams` of meta.yaml."""
    teams = words.folder.teams()
    firsts: dict[str, int] = {}
    for (_, team), line in sorted(state.lines.items(), key=lambda item: item[1]):
        firsts.setdefault(team, line)
    for team, line in firsts.items() if teams else ():
        if team not in teams:
            expected = f"one of teams in meta.yaml ({_few(sorted(teams))}); loaded all the same"
            words.folder.tell(Problem(state.snapshot.file, line, "team", repr(team), expected, "warning"))


def _few(words: Iterable[str]) -> str:
    words = list(words)
    return ", ".join(words[:8]) + (", ..." if len(words) > 8 else "")
