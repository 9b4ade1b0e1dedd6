"""The worklist of risk records, totals, calibration and incidents, from small bundles."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from given import SAMPLE_AS_OF, defaults, product

from loaders.reading import Reading
from maturity import risk_facts
from maturity.levels import Adoption
from maturity.records.bundle import Bundle
from maturity.records.incidents import Incident
from maturity.records.problems import Loaded
from maturity.records.risks import Risk
from maturity.records.slos import Slo

AS_OF = dt.date(2026, 6, 30)
CRE = {"ettd_min": 10, "ettr_min": 50, "users_affected": 0.5, "ettf_days": 36.525, "basis": "guess"}


def risk(key: str = "R-1", **fields: Any) -> Loaded[Risk]:
    """An owned, reviewed record of 300 bad minutes a year on `alpha`, about which nothing is wrong."""
    given = {
        "id": key, "products": ["alpha"], "title": "T", "category": "data", "status": "planned", "summary": "S",
        "detected": {"at": "2026-06-01", "via": "drill"}, "owner": "kim", "cre": CRE,
        "next_action": {"text": "N", "owner": "kim", "due": "2026-07-31"},
        "log": [{"at": "2026-06-20", "by": "kim", "kind": "found", "text": "Seen."}],
    }  # fmt: skip
    return Loaded(Risk(**(given | fields)), "risks/a.yaml", 1)


def incident(key: str, on: str, minutes: int = 60, **fields: Any) -> Loaded[Incident]:
    begun = dt.datetime.fromisoformat(on)
    given = {
        "id": key, "products": ["alpha"], "title": "I", "severity": 2, "started_at": begun,
        "ended_at": begun + dt.timedelta(minutes=minutes), "users_affected": 0.5,
    }  # fmt: skip
    return Loaded(Incident(**(given | fields)), "incidents.yaml", 1)


def bundle(*records: Loaded, **more: Any) -> Bundle:
    slo = Slo(
        id="main", product="alpha", name="N", method="Occurrences", target="0.999", window_kind="rolling",
        window_count=28, window_unit="d",
    )  # fmt: skip
    return defaults(
        products=[product(main_slo="main")],
        slos=[Loaded(slo, "slos/a.yaml", 1)],
        risks=[r for r in records if isinstance(r.record, Risk)],
        incidents=[r for r in records if isinstance(r.record, Incident)],
        **more,
    )


def rows(table: str, *records: Loaded, **more: Any) -> list[dict]:
    made = bundle(*records, **more)
    return list(risk_facts.risk_rows(made, Adoption.of(made), AS_OF)[table])


def names(*records: Loaded) -> list[str]:
    return [row["name"] for row in rows("risk_check", *records)]


# --------------------------------------------------------------------------------------------------------- checks


def test_a_record_that_is_kept_well_is_not_on_the_worklist():
    assert names(risk()) == []


def acceptance(expires: str = "2026-12-31", share: float = 0.57) -> dict:
    frozen = {"budget_share": share, "potential_impact": 3, "likelihood": 4}
    return {"approver": "wada", "accepted_at": "2026-06-01", "expires": expires, "reason": "R", "frozen": frozen}


CLOSED = {"at": "2026-06-10", "by": "kim", "reason": "fixed"}


def ranks(likelihood: int, impact: int) -> dict:
    return {"current_impact": 0, "potential_impact": impact, "likelihood": likelihood}


@pytest.mark.parametrize(
    ("fields", "name", "since", "found", "expected"),
    [
        ({"owner": None}, "no_owner", "2026-06-01", None, None),
        ({"cre": None}, "unscored", "2026-06-01", None, None),
        ({"next_action": {"text": "N", "due": "2026-06-25"}}, "action_overdue", "2026-06-25", None, None),
        ({"next_action": {"text": "N", "times_postponed": 3}}, "postponed_repeatedly", None, "3", "1"),
        ({"review": {"next_review": "2026-06-29"}}, "review_overdue", "2026-06-29", None, None),
        ({"acceptance": acceptance("2026-06-29")}, "acceptance_expired", "2026-06-29", "wada", None),
        ({"acceptance": acceptance("2026-07-30")}, "acceptance_ends", "2026-07-30", "wada", None),
        ({"acceptance": acceptance(share=0.5)}, "acceptance_overtaken", None, "57.0%", "50.0%"),
        ({"ranks": ranks(likelihood=2, impact=3)}, "likelihood_differs", None, "2", "4"),
        ({"ranks": ranks(likelihood=4, impact=1)}, "impact_differs", None, "1", "3"),
        ({"status": "materialised"}, "materialised_without_incident", "2026-06-01", None, None),
        ({"status": "closed", "closed": CLOSED}, "closed_without_evidence", "2026-06-10", None, None),
        (
            {"fix_state": {"provisional": "P", "permanent": "N", "provisional_until": "2026-05-31"}},
            "provisional_too_long", "2026-05-31", None, None,
        ),
    ],
)  # fmt: skip
def test_each_check_names_its_day_and_what_it_found(
    fields: dict, name: str, since: str | None, found: str | None, expected: str | None
):
    (row,) = rows("risk_check", risk(**fields))
    day = dt.date.fromisoformat(since) if since else None
    assert (row["name"], row["since"], row["found"], row["expected"]) == (name, day, found, expected)
    assert row["days"] == ((AS_OF - day).days if day else None)


def test_an_acceptance_of_ten_percent_less_is_not_overtaken():
    assert names(risk(acceptance=acceptance(share=0.52))) == []


def test_a_buried_record_says_what_was_risked_meanwhile():
    """Expected 300 minutes a year, seen 2 in 28 days, idle for 73 days of 365.25."""
    log = [{"at": "2026-04-18", "by": "kim", "kind": "note", "text": "N"}]
    found = {"at": "2026-04-01", "via": "drill"}
    (row,) = rows("risk_check", risk(log=log, observed_bad_minutes_28d=2, detected=found))
    assert (row["name"], row["days"]) == ("buried", 73)
    assert row["idle_minutes"] == pytest.approx((300 + 2 * 365.25 / 28) * 73 / 365.25)


def test_a_record_without_a_log_counts_from_the_day_it_was_found():
    (row,) = rows("risk_score", risk(log=[]))
    assert row["idle_days"] == 29


def test_every_flag_of_the_sample_is_on_the_worklist(sample: Reading):
    made = risk_facts.risk_rows(sample.bundle, Adoption.of(sample.bundle), SAMPLE_AS_OF)
    listed = {(row["risk"], row["name"]) for row in made["risk_check"]}
    flags = {(row["risk"], flag) for row in made["risk_score"] for flag in row["flags"]}
    assert flags
    assert flags <= listed


# --------------------------------------------------------------------------------------------------------- totals


def test_no_single_risk_is_too_big_and_together_they_miss_the_slo():
    """Four of 300 minutes a year are 57 % each at 99.9 % and 228 % together; a factor adds to all of them."""
    records = [risk(f"R-{i}", cre=CRE | {"ettf_days": 146.1}) for i in range(8)]
    totals = {row["target"]: row for row in rows("risk_total", *records)}
    own = totals[Decimal("0.999")]
    assert [t for t, row in totals.items() if row["is_own"]] == [Decimal("0.999")]
    assert own["largest_share"] == pytest.approx(75 / 525.96)
    assert own["budget_share"] == pytest.approx(600 / 525.96)
    assert totals[Decimal("0.99")]["budget_share"] == pytest.approx(600 / 5259.6)
    assert len(totals) == 5


def test_factors_are_joined_in_the_total_and_unscored_records_are_counted():
    factor = {"kind": "factor", "cre": None}
    records = [
        risk("A"),
        risk("B", cre=None),
        risk("F", **factor, risk_factor={"ettr_plus_min": 20}),
        risk("G", **factor, risk_factor={"frequency_plus": 0.1}),
    ]
    own = next(row for row in rows("risk_total", *records) if row["is_own"])
    assert own["factors_min_per_year"] == pytest.approx(1.1 * 20 * 0.5 * 10 + 0.1 * 300)
    assert (own["scored"], own["unscored"]) == (3, 1)


def test_ranks_alone_have_a_place_but_no_number():
    typed = ranks(likelihood=4, impact=4)
    made = rows("risk_score", risk("A"), risk("B", cre=None, ranks=typed), risk("C", cre=None))
    found = [(row["risk"], row["position"], row["from_ranks"], row["rank_best"], row["rank_worst"]) for row in made]
    assert found == [("B", 0, True, 1, 2), ("A", 1, False, 1, 2), ("C", 0, False, None, None)]
    assert made[0]["budget_share"] is None
    assert (made[0]["share_low"], made[0]["share_high"]) == (
        pytest.approx(0.3066, rel=1e-3),
        pytest.approx(4.906, rel=1e-3),
    )


def test_a_record_keeps_the_count_of_those_merged_into_it():
    made = rows("risk_score", risk("A"), *(risk(key, status="merged", duplicate_of="A") for key in ("B", "C")))
    assert {row["risk"]: row["times_reported"] for row in made} == {"A": 3, "B": 1, "C": 1}
    chain = rows("risk_score", risk("A"), *(risk(b, status="merged", duplicate_of=a) for a, b in ("AB", "BC")))
    assert {row["risk"]: row["times_reported"] for row in chain} == {"A": 3, "B": 1, "C": 1}


# ------------------------------------------------------------------------------------------ incidents, calibration


def test_linked_incidents_of_a_year_correct_how_often():
    linked = {"links": {"incidents": ["I-1", "I-2", "I-3", "old", "other"]}}
    happened = [incident(f"I-{i}", f"2026-0{i}-05") for i in (1, 2, 3)]
    apart = [incident("old", "2025-06-01"), incident("other", "2026-02-02", products=["beta"])]
    (row,) = rows("risk_learned", risk(cre=CRE | {"ettf_days": 365}, **linked), *happened, *apart)
    years = 365 / 365.25
    assert (row["seen"], row["years"]) == (3, pytest.approx(years))
    assert row["both_per_year"] == pytest.approx((365.25 / 365 + 3) / (1 + years))
    assert row["learned_min_per_year"] == pytest.approx(row["both_per_year"] * 30)


def test_an_incident_costs_its_length_times_its_users_or_what_was_measured():
    made = {
        row["incident"]: row
        for row in rows(
            "incident_cost",
            incident("A", "2026-05-01"),
            incident("B", "2026-05-02", bad_minutes=12.5),
            incident("C", "2026-05-03", users_affected=None),
        )
    }
    assert (made["A"]["bad_minutes"], made["A"]["basis"]) == (30, "estimated")
    assert made["A"]["window_share"] == pytest.approx(30 / 40.32)
    assert (made["B"]["bad_minutes"], made["B"]["basis"]) == (12.5, "measured")
    assert (made["C"]["bad_minutes"], made["C"]["window_share"]) == (None, None)


@pytest.mark.parametrize(
    ("found_on", "said", "known"), [("2026-04-30", None, True), ("2026-05-01", None, False), ("2026-05-09", True, True)]
)
def test_a_risk_was_known_if_its_record_is_older_or_the_postmortem_says_so(
    found_on: str, said: bool | None, known: bool
):
    record = risk(detected={"at": found_on, "via": "drill"}, links={"incidents": ["A"]})
    (row,) = rows("incident_cost", record, incident("A", "2026-05-01", risk_known=said))
    assert (row["known"], row["risks"]) == (known, ["R-1"])


def test_quarters_show_what_was_expected_beside_what_was_seen():
    made = rows("risk_quarter", risk(), incident("A", "2025-11-01"), incident("B", "2026-05-02", users_affected=None))
    assert [row["quarter"] for row in made] == ["2025-Q4", "2026-Q1", "2026-Q2"]
    assert {row["expected_min"] for row in made} == {75.0}
    assert [(row["seen_min"], row["incidents"], row["without_minutes"]) for row in made] == [
        (30, 1, 0),
        (0, 0, 0),
        (0, 1, 1),
    ]


def test_action_items_count_from_the_postmortem_and_are_late_from_their_day():
    items = [
        {"text": "A", "owner": "kim", "due": "2026-06-20"},
        {"text": "B", "due": "2026-06-20", "state": "done"},
        {"text": "C"},
    ]
    made = rows("incident_action", incident("A", "2026-05-01", action_items=items, postmortem_on="2026-05-10"))
    assert [(row["overdue_days"], row["age_days"]) for row in made] == [(10, 51), (0, 51), (0, 51)]


# ------------------------------------------------------------------------------------------------- practice gaps


def test_missing_practices_together_are_not_the_sum(sample: Reading):
    made = risk_facts.risk_rows(sample.bundle, Adoption.of(sample.bundle), SAMPLE_AS_OF)
    for total in made["gap_total"]:
        single = [g["bad_minutes_per_year"] for g in made["practice_gap"] if g["product"] == total["product"]]
        assert total["practices"] == len(single)
        assert total["bad_minutes_per_year"] >= sum(single)


def test_the_policy_is_data():
    strict = defaults().risk_policy
    strict = replace(strict, record=strict.record.model_copy(update={"acceptance_notice_days": 0}))
    assert rows("risk_check", risk(acceptance=acceptance("2026-07-30")), risk_policy=strict) == []
