"""How tests say what is given: records in one line, folders laid over `tests/tiny`, snapshots built from them."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from loaders import guide_map, policies, registry
from loaders.reading import Reading
from maturity import export, store
from maturity.falls import Fall, falls
from maturity.levels import Adoption
from maturity.records.bundle import Bundle
from maturity.records.guide_map import Assessment, Exemption, Observation
from maturity.records.problems import Loaded
from maturity.records.products import Product
from maturity.records.slos import CorrectionSpan, Slo, SloTarget

TESTS = Path(__file__).parent
ROOT = TESTS.parent
TINY = TESTS / "tiny"
TINY_AS_OF = dt.date(2026, 1, 31)
SAMPLE = ROOT / "data" / "sample"
SAMPLE_AS_OF = dt.date(2026, 9, 30)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def yaml_file(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


# ---------------------------------------------------------------------------------------------- records in one line


@cache
def _defaults() -> Bundle:
    reading = Reading(TESTS / "no folder")
    policies.load(reading)
    guide_map.load(reading)
    assert reading.problems == []
    return reading.bundle


def defaults(**changed: Any) -> Bundle:
    """The project's own guide map and policies, with nothing else in the bundle unless it is given."""
    return replace(_defaults(), **changed)


def scoring(**changed: Any) -> Loaded:
    """The project's scoring policy with some numbers changed."""
    own = _defaults().scoring
    return replace(own, record=own.record.model_copy(update=changed))


def practices(level: int | None = None, must: bool | None = None) -> list[str]:
    """Ids of the project's guide map, in its order."""
    found = [p.record for p in _defaults().practices]
    return [p.id for p in found if level in (None, p.level) and must in (None, p.must)]


def product(key: str = "alpha", **fields: Any) -> Loaded[Product]:
    given = {"name": key, "team": "red", "tier": 1, "target_level": 2} | fields
    return Loaded(Product(id=key, **given), "products.yaml", 1)


def said(practice: str, on: str, state: str | None = None, **fields: Any) -> Loaded[Assessment]:
    """One line of the log; adopted by `alpha` unless it says otherwise."""
    given = {"product": "alpha", "assessor": "kim"} | fields
    if "items_done" not in given and "share" not in given:
        given["state"] = state or "adopted"
    entry = Assessment(practice=practice, assessed_on=day(on), **given)
    return Loaded(entry, f"assessments/{entry.product}.yaml", 1)


def dropped(practice: str, on: str, **fields: Any) -> Loaded[Assessment]:
    """A line of the log that says: no item is done any more."""
    return said(practice, on, "not_adopted", **fields)


START = "2026-01-10"


def adopted(ids: list[str], on: str = START, **fields: Any) -> list[Loaded[Assessment]]:
    """One line of the log a practice, all adopted."""
    return [said(practice, on, **fields) for practice in ids]


def seen(signal: str, on: str, verdict: str, **fields: Any) -> Loaded[Observation]:
    """What a signal said about `alpha`."""
    given = {"product": "alpha", "found": "3", "source": "probe"} | fields
    record = Observation(signal=signal, observed_on=day(on), verdict=verdict, **given)
    return Loaded(record, "signals/probe.csv", 2)


def exempted(practice: str, granted: str, expires: str, **fields: Any) -> Loaded[Exemption]:
    given = {"product": "alpha", "approver": "wada", "reason_code": "not_applicable", "reason": "No data."} | fields
    record = Exemption(practice=practice, granted_on=day(granted), expires_on=day(expires), **given)
    return Loaded(record, "exemptions.yaml", 1)


def adoption(*entries: Loaded, products: list[Loaded] | None = None, **changed: Any) -> Adoption:
    """The rules over a log; exemptions and observations may stand among its lines."""
    bundle = defaults(
        products=products or [product()],
        assessments=[e for e in entries if isinstance(e.record, Assessment)],
        exemptions=[e for e in entries if isinstance(e.record, Exemption)],
        observations=[e for e in entries if isinstance(e.record, Observation)],
        **changed,
    )
    return Adoption.of(bundle)


def only_fall(made: Adoption, until: str = "2027-12-31") -> Fall:
    """The one fall up to a day."""
    (fall,) = falls(made, day(until))
    return fall


def slo(**fields: Any) -> Slo:
    """An SLO of 99.9 % over the 28 rolling days."""
    given = {"id": "alpha-ok", "product": "alpha", "name": "Replies that work", "method": "Occurrences"}
    given |= {"target": "0.999", "window_kind": "rolling", "window_count": 28, "window_unit": "d"}
    return Slo(**(given | fields))


def since(target: str, valid_from: str | None = None) -> SloTarget:
    """A target from a day on."""
    return SloTarget(slo="alpha-ok", target=target, valid_from=valid_from and day(valid_from))


# -------------------------------------------------------------------------------------------- folders and snapshots


