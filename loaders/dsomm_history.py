"""A DSOMM file as it was on several days: dated files and folders, or the commits of a Git repository.

DSOMM itself keeps the dates on which stages were reached and forgets a stage that is lost; only a series shows that.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from loaders import yaml_rows
from loaders.dsomm_files import PROGRESS, Folder, Place
from maturity.records.problems import Problem

_SECONDS = 120
# Where Git looks is said by the folder alone; a hook that runs us sets these for its own repository.
_LEADING = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY")


@dataclass(frozen=True)
class Snapshot:
    """The progress file `name` on a day; no day where there is only one. A `settled` one cannot be mended any more."""

    name: str
    day: dt.date | None
    root: Place
    settled: bool = False

    @property
    def file(self) -> str:
        return self.root.file


class GitSaysNo(Exception):
    """Git is missing, or has no answer: the message says why."""


def snapshots(folder: Folder) -> list[Snapshot]:
    """The progress file as often as there is one, oldest first."""
    usual = folder.named("teamProgressFile", PROGRESS)
    if folder.source.record.history == "git":
        return _from_git(folder, usual)
    dated, plain = folder.dated(Path(usual).name), folder.home / usual
    if not dated:
        return [Snapshot(root.file, None, root) for root in _single(folder, plain, usual)]
    found = [(day, folder.documents(path)) for day, path in dated]
    if plain.is_file() and plain not in {path for _, path in dated}:
        expected = "a date in its name; it is not read beside dated files"
        folder.tell(Problem(folder.name(plain), 1, "file", "a file without a date", expected, "warning"))
    return [Snapshot(documents[0].file, day, documents[0]) for day, documents in found if documents]


def _single(folder: Folder, path: Path, usual: str) -> list[Place]:
    path = path.resolve()
    if path.is_file() and path.is_relative_to(folder.base):
        return folder.documents(path)[:1]
    expected = f"{usual} below {folder.name(folder.base)}, or dated files of that name"
    folder.tell(folder.source.trouble(("path",), f"no {usual}", expected, "warning"))
    return []


# ------------------------------------------------------------------------------------------------------------- Git


@dataclass(frozen=True)
class _Commit:
    """A commit that touched the file: its day, and what the file was called then, from the top of the repository."""

    id: str
    day: dt.date
    path: str


def _from_git(folder: Folder, usual: str) -> list[Snapshot]:
    path = folder.home / usual
    try:
        _warn(folder, path)
        commits = _commits(path)
        if not commits:
            raise GitSaysNo(f"no commit with {usual}")
        found = [
            snapshot
            for _, same_day in groupby(commits, key=lambda commit: commit.day)
            if (snapshot := _last_readable(folder, path, list(same_day), commits[-1]))
        ]
    except GitSaysNo as error:
        expected = f"a Git repository whose commits hold {folder.name(path)}, or history: files"
        folder.tell(folder.source.trouble(("history",), str(error), expected))
        return []
    return found


def _last_readable(folder: Folder, path: Path, commits: list[_Commit], newest: _Commit) -> Snapshot | None:
    """The last state of a day; a commit whose file is broken is told of and passed over."""
    for commit in reversed(commits):
        file = f"{folder.name(path)}@{commit.id[:7]}"
        documents, problems = _read(path, commit, file)
        settled = commit != newest
        broken = [problem for problem in problems if problem.field in ("yaml", "encoding", "file")]
        for problem in problems:
            folder.tell(replace(problem, level="warning") if settled or problem in broken else problem)
        if documents:
            return Snapshot(folder.name(path), commit.day, Place.root(documents[0]), settled)
    return None


def _read(path: Path, commit: _Commit, file: str) -> tuple[list[yaml_rows.Document], list[Problem]]:
    content = _git(path.parent, "cat-file", "blob", f"{commit.id}:{commit.path}")
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "blob.yaml"
        copy.write_bytes(content)
        return yaml_rows.read(copy, file)


def _commits(path: Path) -> list[_Commit]:
    """Commits of the main line that changed the file, oldest first.

    Only the main line: side by side, the commits of two branches would look like stages that come and go.
    """
    output = _git(
        path.parent, "log", "--follow", "--first-parent", "-m", "--diff-filter=d", "--name-only", "-z",
        "--date=short", "--format=%x01%H %cd", "--", path.name,
    )  # fmt: skip
    found = list(_parsed(output.decode("utf-8", "surrogateescape")))[::-1]
    latest, ordered = dt.date.min, []
    for commit in found:  # a clock that was wrong must not turn the order round
        latest = max(latest, commit.day)
        ordered.append(replace(commit, day=latest))
    return ordered


def _parsed(output: str) -> Iterator[_Commit]:
    for block in output.split("\x01")[1:]:
        head, *names = block.strip("\0\n").split("\0")
        id_, day = head.split()
        names = [name.strip("\n") for name in names if name.strip("\n")]
        if names:
            yield _Commit(id_, dt.date.fromisoformat(day), names[0])


def _warn(folder: Folder, path: Path) -> None:
    """What keeps a history from being whole."""
    if _git(path.parent, "rev-parse", "--is-shallow-repository").strip() == b"true":
        found, expected = "a shallow clone", "the whole history (git fetch --unshallow)"
        folder.tell(folder.source.trouble(("history",), found, expected, "warning"))
    if _git(path.parent, "status", "--porcelain", "--", path.name).strip():
        expected = "a commit; only what is committed is read"
        folder.tell(Problem(folder.name(path), 1, "file", "changes without a commit", expected, "warning"))


def _git(folder: Path, *arguments: str) -> bytes:
    """What a reading Git command prints; nothing is written."""
    command = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false", *arguments]
    environment = {key: value for key, value in os.environ.items() if key not in _LEADING} | {"LC_ALL": "C"}
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=_SECONDS, check=False)
    except FileNotFoundError:
        raise GitSaysNo("no program git") from None
    except subprocess.TimeoutExpired:
        raise GitSaysNo(f"no answer of git within {_SECONDS} s") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        if said and "not a git repository" in said[0]:
            raise GitSaysNo("no Git repository")
        raise GitSaysNo(f"git: {said[0].removeprefix('fatal: ')}" if said else f"git: exit code {done.returncode}")
    return done.stdout
