"""`guidemap assess`: a conversation in a terminal, re-confirming many at once, forms, and the log they add to."""

from __future__ import annotations

import datetime as dt
import io
import os
import pty
import select
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
from given import ROOT, over_tiny, write

from loaders import assess_log, registry
from loaders.__main__ import FINE, PROBLEMS, WRONG_USE, main
from loaders.assess_dialog import numbers_of, understood
from loaders.assess_log import NotWritten
from maturity.records.guide_map import Assessment, AssessmentEntry

ON = "2026-01-31"
TODAY = dt.datetime.now(dt.UTC).date()
LOG = "assessments/alpha.yaml"
FIRST = "  - {practice: own-01, assessed_on: 2026-01-10, assessor: kim, state: adopted}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `tests/tiny`, with an English terminal and a user named lee, without git."""
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.setenv("USER", "lee")
    monkeypatch.setenv("PATH", "")
    return over_tiny(tmp_path / "data")


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """Run the command with lines typed in: its exit code, what it printed, and the errors."""

    def command(*arguments: str, typed: str = "", product: str = "alpha", on: str = ON) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        code = main(["assess", product, "--data", str(folder), *(["--on", on] if on else []), *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def added(folder: Path, file: str = LOG) -> str:
    """What stands behind the old text of a log, which must be there unchanged."""
    old = (ROOT / "tests" / "tiny" / file).read_text(encoding="utf-8")
    new = (folder / file).read_text(encoding="utf-8")
    assert new.startswith(old)
    return new.removeprefix(old)


def said_of(folder: Path, practice: str) -> list[Assessment]:
    read = registry.read_folder(folder, TODAY)
    assert read.problems == []
    return [a.record for a in read.bundle.assessments if (a.record.product, a.record.practice) == ("alpha", practice)]


# ------------------------------------------------------------------------------------------------------ conversation


def test_one_answer_with_evidence_and_note(folder, run):
    code, out, _ = run("--practice", "own-02", typed='sam\nac\nhttps://example.com/x\nあとは d: 次, "月"\ny\n')
    assert code == FINE
    assert "[1/1] own-02  Architecture page with dependencies (level 1)\n  Why: " in out
    assert "  Now: Not assessed\n    a [ ] " in out
    assert out.endswith(f"1 statements written to {folder / LOG}.\n")
    assert added(folder) == (
        "  - {practice: own-02, assessed_on: 2026-01-31, assessor: sam, items_done: [a, c], "
        'evidence: {url: "https://example.com/x"}, note: "あとは d: 次, \\"月\\""}\n'
    )
    (said,) = said_of(folder, "own-02")
    assert (said.items_done, said.evidence.url, said.note) == (
        ["a", "c"],
        "https://example.com/x",
        'あとは d: 次, "月"',
    )


def test_skip_back_help_none_all_a_provider_and_stop(folder, run):
    names = ["own-02", "own-03", "slo-01", "obs-01", "inc-01"]  # asked in this order: all unassessed, all of level 1
    typed = [
        "",  # lee it is
        "",  # own-02: skip
        "<",  # own-03: back to own-02
        "none", "",  # own-02 after all, without a note
        "?", "all", "", "",  # own-03
        "i Beta", "from them",  # slo-01
        "q", "y",  # obs-01 and inc-01 stay as they are
    ]  # fmt: skip
    code, out, _ = run("--practice", *names, typed="".join(f"{line}\n" for line in typed))
    assert code == FINE
    assert "    1. " in out  # a step of how to do it
    assert added(folder).splitlines() == [
        "  - {practice: own-02, assessed_on: 2026-01-31, assessor: lee, items_done: []}",
        "  - {practice: own-03, assessed_on: 2026-01-31, assessor: lee, items_done: [a, b]}",
        "  - {practice: slo-01, assessed_on: 2026-01-31, assessor: lee, state: inherited, provider: beta, "
        'note: "from them"}',
    ]


def test_an_answer_may_be_given_again_after_going_back(folder, run):
    typed = ["", "a", "", "", "<", "ab", "", "", "q", "y"]
    _, out, _ = run("--practice", "own-02", "own-03", typed="".join(f"{line}\n" for line in typed))
    assert "  You said: a\n" in out
    assert "items_done: [a, b]}" in added(folder)


def test_what_is_not_understood_is_asked_again(folder, run):
    code, out, _ = run("--practice", "own-02", typed="\nxyz\ni gamma\ni\nabc\n=\n\nperhaps\nｙ\n")
    assert code == FINE
    assert "'xyz' is not understood. Items: a b c." in out
    assert "'gamma' is no provider of Alpha. Providers: beta." in out
    assert "'' is no provider of Alpha. Providers: beta." in out
    assert "y or n, please." in out


def test_evidence_of_before_is_kept_with_its_day(folder, run):
    code, out, _ = run("--practice", "own-01", typed="\nall\n=\n\ny\n")
    assert (code, "Enter: none; =: as before, https://example.com/own" in out) == (FINE, True)
    assert 'evidence: {url: "https://example.com/own", on: 2026-01-10}' in added(folder)


def test_without_filters_the_urgent_ones_come_first_and_fresh_ones_are_not_asked(folder, run):
    write(folder / "assessments/more.yaml", "product: alpha\nassessments:\n"
          "  - {practice: slo-04, assessed_on: 2024-01-01, assessor: kim, state: adopted}\n"
          "  - {practice: own-02, assessed_on: 2026-01-02, assessor: kim, items_done: [a]}\n")  # fmt: skip
    _, out, _ = run(typed="\n" + "\n" * 80 + "n\n")
    asked = [line.split("] ")[1].split("  ")[0] for line in out.splitlines() if line.startswith("[")]
    assert out.startswith("Alpha, as of 2026-01-31. ")
    assert "own-01" not in asked  # fresh
    assert asked[-1] == "own-02"  # partly done, after what is missing
    assert "slo-04" in asked  # lapsed
    levels = [int(line.split("(level ")[1][0]) for line in out.splitlines() if line.startswith("[")][:-1]
    assert levels == sorted(levels)


def test_filters_by_level_and_category(run):
    _, out, _ = run("--level", "1", "--category", "recovery", typed="\nq\n")
    assert [line for line in out.splitlines() if line.startswith("[")] == [
        "[1/1] rec-01  Automatic backups that are monitored (level 1, must)"
    ]
    assert out.endswith("Nothing was written.\n")


def test_japanese_by_the_locale_or_by_the_option(folder, run, monkeypatch):
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    _, out, _ = run("--practice", "own-01", typed="\nａｃ\n\n\nはい\n")
    assert "own-01  担当チームの明示 (レベル1・必須)" in out
    assert "現在: 導入済み、3項目中3項目、前回の確認 2026-01-10（kim）" in out
    assert f"{folder / LOG} に 1 件を書き込みました。" in out
    _, out, _ = run("--practice", "own-02", "--lang", "en", typed="\nq\n")
    assert "Architecture page with dependencies" in out


def test_no_at_the_end_writes_nothing(folder, run):
    code, out, _ = run("--practice", "own-02", typed="\nall\n\n\nn\n")
    assert (code, added(folder), out.splitlines()[-1]) == (FINE, "", "Write them? [y/n] Nothing was written.")


def test_an_input_that_ends_early_writes_nothing_and_says_so(folder, run):
    code, _, err = run("--practice", "own-02", typed="\nall\n")
    assert (code, added(folder)) == (WRONG_USE, "")
    assert err == ("\nThe input ended before a y; nothing was written. Without a terminal use --reconfirm or --form.\n")


@pytest.mark.parametrize(
    ("answer", "items", "meaning"),
    [
        ("b", ["a", "b"], {"items_done": ["b"]}),
        ("b", ["x", "y"], None),
        ("a2 a1", ["a1", "a2"], {"items_done": ["a1", "a2"]}),
        ("a1a2", ["a1", "a2"], None),
        ("A,C", ["a", "b", "c"], {"items_done": ["a", "c"]}),
        ("q", ["a"], "quit"),
        ("？", ["a"], "help"),
        ("i", ["a"], {"state": "inherited", "provider": ""}),
        ("i", ["i"], {"items_done": ["i"]}),
    ],
)
def test_what_an_answer_means(answer, items, meaning):
    assert understood(answer, items) == meaning


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [
        ("1-3 8", [1, 2, 3, 8]),
        ("3、1", [1, 3]),
        ("１ー２", None),
        ("2 - 3", [2, 3]),
        ("0", None),
        ("9", None),
        ("3-1", None),
    ],
)
def test_numbers_of_a_list(answer, numbers):
    assert numbers_of(answer, 8) == numbers


# ---------------------------------------------------------------------------------------------------------- terminal


CONTROL_C, END = "\x03", "\x04"


def terminal(folder: Path, typed: list[tuple[str, str]], *arguments: str) -> tuple[int, str]:
    """Run the command in a terminal of its own; type each text once what it waits for is on the screen."""
    command = [sys.executable, "-m", "loaders", "assess", "alpha", "--data", str(folder), "--on", ON, *arguments]
    child, screen_of = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a suite that runs in the background hands on that it is ignored
        os.execve(command[0], command, {"PATH": "", "USER": "lee", "LANG": "C.UTF-8", "TERM": "dumb"})
    seen, screen, waiting, until = 0, "", list(typed), time.monotonic() + 60
    while time.monotonic() < until:
        if not select.select([screen_of], [], [], 3)[0]:
            # A signal just before readline begins to wait is seen with the next key only; a person presses again.
            if not waiting and typed[-1][1] == CONTROL_C:
                os.write(screen_of, CONTROL_C.encode())
            continue
        try:
            screen += os.read(screen_of, 4096).decode(errors="replace").replace("\r\n", "\n")
        except OSError:  # the other end is closed
            break
        while waiting and waiting[0][0] in screen[seen:]:
            awaited, text = waiting.pop(0)
            seen = screen.index(awaited, seen) + len(awaited)
            os.write(screen_of, text.encode())
    else:
        os.close(screen_of)  # it hangs: closing the terminal ends it
        pytest.fail(f"no end in a minute; on the screen: {screen[-500:]}")
    # Only then: a terminal that closes would end a process that is about to end by itself.
    _, status = os.waitpid(child, 0)
    os.close(screen_of)
    return os.waitstatus_to_exitcode(status), screen


def test_the_conversation_in_a_terminal(folder):
    steps = [
        ("Who answers? [lee] ", "\n"),
        ("> ", "ab\n"),
        ("Enter: none", "\n"),
        ("Note", "毎月\n"),
        ("[y/n] ", "y\n"),
    ]
    code, screen = terminal(folder, steps, "--practice", "own-02")
    assert (code, f"1 statements written to {folder / LOG}." in screen) == (FINE, True)
    assert added(folder).endswith('assessor: lee, items_done: [a, b], note: "毎月"}\n')


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [(CONTROL_C, PROBLEMS, "Stopped; nothing was written."), (END, WRONG_USE, "The input ended before a y; nothing")],
    ids=["control C", "control D"],
)
def test_a_conversation_that_is_broken_off_writes_nothing_and_says_so(folder, typed, code, said):
    steps = [("Who answers? [lee] ", "\n"), ("> ", "all\n"), ("Enter: none", "\n"), ("Note", "\n"), ("[y/n] ", typed)]
    found, screen = terminal(folder, steps, "--practice", "own-02")
    assert (found, said in screen, "Traceback" in screen, added(folder)) == (code, True, False, "")


