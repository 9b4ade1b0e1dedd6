"""Files are there whole or not at all, and what a stopped run leaves is what was there before."""

from __future__ import annotations

from pathlib import Path

import pytest
from given import TINY_AS_OF, over_tiny, write

from loaders import decide, registry
from maturity import whole_files


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def stop() -> bytes:
    raise KeyboardInterrupt


def test_several_files_replace_the_old_ones_and_leave_others_alone(tmp_path: Path):
    write(tmp_path / "a.csv", "old")
    write(tmp_path / "mine.txt", "mine")
    whole_files.put_all(tmp_path, {"a.csv": lambda: b"new", "b.csv": lambda: "neu"})
    assert files(tmp_path) == {"a.csv": "new", "b.csv": "neu", "mine.txt": "mine"}


@pytest.mark.parametrize("last", [stop, lambda: (_ for _ in ()).throw(OSError(28, "No space left on device"))])
def test_several_files_that_cannot_all_be_written_leave_the_old_ones(tmp_path: Path, last):
    write(tmp_path / "a.csv", "old")
    with pytest.raises((KeyboardInterrupt, OSError)):
        whole_files.put_all(tmp_path, {"a.csv": lambda: b"new", "b.csv": last})
    assert files(tmp_path) == {"a.csv": "old"}


def test_a_folder_in_place_of_a_file_is_told_before_anything_is_replaced(tmp_path: Path):
    write(tmp_path / "to" / "a.csv", "old")
    (tmp_path / "to" / "b.csv").mkdir()
    with pytest.raises(IsADirectoryError, match=r"b\.csv"):
        whole_files.put_all(tmp_path / "to", {"a.csv": lambda: b"new", "b.csv": lambda: b"new"})
    assert (tmp_path / "to" / "a.csv").read_text() == "old"


def test_a_folder_that_was_made_for_files_that_never_came_is_gone_again(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt):
        whole_files.put_all(tmp_path / "new", {"a.csv": stop})
    assert files(tmp_path) == {}


FIELDS = {"slo": "alpha-ok", "decision": "invest", "reason": "Retries", "decided_by": "kim", "decided_on": TINY_AS_OF}


def test_a_decision_goes_through_a_link_and_keeps_the_mode_of_the_file(tmp_path: Path):
    shared = write(tmp_path / "shared.yaml", "decisions: []\n")
    shared.chmod(0o660)
    folder = over_tiny(tmp_path / "data")
    (folder / "decisions.yaml").symlink_to(shared)
    decide.decide(folder, FIELDS, TINY_AS_OF)
    assert (folder / "decisions.yaml").is_symlink()
    assert "Retries" in shared.read_text()
    assert shared.stat().st_mode & 0o777 == 0o660


def test_a_decision_that_was_stopped_before_it_was_read_again_is_taken_back(tmp_path: Path, monkeypatch):
    folder = over_tiny(tmp_path / "data", **{"decisions.yaml": "decisions: []\n"})
    before = registry.read_folder(folder, TINY_AS_OF)
    readings = iter([lambda *_: before, stop])
    monkeypatch.setattr(registry, "read_folder", lambda *given: next(readings)())
    with pytest.raises(KeyboardInterrupt):
        decide.decide(folder, FIELDS, TINY_AS_OF)
    assert (folder / "decisions.yaml").read_text() == "decisions: []\n"
