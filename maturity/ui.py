"""The frame of every page: language, filters, snapshot, links, tables, downloads, and how a figure explains itself.

Every file in pages/, and dashboard.py, begins with `page = open_page(key)`. Streamlit runs a page of a fresh server
without dashboard.py, so nothing that a page needs may happen anywhere else.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import html
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from maturity import cells, export, report, review, store, text
from maturity.cells import PAGES, Badge, Link, Point
from maturity.kept import Kept
from maturity.words import Words

# A picture of our own: Streamlit would fetch a named icon from the web.
_ICON = Path(__file__).parent / "icon.svg"
_STYLE = Path(__file__).parent / "style.css"
_BARE_STYLE = Path(__file__).parent / "bare.css"


def _beside(*names: str) -> str:
    """Files beside this one, one after the other."""
    return "\n".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in names)


_CHOICES = "<div class='choices'></div><p class='said' aria-live='polite'></p>"
_SAVE = "<button type='button' class='act'></button>"
# Drawn by the browser from names and letters, because a chart of 200 x 60 cells is slow and cannot be read aloud; and
# chosen there, so that nobody waits for a server that answers others.
_MATRIX = st.components.v2.component(
    "guidemap_matrix",
    html=_CHOICES
    + "<div class='map'></div><p class='hidden' role='status'></p><button type='button' class='act'></button>",
    css=_beside("choices.css", "matrix.css"),
    js=_beside("choices.js", "arrange.js", "matrix.js"),
)
# The SLOs of a company; in the page itself, because its list looks as every other.
_BUDGETS = st.components.v2.component(
    "guidemap_budgets",
    html=f"""{_CHOICES}<div class='rest'><div class='squares'></div>{_SAVE.replace("act", "act periods")}
        <h3 class='title'></h3><p class='read'></p><div class='list'></div><p class='gm-small more'></p>
        {_SAVE.replace("act", "act status")}</div>""",
    css=_beside("choices.css"),
    js=_beside("choices.js", "budgets.js"),
    isolate_styles=False,
)
# Buttons in a table: a chart library would be most of its page, and no keyboard reaches what it draws.
_RISKS = st.components.v2.component(
    "guidemap_risks",
    html=f"""{_CHOICES}<div class='sides'><div class='grid'></div>
        <div><div class='inside' aria-live='polite'></div><div class='lists'></div></div></div>""",
    css=_beside("choices.css", "risks.css"),
    js=_beside("choices.js", "risks.js"),
    isolate_styles=False,
)
# Run by the browser, so that nobody in a meeting waits for a server.
_MEETING = st.components.v2.component(
    "guidemap_meeting",
    html="<div class='meeting'></div>",
    css=_beside("meeting.css"),
    js=_beside("meeting.js"),
)

_MOST_PLACES = 30  # behind a figure
MOST_ROWS = 200  # nobody reads more in a meeting; the CSV has them all
# Pages that show one month, and pages that can be narrowed to one product.
_BY_MONTH = {"practices", "spread", "error_budgets", "slo", "product", "guide_map"}
_OF_TODAY = {
    "month",
    "meeting",
    "changes",
    "one_list",
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
_BARE = {"meeting"}  # shown without menu and heading; language and month come from the link
_SHARED = {"lang", "month", "product", "review"}  # go along from page to page; all other choices belong to one page


_SNAPSHOTS, _ANSWERS, _MADE = Kept(4), Kept(512), Kept(512)

T = TypeVar("T")
Save = Callable[[dict[str, Any]], tuple[str, pd.DataFrame]]  # what a reader asked for -> name of the file, its rows


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
        return float(self._policies.loc[name, "value"])

    def policy_places(self, *names: str) -> list[tuple[str, int]]:
        """Files and lines in which thresholds stand."""
        rows = self._policies.loc[list(names)]
        return list(zip(rows["src_file"], rows["src_line"], strict=True))

    @property
    def _policies(self) -> pd.DataFrame:
        return self.once(lambda: self.query("policy").set_index("name"), "policies")

    @property
    def _path(self) -> str:
        return str(self.snapshot.path)

    def query(self, name: str, **parameters: Any) -> pd.DataFrame:
        """Answer of a question to the snapshot. Shared between viewers: never change it in place."""
        return _answer(self._path, name, tuple(sorted(parameters.items())))

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
        _from_link(key, lambda values: [value for value in values if value in options])
        hint = self.say(".any")
        value = where.multiselect(
            label, list(options), format_func=shown, key=key, placeholder=hint, on_change=_note_by_hand
        )
        _to_link(key, value, [])
        return value

    def search(self, key: str, label: str, hint: str, where: Any = st) -> str:
        """A line to type in; what was typed is part of the link."""
        _from_link(key, lambda values: " ".join(values))
        value = where.text_input(
            label, key=key, placeholder=hint, max_chars=100, icon=":material/search:", on_change=_note_by_hand
        ).strip()
        _to_link(key, value, "")
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
        _from_link(key, _one_of(options, options[0]))
        value = st.segmented_control(
            label, list(options), format_func=shown, key=key, required=True, on_change=_note_by_hand
        )
        _to_link(key, value, options[0])
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
        st.page_link(PAGES[page][0], label=label, icon=PAGES[page][1], query_params=self.parameters(**more))

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
                _reader().begin_part()
                if store.current(_store()) != self.snapshot.path:
                    st.rerun()
            draw(self, *given)

        drawn()

    def fold(self, key: str, title: str, draw: Callable[[Page], None]) -> None:
        """Something under a title that is closed at first, and not made before it is opened."""

        def folded(page: Page) -> None:
            with st.expander(title, key=f"fold-{key}", on_change="rerun") as fold:
                if fold.open:
                    draw(page)

        self.part(folded)

    def row(self, key: str) -> Any:
        """Room for choices beside each other, as many as fit; one message where columns are one each."""
        return st.container(key=f"row-{key}")

    def section(self, key: str, **values: object) -> None:
        """A heading, and the sentence under it that says what is shown and how to read it."""
        st.subheader(self.say(f"{key}.title", **values))
        st.caption(self.say(f"{key}.read", **values))

    def of_today_only(self) -> None:
        """Say it where an older month is chosen and the figures below are those of the snapshot's day."""
        if not self.is_latest:
            st.caption(self.say(".frame.today_only", as_of=self.as_of))

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

    def matrix(
        self, key: str, drawing: str, keys: tuple[str, str], detail: str, parts: Sequence[str], save: Save
    ) -> None:
        """Draw a map (maturity/matrix.py), `packed` with its choices.

        A click on a cell chooses product and practice in select boxes, `keys`, of other `parts`, which are drawn, and
        scrolls to the container `detail`: what stands in it as `opened` is marked. `save` gives a file of the products
        and practices that are shown.
        """

        def open_cell() -> None:
            _choose_by_click(keys, st.session_state[key].cell)
            _note_by_hand(parts)

        data = {"drawing": drawing, "detail": detail} | _beside_data(key)
        _MATRIX(key=key, data=data, on_cell_change=open_cell, on_file_change=_saving(key, save))

    def opened(self, product: str, practice: str) -> None:
        """Say which cell of the map stands here."""
        _show(f"<span class='gm-hidden' data-cell='{html.escape(f'{product} {practice}', quote=True)}'></span>")

    def budgets(self, key: str, drawing: str, save: Save) -> None:
        """Draw the SLOs of pages/error_budgets.py, `packed` with their choices. `save` gives a file of some."""
        _BUDGETS(key=key, data={"drawing": drawing} | _beside_data(key), on_file_change=_saving(key, save))

    def risks(self, key: str, drawing: str, inside: Callable[[str, tuple[int, int]], str]) -> None:
        """Draw the grid of pages/risks.py, `packed` with its choices; `inside` lists a square of a view."""
        square = st.session_state.get(key, {}).get("square")
        held = inside(square["view"], tuple(map(int, square["place"].split(",")))) if square else ""
        data = {"drawing": drawing, "square": square, "inside": held} | _beside_data(key)
        _RISKS(key=key, data=data, default={"square": None}, on_square_change=_note_by_hand)

    def meeting(self, drawing: dict[str, Any]) -> None:
        """Run a meeting (maturity/meeting.py) over the whole window. What it keeps, it keeps in the browser."""
        _MEETING(key="meeting", data=drawing)

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
        if frame.empty:
            st.caption(self.say(".decision_log.none"))
            return
        columns = [
            self.say(f".decision_log.{c}") for c in ("day", "about", "product", "decided", "owner", "due", "state")
        ]
        self.table(columns, review.decision_rows(self, frame, self.to), self.say(".decision_log.title"))
        self.download(frame, "decision_log")

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
        given = list(inputs)
        places = list(dict.fromkeys((file, line) for file, line in sources if isinstance(file, str) and file))
        listed = "\n".join(place(*p) for p in places[:_MOST_PLACES]) or self.say(".explain.computed")
        rows = [(self.say(".explain.name"), self.say(".explain.value")), ("---", "---")]
        rows += [(_plain(name), _plain(value)) for name, value in given]
        parts = [
            ("formula", self.say(f".figure.{figure}")),
            ("inputs", "\n" + "\n".join(f"| {name} | {value} |" for name, value in rows) if given else ""),
            ("sources", f"\n```text\n{listed}\n```"),
            (None, self.say(".explain.more", n=len(places) - _MOST_PLACES) if len(places) > _MOST_PLACES else ""),
            ("worked", text.worked(self.language, figure)),
            ("source", self.say(f".figure_source.{figure}")),
        ]
        with st.popover(self.say(".explain.open"), icon=":material/function:", type="tertiary"):
            # One text, because each element costs every click that draws it, read or not.
            st.markdown("\n\n".join(
                (f"**{self.say(f'.explain.{name}')}**  \n" if name else "") + said for name, said in parts if said
            ))  # fmt: skip

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


