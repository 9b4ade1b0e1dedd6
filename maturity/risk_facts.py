"""What risks cost and what is wrong with their records, as rows of the tables in `risk_tables`."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any

from maturity import risk_calibration, risk_chance, risk_checks, risk_cost, risk_range
from maturity.levels import Adoption
from maturity.records.bundle import Bundle
from maturity.records.guide_map import PracticeFactor
from maturity.records.policies import RiskPolicy
from maturity.records.risks import Risk, RiskFactor
from maturity.risk_cost import Cost, Score

Row = dict[str, Any]
Rows = Iterable[Row]


@dataclass(frozen=True)
class _Estate:
    """The bundle, asked by product."""

    bundle: Bundle
    as_of: dt.date

    @cached_property
    def policy(self) -> RiskPolicy:
        return self.bundle.risk_policy.record

    @cached_property
    def products(self) -> dict[str, Any]:
        return {loaded.record.id: loaded.record for loaded in self.bundle.products}

    @cached_property
    def _slos(self) -> dict[str, Any]:
        return {loaded.record.id: loaded.record for loaded in self.bundle.slos}

    @cached_property
    def risks(self) -> list[Risk]:
        return [loaded.record for loaded in self.bundle.risks]

    @cached_property
    def open_on(self) -> dict[str, list[Risk]]:
        """Product -> its open records."""
        found = defaultdict(list)
        for risk in self.risks:
            for product in risk.products if risk_cost.is_open(risk) else ():
                found[product].append(risk)
        return found

    @cached_property
    def costs_on(self) -> dict[str, list[Cost]]:
        """Product -> costs of its open event risks with numbers."""
        return {
            product: [risk_cost.cost(r.cre, self.policy) for r in risks if r.kind == "event" and r.cre]
            for product, risks in self.open_on.items()
        }

    def factors_on(self, product: str) -> list[RiskFactor]:
        """Open factor records of a product."""
        return [r.risk_factor for r in self.open_on.get(product, []) if r.kind == "factor" and r.risk_factor]

    def paying_slo(self, product: str, linked: Iterable[str] = ()) -> tuple[str | None, Decimal | None]:
        """The linked SLO of the product, else the product's main SLO: its budget pays for the minutes."""
        main = self.products[product].main_slo if product in self.products else None
        for key in [*linked, main]:
            if key in self._slos and self._slos[key].product == product:
                return key, self._slos[key].target
        return None, None

    def year_budget(self, target: Decimal | None) -> float | None:
        return risk_cost.budget_min_per_year(target, self.policy) if target is not None and target < 1 else None


def risk_rows(
    bundle: Bundle, adoption: Adoption, as_of: dt.date, simulated: Mapping[str, Row] = MappingProxyType({})
) -> dict[str, Rows]:
    """Rows of every table of `risk_tables` at the snapshot's date.

    `simulated` are rows of `simulated_year` that are known already, by what they were made of.
    """
    estate = _Estate(bundle, as_of)
    made = [(risk, _score(estate, risk, product)) for risk in estate.risks for product in risk.products]
    made.sort(key=lambda pair: risk_cost.rank_key(pair[1], risk_cost.overdue_days(pair[0], as_of)))
    by_risk = defaultdict(list)
    for risk, score in made:
        by_risk[risk.id].append(score)
    gaps = list(_gaps(estate, adoption))
    incidents = list(_incident_costs(estate))
    years = list(_years(estate, simulated))
    return {
        "risk_score": _scores(estate, made),
        "risk_history": _histories(estate),
        "risk_total": _totals(estate, made),
        "risk_year": (row for row, _ in years),
        "simulated_year": {one["made_of"]: one for _, one in years}.values(),
        "risk_learned": _learned(estate),
        "risk_check": _checks(estate, by_risk),
        "risk_quarter": _quarters(estate, incidents),
        "practice_gap": [row for row, _ in gaps],
        "gap_total": _gap_totals(estate, gaps),
        "incident_cost": incidents,
        "incident_action": _actions(estate),
    }


def _stays(key: str, merged: dict[str, str]) -> str:
    """The record that a merged one ended in, over several steps. There are no circles: `loaders/cross_checks.py`."""
    while key in merged:
        key = merged[key]
    return key


# ------------------------------------------------------------------------------------------------- risk by product


def _score(estate: _Estate, risk: Risk, product: str) -> Score:
    slo, target = estate.paying_slo(product, risk.links.slos)
    users = estate.products[product].active_users if product in estate.products else None
    return risk_cost.score(risk, product, slo, target, users, estate.costs_on.get(product, []), estate.policy)


