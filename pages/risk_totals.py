"""What risks cost together: totals against budgets, the chance to miss a year, estimates beside incidents."""

import pandas as pd
import streamlit as st

from maturity import charts, text
from maturity.cells import Link
from maturity.ui import Page, open_page, places


def totals(page: Page) -> None:
    """All open risks of a product against the yearly budgets of several targets."""
    frame = page.query("risk_totals", product=page.product)
    sums = ["bad_minutes_per_year", "budget_share"]
    frame = frame.assign(**frame[sums].where(frame["scored"] > 0))  # what nobody gave minutes is no zero
    own = frame[frame["is_own"]].sort_values("budget_share", ascending=False)
    limit = page.policy("single_risk_limit")
    over = own[own["budget_share"] > 1]
    quiet = over[over["largest_share"].fillna(0) <= limit]
    if len(over):
        page.section("totals", over=len(over), products=len(own), quiet=len(quiet))
    elif fit := own["budget_share"].count():
        page.section("totals_fit", n=fit)
    else:
        page.section("totals_none")
    if len(own):
        shown = own.assign(
            name=[page.product_name(p) for p in own["product"]],
            shown=[text.percent(v, 1) for v in own["budget_share"]],
            largest=own["largest_share"].fillna(0),
            others=own["events_min_per_year"] / own["budget_min_per_year"] - own["largest_share"].fillna(0),
            factors=own["factors_min_per_year"] / own["budget_min_per_year"],
        )
        labels = {key: page.say(f"totals.{key}") for key in ("value", "largest", "others", "factors", "all")}
        page.chart(charts.risk_totals(shown, labels), "totals", page.say("totals.alt"))
    targets = sorted(frame["target"].unique())
    wide = frame.pivot(index="product", columns="target", values="budget_share")
    first = frame.groupby("product", sort=False).first()
    targets_of = own.set_index("product")["target"]
    rows = [
        (
            [page.to(page.product_name(product), "product", product=product), *_own(page, targets_of.get(product))],
            page.minutes(first.loc[product, "bad_minutes_per_year"]),
            *(text.percent(wide.loc[product, target], 1) for target in targets),
            _largest(page, first.loc[product]),
            int(first.loc[product, "unscored"]),
        )
        for product in [*own["product"], *(p for p in first.index if p not in set(own["product"]))]
    ]
    names = [page.say("totals.product"), page.say("totals.minutes")]
    names += [page.say("totals.at", target=text.target(t)) for t in targets]
    names += [page.say("totals.largest_risk"), page.say("totals.unscored")]
    numbers = (1, *range(2, 2 + len(targets)), 3 + len(targets))
    page.table(names, rows, page.say("totals.caption"), numeric=numbers)
    page.download(frame, "risk_totals")
    inputs = [(page.say("input.limit"), text.percent(limit))]
    records = places(page.query("risks", product=page.product))
    page.explain("risk_totals", inputs, [*page.policy_places("single_risk_limit"), *records])


def _own(page: Page, target: float | None) -> list[str]:
    return [] if target is None else [page.say("totals.own", target=text.target(target))]


def _largest(page: Page, row: pd.Series) -> Link | str:
    if pd.isna(row["largest_risk"]):
        return "–"
    return page.to(page.word(row, "largest"), "risk", risk=row["largest_risk"])


def chances(page: Page) -> None:
    """Simulated years of each product."""
    frame = page.query("risk_years", product=page.product)
    if frame.empty:
        return
    most = frame.sort_values("chance_to_miss", ascending=False).iloc[0]
    highest = {"product": page.product_name(most["product"]), "chance": text.chance(most["chance_to_miss"])}
    page.section("chances", **highest, years=text.number(most["years"], 0))
    rows = [
        (
            page.product_name(r["product"]),
            text.chance(r["chance_to_miss"]),
            page.minutes(r["budget_min_per_year"]),
            page.minutes(r["mean"]),
            page.minutes(r["p50"]),
            page.minutes(r["p90"]),
            "–" if pd.isna(r["gaps"]) else page.say("gaps", n=int(r["gaps"]), minutes=page.minutes(r["gap_minutes"])),
        )
        for r in frame.to_dict("records")
    ]
    columns = ("product", "chance", "budget", "mean", "p50", "p90", "gaps")
    page.table([page.say(f"chances.{c}") for c in columns], rows, page.say("chances.caption"), numeric=(1, 2, 3, 4, 5))
    inputs = [(page.say(f"input.{name}"), f"{page.policy(name):g}") for name in ("simulated_years", "seed")]
    page.explain("risk_chance", inputs, page.policy_places("simulated_years", "seed"))


def learned(page: Page) -> None:
    """What was expected, beside what happened."""
    quarters = page.query("risk_quarters", product=page.product)
    if quarters.empty:
        return
    worse = int((quarters["seen_min"] > quarters["expected_min"]).sum())
    page.section("quarters", worse=worse, quarters=len(quarters))
    labels = {key: page.say(f"quarters.{key}") for key in ("expected", "seen", "minutes", "quarter")}
    page.chart(charts.expected_and_seen(quarters, labels), "quarters", page.say("quarters.alt"))
    missing, known = int(quarters["without_minutes"].sum()), int(quarters["known"].sum())
    st.caption(page.say("quarters.note", n=int(quarters["incidents"].sum()), missing=missing, known=known))
    page.download(quarters, "risk_quarters")
    frame = page.query("risk_learned", product=page.product, risk=None)
    moved = frame[frame["seen"] > 0]
    if len(moved):
        rows = [
            (
                page.to(page.word(r, "title"), "risk", risk=r["risk"]),
                page.product_name(r["product"]),
                page.say(f".basis.{r['cre_basis']}"),
                text.number(r["estimated_per_year"], 2),
                int(r["seen"]),
                text.number(r["both_per_year"], 2),
                page.minutes(r["estimated_min_per_year"]),
                page.minutes(r["learned_min_per_year"]),
            )
            for r in moved.to_dict("records")
        ]
        columns = ("risk", "product", "basis", "estimated", "seen", "both", "before", "after")
        page.table(
            [page.say(f"learned.{c}") for c in columns], rows, page.say("learned.caption"), numeric=(3, 4, 5, 6, 7)
        )
        page.explain("risk_learned", [], places(moved))


page = open_page("risk_totals")
if page.query("risk_names").empty:
    page.empty("risks")
    st.stop()
page.of_today_only()
totals(page)
chances(page)
learned(page)
page.page_link(page.say(".one_list.title"), "one_list")
