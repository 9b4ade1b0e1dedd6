"""From looks at repositories to one verdict a product and signal, and from verdicts to `raw/<source>/signals/`.

The repositories of a product are judged together. Counts are added up; of a ratio both sides are added up, so a busy
repository weighs more; a share counts repositories, each once. What cannot be read may be anything: a verdict is given
only if it holds both for the best and for the worst that the unread repositories could show.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from loaders.github_looks import Look
from loaders.signals import CSV_COLUMNS
from maturity import whole_files
from maturity.records.guide_map import Observation, Signal


class MonthFileIsNotOurs(Exception):
    """A file of observations has another header or broken rows; it is not overwritten."""


@dataclass(frozen=True)
class Rule:
    """How looks become one figure, and the words for it. `kind` is count, ratio or share."""

    kind: str
    words: str


RULES = {
    "ci.main_branch_checks": Rule("share", "repositories require checks before a merge"),
    "ci.runs_28d": Rule("count", "workflow runs"),
    "ci.success_ratio_28d": Rule("ratio", "finished runs succeeded"),
    "deploy.automated_ratio": Rule("ratio", "production deployments automated"),
    "deploy.rollback_seen_180d": Rule("count", "rollbacks"),
    "release.automated_90d": Rule("count", "automated releases"),
}


@dataclass(frozen=True)
class Verdict:
    """What is said of a product, or why nothing is."""

    verdict: str | None
    found: str
    expected: str
    url: str | None = None


def judge(signal: Signal, looks: list[Look]) -> Verdict:
    """One verdict over all repositories of a product. Worked example: 3 of 4 and 9 of 16 automated are 12 of 20."""
    rule = RULES[signal.id]
    clear = [look for look in looks if look.unclear is None]
    unclear = [look for look in looks if look.unclear is not None]
    worst, best = _bounds(rule, clear, unclear)
    expected = f"{'at least' if signal.direction == 'at_least' else 'at most'} {signal.limit:g} {signal.unit or ''}"
    if not clear or _met(signal, worst) != _met(signal, best):
        why = "; ".join(f"{look.repository}: {look.unclear}" for look in unclear) or "no repository"
        return Verdict(None, why, expected.strip())
    met = _met(signal, worst)
    return Verdict("confirms" if met else "contradicts", _found(rule, signal, clear, unclear), expected.strip(),
                   _telling(signal, clear, met).url)  # fmt: skip


def _bounds(rule: Rule, clear: list[Look], unclear: list[Look]) -> tuple[float, float]:
    """The least and the most that the figure can be."""
    good, of = sum(look.good for look in clear), sum(look.of for look in clear)
    if rule.kind == "count":
        return good, math.inf if unclear else good
    if rule.kind == "share":
        return good / max(of + len(unclear), 1), (good + len(unclear)) / max(of + len(unclear), 1)
    return (0, 1) if unclear or not of else (good / of, good / of)


def _met(signal: Signal, figure: float) -> bool:
    return figure >= signal.limit if signal.direction == "at_least" else figure <= signal.limit


def _found(rule: Rule, signal: Signal, clear: list[Look], unclear: list[Look]) -> str:
    good, of = sum(look.good for look in clear), sum(look.of for look in clear)
    figure = str(good) if rule.kind == "count" else f"{good} of {of}"
    words = rule.words.removesuffix("s") if figure == "1" else rule.words
    days = f" in {signal.days} days" if signal.days else ""
    rest = f" ({len(unclear)} of {len(clear) + len(unclear)} repositories not judged)" if unclear else ""
    return f"{figure} {words}{days}{rest}"


def _telling(signal: Signal, clear: list[Look], met: bool) -> Look:
    """The repository that shows the verdict best: the best one where it is met, else the worst."""

    def figure(look: Look) -> float:
        return look.good if RULES[signal.id].kind == "count" else look.good / max(look.of, 1)

    upwards = (signal.direction == "at_least") == met
    return max(clear, key=figure) if upwards else min(clear, key=figure)


# -------------------------------------------------------------------------------------------------------- files


def observed_products(folder: Path, day: dt.date) -> set[str]:
    """Products with an observation of a day."""
    return {row[0] for row in _rows(_month_file(folder, day)) if row[2] == day.isoformat()}


def write(folder: Path, observations: Iterable[Observation]) -> int:
    """Append observations of one day, and return how many are new or changed.

    One row a product, signal and day: of several looks on a day the last one counts; other days are never touched.
    """
    changed = 0
    for day, of_day in _by_day(observations).items():
        path = _month_file(folder, day)
        rows = _rows(path)
        places = {tuple(row[:3]): i for i, row in enumerate(rows)}
        for new in map(_cells, of_day):
            place = places.get(tuple(new[:3]))
            if place is None:
                rows.append(new)
            elif rows[place] != new:
                rows[place] = new
            else:
                continue
            changed += 1
        path.parent.mkdir(parents=True, exist_ok=True)
        whole_files.put(path, _text(rows))
    return changed


def _by_day(observations: Iterable[Observation]) -> dict[dt.date, list[Observation]]:
    found: dict[dt.date, list[Observation]] = {}
    for observation in observations:
        found.setdefault(observation.observed_on, []).append(observation)
    return found


def _month_file(folder: Path, day: dt.date) -> Path:
    return folder / f"{day:%Y-%m}.csv"


def _rows(path: Path) -> list[list[str]]:
    if not path.exists():
        return []
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    if rows[:1] != [CSV_COLUMNS] or any(len(row) != len(CSV_COLUMNS) for row in rows):
        raise MonthFileIsNotOurs(f"{path}: expected the header {','.join(CSV_COLUMNS)} and rows as long; move it away")
    return rows[1:]


def _cells(observation: Observation) -> list[str]:
    given = observation.model_dump(mode="json")
    return ["" if given[name] is None else str(given[name]) for name in CSV_COLUMNS]


def _text(rows: list[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([CSV_COLUMNS, *rows])
    return text.getvalue()
