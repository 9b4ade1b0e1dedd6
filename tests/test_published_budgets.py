"""Budgets that others published or worked out, from bucket files to the figures of a snapshot (reference: slo.md 2).

Others stand where their view or rule is tested: tests/views/slo_*.yaml, test_windows.py, test_buckets.py.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from given import SloFolder, ask, day, slo

from maturity import store
from maturity.records.slos import Member
from maturity.text import percent

HOUR = dt.timedelta(hours=1)
HOURLY = {"bucket_seconds": 3600}
SLICED = {"method": "RatioTimeslices", "slice_minutes": 60}
CALENDAR_MONTH = {"window_kind": "calendar", "window_unit": "M", "window_count": 1, "anchor": "2026-01-01"}


@pytest.fixture
def company(tmp_path: Path) -> SloFolder:
    return SloFolder(tmp_path)


def every_hour(key: str, first: str, last: str, bad: dict[dt.datetime, int]) -> list[tuple]:
    """A bucket of 60 an hour, a minute each, from the first day to the last; `bad` of them by hour."""
    at, end, rows = dt.datetime.fromisoformat(first), dt.datetime.fromisoformat(last) + 24 * HOUR, []
    while at < end:
        rows.append((key, at, 60 - bad.get(at, 0), 60))
        at += HOUR
    return rows


def figures(snapshot: Path, key: str, columns: str) -> dict[dt.date, tuple]:
    return {on: row for on, *row in ask(snapshot, f"select day, {columns} from slo_status where slo = '{key}'")}


# ------------------------------------------------------------------------------------------------------ corrections


def test_an_hour_down_in_a_week_with_a_day_removed_is_60_minutes_of_8640(company: SloFolder):
    """0.694 % instead of 0.595 %: an example of Datadog's (reference: slo.md 2.4)."""
    removed = (dt.datetime(2026, 1, 5), dt.datetime(2026, 1, 6), "drop")
    week = {"window_count": 7, "target": "0.99"}
    company.add(slo(id="web", **SLICED, **week, **HOURLY), spans=[removed])
    company.csv("web.csv", every_hour("web", "2026-01-01", "2026-01-07", {dt.datetime(2026, 1, 3, 9): 60}))
    snapshot = company.build(day("2026-01-07"))
    columns = "1 - sli, consumed, measured_bad_units / measured_units, measured_consumed"
    found = figures(snapshot, "web", columns)[day("2026-01-07")]
    assert found == pytest.approx([60 / 8640, 60 / 86.40, 60 / 10080, 60 / 100.80], rel=1e-12)
    assert (round(60 / 8640, 5), round(60 / 10080, 5)) == (0.00694, 0.00595)


# ---------------------------------------------------------------------------------------------------------- windows


def test_30_bad_minutes_are_74_4_per_cent_of_28_days_for_28_days_and_no_february_has_them(company: SloFolder):
    """30 bad minutes on 25 January at 99.9 %, both windows from the same buckets (reference: slo.md 2.5)."""
    outage = {dt.datetime(2026, 1, 25, 10): 30}
    for key, window in {"rolling": {}, "month": CALENDAR_MONTH}.items():
        company.add(slo(id=key, **SLICED, **window, **HOURLY))
        company.csv(f"{key}.csv", every_hour(key, "2025-12-20", "2026-02-28", outage))
    snapshot = company.build(day("2026-02-28"))
    rolling = {on: consumed for on, (consumed,) in figures(snapshot, "rolling", "consumed").items()}
    month = {on: consumed for on, (consumed,) in figures(snapshot, "month", "consumed").items()}
    held = [day("2026-01-25") + dt.timedelta(days=n) for n in range(28)]
    assert held[-1] == day("2026-02-21")
    assert [rolling[on] for on in held] == pytest.approx([30 / 40.32] * 28, rel=1e-12)
    assert round(30 / 40.32, 3) == 0.744
    assert [rolling[day(on)] for on in ("2026-01-24", "2026-02-22")] == [0, 0]
    assert month[day("2026-01-31")] == pytest.approx(30 / 44.64, rel=1e-12)
    assert {consumed for on, consumed in month.items() if on.month == 2} == {0}


def test_an_even_spending_of_november_has_53_333_per_cent_left_after_14_days(company: SloFolder):
    """Sloth's own test: 99.0 to 99.6 % on seven days at 99.9 %, then nothing (reference: slo.md 2.3, B4)."""
    days = {"method": "RatioTimeslices", "slice_minutes": 1440, "bucket_seconds": 86400}
    for key, window in {"month": CALENDAR_MONTH, "rolling": {"window_count": 30}}.items():
        company.add(slo(id=key, **days, **window))
        company.csv(f"{key}.csv", [(key, dt.datetime(2025, 11, 1 + n), 990 + n, 1000) for n in range(7)])
    company.build(day("2025-11-14"))
    snapshot = store.open_current(company.store)
    found = snapshot.query("slo_days", since=dt.date.min, slo="month", until=day("2025-11-14")).set_index("day")
    assert found.loc["2025-11-14", "consumed"] == pytest.approx(1.63333333, rel=1e-8)
    assert found.loc["2025-11-14", "even_left"] == pytest.approx(0.53333333, rel=1e-8)
    assert found.loc["2025-11-01", "even_left"] == pytest.approx(29 / 30, rel=1e-12)
    # A rolling window has no end to be spent by.
    assert (
        snapshot.query("slo_days", since=dt.date.min, slo="rolling", until=day("2025-11-14"))["even_left"].isna().all()
    )


