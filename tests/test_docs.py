"""What the documents say is true: commands run, links lead somewhere, lists are complete."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from given import ROOT, TINY, build, exported

from loaders import schemas
from loaders.__main__ import FINE, main
from maturity import export, store, tables

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "data" / "sample" / "README.md"])


def commands(start: str) -> list[str]:
    """Lines of README's shell blocks that begin with a word, without their comments."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.S)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith(start)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a reader has it after cloning: the sample, and a data folder of one's own."""
    folder = tmp_path_factory.mktemp("reader")
    shutil.copytree(ROOT / "data" / "sample", folder / "data" / "sample")
    shutil.copytree(TINY, folder / "DIR")
    return folder


def test_the_commands_in_the_readme_run_one_after_the_other(place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    monkeypatch.setenv("PATH", "")
    for line in commands("guidemap"):
        if "serve" in line:  # the browser tests start it
            continue
        assert main(shlex.split(line)[1:]) == FINE, f"{line}: {capsys.readouterr()}"


def test_the_readme_names_every_command():
    told = subprocess.run([sys.executable, "-m", "loaders", "--help"], cwd=ROOT, capture_output=True, text=True).stdout
    there = set(re.findall(r"^    (\w+) ", told, flags=re.M))
    assert {shlex.split(line)[1] for line in commands("guidemap")} == there


@pytest.mark.parametrize("line", commands("make"))
def test_a_make_target_in_the_readme_exists(line):
    run = subprocess.run(["make", "--dry-run", *shlex.split(line)[1:]], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(path):
    targets = re.findall(r"\]\(([^)#\s]+)\)", path.read_text(encoding="utf-8"))
    missing = [t for t in targets if not t.startswith("http") and not (path.parent / t).exists()]
    assert missing == []


def test_the_data_dictionary_is_up_to_date():
    said = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert said == schemas.dictionary(tables.all_columns()), "run: make docs"


def test_the_export_page_lists_the_headers_of_every_file(tmp_path):
    build(tmp_path / "store")
    snapshot = store.open_current(tmp_path / "store")
    exported(snapshot, tmp_path / "out")
    listed = dict(
        re.findall(r"^\| (\w+\.csv) \| [^|]+ \| ([^|]+) \|$", (ROOT / "docs" / "export.md").read_text(), flags=re.M)
    )
    assert listed.keys() == (export.FILES | export.REVIEW_FILES).keys()
    for name, columns in listed.items():
        header = (tmp_path / "out" / name).read_text(encoding="utf-8-sig").splitlines()[0]
        if not columns.startswith("as the loader"):
            assert columns.split(", ") == header.split(",")
    snapshot.close()
