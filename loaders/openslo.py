"""`slos/`: SLO definitions in OpenSLO v1, the native format.

What OpenSLO has no field for stands in annotations, so that the files stay valid OpenSLO: see `openslo_notes`.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from loaders import openslo_notes, openslo_older, openslo_refs, validate, yaml_rows
from loaders.openslo_refs import References
from loaders.reading import Reading
from loaders.yaml_rows import Document
from maturity.records.forms import Record, Text
from maturity.records.problems import Loaded, Problem, show
from maturity.records.slos import Slo, SloTarget
from maturity.windows import LONGEST_DAYS

_USED = {"SLO", "SLI"}
_DURATION = r"^[1-9][0-9]*[mhdwMQY]$"
# Days of a unit at most; only windows of days and more are loaded.
_LONGEST = {"m": 0, "h": 0, "d": 1, "w": 7, "M": 31, "Q": 92, "Y": 366}


class Metadata(Record):
    """OpenSLO metadata."""

    name: str = Field(
        pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        examples=["reply-ok"],
        description="RFC 1123 label, at most 63.",
    )
    displayName: str | None = Field(default=None, max_length=63)
    labels: dict[str, str | list[str]] = {}
    annotations: dict[str, str] = {}


class MetricSource(Record):
    """Where a metric comes from."""

    metricSourceRef: str | None = None
    type: str | None = None
    spec: dict[str, Any] = {}


class Metric(Record):
    """One side of a ratio."""

    metricSource: MetricSource


class RatioMetric(Record):
    """Good or bad over total. `raw` is kept, but nothing can be counted from a ready-made ratio."""

    counter: bool | None = None
    good: Metric | None = None
    bad: Metric | None = None
    total: Metric | None = None
    raw: Metric | None = None
    rawType: Literal["success", "failure"] | None = None


class SliSpec(Record):
    """Spec of an SLI."""

    description: str | None = None
    ratioMetric: RatioMetric | None = None
    thresholdMetric: dict[str, Any] | None = None


class Indicator(BaseModel):
    """An SLI, inline or a document of its own."""

    model_config = ConfigDict(extra="forbid")
    apiVersion: str | None = None
    kind: Literal["SLI"] | None = None
    metadata: Metadata
    spec: SliSpec


class CalendarStart(Record):
    """First instant of a calendar window."""

    startTime: str = Field(
        pattern=r"^\d{4}-\d{2}-\d{2} 00:00:00$", examples=["2026-04-01 00:00:00"], description="YYYY-MM-DD 00:00:00"
    )
    timeZone: str


class TimeWindow(Record):
    """Rolling, or by the calendar from a start."""

    duration: str = Field(pattern=_DURATION, examples=["28d"])
    isRolling: bool
    calendar: CalendarStart | None = None


class Objective(Record):
    """One target."""

    displayName: str | None = None
    op: Literal["lte", "gte", "lt", "gt"] | None = None
    value: float | None = None
    target: Decimal | None = Field(default=None, ge=0, le=1, decimal_places=8)
    targetPercent: Decimal | None = Field(default=None, ge=0, le=100, decimal_places=6)
    timeSliceTarget: float | None = Field(default=None, gt=0, le=1)
    timeSliceWindow: str | None = Field(default=None, pattern=r"^[1-9][0-9]*[mh]?$", examples=["5m"])
    indicator: Indicator | None = None
    indicatorRef: str | None = None
    compositeWeight: float | None = None

    @field_validator("target", mode="before")
    @classmethod
    def _ratio(cls, value: Any) -> Any:
        """99.9 is the slip of everybody's first SLO file, so it gets a message of its own."""
        if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value) and 1 < Decimal(value) <= 100:
            ratio = f"{Decimal(value) / 100:f}"
            raise ValueError(f"found {value}|a ratio below 1 such as {ratio}, or targetPercent: {value}")
        return value


class SloSpec(Record):
    """Spec of an SLO."""

    description: str | None = Field(default=None, max_length=1050)
    service: str | None = None
    indicator: Indicator | None = None
    indicatorRef: str | None = None
    timeWindow: Annotated[list[TimeWindow], Field(min_length=1, max_length=1)]
    budgetingMethod: Literal["Occurrences", "Timeslices", "RatioTimeslices"]
    objectives: Annotated[list[Objective], Field(min_length=1)]
    alertPolicies: list[Any] | None = None


class SloDocument(Record):
    """An OpenSLO v1 document of kind SLO."""

    apiVersion: Literal["openslo/v1"]
    kind: Literal["SLO"]
    metadata: Metadata
    spec: SloSpec


