"""Thresholds and weights: the folder's own policy files, or the ones that come with the project."""

from __future__ import annotations

from dataclasses import replace

from loaders import validate
from loaders.reading import Reading
from maturity.records.policies import BudgetPolicy, ReviewPolicy, RiskPolicy, ScoringPolicy

_FILES = {
    "scoring": ("scoring.yaml", ScoringPolicy),
    "budget_policy": ("budget_policy.yaml", BudgetPolicy),
    "risk_policy": ("risk_policy.yaml", RiskPolicy),
    "review_policy": ("review_policy.yaml", ReviewPolicy),
}


def load(reading: Reading) -> None:
    """Read the four policies."""
    for attribute, (name, model) in _FILES.items():
        path, file = reading.or_default(name)
        documents = reading.documents(path, file)
        if not documents:  # nothing can be judged without it, so an empty file is more than worth a warning
            reading.problems = [replace(p, level="error") if p.file == file else p for p in reading.problems]
        for document in documents[:1]:
            loaded, problems = validate.record(model, document.value, document)
            setattr(reading.bundle, attribute, loaded)
            reading.problems += problems
            reading.note(path, file, "policy", 1, int(loaded is not None))
