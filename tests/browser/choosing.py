"""How a reader chooses on a page that is drawn by the browser."""

from __future__ import annotations

from playwright.sync_api import Page
from served import settled

from bench.viewers import is_rerun


def choose(page: Page, legend: str, option: str) -> None:
    """Choose in one of the filters."""
    page.get_by_role("group", name=legend, exact=True).get_by_role("checkbox", name=option, exact=True).check()


def runs_asked_for(page: Page) -> list[bytes]:
    """Runs of the script that a page asks for, from its next load on, which this begins."""
    asked: list[bytes] = []

    def note(frame: bytes | str) -> None:
        if isinstance(frame, bytes) and is_rerun(frame):
            asked.append(frame)

    page.once("websocket", lambda opened: opened.on("framesent", note))
    page.reload()
    settled(page)
    assert asked, "the page itself"
    asked.clear()
    return asked
