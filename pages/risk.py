"""One system risk record, to be read in a meeting: its five parts, its numbers and their history, and its log."""

import pandas as pd
import streamlit as st

from maturity import risk_record, text
from maturity.cells import Away
from maturity.ui import Page, open_page, place


def record(page: Page, risk: str) -> None:
    """One record: what it costs, summary, cause, response policy, fix, next action, how it ended, its links and log."""
    row = page.query("risk_record", risk=risk).iloc[0].to_dict()
    st.header(page.literal(row, "title"))
    page.of_today_only()
    owners = page.listed(filter(None, (risk_record.given(row, name) for name in ("owner", "team"))))
    facts = [
        risk,
        page.say(f".status.{row['status']}"),
        page.say(f".risk_category.{row['category']}"),
        page.named(page.say("owner"), owners or "–"),
        place(row["src_file"], row["src_line"]),
    ]
    st.caption(text.literal(" · ".join(facts)))
    if row["times_reported"] > 1:
        st.caption(page.say("times_reported", n=int(row["times_reported"])))
    frame = page.query("risk_checks", product=None, risk=risk)
    checks = [risk_record.said(page, check) for check in frame.to_dict("records")]
    if checks:
        st.warning(text.literal("\n".join(f"- {check}" for check in checks)), icon=":material/flag:")
    costs(page, row)
    halves = st.columns(2)
    given = risk_record.parts(page, row, page.policy("default_cadence_days"))
    for half, several in zip(halves, (given[:4], given[4:]), strict=True):
        with half:
            for name, body in several:
                st.markdown(f"**{page.say(name)}**  \n{text.literal(body)}")
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
    """What happened and what was written when, the newest first."""
    st.markdown(f"**{page.say('log')}**")
    st.caption(page.say("log_read"))
    incidents = page.query("risk_incidents", risk=row["id"])
    page.timeline(page.say("log"), risk_record.timeline(page, row, incidents, page.as_of))


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
                product=text.literal(page.product_name(r["product"])),
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
        st.markdown(text.literal(page.say("postmortems", names=page.listed(row["links_postmortems"]))))
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
    url = risk_record.given(row, "url")
    if url:
        page.table([page.say("kept")], [(Away(url, url),)], page.say("kept"))


page = open_page("risk")
titles = {r["id"]: f"{page.word(r, 'title')} ({r['id']})" for r in page.query("risk_names").to_dict("records")}
if not titles:
    page.empty("risks")
    st.stop()
chosen = page.choose("risk", page.say("choose"), list(titles), titles.get, next(iter(titles)))
record(page, chosen)
page.decisions(risk=chosen)
