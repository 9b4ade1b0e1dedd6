"""What the browser draws by itself: it is told everything once, and whoever chooses there waits for no server."""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from maturity import export
from maturity.reader import choose_by_click, note_by_hand, reader

Save = Callable[[dict[str, Any]], tuple[str, pd.DataFrame]]  # what a reader asked for -> name of the file, its rows


def _beside(*names: str) -> str:
    """Files beside this one, one after the other."""
    return "\n".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in names)


_CHOICES = "<div class='choices'></div><p class='said' aria-live='polite'></p>"


def _button(which: str) -> str:
    """A button for a file of what is shown; the script says what it does."""
    return f"<button type='button' class='act {which}'></button>"


# Drawn by the browser from names and letters, because a chart of 200 x 60 cells is slow and cannot be read aloud; and
# chosen there, so that nobody waits for a server that answers others.
_MATRIX = st.components.v2.component(
    "guidemap_matrix",
    html=f"{_CHOICES}<div class='map'></div><p class='hidden' role='status'></p>{_button('whole')}",
    css=_beside("choices.css", "matrix.css"),
    js=_beside("choices.js", "arrange.js", "matrix.js"),
)
# The SLOs of a company; in the page itself, because its list looks as every other.
_BUDGETS = st.components.v2.component(
    "guidemap_budgets",
    html=f"""{_CHOICES}<div class='rest'><div class='squares'></div>{_button("periods")}
        <h3 class='title'></h3><p class='read'></p><div class='list'></div><p class='gm-small more'></p>
        {_button("status")}</div>""",
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


def matrix(key: str, drawing: str, keys: tuple[str, str], detail: str, parts: Sequence[str], save: Save) -> None:
    """Draw a map (maturity/matrix.py), `packed` with its choices.

    A click on a cell chooses product and practice in select boxes, `keys`, of other `parts`, which are drawn, and
    scrolls to the container `detail`: what stands in it as `opened` is marked. `save` gives a file of the products
    and practices that are shown.
    """

    def open_cell() -> None:
        choose_by_click(keys, st.session_state[key].cell)
        note_by_hand(parts)

    data = {"drawing": drawing, "detail": detail} | _beside_data(key)
    _MATRIX(key=key, data=data, on_cell_change=open_cell, on_file_change=_saving(key, save))


def opened(product: str, practice: str) -> str:
    """Says to the map which of its cells stands here."""
    return f"<span class='gm-hidden' data-cell='{html.escape(f'{product} {practice}', quote=True)}'></span>"


def budgets(key: str, drawing: str, save: Save) -> None:
    """Draw the SLOs of pages/error_budgets.py, `packed` with their choices. `save` gives a file of some."""
    _BUDGETS(key=key, data={"drawing": drawing} | _beside_data(key), on_file_change=_saving(key, save))


def risks(key: str, drawing: str, inside: Callable[[str, tuple[int, int]], str]) -> None:
    """Draw the grid of pages/risks.py, `packed` with its choices; `inside` lists a square of a view."""
    square = st.session_state.get(key, {}).get("square")
    held = inside(square["view"], tuple(map(int, square["place"].split(",")))) if square else ""
    data = {"drawing": drawing, "square": square, "inside": held} | _beside_data(key)
    _RISKS(key=key, data=data, default={"square": None}, on_square_change=note_by_hand)


def meeting(drawing: dict[str, Any]) -> None:
    """Run a meeting (maturity/meeting.py) over the whole window. What it keeps, it keeps in the browser."""
    _MEETING(key="meeting", data=drawing)


def packed(drawing: dict[str, Any]) -> str:
    """What the browser draws, as choices.js unpacks it: made once, and small for each of many readers."""
    made = json.dumps(drawing, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(made, mtime=0)).decode()


def _beside_data(key: str) -> dict[str, Any]:
    """What choices.js is told beside the data: whether another link was followed, and a file that was asked for."""
    return {"visit": reader().visit, "file": reader().files.pop(key, None)}


def _saving(key: str, save: Save) -> Callable[[], None]:
    """Answer a reader who asks for a file of what is shown: it goes along with the next drawing."""

    def answer() -> None:
        note_by_hand()
        name, frame = save(st.session_state[key].file)
        known = reader()
        known.saved += 1
        made = export.to_csv(frame).decode("utf-8")
        known.files[key] = {"number": known.saved, "name": f"{name}.csv", "text": made}

    return answer
