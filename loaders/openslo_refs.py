"""OpenSLO documents that SLOs refer to: data sources, alert policies and their conditions.

Every reference is looked up among the documents of all files. A data source gives its type. Alerts have no place in
our model, where burn alerts are pairs of windows in `budget_policy.yaml` for all SLOs: they are told, never guessed.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import Any

from loaders.reading import Reading
from loaders.yaml_rows import Document
from maturity.records.problems import Problem, show

KINDS = {"Service", "DataSource", "AlertPolicy", "AlertCondition", "AlertNotificationTarget"}
# Field that refers -> kind of the document that is meant. v2alpha has dataSourceRef in place of metricSourceRef.
_REFERENCES = {
    "metricSourceRef": "DataSource", "dataSourceRef": "DataSource", "alertPolicyRef": "AlertPolicy",
    "conditionRef": "AlertCondition", "targetRef": "AlertNotificationTarget",
}  # fmt: skip
# Lists whose items are documents of a kind, or references to one.
_INLINE = {"alertPolicies": "AlertPolicy", "conditions": "AlertCondition"}
_NOT_CARRIED = "nothing (it is not carried over; burn alerts stand in budget_policy.yaml)"
_SERVER_ELSEWHERE = "a source of that id in sources.yaml (connection details are not carried over)"


class References:
    """What the documents of all files name, and what they refer to."""

    def __init__(self, reading: Reading):
        self._reading = reading
        self._documents: list[Document] = []
        self._known: dict[str, dict[str, Document]] = defaultdict(dict)
        self._servers = {loaded.record.id for loaded in reading.bundle.sources}

    def add(self, part: Document) -> None:
        """Note a document of any kind."""
        self._documents.append(part)
        if part.value["kind"] not in KINDS:
            return
        name = _at(part.value, "metadata", "name")
        if isinstance(name, str):
            first = self._known[part.value["kind"]].setdefault(name, part)
            if first is not part and part.value["kind"] == "DataSource":  # of other kinds the name alone is used
                found = f"{name} again (first at {first.file}:{first.line})"
                self._tell(part, ("metadata", "name"), found, "each DataSource once", "error")
        else:
            self._tell(part, ("metadata", "name"), show(name), "a name that others can refer to")

    def source_type(self, name: str | None) -> str | None:
        """Type of the data source of that name, where one is defined."""
        kind = _at(self._known["DataSource"][name].value, "spec", "type") if name in self._known["DataSource"] else None
        return kind if isinstance(kind, str) else None

    def check(self) -> None:
        """Tell references that lead nowhere, and what is not carried over."""
        for part in self._documents:
            if part.value["kind"] == "DataSource":
                self._data_source(part)
            self._alert(part, (), part.value["kind"], part.value)
            for path in list(part.lines):
                if not path or (path[-1] not in _REFERENCES and path[-2:][0] not in _INLINE) or _foreign(path):
                    continue
                value = _at(part.value, *path)
                self._look_up(part, path, value)
                if isinstance(value, dict) and not value.keys() & _REFERENCES.keys():
                    self._alert(part, path, _INLINE.get(path[-2:][0]), value)
        self._services()

    def _look_up(self, part: Document, path: tuple, value: Any) -> None:
        if not isinstance(value, str):
            return
        kind = _REFERENCES.get(path[-1]) or _INLINE.get(path[-2:][0])  # v1alpha lists plain names
        if kind is None or value in self._known[kind]:
            return
        if kind == "DataSource" and (value in self._servers or "sources.yaml" in self._reading.unread):
            return
        also = ", or of a source in sources.yaml" if kind == "DataSource" else ""
        article = "an" if kind[0] == "A" else "a"
        self._tell(part, path, show(value), f"the name of {article} {kind} document below slos/{also}")

    def _data_source(self, part: Document) -> None:
        if self.source_type(_at(part.value, "metadata", "name")) is None:
            self._tell(part, ("spec", "type"), show(_at(part.value, "spec", "type")), "a type such as Prometheus")
        if _at(part.value, "spec", "connectionDetails") and _at(part.value, "metadata", "name") not in self._servers:
            self._tell(part, ("spec", "connectionDetails"), "connection details", _SERVER_ELSEWHERE)

    def _alert(self, part: Document, path: tuple, kind: str | None, value: dict) -> None:
        said = _at(value, "spec", "description")
        quoted = f" ({show(said)})" if isinstance(said, str) else ""
        if kind == "AlertPolicy":
            self._tell(part, path, f"an AlertPolicy{quoted}", _NOT_CARRIED)
        elif kind == "AlertCondition":
            condition = _at(value, "spec", "condition")
            words = condition if isinstance(condition, dict) else {}
            rule = ", ".join(f"{key} {inner}" for key, inner in words.items() if isinstance(inner, str))
            self._tell(part, (*path, "spec", "condition"), f"{rule or 'no condition'}{quoted}", _NOT_CARRIED)

    def _services(self) -> None:
        """Names of services and targets of notifications are all that is used of them: one message a file and kind."""
        more = defaultdict(list)
        for part in self._documents:
            said = [_at(part.value, "spec"), _at(part.value, "metadata", "displayName")]
            if part.value["kind"] in ("Service", "AlertNotificationTarget") and any(said):
                more[part.file, part.value["kind"]].append(part)
        for (_, kind), parts in more.items():
            count = f"{len(parts)} documents" if len(parts) > 1 else "a document"
            self._tell(parts[0], ("kind",), f"{count} of kind {kind}", "names only (the rest is not carried over)")

    def _tell(self, part: Document, path: tuple, found: str, expected: str, level: str = "warning") -> None:
        where = path
        while where and where not in part.lines:
            where = where[:-1]
        name = ".".join(map(str, path)) or "kind"
        line = part.lines.get(where, part.line)
        self._reading.problems.append(Problem(part.file, line, name, found, expected, level))


def _at(value: Any, *path: Any) -> Any:
    """What stands at a path, or None."""
    for key in path:
        if isinstance(value, dict):
            value = value.get(key)
        else:
            value = value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None
    return value


def _foreign(path: tuple) -> bool:
    """Does a path lie in what only a data source, or somebody else, understands?"""
    return any(key in path for key in ("connectionDetails", "annotations", "labels")) or any(
        pair == ("metricSource", "spec") for pair in pairwise(path)
    )
