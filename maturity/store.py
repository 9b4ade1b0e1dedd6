"""The one home of the engine: build a snapshot, publish it, open it, ask it.

A snapshot is a file that never changes. `build` writes a new one beside the others, checks it, renames it into place
and then replaces the small pointer file CURRENT; readers that hold the old one keep it until they look again. So a
build that fails or is killed moves no pointer, and nobody ever reads half a file.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from maturity import building, definitions, filling, frozen, whole_files
from maturity.records.bundle import Bundle
from maturity.records.problems import Problem

SQL = Path(__file__).parent / "sql"
POINTER = "CURRENT"
KEEP = 3
INTERRUPTED = "Query interrupted"  # what the engine makes of Ctrl-C: a RuntimeError of these words
# What the engine holds in memory while it builds; the rest waits on disk. A stretch of `budget_days` and a batch of
# files take far less: 2,000 SLOs x 360 days, and 200 products x 24 months x 5,000 risks, were built with it.
_BUILDING_MEMORY = "128MB"
# Seventy tables, most of them small: blocks of the engine's usual 256 kB made the sample 22 MB, these make it 8. Groups
# of rows are small, because the next build writes the last ones of a table again to add a day.
_BUILDING_FILE = "recovery_mode no_wal_writes, block_size 32768, row_group_size 8192"
# Looking for the substrings of every column of words took half of what writing a snapshot takes, and saved a hundredth
# of its size (bench/README.md).
_SLOW_COMPRESSION = "fsst"

_LOCKED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "memory_limit": "2GB",
    "lock_configuration": "true",
}


class TheSnapshotFailedItsCheck(Exception):
    """The built file does not hold what was put into it; nothing was published."""


class TheSnapshotCannotBeRead(Exception):
    """What is published is damaged, or of a version that had other tables; the message names it."""


class TheReviewCannotBeRead(Exception):
    """Tables of a frozen review are none, or of another kind, though their sums are right; the message names it."""


class TheEngineStopped(Exception):
    """The engine cannot read or write a file, as on a full disk; the message is its own, on one line."""


class AnotherBuildIsRunning(Exception):
    """Somebody else builds into the same store right now."""


class TheSnapshotIsOfAnotherMonth(Exception):
    """What is published does not speak of the month that was asked for."""


class TheSnapshotIsOfAnotherFolder(Exception):
    """What is published was not built from the data folder that was named."""


class TheReviewIsFrozenOtherwise(Exception):
    """The month is frozen already, with other content; its argument names the files that differ."""


@dataclass(frozen=True)
class Built:
    """Outcome of a build: the published file, or None and the problems that stopped it."""

    snapshot: Path | None
    problems: list[Problem]
    rows: dict[str, int]


# ------------------------------------------------------------------------------------------------------- building


def check_buckets(
    folder: Path,
    bundle: Bundle,
    as_of: dt.date,
    con: duckdb.DuckDBPyConnection | None = None,
    today: dt.date | None = None,
) -> list[Problem]:
    """Problems in the SLI files, found by reading them as a build would. Their tables stay in `con`, if it is given."""
    own = con or _builder()
    try:
        return building.read_buckets(building.begun(own, bundle), folder, bundle, as_of, today, False)[0]
    finally:
        if con is None:
            own.close()


def build(
    store: Path,
    folder: Path,
    bundle: Bundle,
    problems: list[Problem],
    as_of: dt.date,
    now: dt.datetime,
    keep_going: bool = False,
    say: Callable[[str], None] = lambda line: None,
    today: dt.date | None = None,
) -> Built:
    """Build, check and publish a snapshot of a bundle and the SLI files of its folder.

    Errors in the SLI files stop it unless `keep_going`; then the good rows are loaded and the problems stored.
    `now` (UTC) names the file and is shown as the time of the build. SLI rows after `as_of` are left out; those after
    `today` (without it, `as_of`) are errors.
    """
    store.mkdir(parents=True, exist_ok=True)
    with _only_builder(store), _told():
        for left_over in store.glob(".building-*"):
            shutil.rmtree(left_over) if left_over.is_dir() else left_over.unlink()
        unfinished = store / f".building-{os.getpid()}.duckdb"
        con = _builder()
        try:
            before = current(store)
            if before and not (_whole(before) and _attached(con, before)):
                say(f"{before.name} cannot be read; building without it")
                before = None
            known = _known(con) if before else None
            if known:
                shutil.copyfile(before, unfinished)
            _into(con, unfinished)
            made = building.begun(con, bundle, known)
            say("reading SLI buckets")
            trouble, files, since = building.read_buckets(made, folder, bundle, as_of, today, known is not None)
            items = con.execute("select practice, id from earlier.checklist_item").fetchall() if before else []
            problems = sorted({*problems, *trouble, *definitions.undated(bundle, set(items))})
            if any(p.level == "error" for p in problems) and not keep_going:
                con.close()
                unfinished.unlink()
                return Built(None, problems, {})
            bundle.files += files
            building.fill(made, folder, bundle, problems, as_of, now, say, since, known is not None)
            con.execute(f"comment on table meta is '{form()} {json.dumps(made.sums)}'")
            if before:
                con.execute("detach earlier")
            say("checking the snapshot")
            _verify(con, made.rows)
            con.execute("checkpoint")
        except BaseException:
            con.close()
            unfinished.unlink(missing_ok=True)
            raise
        con.close()
        _thaw_all(store, folder, bundle, unfinished)
        return Built(_publish(store, unfinished, now), problems, made.rows)


def _builder(path: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A connection that writes into a file, or into memory."""
    con = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    con.execute("set timezone = 'UTC'")
    con.execute("set enable_progress_bar = false")
    con.execute(f"set disabled_compression_methods = '{_SLOW_COMPRESSION}'")
    if path:
        _into(con, path)
    return con