def _scores(estate: _Estate, made: list[tuple[Risk, Score]]) -> Iterator[Row]:
    placed = [score for risk, score in made if risk_cost.is_open(risk) and score.order_share is not None]
    spreads = [risk_range.Interval(score.share_low, score.order_share, score.share_high) for score in placed]
    possible = {
        (score.risk, score.product): ranks
        for score, ranks in zip(placed, risk_range.possible_ranks(spreads), strict=True)
    }
    merged = {risk.id: risk.duplicate_of for risk in estate.risks if risk.duplicate_of}
    copies = Counter(_stays(key, merged) for key in merged)
    position = 0
    for place, (risk, score) in enumerate(made, 1):
        ranked = risk_cost.is_open(risk) and score.budget_share is not None
        position += ranked
        best, worst = possible.get((score.risk, score.product), (None, None))
        idle = risk_cost.idle_days(risk, estate.as_of)
        yield score.model_dump() | {
            "position": position if ranked else 0,
            "place": place,
            "rank_best": best,
            "rank_worst": worst,
            "is_open": risk_cost.is_open(risk),
            "flags": risk_cost.flags(risk, estate.as_of, estate.policy),
            "idle_days": idle,
            "idle_minutes": risk_cost.minutes_while_idle(score, idle, estate.policy),
            "overdue_days": risk_cost.overdue_days(risk, estate.as_of),
            "times_reported": 1 + copies[risk.id],
        }


def _histories(estate: _Estate) -> Iterator[Row]:
    for risk in estate.risks:
        earlier = sorted(risk.earlier, key=lambda numbers: numbers.until)
        versions = [(one.until, one.cre, one.ranks, one.by) for one in earlier]
        for product in risk.products:
            for i, (until, cre, ranks, by) in enumerate([*versions, (None, risk.cre, risk.ranks, None)], 1):
                score = _score(estate, risk.model_copy(update={"cre": cre, "ranks": ranks}), product)
                yield {
                    "risk": risk.id,
                    "product": product,
                    "position": i,
                    "until": until,
                    "bad_minutes_per_year": score.bad_minutes_per_year,
                    "budget_share": score.budget_share,
                    "likelihood_band": score.likelihood_band,
                    "impact_band": score.impact_band,
                    "ranks_likelihood": ranks and ranks.likelihood,
                    "ranks_potential_impact": ranks and ranks.potential_impact,
                    "by": by,
                }


def _checks(estate: _Estate, by_risk: dict[str, list[Score]]) -> Iterator[Row]:
    for risk in estate.risks:
        scores = by_risk[risk.id]
        minutes = [s.bad_minutes_per_year for s in scores if s.bad_minutes_per_year is not None]
        days = risk_cost.idle_days(risk, estate.as_of)
        idle = [risk_cost.minutes_while_idle(score, days, estate.policy) for score in scores]
        idle = [one for one in idle if one is not None]
        for i, check in enumerate(risk_checks.checks(risk, scores, estate.as_of, estate.policy), 1):
            yield {
                "risk": risk.id,
                "position": i,
                "name": check.check,
                "since": check.since,
                "days": (estate.as_of - check.since).days if check.since else None,
                "found": check.found,
                "expected": check.expected,
                "bad_minutes_per_year": sum(minutes) if minutes else None,
                "idle_minutes": sum(idle) if idle else None,
            }


def _learned(estate: _Estate) -> Iterator[Row]:
    policy = estate.policy
    since = estate.as_of - dt.timedelta(days=policy.calibration_days)
    years = policy.calibration_days / policy.days_per_year
    happened = {i.record.id: i.record for i in estate.bundle.incidents}
    for risk in estate.risks:
        if risk.kind != "event" or not risk.cre or not risk_cost.is_open(risk):
            continue
        cost = risk_cost.cost(risk.cre, policy)
        weight = getattr(policy.calibration_weight, risk.cre.basis)
        linked = [happened[key] for key in risk.links.incidents if key in happened]
        for product in risk.products:
            seen = sum(since < i.started_at.date() <= estate.as_of and product in i.products for i in linked)
            learned = risk_calibration.learn(cost.incidents_per_year, seen, years, weight)
            yield {
                "risk": risk.id,
                "product": product,
                "estimated_per_year": cost.incidents_per_year,
                "seen": seen,
                "years": years,
                "both_per_year": learned.both,
                "estimated_min_per_year": cost.bad_min_per_year,
                "learned_min_per_year": learned.both * cost.event_bad_min,
            }


# ------------------------------------------------------------------------------------------------------- product


