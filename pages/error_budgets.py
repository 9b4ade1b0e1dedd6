"""Where the error budgets go: all SLOs in states over months, the worst first, and a square for each month."""

import pandas as pd
import streamlit as st

from maturity import cells, charts, text
from maturity.cells import Spark, Square
from maturity.ui import Page, open_page, places

_DRAWN = 40  # more rows than these do not fit a screen; the filters bring up the others
_MONTHS = 12  # behind a small course


def bands(page: Page, frame: pd.DataFrame) -> None:
    """How many SLOs are in which state, now and over the months."""
    months = page.query("budget_bands", month=page.month, product=page.product)
    bad = frame["state"].isin(["exhausted", "exhausted_and_still_burning"]).sum()
    page.section("bands", bad=bad, slos=len(frame), month=page.month_name)
    counts, seen = frame["state"].value_counts(), set(months["state"]) | set(frame["state"])
    page.badges(page.say("legend"), [badge(page, s, counts.get(s, 0)) for s in charts.BUDGET if s in seen])
    page.draw(lambda: columns(page, months), "bands")
    page.explain(
        "budget_state", [], page.policy_places("at_risk_left", "unspent_consumed", "burn_still", "forecast_from")
    )
    page.download(months, "slo_states")


def badge(page: Page, state: str, count: int):
    """A state with the number of SLOs in it."""
    made = page.state(state)
    return type(made)(f"{made.label} {count}", made.colours)


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


def grid(page: Page, frame: pd.DataFrame, wanted: tuple) -> None:
    """A square for each SLO and month, or each day of the chosen month."""
    page.section("trend")
    by = page.switch("by", page.say("by"), ["months", "days"], lambda v: page.say(f"by_{v}"))
    if len(frame) > _DRAWN:
        st.caption(page.say("trend.cut", drawn=_DRAWN, slos=len(frame)))
    consumed = page.query("budget_periods", by=by, product=page.product, month=page.month)
    page.draw(lambda: squares(page, frame.head(_DRAWN), consumed, by), "squares", by, *wanted)
    page.download(lambda: consumed[consumed["slo"].isin(frame["slo"])], f"slo_{by}")


def squares(page: Page, frame: pd.DataFrame, consumed: pd.DataFrame, by: str) -> str:
    """The picture of these SLOs."""
    periods = sorted(set(consumed["period"]))
    names = month_names(page, periods)[1] if by == "months" else [str(int(day[-2:])) for day in periods]
    found = {(r["slo"], r["period"]): r for r in consumed[consumed["slo"].isin(frame["slo"])].to_dict("records")}

    def place(r: dict | None) -> Square | None:
        if r is None:
            return None
        shown = text.percent(r["consumed"])
        # Thirty columns leave no room for a percentage; a sign still says the state without its colour.
        mark = shown if by == "months" else charts.badge(r["state"])[0]
        return square(page, r["state"], mark, f"{r['period']}: {shown}")

    rows = [
        (
            page.to(f"{page.word(r, 'name')} ({page.word(r, 'product_name')})", "slo", slo=r["slo"]),
            [place(found.get((r["slo"], period))) for period in periods],
        )
        for r in frame.to_dict("records")
    ]
    return cells.squares(names, rows, page.say("trend.alt"))


def fleet(page: Page, frame: pd.DataFrame, wanted: tuple) -> None:
    """Every SLO in the chosen month, worst first, with its course, method, coverage and burn rates."""
    page.section("fleet", month=page.month_name)
    burns = page.once(lambda: page.query("burns").pivot(index="slo", columns="minutes", values="burn_rate"), "burns")
    courses = page.once(lambda: past(page), "courses")
    names = ("slo", "product", "state", "since", "course", "consumed", "left", "days_left", "coverage", "method",
             "window", "target", "sli", "burn", "basis")  # fmt: skip
    hours = " / ".join(text.number(minutes / 60) for minutes in burns.columns)
    columns = [page.say(f"fleet.{name}", hours=hours) for name in names]
    numeric = [i for i, name in enumerate(names)
               if name in ("consumed", "left", "days_left", "coverage", "target", "sli", "burn")]  # fmt: skip
    title = page.say("fleet.title", month=page.month_name)
    page.long_table(columns, frame, lambda r: row(page, r, burns, courses.get(r["slo"], [])), title, numeric, wanted)
    page.download(frame, "slo_status")
    page.explain("consumed", [], page.once(lambda: places(frame), "places", *wanted))


