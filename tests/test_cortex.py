"""Cortex scorecards as a guide map. The scorecards are our own."""

from __future__ import annotations

from pathlib import Path

import pytest
from given import build, over_tiny, read

from maturity import store

SOURCE = "sources:\n  - {id: ready, kind: cortex, path: imports/*.yaml, guide_map: true%s}\n"
CARD = """tag: ready
name: Ready for users
description: What we ask before users come.
draft: false
ladder:
  levels:
    - {name: Gold, rank: 3, description: Kept without thinking of it., color: "#cc9"}
    - {name: Bronze, rank: 1, description: Somebody answers.}
    - {name: Silver, rank: 2}
rules:
  - title: Has an owner
    expression: ownership.teams().length > 0
    level: Bronze
    weight: 2
    description: Somebody can be asked.
    failureMessage: Name a team in the catalogue.
  - {title: Is rehearsed, expression: 'custom("drill") != null', level: Gold, identifier: DRILL-1}
  - {title: Pages a human, expression: oncall != null, level: Silver}
"""


def folder(to: Path, card: str = CARD, more: str = "", **texts: str) -> Path:
    texts = {"imports/ready.yaml": card, "sources.yaml": SOURCE % more} | texts
    made = over_tiny(to / "data", **texts)
    for path in (made / "assessments").iterdir():
        path.unlink()
    (made / "risks" / "alpha.yaml").unlink()
    return made


def messages(to: Path, card: str, **texts: str) -> list[str]:
    return [m for m in read(folder(to, card, **texts))[1] if not m.startswith(("assessments:", "exemptions"))]


def test_the_ladder_becomes_levels_by_rank_and_rules_practices(tmp_path: Path):
    bundle = read(folder(tmp_path))[0].bundle
    assert [(p.record.level, p.record.name.en) for p in bundle.levels] == [(1, "Bronze"), (2, "Silver"), (3, "Gold")]
    assert [(p.record.id, p.record.level, p.record.weight, p.line) for p in bundle.practices] == [
        ("has-an-owner", 1, 2, 11),
        ("drill-1", 3, 1, 17),
        ("pages-a-human", 2, 1, 18),
    ]
    owner = bundle.practices[0].record
    assert (owner.why.en, owner.how_to.en, owner.evidence.en) == (
        "Somebody can be asked.", ["Name a team in the catalogue."], "ownership.teams().length > 0",
    )  # fmt: skip
    assert [c.record.name.ja for c in bundle.categories] == ["Ready for users"]


def test_every_rule_may_be_a_must(tmp_path: Path):
    bundle = read(folder(tmp_path, more=", must: true, review_days: 90"))[0].bundle
    assert {(p.record.must, p.record.review_days) for p in bundle.practices} == {(True, 90)}


def test_answers_to_the_rules_give_levels(tmp_path: Path):
    log = "product: alpha\nassessments:\n" + "".join(
        f"  - {{practice: {p}, assessed_on: 2026-01-10, assessor: kim, state: adopted}}\n"
        for p in ("has-an-owner", "pages-a-human")
    )
    exemption = "exemptions.csv"
    data = folder(tmp_path, **{"assessments/alpha.yaml": ""})
    (data / exemption).unlink(missing_ok=True)
    (data / "assessments" / "alpha.yaml").write_text(log)
    built = build(tmp_path / "store", data)
    assert [str(p) for p in built.problems if p.level == "error"] == []
    snapshot = store.open_current(tmp_path / "store")
    levels = snapshot.query("levels", month="2026-01").set_index("product")["level"]
    snapshot.close()
    assert levels["alpha"] == 2


def test_several_scorecards_share_one_ladder(tmp_path: Path):
    other = CARD.replace("tag: ready\nname: Ready for users", "tag: safe\nname: Safe").replace("Has an", "Has another")
    other = other.replace("DRILL-1", "DRILL-2").replace("Pages a human", "Pages two")
    bundle = read(folder(tmp_path, **{"imports/safe.yaml": other}))[0].bundle
    assert [c.record.id for c in bundle.categories] == ["ready", "safe"]
    assert len(bundle.practices) == 6
    assert len(bundle.levels) == 3


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        pytest.param(
            CARD.replace("level: Gold, id", "level: Platin, id"),
            "imports/ready.yaml:17: level: found 'Platin', expected one of Bronze, Silver, Gold of the ladder",
            id="a level that the ladder lacks",
        ),
        pytest.param(
            CARD.replace(", level: Silver}", "}"),
            "imports/ready.yaml:18: warning: rule: found 'Pages a human', unknown (1 entry not loaded), "
            "expected a level of the ladder, to be placed on the map",
            id="a rule without a level",
        ),
        pytest.param(
            CARD.replace("weight: 2", "weight: heavy"),
            "imports/ready.yaml:14: weight: found 'heavy', expected a number",
            id="a weight in words",
        ),
        pytest.param(
            CARD.replace("weight: 2", "weight: 0"),
            "imports/ready.yaml:11: warning: rule: found 'Has an owner', unknown (1 entry not loaded), "
            "expected a weight above 0; Cortex only reports on it",
            id="a weight of nothing",
        ),
        pytest.param(
            CARD.replace("Pages a human", "has AN owner!"),
            "imports/ready.yaml:18: title: found 'has AN owner!' again (first at imports/ready.yaml:11), "
            "expected another title or identifier: they become the id",
            id="two titles of one id",
        ),
        pytest.param(
            CARD.replace("rank: 2", "rank: 3"),
            "imports/ready.yaml:9: rank: found 3 again, expected each rank once",
            id="a rank twice",
        ),
        pytest.param(
            CARD.replace("draft: false", "draft: true"),
            "imports/ready.yaml:4: warning: draft: found true, expected a published scorecard",
            id="a draft",
        ),
        pytest.param(
            CARD.replace("draft: false", "filter: {kind: GENERIC}"),
            "imports/ready.yaml:4: warning: filter: found settings of Cortex, expected nothing; it is not carried over",
            id="a filter",
        ),
        pytest.param(
            CARD.replace("draft: false", "drafts: false"),
            "imports/ready.yaml:4: drafts: found an unknown field, expected draft (did you mean it?)",
            id="a field that Cortex does not know",
        ),
        pytest.param(
            CARD.replace("    expression: ownership.teams().length > 0\n", ""),
            "imports/ready.yaml:11: expression: found nothing, expected a value",
            id="a rule without an expression",
        ),
        pytest.param("just text\n", "imports/ready.yaml:1: file: found 'just text'", id="no scorecard at all"),
        pytest.param("tag: [\n", "imports/ready.yaml:2: yaml: found a syntax error", id="broken YAML"),
    ],
)
def test_a_slip_in_a_scorecard_is_told(tmp_path: Path, card: str, expected: str):
    assert [m for m in messages(tmp_path, card) if m.startswith(expected)], messages(tmp_path / "again", card)


def test_another_ladder_in_a_second_scorecard_is_refused(tmp_path: Path):
    other = CARD.replace("tag: ready", "tag: safe").replace("Gold", "Top")
    found = messages(tmp_path, CARD, **{"imports/safe.yaml": other})
    assert "imports/safe.yaml:5: ladder: found Bronze, Silver, Top, expected the ladder of imports/ready.yaml" in found


def test_no_file_is_told(tmp_path: Path):
    data = folder(tmp_path)
    (data / "imports" / "ready.yaml").unlink()
    expected = "sources.yaml:2: path: found no file imports/*.yaml, expected a file or pattern below the data folder"
    assert expected in read(data)[1]
