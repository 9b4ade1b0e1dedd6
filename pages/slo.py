"""One SLO: where its budget stands, how it got there, what the policy says, and every figure walked back."""

import pandas as pd
import streamlit as st

from maturity import charts, text
from maturity.ui import Page, open_page, place


def one(page: Page, slo: str, names: dict[str, str]) -> None:
    """One SLO: the burn-down with what happened on it, and the figure walked back to its inputs."""
    row = page.query("slo_one", slo=slo, month=page.month).iloc[0].to_dict()
    figures(page, row)
    until = row["day"].date()
    days = page.query("slo_days", slo=slo, since=page.days_from, until=until)
    months = page.query("slo_spent", slo=slo, month=page.month)
    if days["measured"].sum() == 0 and months.empty:
        page.empty("sli")
    else:
        fixed = corrections(page, slo, row)
        page.section("one", now=left_now(page, row))
        if until >= page.days_from:
            burn_down(page, names[slo], row, days, fixed)
        page.days_of_review()
        if row["combine"]:
            members(page, row)
        spent(page, months, row)
        list_of_corrections(page, fixed)
    details(page, row)


def burn_down(page: Page, name: str, row: dict, days: pd.DataFrame, fixed: pd.DataFrame) -> None:
    """What was left on each day, with incidents, corrections and new targets on those days."""
    until, begins = row["day"].date(), days["day"].iloc[0]
    incidents = page.query("slo_incidents", slo=row["slo"], until=until)
    incidents = incidents.assign(text=[f"{r['id']} {page.word(r, 'title')}" for r in incidents.to_dict("records")])
    targets = page.query("slo_target_changes", slo=row["slo"], until=until)
    targets = targets.assign(text=[page.say("target_from", target=text.target(t)) for t in targets["target"]])
    labels = {
        "left": page.say("left"),
        "incident": page.say("incident"),
        "day": page.say("day"),
        "deeper": page.say("deeper"),
        "correction": page.say("correction"),
        "measured_left": page.say("measured_left"),
        "even_left": page.say("even_left"),
    }
    # A frozen review also has the last days of the months before those that it kept.
    shown = [frame[frame["day"] >= begins] for frame in (incidents, targets, fixed)]
    page.chart(charts.burn_down(days, *shown, labels), "burn", page.say("one.alt", slo=name))
    st.caption(page.say(f"burn_read_{row['window_kind']}"))
    page.download(days, f"slo_days_{row['slo']}")


def left_now(page: Page, row: dict) -> str:
    """Where the line of the burn-down ends, in words; the state where its end is not to be judged."""
    if row["state"] in (charts.TOO_LITTLE, "no_data") or pd.isna(row["budget_left"]):
        return page.say(f".budget_state.{row['state']}")
    left = row["budget_left"]
    return page.say("one.over" if left < 0 else "one.rest", share=text.percent(abs(left), 1))


def corrections(page: Page, slo: str, row: dict) -> pd.DataFrame:
    """Occurrences of corrections up to the chosen month, newest first, with what is told of each."""
    frame = page.query("slo_corrections", slo=slo, until=row["day"].date())
    kinds = [page.say(f".category.{kind}") for kind in frame["category"]]
    reasons = [page.word(r, "reason") for r in frame.to_dict("records")]
    return frame.assign(text=[f"{kind}: {reason}" for kind, reason in zip(kinds, reasons, strict=True)])


def members(page: Page, row: dict) -> None:
    """What a composite is made of, and which member spends it."""
    frame = page.query("slo_members", slo=row["slo"], month=page.month)
    if frame.empty:  # of a review that was frozen before members were counted
        return
    weighted = row["combine"] == "weighted"
    first = frame.iloc[0].to_dict()
    if pd.isna(first["part"] if weighted else first["sli"]):
        st.subheader(page.say(f"members_{row['combine']}.unspent"))
        st.caption(page.say(f"members_{row['combine']}.read"))
    else:
        share, sli = text.percent(first["part"]), text.percent(first["sli"], 3)
        page.section(f"members_{row['combine']}", name=page.word(first, "name"), share=share, sli=sli)
    columns = ["slo", *(["weight", "part"] if weighted else []), "sli", "coverage", "target", "state"]
    rows = [
        (
            page.to(page.word(r, "name"), "slo", slo=r["slo"]),
            *((f"{r['weight']:g}", text.percent(r["part"], 1)) if weighted else ()),
            text.percent(r["sli"], 3),
            text.percent(r["coverage"], 1),
            text.target(r["target"]),
            page.state(r["state"]),
        )
        for r in frame.to_dict("records")
    ]
    names = [page.say(f"members.{column}") for column in columns]
    page.table(names, rows, page.say("members.slo"), numeric=range(1, len(columns) - 1))
    page.download(frame, f"slo_members_{row['slo']}")


