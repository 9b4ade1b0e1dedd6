"""`slo_decisions.yaml`: what reviews decided about SLOs whose budget ran out or lay unspent."""

from __future__ import annotations

from loaders.reading import Reading
from maturity.records import Loaded, SloDecision


def load(reading: Reading) -> None:
    """Read the decisions, if there are any."""
    for path, file in reading.files("slo_decisions.yaml"):
        for found, _ in reading.rows(SloDecision, path, file, "decisions", "slo_decisions"):
            reading.bundle.slo_decisions += [loaded for loaded in found if _is_whole(reading, loaded)]


def _is_whole(reading: Reading, loaded: Loaded[SloDecision]) -> bool:
    made = loaded.record
    if made.decision == "exception" and made.until is None:
        reading.problems.append(loaded.problem(("until",), None, "the last day of the exception"))
        return False
    if made.until and made.until < made.decided_on:
        wanted = f"a day not before decided_on {made.decided_on}"
        reading.problems.append(loaded.problem(("until",), str(made.until), wanted))
        return False
    return True
