"""Everything about one product: level and gaps, risks, budgets."""

import streamlit as st

from maturity import text
from maturity.ui import Page, open_page, place, places


def head(page: Page) -> None:
    """Who it is and where it stands."""
    row = page.products[page.products["id"] == page.product].iloc[0].to_dict()
    level = page.query("levels", month=page.month).set_index("product").loc[page.product].to_dict()
    st.header(page.word(row, "name"))
    st.markdown(page.word(row, "description"))
    users = f"{row['active_users']:,.0f}" if row["active_users"] == row["active_users"] else "–"
    st.caption(
        page.say(
            "facts",
            team=row["team"],
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
    missing, musts = list(level["missing"]), set(level["missing_musts"])
    st.markdown(
        page.say(
            "next.sentence",
            level=int(level["next_level"]),
            share=text.percent(level["next_share"]),
            threshold=text.percent(page.policy("level_threshold")),
            musts=len(musts),
        )
    )
    frame = page.query("practice_states", month=page.month, product=page.product)
    states = dict(zip(frame["practice"], frame["state"], strict=True))
    gaps = page.query("practice_gaps", product=page.product).set_index("practice")
    rows = []
    for r in page.query("practices").to_dict("records"):
        if r["id"] not in missing:
            continue
        saved = gaps["bad_minutes_per_year"].get(r["id"])
        rows.append(
            (
                page.to(page.word(r, "name"), "practices", practice=r["id"], cell_product=page.product),
                page.state(states[r["id"]]),
                page.say("next.must_yes") if r["id"] in musts else "",
                page.say(f".guide_map.effort_{r['effort']}"),
                page.minutes(saved, 0),
                page.to(page.say("next.how"), "guide_map", practice=r["id"]),
            )
        )
    rows.sort(key=lambda row: row[2] == "")
    names = ("practice", "state", "must", "effort", "saves", "guide")
    page.table([page.say(f"next.{c}") for c in names], rows, page.say("next.title"), numeric=(4,))
    page.explain(
        "product_level",
        [(page.say("next.share"), text.percent(level["next_share"], 1))],
        page.policy_places("level_threshold"),
    )


def practices(page: Page) -> None:
    """Falls and adoption by category."""
    page.section("falls")
    falls = page.query("falls", month=page.month, only=False, product=page.product)
    falls = falls[falls["regression"]]
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
    frame = page.query("risks", product=page.product)
    frame = frame[frame["is_open"]]
    if frame.empty:
        page.empty("risks")
        return
    rows = [
        (
            r["position"] or "–",
            page.to(page.word(r, "title"), "risks", risk=r["risk"]),
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
    page.download(frame, "product_risks")


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
                page.to(page.word(r, "name"), "error_budgets", slo=r["slo"]),
                page.state(r["state"]),
                text.target(r["target"]),
                text.percent(r["consumed"], 1),
                page.minutes(r["left_minutes"]),
                text.percent(r["coverage"]),
                page.say(f".method.{r['method']}"),
                page.word(r, "action"),
            )
        )
    names = ("slo", "state", "target", "consumed", "left", "coverage", "method", "action")
    page.table([page.say(f"budgets.{c}") for c in names], rows, page.say("budgets.title"), numeric=(2, 3, 4, 5))
    page.download(frame, "product_budgets")


def decisions(page: Page) -> None:
    """The product's own list, in one unit."""
    page.section("decide")
    page.of_today_only()
    frame = page.query("decisions", month=page.month, product=page.product, most=8)
    if frame.empty:
        page.empty("decisions")
        return
    rows = [
        (
            page.say(f".month.deed.{r['kind']}"),
            page.word(r, "name"),
            text.percent(r["share"], 1),
            page.minutes(r["minutes"], 0),
            page.say(f".month.certainty.{r['certainty']}"),
        )
        for r in frame.to_dict("records")
    ]
    page.table(
        [page.say(f".month.decide.{c}") for c in ("deed", "what", "share", "minutes", "certainty")],
        rows,
        page.say("decide.title"),
        numeric=(2, 3),
    )
    page.explain("decisions", [], places(frame))


page = open_page("product")
head(page)
decisions(page)
practices(page)
risks(page)
budgets(page)
