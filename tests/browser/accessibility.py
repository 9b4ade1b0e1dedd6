"""What axe-core finds on a page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Everything else that axe tells, such as what passed, would be as long as the page.
_OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """Rules of WCAG 2.1 A and AA that the page breaks, each with the first places."""
    found = Axe().run(page, options=_OPTIONS)
    return [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found.response["violations"]]
