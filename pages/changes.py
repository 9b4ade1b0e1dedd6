"""What changed since the last review, and what was shown then and would be different today."""

import streamlit as st

from maturity import review, text
from maturity.ui import Page, open_page, places

KEY = ["topic", "kind", "id", "product"]
COLUMNS = ("topic", "what", "product", "kind", "before", "now", "reason")


def changes(page: Page, last) -> None:
    """Restated figures with their reason, then everything that moved since."""
    frame = page.query("changes", product=page.product)
    again = frame["kind"] == "restated"
    names = [page.say(column) for column in COLUMNS]
    page.section("restated", month=text.month(page.language, last["month"]), as_of=text.day(last["as_of"]))
    if again.any():
        rows = review.change_rows(page, frame[again], page.to)
        page.table(names, rows, page.say("restated.caption"), numeric=(4, 5))
    else:
        st.success(page.say("restated.none"), icon=":material/check:")
    page.section("moved")
    moved = frame[~again]
    for column, key, place in zip(("topic", "kind"), (".change.topic", ".change.kind"), st.columns(2), strict=True):
        options = list(dict.fromkeys(frame[~again][column]))
        chosen = page.choose_many(
            column, page.say(column), options, lambda one, key=key: page.say(f"{key}.{one}"), place
        )
        moved = moved[moved[column].isin(chosen)] if chosen else moved
    rows = [row[:-1] for row in review.change_rows(page, moved, page.to)]
    page.table(names[:-1], rows, page.say("moved.title"), numeric=(4, 5))
    page.download(page.query("export_changes").merge(frame[KEY]), "changes")
    page.explain("changes", [], [(last["src_file"], last["src_line"]), *places(frame)])


page = open_page("changes")
reviews = page.query("last_review")
if reviews.empty:
    page.empty("changes")
else:
    changes(page, reviews.iloc[0])
page.decisions(product=page.product)
