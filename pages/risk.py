"""One system risk record, to be read in a meeting: its five parts, its numbers and their history, and its log."""

import json

import pandas as pd
import streamlit as st

from maturity import text
from maturity.cells import Away
from maturity.ui import Page, open_page, place


def record(page: Page, risk: str) -> None:
    """One record: what it costs, summary, cause, response policy, fix, next action, how it ended, its links and log."""
    row = page.query("risk_record", risk=risk).iloc[0].to_dict()
    st.header(page.word(row, "title"))
    page.of_today_only()
    facts = [
        risk,
        page.say(f".status.{row['status']}"),
        page.say(f".risk_category.{row['category']}"),
        f"{page.say('owner')}: {page.listed(filter(None, (_text(row, 'owner'), _text(row, 'team')))) or '–'}",
        place(row["src_file"], row["src_line"]),
    ]
    st.caption(" · ".join(facts))
    if row["times_reported"] > 1:
        st.caption(page.say("times_reported", n=int(row["times_reported"])))
    checks = page.query("risk_checks", product=None, risk=risk)
    if len(checks):
        st.warning("\n".join(f"- {said(page, check)}" for check in checks.to_dict("records")), icon=":material/flag:")
    costs(page, row)
    halves = st.columns(2)
    parts = {
        "summary": page.word(row, "summary"),
        "found": _found(page, row),
        "cause": _or_dash(page.word(row, "cause_text")) + _confidence(page, row),
        "policy": _or_dash(page.word(row, "response_policy_text")),
        "fix": _fix(page, row),
        "next_action": _action(page, row),
        "ranks": _ranks(page, row),
        "acceptance": _acceptance(page, row),
        "closed": _closed(page, row),
        "review": _review(page, row),
    }
    given = [(name, body) for name, body in parts.items() if body]
    for half, several in zip(halves, (given[:4], given[4:]), strict=True):
        with half:
            for name, body in several:
                st.markdown(f"**{page.say(name)}**  \n{body}")
    learned(page, risk)
    history(page, risk)
    related(page, row)
    log(page, row)


def costs(page: Page, row: dict) -> None:
    """What it costs each of its products, and the formula with its own numbers."""
    scores = page.query("risk_scores", risk=row["id"])
    rows = [
        (
            page.product_name(s["product"]),
            page.minutes(s["bad_minutes_per_year"]),
            text.spread(s["budget_share"], s["share_low"], s["share_high"]),
            text.percent(s["chance_in_a_year"]),
            text.percent(s["event_share"]),
            page.minutes(s["residual_min_per_year"]),
            page.minutes(s["current_min_per_year"]),
        )
        for s in scores.to_dict("records")
    ]
    names = [page.say(f"price.{c}") for c in ("product", "minutes", "share", "chance", "event", "after", "current")]
    page.table(names, rows, page.say("price.title"), numeric=(1, 2, 3, 4, 5, 6))
    price(page, row, scores)


def log(page: Page, row: dict) -> None:
    """What was written when, the newest first."""
    st.markdown(f"**{page.say('log')}**")
    entries = sorted(json.loads(row["log"]), key=lambda e: e["at"], reverse=True)
    rows = [
        (
            e["at"],
            page.say(f".log_kind.{e['kind']}"),
            [e["text"][page.language], *([Away(page.say("source"), e["url"])] if e.get("url") else [])],
            _who(page, e["by"]),
        )
        for e in entries
    ]
    page.table([page.say(f"log_{c}") for c in ("at", "kind", "text", "by")], rows, page.say("log"))


def said(page: Page, check: dict) -> str:
    """A check in one sentence."""
    values = {
        "since": text.day(check["since"]),
        "days": "–" if pd.isna(check["days"]) else abs(int(check["days"])),
        "found": check["found"] or "–",
        "expected": check["expected"] or "–",
        "minutes": page.minutes(check["idle_minutes"]),
    }
    return page.say(f".check.{check['name']}", **values)


def learned(page: Page, risk: str) -> None:
    """How often it was said to happen, and how often it did."""
    frame = page.query("risk_learned", product=None, risk=risk)
    frame = frame[frame["seen"] > 0]
    if frame.empty:
        return
    st.markdown(f"**{page.say('learned')}**")
    for r in frame.to_dict("records"):
        st.markdown(
            page.say(
                "learned_text",
                product=page.product_name(r["product"]),
                estimated=text.number(r["estimated_per_year"], 2),
                seen=int(r["seen"]),
                both=text.number(r["both_per_year"], 2),
                minutes=page.minutes(r["learned_min_per_year"]),
            )
        )
    weight = page.policy(f"calibration_weight_{frame.iloc[0]['cre_basis']}")
    inputs = [
        (page.say("input.weight"), f"{weight:g}"),
        (page.say("input.years"), text.number(frame.iloc[0]["years"], 3)),
    ]
    page.explain("risk_learned", inputs, [(frame.iloc[0]["src_file"], frame.iloc[0]["src_line"])])