def _totals(estate: _Estate, made: list[tuple[Risk, Score]]) -> Iterator[Row]:
    scores = defaultdict(list)
    for risk, score in made:
        if risk_cost.is_open(risk):
            scores[score.product].append((risk, score))
    for product, pairs in scores.items():
        slo, own = estate.paying_slo(product)
        events = [(r, s) for r, s in pairs if r.kind == "event" and s.bad_minutes_per_year is not None]
        factors = estate.factors_on(product)
        added = risk_cost.added_minutes(estate.costs_on[product], *risk_cost.joined(factors)) if factors else 0.0
        minutes = sum(s.bad_minutes_per_year for _, s in events)
        largest = max(events, key=lambda pair: pair[1].bad_minutes_per_year, default=None)
        scored = sum(s.bad_minutes_per_year is not None for _, s in pairs)
        for target in sorted({*estate.policy.total_targets, *([own] if own is not None and own < 1 else [])}):
            budget = estate.year_budget(target)
            yield {
                "product": product,
                "target": target,
                "is_own": target == own,
                "slo": slo,
                "budget_min_per_year": budget,
                "scored": scored,
                "unscored": len(pairs) - scored,
                "events_min_per_year": minutes,
                "factors_min_per_year": added,
                "bad_minutes_per_year": minutes + added,
                "budget_share": (minutes + added) / budget,
                "largest_share": largest and largest[1].bad_minutes_per_year / budget,
                "largest_risk": largest and largest[0].id,
            }


def _years(estate: _Estate, simulated: Mapping[str, Row]) -> Iterator[tuple[Row, Row]]:
    policy = estate.policy
    for product, risks in estate.open_on.items():
        factors = estate.factors_on(product)
        sources = [risk_chance.Source.of(r.cre, policy, factors) for r in risks if r.kind == "event" and r.cre]
        if not sources:
            continue
        slo, target = estate.paying_slo(product)
        budget = estate.year_budget(target)
        key = risk_chance.made_of(sources, budget, policy)
        year = simulated.get(key) or vars(risk_chance.simulate(sources, budget, policy)) | {"made_of": key}
        own = {"product": product, "slo": slo, "budget_min_per_year": budget}
        yield year | own | {"years": policy.simulated_years, "seed": policy.seed}, year


# ------------------------------------------------------------------------------------------------- practice gaps


def _gaps(estate: _Estate, adoption: Adoption) -> Iterator[tuple[Row, PracticeFactor]]:
    policy, weeks = estate.policy, estate.bundle.scoring.record.effort_weeks
    for product in adoption.products:
        costs = estate.costs_on.get(product)
        budget = estate.year_budget(estate.paying_slo(product)[1])
        for practice in adoption.practices.values() if costs else ():
            state, factor = adoption.state(product, practice.id, estate.as_of), practice.risk_factor
            if factor is None or state.adopted or not state.applies:
                continue
            minutes = risk_cost.added_minutes(costs, *risk_cost.joined([_as_factor(factor)]))
            effort = getattr(weeks, practice.effort or "M") * policy.workdays_per_week
            yield {
                "product": product, "practice": practice.id, "state": state.state,
                "bad_minutes_per_year": minutes, "budget_share": minutes / budget if budget else None,
                "effort_days": effort, "saved_min_per_effort_day": minutes / effort,
            }, factor  # fmt: skip


def _as_factor(factor: PracticeFactor) -> RiskFactor:
    return RiskFactor(
        ettd_plus_min=factor.detect_min, ettr_plus_min=factor.repair_min, frequency_plus=factor.frequency_pct / 100
    )


def _gap_totals(estate: _Estate, gaps: list[tuple[Row, PracticeFactor]]) -> Iterator[Row]:
    factors = defaultdict(list)
    for row, factor in gaps:
        factors[row["product"]].append(_as_factor(factor))
    for product, several in factors.items():
        minutes = risk_cost.added_minutes(estate.costs_on[product], *risk_cost.joined(several))
        budget = estate.year_budget(estate.paying_slo(product)[1])
        yield {
            "product": product,
            "practices": len(several),
            "bad_minutes_per_year": minutes,
            "budget_share": minutes / budget if budget else None,
        }


# ----------------------------------------------------------------------------------------------------- incidents


def _incident_costs(estate: _Estate) -> Iterator[Row]:
    linked: dict[str, list[Risk]] = defaultdict(list)
    for risk in estate.risks:
        for key in risk.links.incidents:
            linked[key].append(risk)
    for incident in (loaded.record for loaded in estate.bundle.incidents):
        minutes, basis = risk_cost.incident_minutes(incident)
        risks = sorted(linked[incident.id], key=lambda risk: risk.id)
        older = any(risk.detected.at < incident.started_at.date() for risk in risks)
        for product in incident.products:
            slo, target = estate.paying_slo(product, incident.slos)
            window = None
            if target is not None and target < 1:
                window = risk_cost.budget_min_per_window(target, estate.policy)
            yield {
                "incident": incident.id,
                "product": product,
                "slo": slo,
                "bad_minutes": minutes,
                "basis": basis,
                "window_share": minutes / window if minutes is not None and window else None,
                "risks": [risk.id for risk in risks],
                "known": older if incident.risk_known is None else incident.risk_known,
            }


