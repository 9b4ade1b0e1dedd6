"""`corrections.yaml`: times in which what was measured shall not count as measured, and their occurrences."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from zoneinfo import ZoneInfo

from loaders.reading import Reading
from maturity import corrections
from maturity.records.problems import Loaded
from maturity.records.slos import Correction, CorrectionSpan


def load(reading: Reading) -> None:
    """Read the corrections, if there are any."""
    for path, file in reading.files("corrections.yaml"):
        for found, _ in reading.rows(Correction, path, file, "corrections", "corrections"):
            reading.bundle.corrections += [loaded for loaded in found if is_whole(reading, loaded)]


def is_whole(reading: Reading, loaded: Loaded[Correction]) -> bool:
    """Fields that are right only together; what is wrong is noted."""
    made, before = loaded.record, len(reading.problems)
    try:
        ZoneInfo(made.time_zone)
    except (KeyError, ValueError, OSError):
        wanted = "an IANA time zone such as Asia/Tokyo"
        reading.problems.append(loaded.problem(("time_zone",), made.time_zone, wanted))
        return False
    if (made.end is None) == (made.duration_minutes is None):
        found = "both end and duration_minutes" if made.end else "neither end nor duration_minutes"
        reading.problems.append(loaded.trouble(("end",), found, "exactly one of the two"))
        return False
    try:
        spans = corrections.occurrences(made, dt.datetime.max, most=1)
    except corrections.TheRecurrenceCannotBeRead as error:
        wanted = f"an RFC 5545 rule such as FREQ=WEEKLY;BYDAY=SU ({error})"
        reading.problems.append(loaded.problem(("rrule",), made.rrule, wanted))
        return False
    except OverflowError:
        field = ("start",) if made.duration_minutes is None else ("duration_minutes",)
        found = f"{made.start} and {made.end or f'{made.duration_minutes} minutes'}"
        reading.problems.append(loaded.trouble(field, found, "times from the year 2 to the year 9998"))
        return False
    if spans and spans[0][1] <= spans[0][0]:
        reading.problems.append(loaded.problem(("end",), str(made.end), f"a time after start {made.start}"))
    if not spans:
        reading.problems.append(loaded.problem(("rrule",), made.rrule, "a rule with an occurrence after start"))
    return len(reading.problems) == before


def expand(reading: Reading, as_of: dt.date) -> None:
    """The occurrences up to the snapshot's day, one for each SLO; overlaps that disagree are told.

    Called when the corrections that stay are known.
    """
    until = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time())
    by_slo = defaultdict(list)
    for loaded in reading.bundle.corrections:
        made = loaded.record
        spans = corrections.occurrences(made, until)
        if len(spans) > corrections.MOST:
            wanted = f"a rule with at most {corrections.MOST} occurrences up to {as_of} (the others are left out)"
            reading.problems.append(loaded.problem(("rrule",), made.rrule, wanted))
            spans = spans[: corrections.MOST]
        for slo in made.slos:
            for begins, ends in spans:
                span = CorrectionSpan(correction=made.id, slo=slo, starts_at=begins, ends_at=ends, effect=made.effect)
                reading.bundle.correction_spans.append(Loaded(span, loaded.file, loaded.line, loaded.lines))
                by_slo[slo].append((begins, ends, loaded))
    for spans in by_slo.values():
        _disagreements(reading, sorted(spans, key=lambda span: span[:2]))


def _disagreements(reading: Reading, spans: list[tuple[dt.datetime, dt.datetime, Loaded[Correction]]]) -> None:
    told, open_spans = set(), []
    for begins, ends, loaded in spans:
        open_spans = [span for span in open_spans if span[0] > begins]
        for _, other in open_spans:
            pair = (other.record.id, loaded.record.id)
            if other.record.effect != loaded.record.effect and pair not in told:
                told.add(pair)
                wanted = f"the effect of {other.record.id}, which overlaps it at {begins} UTC (drop wins)"
                reading.problems.append(loaded.problem(("effect",), loaded.record.effect, wanted, "warning"))
        open_spans.append((ends, loaded))
