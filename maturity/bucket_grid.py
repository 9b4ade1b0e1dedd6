"""Does a day hold a bucket twice, and how far apart are its buckets? Mostly proven without a look at each start.

`scanned` has a fingerprint of the starts of each file, SLO and day: the exclusive or of their 64-bit hashes. A day with
the fingerprint of an even grid from its first to its last bucket, or of such a grid with one gap, holds each of those
places once. Only the other days are read again.
"""

from __future__ import annotations

import math

from maturity import bucket_rows
from maturity.bucket_rows import Cursor


def prove(cur: Cursor, source: str, clock: tuple[str, str], parameters: list) -> None:
    """Table `stepped`: `scanned` with the number of different places of a day, their greatest common distance and the
    first of them, in whole seconds."""
    _even(cur)
    _one_gap(cur)
    cur.execute(
        """
        create or replace temp table uneven as
        select file, slo, day, null::bigint[] as places
        from scanned
        anti join even using (first_start, last_start, buckets, print)
        anti join gapped using (slo, first_start, last_start, buckets, print)
        """
    )
    if cur.execute("select count(*) from uneven").fetchone()[0]:
        _look(cur, source, clock, parameters)
    rows = []
    for (pattern,) in cur.execute("select distinct places from uneven where len(places) > 0").fetchall():
        step = math.gcd(*(second - pattern[0] for second in pattern))
        rows.append((pattern, step, pattern[0], len(pattern)))
    kinds = {"pattern": "bigint[]", "step_seconds": "int", "shift_seconds": "int", "places": "bigint"}
    bucket_rows.fill(cur, "place", kinds, rows)
    cur.execute(
        """
        create or replace temp table stepped as
        select
            s.* exclude (print),
            coalesce(p.places, s.buckets) as places,
            coalesce(e.step_seconds, g.step_seconds, p.step_seconds) as step_seconds,
            coalesce(p.shift_seconds, (epoch_us(s.first_start) // 1000000 % 86400)::int) as shift_seconds
        from scanned s
        left join even e using (first_start, last_start, buckets, print)
        left join gapped g using (slo, first_start, last_start, buckets, print)
        left join uneven u using (file, slo, day)
        left join place p on p.pattern = u.places
        """
    )


def _even(cur: Cursor) -> None:
    """Table `even`: the fingerprint of the even grid between each first and last bucket that occur, of as many."""
    cur.execute(
        """
        create or replace temp table even as
        with shape as (
            select distinct
                first_start,
                last_start,
                buckets,
                coalesce((epoch_us(last_start) - epoch_us(first_start)) / nullif(buckets - 1, 0), 0) as us
            from scanned
            where epoch_us(first_start) % 1000000 = 0
        )
        select
            first_start,
            last_start,
            buckets,
            (us // 1000000)::int as step_seconds,
            bit_xor(hash(first_start + to_microseconds(i * us::bigint))) as print
        from shape, unnest(range(buckets)) as place(i)
        where us % 1000000 = 0 and (us > 0 or buckets = 1)
        group by all
        """
    )


def _one_gap(cur: Cursor) -> None:
    """Table `gapped`: days that are an even grid but for one gap. The distance is that of the SLO's even days.

    What a gap of some length at some place takes from the fingerprint is the difference of two running fingerprints.
    """
    cur.execute(
        """
        create or replace temp table gapped as
        with step as (
            select
                slo,
                min(step_seconds)::bigint as seconds
            from scanned
            join even using (first_start, last_start, buckets, print)
            where step_seconds > 0
            group by slo
        ),
        rest as (
            select
                s.slo,
                s.first_start,
                s.last_start,
                s.buckets,
                s.print,
                t.seconds,
                (epoch_us(s.last_start) - epoch_us(s.first_start)) // (t.seconds * 1000000) + 1 - s.buckets as missing
            from scanned s
            join step t using (slo)
            anti join even using (first_start, last_start, buckets, print)
            where epoch_us(s.first_start) % 1000000 = 0
                and (epoch_us(s.last_start) - epoch_us(s.first_start)) % (t.seconds * 1000000) = 0
        ),
        place as (
            select
                g.*,
                i,
                hash(first_start + to_seconds(i * seconds)) as print
            from (select distinct first_start, last_start, seconds, buckets, missing from rest where missing > 0) g,
                unnest(range(buckets + missing)) as place(i)
        ),
        running as (
            select
                * exclude (print),
                bit_xor(print) over (w order by i) as print,
                bit_xor(print) over w as whole
            from place
            window w as (partition by first_start, last_start, seconds, missing)
        ),
        gap as (
            select
                first_start,
                last_start,
                seconds,
                buckets,
                xor(whole, xor(print, lead(print, missing) over w)) as print
            from running
            window w as (partition by first_start, last_start, seconds, missing order by i)
        )
        select distinct
            r.slo,
            r.first_start,
            r.last_start,
            r.buckets,
            r.print,
            r.seconds::int as step_seconds
        from rest r
        join gap using (first_start, last_start, seconds, buckets, print)
        """
    )


def _look(cur: Cursor, source: str, clock: tuple[str, str], parameters: list) -> None:
    """The starts of the days of `uneven`; thousands of days share a few lists, so their arithmetic is done once."""
    local, join = clock
    cur.execute(
        f"""
        create or replace temp table uneven as
        select u.file, u.slo, u.day, list_sort(list(distinct epoch_us(b.start) // 1000000 % 86400)) as places
        from {source} b
        {join}
        join uneven u on u.file = b.file and u.slo = b.slo and u.day = cast({local} as date)
        group by all
        """,
        parameters,
    )
