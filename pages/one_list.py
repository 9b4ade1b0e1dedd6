"""Overspent budgets, risks and missing practices in one list and one unit, and what its first few would buy."""

import streamlit as st

from maturity import review, text
from maturity.ui import open_page, places

MOST = 50  # a meeting does not get further down the list

page = open_page("one_list")
frame = page.query("one_list", product=page.product)
if frame.empty:
    page.empty("decisions")
    st.stop()
page.section("list")
orders = ("minutes", "saved_per_day")
order = page.switch("order", page.say("order"), orders, lambda name: page.say(f"by.{name}"))
if order == "saved_per_day":
    frame = frame[frame["saved_per_day"].notna()].sort_values(["saved_per_day", "position"], ascending=[False, True])
bought = review.steps_sentence(page, page.query("first_steps", product=page.product), order)
if bought:
    st.info(text.literal(bought), icon=":material/lightbulb:")
rows = review.list_rows(page, frame.head(MOST), page.to)
page.table([page.say(c) for c in review.LIST_COLUMNS], rows, page.say("list.title"), numeric=review.LIST_NUMERIC)
if len(frame) > MOST:
    st.caption(page.say("more", drawn=MOST, n=len(frame)))
page.download(page.of_product(page.query("export_one_list")), "one_list")
workdays = (page.say("workdays"), f"{page.policy('workdays_per_week'):g}")
page.explain("one_list", [workdays, *review.list_inputs(page, frame.head(MOST))], places(frame.head(MOST)))

page.section("totals")
totals = page.query("list_totals")
columns = [page.say(f"totals.{c}") for c in ("product", "overspent", "risks", "practices", "budget", "share")]
page.table(columns, review.total_rows(page, totals, page.to), page.say("totals.title"), numeric=(1, 2, 3, 4, 5))
page.download(totals, "list_totals")
page.explain("list_totals", [], places(totals))
