"""The picture in README, made from the sample by the dashboard itself: `make screenshot`."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from served import launched, serving, settled  # noqa: E402

with serving(ROOT / "store") as address, sync_playwright() as playwright:
    browser = launched(playwright)
    page = browser.new_page(locale="en-US", viewport={"width": 1280, "height": 1000})
    page.goto(address)
    settled(page)
    page.wait_for_timeout(1000)  # the fonts
    page.screenshot(path=ROOT / "docs" / "this-month.png")
    browser.close()
