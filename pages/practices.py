"""Which product has adopted what, what regressed, and which claims to look at."""

from functools import partial

import pandas as pd
import streamlit as st

from maturity import cells, charts, drawn, text
from maturity import matrix as adoption
from maturity.ui import Page, open_page, place, places

_FIRST = 8  # regressions above the map; the others are one click away

CELL = ("cell_product", "practice")  # keys of the link: the one cell that is open


def legend(page: Page) -> None:
    """Every state with its sign and colour."""
    page.badges(page.say("legend"), [page.state(state) for state in charts.PRACTICE])


def whole(page: Page) -> adoption.Shown:
    """The map without any filter."""
    products = page.query("adoption_matrix", month=page.month, product=page.product)
    return page.once(lambda: adoption.whole(products, page.query("practices")), "whole")


def matrix(page: Page) -> None:
    """The adoption map, and what can be chosen of it."""
    drawn.matrix(
        "matrix", page.once(lambda: map_of(page), "map"), CELL, "cell", ("one-cell",), partial(shown_states, page)
    )


def heading(page: Page) -> dict[str, str]:
    """What the title of the map says."""
    return {"share": text.percent(adoption.adopted_share(whole(page))), "month": page.month_name}


def map_of(page: Page) -> str:
    """The map as the browser draws it."""
    every = whole(page)
    states = {state: page.say(f".practice_state.{state}") for state in charts.PRACTICE}
    columns = (every.practices[column] for column in ("category", f"category_name_{page.language}"))
    fields = adoption.fields(every, page.say, states, dict(zip(*columns, strict=True)))
    labels = {"tier": "tier", "level": "reached"}
    groups = {key: dict(field["options"]) for key, of in labels.items() for field in fields if field["key"] == of}
    counts = {"products": len(every.products), "practices": len(every.practices), "n": "{n}", "m": "{m}"}
    words = {
        "title": page.say("matrix.title", **heading(page)),
        "product": page.say(".frame.product"),
        "practice": page.say("practice"),
        "shown": page.say("matrix.shown", **counts),
        "save": page.say(".download"),
        **{key: page.say(f"matrix.{key}") for key in ("total", "adopters", "opened", "no_tag", "nothing")},
    }
    bar = {
        "page": page.key,
        "fields": fields,
        "words": {key: page.say(f"matrix.{key}") for key in ("filters", "clear")},
    }
    told = adoption.drawing(every, page.language, states, groups) | {"words": words, "choices": bar}
    return drawn.packed(told)


def shown_states(page: Page, asked: dict) -> tuple[str, pd.DataFrame]:
    """A file of what is shown."""
    states = page.query("practice_states", month=page.month, product=page.product)
    rows = adoption.rows_of(states, asked["products"], asked["practices"])
    return "practice_states", rows.drop(columns=["done"])


def cell(page: Page) -> None:
    """One practice on one product, chosen here or by a click on the map."""
    row = page.row("one-cell")
    names, products = page.once(lambda: of_cells(page), "of cells")
    product = page.choose(CELL[0], page.say(".frame.product"), products, page.product_name, products[0], row)
    practice = page.choose(CELL[1], page.say("practice"), list(names), names.get, None, row, page.say("cell.choose"))
    if practice:
        one_cell(page, product, practice, names[practice])


def of_cells(page: Page) -> tuple[dict[str, str], list[str]]:
    """Practices with their names, and products, that have a cell."""
    every = whole(page)
    names = dict(zip(every.practices["id"], every.practices[f"name_{page.language}"], strict=True))
    return names, list(every.products["product"])


def one_cell(page: Page, product: str, practice: str, name: str) -> None:
    """Checklist, evidence, history and how the state came about."""
    state = page.query("practice_cell", month=page.month, product=product, practice=practice).iloc[0].to_dict()
    st.markdown(f"#### {text.literal(page.product_name(product))}: {text.literal(name)}")
    told = page.query("practice_history", product=product, practice=practice, until=page.month)
    said = None if told.empty else told.iloc[0]["said"]
    page.draw(lambda: drawn.opened(product, practice) + stated(page, state, said, name), "stated", product, practice)
    if state["signal"]:
        seen = page.say(
            f"cell.{state['signal_verdict']}", name=page.word(state, "signal_name"), found=state["signal_found"],
            expected=state["signal_expected"] or "–", on=text.day(state["signal_on"]), source=state["signal_source"],
            place=place(state["signal_file"], state["signal_line"]),
        )  # fmt: skip
        tell = st.error if state["signal_verdict"] == "contradicts" else st.success
        tell(text.literal(seen), icon=":material/sensors:")
    if state["grace"]:
        until = text.day(state["grace_until"])
        st.info(page.say(f"cell.grace_{state['grace']}", until=until), icon=":material/update:")
    if state["exemption"] and state["exemption"] != "active":
        until = text.day(state["exemption_until"])
        st.warning(page.say(f"cell.exemption_{state['exemption']}", until=until), icon=":material/filter_alt:")
    if state["provider"]:
        provider = text.literal(page.product_name(state["provider"]))
        st.info(page.say("cell.inherited", provider=provider), icon=":material/link:")
    page.draw(lambda: checked(page, state, said) + history(page, told), "behind", product, practice)
    page.page_link(page.say("cell.how"), "guide_map", practice=practice)
    inputs = [
        (page.say("cell.items"), items_done(page, state, said)),
        (page.say("cell.confirmed"), text.day(state["confirmed_on"])),
        (page.say("cell.review_days"), str(state["review_days"])),
        (page.say("cell.judged_on"), text.day(state["as_of"])),
    ]
    sources = [(state["src_file"], state["src_line"]), (state["map_file"], state["map_line"])]
    page.explain("practice_state", inputs, sources)


