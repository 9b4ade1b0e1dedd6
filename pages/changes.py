"""What changed since the last review, and what was shown then and would be different today."""

import streamlit as st

from maturity import review, text
from maturity.ui import open_page, places

COLUMNS = ("topic", "what", "product", "kind", "before", "now", "reason")

page = open_page("changes")
last = page.query("last_review")
if last.empty:
    page.empty("changes")
    st.stop()
frame = page.query("changes", product=page.product)
restated = frame[frame["kind"] == "restated"]
names = [page.say(f"{c}") for c in COLUMNS]
page.section("restated", month=text.month(page.language, last.iloc[0]["month"]), as_of=text.day(last.iloc[0]["as_of"]))
if restated.empty:
    st.success(page.say("restated.none"), icon=":material/check:")
else:
    page.table(names, review.change_rows(page, restated, page.to), page.say("restated.caption"), numeric=(4, 5))
page.section("moved")
topics, kinds = (list(dict.fromkeys(frame[column])) for column in ("topic", "kind"))
moved = frame[frame["kind"] != "restated"]
left, right = st.columns(2)
topic = page.choose_many("topic", page.say("topic"), topics, lambda t: page.say(f".change.topic.{t}"), left)
kinds = [kind for kind in kinds if kind != "restated"]
kind = page.choose_many("kind", page.say("kind"), kinds, lambda k: page.say(f".change.kind.{k}"), right)
if topic:
    moved = moved[moved["topic"].isin(topic)]
if kind:
    moved = moved[moved["kind"].isin(kind)]
page.table(names[:-1], [row[:-1] for row in review.change_rows(page, moved, page.to)], page.say("moved.title"), (4, 5))
page.download(page.query("export_changes"), "changes")
page.explain("changes", [], [*places(last), *places(frame)])