def history(page: Page, risk: str) -> None:
    """The numbers that the record had before."""
    frame = page.query("risk_history", risk=risk)
    if frame["until"].notna().sum() == 0:
        return
    rows = [
        (
            text.day(r["until"]) if pd.notna(r["until"]) else page.say("today"),
            page.product_name(r["product"]),
            page.minutes(r["bad_minutes_per_year"]),
            text.percent(r["budget_share"], 1),
            r["by"] or "–",
        )
        for r in frame.to_dict("records")
    ]
    names = [page.say(f"history.{c}") for c in ("until", "product", "minutes", "share", "by")]
    st.markdown(f"**{page.say('history.title')}**")
    page.table(names, rows, page.say("history.title"), numeric=(2, 3))


def price(page: Page, row: dict, scores: pd.DataFrame) -> None:
    """The formula with this record's own numbers."""
    first = scores.iloc[0]
    if row["kind"] == "factor":
        inputs = [
            (page.say("input.detect_plus"), f"{row['risk_factor_ettd_plus_min']:g}"),
            (page.say("input.repair_plus"), f"{row['risk_factor_ettr_plus_min']:g}"),
            (page.say("input.frequency_plus"), text.percent(row["risk_factor_frequency_plus"])),
            (page.say("input.reach"), text.number(first["sum_users_times_frequency"], 4)),
        ]
        page.explain("risk_factor", inputs, [(row["src_file"], row["src_line"])])
    elif pd.notna(row["cre_ettd_min"]):
        inputs = [
            (page.say("input.ettd"), f"{row['cre_ettd_min']:g}"),
            (page.say("input.ettr"), f"{row['cre_ettr_min']:g}"),
            (page.say("input.users"), text.percent(row["cre_users_affected"])),
            (page.say("input.ettf"), f"{row['cre_ettf_days']:g}"),
            (page.say("input.basis"), page.say(f".basis.{row['cre_basis']}")),
            (page.say("input.budget"), page.minutes(first["budget_min_per_year"], 2)),
            (page.say("input.event"), page.minutes(first["event_bad_min"], 2)),
            (page.say("input.per_year"), text.number(first["incidents_per_year"], 4)),
        ]
        page.explain(
            "risk_minutes", inputs, [(row["src_file"], row["src_line"]), (first["slo_file"], first["slo_line"])]
        )
    else:
        st.info(page.say("unscored_read"), icon=":material/help:")


def related(page: Page, row: dict) -> None:
    """Practices, SLOs, incidents and other records that the record names, and where it is kept."""
    practices = page.query("risk_practices", risk=row["id"])
    if len(practices):
        rows = [
            (
                page.to(page.word(r, "name"), "guide_map", practice=r["id"]),
                page.product_name(r["product"]) if isinstance(r["product"], str) else page.say("nobody_lacks"),
                page.minutes(r["bad_minutes_per_year"]),
                text.percent(r["budget_share"], 1),
            )
            for r in practices.to_dict("records")
        ]
        names = [page.say(f"practice.{c}") for c in ("practice", "lacks", "minutes", "share")]
        st.markdown(f"**{page.say('practice.title')}**")
        page.table(names, rows, page.say("practice.title"), numeric=(2, 3))
    slos = page.query("slo_names")
    for r in slos[slos["id"].isin(list(row["links_slos"]))].to_dict("records"):
        page.page_link(page.word(r, "name"), "slo", slo=r["id"])
    incidents = page.query("risk_incidents", risk=row["id"])
    if len(incidents):
        rows = [
            (
                text.day(r["started_at"]),
                page.word(r, "title"),
                page.product_name(r["product"]),
                page.minutes(r["bad_minutes"]),
                text.percent(r["window_share"]),
            )
            for r in incidents.to_dict("records")
        ]
        names = [page.say(f"incident.{c}") for c in ("at", "title", "product", "minutes", "share")]
        st.markdown(f"**{page.say('incident.heading')}**")
        page.table(names, rows, page.say("incident.heading"), numeric=(3, 4))
    if len(row["links_postmortems"]):
        st.markdown(page.say("postmortems", names=page.listed(row["links_postmortems"])))
    others = page.query("risk_related", risk=row["id"])
    if len(others):
        rows = [
            (
                page.to(page.word(r, "title"), "risk", risk=r["id"]),
                r["id"],
                page.say(f"related.{r['how']}"),
                page.say(f".status.{r['status']}"),
            )
            for r in others.to_dict("records")
        ]
        names = [page.say(f"related.{c}") for c in ("record", "id", "how", "status")]
        st.markdown(f"**{page.say('related.heading')}**")
        page.table(names, rows, page.say("related.heading"))
    url = _text(row, "url")
    if url:
        page.table([page.say("kept")], [(Away(url, url),)], page.say("kept"))


