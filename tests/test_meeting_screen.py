"""What the screen of a meeting is given: items in their places, clocks that stay with them, and every word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from given import ROOT

from maturity import agenda, meeting, store, text

EACH = dict.fromkeys(agenda.SECTIONS, 2.0)


def item(section: str, rank: int, **changed) -> agenda.Item:
    """An item of two minutes."""
    given = {
        "section": section, "rank": rank, "minutes": 2.0, "title": f"{section} {rank}", "products": ("A", "B"),
        "why": ("Late",), "figures": (), "text": "", "owner": "o", "decided": "",
        "source": "risks.yaml:1", "page": "risk", "parameters": {"risk": f"R-{rank}"}, "command": "",
    }  # fmt: skip
    return agenda.Item(**given | changed)


def drawn(items: list[agenda.Item], minutes: float, language: str = "en") -> dict:
    planned = agenda.fit(items, minutes)
    return meeting.drawing(planned, minutes, EACH, "2026-09", language, lambda one: f"./{one.page}", "./")


def test_an_item_knows_its_place_among_those_of_its_section_that_fit():
    shown = drawn([item("risks", 1), item("risks", 2), item("risks", 3), item("budgets", 1)], 6)
    assert [(one["section"], one["place"], one["of"]) for one in shown["items"]] == [
        ("budgets", 1, 1), ("risks", 1, 2), ("risks", 2, 2),
    ]  # fmt: skip
    assert [(one["title"], one["products"]) for one in shown["cut"]] == [("risks 3", "A, B")]
    assert shown["planned"] == 6.0


def test_products_are_listed_as_the_language_separates_them():
    assert drawn([item("risks", 1)], 6, "ja")["items"][0]["products"] == "A、B"


@pytest.fixture(scope="module")
def sample(sample_store: Path) -> store.Snapshot:
    return store.open_current(sample_store)


def test_a_clock_stays_with_its_item_in_another_language_and_a_shorter_meeting(sample):
    ids = {
        (language, minutes): [
            one["id"] for one in drawn(agenda.read(sample.query, language), minutes, language)["items"]
        ]
        for language in text.LANGUAGES
        for minutes in (20, 90)
    }
    assert ids["en", 90] == ids["ja", 90]
    assert len(set(ids["en", 90])) == len(ids["en", 90]) == 32
    assert 0 < len(ids["ja", 20]) < 32
    assert set(ids["ja", 20]) < set(ids["en", 90])


def test_every_word_that_the_screen_says_is_sent_along():
    source = (ROOT / "maturity" / "meeting.js").read_text(encoding="utf-8")
    asked = set(re.findall(r'say\("(\w+)"', source))
    assert {"position", "over", "cut"} <= asked
    for language in text.LANGUAGES:
        assert asked - drawn([], 60, language)["words"].keys() == set()
