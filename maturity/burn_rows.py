"""The buckets of the last hours and days, table `recent`, from which burn rates are counted.

They are added up as far as no window of an SLO tells them apart, so that a page never meets single buckets.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from maturity.bucket_rows import Cursor


@dataclass
class Burns:
    """Windows of burn rates: their lengths in minutes, and the instant (UTC) at which the first of all begins."""

    minutes: list[int]
    begin: dt.datetime


def windows(cur: Cursor, until: dt.datetime, burns: set[int]) -> Burns:
    """Table `burn_end`: where the burn windows of an SLO end, with its newest bucket or the last that should exist.
    Table `burn_begin`: where those of 60 minutes begin (`begins_60`), and so on; none is shorter than a bucket.

    The newest bucket of all is as a rule one of five minutes. A window that ended with it would hold eleven of twelve
    hours of an SLO with hourly buckets, and of one hour nothing.
    """
    cur.execute(
        """
        create or replace temp table burn_end as
        with newest as (
            select slo, max(last_start) as start from sli_part group by slo
        )
        select
            n.slo,
            n.start + to_seconds(
                b.bucket_seconds * greatest(1, floor(epoch($1 - n.start) / b.bucket_seconds)::bigint)
            ) as ends,
            b.bucket_seconds
        from newest n
        join slo_bucket b using (slo)
        where b.bucket_seconds > 0
        """,
        [until],
    )
    begins = ", ".join(f"burn_begins(ends, {m}, bucket_seconds) as begins_{m}" for m in sorted(burns))
    cur.execute(f"create or replace temp table burn_begin as select slo, {begins} from burn_end")
    (begin,) = cur.execute(f"select min(begins_{max(burns)}) from burn_begin").fetchone()
    return Burns(sorted(burns), begin or until)


def add_incoming(cur: Cursor, burns: Burns) -> None:
    """Add the rows of table `incoming` since the first of `burns` begins."""
    cur.execute(_merged("incoming", burns))


def add_parquets(cur: Cursor, paths: list[str], numbers: list[int], burns: Burns) -> None:
    """Add the rows of Parquet files since the first of `burns` begins."""
    if paths:
        cur.execute(_merged("read_parquet($1)", burns), [paths])


def _merged(rows: str, burns: Burns) -> str:
    """Adds to `recent` the rows that are not in the table of those that are wanted. Where no window begins between
    them, events are one sum at their first instant; the slices of an SLO need its buckets."""
    passed = " + ".join(f"(r.start::timestamp >= b.begins_{minutes})::int" for minutes in burns.minutes)
    return f"""
        insert into recent
        select r.slo, min(r.start::timestamp), sum(r.good::double), sum(r.total::double)
        from {rows} r
        join burn_begin b using (slo)
        left join sliced s using (slo)
        anti join wanted w on w.slo = r.slo and r.start::timestamp between w.first_start and w.last_start
        where r.start::timestamp >= timestamp '{burns.begin}'
        group by r.slo, {passed}, case when s.slo is not null then r.start end
        """
