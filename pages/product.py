"""Everything about one product: level and gaps, risks, budgets."""

import pandas as pd
import streamlit as st

from maturity import review, text
from maturity.ui import Page, open_page, place, places

_STEPS = 7  # more than a team can begin in a month
MOST_DEEDS = 8


def head(page: Page) -> None:
    """Who it is and where it stands."""
    row = page.products[page.products["id"] == page.product].iloc[0].to_dict()
    level = page.query("levels", month=page.month).set_index("product").loc[page.product].to_dict()
    st.header(page.literal(row, "name"))
    st.markdown(page.literal(row, "description"))
    users = f"{row['active_users']:,.0f}" if row["active_users"] == row["active_users"] else "–"
    st.caption(
        page.say(
            "facts",
            team=text.literal(row["team"]),
            tier=row["tier"],
            users=users,
            lifecycle=page.say(f"lifecycle_{row['lifecycle']}"),
        )
        + f" · {place(row['src_file'], row['src_line'])}"
    )
    risks = page.query("risks", product=page.product)
    share = risks[risks["is_open"]]["budget_share"].sum(min_count=1)
    one, two, three, four = st.columns(4)
    states = page.query("practice_states", month=page.month, product=page.product)
    sources = [*page.policy_places("level_threshold", "lapse_after_reviews"), *places(states)]
    inputs = [
        (page.say(f"input.{k}"), text.percent(level[k], 1))
        for k in ("percent", "coverage", "confirmed_share", "na_share")
    ]
    with one:
        page.figure(
            "product_level",
            page.say(".month.level_of", level=level["level"], target=level["target_level"]),
            inputs,
            sources,
        )
    with two:
        page.figure("percent", text.percent(level["percent"]), inputs, sources)
    with three:
        page.figure(
            "coverage", f"{text.percent(level['coverage'])} / {text.percent(level['confirmed_share'])}", inputs, sources
        )
    with four:
        listed = [
            (page.word(r, "title"), text.percent(r["budget_share"], 1))
            for r in risks[risks["position"] > 0].to_dict("records")
        ]
        page.figure(
            "risk_total",
            text.percent(share, 1),
            listed,
            places(risks),
        )
        page.of_today_only()
    adopted = states[states["adopted"]]
    kinds = adopted["evidence_kind"].fillna("none").value_counts()
    shown = [
        f"{page.say(f'.evidence.{kind}')} {kinds[kind]} ({text.percent(kinds[kind] / len(adopted))})"
        for kind in ("automatic", "reviewed", "link", "none")
        if kind in kinds
    ]
    if shown:
        st.caption(page.say("evidence", n=len(adopted), kinds=page.listed(shown)))
    if level["narrow_scope"]:
        st.warning(
            page.say("narrow", na=text.percent(level["na_share"]), level=level["level_with_na_as_gaps"]),
            icon=":material/filter_alt:",
        )
    if level["quiet"]:
        st.warning(page.say("quiet", since=text.day(level["last_assessed_on"])), icon=":material/notifications_off:")
    blockers(page, level)


def blockers(page: Page, level: dict) -> None:
    """What stands between the product and its next level, in one sentence and one table."""
    page.section("next")
    if level["next_level"] != level["next_level"]:
        st.success(page.say("next.top"), icon=":material/check:")
        return
    musts = set(level["missing_musts"])
    st.markdown(
        page.say(
            "next.sentence",
            level=int(level["next_level"]),
            share=text.percent(level["next_share"]),
            threshold=text.percent(page.policy("level_threshold")),
            musts=len(musts),
        )
    )
    frame = page.query("what_next", month=page.month, product=page.product)
    waiting = frame[frame["practice"].isin(set(level["missing"]))].sort_values("must", ascending=False, kind="stable")
    rows = [
        (
            page.to(page.word(r, "name"), "practices", practice=r["practice"], cell_product=page.product),
            page.state(r["state"]),
            page.say("next.must_yes") if r["must"] else "",
            f"{r['items_done']} / {r['items_total']}",
            place(r["src_file"], r["src_line"]) or "–",
        )
        for r in waiting.to_dict("records")
    ]
    names = ("practice", "state", "must", "items", "source")
    page.table([page.say(f"next.{c}") for c in names], rows, page.say("next.title"), numeric=(3,))
    page.explain(
        "product_level",
        [
            (page.say("next.share"), text.percent(level["next_share"], 1)),
            (page.say("input.na_share"), text.percent(level["next_na_share"], 1)),
        ],
        page.policy_places("level_threshold"),
    )


