"""Building upon the snapshot before: what can have changed is computed, the days before it are taken over."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from given import ROOT, SloFolder, ask, build, changed, day, over_tiny, slo
from test_store import content

from maturity import buckets, budget_days
from maturity.records.problems import Loaded
from maturity.records.slos import CorrectionSpan, Member, SloTarget

FIRST, AS_OF = day("2026-01-02"), day("2026-02-20")
SLICED = {"method": "Timeslices", "slice_minutes": 60, "slice_target": 0.95}
HOURLY = {"bucket_seconds": 3600}


def file_of(company: SloFolder, on: dt.date) -> None:
    """A day of both measured SLOs; each day has its own bad hours, one has a bucket twice, one lacks some."""
    n = (on - FIRST).days
    rows = [
        (key, dt.datetime(on.year, on.month, on.day, hour), 100 - (50 if hour % 11 == n % 11 else 0), 100)
        for key in ("web", "tokyo")
        for hour in range(24)
        if n % 9 != 4 or hour % 7
    ]
    company.parquet(f"{on}.parquet", rows + rows[3:4] if n % 13 == 6 else rows)


@pytest.fixture(scope="module")
def seven_weeks(tmp_path_factory: pytest.TempPathFactory) -> SloFolder:
    company = SloFolder(tmp_path_factory.mktemp("weeks"))
    company.add(slo(id="web", window_count=7, target="0.9", **HOURLY))
    tokyo = {"time_zone": "Asia/Tokyo", "window_kind": "calendar", "window_unit": "M", "window_count": 1,
             "anchor": "2026-01-01"}  # fmt: skip
    company.add(slo(id="tokyo", missing_slices="bad", target="0.9", **tokyo, **SLICED, **HOURLY))
    members = [Member(slo="web", weight=1), Member(slo="tokyo", weight=3)]
    york = {"time_zone": "America/New_York", "window_count": 7}
    company.add(slo(id="both", combine="all_hold", members=members, target="0.8", **york, **SLICED))
    company.add(slo(id="mean", combine="weighted", members=members, target="0.9", window_count=14))
    for n in range((AS_OF - FIRST).days):
        file_of(company, FIRST + dt.timedelta(days=n))
    company.build(AS_OF - dt.timedelta(days=1))
    return company


@pytest.fixture
def company(seven_weeks: SloFolder, tmp_path: Path) -> SloFolder:
    """A copy of its own, as old as the first: a file is known by its size and its time."""
    made = SloFolder(tmp_path)
    for name in ("folder", "store"):
        shutil.copytree(getattr(seven_weeks, name), getattr(made, name), dirs_exist_ok=True)
    made.bundle, made.minute = replace(seven_weeks.bundle), seven_weeks.minute
    return made


def late(company: SloFolder, name: str = "late.csv") -> None:
    """Rows for two hours of an old day; in the last file by name they replace others."""
    company.csv(name, [("web", dt.datetime(2026, 1, 20, hour), 10, 100) for hour in (3, 4)])


def removed(company: SloFolder) -> None:
    (company.folder / "sli" / "2026-01-28.parquet").unlink()


def renamed(company: SloFolder) -> None:
    """Every other file has another place in the order."""
    old = company.folder / "sli" / "2026-02-03.parquet"
    old.rename(old.with_name("0.parquet"))


def corrected(company: SloFolder) -> None:
    span = {"starts_at": dt.datetime(2026, 1, 25, 3), "ends_at": dt.datetime(2026, 1, 26, 5), "effect": "drop"}
    company.bundle.correction_spans = [
        Loaded(CorrectionSpan(correction="c", slo="web", **span), "corrections.yaml", 1),
    ]


def retargeted(company: SloFolder) -> None:
    version = SloTarget(slo="tokyo", target="0.95", valid_from=day("2026-02-05"))
    company.bundle.slo_targets = [*company.bundle.slo_targets, Loaded(version, "slos/given.yaml", 9)]


def other_members(company: SloFolder) -> None:
    company.bundle.slos = [
        replace(loaded, record=loaded.record.model_copy(update={"members": loaded.record.members[::-1]}))
        for loaded in company.bundle.slos
    ]


def other_slices(company: SloFolder) -> None:
    of_slices = {
        loaded.record.id: {"slice_target": 0.4} for loaded in company.bundle.slos if loaded.record.slice_target
    }
    company.bundle.slos = [
        replace(loaded, record=loaded.record.model_copy(update=of_slices.get(loaded.record.id, {})))
        for loaded in company.bundle.slos
    ]


def other_zone(company: SloFolder) -> None:
    zones = {"web": "America/New_York"}
    company.bundle.slos = [
        replace(one, record=one.record.model_copy(update={"time_zone": zones.get(one.record.id, one.record.time_zone)}))
        for one in company.bundle.slos
    ]


def other_policy(company: SloFolder) -> None:
    policy = company.bundle.budget_policy
    company.bundle.budget_policy = replace(policy, record=policy.record.model_copy(update={"at_risk_left": 0.9}))


def one_less(company: SloFolder) -> None:
    company.bundle.slos = [loaded for loaded in company.bundle.slos if loaded.record.id != "mean"]
    company.bundle.slo_targets = [loaded for loaded in company.bundle.slo_targets if loaded.record.slo != "mean"]


CHANGES = {
    "nothing": lambda company: None,
    "one more day": lambda company: file_of(company, AS_OF),
    "late rows of an old day": late,
    "late rows that come first by name": lambda company: late(company, "0.csv"),
    "a file removed": removed,
    "a file with another name": renamed,
    "a correction of an old day": corrected,
    "another target from a day on": retargeted,
    "another order of members": other_members,
    "another slice target": other_slices,
    "another time zone": other_zone,
    "another policy": other_policy,
    "an SLO less": one_less,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_day_and_a_change_later_everything_is_as_if_built_from_nothing(company: SloFolder, change: Callable):
    change(company)
    upon = content(company.build(AS_OF))
    company.store = company.store.with_name("fresh")
    assert upon == content(company.build(AS_OF))


def test_a_build_for_an_earlier_day_leaves_out_the_days_after_it(company: SloFolder):
    for on in (AS_OF, AS_OF + dt.timedelta(days=1)):
        file_of(company, on)
        company.build(on)
    for path in (company.folder / "sli").glob("2026-02-2*"):
        path.unlink()
    upon = content(company.build(AS_OF - dt.timedelta(days=1)))
    company.store = company.store.with_name("fresh")
    assert upon == content(company.build(AS_OF - dt.timedelta(days=1)))


def test_figures_are_the_same_in_stretches_and_batches_of_any_length(
    company: SloFolder, monkeypatch: pytest.MonkeyPatch
):
    whole = content(company.build(AS_OF))
    monkeypatch.setattr(budget_days, "_STRETCH", 4 * 5)
    monkeypatch.setattr(buckets, "_AT_ONCE", 9)
    company.store = company.store.with_name("fresh")
    assert content(company.build(AS_OF)) == whole


# What a snapshot says of an old day, written over: seen again afterwards, it was taken over; gone, it was computed.
MARK = "update slo_status set good = 42 where slo = 'web' and day = '2026-01-10'"
MARKED = "select good = 42 from slo_status where slo = 'web' and day = '2026-01-10'"


@pytest.mark.parametrize(
    ("change", "taken_over"),
    [
        ("nothing", True), ("one more day", True), ("late rows of an old day", True), ("a file removed", True),
        ("a file with another name", True), ("another target from a day on", True),
        ("a correction of an old day", False), ("another policy", False), ("another slice target", False),
    ],
)  # fmt: skip
def test_days_that_nothing_new_can_reach_are_taken_over(company: SloFolder, change: str, taken_over: bool):
    changed(next(company.store.glob("snap-*")), MARK)
    CHANGES[change](company)
    assert ask(company.build(AS_OF), MARKED) == [(taken_over,)]


def test_a_snapshot_of_another_form_is_not_built_upon(company: SloFolder):
    changed(next(company.store.glob("snap-*")), MARK, "comment on table meta is 'of an older version'")
    assert ask(company.build(AS_OF), MARKED) == [(False,)]


# ------------------------------------------------------------------------------------------------ practices by month

SAID = "  - {practice: own-02, assessed_on: %s, assessor: kim, state: adopted}\n"
LOG, MAP = "assessments/alpha.yaml", "products.yaml"


def edited(name: str, old: str, new: str) -> Callable[[Path], None]:
    """A file with a text in place of another."""
    return lambda folder: (folder / name).write_text((folder / name).read_text().replace(old, new))


def added(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_text((folder / name).read_text() + text)


def excused(folder: Path) -> None:
    asked = "product: alpha, practice: own-01, granted_on: 2026-02-20, expires_on: 2026-12-31, approver: wada"
    text = f"exemptions:\n  - {{{asked}, reason_code: not_applicable, reason: No data.}}\n"
    (folder / "exemptions.yaml").write_text(text)


def weighted(folder: Path) -> None:
    own = (ROOT / "data" / "scoring.yaml").read_text()
    (folder / "scoring.yaml").write_text(own.replace("{1: 1, 2: 1,", "{1: 1, 2: 3,"))


# What changed, and how many of the three months stay as they are.
STATEMENTS = {
    "nothing": (lambda folder: None, 2),
    "a statement of this month": (added(LOG, SAID % "2026-03-14"), 2),
    "a statement of last month": (added(LOG, SAID % "2026-02-14"), 1),
    "an exemption of last month": (excused, 1),
    "a statement of the first month": (added(LOG, SAID % "2026-01-14"), 0),
    "another state of an old statement": (edited(LOG, "[a, b, c]", "[a, b]"), 0),
    "old statements a line further down": (edited(LOG, "assessments:", "# since January\nassessments:"), 0),
    "another tier": (edited(MAP, "tier: 2", "tier: 1"), 0),
    "other weights": (weighted, 0),
}


@pytest.mark.parametrize(("change", "stay"), STATEMENTS.values(), ids=STATEMENTS)
def test_months_that_nothing_new_can_reach_keep_their_states(tmp_path: Path, change: Callable, stay: int):
    folder, store = over_tiny(tmp_path / "data"), tmp_path / "store"
    first = build(store, folder, day("2026-03-15")).snapshot
    change(folder)
    changed(first, "update product_level set percent = -1")
    upon = build(store, folder, day("2026-03-16"), minute=1).snapshot
    kept = ask(upon, "select distinct month from product_level where percent = -1 order by month")
    assert kept == [("2026-01",), ("2026-02",)][:stay]
    fresh = content(build(tmp_path / "fresh", folder, day("2026-03-16"), minute=1).snapshot)
    assert content(upon)["practice_state"] == fresh["practice_state"]
    assert len(content(upon)["product_level"]) == len(fresh["product_level"]) == 6
