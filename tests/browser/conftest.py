"""A real dashboard server and a real Chromium for the tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from given import SAMPLE, SAMPLE_AS_OF, build
from playwright.sync_api import Browser, Page, sync_playwright
from served import chromium, launched, serving, settled


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


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
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, published."""
    folder = tmp_path_factory.mktemp("browser") / "store"
    build(folder, SAMPLE, SAMPLE_AS_OF)
    return folder


@pytest.fixture(scope="session")
def dashboard(sample_store: Path) -> Iterator[str]:
    """Address of a dashboard on the sample."""
    with serving(sample_store) as address:
        yield address


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open an address as a reader with a language, a screen and a colour scheme; waits until the page is drawn."""
    contexts = []

    def opened(address: str, locale: str = "en-US", width: int = 1300, scheme: str = "light") -> Page:
        context = browser.new_context(locale=locale, color_scheme=scheme, viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        settled(page)
        return page

    yield opened
    for context in contexts:
        context.close()