def what_next(page: Page) -> None:
    """What the team can begin now: what unblocks the level or saves most, how to do it, and whom to ask."""
    page.section("begin")
    page.of_today_only("minutes")
    frame = page.query("what_next", month=page.month, product=page.product)
    ready = frame[frame["waits_for"].isna()]
    later = frame[~frame["practice"].isin(ready["practice"])]
    if ready.empty:
        st.success(page.say("begin.none"), icon=":material/check:")
    else:
        rows = [step(page, r) for r in ready.head(_STEPS).to_dict("records")]
        names = ("practice", "why", "saves", "effort", "who", "how")
        page.table([page.say(f"begin.{c}") for c in names], rows, page.say("begin.title"), numeric=(2,))
        sources = [(r.map_file, r.map_line) for r in ready.itertuples()]
        weeks = page.policy_places("effort_weeks_S", "effort_weeks_M", "effort_weeks_L")
        page.explain("what_next", [], [*weeks, *sources])
    titles = {r.id: page.word(r._asdict(), "name") for r in page.query("practices").itertuples()}
    if len(later):
        with st.expander(page.say("begin.later", n=len(later))):
            rows = [
                (
                    page.to(page.word(r, "name"), "guide_map", practice=r["practice"]),
                    [page.to(titles[w], "guide_map", practice=w) for w in r["waits_for"]],
                )
                for r in later.to_dict("records")
            ]
            page.table([page.say("begin.practice"), page.say("begin.first")], rows, page.say("begin.later_title"))
    page.download(frame, "what_next")


def step(page: Page, r: dict) -> tuple:
    """One practice that can begin now."""
    reasons = [page.say("begin.must", level=r["level"])] if r["blocks"] and r["must"] else []
    reasons += [page.say("begin.counts", level=r["level"])] if r["blocks"] and not r["must"] else []
    who = list(r["who"]) if r["who"] is not None else []
    asked = [
        page.say("begin.ask", who=assessor or "–", product=page.product_name(product))
        for product, assessor in list(zip(who, r["assessors"] if who else [], strict=True))[:2]
    ]
    return (
        page.to(page.word(r, "name"), "practices", practice=r["practice"], cell_product=page.product),
        [page.state(r["state"]), *reasons, page.word(r, "why")],
        page.minutes(r["bad_minutes_per_year"], 0),
        page.say(f".guide_map.effort_{r['effort']}") if r["effort"] else "–",
        asked or page.say("begin.nobody"),
        page.to(page.say("next.how"), "guide_map", practice=r["practice"]),
    )


def practices(page: Page) -> None:
    """Falls and adoption by category."""
    page.section("falls")
    falls = page.query("falls", month=page.month, only=False, product=page.product)
    falls = falls[falls["regression"]].sort_values("fell_on", ascending=False)
    if falls.empty:
        st.success(page.say("falls.none"), icon=":material/check:")
    else:
        rows = [
            (
                text.day(r["fell_on"]),
                page.to(page.word(r, "practice_name"), "practices", practice=r["practice"], cell_product=page.product),
                page.say(f".cause.{r['cause']}"),
                place(r["after_file"], r["after_line"]),
            )
            for r in falls.to_dict("records")
        ]
        page.table(
            [page.say(f"falls.{c}") for c in ("on", "practice", "cause", "source")], rows, page.say("falls.title")
        )
    page.section("categories")
    frame = page.query("category_adoption", product=page.product, month=page.month)
    rows = [(page.word(r, "category_name"), f"{r['adopted']} / {r['applicable']}") for r in frame.to_dict("records")]
    page.table(
        [page.say("categories.category"), page.say("categories.adopted")],
        rows,
        page.say("categories.title"),
        numeric=(1,),
    )
    page.download(frame, "category_adoption")


