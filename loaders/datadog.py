"""Datadog: SLO definitions, corrections, and the history of each SLO as buckets.

On disk, below `raw/<source>/`:

    answers/slos.json          definitions as they came, one a line; one that Datadog has no more stays
    answers/corrections.json   corrections as they came, one a line
    <slo>/2026-09-01.csv       buckets of a day, see day_files

`loaders/datadog_slos.py` reads the answers, the build reads the buckets. A fetch may be stopped at any moment: a file
is there whole or not at all, and the next fetch asks for the days that are not finished. Newest days first, of all
SLOs, so that a first fetch that stops at the rate limit has this month of everything.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from loaders import datadog_api as api
from loaders import datadog_choice, day_files, http, kept_answers
from loaders.datadog_choice import LeftOut, Taken
from loaders.datadog_slos import CORRECTIONS, SLOS
from maturity.sources import DatadogSource

GRACE_S = 3600  # points may arrive late; a span is asked for this long after its end

FETCH_FAILED = (http.SourceFailed, kept_answers.KeptAnswerIsDamaged)


@dataclass
class Fetched:
    """What a fetch did. `left_out` are SLOs that `take` asks for and that cannot be loaded; check names them."""

    slos: int = 0
    left_out: int = 0
    corrections: int = 0
    buckets: int = 0
    days_written: int = 0
    days_already_there: int = 0
    warnings: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def say_nothing(_: str) -> None:
    """Default of `say`: progress is for people who watch."""


def fetch(
    source: DatadogSource,
    raw: Path,
    *,
    now: dt.datetime,
    say: Callable[[str], None] = say_nothing,
    sleep: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Bring `raw` up to date with every SLO that `source` takes.

    Rows are buckets of `bucket_minutes` with events (metric SLOs), or of one slice with seconds (monitors and time
    slices), of every UTC day from `since` that ended an hour before `now` (naive means UTC).
    Raises one of FETCH_FAILED where the list of SLOs cannot be had; what goes wrong later is told in the result.
    """
    now = now.astimezone(dt.UTC) if now.tzinfo else now.replace(tzinfo=dt.UTC)
    fetched, folder = Fetched(), raw / source.id
    with api.open_session(source, sleep) as session:
        server = api.Server(session, source.url.rstrip("/"))
        taken = _take(server, source, folder, fetched)
        _keep_corrections(server, folder, fetched)
        _fetch_days(_Visit(server, source, folder, int(now.timestamp()), fetched), taken, say)
    return fetched


# ------------------------------------------------------------------------------------------------------ definitions


def _take(server: api.Server, source: DatadogSource, folder: Path, fetched: Fetched) -> list[Taken]:
    """Keep the definitions; returns the SLOs that are there and are taken."""
    listed, path = api.slos(server), folder / "answers" / SLOS
    here = {str(definition["id"]) for definition in listed}
    earlier = [entry for _, entry in kept_answers.entries(path)] if path.exists() else []
    gone = [entry for entry in earlier if str(entry["id"]) not in here]
    kept_answers.keep_entries(path, server.session, [*listed, *gone])
    for entry in gone:
        if datadog_choice.wanted(entry, source):
            fetched.warnings.append(f"{_title(entry)}: not in Datadog any more; what was fetched stays")
    wanted = [definition for definition in listed if datadog_choice.wanted(definition, source)]
    choices = [datadog_choice.choose(definition, source) for definition in wanted]
    fetched.left_out = sum(isinstance(choice, LeftOut) for choice in choices)
    taken = [choice for choice in choices if isinstance(choice, Taken)]
    missing = sorted(source.slos.keys() - here)
    fetched.failures += [f"slos: found {key}, expected the id of an SLO that the keys may see" for key in missing]
    fetched.slos = len(taken)
    if not taken:
        fetched.warnings.append(f"no SLO is taken of {len(listed)}; see take and products of source {source.id}")
    return taken


def _title(definition: dict) -> str:
    return f"{definition['id']} ({definition.get('name')})"


def _keep_corrections(server: api.Server, folder: Path, fetched: Fetched) -> None:
    """Keep the corrections. They need a right of their own; without it the buckets are worth having still."""
    try:
        found = api.corrections(server)
    except http.SourceFailed as error:
        fetched.failures.append(f"corrections: {error}; those of an earlier fetch stay")
        return
    kept_answers.keep_entries(folder / "answers" / CORRECTIONS, server.session, found)
    fetched.corrections = len(found)


# ---------------------------------------------------------------------------------------------------------- history


@dataclass(frozen=True)
class _Visit:
    """One fetch under way."""

    server: api.Server
    source: DatadogSource
    folder: Path
    now: int
    fetched: Fetched


def _fetch_days(visit: _Visit, taken: list[Taken], say: Callable[[str], None]) -> None:
    """Newest day first, of all SLOs. An SLO that is refused is not asked for again in this fetch."""
    fetched = visit.fetched
    done = {one.key: _finished(visit.folder, one) for one in taken}
    fetched.days_already_there = sum(map(len, done.values()))
    refused: set[str] = set()
    for day in day_files.days(visit.source.since, visit.now - GRACE_S):
        asked = [one for one in taken if day not in done[one.key] and one.key not in refused]
        for one in asked:
            try:
                _fetch_day(visit, one, day)
            except (http.AnswerHasAnotherShape, api.BucketsAreTooLong) as error:
                fetched.failures.append(f"{_title(one.definition)}: {day}: {error}; the day is not written")
            except http.SourceFailed as error:
                fetched.failures.append(f"{_title(one.definition)}: {day}: {error}")
                if getattr(error, "status", None) not in api.OF_ONE_SLO:
                    fetched.failures.append("stopped; what was written stays, the next fetch goes on")
                    return
                refused.add(one.key)
        if asked:
            say(f"{day}: {fetched.buckets} buckets so far")


def _finished(folder: Path, taken: Taken) -> set[dt.date]:
    """Days that are finished under each of its ids."""
    return set.intersection(*(day_files.finished_days(folder / slo) for slo in taken.ids))


def _fetch_day(visit: _Visit, taken: Taken, day: dt.date) -> None:
    """Ask for the spans of a day that are over, and write it. Raises http.SourceFailed; then nothing is written."""
    length, start = visit.source.span_hours * 3600, day_files.midnight(day)
    bucket_s = datadog_choice.bucket_s(taken.definition, visit.source)
    spans = [api.Span(at, at + length, bucket_s) for at in range(start, start + day_files.DAY_S, length)]
    over = [span for span in spans if span.end + GRACE_S <= visit.now]
    histories = [api.history(visit.server, taken.key, taken.type, span) for span in over]
    errors = list(dict.fromkeys(told for history in histories for told in history.errors))
    visit.fetched.warnings += [f"{_title(taken.definition)}: {day}: Datadog tells {told}" for told in errors]
    buckets = {at: counts for history in histories for at, counts in history.buckets.items()}
    rows = {
        day_files.iso(at): f"{day_files.number(good)},{day_files.number(total)}"
        for at, (good, total) in buckets.items()
    }
    finished = len(over) == len(spans) and not errors
    if not finished and not rows:
        return
    for slo in taken.ids:
        day_files.write(visit.folder / slo, slo, day, rows, finished)
        visit.fetched.days_written += 1
        visit.fetched.buckets += len(rows)