def load(reading: Reading) -> None:
    """Read every YAML and JSON file below `slos/`: SLO documents become one `Slo` an objective."""
    indicators: dict[str, Loaded[Indicator]] = {}
    documents: list[tuple[Loaded[SloDocument], str]] = []
    references = References(reading)
    files = [f for end in ("yaml", "yml", "json") for f in reading.files(f"slos/**/*.{end}")]
    for path, file in sorted(files):
        counted = accepted = 0
        for document in reading.documents(path, file):
            for given in yaml_rows.objects(document):
                part = openslo_older.as_v1(given)
                kind = _kind(part, reading)
                if kind:
                    references.add(part)
                if kind not in _USED:
                    continue
                counted += 1
                model = SloDocument if kind == "SLO" else Indicator
                metadata = part.value.get("metadata")
                reading.saw(
                    "slos", [{"id": metadata.get("name")}] if kind == "SLO" and isinstance(metadata, dict) else []
                )
                loaded, problems = validate.record(model, part.value, part)
                reading.problems += problems
                accepted += bool(loaded)
                if loaded and kind == "SLI":
                    first = indicators.setdefault(loaded.record.metadata.name, loaded)
                    if first is not loaded:
                        found = f"{loaded.record.metadata.name} again (first at {first.file}:{first.line})"
                        reading.problems.append(loaded.trouble(("metadata", "name"), found, "each SLI once"))
                elif loaded:
                    documents.append((loaded, given.value["apiVersion"]))
        reading.note(path, file, "slos", counted, accepted)
    for loaded, version in documents:
        _add(loaded, version, indicators, references, reading)
    references.check()


def _kind(part: Document, reading: Reading) -> str | None:
    """Kind of a document; None, told, where it is none that we know."""
    if not isinstance(part.value, dict):
        reading.problems.append(Problem(part.file, part.line, "document", show(part.value), "an OpenSLO object"))
        return None
    kind = part.value.get("kind")
    if not isinstance(kind, str) or kind not in _USED | openslo_refs.KINDS:
        line = part.lines.get(("kind",), part.line)
        known = ", ".join(sorted(_USED | openslo_refs.KINDS))
        reading.problems.append(Problem(part.file, line, "kind", show(kind), f"one of {known}"))
        return None
    return kind


def _add(
    loaded: Loaded[SloDocument],
    version: str,
    indicators: dict[str, Loaded[Indicator]],
    references: References,
    reading: Reading,
) -> None:
    """One `Slo` and its `SloTarget`s for each objective, or the problems that keep it out."""
    before = len(reading.problems)
    notes = openslo_notes.read(loaded, reading)
    window = _window(loaded, reading)
    several = len(loaded.record.spec.objectives) > 1
    for i, objective in enumerate(loaded.record.spec.objectives):
        path = ("spec", "objectives", i)
        target = _target(loaded, objective, path, reading)
        slices = _slices(loaded, objective, path, reading)
        metric = _metric(loaded, objective, path, indicators, references, reading)
        reviewed = openslo_notes.reviews(loaded, notes, reading)
        earlier = openslo_notes.earlier_targets(loaded, notes, reading)
        bucket = openslo_notes.seconds(notes.get("bucket"), loaded, openslo_notes.path_of("bucket"), reading)
        parts = openslo_notes.members(loaded, notes, reading)
        if any(p.level == "error" for p in reading.problems[before:]):
            continue
        name = loaded.record.metadata.name + (f".{i + 1}" if several else "")
        title = loaded.record.metadata.displayName or name
        if several and objective.displayName:
            title = f"{title}: {objective.displayName}"
        slo = Slo(
            id=name,
            product=notes["product"],
            name=Text(en=title, ja=notes.get("display-name-ja", title)),
            service=loaded.record.spec.service,
            journey=openslo_notes.both(notes, "journey", notes.get("journey")),
            basis=openslo_notes.both(notes, "basis", notes.get("basis")),
            owner=notes.get("owner"),
            policy=openslo_notes.both(notes, "policy", notes.get("policy")),
            reviewed_on=reviewed,
            description=openslo_notes.both(notes, "description", loaded.record.spec.description),
            method=loaded.record.spec.budgetingMethod,
            target=target,
            bucket_seconds=bucket,
            format=version,
            missing_slices=notes.get("missing-slices", "ignore"),
            members=parts,
            combine=notes.get("combine", "weighted") if parts else None,
            **window,
            **slices,
            **metric,
        )
        said = {("product",): "product", ("reviewed_on",): "reviewed-on", ("members",): "members"}
        lines = loaded.lines | {path: loaded.line_of(*openslo_notes.path_of(name)) for path, name in said.items()}
        reading.bundle.slos.append(Loaded(slo, loaded.file, loaded.line_of(*path), lines))
        reading.bundle.slo_targets += _versions(slo, earlier, loaded, path)


