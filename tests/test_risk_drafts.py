"""From the metric to the record: what the rules propose, when they are quiet, and how a person accepts it."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from given import SAMPLE, build, over_tiny, read, slo, write
from test_risk_checks import AS_OF, bundle, incident, risk

from loaders import risk_accept, written
from loaders.__main__ import main
from maturity import risk_drafts, store
from maturity.records.incidents import MetricValue, WatchedMetric
from maturity.records.problems import Loaded
from maturity.records.slos import Member
from maturity.risk_drafts import Burn


def drafts(*records: Loaded, burns: tuple = (), **more: Any) -> list[dict]:
    return list(risk_drafts.rows(bundle(*records, **more), burns, AS_OF))


def rules(*records: Loaded, **more: Any) -> list[tuple[str, str]]:
    return [(row["rule"], row["id"]) for row in drafts(*records, **more)]


# ------------------------------------------------------------------------------------------------- watched metrics


def watched(*weekly: float, soft: float = 60, hard: float = 90) -> dict:
    """A metric with one value a week, the last one on the snapshot's day."""
    metric = WatchedMetric(id="trunk", product="alpha", name="Trunk use", unit="%", soft_limit=soft, hard_limit=hard)
    values = [
        MetricValue(metric="trunk", on=AS_OF - dt.timedelta(days=7 * ago), value=value)
        for ago, value in zip(range(len(weekly) - 1, -1, -1), weekly, strict=True)
    ]
    return {
        "watched_metrics": [Loaded(metric, "watched_metrics.yaml", 2)],
        "metric_values": [Loaded(value, "metrics/a.csv", i) for i, value in enumerate(values, 2)],
    }


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        pytest.param((50, 61, 55, 62), "soft_limit", id="beyond in two of the last three weeks"),
        pytest.param((61, 62, 50, 50, 55), None, id="long ago"),
        pytest.param((50, 50, 50, 50, 50, 50, 61), None, id="once, and flat before"),
        pytest.param((40, 44, 48, 52), "trend", id="4 a week: 90 is reached in 66 days"),
        pytest.param((50, 51, 52, 53), None, id="1 a week: 259 days"),
        pytest.param((59, 55), None, id="two weeks are no trend"),
        pytest.param((55, 50, 45), None, id="it falls"),
    ],
)
def test_a_metric_beyond_its_soft_limit_or_on_its_way_to_the_hard_one(values: tuple, rule: str | None):
    assert [found for found, _ in rules(**watched(*values))] == ([rule] if rule else [])


def test_a_metric_where_low_is_bad_turns_round():
    assert [rule for rule, _ in rules(**watched(80, 45, 44, soft=50, hard=20))] == ["soft_limit"]


def test_the_worst_value_of_a_week_counts():
    more = watched(50, 50, 50)
    on = AS_OF - dt.timedelta(days=2)
    more["metric_values"] += [
        Loaded(MetricValue(metric="trunk", on=day, value=70), "metrics/a.csv", 9)
        for day in (on, on - dt.timedelta(days=7))
    ]
    assert [rule for rule, _ in rules(**more)] == ["soft_limit"]


def test_a_trend_says_in_how_many_days():
    (row,) = drafts(**watched(40, 44, 48, 52))
    assert "in 66 days" in row["reason_en"]
    assert "66日" in row["reason_ja"]


def test_an_open_record_of_the_metric_keeps_the_rule_quiet_and_a_closed_one_does_not():
    found = {"at": "2026-06-20", "via": "soft_limit", "metric": "trunk"}
    closed = {"status": "closed", "closed": {"at": "2026-06-20", "by": "kim", "reason": "fixed", "evidence": "E"}}
    assert rules(risk(detected=found), **watched(61, 62)) == []
    assert len(rules(risk(detected=found, **closed), **watched(61, 62))) == 1


# ------------------------------------------------------------------------------------------ burn alerts, incidents

BURN = Burn("main", "page", 60, 20.0, 13.44)


def test_a_burn_alert_on_an_slo_that_no_record_speaks_of():
    (row,) = drafts(burns=(BURN,))
    assert (row["rule"], row["id"], row["product"]) == ("burn", "draft-burn-main", "alpha")
    assert (row["src_file"], row["src_line"]) == ("slos/a.yaml", 1)
    assert '"observed": "20.0", "limit": "13.4"' in row["record"]
    assert drafts(risk(links={"slos": ["main"]}), burns=(BURN,)) == []


def test_what_burns_a_composite_is_told_of_its_member_where_that_fires_or_is_on_record():
    given = bundle(risk())
    whole = slo(id="whole", combine="weighted", members=[Member(slo="main"), Member(slo="other")])
    given.slos = [*given.slos, Loaded(whole, "slos/a.yaml", 9)]
    burn = replace(BURN, slo="whole")

    def proposed(*burns: Burn) -> list[str]:
        return [row["id"] for row in risk_drafts.rows(given, burns, AS_OF) if row["rule"] == "burn"]

    assert proposed(burn) == ["draft-burn-whole"], "only all of them together burn too fast"
    assert proposed(BURN, burn) == ["draft-burn-main"]
    given.risks = [risk(links={"slos": ["main"]})]
    assert proposed(burn) == []