def stated(page: Page, state: dict, said: str | None, name: str) -> str:
    """The state with what it rests on."""
    row = (
        page.state(state["state"]),
        items_done(page, state, said),
        text.day(state["confirmed_on"]),
        page.say(f".evidence.{state['evidence_kind'] or 'none'}"),
        state["assessor"] or "–",
        place(state["src_file"], state["src_line"]) or "–",
    )
    columns = [page.say(f"cell.{c}") for c in ("state", "items", "confirmed", "evidence", "assessor", "source")]
    return cells.table(columns, [row], name)


def items_done(page: Page, state: dict, said: str | None) -> str:
    """How much of the checklist is done, as it was answered: a share of the whole counts no items."""
    if said == "share":
        return page.say(".said.share", share=text.percent(state["share"]))
    return f"{state['items_done']} / {state['items_total']}"


def checked(page: Page, state: dict, said: str | None) -> str:
    """The checklist of the month, and which of its items are done, as far as somebody said so."""
    asked = page.query("checklist", practice=state["practice"], month=page.month).to_dict("records")
    unknown = said in ("share", "inherited") and 0 < state["share"] < 1
    signs = ["?" if unknown else "✓" if ticked(state, said, item) else "☐" for item in asked]
    items = [f"{sign} {item[page.language]}" for sign, item in zip(signs, asked, strict=True)]
    read = page.say(f"cell.items_{said}") if unknown else None
    return cells.under(page.say("cell.checklist"), read) + cells.items(items)


def ticked(state: dict, said: str | None, item: dict) -> bool:
    """Whether an item is done. All of them are where all were said to be; one that came later waits for its answer."""
    if state["done"] is not None:
        return item["id"] in set(state["done"])
    later = pd.notna(item["added_on"]) and item["added_on"] > state["assessed_on"]
    return not later if said == "adopted" else state["share"] >= 1


def history(page: Page, frame: pd.DataFrame) -> str:
    """Everything that was said about a practice on a product, latest first."""
    title = page.say("cell.history")
    if frame.empty:
        return cells.under(title, page.say("cell.no_history"))
    said = [
        (
            text.day(r.assessed_on),
            r.assessor,
            page.say(f".said.{r.said}", done=r.done, total=r.total, share=text.percent(r.share)),
            r.evidence_url or "",
            r.note or "",
            place(r.src_file, r.src_line),
        )
        for r in frame.itertuples()
    ]
    columns = [page.say(f"cell.{c}") for c in ("on", "assessor", "said", "evidence", "note", "source")]
    return cells.under(title) + cells.table(columns, said, title)


def regressions(page: Page) -> None:
    """Falls up to the chosen month: open regressions first, what was won back and what is no regression below."""
    page.section("falls", month=page.month_name)
    frame = page.query("falls", month=page.month, only=False, product=page.product)
    parts = page.once(lambda: parted(frame), "falls")
    if parts["regressions"].empty:
        st.caption(page.say("falls.none"))
    for part, rows in parts.items():
        if len(rows):
            title = page.say(f"falls.{part}", n=len(rows))
            if part == "regressions":
                title = page.say("falls.regressions", n=len(rows) + len(parts["more"]))
                listed(page, part, rows, title)
            else:
                page.fold(part, title, partial(listed, part=part, rows=rows, caption=title))
    page.explain(
        "regression",
        [],
        [
            *page.policy_places("held_assessments", "held_days", "mature_level", "mature_assessments", "grace_days"),
            *zip(frame["after_file"], frame["after_line"], strict=True),
        ],
    )
    page.download(frame, "regressions")


