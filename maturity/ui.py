"""The frame of every page: language, filters, snapshot, links, tables, downloads, and how a figure explains itself.

Every file in pages/, and dashboard.py, begins with `page = open_page(key)`. Streamlit runs a page of a fresh server
without dashboard.py, so nothing that a page needs may happen anywhere else.
"""

from __future__ import annotations

import datetime as dt
import html
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from maturity import cells, charts, export, store, text
from maturity.cells import PAGES, Badge, Link

# A picture of our own: Streamlit would fetch a named icon from the web.
_ICON = Path(__file__).parent / "icon.svg"
_STYLE = Path(__file__).parent / "style.css"

_MOST_ROWS = 200  # nobody reads more in a meeting; the CSV has them all
# Pages that show one month, and pages that can be narrowed to one product.
_BY_MONTH = {"month", "practices", "error_budgets", "product", "guide_map"}
_BY_PRODUCT = {"practices", "risks", "error_budgets", "product"}


@dataclass(frozen=True)
class Page:
    """What a page works with."""

    key: str
    language: str
    snapshot: store.Snapshot
    as_of: dt.date
    month: str
    product: str | None
    products: pd.DataFrame

    # ------------------------------------------------------------------------------------------------ words

    def say(self, key: str, **values: object) -> str:
        """A text of this page (`title`), or of all pages when the key begins with a dot (`.state.adopted`)."""
        full = key[1:] if key.startswith(".") else f"{self.key}.{key}"
        return text.say(self.language, full, **values)

    def word(self, row: Any, column: str) -> str:
        """The bilingual column of a row, in the reader's language."""
        return row[f"{column}_{self.language}"]

    def minutes(self, value: float | None, digits: int = 1) -> str:
        """Minutes in the reader's language."""
        return text.minutes(self.language, value, digits)

    def state(self, state: str) -> Badge:
        """A practice or budget state as a badge: sign, word and colour, the same on every page."""
        sign, background, ink = charts.badge(state)
        topic = "practice_state" if state in charts.PRACTICE else "budget_state"
        return Badge(f"{sign} {self.say(f'.{topic}.{state}')}", (background, ink))

    def product_name(self, product: str) -> str:
        """Name of a product."""
        rows = self.products[self.products["id"] == product]
        return self.word(rows.iloc[0], "name") if len(rows) else product

    @property
    def month_name(self) -> str:
        return text.month(self.language, self.month)

    @property
    def is_latest(self) -> bool:
        """Whether the chosen month is that of the snapshot's day."""
        return self.month == f"{self.as_of:%Y-%m}"

    def listed(self, words: Iterable[str]) -> str:
        """Several words in a row, as the language separates them."""
        return ("、" if self.language == "ja" else ", ").join(words)

    # ------------------------------------------------------------------------------------------------- data

    def policy(self, name: str) -> float:
        """Value of a threshold or weight."""
        return float(self.query("policy").set_index("name").loc[name, "value"])

    def policy_places(self, *names: str) -> list[tuple[str, int]]:
        """Files and lines in which thresholds stand."""
        rows = self.query("policy").set_index("name").loc[list(names)]
        return list(zip(rows["src_file"], rows["src_line"], strict=True))

    def query(self, name: str, **parameters: Any) -> pd.DataFrame:
        """Answer of a question to the snapshot. Shared between viewers: never change it in place."""
        return _answer(str(self.snapshot.path), name, tuple(sorted(parameters.items())))

    # -------------------------------------------------------------------------------------------- choosing

    def choose(
        self,
        key: str,
        label: str,
        options: Sequence[str],
        shown: Callable[[str], str],
        default: str | None,
        where: Any = st,
        all_label: str | None = None,
    ) -> str | None:
        """A select box whose value is part of the link. With `all_label` it may be empty, which means all."""
        return _choose(key, label, list(options), shown, default, where, all_label)

    def switch(self, key: str, label: str, options: Sequence[str], shown: Callable[[str], str]) -> str:
        """A row of buttons, one chosen; its value is part of the link."""
        _from_link(key, list(options), options[0])
        value = st.segmented_control(label, list(options), format_func=shown, key=key, required=True)
        _to_link(key, value, options[0])
        return value

    def parameters(self, **more: str | None) -> dict[str, str]:
        """Parameters of a link that keeps language, month and product."""
        month = None if self.is_latest else self.month
        kept = {"lang": self.language, "month": month, "product": self.product}
        return {key: value for key, value in (kept | more).items() if value}

    def to(self, label: str, page: str, **more: str | None) -> Link:
        """A link to another page that keeps the reader's filters."""
        return Link(label, page, self.parameters(**more))

    def page_link(self, label: str, page: str, **more: str | None) -> None:
        """Draw a link to another page."""
        st.page_link(PAGES[page][0], label=label, icon=PAGES[page][1], query_params=self.parameters(**more))

    # --------------------------------------------------------------------------------------------- drawing

    def section(self, key: str, **values: object) -> None:
        """A heading, and the sentence under it that says what is shown and how to read it."""
        st.subheader(self.say(f"{key}.title", **values))
        st.caption(self.say(f"{key}.read", **values))

    def of_today_only(self) -> None:
        """Say it where an older month is chosen and the figures below are those of the snapshot's day."""
        if not self.is_latest:
            st.caption(self.say(".frame.today_only", as_of=self.as_of))

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[Any]], caption: str, numeric: Sequence[int] = ()
    ) -> None:
        """A table that can be read aloud, printed and followed: cells are texts, `Link`s or `Badge`s."""
        rows = list(rows)
        st.html(cells.table(columns, rows[:_MOST_ROWS], caption, numeric))
        if len(rows) > _MOST_ROWS:
            st.caption(self.say(".more_rows", n=len(rows) - _MOST_ROWS))

    def take_click(self, chart: str, points: list[dict], keys: Sequence[str]) -> None:
        """Let a new click on a chart choose in the select boxes `keys`, which are drawn after it.

        A selection stays until the next click, so only a change counts; else it would undo the reader's own choice.
        """
        if points and points != st.session_state.get(f"_click_{chart}"):
            for key, value in zip(keys, points[0]["customdata"], strict=False):
                st.session_state[key] = value
                st.session_state[f"_link_{key}"] = st.query_params.get(key)
        st.session_state[f"_click_{chart}"] = points

    def badges(self, label: str, badges: Iterable[Badge]) -> None:
        """A row of badges with its name: the legend of a picture, or the state of one thing."""
        st.html(cells.badges(label, badges))

    def chart(self, figure: Any, key: str, alt: str, on_select: bool = False, wide: bool = False) -> list[dict]:
        """Draw a figure; with `on_select`, the points that the reader clicked."""
        config = {"displayModeBar": False, "displaylogo": False, "modeBarButtonsToRemove": ["sendChartToCloud"]}
        # A wide chart keeps its width on a narrow screen and scrolls, instead of squeezing its cells. What scrolls
        # must hold something the keyboard can reach; that is its description.
        with st.container(key=f"{'wide' if wide else 'chart'}-{key}"):
            if wide:
                st.html(f"<p class='gm-hidden' tabindex='0'>{html.escape(alt)}</p>")
            if not on_select:
                st.plotly_chart(figure, key=key, alt=alt, config=config)
                return []
            event = st.plotly_chart(figure, key=key, alt=alt, config=config, on_select="rerun", selection_mode="points")
        return list(event.selection.points)

    def download(self, frame: pd.DataFrame, name: str) -> None:
        """A button for the CSV of what is shown."""
        st.download_button(
            self.say(".download"),
            data=lambda: export.to_csv(frame),
            file_name=f"{name}.csv",
            mime="text/csv",
            key=f"csv-{name}",
            on_click="ignore",
            icon=":material/download:",
        )

    def explain(
        self, figure: str, inputs: Iterable[tuple[str, str]], sources: Iterable[tuple[str | None, int | None]]
    ) -> None:
        """One click from a figure to its formula, the values that went in, and the files and lines they stand in."""
        with st.popover(self.say(".explain.open"), icon=":material/function:", type="tertiary"):
            st.markdown(f"**{self.say('.explain.formula')}**  \n{self.say(f'.figure.{figure}')}")
            given = list(inputs)
            if given:
                st.markdown(f"**{self.say('.explain.inputs')}**")
                st.table(
                    pd.DataFrame(given, columns=[self.say(".explain.name"), self.say(".explain.value")]),
                    hide_index=True,
                )
            places = list(dict.fromkeys((file, line) for file, line in sources if isinstance(file, str) and file))
            st.markdown(f"**{self.say('.explain.sources')}**")
            st.code("\n".join(place(*p) for p in places[:30]) or self.say(".explain.computed"), language=None)
            if len(places) > 30:
                st.caption(self.say(".explain.more", n=len(places) - 30))

    def figure(
        self,
        key: str,
        value: str,
        inputs: Iterable[tuple[str, str]],
        sources: Iterable[tuple[str | None, int | None]],
    ) -> None:
        """One number with its name, and its explanation one click away."""
        st.metric(self.say(f".figure_name.{key}"), value, border=True)
        self.explain(key, inputs, sources)

    def empty(self, key: str) -> None:
        """Nothing to show: say which file would fill it."""
        st.info(self.say(f".empty.{key}"), icon=":material/inbox:")


