"""What each bucket file holds of each SLO and local day, summed by the engine in one pass: the table `sli_part`.

One pass also tells which files have a row that cannot be (they are then read row by row) and which days hold a bucket
twice. So a clean file is read once, and never again while neither it nor the SLO's way of counting changes.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from maturity import bucket_grid, bucket_rows
from maturity.bucket_rows import Cursor
from maturity.records.slos import Slo

_FIRST_YEAR = 1970
_PART = """file int, slo varchar, day date, good double, total double, buckets bigint, slices bigint,
    bad_slices bigint, ratio_sum double, first_start timestamp, last_start timestamp, twice boolean,
    step_seconds int, shift_seconds int"""


class Shift(NamedTuple):
    """A stretch of time, UTC, in which a zone's clocks are a fixed time ahead of UTC."""

    begins: dt.datetime
    ends: dt.datetime
    ahead: dt.timedelta


@lru_cache(maxsize=1000)
def shifts(zone: str, until: dt.datetime) -> tuple[Shift, ...]:
    """The stretches of a zone from 1970 to `until` (UTC), found by halving the months in which the offset changes.

    The first one also stands for the time before. UTC and Asia/Tokyo have one; Europe/Berlin two a year.
    """
    tz = ZoneInfo(zone)

    def ahead(at: dt.datetime) -> dt.timedelta:
        return at.replace(tzinfo=dt.UTC).astimezone(tz).utcoffset()

    found, begins = [], dt.datetime(_FIRST_YEAR, 1, 1)
    step, at = dt.timedelta(days=14), begins
    while at < until:
        low, high = at, min(at + step, until)
        while ahead(low) != ahead(high) and high - low > dt.timedelta(seconds=1):
            middle = low + (high - low) // 2
            low, high = (middle, high) if ahead(middle) == ahead(low) else (low, middle)
        if ahead(low) != ahead(high):
            found.append(Shift(begins, high.replace(microsecond=0), ahead(low)))
            begins = high.replace(microsecond=0)
            at = begins
        else:
            at += step
    return (*found, Shift(begins, dt.datetime.max.replace(microsecond=0), ahead(begins)))


def clock_change_days(zone: str, until: dt.datetime) -> list[dt.date]:
    """Local days on which the zone's clocks change."""
    days = set()
    for before, after in zip(shifts(zone, until), shifts(zone, until)[1:], strict=False):
        days |= {(after.begins + before.ahead).date(), (after.begins + after.ahead).date()}
    return sorted(days)


def create(cur: Cursor) -> None:
    """Empty tables of the parts."""
    cur.execute(f"create or replace table sli_part ({_PART})")


def declare(cur: Cursor, slos: list[Slo], until: dt.datetime) -> None:
    """How each SLO counts: tables `slo_shift` (its clock) and `sliced` (its slices), for the scans."""
    clocks = [
        (slo.id, shift.begins if i else dt.datetime.min, shift.ends, shift.ahead)
        for slo in slos
        for i, shift in enumerate(shifts(slo.time_zone, until))
    ]
    kinds = {"slo": "varchar", "begins": "timestamp", "ends": "timestamp", "ahead": "interval"}
    bucket_rows.fill(cur, "slo_shift", kinds, clocks)
    kinds = {"slo": "varchar", "slice_seconds": "bigint", "slice_target": "double"}
    slices = [(slo.id, slo.slice_minutes * 60, slo.slice_target) for slo in slos if slo.slice_minutes]
    bucket_rows.fill(cur, "sliced", kinds, slices)


def _clock(cur: Cursor) -> tuple[str, str]:
    """The local time of a bucket as an expression, and the join it needs: none while all clocks are one fixed time."""
    ahead = cur.execute("select distinct ahead from slo_shift").fetchall()
    if len(ahead) == 1:
        seconds = int(ahead[0][0].total_seconds())
        return ("b.start" if seconds == 0 else f"b.start + to_seconds({seconds})"), ""
    join = "left join slo_shift z on z.slo = b.slo and b.start >= z.begins and b.start < z.ends"
    return "b.start + z.ahead", join


_ROWS = "incoming"
_PARQUET = """(
    select
        file_index as file,
        slo::varchar as slo,
        start::timestamp as start,
        good::double as good,
        total::double as total
    from read_parquet($1)
)"""


