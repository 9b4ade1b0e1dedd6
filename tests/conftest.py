"""What several test files share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from given import SAMPLE, SAMPLE_AS_OF, build

from loaders import registry
from loaders.reading import Reading
from maturity import store


@pytest.fixture(scope="session")
def sample() -> Reading:
    """The sample, read but not built."""
    return registry.read_folder(SAMPLE, SAMPLE_AS_OF)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[store.Snapshot]:
    """A snapshot of `tests/tiny`, open for reading."""
    folder: Path = tmp_path_factory.mktemp("tiny")
    build(folder)
    snapshot = store.open_current(folder)
    yield snapshot
    snapshot.close()
