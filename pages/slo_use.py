"""SLOs in use: how far each one is lived with, and where reliability is over-provided."""

from collections import Counter
from functools import partial

import streamlit as st

from maturity import text
from maturity.slo_use import RUNGS
from maturity.ui import Page, open_page, place, places

_DRAWN = 8  # nobody decides about more in one meeting; the table below has them all


def ladder(page: Page) -> None:
    """How many SLOs stand on each rung, product by product, and what each one lacks next."""
    frame = page.query("slo_rungs", product=page.product)
    slos = page.once(
        lambda: {slo: rungs.to_dict("records") for slo, rungs in frame.groupby("slo", sort=False)}, "rungs"
    )
    heights = {slo: int(rungs[0]["height"]) for slo, rungs in slos.items()}
    full = sum(height == len(RUNGS) for height in heights.values())
    page.section("ladder", full=full, slos=len(slos))
    by_product = Counter((rungs[0]["product"], heights[slo]) for slo, rungs in slos.items())
    products = list(dict.fromkeys(rungs[0]["product"] for rungs in slos.values()))
    rows = [
        (page.product_name(product), *(by_product[product, height] or "" for height in range(1, len(RUNGS) + 1)))
        for product in sorted(products, key=page.product_name)
    ]
    rows.append((page.say("ladder.all"), *(list(heights.values()).count(h) or "" for h in range(1, len(RUNGS) + 1))))
    heads = [page.say("ladder.product"), *(page.say(f"rung.{rung}") for rung in RUNGS)]
    page.table(heads, rows, page.say("ladder.caption"), numeric=range(1, len(RUNGS) + 1))
    page.explain("ladder", [], page.policy_places("min_coverage", "review_cycle_days"))
    page.section("each")
    names = ("slo", "product", *RUNGS, "next", "place")
    columns = [page.say(f"rung.{name}" if name in RUNGS else f"each.{name}") for name in names]
    page.long_table(columns, list(slos.values()), partial(row, page), page.say("each.title"))
    page.download(lambda: frame.assign(missing=[", ".join(missing) for missing in frame["missing"]]), "slo_ladder")


def row(page: Page, rungs: list[dict]) -> tuple:
    """One SLO: a sign for each rung, and the first thing that is missing with where to write it."""
    first = next((rung for rung in rungs if not rung["met"]), None)
    lacks = [page.say(f"missing.{word}") for word in first["missing"]] if first else [page.say("each.nothing")]
    return (
        page.to(page.word(rungs[0], "name"), "slo", slo=rungs[0]["slo"]),
        page.word(rungs[0], "product_name"),
        *(sign(page, rung) for rung in rungs),
        page.listed(lacks),
        place(first["src_file"], first["src_line"]) if first else "",
    )


def sign(page: Page, rung: dict) -> str:
    """Reached, true without counting, or missing; with the day where there is one."""
    mark = "✓" if rung["reached"] else "(✓)" if rung["met"] else "–"
    if rung["rung"] == "measured" and rung["value"] == rung["value"]:
        return f"{mark} {text.percent(rung['value'])}"
    if rung["rung"] == "decided" and rung["met"] and text.day(rung["on_date"]) == "–":
        return f"{mark} {page.say('nothing_to_decide')}"
    on = text.day(rung["on_date"])
    if rung["rung"] in ("defined", "owned") or on == "–":
        return mark
    if rung["met"]:
        return f"{mark} {on}"
    # Of what is missing, the day says how long: of the last review, and of the first day that waits for a decision.
    return f"{mark} " + page.say("last" if rung["rung"] == "reviewed" else "waits", day=on)


def over_provided(page: Page) -> None:
    """Where the data says that far more reliability is given than promised: three options, and what each would do."""
    frame = page.query("slo_advice", product=page.product)
    found = frame[frame["verdict"] == "over_provided"].to_dict("records")
    page.section("over", found=len(found), slos=len(frame), windows=int(frame["windows"].max() or 0))
    for r in found[:_DRAWN]:
        option(page, r)
    if len(found) > _DRAWN:
        st.caption(page.say("over.more", n=len(found) - _DRAWN))
    if not found:
        st.info(page.say("over.none"), icon=":material/balance:")
    counts = frame["verdict"].value_counts()
    refused = [(page.say(f"verdict.{verdict}"), n) for verdict, n in counts.items() if verdict != "over_provided"]
    page.table([page.say("over.why"), page.say("over.slos")], refused, page.say("over.others"), numeric=(1,))
    names = ("slo", "verdict", "units", "bound", "used", "basis", "place")
    with st.expander(page.say("over.all")):
        heads = [page.say(f"over.{n}") for n in names]
        page.long_table(heads, frame, partial(advice, page), page.say("over.all"), (2, 3, 4))
    page.explain("over_provided", [], [*page.policy_places("min_coverage"), *places(frame)])
    page.download(frame, "slo_advice")


def advice(page: Page, r: dict) -> tuple:
    """What is said of one SLO as a row."""
    return (
        page.to(page.word(r, "name"), "slo", slo=r["slo"]),
        page.say(f"verdict.{r['verdict']}"),
        text.number(r["units"]),
        text.percent(r["upper_bound"], 4),
        text.percent(r["budget_used"]),
        page.word(r, "basis") or page.say("over.no_basis"),
        place(r["src_file"], r["src_line"]),
    )


def option(page: Page, r: dict) -> None:
    """One SLO with its three options side by side."""
    target = text.target(r["target"])
    with st.container(border=True):
        st.markdown(f"**{page.literal(r, 'name')}** ({page.literal(r, 'product_name')})")
        st.markdown(
            page.say("over.sentence", target=target, first=text.day(r["first"]), last=text.day(r["last"]),
                     used=text.percent(r["budget_used"]), free=page.minutes(r["free_minutes"]))
        )  # fmt: skip
        st.markdown(f"{page.say('over.basis_is')} {page.literal(r, 'basis')}")
        keep, tighten, lower = st.columns(3)
        with keep:
            st.markdown(f"**{page.say('over.keep', target=target)}**  \n{page.say('over.keep_text')}")
        with tighten:
            proven = r["tighten_to"] == r["tighten_to"]
            head = (
                page.say("over.tighten", target=text.target(r["tighten_to"])) if proven else page.say("over.tighten_no")
            )
            st.markdown(f"**{head}**  \n{page.say('over.tighten_text' if proven else 'over.tighten_no_text')}")
        with lower:
            lowest = r["lower_to"] != r["lower_to"]
            head = page.say("over.spend") if lowest else page.say("over.lower", target=text.target(r["lower_to"]))
            freed = page.say("over.not_priced")
            if r["freed_per_month"] == r["freed_per_month"]:
                freed = page.say("over.freed", money=f"{text.number(r['freed_per_month'])} {r['currency']}")
            st.markdown(f"**{head}**  \n{freed}")
        inputs = [
            (page.say("over.units"), text.number(r["units"])),
            (page.say("over.bad"), text.number(r["bad_units"], 1)),
            (page.say("over.proving"), text.number(r["proving_units"])),
            (page.say("over.bound"), text.percent(r["upper_bound"], 5)),
            (page.say("over.used"), text.percent(r["budget_used"], 1)),
            (page.say("over.cost_source"), r["cost_source"] or page.say("over.not_priced")),
        ]
        page.explain("over_provided", inputs, [(r["src_file"], r["src_line"])])


page = open_page("slo_use")
if page.query("slo_rungs", product=page.product).empty:
    page.empty("slos")
    st.stop()
page.of_today_only()
ladder(page)
over_provided(page)
