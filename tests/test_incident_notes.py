"""Postmortems as Markdown: on their own, and completing what incidents.yaml has."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from given import over_tiny, read

from maturity.records.incidents import Incident
from maturity.records.problems import Loaded

YAML = """incidents:
  - id: INC-1
    products: [alpha]
    title: Checkout down
    severity: 2
    started_at: 2026-01-10T01:00:00Z
    ended_at: 2026-01-10T02:00:00Z
"""
NOTE = """---
incident: INC-1
postmortem_on: 2026-01-15
---
# Anything

## Summary
Nobody could pay.

## 概要
誰も支払えなかった。

## What went well
Coffee.

## Action items
- [ ] Alert on rejected uploads (kim, 2026-02-01, AB-12)
- [x] Say sorry (lee)
- [-] Build a second one (it costs too much, say)
- [ ] Plain words
- not a task
"""


def loaded(tmp_path: Path, **files: str) -> tuple[list[Loaded[Incident]], list[str]]:
    reading, messages = read(over_tiny(tmp_path / "data", **files))
    return reading.bundle.incidents, [m for m in messages if "incident" in m or "postmortem" in m]


def test_a_note_completes_the_incident_of_the_yaml(tmp_path: Path):
    ((one,), messages) = loaded(tmp_path, **{"incidents.yaml": YAML, "postmortems/PM-1.md": NOTE})
    record = one.record
    assert (record.title.en, record.severity, record.postmortem_on) == ("Checkout down", 2, dt.date(2026, 1, 15))
    assert (record.summary.en, record.summary.ja) == ("Nobody could pay.", "誰も支払えなかった。")
    assert [(i.text.en, i.state, i.owner, str(i.due), i.ticket) for i in record.action_items] == [
        ("Alert on rejected uploads", "open", "kim", "2026-02-01", "AB-12"),
        ("Say sorry", "done", "lee", "None", None),
        ("Build a second one (it costs too much, say)", "cancelled", None, "None", None),
        ("Plain words", "open", None, "None", None),
    ]
    assert (one.file, one.line, one.place_of("action_items", 1)) == ("incidents.yaml", 2, ("postmortems/PM-1.md", 18))
    assert messages == [
        "postmortems/PM-1.md:21: warning: action_items: found '- not a task' (not loaded), "
        "expected - [ ] text (owner, 2026-10-30, TICKET-1), or - [x] for one that is done"
    ]


def test_a_note_alone_is_an_incident_with_the_name_of_its_file_and_its_heading(tmp_path: Path):
    head = "---\nproducts: [alpha]\nseverity: 1\nstarted_at: 2026-01-10T01:00:00Z\n---\n"
    text = head + "# 決済の停止\n## Root cause\nA typo.\n"
    ((one,), messages) = loaded(tmp_path, **{"incidents/2026/INC-7.md": text})
    assert (one.record.id, one.record.title.ja, one.record.cause.en) == ("INC-7", "決済の停止", "A typo.")
    assert (one.file, one.line_of("cause")) == ("incidents/2026/INC-7.md", 7)
    assert messages == []


@pytest.mark.parametrize(
    ("note", "told"),
    [
        (NOTE.replace("postmortem_on", "severity: 3\npostmortem_on"), "3: severity: found '3', expected it once: inc"),
        (NOTE.replace("2026-01-15", "soon"), "3: postmortem_on: found 'soon', expected a date such as 2026-09-30"),
        (NOTE.replace("2026-02-01", "2026-02-31"), "17: action_items.0.due: found '2026-02-31'"),
        (NOTE.replace("INC-1", "INC-9"), "2: severity: found nothing"),
        ("no front matter", "1: front matter: found no front matter, expected --- with incident, and products"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_the_yaml_stays(tmp_path: Path, note: str, told: str):
    found, messages = loaded(tmp_path, **{"incidents.yaml": YAML, "postmortems/a.md": note})
    assert [one.record.id for one in found] == ["INC-1"]
    assert found[0].record.action_items == []
    assert any(message.startswith(f"postmortems/a.md:{told}") for message in messages), messages


def test_action_items_in_both_languages_belong_together_one_by_one(tmp_path: Path):
    japanese = "## 再発防止策\n- [ ] 甲\n- [ ] 乙\n"
    note = "---\nincident: INC-1\n---\n## Action items\n- [ ] First (kim)\n- [x] Second\n" + japanese
    ((one,), messages) = loaded(tmp_path, **{"incidents.yaml": YAML, "postmortems/a.md": note})
    items = one.record.action_items
    assert [(i.text.en, i.text.ja, i.owner, i.state) for i in items] == [
        ("First", "甲", "kim", "open"), ("Second", "乙", None, "done"),
    ]  # fmt: skip
    assert messages == []
    odd = note.replace("- [ ] 乙\n", "")
    ((one,), messages) = loaded(tmp_path / "odd", **{"incidents.yaml": YAML, "postmortems/a.md": odd})
    assert [i.text.ja for i in one.record.action_items] == ["First", "Second"]
    assert messages == [
        "postmortems/a.md:5: warning: action_items: found 2 and 1 in the two languages (only the first are loaded), "
        "expected as many in each"
    ]