def place(file: str | None, line: Any) -> str:
    """A place in the input, as an editor takes it."""
    if not isinstance(file, str):
        return ""
    return file if line is None or pd.isna(line) else f"{file}:{int(line)}"


def places(frame: pd.DataFrame) -> list[tuple[str | None, int | None]]:
    """Where the rows of an answer stand in the input."""
    return list(zip(frame["src_file"], frame["src_line"], strict=True))


def open_page(key: str) -> Page:
    """Everything that a page needs, before it draws anything. Stops the page where there is nothing to show."""
    st.set_page_config(page_title="Guidemap", page_icon=str(_ICON), layout="wide")
    st.html(_STYLE)
    st.session_state["_arrived"] = st.session_state.get("_page") != key
    st.session_state["_page"] = key
    language = _language()
    path = store.current(Path(os.environ.get("GUIDEMAP_STORE", "store")))
    if path is None:
        st.title(text.say(language, f"{key}.title"))
        st.warning(text.say(language, "empty.snapshot"), icon=":material/inbox:")
        st.stop()
    snapshot = _open(str(path))
    months = list(_answer(str(path), "months", ())["month"])
    products = _answer(str(path), "products", ())
    meta = _answer(str(path), "meta", ()).iloc[0]
    month, product = _filters(key, language, months, products)
    page = Page(key, language, snapshot, meta["as_of"].date(), month, product, products)
    _menu(page)
    st.title(page.say("title"))
    st.markdown(page.say("question"))
    trouble = int(meta["errors"])
    note = text.say(language, "frame.fresh", as_of=page.as_of, built=f"{text.moment(meta['built_at'])} UTC")
    st.caption(note + (text.say(language, "frame.trouble", n=trouble) if trouble else ""))
    if products.empty:
        page.empty("products")
        st.stop()
    return page


