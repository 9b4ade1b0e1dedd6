"""This month at a glance: what changed, what to decide, and where to look next."""

import streamlit as st

from maturity import text
from maturity.ui import Page, open_page, places


def headline(page: Page, levels, falls, budgets, risks) -> None:
    """Five numbers, each with its explanation."""
    at_target = levels[levels["target_gap"] == 0]
    regressions = falls[falls["regression"]]
    trouble = budgets[budgets["in_trouble"]]
    unspent = budgets[budgets["state"] == "met_unspent"]
    over = risks[risks["exceeds_single_risk_limit"] & risks["is_open"]]
    one, two, three, four, five = st.columns(5)
    with one:
        page.figure(
            "at_target",
            f"{len(at_target)} / {len(levels)}",
            [
                (page.product_name(r.product), page.say("level_of", level=r.level, target=r.target_level))
                for r in levels.itertuples()
            ],
            places(page.products),
        )
    with two:
        page.figure(
            "regressions",
            str(len(regressions)),
            [
                (
                    f"{page.product_name(r.product)}: {page.word(r._asdict(), 'practice_name')}",
                    page.say(f".cause.{r.cause}"),
                )
                for r in regressions.itertuples()
            ],
            [(r.after_file, r.after_line) for r in regressions.itertuples()],
        )
    with three:
        page.figure("in_trouble", str(len(trouble)), *_slos(page, trouble))
    with four:
        page.figure("never_spent", str(len(unspent)), *_slos(page, unspent))
    with five:
        page.figure(
            "over_limit",
            str(len(over)),
            [
                (f"{page.word(r._asdict(), 'title')} ({page.product_name(r.product)})", text.percent(r.budget_share, 1))
                for r in over.itertuples()
            ],
            places(over),
        )


def _slos(page: Page, frame):
    inputs = [(page.word(r._asdict(), "name"), text.percent(r.consumed, 1)) for r in frame.itertuples()]
    return inputs, places(frame)


def decisions(page: Page) -> None:
    """Budgets, risks and missing practices in one list and one unit."""
    page.section("decide")
    page.of_today_only()
    frame = page.query("decisions", month=page.month, product=None, most=10)
    if frame.empty:
        page.empty("decisions")
        return
    targets = {"budget": ("slo", "slo"), "risk": ("risk", "risk"), "practice": ("guide_map", "practice")}
    rows = []
    for i, r in enumerate(frame.itertuples(), 1):
        where, parameter = targets[r.kind]
        link = page.to(page.word(r._asdict(), "name"), where, **{parameter: r.id, "product": None})
        product = page.to(page.product_name(r.product), "product", product=r.product)
        deed = page.say(f"deed.{r.kind}")
        rows.append(
            (
                i,
                deed,
                link,
                product,
                text.percent(r.share, 1),
                page.minutes(r.minutes, 0),
                page.say(f"certainty.{r.certainty}"),
            )
        )
    columns = [page.say(f"decide.{c}") for c in ("rank", "deed", "what", "product", "share", "minutes", "certainty")]
    page.table(columns, rows, page.say("decide.title"), numeric=(0, 4, 5))
    page.explain("decisions", [], places(frame))
    page.download(frame, "decisions")


def products(page: Page, levels, falls, budgets, risks) -> None:
    """One line a product over all three topics."""
    page.section("products")
    rows = []
    for r in levels.itertuples():
        lost = falls[(falls["product"] == r.product) & falls["regression"]]
        mine = budgets[budgets["product"] == r.product]
        worst = mine.iloc[0]["state"] if len(mine) else None
        share = risks[(risks["product"] == r.product) & risks["is_open"]]["budget_share"].sum(min_count=1)
        moved = f" ({r.level_change:+d})" if r.level_change else ""
        rows.append(
            (
                page.to(page.product_name(r.product), "product", product=r.product),
                page.say("level_of", level=r.level, target=r.target_level) + moved,
                text.percent(r.percent),
                text.percent(r.coverage),
                text.percent(r.confirmed_share),
                text.percent(r.na_share),
                len(lost) or "",
                page.state(worst) if worst else "",
                text.percent(share, 1),
            )
        )
    names = ("product", "level", "percent", "coverage", "confirmed", "na", "regressions", "budget", "risk")
    page.table([page.say(f"products.{c}") for c in names], rows, page.say("products.title"), numeric=(2, 3, 4, 5, 6, 8))
    states = page.query("practice_states", month=page.month, product=None)
    page.explain("product_level", [], [*page.policy_places("level_threshold", "lapse_after_reviews"), *places(states)])
    page.download(levels, "product_level")


