"""Reading buckets: what changed is read again, what did not is not, and either way the budgets are the same."""

from __future__ import annotations

import datetime as dt
import os
import random
from pathlib import Path

import duckdb
import pytest
from given import SloFolder, ask, day, slo
from test_store import content

from maturity import bucket_parts, store
from maturity.records.slos import Member

AS_OF = day("2026-01-31")
HOURLY = {"bucket_seconds": 3600}


@pytest.fixture
def company(tmp_path: Path) -> SloFolder:
    made = SloFolder(tmp_path)
    made.add(slo(id="web", **HOURLY))
    return made


def hours(key: str, on: str, bad: int = 0, count: int = 24, first: int = 0) -> list[tuple]:
    begins = dt.datetime.fromisoformat(on)
    return [(key, begins + dt.timedelta(hours=first + h), 100 - bad, 100) for h in range(count)]


def bad_on(snapshot: Path, on: str, key: str = "web") -> float:
    ((bad,),) = ask(snapshot, f"select bad from slo_day where slo = '{key}' and day = '{on}'")
    return bad


def consumed(snapshot: Path, key: str = "web", column: str = "consumed") -> float:
    ((value,),) = ask(snapshot, f"select {column} from slo_status where slo = '{key}' and day = '{AS_OF}'")
    return value


def same_but_without_memory(company: SloFolder) -> dict[str, list]:
    """The same folder built into an empty store."""
    company.store = company.store.with_name("fresh")
    return content(company.build(AS_OF))


# ---------------------------------------------------------------------------------------------------- incremental


def test_one_more_day_gives_the_figures_of_a_whole_build(company: SloFolder):
    company.add(
        slo(id="jp", time_zone="Asia/Tokyo", method="Timeslices", slice_minutes=60, slice_target=0.99, **HOURLY)
    )
    for i, on in enumerate(["2026-01-27", "2026-01-28", "2026-01-29"]):
        company.parquet(f"{on}.parquet", hours("web", on, i) + hours("jp", on, i))
    company.csv("more.csv", hours("web", "2026-01-26", 5))
    company.build(AS_OF)
    company.parquet("2026-01-30.parquet", hours("web", "2026-01-30", 9) + hours("jp", "2026-01-30", 9))
    assert content(company.build(AS_OF)) == same_but_without_memory(company)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_that_did_not_change_is_not_read_again(company: SloFolder, kind: str):
    path = getattr(company, kind)(f"old.{kind}", hours("web", "2026-01-10", 7))
    getattr(company, kind)(f"new.{kind}", hours("web", "2026-01-30"))
    before = content(company.build(AS_OF))
    stat = path.stat()
    path.write_bytes(b"x" * stat.st_size)  # nobody could read this
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert content(company.build(AS_OF)) == before


def test_a_file_that_changed_is_read_again(company: SloFolder):
    path = company.csv("web.csv", hours("web", "2026-01-30", 1))
    assert bad_on(company.build(AS_OF), "2026-01-30") == 24
    path.write_text(path.read_text().replace(",99,", ",98,"))
    assert bad_on(company.build(AS_OF), "2026-01-30") == 48


def test_a_file_that_is_gone_counts_no_longer(company: SloFolder):
    company.csv("web.csv", hours("web", "2026-01-29", 1))
    company.csv("gone.csv", hours("web", "2026-01-30", 1)).rename(company.folder / "sli" / "other.csv")
    company.build(AS_OF)
    (company.folder / "sli" / "other.csv").unlink()
    snapshot = company.build(AS_OF)
    assert ask(snapshot, "select day from slo_day") == [(day("2026-01-29"),)]


def test_an_slo_that_counts_otherwise_is_counted_again(company: SloFolder):
    company.parquet("web.parquet", hours("web", "2026-01-30", 1))
    company.build(AS_OF)
    company.bundle.slos.clear()
    company.bundle.slo_targets.clear()
    company.add(slo(id="web", time_zone="Asia/Tokyo", **HOURLY))
    assert ask(company.build(AS_OF), "select day, buckets from slo_day") == [
        (day("2026-01-30"), 15), (day("2026-01-31"), 9),
    ]  # fmt: skip


