"""SLOs that Sloth and Pyrra have recorded in Prometheus, found by their own metrics.

What is found is kept below `raw/<source>/answers/recorded.json`, one SLO a line; `loaders/recorded_slos.py` makes SLOs
of it, whose rates or ratios are then fetched like counters. An SLO that is recorded no more stays, as do targets
that the server has forgotten.

Metrics of Sloth: https://sloth.dev/introduction/ (SLI and metadata recording rules).
Metrics of Pyrra: https://github.com/pyrra-dev/pyrra (`--generic-rules`).
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from loaders import day_files, http, kept_answers, prometheus_api
from loaders.prometheus_api import Server
from maturity.records.forms import Record
from maturity.sources import PrometheusSource

FILE = "recorded.json"
DAY_S = 86_400
Series = list[dict[str, Any]]


@dataclass(frozen=True)
class _Tool:
    """How a tool names its metrics. `name` is the label that names the SLO, `days` the window in units of `unit_s`."""

    name: str
    info: str
    objective: str
    window: str
    unit_s: int


_TOOLS = {
    "sloth": _Tool("sloth_id", "sloth_slo_info", "slo:objective:ratio", "slo:time_period:days", DAY_S),
    "pyrra": _Tool("slo", "pyrra_objective", "pyrra_objective", "pyrra_window", 1),
}
# Pyrra's gauges record counts over the whole window as `pyrra_requests:rate5m`: no events of five minutes.
_GAUGES = 'group by (slo) ({__name__=~".+:count[0-9]+[smhdwy]",slo!=""})'
# Every SLO of Pyrra has burn rates; only with --generic-rules it has an objective, too.
_BURNING = 'group by (slo) ({__name__=~".+:burnrate[0-9]+[smhdwy]",slo!=""})'


class RecordedSlo(Record):
    """One SLO as its metrics have it: an entry of the kept list.

    `series` are the labels of each series with its name; `targets` are days and the ratio from then on, as recorded.
    """

    id: str
    tool: Literal["sloth", "pyrra"]
    name: str
    series: list[dict[str, str]] = []
    window_s: list[int] = []
    targets: list[tuple[dt.date, str]] = []
    gauge: bool = False


@dataclass
class Discovered:
    """What a look at the server found. `slos` counts those recorded now."""

    slos: int = 0
    warnings: list[str] = field(default_factory=list)


def discover(source: PrometheusSource, raw: Path, *, now: dt.datetime) -> Discovered:
    """Bring the kept list up to date with what `source.recorded` may find at `now`.

    Raises http.SourceFailed or kept_answers.KeptAnswerIsDamaged; then the list stays as it was.
    """
    found, path = Discovered(), raw / source.id / "answers" / FILE
    if not source.recorded:
        return found
    earlier = {entry.id: entry for entry in _kept(path)}
    with prometheus_api.server(source, DAY_S) as server, http.read_as_documented("recorded SLOs"):
        now_there = [entry for tool in source.recorded for entry in _entries(server, source, tool, now, found)]
        found.slos = len(now_there)
        here = {entry.id: _with_earlier(entry, earlier.get(entry.id)) for entry in now_there}
        if here or earlier:
            entries = [entry.model_dump(mode="json") for entry in (earlier | here).values()]
            kept_answers.keep_entries(path, server.session, entries)
    found.warnings += [
        f"{entry.name}: not recorded by {entry.tool} now; what was kept stays"
        for key, entry in earlier.items()
        if key not in here
    ]
    return found


def _kept(path: Path) -> list[RecordedSlo]:
    try:
        return [RecordedSlo(**entry) for _, entry in kept_answers.entries(path)] if path.exists() else []
    except ValidationError as error:
        raise kept_answers.KeptAnswerIsDamaged(f"{path.name}, {error.errors()[0]['msg']}") from None


def _entries(
    server: Server, source: PrometheusSource, tool: str, now: dt.datetime, found: Discovered
) -> list[RecordedSlo]:
    """One entry for each name of an SLO: its series' labels, its window, its targets, and why it cannot be taken."""
    metrics = _TOOLS[tool]
    named = f'{{{metrics.name}!=""}}'
    infos = _by_name(prometheus_api.ask_at(server, metrics.info + named, now), metrics.name)
    without = _without_objective(server, now, infos, found) if tool == "pyrra" else []
    if not infos:
        return without
    windows = _by_name(prometheus_api.ask_at(server, metrics.window + named, now), metrics.name)
    objectives = _by_name(prometheus_api.ask_at(server, metrics.objective + named, now), metrics.name)
    gauges = _names(prometheus_api.ask_at(server, _GAUGES, now)) if tool == "pyrra" else set()
    history = _history(server, metrics, named, source.since, now)
    entries = []
    for name, series in infos.items():
        targets = history.get(name, {})
        targets |= {now.date(): one["value"][1] for one in objectives.get(name, []) if _is_number(one["value"][1])}
        entries.append(
            RecordedSlo(
                id=f"{tool}:{name}",
                tool=tool,
                name=name,
                series=[one["metric"] for one in series],
                window_s=_seconds([one["value"][1] for one in windows.get(name, [])], metrics.unit_s),
                targets=_changes(targets),
                gauge=name in gauges,
            )
        )
    return [*entries, *without]


