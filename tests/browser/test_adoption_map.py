"""The adoption map in a real browser: clicks, keys, filters, links, size, print."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from accessibility import violations
from playwright.sync_api import Locator, Page, expect
from served import serving, settled


@pytest.fixture(scope="module")
def large(large_store: Path) -> Iterator[str]:
    """Address of a dashboard on 200 products and 60 practices."""
    with serving(large_store) as address:
        yield address


def cells(page: Page) -> Locator:
    return page.get_by_role("grid").locator("td[aria-label]")


def cell(page: Page, row: str, column: int) -> Locator:
    """The cell in the row of that name, counted from 0."""
    line = page.get_by_role("grid").locator("tr.line").filter(has=page.get_by_text(row, exact=True))
    return line.locator("td[aria-label]").nth(column)


def choose(page: Page, key: str, option: str) -> None:
    """Choose in one of the filters."""
    box = page.locator(f".st-key-{key} input")
    box.scroll_into_view_if_needed()  # a list that is open while the page scrolls, or is drawn anew, closes
    settled(page)
    box.click()
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")
    settled(page)


def test_a_click_on_a_cell_opens_that_pair_in_sight(dashboard, visit):
    page = visit(f"{dashboard}/practices?category=recovery&level=2")
    expect(cells(page)).to_have_count(12)
    columns = page.get_by_role("grid").locator("thead th.line").all_inner_texts()
    wanted = cell(page, "L2* Restore tested", columns.index("Ragfinder"))
    wanted.hover()
    expect(wanted).to_have_attribute("title", "L2* Restore tested\nRagfinder\nLapsed")
    wanted.click()
    heading = page.get_by_role("heading", name="Ragfinder: Restore tested")
    expect(heading).to_be_in_viewport()
    settled(page)
    assert "practice=rec-02" in page.url
    assert "cell_product=ragfinder" in page.url
    expect(wanted).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("status").filter(has_text="Opened below")).to_have_text(
        "Opened below: L2* Restore tested, Ragfinder"
    )


def test_a_choice_below_the_map_is_marked_on_it_and_its_filters_stay(dashboard, visit):
    page = visit(f"{dashboard}/practices?category=recovery&level=2")
    settled(page)
    page.locator(".st-key-practice input").click()
    page.keyboard.type("Restore tested")
    page.get_by_role("option", name="Restore tested", exact=True).click()
    expect(page.get_by_role("heading", name="Askhub: Restore tested")).to_be_visible()
    marked = page.get_by_role("grid").locator("[aria-selected=true]")
    expect(marked).to_have_count(1)
    page.locator("summary").filter(has_text="Filters").click()
    choose(page, "level", "Level 3")
    expect(cells(page)).not_to_have_count(12)
    expect(marked).to_have_count(1)
    expect(page.get_by_role("heading", name="Askhub: Restore tested")).to_be_visible()


def test_a_link_to_a_cell_shows_that_cell(dashboard, visit):
    page = visit(f"{dashboard}/practices?practice=rec-02&cell_product=askhub")
    expect(page.get_by_role("heading", name="Askhub: Restore tested")).to_be_in_viewport()


def test_the_keyboard_moves_from_cell_to_cell_and_opens_one(large, visit):
    page = visit(f"{large}/practices")
    expect(cells(page)).to_have_count(12_000)
    expect(page.get_by_role("grid").locator("[tabindex='0']")).to_have_count(1)
    cells(page).first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "PageDown", "ArrowUp", "ArrowLeft", "ArrowRight"):
        page.keyboard.press(key)
    expect(cell(page, "Askable 12", 1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Askable 12: Architecture page with dependencies")).to_be_in_viewport()
    expect(cell(page, "Askable 12", 1)).to_be_focused()
    page.keyboard.press("Control+End")
    last = cells(page).last
    expect(last).to_be_focused()
    expect(last).to_be_in_viewport()
    head = page.get_by_role("grid").locator("thead").bounding_box()
    assert head["y"] >= 0, "names of the columns stay in sight"
    expect(page.get_by_role("grid").locator("[tabindex='0']")).to_have_count(1)


def test_filters_stay_in_the_link_on_another_page_and_back(large, visit):
    page = visit(f"{large}/practices")
    page.locator("summary").filter(has_text="Filters").click()
    choose(page, "tier", "Tier 1")
    choose(page, "tag", "chat")
    said = page.get_by_text(re.compile(r"^\d+ of 200 products and 60 of 60 practices are shown\.$"))
    expect(said).not_to_have_text(re.compile("^200 "))
    counted = said.inner_text()
    expect(cells(page)).to_have_count(int(counted.split()[0]) * 60)
    assert "tier=1&tag=chat" in page.url
    page.locator('[data-testid="stSidebar"]').get_by_role("link", name="Risks", exact=True).click()
    expect(page.locator("h1")).to_have_text("Risks")
    settled(page)
    assert "tier" not in page.url
    page.locator('[data-testid="stSidebar"]').get_by_role("link", name="Practices").click()
    expect(page.locator("h1")).to_have_text("Practices")
    expect(said).to_have_text(counted)
    settled(page)
    again = visit(page.url)
    expect(again.get_by_text(counted)).to_be_visible()
    again.get_by_role("button", name="Clear all filters").click()
    expect(again.get_by_text("200 of 200 products and 60 of 60 practices are shown.")).to_be_visible()
    expect(cells(again)).to_have_count(12_000)


def test_the_csv_holds_what_is_shown_in_its_order(dashboard, visit):
    page = visit(f"{dashboard}/practices?tier=2&category=recovery&level=2&order=name")
    with page.expect_download() as started:
        page.locator(".st-key-csv-practice_states button").click()
    rows = list(csv.DictReader(io.StringIO(started.value.path().read_text(encoding="utf-8-sig"))))
    products = ("docsift", "minutely", "ragfinder")
    assert [(r["product"], r["practice"]) for r in rows] == [(p, q) for p in products for q in ("rec-02", "rec-03")]


@pytest.mark.parametrize(("locale", "scheme"), [("en-US", "dark"), ("ja-JP", "light")])
def test_the_large_map_has_no_accessibility_violation(large, visit, locale, scheme):
    page = visit(f"{large}/practices?group=tag", locale=locale, scheme=scheme)
    expect(page.get_by_role("grid")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("width", [390, 1300])
def test_the_large_map_scrolls_in_its_own_area_and_keeps_names_in_sight(large, visit, width):
    page = visit(f"{large}/practices", width=width)
    expect(cells(page)).to_have_count(12_000)
    main = page.locator('[data-testid="stMain"]')
    wide, shown = main.evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide <= shown
    last = cells(page).last
    last.scroll_into_view_if_needed()
    name = page.get_by_role("rowheader", name="Voices 25", exact=True)
    expect(name).to_be_in_viewport()
    assert name.bounding_box()["x"] < last.bounding_box()["x"]
    area = page.get_by_role("grid").locator("..").bounding_box()
    head = page.get_by_role("grid").locator("thead").bounding_box()
    assert abs(head["y"] - area["y"]) < 3


def test_print_shows_the_whole_map(large, visit):
    page = visit(f"{large}/practices", width=1040)
    expect(cells(page)).to_have_count(12_000)
    page.emulate_media(media="print")
    area = page.get_by_role("grid").locator("..")
    expect(area).to_have_css("max-height", "none")
    tall, shown, wide, fits = area.evaluate("e => [e.scrollHeight, e.clientHeight, e.scrollWidth, e.clientWidth]")
    assert tall <= shown
    assert wide <= fits
    assert page.get_by_role("grid").locator("thead").evaluate("e => getComputedStyle(e).position") == "static"