def past(page: Page) -> dict[str, list[float]]:
    """What each SLO consumed in the months before."""
    frame = page.query("budget_periods", by="months", product=page.product, month=page.month)
    return {slo: list(values)[-_MONTHS:] for slo, values in frame.groupby("slo")["consumed"]}


def row(page: Page, r: dict, burns: pd.DataFrame, course: list[float]) -> tuple:
    """One SLO as a row."""
    # Burn rates are those of the snapshot's last hours; an older month has none.
    rates = " / ".join(text.number(rate, 1) for rate in burns.loc[r["slo"]]) if page.is_latest else "–"
    spent = [0 if v != v else round(100 * min(max(v, 0), 1)) for v in course]
    told = ", ".join(text.percent(v) for v in course)
    return (
        page.to(page.word(r, "name"), "slo", slo=r["slo"]),
        page.word(r, "product_name"),
        page.state(r["state"]),
        text.day(r["state_since"]),
        Spark(spent, 100, page.say("fleet.spark", values=told)),
        text.percent(r["consumed"], 1),
        page.minutes(r["left_minutes"]),
        days_left(page, r),
        text.percent(r["coverage"]),
        page.say(f".method.{r['method']}"),
        page.window(r),
        text.target(r["target"]),
        text.percent(r["sli"], 3),
        rates,
        page.say("basis_yes") if page.word(r, "basis") else page.say("basis_no"),
    )


def days_left(page: Page, r: dict) -> str:
    """Days until the budget is gone at the last day's rate; longer than its window is not worth a number."""
    if (
        r["state"] == "too_little_traffic"
        or r["days_left"] != r["days_left"]
        or r["days_left"] * 1440 > r["window_minutes"]
    ):
        return "–"
    return text.number(r["days_left"], 1)


def chosen(page: Page, frame: pd.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """States, tiers and word of the SLOs that the reader wants to see."""
    row = page.row("slos")
    states, tiers = page.once(lambda: offered(frame), "offered")
    states = page.choose_many("state", page.say("state"), states, lambda s: page.say(f".budget_state.{s}"), row)
    tiers = page.choose_many("tier", page.say("tier"), tiers, str, row)
    word = page.search("find", page.say("find"), page.say("find_hint"), row).casefold()
    return tuple(states), tuple(tiers), word


def offered(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """States and tiers that occur."""
    found = set(frame["state"])
    return [state for state in charts.BUDGET if state in found], [str(tier) for tier in sorted(set(frame["tier"]))]


def narrowed(page: Page, frame: pd.DataFrame, states: tuple, tiers: tuple, word: str) -> pd.DataFrame:
    """The SLOs that are left."""
    kept = frame[frame["state"].isin(states)] if states else frame
    kept = kept[kept["tier"].astype(str).isin(tiers)] if tiers else kept
    if word:
        named = kept[f"name_{page.language}"] + " " + kept[f"product_name_{page.language}"] + " " + kept["slo"]
        kept = kept[[word in name.casefold() for name in named]]
    return kept


def slos(page: Page, frame: pd.DataFrame) -> None:
    """The SLOs that the reader chooses, in squares and as a list."""
    wanted = chosen(page, frame)
    shown = page.once(lambda: narrowed(page, frame, *wanted), "narrowed", *wanted)
    if shown.empty:
        st.info(page.say("none_found"), icon=":material/search_off:")
        return
    grid(page, shown, wanted)
    fleet(page, shown, wanted)


page = open_page("error_budgets")
frame = page.query("budgets", month=page.month, product=page.product)
if frame.empty:
    page.empty("slos")
    st.stop()
bands(page, frame)
page.part(slos, frame)
