"""Which product has adopted what, how it spreads, and what regressed."""

import streamlit as st

from maturity import charts, text
from maturity.ui import Page, open_page, place


def legend(page: Page) -> None:
    """Every state with its sign and colour."""
    page.badges(page.say("legend"), [page.state(state) for state in charts.PRACTICE])


def matrix(page: Page) -> None:
    """The heatmap and, after a click or a choice, one cell whole."""
    page.section("matrix", month=page.month_name)
    frame = page.query("practice_states", month=page.month, product=page.product)
    map_ = page.query("practices")
    one, two = st.columns(2)
    categories = list(dict.fromkeys(map_["category"]))
    names = {r.category: page.word(r._asdict(), "category_name") for r in map_.itertuples()}
    category = page.choose(
        "category", page.say("category"), categories, names.get, None, one, page.say("all_categories")
    )
    levels = [str(level) for level in sorted(set(map_["level"]))]
    level = page.choose(
        "level", page.say("level"), levels, lambda v: page.say("level_n", n=v), None, two, page.say("all_levels")
    )
    if category:
        map_ = map_[map_["category"] == category]
    if level:
        map_ = map_[map_["level"] == int(level)]
    if map_.empty:
        st.info(page.say("no_practice"))
        return
    products = [
        (r.id, page.word(r._asdict(), "name")) for r in page.products.itertuples() if page.product in (None, r.id)
    ]
    practices = [
        (r.id, f"L{r.level}{'*' if r.must else ''} {page.word(r._asdict(), 'name')}") for r in map_.itertuples()
    ]
    labels = {state: page.say(f".practice_state.{state}") for state in charts.PRACTICE}
    legend(page)
    figure = charts.practice_matrix(frame, products, practices, labels, lambda p, q, s: f"{p}<br>{q}<br>{s}")
    clicked = page.chart(figure, "matrix", page.say("matrix.alt"), on_select=True, wide=True)
    shown = frame[frame["practice"].isin(map_["id"])]
    page.download(shown.drop(columns=["done"]), "practice_states")
    cell(page, clicked, products, map_)


def cell(page: Page, clicked: list[dict], products: list[tuple[str, str]], map_) -> None:
    """One practice on one product: checklist, evidence, history and how the state came about."""
    page.section("cell")
    page.take_click("matrix", clicked, ("cell_product", "practice"))
    one, two = st.columns(2)
    names = {r.id: page.word(r._asdict(), "name") for r in map_.itertuples()}
    practice = page.choose("practice", page.say("practice"), list(names), names.get, None, two, page.say("cell.choose"))
    product_names = dict(products)
    product = page.choose(
        "cell_product", page.say(".frame.product"), list(product_names), product_names.get, products[0][0], one
    )
    if not practice:
        return
    state = page.query("practice_cell", month=page.month, product=product, practice=practice).iloc[0].to_dict()
    st.markdown(f"#### {product_names[product]}: {names[practice]}")
    page.table(
        [page.say(f"cell.{c}") for c in ("state", "items", "confirmed", "evidence", "assessor", "source")],
        [
            (
                page.state(state["state"]),
                f"{state['items_done']} / {state['items_total']}",
                text.day(state["confirmed_on"]),
                page.say(f".evidence.{state['evidence_kind'] or 'none'}"),
                state["assessor"] or "–",
                place(state["src_file"], state["src_line"]) or "–",
            )
        ],
        names[practice],
    )
    if state["provider"]:
        st.info(page.say("cell.inherited", provider=page.product_name(state["provider"])), icon=":material/link:")
    done = set(state["done"]) if state["done"] is not None else None
    st.markdown(f"**{page.say('cell.checklist')}**")
    for item in page.query("checklist", practice=practice).itertuples():
        full = state["items_done"] == state["items_total"]
        mark = "✓" if (item.id in done if done is not None else full) else "☐"
        st.markdown(f"{mark} {getattr(item, page.language)}")
    page.page_link(page.say("cell.how"), "guide_map", practice=practice)
    inputs = [
        (page.say("cell.items"), f"{state['items_done']} / {state['items_total']}"),
        (page.say("cell.confirmed"), text.day(state["confirmed_on"])),
        (page.say("cell.review_days"), str(state["review_days"])),
        (page.say("cell.judged_on"), text.day(state["as_of"])),
    ]
    sources = [(state["src_file"], state["src_line"]), (state["map_file"], state["map_line"])]
    page.explain("practice_state", inputs, sources)
    history(page, product, practice)


def history(page: Page, product: str, practice: str) -> None:
    """Everything that was said about a practice on a product, latest first."""
    st.markdown(f"**{page.say('cell.history')}**")
    frame = page.query("practice_history", product=product, practice=practice, until=page.month)
    if frame.empty:
        st.caption(page.say("cell.no_history"))
        return
    said = [
        (
            text.day(r.assessed_on),
            r.assessor,
            page.say(f".said.{r.said}", done=r.done, total=r.total),
            r.evidence_url or "",
            r.note or "",
            place(r.src_file, r.src_line),
        )
        for r in frame.itertuples()
    ]
    columns = [page.say(f"cell.{c}") for c in ("on", "assessor", "said", "evidence", "note", "source")]
    page.table(columns, said, page.say("cell.history"))


