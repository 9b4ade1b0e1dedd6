"""One measurement in a process of its own: `python -m bench.ways WAY FOLDER DAYS` prints seconds, memory and answer."""

from __future__ import annotations

import datetime as dt
import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd

from bench import given
from loaders import registry
from maturity import building, store

_NOW = dt.datetime(2026, 11, 1)


class _Watch:
    """Seconds since it was made: on the wall, and of all threads of this process, which other work hardly changes."""

    def __init__(self):
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        return {"seconds": time.perf_counter() - self._wall, "cpu": time.process_time() - self._cpu}


def scan(folder: Path, days: int) -> dict:
    """The four columns of every bucket, read and added up: what nothing that looks at them can undercut."""
    with duckdb.connect() as con:
        watch = _Watch()
        question = "select min(slo), max(start), sum(good), sum(total) from read_parquet($1)"
        answer = con.execute(question, [_files(folder)]).fetchone()
        return watch.read() | {"answer": answer[2]}


def build(folder: Path, days: int) -> dict:
    """Everything from files to a published snapshot; `reading` is what buckets take of it, `budgets` what follows."""
    with tempfile.TemporaryDirectory() as into:
        return _build(folder, Path(into), days, 0)


def one_more_day(folder: Path, days: int) -> dict:
    """The build after a file of one more day was added to a store that knows the others."""
    return _second_build(folder, days, lambda path: given.buckets(path, _slos(folder), days, 1), days + 1)


def nothing_new(folder: Path, days: int) -> dict:
    """The build again."""
    return _second_build(folder, days, lambda path: None, days)


def fleet(folder: Path, days: int) -> dict:
    """What the page of all budgets asks a snapshot: every SLO in the chosen month, worst first."""
    with tempfile.TemporaryDirectory() as into:
        _build(folder, Path(into), days, 0)
        snapshot = store.open_current(Path(into))
        month = f"{given.last_day(days):%Y-%m}"
        watch = _Watch()
        frame = snapshot.query("budgets", month=month, product=None)
        took = watch.read()
        snapshot.close()
        return took | {"answer": _digest(dict(zip(frame["slo"], frame["consumed"], strict=True)))}


def careful_pandas(folder: Path, days: int) -> dict:
    """28-day budgets by somebody who knows pandas: only what is needed is read, one grouped sum."""
    watch = _Watch()
    since = pd.Timestamp(given.last_day(days)) - pd.Timedelta(days=27)
    frame = pd.read_parquet(_files(folder), filters=[("start", ">=", since)])
    frame["slo"] = frame["slo"].astype("category")
    sums = frame.groupby("slo", observed=True)[["good", "total"]].sum()
    consumed = _consumed({slo: (row.good, row.total) for slo, row in sums.iterrows()})
    return watch.read() | {"answer": _digest(consumed)}


def everyday_pandas(folder: Path, days: int) -> dict:
    """The same as it is usually written: read all, group, and a function for each SLO."""
    watch = _Watch()
    frame = pd.concat([pd.read_parquet(path) for path in _files(folder)])
    since = pd.Timestamp(given.last_day(days)) - pd.Timedelta(days=27)
    found = frame.groupby("slo").apply(
        lambda rows: pd.Series({
            "good": rows[rows["start"] >= since]["good"].sum(), "total": rows[rows["start"] >= since]["total"].sum(),
        })
    )  # fmt: skip
    consumed = _consumed({slo: (row.good, row.total) for slo, row in found.iterrows()})
    return watch.read() | {"answer": _digest(consumed)}


def _files(folder: Path) -> list[str]:
    return sorted(map(str, (folder / "sli").glob("*.parquet")))


def _slos(folder: Path) -> int:
    return (folder / "slos" / "all.yaml").read_text().count("kind: SLO")


def _consumed(sums: dict[str, tuple[float, float]]) -> dict[str, float]:
    targets = {given.name(i): float(given.target(i)) for i in range(len(sums))}
    return {slo: (total - good) / ((1 - targets[slo]) * total) for slo, (good, total) in sums.items()}


def _digest(consumed: dict[str, float]) -> float:
    """One number that only the same budgets give: a weighted sum over SLOs in the order of their names."""
    return sum((i + 1) * value for i, (_, value) in enumerate(sorted(consumed.items())))


@building.uncollected()
def _build(folder: Path, into: Path, days: int, minute: int) -> dict:
    as_of = given.last_day(days)
    watch = _Watch()
    reading = registry.read_folder(folder, as_of)
    said: list[tuple[str, dict]] = []
    now = _NOW + dt.timedelta(minutes=minute)
    built = store.build(
        into, folder, reading.bundle, reading.problems, as_of, now, say=lambda line: said.append((line, watch.read()))
    )
    if built.snapshot is None:
        raise SystemExit("\n".join(map(str, built.problems[:5])))
    with duckdb.connect(str(built.snapshot), read_only=True) as con:
        rows = con.execute("select slo, consumed from slo_status where day = $1", [as_of]).fetchall()
    ends = dict(zip((line for line, _ in said), (at for _, at in said[1:]), strict=False))
    parts = {}
    for part, stage in (("reading", "reading SLI buckets"), ("budgets", "computing budgets")):
        begun = dict(said)[stage]
        parts |= {f"{part}_{key}": ends[stage][key] - begun[key] for key in begun}
    return watch.read() | parts | {"answer": _digest(dict(rows))}


def _second_build(folder: Path, days: int, change: Callable[[Path], None], days_after: int) -> dict:
    with tempfile.TemporaryDirectory() as place:
        copy, into = Path(place) / "data", Path(place) / "store"
        shutil.copytree(folder, copy)
        _build(copy, into, days, 0)
        change(copy)
        return _build(copy, into, days_after, 1)


WAYS = {f.__name__: f for f in (scan, build, one_more_day, nothing_new, fleet, careful_pandas, everyday_pandas)}

if __name__ == "__main__":
    way, folder, days = sys.argv[1:4]
    found = WAYS[way](Path(folder), int(days))
    found["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))
