"""`sources.yaml`: the servers that `guidemap fetch` asks, and the foreign files that are read as they are."""

from __future__ import annotations

from typing import Any

from loaders import validate
from loaders.reading import Reading
from loaders.yaml_rows import Document
from maturity import sources
from maturity.records.problems import Loaded, Problem, show

_KINDS = {
    "prometheus": sources.PrometheusSource,
    "github": sources.GithubSource,
    "datadog": sources.DatadogSource,
    "sentry": sources.SentrySource,
    "github-issues": sources.GithubIssuesSource,
    "jira": sources.JiraSource,
    "sloth": sources.SlothSource,
    "pyrra": sources.PyrraSource,
    "slo-generator": sources.SloGeneratorSource,
    "google-slo": sources.GoogleSloSource,
    "dsomm": sources.DsommSource,
    "backstage": sources.BackstageSource,
    "samm": sources.SammSource,
    "cortex": sources.CortexSource,
    "checklist": sources.ChecklistSource,
    "sheet": sources.SheetSource,
    "cre-sheet": sources.CreSheetSource,
    "ciso-assistant": sources.CisoAssistantSource,
    "riskquant": sources.RiskquantSource,
    "risk-sheet": sources.RiskSheetSource,
}


def load(reading: Reading) -> None:
    """Read the sources, if there are any."""
    for path, file in reading.files("sources.yaml"):
        for document in reading.documents(path, file):
            reading.problems += validate.unknown_keys(document, {"sources"})
            values = document.value.get("sources") if isinstance(document.value, dict) else None
            if not isinstance(values, list):
                reading.problems.append(Problem(file, document.line, "sources", show(values), "a list"))
                reading.unread.add(file)
                continue
            found = [_source(reading, document, i, value) for i, value in enumerate(values)]
            kept = [loaded for loaded in found if loaded]
            reading.bundle.sources += kept
            reading.note(path, file, "sources", len(values), len(kept))


def _source(reading: Reading, document: Document, i: int, value: Any) -> Loaded | None:
    at = ("sources", i)
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        line = document.lines.get((*at, "kind"), document.lines[at])
        expected = f"one of {', '.join(sorted(_KINDS))}"
        reading.problems.append(Problem(document.file, line, f"sources.{i}.kind", show(kind), expected))
        return None
    loaded, problems = validate.record(_KINDS[kind], value, document, at)
    reading.problems += problems
    return loaded
