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
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from maturity import facts
from maturity.records import (
    Assessment,
    Bundle,
    Category,
    ChecklistItem,
    Correction,
    CorrectionSpan,
    Decision,
    Exemption,
    Incident,
    Level,
    Loaded,
    MetricValue,
    Observation,
    Practice,
    Problem,
    Product,
    Risk,
    Signal,
    Slo,
    SloTarget,
    WatchedMetric,
)  # fmt: skip

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
        if isinstance(kind, type) and issubclass(kind, BaseModel):
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
    for name, info in model.model_fields.items():
        kind, cell = _bare(info.annotation), cells.get(prefix + name)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            inner = nested(kind, cells, f"{prefix}{name}_")
            found |= {name: inner} if inner else {}
        elif cell is not None:
            found[name] = _listed(cell) if get_origin(kind) is list else cell
    return found


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
    return found | {name: columns(model) for name, model in facts.TABLES.items()}


def problem_rows(problems: Iterable[Problem]) -> Iterable[dict[str, Any]]:
    """Rows of `problem`."""
    return (vars(problem) for problem in problems)


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


def _sql(kind: Any) -> str:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if get_origin(kind) is Literal:
        return _PLAIN[type(get_args(kind)[0])]
    if get_origin(kind) is list and _bare(get_args(kind)[0]) in _PLAIN:
        return f"{_PLAIN[_bare(get_args(kind)[0])]}[]"
    return "JSON"
