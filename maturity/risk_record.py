"""One risk record in words: its parts, as they are read in a meeting, its checks, and its log as a timeline.

`row` is a row of the question `risk_record`: columns of `risk`, with what the record does not have as NaN or None.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pandas as pd

from maturity import text
from maturity.cells import Away, Point
from maturity.words import Words

Row = dict[str, Any]


def parts(words: Words, row: Row, default_cadence_days: float) -> list[tuple[str, str]]:
    """(name of a text below `risk`, body in lines) of every part that the record has, in the order of reading."""
    found = {
        "summary": words.word(row, "summary"),
        "found": _found(words, row),
        "cause": _or_dash(words.word(row, "cause_text")) + _confidence(words, row),
        "policy": _or_dash(words.word(row, "response_policy_text")),
        "fix": _fix(words, row),
        "next_action": _action(words, row),
        "ranks": _ranks(words, row),
        "acceptance": _acceptance(words, row),
        "closed": _closed(words, row),
        "review": _review(words, row, default_cadence_days),
    }
    return [(name, body) for name, body in found.items() if body]


def said(words: Words, check: Row) -> str:
    """A check in one sentence."""
    values = {
        "since": text.day(check["since"]),
        "days": "–" if pd.isna(check["days"]) else abs(int(check["days"])),
        "found": check["found"] or "–",
        "expected": check["expected"] or "–",
        "minutes": words.minutes(check["idle_minutes"]),
    }
    return words.say(f".check.{check['name']}", **values)


def timeline(words: Words, row: Row, incidents: pd.DataFrame, as_of: dt.date) -> list[Point]:
    """Incidents, what was written, and how long nobody has written since. `incidents`: answer of `risk_incidents`.

    What is written has the days since the entry before, which passes over incidents: they are nobody's deed.
    """
    points = [*_incidents(words, incidents), *_written(words, row)]
    return [*points, _today(words, row, as_of)] if row["is_open"] else points


def given(row: Row, column: str) -> str:
    """A text of the record; empty where it has none."""
    return row[column] if isinstance(row[column], str) else ""


def who(words: Words, name: str) -> str:
    """A name; `unknown` is what loaders write where a source names nobody."""
    return words.say(".risk.unknown") if name == "unknown" else name


def _or_dash(value: object) -> str:
    return value if isinstance(value, str) else "–"


def _found(words: Words, row: Row) -> str:
    at, via = text.day(row["detected_at"]), words.say(f".via.{row['detected_via']}")
    found = words.say(".risk.found_text", at=at, by=who(words, row["detected_by"]), via=via)
    if not isinstance(row["detected_observed"], str):
        return found
    measured = {name: _or_dash(row[f"detected_{name}"]) for name in ("metric", "observed", "limit")}
    return f"{found}  \n{words.say('.risk.measured', **measured)}"


def _confidence(words: Words, row: Row) -> str:
    if not isinstance(row["cause_confidence"], str):
        return ""
    return f" ({words.named(words.say('.risk.confidence'), words.say('.confidence.' + row['cause_confidence']))})"


def _fix(words: Words, row: Row) -> str:
    provisional, permanent = (_or_dash(words.word(row, f"fix_state_{name}")) for name in ("provisional", "permanent"))
    until = row["fix_state_provisional_until"]
    limit = words.say(".risk.fix_until", day=text.day(until)) if pd.notna(until) else ""
    return words.say(".risk.fix_text", provisional=provisional + limit, permanent=permanent)


def _action(words: Words, row: Row) -> str:
    body = words.word(row, "next_action_text")
    if not isinstance(body, str) or row["next_action_state"] == "done":
        return words.say(".risk.no_action") if row["is_open"] else ""
    facts = [words.say(".risk.action_owner", owner=_or_dash(row["next_action_owner"]))]
    if pd.notna(row["next_action_due"]):
        facts.append(words.say(".risk.action_due", due=text.day(row["next_action_due"])))
    if pd.notna(row["next_action_times_postponed"]) and row["next_action_times_postponed"]:
        facts.append(words.say(".risk.action_postponed", n=int(row["next_action_times_postponed"])))
    return f"{body}  \n{words.listed([*facts, *filter(None, [given(row, 'next_action_ticket')])])}"


def _ranks(words: Words, row: Row) -> str:
    if pd.isna(row["ranks_likelihood"]):
        return ""
    values = {name: int(row[f"ranks_{name}"]) for name in ("current_impact", "potential_impact", "likelihood")}
    return words.say(".risk.ranks_text", **values) + words.say(f".risk.trend_{row['ranks_likelihood_trend']}")


def _acceptance(words: Words, row: Row) -> str:
    if pd.isna(row["acceptance_expires"]):
        return ""
    days = {name: text.day(row[f"acceptance_{name}"]) for name in ("accepted_at", "expires")}
    body = words.say(".risk.acceptance_text", approver=row["acceptance_approver"], **days)
    frozen = row["acceptance_frozen_budget_share"]
    then = words.say(".risk.acceptance_frozen", share=text.percent(frozen, 1)) if pd.notna(frozen) else ""
    return f"{body}{words.word(row, 'acceptance_reason')}{then}"


def _closed(words: Words, row: Row) -> str:
    if pd.isna(row["closed_at"]):
        return ""
    why = words.say(f".closed_reason.{row['closed_reason']}")
    body = words.say(".risk.closed_text", at=text.day(row["closed_at"]), by=row["closed_by"], why=why)
    return f"{body}  \n{_or_dash(words.word(row, 'closed_evidence'))}"


def _review(words: Words, row: Row, default_cadence_days: float) -> str:
    if not row["is_open"]:
        return ""
    cadence = row["review_cadence_days"] if pd.notna(row["review_cadence_days"]) else default_cadence_days
    last, following = (text.day(row[f"review_{name}"]) for name in ("last_reviewed", "next_review"))
    return words.say(".risk.review_text", days=int(cadence), last=last, next=following)


def _incidents(words: Words, incidents: pd.DataFrame) -> list[Point]:
    """One point an incident, with what it cost each product."""
    points = []
    for name, rows in incidents.groupby("id"):
        first, costs = rows.iloc[0], rows[rows["bad_minutes"].notna()].to_dict("records")
        minutes = [f"{words.product_name(r['product'])} {words.minutes(r['bad_minutes'])}" for r in costs]
        day = first["started_at"].date()
        points.append(Point(day, words.on_timeline("incident"), [words.word(first, "title")], [name, *minutes]))
    return points


def _written(words: Words, row: Row) -> list[Point]:
    """The log, with the days on which the record was found and closed where the log does not tell of them."""
    log = [(dt.date.fromisoformat(e["at"]), e["kind"], _told(words, e), e["by"]) for e in json.loads(row["log"])]
    told = {(day, kind) for day, kind, _, _ in log}
    found, closed = row["detected_at"].date(), row["closed_at"]
    if (found, "found") not in told:
        via = words.say(f".via.{row['detected_via']}")
        log.insert(0, (found, "found", [words.say(".risk.log_found", via=via)], row["detected_by"]))
    if pd.notna(closed) and (closed.date(), "closed") not in told:
        log.append((closed.date(), "closed", [words.say(f".closed_reason.{row['closed_reason']}")], row["closed_by"]))
    log.sort(key=lambda entry: entry[0])
    points, before = [], None
    for day, kind, texts, by in log:
        after = [_days(words, ".risk.log_after", (day - before).days)] if before else []
        points.append(Point(day, words.on_timeline(kind), texts, [who(words, by), *after]))
        before = day
    return points


def _told(words: Words, entry: dict[str, Any]) -> list[str | Away]:
    url = entry.get("url")  # reviews frozen before entries had links do not have the key
    link = [Away(words.say(".risk.source"), url)] if url else []
    return [entry["text"][words.language], *link]


def _today(words: Words, row: Row, as_of: dt.date) -> Point:
    """How long nobody has written, and postponements of which the log does not tell."""
    texts = [_days(words, ".risk.log_silent", int(row["idle_days"]))]
    told = sum(entry["kind"] == "postponed" for entry in json.loads(row["log"]))
    if pd.notna(row["next_action_times_postponed"]) and row["next_action_times_postponed"] > told:
        texts.append(words.say(".risk.log_postponed", n=int(row["next_action_times_postponed"]), told=told))
    kind = "buried" if "buried" in row["flags"] else "today"
    return Point(as_of, words.on_timeline(kind), texts, after_silence=True)


def _days(words: Words, key: str, days: int) -> str:
    return words.say(f"{key}.{('same', 'one', 'many')[min(days, 2)]}", n=days)
