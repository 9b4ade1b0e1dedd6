"""The monthly review: what to talk about, in the order in which to take it, and what changed since the last one."""

from functools import partial

import streamlit as st

from maturity import agenda, review, text
from maturity.ui import Page, open_page, places

TOP = 10  # of the one list; the whole has its page


def headline(page: Page) -> None:
    """Five numbers, each with its explanation."""
    found = review.headline(page.query, page.month)
    met = [
        (page.product_name(r.product), page.say("level_of", level=r.level, target=r.target_level))
        for r in found.levels.itertuples()
    ]
    lost = [
        (f"{page.product_name(r['product'])}: {page.word(r, 'practice_name')}", page.say(f".cause.{r['cause']}"))
        for r in found.regressions.to_dict("records")
    ]
    large = [
        (f"{page.word(r, 'title')} ({page.product_name(r['product'])})", text.percent(r["budget_share"], 1))
        for r in found.over_limit.to_dict("records")
    ]
    numbers, fell = found.numbers(), found.regressions
    one, two, three, four, five = st.columns(5)
    with one:
        page.figure("at_target", numbers["at_target"], met, places(page.products))
    with two:
        page.figure(
            "regressions", numbers["regressions"], lost, zip(fell["after_file"], fell["after_line"], strict=True)
        )
    with three:
        page.figure("in_trouble", numbers["in_trouble"], *_slos(page, found.in_trouble))
    with four:
        page.figure("never_spent", numbers["never_spent"], *_slos(page, found.never_spent))
    with five:
        page.figure("over_limit", numbers["over_limit"], large, places(found.over_limit))


def _slos(page: Page, frame):
    inputs = [(page.word(r, "name"), text.percent(r["consumed"], 1)) for r in frame.to_dict("records")]
    return inputs, places(frame)


def meeting(page: Page) -> float:
    """The agenda, as long as the meeting; returns its minutes."""
    policy = int(page.policy("minutes"))
    lengths = sorted({30, 45, 60, 90, 120, policy})
    page.section("agenda")
    left, middle, right = st.columns([2, 2, 3], vertical_alignment="bottom")
    shown = page.choose(
        "minutes", page.say("agenda.length"), [str(n) for n in lengths],
        lambda n: page.minutes(float(n), 0), str(policy), left,
    )  # fmt: skip
    every = page.once(lambda: agenda.read(page.query, page.language), "agenda")
    made = page.once(lambda: agenda.fit(every, float(shown)), "fit", shown)
    with middle:
        page.page_link(page.say(".meeting.title"), "meeting", minutes=None if int(shown) == policy else shown)
    right.caption(page.say("agenda.fits", n=len(made.items), minutes=page.minutes(made.minutes, 0), cut=len(made.cut)))
    if not made.items:
        page.empty("agenda")
        return float(shown)
    columns = [page.say(f"agenda.{c}") for c in ("what", "product", "why", "figures", "owner", "decided")]
    row = partial(review.agenda_row, link=page.to)
    with st.container(key="agenda"):
        for section in agenda.SECTIONS:
            if items := made.of(section):
                title = page.say(f".agenda.section.{section}")
                st.markdown(f"#### {title}")
                st.caption(page.say(f".agenda.read.{section}"))
                page.long_table(columns, items, row, title, by=("agenda", section, shown))
        if made.cut:
            minutes = page.minutes(sum(item.minutes for item in made.cut), 0)
            with st.expander(page.say("agenda.cut", n=len(made.cut), minutes=minutes)):
                page.long_table(columns, made.cut, row, page.say("agenda.cut_title"), by=("cut", shown))
    limits = page.policy_places("minutes", "quiet_days", "decision_days", "risen_share")
    page.explain("agenda", [], [*limits, *places(page.query("agenda"))])
    page.download(page.query("export_agenda"), "agenda")
    return float(shown)


def changes(page: Page) -> None:
    """How many figures moved since the last review, and those that would be shown differently today."""
    last = page.query("last_review")
    if last.empty:
        page.section("no_changes")
        return
    frame = page.query("changes", product=None)
    again = int((frame["kind"] == "restated").sum())
    told = {"month": text.month(page.language, last.iloc[0]["month"]), "moved": len(frame) - again, "again": again}
    page.section("changes", **told)
    page.fold("changes", page.say("changes.kinds"), kinds)
    page.page_link(page.say("changes.more"), "changes", product=None)


def kinds(page: Page) -> None:
    """How many figures of each kind moved, and how."""
    names = [page.say("changes.topic"), *(page.say(f".change.kind.{kind}") for kind in review.KINDS)]
    rows = review.count_rows(page, page.query("changes", product=None))
    page.table(names, rows, page.say("changes.kinds"), numeric=range(1, 7))


def one_list(page: Page) -> None:
    """The top of the one list."""
    page.section("decide")
    frame = page.query("one_list", product=None).head(TOP)
    if frame.empty:
        page.empty("decisions")
        return
    kept = (0, 1, 2, 3, 4, 7, 6)
    rows = [tuple(row[i] for i in kept) for row in review.list_rows(page, frame, page.to)]
    columns = ("rank", "deed", "what", "product", "minutes", "share", "certainty")
    page.table([page.say(f".one_list.{c}") for c in columns], rows, page.say("decide.title"), numeric=(0, 4, 5))
    page.explain("one_list", review.list_inputs(page, frame), places(frame))
    page.page_link(page.say("decide.more"), "one_list", product=None)


def products(page: Page) -> None:
    """One line a product over all three topics."""
    page.section("products")
    levels, rows = page.once(lambda: review.product_rows(page, page.query, page.month, page.to), "products")
    names = ("product", "level", "percent", "coverage", "confirmed", "na", "regressions", "budget", "risk")
    page.table([page.say(f"products.{c}") for c in names], rows, page.say("products.title"), numeric=(2, 3, 4, 5, 6, 8))
    states = page.query("practice_states", month=page.month, product=None)
    page.explain("product_level", [], [*page.policy_places("level_threshold", "lapse_after_reviews"), *places(states)])
    page.download(levels, "product_level")


def freshness(page: Page) -> None:
    """How old the data is: a line, and behind it each kind of input."""
    frame = page.query("freshness")
    newest, rejected = text.day(frame["newest"].max()), int(frame["rejected"].sum())
    page.fold("fresh", page.say("fresh.title", newest=newest, rejected=rejected), inputs)


def inputs(page: Page) -> None:
    """When each kind of input was last changed."""
    st.caption(page.say("fresh.read"))
    frame = page.query("freshness")
    rows = [
        (page.say(f".topic.{r.topic}"), r.files, f"{r.accepted:,.0f}", f"{r.rejected:,.0f}", text.day(r.newest))
        for r in frame.itertuples()
    ]
    page.table(
        [page.say(f"fresh.{c}") for c in ("topic", "files", "accepted", "rejected", "newest")],
        rows,
        page.say("fresh.read"),
        numeric=(1, 2, 3),
    )
    page.page_link(page.say("fresh.more"), "data_health")


page = open_page("month")
headline(page)
minutes = meeting(page)
changes(page)
one_list(page)
products(page)
page.take_away(minutes)
if page.review is None:  # a frozen month keeps no list of files
    freshness(page)
