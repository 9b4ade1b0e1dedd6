"""One system risk record, to be read in a meeting: its five parts, its numbers and their history, and its log."""

import json

import pandas as pd
import streamlit as st

from maturity import text
from maturity.ui import Page, open_page, place


def record(page: Page, risk: str) -> None:
    """One record: summary, log, cause, response policy, next action, and how it was priced."""
    row = page.query("risk_record", risk=risk).iloc[0].to_dict()
    st.header(page.word(row, "title"))
    page.of_today_only()
    facts = (
        risk,
        page.say(f".status.{row['status']}"),
        page.say(f".risk_category.{row['category']}"),
        f"{page.say('owner')}: {row['owner'] or '–'}",
        place(row["src_file"], row["src_line"]),
    )
    st.caption(" · ".join(facts))
    if row["times_reported"] > 1:
        st.caption(page.say("times_reported", n=int(row["times_reported"])))
    checks = page.query("risk_checks", product=None, risk=risk)
    if len(checks):
        st.warning("\n".join(f"- {said(page, check)}" for check in checks.to_dict("records")), icon=":material/flag:")
    left, right = st.columns(2)
    with left:
        _part(page, "summary", page.word(row, "summary"))
        _part(
            page,
            "found",
            page.say(
                "found_text",
                at=text.day(row["detected_at"]),
                by=row["detected_by"],
                via=page.say(".via." + row["detected_via"]),
            )
            + _measured(row),
        )
        _part(page, "cause", _or_dash(page.word(row, "cause_text")) + _confidence(page, row))
        _part(page, "policy", _or_dash(page.word(row, "response_policy_text")))
        _part(
            page,
            "fix",
            page.say(
                "fix_text",
                provisional=_or_dash(page.word(row, "fix_state_provisional")),
                permanent=_or_dash(page.word(row, "fix_state_permanent")),
            ),
        )
        _part(page, "next_action", _action(page, row))
        if pd.notna(row["acceptance_expires"]):
            _part(
                page,
                "acceptance",
                page.say(
                    "acceptance_text",
                    approver=row["acceptance_approver"],
                    expires=text.day(row["acceptance_expires"]),
                    reason=page.word(row, "acceptance_reason"),
                ),
            )
    with right:
        scores = page.query("risk_scores", risk=risk)
        rows = [
            (
                page.product_name(s["product"]),
                page.minutes(s["bad_minutes_per_year"]),
                text.percent(s["budget_share"], 1),
                text.percent(s["chance_in_a_year"]),
                page.minutes(s["residual_min_per_year"]),
                page.minutes(s["current_min_per_year"]),
            )
            for s in scores.to_dict("records")
        ]
        page.table(
            [page.say(f"price.{c}") for c in ("product", "minutes", "share", "chance", "after", "current")],
            rows,
            page.say("price.title"),
            numeric=(1, 2, 3, 4, 5),
        )
        price(page, row, scores)
        learned(page, risk)
    history(page, risk)
    related(page, row)
    st.markdown(f"**{page.say('log')}**")
    entries = sorted(json.loads(row["log"]), key=lambda e: e["at"], reverse=True)
    page.table(
        [page.say(f"log_{c}") for c in ("at", "by", "kind", "text")],
        [(e["at"], e["by"], page.say(f".log_kind.{e['kind']}"), e["text"][page.language]) for e in entries],
        page.say("log"),
    )


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
    """Practices, SLOs and incidents the record names."""
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


def _part(page: Page, key: str, body: str) -> None:
    st.markdown(f"**{page.say(key)}**  \n{body}")


def _or_dash(value: object) -> str:
    return value if isinstance(value, str) else "–"


def _measured(row: dict) -> str:
    if not isinstance(row["detected_observed"], str):
        return ""
    return f" ({row['detected_metric']}: {row['detected_observed']} / {row['detected_limit']})"


def _confidence(page: Page, row: dict) -> str:
    return (
        f" ({page.say('confidence')}: {page.say('.confidence.' + row['cause_confidence'])})"
        if isinstance(row["cause_confidence"], str)
        else ""
    )


def _action(page: Page, row: dict) -> str:
    body = page.word(row, "next_action_text")
    if not isinstance(body, str):
        return page.say("no_action")
    due = text.day(row["next_action_due"])
    return page.say(
        "action_text",
        text=body,
        owner=row["next_action_owner"] or "–",
        due=due,
        n=int(row["next_action_times_postponed"] or 0),
    )


page = open_page("risk")
titles = {r["id"]: f"{page.word(r, 'title')} ({r['id']})" for r in page.query("risk_names").to_dict("records")}
if not titles:
    page.empty("risks")
    st.stop()
chosen = page.choose("risk", page.say("choose"), list(titles), titles.get, next(iter(titles)))
record(page, chosen)
page.decisions(risk=chosen)
