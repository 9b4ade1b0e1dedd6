"""What *One SLO* shows beside the budget, of composites above all: days, months, members, burn rates, data."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
from given import SloFolder, ask, day, slo
from test_pages import drive, words
from test_store import content

from maturity import store
from maturity.records.incidents import Incident
from maturity.records.problems import Loaded
from maturity.records.slos import Correction, Member

AS_OF = day("2026-01-31")
HOURLY = {"bucket_seconds": 3600}
SLICED = {"method": "Timeslices", "slice_minutes": 60, "slice_target": 0.95}
A, B = {(3, 30): (50, 1000), (1, 31): (5, 10)}, {(0, 30): (1, 500), (5, 31): (20, 400)}


def rows(key: str, given: dict[tuple[int, int], tuple[int, int]]) -> list[tuple]:
    """Bucket rows of {(hour, day of January): (bad, all)}."""
    return [(key, dt.datetime(2026, 1, on, hour), all_ - bad, all_) for (hour, on), (bad, all_) in given.items()]


def built(company: SloFolder) -> store.Snapshot:
    company.build(AS_OF)
    return store.open_current(company.store)


@pytest.fixture
def weighted(tmp_path: Path) -> store.Snapshot:
    """a x3 and b, of 99 %; b stopped an hour before a did, and `silent` never began."""
    company = SloFolder(tmp_path)
    for key in ("a", "b", "silent"):
        company.add(slo(id=key, target="0.9", **HOURLY))
    company.csv("ab.csv", rows("a", A | {(6, 31): (0, 10)}) + rows("b", B))
    members = [Member(slo="a", weight=3), Member(slo="b"), Member(slo="silent", weight=9)]
    company.add(slo(id="both", target="0.99", combine="weighted", members=members))
    return built(company)


def mean_bad(a: tuple[int, int], b: tuple[int, int]) -> Fraction:
    """Weighted mean of two bad shares, exact."""
    return (3 * Fraction(*a) + Fraction(*b)) / 4


def test_days_of_a_weighted_composite_are_drawn_and_have_the_burn_rate_of_their_members(weighted):
    days = weighted.query("slo_days", since=dt.date.min, slo="both", until=AS_OF).set_index("day")
    assert list(days[days["measured"]].index.day) == [30, 31]
    assert days["budget_left"].notna().sum() == 2
    exact = mean_bad((50, 1000), (1, 500))
    assert days.loc["2026-01-30", "units"] == 1500
    assert days.loc["2026-01-30", "bad_units"] == pytest.approx(float(exact * 1500))
    assert days.loc["2026-01-30", "burn_rate_1d"] == pytest.approx(float(exact * 100))


def test_a_month_of_a_weighted_composite_weighs_its_members_over_the_month(weighted):
    """Not day by day: of the 10 events of a on the 31st half were bad, of its 1,020 in January 55."""
    (january,) = weighted.query("slo_spent", slo="both", month="2026-01").to_dict("records")
    exact = mean_bad((55, 1020), (21, 900)) * 100
    assert january["spent"] == pytest.approx(float(exact))
    assert (january["units"], january["state"]) == (1920, "exhausted")
    window = weighted.query("slo_one", slo="both", month="2026-01").iloc[0]
    assert window["consumed"] == pytest.approx(january["spent"]), "the window began within the month"


def test_one_failure_of_a_member_that_carries_the_weight_is_too_little_to_judge(tmp_path: Path):
    """Ten events of nine tenths of the weight: one of them is 900 % of the budget, however much the other counts."""
    company = SloFolder(tmp_path)
    for key in ("busy", "quiet"):
        company.add(slo(id=key, target="0.99", **HOURLY))
    company.csv("all.csv", rows("busy", {(0, 31): (0, 1_000_000)}) + rows("quiet", {(0, 31): (1, 10)}))
    members = [Member(slo="busy"), Member(slo="quiet", weight=9)]
    company.add(slo(id="both", target="0.99", combine="weighted", members=members))
    snapshot = built(company)
    window = snapshot.query("slo_one", slo="both", month="2026-01").iloc[0]
    (january,) = snapshot.query("slo_spent", slo="both", month="2026-01").to_dict("records")
    assert window["consumed"] == january["spent"] == pytest.approx(9)
    assert window["state"] == january["state"] == "too_little_traffic"


def test_burn_rates_of_a_weighted_composite_are_those_of_its_members(weighted):
    burns = weighted.query("burns").set_index(["slo", "minutes"])["burn_rate"]
    assert burns["both", 60] == 0, "in the last hour a alone had traffic, none of it bad"
    assert burns["both", 1440] == pytest.approx(float(mean_bad((5, 20), (20, 400)) * 100))
    assert weighted.query("burn_alerts").set_index("slo").loc["both", "long_burn_rate"].notna().all()


def test_each_member_says_how_it_did_and_which_part_of_the_spending_is_its(weighted):
    found = weighted.query("slo_members", slo="both", month="2026-01").set_index("slo")
    assert list(found.index) == ["a", "b", "silent"]
    assert found.loc["a", "sli"] == pytest.approx(1 - 55 / 1020)
    exact = 3 * Fraction(55, 1020) / (3 * Fraction(55, 1020) + Fraction(21, 900))
    assert found["part"].tolist()[:2] == pytest.approx([float(exact), float(1 - exact)])
    assert found.loc["silent", ["sli", "part"]].isna().all()


def test_a_composite_is_measured_as_its_members_are(weighted):
    files = weighted.query("slo_sources", slo="both", month="2026-01")
    assert (files["src_file"].tolist(), files["buckets"].tolist()) == (["sli/ab.csv"], [5])
    fresh = weighted.query("slo_freshness").set_index("slo")
    assert fresh.loc["both", "buckets"] == 5
    assert fresh.loc["both", "last_start"] == dt.datetime(2026, 1, 31, 5), "the stalest member with data: b"
    rungs = weighted.query("slo_rungs", product=None).set_index(["slo", "rung"])
    assert rungs.loc[("both", "measured"), "on_date"].date() == day("2026-01-30")


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        ({"window_kind": "rolling", "window_count": 28, "window_unit": "d"}, 28),
        ({"window_kind": "calendar", "window_count": 1, "window_unit": "M", "anchor": "2025-01-01"}, 31),
    ],
    ids=["rolling", "calendar"],
)
def test_a_window_longer_than_those_of_the_members_has_passed_before_their_first_bucket(tmp_path: Path, kind, days):
    """The members began two days ago and look back a week; the composite's window began long before."""
    company = SloFolder(tmp_path)
    for key in ("a", "b"):
        company.add(slo(id=key, window_count=7, **HOURLY))
        company.csv(f"{key}.csv", rows(key, {(3, 30): (1, 100), (23, 31): (0, 100)}))
    company.add(slo(id="both", combine="weighted", members=[Member(slo="a"), Member(slo="b")], **kind))
    company.build(AS_OF)
    asked = "select passed_minutes, window_minutes, coverage from slo_status where slo = 'both' and day = '2026-01-31'"
    ((passed, length, coverage),) = ask(store.current(company.store), asked)
    assert passed == length == days * 1440
    assert coverage == pytest.approx(4 / (2 * 24 * days))


