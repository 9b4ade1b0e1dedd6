"""What is taken away from a review, and a review as it was frozen, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from given import SAMPLE
from playwright.sync_api import expect

from maturity import report, store, text

SECTIONS = 6  # agenda, changes, one list, products, budgets, formulas


@pytest.fixture(scope="module")
def query(sample_store):
    return store.open_current(sample_store).query


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_report_prints_on_a4_with_page_breaks_and_asks_nobody_for_anything(browser, query, tmp_path, language):
    file = tmp_path / f"review.{language}.html"
    file.write_text(report.to_html(query, language), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1123, "height": 794})  # A4 landscape at 96 dpi
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    expect(page.locator("h1")).to_contain_text("2026年9月" if language == "ja" else "September 2026")
    expect(page.locator("section")).to_have_count(SECTIONS)
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    boxes = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(842, 595)}
    assert len(boxes) >= SECTIONS
    # The agenda stays with the headline; every other section begins a page.
    breaks = "[...document.querySelectorAll('section')].map(s => getComputedStyle(s).breakBefore)"
    page = browser.new_page()
    page.goto(file.as_uri())
    page.emulate_media(media="print")
    assert page.evaluate(breaks) == ["auto"] + ["page"] * (SECTIONS - 1)
    # No heading is left behind at the foot of a page with its sentence, its table on the next.
    kept = "[...document.querySelectorAll('h3, h3:has(+ p + .gm-scroll) + p')].map(e => getComputedStyle(e).breakAfter)"
    assert set(page.evaluate(kept)) == {"avoid"}
    page.close()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(("width", "least"), [(900, 150), (420, 380)])
def test_what_was_decided_last_has_room_to_be_read(browser, query, tmp_path, language, width, least):
    file = tmp_path / "review.html"
    file.write_text(report.to_html(query, language), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(file.as_uri())
    decided = page.locator(".agenda td:nth-child(6)", has_text="2026-09-17")
    assert decided.bounding_box()["width"] >= least
    assert page.evaluate(
        "[...document.querySelectorAll('.agenda .gm-scroll')].every(t => t.scrollWidth <= t.clientWidth)"
    )
    if width == 420:  # no heads of columns
        name = decided.evaluate("cell => getComputedStyle(cell, '::before').content")
        assert text.say(language, "month.agenda.decided") in name
    page.close()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_month_offers_the_same_three_files(dashboard, visit, query, language):
    page = visit(f"{dashboard}/?lang={language}")
    for key, (name, make) in zip(
        ("html", "markdown", "zip"), report.files(query, language, "2026-09").items(), strict=True
    ):
        # By the keyboard: on a busy machine pictures above still push the button down under the pointer.
        with page.expect_download() as begun:
            page.get_by_role("button", name=text.say(language, f"take_away.{key}")).press("Enter")
        assert begun.value.suggested_filename == name
        assert Path(begun.value.path()).read_bytes() == make()


def test_a_frozen_month_is_shown_as_it_was_and_goes_along_from_page_to_page(dashboard, visit, sample_store):
    page = visit(f"{dashboard}/?lang=en&review=2026-08")
    expect(page.get_by_text("Frozen: what the review of August 2026 was shown, as of 2026-08-31.")).to_be_visible()
    then = store.open_month(sample_store, "2026-08")
    lost = then.query("falls", month="2026-08", only=True, product=None)
    shown = page.locator('[data-testid="stMetric"]', has_text="Regressions")
    expect(shown).to_contain_text(str(int(lost["regression"].sum())))
    page.locator('[data-testid="stSidebar"] a', has_text="Error budgets").click()
    expect(page.locator("h1")).to_have_text("Error budgets")
    expect(page.get_by_text("Frozen: what the review of August 2026")).to_be_visible()
    assert "review=2026-08" in page.url
    frozen = page.locator("tr", has_text="Forecasts ready by the agreed hour").first
    expect(frozen).to_contain_text("140%")  # 107 % since a correction of September
    assert (SAMPLE / "reviews" / "2026-08" / "review.json").is_file()


def test_what_changed_names_both_values_and_the_reason(dashboard, visit):
    page = visit(f"{dashboard}/changes?lang=en")
    row = page.locator("tr", has_text="Restated")
    expect(row).to_have_count(1)
    for said in ("Forecasts ready by the agreed hour", "140.1%", "106.5%", "a correction"):
        expect(row).to_contain_text(said)
