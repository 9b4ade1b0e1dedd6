"""When a correction holds, on the clocks of its zone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from given import ask, build, over_tiny, read

from maturity import corrections
from maturity.records.slos import Correction

FOREVER = dt.datetime(2027, 1, 1)


def correction(start: str, **fields) -> Correction:
    given = {"id": "c", "slos": ["web"], "effect": "drop", "category": "maintenance", "author": "kim"}
    given |= {"recorded_on": "2026-01-01", "reason": "Upgrade", "start": start}
    return Correction(**(given | fields))


def utc(made: Correction, until: dt.datetime = FOREVER) -> list[str]:
    return [f"{a:%m-%d %H:%M}/{b:%m-%d %H:%M}" for a, b in corrections.occurrences(made, until)]


@pytest.mark.parametrize(
    ("about", "made", "expected"),
    [
        (
            "a time without an offset is local",
            correction("2026-01-10T09:00:00", end="2026-01-10T10:30:00", time_zone="Asia/Tokyo"),
            ["01-10 00:00/01-10 01:30"],
        ),
        (
            "a time with an offset is that instant",
            correction("2026-01-10T09:00:00+09:00", duration_minutes=90, time_zone="Europe/Berlin"),
            ["01-10 00:00/01-10 01:30"],
        ),
        (
            "every Sunday at two stays at two when clocks change",
            correction(
                "2026-03-22T02:00:00", duration_minutes=120, rrule="FREQ=WEEKLY;COUNT=2", time_zone="Europe/Berlin"
            ),
            ["03-22 01:00/03-22 03:00", "03-29 01:00/03-29 03:00"],
        ),
        (
            "a time that the clocks skip is moved forward by the change",
            correction("2026-03-29T02:30:00", duration_minutes=60, time_zone="Europe/Berlin"),
            ["03-29 01:30/03-29 02:30"],
        ),
        (
            "a time that comes twice is the first",
            correction("2026-10-25T02:30:00", duration_minutes=60, time_zone="Europe/Berlin"),
            ["10-25 00:30/10-25 01:30"],
        ),
        (
            "an end across a change of clocks is real time apart",
            correction("2026-03-29T01:00:00", end="2026-03-29T04:00:00", time_zone="Europe/Berlin"),
            ["03-29 00:00/03-29 02:00"],
        ),
        (
            "UNTIL in UTC holds in a local rule",
            correction(
                "2026-01-01T00:00:00", duration_minutes=5, rrule="FREQ=DAILY;UNTIL=20260102T150000Z",
                time_zone="Asia/Tokyo",
            ),
            ["12-31 15:00/12-31 15:05", "01-01 15:00/01-01 15:05", "01-02 15:00/01-02 15:05"],
        ),
        (
            "UNTIL of a day alone includes that day of the correction's zone",
            correction(
                "2026-01-05T22:00:00", duration_minutes=60, rrule="FREQ=DAILY;UNTIL=20260107",
                time_zone="America/New_York",
            ),
            ["01-06 03:00/01-06 04:00", "01-07 03:00/01-07 04:00", "01-08 03:00/01-08 04:00"],
        ),
        (
            "a rule in small letters is the same rule",
            correction(
                "2026-01-01T00:00:00", duration_minutes=5, rrule="freq=daily;until=20260101t150000z",
                time_zone="Asia/Tokyo",
            ),
            ["12-31 15:00/12-31 15:05", "01-01 15:00/01-01 15:05"],
        ),
        (
            "a whole day that is excepted, of a rule at midnight",
            correction("2026-01-01", duration_minutes=1440, rrule="RRULE:FREQ=DAILY;UNTIL=20260103\nEXDATE:20260102"),
            ["01-01 00:00/01-02 00:00", "01-03 00:00/01-04 00:00"],
        ),
        (
            "a day that is excepted in UTC is that of the local rule",
            correction(
                "2026-01-01T00:00:00", duration_minutes=5, time_zone="Asia/Tokyo",
                rrule="RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260101T150000Z",
            ),
            ["12-31 15:00/12-31 15:05", "01-02 15:00/01-02 15:05"],
        ),
        (
            "the last Friday of a month",
            correction("2026-01-30T20:00:00", duration_minutes=60, rrule="FREQ=MONTHLY;BYDAY=-1FR;COUNT=3"),
            ["01-30 20:00/01-30 21:00", "02-27 20:00/02-27 21:00", "03-27 20:00/03-27 21:00"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_occurrences(about: str, made: Correction, expected: list[str]):
    assert utc(made) == expected


def test_occurrences_end_with_the_snapshot():
    assert (
        len(utc(correction("2026-01-01T00:00:00", duration_minutes=5, rrule="FREQ=DAILY"), dt.datetime(2026, 1, 8)))
        == 7
    )


def test_a_correction_of_a_folder_reaches_the_budget(tmp_path: Path):
    """In tests/tiny every bucket of alpha-ok holds 100 events; the hour with failures is left out."""
    folder = over_tiny(tmp_path / "data")
    before = build(tmp_path / "before", folder).snapshot
    sums = "select sum(measured_total - measured_good), sum(bad), sum(total) from slo_day where slo = 'alpha-ok'"
    ((measured, bad, total),) = ask(before, sums)
    assert measured == bad > 0
    (folder / "corrections.yaml").write_text(
        "corrections:\n"
        "  - {id: all, slos: [alpha-ok], start: '2025-01-01', end: '2026-02-01', effect: good, category: other,"
        " author: kim, recorded_on: 2026-01-31, reason: {en: Probe was wrong, ja: 監視の誤り}}\n"
    )
    assert read(folder)[1] == []
    after = build(tmp_path / "after", folder).snapshot
    assert ask(after, sums) == [(measured, 0, total)]
    ((consumed, without),) = ask(
        after, "select consumed, measured_consumed from slo_status where slo = 'alpha-ok' order by day desc limit 1"
    )
    assert consumed == 0 < without
