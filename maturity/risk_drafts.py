"""Records that the data propose: from the metric to the record (risk.md 3). A person accepts them, or does not.

Each rule is quiet as long as an open record speaks of the same thing: it names the metric, the SLO or the incident.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from maturity import risk_cost, text
from maturity.records.bundle import Bundle
from maturity.records.incidents import Incident, WatchedMetric
from maturity.records.policies import DraftRules
from maturity.records.problems import Loaded
from maturity.records.risks import Risk

_WEEK = 7
RULES = ("soft_limit", "trend", "burn", "event", "label", "action")


@dataclass(frozen=True)
class Burn:
    """A burn alert that fires: burn rate in its long window, and the rate from which it fires."""

    slo: str
    action: str
    long_minutes: int
    burn_rate: float
    threshold: float


@dataclass(frozen=True)
class Draft:
    """A proposed record. `values` fill the texts `draft.<rule>` and `draft_reason.<rule>`."""

    rule: str
    key: str
    product: str
    values: dict[str, Any]
    fields: dict[str, Any]
    source: Loaded


def rows(bundle: Bundle, burns: Sequence[Burn], as_of: dt.date) -> Iterator[dict[str, Any]]:
    """Rows of `risk_draft`, in the order of the rules."""
    for draft in drafts(bundle, burns, as_of):
        said = {
            f"{part}_{language}": text.say(language, f"{topic}.{draft.rule}", **_worded(draft.values, language))
            for part, topic in (("title", "draft"), ("reason", "draft_reason"))
            for language in text.LANGUAGES
        }
        key = re.sub(r"[^A-Za-z0-9-]+", "-", f"draft-{draft.rule}-{draft.key}".replace("_", "-"))[:80]
        yield said | {
            "id": key,
            "rule": draft.rule,
            "product": draft.product,
            "record": _yaml(draft, said, as_of),
            "src_file": draft.source.file,
            "src_line": draft.source.line,
        }


def _worded(values: dict[str, Any], language: str) -> dict[str, Any]:
    return {name: value[language] if isinstance(value, dict) else value for name, value in values.items()}


def drafts(bundle: Bundle, burns: Sequence[Burn], as_of: dt.date) -> Iterator[Draft]:
    """Every draft of every rule."""
    rules = bundle.risk_policy.record.drafts
    risks = [loaded.record for loaded in bundle.risks if risk_cost.is_open(loaded.record)]
    yield from _limits(bundle, rules, risks, as_of)
    yield from _burns(bundle, burns, risks, as_of)
    yield from _events(bundle, rules, risks, as_of)
    yield from _labels(bundle, rules, risks, as_of)
    yield from _actions(bundle, rules, risks, as_of)


# ------------------------------------------------------------------------------------------------ watched metrics


def _limits(bundle: Bundle, rules: DraftRules, risks: list[Risk], as_of: dt.date) -> Iterator[Draft]:
    values = defaultdict(list)
    for loaded in bundle.metric_values:
        values[loaded.record.metric].append(loaded.record)
    known = {risk.detected.metric for risk in risks}
    for loaded in bundle.watched_metrics:
        metric = loaded.record
        weeks = _weeks(metric, values[metric.id], as_of)
        if metric.id in known or not weeks:
            continue
        last = weeks.get(0, weeks[min(weeks)])
        recent = [weeks[week] for week in range(rules.soft_limit_weeks) if week in weeks]
        beyond = [value for value in recent if _beyond(metric, value, metric.soft_limit)]
        unit = metric.unit or ""
        said = {
            "name": metric.name.model_dump(), "value": f"{last:g}{unit}", "soft": f"{metric.soft_limit:g}{unit}",
            "hard": f"{metric.hard_limit:g}{unit}", "times": len(beyond), "weeks": rules.soft_limit_weeks,
        }  # fmt: skip
        fields = {
            "detected": {"metric": metric.id, "observed": said["value"], "limit": said["soft"], "via": "soft_limit"},
            "owner": metric.owner,
            "category": "capacity",
        }
        days = _days_to_limit(metric, {w: v for w, v in weeks.items() if w < rules.trend_weeks})
        if len(beyond) >= rules.soft_limit_times:
            yield Draft("soft_limit", metric.id, metric.product, said, fields, loaded)
        elif days is not None and days <= rules.trend_days:
            yield Draft("trend", metric.id, metric.product, said | {"days": round(days)}, fields, loaded)


def _weeks(metric: WatchedMetric, values: list, as_of: dt.date) -> dict[int, float]:
    """The worst value of each week, by how many weeks ago it lies (0: the last seven days)."""
    found: dict[int, float] = {}
    worst = max if metric.rises else min
    for value in values:
        ago = (as_of - value.on).days // _WEEK
        found[ago] = worst(found[ago], value.value) if ago in found else value.value
    return found


def _beyond(metric: WatchedMetric, value: float, limit: float) -> bool:
    return value > limit if metric.rises else value < limit


def _days_to_limit(metric: WatchedMetric, weeks: dict[int, float]) -> float | None:
    """Days until the straight line through the weeks reaches the hard limit; None without three weeks or a rise.

    60, 62, 64 % in three weeks and a limit of 70 %: 21 days from the last one.
    """
    if len(weeks) < 3:
        return None
    xs, ys = [-float(week) for week in weeks], list(weeks.values())
    middle, level = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((x - middle) * (y - level) for x, y in zip(xs, ys, strict=True)) / sum((x - middle) ** 2 for x in xs)
    now = level - slope * middle
    if slope == 0 or (slope > 0) != metric.rises:
        return None
    return max(0.0, (metric.hard_limit - now) / slope * _WEEK)


# ----------------------------------------------------------------------------------------- burn alerts, incidents


def _burns(bundle: Bundle, burns: Sequence[Burn], risks: list[Risk], as_of: dt.date) -> Iterator[Draft]:
    known = {slo for risk in risks for slo in risk.links.slos}
    told = known | {burn.slo for burn in burns}
    slos = {loaded.record.id: loaded for loaded in bundle.slos}
    for burn in burns:
        if burn.slo in known or burn.slo not in slos:
            continue
        slo = slos[burn.slo].record
        if told & {member.slo for member in slo.members}:  # what burns a composite is told of its member
            continue
        said = {
            "name": slo.name.model_dump(), "rate": f"{burn.burn_rate:.1f}", "threshold": f"{burn.threshold:.1f}",
            "hours": f"{burn.long_minutes / 60:g}",
        }  # fmt: skip
        fields = {
            "detected": {
                "metric": f"burn_rate_{burn.long_minutes}m", "observed": said["rate"], "limit": said["threshold"],
                "via": "slo_burn",
            },
            "owner": slo.owner,
            "links": {"slos": [slo.id]},
        }  # fmt: skip
        yield Draft("burn", slo.id, slo.product, said, fields, slos[burn.slo])


def _recent(bundle: Bundle, days: int, as_of: dt.date) -> list[Loaded[Incident]]:
    first = as_of - dt.timedelta(days=days)
    return [loaded for loaded in bundle.incidents if first < loaded.record.started_at.date() <= as_of]


def _linked(risks: list[Risk]) -> set[str]:
    return {incident for risk in risks for incident in risk.links.incidents}


def _events(bundle: Bundle, rules: DraftRules, risks: list[Risk], as_of: dt.date) -> Iterator[Draft]:
    """An incident of the last `label_days` that took a large part of a window's budget."""
    policy, known = bundle.risk_policy.record, _linked(risks)
    targets = {loaded.record.id: loaded.record for loaded in bundle.slos}
    for loaded in _recent(bundle, rules.label_days, as_of):
        incident = loaded.record
        minutes = risk_cost.incident_minutes(incident)[0]
        if incident.id in known or minutes is None:
            continue
        for product in incident.products:
            slos = [targets[key] for key in incident.slos if key in targets and targets[key].product == product]
            if not slos or slos[0].target >= 1:
                continue
            share = minutes / risk_cost.budget_min_per_window(slos[0].target, policy)
            if share <= rules.event_share:
                continue
            said = {"name": incident.title.model_dump(), "share": f"{share:.0%}", "minutes": f"{minutes:.1f}"}
            fields = _from_incidents([incident], product, slos[0].id, policy.calibration_days)
            yield Draft("event", f"{incident.id}-{product}", product, said, fields, loaded)