def _plain(value: str) -> str:
    """A text in which Markdown finds nothing to do."""
    return re.sub(r"([\\`*_\[\]<>$|~:#])", r"\\\1", value).replace("\n", " ")


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
    _reader().begin(key)
    language = _language()
    path = store.current(_store())
    if path is None:
        st.title(text.say(language, f"{key}.title"))
        st.warning(text.say(language, "empty.snapshot"), icon=":material/inbox:")
        st.stop()
    path, frozen = _frozen(language, path)
    snapshot = _open(str(path))
    months = list(_answer(str(path), "months", ())["month"])
    products = _answer(str(path), "products", ())
    meta = _answer(str(path), "meta", ()).iloc[0]
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
    _from_link("lang", _one_of(text.LANGUAGES, default))
    with st.sidebar:
        language = st.segmented_control(
            "言語 / Language",
            list(text.LANGUAGES),
            format_func=text.LANGUAGES.get,
            key="lang",
            required=True,
            on_change=_note_by_hand,
        )
    language = language or default  # a session whose widget was not drawn yet has no value
    _to_link("lang", language, None)
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
    choices = _reader().choices
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
    _from_link(key, _one_of(options, default))
    index = None if all_label else 0
    value = where.selectbox(
        label, options, index=index, format_func=shown, key=key, placeholder=all_label, on_change=_note_by_hand
    )
    _to_link(key, value, default)
    return value