def test_sixty_practices_are_confirmed_in_a_terminal_with_three_lines(folder):
    names = [p.record.id for p in registry.read_folder(folder, TODAY).bundle.practices if p.record.level < 4]
    rows = "".join(
        f"  - {{practice: {name}, assessed_on: 2026-01-10, assessor: kim, state: adopted}}\n" for name in names
    )
    write(folder / LOG, f"product: alpha\nassessments:\n{rows}")
    steps = [("Who answers? [lee] ", "\n"), ("Still so: ", "all\n"), ("[y/n] ", "y\n")]
    code, screen = terminal(folder, steps, "--reconfirm")
    assert (code, f"{len(names)} statements written" in screen) == (FINE, True)
    assert len(names) > 50


# -------------------------------------------------------------------------------------------------------- re-confirm


def test_all_that_is_adopted_is_confirmed_in_one_command(folder, run):
    code, out, _ = run("--reconfirm", "all", "--assessor", "sam")
    assert (code, out) == (FINE, f"2 statements written to {folder / LOG}.\n")
    assert added(folder).splitlines() == [
        "  - {practice: own-01, assessed_on: 2026-01-31, assessor: sam, items_done: [a, b, c], "
        'evidence: {url: "https://example.com/own", on: 2026-01-10}}',
        "  - {practice: rec-01, assessed_on: 2026-01-31, assessor: sam, state: inherited, provider: beta}",
    ]


