"""What several test files share."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from given import SAMPLE, SAMPLE_AS_OF, build

from bench import company
from loaders import registry
from loaders.reading import Reading
from maturity import store


@pytest.fixture(scope="session")
def sample() -> Reading:
    """The sample, read but not built."""
    return registry.read_folder(SAMPLE, SAMPLE_AS_OF)


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, published; for reading only."""
    return _made_once(tmp_path_factory, "sample", lambda folder: build(folder, SAMPLE, SAMPLE_AS_OF))


@pytest.fixture(scope="session")
def sample_snapshot(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of its file, to be read apart from the store: a process opens a file in one way at a time."""
    return shutil.copy(store.current(sample_store), tmp_path_factory.mktemp("snapshot"))


@pytest.fixture(scope="session")
def large_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company of 200 products and 60 practices, published; for reading only."""

    def publish(folder: Path) -> None:
        company.company(folder / "data")
        build(folder / "store", folder / "data", company.AS_OF)

    return _made_once(tmp_path_factory, "large", publish) / "store"


def _made_once(base: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first worker in need of it makes, and the others of the same run find."""
    run = base.getbasetemp()
    run = run.parent if "PYTEST_XDIST_WORKER" in os.environ else run
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (run / name).exists():
            make(run / f"{name}.unfinished")
            (run / f"{name}.unfinished").rename(run / name)
    return run / name


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[store.Snapshot]:
    """A snapshot of `tests/tiny`, open for reading."""
    folder: Path = tmp_path_factory.mktemp("tiny")
    build(folder)
    snapshot = store.open_current(folder)
    yield snapshot
    snapshot.close()
