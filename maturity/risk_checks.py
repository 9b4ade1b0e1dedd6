"""What is wrong with how a risk record is kept: a worklist, as a pure function of the data.

`risk_cost.flags` are the eight checks that need the record alone (risk.md 3, seed records); here each gets the day
since which it holds and what was found, and the checks that need figures are added.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from maturity import risk_cost
from maturity.records.policies import RiskPolicy
from maturity.records.risks import Risk
from maturity.risk_cost import Score


@dataclass(frozen=True)
class Check:
    """One thing to do about a record. `found` and `expected` are figures or words, without a language."""

    check: str
    since: dt.date | None = None
    found: str | None = None
    expected: str | None = None


def checks(risk: Risk, scores: Sequence[Score], as_of: dt.date, policy: RiskPolicy) -> list[Check]:
    """Every check that holds for a record; `scores` are its figures on each of its products."""
    return [*_of_flags(risk, as_of, policy), *_of_figures(risk, scores, as_of, policy), *_of_states(risk, as_of)]


def _of_flags(risk: Risk, as_of: dt.date, policy: RiskPolicy) -> Iterator[Check]:
    action, review, acceptance = risk.next_action, risk.review, risk.acceptance
    last = as_of - dt.timedelta(days=risk_cost.idle_days(risk, as_of))
    for flag in risk_cost.flags(risk, as_of, policy):
        match flag:
            case "acceptance_expired":
                yield Check(flag, acceptance.expires, found=acceptance.approver)
            case "action_overdue":
                yield Check(flag, action.due, found=action.owner)
            case "review_overdue":
                yield Check(flag, review.next_review)
            case "postponed_repeatedly":
                yield Check(flag, found=str(action.times_postponed), expected=str(policy.postponed_limit - 1))
            case "buried":
                yield Check(flag, last)
            case _:
                yield Check(flag, risk.detected.at)


def _of_figures(risk: Risk, scores: Sequence[Score], as_of: dt.date, policy: RiskPolicy) -> Iterator[Check]:
    if not risk_cost.is_open(risk):
        return
    shares = [score.budget_share for score in scores if score.budget_share is not None]
    frozen = risk.acceptance and risk.acceptance.frozen
    if frozen and shares and max(shares) > frozen.budget_share * (1 + policy.acceptance_growth):
        yield Check("acceptance_overtaken", None, f"{max(shares):.1%}", f"{frozen.budget_share:.1%}")
    if risk.acceptance and 0 <= (risk.acceptance.expires - as_of).days <= policy.acceptance_notice_days:
        yield Check("acceptance_ends", risk.acceptance.expires, found=risk.acceptance.approver)
    if risk.ranks:
        yield from _ranks(risk, scores, policy)


def _ranks(risk: Risk, scores: Sequence[Score], policy: RiskPolicy) -> Iterator[Check]:
    """Typed ranks against computed bands; of several products, the nearest band counts."""
    pairs = {
        "likelihood_differs": (risk.ranks.likelihood, [s.likelihood_band for s in scores]),
        "impact_differs": (risk.ranks.potential_impact, [s.impact_band for s in scores]),
    }
    for name, (typed, bands) in pairs.items():
        known = [band for band in bands if band is not None]
        nearest = min(known, key=lambda band: abs(band - typed), default=None)
        if nearest is not None and abs(nearest - typed) >= policy.rank_difference:
            yield Check(name, None, str(typed), str(nearest))


def _of_states(risk: Risk, as_of: dt.date) -> Iterator[Check]:
    evidence = risk.closed and risk.closed.evidence
    if risk.status == "closed" and not (evidence and evidence.en.strip()):
        yield Check("closed_without_evidence", risk.closed and risk.closed.at)
    if risk.status == "materialised" and not risk.links.incidents:
        yield Check("materialised_without_incident", risk.detected.at)
    until = risk.fix_state and risk.fix_state.provisional_until
    if until and until < as_of and risk.status not in ("closed", "merged", "monitoring"):
        yield Check("provisional_too_long", until)
