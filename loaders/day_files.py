"""SLI buckets as one CSV file a UTC day and SLO: what every fetcher of SLOs writes below `raw/<source>/<slo>/`.

    2026-09-01.csv           a finished day; never asked for again (delete the file to ask again)
    2026-09-02.partial.csv   a day that is not over, or not sure yet; asked again each time
    .2026-09-02.*.tmp        left by a killed run; overwritten by the next

A day is written to the hidden file, flushed to disk, renamed to `.partial.csv` and, if it is finished, renamed once
more to `.csv`. A rename is atomic, so a day has at every moment no file, the partial or the finished one, never two
and never half of one.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from maturity import whole_files

HEADER = "slo,start,good,total\n"
DAY_S = 86_400


def finished_days(folder: Path) -> set[dt.date]:
    """Days that are never asked for again."""
    return {day for path in folder.glob("*.csv") if (day := _day(path.stem))}


def write(folder: Path, slo: str, day: dt.date, rows: dict[str, str], finished: bool) -> None:
    """Write a day: `rows` are `good,total` by start as `iso` writes it.

    Rows of an earlier partial file stay where the server has none any more: its retention may have passed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{day}.partial.csv"
    rows = {**_rows_of(partial), **rows}
    whole_files.put(partial, HEADER + "".join(f"{slo},{start},{rows[start]}\n" for start in sorted(rows)))
    if finished:
        partial.replace(folder / f"{day}.csv")


def days(since: dt.date, end: int) -> list[dt.date]:
    """Days from `since` that begin before `end` (Unix seconds), newest first: they matter most."""
    count = -(-(end - midnight(since)) // DAY_S)
    return [since + dt.timedelta(days=i) for i in reversed(range(count))]


def midnight(day: dt.date) -> int:
    """First second of a UTC day, in Unix seconds."""
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())


def iso(at: float) -> str:
    """Unix seconds as the start of a bucket."""
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(value: float) -> str:
    """A number of events: 3 rather than 3.0."""
    return str(int(value)) if value == int(value) else repr(value)


def _rows_of(partial: Path) -> dict[str, str]:
    if not partial.exists():
        return {}
    cells = [line.split(",", 2) for line in partial.read_text(encoding="utf-8").splitlines()[1:]]
    return {start: row for _, start, row in cells}


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