@pytest.mark.parametrize(
    ("minutes", "on", "rule"), [(21, "2026-06-01", 1), (20, "2026-06-01", 0), (60, "2026-04-01", 0)]
)
def test_an_incident_that_took_a_quarter_of_a_window(minutes: int, on: str, rule: int):
    """40.32 minutes at 99.9 %; half of the users: 20 minutes long is 10 bad minutes, not yet a quarter."""
    made = rules(incident("I-1", on, minutes, slos=["main"]))
    assert made == [("event", "draft-event-I-1-alpha")] * rule


def test_the_same_label_twice_gives_the_numbers_of_the_incidents():
    several = [
        incident("I-1", "2026-05-01", 40, labels=["gpu"], detected_at="2026-05-01T00:10:00"),
        incident("I-2", "2026-06-01", 20, labels=["gpu"], detected_at="2026-06-01T00:02:00"),
        incident("I-3", "2026-06-02", 20, labels=["other"]),
    ]
    (row,) = drafts(*several)
    assert (row["rule"], row["id"]) == ("label", "draft-label-gpu-alpha")
    assert (
        '"ettd_min": 6.0, "ettr_min": 24.0, "users_affected": 0.5, "ettf_days": 45.0, "basis": "measured"'
        in row["record"]
    )
    assert drafts(*several, risk(links={"incidents": ["I-1"]})) == []


def test_an_action_item_that_is_open_for_too_long():
    items = [{"text": "Rehearse", "owner": "lee", "due": "2026-05-15"}]
    old = incident("I-1", "2026-04-01", 1, action_items=items, postmortem_on="2026-04-10")
    (row,) = drafts(old)
    assert (row["rule"], row["reason_en"]) == ("action", "Still open 81 days after the postmortem (1 in all): Rehearse")
    assert '"owner": "lee", "due": "2026-05-15"' in row["record"]
    done = [items[0] | {"state": "done"}]
    assert drafts(incident("I-1", "2026-04-01", 1, action_items=done)) == []
    assert drafts(incident("I-1", "2026-05-10", 1, action_items=items)) == []


# --------------------------------------------------------------------------------------------------- accepting one


def test_every_draft_of_the_sample_can_be_accepted_and_is_quiet_then(tmp_path: Path, capsys: pytest.CaptureFixture):
    folder, into = tmp_path / "data", str(tmp_path / "store")
    shutil.copytree(SAMPLE, folder)
    day = ["--as-of", "2026-09-30"]
    assert main(["build", str(folder), "--store", into, *day]) == 0
    proposed = store.open_current(tmp_path / "store").query("risk_drafts", product=None)
    assert {"burn", "event", "label", "action"} <= set(proposed["rule"])
    for key in proposed["id"]:
        assert main(["risk", "accept", key, str(folder), "--by", "kim", "--store", into, *day]) == 0
    written = (folder / risk_accept.FILE).read_text()
    assert written.count("- id: SRR-2026-") == len(proposed)
    assert "SRR-2026-014" in written
    assert "NAME" not in written
    assert main(["build", str(folder), "--store", into, *day]) == 0
    assert store.open_current(tmp_path / "store").query("risk_drafts", product=None).empty
    capsys.readouterr()
    assert main(["risk", "drafts", "--store", into]) == 0
    assert capsys.readouterr().out == ""


DRAFT = (
    '- id: ID\n  products: ["alpha"]\n  title: "T"\n  status: "new"\n'
    '  detected: {"at": "2026-01-20", "by": "NAME", "via": "drill"}\n  summary: "S"\n'
)
TODAY = dt.date(2026, 1, 31)


def test_an_accepted_record_stands_behind_the_others(tmp_path: Path):
    folder = over_tiny(tmp_path / "data")
    assert risk_accept.accept(folder, DRAFT, "kim", None, TODAY) == ("SRR-2026-001", 4)
    assert risk_accept.accept(folder, DRAFT, "lee", "R-77", TODAY) == ("R-77", 10)
    records = {r.record.id: r for r in read(folder)[0].bundle.risks}
    assert (records["R-77"].record.detected.by, records["R-77"].line) == ("lee", 10)


@pytest.mark.parametrize(
    ("draft", "by", "key", "told"),
    [
        (DRAFT, "kim", "R 7", "found id 'R 7'"),
        (DRAFT, "", None, "found name ''"),
        (DRAFT.replace('["alpha"]', '["nobody"]'), "kim", None, "does not read well"),
    ],
)
def test_what_does_not_read_well_is_taken_back(tmp_path: Path, draft: str, by: str, key: str | None, told: str):
    folder = over_tiny(tmp_path / "data")
    write(folder / risk_accept.FILE, "# mine\nschema: sre-risk-records/1\nrecords: []\n")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises((risk_accept.NotAccepted, written.NotWritten), match=told):
        risk_accept.accept(folder, draft, by, key, TODAY)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_an_id_that_a_record_has_is_refused(tmp_path: Path):
    folder = over_tiny(tmp_path / "data")
    taken = read(folder)[0].bundle.risks[0].record.id
    with pytest.raises(risk_accept.NotAccepted, match="expected one that no record has"):
        risk_accept.accept(folder, DRAFT, "kim", taken, TODAY)


@pytest.mark.parametrize("arguments", [["accept"], ["accept", "draft-x", ".", "--by", "kim"], ["accept", "x", "."]])
def test_wrong_use_is_told_with_the_right_one(tmp_path: Path, capsys: pytest.CaptureFixture, arguments: list[str]):
    build(tmp_path)
    assert main(["risk", *arguments, "--store", str(tmp_path)]) == 2
    assert "expected: guidemap risk accept ID DIR --by NAME" in capsys.readouterr().err
