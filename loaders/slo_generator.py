"""Google's slo-generator: `sre.google.com/v2` ServiceLevelObjective. See docs/formats/slo-files.md."""

from __future__ import annotations

from collections.abc import Iterator

from loaders import slo_files
from loaders.reading import Reading
from loaders.slo_files import Found, Notes, mapped
from loaders.yaml_rows import Document
from maturity.records.problems import Loaded, show

_VERSION, _KIND = "sre.google.com/v2", "ServiceLevelObjective"
_SHARED = ("backends", "error_budget_policies", "exporters")  # the tool's own configuration, in a file of its own


def load(reading: Reading) -> None:
    """Add the SLOs of every source of kind `slo-generator`."""
    slo_files.load(reading, "slo-generator", _find)


def _find(document: Document, source: Loaded, notes: Notes) -> Iterator[Found]:
    value = document.value
    if any(mapped(value, key) for key in _SHARED):
        notes.tell((), "shared configuration", f"a {_KIND} (it is passed over)")
        return
    if mapped(value, "apiVersion") != _VERSION or mapped(value, "kind") != _KIND:
        notes.tell(("apiVersion",), show(mapped(value, "apiVersion")), f"{_VERSION} {_KIND}", "error")
        return
    name = str(mapped(value, "metadata", "name") or "")
    labels = mapped(value, "metadata", "labels")
    method = f"{mapped(value, 'spec', 'backend')} {mapped(value, 'spec', 'method')}"
    notes.tell(("spec", "method"), show(method), "queries that we can fetch; put buckets into sli/")
    yield Found(
        document, ("metadata",), name, str(mapped(labels, "service_name") or name), mapped(value, "spec", "goal"),
        ("spec", "goal"), 1, slo_files.rolling(source.record.window_days), name=name,
        description=mapped(value, "spec", "description"), owner=mapped(labels, "team"), fields={"format": _VERSION},
    )  # fmt: skip