def test_only_what_is_named_is_confirmed_with_new_evidence(folder, run):
    code, *_ = run("--reconfirm", "own-01", "--evidence", "https://example.com/new")
    assert (code, added(folder)) == (FINE, "  - {practice: own-01, assessed_on: 2026-01-31, assessor: lee, "
        'items_done: [a, b, c], evidence: {url: "https://example.com/new"}}\n')  # fmt: skip
    assert [a.assessed_on for a in said_of(folder, "rec-01")] == [dt.date(2026, 1, 10)]


def test_what_lapsed_is_marked_and_only_taken_by_its_number(folder, run):
    old = FIRST.replace("own-01", "own-02").replace("2026", "2024")
    write(folder / "assessments/more.yaml", f"product: alpha\nassessments:\n{old}")
    _, out, _ = run("--reconfirm", typed="\nall\nn\n")
    assert "  2   own-01  Named owning team: Adopted, 3 of 3 items, last confirmed 2026-01-10 by kim\n" in out
    assert "  3 ! own-02  Architecture page with dependencies: Lapsed, " in out
    assert "2 statements by lee on 2026-01-31" in out
    code, out, _ = run("--reconfirm", typed="\n4\n3\ny\n")
    assert "'4' is not understood; numbers are 1 to 3." in out
    assert (code, [a.state for a in said_of(folder, "own-02")]) == (FINE, ["adopted", "adopted"])


