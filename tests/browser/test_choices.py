"""Choices that the browser makes: error budgets and the risk grid."""

from __future__ import annotations

import csv
import io

from choosing import choose, runs_asked_for
from playwright.sync_api import Locator, Page, expect

from maturity import text


def say(key: str) -> str:
    return text.say("en", key)


def rows(page: Page) -> Locator:
    """SLOs beside their squares."""
    return page.locator("table.gm-squares tbody tr")


def test_slos_are_chosen_without_the_server_and_the_choice_stays_in_the_link(dashboard, visit):
    page = visit(f"{dashboard}/error_budgets")
    runs = runs_asked_for(page)
    expect(rows(page).first).to_be_visible()
    every = rows(page).count()
    choose(page, "Tier", "2")
    expect(rows(page).filter(has_text="Live captions shown")).to_have_count(1)
    expect(rows(page).filter(has_text="Askhub")).to_have_count(0)
    few = rows(page).count()
    expect(page.locator(".st-key-slos table.gm tbody tr")).to_have_count(few)
    assert 0 < few < every
    choose(page, "State", "✗ Exhausted")
    expect(rows(page)).to_have_count(1)
    page.get_by_role("radio", name="Days of the month").check()
    expect(page.locator("table.gm-squares thead th")).to_have_count(30)
    assert "by=days&tier=2&state=exhausted" in page.url
    page.get_by_role("searchbox").fill("zeppelin")
    expect(page.get_by_text(say("error_budgets.none_found"))).to_be_visible()
    expect(page.locator("table.gm-squares")).to_be_hidden()
    page.get_by_role("button", name=say("error_budgets.clear")).click()
    expect(rows(page)).to_have_count(every)
    expect(page.locator("table.gm-squares thead th")).to_have_count(30)
    assert runs == []
    again = visit(page.url)
    expect(again.get_by_role("radio", name="Days of the month")).to_be_checked()


def test_on_a_phone_the_newest_month_is_in_sight_beside_the_names(dashboard, visit):
    page = visit(f"{dashboard}/error_budgets", width=420)
    expect(rows(page).first).to_be_visible()
    for newest in (page.locator(".gm-bands > div").last, rows(page).first.locator("td").last):
        box = newest.bounding_box()
        assert box["x"] > 0
        assert box["x"] + box["width"] <= 420
    assert rows(page).first.locator("th").bounding_box()["x"] >= 0


def test_the_csv_of_budgets_holds_what_is_chosen(dashboard, visit):
    page = visit(f"{dashboard}/error_budgets?tier=2&find=docsift")
    expect(rows(page)).to_have_count(2)
    for place, name, lines in (("periods", "slo_months.csv", 36), ("status", "slo_status.csv", 2)):
        with page.expect_download() as started:
            page.locator(f".st-key-slos .act.{place}").click()
        assert started.value.suggested_filename == name
        found = list(csv.DictReader(io.StringIO(started.value.path().read_text(encoding="utf-8-sig"))))
        assert len(found) == lines
        assert {row["product"] for row in found} == {"docsift"}


def test_a_view_of_the_risk_grid_is_chosen_without_the_server_and_a_square_is_listed_by_it(dashboard, visit):
    page = visit(f"{dashboard}/risks")
    runs = runs_asked_for(page)
    numbers = page.locator(".st-key-grid .grid button")
    expect(numbers.first).to_be_visible()
    potential = numbers.all_inner_texts()
    page.get_by_role("radio", name=say("risks.view_current")).check()
    expect(page.get_by_text(say("risks.view_current_read"))).to_be_visible()
    assert numbers.all_inner_texts() != potential
    assert "view=current" in page.url
    page.get_by_role("radio", name=say("risks.view_potential")).check()
    assert numbers.all_inner_texts() == potential
    assert "view" not in page.url
    assert runs == []
    square = numbers.first
    square.click()
    listed = page.locator(".st-key-grid .inside")
    expect(listed.locator(".gm-under")).to_have_text(f"In this square: {potential[0]}")
    expect(listed.locator("tbody tr")).to_have_count(int(potential[0]))
    expect(square).to_have_attribute("aria-pressed", "true")
    assert len(runs) == 1
    page.get_by_role("radio", name=say("risks.view_after_plan")).check()
    expect(listed).to_be_empty()
    expect(page.locator(".st-key-grid [aria-pressed=true]")).to_have_count(0)
