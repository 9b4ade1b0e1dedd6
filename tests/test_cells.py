"""Cells of a table: what somebody wrote into a file is shown, never run."""

from __future__ import annotations

import re

import pytest
from given import day

from maturity import cells
from maturity.cells import Away, Badge, Link, Point

SCRIPT = "<script>alert('x')</script>"


@pytest.mark.parametrize(
    "cell", [SCRIPT, Link(SCRIPT, "risks", {"risk": SCRIPT}), Badge(SCRIPT, ("#fff", "#000")), [SCRIPT]]
)
def test_markup_in_a_text_is_shown_as_text(cell):
    made = cells.table([SCRIPT], [[cell]], SCRIPT)
    assert "<script" not in made
    assert "&lt;script&gt;" in made


def test_markup_on_a_timeline_is_shown_as_text():
    made = cells.timeline(SCRIPT, [Point(day("2026-09-30"), Badge(SCRIPT, ("#fff", "#000")), [SCRIPT], [SCRIPT])])
    assert "<script" not in made
    assert made.count("&lt;script&gt;") == 4


def test_a_timeline_is_a_list_with_the_newest_first_and_of_one_day_the_last_given():
    days = {"found": "2026-01-03", "later": "2026-03-04", "same day": "2026-01-03"}
    made = cells.timeline("Log", [Point(day(on), Badge(name, ("#fff", "#000")), []) for name, on in days.items()])
    assert made.startswith("<ol class='gm-timeline' role='list' aria-label='Log'><li")
    assert re.findall(r"'>([a-z ]+)</span>", made) == ["later", "same day", "found"]
    assert re.findall(r"--days:(\d+)", made) == ["60", "0", "0"]


def test_only_the_time_after_silence_is_marked_on_a_timeline():
    badge = Badge("x", ("#fff", "#000"))
    made = cells.timeline("Log", [Point(day("2026-01-03"), badge, []), Point(day("2026-01-09"), badge, [], (), True)])
    assert re.findall(r"<li( class='gm-silence')? style='--days:(\d)", made) == [
        (" class='gm-silence'", "6"),
        ("", "0"),
    ]


def test_a_timeline_of_nothing_is_an_empty_list():
    assert cells.timeline("Log", []).endswith("aria-label='Log'></ol>")


def test_a_link_on_a_timeline_opens_only_a_web_address():
    links = [Away("Source", "https://tracker.example/1"), Away("Source", "javascript:alert(1)")]
    made = cells.timeline("Log", [Point(day("2026-01-03"), Badge("x", ("#fff", "#000")), links)])
    assert re.findall(r"href='([^']+)'", made) == ["https://tracker.example/1"]


def test_a_link_leads_to_its_page_with_its_parameters():
    assert cells.href(Link("x", "risks", {"risk": "R-1", "lang": "ja"})) == "./risks?risk=R-1&lang=ja"
    assert cells.href(Link("x", "month", {"lang": "ja"})) == "./?lang=ja"


def test_an_empty_cell_is_empty_and_a_day_does_not_break():
    made = cells.table(["a", "b"], [[None, "2026-09-30"]], "c")
    assert "<td></td><td><span class='gm-date'>2026-09-30</span></td>" in made
