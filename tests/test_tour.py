"""The guided tour: what it tells a new user to paste works, and both languages say the same.

Blocks marked `sh` are run, one after the other, from an empty folder; the lines of a `text` block behind one must be
part of what it printed. Blocks marked `shell` set a machine up, or go on until they are stopped; they are not run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from given import ROOT

from maturity import export

# Its code is followed in English; that both languages have the same code is a test of its own, below.
DOCS = ROOT / "docs"


def blocks(path: Path) -> list[tuple[str, str]]:
    """(mark, text) of the fenced blocks of a document."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text(encoding="utf-8"), flags=re.M | re.S)


def follow(path: Path, tmp_path: Path, into: str) -> int:
    """Run the blocks of a document from an empty folder, and from `into` once it is there.

    Beside it lies `guidemap`, as after a clone. Returns how many lines of output were told beforehand.
    """
    command, here, told = tmp_path / "bin" / "guidemap", tmp_path / "empty", 0
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m loaders "$@"\n')
    command.chmod(0o755)
    here.mkdir()
    (here / "guidemap").symlink_to(ROOT)
    names = {f"GIT_{who}_{what}": "kim@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    variables = {"PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    environment = variables | names | {"HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    for (mark, block), (next_mark, after) in pairwise([*blocks(path), ("", "")]):
        if mark != "sh":
            continue
        expected = after.splitlines() if next_mark == "text" else []
        run = subprocess.run(
            ["bash", "-ec", block], cwd=here, env=environment, capture_output=True, text=True, timeout=120
        )
        output = run.stdout + run.stderr
        broken = any(re.match(r"[1-9]\d* problems", line) for line in expected)
        assert run.returncode == (1 if broken else 0), f"{block}\n{output}"
        assert [line for line in expected if line not in output] == [], output
        told += len(expected)
        here = tmp_path / "empty" / into
    return told


def test_a_new_user_comes_from_an_empty_folder_to_the_first_review(tmp_path: Path):
    assert follow(DOCS / "start.md", tmp_path, "reliability") > 8
    assert "D-2026-002" in (tmp_path / "empty/reliability/decisions.yaml").read_text(encoding="utf-8")


def test_a_month_is_prepared_and_decided_as_the_tour_says(tmp_path: Path):
    follow(DOCS / "meeting.md", tmp_path, ".")
    said = (tmp_path / "empty/reliability/decisions.yaml").read_text(encoding="utf-8")
    assert "Restore test before the new trunk" in said
    assert (tmp_path / "empty/store/CURRENT").is_file()


def test_what_is_backed_up_comes_back_with_the_same_figures(tmp_path: Path):
    follow(DOCS / "running.md", tmp_path, ".")
    exports = [tmp_path / "empty" / name for name in ("export", "export-restored")]
    assert [len(list(folder.glob("*.csv"))) for folder in exports] == [len(export.FILES | export.REVIEW_FILES)] * 2


# ------------------------------------------------------------------------------------------------- both languages


def skeleton(path: Path) -> list[str]:
    """What two languages of a document must share: the levels of its headings, and its code without comments."""
    text = path.read_text(encoding="utf-8")
    code = [re.sub(r"\s+# .*|--lang (en|ja)", "", f"{mark}\n{block}") for mark, block in blocks(path)]
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    return [*re.findall(r"^#+(?= )", prose, flags=re.M), *code]


TRANSLATED = sorted(path for path in ROOT.rglob("*.ja.md") if ".venv" not in path.parts)


def test_the_tour_is_there_in_both_languages():
    names = {path.name for path in TRANSLATED}
    assert {f"{name}.ja.md" for name in ("README", "start", "meeting", "figures", "running")} <= names


@pytest.mark.parametrize("path", TRANSLATED, ids=lambda path: path.name)
def test_both_languages_have_the_same_headings_and_the_same_code(path: Path):
    assert skeleton(path) == skeleton(path.with_name(path.name.replace(".ja.md", ".md")))


@pytest.mark.parametrize("path", TRANSLATED, ids=lambda path: path.name)
def test_a_japanese_page_leads_to_japanese_pages_where_there_are_any(path: Path):
    links = re.findall(r"\]\(([^)#:\s]+\.md)", path.read_text(encoding="utf-8"))
    english = [link for link in links if not link.endswith(".ja.md") and link != path.name.replace(".ja", "")]
    assert [link for link in english if (path.parent / link).with_suffix(".ja.md").exists()] == []
