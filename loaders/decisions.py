"""`decisions.yaml`: what reviews decided about SLOs, risks and practices, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator

from loaders.reading import Reading
from maturity.records.problems import Loaded
from maturity.records.reviews import Decision

FILE = "decisions.yaml"


def load(reading: Reading) -> None:
    """Read the decisions, if there are any."""
    for path, file in reading.files(FILE):
        for found, _ in reading.rows(Decision, path, file, "decisions", "decisions"):
            for loaded in found:
                problems = [loaded.problem(*told) for told in _unfinished(loaded)]
                reading.problems += problems
                reading.bundle.decisions += [] if problems else [loaded]


def _unfinished(loaded: Loaded[Decision]) -> Iterator[tuple[tuple[str, ...], str | None, str]]:
    """(field, found, expected) of what does not fit together."""
    made = loaded.record
    named = [name for name in ("slo", "risk", "practice") if getattr(made, name)]
    if len(named) != 1:
        yield ("slo",), ", ".join(named) or None, "one of slo, risk, practice"
    if made.practice and not made.product:
        yield ("product",), None, "the product whose practice it is"
    if made.decision == "exception" and made.until is None:
        yield ("until",), None, "the last day of the exception"
    for name in ("until", "due", "closed_on"):
        day = getattr(made, name)
        if day and day < made.decided_on:
            yield (name,), str(day), f"a day not before decided_on {made.decided_on}"
    if made.state != "open" and made.closed_on is None:
        yield ("closed_on",), None, f"the day, because the state is {made.state}"