def over_time(page: Page) -> None:
    """Adoption by product and by practice."""
    page.section("trend")
    frame = page.query("adoption_by_month", product=page.product, month=page.month)
    names = {r.id: page.word(r._asdict(), "name") for r in page.products.itertuples()}
    labels = {"month": page.say(".frame.month"), "share": page.say("trend.share")}
    page.chart(charts.adoption_lines(frame, names, labels), "trend", page.say("trend.alt"))
    page.download(frame, "adoption_by_month")
    page.section("spread", n=len(page.products))
    spread = page.query("practice_trend", month=page.month)
    rows = [
        (
            page.to(page.word(r._asdict(), "name"), "guide_map", practice=r.practice),
            r.level,
            r.adopted_year_ago,
            r.adopted_half_year_ago,
            r.adopted,
            f"{r.adopted - r.adopted_year_ago:+d}",
            page.say(f"spread.{r.trend}"),
        )
        for r in spread.itertuples()
        if r.adopted or r.adopted_year_ago
    ]
    columns = [page.say(f"spread.{c}") for c in ("practice", "level", "year_ago", "half_ago", "now", "change", "trend")]
    with st.expander(page.say("spread.open", n=len(rows))):
        page.table(columns, rows, page.say("spread.title", n=len(page.products)), numeric=(1, 2, 3, 4, 5))
    page.download(spread, "practice_trend")
    chosen = page.query("practices")
    titles = {r.id: page.word(r._asdict(), "name") for r in chosen.itertuples()}
    biggest = spread.iloc[0]["practice"] if len(spread) else next(iter(titles))
    one = page.choose("trend_practice", page.say("spread.one"), list(titles), titles.get, biggest)
    history = page.query("practice_spread", practice=one, month=page.month)
    words = {state: page.say(f".practice_state.{state}") for state in charts.PRACTICE}
    words |= {"month": page.say(".frame.month"), "products": page.say("spread.products")}
    page.chart(charts.practice_history(history, words), "spread", page.say("spread.alt", practice=titles[one]))


def regressions(page: Page) -> None:
    """Falls up to the chosen month: regressions first, the rest listed below."""
    page.section("falls", month=page.month_name)
    frame = page.query("falls", month=page.month, only=False, product=page.product)
    for part, rows in (("regressions", frame[frame["regression"]]), ("others", frame[~frame["regression"]])):
        holder = st.container() if part == "regressions" else st.expander(page.say("falls.others", n=len(rows)))
        with holder:
            if rows.empty:
                st.caption(page.say("falls.none"))
                continue
            columns = [
                page.say(f"falls.{c}")
                for c in ("on", "product", "practice", "change", "cause", "effect", "before", "after")
            ]
            page.table(
                columns, [fall(page, r._asdict()) for r in rows.itertuples()], page.say(f"falls.{part}", n=len(rows))
            )
    page.explain("regression", [], [(r.after_file, r.after_line) for r in frame.itertuples()])
    page.download(frame, "regressions")


def fall(page: Page, r: dict) -> tuple:
    """One fall as a row: between which two statements it lies, and what it did to the level."""
    effect = page.say("falls.level", before=r["level_before"], after=r["level_after"]) if r["gate_broken"] else ""
    if r["recovered_on"] == r["recovered_on"]:
        effect = f"{effect} {page.say('falls.recovered', on=text.day(r['recovered_on']))}".strip()
    if r["mature"] and r["regression"]:
        effect = f"{effect} {page.say('falls.mature')}".strip()
    if not r["held"]:
        effect = f"{effect} {page.say('falls.unstable')}".strip()
    sides = [
        f"{text.day(r[f'{side}_on'])} {r[f'{side}_assessor']} {place(r[f'{side}_file'], r[f'{side}_line'])}"
        if r[f"{side}_file"]
        else "–"
        for side in ("before", "after")
    ]
    change = f"{page.say('.practice_state.' + r['from_state'])} → {page.say('.practice_state.' + r['to_state'])}"
    link = page.to(page.word(r, "practice_name"), "practices", product=r["product"], practice=r["practice"])
    cause = page.say(f".cause.{r['cause']}")
    if r["cause"] == "inherited":
        cause += f" ({page.product_name(r['provider'])})"
    return (text.day(r["fell_on"]), page.product_name(r["product"]), link, change, cause, effect, *sides)


page = open_page("practices")
if page.query("practice_states", month=page.month, product=page.product).query("assessed").empty:
    page.empty("assessments")
regressions(page)
matrix(page)
over_time(page)
