"""Sloth: `version: prometheus/v1`, and its CRD `sloth.slok.dev/v1` PrometheusServiceLevel.

See docs/formats/slo-files.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from loaders import slo_files
from loaders.reading import Reading
from loaders.slo_files import Found, Notes, mapped
from loaders.yaml_rows import Document
from maturity.records.problems import Loaded, show

_PLAIN, _CRD = "prometheus/v1", "sloth.slok.dev/v1"
_FORMATS = {_PLAIN: "sloth/prometheus/v1", _CRD: _CRD}
# The same fields in the file and in the CRD.
_WORDS = {
    _PLAIN: {"error": "error_query", "total": "total_query"},
    _CRD: {"error": "errorQuery", "total": "totalQuery"},
}


def load(reading: Reading) -> None:
    """Add the SLOs of every source of kind `sloth`."""
    slo_files.load(reading, "sloth", _find)


def _find(document: Document, source: Loaded, notes: Notes) -> Iterator[Found]:
    value = document.value
    version = mapped(value, "version") or mapped(value, "apiVersion")
    if version not in _WORDS:
        notes.tell(("version",), show(version), f"{_PLAIN} or {_CRD}", "error")
        return
    base = () if version == _PLAIN else ("spec",)
    top = mapped(value, *base)
    slos, service = mapped(top, "slos"), mapped(top, "service")
    if not isinstance(slos, list) or not service:
        notes.tell((*base, "slos" if service else "service"), "nothing", "a service and a list of slos", "error")
        return
    for i, slo in enumerate(slos):
        path = (*base, "slos", i)
        name = str(mapped(slo, "name") or i)
        yield Found(
            document, path, f"{service}-{name}", str(service), mapped(slo, "objective"), (*path, "objective"), 100,
            slo_files.rolling(source.record.window_days), name=name, description=mapped(slo, "description"),
            owner=mapped(slo, "labels", "owner") or mapped(top, "labels", "owner"),
            fields={"format": _FORMATS[version]} | _queries(slo, version, path, notes),
        )  # fmt: skip


def _queries(slo: object, version: str, path: tuple, notes: Notes) -> dict[str, str]:
    """Raw counters behind the rates. A ready-made ratio has no counts, and a plugin is a program of Sloth's."""
    words = _WORDS[version]
    events = mapped(slo, "sli", "events")
    if not isinstance(events, dict):
        kind = next((k for k in ("raw", "plugin") if mapped(slo, "sli", k)), "nothing")
        notes.tell((*path, "sli"), show(kind), "events; the SLO is loaded without queries, put buckets into sli/")
        return {}
    found = {
        ours: slo_files.counter(events.get(words[theirs]), notes, (*path, "sli", "events", words[theirs]))
        for ours, theirs in (("bad_query", "error"), ("total_query", "total"))
    }
    return found if all(found.values()) else {}
