"""Where the error budgets go: all SLOs over months, and one SLO day by day."""

import pandas as pd
import streamlit as st

from maturity import charts, text
from maturity.ui import Page, open_page, place, places


def window(page: Page, r: dict) -> str:
    """The SLO's window in words."""
    return page.say(f"window_{r['window_kind']}", n=r["window_count"], unit=page.say(f"unit_{r['window_unit']}"))


def trend(page: Page, slos: list[tuple[str, str]]) -> list[dict]:
    """Every SLO over the months, or over the days of the chosen month."""
    page.section("trend")
    by = page.switch("by", page.say("by"), ["months", "days"], lambda v: page.say(f"by_{v}"))
    frame = page.query("budget_periods", by=by, product=page.product, month=page.month)
    periods = sorted(set(frame["period"]))
    if by == "months":
        named = [text.month_short(page.language, m, i == 0 or m.endswith("-01")) for i, m in enumerate(periods)]
    else:
        named = [str(int(day[-2:])) for day in periods]
    frame = frame[frame["slo"].isin([slo for slo, _ in slos])]
    frame = frame.assign(shown=[text.percent(v) for v in frame["consumed"]])
    # Thirty columns leave no room for a percentage; a sign still says the state without its colour.
    frame = frame.assign(mark=frame["shown"] if by == "months" else [charts.badge(s)[0] for s in frame["state"]])
    labels = {state: page.say(f".budget_state.{state}") for state in charts.BUDGET}
    page.badges(page.say("legend"), [page.state(state) for state in charts.BUDGET])
    figure = charts.budget_grid(frame, slos, list(zip(periods, named, strict=True)), labels)
    clicked = page.chart(figure, "budgets", page.say("trend.alt"), on_select=True, wide=True)
    page.download(frame.drop(columns=["shown", "mark"]), f"slo_{by}")
    return clicked


def fleet(page: Page, frame: pd.DataFrame) -> None:
    """Every SLO in the chosen month, worst first, with method, coverage and burn rates."""
    page.section("fleet", month=page.month_name)
    burns = page.query("burns").pivot(index="slo", columns="hours", values="burn_rate")
    # Burn rates are those of the snapshot's last hours; an older month has none.
    rows = []
    for r in frame.to_dict("records"):
        rates = " / ".join(text.number(rate, 1) for rate in burns.loc[r["slo"]]) if page.is_latest else "–"
        cells = {
            "slo": page.to(page.word(r, "name"), "error_budgets", slo=r["slo"]),
            "product": page.word(r, "product_name"),
            "state": page.state(r["state"]),
            "since": text.day(r["state_since"]),
            "consumed": text.percent(r["consumed"], 1),
            "left": page.minutes(r["left_minutes"]),
            "coverage": text.percent(r["coverage"]),
            "method": page.say(f".method.{r['method']}"),
            "window": window(page, r),
            "target": text.target(r["target"]),
            "sli": text.percent(r["sli"], 3),
            "burn": rates,
            "basis": page.say("basis_yes") if page.word(r, "basis") else page.say("basis_no"),
        }
        rows.append(cells)
    hours = " / ".join(str(h) for h in burns.columns)
    columns = [page.say(f"fleet.{name}", hours=hours) for name in rows[0]]
    numeric = [i for i, name in enumerate(rows[0]) if name in ("consumed", "left", "coverage", "target", "sli", "burn")]
    page.table(columns, [list(r.values()) for r in rows], page.say("fleet.title", month=page.month_name), numeric)
    page.download(frame, "slo_status")
    page.explain("consumed", [], places(frame))


def one(page: Page, slo: str, names: dict[str, str]) -> None:
    """One SLO: the burn-down with what happened on it, and the figure walked back to its inputs."""
    page.section("one", slo=names[slo])
    row = page.query("slo_one", slo=slo, month=page.month).iloc[0].to_dict()
    figures(page, row)
    days = page.query("slo_days", slo=slo, until=row["day"].date())
    if days["measured"].sum() == 0:
        page.empty("sli")
    else:
        incidents = page.query("slo_incidents", slo=slo, until=row["day"].date())
        incidents = incidents.assign(text=[f"{r['id']} {page.word(r, 'title')}" for r in incidents.to_dict("records")])
        targets = page.query("slo_target_changes", slo=slo)
        shown = targets.dropna(subset=["day"])
        shown = shown.assign(text=[page.say("target_from", target=text.target(t)) for t in shown["target"]])
        labels = {
            "left": page.say("left"),
            "incident": page.say("incident"),
            "day": page.say("day"),
            "deeper": page.say("deeper"),
        }
        page.chart(charts.burn_down(days, incidents, shown, labels), "burn", page.say("one.alt", slo=names[slo]))
        st.caption(page.say(f"burn_read_{row['window_kind']}"))
        page.download(days, f"slo_days_{slo}")
    details(page, row)