def spent(page: Page, frame: pd.DataFrame, row: dict) -> None:
    """Which month spent how much, whatever windows were reset in between."""
    if frame.empty:  # of a review that was frozen before months were summed
        return
    shown = [
        page.unless_too_little(state, text.percent(v)) for state, v in zip(frame["state"], frame["spent"], strict=True)
    ]
    frame = frame.assign(shown=shown)
    judged = frame[frame["state"] != charts.TOO_LITTLE]
    worst = judged.loc[judged["spent"].idxmax()] if judged["spent"].notna().any() else None
    if worst is None:
        now = page.say(f".budget_state.{charts.TOO_LITTLE if len(judged) < len(frame) else 'no_data'}")
    else:
        month = text.month(page.language, worst["month"])
        now = page.say("spent.worst", month=month, share=text.percent(worst["spent"]))
    page.section("spent", now=now)
    labels = {"month": page.say(".frame.month"), "spent": page.say("spent.axis")}
    page.chart(charts.spent_by_month(frame, labels), "spent", page.say("spent.alt"))
    page.explain("spent_by_month", [], [(row["src_file"], row["src_line"])])
    page.download(frame.drop(columns=["shown", "state"]), f"slo_spent_{row['slo']}")


def list_of_corrections(page: Page, frame: pd.DataFrame) -> None:
    """Who left what out, when and why."""
    if frame.empty:
        return
    page.section("corrections")
    rows = [
        (text.moment(r["starts_at"]), text.moment(r["ends_at"]), len(times), page.say(f".effect.{r['effect']}"),
         r["text"], r["author"], text.day(r["recorded_on"]), place(r["src_file"], r["src_line"]))
        for _, times in frame.groupby("id", sort=False)
        for r in [times.iloc[0].to_dict()]
    ]  # fmt: skip
    names = ("starts", "ends", "times", "effect", "reason", "author", "recorded", "place")
    page.table([page.say(f"corrections.{name}") for name in names], rows, page.say("corrections.title"), numeric=(2,))
    page.download(frame.drop(columns="text"), "slo_corrections")


def figures(page: Page, row: dict) -> None:
    """The budget's main numbers, each with its way back."""
    sources = page.query("slo_sources", slo=row["slo"], month=page.month)
    lines = [
        (row["src_file"], row["src_line"]),
        *((f, None) for f in sources["src_file"]),
        *page.policy_places("min_coverage"),
    ]
    units = page.say(f".unit.{row['method']}")
    inputs = [
        (
            page.say("input.window"),
            f"{text.day(row['window_start'])} – {text.day(row['window_end'])} ({page.window(row)})",
        ),
        (page.say("input.method"), page.say(f".method.{row['method']}")),
        *joined(page, row),
        (page.say("input.target"), text.target(row["target"])),
        (page.say("input.bad", unit=units), text.number(row["bad_units"])),
        (page.say("input.units", unit=units), text.number(row["units"])),
        (page.say("input.allowed", unit=units), text.number(row["allowed_units"], 1)),
        (page.say("input.coverage"), measured(row)),
        (page.say("input.uncorrected"), text.percent(row["measured_consumed"], 2)),
        (page.say("input.bucket"), page.say("input.seconds", n=text.number(row["bucket_seconds"]))),
    ]
    one_, two, three, four = st.columns(4)
    with one_:
        with st.container(border=True, height=108):
            page.badges(page.say("fleet.state"), [page.state(row["state"])])
        page.explain(
            "budget_state",
            [(page.say("fleet.since"), text.day(row["state_since"]))],
            page.policy_places("at_risk_left", "unspent_consumed", "burn_still", "forecast_from"),
        )
    consumed, left = page.consumed_and_left(row)
    with two:
        page.figure("consumed", consumed, inputs, lines)
    with three:
        minutes = [
            (page.say("input.budget_minutes"), page.minutes(row["budget_minutes"], 2)),
            (page.say("fleet.consumed"), text.percent(row["consumed"], 2)),
        ]
        page.figure("left_minutes", left, minutes, lines)
    with four:
        page.figure("sli", text.percent(row["sli"], 3), inputs, lines)
    if row["state"] == charts.TOO_LITTLE:
        st.info(page.say("too_little", allowed=text.number(row["allowed_failures"], 2)), icon=":material/info:")
    else:
        outlook(page, row)
    if row["coverage"] == row["coverage"] and row["coverage"] < page.policy("min_coverage"):
        st.warning(page.say("thin", coverage=text.percent(row["coverage"])), icon=":material/data_alert:")
    if row["good"] > row["total"]:
        st.warning(page.say("too_good"), icon=":material/data_alert:")


