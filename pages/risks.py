"""Which latent risks we carry: the heatmap, the ranked list, and one record whole."""

import json

import pandas as pd
import streamlit as st

from maturity import charts, text
from maturity.ui import Page, open_page, place, places

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
    left, right = st.columns([3, 2])
    with left:
        cells = [
            {
                "likelihood": key[0],
                "impact": key[1],
                "count": len(group),
                "text": "<br>".join(_line(page, r) for r in group.to_dict("records")),
            }
            for key, group in placed.groupby([rows_, columns_])
        ]
        likelihoods = [page.say(f"likelihood_{n}") for n in range(1, 6)]
        impacts = [page.say(f"impact_{n}") for n in range(1, 6)]
        labels = {"impact": page.say("impact"), "likelihood": page.say("likelihood")}
        table = pd.DataFrame(cells, columns=["likelihood", "impact", "count", "text"])
        figure = charts.risk_grid(table, likelihoods, impacts, labels)
        clicked = page.chart(figure, "grid", page.say("grid.alt"), on_select=True)
    with right:
        if clicked and "customdata" in clicked[0]:
            likelihood, impact = clicked[0]["customdata"]
            inside = placed[(placed[rows_] == likelihood) & (placed[columns_] == impact)]
            st.markdown(f"**{page.say('inside', n=len(inside))}**")
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
        said = (
            page.say("ranks_say", likelihood=r["ranks_likelihood"], impact=r["ranks_potential_impact"])
            if ranks
            else text.percent(r["budget_share"], 1)
        )
        rows.append((page.to(page.word(r, "title"), "risks", risk=r["risk"]), page.product_name(r["product"]), said))
    if rows:
        page.table(
            [page.say("risk"), page.say(".frame.product"), page.say("share" if not ranks else "ranks")],
            rows,
            page.say("risk"),
        )


def _line(page: Page, r: dict) -> str:
    return f"{page.product_name(r['product'])}: {page.word(r, 'title')}"


def ranked(page: Page, frame: pd.DataFrame) -> None:
    """Every open record, by share of its product's year budget."""
    page.section("ranked")
    rows = []
    for r in frame.to_dict("records"):
        rows.append(
            (
                r["position"] or "–",
                page.to(page.word(r, "title"), "risks", risk=r["risk"]),
                page.product_name(r["product"]),
                page.minutes(r["bad_minutes_per_year"]),
                text.percent(r["budget_share"], 1),
                text.percent(r["event_share"]),
                page.minutes(r["current_min_per_year"]),
                page.say(f".status.{r['status']}"),
                page.listed(page.say(f".flag.{f}") for f in r["flags"]),
                r["owner"] or "–",
                text.day(r["next_action_due"]),
            )
        )
    names = ("rank", "risk", "product", "minutes", "share", "event", "current", "status", "flags", "owner", "due")
    page.table([page.say(f"ranked.{c}") for c in names], rows, page.say("ranked.title"), numeric=(0, 3, 4, 5, 6))
    page.download(frame, "risk_rank")
    totals = frame.groupby("product", sort=False).agg(
        share=("budget_share", lambda s: s.sum(min_count=1)), n=("risk", "size")
    )
    totals = totals.dropna().sort_values("share", ascending=False).reset_index()
    if len(totals):
        page.section("totals")
        bars = pd.DataFrame(
            {
                "name": [page.product_name(p) for p in totals["product"]],
                "value": totals["share"],
                "text": [text.percent(v, 1) for v in totals["share"]],
                "colour": [charts.BUDGET["exhausted" if v > 1 else "met"][1] for v in totals["share"]],
            }
        )
        page.chart(charts.bars(bars, {"value": page.say("totals.value")}), "totals", page.say("totals.alt"))
    limits = ("days_per_year", "budget_window_days", "single_risk_limit", "must_discuss_event_share")
    inputs = [(page.say(f"input.{name}"), f"{page.policy(name):g}") for name in limits]
    page.explain("risk_share", inputs, [*page.policy_places(*limits), *places(frame)])


