"""SLOs that Sloth and Pyrra have recorded in Prometheus, as `guidemap fetch` kept them. See docs/prometheus.md."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from loaders import validate
from loaders.mapping import Mapping, sources_of
from loaders.prometheus_counts import PYRRA_RECORDED, SLOTH_RECORDED
from loaders.reading import Reading
from loaders.recorded import FILE, RecordedSlo
from loaders.slo_files import rolling
from loaders.slugs import slug
from loaders.yaml_rows import Document
from maturity.records.forms import ID_PATTERN
from maturity.records.problems import Loaded, Problem, show
from maturity.records.slos import Slo, SloTarget
from maturity.windows import LONGEST_DAYS

DAY_S = 86_400
_EXACT = Decimal("1e-8")  # Sloth writes 0.9990000000000001 for 99.9 %


def load(reading: Reading) -> None:
    """Add an `Slo` and its targets for each recorded SLO. One that a file defines, too, is that of the file."""
    for source in sources_of(reading, "prometheus"):
        mapping = Mapping.of(reading, source)
        for path, file in reading.files(f"raw/{source.record.id}/answers/{FILE}"):
            counted = accepted = 0
            for line, fields in reading.kept(path, file):
                entry, problems = validate.record(RecordedSlo, fields, Document(file, fields, line))
                reading.problems += problems
                counted += 1
                accepted += entry is not None and _add(reading, mapping, source, entry)
            reading.note(path, file, "slos", counted, accepted)
        mapping.tell()


def _add(reading: Reading, mapping: Mapping, source: Loaded, loaded_entry: Loaded[RecordedSlo]) -> bool:
    entry, file, line = loaded_entry.record, loaded_entry.file, loaded_entry.line
    name = entry.name
    key = name if re.match(ID_PATTERN, name) else slug(name)
    defined = next((slo for slo in reading.bundle.slos if slo.record.id == key), None)
    if defined or key in reading.seen["slos"]:
        if defined and not defined.record.source:
            expected = f"none: {defined.file}:{defined.line} defines it, without a source; remove one of them"
            reading.problems.append(Problem(file, line, "slo", f"{name} is recorded, too", expected, "warning"))
        return False
    trouble = _trouble(entry)
    if trouble:
        reading.problems.append(Problem(file, line, *trouble, "warning"))
        return False
    labels = entry.series[0]
    service = _service(entry.tool, labels, name)
    product = mapping.product(service, file, line)
    if product is None:
        return False
    targets = [SloTarget(slo=key, target=_ratio(text), valid_from=day) for day, text in entry.targets]
    fields = {
        "id": key, "product": product, "name": labels.get("sloth_slo") or name, "service": service,
        "owner": labels.get("owner") or labels.get("team"), "target": targets[-1].target, "source": source.record.id,
        "source_type": "prometheus", **rolling(int(entry.window_s[0]) // DAY_S), **_measure(entry.tool, name),
    }  # fmt: skip
    loaded, problems = validate.record(Slo, fields, Document(file, fields, line))
    reading.problems += problems
    if loaded is None:
        return False
    reading.bundle.slos.append(loaded)
    following = [*(target.valid_from for target in targets[1:]), None]
    for i, (target, until) in enumerate(zip(targets, following, strict=True)):
        begins = None if i == 0 else target.valid_from
        version = target.model_copy(update={"valid_from": begins, "valid_to": until})
        reading.bundle.slo_targets.append(Loaded(version, file, line))
    return True


def _trouble(entry: RecordedSlo) -> tuple[str, str, str] | None:
    """Field, what was found and what would do, where an SLO cannot be taken as it is recorded."""
    name, series, windows = entry.name, entry.series, entry.window_s
    if not series:
        return "slo", f"{name}, burn rates only (not loaded)", "its objective; start Pyrra with --generic-rules"
    if len(series) > 1:
        told = "; ".join(", ".join(f"{k}={one[k]}" for k in _telling(series) if k in one) for one in series)
        return "slo", f"{name}, {len(series)} times: {told} (not loaded)", "one series a name"
    if entry.gauge:
        expected = "a ratio or a latency; Pyrra records no events of a gauge, only counts over the whole window"
        return "slo", f"{name}, a gauge (not loaded)", expected
    if len(windows) != 1 or not 0 < windows[0] <= LONGEST_DAYS * DAY_S or windows[0] % DAY_S:
        found = f"{name}, {' and '.join(f'{seconds:g} s' for seconds in windows) or 'none'}"
        return "window", f"{found} (not loaded)", "one window of whole days, ten years at most"
    wrong = [text for _, text in entry.targets if not 0 < _ratio(text) <= 1]
    if wrong or not entry.targets:
        return "objective", f"{name}, {show(wrong[0] if wrong else None)} (not loaded)", "a ratio such as 0.999"
    return None


def _telling(series: list[dict[str, str]]) -> list[str]:
    """Labels that tell the series apart."""
    labels = sorted({label for one in series for label in one})
    return [label for label in labels if len({one.get(label) for one in series}) > 1]


def _service(tool: str, labels: dict[str, str], name: str) -> str:
    if tool == "sloth":
        return labels.get("sloth_service") or name
    return labels.get("service") or labels.get("team") or name


def _measure(tool: str, name: str) -> dict[str, Any]:
    """What each tool's metrics permit: events where it records them, else ratios of five minutes."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    if tool == "pyrra":
        return {
            "method": "Occurrences", "format": PYRRA_RECORDED,
            "bad_query": f'pyrra_errors:rate5m{{slo="{quoted}"}}',
            "total_query": f'pyrra_requests:rate5m{{slo="{quoted}"}}',
        }  # fmt: skip
    return {
        "method": "RatioTimeslices", "format": SLOTH_RECORDED, "slice_minutes": 5,
        "bad_query": f'slo:sli_error:ratio_rate5m{{sloth_id="{quoted}"}}',
    }  # fmt: skip


def _ratio(text: str) -> Decimal:
    try:
        return Decimal(text).quantize(_EXACT).normalize()
    except InvalidOperation:
        return Decimal(0)
