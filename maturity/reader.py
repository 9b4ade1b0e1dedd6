"""A reader's session: which choices came from the link, and which were made by hand.

Streamlit keeps the values of widgets; what it does not keep is where they came from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

_SHARED = {"lang", "month", "product", "review"}  # go along from page to page; all other choices belong to one page


@dataclass
class Reader:
    """What is remembered of a session beside its widgets."""

    page: str = ""
    by_hand: bool = False  # whether a widget began this run
    noted: bool = False  # a widget was used, the run that it begins comes next
    taken: set[str] = field(default_factory=set)  # widgets of this page that took their value from the link
    linked: dict[str, list[str]] = field(default_factory=dict)  # values as the last run left them in the link
    choices: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # of each page
    visit: int = 0  # counts runs that no widget began: a link was followed, and says what is chosen
    clicked: dict[str, str] = field(default_factory=dict)  # values for widgets, chosen in a picture
    files: dict[str, dict[str, Any]] = field(default_factory=dict)  # on their way, by what asked for them
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


def reader() -> Reader:
    """That of the session that runs."""
    known = st.session_state.get("_reader")
    if known is None:
        known = st.session_state["_reader"] = Reader()
    return known


def note_by_hand(parts: Sequence[str] = ()) -> None:
    """A widget was used; it draws its own part anew, or these."""
    reader().noted = True
    if parts:
        st.rerun(scope=list(parts))


def choose_by_click(keys: Sequence[str], values: Iterable[str]) -> None:
    """Choose in select boxes that are drawn later; what they hold stands above the link then.

    They are given it when they are drawn: a browser is told of no value that was there before its run began.
    """
    for key, value in zip(keys, values, strict=False):
        reader().clicked[key] = value
        reader().linked[key] = st.query_params.get_all(key)


def one_of(options: Iterable[str], default: str | None) -> Callable[[list[str]], str | None]:
    """How a widget for one value takes the values of a link."""
    return lambda values: next((value for value in values if value in options), default)


def from_link(key: str, fit: Callable[[list[str]], Any]) -> None:
    """Take a widget's value from the link: when a reader arrives, or the link changed other than through the widget.

    A widget of the same key on another page is another widget to Streamlit and would begin with its default. `fit`
    makes a value of the widget out of the values of the link, and leaves out what it does not offer. A run that a
    widget began may come with a link that does not know of the choice before it: then the widgets are right.
    """
    known, linked = reader(), st.query_params.get_all(key)
    held = st.session_state.get(key, _NOTHING)
    moved = linked != known.linked.get(key, []) and not known.by_hand
    if key in known.clicked:
        st.session_state[key] = fit([known.clicked.pop(key)])
    elif held is _NOTHING or moved or key not in known.taken:
        st.session_state[key] = fit(linked)
    elif (kept := fit(_values(held))) != held:
        st.session_state[key] = kept
    known.taken.add(key)


def to_link(key: str, value: str | list[str] | None, default: str | list[str] | None) -> None:
    """Put a widget's value into the link; a default is left out to keep links short."""
    values = [] if value == default else _values(value)
    if st.query_params.get_all(key) != values:
        if values:
            st.query_params[key] = values
        else:
            del st.query_params[key]
    known = reader()
    known.linked[key] = values
    if key not in _SHARED:
        known.choices.setdefault(known.page, {})[key] = values


def _values(value: str | list[str] | None) -> list[str]:
    if isinstance(value, list):
        return value
    return [] if value is None or value == "" else [value]