def record(page: Page, risk: str) -> None:
    """One record: summary, log, cause, response policy, next action, and how it was priced."""
    row = page.query("risk_record", risk=risk).iloc[0].to_dict()
    st.header(page.word(row, "title"))
    facts = (
        risk,
        page.say(f".status.{row['status']}"),
        page.say(f".risk_category.{row['category']}"),
        f"{page.say('owner')}: {row['owner'] or '–'}",
        place(row["src_file"], row["src_line"]),
    )
    st.caption(" · ".join(facts))
    left, right = st.columns([3, 2])
    with left:
        _part(page, "summary", page.word(row, "summary"))
        _part(
            page,
            "found",
            page.say(
                "found_text",
                at=text.day(row["detected_at"]),
                by=row["detected_by"],
                via=page.say(".via." + row["detected_via"]),
            )
            + _measured(row),
        )
        _part(page, "cause", _or_dash(page.word(row, "cause_text")) + _confidence(page, row))
        _part(page, "policy", _or_dash(page.word(row, "response_policy_text")))
        _part(
            page,
            "fix",
            page.say(
                "fix_text",
                provisional=_or_dash(page.word(row, "fix_state_provisional")),
                permanent=_or_dash(page.word(row, "fix_state_permanent")),
            ),
        )
        _part(page, "next_action", _action(page, row))
        if pd.notna(row["acceptance_expires"]):
            _part(
                page,
                "acceptance",
                page.say(
                    "acceptance_text",
                    approver=row["acceptance_approver"],
                    expires=text.day(row["acceptance_expires"]),
                    reason=page.word(row, "acceptance_reason"),
                ),
            )
    with right:
        scores = page.query("risk_scores", risk=risk)
        rows = [
            (
                page.product_name(s["product"]),
                page.minutes(s["bad_minutes_per_year"]),
                text.percent(s["budget_share"], 1),
                page.minutes(s["residual_min_per_year"]),
                page.minutes(s["current_min_per_year"]),
            )
            for s in scores.to_dict("records")
        ]
        page.table(
            [page.say(f"price.{c}") for c in ("product", "minutes", "share", "after", "current")],
            rows,
            page.say("price.title"),
            numeric=(1, 2, 3, 4),
        )
        price(page, row, scores)
        if len(row["flags"]):
            st.warning(" · ".join(page.say(f".flag.{f}") for f in row["flags"]), icon=":material/flag:")
        related(page, row)
    st.markdown(f"**{page.say('log')}**")
    entries = sorted(json.loads(row["log"]), key=lambda e: e["at"], reverse=True)
    page.table(
        [page.say(f"log_{c}") for c in ("at", "by", "kind", "text")],
        [(e["at"], e["by"], page.say(f".log_kind.{e['kind']}"), e["text"][page.language]) for e in entries],
        page.say("log"),
    )


def price(page: Page, row: dict, scores: pd.DataFrame) -> None:
    """The formula with this record's own numbers."""
    first = scores.iloc[0]
    if row["kind"] == "factor":
        inputs = [
            (page.say("input.detect_plus"), f"{row['risk_factor_ettd_plus_min']:g}"),
            (page.say("input.repair_plus"), f"{row['risk_factor_ettr_plus_min']:g}"),
            (page.say("input.frequency_plus"), text.percent(row["risk_factor_frequency_plus"])),
            (page.say("input.reach"), text.number(first["sum_users_times_frequency"], 4)),
        ]
        page.explain("risk_factor", inputs, [(row["src_file"], row["src_line"])])
    elif pd.notna(row["cre_ettd_min"]):
        inputs = [
            (page.say("input.ettd"), f"{row['cre_ettd_min']:g}"),
            (page.say("input.ettr"), f"{row['cre_ettr_min']:g}"),
            (page.say("input.users"), text.percent(row["cre_users_affected"])),
            (page.say("input.ettf"), f"{row['cre_ettf_days']:g}"),
            (page.say("input.basis"), page.say(f".basis.{row['cre_basis']}")),
            (page.say("input.budget"), page.minutes(first["budget_min_per_year"], 2)),
            (page.say("input.event"), page.minutes(first["event_bad_min"], 2)),
            (page.say("input.per_year"), text.number(first["incidents_per_year"], 4)),
        ]
        page.explain(
            "risk_minutes", inputs, [(row["src_file"], row["src_line"]), (first["slo_file"], first["slo_line"])]
        )
    else:
        st.info(page.say("unscored_read"), icon=":material/help:")


def related(page: Page, row: dict) -> None:
    """Practices, SLOs and incidents the record names."""
    names = page.query("practices")
    practices = names[names["id"].isin(list(row["links_practices"]))]
    for r in practices.to_dict("records"):
        page.page_link(page.word(r, "name"), "guide_map", practice=r["id"])
    slos = page.query("slo_names")
    for r in slos[slos["id"].isin(list(row["links_slos"]))].to_dict("records"):
        page.page_link(page.word(r, "name"), "slo", slo=r["id"])
    incidents = page.query("incident_names")
    found = incidents[incidents["id"].isin(list(row["links_incidents"]))]
    if len(found):
        rows = [(text.day(r["started_at"]), page.word(r, "title")) for r in found.to_dict("records")]
        page.table([page.say("log_at"), page.say("incidents")], rows, page.say("incidents"))


def _part(page: Page, key: str, body: str) -> None:
    st.markdown(f"**{page.say(key)}**  \n{body}")


def _or_dash(value: object) -> str:
    return value if isinstance(value, str) else "–"


def _measured(row: dict) -> str:
    if not isinstance(row["detected_observed"], str):
        return ""
    return f" ({row['detected_metric']}: {row['detected_observed']} / {row['detected_limit']})"


def _confidence(page: Page, row: dict) -> str:
    return (
        f" ({page.say('confidence')}: {page.say('.confidence.' + row['cause_confidence'])})"
        if isinstance(row["cause_confidence"], str)
        else ""
    )


def _action(page: Page, row: dict) -> str:
    body = page.word(row, "next_action_text")
    if not isinstance(body, str):
        return page.say("no_action")
    due = text.day(row["next_action_due"])
    return page.say(
        "action_text",
        text=body,
        owner=row["next_action_owner"] or "–",
        due=due,
        n=int(row["next_action_times_postponed"] or 0),
    )


page = open_page("risks")
frame = page.query("risks", product=page.product)
if frame.empty:
    page.empty("risks")
    st.stop()
titles = {r["risk"]: page.word(r, "title") for r in frame.to_dict("records")}
chosen = page.choose("risk", page.say("choose"), list(titles), titles.get, None, st, page.say("choose_hint"))
if chosen:
    record(page, chosen)
    st.divider()
open_ones = frame[frame["is_open"]]
grid(page, open_ones)
ranked(page, open_ones)