def _seconds(windows: list[str], unit_s: int) -> list[int]:
    return [round(float(text) * unit_s) for text in windows if _is_number(text)]


def _is_number(text: str) -> bool:
    # A rule that divides by nothing records NaN or an infinity: no window, and no objective.
    return math.isfinite(float(text))


def _without_objective(server: Server, now: dt.datetime, known: dict, found: Discovered) -> list[RecordedSlo]:
    """SLOs of Pyrra that have burn rates only."""
    try:
        names = _names(prometheus_api.ask_at(server, _BURNING, now)) - known.keys()
    except http.SourceRefused as error:  # a server may refuse to look through all names
        found.warnings.append(f"SLOs of Pyrra without generic rules were not looked for: {error}")
        return []
    return [RecordedSlo(id=f"pyrra:{name}", tool="pyrra", name=name) for name in sorted(names)]


def _history(server: Server, metrics: _Tool, named: str, since: dt.date, now: dt.datetime) -> dict[str, dict]:
    """The objective that held last on each finished UTC day, by name and day."""
    first, last = day_files.midnight(since) + DAY_S - 1, int(now.timestamp())
    if first > last:
        return {}
    answer = prometheus_api.ask(server, f"last_over_time({metrics.objective}{named}[1d])", first, last)
    days: dict[str, dict[dt.date, str]] = {}
    for one in answer["data"]["result"]:
        ours = days.setdefault(one["metric"][metrics.name], {})
        ours |= {_day(at): text for at, text in one["values"] if _is_number(text)}
    return days


def _with_earlier(entry: RecordedSlo, earlier: RecordedSlo | None) -> RecordedSlo:
    """Targets from before the first day that the server still knows stay."""
    if not earlier:
        return entry
    known = [change for change in earlier.targets if not entry.targets or change[0] < entry.targets[0][0]]
    return entry.model_copy(update={"targets": _changes(dict([*known, *entry.targets]))})


def _changes(targets: dict[dt.date, str]) -> list[tuple[dt.date, str]]:
    """Days on which the target became another, with the target from then on."""
    changes: list[tuple[dt.date, str]] = []
    for day in sorted(targets):
        if not changes or changes[-1][1] != targets[day]:
            changes.append((day, targets[day]))
    return changes


def _by_name(series: Series, name: str) -> dict[str, Series]:
    found: dict[str, Series] = {}
    for one in series:
        found.setdefault(one["metric"][name], []).append(one)
    return found


def _names(series: Series) -> set[str]:
    return {one["metric"]["slo"] for one in series}


def _day(at: float) -> dt.date:
    return dt.datetime.fromtimestamp(at, dt.UTC).date()
