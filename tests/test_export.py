"""The CSV bundle: public headers, safe cells, and a log that reloads as it was."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from pathlib import Path

import pandas as pd
import pytest
from given import SAMPLE, SAMPLE_AS_OF, TESTS, ask, build, exported, over_tiny, read, write

from loaders import csv_rows
from maturity import export, store, tables
from maturity.records.incidents import Incident
from maturity.records.risks import Risk

HEADERS = {
    "practice_state.csv": [
        "month", "product", "practice", "level", "state", "items_done", "items_total", "confirmed_on",
        "evidence", "evidence_kind", "assessed_on", "assessor", "provider", "must", "note", "file", "line",
    ],
    "product_level.csv": [
        "month", "product", "level", "percent", "coverage", "confirmed_share", "na_share",
        "level_with_na_as_gaps", "narrow_scope", "target_level", "target_gap", "next_level", "next_share",
        "missing_musts", "last_assessed_on", "quiet",
    ],
    "regressions.csv": [
        "month", "product", "practice", "from_state", "to_state", "cause", "regression", "fell_on",
        "recovered_on", "mature", "gate_broken", "level_before", "level_after", "provider", "before_file",
        "before_line", "after_file", "after_line",
    ],
    "risk_rank.csv": [
        "rank", "risk", "product", "bad_minutes_per_year", "budget_share", "event_share", "likelihood_band",
        "impact_band", "flags", "status", "current_min_per_year", "residual_min_per_year",
        "saved_min_per_effort_day", "must_discuss", "slo", "owner", "next_action_due", "file", "line",
    ],
    "slo_status.csv": [
        "month", "slo", "product", "method", "window", "target", "good", "total", "sli", "budget_consumed",
        "budget_left", "burn_rate_1d", "coverage", "state", "state_since", "window_start", "window_end",
        "budget_minutes", "bad_minutes",
    ],
    "assessments.csv": [
        "product", "practice", "assessed_on", "assessor", "items_done", "state", "share", "provider", "confirmed_on",
        "evidence_kind", "evidence_url", "evidence_on", "evidence_reviewer", "note", "id", "corrects",
    ],
    "exemptions.csv": [
        "product", "practice", "reason_code", "reason_en", "reason_ja", "approver", "granted_on",
        "expires_on", "revoked_on",
    ],
    # Every field of the contract, nested ones flattened.
    "risks.csv": list(tables.columns(Risk)),
    "incidents.csv": list(tables.columns(Incident)),
    "agenda.csv": [
        "position", "rank", "section", "kind", "id", "product", "name_en", "name_ja", "whys", "minutes", "share", "day",
        "owner", "who", "decided", "decided_on", "decision_state", "file", "line",
    ],
    "one_list.csv": [
        "position", "kind", "id", "product", "name_en", "name_ja", "state", "certainty", "bad_minutes_per_year",
        "at_best", "at_worst", "rank_best", "rank_worst", "budget_share", "saved_min_per_year", "effort_days",
        "saved_min_per_effort_day", "owner", "file", "line",
    ],
    "changes.csv": [
        "topic", "kind", "id", "product", "name_en", "name_ja", "value_before", "state_before", "value_now",
        "state_now", "reasons", "file", "line",
    ],
    "figures.csv": [
        "topic", "id", "product", "name_en", "name_ja", "value", "state", "by_target", "by_correction", "by_data",
        "by_record", "by_map", "by_signal", "file", "line",
    ],
}  # fmt: skip
EXEMPTIONS = """exemptions:
  - {product: alpha, practice: rec-04, reason_code: replaced, reason: {en: "-none-", ja: なし}, approver: wada,
     granted_on: 2026-01-01, expires_on: 2026-12-31}
  - {product: beta, practice: rec-04, reason_code: out_of_scope, reason: Waits., granted_on: 2026-01-01,
     expires_on: 2026-06-30}
