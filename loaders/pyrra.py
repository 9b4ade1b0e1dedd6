"""Pyrra: `pyrra.dev/v1alpha1` ServiceLevelObjective. See docs/formats/slo-files.md."""

from __future__ import annotations

from collections.abc import Iterator

from loaders import slo_files
from loaders.reading import Reading
from loaders.slo_files import Found, Notes, mapped
from loaders.yaml_rows import Document
from maturity.records.problems import Loaded, show

_VERSION, _KIND = "pyrra.dev/v1alpha1", "ServiceLevelObjective"
# Kind of indicator -> (our field, its field in Pyrra).
_INDICATORS = {
    "ratio": (("bad_query", "errors"), ("total_query", "total")),
    "latency": (("good_query", "success"), ("total_query", "total")),
}


def load(reading: Reading) -> None:
    """Add the SLOs of every source of kind `pyrra`."""
    slo_files.load(reading, "pyrra", _find)


def _find(document: Document, source: Loaded, notes: Notes) -> Iterator[Found]:
    value = document.value
    if mapped(value, "apiVersion") != _VERSION or mapped(value, "kind") != _KIND:
        notes.tell(("apiVersion",), show(mapped(value, "apiVersion")), f"{_VERSION} {_KIND}", "error")
        return
    window = slo_files.whole_days(mapped(value, "spec", "window"), notes, ("spec", "window"))
    if window is None:
        return
    name = str(mapped(value, "metadata", "name") or "")
    labels = mapped(value, "metadata", "labels")
    team = mapped(labels, "pyrra.dev/team")
    yield Found(
        document, ("metadata",), name, str(mapped(labels, "pyrra.dev/service") or team or name),
        mapped(value, "spec", "target"), ("spec", "target"), 100, window, name=name,
        description=mapped(value, "spec", "description"), owner=team,
        fields={"format": _VERSION} | _queries(mapped(value, "spec", "indicator"), notes),
    )  # fmt: skip


def _queries(indicator: object, notes: Notes) -> dict[str, str]:
    path = ("spec", "indicator")
    kind = next((kind for kind in _INDICATORS if mapped(indicator, kind)), None)
    if kind is None:
        found = ", ".join(indicator) if isinstance(indicator, dict) else "nothing"
        notes.tell(path, found, "ratio or latency; the SLO is loaded without queries, put buckets into sli/")
        return {}
    if mapped(indicator, kind, "grouping"):
        notes.tell((*path, kind, "grouping"), "a grouping", "none: it is one SLO over all groups here")
    found = {
        ours: slo_files.counter(mapped(indicator, kind, theirs, "metric"), notes, (*path, kind, theirs, "metric"))
        for ours, theirs in _INDICATORS[kind]
    }
    return found if all(found.values()) else {}