def test_a_later_file_replaces_buckets_of_one_that_is_not_read_again(company: SloFolder):
    company.parquet("a.parquet", hours("web", "2026-01-29", 1) + hours("web", "2026-01-30", 1))
    assert bad_on(company.build(AS_OF), "2026-01-30") == 24
    company.csv("b.csv", hours("web", "2026-01-30", 10, count=2))
    snapshot = company.build(AS_OF)
    assert (bad_on(snapshot, "2026-01-29"), bad_on(snapshot, "2026-01-30")) == (24, 22 + 20)
    assert company.problems == [
        "sli/b.csv:1: warning: start: found 2 buckets given again with other values, "
        "expected each bucket once (the last one is used)"
    ]
    assert content(snapshot) == same_but_without_memory(company)


def test_a_snapshot_of_an_earlier_day_does_not_take_over_what_lies_after_it(company: SloFolder):
    company.csv("web.csv", hours("web", "2026-01-30", 1))
    company.build(AS_OF)
    with pytest.raises(AssertionError, match="a time not after 2026-01-29"):
        company.build(day("2026-01-29"))


# ------------------------------------------------------------------------------- what cannot be summed by whole files


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_bucket_that_comes_twice_in_a_file_counts_once(company: SloFolder, kind: str):
    rows = hours("web", "2026-01-30", 1)
    getattr(company, kind)(f"web.{kind}", [*rows, (*rows[3][:2], 0, 100)])
    snapshot = company.build(AS_OF)
    assert bad_on(snapshot, "2026-01-30") == 23 + 100


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_bucket_in_the_place_of_another_is_not_taken_for_an_even_day(company: SloFolder, kind: str):
    """As many rows as an even day, with the same first and last start: one came twice, one is missing."""
    rows = hours("web", "2026-01-30", 1)
    rows[7] = (*rows[3][:2], 0, 100)
    getattr(company, kind)(f"web.{kind}", rows)
    assert bad_on(company.build(AS_OF), "2026-01-30") == 22 + 100


def test_days_with_a_gap_beside_even_ones_keep_the_length_of_their_buckets(company: SloFolder):
    company.bundle.slos.clear()
    company.add(slo(id="web"))
    company.add(slo(id="jp", time_zone="Asia/Tokyo"))
    for on in ("2026-01-28", "2026-01-29"):
        gap = [row for i, row in enumerate(hours("jp", on, 2)) if i not in (5, 6, 11)]
        company.parquet(f"{on}.parquet", hours("web", on, 1) + gap)
    snapshot = company.build(AS_OF)
    assert ask(snapshot, "select slo, bucket_seconds from slo_bucket order by slo") == [("jp", 3600), ("web", 3600)]
    assert ask(snapshot, "select sum(buckets), sum(bad), count(*) from slo_day where slo = 'jp'") == [(42, 84, 3)]
    assert ask(snapshot, "select count(*) from row_day") == [(0,)]


GAPS = {
    "one gap": (range(5, 9), "gapped"),
    "one bucket missing": ([7], "gapped"),
    "a gap after the first bucket": (range(1, 4), "gapped"),
    "a gap before the last bucket": (range(20, 23), "gapped"),
    "all but three": (range(2, 23), "gapped"),
    "two gaps": ([5, 9], "uneven"),
    "every second bucket": (range(1, 24, 2), None),
    "nothing at the ends": ([0, 1, 23], None),
}


@pytest.mark.parametrize(("missing", "table"), GAPS.values(), ids=GAPS)
def test_a_day_with_a_gap_holds_each_bucket_once(company: SloFolder, missing: list[int], table: str | None):
    """Table `gapped` holds days proven by their fingerprint, `uneven` those whose starts were listed."""
    company.bundle.slos.clear()
    company.add(slo(id="web"))
    company.parquet("a.parquet", hours("web", "2026-01-28", 1))
    company.parquet("b.parquet", [row for i, row in enumerate(hours("web", "2026-01-29", 2)) if i not in missing])
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        assert store.check_buckets(company.folder, company.bundle, AS_OF, con) == []
        assert con.execute("select bucket_seconds from slo_bucket").fetchall() == [(3600,)]
        assert con.execute("select twice, buckets from sli_part order by day").fetchall() == [
            (False, 24), (False, 24 - len(missing)),
        ]  # fmt: skip
        found = [name for name in ("gapped", "uneven") if con.execute(f"select count(*) from {name}").fetchone()[0]]
    assert found == ([table] if table else [])