"""


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def bundle(tiny: store.Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    exported(tiny, folder)
    return folder


def test_the_bundle_holds_these_files_and_no_others(bundle: Path):
    assert {path.name for path in bundle.iterdir()} == set(HEADERS) == set(export.FILES | export.REVIEW_FILES)


@pytest.mark.parametrize("name", HEADERS)
def test_header_of(bundle: Path, name: str):
    text = (bundle / name).read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    assert text[3:].split(b"\r\n")[0].decode() == ",".join(HEADERS[name])


def test_each_file_says_how_many_rows_it_was_given(tiny: store.Snapshot, tmp_path: Path):
    written = exported(tiny, tmp_path)
    assert written == {name: len(rows(tmp_path / name)) for name in HEADERS}
    assert (written["practice_state.csv"], written["assessments.csv"], written["risk_rank.csv"]) == (116, 5, 1)


def test_a_row_of_practice_state_says_where_it_comes_from(bundle: Path):
    found = {(r["product"], r["practice"]): r for r in rows(bundle / "practice_state.csv")}
    inherited, partial, silent = found["alpha", "rec-01"], found["beta", "own-01"], found["alpha", "obs-01"]
    assert (inherited["state"], inherited["provider"], inherited["confirmed_on"]) == ("adopted", "beta", "2026-01-05")
    assert (partial["state"], partial["items_done"], partial["items_total"]) == ("partial", "2", "3")
    assert (partial["file"], partial["line"]) == ("assessments/beta.csv", "3")
    assert (silent["state"], silent["confirmed_on"], silent["file"]) == ("unassessed", "", "")


def test_figures_of_the_only_slo_and_the_only_risk(bundle: Path):
    (status,) = rows(bundle / "slo_status.csv")
    assert (status["state"], status["window"], status["target"]) == ("met", "rolling 7d", "0.99")
    assert (float(status["good"]), float(status["total"])) == (16752, 16800)
    assert float(status["budget_consumed"]) == pytest.approx(48 / 168)
    assert float(status["coverage"]) == pytest.approx(1)
    (risk,) = rows(bundle / "risk_rank.csv")
    assert (risk["rank"], float(risk["bad_minutes_per_year"])) == ("1", 50)
    assert float(risk["budget_share"]) == pytest.approx(50 / 5259.6)


def test_a_month_narrows_what_has_months_and_nothing_else(tmp_path: Path):
    build(tmp_path / "store", as_of=dt.date(2026, 2, 10))
    snapshot = store.open_current(tmp_path / "store")
    every = exported(snapshot, tmp_path / "every")
    january = exported(snapshot, tmp_path / "january", "2026-01")
    none = exported(snapshot, tmp_path / "none", "2025-01")
    assert {r["month"] for r in rows(tmp_path / "every" / "product_level.csv")} == {"2026-01", "2026-02"}
    assert {r["month"] for r in rows(tmp_path / "january" / "practice_state.csv")} == {"2026-01"}
    assert (every["practice_state.csv"], january["practice_state.csv"], none["practice_state.csv"]) == (232, 116, 0)
    assert every["assessments.csv"] == january["assessments.csv"] == none["assessments.csv"] == 5


# ------------------------------------------------------------------------------------------------------------ cells


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+81 3", "-none", "@user", "＝1+1", "＠user", "\tx", "\rx", "'=1", "''=1", '=HYPERLINK("x","y")', "'@a"],
)
def test_what_a_spreadsheet_would_run_is_guarded_and_comes_back(tmp_path: Path, text: str):
    path = tmp_path / "a.csv"
    path.write_bytes(export.to_csv(pd.DataFrame({"note": [text, "x"]})))
    with path.open(encoding="utf-8-sig", newline="") as lines:
        cell = list(csv.reader(lines))[1][0]
    assert cell == f"'{text}"
    documents, problems = csv_rows.read(path, "a.csv", {"note"})
    assert ([d.value["note"] for d in documents], problems) == ([text, "x"], [])


@pytest.mark.parametrize(
    "text", ["plain", "'quoted'", "a=b", "日本語", 'with "quotes", commas', "two\nlines", "'", "''"]
)
def test_other_text_stays_as_it_is(tmp_path: Path, text: str):
    path = tmp_path / "a.csv"
    path.write_bytes(export.to_csv(pd.DataFrame({"note": [text]})))
    (document,), _ = csv_rows.read(path, "a.csv", {"note"})
    assert document.value["note"] == text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""), (float("nan"), ""), (pd.NaT, ""), (True, "true"), (False, "false"), (3, "3"), (3.0, "3"),
        (0.1, "0.1"), (-1.5, "-1.5"), (1e-7, "1e-07"), (0.019790713207827226, "0.0197907132078"),
        (["a", "b"], "a;b"), ([], ""),
        (pd.Timestamp("2026-01-31"), "2026-01-31"), (pd.Timestamp("2026-01-31 10:00"), "2026-01-31T10:00:00"),
    ],
    ids=str,
)  # fmt: skip
def test_how_a_value_is_written(value: object, cell: str):
    frame = pd.DataFrame({"a": pd.Series([value], dtype=object), "b": ["x"]})
    assert export.to_csv(frame).decode("utf-8-sig") == f"a,b\r\n{cell},x\r\n"


# -------------------------------------------------------------------------------------------------------- round trip

WITHOUT_PLACE = "select * exclude (src_file, src_line) from {} order by all"


@pytest.mark.parametrize("source", [None, TESTS / "good"], ids=["tiny with exemptions", "every optional form"])
def test_the_exported_log_in_place_of_the_original_gives_the_same_states(tmp_path: Path, source: Path | None):
    folder = tmp_path / "data"
    if source:
        shutil.copytree(source, folder)
    else:
        over_tiny(folder, **{"exemptions.yaml": EXEMPTIONS})
    first = build(tmp_path / "first", folder)
    exported(store.open_current(tmp_path / "first"), tmp_path / "csv")
    shutil.rmtree(folder / "assessments")
    (folder / "exemptions.yaml").unlink(missing_ok=True)
    shutil.copytree(tmp_path / "csv", folder / "assessments", ignore=lambda _, names: set(names) - {"assessments.csv"})
    shutil.copy(tmp_path / "csv" / "exemptions.csv", folder / "exemptions.csv")
    second = build(tmp_path / "second", folder)
    assert second.problems == []
    for table in ("practice_state", "assessment", "exemption"):
        question = WITHOUT_PLACE.format(table)
        assert ask(first.snapshot, question) == ask(second.snapshot, question)
    assert first.rows["exemption"] == second.rows["exemption"] == 2


ODD = """schema: sre-risk-records/1
records:
  - id: ODD
    products: [askhub]
    title: "=SUM(A1)"
    status: new
    detected: {at: 2026-09-01, via: drill}
    summary: |
      two
      lines, and "quotes"; a semicolon
    links: {postmortems: ["https://x.example/a;b", "=1+1"]}
    log: [{at: 2026-09-02, by: kim, kind: note, text: "=a;b", url: "https://x.example/1"}]
