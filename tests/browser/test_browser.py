"""What only a real browser shows: links, clicks, languages, downloads, accessibility, and that nothing leaves."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import socket
from urllib.parse import urlsplit

import pytest
from accessibility import violations
from given import build
from playwright.sync_api import expect
from served import serving, settled

from maturity import store, text
from maturity.ui import PAGES

PATHS = {key: "" if key == "month" else key for key in PAGES}
# A link to each page that opens something whole on it.
OPENED = {
    "month": "",
    "meeting": "meeting?minutes=45",
    "changes": "changes",
    "one_list": "one_list?order=saved_per_day",
    "practices": "practices?product=askhub&practice=rec-02",
    "spread": "spread?trend=falling",
    "guide_map": "guide_map?practice=slo-03",
    "risks": "risks",
    "risk": "risk?risk=SRR-2026-002",
    "risk_work": "risk_work",
    "risk_totals": "risk_totals",
    "error_budgets": "error_budgets",
    "slo": "slo?slo=mn-live-caption-ok",
    "slo_use": "slo_use",
    "product": "product?product=voicedesk",
    "data_health": "data_health",
}

_SCROLLS_DOWN_ONLY = """() => {
    const main = document.querySelector('[data-testid="stMain"]');
    return main.clientWidth <= 390 && main.scrollWidth <= main.clientWidth;
}"""


@pytest.fixture(scope="module")
def untouched(sample_store):
    """Address of a dashboard on which nobody ever opened the entry page, so that dashboard.py has not run there."""
    with serving(sample_store) as address:
        yield address


@pytest.mark.parametrize("key", PAGES)
def test_a_deep_link_works_on_a_server_that_never_ran_the_entry_page(untouched, dashboard, visit, key):
    address = dashboard if key == "month" else untouched
    page = visit(f"{address}/{PATHS[key]}?lang=ja&month=2026-07&product=askhub")
    expect(page.locator("h1")).to_have_text(text.say("ja", f"{key}.title"))
    chosen = " ".join(page.locator('[data-testid="stSidebar"] [data-testid="stSelectbox"]').all_inner_texts())
    kept = page.locator('[data-testid="stSidebar"] a').first.get_attribute("href")
    assert "2026年7月" in chosen or "month=2026-07" in kept
    assert "product=askhub" in kept


@pytest.mark.parametrize(("locale", "language"), [("ja-JP", "ja"), ("en-GB", "en"), ("de-DE", "en")])
def test_the_first_language_is_the_browsers(dashboard, visit, locale, language):
    page = visit(f"{dashboard}/risks", locale=locale)
    expect(page.locator("h1")).to_have_text(text.say(language, "risks.title"))
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_the_language_can_be_switched_and_stays(dashboard, visit):
    page = visit(f"{dashboard}/risks")
    page.get_by_role("radio", name="日本語").click()
    expect(page.locator("h1")).to_have_text("リスク")
    assert "lang=ja" in page.url
    page.locator('[data-testid="stSidebar"]').get_by_role("link", name="エラーバジェット").click()
    expect(page.locator("h1")).to_have_text("エラーバジェット")
    assert "lang=ja" in page.url


def test_the_keyboard_is_seen_in_the_menu(dashboard, visit):
    page = visit(f"{dashboard}/risks")
    page.locator('[data-testid="stSidebar"]').get_by_role("link", name="Risks together").focus()
    page.keyboard.press("Tab")
    link = page.locator('[data-testid="stSidebar"]').get_by_role("link", name=text.say("en", "error_budgets.title"))
    expect(link).to_be_focused()
    expect(link).to_have_css("outline-style", "solid")


def test_filters_go_along_from_page_to_page(dashboard, visit):
    page = visit(f"{dashboard}/practices?month=2026-06&product=minutely")
    for key in ("error_budgets", "product", "practices"):
        name = text.say("en", f"{key}.title")
        page.locator('[data-testid="stSidebar"]').get_by_role("link", name=name).click()
        expect(page.locator("h1")).to_have_text(name)
        settled(page)
        assert "month=2026-06" in page.url
        assert "product=minutely" in page.url


def test_a_name_beside_the_months_opens_its_slo(dashboard, visit):
    page = visit(f"{dashboard}/error_budgets")
    row = page.locator("table.gm-squares tbody tr").filter(has_text="Live captions shown")
    expect(row.locator("td")).to_have_count(18)
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", name=text.say("en", "slo.title"))).to_be_visible()
    settled(page)
    assert "slo=mn-live-caption-ok" in page.url


def test_a_figure_opens_into_formula_inputs_and_lines(dashboard, visit):
    page = visit(f"{dashboard}/slo?slo=ah-reply-ok")
    page.get_by_role("button", name=text.say("en", "explain.open")).nth(1).click()
    opened = page.locator('[data-testid="stPopoverBody"]')
    expect(opened.get_by_text("Formula")).to_be_visible()
    expect(opened.get_by_text(re.compile(r"slos/askhub\.yaml:\d+"))).to_be_visible()
    expect(opened.get_by_text("Allowed bad events")).to_be_visible()


def test_the_csv_of_a_page_opens_again_with_the_same_rows(dashboard, sample_store, visit):
    page = visit(f"{dashboard}/risks?lang=ja")
    with page.expect_download() as started:
        page.get_by_role("button", name="CSVをダウンロード").first.click()
    raw = started.value.path().read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    expected = store.open_current(sample_store).query("risks", product=None).query("is_open")
    assert [(r["position"], r["risk"], r["title_ja"]) for r in rows] == [
        (str(r.position), r.risk, r.title_ja) for r in expected.itertuples()
    ]


@pytest.mark.parametrize(("locale", "scheme"), [("en-US", "light"), ("ja-JP", "dark")])
@pytest.mark.parametrize("key", PAGES)
def test_a_page_is_accessible_fits_a_laptop_and_a_phone_and_asks_no_other_machine(
    dashboard, visit, asked, key, locale, scheme
):
    page = visit(f"{dashboard}/{OPENED[key]}", locale=locale, scheme=scheme, width=1280)
    assert violations(page) == []
    assert cut_tables(page) == [], "a laptop shows every table whole"
    page.set_viewport_size({"width": 390, "height": 900})
    page.wait_for_function(_SCROLLS_DOWN_ONLY)  # charts take their new width a moment later
    assert cut_tables(page) == [], "a row that is too wide for a phone stands as a block"
    hosts = {urlsplit(url).hostname for url in asked if urlsplit(url).scheme in ("http", "https", "ws", "wss")}
    assert hosts == {"localhost"}


def cut_tables(page) -> list[str]:
    """Names of tables that are wider than their place; those that show the newest first are made to be scrolled."""
    # What is out of sight is not laid out, and would be as wide as its place.
    page.add_style_tag(content=".gm-scroll {content-visibility: visible !important;}")
    return page.locator(".gm-scroll:not(.gm-newest)").evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.ariaLabel)"
    )


def test_there_is_no_upload_and_no_foreign_export(dashboard, visit):
    page = visit(f"{dashboard}/error_budgets")
    assert page.locator("input[type=file]").count() == 0
    assert page.locator(".modebar-btn").count() == 0


def test_a_new_snapshot_appears_without_a_restart(tmp_path, visit):
    folder = tmp_path / "store"
    build(folder)
    with serving(folder) as address:
        page = visit(f"{address}/")
        expect(page.get_by_text("Data as of 2026-01-31")).to_be_visible()
        build(folder, as_of=dt.date(2026, 2, 1), minute=1)
        page.locator('[data-testid="stSidebar"]').get_by_role("link", name="Risks", exact=True).click()
        expect(page.get_by_text("Data as of 2026-02-01")).to_be_visible()


def test_the_first_start_asks_for_nothing_and_listens_on_localhost_only(sample_store):
    with serving(sample_store) as address, socket.socket() as elsewhere:
        # A server on all addresses would answer on 127.0.0.2 as well.
        assert elsewhere.connect_ex(("127.0.0.2", urlsplit(address).port)) != 0


def test_it_listens_elsewhere_when_told(sample_store):
    with serving(sample_store, "--address", "0.0.0.0") as address, socket.socket() as elsewhere:
        assert elsewhere.connect_ex(("127.0.0.2", urlsplit(address).port)) == 0