def figures(page: Page, row: dict) -> None:
    """The budget's main numbers, each with its way back."""
    sources = page.query("slo_sources", slo=row["slo"])
    lines = [
        (row["src_file"], row["src_line"]),
        *((f, None) for f in sources["src_file"]),
        *page.policy_places("min_coverage"),
    ]
    units = page.say(f".unit.{row['method']}")
    inputs = [
        (
            page.say("input.window"),
            f"{text.day(row['window_start'])} – {text.day(row['window_end'])} ({window(page, row)})",
        ),
        (page.say("input.method"), page.say(f".method.{row['method']}")),
        (page.say("input.target"), text.target(row["target"])),
        (page.say("input.bad", unit=units), text.number(row["bad_units"])),
        (page.say("input.units", unit=units), text.number(row["units"])),
        (page.say("input.allowed", unit=units), text.number(row["allowed_units"], 1)),
        (
            page.say("input.coverage"),
            f"{text.percent(row['coverage'], 1)} "
            f"({text.number(row['buckets'])} / {text.number(row['expected_buckets'])})",
        ),
        (page.say("input.bucket"), page.say("input.seconds", n=text.number(row["bucket_seconds"]))),
    ]
    one_, two, three, four = st.columns(4)
    with one_:
        with st.container(border=True, height=108):
            page.badges(page.say("fleet.state"), [page.state(row["state"])])
        page.explain(
            "budget_state",
            [(page.say("fleet.since"), text.day(row["state_since"]))],
            page.policy_places("at_risk_left", "unspent_consumed", "burn_still"),
        )
    with two:
        page.figure("consumed", text.percent(row["consumed"], 1), inputs, lines)
    with three:
        minutes = [
            (page.say("input.budget_minutes"), page.minutes(row["budget_minutes"], 2)),
            (page.say("fleet.consumed"), text.percent(row["consumed"], 2)),
        ]
        page.figure("left_minutes", page.minutes(row["left_minutes"]), minutes, lines)
    with four:
        page.figure("sli", text.percent(row["sli"], 3), inputs, lines)
    if row["coverage"] == row["coverage"] and row["coverage"] < page.policy("min_coverage"):
        st.warning(page.say("thin", coverage=text.percent(row["coverage"])), icon=":material/data_alert:")
    if row["good"] > row["total"]:
        st.warning(page.say("too_good"), icon=":material/data_alert:")


def details(page: Page, row: dict) -> None:
    """Who agreed to the target and why, what the policy asks for now, and the burn rates."""
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{page.say('policy_says')}** {page.word(row, 'action')}")
        told = {key: page.word(row, key) for key in ("journey", "basis", "description")} | {"owner": row["owner"]}
        for key in ("journey", "basis", "owner", "description"):
            st.markdown(f"**{page.say(key)}** {told[key] or page.say('none')}")
        st.caption(f"{page.say('defined')}: {place(row['src_file'], row['src_line'])}")
    with right:
        burns = page.query("burns")
        rows = [
            (
                page.say("hours", n=r.hours),
                text.number(r.burn_rate, 2),
                text.number(r.bad_units, 0),
                text.number(r.units, 0),
            )
            for r in burns[burns["slo"] == row["slo"]].sort_values("hours").itertuples()
        ]
        page.table(
            [page.say(f"burns.{c}") for c in ("window", "rate", "bad", "units")],
            rows,
            page.say("burns.title"),
            numeric=(1, 2, 3),
        )
        page.explain("burn_rate", [], [(row["src_file"], row["src_line"])])
        sources = page.query("slo_sources", slo=row["slo"])
        files = [
            (r.src_file, f"{r.buckets:,}", text.moment(r.first_start), text.moment(r.last_start))
            for r in sources.itertuples()
        ]
        page.table(
            [page.say(f"files.{c}") for c in ("file", "buckets", "first", "last")],
            files,
            page.say("files.title"),
            numeric=(1,),
        )


page = open_page("error_budgets")
frame = page.query("budgets", month=page.month, product=page.product)
if frame.empty:
    page.empty("slos")
    st.stop()
states = [state for state in charts.BUDGET if state in set(frame["state"])]
wanted = page.choose(
    "state", page.say("state"), states, lambda s: page.say(f".budget_state.{s}"), None, st, page.say("all_states")
)
shown = frame[frame["state"] == wanted] if wanted else frame
names = {r["slo"]: page.word(r, "name") for r in frame.to_dict("records")}
clicked = trend(
    page, [(r["slo"], f"{page.word(r, 'name')} ({page.word(r, 'product_name')})") for r in shown.to_dict("records")]
)
page.take_click("budgets", clicked, ("slo",))
chosen = page.choose("slo", page.say("choose"), list(names), names.get, frame.iloc[0]["slo"])
one(page, chosen, names)
fleet(page, shown)