def _into(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write into a file from here on.

    It has no write-ahead log: a build that is killed is thrown away, so nothing would ever be recovered from it.
    """
    con.execute(f"attach {frozen.quoted(path)} as building ({_BUILDING_FILE})")
    con.execute("use building")
    # What does not fit into memory waits beside the file; in memory the engine would take the working directory.
    con.execute(f"set temp_directory = {frozen.quoted(path.with_suffix('.tmp'))}")
    con.execute(f"set memory_limit = '{_BUILDING_MEMORY}'")


def _attached(con: duckdb.DuckDBPyConnection, before: Path) -> bool:
    """Attach the snapshot before as `earlier`, unless it is damaged or no snapshot: a build can do without it."""
    try:
        con.execute(f"attach {frozen.quoted(before)} as earlier (read_only)")
        con.execute("select practice, id, as_of, folder from earlier.checklist_item, earlier.meta limit 0")
        if con.execute(f"select count(*) from {_NOTED}").fetchone() == (1,):
            return True
    except duckdb.Error:
        pass
    con.execute("detach database if exists earlier")
    return False


@contextmanager
def _told(snapshot: Path | None = None) -> Iterator[None]:
    """What the engine cannot do, as a sentence: read or write a file, or ask `snapshot` for a table that it lacks."""
    try:
        yield
    except duckdb.OperationalError as error:
        raise TheEngineStopped(_words_of(error)) from None
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        if snapshot is None:
            raise
        raise TheSnapshotCannotBeRead(f"{snapshot} with other tables") from error


def _words_of(error: duckdb.Error) -> str:
    return " ".join(str(error).split())


# The comment on a snapshot: the form it has, and the sums of its tables.
_NOTED = "duckdb_tables() where database_name = 'earlier' and table_name = 'meta' and comment is not null"


@cache
def form() -> str:
    """What tables look like and how they are computed: a snapshot of another form is not built upon."""
    code = [filling.MACROS, *filling.view_files(), *sorted(Path(__file__).parent.rglob("*.py"))]
    texts = [path.read_text(encoding="utf-8") for path in code]
    return hashlib.sha256("\n".join([duckdb.__version__, *texts]).encode()).hexdigest()


def _known(con: duckdb.DuckDBPyConnection) -> dict[str, str] | None:
    """Sums of the tables of the snapshot that is attached as `earlier`; None where it is of another form."""
    its_form, _, sums = con.execute(f"select comment from {_NOTED}").fetchone()[0].partition(" ")
    return json.loads(sums) if its_form == form() else None


@contextmanager
def _only_builder(store: Path) -> Iterator[None]:
    """A lock that goes with the process, so that a killed build leaves none behind."""
    with (store / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherBuildIsRunning(str(store)) from None
        yield


def _verify(con: duckdb.DuckDBPyConnection, rows: dict[str, int]) -> None:
    """The file holds what was put into it, and its parts agree."""
    counts = ", ".join(f'(select count(*) from "{table}")' for table in rows)
    for (table, count), found in zip(rows.items(), con.execute(f"select {counts}").fetchone(), strict=True):
        if found != count:
            raise TheSnapshotFailedItsCheck(f"{table} holds {found} rows of {count}")
    for path in sorted((SQL / "checks").glob("*.sql")):
        if wrong := con.execute(path.read_text()).fetchall():
            raise TheSnapshotFailedItsCheck(f"{path.stem}: {wrong[:3]}")


def _publish(store: Path, unfinished: Path, now: dt.datetime) -> Path:
    """Rename into place, then move the pointer; both steps are atomic and on disk before the next begins."""
    _to_disk(unfinished)
    snapshot = store / f"snap-{now:%Y%m%dT%H%M%S%f}_{_sum(unfinished)}.duckdb"
    unfinished.rename(snapshot)
    whole_files.put(store / POINTER, snapshot.name + "\n")
    _to_disk(store)
    for old in sorted(store.glob("snap-*.duckdb"))[:-KEEP]:
        if old != snapshot:
            old.unlink()
    return snapshot


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def _whole(snapshot: Path) -> bool:
    """Whether the file is still what was published, by the sum in its name.

    The engine tells a damaged part when it is read; a build that takes a table over as it stands would never read it,
    and would hand the damage on for ever. An older version wrote no sum.
    """
    _, _, named = snapshot.stem.partition("_")
    return not named or named == _sum(snapshot)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# -------------------------------------------------------------------------------------------------- frozen reviews


def freeze(store: Path, folder: Path, month: str, replace: bool = False) -> tuple[Path, bool]:
    """Write what the published snapshot shows of its month into `reviews/<month>/` of a data folder.

    Returns the folder, and whether anything was written: the same review again is the same to the byte. Raises
    TheSnapshotIsOfAnotherFolder (told apart by its name), TheSnapshotIsOfAnotherMonth, and, unless `replace`,
    TheReviewIsFrozenOtherwise.
    """
    path, target = current(store), folder / frozen.FOLDER / month
    with _told(path), tempfile.TemporaryDirectory(dir=folder, prefix=".freezing-") as made:
        new = Path(made) / month
        with closing(_builder()) as con:
            con.execute(f"attach {frozen.quoted(path)} as shown (read_only)")
            day, built_from = con.execute("select as_of, folder from shown.meta").fetchone()
            if built_from != folder.resolve().name:
                raise TheSnapshotIsOfAnotherFolder(built_from)
            if f"{day:%Y-%m}" != month:
                raise TheSnapshotIsOfAnotherMonth(str(day))
            (days,) = con.execute("select value::int from shown.policy where name = 'frozen_days'").fetchone()
            frozen.write(con, new / "tables", day, days)
        with closing(_builder()) as con:
            frozen.thaw(con, new / "tables")
            frozen.write_csv(lambda name: con.execute(_question(name)).df(), new)
        frozen.seal(new, month, day)
        if target.is_dir():
            differ = frozen.differences(target, new)
            if not differ:
                return target, False
            if not replace:
                raise TheReviewIsFrozenOtherwise(differ)
        target.parent.mkdir(exist_ok=True)
        _put_in_place(new, target, Path(made) / "before")
    return target, True


def _put_in_place(new: Path, target: Path, aside: Path) -> None:
    """Rename a folder into the place of another, which is there again where that cannot be done."""
    if target.is_dir():
        target.rename(aside)
    try:
        new.rename(target)
    except BaseException:
        if aside.is_dir():
            aside.rename(target)
        raise


def _thaw_all(store: Path, folder: Path, bundle: Bundle, built: Path) -> None:
    """A file for each frozen review in the store, which pages open as they open the snapshot that was built."""
    wanted = {
        frozen.name_in_store(review.record): folder / frozen.FOLDER / review.record.month for review in bundle.reviews
    }
    for name, source in wanted.items():
        if not _opens(store / name):
            unfinished = store / f".building-{os.getpid()}-{name}"
            with closing(_builder(unfinished)) as con:
                con.execute(f"attach {frozen.quoted(built)} as shown (read_only)")
                try:
                    frozen.thaw_like(con, source / "tables")
                except duckdb.OperationalError:  # the disk
                    raise
                except duckdb.Error as error:
                    raise TheReviewCannotBeRead(f"{source}: {_words_of(error)}") from None
            unfinished.replace(store / name)
    for old in store.glob("review-*.duckdb"):
        if old.name not in wanted:
            old.unlink()


def _opens(review: Path) -> bool:
    """Whether the file of a frozen review is there and whole: one that is damaged is made again."""
    try:
        Snapshot(review).close()
    except TheSnapshotCannotBeRead:
        return False
    return True


# -------------------------------------------------------------------------------------------------------- reading


def current(store: Path) -> Path | None:
    """The published snapshot; None where nothing was published yet, or the pointer names no snapshot that is there."""
    try:
        name = (store / POINTER).read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return store / name if re.fullmatch(r"snap-\w+\.duckdb", name) and (store / name).is_file() else None


class Snapshot:
    """A published snapshot, open for reading. Safe to share between threads: each question has its own cursor."""

    def __init__(self, path: Path):
        self.path = path
        self.version = path.stem
        try:
            self._con = duckdb.connect(str(path), read_only=True, config=_LOCKED)
        except duckdb.Error as error:
            raise TheSnapshotCannotBeRead(_words_of(error)) from None

    def query(self, name: str, **parameters: Any) -> pd.DataFrame:
        """Answer of `sql/queries/<name>.sql`, whose $names are the parameters."""
        with _told(self.path), self._con.cursor() as cur:
            frame = cur.execute(_question(name), parameters).df()
        return frame.assign(**{column: _plain(values) for column, values in frame.items()})

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()


def _plain(values: pd.Series) -> pd.Series:
    """A column whose empty cells behave as in Python: None among texts and lists, NaN among numbers.

    pandas' own NaN among texts would be true and print as "nan", and its NA among integers cannot be compared.
    """
    if isinstance(values.dtype, pd.StringDtype) or values.dtype == object:
        return values.astype(object).where(values.notna(), None)
    return values.astype(float) if values.dtype == "Int64" or values.dtype == "Int32" else values


@cache
def _question(name: str) -> str:
    return (SQL / "queries" / f"{name}.sql").read_text(encoding="utf-8")


def open_current(store: Path) -> Snapshot | None:
    """Open the published snapshot. If a publish removes it in between, the new pointer is followed."""
    for _ in range(KEEP):
        path = current(store)
        if path is None:
            return None
        try:
            return Snapshot(path)
        except TheSnapshotCannotBeRead:
            if path == current(store):
                raise
    raise FileNotFoundError(f"no snapshot of {store} stayed long enough to be opened")


def months_to_open(store: Path) -> list[str]:
    """Months that `open_month` knows: that of the published snapshot, and those of frozen reviews."""
    snapshot = open_current(store)
    if snapshot is None:
        return []
    with closing(snapshot):
        found = [f"{snapshot.query('meta').iloc[0]['as_of']:%Y-%m}", *snapshot.query("reviews")["month"]]
    return sorted(set(found))


def open_month(store: Path, month: str) -> Snapshot | None:
    """A month as it was frozen; else the published snapshot, if it is of that month."""
    snapshot = open_current(store)
    if snapshot is None:
        return None
    reviews = snapshot.query("reviews").set_index("month")["file"]
    if month in reviews and (store / reviews[month]).is_file():
        snapshot.close()
        return Snapshot(store / reviews[month])
    if f"{snapshot.query('meta').iloc[0]['as_of']:%Y-%m}" == month:
        return snapshot
    snapshot.close()
    return None