def scan_parquet(cur: Cursor, paths: list[str], numbers: list[int], end: dt.datetime) -> list[int]:
    """Add the parts of Parquet files of one shape to `sli_part`, in one pass, and two over days with several gaps.

    Returns the numbers of files with a row that cannot be; nothing of them is added. `end` (UTC) is where measured
    time ends.
    """
    _scan(cur, _PARQUET, [paths])
    bucket_grid.prove(cur, _PARQUET, _clock(cur), [paths])
    _renumber(cur, "stepped", numbers)
    wrong = cur.execute(
        """
        select distinct s.file
        from stepped s
        left join known_slo k using (slo)
        where k.slo is null or s.day is null or s.possible <> s.buckets or s.last_start >= $1
            or s.first_start < $2 or not s.total <= $3
            or s.step_seconds % k.bucket_seconds <> 0 or s.shift_seconds % k.bucket_seconds <> 0
        order by 1
        """,
        [end, bucket_rows.FIRST, bucket_rows.MOST],
    ).fetchall()
    wrong = [number for (number,) in wrong]
    cur.execute("delete from stepped where list_contains($1::int[], file)", [wrong])
    if cur.execute("select count(*) from stepped semi join sliced using (slo)").fetchone()[0]:
        _slices(cur, _PARQUET, [paths])
        _renumber(cur, "slices", numbers)
    _add(cur)
    return wrong


def scan_rows(cur: Cursor) -> None:
    """Add the parts of the rows of `incoming`, which were found good, to `sli_part`."""
    _scan(cur, _ROWS, [])
    bucket_grid.prove(cur, _ROWS, _clock(cur), [])
    if cur.execute("select count(*) from stepped semi join sliced using (slo)").fetchone()[0]:
        _slices(cur, _ROWS, [])
    _add(cur)


def _renumber(cur: Cursor, table: str, numbers: list[int]) -> None:
    """From the place of a file in one question to its number in the build."""
    cur.execute("create or replace temp table file_order as select unnest($1::int[]) as file", [numbers])
    cur.execute(f"update {table} set file = f.file from file_order f where f.rowid = {table}.file")


def _scan(cur: Cursor, source: str, parameters: list) -> None:
    """Tables `scanned`: sums by file, SLO and local day with what tells that something is wrong, and empty `slices`.

    `print` is a fingerprint of the starts, 64 bits, that costs next to nothing: see `bucket_grid`.
    """
    local, join = _clock(cur)
    cur.execute(
        f"""
        create or replace temp table scanned as
        select
            b.file,
            b.slo,
            cast({local} as date) as day,
            sum(b.good) as good,
            sum(b.total) as total,
            count(*) as buckets,
            count_if(b.good >= 0 and b.good <= b.total) as possible,
            min(b.start) as first_start,
            max(b.start) as last_start,
            bit_xor(hash(b.start)) as print
        from {source} b
        {join}
        group by all
        """,
        parameters,
    )
    cur.execute(
        "create or replace temp table slices "
        "(file int, slo varchar, day date, slices bigint, bad_slices bigint, ratio_sum double)"
    )


def _add(cur: Cursor) -> None:
    """What was scanned becomes parts."""
    cur.execute(
        """
        insert into sli_part
        select
            s.file, s.slo, s.day, s.good, s.total, s.buckets, p.slices, p.bad_slices, p.ratio_sum,
            s.first_start, s.last_start, s.buckets <> s.places, s.step_seconds, s.shift_seconds
        from stepped s
        left join slices p using (file, slo, day)
        """
    )


def _slices(cur: Cursor, source: str, parameters: list) -> None:
    """Fill `slices`: slices with traffic by file, SLO and day. On days without a change of clocks a slice is a fixed
    stretch of the local day; the other days are counted bucket by bucket."""
    local, join = _clock(cur)
    cur.execute(
        f"""
        insert into slices
        with slice as (
            select
                b.file,
                b.slo,
                epoch_us({local}) // 1000000 // p.slice_seconds as slice,
                any_value(cast({local} as date)) as day,
                any_value(p.slice_target) as slice_target,
                sum(b.good) as good,
                sum(b.total) as total
            from {source} b
            {join}
            join sliced p on p.slo = b.slo
            group by b.file, b.slo, slice
        )
        select
            file,
            slo,
            day,
            count(*) as slices,
            -- The tolerance keeps 13/14 >= 13/14 true in floats, as in bucket_day.
            count_if(good < slice_target * total - 1e-9) as bad_slices,
            sum(good / total) as ratio_sum
        from slice
        where total > 0
        group by file, slo, day
        """,
        parameters,
    )


def bucket_lengths(cur: Cursor, slos: Iterable[Slo]) -> dict[str, int | None]:
    """Length of each SLO's buckets in seconds: declared, else the greatest common divisor of the distances between
    their starts; None where there are none."""
    seen = dict(
        cur.execute("select slo, list(distinct (step_seconds, shift_seconds)) from sli_part group by slo").fetchall()
    )
    lengths = {}
    for slo in slos:
        patterns = seen.get(slo.id)
        lengths[slo.id] = slo.bucket_seconds
        if slo.bucket_seconds is None and patterns:
            patterns = [tuple(p.values()) if isinstance(p, dict) else p for p in patterns]
            first = patterns[0][1]
            lengths[slo.id] = math.gcd(
                86400, *(step for step, _ in patterns), *(shift - first for _, shift in patterns)
            )
    return lengths