def _or_dash(value: object) -> str:
    return value if isinstance(value, str) else "–"


def _text(row: dict, column: str) -> str:
    """A text of the record; empty where it has none."""
    return row[column] if isinstance(row[column], str) else ""


def _who(page: Page, name: str) -> str:
    """A name; `unknown` is what loaders write where a source names nobody."""
    return page.say("unknown") if name == "unknown" else name


def _found(page: Page, row: dict) -> str:
    at, via = text.day(row["detected_at"]), page.say(".via." + row["detected_via"])
    found = page.say("found_text", at=at, by=_who(page, row["detected_by"]), via=via)
    if not isinstance(row["detected_observed"], str):
        return found
    measured = {name: _or_dash(row[f"detected_{name}"]) for name in ("metric", "observed", "limit")}
    return f"{found}  \n{page.say('measured', **measured)}"


def _confidence(page: Page, row: dict) -> str:
    if not isinstance(row["cause_confidence"], str):
        return ""
    return f" ({page.say('confidence')}: {page.say('.confidence.' + row['cause_confidence'])})"


def _fix(page: Page, row: dict) -> str:
    provisional, permanent = (_or_dash(page.word(row, f"fix_state_{name}")) for name in ("provisional", "permanent"))
    until = row["fix_state_provisional_until"]
    limit = page.say("fix_until", day=text.day(until)) if pd.notna(until) else ""
    return page.say("fix_text", provisional=provisional + limit, permanent=permanent)


def _action(page: Page, row: dict) -> str:
    body = page.word(row, "next_action_text")
    if not isinstance(body, str) or row["next_action_state"] == "done":
        return page.say("no_action") if row["is_open"] else ""
    facts = [page.say("action_owner", owner=_or_dash(row["next_action_owner"]))]
    if pd.notna(row["next_action_due"]):
        facts.append(page.say("action_due", due=text.day(row["next_action_due"])))
    if pd.notna(row["next_action_times_postponed"]) and row["next_action_times_postponed"]:
        facts.append(page.say("action_postponed", n=int(row["next_action_times_postponed"])))
    return f"{body}  \n{page.listed([*facts, *filter(None, [_text(row, 'next_action_ticket')])])}"


def _ranks(page: Page, row: dict) -> str:
    if pd.isna(row["ranks_likelihood"]):
        return ""
    values = {name: int(row[f"ranks_{name}"]) for name in ("current_impact", "potential_impact", "likelihood")}
    return page.say("ranks_text", **values) + page.say(f"trend_{row['ranks_likelihood_trend']}")


def _acceptance(page: Page, row: dict) -> str:
    if pd.isna(row["acceptance_expires"]):
        return ""
    days = {name: text.day(row[f"acceptance_{name}"]) for name in ("accepted_at", "expires")}
    body = page.say("acceptance_text", approver=row["acceptance_approver"], **days)
    frozen = row["acceptance_frozen_budget_share"]
    then = page.say("acceptance_frozen", share=text.percent(frozen, 1)) if pd.notna(frozen) else ""
    return f"{body}{page.word(row, 'acceptance_reason')}{then}"


def _closed(page: Page, row: dict) -> str:
    if pd.isna(row["closed_at"]):
        return ""
    why = page.say(f".closed_reason.{row['closed_reason']}")
    body = page.say("closed_text", at=text.day(row["closed_at"]), by=row["closed_by"], why=why)
    return f"{body}  \n{_or_dash(page.word(row, 'closed_evidence'))}"


def _review(page: Page, row: dict) -> str:
    if not row["is_open"]:
        return ""
    cadence = (
        row["review_cadence_days"] if pd.notna(row["review_cadence_days"]) else page.policy("default_cadence_days")
    )
    last, following = (text.day(row[f"review_{name}"]) for name in ("last_reviewed", "next_review"))
    return page.say("review_text", days=int(cadence), last=last, next=following)


page = open_page("risk")
titles = {r["id"]: f"{page.word(r, 'title')} ({r['id']})" for r in page.query("risk_names").to_dict("records")}
if not titles:
    page.empty("risks")
    st.stop()
chosen = page.choose("risk", page.say("choose"), list(titles), titles.get, next(iter(titles)))
record(page, chosen)
page.decisions(risk=chosen)
