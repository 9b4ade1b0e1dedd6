"""Records -> table columns and rows: one mechanism for every table of a snapshot.

A nested record becomes columns with a prefix (`next_action_due`), a text two columns (`name_en`, `name_ja`), a list of
plain values a list, any other list JSON. Every row of an input table ends with `src_file` and `src_line`.
"""

from __future__ import annotations

import datetime as dt
import json
import types
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from maturity import facts
from maturity.records.bundle import Bundle
from maturity.records.guide_map import (
    Assessment,
    Category,
    ChecklistItem,
    Exemption,
    Level,
    Observation,
    Practice,
    Signal,
)
from maturity.records.incidents import Incident, MetricValue, WatchedMetric
from maturity.records.policies import BurnAlert
from maturity.records.problems import Loaded, Problem
from maturity.records.products import Product
from maturity.records.reviews import Decision
from maturity.records.risks import Risk
from maturity.records.slos import Correction, CorrectionSpan, Slo, SloTarget

SOURCE = {"src_file": ("VARCHAR", "Input file, relative to the data folder."), "src_line": ("INTEGER", "Line in it.")}

# Table -> (record, attribute of the bundle).
INPUTS: dict[str, tuple[type[BaseModel], str]] = {
    "product": (Product, "products"),
    "level": (Level, "levels"),
    "category": (Category, "categories"),
    "practice": (Practice, "practices"),
    "assessment": (Assessment, "assessments"),
    "exemption": (Exemption, "exemptions"),
    "signal": (Signal, "signals"),
    "observation": (Observation, "observations"),
    "risk": (Risk, "risks"),
    "slo": (Slo, "slos"),
    "slo_target": (SloTarget, "slo_targets"),
    "decision": (Decision, "decisions"),
    "correction": (Correction, "corrections"),
    "correction_span": (CorrectionSpan, "correction_spans"),
    "incident": (Incident, "incidents"),
    "watched_metric": (WatchedMetric, "watched_metrics"),
    "metric_value": (MetricValue, "metric_values"),
}

_PLAIN = {
    str: "VARCHAR",
    int: "BIGINT",
    float: "DOUBLE",
    bool: "BOOLEAN",
    dt.date: "DATE",
    dt.datetime: "TIMESTAMP",
    Decimal: "DECIMAL(9,8)",
}

Columns = dict[str, tuple[str, str]]


def columns(model: type[BaseModel]) -> Columns:
    """Column -> (SQL type, description) of a record, nested ones flattened."""
    found: Columns = {}
    for name, info in model.model_fields.items():
        kind = _bare(info.annotation)
        if _is_record(kind):
            note = info.description or (kind.__doc__ or "").split("\n")[0]
            inner = columns(kind)
            found |= {f"{name}_{key}": (sql, text or note) for key, (sql, text) in inner.items()}
        else:
            found[name] = (_sql(kind), info.description or "")
    return found


def flat(record: BaseModel) -> dict[str, Any]:
    """One record as a row; an absent nested record leaves its columns out."""
    row: dict[str, Any] = {}
    for name in type(record).model_fields:
        value = getattr(record, name)
        if isinstance(value, BaseModel):
            row |= {f"{name}_{key}": inner for key, inner in flat(value).items()}
        elif isinstance(value, list) and value and isinstance(value[0], BaseModel):
            row[name] = [item.model_dump(mode="json") for item in value]
        else:
            row[name] = value
    return row


def nested(model: type[BaseModel], cells: dict[str, str | None], prefix: str = "") -> dict[str, Any]:
    """The fields of a record from cells by column, as `flat` and the CSV made them: what is empty is absent.

    Lists of plain values are joined by semicolons, or JSON where a value holds one; lists of records are JSON.
    """
    found: dict[str, Any] = {}
    for name, part, listed in _parts(model):
        if part:
            if inner := nested(part, cells, f"{prefix}{name}_"):
                found[name] = inner
        elif (cell := cells.get(prefix + name)) is not None:
            found[name] = _listed(cell) if listed else cell
    return found


@cache
def _parts(model: type[BaseModel]) -> list[tuple[str, type[BaseModel] | None, bool]]:
    """Name of each field, its record where it is one, and whether it is a list."""
    kinds = [(name, _bare(info.annotation)) for name, info in model.model_fields.items()]
    return [(name, kind if _is_record(kind) else None, get_origin(kind) is list) for name, kind in kinds]


def _listed(cell: str) -> Any:
    if not cell.startswith("["):
        return cell.split(";")
    try:
        return json.loads(cell)
    except ValueError:
        return cell  # told by the record as no list


def input_rows(bundle: Bundle, table: str) -> Iterable[dict[str, Any]]:
    """Rows of an input table."""
    for loaded in getattr(bundle, INPUTS[table][1]):
        yield flat(loaded.record) | _source(loaded)


def checklist_rows(bundle: Bundle) -> Iterable[dict[str, Any]]:
    """Rows of `checklist_item`: one row per practice and item."""
    for loaded in bundle.practices:
        for i, item in enumerate(loaded.record.checklist):
            file, line = loaded.place_of("checklist", i)
            yield flat(item) | {"practice": loaded.record.id, "position": i, "src_file": file, "src_line": line}


