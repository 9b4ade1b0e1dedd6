"""CSV of forms and spreadsheets: long and wide, in Japanese, in old encodings, and what is never guessed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from given import TESTS, over_tiny, read

from loaders.sheet_cells import day_of
from maturity.records.guide_map import Assessment
from maturity.records.problems import Loaded

HEAD = "Timestamp,Username,Product"
WHO = "2026-01-20,kim,alpha"


def folder_of(to: Path, text: str | bytes, options: str = "", **files: str) -> Path:
    """`tests/tiny` with one sheet."""
    source = f"sources:\n  - {{id: form, kind: sheet, path: imports/*.csv{options}}}\n"
    folder = over_tiny(to, None, **{"sources.yaml": source}, **files)
    (folder / "imports").mkdir(exist_ok=True)
    (folder / "imports/form.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def reads(folder: Path) -> tuple[list[Loaded[Assessment]], list[str]]:
    """What came from sheets, and every message."""
    reading, messages = read(folder)
    return [a for a in reading.bundle.assessments if a.file.startswith("imports/")], messages


@pytest.fixture
def sheet(tmp_path: Path):
    """Reads a sheet whose source has some options."""

    def made(text: str | bytes, options: str = "", **files: str) -> tuple[list[Loaded[Assessment]], list[str]]:
        return reads(folder_of(tmp_path / "data", text, options, **files))

    return made


def answer(sheet, cell: str, options: str = "", practice: str = "own-01") -> tuple[dict | None, list[str]]:
    """What one cell of a practice's column says."""
    found, messages = sheet(f'{HEAD},{practice}\n{WHO},"{cell}"\n', options)
    fields = {"items_done", "state", "share", "provider"}
    return (found[0].record.model_dump(include=fields, exclude_none=True) if found else None), messages


# ----------------------------------------------------------------------------------------------------- whole folders


def test_a_form_in_japanese_and_its_download(tmp_path):
    found, messages = reads(over_tiny(tmp_path / "data", TESTS / "good" / "sheet_forms"))
    assert messages == []
    said = {(a.file[8:-4], a.line, a.record.practice): a.record for a in found}
    first = said["form-2026", 2, "own-01"]
    assert (first.product, str(first.assessed_on), first.assessor) == ("alpha", "2026-01-20", "mori@example.com")
    assert (first.items_done, first.note, first.evidence.url) == (["a", "c"], "窓口は\n来月", "https://example.com/own")
    assert said["form-2026", 2, "own-02"].share == 0.5
    assert (said["form-2026", 2, "rec-01"].state, said["form-2026", 2, "rec-01"].provider) == ("inherited", "beta")
    assert said["form-2026", 4, "own-01"].state == "not_adopted"
    assert said["form-download", 2, "own-01"].items_done == ["a", "b"]
    assert len(found) == 6


def test_a_sheet_with_one_statement_a_row_in_shift_jis(tmp_path):
    found, messages = reads(over_tiny(tmp_path / "data", TESTS / "good" / "sheet_rows"))
    assert messages == []
    said = [a.record.model_dump(mode="json", exclude_none=True) for a in found]
    assert said[0] == {
        "product": "alpha", "practice": "own-01", "assessed_on": "2026-01-20", "assessor": "森",
        "items_done": ["a", "c"], "note": "=1+1", "evidence": {"kind": "link", "url": "https://example.com/own"},
    }  # fmt: skip
    assert [(s["practice"], s.get("state"), s.get("items_done"), s.get("share")) for s in said[1:]] == [
        ("rec-01", "adopted", None, None),
        ("own-01", None, [], None),
        ("own-02", None, None, 0.5),
    ]


# ------------------------------------------------------------------------------------------------------------ columns


@pytest.mark.parametrize(
    "header",
    [
        "own-01",
        " OWN-01: who? ",
        "own-01. Who?",
        "Who is it? [own-01]",
        "Who is it? (own-01)",
        "担当は？【own-01】",
        "Named  owning team",
        "担当チームの明示",
        "ｏｗｎ－０１ だれ",
        "Foundation [Named owning team]",
        "Foundation [own-01 Named owning team]",
        "Foundation [担当チームの明示]",
    ],
)
def test_a_practice_is_known_by_its_id_or_name_in_the_header(sheet, header):
    found, messages = sheet(f'{HEAD},"{header}"\n{WHO},yes\n')
    assert ([a.record.practice for a in found], messages) == (["own-01"], [])


