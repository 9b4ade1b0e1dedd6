"""The guided tour: what it tells a new user to paste works, and both languages say the same.

Blocks marked `sh` are run, one after the other, from an empty folder; the lines of a `text` block behind one must be part
of what it printed. Blocks marked `shell` set a machine up, or go on until they are stopped; they are not run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from given import ROOT

DOCS = ROOT / "docs"
STARTS = [DOCS / "start.md", DOCS / "start.ja.md"]


def blocks(path: Path) -> list[tuple[str, str]]:
    """(mark, text) of the fenced blocks of a document."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text(encoding="utf-8"), flags=re.M | re.S)


def shell(folder: Path) -> dict[str, str]:
    """An environment in which `guidemap` is that of this tree."""
    command = folder / "bin" / "guidemap"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m loaders "$@"\n')
    command.chmod(0o755)
    names = {f"GIT_{who}_{what}": "kim@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(folder), "LC_ALL": "C.UTF-8"} | names


@pytest.mark.parametrize("path", STARTS, ids=lambda path: path.name)
def test_a_new_user_comes_from_an_empty_folder_to_the_first_review(path: Path, tmp_path: Path):
    environment, here, told = shell(tmp_path), tmp_path / "empty", 0
    here.mkdir()
    said = [*blocks(path), ("", "")]
    for (mark, block), (next_mark, after) in zip(said, said[1:], strict=False):
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
        here = tmp_path / "empty" / "reliability"
    assert told > 8
    assert "D-2026-002" in (here / "decisions.yaml").read_text(encoding="utf-8")