@pytest.mark.parametrize(
    ("how", "coverage"),
    [
        pytest.param({"combine": "weighted"}, Fraction(3 * 2 + 1 * 1, 3 + 1) / 2, id="weighted: the mean by weight"),
        pytest.param({"combine": "all_hold", **SLICED}, Fraction(1, 2), id="all must hold: the least measured member"),
    ],
)
def test_members_count_for_the_coverage_of_a_composite_by_time_however_long_their_buckets(tmp_path, how, coverage):
    """Every minute of `fine` was measured and every second hour of `coarse`; what was seen is no matter of rows."""
    company = SloFolder(tmp_path)
    window = {"window_count": 1, "window_unit": "d"}
    company.add(slo(id="fine", bucket_seconds=60, **window))
    company.add(slo(id="coarse", **HOURLY, **window))
    for on in (29, 30, 31):
        minutes = [dt.datetime(2026, 1, on) + dt.timedelta(minutes=i) for i in range(1440)]
        company.parquet(f"fine-{on}.parquet", [("fine", start, 1, 1) for start in minutes])
        company.csv(f"coarse-{on}.csv", rows("coarse", {(hour, on): (0, 10) for hour in range(1, 24, 2)}))
    members = [Member(slo="fine", weight=3), Member(slo="coarse")]
    company.add(slo(id="both", members=members, **how, **window))
    snapshot = built(company)
    wanted = pytest.approx(float(coverage))
    assert snapshot.query("slo_one", slo="both", month="2026-01").iloc[0]["coverage"] == wanted
    assert (
        snapshot.query("slo_days", since=dt.date.min, slo="both", until=AS_OF)["coverage"].tolist()[-3:] == [wanted] * 3
    )
    rung = snapshot.query("slo_rungs", product=None).set_index(["slo", "rung"]).loc[("both", "measured")]
    assert (rung["value"], rung["reached"]) == (wanted, coverage >= Fraction(9, 10))
    parts = snapshot.query("slo_members", slo="both", month="2026-01").set_index("slo")["coverage"]
    assert parts.to_dict() == {"fine": 1, "coarse": 0.5}


