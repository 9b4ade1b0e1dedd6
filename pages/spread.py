"""What spreads, what stalls, what falls: levels of all products and the course of each practice over time."""

import pandas as pd
import streamlit as st

from maturity import charts, text
from maturity.cells import Spark
from maturity.ui import Page, open_page, places


def levels(page: Page) -> None:
    """How many products stand at which level, and how many are at their target."""
    frame = page.query("level_spread", month=page.month)
    page.section("levels", **reached(page, frame))
    names = {r.level: page.word(r._asdict(), "name") for r in page.query("map_levels").itertuples()}
    shown = {0: page.say("levels.none")} | {level: f"L{level} {name}" for level, name in names.items()}
    labels = {"month": page.say(".frame.month"), "products": page.say("products")}
    page.chart(charts.level_spread(frame, shown, labels), "levels", page.say("levels.alt"))
    tiers = page.query("target_by_tier", month=page.month)
    columns = [page.say(f"levels.{c}") for c in ("tier", "at_target", "share", "quiet")]
    rows = [
        (page.say("levels.tier_n", n=r.tier), f"{r.at_target} / {r.products}",
         text.percent(r.at_target / r.products), r.quiet or "")
        for r in tiers.itertuples()
    ]  # fmt: skip
    page.table(columns, rows, page.say("levels.by_tier"), numeric=(1, 2, 3))
    sources = [*page.policy_places("level_threshold", "quiet_after_days"), *places(page.products)]
    page.explain("at_target", [], sources)
    page.download(frame, "level_spread")


def reached(page: Page, frame: pd.DataFrame) -> dict[str, object]:
    """How many products have any level, in the newest month and in the first."""
    first, last = frame["month"].min(), frame["month"].max()
    some = frame[frame["level"] > 0].groupby("month")["products"].sum()
    return {
        "now": int(some.get(last, 0)),
        "before": int(some.get(first, 0)),
        "products": int(frame.loc[frame["month"] == last, "products"].sum()),
        "month": text.month(page.language, first) if len(frame) else text.NONE,
    }


def trends(page: Page) -> None:
    """Every practice: where it stands, how it moved, and how long it took to reach most products."""
    frame = page.query("practice_trend", month=page.month)
    months, share = int(page.policy("trend_months")), text.percent(page.policy("spread_share"))
    page.section("trend", months=months, share=share)
    counts = frame["trend"].value_counts()
    kinds = [kind for kind in charts.TREND if kind in counts]
    page.badges(page.say("trend.counts"), [page.trend(kind, counts[kind]) for kind in kinds])
    chosen = page.choose("trend", page.say("trend.filter"), kinds, lambda k: page.say(f".trend.{k}"), None, st,
                         page.say("trend.all"))  # fmt: skip
    rows = [row(page, r) for r in frame.to_dict("records") if chosen in (None, r["trend"])]
    names = ("practice", "level", "course", "before", "now", "change", "trend", "reached")
    columns = [page.say(f"trend.{c}", months=months, share=share) for c in names]
    page.table(columns, rows, page.say("trend.title"), numeric=(1, 3, 4, 5))
    page.explain("practice_trend", [], [*page.policy_places("trend_months", "spread_share"), *places(frame)])
    page.download(frame, "practice_trend")


def row(page: Page, r: dict) -> tuple:
    """One practice as a row."""
    before = page.say("trend.since", month=text.month(page.language, r["first_month"])) if r["first_month"] else ""
    if r["months_to_spread"] == r["months_to_spread"]:
        older = page.say("trend.at_least") if r["first_is_older"] else ""
        reached = page.say("trend.took", n=int(r["months_to_spread"]), older=older)
        if r["first_is_older"] and not r["months_to_spread"]:
            reached = page.say("trend.from_the_start")
    else:
        reached = page.say("trend.not_yet", since=before) if before else ""
    label = page.say("trend.spark", counts=", ".join(map(str, r["counts"])))
    return (
        page.to(page.word(r, "name"), "guide_map", practice=r["practice"]),
        r["level"],
        Spark(list(r["counts"]), r["products"], label),
        r["adopted_before"],
        f"{r['adopted']} / {r['products']}",
        text.change(r["adopted"] - r["adopted_before"]),
        page.trend(r["trend"]),
        reached,
    )


def one(page: Page) -> None:
    """All states of one practice over time."""
    head = st.container()
    chosen = page.query("practices")
    titles = {r.id: page.word(r._asdict(), "name") for r in chosen.itertuples()}
    frame = page.query("practice_trend", month=page.month)
    biggest = frame.iloc[0]["practice"] if len(frame) else next(iter(titles))
    practice = page.choose("trend_practice", page.say("one.practice"), list(titles), titles.get, biggest)
    history = page.query("practice_spread", practice=practice, month=page.month)
    now = history.tail(1)[["adopted", "stale", "products"]].sum()
    with head:
        page.section(
            "one", practice=titles[practice], adopted=int(now["adopted"] + now["stale"]), products=int(now["products"])
        )
    page.badges(page.say("one.legend"), [page.state(s) for s in charts.IN_HISTORY if history[s].any()])
    words = {state: page.say(f".practice_state.{state}") for state in charts.PRACTICE}
    words |= {"month": page.say(".frame.month"), "products": page.say("products")}
    page.chart(charts.practice_history(history, words), "spread", page.say("one.alt", practice=titles[practice]))
    page.download(history, "practice_spread")


page = open_page("spread")
levels(page)
trends(page)
one(page)
