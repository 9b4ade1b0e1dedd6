"""JSON Schema files for every YAML input, so that editors complete and check while typing, and the data dictionary."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, create_model

from loaders import guide_map_changes
from loaders.assessments import AssessmentsHead
from loaders.openslo import Indicator, SloDocument
from loaders.risks import RisksHead
from maturity import whole_files
from maturity.records.forms import Record
from maturity.records.guide_map import AssessmentEntry, Category, Exemption, GuideMapHead, Level, Practice, Signal
from maturity.records.incidents import Incident, WatchedMetric
from maturity.records.policies import BudgetPolicy, ReviewPolicy, RiskPolicy, ScoringPolicy
from maturity.records.products import Product
from maturity.records.reviews import Decision
from maturity.records.risks import Risk
from maturity.records.slos import Correction
from maturity.sources import Source

SQL_VIEWS = Path(__file__).resolve().parent.parent / "maturity" / "sql" / "views"


def _file(name: str, head: type[BaseModel] = Record, **lists: type[BaseModel]) -> type[BaseModel]:
    return create_model(name, __base__=head, **{key: (list[model], ...) for key, model in lists.items()})


FILES: dict[str, type[BaseModel] | TypeAdapter] = {
    "products": _file("Products", products=Product),
    "guide_map": _file("GuideMap", GuideMapHead, levels=Level, categories=Category, practices=Practice),
    "guide_map_changes": guide_map_changes.FILE,
    "assessments": _file("Assessments", AssessmentsHead, assessments=AssessmentEntry),
    "exemptions": _file("Exemptions", exemptions=Exemption),
    "risks": _file("Risks", RisksHead, records=Risk),
    "slos": TypeAdapter(SloDocument | Indicator),
    "corrections": _file("Corrections", corrections=Correction),
    "decisions": _file("Decisions", decisions=Decision),
    "incidents": _file("Incidents", incidents=Incident),
    "watched_metrics": _file("WatchedMetrics", watched_metrics=WatchedMetric),
    "sources": _file("Sources", sources=Source),
    "signals": _file("Signals", signals=Signal),
    "scoring": ScoringPolicy,
    "budget_policy": BudgetPolicy,
    "risk_policy": RiskPolicy,
    "review_policy": ReviewPolicy,
}


def write(folder: Path, tables: dict[str, dict[str, tuple[str, str]]]) -> list[Path]:
    """Write `<input>.schema.json` for each input and `data-dictionary.md`; returns the files."""
    made = {}
    for name, model in FILES.items():
        schema = model.json_schema() if isinstance(model, TypeAdapter) else model.model_json_schema()
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
        made[f"{name}.schema.json"] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    made["data-dictionary.md"] = dictionary(tables)
    whole_files.put_all(folder, {name: text.encode for name, text in made.items()})
    return [folder / name for name in made]


def dictionary(tables: dict[str, dict[str, tuple[str, str]]]) -> str:
    """Every table of a snapshot in Markdown: columns from the contract, views from the head of their file."""
    lines = ["# Data dictionary", "", "Made by `guidemap schema`. Every table of a snapshot.", ""]
    for name, columns in tables.items():
        lines += [f"## {name}", "", "| column | type | meaning |", "|---|---|---|"]
        lines += [f"| {column} | {kind} | {text} |" for column, (kind, text) in columns.items()]
        lines.append("")
    for path in sorted(SQL_VIEWS.glob("*.sql")):
        head = [line[2:].strip() for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("--")]
        lines += [f"## {path.stem.split('_', 1)[1]} (view)", "", " ".join(head), ""]
    return "\n".join(lines)