def test_a_second_time_on_a_day_there_is_nothing_left_to_confirm(folder, run):
    run("--reconfirm", "all")
    code, out, _ = run("--reconfirm", "all")
    assert (code, out) == (FINE, "There is nothing to re-confirm.\n")
    assert run("--reconfirm", typed="")[1] == "There is nothing to re-confirm.\n"


def test_adopted_of_an_older_checklist_says_nothing_about_a_newer_item(folder, run):
    item = "{id: d, en: New, ja: 新, added_on: 2026-01-20}"
    changes = f"schema: sre-guide-map-changes/1\nitems:\n  - {{practice: own-02, add: [{item}]}}\n"
    write(folder / "guide_map_changes.yaml", changes)
    write(folder / LOG, f"product: alpha\nassessments:\n{FIRST.replace('own-01', 'own-02')}")
    assert run("--reconfirm", "own-02")[0] == FINE
    assert said_of(folder, "own-02")[-1].items_done == ["a", "b", "c"]


def test_there_is_nothing_to_repeat_of_what_was_never_answered(folder, run):
    code, _, err = run("--reconfirm", "own-02", "slo-01")
    assert (code, added(folder)) == (WRONG_USE, "")
    assert err == "own-02, slo-01: found no answer to repeat; answer with --practice own-02 slo-01\n"


# ------------------------------------------------------------------------------------------------------- corrections


def test_a_second_answer_of_a_day_needs_corrects_and_an_id(folder, run):
    run("--practice", "own-02", typed="\nab\n\n\ny\n")
    _, out, _ = run("--practice", "own-02", typed="")
    assert out.startswith(
        f"own-02 was answered on 2026-01-31 ({LOG}:5); if that was an error, run again with --corrects\n"
    )
    _, out, _ = run("--practice", "own-02", "--corrects", typed="")
    assert out.startswith(
        f"own-02 was answered on 2026-01-31 ({LOG}:5); to correct it, give that row an id there, "
        "such as alpha-own-02-2026-01-31, and run again\n"
    )
    log = folder / LOG
    log.write_text(log.read_text().replace("{practice: own-02,", "{id: slip, practice: own-02,"))
    code, *_ = run("--practice", "own-02", "--corrects", typed="\nabc\n\n\ny\n")
    assert (code, log.read_text().splitlines()[-1]) == (
        FINE, "  - {practice: own-02, assessed_on: 2026-01-31, assessor: lee, items_done: [a, b, c], corrects: slip}",
    )  # fmt: skip
    assert len(said_of(folder, "own-02")) == 2


