"""Budgets and months of a build against exact rational arithmetic, on random SLOs, zones, targets, gaps, corrections
and weights."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from given import SloFolder, ask, day, slo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maturity import windows
from maturity.records.slos import Member, Slo

AS_OF = day("2026-03-31")
FIRST = dt.datetime(2026, 3, 20)  # Berlin's clocks change on the 29th, Lord Howe's on 5 April
HOUR = dt.timedelta(hours=1)
ZONES = ["UTC", "Asia/Tokyo", "Europe/Berlin", "Asia/Kolkata", "America/New_York"]
KINDS = [
    {"window_kind": "rolling", "window_count": 7, "window_unit": "d"},
    {"window_kind": "calendar", "window_count": 1, "window_unit": "M", "anchor": "2025-01-31"},
    {"window_kind": "calendar", "window_count": 1, "window_unit": "w", "anchor": "2025-12-01"},
]
METHODS = [
    {"method": "Occurrences"},
    {"method": "Timeslices", "slice_minutes": 60, "slice_target": 0.9},
    {"method": "Timeslices", "slice_minutes": 240, "slice_target": 0.5},
    {"method": "RatioTimeslices", "slice_minutes": 120},
]


@st.composite
def an_slo(draw, number: int) -> tuple[Slo, list[tuple[str, str | None]], dict, list]:
    """An SLO, its targets as (target, valid from), its buckets {start: (good, total)} and its correction, if any."""
    fields = draw(st.sampled_from(METHODS)) | draw(st.sampled_from(KINDS))
    targets = [(draw(st.sampled_from(["0.9", "0.99", "0.999", "1"])), None)]
    if draw(st.booleans()):
        targets.append((draw(st.sampled_from(["0.5", "0.95", "0.99999", "1"])), "2026-03-26"))
    missing = draw(st.sampled_from(["ignore", "good", "bad"]))
    made = slo(
        id=f"s{number}",
        time_zone=draw(st.sampled_from(ZONES)),
        target=targets[-1][0],
        missing_slices=missing,
        bucket_seconds=3600,
        **fields,
    )
    hours = draw(st.lists(st.integers(0, 24 * 11 - 1), min_size=1, max_size=60, unique=True))
    buckets = {}
    for hour in hours:
        total = draw(st.sampled_from([0, 1, 7, 10, 1000, 10**12]))
        buckets[FIRST + hour * HOUR] = (draw(st.integers(0, total)), total)
    begin = FIRST + draw(st.integers(0, 24 * 11)) * HOUR
    spans = [(begin, begin + draw(st.integers(1, 30)) * HOUR, draw(st.sampled_from(["drop", "good"])))]
    return made, targets, buckets, spans if draw(st.booleans()) else []


@st.composite
def a_whole(draw, parts: int) -> tuple[Slo, list[tuple[str, str | None]]]:
    """A weighted composite of SLOs s0, s1, ... and its targets."""
    fields = draw(st.sampled_from(KINDS)) | {"time_zone": draw(st.sampled_from(ZONES))}
    targets = [
        (draw(st.sampled_from(["0.9", "0.99", "1"])), None),
        (draw(st.sampled_from(["0.5", "0.95"])), "2026-03-26"),
    ]
    members = [Member(slo=f"s{i}", weight=draw(st.sampled_from([1, 2, 9, 0.5]))) for i in range(parts)]
    return slo(id="whole", target=targets[-1][0], combine="weighted", members=members, **fields), targets


def exact(made: Slo, targets: list, buckets: dict, spans: list, on: dt.date) -> dict:
    """Consumed with and without corrections on one day, as a reader of docs/budgets.md would compute it by hand.

    `states` are those that the day may have; which of them, a policy says.
    """
    first, last = windows.period(made, on)
    units, bad, allowed, consumed = _sums(made, targets, buckets, spans, first, last, on)
    return {
        "consumed": consumed,
        "measured_consumed": _sums(made, targets, buckets, [], first, last, on)[3],
        "states": _states(units, bad, allowed, consumed),
    }


def exact_whole(made: Slo, targets: list, parts: dict[str, tuple], first: dt.date, last: dt.date, on: dt.date) -> dict:
    """The same of a weighted composite over some days; `parts` are its members as they were given."""
    seen = []
    for member in made.members:
        part, _, buckets, spans = parts[member.slo]
        units, bad, allowed, _ = _sums(part, targets, buckets, spans, first, last, on)
        if units:
            seen.append((Fraction(member.weight), units, bad, allowed))
    if not seen:
        return {"consumed": None, "states": {"no_data"}}
    weights, units = sum(w for w, *_ in seen), sum(u for _, u, _, _ in seen)
    bad = sum(w * b / u for w, u, b, _ in seen) / weights * units
    allowed = sum(a for *_, a in seen)
    proving = weights * weights / sum(w * w / u for w, u, _, _ in seen)
    consumed = bad / allowed if allowed else None
    return {"consumed": consumed, "states": _states(units, bad, allowed / units * proving, consumed)}


def _states(units: Fraction, bad: Fraction, allowed: Fraction, consumed: Fraction | None) -> set[str]:
    if units == 0:
        return {"no_data"}
    if consumed is None:
        return {"exhausted" if bad else "met"}
    if allowed < 1:
        return {"too_little_traffic"}
    spent = {"exhausted", "exhausted_and_still_burning"}
    return spent if consumed >= 1 else {"at_risk", "met", "met_unspent"}


def _target(targets: list, on: dt.date) -> Fraction:
    return Fraction([t for t, since in targets if since is None or day(since) <= on][-1])


def _sums(made: Slo, targets: list, buckets: dict, spans: list, first: dt.date, last: dt.date, on: dt.date):
    zone = ZoneInfo(made.time_zone)
    units, bad, allowed, dropped = Fraction(0), Fraction(0), Fraction(0), Fraction(0)
    measured_from = min(_local(start, zone).date() for start in buckets)
    at = first
    while at <= on:
        begins = dt.datetime.combine(at, dt.time(), zone).astimezone(dt.UTC).replace(tzinfo=None)
        ends = dt.datetime.combine(at + windows.DAY, dt.time(), zone).astimezone(dt.UTC).replace(tzinfo=None)
        target = _target(targets, at)
        day_units, day_bad, day_dropped = Fraction(0), Fraction(0), Fraction(0)
        if made.method == "Occurrences":
            for start, (good, total) in buckets.items():
                effect = _effect(start, spans)
                if begins <= start < ends and effect != "drop":
                    day_units += total
                    day_bad += 0 if effect == "good" else total - good
        else:
            step = dt.timedelta(minutes=made.slice_minutes)
            slices = defaultdict(list)
            for start, (good, total) in buckets.items():
                if begins <= start < ends:
                    slices[(start - begins) // step].append((start, good, total))
            seen = measured = touched = 0
            for rows in slices.values():
                had = sum(total for _, _, total in rows)
                kept = [
                    (total if _effect(s, spans) == "good" else good, total)
                    for s, good, total in rows
                    if _effect(s, spans) != "drop"
                ]
                good, total = sum(g for g, _ in kept), sum(t for _, t in kept)
                measured += had > 0
                touched += had > 0 and any(_effect(s, spans) for s, _, _ in rows)
                if total == 0:
                    continue
                seen += 1
                ratio = Fraction(good, total)
                if made.method == "RatioTimeslices":
                    day_bad += 1 - ratio
                else:
                    day_bad += ratio < Fraction(str(made.slice_target))
            day_units, day_dropped = Fraction(seen), Fraction(measured - seen)
            if made.missing_slices != "ignore" and at >= measured_from:
                covered = sum(max(0, (min(e, ends) - max(b, begins)).total_seconds()) for b, e, _ in spans)
                covered_absent = max(Fraction(0), Fraction(covered) / (made.slice_minutes * 60) - touched)
                passed = min(ends, _until(buckets)) - begins
                cut_short = ends <= _until(buckets) and passed % step > dt.timedelta(0)
                absent = max(0, passed // step + cut_short - measured)
                missing = max(Fraction(0), absent - covered_absent)
                day_units += missing
                day_bad += missing if made.missing_slices == "bad" else 0
        units, bad = units + day_units, bad + day_bad
        allowed += day_units * (1 - target)
        dropped += day_dropped * (1 - target) * (made.slice_minutes or 0)
        at += windows.DAY
    return units, bad, allowed, _consumed(made, targets, first, last, (units, bad, allowed, dropped))


def _consumed(made: Slo, targets: list, first: dt.date, last: dt.date, sums: tuple) -> Fraction | None:
    units, bad, allowed, dropped = sums
    if units == 0:
        return None
    if made.method != "Occurrences" and made.window_kind == "calendar":
        budget = sum(
            (1 - _target(targets, d)) * Fraction(windows.day_minutes(d, made.time_zone))
            for d in (first + windows.DAY * i for i in range((last - first).days + 1))
        )
        return bad * made.slice_minutes / (budget - dropped) if budget != dropped else None
    return bad / allowed if allowed else None


def _until(buckets: dict) -> dt.datetime:
    """The end of the snapshot's day; no bucket lies in it, so that nothing is still running."""
    return dt.datetime.combine(AS_OF + windows.DAY, dt.time())