def test_a_question_of_its_own_for_each_item(sheet):
    question = "own-01 Named owning team"
    items = [f"{question} [Exactly one team is recorded as owner]", f"{question} [b]", f"{question} [c]"]
    found, messages = sheet(f"{HEAD},{','.join(items)}\n{WHO},Yes,No,\n2026-01-21,kim,alpha,,,\n")
    assert ([a.record.items_done for a in found], messages) == ([["a"]], [])


def test_evidence_and_notes_belong_to_a_practice_or_to_the_row(sheet):
    header = f"{HEAD},own-01,own-02,Proof [own-01],Remark,Remark on 2\n"
    options = ", columns: {Proof: evidence_url, Remark: note, Remark on 2: note own-02}"
    found, messages = sheet(f"{header}{WHO},yes,yes,https://example.com,all,two\n", options)
    said = {a.record.practice: (a.record.note, a.record.evidence and a.record.evidence.url) for a in found}
    assert (said, messages) == ({"own-01": ("all", "https://example.com"), "own-02": ("two", None)}, [])


def test_a_column_for_every_branch_of_a_form_is_read_where_it_is_filled(sheet):
    found, messages = sheet(
        f"{HEAD},own-01,own-01\n{WHO},,yes\n2026-01-21,kim,alpha,no,\n2026-01-22,kim,alpha,no,yes\n"
    )
    assert [a.record.state for a in found] == ["adopted", "not_adopted", "not_adopted"]
    assert messages == [
        "imports/form.csv:1: warning: header: found 'own-01' 2 times, "
        "expected each header once (in a row the first filled one counts)",
        "imports/form.csv:4: warning: answer own-01: found 'no' and 'yes' in two columns (the first counts), "
        "expected one of them",
    ]


def test_product_and_assessor_may_stand_in_the_source(sheet):
    found, messages = sheet("assessed_on,own-01\n2026-01-20,yes\n", ", product: beta, assessor: team blue")
    assert ([(a.record.product, a.record.assessor) for a in found], messages) == ([("beta", "team blue")], [])


def test_an_ignored_column_is_not_told(sheet):
    assert sheet(f"{HEAD},own-01,Ｒｅｍａｒｋｓ\n{WHO},yes,x\n", ", ignore: [remarks]")[1] == []


# ------------------------------------------------------------------------------------------------------------ answers


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("Yes", {"state": "adopted"}),
        ("いいえ", {"state": "not_adopted"}),
        ("TRUE", {"state": "adopted"}),
        ("a, c", {"items_done": ["a", "c"]}),
        ("Exactly one team is recorded as owner;c", {"items_done": ["a", "c"]}),
        (
            "オーナーとして1チームだけが登録されている, 直近の組織変更の後に登録内容を見直した",
            {"items_done": ["a", "c"]},
        ),
        ("オーナーとして１チームだけが登録されている", {"items_done": ["a"]}),
        ("", None),
    ],
)
def test_answers_that_are_understood_without_a_mapping(sheet, cell, said):
    assert answer(sheet, cell) == (said, [])


OPTIONS = ", items: {'Backups, daily': a, 'daily': b, 'Tested, both ways, yearly': c}"


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("Backups, daily", ["a"]),
        ("Backups, daily, daily", ["a", "b"]),
        ("daily, Tested, both ways, yearly, Backups, daily", ["b", "c", "a"]),
        ("Tested, both ways, yearly;daily", ["c", "b"]),
    ],
)
def test_options_may_hold_commas_themselves(sheet, cell, items):
    assert answer(sheet, cell, OPTIONS) == ({"items_done": items}, [])