def lists(page: Page, falls, budgets, risks) -> None:
    """The first few of each topic; the whole stands on its page."""
    left, right = st.columns(2)
    with left:
        page.section("regressions")
        found = falls[falls["regression"]].head(6)
        if found.empty:
            st.success(page.say("regressions.none"), icon=":material/check:")
        else:
            rows = [
                (
                    page.product_name(r.product),
                    page.to(
                        page.word(r._asdict(), "practice_name"), "practices", product=r.product, practice=r.practice
                    ),
                    page.say(f".cause.{r.cause}"),
                    page.say("broke") if r.gate_broken else "",
                )
                for r in found.itertuples()
            ]
            page.table(
                [page.say(f"regressions.{c}") for c in ("product", "practice", "cause", "effect")],
                rows,
                page.say("regressions.title"),
            )
        page.page_link(page.say("regressions.more"), "practices", product=None)
    with right:
        page.section("risks")
        page.of_today_only()
        rows = [
            (
                r.position,
                page.to(page.word(r._asdict(), "title"), "risk", risk=r.risk, product=None),
                page.product_name(r.product),
                text.percent(r.budget_share, 1),
            )
            for r in risks[risks["position"] > 0].head(6).itertuples()
        ]
        if rows:
            page.table(
                [page.say(f"risks.{c}") for c in ("rank", "risk", "product", "share")],
                rows,
                page.say("risks.title"),
                numeric=(0, 3),
            )
        else:
            page.empty("risks")
        page.page_link(page.say("risks.more"), "risks", product=None)
    page.section("budgets")
    notable = budgets[budgets["state"] != "met"]
    rows = [
        (
            page.to(page.word(r._asdict(), "name"), "slo", slo=r.slo, product=None),
            page.product_name(r.product),
            page.state(r.state),
            text.percent(r.consumed, 1),
            text.percent(r.coverage),
            page.word(r._asdict(), "action"),
        )
        for r in notable.itertuples()
    ]
    if rows:
        names = ("slo", "product", "state", "consumed", "coverage", "action")
        page.table([page.say(f"budgets.{c}") for c in names], rows, page.say("budgets.title"), numeric=(3, 4))
    elif budgets.empty:
        page.empty("slos")
    else:
        st.success(page.say("budgets.none"), icon=":material/check:")
    page.page_link(page.say("budgets.more"), "error_budgets", product=None)


def freshness(page: Page) -> None:
    """How old the data is."""
    page.section("fresh")
    frame = page.query("freshness")
    rows = [
        (page.say(f".topic.{r.topic}"), r.files, f"{r.accepted:,.0f}", f"{r.rejected:,.0f}", text.day(r.newest))
        for r in frame.itertuples()
    ]
    page.table(
        [page.say(f"fresh.{c}") for c in ("topic", "files", "accepted", "rejected", "newest")],
        rows,
        page.say("fresh.title"),
        numeric=(1, 2, 3),
    )
    page.page_link(page.say("fresh.more"), "data_health")


page = open_page("month")
levels = page.query("levels", month=page.month)
falls = page.query("falls", month=page.month, only=True, product=None)
budgets = page.query("budgets", month=page.month, product=None)
risks = page.query("risks", product=None)
headline(page, levels, falls, budgets, risks)
decisions(page)
products(page, levels, falls, budgets, risks)
lists(page, falls, budgets, risks)
freshness(page)
