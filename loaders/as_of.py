"""Judging on an earlier day: what is dated later is left out, as if it had not been written yet.

So the month that ended can be built again while the next one is already being written down. What is edited in place,
such as the status of a risk record, is as it stands today; Git knows how it stood then.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from loaders.reading import Reading
from maturity.records.incidents import Incident
from maturity.records.problems import Loaded
from maturity.records.reviews import Decision
from maturity.records.risks import Risk
from maturity.records.slos import Slo

# Collection -> the day from which on there was such a record.
_BEGINS = {
    "assessments": lambda r: r.assessed_on,
    "exemptions": lambda r: r.granted_on,
    "risks": lambda r: r.detected.at,
    "incidents": lambda r: r.started_at.date(),
    "corrections": lambda r: r.recorded_on,
    "decisions": lambda r: r.decided_on,
    "observations": lambda r: r.observed_on,
    "metric_values": lambda r: r.on,
}


def leave_out_later(reading: Reading, day: dt.date) -> None:
    """Take out of the bundle what came after `day`."""
    bundle = reading.bundle
    for name, begins in _BEGINS.items():
        setattr(bundle, name, [loaded for loaded in getattr(bundle, name) if begins(loaded.record) <= day])
    bundle.risks = [_changed(loaded, _risk(loaded.record, day)) for loaded in bundle.risks]
    bundle.decisions = [_changed(loaded, _decision(loaded.record, day)) for loaded in bundle.decisions]
    bundle.incidents = [_changed(loaded, _incident(loaded.record, day)) for loaded in bundle.incidents]
    bundle.slos = [_changed(loaded, _slo(loaded.record, day)) for loaded in bundle.slos]


def _changed(loaded: Loaded, update: dict) -> Loaded:
    return replace(loaded, record=loaded.record.model_copy(update=update)) if update else loaded


def _risk(risk: Risk, day: dt.date) -> dict:
    """Its log until then, and the numbers that it had then."""
    found: dict = {}
    if any(entry.at > day for entry in risk.log):
        found["log"] = [entry for entry in risk.log if entry.at <= day]
    if risk.review.last_reviewed and risk.review.last_reviewed > day:
        found["review"] = risk.review.model_copy(update={"last_reviewed": None})
    earlier = sorted(risk.earlier, key=lambda numbers: numbers.until)
    then = next((numbers for numbers in earlier if numbers.until >= day), None)
    if then:
        found |= {"cre": then.cre, "ranks": then.ranks, "earlier": [e for e in earlier if e.until < day]}
    return found


def _decision(made: Decision, day: dt.date) -> dict:
    if made.closed_on is None or made.closed_on <= day:
        return {}
    return {"state": "open", "closed_on": None, "result": None}


def _incident(incident: Incident, day: dt.date) -> dict:
    if incident.postmortem_on is None or incident.postmortem_on <= day:
        return {}
    return {"postmortem_on": None, "action_items": []}


def _slo(slo: Slo, day: dt.date) -> dict:
    reviewed = [on for on in slo.reviewed_on if on <= day]
    return {} if reviewed == slo.reviewed_on else {"reviewed_on": reviewed}