def _effect(start: dt.datetime, spans: list) -> str | None:
    return next((effect for begins, ends, effect in spans if begins <= start < ends), None)


def _local(at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    return at.replace(tzinfo=dt.UTC).astimezone(zone)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.tuples(*[an_slo(i) for i in range(6)]), a_whole(6))
def test_every_budget_of_a_build_is_what_exact_arithmetic_says(given_slos, whole):
    with tempfile.TemporaryDirectory() as folder:
        company = SloFolder(Path(folder))
        for made, targets, buckets, spans in given_slos:
            company.add(made, targets, spans)
            rows = [(made.id, start, good, total) for start, (good, total) in buckets.items()]
            half = len(rows) // 2
            company.csv(f"{made.id}.csv", rows[:half])
            company.parquet(f"{made.id}.parquet", rows[half:])
        company.add(*whole)
        snapshot = company.build(AS_OF)
        parts = {given[0].id: given for given in given_slos}
        asked = "select slo, day, consumed, measured_consumed, state from slo_status where day >= '2026-03-20'"
        found = ask(snapshot, asked)
        assert {slo for slo, *_ in found} == {*parts, "whole"}
        for key, on, consumed, measured, state in found:
            if key == "whole":
                wanted = exact_whole(*whole, parts, *windows.period(whole[0], on), on)
            else:
                wanted = exact(*parts[key], on)
                assert measured == nearly(wanted["measured_consumed"]), (key, on)
            assert consumed == nearly(wanted["consumed"]), (key, on)
            assert state in wanted["states"], (key, on)
        month = (day("2026-03-01"), AS_OF, AS_OF)
        months = dict(ask(snapshot, "select slo, spent from slo_month_spent where month = '2026-03'"))
        for key, (made, targets, buckets, spans) in parts.items():
            _, bad, allowed, _ = _sums(made, targets, buckets, spans, *month)
            assert months.get(key) == nearly(bad / allowed if allowed else None), key
        assert months.get("whole") == nearly(exact_whole(*whole, parts, *month)["consumed"])


def nearly(value: Fraction | None):
    return value if value is None else pytest.approx(float(value), rel=1e-9, abs=1e-12)
