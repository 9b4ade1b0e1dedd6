"""Markdown checklists with tiers, as a guide map and filled in. The checklists are our own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from given import build, day, over_tiny, read

from loaders.markdown_tasks import tasks
from maturity import store
from maturity.falls import falls
from maturity.levels import Adoption

SOURCE = """sources:
  - {id: prc, kind: checklist, model: imports/model.md, path: imports/filled/*.md, guide_map: true,
     tiers: {A: 1, B: 2, C: 3}, levels: {Before users: 2}%s}
"""
MODEL = """# Readiness

Some words.

## Design

- [ ] **D-1** The owner is written down
  Somebody answers when it breaks.
- [ ] It grows by itself (A, B)
- [ ] It is grown by hand (C)

## Before users

- [ ] Backups are tried (A・B)
  - [ ] A restore was timed
  - [ ] The result is [written down](https://example.com/how)
- [ ] 当番表がある

| Item | A | B | C |
|------|---|---|---|
| Alerts wake a human | ○ | ○ | |
| Logs can be searched | x | x | x |

```
- [ ] in code
```
<!-- - [ ] in a comment
- [ ] still in it -->
- [ ] ~~Struck out~~
"""
FILLED = """---
product: alpha
assessed_on: 2026-01-10
assessor: kim
---
## Design
- [x] **D-1** The owner is written down
  See https://example.com/owner for the page.
- [ ] It grows by itself
## Before users
- [ ] Backups are tried
  - [X] A restore was timed
  - [ ] The result is written down
- [x] 当番表がある
"""


def folder(to: Path, filled: str | None = FILLED, model: str = MODEL, more: str = "", **files: str) -> Path:
    files = {"imports/model.md": model, "sources.yaml": SOURCE % more} | files
    files |= {"imports/filled/alpha.md": filled} if filled is not None else {}
    made = over_tiny(to / "data", **files)
    for path in (made / "assessments").iterdir():
        path.unlink()
    (made / "risks" / "alpha.yaml").unlink()
    (made / "exemptions.csv").unlink(missing_ok=True)
    return made


def told(to: Path, *args: Any, **kwargs: Any) -> list[str]:
    return [m for m in read(folder(to, *args, **kwargs))[1] if "Struck out" not in m and "tiers" not in m]


def test_items_become_practices_of_the_tiers_that_ask_for_them(tmp_path: Path):
    bundle = read(folder(tmp_path))[0].bundle
    assert [(p.record.id, p.record.name.en, p.record.level, p.record.tiers, p.line) for p in bundle.practices] == [
        ("D-1", "The owner is written down", 1, [], 7),
        ("it-grows-by-itself", "It grows by itself", 1, [1, 2], 9),
        ("it-is-grown-by-hand", "It is grown by hand", 1, [3], 10),
        ("backups-are-tried", "Backups are tried", 2, [1, 2], 14),
        (bundle.practices[4].record.id, "当番表がある", 2, [], 17),
        ("alerts-wake-a-human", "Alerts wake a human", 2, [1, 2], 21),
        ("logs-can-be-searched", "Logs can be searched", 2, [1, 2, 3], 22),
    ]
    assert bundle.practices[0].record.why.en == "Somebody answers when it breaks."
    assert [i.en for i in bundle.practices[3].record.checklist] == ["A restore was timed", "The result is written down"]
    assert [c.record.name.en for c in bundle.categories] == ["Design", "Before users"]


def test_a_filled_in_copy_becomes_statements_with_evidence_and_lines(tmp_path: Path):
    found = {a.record.practice: a for a in read(folder(tmp_path))[0].bundle.assessments}
    owner = found["D-1"]
    assert (owner.record.state, owner.record.evidence.url, owner.record.assessor, owner.line) == (
        "adopted", "https://example.com/owner", "kim", 7,
    )  # fmt: skip
    assert owner.record.note == "See https://example.com/owner for the page."
    assert found["it-grows-by-itself"].record.state == "not_adopted"
    assert found["backups-are-tried"].record.items_done == ["a-restore-was-timed"]
    assert told(tmp_path / "again") == []


def test_copies_of_several_days_are_a_history_and_show_what_was_lost(tmp_path: Path):
    later = FILLED.replace("2026-01-10", "2026-01-31").replace("- [x] **D-1**", "- [ ] **D-1**")
    middle = FILLED.replace("2026-01-10", "2026-01-20")
    files = {"imports/filled/b.md": middle, "imports/filled/c.md": later}
    bundle = read(folder(tmp_path, **files))[0].bundle
    (fall,) = falls(Adoption.of(bundle), day("2026-01-31"))
    assert (fall.practice, fall.cause, fall.regression) == ("D-1", "decline", True)


def test_it_builds_into_levels_where_other_tiers_are_not_asked(tmp_path: Path):
    built = build(tmp_path / "store", folder(tmp_path))
    assert [p for p in built.problems if p.level == "error"] == []
    snapshot = store.open_current(tmp_path / "store")
    states = snapshot.query("practice_states", month="2026-01", product="alpha").set_index("practice")["state"]
    snapshot.close()
    assert states["it-is-grown-by-hand"] == "not_asked"


def test_answers_may_go_to_the_practices_of_another_map(tmp_path: Path):
    source = (SOURCE % ", practices: {Backups are tried: rec-01}").replace("guide_map: true,", "")
    filled = FILLED.replace("- [x] **D-1** The owner is written down", "- [x] Named owning team")
    data = folder(tmp_path, filled, **{"sources.yaml": source})
    reading, messages = read(data)
    assert {a.record.practice for a in reading.bundle.assessments} >= {"own-01"}
    assert any("'It grows by itself', unknown (1 entry not loaded)" in m for m in messages)


@pytest.mark.parametrize(
    ("filled", "expected"),
    [
        pytest.param(
            FILLED.replace("- [ ] It grows by itself", "- [x] It grows by itself (N/A: one user)"),
            ["imports/filled/alpha.md:9: warning: item: found 'It grows by itself (N/A: one user)': N/A, expected an "
             "exemption in exemptions.yaml, with approver and last day; counted as not done"],
            id="N/A behind the item",
        ),
        pytest.param(
            FILLED.replace("- [ ] It grows by itself", "- [x] It grows by itself\n  該当なし：利用者は1人"),
            ["imports/filled/alpha.md:9: warning: item: found 'It grows by itself': N/A, expected an exemption in "
             "exemptions.yaml, with approver and last day; counted as not done"],
            id="N/A below the item",
        ),
        pytest.param(
            FILLED.replace("It grows by itself", "It grows on its own"),
            ["imports/filled/alpha.md:9: warning: item: found 'It grows on its own', unknown (1 entry not loaded), "
             "expected 'It grows by itself' (did you mean it?)"],
            id="an edited item",
        ),
        pytest.param(
            FILLED.replace("A restore was timed", "A restore was seen"),
            ["imports/filled/alpha.md:12: warning: item: found 'A restore was seen', unknown (1 entry not loaded), "
             "expected an item of Backups are tried"],
            id="an edited item below an item",
        ),
        pytest.param(
            FILLED.split("---\n", 2)[2],
            ["imports/filled/alpha.md:1: front matter: found nothing, expected --- with product, assessed_on, assessor "
             "--- at the top"],
            id="no front matter",
        ),
        pytest.param(
            FILLED.replace("assessor: kim\n", ""),
            ["imports/filled/alpha.md:1: assessor: found nothing, expected a value"],
            id="no assessor",
        ),
        pytest.param(
            FILLED.replace("product: alpha", "product: gamma"),
            ["imports/filled/alpha.md:2: warning: product: found 'gamma', unknown (1 entry not loaded), expected a "
             "product's id or name, or an entry in products: or ignore: of source prc"],
            id="an unknown product",
        ),
        pytest.param(
            FILLED.replace("assessed_on: 2026-01-10", "assessed_on: [x"),
            ["imports/filled/alpha.md:4: yaml: found a syntax error (did not find expected ',' or ']'), expected "
             "well-formed YAML"],
            id="broken front matter",
        ),
    ],
)  # fmt: skip
def test_a_slip_in_a_copy_is_told(tmp_path: Path, filled: str, expected: list[str]):
    assert [m for m in told(tmp_path, filled) if not m.startswith("assessments:")] == expected


def test_a_day_that_is_none_is_told_at_each_item(tmp_path: Path):
    messages = told(tmp_path, FILLED.replace("2026-01-10", "10.1.2026"))
    wrong = "assessed_on: found '10.1.2026', expected a date such as 2026-09-30"
    assert f"imports/filled/alpha.md:7: {wrong}" in messages


def test_windows_lines_read_the_same(tmp_path: Path):
    data = folder(tmp_path)
    (data / "imports/filled/alpha.md").write_bytes(FILLED.replace("\n", "\r\n").encode())
    (data / "imports/model.md").write_bytes(MODEL.replace("\n", "\r\n").encode())
    assert len(read(data)[0].bundle.assessments) == 4


def test_a_file_that_is_not_utf_8_is_told(tmp_path: Path):
    data = folder(tmp_path)
    (data / "imports/filled/alpha.md").write_bytes(FILLED.encode("cp932"))
    assert any(
        m.startswith("imports/filled/alpha.md:14: encoding: found a byte that is not UTF-8") for m in read(data)[1]
    )


def test_the_same_item_twice_is_told(tmp_path: Path):
    messages = told(tmp_path, None, MODEL.replace("It is grown by hand (C)", "It grows BY itself (C)"))
    assert (
        "imports/model.md:10: item: found 'It grows BY itself' again (first at imports/model.md:9), "
        "expected another wording, or a code such as **PRC-12**"
    ) in messages


def test_a_checklist_that_is_not_there_or_empty_is_told(tmp_path: Path):
    data = folder(tmp_path, None, "# Nothing\n")
    assert (
        "imports/model.md:1: file: found no item, expected items such as - [ ] It has an owner (A, B)" in read(data)[1]
    )
    (data / "imports/model.md").unlink()
    assert any("model: found no file imports/model.md" in m for m in read(data)[1])


def test_items_know_their_heading_depth_and_links():
    text = "# A\n1. [ ] `OPS-7`: One\n   - [x] deep\n      - [x] deeper\n   more https://example.com/x\n* [X] Two\n"
    one, two = tasks(text, set())
    assert (one.code, one.text, one.heading, one.done, one.line) == ("OPS-7", "One", "A", False, 2)
    assert [i.text for i in one.items] == ["deep"]
    assert [i.text for i in one.items[0].items] == ["deeper"]
    assert (two.done, two.url) == (True, None)