@pytest.mark.parametrize("again", [0, 3, 12, 23])
def test_a_bucket_that_comes_twice_on_a_day_with_a_gap_is_seen(company: SloFolder, again: int):
    """As many rows as if the gap were shorter, or as long as it is: the fingerprint is of another grid."""
    company.parquet("a.parquet", hours("web", "2026-01-29", 1))
    rows = [row for i, row in enumerate(hours("web", "2026-01-30", 1)) if not 5 <= i < 9]
    company.parquet("b.parquet", [*rows, next((*row[:2], 0, 100) for row in rows if row[1].hour == again)])
    assert bad_on(company.build(AS_OF), "2026-01-30") == 19 + 100


def test_buckets_of_seconds_are_counted_too(company: SloFolder):
    company.bundle.slos.clear()
    company.add(slo(id="web"))
    start = dt.datetime(2026, 1, 30)
    rows = [("web", start + dt.timedelta(seconds=20 * i), 9, 10) for i in range(9)]
    company.parquet("web.parquet", rows)
    snapshot = company.build(AS_OF)
    assert bad_on(snapshot, "2026-01-30") == 9
    assert ask(snapshot, "select bucket_seconds from slo_bucket") == [(20,)]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (("web", dt.datetime(2026, 1, 30, 5), -1, 100), "good: found '-1', expected a number, 0 or more"),
        (("nobody", dt.datetime(2026, 1, 30, 5), 1, 100), "slo: found 'nobody', expected an SLO of slos/"),
        (("web", dt.datetime(2026, 1, 30, 5, 7), 1, 100), "expected a start on the grid of its buckets"),
        (("web", dt.datetime(2027, 1, 30), 1, 100), "expected a time not after 2026-01-31"),
        (("web", dt.datetime(2026, 1, 30, 5), float("nan"), 100), "good: found 'nan', expected a number, 0 or more"),
        (("web", dt.datetime(2026, 1, 30, 5), 1, float("inf")), "total: found 'inf', expected"),
        (("web", dt.datetime(2026, 1, 30, 5), 1, float("nan")), "total: found 'nan', expected"),
        (("web", dt.datetime(1970, 1, 1), 1, 100), "start: found '1970-01-01 00:00:00', expected a time since 2000"),
        (("web", dt.datetime(1, 1, 1), 1, 100), "start: found '0001-01-01 00:00:00', expected a time since 2000-01-01"),
        (("web", dt.datetime(2026, 1, 30, 5), 1, 1e308), "total: found '1e[+]308', expected a count of at most 9,0"),
        (("web", dt.datetime(2026, 1, 30, 5), 1e308, 1), "good: found '1e[+]308', expected a count of at most 9,0"),
    ],
)
def test_one_bad_row_of_a_large_file_is_told_with_its_number(company: SloFolder, bad: tuple, told: str):
    company.parquet("web.parquet", [*hours("web", "2026-01-29"), bad])
    with pytest.raises(AssertionError, match="sli/web.parquet:25: .*" + told):
        company.build(AS_OF)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_an_slo_that_is_not_loaded_is_told_once_and_counts_from_all_files_as_soon_as_it_is(
    company: SloFolder, kind: str
):
    line = {"csv": 26, "parquet": 25}[kind]
    for on in ("2026-01-28", "2026-01-29", "2026-01-30"):
        rows = hours("web", on) + hours("late", on, bad=2)
        getattr(company, kind)(f"{on}.{kind}", rows)
    company.build(AS_OF, keep_going=True)
    expected = "an SLO of slos/ that is loaded"
    assert company.problems == [
        f"sli/2026-01-28.{kind}:{line}: slo: found 'late' in 72 rows of 3 files, expected {expected}"
    ]
    company.add(slo(id="late"))
    snapshot = company.build(AS_OF)
    assert [bad_on(snapshot, f"2026-01-{n}", "late") for n in (28, 29, 30)] == [48, 48, 48]