def _actions(estate: _Estate) -> Iterator[Row]:
    for incident in (loaded.record for loaded in estate.bundle.incidents):
        dated = incident.postmortem_on or (incident.ended_at or incident.started_at).date()
        for i, item in enumerate(incident.action_items, 1):
            late = (estate.as_of - item.due).days if item.due and item.state == "open" else 0
            yield {
                "incident": incident.id,
                "position": i,
                "text_en": item.text.en,
                "text_ja": item.text.ja,
                "owner": item.owner,
                "due": item.due,
                "state": item.state,
                "ticket": item.ticket,
                "dated": dated,
                "age_days": (estate.as_of - dated).days,
                "overdue_days": max(0, late),
            }


def _quarters(estate: _Estate, incidents: list[Row]) -> Iterator[Row]:
    """Every quarter from the first incident to the snapshot's, for products with open risks or incidents."""
    begun = {loaded.record.id: loaded.record.started_at.date() for loaded in estate.bundle.incidents}
    if not begun:
        return
    quarters = list(_quarters_from(min(begun.values()), estate.as_of))
    rows = defaultdict(list)
    for row in incidents:
        rows[row["product"], _quarter(begun[row["incident"]])].append(row)
    for product in estate.products:
        expected = sum(cost.bad_min_per_year for cost in estate.costs_on.get(product, [])) / 4
        for quarter in quarters:
            here = rows[product, quarter]
            minutes = [row["bad_minutes"] for row in here if row["bad_minutes"] is not None]
            yield {
                "product": product,
                "quarter": quarter,
                "expected_min": expected,
                "seen_min": sum(minutes),
                "incidents": len(here),
                "without_minutes": len(here) - len(minutes),
                "known": sum(bool(row["known"]) for row in here),
            }


def _quarter(day: dt.date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def _quarters_from(first: dt.date, last: dt.date) -> Iterator[str]:
    day = first.replace(day=1)
    while day <= last:
        if (name := _quarter(day)) != _quarter(day - dt.timedelta(days=1)) or day == first.replace(day=1):
            yield name
        day = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


# -------------------------------------------------------------------------------------------------- the one list


def bought(bundle: Bundle, as_of: dt.date, listed: list[Row]) -> Iterator[Row]:
    """Rows of `first_step`: what the first few of the one list would save a year, and for how many days of work.

    `listed` are its rows. Practices of one product are priced together, risks that touch several products are worked
    on once. Of the five of the sample that save most a day: their records and what they save stand on the page.
    """
    estate, count = _Estate(bundle, as_of), bundle.review_policy.record.first_steps
    factors = {p.record.id: _as_factor(p.record.risk_factor) for p in bundle.practices if p.record.risk_factor}
    deeds = [row for row in listed if row["saved_minutes"] is not None]
    a_day = [row for row in deeds if row["saved_per_day"] is not None]
    orders = {
        "minutes": deeds,
        "saved_per_day": sorted(a_day, key=lambda row: (-row["saved_per_day"], row["position"])),
    }
    parts = {order: _by_product(rows) for order, rows in orders.items()}
    for scope in (None, *estate.products):
        for order, rows in orders.items():
            chosen = (rows if scope is None else parts[order].get(scope, []))[:count]
            if chosen:
                works = {(row["id"], row["kind"] == "practice" and row["product"]): row for row in chosen}
                effort = {key: row["effort_days"] for key, row in works.items()}
                yield {
                    "product": scope,
                    "list_order": order,
                    "deeds": [row["position"] for row in chosen],
                    "saved_minutes": _saved(estate, chosen, parts["minutes"], factors),
                    "effort_days": sum(days for days in effort.values() if days is not None),
                    "without_effort": sum(days is None for days in effort.values()),
                }


def _by_product(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found = defaultdict(list)
    for row in rows:
        found[row["product"]].append(row)
    return found


def _saved(estate: _Estate, chosen: list[Row], deeds: Mapping[str, list[Row]], factors: dict[str, RiskFactor]) -> float:
    """Minutes a year: of risks their plans, of practices what is missing less what would still be missing.

    `deeds` are all of each product.
    """
    saved = sum(row["saved_minutes"] for row in chosen if row["kind"] == "risk")
    done = {(row["product"], row["id"]) for row in chosen if row["kind"] == "practice"}
    for product in sorted({product for product, _ in done}):
        missing = [row["id"] for row in deeds[product] if row["kind"] == "practice"]
        rest = [practice for practice in missing if (product, practice) not in done]
        before, after = (
            risk_cost.added_minutes(estate.costs_on[product], *risk_cost.joined(factors[one] for one in some))
            for some in (missing, rest)
        )
        saved += before - after
    return saved
