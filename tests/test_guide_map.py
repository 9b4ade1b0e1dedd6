"""Guide maps of one's own: what is read, what the changes make of it, and what the examples in the document do.

The exact messages of maps with slips stand in `tests/bad/map_*` and `tests/bad/changes_*`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from given import ROOT, TESTS, TINY_AS_OF, ask, build, day, defaults, over_tiny, read, write, yaml_file

from loaders import guide_map_changes
from loaders.guide_map_changes import CHANGED
from maturity.falls import falls
from maturity.levels import Adoption
from maturity.records.guide_map import Practice
from maturity.records.problems import Loaded

MINE = ("map_", "changes_")
BAD = sorted(folder for folder in (TESTS / "bad").iterdir() if folder.name.startswith(MINE))
GOOD = sorted(folder for folder in (TESTS / "good").iterdir() if folder.name.startswith(MINE))
CHANGES = "guide_map_changes.yaml"
HEAD = "schema: sre-guide-map-changes/1\n"


def practices(folder: Path) -> dict[str, Loaded[Practice]]:
    """The practices of a folder that is read without a problem."""
    reading, messages = read(folder)
    assert messages == []
    return {loaded.record.id: loaded for loaded in reading.bundle.practices}


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Loaded[Practice]]:
    return practices(over_tiny(tmp_path_factory.mktemp("changed") / "data", TESTS / "good" / "changes_every_form"))


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_every_form_of_a_map_loads_and_builds(tmp_path: Path, case: Path):
    folder = over_tiny(tmp_path / "data", case)
    assert read(folder)[1] == []
    assert build(tmp_path / "store", folder).snapshot


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_with_its_problems_kept_a_map_can_still_be_judged(tmp_path: Path, case: Path):
    built = build(tmp_path / "store", over_tiny(tmp_path / "data", case), keep_going=True)
    assert built.snapshot
    assert built.rows["problem"] == len((case / "expected.txt").read_text(encoding="utf-8").splitlines())


# ------------------------------------------------------------------------------------------------- what changes make


def test_only_the_named_fields_of_a_practice_change(changed):
    (before,) = (p.record for p in defaults().practices if p.record.id == "own-01")
    after = changed["own-01"].record
    assert (after.name.en, after.review_days, after.effort, after.must) == ("One owner", 90, None, True)
    kept = set(Practice.model_fields) - {"name", "review_days", "effort", "prerequisites", "checklist"}
    assert {name: getattr(after, name) for name in kept} == {name: getattr(before, name) for name in kept}


def test_items_are_added_at_the_end_and_retired_where_they_stand(changed):
    items = changed["own-01"].record.checklist
    assert [(i.id, i.added_on, i.retired_on) for i in items] == [
        ("a", None, None),
        ("b", None, None),
        ("c", None, day("2026-01-15")),
        ("d", day("2026-01-15"), None),
    ]
    assert (items[1].en, items[1].ja) == ("The channel answers within a day", "連絡先は1日以内に返答する")


def test_a_practice_that_goes_stays_in_the_map_with_its_successor(changed):
    gone = changed["lrn-04"].record
    assert (gone.retired_on, gone.superseded_by) == (day("2026-01-15"), "rsk-03")


def test_levels_and_categories_can_be_added_and_renamed(tmp_path: Path):
    bundle = read(over_tiny(tmp_path / "data", TESTS / "good" / "changes_every_form"))[0].bundle
    assert [(x.record.level, x.record.name.en) for x in bundle.levels][::4] == [(1, "Entry"), (5, "Shared")]
    assert bundle.levels[0].record.meaning == defaults().levels[0].record.meaning
    names = {x.record.id: x.record.name.ja for x in bundle.categories}
    assert (names["ownership"], names["ai"], len(names)) == ("担当", "モデル", 13)


def test_a_record_keeps_the_place_of_the_map_below_and_its_changed_parts_know_theirs(changed):
    own = changed["own-01"]
    text = (TESTS / "good" / "changes_every_form" / CHANGES).read_text(encoding="utf-8").splitlines()
    base = next(p for p in defaults().practices if p.record.id == "own-01")
    assert (own.file, own.line) == (base.file, base.line)
    assert own.place_of("why", "ja") == (base.file, base.line_of("why", "ja"))
    assert own.place_of("checklist", 0, "en") == (base.file, base.line_of("checklist", 0, "en"))
    places = {
        ("name",): "name: {en: One owner",
        ("name", "ja"): "name: {en: One owner",
        ("checklist", 1, "ja"): "id: b, en: The channel",
        ("checklist", 2, "retired_on"): "id: c, retired_on",
        ("checklist", 3): "id: d, en: The owner",
    }
    for path, start in places.items():
        file, line = own.place_of(*path)
        assert file == CHANGES
        assert start in text[line - 1]


def test_a_practice_that_was_added_has_its_own_place(changed):
    assert changed["ai-01"].places == {}
    assert (changed["ai-01"].file, changed["ai-01"].line) == (CHANGES, 8)


def test_a_bad_entry_leaves_the_map_below_and_the_other_entries_alone(tmp_path: Path):
    text = HEAD + "change:\n  practices:\n    - {id: own-01, level: high}\n    - {id: own-02, must: true}\n"
    reading, messages = read(over_tiny(tmp_path / "data", **{CHANGES: text}))
    assert messages == [f"{CHANGES}:4: level: found 'high', expected a whole number"]
    found = {p.record.id: p.record for p in reading.bundle.practices}
    assert (found["own-01"].level, found["own-02"].must) == (1, True)


def test_changes_are_counted_in_the_list_of_files(tmp_path: Path):
    text = HEAD + "change:\n  practices:\n    - {id: own-01, must: perhaps}\n    - {id: own-99}\n    - {id: own-02}\n"
    reading, _ = read(over_tiny(tmp_path / "data", **{CHANGES: text}))
    (file,) = (f for f in reading.bundle.files if f.file == CHANGES)
    assert (file.topic, file.rows, file.accepted) == ("guide_map", 3, 1)


def test_a_must_that_retires_stays_one_for_the_time_before(tmp_path: Path):
    text = HEAD + "retire:\n  - {id: own-03, retired_on: 2026-06-01}\n"
    reading, _ = read(over_tiny(tmp_path / "data", **{CHANGES: text}))
    (gone,) = (p.record for p in reading.bundle.practices if p.record.id == "own-03")
    assert (gone.must, gone.retired_on) == (True, day("2026-06-01"))


def test_the_fields_of_a_practice_have_one_home():
    elsewhere = {"checklist", "retired_on", "superseded_by"}
    assert set(CHANGED["practices"].model_fields) == set(Practice.model_fields) - elsewhere
    required = {name for name, info in CHANGED["practices"].model_fields.items() if info.is_required()}
    assert required == {"id"}


def test_a_source_without_practices_cannot_be_the_map(tmp_path: Path):
    text = "sources:\n  - {id: catalogue, kind: backstage, path: catalogue/*.yaml, guide_map: true}\n"
    reading, messages = read(over_tiny(tmp_path / "data", **{"sources.yaml": text}))
    expected = "guide_map: true only where the files define practices"
    assert f"sources.yaml:2: guide_map: found a guide map of kind backstage, expected {expected}" in messages
    assert len(reading.bundle.practices) == len(defaults().practices)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("add: {practices: {id: a}}", id="fields for a list"),
        pytest.param("add: {practices: [[]], levels: [1], categories: [~]}", id="lists in lists"),
        pytest.param("change: {practices: [{id: [a]}], levels: [{level: [1]}], categories: x}", id="lists for ids"),
        pytest.param("items: [{practice: own-01, add: a, change: {}, retire: [b]}]", id="texts for lists"),
        pytest.param("retire: [own-01, ~, 1, {id: {}}]", id="texts for fields"),
        pytest.param("change: text", id="a text for lists"),
        pytest.param("add: [~]", id="a list for lists"),
        pytest.param("add: {levels: [{level: '²', name: a, meaning: b}, {level: '-1'}]}", id="odd numbers"),
        pytest.param("--- \nretire: []\n--- \n- a\n", id="several documents"),
    ],
)
def test_whatever_stands_in_the_changes_is_a_problem_and_no_exception(tmp_path: Path, text: str):
    reading, messages = read(over_tiny(tmp_path / "data", **{CHANGES: HEAD + text + "\n"}))
    assert messages
    assert all(message.startswith(CHANGES) for message in messages)
    assert len(reading.bundle.practices) == len(defaults().practices)


# ------------------------------------------------------------------------------------------------- words and signals


def test_a_text_may_be_given_once_where_the_map_has_two_languages(tmp_path: Path):
    own = practices(over_tiny(tmp_path / "data", TESTS / "good" / "map_own"))["own-01"].record
    assert (own.name.en, own.name.ja) == ("Practice own-01", "Practice own-01")
    assert own.how_to.ja == ["一。"]


def test_every_signal_says_what_it_looks_at_in_both_languages_and_where_its_limit_comes_from():
    for signal in yaml_file(ROOT / "data" / "signals.yaml")["signals"]:
        shown = signal["id"]
        assert {"en", "ja"} == set(signal["name"]) == set(signal["meaning"]), shown
        assert re.search(r"[ぁ-んァ-ン]", signal["meaning"]["ja"]), shown
        assert not re.search(r"[ぁ-んァ-ン]", signal["meaning"]["en"]), shown
        assert "written" not in signal["source"], shown
        if signal["seen_in"] != "github":
            assert "ontradicts" in signal["meaning"]["en"], shown
            assert "矛盾" in signal["meaning"]["ja"], shown


def test_every_signal_of_the_default_is_named_by_a_practice():
    named = {signal for loaded in defaults().practices for signal in loaded.record.signals}
    assert named == {signal["id"] for signal in yaml_file(ROOT / "data" / "signals.yaml")["signals"]}


# ------------------------------------------------------------------------------------------------- the document


def example(name: str) -> str:
    """The block of the document that begins with the name of its file."""
    text = (ROOT / "docs" / "guide-map.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"```\w+\n# {re.escape(name)}\n(.*?)```", text, flags=re.S)
    return block


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`tests/tiny` with the changes and the observations of the document, and an answer to rec-01."""
    log = "product: beta\nassessments:\n"
    log += "  - {practice: rec-01, assessed_on: 2026-01-10, assessor: lee, items_done: [a, b, c]}\n"
    files = {name: example(name) for name in (CHANGES, "signals/pager.csv")}
    return over_tiny(tmp_path_factory.mktemp("documented") / "data", **files, **{"assessments/more.yaml": log})