def test_an_slo_that_was_never_measured_has_no_coverage_and_not_all_of_it(tmp_path: Path):
    company = SloFolder(tmp_path)
    company.add(slo(id="web", **HOURLY))
    company.csv("web.csv", rows("web", {(0, 31): (0, 10)}))
    company.add(slo(id="silent"))
    fresh = built(company).query("slo_freshness").set_index("slo")["coverage"]
    assert fresh["silent"] != fresh["silent"]
    assert fresh["web"] == pytest.approx(1 / (27 * 24 + 1))


def test_a_member_without_data_takes_its_weight_from_the_coverage(weighted):
    """a has 3 of the 655 hours that have passed of the window and b 2; `silent` carries 9 of 13."""
    found = weighted.query("slo_one", slo="both", month="2026-01").iloc[0]
    assert found["coverage"] == pytest.approx((3 * 3 + 2) / 13 / 655)
    assert found[["buckets", "expected_buckets"]].isna().all(), "no number of buckets says so"


def test_members_that_must_all_hold_have_no_part_of_the_spending_and_the_lowest_stands_first(tmp_path: Path):
    company = SloFolder(tmp_path)
    for key, bad in (("a", 1), ("b", 30)):
        company.add(slo(id=key, **SLICED, **HOURLY))
        company.csv(f"{key}.csv", rows(key, {(0, 31): (bad, 100), (1, 31): (0, 100)}))
    company.add(slo(id="both", combine="all_hold", members=[Member(slo="a"), Member(slo="b")], **SLICED))
    snapshot = built(company)
    found = snapshot.query("slo_members", slo="both", month="2026-01")
    assert found[["slo", "sli"]].values.tolist() == [["b", 0.5], ["a", 1.0]]
    assert found["part"].isna().all()
    assert set(snapshot.query("slo_sources", slo="both", month="2026-01")["src_file"]) == {"sli/a.csv", "sli/b.csv"}
    (january,) = snapshot.query("slo_spent", slo="both", month="2026-01").to_dict("records")
    assert (january["units"], january["bad_units"]) == (2, 1)


def test_what_was_corrected_of_a_member_and_its_incidents_stand_on_the_composite(tmp_path: Path):
    """One correction of both members is one, not two."""
    company, span = SloFolder(tmp_path), (dt.datetime(2026, 1, 30, 3), dt.datetime(2026, 1, 30, 4), "drop")
    for key, given in (("a", A), ("b", B)):
        company.add(slo(id=key, target="0.9", **HOURLY), spans=[span])
        company.csv(f"{key}.csv", rows(key, given))
    company.add(slo(id="both", target="0.99", combine="weighted", members=[Member(slo="a"), Member(slo="b")]))
    fields = {"start": span[0], "end": span[1], "effect": "drop", "category": "maintenance", "recorded_on": AS_OF}
    correction = Correction(id="c", slos=["a", "b"], author="kim", reason="Moved.", **fields)
    incident = Incident(id="inc-1", products=["alpha"], title="Down", severity=2, started_at=span[0], slos=["b"])
    company.bundle.corrections = [Loaded(correction, "corrections.yaml", 1)]
    company.bundle.incidents = [Loaded(incident, "incidents.yaml", 1)]
    snapshot = built(company)
    (fixed,) = snapshot.query("slo_corrections", slo="both", until=AS_OF).to_dict("records")
    (happened,) = snapshot.query("slo_incidents", slo="both", until=AS_OF).to_dict("records")
    status = snapshot.query("slo_days", since=dt.date.min, slo="both", until=AS_OF).set_index("day").loc["2026-01-30"]
    assert fixed["budget_left"] == happened["budget_left"] == status["budget_left"]
    assert status["measured_left"] < status["budget_left"]


def test_the_first_hours_of_all_lie_on_the_day_before_west_of_greenwich(tmp_path: Path):
    """21:00 on the 29th in New York is 02:00 on the 30th in UTC; the composite counts the days of UTC."""
    company = SloFolder(tmp_path)
    company.add(slo(id="a", time_zone="America/New_York", target="0.9", **HOURLY))
    company.csv("a.csv", rows("a", {(2, 30): (10, 100), (12, 30): (10, 100)}))
    company.add(slo(id="both", target="0.9", combine="weighted", members=[Member(slo="a")]))
    snapshot = built(company)
    for key in ("a", "both"):
        (january,) = snapshot.query("slo_spent", slo=key, month="2026-01").to_dict("records")
        assert (january["units"], january["spent"]) == (200, pytest.approx(1)), key