def typed(company: SloFolder, columns: str) -> Path:
    """A Parquet file of two hours with columns of other types."""
    path = company.folder / "sli" / "typed.parquet"
    at = "timestamp '2026-01-30' + to_hours(h)"
    with duckdb.connect() as con:
        rows = f"select 'web' as slo, {columns.format(at=at)} from range(2) t(h)"
        con.execute(f"copy ({rows}) to '{path}' (format parquet)")
    return path


@pytest.mark.parametrize(
    "columns",
    [
        "{at} as start, '90' as good, '100' as total",
        "{at} as start, 90::decimal(9, 2) as good, 100::utinyint as total",
        "({at})::timestamp_ns as start, 90::float as good, 100::hugeint as total",
        "timezone('Asia/Tokyo', {at} + interval 9 hours) as start, 90 as good, 100 as total",
    ],
)
def test_counts_and_times_of_a_parquet_file_may_have_other_types(company: SloFolder, columns: str):
    typed(company, columns)
    snapshot = company.build(day("2026-01-30"))
    assert bad_on(snapshot, "2026-01-30") == 20
    assert ask(snapshot, "select total, burn_rate from slo_burn where minutes = 1440") == [(200, pytest.approx(100))]


def test_times_of_a_parquet_file_that_are_texts_are_refused(company: SloFolder):
    """Their offset would be lost without a word."""
    typed(company, "strftime({at}, '%Y-%m-%dT%H:%M:%S+09:00') as start, 90 as good, 100 as total")
    with pytest.raises(AssertionError, match=r"typed\.parquet:1: start: found a column of texts"):
        company.build(AS_OF)


@pytest.mark.parametrize("start", ["-infinity", "epoch", "0001-01-01T00:00:00Z", "-0044-03-15 00:00:00"])
def test_a_time_before_all_slos_is_told_with_its_line(company: SloFolder, start: str):
    (company.folder / "sli" / "web.csv").write_text(f"slo,start,good,total\nweb,2026-01-30,1,1\nweb,{start},1,1\n")
    with pytest.raises(AssertionError, match=r"sli/web\.csv:3: start: found '.*', expected a time since 2000-01-01"):
        company.build(AS_OF)


# ---------------------------------------------------------------------------------------------------- corrections


def test_the_oracle_of_corrections_in_events(tmp_path: Path):
    """1,000,000 events, 1,500 bad, 99.9 %; the excluded hour holds 50,000 of which 900 bad (reference: slo.md 2.4)."""
    rows = [("{}", dt.datetime(2026, 1, 30, 5), 49_100, 50_000), ("{}", dt.datetime(2026, 1, 29, 5), 949_400, 950_000)]
    hour = (dt.datetime(2026, 1, 30, 5), dt.datetime(2026, 1, 30, 6))
    company = SloFolder(tmp_path)
    company.add(slo(id="drop", **HOURLY), spans=[(*hour, "drop")])
    company.add(slo(id="good", **HOURLY), spans=[(*hour, "good")])
    company.csv("all.csv", [(key, *rest) for key in ("drop", "good") for _, *rest in rows])
    snapshot = company.build(AS_OF)
    assert consumed(snapshot, "drop") == pytest.approx(0.6 / 0.95, rel=1e-12)  # 63.158 %
    assert consumed(snapshot, "good") == pytest.approx(0.6, rel=1e-12)
    assert consumed(snapshot, "drop", "measured_consumed") == pytest.approx(1.5, rel=1e-12)
    assert consumed(snapshot, "good", "measured_consumed") == pytest.approx(1.5, rel=1e-12)


