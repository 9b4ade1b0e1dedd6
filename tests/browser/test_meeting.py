"""The meeting in a real browser: keys and buttons, clocks that outlive a reload, and a projector of 1280 x 720."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from accessibility import violations
from given import TINY, build
from playwright.sync_api import Locator, Page, expect
from served import serving, settled

from maturity import agenda, store, text

Opened = Callable[..., Page]


@pytest.fixture
def meet(dashboard, visit) -> Opened:
    """Open the meeting of the sample on a projector, with a clock that can be put forward."""

    def opened(link: str = "lang=en", **reader: str) -> Page:
        page = visit(f"{dashboard}/meeting?{link}", width=1280, height=720, clock=True, **reader)
        expect(title(page)).to_be_visible()
        return page

    return opened


@pytest.fixture(scope="module")
def items(sample_store) -> list[agenda.Item]:
    return agenda.read(store.open_current(sample_store).query, "en")


def title(page: Page) -> Locator:
    return page.locator(".slide h2")


def position(page: Page) -> Locator:
    return page.locator(".position")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_keys_go_through_the_agenda_item_by_item(meet, items):
    page = meet()
    expect(title(page)).to_have_text("Reliability review, September 2026")
    shown = agenda.fit(items, 60).items
    for key, place in [("ArrowRight", 0), (" ", 1), ("PageDown", 2), ("ArrowLeft", 1), ("PageUp", 0)]:
        press(page, key)
        expect(title(page)).to_have_text(shown[place].title)
    expect(position(page)).to_have_text("1 of 26, Decisions to follow up 1 of 2")
    expect(title(page)).to_be_focused()
    press(page, "End")
    expect(title(page)).to_have_text("End of the agenda")
    press(page, "ArrowRight")
    expect(title(page)).to_have_text("End of the agenda")
    press(page, "Home", "ArrowLeft")
    expect(title(page)).to_have_text("Reliability review, September 2026")


def test_buttons_do_the_same_and_keep_the_keyboard_where_it_is(meet, items):
    page = meet()
    forward = page.get_by_role("button", name="Next")
    forward.click()
    expect(title(page)).to_have_text(items[0].title)
    press(page, "Enter", " ")
    expect(position(page)).to_have_text(re.compile("^3 of 26, Error budgets"))
    expect(forward).to_be_focused()
    expect(page.locator("[role=status]", has_text=items[2].title)).to_have_count(1)
    page.get_by_role("button", name="Back").click()
    expect(title(page)).to_have_text(items[1].title)


def test_an_item_tells_what_the_meeting_needs(meet, items):
    page = meet()
    press(page, *["ArrowRight"] * 5)
    upload = items[4]
    slide = page.locator(".slide")
    said = (upload.title, upload.owner, upload.text, upload.decided, upload.source, upload.command)
    for words in (*said, *upload.products, *upload.why):
        expect(slide).to_contain_text(words)
    figures = zip(
        slide.locator(".figure dt").all_inner_texts(), slide.locator(".figure dd").all_inner_texts(), strict=True
    )
    assert tuple(figures) == upload.figures
    page.context.grant_permissions(["clipboard-read"])
    slide.get_by_role("button", name="Copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == upload.command


def test_the_whole_of_an_item_opens_in_another_tab_in_the_same_language(meet):
    page = meet("lang=ja")
    press(page, *["ArrowRight"] * 5)
    with page.context.expect_page() as started:
        page.get_by_role("link", name=text.say("ja", "meeting.screen.whole")).click()
    expect(started.value.locator("h1")).to_have_text(text.say("ja", "slo.title"))
    assert "slo=ds-upload-ok" in started.value.url
    expect(position(page)).to_contain_text("5 / 26")


def test_the_overview_lists_every_item_and_jumps(meet, items):
    page = meet()
    press(page, "ArrowRight", "o")
    overview = page.get_by_role("dialog", name="Overview")
    expect(overview.get_by_role("listitem")).to_have_count(26)
    expect(overview.get_by_role("button", name=items[0].title)).to_be_focused()
    press(page, "ArrowDown", "ArrowDown", "Enter")
    expect(overview).to_be_hidden()
    expect(title(page)).to_have_text(items[2].title)
    press(page, "o", "Escape")
    expect(overview).to_be_hidden()
    expect(title(page)).to_have_text(items[2].title)
    page.get_by_role("button", name="Overview").click()
    overview.get_by_role("button", name="Tenant deletion has no dry run").click()
    expect(position(page)).to_have_text("13 of 26, Risks to talk about 5 of 5")
    expect(title(page)).to_be_focused()


def test_escape_leaves_for_the_month(meet):
    page = meet("lang=ja")
    press(page, "ArrowRight", "Escape")
    expect(page.locator("h1")).to_have_text(text.say("ja", "month.title"))
    settled(page)
    assert "/meeting" not in page.url
    assert page.locator("[data-testid=stSidebar]").is_visible()


def test_a_clock_goes_on_where_its_item_was_left_and_outlives_a_reload(meet, items):
    page = meet()
    press(page, "ArrowRight")
    own, total = page.locator(".item.clock"), page.locator(".total.clock")
    page.clock.fast_forward("01:10")
    expect(own).to_contain_text(re.compile(r"1:1\d / 2 min"))
    press(page, "ArrowRight")
    expect(own).to_contain_text(re.compile(r"0:0\d / 2 min"))
    page.clock.fast_forward("00:30")
    page.reload()
    settled(page)
    expect(title(page)).to_have_text(items[1].title)
    expect(own).to_contain_text(re.compile(r"0:3\d / 2 min"))
    expect(total).to_contain_text(re.compile(r"1:4\d / 60 min"))
    press(page, "ArrowLeft")
    expect(own).to_contain_text(re.compile(r"1:1\d / 2 min"))


def test_no_clock_runs_in_a_pause(meet):
    page = meet()
    press(page, "ArrowRight", "p")
    own = page.locator(".item.clock")
    expect(own).to_contain_text("paused")
    page.clock.fast_forward("03:00")
    page.reload()
    settled(page)
    expect(own).to_contain_text(re.compile(r"paused\s*0:0\d"))
    page.get_by_role("button", name="Go on").click()
    expect(own).not_to_contain_text("paused")


def test_time_over_the_plan_is_said_in_words_and_colour(meet):
    page = meet()
    press(page, "ArrowRight")
    own = page.locator(".item.clock")
    paper = own.evaluate("e => getComputedStyle(e).backgroundColor")
    page.clock.fast_forward("02:30")
    expect(own).to_contain_text(re.compile(r"over by 0:3\d"))
    expect(page.locator("[role=status]", has_text="Over the planned 2 min")).to_have_count(1)
    assert own.evaluate("e => getComputedStyle(e).backgroundColor") != paper
    press(page, "ArrowRight")
    expect(own).not_to_contain_text("over by")


def test_the_end_compares_the_clock_with_the_plan_and_can_be_taken_along(meet):
    page = meet()
    for key in ("ArrowRight", "ArrowRight"):
        press(page, key)
        page.clock.fast_forward("03:00")
    press(page, "ArrowRight", "ArrowRight", "End")
    row = page.get_by_role("row", name="Decisions to follow up")
    assert row.locator("td").all_inner_texts() == ["2 / 2", "4", "6", "2", "3"]
    passed_by = page.get_by_role("row", name="Error budgets")
    assert passed_by.locator("td").all_inner_texts() == ["0 / 4", "16", "0", "4", "–"]
    page.context.grant_permissions(["clipboard-read"])
    page.get_by_role("button", name="Copy for review_policy.yaml").click()
    copied = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert copied[:3] == ["minutes_each:", "  follow_up: 3", "  budgets: 4"]
    assert len(copied) == 1 + len(agenda.SECTIONS)
    press(page, "Home")
    page.get_by_role("button", name="Set all clocks back").click()
    expect(page.locator(".total.clock")).to_contain_text("0:00")


@pytest.mark.parametrize(("link", "minutes"), [("minutes=20", 20), ("", 60), ("minutes=no", 60), ("minutes=-5", 60)])
def test_a_shorter_meeting_shows_fewer_items_and_lists_what_was_cut(meet, items, link, minutes):
    page = meet(f"lang=en&{link}")
    planned = agenda.fit(items, minutes)
    expect(page.locator(".lead")).to_contain_text(
        f"Items: {len(planned.items)}. Planned: {planned.minutes:g} of {minutes} min."
    )
    press(page, "End")
    expect(page.locator(".cut p")).to_have_count(len(items) - len(planned.items))
    for item, listed in zip(planned.cut, page.locator(".cut p").all(), strict=True):
        expect(listed).to_contain_text(item.title)


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_no_slide_of_the_sample_is_larger_than_the_projector(meet, language):
    page = meet(f"lang={language}")
    too_large = []
    for place in range(30):
        sizes = page.evaluate(
            "[document.documentElement.scrollHeight - innerHeight, document.documentElement.scrollWidth - innerWidth]"
        )
        sizes += page.locator(".slide").evaluate(
            "e => [e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth]"
        )
        if max(sizes) > 0:
            too_large.append((place, title(page).inner_text(), sizes))
        press(page, "ArrowRight")
    assert too_large == []
    assert page.locator("nav").bounding_box()["y"] < 720
    expect(title(page)).to_have_text(text.say(language, "meeting.screen.end"))
    assert page.locator(".slide p").first.evaluate("e => parseFloat(getComputedStyle(e.parentElement).fontSize)") >= 16


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ja", "dark")])
def test_every_kind_of_slide_is_free_of_accessibility_violations(meet, language, scheme):
    page = meet(f"lang={language}", scheme=scheme)
    press(page, *["ArrowRight"] * 5)
    assert violations(page) == []
    page.clock.fast_forward("05:00")
    expect(page.locator(".item.clock.over")).to_be_visible()
    assert violations(page) == []
    press(page, "o")
    assert violations(page) == []
    press(page, "o", "End")
    assert violations(page) == []


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a dashboard on products alone, about which there is nothing to say."""
    folder: Path = tmp_path_factory.mktemp("quiet")
    (folder / "data").mkdir()
    (folder / "data" / "products.yaml").write_bytes(
        (TINY / "products.yaml").read_bytes().replace(b", main_slo: alpha-ok", b"")
    )
    build(folder / "store", folder / "data")
    with serving(folder / "store") as address:
        yield address


def test_an_empty_agenda_says_so_and_has_nowhere_to_go(quiet, visit):
    page = visit(f"{quiet}/meeting")
    expect(page.locator(".slide")).to_contain_text("There is nothing on the agenda of this month.")
    press(page, "ArrowRight", "End")
    expect(title(page)).to_contain_text("Reliability review")
    expect(page.get_by_role("button", name="Next")).to_have_count(0)


def test_back_in_the_browser_the_frame_is_there_again_and_the_keys_are_free(dashboard, visit):
    page = visit(f"{dashboard}/risks?lang=en")
    sidebar = page.locator("[data-testid=stSidebar]")
    sidebar.get_by_role("link", name="Meeting").click()
    expect(title(page)).to_be_visible()
    expect(sidebar).to_be_hidden()
    page.go_back()
    expect(page.locator("h1")).to_have_text("Risks")
    expect(sidebar).to_be_visible()
    settled(page)
    press(page, "Escape")
    page.wait_for_timeout(500)  # a key that still leads away would have begun to
    settled(page)
    expect(page.locator("h1")).to_have_text("Risks")