"""


def test_exported_risks_and_incidents_in_place_of_the_originals_are_the_same_records(tmp_path: Path):
    folder = tmp_path / "data"
    shutil.copytree(SAMPLE, folder)
    write(folder / "risks" / "odd.yaml", ODD)
    first = build(tmp_path / "first", folder, SAMPLE_AS_OF)
    exported(store.open_current(tmp_path / "first"), tmp_path / "csv")
    shutil.rmtree(folder / "risks")
    shutil.rmtree(folder / "postmortems")
    (folder / "incidents.yaml").unlink()
    for name in ("risks", "incidents"):
        write(folder / name / f"{name}.csv", (tmp_path / "csv" / f"{name}.csv").read_bytes())
    second = build(tmp_path / "second", folder, SAMPLE_AS_OF)
    assert second.problems == []
    for table in ("risk", "incident"):
        question = WITHOUT_PLACE.format(table)
        assert ask(first.snapshot, question) == ask(second.snapshot, question)
    assert first.rows["risk"] == second.rows["risk"] == 14


def test_a_bad_cell_of_exported_risks_is_told_with_its_column(tmp_path: Path):
    folder = over_tiny(tmp_path / "data")
    build(tmp_path / "store", folder)
    exported(store.open_current(tmp_path / "store"), tmp_path / "csv")
    text = (tmp_path / "csv" / "risks.csv").read_text(encoding="utf-8-sig")
    key = read(folder)[0].bundle.risks[0].record.id
    shutil.rmtree(folder / "risks")
    write(folder / "risks" / "a.csv", text.replace(f"\n{key},event,", f"\n{key},surprise,"))
    assert "risks/a.csv:2: kind: found 'surprise', expected one of 'event', 'factor'" in read(folder)[1]


def test_a_regression_of_one_month_was_won_back_by_its_end_or_not_at_all(sample_store: Path):
    snapshot = store.open_current(sample_store)
    later = 0
    for month in snapshot.query("months")["month"]:
        end = pd.Period(month).end_time
        alone = snapshot.query("export_regressions", month=month)
        whole = snapshot.query("export_regressions", month=None).query("month == @month")
        assert not (alone["recovered_on"] > end).any()
        later += (whole["recovered_on"] > end).sum()
        assert len(alone) == len(whole)
    assert later > 0, "the whole log knows what came after"