def test_naming_what_was_answered_that_day_is_refused(folder, run):
    run("--reconfirm", "own-01")
    code, _, err = run("--reconfirm", "own-01")
    assert (code, err) == (
        WRONG_USE, f"own-01 was answered on 2026-01-31 ({LOG}:5); if that was an error, run again with --corrects\n",
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- form


def test_an_untouched_form_adds_nothing_and_is_no_problem(folder, run):
    form = folder / "assessments/alpha-form.yaml"
    before = registry.read_folder(folder, TODAY).bundle.assessments
    code, out, _ = run("--form", str(form), "--level", "1")
    assert (code, out.startswith(f"{form}: ")) == (FINE, True)
    after = registry.read_folder(folder, TODAY)
    assert (after.problems, after.bundle.assessments) == ([], before)


@pytest.mark.parametrize("mark", ["#", "# "], ids=["as it is", "as an editor toggles comments"])
def test_a_form_that_is_filled_in_is_a_file_of_assessments(folder, run, mark):
    form = folder / "assessments/alpha-form.yaml"
    run("--form", str(form), "--category", "ownership", "--lang", "ja")
    text = form.read_text(encoding="utf-8").replace("#- ", f"{mark}- ")
    assert "# own-02  依存関係を示した構成図 (レベル1)\n#   理由: " in text
    assert "#   前回の回答: 導入済み、3項目中3項目、前回の確認 2026-01-10（kim）\n#     a  オーナー" in text
    form.write_text(text.replace(f"{mark}- {{practice: own-0", "- {practice: own-0"), encoding="utf-8")
    assert [(a.assessor, a.items_done) for a in said_of(folder, "own-02")] == [("lee", [])]
    assert [a.items_done for a in said_of(folder, "own-01")] == [["a", "b", "c"]] * 2


def test_a_form_is_never_written_over_a_file(folder, run):
    code, _, err = run("--form", str(folder / LOG))
    assert (code, err) == (
        WRONG_USE, f"--form: found {folder / LOG}, expected the name of a file that is not there yet\n",
    )  # fmt: skip
    assert run("--form", str(folder / "no/such.yaml"))[0] == WRONG_USE


def test_the_log_may_be_a_form_that_was_filled_in(folder, run):
    (folder / LOG).unlink()
    run("--form", str(folder / LOG), "--practice", "own-01", "own-02")
    code, *_ = run("--practice", "own-02", typed="\nall\n\n\ny\n")
    assert (code, len(said_of(folder, "own-02"))) == (FINE, 1)


# ----------------------------------------------------------------------------------------------------------- the log

NEW = AssessmentEntry(
    practice="own-02", assessed_on="2026-01-20", assessor="no", items_done=["a"], note="=x: 'q' # {\n次"
)
LINE = '- {practice: own-02, assessed_on: 2026-01-20, assessor: "no", items_done: [a], note: "=x: \'q\' # {\\n次"}'


HEAD = "product: alpha\nassessments:"
BLOCK = """\
assessments:
- practice: own-01
  assessed_on: 2026-01-10
  assessor: kim
  state: adopted
  note: |
    日本語
    # no comment
"""
FLOW = FIRST.strip("- \n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(f"{HEAD}\n{FIRST}", f"{HEAD}\n{FIRST}  {LINE}\n", id="plain"),
        pytest.param(f"{HEAD}\n{FIRST[:-1]}", f"{HEAD}\n{FIRST}  {LINE}\n", id="no end of the last line"),
        pytest.param(
            f"{HEAD}\n- {FLOW}\n# x\n\n", f"{HEAD}\n- {FLOW}\n# x\n\n{LINE}\n", id="no indent, a comment behind"
        ),
        pytest.param(
            f"assessments:\n    - {FLOW}\n\n# whose\nproduct: alpha\n",
            f"assessments:\n    - {FLOW}\n    {LINE}\n\n# whose\nproduct: alpha\n",
            id="deeper, a key behind",
        ),
        pytest.param(f"{BLOCK}product: alpha\n", f"{BLOCK}{LINE}\nproduct: alpha\n", id="a block of text at the end"),
        pytest.param(f"{HEAD} []  # none yet\n", f"{HEAD}  # none yet\n  {LINE}\n", id="an empty list"),
        pytest.param("assessments: ~\nproduct: alpha\n", f"assessments:\n  {LINE}\nproduct: alpha\n", id="null"),
        pytest.param(HEAD, f"{HEAD}\n  {LINE}\n", id="nothing"),
        pytest.param(f"{HEAD} [{FLOW}]\n", f"{HEAD} [{FLOW}, {LINE[2:]}]\n", id="in brackets"),
        pytest.param(
            f"{HEAD} [\n   {FLOW}, # first\n]\n",
            f"{HEAD} [\n   {FLOW},\n   {LINE[2:]}, # first\n]\n",
            id="in brackets on lines",
        ),
        pytest.param(
            "{product: alpha, assessments: []}\n",
            f"{{product: alpha, assessments: [{LINE[2:]}]}}\n",
            id="all in braces",
        ),
        pytest.param(
            f"{HEAD}\n{FIRST}---\nproduct: beta\nassessments: []\n",
            f"{HEAD}\n{FIRST}  {LINE}\n---\nproduct: beta\nassessments: []\n",
            id="the product's own document",
        ),
        pytest.param("# soon\n", f"# soon\n{HEAD}\n  {LINE}\n", id="only a comment"),
    ],
)
@pytest.mark.parametrize("change", [str, lambda text: "\ufeff" + text.replace("\n", "\r\n")], ids=["LF", "CRLF, mark"])
def test_an_entry_is_added_in_the_style_of_the_file_and_nothing_else_changes(folder, old, new, change):
    write(folder / LOG, change(old))
    assert assess_log.append(folder, "alpha", [NEW], TODAY) == LOG
    assert (folder / LOG).read_bytes().decode() == change(new)
    (said,) = said_of(folder, "own-02")
    assert said == Assessment(product="alpha", **dict(NEW))


