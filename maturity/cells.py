"""What stands in a table: texts, links and badges, as HTML that can be read aloud, printed and followed."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

# Key -> file and icon, in the order of the menu. Title and question come from the texts.
PAGES = {
    "month": ("dashboard.py", ":material/calendar_month:"),
    "meeting": ("pages/meeting.py", ":material/co_present:"),
    "changes": ("pages/changes.py", ":material/compare_arrows:"),
    "one_list": ("pages/one_list.py", ":material/format_list_numbered:"),
    "practices": ("pages/practices.py", ":material/grid_on:"),
    "spread": ("pages/spread.py", ":material/trending_up:"),
    "guide_map": ("pages/guide_map.py", ":material/map:"),
    "risks": ("pages/risks.py", ":material/warning:"),
    "risk": ("pages/risk.py", ":material/description:"),
    "risk_work": ("pages/risk_work.py", ":material/checklist:"),
    "risk_totals": ("pages/risk_totals.py", ":material/balance:"),
    "error_budgets": ("pages/error_budgets.py", ":material/local_fire_department:"),
    "slo": ("pages/slo.py", ":material/show_chart:"),
    "slo_use": ("pages/slo_use.py", ":material/stairs:"),
    "product": ("pages/product.py", ":material/category:"),
    "data_health": ("pages/data_health.py", ":material/fact_check:"),
}

# What a row of the review is about -> the page that tells the whole of it, and its parameter there.
TOLD_ON = {
    "slo": ("slo", "slo"),
    "budget": ("slo", "slo"),
    "risk": ("risk", "risk"),
    "practice": ("guide_map", "practice"),
    "gap": ("guide_map", "practice"),
}

_BLOCKS = "▁▂▃▄▅▆▇█"
# What is read as one word: a date is never broken, a place in a file after a slash only.
_FORMS = {
    "gm-date": re.compile(r"^\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?$"),
    "gm-place": re.compile(r"^[\w./@#-]+\.\w+[\w@#]*:\d+$"),
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")  # inside a longer text


@dataclass(frozen=True)
class Link:
    """A cell of a table that leads somewhere inside the dashboard."""

    label: str
    page: str
    parameters: dict[str, str]


@dataclass(frozen=True)
class Away:
    """A cell of a table that leads out of the dashboard, in a new tab; a plain text where it is no web address."""

    label: str
    url: str


@dataclass(frozen=True)
class Badge:
    """A state: a word with its sign, on its colour."""

    label: str
    colours: tuple[str, str]


@dataclass(frozen=True)
class Spark:
    """A small picture over time: counts out of `top`, told in words by `label`."""

    values: list[int]
    top: int
    label: str


@dataclass(frozen=True)
class Square:
    """A place in a picture: a few letters on the colour of its state, told whole under the pointer."""

    label: str
    colours: tuple[str, str]
    told: str
    under: str = ""  # small, below the label


@dataclass(frozen=True)
class Point:
    """A day on a timeline: a badge says what happened, `texts` are cells, `notes` small print. Silence is dashed."""

    day: dt.date
    what: Badge
    texts: Sequence[Any]
    notes: Sequence[str] = ()
    after_silence: bool = False


_MANY = 4  # columns that a phone cannot show beside each other
_SPOKEN = 0.06  # a part of a column that is less of it has no room for its number


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], caption: str, numeric: Sequence[int] = ()) -> str:
    """A table of texts, `Link`s, `Away`s, `Badge`s, `Spark`s or lists of them; `numeric` columns stand to the right.

    It scrolls sideways in a region of its own, which the keyboard can reach. On a phone a table of many columns is a
    list: each row a block, each value behind the name of its column (style.css).
    """
    begin, made, end = table_parts(columns, rows, caption, numeric)
    return begin + "".join(made) + end


def table_parts(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], caption: str, numeric: Sequence[int] = ()
) -> tuple[str, list[str], str]:
    """A table as what stands before its rows, the rows, and what stands after them."""
    head = "".join(f"<th scope='col'{_right(i in numeric)}>{html.escape(name)}</th>" for i, name in enumerate(columns))
    begin = (
        f"<div class='gm-scroll' role='region' tabindex='0' aria-label='{html.escape(caption, quote=True)}'>"
        f"<table {_named(columns)}><caption>{html.escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>"
    )
    made = []
    for row in rows:
        title = _title(row, numeric) if len(columns) >= _MANY else None
        tags = (" class='gm-title'" if i == title else _right(i in numeric) for i in range(len(row)))
        made.append(
            "<tr>" + "".join(f"<td{tag}>{cell(value)}</td>" for tag, value in zip(tags, row, strict=True)) + "</tr>"
        )
    return begin, made, "</tbody></table></div>"


def _title(row: Sequence[Any], numeric: Sequence[int]) -> int | None:
    """Place of what a row is about: the first link, alone or with a text to it, or else the first cell."""
    for i, value in enumerate(row):
        parts = value if isinstance(value, list) else [value]
        if sum(isinstance(part, Link) for part in parts) == 1 and (parts is not value or len(parts) > 1):
            return i
    return None if 0 in numeric else 0


def _named(columns: Sequence[str]) -> str:
    """Class of a table; one of many columns hands their names to the style sheet, once and not with every cell."""
    if len(columns) < _MANY:
        return "class='gm'"
    names = "".join(f"--c{i}:{_css_text(name)};" for i, name in enumerate(columns, 1))
    return f"class='gm gm-many' style='{html.escape(names, quote=True)}'"


def _css_text(text: str) -> str:
    escaped = re.sub(r"([\\\"])", r"\\\1", text)
    return f'"{escaped}"'


def under(title: str, read: str | None = None) -> str:
    """A name over something small, and how to read it."""
    return f"<div class='gm-under'>{html.escape(title)}</div>" + (small(read) if read else "")


def items(texts: Iterable[str]) -> str:
    """A list, each with a sign of its own at the beginning."""
    return f"<ul class='gm-items' role='list'>{''.join(f'<li>{html.escape(text)}</li>' for text in texts)}</ul>"


def small(text: str) -> str:
    """Small print."""
    return f"<div class='gm-small'>{html.escape(text)}</div>"


@dataclass(frozen=True)
class Axis:
    """An axis of a grid: its name, and the names of its places from 1 on."""

    name: str
    places: Sequence[str]


def grid(
    up: Axis,
    across: Axis,
    colours: Callable[[int, int], tuple[str, str]],
    found: dict[tuple[int, int], Square],
    alt: str,
) -> str:
    """Squares by two axes, the first place at the bottom left: a button with a number where something was found."""

    def place(row: int, column: int) -> str:
        paper, ink = colours(row, column)
        square = found.get((row, column))
        return (
            f"<td style='--paper:{paper};--ink:{ink}'>{_button(square, row, column, up, across) if square else ''}</td>"
        )

    rows = "".join(
        f"<tr><th scope='row'>{html.escape(up.places[row - 1])}</th>"
        f"{''.join(place(row, column) for column in range(1, len(across.places) + 1))}</tr>"
        for row in range(len(up.places), 0, -1)
    )
    names = "".join(f"<th scope='col'>{html.escape(name)}</th>" for name in across.places)
    return (
        f"<table><caption>{html.escape(alt)}</caption>"
        f"<thead><tr><th class='axis'>{html.escape(up.name)}</th></tr></thead>"
        f"<tbody>{rows}</tbody><tfoot><tr><td></td>{names}</tr><tr><td></td>"
        f"<th class='axis' colspan='{len(across.places)}'>{html.escape(across.name)}</th></tr></tfoot></table>"
    )


def _button(square: Square, row: int, column: int, up: Axis, across: Axis) -> str:
    said = html.escape(f"{up.places[row - 1]}, {across.places[column - 1]}: {square.label}", quote=True)
    told = html.escape(square.told, quote=True)
    return (
        f"<button type='button' data-place='{row},{column}' aria-label='{said}' title='{told}'>"
        f"{html.escape(square.label)}</button><small>{html.escape(square.under)}</small>"
    )


def bands(columns: Iterable[tuple[str, Sequence[tuple[Square, int]]]], alt: str) -> str:
    """Columns of counts on top of each other, the last at the bottom; each column is as high as the others."""
    drawn = "".join(
        f"<div><div class='gm-band'>{''.join(_part(square, n, sum(m for _, m in parts)) for square, n in parts)}</div>"
        f"{html.escape(name)}</div>"
        for name, parts in columns
    )
    label = html.escape(alt, quote=True)
    return (
        f"<div class='gm-scroll gm-newest' role='region' tabindex='0' aria-label='{label}'>"
        f"<div class='gm-bands' role='img' aria-label='{label}'>{drawn}</div></div>"
    )


def badges(label: str, shown: Iterable[Badge]) -> str:
    """A row of badges under its name."""
    row = "".join(cell(badge) for badge in shown)
    return f"<div class='gm-label'>{html.escape(label)}</div><div class='gm-badges'>{row}</div>"


def timeline(label: str, points: Iterable[Point]) -> str:
    """A list along a line, the newest first; of one day, what was given last. More days make a longer line."""
    newest_first = sorted(points, key=lambda point: point.day)[::-1]
    older = [point.day for point in newest_first[1:]]
    items = "".join(_point(point, before) for point, before in zip_longest(newest_first, older))
    return f"<ol class='gm-timeline' role='list' aria-label='{html.escape(label, quote=True)}'>{items}</ol>"


def _point(point: Point, before: dt.date | None) -> str:
    days = (point.day - before).days if before else 0
    silence = " class='gm-silence'" if point.after_silence else ""
    texts = "".join(f"<div>{cell(told)}</div>" for told in point.texts)
    notes = f"<div class='gm-note'>{html.escape(' · '.join(point.notes))}</div>" if point.notes else ""
    return (
        f"<li{silence} style='--days:{days};--dot:{point.what.colours[0]}'>"
        f"<div>{cell(point.day)} {cell(point.what)}</div>{texts}{notes}</li>"
    )


def href(link: Link) -> str:
    """Address of a page with its parameters, relative to the dashboard."""
    name = Path(PAGES[link.page][0]).stem
    return "./" + ("" if link.page == "month" else name) + "?" + urlencode(link.parameters)


def cell(value: Any) -> str:
    """What stands in a cell of a table."""
    if isinstance(value, Link):
        return f"<a href='{html.escape(href(value), quote=True)}' target='_self'>{html.escape(value.label)}</a>"
    if isinstance(value, Away):
        if not value.url.startswith(("http://", "https://")):
            return html.escape(value.url)
        address = html.escape(value.url, quote=True)
        return f"<a href='{address}' target='_blank' rel='noopener noreferrer'>{html.escape(value.label)}</a>"
    if isinstance(value, Badge):
        background, ink = value.colours
        return f"<span class='gm-badge' style='background:{background};color:{ink}'>{html.escape(value.label)}</span>"
    if isinstance(value, Spark):
        return _spark(value)
    if isinstance(value, list):
        return "<ul>" + "".join(f"<li>{cell(part)}</li>" for part in value) + "</ul>"
    shown = html.escape("" if value is None else str(value))
    kind = next((name for name, form in _FORMS.items() if form.match(shown)), None)
    if kind == "gm-place":
        shown = shown.replace("/", "/<wbr>")
    return f"<span class='{kind}'>{shown}</span>" if kind else _DAY.sub(r"<span class='gm-day'>\g<0></span>", shown)


def _spark(spark: Spark) -> str:
    """Blocks of text, which survive copying and printing; Streamlit takes a drawing out of a table."""
    blocks = "".join(_BLOCKS[round((len(_BLOCKS) - 1) * n / max(1, spark.top))] for n in spark.values)
    label = html.escape(spark.label, quote=True)
    return f"<span class='gm-spark' role='img' aria-label='{label}' title='{label}'>{blocks}</span>"


def _part(square: Square, count: int, of: int) -> str:
    label = html.escape(square.label) if count >= _SPOKEN * of else ""
    return f"<span {_painted(square, f'flex:{count};')}>{label}</span>"


def _painted(square: Square, more: str = "") -> str:
    background, ink = square.colours
    return f"style='{more}background:{background};color:{ink}' title='{html.escape(square.told, quote=True)}'"


def _right(numeric: bool) -> str:
    return " class='gm-number'" if numeric else ""