def test_one_more_day_of_composites_gives_the_figures_of_a_whole_build(tmp_path: Path):
    company = SloFolder(tmp_path)
    for i, key in enumerate(("a", "b")):
        company.add(slo(id=key, **SLICED, **HOURLY))
        for on in range(1, 31):
            company.csv(
                f"{key}-{on:02}.csv", rows(key, {(hour, on): (on * hour * (i + 1) % 7, 100) for hour in range(24)})
            )
    members = [Member(slo="a", weight=2), Member(slo="b")]
    company.add(slo(id="mean", combine="weighted", members=members))
    company.add(slo(id="both", combine="all_hold", members=members, **SLICED))
    company.build(day("2026-01-30"))
    company.csv("c-31.csv", rows("a", {(3, 31): (9, 100)}) + rows("b", {(3, 29): (50, 100), (4, 31): (1, 100)}))
    grown = content(company.build(AS_OF))
    company.store = company.store.with_name("fresh")
    assert grown == content(company.build(AS_OF))


@pytest.mark.parametrize(("missing", "bad"), [("ignore", 0), ("good", 0), ("bad", 23)])
def test_a_month_counts_slices_without_data_as_its_window_does(tmp_path: Path, missing: str, bad: int):
    """A whole day with one slice, and a day that has just begun."""
    company = SloFolder(tmp_path)
    company.add(slo(id="web", missing_slices=missing, **SLICED, **HOURLY))
    company.csv("web.csv", rows("web", {(0, 30): (0, 100), (0, 31): (0, 100)}))
    snapshot = built(company)
    (january,) = snapshot.query("slo_spent", slo="web", month="2026-01").to_dict("records")
    window = snapshot.query("slo_one", slo="web", month="2026-01").iloc[0]
    assert january["bad_units"] == window["bad_units"] == bad
    assert january["units"] == window["units"] == (2 if missing == "ignore" else 25)


@pytest.mark.parametrize(("bad", "state"), [(0, "met"), (1, "exhausted")])
def test_a_month_without_a_budget_is_met_as_long_as_nothing_failed(tmp_path: Path, bad: int, state: str):
    company = SloFolder(tmp_path)
    company.add(slo(id="web", target="1", **HOURLY))
    company.csv("web.csv", rows("web", {(0, 31): (bad, 100)}))
    (january,) = built(company).query("slo_spent", slo="web", month="2026-01").to_dict("records")
    assert january["state"] == state
    assert january["spent"] != january["spent"], "nothing can be divided by no budget"


def test_a_frozen_review_knows_whole_months_before_the_days_that_it_keeps(sample_store: Path):
    live, then = store.open_current(sample_store), store.open_month(sample_store, "2026-08")
    whole = live.query("slo_spent", slo="ds-upload-ok", month="2026-08")
    kept = then.query("slo_spent", slo="ds-upload-ok", month="2026-08")
    assert len(kept) == len(whole) > 12
    assert kept["units"].tolist() == whole["units"].tolist()
    assert kept["spent"].tolist() == pytest.approx(whole["spent"].tolist())


def test_files_are_told_up_to_the_chosen_month_as_they_were_when_it_was_frozen(sample_store: Path):
    asked = {"slo": "ds-upload-ok", "month": "2026-08"}
    live = store.open_current(sample_store).query("slo_sources", **asked)
    then = store.open_month(sample_store, "2026-08").query("slo_sources", **asked)
    assert live["last_start"].tolist() == [dt.datetime(2026, 8, 31, 23)]
    assert live.values.tolist() == then.values.tolist()
    now = store.open_current(sample_store).query("slo_sources", slo="ds-upload-ok", month="2026-09")
    assert now["buckets"].tolist() == [live["buckets"][0] + 30 * 24]


def test_a_composite_of_a_review_frozen_before_members_were_counted_is_shown_without_them(monkeypatch, tmp_path: Path):
    company = SloFolder(tmp_path)
    company.add(slo(id="a", **HOURLY))
    company.add(slo(id="both", combine="weighted", members=[Member(slo="a")]))
    company.csv("a.csv", rows("a", {(0, 31): (1, 1000)}))
    with duckdb.connect(str(company.build(AS_OF))) as con:
        con.execute("delete from slo_member_month")  # a table that was not there is empty
    app = drive(monkeypatch, company.store, "slo", lang="en", slo="both")
    assert {m.label: m.value for m in app.metric}["Budget consumed"] == "100.0%"
    assert "0 SLOs" not in "\n".join(words(app))


def test_a_composite_is_told_as_one_where_other_slos_say_what_they_count(monkeypatch, sample_store: Path):
    app = drive(monkeypatch, sample_store, "error_budgets", lang="en")
    found = "\n".join(words(app))
    assert "Composite, weighted" in found
    assert "Time slices" in found
