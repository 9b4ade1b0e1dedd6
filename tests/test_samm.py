"""OWASP SAMM spreadsheets. The workbooks are made here, with questions of our own in the layout of the real ones."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from given import build, day, over_tiny, read

from maturity import store
from maturity.falls import falls
from maturity.levels import Adoption

SOURCE = "sources:\n  - {id: samm, kind: samm, path: imports/*.xlsx, products: {Team Red: alpha}%s}\n"
QUESTIONS = [
    ("G-SM-A-1-1", "Governance", "Strategy", "Create", 1, "Is the risk known?", "Ask who would be harmed.", "yes"),
    ("G-SM-A-2-1", "Governance", "Strategy", "Measure", 2, "Is it measured?", None, "share"),
    ("O-IM-A-1-1", "Operations", "Incidents", "Detect", 1, "Are incidents seen?", None, "share"),
]
ANSWERS = [
    ("yes", "No", "Yes, once", "Yes, yearly", "Yes, always", 0, 0.25, 0.5, 1),
    ("share", "No", "Some", "Half or more", "Nearly all", 0, 0.25, 0.5, 1),
]
SAID = {"G-SM-A-1-1": "Yes, always", "G-SM-A-2-1": "Half or more", "O-IM-A-1-1": None}


def workbook(
    path: Path,
    said: dict[str, str | None] = SAID,
    on: Any = dt.datetime(2026, 1, 10),
    shift: int = 0,
    team: str | None = "Team Red",
    leave_out: str = "",
    head: bool = True,
) -> Path:
    """A workbook; `shift` moves every row down, as another release does."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Interview"
    if head:
        given = (("Organization:", "Shop"), ("Team/Application:", team), ("Date:", on))
        for row, (label, value) in enumerate(given, 10 + shift):
            sheet.cell(row, 2, label)
            sheet.cell(row, 4, value)
    for i, (code, answer) in enumerate(said.items()):
        sheet.cell(20 + shift + 2 * i, 1, code)
        sheet.cell(20 + shift + 2 * i, 6, answer)
        sheet.cell(20 + shift + 2 * i, 9, "as told" if i == 0 else None)
    for name, rows in (("imp-questions", QUESTIONS), ("imp-answers", ANSWERS)):
        if name != leave_out:
            hidden = book.create_sheet(name)
            hidden.sheet_state = "hidden"
            hidden.append(["ID"])
            for row in rows:
                hidden.append(list(row))
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def folder(to: Path, more: str = ", guide_map: true", **kwargs: Any) -> Path:
    made = over_tiny(to / "data", **{"sources.yaml": SOURCE % more})
    for path in (made / "assessments").iterdir():
        path.unlink()
    (made / "risks" / "alpha.yaml").unlink()
    (made / "exemptions.csv").unlink(missing_ok=True)
    workbook(made / "imports" / "red.xlsx", **kwargs)
    return made


def told(data: Path) -> list[str]:
    return [m for m in read(data)[1] if not m.startswith("assessments:")]


BLANK = (
    "imports/red.xlsx#Interview:20: warning: F: found 1 of 3 questions without an answer, "
    "expected an answer; they stay unassessed"
)


def test_questions_become_practices_by_maturity_and_practice(tmp_path: Path):
    bundle = read(folder(tmp_path))[0].bundle
    assert [(p.record.id, p.record.level, p.record.category, p.file, p.line) for p in bundle.practices] == [
        ("G-SM-A-1-1", 1, "governance-strategy", "imports/red.xlsx#imp-questions", 2),
        ("G-SM-A-2-1", 2, "governance-strategy", "imports/red.xlsx#imp-questions", 3),
        ("O-IM-A-1-1", 1, "operations-incidents", "imports/red.xlsx#imp-questions", 4),
    ]
    assert [p.record.level for p in bundle.levels] == [1, 2]
    assert [c.record.name.en for c in bundle.categories] == ["Governance / Strategy", "Operations / Incidents"]


def test_answers_become_shares_with_their_cells_and_a_blank_is_no_answer(tmp_path: Path):
    data = folder(tmp_path)
    found = [
        (a.record.product, a.record.practice, a.record.share, a.record.assessor, a.file, a.line)
        for a in read(data)[0].bundle.assessments
    ]
    assert found == [
        ("alpha", "G-SM-A-1-1", 1, "Team Red", "imports/red.xlsx#Interview", 20),
        ("alpha", "G-SM-A-2-1", 0.5, "Team Red", "imports/red.xlsx#Interview", 22),
    ]
    assert read(data)[0].bundle.assessments[0].record.note == "as told"
    assert told(data) == [BLANK]


@pytest.mark.parametrize("shift", [0, 7])
@pytest.mark.parametrize("on", [dt.datetime(2026, 1, 10), "2026-01-10", "2026/01/10"], ids=["date", "text", "slashes"])
def test_rows_move_between_releases_and_a_date_may_be_text(tmp_path: Path, shift: int, on: Any):
    found = read(folder(tmp_path, shift=shift, on=on))[0].bundle.assessments
    assert [(a.record.share, a.record.assessed_on, a.line) for a in found] == [
        (1, day("2026-01-10"), 20 + shift),
        (0.5, day("2026-01-10"), 22 + shift),
    ]


