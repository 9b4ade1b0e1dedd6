"""Whether the guide map grew without saying when. A pure comparison with the map of the last snapshot.

A checklist item without `added_on` counts as always there: every older answer would have missed it, and products would
seem to have fallen. Wording is not compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from maturity.records.bundle import Bundle
from maturity.records.problems import Problem

_DATE = "added_on, the day it came into the map; without it every older answer lacks it"


def undated(bundle: Bundle, known: set[tuple[str, str]]) -> Iterator[Problem]:
    """A warning for each practice and item that has no date and that the last snapshot did not have.

    `known` holds (practice, item) of that snapshot. Another map altogether is nothing to compare with.
    """
    practices = {practice for practice, _ in known}
    if practices.isdisjoint(loaded.record.id for loaded in bundle.practices):
        return
    for loaded in bundle.practices:
        practice = loaded.record
        if practice.id not in practices:
            if practice.added_on is None:
                yield loaded.trouble(("added_on",), f"{practice.id}, new since the last snapshot", _DATE, "warning")
            continue
        for i, item in enumerate(practice.checklist):
            if (practice.id, item.id) not in known and item.added_on is None and practice.added_on is None:
                found = f"{practice.id} {item.id}, new since the last snapshot"
                yield loaded.trouble(("checklist", i), found, _DATE, "warning")
