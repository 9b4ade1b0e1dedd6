"""The frame of every page: language, filters, snapshot, links, tables, downloads, and how a figure explains itself.

Every file in pages/, and dashboard.py, begins with `page = open_page(key)`. Streamlit runs a page of a fresh server
without dashboard.py, so nothing that a page needs may happen anywhere else.
"""

from __future__ import annotations

import datetime as dt
import math
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pandas as pd
import streamlit as st

from maturity import cells, export, report, review, store, text
from maturity.cells import PAGES, Badge, Link, Point
from maturity.frozen import UNKNOWN_THEN
from maturity.kept import Kept
from maturity.reader import from_link, note_by_hand, one_of, reader, to_link
from maturity.words import Words

# A picture of our own: Streamlit would fetch a named icon from the web.
_ICON = Path(__file__).parent / "icon.svg"
_STYLE = Path(__file__).parent / "style.css"
_BARE_STYLE = Path(__file__).parent / "bare.css"
_MOST_PLACES = 30  # behind a figure
MOST_ROWS = 200  # nobody reads more in a meeting; the CSV has them all
# Pages that show one month, and pages that can be narrowed to one product.
_BY_MONTH = {"practices", "spread", "error_budgets", "slo", "product", "guide_map"}
_OF_TODAY = {
    "month",
    "meeting",
    "changes",
    "one_list",
    "data_health",
}  # they speak of the snapshot's month; an older one is a frozen review
_BY_PRODUCT = {
    "one_list",
    "changes",
    "practices",
    "risks",
    "risk_work",
    "risk_totals",
    "error_budgets",
    "slo",
    "slo_use",
    "product",
}
_OF_PRODUCTS = {"slos", "risks", "decisions", "assessments"}  # what one product may lack and another one have
_BARE = {"meeting"}  # shown without menu and heading; language and month come from the link


# A file that is damaged is so as a whole, or where one table stands; that shows when it is asked.
_UNREADABLE = (store.TheSnapshotCannotBeRead, store.TheEngineStopped)