@pytest.mark.parametrize("cell", ["○", "×", "x", "-", "N/A", "1", "partly", "yes, a"])
def test_an_unknown_answer_is_told_and_never_guessed(sheet, cell):
    said, (message,) = answer(sheet, cell)
    assert said is None
    assert message.startswith("imports/form.csv:2: warning: answer: found ")
    assert message.endswith("expected items of own-01, or an entry in answers:, items: or ignore: of source form")


def test_one_unknown_option_leaves_the_whole_answer_out(sheet):
    said, messages = answer(sheet, "a, Something else")
    assert (said, "found 'Something else', unknown (1 entry not loaded)" in messages[0]) == (None, True)


def test_an_option_that_is_to_be_ignored_leaves_the_others(sheet):
    assert answer(sheet, "a, Something else", ", ignore: [something else]") == ({"items_done": ["a"]}, [])


def test_hundreds_of_unknown_answers_are_one_message_a_word(sheet):
    rows = "".join(f"2026-01-{day:02d},kim,alpha,Perhaps\n" for day in range(1, 31))
    _, messages = sheet(f"{HEAD},own-02\n{rows}")
    assert messages == [
        "imports/form.csv:2: warning: answer: found 'Perhaps', unknown (30 entries not loaded), "
        "expected items of own-02, or an entry in answers:, items: or ignore: of source form"
    ]


def test_an_empty_cell_leaves_the_old_answer_as_it_is(sheet):
    found, messages = sheet(f"{HEAD},own-01,own-02\n{WHO},,yes\n")
    assert ([a.record.practice for a in found], messages) == (["own-02"], [])


def test_words_of_the_source_go_before_those_that_are_known(sheet):
    assert answer(sheet, "はい", ", answers: {はい: 0.8}") == ({"share": 0.8}, [])


# --------------------------------------------------------------------------------------------------------------- days


@pytest.mark.parametrize(
    ("cell", "formats", "day"),
    [
        ("2026-09-30", [], "2026-09-30"),
        ("2026-09-30T12:34:56Z", [], "2026-09-30"),
        ("2026/09/30 12:34:56", [], "2026-09-30"),
        ("2026/9/3 午後 3:04:05", [], "2026-09-03"),
        ("2026/09/30 3:04:05 午後 GMT+9", [], "2026-09-30"),
        ("2026/09/30 3:04:05 PM GMT+5:30", [], "2026-09-30"),
        ("2026年9月30日", [], "2026-09-30"),
        ("２０２６／０９／３０", [], "2026-09-30"),
        ("9/10/2026 15:04:05", ["%m/%d/%Y"], "2026-09-10"),
        ("9/10/2026 15:04:05", ["%d/%m/%Y"], "2026-10-09"),
        ("9/10/2026 15:04:05", ["%m/%d/%Y %H:%M:%S"], "2026-09-10"),
        ("30.09.2026", ["%m/%d/%Y", "%d.%m.%Y"], "2026-09-30"),
        ("2026-09-30", ["%m/%d/%Y"], "2026-09-30"),
        ("9/30/2026", [], None),
        ("30/9/2026", ["%m/%d/%Y"], None),
        ("2026-09-31", [], None),
        ("2026-09-30 or so", [], None),
        ("46295", [], None),
    ],
)
def test_the_day_of_a_time_stamp(cell, formats, day):
    assert day_of(cell, formats) == (dt.date.fromisoformat(day) if day else None)


# --------------------------------------------------------------------------------------------------------------- rows


def test_the_later_row_of_a_day_counts_and_that_is_told(sheet):
    rows = f"{WHO},no,a\n2026/01/20 18:00:00,lee,Alpha,yes,a\n2026-01-21,lee,alpha,no,\n"
    found, messages = sheet(f"{HEAD},own-01,own-02\n{rows}")
    assert [(a.line, a.record.practice, a.record.state) for a in found] == [
        (3, "own-01", "adopted"),
        (3, "own-02", None),
        (4, "own-01", "not_adopted"),
    ]
    assert messages == [
        "imports/form.csv:3: warning: row: found 2 answers of the same product, practice and day again with "
        "other content (alpha own-01, first at imports/form.csv:2), expected each once (the later row counts)"
    ]


