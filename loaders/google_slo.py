"""SLOs of Google Cloud's Service Monitoring API (projects.services.serviceLevelObjectives), as JSON.

See docs/formats/slo-files.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loaders import slo_files
from loaders.reading import Reading
from loaders.slo_files import MONDAY_AND_FIRST, Found, Notes, mapped
from loaders.yaml_rows import Document
from maturity.records.problems import Loaded, show

_NAME = re.compile(r"projects/[^/]+/services/(?P<service>[^/]+)/serviceLevelObjectives/(?P<id>[^/]+)$")
_CALENDAR = {"DAY": "d", "WEEK": "w", "MONTH": "M", "QUARTER": "Q", "HALF": None, "YEAR": "Y", "FORTNIGHT": None}


def load(reading: Reading) -> None:
    """Add the SLOs of every source of kind `google-slo`."""
    slo_files.load(reading, "google-slo", _find)


def _find(document: Document, source: Loaded, notes: Notes) -> Iterator[Found]:
    listed = mapped(document.value, "serviceLevelObjectives")
    slos = enumerate(listed) if isinstance(listed, list) else [(None, document.value)]
    for i, slo in slos:
        path = () if i is None else ("serviceLevelObjectives", i)
        match = _NAME.search(str(mapped(slo, "name") or ""))
        if match is None:
            wanted = "projects/P/services/S/serviceLevelObjectives/ID"
            notes.tell((*path, "name"), show(mapped(slo, "name")), wanted, "error")
            continue
        window, counts = _window(slo, path, notes), _counts(slo, path, notes)
        if window is None or counts is None:
            continue
        yield Found(
            document, path, f"{match['service']}-{match['id']}", match["service"], mapped(slo, "goal"),
            (*path, "goal"), 1, window, name=mapped(slo, "displayName") or match["id"],
            owner=mapped(slo, "userLabels", "team"), method=counts.pop("method"),
            fields={"format": "google/slo"} | counts,
        )  # fmt: skip


def _window(slo: object, path: tuple, notes: Notes) -> dict | None:
    """Rolling by seconds, or a calendar period in UTC; a fortnight has no known beginning."""
    period = mapped(slo, "calendarPeriod")
    if period is None:
        return slo_files.whole_days(mapped(slo, "rollingPeriod"), notes, (*path, "rollingPeriod"))
    unit = _CALENDAR.get(str(period))
    if unit is None:
        wanted = "DAY, WEEK, MONTH, QUARTER or YEAR (not loaded)"
        notes.tell((*path, "calendarPeriod"), show(period), wanted, "error")
        return None
    return {"window_kind": "calendar", "window_count": 1, "window_unit": unit, "anchor": MONDAY_AND_FIRST}


def _counts(slo: object, path: tuple, notes: Notes) -> dict | None:
    """Requests are events; windows of a ratio are slices. Metric thresholds of windows have no counts."""
    windows = mapped(slo, "serviceLevelIndicator", "windowsBased")
    at = (*path, "serviceLevelIndicator")
    if windows is None:
        notes.tell(at, "filters of Google Cloud", "queries that we can fetch; put buckets into sli/")
        return {"method": "Occurrences"}
    least = mapped(windows, "goodTotalRatioThreshold", "threshold")
    match = re.fullmatch(r"(\d+)s", str(mapped(windows, "windowPeriod") or ""))
    if least is None or match is None or not int(match[1]) or int(match[1]) % 60 or 86400 % int(match[1]):
        wanted = "goodTotalRatioThreshold.threshold and a windowPeriod of minutes that divides a day (not loaded)"
        found = ", ".join(windows) if isinstance(windows, dict) else show(windows)
        notes.tell((*at, "windowsBased"), found, wanted, "error")
        return None
    notes.tell(at, "filters of Google Cloud", "queries that we can fetch; put buckets into sli/")
    return {"method": "Timeslices", "slice_target": least, "slice_minutes": int(match[1]) // 60}