_SNAPSHOTS, _ANSWERS, _MADE = Kept(4), Kept(512), Kept(512)

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Words):
    """What a page works with."""

    snapshot: store.Snapshot
    as_of: dt.date
    month: str
    linked_month: str | None  # goes along in links, also through pages that speak of the newest month only
    product: str | None
    products: pd.DataFrame
    review: str | None

    @property
    def month_name(self) -> str:
        return text.month(self.language, self.month)

    @property
    def is_latest(self) -> bool:
        """Whether the chosen month is that of the snapshot's day."""
        return self.month == f"{self.as_of:%Y-%m}"

    # ------------------------------------------------------------------------------------------------- data

    def policy(self, name: str) -> float:
        """Value of a threshold or weight."""
        return float(self._policies[name]["value"])

    def policy_places(self, *names: str) -> list[tuple[str, int]]:
        """Files and lines in which thresholds stand."""
        return [(self._policies[name]["src_file"], self._policies[name]["src_line"]) for name in names]

    @property
    def _policies(self) -> dict[str, dict[str, Any]]:
        """By name; a table takes 1 ms for each look."""
        return self.once(lambda: {row["name"]: row for row in self.query("policy").to_dict("records")}, "policies")

    @property
    def _path(self) -> str:
        return str(self.snapshot.path)

    def query(self, name: str, **parameters: Any) -> pd.DataFrame:
        """Answer of a question to the snapshot. Shared between viewers: never change it in place.

        Ends the page where the file is damaged, or of another version, as after an upgrade without a build.
        """
        try:
            return _answer(self._path, name, tuple(sorted(parameters.items())))
        except _UNREADABLE:
            _stop_with(self.language, "damaged")

    def of_product(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of the product that the reader chose, or all: of an answer that is not asked by product."""
        return frame[frame["product"] == self.product] if self.product else frame

    def once(self, make: Callable[[], T], *by: Any) -> T:
        """What `make` gives, made once for every reader of this page, month and product: never change it in place.

        `by` tells one thing of a page from another, and says what else it depends on. `make` must not draw.
        """
        months = (self.month, self.linked_month)
        return _MADE.get((self._path, self.key, self.language, *months, self.product, *by), make)

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

    def choose_many(
        self, key: str, label: str, options: Sequence[str], shown: Callable[[str], str], where: Any = st
    ) -> list[str]:
        """A select box for several values, which are part of the link. None chosen means all."""
        from_link(key, lambda values: [value for value in values if value in options])
        hint = self.say(".any")
        value = where.multiselect(
            label, list(options), format_func=shown, key=key, placeholder=hint, on_change=note_by_hand
        )
        to_link(key, value, [])
        return value

    def search(self, key: str, label: str, hint: str, where: Any = st) -> str:
        """A line to type in; what was typed is part of the link."""
        from_link(key, lambda values: " ".join(values))
        value = where.text_input(
            label, key=key, placeholder=hint, max_chars=100, icon=":material/search:", on_change=note_by_hand
        ).strip()
        to_link(key, value, "")
        return value

    def number(self, key: str, default: float) -> float:
        """A number that the link may give in place of a default; what is no number above zero is passed over."""
        try:
            given = float(st.query_params.get(key, default))
        except ValueError:
            return default
        return given if 0 < given < math.inf else default

    def switch(self, key: str, label: str, options: Sequence[str], shown: Callable[[str], str]) -> str:
        """A row of buttons, one chosen; its value is part of the link."""
        from_link(key, one_of(options, options[0]))
        value = st.segmented_control(
            label, list(options), format_func=shown, key=key, required=True, on_change=note_by_hand
        )
        to_link(key, value, options[0])
        return value

    def parameters(self, **more: str | Sequence[str] | None) -> dict[str, str | Sequence[str]]:
        """Parameters of a link that keeps language, month and product."""
        kept = {"lang": self.language, "month": self.linked_month, "product": self.product, "review": self.review}
        return {key: value for key, value in (kept | more).items() if value}

    def to(self, label: str, page: str, **more: str | None) -> Link:
        """A link to another page that keeps the reader's filters."""
        return Link(label, page, self.parameters(**more))

    def page_link(self, label: str, page: str, **more: str | Sequence[str] | None) -> None:
        """Draw a link to another page."""
        st.page_link(_known(page), label=text.literal(label), icon=PAGES[page][1], query_params=self.parameters(**more))

    # --------------------------------------------------------------------------------------------- drawing

    def part(self, draw: Callable[..., None], *given: Any, key: str | None = None) -> None:
        """A part of the page whose own widgets draw it anew alone: `draw(page, *given)`.

        Nothing outside of it may depend on them, but what a widget names as `parts` by their keys. A newer snapshot
        draws the whole page anew.
        """
        with_the_page = [True]

        @st.fragment(key=key)
        def drawn() -> None:
            if with_the_page:
                with_the_page.clear()
            else:
                reader().begin_part()
                if store.current(_store()) != self.snapshot.path:
                    st.rerun()
            draw(self, *given)

        drawn()

    def fold(self, key: str, title: str, draw: Callable[[Page], None]) -> None:
        """Something under a title that is closed at first, and not made before it is opened."""

        def folded(page: Page) -> None:
            with st.expander(text.literal(title), key=f"fold-{key}", on_change="rerun") as fold:
                if fold.open:
                    draw(page)

        self.part(folded)

    def row(self, key: str) -> Any:
        """Room for choices beside each other, as many as fit; one message where columns are one each."""
        return st.container(key=f"row-{key}")

    def section(self, key: str, **values: object) -> None:
        """A heading, and the sentence under it that says what is shown and how to read it."""
        filled = {name: text.literal(value) if isinstance(value, str) else value for name, value in values.items()}
        st.subheader(self.say(f"{key}.title", **filled))
        st.caption(self.say(f"{key}.read", **filled))

    def of_today_only(self, what: str = "only") -> None:
        """Say it where an older month is chosen and what stands below, or its `minutes`, is of the snapshot's day."""
        if not self.is_latest:
            st.caption(self.say(f".frame.today_{what}", as_of=self.as_of))

    @property
    def days_from(self) -> dt.date:
        """The first single day that is there: a frozen review keeps those of so long, and the last of each month."""
        return self.as_of - dt.timedelta(days=self.policy("frozen_days") - 1) if self.review else dt.date.min

    def days_of_review(self) -> None:
        """Say of a frozen review from which day on it has single days."""
        if self.review:
            st.caption(self.say(".frame.days_of_review", day=self.days_from))

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
        caption: str,
        numeric: Sequence[int] = (),
    ) -> None:
        """A table that can be read aloud, printed and followed: cells are texts, `Link`s or `Badge`s."""
        _show(self._cut(columns, list(rows), lambda row: row, caption, numeric))

    def long_table(
        self,
        columns: Sequence[str],
        of: pd.DataFrame | Sequence[Any],
        row: Callable[[Any], Sequence[Any]],
        caption: str,
        numeric: Sequence[int] = (),
        by: Sequence[Any] = (),
    ) -> None:
        """A table with a row for each row of an answer, made `once`; `by` is what `of` and `row` depend on."""
        self.draw(lambda: self._cut(columns, of, row, caption, numeric), "table", caption, *by)

    def side_list(
        self,
        title: str,
        read: str | None,
        columns: Sequence[str],
        of: pd.DataFrame,
        row: Callable[[Any], Sequence[Any]],
    ) -> str:
        """A table under its name and how to read it, for `draw`; without rows the table is left out."""
        return cells.under(title, read) + (self._cut(columns, of, row, title) if len(of) else "")

    def _cut(
        self,
        columns: Sequence[str],
        of: pd.DataFrame | Sequence[Any],
        row: Callable[[Any], Sequence[Any]],
        caption: str,
        numeric: Sequence[int] = (),
    ) -> str:
        """A table of the first rows, and how many more there are."""
        shown, more = of[:MOST_ROWS], len(of) - MOST_ROWS
        given = shown.to_dict("records") if isinstance(shown, pd.DataFrame) else shown
        made = cells.table(columns, [row(r) for r in given], caption, numeric)
        return made + (cells.small(self.say(".more_rows", n=more)) if more > 0 else "")

    def timeline(self, label: str, points: Iterable[Point]) -> None:
        """A list along a line, the newest first, that can be read aloud and printed."""
        _show(cells.timeline(label, points))

    def draw(self, make: Callable[[], str], *by: Any) -> None:
        """Draw what `make` gives (maturity/cells.py), made `once`."""
        _show(self.once(make, *by))

    def badges(self, label: str, badges: Iterable[Badge]) -> None:
        """A row of badges with its name: the legend of a picture, or the state of one thing."""
        _show(cells.badges(label, badges))

    def chart(self, figure: Any, key: str, alt: str) -> None:
        """Draw a figure."""
        config = {"displayModeBar": False, "displaylogo": False, "modeBarButtonsToRemove": ["sendChartToCloud"]}
        with st.container(key=f"chart-{key}"):
            st.plotly_chart(figure, key=key, alt=alt, config=config)

    def download(self, frame: pd.DataFrame | Callable[[], pd.DataFrame], name: str) -> None:
        """A button for the CSV of what is shown; a function is asked for it when the reader wants it."""
        st.download_button(
            self.say(".download"),
            data=lambda: export.to_csv(frame() if callable(frame) else frame),
            file_name=f"{name}.csv",
            mime="text/csv",
            key=f"csv-{name}",
            on_click="ignore",
            icon=":material/download:",
        )

    def decisions(self, slo: str | None = None, risk: str | None = None, product: str | None = None) -> None:
        """What was decided about an SLO, a risk, a product, or about all."""
        frame = self.query("decision_log", slo=slo, risk=risk, product=product)
        self.section(".decision_log")
        self.of_today_only()
        if frame.empty:
            st.caption(self.say(f".decision_log.{'unknown' if self._unknown_then('decision') else 'none'}"))
            return
        names = ("day", "about", "product", "decided", "owner", "due", "state", "source")
        columns = [self.say(f".decision_log.{c}") for c in names]
        self.table(columns, review.decision_rows(self, frame, self.to), self.say(".decision_log.title"))
        self.download(frame, "decision_log")

    def _unknown_then(self, table: str) -> bool:
        """Whether a frozen review is older than something, so that none of it says nothing."""
        return table in set(self.query("unknown_then", comment=UNKNOWN_THEN)["table_name"])

    def take_away(self, minutes: float) -> None:
        """Downloads of a review of so many minutes: one file to read and print, a summary for chat, the CSV bundle."""
        self.section(".take_away")
        made = report.files(self.query, self.language, f"{self.as_of:%Y-%m}", minutes)
        for column, key, (name, make) in zip(st.columns(3), ("html", "markdown", "zip"), made.items(), strict=True):
            column.download_button(
                self.say(f".take_away.{key}"),
                data=make,
                file_name=name,
                key=f"take-{key}",
                on_click="ignore",
                icon=":material/download:",
                width="stretch",
            )

    def explain(
        self, figure: str, inputs: Iterable[tuple[str, str]], sources: Iterable[tuple[str | None, int | None]]
    ) -> None:
        """One click from a figure to its formula, the values that went in, their files and lines, and an example."""
        given = tuple(inputs)
        places = tuple(dict.fromkeys((file, line) for file, line in sources if isinstance(file, str) and file))
        shown, more = places[:_MOST_PLACES], len(places) - _MOST_PLACES
        said = self.once(lambda: self._explained(figure, given, shown, more), "explain", figure, given, shown, more)
        with st.popover(self.say(".explain.open"), icon=":material/function:", type="tertiary"):
            st.markdown(said)

    def _explained(
        self, figure: str, given: Sequence[tuple[str, str]], places: Sequence[tuple[str, int | None]], more: int
    ) -> str:
        """An explanation as one text, because each element costs every click that draws it, read or not."""
        listed = "\n".join(place(*p) for p in places) or self.say(".explain.computed")
        rows = [(self.say(".explain.name"), self.say(".explain.value")), ("---", "---")]
        rows += [tuple(text.literal(cell).replace("\n", " ") for cell in pair) for pair in given]
        parts = [
            ("formula", self.say(f".figure.{figure}")),
            ("inputs", "\n" + "\n".join(f"| {name} | {value} |" for name, value in rows) if given else ""),
            ("sources", f"\n```text\n{listed}\n```"),
            (None, self.say(".explain.more", n=more) if more > 0 else ""),
            ("worked", text.worked(self.language, figure)),
            ("source", self.say(f".figure_source.{figure}")),
        ]
        return "\n\n".join(
            (f"**{self.say(f'.explain.{name}')}**  \n" if name else "") + said for name, said in parts if said
        )

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
        """Nothing to show: say which file would fill it, and of which product, where others may have some."""
        said = self.say(f".empty.{key}")
        if self.product and self.key in _BY_PRODUCT and key in _OF_PRODUCTS:
            said = self.named(text.literal(self.product_name(self.product)), said)
        st.info(said, icon=":material/inbox:")


