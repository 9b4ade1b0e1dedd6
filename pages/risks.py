"""Which latent risks we carry: the heatmap with what lies beside it, and the ranked list."""

from functools import partial

import pandas as pd
import streamlit as st

from maturity import cells, charts, drawn, text
from maturity.cells import Axis, Square
from maturity.ui import Page, open_page, places

_LISTED = 20  # risks of a square under the pointer; a click lists all of them
_AT = 3  # places in the ranking that a square has room for

VIEWS = {
    "potential": ("likelihood_band", "impact_band"),
    "current": ("likelihood_band", "current_band"),
    "after_plan": ("residual_likelihood_band", "residual_impact_band"),
}


def grid(page: Page, frame: pd.DataFrame) -> None:
    """Likelihood against impact, and beside it what has no place in the grid: the view is chosen in the browser."""
    drawn.risks("grid", page.once(lambda: views(page, frame), "views"), partial(inside, page, frame))


def views(page: Page, frame: pd.DataFrame) -> str:
    """Every view as risks.js draws it."""
    made = {}
    for view in VIEWS:
        now = placed(frame, view)
        made[view] = {
            "read": read(page, frame, now, view),
            "grid": squares(page, now, view),
            "beside": tray(page, frame, view),
        }
    options = [(view, page.say(f"view_{view}")) for view in VIEWS]
    fields = [{"key": "view", "kind": "switch", "label": page.say("view"), "options": options}]
    choices = {"page": page.key, "fields": fields, "words": {"clear": ""}}
    return drawn.packed({"views": made, "beside": others(page, frame), "choices": choices})


def read(page: Page, frame: pd.DataFrame, now: pd.DataFrame, view: str) -> str:
    """How to read a view."""
    said = page.say(f"view_{view}_read")
    if view == "current":
        quiet = int((frame[list(VIEWS[view])].notna().all(axis=1)).sum()) - len(now)
        said += "\n" + page.say("not_now", n=quiet)
    return said


def placed(frame: pd.DataFrame, view: str) -> pd.DataFrame:
    """What has a place in the grid; what took nothing in the last days has none in the picture of now."""
    rows_, columns_ = VIEWS[view]
    found = frame[frame[rows_].notna() & frame[columns_].notna()]
    return found[found[columns_] > 0] if view == "current" else found


def squares(page: Page, now: pd.DataFrame, view: str) -> str:
    """The grid; a square tells what it holds."""
    found = {}
    for (likelihood, impact), group in now.groupby(list(VIEWS[view])):
        colours = charts.risk_colours(int(likelihood), int(impact))
        at = _positions(page, group)
        found[int(likelihood), int(impact)] = Square(str(group["risk"].nunique()), colours, _lines(page, group), at)
    up = Axis(page.say("likelihood"), [page.say(f"likelihood_{n}") for n in range(1, 6)])
    across = Axis(page.say("impact"), [page.say(f"impact_{n}") for n in range(1, 6)])
    return cells.grid(up, across, charts.risk_colours, found, page.say("grid.alt"))


def inside(page: Page, frame: pd.DataFrame, view: str, square: tuple[int, int]) -> str:
    """What a square of a view holds."""
    rows_, columns_ = VIEWS[view]

    def made() -> str:
        found = placed(frame, view)
        found = found[(found[rows_] == square[0]) & (found[columns_] == square[1])]
        return _listed(page, page.say("inside", n=found["risk"].nunique()), None, found)

    return page.once(made, "inside", view, square)


def tray(page: Page, frame: pd.DataFrame, view: str) -> str:
    """Open records without a place in the grid: never drawn as zero, never as the maximum."""
    rows_, columns_ = VIEWS[view]
    unscored = frame[(frame["kind"] == "event") & (frame[rows_].isna() | frame[columns_].isna())]
    return _listed(page, page.say("tray", n=len(unscored)), page.say(f"tray_{view}"), unscored, ranks=True)


def others(page: Page, frame: pd.DataFrame) -> str:
    """What lies beside the grid in every view."""
    factors, discuss = frame[frame["kind"] == "factor"], frame[frame["must_discuss"]]
    made = _listed(page, page.say("factors", n=len(factors)), None, factors) if len(factors) else ""
    return made + _listed(page, page.say("discuss", n=len(discuss)), page.say("discuss_read"), discuss)


