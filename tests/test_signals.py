"""What our own files show about a practice. The limits are those of data/signals.yaml."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from given import TESTS, day, defaults, over_tiny, product, read, slo

from loaders import signals as loader
from loaders.reading import Reading
from maturity import signals
from maturity.records.guide_map import CatalogFact
from maturity.records.incidents import Incident
from maturity.records.problems import Loaded
from maturity.records.risks import LogEntry, Risk
from maturity.records.slos import Member

TODAY = day("2026-09-30")


def looks(key: str, days: list[str], measured: dict[str, list[str]] | None = None, **records: Any) -> dict[str, tuple]:
    """Day -> (verdict, found, line) of one signal about `alpha`; a day without an observation is absent."""
    reading = Reading(TESTS / "no folder")
    loader.load(reading)
    assert reading.problems == []
    known = [s for s in reading.bundle.signals if s.record.id == key]
    bundle = defaults(**({"products": [product()]} | records), signals=known)
    buckets = {name: [day(d) for d in ds] for name, ds in (measured or {}).items()}
    found = signals.own(bundle, [day(d) for d in days], buckets, TODAY)
    return {
        str(o.record.observed_on): (o.record.verdict, o.record.found, o.line)
        for o in found
        if o.record.product == "alpha"
    }


def of(record: Any, line: int = 1, **lines: int) -> Loaded:
    return Loaded(record, "file.yaml", line, {tuple(key.split("__")): n for key, n in lines.items()})


# ------------------------------------------------------------------------------------------------------------- SLOs


def test_an_slo_confirms_that_one_is_defined_on_the_day_of_the_snapshot_only():
    found = looks("slo.defined", ["2026-08-31", "2026-09-30"], slos=[of(slo(), 7)])
    assert found == {"2026-09-30": ("confirms", "1", 7)}


def test_no_slo_contradicts_where_others_of_the_folder_have_one():
    theirs = of(slo(id="beta-ok", product="beta"))
    assert looks("slo.defined", ["2026-09-30"], slos=[theirs]) == {"2026-09-30": ("contradicts", "0", 1)}
    assert looks("slo.defined", ["2026-09-30"], slos=[]) == {}


@pytest.mark.parametrize(
    ("on", "said"),
    [
        pytest.param("2026-07-20", None, id="the folder's first 28 days say nothing"),
        pytest.param("2026-08-31", "confirms", id="a bucket within 28 days"),
        pytest.param("2026-09-21", "confirms", id="the last bucket 21 days ago"),
        pytest.param("2026-09-28", "contradicts", id="the last bucket 28 days ago"),
    ],
)
def test_an_sli_that_fell_silent_contradicts(on: str, said: str | None):
    found = looks("slo.sli_has_data_28d", [on], {"alpha-ok": ["2026-07-01", "2026-08-31"]}, slos=[of(slo())])
    assert found.get(on, (None,))[0] == said


def test_one_silent_slo_of_two_is_enough_to_contradict_and_is_the_one_pointed_at():
    both = [of(slo(), 3), of(slo(id="alpha-2"), 9)]
    measured = {"alpha-ok": ["2026-07-01", "2026-09-30"], "alpha-2": ["2026-07-01"]}
    found = looks("slo.sli_has_data_28d", ["2026-09-30"], measured, slos=both)
    assert found == {"2026-09-30": ("contradicts", "1 / 2 (50%)", 9)}


def test_a_composite_is_measured_as_its_members_are_and_is_no_silent_slo():
    whole = of(slo(id="whole", combine="weighted", members=[Member(slo="alpha-ok")]), 9)
    found = looks(
        "slo.sli_has_data_28d", ["2026-09-30"], {"alpha-ok": ["2026-07-01", "2026-09-30"]}, slos=[of(slo(), 3), whole]
    )
    assert found == {"2026-09-30": ("confirms", "1 / 1 (100%)", 3)}


def test_an_slo_that_was_not_measured_yet_is_not_held_against_the_past():
    both = [of(slo(), 3), of(slo(id="alpha-2"), 9)]
    measured = {"alpha-ok": ["2026-07-01", "2026-08-31", "2026-09-30"], "alpha-2": ["2026-09-20"]}
    found = looks("slo.sli_has_data_28d", ["2026-08-31", "2026-09-30"], measured, slos=both)
    assert [verdict for verdict, *_ in found.values()] == ["confirms", "confirms"]


def test_the_least_recently_reviewed_slo_decides_and_one_never_reviewed_says_nothing():
    fresh = of(slo(reviewed_on=["2026-09-01", "2026-06-01"]), 3)
    old = of(slo(id="alpha-2", reviewed_on=["2026-05-01"]), 9, reviewed_on=12)
    never = of(slo(id="alpha-3"), 20)
    found = looks("slo.reviewed_within_120d", ["2026-08-29", "2026-08-30"], slos=[fresh, old, never])
    assert found["2026-08-29"] == ("confirms", "2026-05-01 (120 d)", 12)
    assert found["2026-08-30"] == ("contradicts", "2026-05-01 (121 d)", 12)
    assert looks("slo.reviewed_within_120d", ["2026-09-30"], slos=[never]) == {}


# ------------------------------------------------------------------------------------------- risks and postmortems


def risk(*logged: str, products: tuple[str, ...] = ("alpha",)) -> Risk:
    log = [LogEntry(at=day(d), by="kim", kind="note", text="Looked at.") for d in logged]
    given = {"detected": {"at": logged[0], "by": "kim", "via": "drill"}, "review": {"cadence_days": 30}}
    return Risk(
        id="R-1", products=list(products), title="T", category="other", status="new", summary="S", log=log, **given
    )


def test_the_newest_line_of_any_risk_record_keeps_the_register_alive():
    records = [of(risk("2026-03-01", "2026-05-01"), 3), of(risk("2026-04-01"), 30)]
    records[0].lines[("log", 1)] = 8
    found = looks("risks.updated_within_120d", ["2026-02-01", "2026-08-29", "2026-08-30"], risks=records)
    assert found == {
        "2026-08-29": ("confirms", "2026-05-01 (120 d)", 8),
        "2026-08-30": ("contradicts", "2026-05-01 (121 d)", 8),
    }


def incident(ended: str, severity: int = 2, postmortem: str | None = None, key: str = "I-1") -> Incident:
    end = dt.datetime.fromisoformat(f"{ended}T12:00:00")
    return Incident(
        id=key, products=["alpha"], title="T", severity=severity, started_at=end, ended_at=end, postmortem=postmortem
    )


def test_postmortems_of_grave_incidents_that_ended_long_enough_ago_are_counted():
    incidents = [
        of(incident("2026-09-01", postmortem="PM-1"), 2),
        of(incident("2026-09-16"), 10),  # 14 days ago: due
        of(incident("2026-09-17"), 20),  # 13 days ago: not yet
        of(incident("2026-09-01", severity=3), 30),  # minor
        of(incident("2026-01-01"), 40),  # longer ago than it looks back
    ]
    found = looks("incidents.postmortem_ratio", ["2026-09-30"], incidents=incidents)
    assert found == {"2026-09-30": ("contradicts", "1 / 2 (50%)", 10)}


def test_without_grave_incidents_nothing_is_said_about_postmortems():
    assert looks("incidents.postmortem_ratio", ["2026-09-30"], incidents=[of(incident("2026-09-01", 3))]) == {}


# --------------------------------------------------------------------------------------------------------- catalogue


@pytest.mark.parametrize("field", ["owner_set", "tier_set", "docs_set", "depends_on_set"])
def test_a_field_of_the_catalogue_confirms_when_it_is_set(field: str):
    for value, verdict in ((True, "confirms"), (False, "contradicts")):
        fields = dict.fromkeys(("owner_set", "tier_set", "docs_set", "depends_on_set"), True) | {field: value}
        entry = of(CatalogFact(product="alpha", **fields), 4)
        found = looks(f"catalog.{field}", ["2026-08-31", "2026-09-30"], catalog=[entry])
        assert found == {"2026-09-30": (verdict, "✓" if value else "–", 4)}


def test_a_product_that_the_catalogue_does_not_hold_says_nothing():
    assert looks("catalog.owner_set", ["2026-09-30"]) == {}


# ------------------------------------------------------------------------------------------------- files of others


def test_observations_of_other_tools_are_read_from_csv(tmp_path):
    text = "product,signal,observed_on,verdict,found,source\nalpha,cert.days_left,2026-01-30,contradicts,3 days,probe\n"
    reading, messages = read(over_tiny(tmp_path / "data", **{"signals/probe.csv": text}))
    assert messages == []
    assert [(o.record.signal, o.record.found, o.file, o.line) for o in reading.bundle.observations] == [
        ("cert.days_left", "3 days", "signals/probe.csv", 2)
    ]


def test_every_slip_in_an_observation_is_told(tmp_path):
    text = (
        "product,signal,observed_on,verdict,found,source\n"
        "gamma,cert.days_left,2026-01-30,confirms,3 days,probe\n"
        "alpha,cert.days,2026-01-30,confirms,3 days,probe\n"
        "alpha,cert.days_left,2026-02-30,perhaps,,probe\n"
        "alpha,cert.days_left,2026-02-01,confirms,3 days,probe\n"
    )
    messages = read(over_tiny(tmp_path / "data", **{"signals/probe.csv": text}))[1]
    assert [m.split(", expected")[0] for m in messages] == [
        "signals/probe.csv:2: product: found 'gamma'",
        "signals/probe.csv:3: signal: found 'cert.days'",
        "signals/probe.csv:4: found: found nothing",
        "signals/probe.csv:4: observed_on: found '2026-02-30'",
        "signals/probe.csv:4: verdict: found 'perhaps'",
        "signals/probe.csv:5: observed_on: found '2026-02-01'",
    ]


def test_an_own_rule_without_its_limit_is_a_problem(tmp_path):
    text = """signals:
  - id: risks.updated_within_120d
    name: Risk register alive
    meaning: A line in the log of a record.
    seen_in: own
    source: here
"""
    messages = read(over_tiny(tmp_path / "data", **{"signals.yaml": text}))[1]
    assert "signals.yaml:2: days: found nothing, expected a number; the rule judges by it" in messages