def test_the_oracle_of_corrections_in_time(tmp_path: Path):
    """43,200 minutes, 60 bad of which 40 in a window of 120: 138.89, 46.425 and 46.296 % (reference: slo.md 2.4)."""
    company = SloFolder(tmp_path)
    minutely = {"method": "Timeslices", "slice_minutes": 1, "slice_target": 1, "bucket_seconds": 60}
    month = {"window_kind": "calendar", "window_unit": "d", "window_count": 30, "anchor": "2026-01-02"}
    begins = dt.datetime(2026, 1, 10, 10)
    excluded = (begins, begins + dt.timedelta(minutes=120))
    rows = []
    for key in ("drop", "good"):
        company.add(slo(id=key, **minutely, **month), spans=[(*excluded, key)])
        first = dt.datetime(2026, 1, 2)
        for i in range(43_200):
            at = first + dt.timedelta(minutes=i)
            bad = begins <= at < begins + dt.timedelta(minutes=40) or i < 20
            rows.append((key, at, 0 if bad else 1, 1))
    company.csv("all.csv", rows)
    snapshot = company.build(AS_OF)
    assert consumed(snapshot, "drop", "measured_consumed") == pytest.approx(60 / 43.2, rel=1e-12)
    assert consumed(snapshot, "drop") == pytest.approx(20 / 43.08, rel=1e-12)
    assert consumed(snapshot, "good") == pytest.approx(20 / 43.2, rel=1e-12)