def measured(row: dict) -> str:
    """Coverage, with the buckets that it counts; that of a composite counts its members."""
    share = text.percent(row["coverage"], 1)
    if row["combine"]:
        return share
    return f"{share} ({text.number(row['buckets'])} / {text.number(row['expected_buckets'])})"


def joined(page: Page, row: dict) -> list[tuple[str, str]]:
    """How a composite joins how many members, as an input of its figures."""
    if not row["combine"]:
        return []
    count = len(page.query("slo_members", slo=row["slo"], month=page.month))
    return [(page.say("input.combine"), page.say(f"input.{row['combine']}", n=count))] if count else []


def outlook(page: Page, row: dict) -> None:
    """How long the budget lasts if every day is as the last one, in a sentence with its method."""
    rate = text.number(row["burn_rate_1d"], 2)
    if row["days_left"] == 0 or row["burn_rate_1d"] != row["burn_rate_1d"]:
        return
    inputs = [(page.say("input.rate"), rate), (page.say("fleet.consumed"), text.percent(row["consumed"], 1))]
    if row["window_kind"] == "calendar" and row["window_end"] > row["day"]:
        st.markdown(
            page.say(
                "outlook.calendar", rate=rate, end=text.percent(row["end_consumed"]), day=text.day(row["window_end"])
            )
        )
    elif row["days_left"] == row["days_left"] and row["days_left"] * 1440 <= row["window_minutes"]:
        st.markdown(page.say("outlook.rolling", rate=rate, days=text.number(row["days_left"], 1)))
    else:
        st.markdown(page.say("outlook.lasts", rate=rate))
    page.explain("days_left", inputs, [(row["src_file"], row["src_line"])])


def length(page: Page, minutes: int) -> str:
    """A burn window in hours, or in minutes where it is shorter."""
    return page.say("burns.minutes", n=minutes) if minutes < 60 else page.say("burns.hours", n=f"{minutes / 60:g}")


def details(page: Page, row: dict) -> None:
    """Who agreed to the target and why, what the policy asks for now, and the burn rates."""
    left, right = st.columns([2, 3])
    with left:
        st.markdown(f"**{page.say('policy_says')}** {page.literal(row, 'action')}")
        told = {key: page.literal(row, key) for key in ("journey", "basis", "policy", "description")} | {
            "owner": text.literal(row["owner"] or "")
        }
        for key in ("journey", "basis", "policy", "owner", "description"):
            st.markdown(f"**{page.say(key)}** {told[key] or page.say('none')}")
        where = text.literal(f"{place(row['src_file'], row['src_line'])} ({row['format']})")
        st.caption(page.named(page.say("defined"), where))
    with right:
        page.of_today_only()
        alerts = page.query("burn_alerts")
        alerts = alerts[alerts["slo"] == row["slo"]]
        rows = [
            (
                page.say(f"burns.{r.action}"),
                " / ".join(length(page, minutes) for minutes in (r.long_minutes, r.short_minutes)),
                text.number(r.threshold, 2),
                page.minutes(r.outage_minutes),
                f"{text.number(r.long_burn_rate, 2)} / {text.number(r.short_burn_rate, 2)}",
                page.say("burns.fires" if r.fires else "burns.never" if r.reachable is False else "burns.quiet"),
            )
            for r in alerts.itertuples()
        ]
        page.table(
            [page.say(f"burns.{c}") for c in ("alert", "window", "threshold", "outage", "rate", "now")],
            rows,
            page.say("burns.title"),
            numeric=(2, 3, 4),
        )
        page.explain(
            "burn_rate",
            [],
            [(row["src_file"], row["src_line"]), *zip(alerts["src_file"], alerts["src_line"], strict=True)],
        )
    files(page, row)


def files(page: Page, row: dict) -> None:
    """What the figures were measured from, up to the chosen month."""
    frame = page.query("slo_sources", slo=row["slo"], month=page.month)
    rows = [
        (r.src_file, f"{r.buckets:,}", text.moment(r.first_start), text.moment(r.last_start))
        for r in frame.itertuples()
    ]
    names = [page.say(f"files.{c}") for c in ("file", "buckets", "first", "last")]
    title = page.say("files.title", day=text.day(row["day"]))
    st.caption(title)
    page.table(names, rows, title, numeric=(1,))


page = open_page("slo")
frame = page.query("budgets", month=page.month, product=page.product)
if frame.empty:
    page.empty("slos")
    st.stop()
names = {r["slo"]: f"{page.word(r, 'name')} ({page.word(r, 'product_name')})" for r in frame.to_dict("records")}
chosen = page.choose("slo", page.say("choose"), list(names), names.get, frame.iloc[0]["slo"])
one(page, chosen, names)
page.decisions(slo=chosen)
