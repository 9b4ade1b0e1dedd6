"""A guide map that grew since the last build must say when."""

from __future__ import annotations

from pathlib import Path

from given import build, over_tiny


def map_of(folder: Path, *, item: str = "", practice: str = "") -> Path:
    """`tests/tiny` with a guide map of its own, which may have grown."""
    text = f"""schema: sre-guide-map/1
id: own
version: 1.0.0
title: Our map
levels: [{{level: 1, name: One, meaning: First}}]
categories: [{{id: all, name: All}}]
practices:
  - id: own-01
    category: all
    level: 1
    must: true
    review_days: 180
    name: Owner
    why: Somebody answers.
    how_to: {{en: [Name one.], ja: [決める。]}}
    evidence: A page
    checklist:
      - {{id: a, en: Named, ja: 決まっている}}
{item}{practice}"""
    return over_tiny(folder, **{"guide_map.yaml": text})


NEW_ITEM = "      - {id: b, en: Known, ja: 知られている%s}\n"
NEW_PRACTICE = """  - id: own-02
    category: all
    level: 1
    must: false
    review_days: 180
    name: Page
    why: It is read.
    how_to: {en: [Write it.], ja: [書く。]}
    evidence: A page
    checklist: [{id: a, en: Written, ja: 書いた}]
"""


def grown(tmp_path: Path, **changes: str) -> list[str]:
    """What a build says of the dates of a map that grew since the build before."""
    build(tmp_path / "store", map_of(tmp_path / "before"), keep_going=True)
    again = build(tmp_path / "store", map_of(tmp_path / "after", **changes), minute=1, keep_going=True)
    return [str(p) for p in again.problems if "new since" in p.found]


def test_an_item_that_is_new_without_a_date_is_told(tmp_path: Path):
    (message,) = grown(tmp_path, item=NEW_ITEM % "")
    assert message.startswith("guide_map.yaml:19: warning: checklist.1: found own-01 b, new since the last snapshot")


def test_a_practice_that_is_new_without_a_date_is_told(tmp_path: Path):
    (message,) = grown(tmp_path, practice=NEW_PRACTICE)
    assert message.startswith("guide_map.yaml:19: warning: added_on: found own-02, new since the last snapshot")


def test_an_item_with_its_date_and_an_unchanged_map_are_fine(tmp_path: Path):
    assert grown(tmp_path, item=NEW_ITEM % ", added_on: 2026-01-15") == []


def test_a_new_wording_is_no_change_of_the_map(tmp_path: Path):
    build(tmp_path / "store", map_of(tmp_path / "before"), keep_going=True)
    after = map_of(tmp_path / "after")
    path = after / "guide_map.yaml"
    path.write_text(path.read_text().replace("Named, ja: 決まっている", "Has a name, ja: 名前がある"))
    again = build(tmp_path / "store", after, minute=1, keep_going=True)
    assert [p for p in again.problems if "new since" in p.found] == []