def parted(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Falls by how they are told; of the open regressions, the first ones and the others."""
    back, grace = frame["recovered_on"].notna(), frame["grace_until"].notna()
    open_ = frame[frame["regression"] & ~back]
    return {
        "regressions": open_.head(_FIRST),
        "more": open_.iloc[_FIRST:],
        "recovered": frame[frame["regression"] & back],
        "rebaseline": frame[~frame["regression"] & grace & ~back],
        "others": frame[~frame["regression"] & (~grace | back)],
    }


def listed(page: Page, part: str, rows: pd.DataFrame, caption: str) -> None:
    """Falls as a table."""
    columns = [page.say(f"falls.{c}") for c in ("on", "what", "change", "cause", "before", "after")]
    page.long_table(columns, rows, partial(fall, page), caption, by=(part,))


def fall(page: Page, r: dict) -> tuple:
    """One fall as a row: between which two statements it lies, what a machine saw, and what it did to the level."""
    effect = [page.say("falls.alert")] if r["alert"] else []
    effect += [page.say("falls.level", before=r["level_before"], after=r["level_after"])] if r["gate_broken"] else []
    effect += [page.say("falls.mature")] if r["mature"] and r["regression"] else []
    effect += [] if r["held"] else [page.say("falls.unstable")]
    if r["recovered_on"] == r["recovered_on"]:
        effect.append(page.say("falls.back", on=text.day(r["recovered_on"])))
    elif r["grace_until"] == r["grace_until"]:
        effect.append(page.say("falls.grace", until=text.day(r["grace_until"])))
    cause = page.say(f".cause.{r['cause']}")
    if r["cause"] == "inherited":
        cause += f" ({page.product_name(r['provider'])})"
    waits = r["to_state"] == r["from_state"]
    states = [page.state(r["from_state"]), page.say("falls.rebaseline_mark") if waits else page.state(r["to_state"])]
    link = page.to(page.word(r, "practice_name"), "practices", practice=r["practice"], cell_product=r["product"])
    return (
        text.day(r["fell_on"]), [page.product_name(r["product"]), link], states, [cause, page.listed(effect)],
        statement(page, r, "before"), statement(page, r, "after"),
    )  # fmt: skip


def statement(page: Page, r: dict, side: str) -> list[str]:
    """One side of a fall: who said it and when, and where it stands; after a contradiction also what was seen."""
    told = []
    same = (r["before_file"], r["before_line"]) == (r["after_file"], r["after_line"])
    if side == "after" and same:
        told.append(page.say("falls.no_answer"))
    elif r[f"{side}_file"]:
        told += [f"{text.day(r[f'{side}_on'])} {r[f'{side}_assessor']}", place(r[f"{side}_file"], r[f"{side}_line"])]
    if side == "after" and r["signal"]:
        told += [
            page.say("falls.seen", name=page.word(r, "signal_name"), found=r["signal_found"],
                     expected=r["signal_expected"] or "–"),
            place(r["signal_file"], r["signal_line"]),
        ]  # fmt: skip
    return told or ["–"]


def quiet(page: Page) -> None:
    """Products that nobody has assessed for long: silence is not stability."""
    frame = page.query("levels", month=page.month)
    silent = page.of_product(frame[frame["quiet"]])
    if silent.empty:
        return
    names = [f"{page.product_name(r.product)} ({text.day(r.last_assessed_on)})" for r in silent.itertuples()]
    st.warning(page.say("quiet", names=text.literal(page.listed(names))), icon=":material/notifications_off:")


def sample(page: Page) -> None:
    """A few claims without fresh evidence for the meeting to look at, the same for everybody all month."""
    frame = page.query("claims_to_sample", month=page.month)
    page.section("sample", n=len(frame))
    if frame.empty:
        st.caption(page.say("sample.none"))
        return
    st.caption(page.say("sample.of", n=len(frame), claims=frame.iloc[0]["claims"]))
    names = ("practice", "product", "state", "confirmed", "assessor", "ask_for", "source")
    columns = [page.say(f"sample.{c}") for c in names]
    page.long_table(columns, frame, partial(claim, page), page.say("sample.title", n=len(frame)))
    page.explain("sample", [], [*page.policy_places("sampled_claims"), *places(frame)])
    page.download(frame, "claims_to_sample")


def claim(page: Page, r: dict) -> tuple:
    """One claim as a row."""
    return (
        page.to(page.word(r, "practice_name"), "practices", practice=r["practice"], cell_product=r["product"]),
        page.product_name(r["product"]),
        page.state(r["state"]),
        text.day(r["confirmed_on"]),
        r["assessor"],
        page.word(r, "evidence") or "–",
        place(r["src_file"], r["src_line"]),
    )


page = open_page("practices")
if not page.query("practice_states", month=page.month, product=page.product)["assessed"].any():
    page.empty("assessments")
quiet(page)
regressions(page)
page.section("matrix", **heading(page))
if whole(page).products.empty:
    st.info(page.say("matrix.nothing"))
else:
    legend(page)
    page.part(matrix)
    with st.container(key="cell"):
        page.section("cell")
        page.part(cell, key="one-cell")
sample(page)
