"""Prometheus (Thanos, Mimir): counters, or what rules recorded, to one CSV file a UTC day and SLO.

On disk, below `raw/<source>/<slo>/`:

    2026-09-01.csv           a finished day; never asked for again (delete the file to ask again)
    2026-09-02.partial.csv   a day that is not over, or whose last answer came with a warning; asked again each time
    queries.txt              the queries that the days were fetched with
    .2026-09-02.*.tmp        left by a killed run; overwritten by the next

**The rule.** Every day is written to the hidden file, flushed to disk, renamed to `.partial.csv` and, if an hour has
passed since the day ended, renamed once more to `.csv`. A rename is atomic, so a day has at every moment no file,
the partial or the finished one, never two and never half of one; whatever a killed run left undone is simply not
finished, and the next run does it. One run at a time per folder.

A finished day without any row is a file with a header only, so that it is not asked for again; but an SLO that never
had a row gets no file at all, so that a corrected selector is asked from the first day.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from loaders import day_files, http, prometheus_api, prometheus_counts
from loaders.prometheus_api import ASKS_FOR_TOO_MUCH, MOST_DAYS, SAMPLES_PER_REQUEST, STEP_S, Server
from loaders.prometheus_counts import RECORDED, Counted, queries
from maturity import whole_files
from maturity.records.slos import Slo
from maturity.sources import PrometheusSource

GRACE = dt.timedelta(hours=1)  # scrapes and remote writes may arrive late

# A metric name, matchers in braces, or both; a brace inside a quoted value is no brace.
_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_MATCHERS = r"""\{(?:[^"'`{}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*\}"""
_SELECTOR = re.compile(rf"\s*(?:{_NAME}\s*(?:{_MATCHERS})?|{_MATCHERS})\s*", re.DOTALL)


class QueryIsNotACounterSelector(Exception):
    """A query holds more than a series selector, so resets of its counters could not be seen."""


class SloHasNoCountingQueries(Exception):
    """An SLO that names this source lacks the total query, or has not exactly one of good and bad."""


FETCH_FAILED = (http.SourceFailed, QueryIsNotACounterSelector, SloHasNoCountingQueries)


@dataclass(frozen=True)
class Fetched:
    """What a fetch did. `buckets` are rows written; `days_written` includes partial days; counted over all SLOs."""

    slos: int
    days_written: int
    days_already_there: int
    buckets: int
    warnings: list[str] = field(default_factory=list)


def say_nothing(_: str) -> None:
    """Default of `say`: progress is for people who watch."""


def fetch(
    source: PrometheusSource, slos: list[Slo], raw: Path, *, now: dt.datetime, say: Callable[[str], None] = say_nothing
) -> Fetched:
    """Bring `raw` up to date with the raw counters of every SLO that names `source`; other SLOs are passed over.

    Rows are 5-minute buckets `[start, start + 300 s)` in UTC with the number of good and of all events, from
    `source.since` to the last bucket that ended before `now` (naive means UTC). The increase of each series is
    v(end) - v(start), or v(end) where the counter fell, because it restarted from 0; series are then added up.
    Worked example: 100, 160, 20 at three grid points is an increase of 60, then of 20.
    A bucket in which no series of the total has both ends is a gap: it gets no row, never a zero.

    `good` may pass `total` or fall below 0 where scrapes disagree; it is written as it is, for the build to flag.
    Raises one of FETCH_FAILED; days already written stay.
    """
    return fetch_on_grid(source, slos, raw, now=now, step_s=STEP_S, say=say)


def fetch_on_grid(
    source: PrometheusSource,
    slos: list[Slo],
    raw: Path,
    *,
    now: dt.datetime,
    step_s: int,
    say: Callable[[str], None] = say_nothing,
) -> Fetched:
    """`fetch` with another bucket length; it must divide a day. The rest of the project expects 300 s."""
    slos = [slo for slo in slos if slo.source == source.id]
    _check_queries([slo for slo in slos if slo.format not in RECORDED])
    now = now if now.tzinfo else now.replace(tzinfo=dt.UTC)
    with prometheus_api.server(source, step_s) as server:
        done = [_fetch_slo(server, slo, raw / source.id / slo.id, source.since, now, say) for slo in slos]
    warnings = [warning for one in done for warning in one.warnings]
    if not slos:
        warnings.append(f"no SLO names the source {source.id}")
    return Fetched(
        slos=len(slos),
        days_written=sum(one.days_written for one in done),
        days_already_there=sum(one.days_already_there for one in done),
        buckets=sum(one.buckets for one in done),
        warnings=warnings,
    )


# ------------------------------------------------------------------------------------------------------ queries


def _check_queries(slos: list[Slo]) -> None:
    lacking = [slo.id for slo in slos if not slo.total_query or bool(slo.good_query) == bool(slo.bad_query)]
    if lacking:
        raise SloHasNoCountingQueries(f"slo {', '.join(lacking)}: needs a total query and exactly one of good and bad")
    other = [
        f"slo {slo.id}: {side}: {query}"
        for slo in slos
        for side, query in queries(slo)
        if not _SELECTOR.fullmatch(query)
    ]
    if other:
        raise QueryIsNotACounterSelector(
            "; ".join(other) + '; expected a plain selector of a raw counter such as http_requests_total{job="api"}, '
            "without functions, sums, ranges or offsets"
        )


# ---------------------------------------------------------------------------------------------------- one SLO


@dataclass
class Progress:
    """What is known of one SLO while its days are asked for."""

    had_days: bool
    samples: Counter[str] = field(default_factory=Counter)
    unusable: Counter[str] = field(default_factory=Counter)
    unlike: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    empty: list[tuple[dt.date, bool]] = field(default_factory=list)
    days: int = 0
    buckets: int = 0


def _fetch_slo(server: Server, slo: Slo, folder: Path, since: dt.date, now: dt.datetime, say: Callable) -> Fetched:
    """Newest days first: a first run on a long history shows what matters most at once."""
    finished = day_files.finished_days(folder)
    end = int(now.timestamp()) // server.step_s * server.step_s
    wanted = [day for day in _days(since, end) if day not in finished]
    progress = Progress(had_days=_has_days(folder))
    warnings = _changed_queries(folder, slo) if progress.had_days else []
    asked = f"{wanted[0]} to {wanted[-1]}" if wanted else ""
    size, most = 1, MOST_DAYS
    while wanted:
        run = _newest_run(wanted, size)
        try:
            samples = _fetch_days(server, slo, folder, run, end, now, progress)
        except http.SourceFailed as error:
            if getattr(error, "status", None) not in ASKS_FOR_TOO_MUCH or len(run) == 1:
                error.args = (f"slo {slo.id}: {error}",)
                raise
            size = most = len(run) // 2
            continue
        del wanted[-len(run) :]
        size = max(1, min(most, SAMPLES_PER_REQUEST * len(run) // max(samples, 1)))
        say(f"{slo.id}: {run[0]} to {run[-1]}: {progress.buckets} buckets so far")
    _write_empty_days(folder, slo, progress)
    warnings += _warnings(slo, asked, progress) if asked else []
    return Fetched(1, progress.days, len(finished), progress.buckets, warnings)


def _fetch_days(
    server: Server, slo: Slo, folder: Path, days: list[dt.date], end: int, now: dt.datetime, progress: Progress
) -> int:
    """Ask for days in a row and write those that have rows. Returns the samples of the larger answer."""
    start, end = day_files.midnight(days[0]), min(day_files.midnight(days[-1]) + 86_400, end)
    answers, pairs = prometheus_counts.buckets(server, slo, start, end)
    _note(answers, progress)
    sure = not any(answer.warnings for answer in answers.values())
    with http.read_as_documented("query_range"):  # a sum beyond all numbers
        rows = {at: f"{day_files.number(good)},{day_files.number(total)}" for at, (good, total) in pairs.items()}
    for day in reversed(days):
        first = day_files.midnight(day)
        over = dt.datetime.fromtimestamp(first + 86_400, dt.UTC) + GRACE <= now
        lines = {day_files.iso(at): row for at in range(first, first + 86_400, server.step_s) if (row := rows.get(at))}
        if lines:
            _write_day(folder, slo, day, lines, over and sure)
            progress.days += 1
            progress.buckets += len(lines)
        else:
            progress.empty.append((day, over and sure))
    return max(answer.samples for answer in answers.values())


def _note(answers: dict[str, Counted], progress: Progress) -> None:
    for side, answer in answers.items():
        progress.samples[side] += answer.samples
        progress.unusable[side] += answer.unusable
        progress.unlike[side] += answer.unlike
        progress.told += [told for told in answer.warnings if told not in progress.told]


def _warnings(slo: Slo, asked: str, progress: Progress) -> list[str]:
    """What a person should look at; absence first, because nothing else shows it."""
    found = []
    (first, query), *others = queries(slo)
    other, other_query = others[0] if others else (None, None)
    if not progress.samples[first]:
        found.append(f"slo {slo.id}: no data from {asked} for {query}")
    elif slo.format in RECORDED:
        if not progress.buckets and not progress.had_days:
            found.append(f"slo {slo.id}: no bucket from {asked}; do the rules record a number every 5 minutes?")
    elif not progress.buckets:
        found.append(f"slo {slo.id}: no two samples in a row from {asked}; is it scraped every 5 minutes?")
    elif other == "good" and not progress.samples[other]:
        found.append(f"slo {slo.id}: no data from {asked} for {other_query}, so every event counts as bad")
    elif other == "bad" and not progress.samples[other] and not progress.had_days:
        # Later runs ask for a day or two, and a day without errors is nothing to warn about.
        found.append(f"slo {slo.id}: no data from {asked} for {other_query}, so every event counts as good")
    found += [f"slo {slo.id}: the server warns: {told}" for told in progress.told]
    found += [
        f"slo {slo.id}: {side}: {count} samples are no number of events (NaN, infinite or negative), left out"
        for side, count in progress.unusable.items()
        if count
    ]
    found += [
        f"slo {slo.id}: {side}: at {count} points two series differ, left out; what tells them apart?"
        for side, count in progress.unlike.items()
        if count
    ]
    return found


# -------------------------------------------------------------------------------------------------------- files


def _has_days(folder: Path) -> bool:
    return any(folder.glob("*.csv"))


def _write_day(folder: Path, slo: Slo, day: dt.date, rows: dict[str, str], finished: bool) -> None:
    if not _has_days(folder):
        folder.mkdir(parents=True, exist_ok=True)
        whole_files.put(folder / "queries.txt", _queries_text(slo))
    day_files.write(folder, slo.id, day, rows, finished)


def _write_empty_days(folder: Path, slo: Slo, progress: Progress) -> None:
    if not _has_days(folder):
        return
    for day, finished in progress.empty:
        _write_day(folder, slo, day, {}, finished)
        progress.days += 1


def _changed_queries(folder: Path, slo: Slo) -> list[str]:
    kept = folder / "queries.txt"
    if not kept.exists() or kept.read_text(encoding="utf-8") == _queries_text(slo):
        return []
    return [
        f"slo {slo.id}: its queries are not those of {kept.name} beside its days, so days differ in meaning; "
        f"delete the folder to fetch every day anew, or {kept.name} to keep the old days"
    ]


def _queries_text(slo: Slo) -> str:
    return "".join(f"{side}: {query}\n" for side, query in queries(slo))


# --------------------------------------------------------------------------------------------------------- days


def _days(since: dt.date, end: int) -> list[dt.date]:
    """Days from `since` that have a bucket before `end`, oldest first."""
    count = -(-(end - day_files.midnight(since)) // 86_400)
    return [since + dt.timedelta(days=i) for i in range(count)]


def _newest_run(days: list[dt.date], size: int) -> list[dt.date]:
    """The last days of the list that follow one another, at most `size`."""
    run = days[-1:]
    for day in reversed(days[-size:-1]):
        if day + dt.timedelta(days=1) != run[0]:
            break
        run.insert(0, day)
    return run