def over_tiny(to: Path, case: Path | None = None, **texts: str) -> Path:
    """A copy of `tests/tiny` with the files of a case, or texts by file name, laid over it."""
    shutil.copytree(TINY, to)
    if case:
        shutil.copytree(case, to, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt"))
    for name, text in texts.items():
        write(to / name, text)
    return to


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(folder: Path, as_of: dt.date = TINY_AS_OF) -> tuple[Reading, list[str]]:
    """A folder as `guidemap check` reads it: the reading, and every message."""
    reading = registry.read_folder(folder, as_of)
    problems = {*reading.problems, *store.check_buckets(folder, reading.bundle, as_of)}
    return reading, [str(problem) for problem in sorted(problems)]


def changed(snapshot: Path, *statements: str) -> None:
    """A published snapshot with other content, which a build takes for its own: without the sum in its name."""
    with duckdb.connect(str(snapshot)) as con:
        for statement in statements:
            con.execute(statement)
    renamed = snapshot.rename(snapshot.with_name(f"{snapshot.stem.partition('_')[0]}.duckdb"))
    write(snapshot.parent / "CURRENT", renamed.name)


def build(
    into: Path,
    folder: Path = TINY,
    as_of: dt.date = TINY_AS_OF,
    minute: int = 0,
    keep_going: bool = False,
    today: dt.date | None = None,
) -> store.Built:
    """A snapshot of a folder, published `minute` minutes after the first one; later than `today` nothing can be."""
    reading = registry.read_folder(folder, as_of, today)
    now = dt.datetime(2026, 2, 1) + dt.timedelta(minutes=minute)
    return store.build(into, folder, reading.bundle, reading.problems, as_of, now, keep_going, today=today)


def exported(snapshot: store.Snapshot, into: Path, month: str | None = None) -> dict[str, int]:
    """The CSV bundle of a snapshot, written as `guidemap export` does; rows by file."""
    into.mkdir(parents=True, exist_ok=True)
    bundle = export.bundle(snapshot.query, month)
    for name, frame in bundle.items():
        (into / name).write_bytes(export.to_csv(frame))
    return {name: len(frame) for name, frame in bundle.items()}


def ask(snapshot: Path, sql: str) -> list[tuple]:
    """Rows of a snapshot's tables, read apart from the store."""
    with duckdb.connect(str(snapshot), read_only=True) as con:
        return con.execute(sql).fetchall()


# --------------------------------------------------------------------------------------------- SLOs and their buckets


class SloFolder:
    """A folder of bucket files with SLOs of one product, built without files that define them."""

    def __init__(self, folder: Path):
        self.folder, self.store = folder / "data", folder / "store"
        (self.folder / "sli").mkdir(parents=True)
        self.bundle = defaults(products=[product()])
        self.bundle.slos, self.bundle.slo_targets, self.bundle.correction_spans = [], [], []
        self.minute = 0

    def add(self, made: Slo, targets: list[tuple[str, str | None]] = (), spans: list[tuple] = ()) -> None:
        """An SLO with its targets as (target, first day) and its corrections as (begins, ends, effect), UTC."""
        versions = [since(target, start).model_copy(update={"slo": made.id}) for target, start in targets]
        versions = versions or [SloTarget(slo=made.id, target=made.target)]
        self.bundle.slos.append(Loaded(made, "slos/given.yaml", 1))
        self.bundle.slo_targets += [Loaded(version, "slos/given.yaml", 1) for version in versions]
        for begins, ends, effect in spans:
            span = CorrectionSpan(correction="c", slo=made.id, starts_at=begins, ends_at=ends, effect=effect)
            self.bundle.correction_spans.append(Loaded(span, "corrections.yaml", 1))

    def csv(self, name: str, rows: list[tuple]) -> Path:
        """A bucket file of (slo, start in UTC, good, total)."""
        lines = [f"{slo},{start:%Y-%m-%dT%H:%M:%SZ},{good},{total}" for slo, start, good, total in rows]
        return write(self.folder / "sli" / name, "\n".join(["slo,start,good,total", *lines]) + "\n")

    def parquet(self, name: str, rows: list[tuple]) -> Path:
        """The same as Parquet."""
        path = self.folder / "sli" / name
        with duckdb.connect() as con:
            con.execute("create table b (slo varchar, start timestamp, good double, total double)")
            if rows:
                con.executemany("insert into b values (?, ?, ?, ?)", rows)
            con.execute(f"copy b to '{path}' (format parquet)")
        return path

    def build(self, as_of: dt.date, keep_going: bool = False) -> Path:
        """The snapshot's file; what is wrong stops the test, unless it goes on with the rest."""
        self.minute += 1
        now = dt.datetime(2026, 2, 1) + dt.timedelta(minutes=self.minute)
        bundle = replace(self.bundle, files=[], observations=[])
        built = store.build(self.store, self.folder, bundle, [], as_of, now, keep_going)
        self.problems = [str(problem) for problem in built.problems]
        assert built.snapshot, self.problems
        return built.snapshot