def _labels(bundle: Bundle, rules: DraftRules, risks: list[Risk], as_of: dt.date) -> Iterator[Draft]:
    known = _linked(risks)
    groups: dict[tuple[str, str], list[Loaded[Incident]]] = defaultdict(list)
    for loaded in _recent(bundle, rules.label_days, as_of):
        for product in loaded.record.products:
            for label in dict.fromkeys(loaded.record.labels):
                groups[product, label].append(loaded)
    for (product, label), several in sorted(groups.items()):
        incidents = sorted((one.record for one in several), key=lambda incident: incident.started_at)
        if len(incidents) < rules.label_times or any(incident.id in known for incident in incidents):
            continue
        said = {"label": label, "times": len(incidents), "days": rules.label_days}
        slo = next((slo for incident in incidents for slo in incident.slos), None)
        fields = _from_incidents(incidents, product, slo, rules.label_days)
        yield Draft("label", f"{label}-{product}", product, said, fields, several[-1])


def _actions(bundle: Bundle, rules: DraftRules, risks: list[Risk], as_of: dt.date) -> Iterator[Draft]:
    known = _linked(risks)
    for loaded in bundle.incidents:
        incident = loaded.record
        dated = incident.postmortem_on or (incident.ended_at or incident.started_at).date()
        old = (as_of - dated).days
        items = [item for item in incident.action_items if item.state == "open"]
        if incident.id in known or not items or old <= rules.action_days:
            continue
        item = items[0]
        said = {"name": incident.title.model_dump(), "action": item.text.model_dump(), "days": old, "items": len(items)}
        action = {"text": item.text.model_dump(), "owner": item.owner, "due": item.due, "ticket": item.ticket}
        fields = _from_incidents([incident], incident.products[0], next(iter(incident.slos), None), 365) | {
            "owner": item.owner,
            "next_action": {name: value for name, value in action.items() if value is not None},
        }
        fields["detected"] = fields["detected"] | {"via": "postmortem"}
        yield Draft("action", incident.id, incident.products[0], said, fields, loaded)