def test_burn_rates_leave_out_what_a_correction_leaves_out(tmp_path: Path):
    company = SloFolder(tmp_path)
    hour = (dt.datetime(2026, 1, 31, 20), dt.datetime(2026, 1, 31, 21))
    company.add(slo(id="web", target="0.9", **HOURLY), spans=[(*hour, "drop")])
    rows = hours("web", "2026-01-31")
    company.csv("all.csv", [(k, at, 0 if at == hour[0] else good, total) for k, at, good, total in rows])
    assert ask(company.build(AS_OF), "select burn_rate from slo_burn where minutes = 1440") == [(0.0,)]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_burn_rates_of_a_running_day_are_sums_of_the_buckets_since_each_window_began(tmp_path: Path, kind: str):
    """Windows begin in the middle of hours and slices; those of hourly buckets with the last whole hour in view."""
    company, chance = SloFolder(tmp_path), random.Random(4)
    company.add(slo(id="fine", target="0.9", bucket_seconds=300))
    company.add(slo(id="sliced", method="Timeslices", slice_minutes=15, slice_target=0.9, bucket_seconds=300))
    company.add(slo(id="hourly", target="0.9", **HOURLY))
    until, rows = dt.datetime(2026, 1, 31, 13, 35), []
    for key, minutes in (("fine", 5), ("sliced", 5), ("hourly", 60)):
        last = until - dt.timedelta(minutes=until.minute % minutes)
        starts = [last - dt.timedelta(minutes=minutes * n) for n in range(1, 5 * 1440 // minutes)]
        rows += [(key, at, 100 - chance.choice([0, 0, 3, 40]), 100) for at in starts]
    for day_of in sorted({at.date() for _, at, *_ in rows}):
        getattr(company, kind)(f"{day_of}.{kind}", [row for row in rows if row[1].date() == day_of])
    found = ask(company.build(AS_OF), "select slo, minutes, begins, total, bad_units from slo_burn")
    for key, minutes, begins, total, bad in found:
        ends = until - dt.timedelta(minutes=35 if key == "hourly" else 0)
        assert begins == ends - dt.timedelta(minutes=max(minutes, 60 if key == "hourly" else 5))
        window = [row for row in rows if row[0] == key and row[1] >= begins]
        assert total == sum(of for *_, of in window)
        if key != "sliced":
            assert bad == sum(of - good for *_, good, of in window)
        else:
            slices: dict[dt.datetime, list] = {}
            for _, at, good, of in window:
                slices.setdefault(at.replace(minute=at.minute // 15 * 15), []).append((good, of))
            assert bad == sum(sum(g for g, _ in one) < 0.9 * sum(o for _, o in one) for one in slices.values())


def test_slices_of_a_burn_rate_are_those_of_the_day_when_clocks_change(tmp_path: Path):
    """In Berlin two hours begin at 2 on 25 October: the third and the fourth hour of the day are of two slices."""
    company = SloFolder(tmp_path)
    sliced = {"method": "Timeslices", "slice_minutes": 180, "slice_target": 0.9, "time_zone": "Europe/Berlin"}
    company.add(slo(id="web", target="0.5", **sliced, **HOURLY))
    midnight = dt.datetime(2026, 10, 24, 22)
    company.csv("all.csv", [("web", midnight + n * dt.timedelta(hours=1), 0 if n == 2 else 1, 1) for n in range(25)])
    snapshot = company.build(day("2026-10-25"))
    found = ask(snapshot, "select units, bad_units from slo_burn where minutes = 4320")
    assert found == ask(snapshot, "select units, bad_units from slo_status where day = '2026-10-25'")


# ----------------------------------------------------------------------------------------- missing slices, composites


@pytest.mark.parametrize(("choice", "units", "bad"), [("ignore", 12, 0), ("good", 48, 0), ("bad", 48, 36)])
def test_missing_slices_count_as_the_slo_says(tmp_path: Path, choice: str, units: int, bad: int):
    company = SloFolder(tmp_path)
    sliced = {"method": "Timeslices", "slice_minutes": 60, "slice_target": 0.9, "missing_slices": choice}
    company.add(slo(id="web", window_count=3, **sliced, **HOURLY))
    company.csv("all.csv", hours("web", "2026-01-30", count=12))
    assert ask(company.build(AS_OF), f"select units, bad_units from slo_status where day = '{AS_OF}'") == [(units, bad)]


@pytest.mark.parametrize("hours_covered", [[(12, 18)], [(12, 18), (12, 18)], [(12, 16), (13, 14), (14, 18)]])
def test_missing_slices_in_corrections_are_not_bad(tmp_path: Path, hours_covered: list[tuple[int, int]]):
    """Six hours, however many corrections cover them together."""
    company = SloFolder(tmp_path)
    sliced = {"method": "Timeslices", "slice_minutes": 60, "slice_target": 0.9, "missing_slices": "bad"}
    spans = [(dt.datetime(2026, 1, 30, a), dt.datetime(2026, 1, 30, b), "drop") for a, b in hours_covered]
    company.add(slo(id="web", window_count=2, **sliced, **HOURLY), spans=spans)
    company.csv("all.csv", hours("web", "2026-01-30", count=12))
    assert ask(company.build(AS_OF), f"select units, bad_units from slo_status where day = '{AS_OF}'") == [(42, 30)]


def composite(combine: str, weights: dict[str, float], **fields) -> dict:
    return {"id": "both", "combine": combine, "members": [Member(slo=k, weight=w) for k, w in weights.items()]} | fields


def test_a_weighted_composite_is_the_weighted_mean_of_its_members(tmp_path: Path):
    """3 x 0.99 + 7 x 0.995 -> 0.9935; a member without data is left out (reference: slo.md 2.3, B8)."""
    company = SloFolder(tmp_path)
    for key in ("a", "b", "silent"):
        company.add(slo(id=key, target="0.9", **HOURLY))
    company.add(slo(**composite("weighted", {"a": 3, "b": 7, "silent": 5}, target="0.99")))
    company.csv(
        "all.csv", [("a", dt.datetime(2026, 1, 30), 990, 1000), ("b", dt.datetime(2026, 1, 30), 99_500, 100_000)]
    )
    snapshot = company.build(AS_OF)
    assert consumed(snapshot, "both", "sli") == pytest.approx(0.9935, rel=1e-12)
    assert consumed(snapshot, "both") == pytest.approx(0.65, rel=1e-9)


@pytest.mark.parametrize("method", ["Occurrences", "Timeslices", "RatioTimeslices"])
def test_a_weighted_composite_in_a_calendar_window_spends_the_bad_share_of_its_members(tmp_path: Path, method: str):
    """Its units are those of its members, so it has no slices to compare with the minutes of the month."""
    company = SloFolder(tmp_path)
    sliced = {"slice_minutes": 60, "slice_target": 0.9}
    month = {"window_kind": "calendar", "window_count": 1, "window_unit": "M", "anchor": day("2026-01-01")}
    for key in ("a", "b"):
        company.add(slo(id=key, method="Timeslices", **sliced, **HOURLY))
        company.csv(f"{key}.csv", hours(key, "2026-01-30") + hours(key, "2026-01-31", bad=20, count=3))
    company.add(slo(**composite("weighted", {"a": 1, "b": 1}, target="0.8", method=method, **sliced, **month)))
    snapshot = company.build(AS_OF)
    assert consumed(snapshot, "both", "sli") == pytest.approx(1 - 3 / 27, rel=1e-12)
    assert consumed(snapshot, "both") == pytest.approx(3 / 27 / 0.2, rel=1e-9)
    assert consumed(snapshot, "both", "measured_consumed") == pytest.approx(3 / 27 / 0.2, rel=1e-9)


def test_a_composite_that_must_hold_everywhere_is_bad_when_one_member_is(tmp_path: Path):
    """5 + 5 bad minutes of 720 that do not overlap: 98.611 %, each member 99.306 % (reference: slo.md 2.3, B8)."""
    company = SloFolder(tmp_path)
    minutely = {"method": "Timeslices", "slice_minutes": 1, "slice_target": 0.95, "bucket_seconds": 60}
    first = dt.datetime(2026, 1, 30)
    rows = []
    for n, key in enumerate(("a", "b")):
        company.add(slo(id=key, **minutely))
        for i in range(720):
            rows.append((key, first + dt.timedelta(minutes=i), 0 if 100 * n <= i < 100 * n + 5 else 10, 10))
    company.add(slo(**composite("all_hold", {"a": 1, "b": 1}), **(minutely | {"bucket_seconds": None})))
    company.csv("all.csv", rows)
    snapshot = company.build(AS_OF)
    assert consumed(snapshot, "a", "sli") == pytest.approx(715 / 720)
    assert consumed(snapshot, "both", "sli") == pytest.approx(710 / 720)


@pytest.mark.parametrize(
    ("method", "effect", "units", "bad", "measured_bad"),
    [
        ("Timeslices", "drop", 3, 0, 2), ("Timeslices", "good", 4, 0, 2),
        ("RatioTimeslices", "drop", 3, 0, 1.25), ("RatioTimeslices", "good", 4, 0, 1.25),
    ],
)  # fmt: skip
def test_a_composite_that_must_hold_everywhere_knows_what_was_measured_without_corrections(
    tmp_path: Path, method: str, effect: str, units: int, bad: float, measured_bad: float
):
    """Four hours; a is bad in the second, by half, and in the third, by three quarters. Both are corrected in a; b was
    idle in the third, which so has no traffic left once a is dropped."""
    company = SloFolder(tmp_path)
    sliced = {"method": method, "slice_minutes": 60, "slice_target": 0.95 if method == "Timeslices" else None}
    hour = [dt.datetime(2026, 1, 30, h) for h in range(5)]
    company.add(slo(id="a", **sliced, **HOURLY), spans=[(hour[1], hour[3], effect)])
    company.add(slo(id="b", **sliced, **HOURLY))
    company.add(slo(**composite("all_hold", {"a": 1, "b": 1}), **sliced))
    rows = [("a", hour[i], good, 100) for i, good in enumerate((100, 50, 25, 100))]
    company.csv("all.csv", rows + [("b", hour[i], 100, 100) for i in (0, 1, 3)])
    names = "units, bad_units, measured_units, measured_bad_units"
    found = ask(company.build(AS_OF), f"select {names} from slo_status where slo = 'both' and day = '{AS_OF}'")
    assert found == [(units, bad, 4, measured_bad)]


# ------------------------------------------------------------------------------------------------------------ clocks


def test_the_clock_of_a_zone_is_known_in_stretches():
    until = dt.datetime(2027, 1, 1)
    (utc,) = bucket_parts.shifts("UTC", until)
    assert utc.ahead == dt.timedelta(0)
    changes = [s.begins for s in bucket_parts.shifts("Europe/Berlin", until) if s.begins.year == 2026]
    assert changes == [dt.datetime(2026, 3, 29, 1), dt.datetime(2026, 10, 25, 1)]
    assert bucket_parts.clock_change_days("Australia/Lord_Howe", until)[-2:] == [day("2026-04-05"), day("2026-10-04")]
