"""What is asked of one product on one day, and how an answer becomes a statement. No file, no terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from loaders.assess_words import Voice
from loaders.reading import Reading
from maturity.levels import Adoption, State, in_force
from maturity.records.guide_map import AssessmentEntry, Practice
from maturity.records.problems import Loaded
from maturity.records.products import Product

SOON_DAYS = 30  # an adopted practice whose review is due within a month is asked for, too

# What is asked first: where an answer is missing or void, then what is due, then what may have moved since.
_URGENT = {"unassessed": 0, "lapsed": 0, "contradicted": 0, "stale": 1, "partial": 3, "not_adopted": 3}
_DUE_SOON, _FRESH = 2, 4
_OUTSIDE = {"exempt": 5, "not_asked": 5}


@dataclass
class Task:
    """One product on one day; `corrects`: earlier statements of this day are errors that the new ones correct."""

    reading: Reading
    product: Product
    on: dt.date
    voice: Voice
    assessor: str = ""
    corrects: bool = False

    @cached_property
    def adoption(self) -> Adoption:
        return Adoption.of(self.reading.bundle)

    @cached_property
    def practices(self) -> dict[str, Practice]:
        return {loaded.record.id: loaded.record for loaded in self.reading.bundle.practices}

    def state(self, practice: Practice) -> State:
        return self.adoption.state(self.product.id, practice.id, self.on)

    def items(self, practice: Practice) -> list:
        """The checklist as it is asked on the day."""
        return in_force(practice, self.on)

    # ---------------------------------------------------------------------------------------------- what is asked

    def urgency(self, practice: Practice) -> int:
        """0 is asked first; 4 is fresh, 5 does not apply or is not asked of the product."""
        state = self.state(practice)
        if state.state == "adopted":
            left = practice.review_days - (self.on - state.confirmed_on).days if state.confirmed_on else SOON_DAYS
            return _DUE_SOON if left <= SOON_DAYS else _FRESH
        return (_URGENT | _OUTSIDE)[state.state]

    def is_fresh(self, practice: Practice) -> bool:
        return self.urgency(practice) == _FRESH

    def applies(self, practice: Practice) -> bool:
        return self.urgency(practice) <= _FRESH

    def asks(self, practice: str) -> bool:
        return self.adoption.state(self.product.id, practice, self.on).state != "not_asked"

    def due(self, practices: Iterable[Practice]) -> list[Practice]:
        """Those that are not fresh and not answered that day, the most urgent first, then by level."""
        open_ = (p for p in practices if self.corrects or not self._same_day(p.id))
        return self.in_order(p for p in open_ if self.urgency(p) < _FRESH)

    def in_order(self, practices: Iterable[Practice]) -> list[Practice]:
        return sorted(practices, key=lambda p: (self.urgency(p), p.level))

    def claimed(self) -> list[Practice]:
        """Those that may be re-confirmed and were not that day: adopted or stale, then what counts no more."""
        found = {name: [] for name in ("adopted", "stale", "contradicted", "lapsed")}
        for practice in self.practices.values():
            state = self.state(practice)
            if state.state in found and self.repeated(practice) and not self._same_day(practice.id):
                found[state.state].append(practice)
        sure = sorted(found["adopted"] + found["stale"], key=lambda p: (self.state(p).confirmed_on or self.on, p.level))
        return [*sure, *found["contradicted"], *found["lapsed"]]

    def sure(self, practice: Practice) -> bool:
        """Whether `all` takes it: what lapsed or is contradicted is looked at one by one."""
        return self.state(practice).adopted

    # ------------------------------------------------------------------------------------------------ statements

    def repeated(self, practice: Practice) -> dict[str, Any] | None:
        """The content of the last statement once more; None where there is none about this practice.

        Evidence keeps the day it is of. `adopted` of an older checklist says nothing about items that came later.
        """
        statement = self.state(practice).statement
        last = statement.record if statement else None
        if last is None or last.practice != practice.id or last.product != self.product.id:
            return None
        said = last.model_dump(include={"items_done", "state", "share", "provider"}, exclude_none=True)
        if last.state == "adopted":
            then, now = ([i.id for i in in_force(practice, day)] for day in (last.assessed_on, self.on))
            if not set(now) <= set(then):
                said = {"items_done": [item for item in now if item in then]}
        if last.evidence:
            evidence = last.evidence.model_copy(update={"on": last.evidence.on or last.assessed_on})
            said["evidence"] = evidence.model_dump(exclude_none=True)
        return said

    def refusal(self, practice: str) -> str | None:
        """Why there can be no statement about a practice on this day; None where there can."""
        earlier = self._same_day(practice)
        if earlier is None:
            return None
        where = f"{practice} was answered on {self.on} ({earlier.file}:{earlier.line})"
        if not self.corrects:
            return f"{where}; if that was an error, run again with --corrects"
        if earlier.record.id is None:
            such = f"{self.product.id}-{practice}-{self.on}"
            return f"{where}; to correct it, give that row an id there, such as {such}, and run again"
        return None

    def statement(self, practice: str, said: dict[str, Any]) -> AssessmentEntry:
        """A statement of this day; `said` holds what is done, and evidence and note if any."""
        earlier = self._same_day(practice)
        given = {"practice": practice, "assessed_on": self.on, "assessor": self.assessor, **said}
        return AssessmentEntry(**given, corrects=earlier.record.id if earlier else None)

    def _same_day(self, practice: str) -> Loaded | None:
        """The statement of this day that counts now: in the order of the log, corrections last."""
        log = self.adoption.log.get((self.product.id, practice), [])
        return next((entry for entry in reversed(log) if entry.record.assessed_on == self.on), None)