def _window(loaded: Loaded[SloDocument], reading: Reading) -> dict[str, Any]:
    """Budgets are kept by the day, so a rolling window is whole days; months and years belong to the calendar."""
    window, path = loaded.record.spec.timeWindow[0], ("spec", "timeWindow", 0)
    count, unit = int(window.duration[:-1]), window.duration[-1]
    if unit == "h" and count % 24 == 0:
        count, unit = count // 24, "d"
    if count * _LONGEST[unit] > LONGEST_DAYS:
        reading.problems.append(loaded.problem((*path, "duration"), window.duration, "ten years at most"))
    if window.isRolling and window.calendar:
        reading.problems.append(loaded.trouble((*path, "calendar"), "a calendar", "none with isRolling: true"))
    if window.isRolling and unit not in "dw":
        reading.problems.append(
            loaded.problem(
                (*path, "duration"), window.duration, "whole days or weeks such as 28d or 4w for a rolling window"
            )
        )
    if window.isRolling:
        return {"window_kind": "rolling", "window_count": count, "window_unit": unit}
    if window.calendar is None:
        reading.problems.append(
            loaded.problem((*path, "calendar"), None, "startTime and timeZone for a calendar window")
        )
        return {}
    if unit not in "dwMQY":
        reading.problems.append(loaded.problem((*path, "duration"), window.duration, "days, weeks, M, Q or Y"))
    try:
        ZoneInfo(window.calendar.timeZone)
    except (KeyError, ValueError, OSError):
        where = (*path, "calendar", "timeZone")
        reading.problems.append(loaded.problem(where, window.calendar.timeZone, "an IANA time zone such as Asia/Tokyo"))
    try:
        anchor = dt.date.fromisoformat(window.calendar.startTime[:10])
    except ValueError:
        where = (*path, "calendar", "startTime")
        reading.problems.append(loaded.problem(where, window.calendar.startTime, "a day that exists"))
        return {}
    return {
        "window_kind": "calendar", "window_count": count, "window_unit": unit,
        "anchor": anchor, "time_zone": window.calendar.timeZone,
    }  # fmt: skip


def _target(loaded: Loaded[SloDocument], objective: Objective, path: tuple, reading: Reading) -> Decimal | None:
    given = [value for value in (objective.target, objective.targetPercent) if value is not None]
    if len(given) != 1:
        found = "both target and targetPercent" if given else "neither target nor targetPercent"
        reading.problems.append(loaded.trouble((*path, "target"), found, "exactly one of the two"))
        return None
    target = objective.target if objective.target is not None else objective.targetPercent / 100
    if target == 1:
        reading.problems.append(
            loaded.trouble((*path, "target"), "1", "a target below 1; with 1 there is no budget to spend", "warning")
        )
    if target == 0:
        reading.problems.append(loaded.trouble((*path, "target"), "0", "a ratio above 0 such as 0.999"))
    return target


def _slices(loaded: Loaded[SloDocument], objective: Objective, path: tuple, reading: Reading) -> dict[str, Any]:
    method = loaded.record.spec.budgetingMethod
    only = {"Occurrences": ("timeSliceTarget", "timeSliceWindow"), "RatioTimeslices": ("timeSliceTarget",)}
    for name in only.get(method, ()):
        if getattr(objective, name) is not None:
            wanted = f"none with {method} (it changes nothing)"
            reading.problems.append(loaded.problem((*path, name), getattr(objective, name), wanted, "warning"))
    if method == "Occurrences":
        return {}
    if method == "Timeslices" and objective.timeSliceTarget is None:
        reading.problems.append(
            loaded.problem((*path, "timeSliceTarget"), None, "a ratio such as 0.95 with Timeslices")
        )
    if objective.timeSliceWindow is None:
        reading.problems.append(loaded.problem((*path, "timeSliceWindow"), None, f"a length such as 5m with {method}"))
        return {}
    window = objective.timeSliceWindow
    minutes = int(window) if window.isdigit() else int(window[:-1]) * (60 if window[-1] == "h" else 1)
    if 1440 % minutes:
        reading.problems.append(loaded.problem((*path, "timeSliceWindow"), window, "a length that divides a day"))
    return {"slice_target": objective.timeSliceTarget, "slice_minutes": minutes}


