"""The one home of the engine: build a snapshot, publish it, open it, ask it.

A snapshot is a file that never changes. `build` writes a new one beside the others, checks it, renames it into place
and then replaces the small pointer file CURRENT; readers that hold the old one keep it until they look again. So a
build that fails or is killed moves no pointer, and nobody ever reads half a file.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import gc
import hashlib
import json
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from maturity import (
    buckets,
    budget_days,
    definitions,
    earlier,
    facts,
    filling,
    frozen,
    provision,
    risk_drafts,
    risk_facts,
    signals,
    slo_use,
    tables,
)
from maturity.filling import Filling
from maturity.levels import Adoption, month_ends
from maturity.records import Bundle, FrozenReview, Loaded, Problem, SourceFile

SQL = Path(__file__).parent / "sql"
POINTER = "CURRENT"
KEEP = 3
# What the engine holds in memory while it builds; the rest waits on disk. A stretch of `budget_days` and a batch of
# files take far less: 2,000 SLOs x 360 days, and 200 products x 24 months x 5,000 risks, were built with it.
_BUILDING_MEMORY = "128MB"
# Seventy tables, most of them small: blocks of the engine's usual 256 kB made the sample 22 MB, these make it 8. Groups
# of rows are small, because the next build writes the last ones of a table again to add a day.
_BUILDING_FILE = "recovery_mode no_wal_writes, block_size 32768, row_group_size 8192"

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


@contextmanager
def uncollected() -> Iterator[None]:
    """Garbage in circles is left alone in here.

    Records and states are many, stay until the end and hold no circles: to look through them again and again costs a
    sixth of a build and finds nothing.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


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
        return _buckets(_begun(own, bundle), folder, bundle, as_of, today, False)[0]
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
    with _only_builder(store):
        for left_over in store.glob(".building-*"):
            shutil.rmtree(left_over) if left_over.is_dir() else left_over.unlink()
        unfinished = store / f".building-{os.getpid()}.duckdb"
        con = _builder()
        try:
            before = current(store)
            if before:
                con.execute(f"attach {frozen.quoted(before)} as earlier (read_only)")
            known = _known(con) if before else None
            if known:
                shutil.copyfile(before, unfinished)
            _into(con, unfinished)
            made = _begun(con, bundle, known)
            say("reading SLI buckets")
            trouble, files, since = _buckets(made, folder, bundle, as_of, today, known is not None)
            items = con.execute("select practice, id from earlier.checklist_item").fetchall() if before else []
            problems = sorted({*problems, *trouble, *definitions.undated(bundle, set(items))})
            if any(p.level == "error" for p in problems) and not keep_going:
                con.close()
                unfinished.unlink()
                return Built(None, problems, {})
            bundle.files += files
            _fill(made, folder, bundle, problems, as_of, now, say, since, known is not None)
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


# Inputs that the reading of buckets asks for.
_BEFORE_BUCKETS = ("slo", "correction_span")


def _begun(con: duckdb.DuckDBPyConnection, bundle: Bundle, known: dict[str, str] | None = None) -> Filling:
    """Tables to fill, with what the reading of buckets needs in them. `known` are the sums of a copy."""
    made = Filling(con, known)
    made.create()
    for name in _BEFORE_BUCKETS:
        made.fill(name, tables.input_rows(bundle, name))
    return made


def _buckets(
    made: Filling,
    folder: Path,
    bundle: Bundle,
    as_of: dt.date,
    today: dt.date | None,
    copied: bool,
) -> tuple[list[Problem], list[SourceFile], dt.date]:
    """Read the SLI files, see `buckets.load`."""
    made.changed(*buckets.ANEW)
    # Without a policy nothing is built, only checked, and how far back single buckets are kept changes no problem.
    alerts = bundle.budget_policy.record.burn_alerts if bundle.budget_policy else []
    minutes = {length for alert in alerts for length in (alert.long_minutes, alert.short_minutes)} or {1}
    return buckets.load(made.cur, folder, bundle, as_of, max(as_of, today or as_of), minutes, copied)


