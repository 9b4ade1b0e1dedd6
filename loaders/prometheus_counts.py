"""From the samples of Prometheus to events in buckets: raw counters, and rates and ratios that rules have recorded."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from loaders import http
from loaders.prometheus_api import MOST_STEPS, Server, ask
from maturity.records.slos import Slo

# Formats of definitions that were found on the server; every other SLO has selectors of raw counters.
SLOTH_RECORDED, PYRRA_RECORDED = "sloth/recorded", "pyrra/recorded"
RECORDED = (SLOTH_RECORDED, PYRRA_RECORDED)


@dataclass
class Counted:
    """One query over a range: a number by bucket start (Unix seconds), and what was noticed on the way.

    `unusable` are samples that are no number, `unlike` grid points at which series contradict each other.
    """

    increases: dict[int, float] = field(default_factory=dict)
    samples: int = 0
    unusable: int = 0
    unlike: int = 0
    warnings: list[str] = field(default_factory=list)


def queries(slo: Slo) -> list[tuple[str, str]]:
    """(side, query), total first."""
    sides = [("total", slo.total_query), ("good", slo.good_query), ("bad", slo.bad_query)]
    return [(side, query) for side, query in sides if query]


def buckets(server: Server, slo: Slo, start: int, end: int) -> tuple[dict[str, Counted], dict[int, tuple]]:
    """What was counted on each side in [start, end), and (good, total) by bucket start. Raises http.SourceFailed."""
    read = recorded if slo.format in RECORDED else count
    answers = {side: read(server, query, start, end) for side, query in queries(slo)}
    return answers, _PAIRS.get(slo.format, _of_counters)(server, answers)


def count(server: Server, query: str, start: int, end: int) -> Counted:
    """Increases of all series of a selector in the buckets of [start, end), in as many requests as it takes."""
    counted, series = _series(server, query, start, end, _is_count)
    for samples in series.values():
        _add_increases(samples, server.step_s, counted.increases)
    return counted


def recorded(server: Server, query: str, start: int, end: int) -> Counted:
    """The value at the end of each bucket, which a rule computed over the 5 minutes before. NaN, 0 / 0, is no traffic.

    A rule whose labels were changed has several series. Where they differ, nobody can say which holds: a gap.
    """
    counted, series = _series(server, query, start, end, lambda value: math.isnan(value) or _is_count(value))
    values: dict[int, set[float]] = {}
    for samples in series.values():
        for at, value in samples.items():
            if start < at <= end and not math.isnan(value):
                values.setdefault(at - server.step_s, set()).add(value)
    counted.unlike = sum(len(different) > 1 for different in values.values())
    counted.increases = {at: value for at, (value, *others) in values.items() if not others}
    return counted


# ------------------------------------------------------------------------------------------------- good and total


def _of_counters(_: Server, answers: dict[str, Counted]) -> dict[int, tuple[float, float]]:
    """A counter that is born at its first event counts 0 while it does not exist."""
    side = "good" if "good" in answers else "bad"
    other = answers[side].increases
    pairs = {}
    for at, total in answers["total"].increases.items():
        part = other.get(at, 0)
        pairs[at] = (part if side == "good" else total - part, total)
    return pairs


def _of_rates(server: Server, answers: dict[str, Counted]) -> dict[int, tuple[float, float]]:
    """Events a second over the length of a bucket; both sides are recorded together, so one alone is a gap."""
    bad, step_s = answers["bad"].increases, server.step_s
    return {
        at: ((total - bad[at]) * step_s, total * step_s)
        for at, total in answers["total"].increases.items()
        if at in bad
    }


def _of_error_ratios(_: Server, answers: dict[str, Counted]) -> dict[int, tuple[float, float]]:
    """No events are known: each bucket is a part of 1."""
    return {at: (1 - ratio, 1) for at, ratio in answers["bad"].increases.items()}


_PAIRS: dict[str, Callable[[Server, dict[str, Counted]], dict[int, tuple[float, float]]]] = {
    PYRRA_RECORDED: _of_rates,
    SLOTH_RECORDED: _of_error_ratios,
}


# -------------------------------------------------------------------------------------------------------- samples


def _series(
    server: Server, query: str, start: int, end: int, usable: Callable[[float], bool]
) -> tuple[Counted, dict[tuple, dict[int, float]]]:
    """Value by grid point of each series, by its labels; a sample that is not usable is absent, and counted."""
    counted, series = Counted(), {}
    length = MOST_STEPS * server.step_s
    for since in range(start, end, length):
        answer = ask(server, query, since, min(since + length, end))
        with http.read_as_documented("query_range"):
            counted.warnings += [http.without_secrets(server.session, str(w)) for w in answer.get("warnings") or []]
            for one in answer["data"]["result"]:
                labels = tuple(sorted(one.get("metric", {}).items()))
                values = {int(at): float(text) for at, text in one.get("values") or []}
                here = {at: value for at, value in values.items() if usable(value)}
                counted.samples += len(values)
                counted.unusable += len(values) - len(here)
                series.setdefault(labels, {}).update(here)
    return counted, series


def _is_count(value: float) -> bool:
    """NaN, infinite and negative values are no number of requests."""
    return math.isfinite(value) and value >= 0


def _add_increases(samples: dict[int, float], step_s: int, increases: dict[int, float]) -> None:
    for at, value in samples.items():
        before = samples.get(at - step_s)
        if before is not None:
            increase = value - before if value >= before else value
            increases[at - step_s] = increases.get(at - step_s, 0) + increase