def test_a_form_that_is_downloaded_again_is_told_once_a_file(tmp_path):
    text = f"{HEAD},own-01\n{WHO},yes\n2026-01-21,kim,alpha,no\n"
    folder = folder_of(tmp_path / "data", text, **{"imports/again.csv": f"{text}2026-01-22,kim,alpha,yes\n"})
    found, messages = reads(folder)
    assert len(found) == 3
    assert messages == [
        "imports/form.csv:2: warning: row: found 2 answers of the same product, practice and day again with "
        "the same content (alpha own-01, first at imports/again.csv:2), expected each once (the later row counts)"
    ]


def test_the_files_are_counted_by_their_answers(tmp_path):
    rows = f"{WHO},yes,Perhaps,\n2026-01-20,kim,gamma,yes,yes,\n2026-01-21,kim,alpha,neither,,\n"
    folder = folder_of(tmp_path / "data", f"{HEAD},own-01,own-02,rec-01\n{rows}", ", ignore: [neither, gamma]")
    reading, _ = read(folder)
    (counted,) = [(f.topic, f.rows, f.accepted) for f in reading.bundle.files if f.file == "imports/form.csv"]
    assert counted == ("assessments", 2, 1)


# ---------------------------------------------------------------------------------------------------------- encodings

JAPANESE = f"{HEAD},own-01 だれ\r\n2026-01-20,森,アルファ,はい\r\n"


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-8", ", encoding: utf-8"),
        ("utf-16", ""),
        ("utf-16", ", encoding: utf-16"),
        ("utf-16-le", ", encoding: utf-16"),
        ("cp932", ", encoding: cp932"),
    ],
)
def test_encodings_give_the_same_statements(sheet, codec, options):
    found, messages = sheet(JAPANESE.encode(codec), options)
    assert ([(a.line, a.record.product, a.record.assessor) for a in found], messages) == ([(2, "alpha", "森")], [])


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters(sheet, delimiter):
    text = JAPANESE.replace(",", delimiter)
    option = '"\\t"' if delimiter == "\t" else '";"'
    found, messages = sheet(text, f", delimiter: {option}")
    assert (len(found), messages) == (1, [])


@pytest.mark.parametrize(
    ("codec", "options", "message"),
    [
        (
            "cp932",
            "",
            "bytes that are not UTF-8, expected UTF-8 text, or encoding: in source form (cp932 for Shift_JIS)",
        ),
        ("utf-8", ", encoding: cp932", "utf-8 text, expected cp932, as encoding: of source form says"),
        ("utf-16", ", encoding: utf-8", "utf-16 text, expected utf-8, as encoding: of source form says"),
        ("utf-8", ", encoding: utf-16", "utf-8 text, expected utf-16, as encoding: of source form says"),
        ("euc-jp", ", encoding: cp932", "a byte that is not cp932 (0xec), expected cp932 text"),
    ],
)
def test_a_wrong_encoding_is_a_problem_and_nothing_is_read(sheet, codec, options, message):
    found, messages = sheet(JAPANESE.encode(codec), options)
    assert (found, messages) == ([], [f"imports/form.csv:1: encoding: found {message}"])


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\0\0\0",
        b"\xff\xfe\x00",
        b'"',
        b"\xef\xbb\xbf",
        b'a,b\n"',
        b",,,\n,,,\n",
        b'x\n"' + b"y" * 200_000 + b'"\n',
    ],
    ids=["empty", "zeros", "half a character", "a quote", "a mark", "an open quote", "commas", "a huge cell"],
)
def test_no_file_is_a_traceback(sheet, text):
    found, messages = sheet(text)
    assert found == []
    assert messages


@pytest.mark.parametrize("path", ["/etc/*.csv", "../*.csv", "a**b/*.csv", "imports"])
def test_a_path_that_names_no_file_below_the_folder(tmp_path, path):
    folder = over_tiny(
        tmp_path / "data", **{"sources.yaml": f"sources:\n  - {{id: form, kind: sheet, path: '{path}'}}\n"}
    )
    assert reads(folder)[1] == [f"sources.yaml:2: path: found '{path}', expected CSV files below the data folder"]
