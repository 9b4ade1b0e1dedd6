"""Cells of a table: what somebody wrote into a file is shown, never run."""

from __future__ import annotations

import html
import re

import pytest
from given import day

from maturity import cells
from maturity.cells import Away, Axis, Badge, Link, Point, Square

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


def test_a_table_of_many_columns_names_them_to_the_style_sheet_for_a_phone():
    few, many = (cells.table([SCRIPT, 'a "b" \\', *"cde"[:n]], [], "Wide") for n in (1, 2))
    assert "<table class='gm'>" in few
    assert "<script" not in many
    (style,) = re.findall(r"<table class='gm gm-many' style='([^']+)'>", many)
    assert html.unescape(style).startswith(f'--c1:"{SCRIPT}";--c2:"a \\"b\\" \\\\";--c3:"c";')


def test_a_row_of_a_wide_table_is_about_its_first_link_or_else_its_first_cell():
    link, other = Link("Restore tested", "guide_map", {}), Link("Askhub", "product", {})
    rows = [
        [1, link, other, ""], [2, ["Askhub", link], "", ""], ["Safe access", [link], [link, other], ""],
        [["Restore tested", "Untested"], "", "", ""], [3, "no link", "", ""],
    ]  # fmt: skip
    made = cells.table(["", "", "", ""], rows, "Wide", numeric=(0,))
    titles = [re.findall("<td class='gm-title'>(.*?)</td>", row) for row in made.split("<tr>")[2:]]
    said = [[" ".join(re.findall("[A-Z][a-z]+[a-z ]*", re.sub("<[^>]+>", "|", t))) for t in row] for row in titles]
    assert said == [["Restore tested"], ["Askhub Restore tested"], [], [], []]
    few = cells.table(["", ""], [[link, other]], "Few")
    assert "gm-title" not in few


def test_a_link_leads_to_its_page_with_its_parameters():
    assert cells.href(Link("x", "risks", {"risk": "R-1", "lang": "ja"})) == "./risks?risk=R-1&lang=ja"
    assert cells.href(Link("x", "month", {"lang": "ja"})) == "./?lang=ja"


def test_an_empty_cell_is_empty_and_a_day_does_not_break():
    made = cells.table(["a", "b"], [[None, "2026-09-30"]], "c")
    assert "<td></td><td><span class='gm-date'>2026-09-30</span></td>" in made


def test_parts_of_a_column_are_as_high_as_their_counts_and_small_ones_say_theirs_under_the_pointer_only():
    paint = ("#fff", "#000")
    made = cells.bands([("May", [(Square("99", paint, "99 met"), 99), (Square("1", paint, "1 spent"), 1)])], "alt")
    assert "flex:99;background:#fff;color:#000' title='99 met'>99</span>" in made
    assert "flex:1;background:#fff;color:#000' title='1 spent'></span>" in made


def test_a_grid_has_a_button_where_something_was_found_and_begins_at_the_bottom_left():
    up, across = Axis("often", ["rarely", "daily"]), Axis("heavy", ["little", "much"])
    made = cells.grid(
        up, across, lambda *_: ("#fff", "#000"), {(1, 2): Square("3", ("#fff", "#000"), "R-1", "001")}, "a"
    )
    assert made.count("<button") == 1
    assert made.index("daily") < made.index("rarely") < made.index("<button")
    assert "data-place='1,2' aria-label='rarely, much: 3' title='R-1'>3</button><small>001</small>" in made
