"""Budgets, months, coverage and burn rates of a build against exact rational arithmetic, on random SLOs, zones,
targets, lengths of buckets, gaps, corrections and weights, of days that are over and of one that still runs."""

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
MIDNIGHT = dt.datetime(2026, 3, 31)  # Berlin's clocks changed on the 29th
DAYS = 11
HOUR = dt.timedelta(hours=1)
ENDS = [MIDNIGHT, MIDNIGHT + dt.timedelta(hours=3, minutes=20), MIDNIGHT + dt.timedelta(hours=13, minutes=35)]
NEARLY = Fraction(1, 10**9)  # what is so near to all of a budget is all of it
LENGTHS = [dt.timedelta(minutes=1), dt.timedelta(minutes=5), dt.timedelta(hours=1)]
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
def an_slo(draw, number: int, end: dt.datetime) -> tuple[Slo, list[tuple[str, str | None]], dict, list]:
    """An SLO, its targets as (target, valid from), its buckets {start: (good, total)} and its correction, if any.

    Buckets are whole before `end`, many of them near to it.
    """
    fields = draw(st.sampled_from(METHODS)) | draw(st.sampled_from(KINDS))
    targets = [(draw(st.sampled_from(["0.9", "0.99", "0.999", "1"])), None)]
    if draw(st.booleans()):
        targets.append((draw(st.sampled_from(["0.5", "0.95", "0.99999", "1"])), "2026-03-26"))
    missing = draw(st.sampled_from(["ignore", "good", "bad"]))
    length = draw(st.sampled_from(LENGTHS))
    made = slo(
        id=f"s{number}",
        time_zone=draw(st.sampled_from(ZONES)),
        target=targets[-1][0],
        missing_slices=missing,
        bucket_seconds=int(length.total_seconds()),
        **fields,
    )
    newest = end - (end - MIDNIGHT) % length - length
    ages = st.integers(0, 20) | st.integers(0, 3 * windows.DAY // length) | st.integers(0, DAYS * windows.DAY // length)
    buckets = {}
    for age in draw(st.lists(ages, min_size=1, max_size=60, unique=True)):
        total = draw(st.sampled_from([0, 1, 7, 10, 1000, 10**12]))
        buckets[newest - age * length] = (draw(st.integers(0, total)), total)
    begin = end - draw(st.integers(0, 24 * DAYS)) * HOUR
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


@st.composite
def a_company(draw, parts: int = 6) -> tuple[list, tuple]:
    """SLOs and a weighted composite of them."""
    end = draw(st.sampled_from(ENDS))
    return [draw(an_slo(i, end)) for i in range(parts)], draw(a_whole(parts))


def exact(made: Slo, targets: list, buckets: dict, spans: list, on: dt.date, until: dt.datetime) -> dict:
    """Consumed with and without corrections on one day, as a reader of docs/budgets.md would compute it by hand.

    `states` are those that the day may have; which of them, a policy says.
    """
    span = (*windows.period(made, on), on, until)
    units, bad, allowed, consumed = _sums(made, targets, buckets, spans, *span)
    return {
        "consumed": consumed,
        "measured_consumed": _sums(made, targets, buckets, [], *span)[3],
        "coverage": _coverage(made, buckets, span[0], on, until),
        "states": _states(units, bad, allowed, consumed),
    }


def exact_whole(made: Slo, targets: list, parts: dict[str, tuple], *span: dt.date) -> dict:
    """The same of a weighted composite over some days; `parts` are its members as they were given."""
    first, _, on, until = span
    seen, coverage = [], Fraction(0)
    for member in made.members:
        part, _, buckets, spans = parts[member.slo]
        units, bad, allowed, _ = _sums(part, targets, buckets, spans, *span)
        coverage += Fraction(member.weight) * (_coverage(part, buckets, first, on, until) or 0)
        if units:
            seen.append((Fraction(member.weight), units, bad, allowed))
    coverage /= sum(Fraction(member.weight) for member in made.members)
    if not seen:
        return {"consumed": None, "coverage": coverage, "states": {"no_data"}}
    weights, units = sum(w for w, *_ in seen), sum(u for _, u, _, _ in seen)
    bad = sum(w * b / u for w, u, b, _ in seen) / weights * units
    allowed = sum(a for *_, a in seen)
    proving = weights * weights / sum(w * w / u for w, u, _, _ in seen)
    consumed = bad / allowed if allowed else None
    states = _states(units, bad, allowed / units * proving, consumed)
    return {"consumed": consumed, "coverage": coverage, "states": states}


def exact_burn(made: Slo, parts: dict[str, tuple], minutes: int, until: dt.datetime) -> Fraction | None:
    """Burn rate of an SLO, or of a weighted composite of `parts`, over its last minutes."""
    weights, shares = Fraction(0), Fraction(0)
    for member in made.members or [Member(slo=made.id)]:
        part, _, buckets, spans = parts[member.slo]
        length = dt.timedelta(seconds=part.bucket_seconds)
        ends = max(buckets) + max(1, (until - max(buckets)) // length) * length
        begins = ends - max(dt.timedelta(minutes=minutes), length)
        units, bad, _, _ = _counted(part, {s: b for s, b in buckets.items() if begins <= s < ends}, spans)
        if units:
            weights += Fraction(member.weight)
            shares += Fraction(member.weight) * bad / units
    budget = 1 - Fraction(made.target)
    return shares / weights / budget if weights and budget else None


def _coverage(made: Slo, buckets: dict, first: dt.date, on: dt.date, until: dt.datetime) -> Fraction | None:
    """Buckets of some local days against those that should be there by `until`."""
    begins, ends = _midnight(made, first), min(until, _midnight(made, on + windows.DAY))
    seen = sum(first <= _local(start, ZoneInfo(made.time_zone)).date() <= on for start in buckets)
    passed = Fraction((ends - begins) / dt.timedelta(seconds=1))
    return min(Fraction(1), seen * made.bucket_seconds / passed) if passed > 0 else None


def _states(units: Fraction, bad: Fraction, allowed: Fraction, consumed: Fraction | None) -> set[str]:
    if units == 0:
        return {"no_data"}
    if consumed is None:
        return {"exhausted" if bad else "met"}
    if allowed < 1 - NEARLY:
        return {"too_little_traffic"}
    spent = {"exhausted", "exhausted_and_still_burning"}
    return spent if consumed >= 1 - NEARLY else {"at_risk", "met", "met_unspent"}


def _target(targets: list, on: dt.date) -> Fraction:
    return Fraction([t for t, since in targets if since is None or day(since) <= on][-1])


def _sums(
    made: Slo, targets: list, buckets: dict, spans: list, first: dt.date, last: dt.date, on: dt.date, until: dt.datetime
):
    units, bad, allowed, dropped = Fraction(0), Fraction(0), Fraction(0), Fraction(0)
    measured_from = min(_local(start, ZoneInfo(made.time_zone)).date() for start in buckets)
    at = first
    while at <= on:
        begins, ends = _midnight(made, at), _midnight(made, at + windows.DAY)
        target = _target(targets, at)
        of_day = {start: bucket for start, bucket in buckets.items() if begins <= start < ends}
        day_units, day_bad, measured, touched = _counted(made, of_day, spans)
        day_dropped = measured - day_units
        if made.method != "Occurrences" and made.missing_slices != "ignore" and at >= measured_from:
            step = dt.timedelta(minutes=made.slice_minutes)
            passed = min(ends, until) - begins
            covered = sum(max(0, (min(e, begins + passed) - max(b, begins)).total_seconds()) for b, e, _ in spans)
            covered_absent = max(Fraction(0), Fraction(covered) / (made.slice_minutes * 60) - touched)
            cut_short = ends <= until and passed % step > dt.timedelta(0)
            absent = max(0, passed // step + cut_short - measured)
            missing = max(Fraction(0), absent - covered_absent)
            day_units += missing
            day_bad += missing if made.missing_slices == "bad" else 0
        units, bad = units + day_units, bad + day_bad
        allowed += day_units * (1 - target)
        dropped += day_dropped * (1 - target) * (made.slice_minutes or 0)
        at += windows.DAY
    return units, bad, allowed, _consumed(made, targets, first, last, (units, bad, allowed, dropped))


def _counted(made: Slo, buckets: dict, spans: list) -> tuple[Fraction, Fraction, int, int]:
    """Units and bad units of some buckets; slices with traffic before corrections, and those that one touches."""
    slices = defaultdict(list)
    for start, (good, total) in buckets.items():
        midnight = _midnight(made, _local(start, ZoneInfo(made.time_zone)).date())
        step = dt.timedelta(minutes=made.slice_minutes or 1)
        slices[start if made.method == "Occurrences" else (midnight, (start - midnight) // step)].append(
            (total if _effect(start, spans) == "good" else good, total, _effect(start, spans))
        )
    units, bad, measured, touched = Fraction(0), Fraction(0), 0, 0
    for rows in slices.values():
        good, total = (sum(row[i] for row in rows if row[2] != "drop") for i in (0, 1))
        had = sum(row[1] for row in rows) > 0
        measured += had
        touched += had and any(effect for *_, effect in rows)
        if total == 0:
            continue
        ratio = Fraction(good, total)
        units += total if made.method == "Occurrences" else 1
        if made.method == "Occurrences":
            bad += total - good
        elif made.method == "RatioTimeslices":
            bad += 1 - ratio
        else:
            bad += ratio < Fraction(str(made.slice_target))
    return units, bad, measured, touched


def _midnight(made: Slo, on: dt.date) -> dt.datetime:
    """Where a local day begins, in UTC."""
    return dt.datetime.combine(on, dt.time(), ZoneInfo(made.time_zone)).astimezone(dt.UTC).replace(tzinfo=None)


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


def _until(given_slos: list) -> dt.datetime:
    """Where the newest bucket ends, if the snapshot's day still runs; else the end of that day."""
    newest = max(max(buckets) + dt.timedelta(seconds=made.bucket_seconds) for made, _, buckets, _ in given_slos)
    return newest if newest > MIDNIGHT else MIDNIGHT + windows.DAY


def _effect(start: dt.datetime, spans: list) -> str | None:
    return next((effect for begins, ends, effect in spans if begins <= start < ends), None)


def _local(at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    return at.replace(tzinfo=dt.UTC).astimezone(zone)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(a_company())
def test_every_figure_of_a_build_is_what_exact_arithmetic_says(made_up):
    given_slos, whole = made_up
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
        until = _until(given_slos)
        parts = {given[0].id: given for given in given_slos}
        names = "slo, day, consumed, measured_consumed, coverage, state"
        asked = f"select {names} from slo_status where day >= '2026-03-20'"
        found = ask(snapshot, asked)
        assert {slo for slo, *_ in found} == {*parts, "whole"}
        for key, on, consumed, measured, coverage, state in found:
            if key == "whole":
                wanted = exact_whole(*whole, parts, *windows.period(whole[0], on), on, until)
            else:
                wanted = exact(*parts[key], on, until)
                assert measured == nearly(wanted["measured_consumed"]), (key, on)
            assert consumed == nearly(wanted["consumed"]), (key, on)
            assert coverage == nearly(wanted["coverage"]), (key, on)
            assert state in wanted["states"], (key, on)
        month = (day("2026-03-01"), AS_OF, AS_OF, until)
        months = dict(ask(snapshot, "select slo, spent from slo_month_spent where month = '2026-03'"))
        for key, (made, targets, buckets, spans) in parts.items():
            _, bad, allowed, _ = _sums(made, targets, buckets, spans, *month)
            assert months.get(key) == nearly(bad / allowed if allowed else None), key
        assert months.get("whole") == nearly(exact_whole(*whole, parts, *month)["consumed"])
        slos = {"whole": whole[0]} | {key: made for key, (made, *_) in parts.items()}
        for key, minutes, burn_rate in ask(snapshot, "select slo, minutes, burn_rate from slo_burn"):
            assert burn_rate == nearly(exact_burn(slos[key], parts, minutes, until)), (key, minutes)


def nearly(value: Fraction | None):
    return value if value is None else pytest.approx(float(value), rel=1e-9, abs=1e-12)