def test_a_csv_log_gets_a_row_in_the_order_of_its_columns(folder):
    path = folder / "assessments/beta.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n").rstrip())
    assert assess_log.append(folder, "beta", [NEW], TODAY) == "assessments/beta.csv"
    text = path.read_bytes().decode()
    assert text.endswith("own-03,2026-01-05,lee,-,,,,'=1+1\r\nbeta,own-02,2026-01-20,no,a,,,,\"'=x: 'q' # {\n次\"\r\n")
    read = registry.read_folder(folder, TODAY)
    assert read.problems == []
    assert read.bundle.assessments[-1].record == Assessment(product="beta", **dict(NEW))


def test_a_csv_log_without_a_column_that_is_needed_says_so(folder):
    entry = NEW.model_copy(update={"items_done": None, "state": "inherited", "provider": "alpha"})
    old = (folder / "assessments/beta.csv").read_bytes()
    with pytest.raises(NotWritten, match=r"^assessments/beta\.csv:1: header: found no column provider, expected one"):
        assess_log.append(folder, "beta", [entry], TODAY)
    assert (folder / "assessments/beta.csv").read_bytes() == old


def test_a_product_without_a_log_gets_one_and_a_log_elsewhere_is_found(folder):
    old = (folder / LOG).read_bytes()
    (folder / LOG).rename(folder / "assessments/all.yaml")
    assert assess_log.append(folder, "alpha", [NEW], TODAY) == "assessments/all.yaml"
    (folder / "assessments/all.yaml").unlink()
    assert assess_log.append(folder, "alpha", [NEW], TODAY) == LOG
    assert (folder / LOG).read_text() == f"product: alpha\nassessments:\n  {LINE}\n"
    assert old != (folder / LOG).read_bytes()