@cache
def all_columns() -> dict[str, Columns]:
    """Every table that is filled from Python, with its columns."""
    found = {name: columns(model) | SOURCE for name, (model, _) in INPUTS.items()}
    extra = {"practice": ("VARCHAR", "Practice."), "position": ("INTEGER", "Order in the checklist.")}
    found["checklist_item"] = extra | columns(ChecklistItem) | SOURCE
    found["problem"] = {
        "file": ("VARCHAR", "Input file."),
        "line": ("INTEGER", "Line in it."),
        "field": ("VARCHAR", "Field."),
        "found": ("VARCHAR", "What stands there."),
        "expected": ("VARCHAR", "What should stand there."),
        "level": ("VARCHAR", "error (row not loaded) or warning."),
    }
    found["source_file"] = {
        "file": ("VARCHAR", "Input file."),
        "topic": ("VARCHAR", "What it holds."),
        "rows": ("BIGINT", "Rows in it."),
        "accepted": ("BIGINT", "Rows that were loaded."),
        "changed_at": ("TIMESTAMP", "Last change of the file, UTC."),
    }
    return found | {name: columns(model) for name, model in facts.TABLES.items()} | _OWN


def problem_rows(problems: Iterable[Problem]) -> Iterable[dict[str, Any]]:
    """Rows of `problem`."""
    return (vars(problem) for problem in problems)


def policy_rows(bundle: Bundle) -> Iterable[dict[str, Any]]:
    """Scalar thresholds as rows, so that a view names them instead of holding numbers."""
    for loaded in (bundle.scoring, bundle.budget_policy, bundle.risk_policy, bundle.review_policy):
        for name, value in loaded.record.model_dump().items():
            if isinstance(value, int | float):
                yield {"name": name, "value": value, "src_file": loaded.file, "src_line": loaded.line_of(name)}
    groups = (
        (bundle.scoring, "effort_weeks"),
        (bundle.scoring, "level_weights"),
        (bundle.risk_policy, "calibration_weight"),
        (bundle.risk_policy, "drafts"),
        (bundle.review_policy, "minutes_each"),
    )
    for loaded, field in groups:
        for key, value in loaded.record.model_dump()[field].items():
            line = loaded.line_of(field, str(key))
            yield {"name": f"{field}_{key}", "value": value, "src_file": loaded.file, "src_line": line}


def action_rows(bundle: Bundle) -> Iterable[dict[str, Any]]:
    """Rows of `policy_action`."""
    for i, (state, text) in enumerate(bundle.budget_policy.record.actions.items(), 1):
        yield {"position": i, "state": state, "action_en": text.en, "action_ja": text.ja}


def alert_rows(bundle: Bundle) -> Iterable[dict[str, Any]]:
    """Rows of `burn_alert`."""
    for i, alert in enumerate(bundle.budget_policy.record.burn_alerts):
        file, line = bundle.budget_policy.place_of("burn_alerts", i)
        yield alert.model_dump() | {"position": i, "src_file": file, "src_line": line}


def _source(loaded: Loaded) -> dict[str, Any]:
    return {"src_file": loaded.file, "src_line": loaded.line}


def _bare(annotation: Any) -> Any:
    """The type without Annotated and without `| None`."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            annotation = next(part for part in get_args(annotation) if part is not type(None))
        else:
            return annotation


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _sql(kind: Any) -> str:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if get_origin(kind) is Literal:
        return _PLAIN[type(get_args(kind)[0])]
    if get_origin(kind) is list and _bare(get_args(kind)[0]) in _PLAIN:
        return f"{_PLAIN[_bare(get_args(kind)[0])]}[]"
    return "JSON"


# Tables that are no records and no facts; they are last here because they are made by the functions above.
_OWN: dict[str, Columns] = {
    "meta": {
        "as_of": ("DATE", "The day the snapshot speaks of."),
        "built_at": ("TIMESTAMP", "When it was built, UTC."),
        "until": ("TIMESTAMP", "End of what can have been measured, UTC."),
        "folder": ("VARCHAR", "Name of the data folder."),
    },
    "policy": {
        "name": ("VARCHAR", "Threshold or weight."),
        "value": ("DOUBLE", "Its value."),
    }
    | SOURCE,
    "review": {
        "month": ("VARCHAR", "Month of a frozen review."),
        "as_of": ("DATE", "The day it spoke of."),
        "file": ("VARCHAR", "Its file in the store, which pages open."),
    }
    | SOURCE,
    "shown_figure": {
        "month": ("VARCHAR", "Month of the last review before this one; the columns are those of `figure`."),
        "topic": ("VARCHAR", "budget, practice, level, risk, gap, incident, decision or policy."),
        "id": ("VARCHAR", ""),
        "product": ("VARCHAR", ""),
        "name_en": ("VARCHAR", ""),
        "name_ja": ("VARCHAR", ""),
        "value": ("DOUBLE", "What was shown."),
        "state": ("VARCHAR", ""),
        "of_month": ("BOOLEAN", "It speaks of its month, not of the day."),
        "by_target": ("VARCHAR", "What the figure was made of; another one is the reason why it is restated."),
        "by_correction": ("VARCHAR", ""),
        "by_data": ("VARCHAR", ""),
        "by_record": ("VARCHAR", ""),
        "by_map": ("VARCHAR", ""),
        "by_signal": ("VARCHAR", ""),
    }
    | SOURCE,
    "burn_alert": {"position": ("INTEGER", "Order in budget_policy.yaml.")} | columns(BurnAlert) | SOURCE,
    "policy_action": {
        "position": ("INTEGER", "Worst state first, as in budget_policy.yaml."),
        "state": ("VARCHAR", "State of a budget."),
        "action_en": ("VARCHAR", "What the policy asks for."),
        "action_ja": ("VARCHAR", "What the policy asks for."),
    },
}