# ------------------------------------------------------------------------------------------------------- composites


@pytest.mark.parametrize(
    ("bad", "sli"),
    [
        pytest.param((3, 3), 0.90, id="95 % and 95 % are 90 %"),
        pytest.param((3, 0), 0.95, id="95 % and 100 % are 95 %"),
        pytest.param((36, 30), 0.0, id="40 % and 50 % are nothing, not less"),
    ],
)
def test_members_that_must_all_hold_add_up_their_bad_shares_by_ratio(
    company: SloFolder, bad: tuple[int, int], sli: float
):
    """OpenSLO's composite of RatioTimeslices (reference: slo.md 2.3, B8); an hour of one member alone is its own."""
    on = day("2026-01-30")
    for key, minutes in zip("ab", bad, strict=True):
        company.add(slo(id=key, **SLICED, **HOURLY))
        hours = {dt.datetime(2026, 1, 30, h): minutes for h in range(24)}
        company.csv(f"{key}.csv", every_hour(key, "2026-01-30", "2026-01-30", hours))
    company.csv("only-a.csv", [("a", dt.datetime(2026, 1, 29, 7), 45, 60)])
    both = [Member(slo="a"), Member(slo="b")]
    company.add(slo(id="both", combine="all_hold", members=both, target="0.9", window_count=1, **SLICED))
    found = figures(company.build(on), "both", "sli, consumed, burn_rate_1d")
    assert found[on] == pytest.approx([sli, (1 - sli) / 0.1, (1 - sli) / 0.1], abs=1e-9)
    assert found[day("2026-01-29")] == pytest.approx([0.75, 2.5, 2.5], rel=1e-9)


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("Asia/Tokyo", dt.datetime(2026, 3, 28, 15)),
        ("America/New_York", dt.datetime(2026, 3, 29, 4)),
        ("Europe/Berlin", dt.datetime(2026, 3, 28, 23)),
        ("UTC", dt.datetime(2026, 3, 29)),
    ],
)
def test_slices_of_a_composite_begin_with_its_local_day(company: SloFolder, zone: str, midnight: dt.datetime):
    """The last hour of a day and the first of the next are two slices of four hours; Berlin changes its clocks then."""
    fours = {"method": "Timeslices", "slice_minutes": 240, "slice_target": 0.9, "time_zone": zone}
    for key, bad in {"a": midnight - HOUR, "b": midnight}.items():
        company.add(slo(id=key, **fours, **HOURLY))
        company.csv(f"{key}.csv", every_hour(key, "2026-03-28", "2026-03-29", {bad: 60}))
    both = [Member(slo="a"), Member(slo="b")]
    company.add(slo(id="both", combine="all_hold", members=both, target="0.9", **fours))
    snapshot = company.build(day("2026-03-30"))
    found = ask(snapshot, "select day, bad_slices from slo_day where slo = 'both' and bad_slices > 0 order by day")
    assert found == [(day("2026-03-28"), 1), (day("2026-03-29"), 1)]


# ---------------------------------------------------------------------------------------------- the edge of a budget


def test_a_budget_spent_to_the_last_event_has_0_left_and_not_a_digit_of_a_float(company: SloFolder):
    """21 bad of 21,000 at 99.9 %, in parts whose budgets do not add up to 21 as floats (reference: slo.md 2.3, B2)."""
    company.add(slo(id="web", **HOURLY))
    totals = (2300, 4900, 6700, 7100)
    for n, total in enumerate(totals):
        bad = sum(totals) // 1000 if n == 0 else 0
        company.csv(f"{n}.csv", [("web", dt.datetime(2026, 1, 27 + n), total - bad, total)])
    snapshot = company.build(day("2026-01-30"))
    columns = "consumed, budget_left, left_minutes, state"
    consumed, left, minutes, state = figures(snapshot, "web", columns)[day("2026-01-30")]
    assert consumed == pytest.approx(1, abs=1e-12)
    assert (left, minutes, percent(left), state) == (0, 0, "0%", "exhausted")


def test_a_target_of_100_per_cent_stands_last_of_its_state_and_not_first(company: SloFolder):
    """With any failure it is exhausted, but no share can be taken of nothing (reference: slo.md 2.4)."""
    on = dt.datetime(2026, 1, 30)
    for key, target, good in [("all", "1", 99_999), ("far-over", "0.99", 90_000), ("calm-all", "1", 100_000)]:
        company.add(slo(id=key, target=target, **HOURLY))
        company.csv(f"{key}.csv", [(key, on, good, 100_000)])
    company.add(slo(id="barely", target="0.99", **HOURLY))
    company.csv("barely.csv", [("barely", on, 99_000, 100_000)])
    company.build(day("2026-01-31"))
    rows = store.open_current(company.store).query("budgets", month="2026-01", product=None)
    assert list(zip(rows["slo"], rows["state"], strict=True)) == [
        ("far-over", "exhausted"), ("barely", "exhausted"), ("all", "exhausted"), ("calm-all", "met"),
    ]  # fmt: skip
