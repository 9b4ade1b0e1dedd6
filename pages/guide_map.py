"""The guide map as a document to act on: what a practice is, why, how, and who already does it."""

import json

import streamlit as st

from maturity import text
from maturity.ui import Page, open_page, places


def contents(page: Page, frame) -> None:
    """The whole map on one screen: categories down, levels across."""
    page.section("contents")
    levels = page.query("map_levels")
    for r in levels.itertuples():
        st.markdown(f"**L{r.level} {page.literal(r._asdict(), 'name')}** — {page.literal(r._asdict(), 'meaning')}")
    spread = page.query("practice_trend", month=page.month).set_index("practice").to_dict("index")
    rows = []
    for _, group in frame.groupby("category", sort=False):
        cells = [page.word(group.iloc[0], "category_name")]
        for level in levels["level"]:
            here = group[group["level"] == level]
            links = []
            for r in here.to_dict("records"):
                now = spread[r["id"]]
                # A practice that is retired, or of no tier that there is, is asked of nobody.
                count = f" ({now['adopted']}/{now['products']})" if now["products"] else ""
                name = f"{page.word(r, 'name')}{'*' if r['must'] else ''}{count}"
                links.append(page.to(name, "guide_map", practice=r["id"]))
            cells.append(links)
        rows.append(cells)
    page.table([page.say("category"), *(f"L{n}" for n in levels["level"])], rows, page.say("contents.title"))


def practice(page: Page, row: dict) -> None:
    """One practice, whole."""
    st.header(page.literal(row, "name"))
    facts = [f"L{row['level']}", page.word(row, "category_name"), page.say("must" if row["must"] else "counts")]
    facts += [page.named(page.say("effort"), page.say("effort_" + row["effort"]))] if row["effort"] else []
    facts += [page.say("for_tiers", tiers=page.listed(map(str, row["tiers"])))] if len(row["tiers"]) else []
    st.markdown(text.literal(" · ".join(facts)))
    if row["retired_on"] == row["retired_on"]:
        st.warning(page.say("retired", on=text.day(row["retired_on"])), icon=":material/archive:")
    st.markdown(f"**{page.say('why')}** {page.literal(row, 'why')}")
    st.markdown(page.literal(row, "explanation"))
    left, right = st.columns(2)
    with left:
        steps(page, "how_to", row, numbered=True)
        if page.word(row, "leads_to"):
            st.markdown(f"**{page.say('leads_to')}**")
            st.markdown(page.literal(row, "leads_to"))
        steps(page, "pitfalls", row)
    with right:
        st.markdown(f"**{page.say('checklist')}**")
        for item in page.query("checklist", practice=row["id"], month=page.month).itertuples():
            st.markdown(f"☐ {text.literal(getattr(item, page.language))}")
        if page.word(row, "evidence"):
            st.caption(page.named(page.say("evidence"), page.literal(row, "evidence")))
        st.caption(page.say("review", days=row["review_days"]))
        steps(page, "already_doing", row)
        needed = [
            page.word(r, "name")
            for r in page.query("practices").to_dict("records")
            if r["id"] in set(row["prerequisites"])
        ]
        if needed:
            st.markdown(f"**{page.say('prerequisites')}** {text.literal(page.listed(needed))}")
        references = json.loads(row["references"])
        if references:
            st.markdown(f"**{page.say('references')}**")
            st.markdown("\n".join(f"- [{text.literal(r['title'])}]({r['url']})" for r in references))
    factor(page, row)
    watchers(page, row)
    who(page, row)


def watchers(page: Page, row: dict) -> None:
    """Which automatic signals can confirm or contradict a claim, and what each looks at."""
    if not len(row["signals"]):
        return
    with st.expander(page.say("signals", n=len(row["signals"]))):
        for r in page.query("signals", practice=row["id"]).to_dict("records"):
            st.markdown(
                f"**{page.literal(r, 'name')}** ({page.say('seen_in_' + r['seen_in'])}): {page.literal(r, 'meaning')}"
            )


def search(page: Page, names: dict[str, str]) -> None:
    """Find a practice by what a team calls it: many teams do one already under another name."""
    words = page.search("q", page.say("search"), page.say("search_hint"))
    if not words:
        return
    found = page.query("practice_search", words=text.folded(words))
    if found.empty:
        st.info(page.say("search_none", words=text.literal(words)), icon=":material/search_off:")
        return
    rows = [
        (
            page.to(names[r["practice"]], "guide_map", practice=r["practice"]),
            page.say(f"found_in_{r['position']}"),
            list(r["habits"]),
        )
        for r in found.to_dict("records")
    ]
    page.table([page.say(f"found_{c}") for c in ("practice", "where", "habits")], rows, page.say("search"))


def steps(page: Page, key: str, row: dict, numbered: bool = False) -> None:
    """A list of sentences under its heading; nothing where the map says nothing."""
    if not len(page.word(row, key)):
        return
    st.markdown(f"**{page.say(key)}**")
    lines = map(text.literal, page.word(row, key))
    st.markdown("\n".join(f"{f'{i}.' if numbered else '-'} {line}" for i, line in enumerate(lines, 1)))


def factor(page: Page, row: dict) -> None:
    """What its absence costs, in the unit of everything else."""
    if row["risk_factor_detect_min"] != row["risk_factor_detect_min"]:
        return
    st.info(
        page.say(
            "without",
            detect=f"{row['risk_factor_detect_min']:g}",
            repair=f"{row['risk_factor_repair_min']:g}",
            frequency=f"{row['risk_factor_frequency_pct']:g}",
        ),
        icon=":material/trending_down:",
    )


def who(page: Page, row: dict) -> None:
    """Who has it, and so can be asked; what it would save where it is missing."""
    page.section("who")
    page.of_today_only("minutes")
    frame = page.query("practice_by_product", month=page.month, practice=row["id"])
    rows = []
    for r in frame.itertuples():
        since = text.day(r.confirmed_on)
        rows.append(
            (
                page.to(page.product_name(r.product), "product", product=r.product),
                r.team,
                page.state(r.state),
                since,
                r.assessor or "–",
                page.minutes(r.bad_minutes_per_year, 0),
                text.percent(r.budget_share, 1),
            )
        )
    names = ("product", "team", "state", "confirmed", "assessor", "saves", "share")
    page.table([page.say(f"who.{c}") for c in names], rows, page.say("who.title"), numeric=(5, 6))
    page.explain("practice_gap", [], [(row["src_file"], row["src_line"]), *places(page.query("risks", product=None))])
    page.download(frame, "practice_by_product")


page = open_page("guide_map")
frame = page.query("practices")
names = {r.id: f"L{r.level} {page.word(r._asdict(), 'name')}" for r in frame.itertuples()}
search(page, names)
chosen = page.choose("practice", page.say("choose"), list(names), names.get, None, st, page.say("choose_hint"))
if chosen:
    practice(page, frame[frame["id"] == chosen].iloc[0].to_dict())
    st.divider()
contents(page, frame)
page.download(
    frame[["id", "category", "level", "must", "review_days", "name_en", "name_ja", "effort", "src_file", "src_line"]],
    "guide_map",
)
