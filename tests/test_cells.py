"""Cells of a table: what somebody wrote into a file is shown, never run."""

from __future__ import annotations

import pytest

from maturity import cells
from maturity.cells import Badge, Link

SCRIPT = "<script>alert('x')</script>"


@pytest.mark.parametrize(
    "cell", [SCRIPT, Link(SCRIPT, "risks", {"risk": SCRIPT}), Badge(SCRIPT, ("#fff", "#000")), [SCRIPT]]
)
def test_markup_in_a_text_is_shown_as_text(cell):
    made = cells.table([SCRIPT], [[cell]], SCRIPT)
    assert "<script" not in made
    assert "&lt;script&gt;" in made


def test_a_link_leads_to_its_page_with_its_parameters():
    assert cells.href(Link("x", "risks", {"risk": "R-1", "lang": "ja"})) == "./risks?risk=R-1&lang=ja"
    assert cells.href(Link("x", "month", {"lang": "ja"})) == "./?lang=ja"


def test_an_empty_cell_is_empty_and_a_day_does_not_break():
    made = cells.table(["a", "b"], [[None, "2026-09-30"]], "c")
    assert "<td></td><td><span class='gm-date'>2026-09-30</span></td>" in made