@cache
def _known(page: str) -> st.Page:
    """A page as Streamlit knows it, found once: by its path it is looked up on the disk for every link of every reader.

    Each look gives way to other threads, so that thirty readers wait for each other many times over.
    """
    return st.Page(PAGES[page][0], default=page == "month")


class _AsItIs(str):
    """HTML that Streamlit takes as it is; in a plain text it looks for indentation, 5 ms for 140 kB without any."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return self


def _show(made: str) -> None:
    st.html(_AsItIs(made))


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
    reader().begin(key)
    language = _language()
    # Streamlit calls every page English; by this a screen reader chooses its voice and a browser where lines break.
    st.html(f"<script>document.documentElement.lang = '{language}'</script>", unsafe_allow_javascript=True)
    try:
        path = store.current(_store())
    except OSError:
        _without_data(language, key, "closed")
    if path is None:
        _without_data(language, key, "snapshot")
    try:
        path, frozen = _frozen(language, path)
        snapshot = _open(str(path))
        months = list(_answer(str(path), "months", ())["month"])
        products = _answer(str(path), "products", ())
        meta = _answer(str(path), "meta", ()).iloc[0]
    except _UNREADABLE:
        _without_data(language, key, "damaged")
    month, linked, product = _filters(key, language, months, products)
    names = dict(zip(products["id"], products[f"name_{language}"], strict=True))
    page = Page(key, language, names, snapshot, meta["as_of"].date(), month, linked, product, products, frozen)
    _menu(page)
    st.title(page.say("title"))
    st.markdown(page.say("question"))
    _note_age(page, meta)
    if products.empty:
        page.empty("products")
        st.stop()
    if key in _BARE:
        st.html(_BARE_STYLE)
    return page


def _without_data(language: str, key: str, why: str) -> NoReturn:
    """The page's name and why there is nothing on it."""
    st.title(text.say(language, f"{key}.title"))
    _stop_with(language, why)


