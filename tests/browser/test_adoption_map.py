"""The adoption map in a real browser: clicks, keys, filters, links, size, print."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from accessibility import violations
from choosing import choose, runs_asked_for
from given import practices
from playwright.sync_api import Locator, Page, expect
from served import serving, settled

from maturity import text


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
    chosen = page.locator(".st-key-cell input")
    assert [box.input_value() for box in chosen.all()] == ["Ragfinder", "Restore tested"], "the boxes say what is open"
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
    choose(page, "Level of the practice", "Level 3")
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


def test_rows_far_from_sight_are_not_painted_until_they_come_near(large, visit):
    page = visit(f"{large}/practices")
    expect(cells(page)).to_have_count(12_000)
    second, last = cells(page).nth(60), cells(page).last  # Tab comes to the first row
    expect(last).to_be_hidden()
    near = page.get_by_role("grid").locator("tr.line:not(.far)")
    in_sight = page.evaluate("Math.ceil(0.75 * innerHeight / 22)")
    assert near.count() <= 2 * in_sight + 2, "those in sight, and as many around them"
    page.get_by_role("grid").locator("tr.line").last.scroll_into_view_if_needed()
    expect(last).to_be_visible()
    expect(second).to_be_hidden()
    page.emulate_media(media="print")
    expect(second).to_be_visible()


def test_tab_comes_to_the_cell_that_was_opened_though_it_is_far_from_sight(large, visit):
    page = visit(f"{large}/practices?practice=own-01&cell_product=p-190")
    expect(cells(page)).to_have_count(12_000)
    opened = page.get_by_role("grid").locator("[aria-selected=true]")
    expect(opened).to_have_attribute("tabindex", "0")
    row = opened.evaluate("cell => [...cell.closest('table').querySelectorAll('tr.line')].indexOf(cell.parentElement)")
    expect(page.get_by_role("grid").locator("tr.line").nth(row - 1)).to_have_class(re.compile("far"))
    expect(opened).to_be_visible()
    opened.focus()
    expect(opened).to_be_focused()


def test_the_pointer_over_the_map_changes_nothing_that_all_cells_inherit(dashboard, visit):
    page = visit(f"{dashboard}/practices")
    bar = "cell => getComputedStyle(cell).scrollbarColor"
    page.mouse.move(1, 1)
    settled(page)
    away = cells(page).first.evaluate(bar)
    cells(page).nth(3).hover()
    assert cells(page).first.evaluate(bar) == away != "auto"


def test_filters_stay_in_the_link_on_another_page_and_back(large, visit):
    page = visit(f"{large}/practices")
    page.locator("summary").filter(has_text="Filters").click()
    choose(page, "Tier", "Tier 1")
    choose(page, "Tag", "chat")
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
    expect(again.locator("summary").filter(has_text="Filters")).to_have_text("Filters (2)")
    again.get_by_role("button", name="Clear all filters").click()
    expect(again.get_by_text("200 of 200 products and 60 of 60 practices are shown.")).to_be_visible()
    expect(cells(again)).to_have_count(12_000)
    assert "tier" not in again.url


def test_a_choice_on_the_map_asks_no_server(dashboard, visit):
    page = visit(f"{dashboard}/practices")
    runs = runs_asked_for(page)
    page.locator("summary").filter(has_text="Filters").click()
    choose(page, "Tier", "Tier 1")
    expect(page.get_by_text(re.compile("^2 of 6 products"))).to_be_visible()
    page.get_by_role("searchbox").fill("復元")
    expect(cells(page)).to_have_count(2)
    page.get_by_role("searchbox").fill("zeppelin")
    expect(page.get_by_text(text.say("en", "practices.matrix.nothing"))).to_be_visible()
    expect(page.get_by_role("grid")).to_be_hidden()
    page.get_by_role("button", name="Clear all filters").click()
    expect(cells(page)).to_have_count(6 * len(practices()))
    assert runs == []
    cells(page).first.click()
    expect(page.locator(".st-key-cell h4")).to_be_visible()
    assert len(runs) == 1, "what stands behind a cell is told by the server"


def test_the_way_back_brings_the_choices_back_and_another_tab_begins_anew(dashboard, visit):
    page = visit(f"{dashboard}/practices?tier=1&order=name")
    said = page.get_by_text(re.compile("of 6 products"))
    expect(said).to_have_text(re.compile("^2 "))
    expect(page.get_by_label("Sort products by")).to_have_value("name")
    page.locator('[data-testid="stSidebar"]').get_by_role("link", name="Risks", exact=True).click()
    expect(page.locator("h1")).to_have_text("Risks")
    settled(page)
    page.go_back()
    expect(said).to_have_text(re.compile("^2 "))
    settled(page)
    assert "tier=1" in page.url
    other = page.context.new_page()
    other.goto(f"{dashboard}/practices")
    expect(other.get_by_text(re.compile("of 6 products"))).to_have_text(re.compile("^6 "))


def test_what_a_link_names_and_nobody_has_is_left_out(dashboard, visit):
    page = visit(f"{dashboard}/practices?tier=1&tier=9&group=colour&order=")
    expect(page.get_by_text(re.compile("of 6 products"))).to_have_text(re.compile("^2 "))
    expect(page.get_by_label("Group products by")).to_have_value("none")
    assert "tier=1" in page.url
    assert "9" not in page.url.split("?")[1]
    assert "colour" not in page.url


def test_another_month_and_language_keep_what_is_chosen(dashboard, visit):
    page = visit(f"{dashboard}/practices?tier=1&find=restore")
    expect(cells(page)).to_have_count(4)
    page.locator("summary").filter(has_text="Filters").click()
    page.get_by_role("radio", name="日本語").click()
    expect(page.get_by_label("検索")).to_have_value("restore")
    expect(cells(page)).to_have_count(4)
    expect(page.get_by_role("checkbox", name="ティア 1", exact=True)).to_be_visible()
    settled(page)
    assert "tier=1" in page.url
    assert "lang=ja" in page.url


def test_a_word_that_is_still_being_typed_does_not_go_into_the_link_of_another_page(dashboard, visit):
    page = visit(f"{dashboard}/practices")
    page.get_by_role("searchbox").fill("restore")
    page.locator('[data-testid="stSidebar"]').get_by_role("link", name="Risks", exact=True).click()
    expect(page.locator("h1")).to_have_text("Risks")
    settled(page)
    page.wait_for_timeout(500)
    assert "find" not in page.url
    page.locator('[data-testid="stSidebar"]').get_by_role("link", name="Practices").click()
    expect(page.get_by_role("searchbox")).to_have_value("restore")


def test_the_csv_holds_what_is_shown_in_its_order(dashboard, visit):
    page = visit(f"{dashboard}/practices?tier=2&category=recovery&level=2&order=name")
    with page.expect_download() as started:
        page.locator(".st-key-matrix").get_by_role("button", name="Download CSV").click()
    assert started.value.suggested_filename == "practice_states.csv"
    assert started.value.path().read_bytes().startswith(b"\xef\xbb\xbf"), "a spreadsheet shows Japanese"
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