def test_surrounding_blanks_and_case_do_not_matter(tmp_path: Path):
    said = SAID | {"G-SM-A-1-1": "  yes,  ALWAYS "}
    assert read(folder(tmp_path, said=said))[0].bundle.assessments[0].record.share == 1


def test_two_workbooks_of_a_team_are_a_history_and_show_what_was_lost(tmp_path: Path):
    data = folder(tmp_path, on=dt.datetime(2025, 6, 1))
    workbook(data / "imports" / "red-2.xlsx", SAID | {"G-SM-A-1-1": "Yes, once"}, shift=3)
    (fall,) = falls(Adoption.of(read(data)[0].bundle), day("2026-01-31"))
    assert (fall.practice, fall.cause, fall.to_state, fall.regression) == ("G-SM-A-1-1", "decline", "partial", True)


def test_it_builds_into_a_snapshot(tmp_path: Path):
    built = build(tmp_path / "store", folder(tmp_path))
    assert [p for p in built.problems if p.level == "error"] == []
    snapshot = store.open_current(tmp_path / "store")
    states = snapshot.query("practice_states", month="2026-01", product="alpha").set_index("practice")["state"]
    snapshot.close()
    assert dict(states) == {"G-SM-A-1-1": "adopted", "G-SM-A-2-1": "partial", "O-IM-A-1-1": "unassessed"}


def test_answers_may_go_to_the_practices_of_another_map(tmp_path: Path):
    data = folder(tmp_path, more=", practices: {G-SM-A-1-1: rsk-01}")
    assert [(a.record.practice, a.record.share) for a in read(data)[0].bundle.assessments] == [("rsk-01", 1)]
    assert any("practice: found 'G-SM-A-2-1', unknown (1 entry not loaded)" in m for m in told(data))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            {"said": SAID | {"G-SM-A-1-1": "Perhaps"}},
            [BLANK, "imports/red.xlsx#Interview:20: warning: F20: found 'Perhaps', unknown (1 entry not loaded), "
             "expected one of the answers to G-SM-A-1-1 in imp-answers"],
            id="an answer of another set",
        ),
        pytest.param(
            {"said": SAID | {"X-XX-A-1-1": "No"}},
            [BLANK.replace("1 of 3", "1 of 4"),
             "imports/red.xlsx#Interview:26: warning: question: found 'X-XX-A-1-1', unknown (1 entry not loaded), "
             "expected a question of imp-questions"],
            id="a question the model lacks",
        ),
        pytest.param(
            {"on": "last spring"},
            ["imports/red.xlsx#Interview:12: date: found 'last spring', expected the day of the assessment, as a date "
             "or as text such as 2026-09-30", BLANK],
            id="a date in words",
        ),
        pytest.param(
            {"on": None},
            ["imports/red.xlsx#Interview:12: date: found nothing, expected the day of the assessment, as a date or as "
             "text such as 2026-09-30", BLANK],
            id="no date",
        ),
        pytest.param(
            {"team": "Team Blue"},
            ["imports/red.xlsx#Interview:11: warning: product: found 'Team Blue', unknown (1 entry not loaded), "
             "expected a product's id or name, or an entry in products: or ignore: of source samm", BLANK],
            id="an unknown team",
        ),
        pytest.param(
            {"leave_out": "imp-answers", "more": ""},
            ["imports/red.xlsx:1: sheet: found no sheet imp-answers, expected a sheet of that name"],
            id="no answers",
        ),
        pytest.param(
            {"said": {}},
            ["imports/red.xlsx#Interview:1: A: found no question, expected rows whose column A holds a code such as "
             "G-SM-A-1-1"],
            id="no question",
        ),
    ],
)  # fmt: skip
def test_a_slip_in_a_workbook_is_told(tmp_path: Path, change: dict[str, Any], expected: list[str]):
    assert told(folder(tmp_path, **change)) == expected


@pytest.mark.parametrize(
    "content",
    [b"", b"no workbook", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 with a password"],
    ids=["empty", "text", "a broken zip", "encrypted"],
)
def test_what_is_no_workbook_is_told(tmp_path: Path, content: bytes):
    data = folder(tmp_path, more="")
    (data / "imports" / "red.xlsx").write_bytes(content)
    assert told(data) == [
        "imports/red.xlsx:1: file: found something that does not open, expected an .xlsx workbook without a password"
    ]


def test_a_damaged_workbook_is_told_and_never_a_traceback(tmp_path: Path):
    data = folder(tmp_path, more="")
    path = data / "imports" / "red.xlsx"
    whole = path.read_bytes()
    for at in range(0, len(whole), 499):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        read(data)


def test_a_small_file_that_unpacks_to_much_is_refused(tmp_path: Path):
    data = folder(tmp_path, more="")
    with zipfile.ZipFile(data / "imports" / "red.xlsx", "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("xl/workbook.xml", b"\0" * (65 * 2**20))
    expected = "imports/red.xlsx:1: file: found a workbook that unpacks to more than 64 MB, expected a smaller one"
    assert told(data) == [expected]