def risks(page: Page) -> None:
    """The product's open risks."""
    page.section("risks")
    page.of_today_only()
    every = page.query("risks", product=page.product)
    frame = every[every["is_open"]]
    if every.empty:
        page.empty("risks")
        return
    if frame.empty:
        st.success(page.say("risks.none"), icon=":material/check:")
        return
    rows = [
        (
            r["position"] or "–",
            page.to(page.word(r, "title"), "risk", risk=r["risk"]),
            page.say(f".status.{r['status']}"),
            page.minutes(r["bad_minutes_per_year"]),
            text.percent(r["budget_share"], 1),
            page.listed(page.say(f".flag.{f}") for f in r["flags"]),
        )
        for r in frame.to_dict("records")
    ]
    page.table(
        [page.say(f"risks.{c}") for c in ("rank", "risk", "status", "minutes", "share", "flags")],
        rows,
        page.say("risks.title"),
        numeric=(0, 3, 4),
    )
    together(page)
    page.download(frame, "product_risks")


def together(page: Page) -> None:
    """What the product's risks cost all at once, and the chance that they miss the year's budget."""
    own = page.query("risk_totals", product=page.product)
    own = own[own["is_own"]]
    year = page.query("risk_years", product=page.product)
    if own.empty or year.empty:
        return
    total, chance = own.iloc[0], year.iloc[0]
    st.markdown(
        page.say(
            "together",
            minutes=page.minutes(total["bad_minutes_per_year"]),
            share=text.percent(total["budget_share"], 1),
            chance=text.chance(chance["chance_to_miss"]),
        )
    )
    if pd.notna(chance["gaps"]):
        st.markdown(page.say("gaps", n=int(chance["gaps"]), minutes=page.minutes(chance["gap_minutes"])))
    page.page_link(page.say("to_totals"), "risk_totals")


def budgets(page: Page) -> None:
    """The product's SLOs."""
    page.section("budgets")
    frame = page.query("budgets", month=page.month, product=page.product)
    if frame.empty:
        page.empty("slos")
        return
    rows = []
    for r in frame.to_dict("records"):
        rows.append(
            (
                page.to(page.word(r, "name"), "slo", slo=r["slo"]),
                page.state(r["state"]),
                text.target(r["target"]),
                *page.consumed_and_left(r),
                text.percent(r["coverage"]),
                page.counts(r),
                page.word(r, "action"),
            )
        )
    names = ("slo", "state", "target", "consumed", "left", "coverage", "method", "action")
    page.table([page.say(f"budgets.{c}") for c in names], rows, page.say("budgets.title"), numeric=(2, 3, 4, 5))
    page.download(frame, "product_budgets")


def first(page: Page) -> None:
    """The product's own list, in one unit."""
    page.section("decide")
    page.of_today_only()
    frame = page.query("one_list", product=page.product).head(MOST_DEEDS)
    if frame.empty:
        page.empty("decisions")
        return
    kept = (0, 1, 2, 4, 7, 6)
    rows = [tuple(row[i] for i in kept) for row in review.list_rows(page, frame, page.to)]
    columns = ("rank", "deed", "what", "minutes", "share", "certainty")
    page.table([page.say(f".one_list.{c}") for c in columns], rows, page.say("decide.title"), numeric=(0, 3, 4))
    page.explain("one_list", review.list_inputs(page, frame), places(frame))
    page.page_link(page.say(".month.decide.more"), "one_list")


page = open_page("product")
head(page)
what_next(page)
first(page)
practices(page)
risks(page)
budgets(page)
page.decisions(product=page.product)
