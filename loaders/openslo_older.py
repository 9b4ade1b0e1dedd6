"""OpenSLO v1alpha and v2alpha documents, rewritten into the shape of v1 with the line of every field.

What the other versions say in other words is moved; nothing is added but names that v1 asks for. What v1 cannot say
stays where it is and is then told as an unknown field, with its line.
"""

from __future__ import annotations

from typing import Any

from loaders.yaml_rows import Document

V1, V1ALPHA, V2ALPHA = "openslo/v1", "openslo/v1alpha", "openslo.com/v2alpha"
_UNITS = {
    "minute": "m", "hour": "h", "day": "d", "week": "w", "month": "M", "quarter": "Q", "year": "Y",
}  # fmt: skip
_RENAMED = {"sli": "indicator", "sliRef": "indicatorRef", "serviceRef": "service"}
_SIDES = ("good", "bad", "total", "raw")


def as_v1(document: Document) -> Document:
    """The document as v1 has it; one of v1, or of no version that is known, comes back as it is."""
    version = document.value.get("apiVersion") if isinstance(document.value, dict) else None
    if version not in (V1ALPHA, V2ALPHA):
        return document
    moved = _Moved(document)
    value = _v2alpha(moved) if version == V2ALPHA else _v1alpha(moved)
    value["apiVersion"] = V1
    return Document(document.file, value, document.line, moved.lines)


class _Moved:
    """Notes under which path each part of the old document stands in the new one, so that messages keep their line."""

    def __init__(self, document: Document):
        self.value, self._old = document.value, document.lines
        self.lines = dict(document.lines)

    def to(self, new: tuple, old: tuple) -> None:
        """What stood at `old`, and below it, stands at `new`."""
        for path, line in self._old.items():
            if path[: len(old)] == old:
                self.lines[(*new, *path[len(old) :])] = line

    def name(self) -> str:
        """The document's name, for an indicator that v1 wants to have one."""
        metadata = self.value.get("metadata")
        return str(metadata.get("name", "unnamed")) if isinstance(metadata, dict) else "unnamed"


def _mapping(value: Any) -> dict:
    return value if isinstance(value, dict) else {}


def _v2alpha(moved: _Moved) -> dict:
    value = dict(moved.value)
    spec = value["spec"] = dict(_mapping(value.get("spec")))
    if value.get("kind") == "SLI":
        value["spec"] = _sli(moved, spec, ("spec",), ("spec",))
        return value
    value["spec"] = _renamed(moved, spec, ("spec",))
    objectives = spec.get("objectives")
    if isinstance(objectives, list):
        value["spec"]["objectives"] = [
            _renamed(moved, one, ("spec", "objectives", i)) if isinstance(one, dict) else one
            for i, one in enumerate(objectives)
        ]
    return value


def _renamed(moved: _Moved, given: dict, path: tuple) -> dict:
    """`sli`, `sliRef` and `serviceRef` under their names in v1; an inline SLI gets a name."""
    made = {}
    for key, inner in given.items():
        new = _RENAMED.get(key, key)
        moved.to((*path, new), (*path, key))
        if new == "indicator" and isinstance(inner, dict):
            spec = _sli(moved, _mapping(inner.get("spec")), (*path, key, "spec"), (*path, new, "spec"))
            inner = {"metadata": {"name": moved.name()}} | inner | {"spec": spec}
        made[new] = inner
    return made


def _sli(moved: _Moved, spec: dict, old: tuple, new: tuple) -> dict:
    """Metrics name a data source directly in v2alpha, and through `metricSource` in v1."""
    ratio = _mapping(spec.get("ratioMetric"))
    if not ratio:
        return spec
    made = dict(ratio)
    for side in _SIDES:
        metric = ratio.get(side)
        if not isinstance(metric, dict) or "metricSource" in metric:
            continue
        at, to = (*old, "ratioMetric", side), (*new, "ratioMetric", side)
        inline = _mapping(metric.get("dataSourceSpec"))
        source = {
            "metricSourceRef": metric.get("dataSourceRef"), "type": inline.get("type"), "spec": metric.get("spec", {}),
        }  # fmt: skip
        moved.to((*to, "metricSource"), at)
        moved.to((*to, "metricSource", "metricSourceRef"), (*at, "dataSourceRef"))
        rest = {key: v for key, v in metric.items() if key not in ("dataSourceRef", "dataSourceSpec", "spec")}
        made[side] = {"metricSource": {key: v for key, v in source.items() if v is not None}} | rest
    return spec | {"ratioMetric": made}


def _v1alpha(moved: _Moved) -> dict:
    value = dict(moved.value)
    if value.get("kind") != "SLO":
        return value
    spec = dict(_mapping(value.get("spec")))
    windows = spec.pop("timeWindows", None)
    if isinstance(windows, list):
        moved.to(("spec", "timeWindow"), ("spec", "timeWindows"))
        spec["timeWindow"] = [_window(moved, one, i) for i, one in enumerate(windows)]
    if isinstance(spec.get("indicator"), dict):  # a thresholdMetric with neither name nor spec around it
        moved.to(("spec", "indicator", "spec"), ("spec", "indicator"))
        spec["indicator"] = {"metadata": {"name": moved.name()}, "spec": spec["indicator"]}
    objectives = spec.get("objectives")
    if isinstance(objectives, list):
        spec["objectives"] = [_objective(moved, one, i) for i, one in enumerate(objectives)]
    return value | {"spec": spec}


def _window(moved: _Moved, window: Any, i: int) -> Any:
    """`unit: Day` and `count: 28` are `duration: 28d`."""
    if not isinstance(window, dict):
        return window
    unit = _UNITS.get(str(window.get("unit", "")).lower().removesuffix("s"), str(window.get("unit", "")))
    moved.to(("spec", "timeWindow", i, "duration"), ("spec", "timeWindows", i, "count"))
    rest = {key: v for key, v in window.items() if key not in ("unit", "count")}
    rest.setdefault("isRolling", "false" if "calendar" in window else "true")
    return rest | {"duration": f"{window.get('count', '')}{unit}"}


def _objective(moved: _Moved, objective: Any, i: int) -> Any:
    """`ratioMetrics` of an objective are its indicator; `value` belongs to thresholds and is required all the same."""
    if not isinstance(objective, dict) or not isinstance(objective.get("ratioMetrics"), dict):
        return objective
    made = {key: v for key, v in objective.items() if key not in ("ratioMetrics", "value")}
    metrics = objective["ratioMetrics"]
    old = ("spec", "objectives", i, "ratioMetrics")
    new = ("spec", "objectives", i, "indicator", "spec", "ratioMetric")
    moved.to(new, old)
    ratio = {"counter": metrics["incremental"]} if "incremental" in metrics else {}
    for key, metric in metrics.items():
        if key == "incremental":
            continue
        metric = _mapping(metric)
        source = {"type": metric.get("source") or metric.get("queryType"), "spec": {"query": metric.get("query")}}
        ratio[key] = {"metricSource": {k: v for k, v in source.items() if v is not None}}
    return made | {"indicator": {"metadata": {"name": moved.name()}, "spec": {"ratioMetric": ratio}}}
