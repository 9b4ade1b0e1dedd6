"""Which SLOs of Datadog are taken, under which ids and for which product: the same answer for fetch and build.

A definition is an entry of `GET /api/v1/slo`. It has up to three timeframes, each with a target. The primary one (the
field `timeframe`, else 30d, else the longest) gives the SLO with Datadog's own id. Another timeframe becomes an SLO of
its own, `<id>-7d`, only where its target differs: at the same target it says the same thing over another window.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from loaders import http
from maturity.sources import DatadogSource

TYPES = {"metric", "monitor", "time_slice"}
TIMEFRAMES = ("30d", "90d", "7d")  # the first that is there is primary, where Datadog names none
DEFAULT_SLICE_S = 300  # query_interval_seconds of a time-slice SLO that names none

Definition = dict[str, Any]


@dataclass(frozen=True)
class Taken:
    """An SLO of Datadog that is taken. `targets` are (our id, timeframe, target in per cent), the primary first.

    `product` is None where the definition is one of slos/; then there is one id and nothing else of Datadog counts.
    """

    definition: Definition
    product: str | None
    targets: list[tuple[str, str, Decimal]]

    @property
    def key(self) -> str:
        return str(self.definition["id"])

    @property
    def ids(self) -> list[str]:
        return [slo for slo, _, _ in self.targets]

    @property
    def type(self) -> str:
        return self.definition["type"]


@dataclass(frozen=True)
class LeftOut:
    """Why an SLO is not taken: a field, what was found there, and what would do."""

    field: str
    found: str
    expected: str


def wanted(definition: Definition, source: DatadogSource) -> bool:
    """Whether `take` asks for it."""
    return not source.take or not _words(definition).isdisjoint(source.take)


def choose(definition: Definition, source: DatadogSource) -> Taken | LeftOut:
    """How a wanted definition is taken, or why it is not."""
    try:
        return _choose(definition, source)
    except http.ANOTHER_SHAPE as error:
        return LeftOut("slo", f"another shape ({type(error).__name__})", "a definition as Datadog documents it")


def _choose(definition: Definition, source: DatadogSource) -> Taken | LeftOut:
    key, kind = str(definition["id"]), definition.get("type")
    if kind not in TYPES:
        return LeftOut("type", repr(kind), f"one of {', '.join(sorted(TYPES))}")
    if not isinstance(definition.get("query") or {}, dict) or not isinstance(definition.get("tags") or [], list):
        return LeftOut("query", "no object, or tags that are no list", "a definition as Datadog documents it")
    if kind != "metric" and slice_minutes(definition) < 1:
        return LeftOut("sli_specification", "slices of less than a minute", "slices of whole minutes")
    if key in source.slos:
        return Taken(definition, None, [(source.slos[key], "", Decimal(0))])
    products = _products(definition, source)
    if len(products) != 1:
        found = f"no product for {definition.get('name')!r}" if not products else f"products {', '.join(products)}"
        return LeftOut("products", found, f"its id, its name or one of its tags under products of source {source.id}")
    targets = _targets(definition)
    if not targets:
        return LeftOut("thresholds", "no timeframe of 7d, 30d or 90d with a target", "at least one")
    return Taken(definition, products[0], targets)


def bucket_s(definition: Definition, source: DatadogSource) -> int:
    """Length of its buckets. Datadog keeps time-based SLOs by the minute or by the slice."""
    if definition["type"] == "metric":
        return source.bucket_minutes * 60
    return slice_minutes(definition) * 60


def slice_minutes(definition: Definition) -> int:
    """Minutes of one slice: 1 for a monitor, 1 or 5 for time slices."""
    if definition["type"] == "monitor":
        return 1
    slices = (definition.get("sli_specification") or {}).get("time_slice") or {}
    return int(slices.get("query_interval_seconds") or DEFAULT_SLICE_S) // 60


def tag(definition: Definition, name: str) -> str | None:
    """Value of the first tag `name:value`."""
    found = (str(one).partition(":") for one in definition.get("tags") or [])
    return next((value for key, _, value in found if key == name and value), None)


def _words(definition: Definition) -> set[str]:
    tags = definition.get("tags")
    return {str(definition["id"]), str(definition.get("name")), *map(str, tags if isinstance(tags, list) else [])}


def _products(definition: Definition, source: DatadogSource) -> list[str]:
    """Its id says more than its name, and its name more than its tags."""
    tags = sorted({source.products[t] for t in map(str, definition.get("tags") or []) if t in source.products})
    for word in (str(definition["id"]), str(definition.get("name"))):
        if word in source.products:
            return [source.products[word]]
    return tags


def _targets(definition: Definition) -> list[tuple[str, str, Decimal]]:
    given = {}
    for threshold in definition.get("thresholds") or []:
        target = _percent(threshold.get("target"))
        if threshold.get("timeframe") in TIMEFRAMES and target is not None:
            given[threshold["timeframe"]] = target
    first = definition.get("timeframe") if definition.get("timeframe") in given else None
    first = first or next((frame for frame in TIMEFRAMES if frame in given), None)
    if first is None:
        return []
    others = [frame for frame in sorted(given) if given[frame] != given[first]]
    key = str(definition["id"])
    return [(key, first, given[first]), *((f"{key}-{frame}", frame, given[frame]) for frame in others)]


def _percent(value: Any) -> Decimal | None:
    try:
        percent = Decimal(str(value))
    except InvalidOperation:
        return None
    return percent if percent.is_finite() else None