def _listed(page: Page, title: str, read: str | None, frame: pd.DataFrame, ranks: bool = False) -> str:
    def line(r: dict) -> tuple:
        said = "–" if ranks else text.percent(r["budget_share"], 1)
        if ranks and pd.notna(r["ranks_likelihood"]):
            likelihood, impact = int(r["ranks_likelihood"]), int(r["ranks_potential_impact"])
            said = page.say("ranks_say", likelihood=likelihood, impact=impact)
        return page.to(page.word(r, "title"), "risk", risk=r["risk"]), page.product_name(r["product"]), said

    columns = [page.say("risk"), page.say(".frame.product"), page.say("share" if not ranks else "ranks")]
    return page.side_list(title, read, columns, frame, line)


def _positions(page: Page, group: pd.DataFrame) -> str:
    """Where what a square holds stands in the ranking; as many as find room in it."""
    ranked = sorted(group.loc[group["position"] > 0, "position"])
    return " ".join(page.say("at", n=n) for n in ranked[:_AT]) + (" …" if len(ranked) > _AT else "")


def _lines(page: Page, group: pd.DataFrame) -> str:
    """What a square holds, as much as can be read under a pointer."""
    lines = [
        f"{r['risk']} {page.product_name(r['product'])}: {page.word(r, 'title')}"
        for r in group.head(_LISTED).to_dict("records")
    ]
    return "\n".join([*lines, "…"] if len(group) > _LISTED else lines)


def rank(page: Page, r: dict) -> list[str]:
    """The rank, and below it those that its interval allows: 3, (1–5)."""
    own = str(r["position"]) if r["position"] else page.say("from_ranks") if r["from_ranks"] else "–"
    if pd.isna(r["rank_best"]) or r["rank_best"] == r["rank_worst"]:
        return [own]
    return [own, f"({r['rank_best']:.0f}–{r['rank_worst']:.0f})"]


def due(r: dict) -> bool:
    return pd.notna(r["next_action_due"])


def of_left(page: Page, r: dict) -> str:
    """One event against what is left of the window's budget now."""
    if pd.isna(r["left_minutes"]) or pd.isna(r["event_bad_min"]):
        return "–"
    left = page.say("nothing_left") if r["left_minutes"] <= 0 else text.percent(r["event_of_left"])
    return page.unless_too_little(r["slo_state"], left)


def row(page: Page, r: dict) -> tuple:
    """One record as a row."""
    return (
        rank(page, r),
        [page.to(page.word(r, "title"), "risk", risk=r["risk"]), page.product_name(r["product"])],
        page.minutes(r["bad_minutes_per_year"]),
        text.spread(r["order_share"], r["share_low"], r["share_high"]),
        text.percent(r["event_share"]),
        of_left(page, r),
        page.minutes(r["current_min_per_year"]),
        [page.say(f".status.{r['status']}"), *(page.say(f".flag.{f}") for f in r["flags"])],
        [r["owner"] or "–", *([text.day(r["next_action_due"])] if due(r) else [])],
    )


def ranked(page: Page, frame: pd.DataFrame) -> None:
    """Every open record, by share of its product's year budget."""
    page.section("ranked")
    keys = ("rank", "risk", "minutes", "share", "event", "left", "current", "status", "owner")
    names = [page.say(f"ranked.{c}") for c in keys]
    page.long_table(names, frame, partial(row, page), page.say("ranked.title"), numeric=(0, 2, 3, 4, 5, 6))
    unsure = int((frame["rank_best"] != frame["rank_worst"]).where(frame["rank_best"].notna(), False).sum())
    if unsure:
        st.caption(page.say("unsure", n=unsure))
    page.download(frame, "risk_rank")
    limits = ("days_per_year", "budget_window_days", "single_risk_limit", "must_discuss_event_share")
    inputs = [(page.say(f"input.{name}"), f"{page.policy(name):g}") for name in limits]
    page.explain("risk_share", inputs, [*page.policy_places(*limits), *places(frame)])


page = open_page("risks")
frame = page.query("risks", product=page.product)
if frame.empty:
    page.empty("risks")
    st.stop()
page.of_today_only()
page.page_link(page.say("to_work"), "risk_work")
page.page_link(page.say("to_totals"), "risk_totals")
open_ones = page.once(lambda: frame[frame["is_open"]], "open")
page.section("grid", over=int(open_ones["exceeds_single_risk_limit"].sum()), risks=len(open_ones))
page.part(grid, open_ones)
ranked(page, open_ones)