def _builder(path: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A connection that writes into a file, or into memory."""
    con = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    con.execute("set timezone = 'UTC'")
    con.execute("set enable_progress_bar = false")
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


@cache
def form() -> str:
    """What tables look like and how they are computed: a snapshot of another form is not built upon."""
    code = [*filling.view_files(), *sorted(Path(__file__).parent.glob("*.py"))]
    texts = [path.read_text(encoding="utf-8") for path in code]
    return hashlib.sha256("\n".join([duckdb.__version__, *texts]).encode()).hexdigest()


def _known(con: duckdb.DuckDBPyConnection) -> dict[str, str] | None:
    """Sums of the tables of the snapshot that is attached as `earlier`; None where it is of another form."""
    noted = "select comment from duckdb_tables() where database_name = 'earlier' and table_name = 'meta'"
    its_form, _, sums = con.execute(noted).fetchone()[0].partition(" ")
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


# Views up to here give single days; views from there on speak of what rules made of the others.
_DAY_VIEWS, _LAST_VIEWS = "50", "90"


def _fill(
    made: Filling,
    folder: Path,
    bundle: Bundle,
    problems: list[Problem],
    as_of: dt.date,
    now: dt.datetime,
    say: Callable[[str], None],
    since: dt.date,
    copied: bool,
) -> None:
    """Every table and view.

    `since` is the first day whose measurements can differ from those in a copy of the snapshot before.
    """
    con = made.cur
    oldest, until = buckets.measured(con, as_of)
    first = facts.first_day(bundle, oldest, as_of)
    say("judging practices")
    months = month_ends(first, as_of)
    bundle.observations += signals.own(bundle, [day for _, day in months], _measured_days(con), as_of)
    filled: dict[str, Iterable[dict]] = {
        name: tables.input_rows(bundle, name) for name in tables.INPUTS if name not in _BEFORE_BUCKETS
    }
    filled["checklist_item"] = tables.checklist_rows(bundle)
    filled["policy"] = tables.policy_rows(bundle)
    filled["month"] = [{"month": month, "as_of": day} for month, day in months]
    for name, values in filled.items():
        made.fill(name, values)
    _keep_months(made, earlier.first_stated(con, made.same) if copied else dt.date.min)
    adoption = Adoption.of(bundle)
    there = {month for (month,) in con.execute("select distinct month from product_level").fetchall()}
    for name, values in facts.month_rows(adoption, [pair for pair in months if pair[0] not in there]).items():
        made.add(name, values)
    filled = {"regression": facts.fall_rows(adoption, as_of)}
    filled |= risk_facts.risk_rows(bundle, adoption, as_of, _simulated(con) if copied else {})
    filled |= facts.slo_rows(bundle, first, as_of, until)
    filled["problem"] = tables.problem_rows(problems)
    filled["source_file"] = [vars(file) for file in bundle.files]
    filled["meta"] = [{"as_of": as_of, "until": until, "folder": folder.resolve().name}]
    filled["review"] = [
        {
            "month": r.record.month,
            "as_of": r.record.as_of,
            "file": _thawed(r).name,
            "src_file": r.file,
            "src_line": r.line,
        }
        for r in bundle.reviews
    ]
    filled["policy_action"] = tables.action_rows(bundle)
    filled["burn_alert"] = tables.alert_rows(bundle)
    filled["shown_figure"] = _shown_again(con, folder, bundle, as_of)
    for name, values in filled.items():
        made.fill(name, values)
    # Nothing is computed from the time of the build, so it is no part of what the table is made of.
    con.execute("update meta set built_at = $1", [now])
    say("computing budgets")
    made.changed(*budget_days.fill(con, day_views(), since, copied, made.same))
    for path in filling.view_files():
        if _DAY_VIEWS <= path.name < _LAST_VIEWS:
            made.view(path)
    say("judging SLOs")
    used = facts.use_rows(bundle, _seen_slos(con, bundle, as_of), as_of)
    used["risk_draft"] = risk_drafts.rows(bundle, _firing(con), as_of)
    for name, values in used.items():
        made.fill(name, values)
    say("comparing with the last review")
    for path in filling.view_files():
        if path.name >= _LAST_VIEWS:
            made.view(path)
    made.fill("first_step", risk_facts.bought(bundle, as_of, _listed(con)))
    con.execute(f"comment on table meta is '{form()} {json.dumps(made.sums)}'")


def _keep_months(made: Filling, stated: dt.date) -> None:
    """Take out what is known of practices in months that are not judged before `stated`."""
    for name in facts.BY_MONTH:
        (gone,) = made.cur.execute(
            f"delete from {name} where as_of >= $1 or (month, as_of) not in (select (month, as_of) from month)",
            [stated],
        ).fetchone()
        (made.rows[name],) = made.cur.execute(f"select count(*) from {name}").fetchone()
        if gone:
            made.changed(name)


def _simulated(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Simulated years of the snapshot before, by what they were made of."""
    return {row["made_of"]: row for row in _rows(con, "from earlier.simulated_year")}


def _listed(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The one list, as far as its steps are priced from it."""
    names = ("position", "kind", "id", "product", "saved_minutes", "effort_days", "saved_per_day")
    return _rows(con, f"select {', '.join(names)} from one_list order by position")


def _rows(con: duckdb.DuckDBPyConnection, question: str, given: Sequence[Any] = ()) -> list[dict[str, Any]]:
    found = con.execute(question, given)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _firing(con: duckdb.DuckDBPyConnection) -> list[risk_drafts.Burn]:
    """Burn alerts that fire at the end of the snapshot, the gravest of each SLO."""
    found = con.execute(
        "select slo, action, long_minutes, long_burn_rate, threshold from slo_burn_alert where fires "
        "qualify row_number() over (partition by slo order by position) = 1 order by slo"
    ).fetchall()
    return [risk_drafts.Burn(*row) for row in found]


def _seen_slos(con: duckdb.DuckDBPyConnection, bundle: Bundle, as_of: dt.date) -> dict[str, facts.SeenSlo]:
    """What the views say of each SLO: its coverage today, its whole windows and its newest stretch to decide about."""
    policy = bundle.budget_policy.record
    seen: dict[str, facts.SeenSlo] = defaultdict(facts.SeenSlo)
    today = "select slo, coverage from slo_status where day = $1 and units > 0"
    for slo, coverage in con.execute(today, [as_of]).fetchall():
        seen[slo].coverage = coverage
    for slo, since in con.execute("select slo, min(day) from slo_day group by slo").fetchall():
        seen[slo].measured_since = since
    newest = (
        "select slo, arg_max(kind, last), arg_max(first, last), max(last) from slo_episode where last > $1 group by slo"
    )
    for slo, *episode in con.execute(newest, [as_of - dt.timedelta(days=policy.review_cycle_days)]).fetchall():
        seen[slo].episode = slo_use.Episode(*episode)
    windows = (
        "select slo, window_start, window_end, units, bad_units, coverage, budget_minutes from slo_whole_window "
        "where place <= $1 and units > 0 order by slo, place"
    )
    for slo, *window in con.execute(windows, [policy.over_provided.windows]).fetchall():
        seen[slo].windows.append(provision.Window(*window))
    return seen


def _measured_days(con: duckdb.DuckDBPyConnection) -> dict[str, list[dt.date]]:
    """SLO -> its local days with a bucket, in order."""
    return dict(con.execute("select slo, list_sort(list(distinct day)) from sli_part group by slo").fetchall())


def _shown_again(con: duckdb.DuckDBPyConnection, folder: Path, bundle: Bundle, as_of: dt.date) -> list[dict[str, Any]]:
    """What the last review before this month was shown; what it was frozen without, as an older one, is empty."""
    months = [r.record.month for r in bundle.reviews if r.record.month < f"{as_of:%Y-%m}"]
    if not months:
        return []
    path = folder / frozen.FOLDER / max(months) / "tables" / "figure.parquet"
    if not path.is_file():
        return []
    had = frozen.columns(con, path)
    names = ", ".join(
        f'"{name}"' if name in had else f'null as "{name}"' for name in tables.all_columns()["shown_figure"]
    )
    return _rows(con, f"select {names} from read_parquet($1) where month = $2", [str(path), max(months)])


def day_views() -> dict[str, str]:
    """The views that give single days, by name, for `budget_days`."""
    files = [path for path in filling.view_files() if path.name < _DAY_VIEWS]
    return {filling.view_name(path): path.read_text(encoding="utf-8") for path in files}


def _verify(con: duckdb.DuckDBPyConnection, rows: dict[str, int]) -> None:
    """The file holds what was put into it, and its parts agree."""
    for table, count in rows.items():
        (found,) = con.execute(f'select count(*) from "{table}"').fetchone()
        if found != count:
            raise TheSnapshotFailedItsCheck(f"{table} holds {found} rows of {count}")
    for path in sorted((SQL / "checks").glob("*.sql")):
        if wrong := con.execute(path.read_text()).fetchall():
            raise TheSnapshotFailedItsCheck(f"{path.stem}: {wrong[:3]}")


def _publish(store: Path, unfinished: Path, now: dt.datetime) -> Path:
    """Rename into place, then move the pointer; both steps are atomic and on disk before the next begins."""
    snapshot = store / f"snap-{now:%Y%m%dT%H%M%S%f}.duckdb"
    _to_disk(unfinished)
    unfinished.rename(snapshot)
    pointer = store / f".{POINTER}.new"
    pointer.write_text(snapshot.name + "\n")
    _to_disk(pointer)
    pointer.replace(store / POINTER)
    _to_disk(store)
    for old in sorted(store.glob("snap-*.duckdb"))[:-KEEP]:
        if old != snapshot:
            old.unlink()
    return snapshot


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
    with tempfile.TemporaryDirectory(dir=folder, prefix=".freezing-") as made:
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
            shutil.rmtree(target)
        target.parent.mkdir(exist_ok=True)
        new.rename(target)
    return target, True


def _thaw_all(store: Path, folder: Path, bundle: Bundle, built: Path) -> None:
    """A file for each frozen review in the store, which pages open as they open the snapshot that was built."""
    wanted = {_thawed(review).name: folder / frozen.FOLDER / review.record.month for review in bundle.reviews}
    for name, source in wanted.items():
        if not (store / name).exists():
            unfinished = store / f".building-{os.getpid()}-{name}"
            with closing(_builder(unfinished)) as con:
                con.execute(f"attach {frozen.quoted(built)} as shown (read_only)")
                frozen.thaw_like(con, source / "tables")
            unfinished.rename(store / name)
    for old in store.glob("review-*.duckdb"):
        if old.name not in wanted:
            old.unlink()


def _thawed(review: Loaded[FrozenReview]) -> Path:
    """Name of its file in the store: other content or another form of the tables, another name."""
    sums = frozen.form() + "".join(file.sha256 for file in review.record.files.values())
    return Path(f"review-{review.record.month}-{hashlib.sha256(sums.encode()).hexdigest()[:12]}.duckdb")


# -------------------------------------------------------------------------------------------------------- reading


def current(store: Path) -> Path | None:
    """The published snapshot, or None where nothing was published yet, or its file was taken away."""
    try:
        path = store / (store / POINTER).read_text().strip()
    except FileNotFoundError:
        return None
    return path if path.is_file() else None


class Snapshot:
    """A published snapshot, open for reading. Safe to share between threads: each question has its own cursor."""

    def __init__(self, path: Path):
        self.path = path
        self.version = path.stem
        self._con = duckdb.connect(str(path), read_only=True, config=_LOCKED)

    def query(self, name: str, **parameters: Any) -> pd.DataFrame:
        """Answer of `sql/queries/<name>.sql`, whose $names are the parameters."""
        with self._con.cursor() as cur:
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
        except duckdb.IOException:
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