@st.cache_resource(max_entries=2, show_spinner=False)
def _open(path: str) -> store.Snapshot:
    return store.Snapshot(Path(path))


@st.cache_resource(max_entries=512, show_spinner=False)
def _answer(path: str, name: str, parameters: tuple) -> pd.DataFrame:
    return _open(path).query(name, **dict(parameters))


def _language() -> str:
    default = text.preferred(st.context.locale)
    _from_link("lang", list(text.LANGUAGES), default)
    with st.sidebar:
        language = st.segmented_control(
            "言語 / Language", list(text.LANGUAGES), format_func=text.LANGUAGES.get, key="lang", required=True
        )
    language = language or default  # a session whose widget was not drawn yet has no value
    _to_link("lang", language, None)
    return language


def _filters(key: str, language: str, months: list[str], products: pd.DataFrame) -> tuple[str, str | None]:
    """Month and product are shared by all pages; a page that does not use one keeps it in the link."""
    names = dict(zip(products["id"], products[f"name_{language}"], strict=True))
    with st.sidebar:
        if key in _BY_MONTH:
            label, shown = text.say(language, "frame.month"), lambda m: text.month(language, m)
            month = _choose("month", label, months[::-1], shown, months[-1], st, None)
        else:
            month = st.query_params.get("month")
            month = month if month in months else months[-1]
        if key in _BY_PRODUCT:
            every = None if key == "product" else text.say(language, "frame.all_products")
            default = next(iter(names), None) if key == "product" else None
            label = text.say(language, "frame.product")
            product = _choose("product", label, list(names), lambda p: names.get(p, p), default, st, every)
        else:
            product = st.query_params.get("product")
            product = product if product in names else None
    return month, product


def _menu(page: Page) -> None:
    with st.sidebar:
        for key in PAGES:
            page.page_link(text.say(page.language, f"{key}.title"), key)


def _choose(
    key: str,
    label: str,
    options: list[str],
    shown: Callable[[str], str],
    default: str | None,
    where: Any,
    all_label: str | None,
) -> str | None:
    _from_link(key, options, default)
    index = None if all_label else 0
    value = where.selectbox(label, options, index=index, format_func=shown, key=key, placeholder=all_label)
    _to_link(key, value, default)
    return value


def _from_link(key: str, options: list[str], default: str | None) -> None:
    """Take a widget's value from the link: when a reader arrives, or the link changed other than through the widget.

    A widget of the same key on another page is another widget to Streamlit and would begin with its default.
    """
    linked = st.query_params.get(key)
    moved = linked != st.session_state.get(f"_link_{key}")
    if key not in st.session_state or moved or st.session_state["_arrived"]:
        st.session_state[key] = linked if linked in options else default
    elif st.session_state[key] not in options:
        st.session_state[key] = default


def _to_link(key: str, value: str | None, default: str | None) -> None:
    """Put a widget's value into the link; a default is left out to keep links short."""
    if value is None or value == default:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value
    st.session_state[f"_link_{key}"] = st.query_params.get(key)
