"""Where the error budgets go: all SLOs in states over months, the worst first, and a square for each month."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from maturity import cells, charts, drawn, text
from maturity.cells import Badge, Square
from maturity.ui import MOST_ROWS, Page, open_page, places

_DRAWN = 40  # more rows than these do not fit a screen; the filters bring up the others
_SPENT = ("exhausted", "exhausted_and_still_burning")


def bands(page: Page, frame: pd.DataFrame) -> None:
    """How many SLOs are in which state, now and over the months."""
    months = page.query("budget_bands", month=page.month, product=page.product)
    counts = page.once(lambda: frame["state"].value_counts().to_dict(), "counts")
    bad = sum(counts.get(state, 0) for state in _SPENT)
    page.section("bands", bad=bad, slos=len(frame), month=page.month_name)
    page.draw(lambda: legend(page, counts, set(months["state"])), "legend")
    page.draw(lambda: columns(page, months), "bands")
    page.explain(
        "budget_state", [], page.policy_places("at_risk_left", "unspent_consumed", "burn_still", "forecast_from")
    )
    page.download(months, "slo_states")


def legend(page: Page, counts: dict[str, int], in_months: set[str]) -> str:
    """Each state with the number of SLOs in it."""
    seen = in_months | set(counts)
    made = [(page.state(state), counts.get(state, 0)) for state in charts.BUDGET if state in seen]
    return cells.badges(page.say("legend"), [Badge(f"{b.label} {n}", b.colours) for b, n in made])


def columns(page: Page, months: pd.DataFrame) -> str:
    """A column a month, worst at the bottom."""
    found = months.set_index(["month", "state"])["slos"]
    drawn = []
    for month, name in zip(*month_names(page, sorted(set(months["month"]))), strict=True):
        parts = [(state, int(found.get((month, state), 0))) for state in reversed(charts.BUDGET)]
        drawn.append((name, [(square(page, state, str(n), f"{month}: {n}"), n) for state, n in parts if n]))
    return cells.bands(drawn, page.say("bands.alt"))


def square(page: Page, state: str, label: str, told: str) -> Square:
    """A state as a place in a picture."""
    _, background, ink = charts.badge(state)
    return Square(label, (background, ink), f"{told} {page.say(f'.budget_state.{state}')}")


def month_names(page: Page, months: list[str]) -> tuple[list[str], list[str]]:
    """Months, and how they stand over narrow columns; the year where it begins."""
    return months, [text.month_short(page.language, m, i == 0 or m.endswith("-01")) for i, m in enumerate(months)]


def spent(page: Page, slos: int) -> dict[str, object]:
    """How many SLOs ended a month without any budget."""
    months = page.query("budget_periods", by="months", product=page.product, month=page.month)
    found = months[months["state"].isin(_SPENT)]["slo"].nunique()
    return {"spent": found, "slos": slos, "month": text.month(page.language, months["period"].min())}


def slos(page: Page, frame: pd.DataFrame) -> None:
    """The SLOs that a reader chooses, in squares and as a list: chosen and drawn in the browser."""
    drawn.budgets("slos", page.once(lambda: slos_of(page, frame), "slos"), partial(saved, page, frame))


def slos_of(page: Page, frame: pd.DataFrame) -> str:
    """Every SLO as budgets.js draws it, worst first: a square a month and a day, and its row of the list."""
    begin, rows, end = listed(page, frame)
    periods, courses = {}, {}
    for by in ("months", "days"):
        consumed = page.query("budget_periods", by=by, product=page.product, month=page.month)
        periods[by], courses[by] = over(page, consumed, by)
    none = {by: {"states": " " * len(periods[by]), "shares": []} for by in periods}
    told = [
        {
            "id": r["slo"], "state": [r["state"]], "tier": [str(r["tier"])], "row": row,
            "name": cells.cell(name(page, r)),
            "find": f"{page.word(r, 'name')} {page.word(r, 'product_name')} {r['slo']}",
            **{by: courses[by].get(r["slo"], none[by]) for by in periods},
        }
        for r, row in zip(frame.to_dict("records"), rows, strict=True)
    ]  # fmt: skip
    words = {
        "title": page.say("fleet.title", month=page.month_name),
        "cut": page.say("trend.cut", drawn="{drawn}", slos="{slos}"),
        "more": page.say(".more_rows", n="{n}"),
        "read": page.say("fleet.read"),
        "none": page.say("none_found"),
        "alt": page.say("trend.alt"),
        "save": page.say(".download"),
    }
    states = charts.signs(charts.BUDGET, {key: page.say(f".budget_state.{key}") for key in charts.BUDGET})
    given = {"slos": told, "periods": periods, "states": states, "words": words, "table": [begin, end]}
    limits = {"drawn": _DRAWN, "listed": MOST_ROWS}
    return drawn.packed(given | limits | {"choices": choices(page, frame)})


def over(page: Page, consumed: pd.DataFrame, by: str) -> tuple[list[tuple[str, str]], dict[str, dict[str, Any]]]:
    """Months or days with their names; of each SLO a letter for the state in each, blank for none, and the shares."""
    periods = sorted(set(consumed["period"]))
    names = month_names(page, periods)[1] if by == "months" else [str(int(day[-2:])) for day in periods]
    letters = charts.letters(charts.BUDGET)
    courses = {}
    for slo, rows in consumed.groupby("slo"):
        found = {
            period: (letters[state], page.unless_too_little(state, text.percent(share)))
            for period, state, share in zip(rows["period"], rows["state"], rows["consumed"], strict=True)
        }
        row = [found.get(period, (" ", "")) for period in periods]
        courses[slo] = {"states": "".join(letter for letter, _ in row), "shares": [share for _, share in row]}
    return list(zip(periods, names, strict=True)), courses


def choices(page: Page, frame: pd.DataFrame) -> dict[str, Any]:
    """What can be chosen: states and tiers that occur, a word, months or days."""
    occurs = set(frame["state"])
    states = [(key, f"{sign} {page.say(f'.budget_state.{key}')}") for key, (sign, *_) in charts.BUDGET.items()]
    tiers = [str(tier) for tier in sorted(set(frame["tier"]))]
    fields = [
        {"key": "find", "kind": "find", "label": page.say("find"), "hint": page.say("find_hint")},
        {"key": "by", "kind": "switch", "label": page.say("by"),
         "options": [(by, page.say(f"by_{by}")) for by in ("months", "days")]},
        {"key": "tier", "kind": "many", "label": page.say("tier"), "options": [(tier, tier) for tier in tiers]},
        {"key": "state", "kind": "many", "label": page.say("state"),
         "options": [(key, said) for key, said in states if key in occurs]},
    ]  # fmt: skip
    return {"page": page.key, "fields": fields, "words": {"clear": page.say("clear")}}


def saved(page: Page, frame: pd.DataFrame, asked: dict) -> tuple[str, pd.DataFrame]:
    """A file of the SLOs that are shown: their states now, or over months or days."""
    if asked["file"] == "status":
        return "slo_status", frame[frame["slo"].isin(asked["slos"])]
    by = "days" if asked["file"] == "days" else "months"
    consumed = page.query("budget_periods", by=by, product=page.product, month=page.month)
    return f"slo_{by}", consumed[consumed["slo"].isin(asked["slos"])]


def listed(page: Page, frame: pd.DataFrame) -> tuple[str, list[str], str]:
    """Every SLO in the chosen month, worst first, with its burn rates and what is counted."""
    burns = page.query("burns").pivot(index="slo", columns="minutes", values="burn_rate")
    names = ("slo", "state", "consumed", "left", "sli", "burn", "counted")
    hours = " / ".join(text.number(minutes / 60) for minutes in burns.columns)
    columns = [page.say(f"fleet.{name}", hours=hours) for name in names]
    numeric = [names.index(name) for name in ("consumed", "left", "sli")]
    rows = [row(page, r, burns) for r in frame.to_dict("records")]
    return cells.table_parts(columns, rows, page.say("fleet.title", month=page.month_name), numeric)


def name(page: Page, r: dict) -> cells.Link:
    """An SLO and its product, beside its squares."""
    return page.to(f"{page.word(r, 'name')} ({page.word(r, 'product_name')})", "slo", slo=r["slo"])


def row(page: Page, r: dict, burns: pd.DataFrame) -> tuple:
    """One SLO as a row."""
    # Burn rates are those of the snapshot's last hours; an older month has none.
    rates = " / ".join(text.number(rate, 1) for rate in burns.loc[r["slo"]]) if page.is_latest else "–"
    consumed, left = page.consumed_and_left(r)
    target = page.say("fleet.target", target=text.target(r["target"]))
    return (
        [page.to(page.word(r, "name"), "slo", slo=r["slo"]), page.word(r, "product_name")],
        [page.state(r["state"]), text.day(r["state_since"])],
        consumed,
        [left, *days_left(page, r)],
        [text.percent(r["sli"], 3), target, *([] if page.word(r, "basis") else [page.say("fleet.no_basis")])],
        rates,
        [page.window(r), page.counts(r),
         page.say("fleet.coverage", share=text.percent(r["coverage"]))],
    )  # fmt: skip


def days_left(page: Page, r: dict) -> list[str]:
    """When the budget is gone at the last day's rate, unless it is gone already or that is after its window."""
    known = r["state"] != charts.TOO_LITTLE and r["days_left"] == r["days_left"]
    if not known or not 0 < r["days_left"] * 1440 <= r["window_minutes"]:
        return []
    return [page.say("fleet.days_left", days=text.number(r["days_left"], 1))]


page = open_page("error_budgets")
frame = page.query("budgets", month=page.month, product=page.product)
if frame.empty:
    page.empty("slos")
    st.stop()
bands(page, frame)
page.section("trend", **page.once(lambda: spent(page, len(frame)), "spent"))
page.part(slos, frame)
if f"{page.month}-01" < str(page.days_from):
    page.days_of_review()
page.explain("consumed", [], page.once(lambda: places(frame), "places"))