def _one_of(options: Iterable[str], default: str | None) -> Callable[[list[str]], str | None]:
    """How a widget for one value takes the values of a link."""
    return lambda values: next((value for value in values if value in options), default)


def _from_link(key: str, fit: Callable[[list[str]], Any]) -> None:
    """Take a widget's value from the link: when a reader arrives, or the link changed other than through the widget.

    A widget of the same key on another page is another widget to Streamlit and would begin with its default. `fit`
    makes a value of the widget out of the values of the link, and leaves out what it does not offer. A run that a
    widget began may come with a link that does not know of the choice before it: then the widgets are right.
    """
    reader, linked = _reader(), st.query_params.get_all(key)
    held = st.session_state.get(key, _NOTHING)
    moved = linked != reader.linked.get(key, []) and not reader.by_hand
    if held is _NOTHING or moved or key not in reader.taken:
        st.session_state[key] = fit(linked)
    elif (kept := fit(_values(held))) != held:
        st.session_state[key] = kept
    reader.taken.add(key)


def _to_link(key: str, value: str | list[str] | None, default: str | list[str] | None) -> None:
    """Put a widget's value into the link; a default is left out to keep links short."""
    values = [] if value == default else _values(value)
    if st.query_params.get_all(key) != values:
        if values:
            st.query_params[key] = values
        else:
            del st.query_params[key]
    reader = _reader()
    reader.linked[key] = values
    if key not in _SHARED:
        reader.choices.setdefault(reader.page, {})[key] = values