def test_what_does_not_read_well_is_taken_back(folder):
    old = (folder / LOG).read_bytes()
    with pytest.raises(NotWritten) as refused:
        assess_log.append(folder, "alpha", [NEW.model_copy(update={"items_done": ["z"]})], TODAY)
    assert [str(p) for p in refused.value.problems] == [
        f"{LOG}:5: items_done.0: found 'z', expected one of a, b, c of own-02"
    ]
    assert (folder / LOG).read_bytes() == old
    (folder / LOG).unlink()
    with pytest.raises(NotWritten):
        assess_log.append(folder, "alpha", [NEW.model_copy(update={"practice": "own-99"})], TODAY)
    assert sorted(p.name for p in (folder / "assessments").iterdir()) == ["beta.csv"]


def test_a_log_with_problems_is_to_be_mended_first(folder, run):
    log = folder / LOG
    log.write_text(log.read_text() + "  - {practice: own-03, assessed_on: soon, assessor: kim, state: adopted}\n")
    old = log.read_bytes()
    code, out, err = run("--reconfirm", "all")
    assert (code, err.splitlines()[-1]) == (PROBLEMS, f"{LOG} has problems; nothing was written")
    assert out.splitlines() == [
        f"{log}:5: assessed_on: found 'soon', expected a date such as 2026-09-30",
        f"1 problems, 0 warnings in {folder}",
    ]
    assert log.read_bytes() == old


def test_problems_elsewhere_are_mentioned_and_do_not_matter(folder, run):
    write(folder / "incidents.yaml", "incidents: [{id: x}]\n")
    code, _, err = run("--reconfirm", "all")
    assert code == FINE
    assert err.endswith(f"they do not matter here. To see them: guidemap check {folder}\n")


def test_a_folder_that_cannot_be_written_to(folder, run):
    shutil.rmtree(folder / "assessments")
    write(folder / "assessments", "a file in the place of the folder")
    code, _, err = run("--practice", "own-02", typed="\nall\n\n\ny\n")
    assert (code, err) == (PROBLEMS, f"{folder / LOG}: File exists; nothing was written\n")


# --------------------------------------------------------------------------------------------------------- wrong use


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["alhpa"], "PRODUCT: found alhpa, expected one of alpha, beta; did you mean alpha?"),
        (["alpha", "--practice", "own-99"], "--practice: found own-99, expected one of "),
        (["alpha", "--level", "9"], "--level: found 9, expected one of 1, 2, 3, 4"),
        (["alpha", "--category", "owner"], "did you mean ownership?"),
        (["alpha", "--reconfirm", "al"], "did you mean all?"),
        (["alpha", "--on", "2999-01-01"], "--on: found 2999-01-01, expected a day up to today, which is "),
        (["alpha", "--evidence", "https://example.com"], "--evidence: found without --reconfirm"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use(folder, capsys, arguments, said):
    assert main(["assess", *arguments, "--data", str(folder)]) == WRONG_USE
    assert said in capsys.readouterr().err


def test_the_folder_is_here_or_must_be_named(folder, capsys, monkeypatch):
    monkeypatch.chdir(folder.parent)
    assert main(["assess", "alpha", "--reconfirm", "all"]) == WRONG_USE
    assert capsys.readouterr().err == "found no products.yaml here, expected --data DIR with the data folder\n"
    monkeypatch.chdir(folder)
    assert main(["assess", "alpha", "--reconfirm", "all", "--on", ON]) == FINE


def test_without_any_name_it_asks_for_one(folder, run, monkeypatch):
    monkeypatch.delenv("USER")
    monkeypatch.delenv("USERNAME", raising=False)
    code, _, err = run("--reconfirm", "all")
    assert (code, err) == (WRONG_USE, "--assessor: found no name in git and USER, expected who answers\n")
    _, out, _ = run("--practice", "own-02", typed="\n\nsam\nall\n\n\ny\n")
    assert out.count("Who answers? ") == 3


def test_a_product_with_a_problem_of_its_own_is_to_be_mended_first(folder, run):
    products = folder / "products.yaml"
    products.write_text(products.read_text().replace("tier: 1", "tier: 9"))
    code, out, _ = run("--reconfirm", "all")
    assert (code, "products.yaml:2: tier: found '9', expected a number at most 4\n" in out) == (PROBLEMS, True)