def _stop_with(language: str, why: str) -> NoReturn:
    st.warning(text.say(language, f"empty.{why}"), icon=":material/inbox:")
    st.stop()


def _note_age(page: Page, meta: pd.Series) -> None:
    """How old the figures are, and whether they are those of a frozen review."""
    if page.review:
        note = page.say(".frame.frozen", month=text.month(page.language, page.review), as_of=page.as_of)
        st.info(note, icon=":material/lock:")
        return
    trouble = int(meta["errors"])
    note = page.say(".frame.fresh", as_of=page.as_of, built=f"{text.moment(meta['built_at'])} UTC")
    st.caption(note + (page.say(".frame.trouble", n=trouble) if trouble else ""))


def _frozen(language: str, newest: Path) -> tuple[Path, str | None]:
    """The file of the review that the reader chose, and its month; without a choice the newest snapshot."""
    rows = _answer(str(newest), "reviews", ())
    files = {month: newest.parent / file for month, file in zip(rows["month"], rows["file"], strict=True)}
    files = {month: file for month, file in files.items() if file.is_file()}
    if not files:
        return newest, None
    with st.sidebar:
        label, now = text.say(language, "frame.review"), text.say(language, "frame.newest")
        month = _choose("review", label, list(files), lambda m: text.month(language, m), None, st, now)
    return (files[month], month) if month else (newest, None)


