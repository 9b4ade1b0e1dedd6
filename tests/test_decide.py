"""Decisions of reviews: appended by the command line, written and read again or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from given import TINY_AS_OF, over_tiny, read

from loaders.__main__ import main
from loaders.decide import decide as append_decision

ASKED = ["--by", "kim", "--as-of", "2026-01-31"]


def decide(folder: Path, *more: str) -> int:
    return main(["decide", str(folder), *more, *ASKED])


def decisions(folder: Path) -> dict:
    return {d.record.id: d.record for d in read(folder)[0].bundle.decisions}


def test_a_decision_is_appended_under_the_next_number(tmp_path: Path, capsys: pytest.CaptureFixture):
    folder = over_tiny(tmp_path / "data")
    reason = 'Keep: "it" works, # said\nkim: 維持する'
    assert decide(folder, "--slo", "alpha-ok", "--decision", "keep", "--reason", reason) == 0
    assert "decisions.yaml:3: D-2026-001; it is shown after: guidemap build" in capsys.readouterr().err
    more = ["--owner", "lee", "--due", "2026-02-20"]
    assert (
        decide(folder, "--practice", "obs-01", "--product", "beta", "--decision", "act", "--reason", "Do it.", *more)
        == 0
    )
    found = decisions(folder)
    assert (found["D-2026-001"].reason.en, found["D-2026-001"].state) == (reason, "open")
    second = found["D-2026-002"]
    assert (second.practice, second.product, second.owner, str(second.due)) == ("obs-01", "beta", "lee", "2026-02-20")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--slo", "nobody", "--decision", "keep"], "slo: found 'nobody', expected one of alpha-ok in slos"),
        (
            ["--practice", "obs-01", "--decision", "act"],
            "product: found nothing, expected the product whose practice it is",
        ),
        (
            ["--slo", "alpha-ok", "--decision", "exception"],
            "until: found nothing, expected the last day of the exception",
        ),
        (
            ["--slo", "alpha-ok", "--decision", "act", "--due", "2026-01-01"],
            "due: found '2026-01-01', expected a day not",
        ),
    ],
)
def test_what_would_not_read_well_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture, asked: list[str], told: str
):
    folder = over_tiny(tmp_path / "data")
    assert decide(folder, "--slo", "alpha-ok", "--decision", "keep", "--reason", "Fine.") == 0
    before = (folder / "decisions.yaml").read_bytes()
    assert decide(folder, *asked, "--reason", "Why.") == 1
    assert told in "".join(capsys.readouterr())
    assert (folder / "decisions.yaml").read_bytes() == before


def test_what_waits_for_a_file_that_cannot_be_read_is_not_written_and_the_file_is_told(tmp_path: Path, capsys):
    folder = over_tiny(tmp_path / "data", **{"risks/alpha.yaml": "records: ["})
    assert decide(folder, "--risk", "R-1", "--decision", "act", "--reason", "Why.") == 1
    assert "risks/alpha.yaml:2: yaml: found a syntax error" in capsys.readouterr().out
    assert not (folder / "decisions.yaml").exists()


def test_a_first_decision_that_does_not_read_leaves_no_file(tmp_path: Path):
    folder = over_tiny(tmp_path / "data")
    assert decide(folder, "--risk", "nothing", "--decision", "act", "--reason", "Why.") == 1
    assert not (folder / "decisions.yaml").exists()


def test_a_day_to_come_is_not_written_because_no_build_would_read_it(tmp_path: Path, capsys: pytest.CaptureFixture):
    folder = over_tiny(tmp_path / "data")
    told = ["--slo", "alpha-ok", "--decision", "keep", "--reason", "So.", "--by", "kim", "--as-of", "2999-01-01"]
    with pytest.raises(SystemExit) as stopped:
        main(["decide", str(folder), *told])
    assert stopped.value.code == 2
    assert "argument --as-of: found 2999-01-01, expected a day up to today" in capsys.readouterr().err
    assert not (folder / "decisions.yaml").exists()


ENTRY = "id: D-2026-004\n{0}slo: alpha-ok\n{0}decided_on: 2026-01-20\n{0}decision: act\n{0}reason: A\n{0}decided_by: l"


@pytest.mark.parametrize(
    ("before", "key"),
    [
        ("decisions:\n- " + ENTRY.format("  "), "D-2026-005"),
        ("decisions:\n  - " + ENTRY.format("    ") + "\n", "D-2026-005"),
        ("decisions: []  # none so far\n", "D-2026-001"),
        ("# Ours.", "D-2026-001"),
        ("", "D-2026-001"),
    ],
    ids=["as far left as its key", "moved in", "an empty list", "a remark alone", "an empty file"],
)
def test_a_list_that_a_person_began_goes_on_as_it_stands(tmp_path: Path, before: str, key: str):
    folder = over_tiny(tmp_path / "data")
    (folder / "decisions.yaml").write_text(before, encoding="utf-8")
    assert decide(folder, "--slo", "alpha-ok", "--decision", "keep", "--reason", "So.") == 0
    assert key in decisions(folder)
    assert (folder / "decisions.yaml").read_text(encoding="utf-8").startswith(before.replace(" []", ""))


@pytest.mark.parametrize(
    "before",
    [
        "decisions:\n  - " + ENTRY.format("    ") + "\n",
        "decisions:\n- " + ENTRY.format("  "),
        "decisions: []\n",
        "# Ours.\n# Theirs.",
        "\ufeff# Ours.\n",
        "\ufeffdecisions: []\n",
    ],
    ids=["moved in", "as far left as its key", "an empty list", "remarks alone", "a mark first", "a mark and a list"],
)
def test_a_file_with_windows_line_ends_keeps_them(tmp_path: Path, before: str):
    folder = over_tiny(tmp_path / "data")
    file = folder / "decisions.yaml"
    file.write_bytes(before.replace("\n", "\r\n").encode())
    assert decide(folder, "--slo", "alpha-ok", "--decision", "keep", "--reason", "So.") == 0
    written = file.read_bytes()
    assert written.count(b"\n") == written.count(b"\r\n") > 5
    assert decide(folder, "--slo", "nobody", "--decision", "keep", "--reason", "So.") == 1
    assert file.read_bytes() == written


def test_a_file_that_cannot_be_read_is_told_and_left(tmp_path: Path, capsys: pytest.CaptureFixture):
    folder = over_tiny(tmp_path / "data")
    (folder / "decisions.yaml").write_bytes("decisions: [] # né\n".encode("latin-1"))
    assert decide(folder, "--slo", "alpha-ok", "--decision", "keep", "--reason", "So.") == 1
    told = capsys.readouterr()
    assert "decisions.yaml cannot be read; nothing was written" in told.err
    assert "decisions.yaml:1: encoding: found a byte that is not UTF-8" in told.out


def test_two_who_decide_at_once_get_a_number_each(tmp_path: Path):
    """Both were given the same number, and who came second took the first one's decision back."""
    folder, fields = over_tiny(tmp_path / "data"), {"slo": "alpha-ok", "decision": "act", "decided_by": "kim"}
    fields |= {"decided_on": TINY_AS_OF, "reason": "Do it."}
    with ThreadPoolExecutor(4) as crowd:
        made = [crowd.submit(append_decision, folder, fields, TINY_AS_OF) for _ in range(4)]
    assert sorted(one.result()[0] for one in made) == sorted(decisions(folder))
    assert len(decisions(folder)) == 4