def test_the_changes_in_the_document_load(documented: Path):
    found = practices(documented)
    assert found["ai-01"].record.tiers == [1, 2]
    assert [item.id for item in found["rec-01"].record.checklist] == ["a", "b", "c", "d"]
    assert found["lrn-04"].record.superseded_by == "rsk-03"


def test_the_schema_of_the_whole_file_takes_what_the_reader_takes(documented: Path):
    for path in (documented / CHANGES, *(case / CHANGES for case in GOOD if (case / CHANGES).is_file())):
        assert guide_map_changes.FILE.model_validate(yaml_file(path)), path


def test_the_worked_example_of_the_document_is_true(documented: Path):
    made = Adoption.of(read(documented)[0].bundle)
    states = {on: made.state("beta", "rec-01", day(on)).state for on in ("2026-03-01", "2026-05-30", "2026-05-31")}
    assert states == {"2026-03-01": "adopted", "2026-05-30": "stale", "2026-05-31": "partial"}
    fell = [
        f
        for f in falls(made, day("2026-06-30"))
        if (f.product, f.practice, f.to_state) == ("beta", "rec-01", "partial")
    ]
    assert [(str(f.on), f.cause, f.regression) for f in fell] == [("2026-05-31", "model_change", False)]


def test_a_changed_map_is_published_with_its_dates(documented: Path, tmp_path: Path):
    built = build(tmp_path / "store", documented)
    rows = ask(
        built.snapshot, "select id, added_on::text, retired_on::text from practice where id in ('ai-01', 'lrn-04')"
    )
    assert sorted(rows) == [("ai-01", "2026-03-01", None), ("lrn-04", None, "2026-03-01")]


