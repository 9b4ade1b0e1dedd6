"""The budget of every SLO on every day, from the first day on that can have become another, in stretches of days.

One more day so costs a day, however long the history is, and a stretch is as much as memory has to hold at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Set

from maturity import earlier
from maturity.bucket_rows import Cursor

# Stored by SLO and day; the other views of single days are asked on the way.
BY_DAY = ("slo_day", "slo_status")
# Stored by file: rows of the files in `kept` are there.
BY_FILE = ("slo_source",)
# Rows of one stretch, SLOs x days. Fewer cost time (each stretch reads its windows again), more cost memory.
_STRETCH = 50_000
_ONE = dt.timedelta(days=1)


def look_at(cur: Cursor, first: dt.date, last: dt.date, needed: dt.date) -> None:
    """Which days the views of single days give, and from which day on their windows need what was measured."""
    for name, day in (("first_day", first), ("last_day", last), ("needed_day", needed)):
        cur.execute(f"set variable {name} = date '{day}'")


def fill(cur: Cursor, views: Mapping[str, str], measured: dt.date, copied: bool, same: Set[str]) -> set[str]:
    """Bring the stored tables up to date with the other tables; `views` are their questions and those on the way.

    `measured` is the first day whose sums can differ from those in the tables. Without `copied` there are no tables;
    `same` are those that stand as they stood. Names of the stored tables in which rows came or went come back.
    """
    changed = set()

    def change(table: str, how: str, *given: dt.date) -> None:
        (rows,) = cur.execute(how, given).fetchone()
        changed.update({table} if rows else ())

    cur.execute("create or replace temp table state_before (slo varchar, state varchar, state_since date)")
    look_at(cur, dt.date.min, dt.date.min, dt.date.min)
    for name, question in views.items():
        stored = name in BY_DAY + BY_FILE
        cur.execute(f"create temp view {name}{'_now' if stored else ''} as {question}")
        if stored and not copied:
            cur.execute(f"create table {name} as select * from {name}_now limit 0")
    gone = "delete from slo_source where src_file not in (select path from bucket_file semi join kept using (file))"
    change("slo_source", gone)
    change("slo_source", "insert into slo_source select * from slo_source_now")
    change("slo_day", "delete from slo_day where day >= $1", measured)
    look_at(cur, measured, dt.date.max, measured)
    change("slo_day", "insert into slo_day select * from slo_day_now")
    judged = earlier.first_judged(cur, measured, same) if copied else dt.date.min
    change("slo_status", "delete from slo_status where day >= $1", judged)
    for first, last in _stretches(cur, judged):
        question = "select min(window_start) from plan_window where day between $1 and $2"
        (needed,) = cur.execute(question, [first, last]).fetchone()
        look_at(cur, first, last, needed)
        cur.execute(
            "create or replace temp table state_before as "
            "select slo, state, state_since from slo_status where day = $1",
            [first - _ONE],
        )
        change("slo_status", "insert into slo_status select * from slo_status_now")
    return changed


def _stretches(cur: Cursor, judged: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    """First and last days from `judged` on, as far as windows are planned."""
    begin, end = cur.execute("select min(day), max(day) from plan_window").fetchone()
    if begin is None:
        return
    (slos,) = cur.execute("select count(*) from slo_plan").fetchone()
    days = dt.timedelta(days=max(1, _STRETCH // slos))
    first = max(begin, judged)
    while first <= end:
        yield first, min(first + days - _ONE, end)
        first += days
