"""Folders that load, and the exact messages of folders that do not.

`tests/bad/<case>` is laid over `tests/tiny`; its `expected.txt` holds every message that a reader of the folder gets.
To see what a case says now: `guidemap check` on a copy of `tests/tiny` with the case laid over it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from given import TESTS, TINY, ask, build, over_tiny, read, write

from loaders import yaml_rows
from maturity import store

BAD = sorted(folder for folder in (TESTS / "bad").iterdir() if folder.is_dir())


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_every_problem_of_a_folder_is_told_at_once(tmp_path: Path, case: Path):
    _, messages = read(over_tiny(tmp_path / "data", case))
    assert messages == (case / "expected.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    "case",
    [
        "circles",
        "csv_wrong_cells",
        "duplicates",
        "guide_map",
        "rejected_slo",
        "risk_merges",
        "risk_rules",
        "sli_rows",
        "syntax_error",
        "unknown_ids",
        "unreadable_homes",
    ],
)
def test_with_problems_kept_the_rest_still_fits_together(tmp_path: Path, case: str):
    folder = TESTS / "bad" / case
    built = build(tmp_path / "store", over_tiny(tmp_path / "data", folder), keep_going=True)
    assert built.rows["problem"] == len((folder / "expected.txt").read_text(encoding="utf-8").splitlines())


def test_tiny_and_every_optional_form_load_without_a_problem():
    assert read(TESTS / "tiny")[1] == []
    assert read(TESTS / "good")[1] == []


@pytest.mark.parametrize("topic", ["assessments", "risks", "slos"])
def test_yml_is_read_as_yaml_and_never_passed_over_in_silence(tmp_path: Path, topic: str):
    folder = over_tiny(tmp_path / "data")
    for path in (folder / topic).rglob("*.yaml"):
        path.rename(path.with_suffix(".yml"))
    reading, messages = read(folder)
    assert messages == []
    assert len(getattr(reading.bundle, topic)) == len(getattr(read(TINY)[0].bundle, topic)) > 0


def test_what_nobody_reads_is_told(tmp_path: Path):
    folder = over_tiny(tmp_path / "data")
    (folder / "assessments" / "alpha.yaml").rename(folder / "assessments" / "alpha.YAML")
    for name in ("exemptions.yaml", "risks/more.yaml"):
        (folder / name).mkdir()
    for name in (
        "exemption.yaml",
        "assessments/beta.xlsx",
        "risks/notes.txt",
        "sli/README.md",
        "metrics",
        "reviews",
        "sli/b.csv.gz",
    ):
        (folder / name).write_text("")
    (folder / "slos" / "gone.yaml").symlink_to("nowhere.yaml")
    (folder / "slos" / "self.yaml").symlink_to("self.yaml")
    told = [message for message in read(folder)[1] if "nothing reads" in message]
    assert [message.split(": warning: file: found ") for message in told] == [
        ["assessments/alpha.YAML:1", "a file that nothing reads, expected a file that ends in .yaml, .yml or .csv"],
        ["assessments/beta.xlsx:1", "a file that nothing reads, expected a file that ends in .yaml, .yml or .csv"],
        ["exemption.yaml:1", "a file that nothing reads, expected exemptions.yaml (did you mean it?)"],
        ["exemptions.yaml:1", "a folder that nothing reads, expected a file"],
        ["metrics:1", "a file that nothing reads, expected a folder"],
        ["reviews:1", "a file that nothing reads, expected a folder"],
        ["risks/more.yaml:1", "a folder that nothing reads, expected a file that ends in .yaml, .yml, .csv or .md"],
        ["sli/b.csv.gz:1", "a file that nothing reads, expected a file that ends in .csv or .parquet"],
        ["slos/gone.yaml:1", "a link to nothing that nothing reads, expected a file that ends in .yaml, .yml or .json"],
        ["slos/self.yaml:1", "a link to nothing that nothing reads, expected a file that ends in .yaml, .yml or .json"],
    ]


# ----------------------------------------------------------------------------------------------------- what is read


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory):
    return read(TESTS / "good")[0].bundle


def test_a_plain_name_is_used_in_both_languages(good):
    names = {p.record.id: (p.record.name.en, p.record.name.ja) for p in good.products}
    assert names == {"alpha": ("Alpha", "Alpha"), "beta": ("Beta", "ベータ")}


def test_words_that_yaml_would_turn_into_something_else_stay_text(good):
    by_practice = {a.record.practice: a.record for a in good.assessments if a.record.product == "alpha"}
    assert (by_practice["own-03"].assessor, by_practice["own-03"].note) == ("no", "22:30")
    assert by_practice["slo-01"].corrects == "010"
    assert next(p.record.tags for p in good.products if p.record.id == "beta") == ["no", "010"]


def test_a_row_of_csv_is_the_same_record_as_a_block_of_yaml(good):
    rows = {a.record.practice: a.record for a in good.assessments if a.record.product == "beta"}
    assert rows["own-01"].items_done == ["a", "b"]
    assert rows["own-01"].note == "=1+1"
    assert rows["own-03"].items_done == []
    assert rows["own-03"].evidence.kind == "link"
    assert (rows["rec-01"].evidence.reviewer, rows["rec-01"].note) == ("kim", "毎日, 確認")


def test_every_record_knows_its_line(good):
    lines = {(a.record.product, a.record.practice): a.line for a in good.assessments}
    assert lines["alpha", "own-02"] == 6
    assert lines["beta", "own-01"] == 4  # an empty line is counted


def test_times_of_incidents_become_utc(good):
    (incident,) = good.incidents
    assert incident.record.started_at.isoformat() == "2026-01-05T00:00:00"
    assert incident.record.ended_at.isoformat() == "2026-01-05T01:30:00"


def test_each_objective_of_a_document_is_an_slo(good):
    slos = {s.record.id: s.record for s in good.slos}
    assert slos.keys() == {"alpha-ok.1", "alpha-ok.2", "beta-ok"}
    assert [str(slos[key].target) for key in sorted(slos)] == ["0.995", "0.9", "0.99"]
    assert (slos["alpha-ok.1"].slice_minutes, slos["alpha-ok.2"].slice_minutes) == (60, 60)
    assert (slos["alpha-ok.1"].window_unit, slos["alpha-ok.1"].time_zone) == ("M", "Asia/Tokyo")


def test_hours_that_are_days_and_a_referenced_sli(good):
    beta = next(s.record for s in good.slos if s.record.id == "beta-ok")
    assert (beta.window_count, beta.window_unit, beta.bucket_seconds) == (28, "d", 3600)
    assert (beta.good_query, beta.bad_query, beta.total_query, beta.source) == ("good_total", None, "all_total", "main")


def test_earlier_targets_become_segments_without_a_gap(good):
    rows = [t.record for t in good.slo_targets if t.record.slo == "beta-ok"]
    assert [(str(t.target), str(t.valid_from), str(t.valid_to)) for t in rows] == [
        ("0.9", "None", "2025-07-01"),
        ("0.95", "2025-07-01", "2026-01-01"),
        ("0.99", "2026-01-01", "None"),
    ]


def test_a_folder_without_products_says_so(tmp_path: Path):
    folder = over_tiny(tmp_path / "data")
    (folder / "products.yaml").unlink()
    assert "products.yaml:1: file: found nothing, expected a list of products" in read(folder)[1]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: b"\xef\xbb\xbf" + text, id="a byte order mark"),
        pytest.param(lambda text: text.replace(b"\n", b"\r\n"), id="Windows line ends"),
        pytest.param(lambda text: b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"), id="both"),
    ],
)
def test_files_from_other_systems_give_the_same_records(tmp_path: Path, tiny: store.Snapshot, change):
    folder = over_tiny(tmp_path / "data")
    for path in folder.rglob("*.*"):
        path.write_bytes(change(path.read_bytes()))
    reading, messages = read(folder)
    expected = read(TESTS / "tiny")[0].bundle
    assert messages == []
    assert reading.bundle.assessments == expected.assessments
    assert reading.bundle.risks == expected.risks
    assert reading.bundle.slos == expected.slos
    build(tmp_path / "store", folder)
    question = {"name": "export_slo_status", "month": None}
    assert store.open_current(tmp_path / "store").query(**question).equals(tiny.query(**question))


def test_hidden_files_are_passed_over(tmp_path: Path):
    folder = over_tiny(tmp_path / "data", **{"assessments/.draft.yaml": "nonsense: [", "sli/.draft.csv": "x"})
    assert read(folder)[1] == []


@pytest.mark.parametrize("word", ["no", "yes", "on", "22:30", "010", "1e3", "0x10", "2026-01-01", "1_000", "NaN"])
def test_a_plain_yaml_scalar_stays_the_text_in_the_file(tmp_path: Path, word: str):
    (document,), problems = yaml_rows.read(write(tmp_path / "a.yaml", f"key: {word}\n"), "a.yaml")
    assert (document.value, problems) == ({"key": word}, [])


@pytest.mark.parametrize(
    ("text", "value"),
    [("", None), ("~", None), ("null", None), ("'null'", "null"), ('""', ""), ("none", "none")],
    ids=["nothing", "tilde", "null", "quoted null", "empty text", "none is a word"],
)
def test_what_is_no_value_in_yaml(tmp_path: Path, text: str, value: str | None):
    (document,), _ = yaml_rows.read(write(tmp_path / "a.yaml", f"key: {text}\n"), "a.yaml")
    assert document.value == {"key": value}


# ---------------------------------------------------------------------------------------------------------- buckets

HOURS = (
    "select 'alpha-ok' as slo, t as start, 99::{kind} as good, 100::{kind} as total from range(timestamp '2026-01-25', "
)
HOURS += "timestamp '2026-01-27', interval 1 hour) r(t)"


def parquet(path: Path, query: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        con.execute(f"copy ({query}) to '{path}' (format parquet)")


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(HOURS.format(kind="double"), id="doubles and plain times"),
        pytest.param(HOURS.format(kind="bigint"), id="whole numbers"),
        pytest.param(HOURS.format(kind="decimal(9,2)"), id="decimals"),
        pytest.param(
            f"select total, good, timezone('UTC', start) as start, slo from ({HOURS.format(kind='int')})", id="zoned"
        ),
    ],
)
def test_parquet_gives_the_same_buckets_whatever_its_types(tmp_path: Path, query: str):
    folder = over_tiny(tmp_path / "data")
    (folder / "sli/alpha.csv").unlink()
    parquet(folder / "sli/alpha.parquet", query)
    assert read(folder)[1] == []
    built = build(tmp_path / "store", folder)
    assert ask(built.snapshot, "select sum(good), sum(total), sum(buckets) from slo_day") == [(48 * 99, 48 * 100, 48)]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        pytest.param(
            "select 'alpha-ok' as slo, timestamp '2026-01-25' as start, 1 as bad, 1 as total",
            "sli/new.parquet:1: header: found 'slo, start, bad, total', expected the columns slo, start, good, total",
            id="wrong columns",
        ),
        pytest.param(
            "select 'alpha-okay' as slo, timestamp '2026-01-25' as start, 1 as good, 1 as total",
            "sli/new.parquet:1: slo: found 'alpha-okay', expected an SLO of slos/ that is loaded",
            id="unknown SLO",
        ),
        pytest.param(
            "select 'alpha-ok' as slo, timestamp '2026-01-25' + to_hours(n::int) as start, if(n = 2, -5, 1) as good, "
            "9 as total from range(3) r(n)",
            "sli/new.parquet:3: good: found '-5', expected a number, 0 or more",
            id="a negative number, by its row",
        ),
    ],
)
def test_problems_in_parquet(tmp_path: Path, query: str, message: str):
    folder = over_tiny(tmp_path / "data")
    (folder / "sli/alpha.csv").unlink()
    parquet(folder / "sli/new.parquet", query)
    assert read(folder)[1] == [message]


def test_text_instead_of_numbers_in_parquet_rejects_the_file(tmp_path: Path):
    folder = over_tiny(tmp_path / "data")
    parquet(
        folder / "sli/new.parquet", "select 'a' as slo, timestamp '2026-01-25' as start, 'many' as good, 1 as total"
    )
    (message,) = read(folder)[1]
    assert message.startswith("sli/new.parquet:1: file: found ")
    assert message.endswith("expected numbers and times in its columns")


def test_a_file_that_is_no_parquet_says_so(tmp_path: Path):
    (message,) = read(over_tiny(tmp_path / "data", **{"sli/new.parquet": "slo,start,good,total\n"}))[1]
    assert message.startswith("sli/new.parquet:1: file: found ")
    assert message.endswith("expected a Parquet file")


def test_bad_rows_deep_in_large_files_are_told_by_their_line(tmp_path: Path):
    rows = [f"alpha-ok,{day:02d}T{hour:02d}:00:00Z,1,1" for day in range(1, 31) for hour in range(24)]
    rows = [row.replace("alpha-ok,", "alpha-ok,2026-01-") for row in rows] * 200  # 144,000 rows, repeated alike
    texts = {}
    for name, line in (("a", 100_000), ("b", 140_000)):
        lines = ["slo,start,good,total", *rows]
        lines[line - 1] = "alpha-ok,2026-01-25T00:00:00Z,-1,1"
        lines[line + 99] = "alpha-ok,2026-01-25T00:00:00Z,1"
        texts[f"sli/{name}.csv"] = "\n".join(lines) + "\n"
    folder = over_tiny(tmp_path / "data", **texts)
    (folder / "sli/alpha.csv").unlink()
    assert read(folder)[1] == [
        "sli/a.csv:100000: good: found '-1', expected a number, 0 or more",
        "sli/a.csv:100100: row: found 'alpha-ok,2026-01-25T00:00:00Z,1', expected 4 cells",
        "sli/b.csv:140000: good: found '-1', expected a number, 0 or more",
        "sli/b.csv:140100: row: found 'alpha-ok,2026-01-25T00:00:00Z,1', expected 4 cells",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["Unix", "Windows", "old Mac"])
def test_bad_rows_behind_cells_of_several_lines_are_told_by_their_line(tmp_path: Path, end: str):
    lines = [
        "slo,start,good,total",
        'alpha-ok,2026-01-24T00:00:00Z,"many', 'indeed",1',
        'alpha-ok,2026-01-24T01:00:00Z,"', '1",1',
        "",
        "alpha-ok,2026-01-24T02:00:00Z,-1,1",
        "alpha-ok,2026-01-24T03:00:00Z,1",
        '"alpha', "", 'ok",2026-01-24T04:00:00Z,1,1',
        "alpha-ok,2026-01-24T05:00:00Z,few,1",
        "alpha-ok,2026-01-24T06:00:00Z,inf,1",
        'alpha-ok,"2026-01-24T07:00:00Z,1,1', "alpha-ok,2026-01-24T08:00:00Z,1,1",
    ]  # fmt: skip
    path = over_tiny(tmp_path / "data") / "sli/new.csv"
    path.write_bytes(end.join(lines).encode())
    messages = read(tmp_path / "data")[1]
    assert [message.split(", expected")[0] for message in messages if "new.csv" in message] == [
        f"sli/new.csv:2: good: found {'many' + end + 'indeed'!r}",
        "sli/new.csv:7: good: found '-1'",
        "sli/new.csv:8: row: found 'alpha-ok,2026-01-24T03:00:00Z,1'",
        f"sli/new.csv:9: slo: found {'alpha' + end * 2 + 'ok'!r}",
        "sli/new.csv:12: good: found 'few'",
        "sli/new.csv:13: good: found 'inf'",
        f"sli/new.csv:14: row: found {end.join(lines[13:])[:60]!r}",
    ]


def test_hundreds_of_bad_rows_do_not_drown_the_report(tmp_path: Path):
    rows = "".join(f"alpha-ok,2026-01-25T00:00:00Z,{bad},1\n" for bad in ["many"] * 300 + ["-1"] * 300)
    messages = read(over_tiny(tmp_path / "data", **{"sli/new.csv": f"slo,start,good,total\n{rows}"}))[1]
    assert len(messages) == 2 * 51
    assert sum("250 more rows like these" in message for message in messages) == 2


def test_a_correction_in_a_later_file_wins_and_is_told(tmp_path: Path):
    head = "slo,start,good,total\n"
    folder = over_tiny(
        tmp_path / "data",
        **{
            "raw/zulu.csv": head + "alpha-ok,2026-01-24T00:00:00Z,10,100\n",
            "sli/beta.csv": head + "alpha-ok,2026-01-24T00:00:00Z,90,100\n",
        },
    )
    built = build(tmp_path / "store", folder)
    assert [str(p) for p in built.problems] == [
        "sli/beta.csv:1: warning: start: found 1 bucket given again with other values, "
        "expected each bucket once (the last one is used)"
    ]
    assert ask(built.snapshot, "select good, total from slo_day where day = '2026-01-24'") == [(90, 100)]


FOREIGN = ["backstage_catalog", "checklist_tiers", "cortex_scorecard", "samm_workbook"]


@pytest.mark.parametrize("name", FOREIGN)
def test_a_good_sample_of_a_foreign_format_builds(tmp_path: Path, name: str):
    folder = tmp_path / "data"
    shutil.copytree(TESTS / "good" / name, folder)
    if name != "backstage_catalog":
        products = (TINY / "products.yaml").read_text(encoding="utf-8").replace(", main_slo: alpha-ok", "")
        (folder / "products.yaml").write_text(products, encoding="utf-8")
    built = build(tmp_path / "store", folder)
    assert [str(p) for p in built.problems if p.level == "error"] == []
    assert built.rows["product"] == 2
    assert built.rows["assessment"] == {"checklist_tiers": 4, "samm_workbook": 2}.get(name, 0)