def test_the_map_in_the_document_loads(tmp_path: Path):
    write(tmp_path / "guide_map.yaml", example("guide_map.yaml"))
    product = "{id: alpha, name: Alpha, team: red, tier: 1, target_level: 2}"
    write(tmp_path / "products.yaml", f"products:\n  - {product}\n")
    answer = "{practice: ops-01, assessed_on: 2026-01-10, assessor: kim, items_done: [a, b]}"
    write(tmp_path / "assessments/alpha.yaml", f"product: alpha\nassessments:\n  - {answer}\n")
    assert list(practices(tmp_path)) == ["ops-01", "ops-02"]


def test_the_document_names_every_part_of_the_file_with_changes():
    document = (ROOT / "docs" / "guide-map.md").read_text(encoding="utf-8")
    for name in guide_map_changes.FILE.model_fields.keys() - {"schema_"}:
        assert f"\n{name}:" in example(CHANGES), name
        assert f"`{name}`" in document, name


# ------------------------------------------------------------------------------------------------- reviews of SLOs


def test_an_slo_knows_the_days_of_its_reviews_and_where_they_stand(tmp_path: Path):
    text = (TESTS / "tiny" / "slos" / "alpha.yaml").read_text(encoding="utf-8")
    note = '    guidemap/reviewed-on: "2026-01-20; 2025-10-01; 2026-01-20;"\n'
    lines = text.replace("    guidemap/bucket", f"{note}    guidemap/bucket").splitlines()
    reading, messages = read(over_tiny(tmp_path / "data", **{"slos/alpha.yaml": "\n".join(lines) + "\n"}), TINY_AS_OF)
    (slo,) = reading.bundle.slos
    assert messages == []
    assert slo.record.reviewed_on == [day("2025-10-01"), day("2026-01-20")]
    assert "reviewed-on" in lines[slo.line_of("reviewed_on") - 1]
