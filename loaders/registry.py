"""Every loader, in reading order. A new source is one line here."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from loaders import (
    assessments,
    checklists,
    ciso_assistant,
    corrections,
    cre_sheets,
    cross_checks,
    datadog_slos,
    decisions,
    dsomm,
    exemptions,
    google_slo,
    guide_map,
    incident_notes,
    incidents,
    locked,
    openslo,
    policies,
    products,
    pyrra,
    recorded_slos,
    reviews,
    risk_notes,
    risk_sheets,
    riskquant,
    risks,
    samm,
    sheets,
    signals,
    slo_generator,
    sloth,
    sources,
    tracker_risks,
    unread,
    watched_metrics,
)  # fmt: skip
from loaders.as_of import leave_out_later
from loaders.reading import Reading

# Foreign files are read after what they speak of: their words are looked up among our products and practices.
LOADERS = [
    policies.load, sources.load, guide_map.load, products.load, assessments.load,
    dsomm.load, sheets.load, checklists.load, samm.load,
    exemptions.load, risks.load, risk_notes.load,
    cre_sheets.load, ciso_assistant.load, riskquant.load, risk_sheets.load, tracker_risks.load,
    openslo.load, sloth.load, pyrra.load, slo_generator.load, google_slo.load, datadog_slos.load,
    recorded_slos.load,
    corrections.load, decisions.load,
    incidents.load, incident_notes.load, watched_metrics.load, signals.load, assessments.tell_if_none, reviews.load,
    unread.tell,
]  # fmt: skip


def read_folder(folder: Path, as_of: dt.date, today: dt.date | None = None) -> Reading:
    """Read a whole data folder: good records in `bundle`, everything that is wrong in `problems`.

    What is dated after `today` (without it, `as_of`) is wrong; what is dated between the two is left out. Raises
    locked.FoldersCannotBeRead.
    """
    locked.refuse(folder)
    reading = Reading(folder)
    for load in LOADERS:
        load(reading)
    cross_checks.apply(reading, max(as_of, today or as_of))
    leave_out_later(reading, as_of)
    corrections.expand(reading, as_of)
    reading.problems = sorted(set(reading.problems))
    return reading
