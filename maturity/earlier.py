"""From which day on a snapshot can differ from the one before; what lies before that day is taken over.

A build writes into a copy of the snapshot before, which is attached as `earlier` for comparing. This is about tables
with a row for each SLO and day, each file, or each practice, product and month: of them the days stay that rest on
nothing that changed. Any other table stays whole or is made again (`maturity.filling`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Set

from maturity.bucket_rows import Cursor

# Two clocks differ by 26 hours at most, so the days of one instant are two apart at most.
CLOCKS = dt.timedelta(days=2)
# Tables whose change may change what was measured on any day, and what is judged of it.
_MEASURED_BY = ("slo", "slo_bucket", "correction_span")
_JUDGED_BY = ("slo_plan", "slo_member", "policy")
# The same for states of practices, and the day from which on a statement says something.
_STATED_BY = ("practice", "checklist_item", "product", "policy")
_STATED_ON = {"assessment": "assessed_on", "exemption": "granted_on", "observation": "observed_on"}


def first_measured(cur: Cursor) -> dt.date:
    """The first day whose sums of buckets can differ: that of the oldest row in a file that changed.

    The table `kept` names the files that did not change. `dt.date.max` where none did.
    """
    if not _same(cur, _MEASURED_BY):
        return dt.date.min
    return _first(
        cur,
        "select day from sli_part where file not in (select file from kept) "
        "union all select day from earlier.sli_part where file not in (select old_file from kept)",
    )


def first_judged(cur: Cursor, measured: dt.date, same: Set[str]) -> dt.date:
    """The first day whose budgets can differ: a window of another length or target counts as well.

    `same` names tables that are known to be as they were.
    """
    if not _same(cur, _JUDGED_BY, same):
        return dt.date.min
    return min(measured, _differ(cur, {"plan_day": "day", "plan_window": "day"}, same))


def first_stated(cur: Cursor, same: Set[str]) -> dt.date:
    """The first day on which practices can be in other states: that of the oldest statement that is new, gone or
    another, be it only in the line where it stands. A state never rests on what was said after its day."""
    return _differ(cur, _STATED_ON, same) if _same(cur, _STATED_BY, same) else dt.date.min


def _differ(cur: Cursor, tables: dict[str, str], same: Set[str]) -> dt.date:
    """The first day (table -> column) of rows that only one of the two snapshots has."""
    if tables.keys() <= same:
        return dt.date.max
    days = " union all ".join(
        f"""(
            select {day} as day
            from (
                select columns(c -> c <> 'side')
                from (select *, 1 as side from {table} union all select *, -1 from earlier.{table})
                group by all
                having sum(side) <> 0
            )
        )"""
        for table, day in tables.items()
        if table not in same
    )
    return _first(cur, days)


def _first(cur: Cursor, days: str) -> dt.date:
    (day,) = cur.execute(f"select min(day) from ({days})").fetchone()
    return dt.date.max if day is None else day - CLOCKS


def _same(cur: Cursor, names: tuple[str, ...], same: Set[str] = frozenset()) -> bool:
    """Whether tables say the same as before, wherever in the files it stands."""
    if same >= {*names}:
        return True
    rows = "select columns(c -> c not in ('src_file', 'src_line')) from {}"
    prints = [
        f"(select (count(*), bit_xor(hash(r))) from ({rows.format(f'{place}{name}')}) r)"
        for name in names
        if name not in same
        for place in ("", "earlier.")
    ]
    found = cur.execute(f"select {', '.join(prints)}").fetchone()
    return all(new == old for new, old in zip(found[::2], found[1::2], strict=True))
