"""A frozen review: the same to the byte, sealed, opened like any month, and what a later one is compared with."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from io import BytesIO
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from given import SAMPLE, TINY_AS_OF, ask, build, day, over_tiny

from loaders import registry
from loaders.__main__ import main
from maturity import frozen, report, review, store, text
from maturity.export import REVIEW_FILES
from maturity.words import Words

JANUARY = str(TINY_AS_OF)


def freeze(data: Path, kept: Path, month: str = "2026-01", *more: str) -> int:
    return main(["freeze", month, "--data", str(data), "--store", str(kept), *more])


def published(data: Path, kept: Path, as_of: str = JANUARY) -> int:
    return main(["build", str(data), "--store", str(kept), "--as-of", as_of])


@pytest.fixture(scope="module")
def january(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose January is frozen, beside its store."""
    here = tmp_path_factory.mktemp("january")
    assert published(over_tiny(here / "data"), here / "store") == 0
    assert freeze(here / "data", here / "store") == 0
    return here


@pytest.fixture
def reviewed(january: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The same for one test alone."""
    return shutil.copytree(january / "data", tmp_path / "data"), shutil.copytree(january / "store", tmp_path / "store")


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


# ---------------------------------------------------------------------------------------------------------- freezing


def test_a_review_holds_its_csv_files_the_tables_that_pages_ask_and_their_sums(reviewed):
    data, _ = reviewed
    folder = data / "reviews" / "2026-01"
    head = json.loads((folder / "review.json").read_text())
    assert (head["month"], head["as_of"]) == ("2026-01", JANUARY)
    assert set(REVIEW_FILES) <= {p.name for p in folder.iterdir()}
    assert {"meta.parquet", "practice_state.parquet", "slo_month.parquet"} <= {
        p.name for p in (folder / "tables").iterdir()
    }
    assert not (folder / "tables" / "sli_part.parquet").exists()
    files = {name for name in content(folder) if name not in ("review.json", ".gitattributes")}
    assert files == set(head["files"])


def test_the_same_inputs_built_elsewhere_and_later_freeze_to_the_same_bytes(reviewed, tmp_path, capsys):
    data, _ = reviewed
    before = content(data / "reviews")
    assert published(data, tmp_path / "elsewhere") == 0
    for path in data.rglob("*.yaml"):
        path.touch()
    assert freeze(data, tmp_path / "elsewhere") == 0
    assert "frozen already, and the same to the byte" in capsys.readouterr().err
    assert content(data / "reviews") == before


def test_a_clone_that_is_called_otherwise_freezes_to_the_same_bytes(reviewed, tmp_path, capsys):
    data, _ = reviewed
    clone = shutil.copytree(data, tmp_path / "信頼性 2026")
    assert published(clone, tmp_path / "elsewhere") == 0
    assert freeze(clone, tmp_path / "elsewhere") == 0
    assert "frozen already, and the same to the byte" in capsys.readouterr().err


def test_a_month_that_is_frozen_otherwise_is_kept_unless_one_says_replace(reviewed, capsys):
    data, kept = reviewed
    before = content(data / "reviews")
    shutil.rmtree(data / "risks")
    assert published(data, kept) == 0
    assert freeze(data, kept) == 1
    told = capsys.readouterr()
    assert "reviews/2026-01/one_list.csv" in told.out
    assert "nothing was written" in told.err
    assert content(data / "reviews") == before
    assert freeze(data, kept, "2026-01", "--replace") == 0
    assert content(data / "reviews") != before


def test_a_month_that_cannot_be_replaced_is_there_as_it_was(reviewed, monkeypatch):
    data, kept = reviewed
    before = content(data / "reviews")
    shutil.rmtree(data / "risks")
    assert published(data, kept) == 0
    rename = Path.rename

    def full(self: Path, target: Path) -> Path:
        if self.parent.name.startswith(".freezing-") and self.name == "2026-01":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space"):
        store.freeze(kept, data, "2026-01", replace=True)
    assert content(data / "reviews") == before


def test_only_the_month_of_the_published_snapshot_can_be_frozen(reviewed, capsys):
    data, kept = reviewed
    assert freeze(data, kept, "2025-12") == 2
    assert f"found a snapshot as of {JANUARY}, expected one of 2025-12" in capsys.readouterr().err
    assert not (data / "reviews" / "2025-12").exists()


def test_a_snapshot_of_another_folder_is_not_frozen_into_this_one(reviewed, tmp_path, capsys):
    _, kept = reviewed
    other = over_tiny(tmp_path / "other")
    assert freeze(other, kept) == 2
    assert f"found a snapshot built from a folder data, expected {other}" in capsys.readouterr().err
    assert not (other / "reviews").exists()


def test_what_is_decided_after_the_day_leaves_its_review_as_it_was(reviewed, capsys):
    data, kept = reviewed
    more = ["--decision", "keep", "--reason", "So.", "--by", "kim", "--as-of", "2026-02-02"]
    assert main(["decide", str(data), "--slo", "alpha-ok", *more]) == 0
    assert published(data, kept, "2026-02-02") == 0
    assert published(data, kept) == 0
    assert freeze(data, kept) == 0
    assert "the same to the byte" in capsys.readouterr().err


def test_without_a_snapshot_there_is_nothing_to_freeze_or_report(tmp_path, capsys):
    data = over_tiny(tmp_path / "data")
    assert freeze(data, tmp_path / "none") == 2
    assert main(["report", "2026-01", "--store", str(tmp_path / "none"), "--to", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("expected one; run: guidemap build DIR") == 2


def test_a_freeze_that_is_stopped_leaves_no_review_behind(reviewed, monkeypatch):
    data, kept = reviewed
    shutil.rmtree(data / "reviews")
    monkeypatch.setattr(frozen, "seal", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        freeze(data, kept)
    assert sorted(p.name for p in data.iterdir()) == sorted(
        p.name for p in over_tiny(data.parent / "like new").iterdir()
    )


# ---------------------------------------------------------------------------------------------------------- trusting


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (
            lambda f: (f / "figures.csv").write_text("nothing"),
            "reviews/2026-01/figures.csv:1: sha256: found another sum",
        ),
        (
            lambda f: (f / "tables" / "meta.parquet").unlink(),
            "reviews/2026-01/tables/meta.parquet:1: file: found nothing",
        ),
        (
            lambda f: f.rename(f.with_name("2025-11")),
            "month: found '2026-01', expected 2025-11, as its folder is called",
        ),
        (
            lambda f: (f / "review.json").write_text(
                (f / "review.json").read_text().replace('"format": 1', '"format": 2')
            ),
            "reviews/2026-01/review.json:2: format: found",
        ),
        (
            lambda f: (f / "review.json").unlink(),
            "reviews/2026-01/review.json:1: file: found nothing, expected the file as it was frozen",
        ),
        (
            lambda f: (f / "review.json").write_text(""),
            "reviews/2026-01/review.json:1: file: found nothing, expected the file as it was frozen",
        ),
        (
            lambda f: shutil.copy(f / "tables" / "meta.parquet", f / "tables" / "more.parquet"),
            "reviews/2026-01/tables/more.parquet:1: file: found a table that review.json does not name",
        ),
        (
            lambda f: (f / "review.json").write_text((f / "review.json").read_text().replace(JANUARY, "2025-12-31")),
            "reviews/2026-01/review.json:4: as_of: found '2025-12-31', expected a day of 2026-01",
        ),
    ],
    ids=[
        "a changed file",
        "a missing file",
        "a folder of another name",
        "a form of another version",
        "a missing head",
        "an empty head",
        "a table that was put in",
        "a day of another month",
    ],
)
def test_a_review_that_was_touched_is_told_and_the_last_snapshot_stays(reviewed, capsys, harm, told):
    data, kept = reviewed
    good = store.current(kept)
    harm(data / "reviews" / "2026-01")
    assert published(data, kept, "2026-02-28") == 1
    assert told in capsys.readouterr().out
    assert store.current(kept) == good


@pytest.mark.parametrize(
    ("stray", "told"),
    [
        (lambda r: (r / "notes").mkdir(), "reviews/notes:1: warning: folder: found notes, which nothing reads"),
        (lambda r: shutil.copytree(r / "2026-01", r / "old"), "reviews/old:1: folder: found old, which nothing reads"),
        (lambda r: (r / "2025-12").mkdir(), "reviews/2025-12/review.json:1: file: found nothing"),
        (
            lambda r: shutil.rmtree(r / "2026-01" / "tables"),
            "reviews/2026-01/review.json:5: files: found nothing of ",
        ),
    ],
    ids=["a folder of notes", "a review that is called otherwise", "a month of nothing", "a review without its tables"],
)
def test_a_folder_that_is_no_review_is_told_in_one_line(reviewed, stray, told):
    data, _ = reviewed
    stray(data / "reviews")
    (problem,) = registry.read_folder(data, TINY_AS_OF).problems
    assert str(problem).startswith(told)


def test_a_review_of_a_day_to_come_is_a_problem_and_one_after_the_day_that_is_judged_is_not(reviewed):
    data, _ = reviewed
    reading = registry.read_folder(data, day("2025-12-31"), day("2026-01-31"))
    assert [loaded.record.month for loaded in reading.bundle.reviews] == ["2026-01"]
    reading = registry.read_folder(data, day("2025-12-31"), day("2026-01-30"))
    assert reading.bundle.reviews == []
    assert "reviews/2026-01/review.json:4: as_of: found '2026-01-31', expected a date not after 2026-01-30" in [
        str(problem) for problem in reading.problems
    ]


# ----------------------------------------------------------------------------------------------------------- opening


ANSWERS = (
    "levels", "agenda", "one_list", "first_steps", "list_totals", "practice_states", "risks", "falls", "budgets",
    "slo_advice", "risk_checks", "export_figures", "products", "policy",
)  # fmt: skip


def test_a_frozen_month_answers_as_the_snapshot_did(reviewed):
    data, kept = reviewed
    live = store.open_current(kept)
    assert published(data, kept, "2026-02-28") == 0
    then = store.open_month(kept, "2026-01")
    assert then.path.name.startswith("review-2026-01-")
    wanted = {"month": "2026-01", "product": None, "only": True, "risk": None}
    for name in ANSWERS:
        question = (frozen.QUERIES / f"{name}.sql").read_text()
        given = {key: value for key, value in wanted.items() if f"${key}" in question}
        pd.testing.assert_frame_equal(
            then.query(name, **given), live.query(name, **given), check_dtype=False, rtol=1e-11
        )


def test_a_review_of_an_earlier_version_opens_with_empty_places_for_what_it_did_not_know(reviewed):
    data, kept = reviewed
    folder = data / "reviews" / "2026-01"
    tables = folder / "tables"
    with duckdb.connect() as con:
        con.execute(f"create table t as select * exclude (how, owner) from '{tables}/one_list.parquet'")
        con.execute(f"copy t to '{tables}/one_list.parquet' (format parquet)")
    (tables / "first_step.parquet").unlink()
    frozen.seal(folder, "2026-01", TINY_AS_OF)
    assert published(data, kept, "2026-02-28") == 0
    then = store.open_month(kept, "2026-01")
    listed = then.query("one_list", product=None)
    assert len(listed) > 5
    assert listed["how"].isna().all()
    assert listed["minutes"].notna().all()
    assert then.query("first_steps", product=None).empty
    assert report.to_html(then.query, "en").count("<section") == 6


@pytest.mark.parametrize("keep", [0, 100_000], ids=["empty", "cut off"])
def test_a_review_that_is_damaged_in_the_store_is_made_again_by_a_build(reviewed, tmp_path, capsys, keep):
    data, kept = reviewed
    assert published(data, kept, "2026-02-28") == 0
    (made,) = kept.glob("review-2026-01-*.duckdb")
    made.write_bytes(made.read_bytes()[:keep])
    told = ["report", "2026-01", "--store", str(kept), "--to", str(tmp_path / "out")]
    assert main(told) == 2
    assert made.name in capsys.readouterr().err
    assert published(data, kept, "2026-02-28") == 0
    assert main(told) == 0


def test_tables_that_were_sealed_damaged_are_one_line_and_the_last_snapshot_stays(reviewed, capsys):
    data, kept = reviewed
    before, review = store.current(kept), data / "reviews" / "2026-01"
    (review / "tables" / "agenda.parquet").write_bytes(b"PAR1")
    frozen.seal(review, "2026-01", TINY_AS_OF)
    assert published(data, kept, "2026-02-28") == 1
    assert f"found {review}: Invalid Input Error" in capsys.readouterr().err.splitlines()[-1]
    assert store.current(kept) == before


def test_a_review_that_is_gone_from_the_data_folder_is_gone_from_the_store(reviewed):
    data, kept = reviewed
    assert published(data, kept, "2026-02-28") == 0
    assert len(list(kept.glob("review-*.duckdb"))) == 1
    shutil.rmtree(data / "reviews")
    assert published(data, kept, "2026-02-28") == 0
    assert list(kept.glob("review-*.duckdb")) == []
    assert store.open_month(kept, "2026-01") is None


def test_what_a_product_without_an_slo_loses_stands_in_its_total_and_unknown_minutes_are_no_zero(tmp_path):
    numbers = "cre: {ettd_min: 5, ettr_min: 10, users_affected: 0.5, ettf_days: 100, basis: guess}"
    known = f"""schema: sre-risk-records/1
records:
  - {{id: DISK, products: [beta], title: Disk, summary: S, status: new, detected: {{at: 2026-01-03, via: drill}},
     {numbers}}}
"""
    folder = over_tiny(tmp_path / "data", **{"risks/beta.yaml": known})
    unknown = known.replace("DISK", "DARK").replace("beta", "alpha").replace(numbers, "")
    (folder / "risks" / "alpha.yaml").write_text(unknown)
    assert not build(tmp_path / "store", folder).problems
    snapshot = store.open_current(tmp_path / "store")
    totals = snapshot.query("list_totals").set_index("product")
    listed = snapshot.query("one_list", product="beta").set_index("id")
    assert totals.loc["beta", "risks"] == pytest.approx(listed.loc["DISK", "minutes"]) == pytest.approx(27.39375)
    assert totals.loc["beta", ["risks_share", "year_budget"]].isna().all(), "there is no SLO that pays"
    assert totals.loc["alpha", ["risks", "risks_share"]].isna().all(), "nobody said how much"


# --------------------------------------------------------------------------------------------------------- comparing


def changes(kept: Path) -> list[tuple]:
    return ask(store.current(kept), "select topic, kind, id, product, reasons from change order by all")


def test_an_incident_and_a_decision_about_a_risk_have_changed_for_each_of_their_products(reviewed):
    data, kept = reviewed
    (data / "incidents.yaml").write_text(
        "incidents:\n  - {id: INC-9, products: [beta, alpha], title: Both are down, severity: 1, "
        "started_at: 2026-02-03T04:00:00Z, detected_at: 2026-02-03T04:05:00Z, ended_at: 2026-02-03T05:00:00Z}\n"
    )
    (data / "risks" / "both.yaml").write_text(
        "schema: sre-risk-records/1\nrecords:\n  - {id: DISK, products: [beta, alpha], title: Full disk, "
        "category: capacity, status: new, owner: lee, summary: It fills., "
        "detected: {at: 2026-01-01, by: kim, via: drill}}\n"
    )
    (data / "decisions.yaml").write_text(
        "decisions:\n  - {id: DEC-9, risk: DISK, decision: act, reason: Now, decided_on: 2026-02-04, "
        "decided_by: kim, owner: lee}\n"
    )
    assert published(data, kept, "2026-02-28") == 0
    snapshot = store.open_current(kept)
    both = {"INC-9", "DEC-9"}
    for product, seen in {"alpha": both, "beta": both, "neither": set()}.items():
        assert both & set(snapshot.query("changes", product=product)["id"]) == seen, product
    snapshot.close()


def test_late_data_and_a_correction_restate_the_month_that_was_shown_and_say_why(reviewed):
    data, kept = reviewed
    late = "slo,start,good,total\nalpha-ok,2026-01-31T00:00:00Z,0,50\n"
    (data / "sli" / "late.csv").write_text(late)
    assert published(data, kept, "2026-02-28") == 0
    assert ("budget", "restated", "alpha-ok", "alpha", ["data"]) in changes(kept)
    (data / "sli" / "late.csv").unlink()
    (data / "corrections.yaml").write_text(
        "corrections:\n  - {id: c-1, slos: [alpha-ok], start: 2026-01-25T00:00:00Z, duration_minutes: 14400, "
        "effect: good, category: external, author: kim, recorded_on: 2026-02-10, reason: Not ours.}\n"
    )
    assert published(data, kept, "2026-02-28") == 0
    found = [row for row in changes(kept) if row[1] == "restated"]
    assert found == [("budget", "restated", "alpha-ok", "alpha", ["correction"])]


def test_an_answer_that_is_dated_back_restates_the_practice_and_nothing_is_restated_without_a_reason(reviewed):
    data, kept = reviewed
    assert published(data, kept, "2026-02-28") == 0
    assert [row for row in changes(kept) if row[1] == "restated"] == []
    (data / "assessments" / "late.csv").write_text(
        "product,practice,assessed_on,assessor,state\nbeta,obs-01,2026-01-20,lee,adopted\n"
    )
    assert published(data, kept, "2026-02-28") == 0
    assert ("practice", "restated", "obs-01", "beta", ["record"]) in changes(kept)


def test_an_slo_that_was_taken_out_is_gone_and_restates_the_month_that_was_shown(reviewed):
    data, kept = reviewed
    for name, link in (
        ("products.yaml", ", main_slo: alpha-ok"),
        ("risks/alpha.yaml", "    links: {slos: [alpha-ok]}\n"),
    ):
        text = (data / name).read_text(encoding="utf-8")
        (data / name).write_text(text.replace(link, ""), encoding="utf-8")
    for name in ("slos", "sli"):
        shutil.rmtree(data / name)
    assert published(data, kept, "2026-02-28") == 0
    found = [row for row in changes(kept) if row[0] == "budget"]
    assert found == [
        ("budget", "gone", "alpha-ok", "alpha", None),
        ("budget", "restated", "alpha-ok", "alpha", ["withdrawn"]),
    ]


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_what_was_taken_out_keeps_the_name_of_its_product_and_leads_nowhere(reviewed, language):
    data, kept = reviewed
    for name, *gone in (
        ("products.yaml", ", main_slo: alpha-ok", "providers: [beta], "),
        ("risks/alpha.yaml", "    links: {slos: [alpha-ok]}\n"),
        ("assessments/alpha.yaml",),
    ):
        given = (data / name).read_text(encoding="utf-8")
        for part in gone:
            given = given.replace(part, "")
        kept_lines = [line for line in given.splitlines() if not re.search("(id|provider): beta", line)]
        (data / name).write_text("\n".join(kept_lines), encoding="utf-8")
    (data / "assessments" / "beta.csv").unlink()
    for name in ("slos", "sli"):
        shutil.rmtree(data / name)
    assert published(data, kept, "2026-02-28") == 0
    query = store.open_current(kept).query
    words = Words("changes", language, review.names_of(query, language))
    rows = review.change_rows(words, query("changes", product=None), lambda label, page, **_: (label, page))
    products = {row[2] for row in rows}
    assert {"en": {"Alpha", "Beta", "–"}, "ja": {"アルファ", "ベータ", "–"}}[language] >= products
    assert not any(page == "slo" for row in rows if isinstance(row[1], tuple) for page in row[1][1:])


@pytest.mark.parametrize("lacking", [("by_signal", "by_map"), None], ids=["some columns", "the table"])
def test_a_review_of_an_earlier_version_is_compared_as_far_as_it_knew(reviewed, lacking):
    data, kept = reviewed
    file = data / "reviews" / "2026-01" / "tables" / "figure.parquet"
    if lacking:
        with duckdb.connect() as con:
            con.execute(f"create table t as select * exclude ({', '.join(lacking)}) from '{file}'")
            con.execute(f"copy t to '{file}' (format parquet)")
    else:
        file.unlink()
    frozen.seal(data / "reviews" / "2026-01", "2026-01", TINY_AS_OF)
    late = "product,practice,assessed_on,assessor,state\nbeta,obs-01,2026-01-20,lee,adopted\n"
    (data / "assessments" / "late.csv").write_text(late)
    assert published(data, kept, "2026-02-28") == 0
    restated = [row for row in changes(kept) if row[:2] == ("practice", "restated")]
    assert restated == ([("practice", "restated", "obs-01", "beta", ["record"])] if lacking else [])


def test_the_same_month_is_never_compared_with_itself(reviewed):
    data, kept = reviewed
    assert published(data, kept) == 0
    assert changes(kept) == []


# --------------------------------------------------------------------------------------------------- earlier days


def test_what_came_later_than_the_day_that_is_judged_is_left_out_and_what_never_came_is_wrong(tmp_path):
    data = over_tiny(tmp_path / "data")
    (data / "decisions.yaml").write_text(
        "decisions:\n"
        "  - {id: D-1, slo: alpha-ok, decided_on: 2026-01-05, decision: act, reason: So., decided_by: kim, "
        "state: done, closed_on: 2026-02-05, result: It holds.}\n"
        "  - {id: D-2, slo: alpha-ok, decided_on: 2026-02-05, decision: keep, reason: So., decided_by: kim}\n"
    )
    reading = registry.read_folder(data, TINY_AS_OF, day("2026-02-10"))
    assert reading.problems == []
    bundle = reading.bundle
    assert [(d.record.id, d.record.state, d.record.result) for d in bundle.decisions] == [("D-1", "open", None)]
    reading = registry.read_folder(data, TINY_AS_OF, day("2026-02-01"))
    assert [str(p) for p in reading.problems] == [
        "decisions.yaml:2: closed_on: found '2026-02-05', expected a date not after 2026-02-01",
        "decisions.yaml:3: decided_on: found '2026-02-05', expected a date not after 2026-02-01",
    ]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_buckets_later_than_the_day_wait_for_the_build_of_their_day_and_future_ones_are_wrong(tmp_path, kind):
    data, kept = over_tiny(tmp_path / "data"), tmp_path / "store"
    rows = "select 'alpha-ok' as slo, unnest([timestamp '2026-01-31 23:00', timestamp '2026-02-03 01:00']) as start"
    duckdb.sql(f"copy ({rows}, 7.0 as good, 9.0 as total) to '{data}/sli/late.{kind}' (format {kind})")
    days = "select day::varchar, total from slo_day where day >= '2026-01-31' and total is not null order by day"
    first = build(kept, data, TINY_AS_OF, today=day("2026-02-10"))
    assert [p.level for p in first.problems] == ["warning"]  # the bucket of 31 January is given again
    assert ask(first.snapshot, days) == [("2026-01-31", 2309.0)]
    second = build(kept, data, day("2026-02-03"), minute=1, today=day("2026-02-10"))
    assert ask(second.snapshot, days) == [("2026-01-31", 2309.0), ("2026-02-03", 9.0)]
    wrong = build(kept, data, TINY_AS_OF, minute=2, today=day("2026-02-02"))
    assert wrong.snapshot is None
    assert "expected a time not after 2026-02-02" in "\n".join(map(str, wrong.problems))


def test_a_risk_has_the_log_and_the_numbers_that_it_had_then():
    earlier, now = (registry.read_folder(SAMPLE, day(on), day("2026-09-30")) for on in ("2026-08-31", "2026-09-30"))
    assert earlier.problems == []
    then, today = ({one.record.id: one.record for one in reading.bundle.risks} for reading in (earlier, now))
    assert then["SRR-2026-002"].cre != today["SRR-2026-002"].cre
    assert then["SRR-2026-002"].cre == today["SRR-2026-002"].earlier[-1].cre
    assert max(entry.at for entry in then["SRR-2026-002"].log) <= day("2026-08-31")
    assert "SRR-2026-008" not in then  # it was found in September


def test_august_of_the_sample_is_what_a_build_of_today_would_freeze(tmp_path, capsys):
    data = tmp_path / SAMPLE.name
    shutil.copytree(SAMPLE, data)
    assert published(data, tmp_path / "store", "2026-08-31") == 0
    assert freeze(data, tmp_path / "store", "2026-08") == 0, "run: make sample"
    assert "the same to the byte" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------------------ report


def test_the_report_is_written_in_three_files_that_are_the_same_each_time(reviewed, tmp_path, capsys):
    _, kept = reviewed
    for folder in ("one", "other"):
        assert main(["report", "2026-01", "--lang", "ja", "--store", str(kept), "--to", str(tmp_path / folder)]) == 0
    assert content(tmp_path / "one") == content(tmp_path / "other")
    assert set(content(tmp_path / "one")) == {
        "review-2026-01.ja.html",
        "review-2026-01.ja.md",
        "review-2026-01-csv.zip",
    }
    assert capsys.readouterr().out.count("review-2026-01.ja.html") == 2


def test_a_month_that_is_neither_frozen_nor_published_has_no_report(reviewed, tmp_path, capsys):
    _, kept = reviewed
    assert main(["report", "2025-07", "--store", str(kept), "--to", str(tmp_path)]) == 2
    assert "found no review of 2025-07" in capsys.readouterr().err


def test_a_frozen_month_is_reported_as_it_was_shown(reviewed, tmp_path):
    data, kept = reviewed
    query = store.open_current(kept).query
    shown = report.to_html(query, "en")
    (data / "sli" / "late.csv").write_text("slo,start,good,total\nalpha-ok,2026-01-31T00:00:00Z,0,50\n")
    assert published(data, kept, "2026-02-28") == 0
    assert main(["report", "2026-01", "--store", str(kept), "--to", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "review-2026-01.en.html").read_text() == shown


@pytest.fixture(scope="module")
def sample(sample_store: Path) -> store.Snapshot:
    return store.open_current(sample_store)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_html_needs_nothing_else_and_cannot_send_anything(sample, language):
    made = report.to_html(sample.query, language)
    assert f'<html lang="{language}">' in made
    for sign in ("<script", "http://", "https://", "url(", "@import", "src=", "<form", "href="):
        assert sign not in made, sign
    for left in ("nan", "NaT", "None"):
        assert f">{left}<" not in made


def test_the_summary_is_short_enough_for_chat_and_a_shorter_meeting_says_what_it_cut(sample):
    whole, short = report.to_markdown(sample.query, "en", 300), report.to_markdown(sample.query, "en", 15)
    assert len(whole.splitlines()) < 60
    assert "had no time" not in whole
    assert "items had no time" in short
    assert "**First words within 2 seconds** (Askhub / Exhausted, still burning" in short


def test_words_of_a_record_cannot_become_markup_in_chat_or_html():
    assert report._plain("a *b* [c](d) <e> |") == r"a \*b\* \[c\](d) \<e\> \|"
    assert report._text("<b>&") == "&lt;b&gt;&amp;"


def test_the_zip_holds_the_bundle_of_the_month(sample):
    with zipfile.ZipFile(BytesIO(report.to_zip(sample.query, "2026-09"))) as made:
        assert {"agenda.csv", "one_list.csv", "risks.csv", "slo_status.csv"} <= set(made.namelist())
        rows = made.read("slo_status.csv").decode("utf-8-sig").splitlines()
    assert {row.split(",")[0] for row in rows[1:]} == {"2026-09"}