def _store() -> Path:
    return Path(os.environ.get("GUIDEMAP_STORE", "store"))


def _open(path: str) -> store.Snapshot:
    return _SNAPSHOTS.get(path, lambda: store.Snapshot(Path(path)))


def _answer(path: str, name: str, parameters: tuple) -> pd.DataFrame:
    return _ANSWERS.get((path, name, parameters), lambda: _open(path).query(name, **dict(parameters)))


def _language() -> str:
    default = text.preferred(st.context.locale)
    from_link("lang", one_of(text.LANGUAGES, default))
    with st.sidebar:
        language = st.segmented_control(
            "言語 / Language",
            list(text.LANGUAGES),
            format_func=text.LANGUAGES.get,
            key="lang",
            required=True,
            on_change=note_by_hand,
        )
    language = language or default  # a session whose widget was not drawn yet has no value
    to_link("lang", language, None)
    return language


def _filters(key: str, language: str, months: list[str], products: pd.DataFrame) -> tuple[str, str | None, str | None]:
    """Month, month for links (none for the newest) and product, which all pages share.

    A page that does not use one keeps it in the link.
    """
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
    linked = None if month == months[-1] else month
    return months[-1] if key in _OF_TODAY else month, linked, product


def _menu(page: Page) -> None:
    choices = reader().choices
    with st.sidebar:
        for key in PAGES:
            # Back on another page a reader finds it as it was left; the link to this one begins anew.
            left = {} if key == page.key else choices.get(key, {})
            page.page_link(text.say(page.language, f"{key}.title"), key, **left)


def _choose(
    key: str,
    label: str,
    options: list[str],
    shown: Callable[[str], str],
    default: str | None,
    where: Any,
    all_label: str | None,
) -> str | None:
    from_link(key, one_of(options, default))
    index = None if all_label else 0
    value = where.selectbox(
        label, options, index=index, format_func=shown, key=key, placeholder=all_label, on_change=note_by_hand
    )
    to_link(key, value, default)
    return value