def _from_incidents(incidents: list[Incident], product: str, slo: str | None, days: int) -> dict[str, Any]:
    """What incidents say about the four numbers: means of their times; so many in so many days."""
    detect = [_minutes(i.started_at, i.detected_at) for i in incidents if i.detected_at]
    repair = [_minutes(i.detected_at or i.started_at, i.ended_at) for i in incidents if i.ended_at]
    users = [i.users_affected for i in incidents if i.users_affected is not None]
    fields: dict[str, Any] = {
        "detected": {"via": "incident"},
        "links": {"incidents": [i.id for i in incidents]} | ({"slos": [slo]} if slo else {}),
    }
    if repair and users:
        fields["cre"] = {
            "ettd_min": round(sum(detect) / len(detect), 1) if detect else 0,
            "ettr_min": round(sum(repair) / len(repair), 1),
            "users_affected": round(sum(users) / len(users), 4),
            "ettf_days": round(days / len(incidents), 1),
            "basis": "measured",
        }
    return fields


def _minutes(begin: dt.datetime, end: dt.datetime) -> float:
    return (end - begin).total_seconds() / 60


# ----------------------------------------------------------------------------------------------------------- YAML


def _yaml(draft: Draft, said: dict[str, str], as_of: dt.date) -> str:
    """The record as it may stand in a file of risks/; JSON values are YAML, too. `ID` and `NAME` are for the reader."""
    title = {"en": said["title_en"], "ja": said["title_ja"]}
    reason = {"en": said["reason_en"], "ja": said["reason_ja"]}
    detected = {"at": as_of, "by": "NAME"} | draft.fields["detected"]
    record = {
        "products": [draft.product],
        "title": title,
        "category": draft.fields.get("category", "other"),
        "status": "new",
        "detected": detected,
        "summary": reason,
        "owner": draft.fields.get("owner"),
        "next_action": draft.fields.get("next_action"),
        "log": [{"at": as_of, "by": "NAME", "kind": "found", "text": reason}],
        "cre": draft.fields.get("cre"),
        "links": draft.fields.get("links"),
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False, default=str)}" for key, value in record.items() if value]
    return "\n".join(["- id: ID", *(f"  {line}" for line in lines)]) + "\n"