def _metric(
    loaded: Loaded[SloDocument],
    objective: Objective,
    path: tuple,
    indicators: dict[str, Loaded[Indicator]],
    references: References,
    reading: Reading,
) -> dict[str, Any]:
    """Queries of the SLI, where it can be counted; an SLO may live from files in `sli/` alone."""
    spec = loaded.record.spec
    own = objective.indicator is not None or objective.indicatorRef is not None
    at, holder = (path, objective) if own else (("spec",), spec)
    indicator, reference = holder.indicator, holder.indicatorRef
    if indicator is not None and reference is not None:
        found, wanted = "both indicator and indicatorRef", "exactly one of the two"
        reading.problems.append(loaded.trouble((*at, "indicatorRef"), found, wanted))
    # What is wrong with an SLI is told where it stands, which may be a document of its own.
    sli, inside = loaded, (*at, "indicator")
    if indicator is None and reference is not None:
        if reference in indicators:
            sli, inside, indicator = indicators[reference], (), indicators[reference].record
        else:
            wanted = "the name of an SLI document below slos/"
            reading.problems.append(loaded.problem((*at, "indicatorRef"), reference, wanted))
    ratio = indicator.spec.ratioMetric if indicator else None
    if objective.op:
        reading.problems.append(loaded.problem((*path, "op"), objective.op, _instead_of_op(indicator), "warning"))
    if objective.compositeWeight is not None:
        wanted = "no weight (it is left out; a composite of ours has the annotation guidemap/members)"
        reading.problems.append(
            loaded.problem((*path, "compositeWeight"), objective.compositeWeight, wanted, "warning")
        )
    if ratio is None or ratio.total is None:
        kind = (
            "a ready-made ratio"
            if ratio
            else "a thresholdMetric"
            if indicator and indicator.spec.thresholdMetric
            else None
        )
        if kind:
            wanted = "good or bad and total; nothing can be fetched, put buckets into sli/"
            reading.problems.append(sli.trouble(inside or ("spec",), kind, wanted, "warning"))
        return {}
    if (ratio.good is None) == (ratio.bad is None):
        where = (*inside, "spec", "ratioMetric")
        found = "both good and bad" if ratio.good else "neither good nor bad"
        reading.problems.append(sli.trouble(where, found, "exactly one of good and bad beside total"))
    source = ratio.total.metricSource
    for side in ("good", "bad"):
        metric = getattr(ratio, side)
        other = metric.metricSource.metricSourceRef if metric else None
        if other not in (None, source.metricSourceRef):
            where = (*inside, "spec", "ratioMetric", side, "metricSource", "metricSourceRef")
            wanted = f"{show(source.metricSourceRef)} as for total; the SLO is loaded without queries"
            reading.problems.append(sli.problem(where, other, wanted, "warning"))
            return {}
    defined = references.source_type(source.metricSourceRef)
    if source.type and defined and source.type.lower() != defined.lower():
        where = (*inside, "spec", "ratioMetric", "total", "metricSource", "type")
        wanted = f"{defined}, as its DataSource says (the SLO's own word is used)"
        reading.problems.append(sli.problem(where, source.type, wanted, "warning"))
    return {
        "source": source.metricSourceRef,
        "source_type": source.type or defined,
        "total_query": _query(ratio.total),
        "good_query": _query(ratio.good),
        "bad_query": _query(ratio.bad),
    }


def _instead_of_op(indicator: Indicator | None) -> str:
    if indicator and indicator.spec.thresholdMetric is not None:
        return "buckets in sli/ whose good are counted by it (op and value are not carried over)"
    return f"no op {'on a ratio SLO' if indicator else 'without a thresholdMetric'} (it changes nothing)"


def _query(metric: Metric | None) -> str | None:
    return metric.metricSource.spec.get("query") if metric else None


def _versions(
    slo: Slo, earlier: list[tuple[Decimal, dt.date]], loaded: Loaded[SloDocument], path: tuple
) -> list[Loaded[SloTarget]]:
    made, since = [], None
    note = loaded.line_of(*openslo_notes.path_of("earlier-targets"))
    for target, until in earlier:
        row = SloTarget(slo=slo.id, target=target, valid_from=since, valid_to=until)
        made.append(Loaded(row, loaded.file, note))
        since = until
    current = SloTarget(slo=slo.id, target=slo.target, valid_from=since)
    return [*made, Loaded(current, loaded.file, loaded.line_of(*path, "target"))]
