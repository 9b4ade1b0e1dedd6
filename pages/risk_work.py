"""What is wrong with how risks are kept, and which lessons of incidents are not learnt: the worklist."""

from functools import partial

import pandas as pd
import streamlit as st

from maturity import text
from maturity.ui import Page, open_page, places


def checks(page: Page) -> None:
    """Every check of every record, the most minutes at stake first."""
    frame = page.query("risk_checks", product=page.product, risk=None)
    page.section("checks", n=len(frame), records=frame["risk"].nunique())
    names = list(dict.fromkeys(frame["name"]))
    chosen = page.choose_many("check", page.say("check"), names, lambda name: page.say(f".flag.{name}"))
    if chosen:
        frame = frame[frame["name"].isin(chosen)]
    columns = ("check", "risk", "product", "detail", "owner", "minutes", "idle")
    heads = [page.say(f"checks.{c}") for c in columns]
    page.long_table(heads, frame, partial(check, page), page.say("checks.caption"), numeric=(5, 6), by=chosen)
    page.download(frame, "risk_checks")
    limits = (
        "buried_idle_reviews", "buried_action_late_days", "postponed_limit", "acceptance_growth",
        "acceptance_notice_days", "rank_difference",
    )  # fmt: skip
    inputs = [(page.say(f"input.{name}"), f"{page.policy(name):g}") for name in limits]
    page.explain("risk_checks", inputs, [*page.policy_places(*limits), *places(frame)])


def check(page: Page, r: dict) -> tuple:
    """One check of one record as a row."""
    return (
        page.say(f".flag.{r['name']}"),
        page.to(page.word(r, "title"), "risk", risk=r["risk"]),
        page.listed(page.product_name(product) for product in r["products"]),
        detail(page, r),
        r["owner"] or "–",
        page.minutes(r["bad_minutes_per_year"]),
        page.minutes(r["idle_minutes"]),
    )


def detail(page: Page, r: dict) -> str:
    """Since when, and what was found where that says more."""
    parts = []
    if pd.notna(r["days"]):
        days = int(r["days"])
        parts.append(page.say("since" if days >= 0 else "until", on=text.day(r["since"]), n=abs(days)))
    if isinstance(r["expected"], str):
        parts.append(page.say("instead", found=r["found"], expected=r["expected"]))
    return page.listed(parts) or "–"


def drafts(page: Page) -> None:
    """Records that the rules propose, with the command that accepts them."""
    frame = page.query("risk_drafts", product=page.product)
    if frame.empty:
        return
    page.section("drafts", n=len(frame))
    for r in frame.to_dict("records"):
        rule = page.say(f".draft_rule.{r['rule']}")
        title = f"{page.word(r, 'title')} ({page.product_name(r['product'])})"
        with st.expander(text.literal(page.named(rule, title))):
            st.markdown(page.literal(r, "reason"))
            st.caption(page.say("draft_accept"))
            st.code(f"guidemap risk accept {r['id']} DIR --by NAME", language=None)
            st.code(r["record"], language="yaml")
    page.download(frame, "risk_drafts")
    page.explain("risk_drafts", [], places(frame))


def actions(page: Page) -> None:
    """Action items of postmortems that are open, the latest first."""
    frame = page.query("risk_actions", product=page.product)
    page.section("actions", late=int((frame["overdue_days"] > 0).sum()), n=len(frame))
    if frame.empty:
        return
    rows = [
        (
            r[f"text_{page.language}"],
            page.word(r, "title"),
            page.listed(page.product_name(product) for product in r["products"]),
            r["owner"] or "–",
            text.day(r["due"]),
            page.say("days_late", n=int(r["overdue_days"])) if r["overdue_days"] else "–",
            page.say("days", n=int(r["age_days"])),
        )
        for r in frame.to_dict("records")
    ]
    columns = ("item", "incident", "product", "owner", "due", "late", "age")
    page.table([page.say(f"actions.{c}") for c in columns], rows, page.say("actions.caption"))
    page.download(frame, "action_items")
    page.explain("risk_actions", [], places(frame))


page = open_page("risk_work")
if page.query("risk_names").empty:
    page.empty("risks")
    st.stop()
page.of_today_only()
checks(page)
drafts(page)
actions(page)
