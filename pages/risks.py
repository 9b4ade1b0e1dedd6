"""Which latent risks we carry: the heatmap with what lies beside it, and the ranked list."""

from itertools import takewhile

import pandas as pd
import streamlit as st

from maturity import charts, text
from maturity.ui import Page, open_page, places

VIEWS = {
    "potential": ("likelihood_band", "impact_band"),
    "current": ("likelihood_band", "current_band"),
    "after_plan": ("residual_likelihood_band", "residual_impact_band"),
}


def grid(page: Page, frame: pd.DataFrame) -> None:
    """Likelihood against impact, and beside it what has no place in the grid."""
    page.section("grid")
    view = page.switch("view", page.say("view"), list(VIEWS), lambda v: page.say(f"view_{v}"))
    st.caption(page.say(f"view_{view}_read"))
    rows_, columns_ = VIEWS[view]
    placed = frame[frame[rows_].notna() & frame[columns_].notna()]
    if view == "current":
        st.caption(page.say("not_now", n=int((placed[columns_] == 0).sum())))
        placed = placed[placed[columns_] > 0]
    common = "".join(letters[0] for letters in takewhile(lambda s: len(set(s)) == 1, zip(*frame["risk"], strict=False)))
    prefix = common.rfind("-") + 1  # whole parts only: SRR-2026-, not SRR-2026-0
    left, right = st.columns([3, 2])
    with left:
        cells = [
            {
                "likelihood": key[0],
                "impact": key[1],
                "count": group["risk"].nunique(),
                "ids": _ids(list(dict.fromkeys(group["risk"])), prefix),
                "text": "<br>".join(_line(page, r) for r in group.to_dict("records")),
            }
            for key, group in placed.groupby([rows_, columns_])
        ]
        likelihoods = [page.say(f"likelihood_{n}") for n in range(1, 6)]
        impacts = [page.say(f"impact_{n}") for n in range(1, 6)]
        labels = {"impact": page.say("impact"), "likelihood": page.say("likelihood")}
        table = pd.DataFrame(cells, columns=["likelihood", "impact", "count", "ids", "text"])
        figure = charts.risk_grid(table, likelihoods, impacts, labels)
        clicked = page.chart(figure, "grid", page.say("grid.alt"), on_select=True)
    with right:
        if clicked and "customdata" in clicked[0]:
            likelihood, impact = clicked[0]["customdata"]
            inside = placed[(placed[rows_] == likelihood) & (placed[columns_] == impact)]
            st.markdown(f"**{page.say('inside', n=inside['risk'].nunique())}**")
            _links(page, inside)
        tray(page, frame, view)


def tray(page: Page, frame: pd.DataFrame, view: str) -> None:
    """Open records without a place in the grid: never drawn as zero, never as the maximum."""
    rows_, columns_ = VIEWS[view]
    factors = frame[frame["kind"] == "factor"]
    unscored = frame[(frame["kind"] == "event") & (frame[rows_].isna() | frame[columns_].isna())]
    st.markdown(f"**{page.say('tray', n=len(unscored))}**")
    st.caption(page.say(f"tray_{view}"))
    _links(page, unscored, ranks=True)
    if len(factors):
        st.markdown(f"**{page.say('factors', n=len(factors))}**")
        _links(page, factors)
    discuss = frame[frame["must_discuss"]]
    st.markdown(f"**{page.say('discuss', n=len(discuss))}**")
    st.caption(page.say("discuss_read"))
    _links(page, discuss)


def _links(page: Page, frame: pd.DataFrame, ranks: bool = False) -> None:
    rows = []
    for r in frame.to_dict("records"):
        said = "–" if ranks else text.percent(r["budget_share"], 1)
        if ranks and pd.notna(r["ranks_likelihood"]):
            likelihood, impact = int(r["ranks_likelihood"]), int(r["ranks_potential_impact"])
            said = page.say("ranks_say", likelihood=likelihood, impact=impact)
        rows.append((page.to(page.word(r, "title"), "risk", risk=r["risk"]), page.product_name(r["product"]), said))
    if rows:
        page.table(
            [page.say("risk"), page.say(".frame.product"), page.say("share" if not ranks else "ranks")],
            rows,
            page.say("risk"),
        )


def _ids(ids: list[str], prefix: int) -> str:
    """The ends of the ids, without what all have in common; as many as find room in a cell."""
    ends = [key[prefix:] or key for key in ids]
    return " ".join(ends[:3]) + (" …" if len(ends) > 3 else "")


def _line(page: Page, r: dict) -> str:
    return f"{r['risk']} {page.product_name(r['product'])}: {page.word(r, 'title')}"


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
    return page.say("nothing_left") if r["left_minutes"] <= 0 else text.percent(r["event_of_left"])


def ranked(page: Page, frame: pd.DataFrame) -> None:
    """Every open record, by share of its product's year budget."""
    page.section("ranked")
    rows = []
    for r in frame.to_dict("records"):
        rows.append(
            (
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
        )
    keys = ("rank", "risk", "minutes", "share", "event", "left", "current", "status", "owner")
    names = [page.say(f"ranked.{c}") for c in keys]
    page.table(names, rows, page.say("ranked.title"), numeric=(0, 2, 3, 4, 5, 6))
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
page.page_link(page.say("to_work"), "risk_work")
page.page_link(page.say("to_totals"), "risk_totals")
open_ones = frame[frame["is_open"]]
grid(page, open_ones)
ranked(page, open_ones)