def _values(value: str | list[str] | None) -> list[str]:
    if isinstance(value, list):
        return value
    return [] if value is None or value == "" else [value]


def packed(drawing: dict[str, Any]) -> str:
    """What the browser draws, as choices.js unpacks it: made once, and small for each of many readers."""
    made = json.dumps(drawing, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(made, mtime=0)).decode()


def _beside_data(key: str) -> dict[str, Any]:
    """What choices.js is told beside the data: whether another link was followed, and a file that was asked for."""
    return {"visit": _reader().visit, "file": _reader().files.pop(key, None)}


def _saving(key: str, save: Save) -> Callable[[], None]:
    """Answer a reader who asks for a file of what is shown: it goes along with the next drawing."""

    def answer() -> None:
        _note_by_hand()
        name, frame = save(st.session_state[key].file)
        reader = _reader()
        reader.saved += 1
        made = export.to_csv(frame).decode("utf-8")
        reader.files[key] = {"number": reader.saved, "name": f"{name}.csv", "text": made}

    return answer


def _choose_by_click(keys: Sequence[str], values: Iterable[str]) -> None:
    """Choose in select boxes that are drawn later; what they hold stands above the link then."""
    for key, value in zip(keys, values, strict=False):
        st.session_state[key] = value
        _reader().linked[key] = st.query_params.get_all(key)


@dataclass
class _Reader:
    """What is remembered of a session beside its widgets."""

    page: str = ""
    by_hand: bool = False  # whether a widget began this run
    noted: bool = False  # a widget was used, the run that it begins comes next
    taken: set[str] = field(default_factory=set)  # widgets of this page that took their value from the link
    linked: dict[str, list[str]] = field(default_factory=dict)  # values as the last run left them in the link
    choices: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # of each page
    visit: int = 0  # counts runs that no widget began: a link was followed, and says what is chosen
    files: dict[str, dict[str, Any]] = field(
        default_factory=dict
    )  # on their way to the browser, by what asked for them
    saved: int = 0  # files so far

    def begin(self, page: str) -> None:
        """A run of a whole page."""
        if self.page != page:
            self.page, self.taken = page, set()
        self.by_hand, self.noted = self.noted, False
        self.visit += not self.by_hand

    def begin_part(self) -> None:
        """A run of one part, which a widget on it began."""
        self.by_hand, self.noted = True, False


_NOTHING = object()


def _reader() -> _Reader:
    reader = st.session_state.get("_reader")
    if reader is None:
        reader = st.session_state["_reader"] = _Reader()
    return reader


def _note_by_hand(parts: Sequence[str] = ()) -> None:
    """A widget was used; it draws its own part anew, or these."""
    _reader().noted = True
    if parts:
        st.rerun(scope=list(parts))
