"""Calendars of error budgets: days, periods, clock changes and target changes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from given import day, since, slo

from maturity import bucket_parts, windows
from maturity.records.slos import Slo

AT_999 = windows.Targets.of([since("0.999")])
MONTH = {"window_kind": "calendar", "window_unit": "M", "window_count": 1, "anchor": day("2026-01-01")}


def monthly(zone: str = "UTC") -> Slo:
    return slo(**MONTH, time_zone=zone)


def span(first: str, last: str) -> tuple[dt.date, dt.date]:
    return day(first), day(last)


# --------------------------------------------------------------------------------------------- clock changes, months


@pytest.mark.parametrize(
    ("zone", "on", "hours", "minutes"),
    [
        pytest.param("Europe/Berlin", "2026-03-15", 743, 44.58, id="Berlin, March: an hour short"),
        pytest.param("Europe/Berlin", "2026-10-15", 745, 44.70, id="Berlin, October: an hour long"),
        pytest.param("America/New_York", "2026-11-15", 721, 43.26, id="New York, November"),
        pytest.param("Australia/Lord_Howe", "2026-04-15", 720.5, 43.23, id="Lord Howe, April: half an hour"),
        pytest.param("UTC", "2026-02-15", 672, 40.32, id="February"),
        pytest.param("UTC", "2028-02-15", 696, 41.76, id="February of a leap year"),
        pytest.param("Asia/Tokyo", "2026-03-15", 744, 44.64, id="Tokyo changes no clocks"),
    ],
)
def test_budget_of_a_calendar_month_at_99_9(zone: str, on: str, hours: float, minutes: float):
    (row,) = windows.plan_windows(monthly(zone), AT_999, day(on), day(on))
    assert row["window_minutes"] == pytest.approx(hours * 60)
    assert row["budget_minutes"] == pytest.approx(minutes, abs=1e-9)


@pytest.mark.parametrize(
    ("on", "zone", "minutes"),
    [
        pytest.param("2026-03-29", "Europe/Berlin", 1380, id="spring forward"),
        pytest.param("2026-10-25", "Europe/Berlin", 1500, id="fall back"),
        pytest.param("2026-04-05", "Australia/Lord_Howe", 1470, id="half an hour back"),
        pytest.param("2026-03-29", "UTC", 1440, id="UTC"),
        pytest.param("2026-03-28", "Europe/Berlin", 1440, id="the day before"),
    ],
)
def test_day_minutes(on: str, zone: str, minutes: int):
    assert windows.day_minutes(day(on), zone) == minutes


@pytest.mark.parametrize(
    ("days", "target", "minutes"),
    [(28, "0.999", 40.32), (30, "0.999", 43.2), (28, "0.9999", 4.032), (30, "0.99", 432), (7, "0.9995", 5.04)],
    ids=["28 d 99.9", "30 d 99.9", "28 d 99.99", "30 d 99", "1 week 99.95"],
)
def test_budget_of_a_rolling_window(days: int, target: str, minutes: float):
    made = slo(window_count=days, target=target)
    (row,) = windows.plan_windows(made, windows.Targets.of([since(target)]), day("2026-06-30"), day("2026-06-30"))
    assert row["budget_minutes"] == pytest.approx(minutes, abs=1e-9)


# ----------------------------------------------------------------------------------------------------- target changes


def test_15_days_at_99_9_and_15_at_99_5_allow_129_6_minutes():
    targets = windows.Targets.of([since("0.999"), since("0.995", "2026-06-16")])
    *_, row = windows.plan_windows(slo(window_count=30), targets, *span("2026-06-01", "2026-06-30"))
    assert row["budget_minutes"] == pytest.approx(129.6, abs=1e-9)


def test_a_target_holds_from_its_first_day_whatever_the_order_it_was_written_in():
    targets = windows.Targets.of([since("0.995", "2026-06-16"), since("0.999"), since("0.99", "2026-07-01")])
    days = ("2020-01-01", "2026-06-15", "2026-06-16", "2026-06-30", "2026-07-01")
    assert [str(targets.on(day(on))) for on in days] == ["0.999", "0.999", "0.995", "0.995", "0.99"]


def test_days_carry_the_target_of_their_own_day():
    targets = windows.Targets.of([since("0.999"), since("0.995", "2026-06-02")])
    rows = windows.plan_days(slo(), targets, *span("2026-06-01", "2026-06-02"), dt.datetime(2026, 6, 3))
    assert [str(row["target"]) for row in rows] == ["0.999", "0.995"]


# -------------------------------------------------------------------------------------------------------- periods


def calendar(anchor: str, unit: str, count: int = 1) -> dict[str, Any]:
    return {"window_kind": "calendar", "anchor": day(anchor), "window_unit": unit, "window_count": count}


@pytest.mark.parametrize(
    ("fields", "on", "first", "last"),
    [
        pytest.param({"window_count": 28}, "2026-03-01", "2026-02-02", "2026-03-01", id="28 rolling days"),
        pytest.param({"window_count": 1}, "2026-03-01", "2026-03-01", "2026-03-01", id="1 rolling day"),
        pytest.param(
            {"window_count": 4, "window_unit": "w"}, "2026-03-01", "2026-02-02", "2026-03-01", id="4 rolling weeks"
        ),
        pytest.param(MONTH, "2026-02-01", "2026-02-01", "2026-02-28", id="month, first day"),
        pytest.param(MONTH, "2026-02-28", "2026-02-01", "2026-02-28", id="month, last day"),
        pytest.param(MONTH, "2025-12-31", "2025-12-01", "2025-12-31", id="month before the anchor"),
        pytest.param(
            calendar("2026-01-31", "M"), "2026-02-27", "2026-01-31", "2026-02-27", id="anchor on the 31st: January"
        ),
        pytest.param(
            calendar("2026-01-31", "M"), "2026-02-28", "2026-02-28", "2026-03-30", id="anchor on the 31st: February"
        ),
        pytest.param(
            calendar("2026-01-31", "M"), "2026-03-31", "2026-03-31", "2026-04-29", id="the clamp does not stick"
        ),
        pytest.param(
            calendar("2024-01-31", "M"), "2024-02-29", "2024-02-29", "2024-03-30", id="clamped to the leap day"
        ),
        pytest.param(
            calendar("2026-01-15", "M", 2), "2026-03-14", "2026-01-15", "2026-03-14", id="two months, last day"
        ),
        pytest.param(calendar("2026-01-15", "M", 2), "2026-03-15", "2026-03-15", "2026-05-14", id="two months, next"),
        pytest.param(calendar("2026-01-01", "Q"), "2026-09-30", "2026-07-01", "2026-09-30", id="quarter"),
        pytest.param(
            calendar("2025-12-01", "Q"), "2025-11-30", "2025-09-01", "2025-11-30", id="fiscal: September-November"
        ),
        pytest.param(
            calendar("2025-12-01", "Q"), "2025-12-01", "2025-12-01", "2026-02-28", id="fiscal: December-February"
        ),
        pytest.param(calendar("2025-12-01", "Q"), "2026-03-01", "2026-03-01", "2026-05-31", id="fiscal: March-May"),
        pytest.param(calendar("2025-12-01", "Q"), "2026-08-31", "2026-06-01", "2026-08-31", id="fiscal: June-August"),
        pytest.param(calendar("2024-02-29", "Y"), "2025-02-28", "2025-02-28", "2026-02-27", id="year from a leap day"),
        pytest.param(calendar("2026-01-05", "w"), "2026-01-11", "2026-01-05", "2026-01-11", id="week, Sunday"),
        pytest.param(calendar("2026-01-05", "w"), "2026-01-12", "2026-01-12", "2026-01-18", id="week, Monday"),
        pytest.param(
            calendar("2026-01-05", "w"), "2026-01-04", "2025-12-29", "2026-01-04", id="week before the anchor"
        ),
        pytest.param(calendar("2026-01-05", "w", 2), "2026-01-19", "2026-01-19", "2026-02-01", id="two weeks"),
        pytest.param(calendar("2026-01-01", "d", 10), "2026-01-11", "2026-01-11", "2026-01-20", id="ten days"),
    ],
)
def test_the_window_that_belongs_to_a_day(fields: dict, on: str, first: str, last: str):
    assert windows.period(slo(**fields), day(on)) == span(first, last)


@pytest.mark.parametrize("anchor", ["2026-01-31", "2025-12-01", "2024-02-29", "2026-01-15"])
@pytest.mark.parametrize("unit", ["M", "Q", "Y"])
def test_calendar_windows_follow_one_another_without_gap_or_overlap(anchor: str, unit: str):
    made, on = slo(**calendar(anchor, unit)), day("2023-01-01")
    while on < day("2028-12-31"):
        first, last = windows.period(made, on)
        assert first <= on <= last
        assert windows.period(made, last) == (first, last)
        assert windows.period(made, last + windows.DAY)[0] == last + windows.DAY
        on = last + windows.DAY


def test_30_bad_minutes_leave_a_rolling_window_after_28_days_and_a_calendar_month_at_once():
    on = day("2026-01-25")
    rolling, month = slo(), monthly()
    assert windows.period(rolling, day("2026-02-21"))[0] == on
    assert windows.period(rolling, day("2026-02-22"))[0] > on
    assert windows.period(month, day("2026-02-01"))[0] > on


# ------------------------------------------------------------------------------------------------- the day's length


@pytest.mark.parametrize(
    ("until", "passed"),
    [
        pytest.param("2026-10-24 22:00", 0, id="midnight in Berlin"),
        pytest.param("2026-10-24 21:00", 0, id="before it: not below zero"),
        pytest.param("2026-10-25 10:00", 720, id="in the day"),
        pytest.param("2026-10-25 23:00", 1500, id="its end"),
        pytest.param("2026-10-26 05:00", 1500, id="after it"),
    ],
)
def test_how_much_of_a_local_day_has_passed(until: str, passed: float):
    made = slo(time_zone="Europe/Berlin")
    (row,) = windows.plan_days(made, AT_999, *span("2026-10-25", "2026-10-25"), dt.datetime.fromisoformat(until))
    assert (row["minutes"], row["passed_minutes"]) == (1500, passed)


def test_a_month_has_one_plan_for_each_of_its_days():
    rows = list(windows.plan_windows(monthly(), AT_999, *span("2026-02-01", "2026-02-28")))
    assert len(rows) == 28
    assert {(row["window_start"], row["window_end"]) for row in rows} == {span("2026-02-01", "2026-02-28")}


# ------------------------------------------------------------------------------------------- windows in UTC, by zone


NEW_YEAR, BERLIN, NEW_YORK = "2026-01-01", "Europe/Berlin", "America/New_York"


@pytest.mark.parametrize(
    ("zone", "anchor", "window", "at", "begins", "ends"),
    [
        # Clocks change within the window: the first instant has another offset than the one after the last.
        (NEW_YORK, NEW_YEAR, "1M", "2026-03-20 12:00", "2026-03-01 05:00", "2026-04-01 04:00"),
        (NEW_YORK, NEW_YEAR, "1M", "2026-11-15 12:00", "2026-11-01 04:00", "2026-12-01 05:00"),
        (BERLIN, NEW_YEAR, "1Q", "2026-10-25 01:00", "2026-09-30 22:00", "2026-12-31 23:00"),
        ("Australia/Lord_Howe", "2026-03-30", "2w", "2026-04-04 12:00", "2026-03-29 13:00", "2026-04-12 13:30"),
        # In Santiago this midnight does not exist: the day begins at one o'clock, with the change.
        ("America/Santiago", "2026-09-06", "1d", "2026-09-06 12:00", "2026-09-06 04:00", "2026-09-07 03:00"),
        # Before, at and after the anchor.
        (BERLIN, "2026-01-15", "1M", "2026-01-14 22:59", "2025-12-14 23:00", "2026-01-14 23:00"),
        (BERLIN, "2026-01-15", "1M", "2026-01-14 23:00", "2026-01-14 23:00", "2026-02-14 23:00"),
        (BERLIN, "2026-01-15", "1M", "2026-01-14 23:01", "2026-01-14 23:00", "2026-02-14 23:00"),
        (NEW_YORK, "2026-07-04", "1Y", "2025-07-04 03:59", "2024-07-04 04:00", "2025-07-04 04:00"),
        ("UTC", "2026-06-07", "1w", "2026-06-05 00:00", "2026-05-31 00:00", "2026-06-07 00:00"),
        # Two and three units, on both sides of where one ends.
        (BERLIN, "2026-02-10", "2M", "2026-04-09 21:59", "2026-02-09 23:00", "2026-04-09 22:00"),
        (BERLIN, "2026-02-10", "2M", "2026-04-09 22:00", "2026-04-09 22:00", "2026-06-09 22:00"),
        (NEW_YORK, NEW_YEAR, "3Q", "2026-09-30 12:00", "2026-01-01 05:00", "2026-10-01 04:00"),
        (NEW_YORK, NEW_YEAR, "3Q", "2025-12-31 23:00", "2025-04-01 04:00", "2026-01-01 05:00"),
        ("Asia/Tokyo", "2024-04-01", "3Y", "2027-03-31 14:59", "2024-03-31 15:00", "2027-03-31 15:00"),
        ("Asia/Tokyo", "2024-04-01", "3Y", "2027-03-31 15:00", "2027-03-31 15:00", "2030-03-31 15:00"),
        ("UTC", "2026-01-02", "2d", "2025-12-31 00:00", "2025-12-31 00:00", "2026-01-02 00:00"),
        ("UTC", "2026-01-02", "2d", "2025-12-30 23:59", "2025-12-29 00:00", "2025-12-31 00:00"),
        # The zone has another date than UTC.
        ("America/Anchorage", "2022-01-04", "3d", "2021-12-23 06:30", "2021-12-20 09:00", "2021-12-23 09:00"),
        ("America/Anchorage", "2022-01-04", "3d", "2021-12-23 09:00", "2021-12-23 09:00", "2021-12-26 09:00"),
        ("Pacific/Kiritimati", NEW_YEAR, "1d", "2026-01-01 10:00", "2026-01-01 10:00", "2026-01-02 10:00"),
        # Zones as they were in 1939: Warsaw an hour ahead in summer too, Singapore seven hours and twenty minutes.
        ("Europe/Warsaw", "1939-09-01", "1w", "1939-09-03 04:45", "1939-08-31 23:00", "1939-09-07 23:00"),
        ("Asia/Singapore", "1939-09-01", "1M", "1939-09-03 04:45", "1939-08-31 16:40", "1939-09-30 16:40"),
        # Anchors on the 31st are clamped, from the anchor each time. Nobl9 overflows instead: 31 January and a month
        # is 3 March there, and the window before it is three days longer.
        ("UTC", "2025-01-31", "1M", "2025-02-27 23:59", "2025-01-31 00:00", "2025-02-28 00:00"),
        ("UTC", "2025-01-31", "1M", "2025-03-02 23:59", "2025-02-28 00:00", "2025-03-31 00:00"),
        ("UTC", "2025-03-31", "1M", "2025-03-02 23:59", "2025-02-28 00:00", "2025-03-31 00:00"),
        ("UTC", "2025-03-31", "1M", "2025-04-30 23:59", "2025-04-30 00:00", "2025-05-31 00:00"),
        (BERLIN, "2026-01-31", "1M", "2026-03-10 00:00", "2026-02-27 23:00", "2026-03-30 22:00"),
    ],
)
def test_a_calendar_window_in_utc(zone: str, anchor: str, window: str, at: str, begins: str, ends: str):
    """First instant inclusive, last exclusive, as `datetime(..., tzinfo=ZoneInfo(zone)).astimezone(UTC)` gives them."""
    made, instant = slo(time_zone=zone, **calendar(anchor, window[1], int(window[0]))), dt.datetime.fromisoformat(at)
    clock = next(shift for shift in bucket_parts.shifts(zone, dt.datetime(2028, 1, 1)) if instant < shift.ends)
    first, last = windows.period(made, (instant + clock.ahead).date())
    starts = [next(windows.plan_days(made, AT_999, on, on, instant))["starts_at"] for on in (first, last + windows.DAY)]
    assert starts == [dt.datetime.fromisoformat(begins), dt.datetime.fromisoformat(ends)]
    assert starts[0] <= instant < starts[1]
