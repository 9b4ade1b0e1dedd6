"""A real dashboard server and a real Chromium for the tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright
from served import chromium, launched, serving, settled

# The usual five seconds are not enough for 12,000 cells on a machine that does other work; what is wrong fails anyway.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Missing: skipped on a laptop, an error where everything must run."""
    if chromium() is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed, and CI must run the browser tests")
        pytest.skip("chromium is not installed (Debian: apt-get install chromium fonts-noto-cjk)")
    with sync_playwright() as playwright:
        started = launched(playwright)
        yield started
        started.close()


@pytest.fixture(scope="session")
def dashboard(sample_store: Path) -> Iterator[str]:
    """Address of a dashboard on the sample."""
    with serving(sample_store) as address:
        yield address


@pytest.fixture(scope="session")
def tabs(browser: Browser) -> Iterator[dict[tuple, Page]]:
    """A tab for each kind of reader, kept from test to test: what Chromium has compiled there, it need not again."""
    kept: dict[tuple, Page] = {}
    yield kept
    for page in kept.values():
        page.context.close()


@pytest.fixture
def asked() -> list[str]:
    """Addresses that the visits of a test ask for anything."""
    return []


@pytest.fixture
def visit(browser: Browser, tabs: dict[tuple, Page], asked: list[str]) -> Iterator[Callable[..., Page]]:
    """Open an address as a reader with a language, a screen and a colour scheme; waits until the page is drawn.

    With a `clock`, the reader's time can be put forward. A second visit of the same reader gets a browser of its own.
    """
    used: dict[tuple, Page] = {}
    contexts = []

    def note(request: Request) -> None:
        asked.append(request.url)

    def tab(locale: str, scheme: str, clock: bool) -> Page:
        context = browser.new_context(locale=locale, color_scheme=scheme)
        if clock:
            context.clock.install()
        return context.new_page()

    def opened(
        address: str, locale: str = "en-US", width: int = 1300, height: int = 900, scheme: str = "light",
        clock: bool = False,
    ) -> Page:  # fmt: skip
        reader = (locale, scheme, clock)
        if reader in used:
            page = tab(*reader)
            contexts.append(page.context)
        else:
            if reader not in tabs:
                tabs[reader] = tab(*reader)
            page = used[reader] = tabs[reader]
        page.on("request", note)
        page.set_viewport_size({"width": width, "height": height})
        page.goto(address)
        settled(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    for page in used.values():
        page.remove_listener("request", note)
        _forget(page)


def _forget(page: Page) -> None:
    """Leave nothing of a test in its tab."""
    for other in page.context.pages:
        if other != page:
            other.close()
    # A page that still runs, such as a meeting with its clocks, would write again what was cleared.
    page.evaluate("localStorage.clear(), sessionStorage.clear(), Storage.prototype.setItem = () => {}")
    page.context.clear_cookies()
    page.context.clear_permissions()
    page.emulate_media(media="null")
    page.goto("about:blank")
