"""OpenSLO in its versions: one model comes out, with the line of every field, and nothing is lost without a word."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from given import over_tiny, read

from maturity.records.slos import Slo

V2ALPHA = """\
apiVersion: openslo.com/v2alpha
kind: SLO
metadata:
  name: search-ok
  labels: {team: red}
  annotations: {guidemap/product: alpha}
spec:
  description: Searches that worked
  serviceRef: search
  sliRef: search-ratio
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.995}]
"""
V2ALPHA_SLI = """\
apiVersion: openslo.com/v2alpha
kind: SLI
metadata: {name: search-ratio}
spec:
  ratioMetric:
    counter: true
    bad: {dataSourceRef: main, spec: {query: 'search_total{code="500"}'}}
    total: {dataSourceRef: main, spec: {query: search_total}}
"""
MAIN = """\
apiVersion: openslo/v1
kind: DataSource
metadata: {name: main}
spec: {type: Prometheus}
"""
V1ALPHA = """\
apiVersion: openslo/v1alpha
kind: SLO
metadata: {name: upload-ok, displayName: Uploads}
spec:
  description: Uploads that were accepted
  service: alpha
  budgetingMethod: Occurrences
  timeWindows: [{unit: Day, count: 30, isRolling: true}]
  objectives:
    - displayName: all
      value: 1
      target: 0.98
      ratioMetrics:
        incremental: true
        good: {source: prometheus, queryType: promql, query: 'up_total{ok="1"}'}
        total: {source: prometheus, queryType: promql, query: up_total}
"""
V1 = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: extra, annotations: {guidemap/product: alpha}}
spec:
  service: alpha
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
"""


def loaded(tmp_path: Path, **files: str) -> tuple[dict[str, Slo], list[str]]:
    """SLOs by id beside that of tests/tiny, and every message."""
    reading, messages = read(over_tiny(tmp_path / "data", **{f"slos/{k}": v for k, v in files.items()}))
    slos = {slo.record.id: slo.record for slo in reading.bundle.slos}
    slos.pop("alpha-ok")
    return slos, messages


def test_v2alpha_with_a_reference_to_another_file(tmp_path: Path):
    slos, messages = loaded(tmp_path, **{"search.yaml": V2ALPHA, "sli/ratios.yaml": V2ALPHA_SLI, "main.yaml": MAIN})
    assert messages == []
    made = slos["search-ok"]
    assert (made.format, made.service, made.target) == ("openslo.com/v2alpha", "search", Decimal("0.995"))
    assert (made.source, made.bad_query, made.total_query) == ("main", 'search_total{code="500"}', "search_total")


def test_v2alpha_with_its_sli_inside(tmp_path: Path):
    inside = V2ALPHA.replace(
        "  sliRef: search-ratio\n",
        "  sli:\n    spec:\n      ratioMetric:\n        counter: true\n"
        "        good: {dataSourceSpec: {type: Prometheus, connectionDetails: {}}, spec: {query: good_total}}\n"
        "        total: {dataSourceRef: main, spec: {query: all_total}}\n",
    )
    slos, messages = loaded(tmp_path, **{"search.yaml": inside, "main.yaml": MAIN})
    assert messages == []
    assert (slos["search-ok"].good_query, slos["search-ok"].total_query) == ("good_total", "all_total")


def test_v1alpha_counts_days_in_words_and_queries_in_the_objective(tmp_path: Path):
    slos, messages = loaded(tmp_path, **{"upload.yaml": V1ALPHA})
    assert messages == []
    made = slos["upload-ok"]
    assert (made.format, made.window_count, made.window_unit) == ("openslo/v1alpha", 30, "d")
    assert (made.good_query, made.total_query, made.source_type) == ('up_total{ok="1"}', "up_total", "prometheus")


def test_without_annotations_the_service_may_be_the_product(tmp_path: Path):
    assert loaded(tmp_path, **{"upload.yaml": V1ALPHA})[0]["upload-ok"].product == "alpha"


def test_several_documents_lists_and_json_are_all_read(tmp_path: Path):
    second = V1.replace("name: extra", "name: second")
    third = {
        "apiVersion": "openslo/v1", "kind": "SLO",
        "metadata": {"name": "third", "annotations": {"guidemap/product": "alpha"}},
        "spec": {
            "timeWindow": [{"duration": "4w", "isRolling": True}], "budgetingMethod": "Occurrences",
            "objectives": [{"targetPercent": 99.5}],
        },
    }  # fmt: skip
    listed = "- " + V1.replace("name: extra", "name: fourth").replace("\n", "\n  ").rstrip() + "\n"
    files = {"two.yaml": V1 + "---\n" + second, "three.json": json.dumps(third), "four.yaml": listed}
    slos, messages = loaded(tmp_path, **files)
    assert messages == []
    assert sorted(slos) == ["extra", "fourth", "second", "third"]
    assert slos["third"].target == Decimal("0.995")


@pytest.mark.parametrize(
    ("about", "old", "new", "message"),
    [
        (
            "a wrong target of v2alpha keeps its line", ("V2ALPHA", "target: 0.995"), "target: 99.5",
            "slos/a.yaml:13: spec.objectives.0.target: found 99.5, expected a ratio below 1 such as 0.995, "
            "or targetPercent: 99.5",
        ),
        (
            "an SLI that nobody has", ("V2ALPHA", "sliRef: search-ratio"), "sliRef: nobody",
            "slos/a.yaml:10: spec.indicatorRef: found 'nobody', expected the name of an SLI document below slos/",
        ),
        (
            "a rolling month of v1alpha", ("V1ALPHA", "unit: Day, count: 30"), "unit: Month, count: 1",
            "slos/a.yaml:8: spec.timeWindow.0.duration: found '1M', expected whole days or weeks such as 28d or 4w "
            "for a rolling window",
        ),
        (
            "1m is a minute, not a month", ("V1", "duration: 28d"), "duration: 1m",
            "slos/a.yaml:6: spec.timeWindow.0.duration: found '1m', expected whole days or weeks such as 28d or 4w "
            "for a rolling window",
        ),
        (
            "a window longer than the calendar", ("V1", "duration: 28d"), "duration: 99999999d",
            "slos/a.yaml:6: spec.timeWindow.0.duration: found '99999999d', expected ten years at most",
        ),
        (
            "op without an SLI changes nothing", ("V1", "{target: 0.99}"), "{target: 0.99, op: lte}",
            "slos/a.yaml:8: warning: spec.objectives.0.op: found 'lte', expected no op without a thresholdMetric "
            "(it changes nothing)",
        ),
        (
            "a weight is not carried over", ("V1", "{target: 0.99}"), "{target: 0.99, compositeWeight: 2}",
            "slos/a.yaml:8: warning: spec.objectives.0.compositeWeight: found 2.0, expected no weight (it is left out; "
            "a composite of ours has the annotation guidemap/members)",
        ),
        (
            "a threshold cannot be counted", ("V1", "  timeWindow:"),
            "  indicator: {metadata: {name: t}, spec: {thresholdMetric: {metricSource: {type: x, spec: {}}}}}\n"
            "  timeWindow:",
            "slos/a.yaml:6: warning: spec.indicator: found a thresholdMetric, expected good or bad and total; "
            "nothing can be fetched, put buckets into sli/",
        ),
        (
            "an earlier target of nothing", ("V1", "guidemap/product: alpha"),
            "guidemap/product: alpha, guidemap/earlier-targets: 0.0 until 2026-01-01",
            "slos/a.yaml:3: metadata.annotations.guidemap/earlier-targets: found '0.0 until 2026-01-01', "
            "expected targets such as '0.995 until 2026-04-01'",
        ),
        (
            "an earlier target of more digits than a target has", ("V1", "guidemap/product: alpha"),
            "guidemap/product: alpha, guidemap/earlier-targets: 0.9999999999 until 2026-01-01",
            "slos/a.yaml:3: metadata.annotations.guidemap/earlier-targets: found '0.9999999999 until 2026-01-01', "
            "expected targets such as '0.995 until 2026-04-01'",
        ),
        (
            "a kind of v1alpha that is none", ("V1ALPHA", "kind: SLO"), "kind: Objective",
            "slos/a.yaml:2: kind: found 'Objective', expected one of AlertCondition, AlertNotificationTarget, "
            "AlertPolicy, DataSource, SLI, SLO, Service",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value and ":" not in value else "",
)  # fmt: skip
def test_a_slip_is_told_with_its_line(tmp_path: Path, about: str, old: tuple[str, str], new: str, message: str):
    given = {"V1": V1, "V1ALPHA": V1ALPHA, "V2ALPHA": V2ALPHA}[old[0]]
    files = {"a.yaml": given.replace(old[1], new)}
    if old[0] == "V2ALPHA" and "nobody" not in new:
        files["sli.yaml"] = V2ALPHA_SLI + "---\n" + MAIN
    assert loaded(tmp_path, **files)[1] == [message]


def test_two_slis_of_one_name_are_told_where_the_second_stands(tmp_path: Path):
    files = {"a.yaml": V2ALPHA + "---\n" + V2ALPHA_SLI, "b.yaml": V2ALPHA_SLI.replace("500", "503"), "main.yaml": MAIN}
    told = "slos/b.yaml:3: metadata.name: found search-ratio again (first at slos/a.yaml:15), expected each SLI once"
    assert loaded(tmp_path, **files)[1] == [told]


def test_an_objective_with_an_sli_of_its_own_is_not_counted_by_that_of_the_slo(tmp_path: Path):
    slo = V2ALPHA.replace("[{target: 0.995}]", "[{target: 0.995}, {target: 0.9, sliRef: own-ratio}]")
    good, total = (f"{{dataSourceRef: main, spec: {{query: {query}}}}}" for query in ("ok_total", "all_total"))
    slo = slo.replace("sliRef: search-ratio", f"sli: {{spec: {{ratioMetric: {{good: {good}, total: {total}}}}}}}")
    own = V2ALPHA_SLI.replace("search-ratio", "own-ratio").replace("search_total", "own_total")
    slos, messages = loaded(tmp_path, **{"a.yaml": slo, "own.yaml": own, "main.yaml": MAIN})
    assert messages == []
    assert [slos[f"search-ok.{i}"].total_query for i in (1, 2)] == ["all_total", "own_total"]


def test_an_sli_that_is_given_and_named_is_told(tmp_path: Path):
    text = V1 + "  indicator: {metadata: {name: t}, spec: {}}\n  indicatorRef: search-ratio\n"
    told = "slos/a.yaml:10: spec.indicatorRef: found both indicator and indicatorRef, expected exactly one of the two"
    assert loaded(tmp_path, **{"a.yaml": text})[1] == [told]


def test_two_sides_of_a_ratio_from_two_servers_are_not_asked_of_one(tmp_path: Path):
    sli = V2ALPHA_SLI.replace("total: {dataSourceRef: main", "total: {dataSourceRef: other")
    files = {"a.yaml": V2ALPHA, "sli.yaml": sli, "main.yaml": MAIN, "other.yaml": MAIN.replace("main", "other")}
    slos, messages = loaded(tmp_path, **files)
    place = "spec.ratioMetric.bad.metricSource.metricSourceRef"
    told = f"slos/sli.yaml:7: warning: {place}: found 'main', expected 'other' as for total; the SLO is loaded without "
    assert messages == [told + "queries"], "where the SLI stands"
    assert (slos["search-ok"].source, slos["search-ok"].total_query) == (None, None)


def test_a_threshold_of_v1alpha_is_told_as_one_of_v1_is(tmp_path: Path):
    """As the example of its spec has it: neither a name nor a spec around the metric."""
    metric = "  indicator: {thresholdMetric: {source: redshift, queryType: sql, query: SELECT 1}}\n"
    text = V1ALPHA.partition("      ratioMetrics:")[0].replace("  timeWindows:", metric + "  timeWindows:")
    slos, messages = loaded(tmp_path, **{"a.yaml": text})
    wanted = "expected good or bad and total; nothing can be fetched, put buckets into sli/"
    assert messages == [f"slos/a.yaml:8: warning: spec.indicator: found a thresholdMetric, {wanted}"]
    assert slos["upload-ok"].target == Decimal("0.98")


def test_two_data_sources_of_one_name_are_told_and_the_first_counts(tmp_path: Path):
    files = {"a.yaml": V2ALPHA, "sli.yaml": V2ALPHA_SLI, "main.yaml": MAIN}
    files["other.yaml"] = MAIN.replace("Prometheus", "Datadog")
    slos, messages = loaded(tmp_path, **files)
    line = next(i for i, text in enumerate(MAIN.splitlines(), 1) if "name:" in text)
    told = f"slos/other.yaml:{line}: metadata.name: found main again (first at slos/main.yaml:1), "
    assert messages == [told + "expected each DataSource once"]
    assert slos["search-ok"].source_type == "Prometheus"


def test_op_and_value_are_the_words_of_a_threshold(tmp_path: Path):
    text = V1.replace("{target: 0.99}", "{target: 0.99, op: gt, value: 0.5}")
    metric = "{metricSource: {type: x, spec: {}}}"
    counted = "buckets in sli/ whose good are counted by it (op and value are not carried over)"
    for sli, wanted in (
        (f"thresholdMetric: {metric}", counted),
        (f"ratioMetric: {{good: {metric}, total: {metric}}}", "no op on a ratio SLO (it changes nothing)"),
    ):
        files = {"a.yaml": text + f"  indicator: {{metadata: {{name: t}}, spec: {{{sli}}}}}\n"}
        messages = [message for message in loaded(tmp_path / sli[:5], **files)[1] if "objectives" in message]
        assert messages == [f"slos/a.yaml:8: warning: spec.objectives.0.op: found 'gt', expected {wanted}"]


def test_documents_without_anything_are_passed_over(tmp_path: Path):
    """Templates leave them between others and at the end."""
    text = "---\n# extra\n---\n" + V1 + "---\n---\n" + V1.replace("extra", "more") + "---\n"
    slos, messages = loaded(tmp_path, **{"a.yaml": text})
    assert messages == []
    assert sorted(slos) == ["extra", "more"]


def test_json_in_ascii_may_hold_any_character(tmp_path: Path):
    text = json.dumps({
        "apiVersion": "openslo/v1", "kind": "SLO",
        "metadata": {"name": "third", "displayName": "𠮷野 \\ud83d", "annotations": {"guidemap/product": "alpha"}},
        "spec": {
            "timeWindow": [{"duration": "4w", "isRolling": True}], "budgetingMethod": "Occurrences",
            "objectives": [{"target": 0.99}],
        },
    })  # fmt: skip
    slos, messages = loaded(tmp_path, **{"a.json": text})
    assert messages == []
    assert slos["third"].name.en == "𠮷野 \\ud83d"


@pytest.mark.parametrize("labels", ["{team: red}", "{team: [red, blue]}"])
def test_labels_may_be_texts_or_lists(tmp_path: Path, labels: str):
    text = V1.replace("{name: extra,", f"{{name: extra, labels: {labels},")
    assert loaded(tmp_path, **{"a.yaml": text})[1] == []


def test_no_alert_policies_may_be_written_as_nothing(tmp_path: Path):
    assert loaded(tmp_path, **{"a.yaml": V1 + "  alertPolicies:\n"})[1] == []


def test_a_slice_of_a_bare_number_is_minutes(tmp_path: Path):
    text = V1.replace("Occurrences", "Timeslices").replace(
        "{target: 0.99}", "{target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: 5}"
    )
    slos, messages = loaded(tmp_path, **{"a.yaml": text})
    assert (messages, slos["extra"].slice_minutes) == ([], 5)


# ------------------------------------------------------------------------------- references to documents of other kinds

SOURCED = V1.replace(
    "  timeWindow:",
    "  indicator:\n    metadata: {name: i}\n    spec:\n      ratioMetric:\n"
    "        good: {metricSource: {metricSourceRef: main, spec: {query: good_total}}}\n"
    "        total: {metricSource: {metricSourceRef: main, spec: {query: all_total}}}\n"
    "  timeWindow:",
)
ALERTED = V1 + "  alertPolicies:\n    - alertPolicyRef: fast\n"
POLICY = """\
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: fast}
spec:
  description: Page the one on call
  conditions:
    - conditionRef: burns
"""
CONDITION = """\
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: burns}
spec:
  severity: page
  condition: {kind: burnrate, op: gt, threshold: 14.4, lookbackWindow: 1h, alertAfter: 5m}
"""
NOT_CARRIED = "expected nothing (it is not carried over; burn alerts stand in budget_policy.yaml)"


def test_a_data_source_of_another_file_gives_the_type_that_the_slo_leaves_out(tmp_path: Path):
    slos, messages = loaded(tmp_path, **{"a.yaml": SOURCED, "later/sources.yaml": MAIN})
    assert messages == []
    assert (slos["extra"].source, slos["extra"].source_type) == ("main", "Prometheus")


def test_a_type_that_is_not_that_of_the_data_source_is_told_and_kept(tmp_path: Path):
    text = SOURCED.replace(
        "{metricSourceRef: main, spec: {query: all", "{metricSourceRef: main, type: Datadog, spec: {query: all"
    )
    slos, messages = loaded(tmp_path, **{"a.yaml": text, "main.yaml": MAIN})
    assert messages == [
        "slos/a.yaml:11: warning: spec.indicator.spec.ratioMetric.total.metricSource.type: found 'Datadog', "
        "expected Prometheus, as its DataSource says (the SLO's own word is used)"
    ]
    assert slos["extra"].source_type == "Datadog"


def test_a_source_of_sources_yaml_is_a_data_source(tmp_path: Path):
    server = "sources: [{id: main, kind: prometheus, url: 'http://localhost:9', since: 2026-01-01}]\n"
    _, messages = read(over_tiny(tmp_path / "data", **{"slos/a.yaml": SOURCED, "sources.yaml": server}))
    assert messages == []


def test_a_data_source_that_nobody_defines_is_a_warning_at_each_place(tmp_path: Path):
    slos, messages = loaded(tmp_path, **{"a.yaml": SOURCED})
    assert messages == [
        f"slos/a.yaml:{line}: warning: spec.indicator.spec.ratioMetric.{side}.metricSource.metricSourceRef: "
        "found 'main', expected the name of a DataSource document below slos/, or of a source in sources.yaml"
        for line, side in ((10, "good"), (11, "total"))
    ]
    assert slos["extra"].total_query == "all_total"


def test_details_of_a_connection_are_not_carried_over_nor_printed(tmp_path: Path):
    text = MAIN.replace("type: Prometheus", "type: Prometheus, connectionDetails: {token: s3cret}")
    assert loaded(tmp_path, **{"main.yaml": text})[1] == [
        "slos/main.yaml:4: warning: spec.connectionDetails: found connection details, expected a source of that id in "
        "sources.yaml (connection details are not carried over)"
    ]


def test_an_alert_policy_and_its_condition_are_told_with_what_they_say(tmp_path: Path):
    slos, messages = loaded(tmp_path, **{"a.yaml": ALERTED, "b.yaml": POLICY, "c.yaml": CONDITION})
    assert messages == [
        f"slos/b.yaml:1: warning: kind: found an AlertPolicy ('Page the one on call'), {NOT_CARRIED}",
        "slos/c.yaml:6: warning: spec.condition: found kind burnrate, op gt, threshold 14.4, lookbackWindow 1h, "
        f"alertAfter 5m, {NOT_CARRIED}",
    ]
    assert slos["extra"].policy is None


def test_an_alert_policy_inside_an_slo_is_told_too(tmp_path: Path):
    inside = (
        "  alertPolicies:\n    - kind: AlertPolicy\n      metadata: {name: p}\n      spec:\n        conditions:\n"
        "          - kind: AlertCondition\n            metadata: {name: c}\n"
        "            spec: {condition: {kind: burnrate, op: gte, threshold: 2}}\n"
    )
    assert loaded(tmp_path, **{"a.yaml": V1 + inside})[1] == [
        f"slos/a.yaml:10: warning: spec.alertPolicies.0: found an AlertPolicy, {NOT_CARRIED}",
        "slos/a.yaml:16: warning: spec.alertPolicies.0.spec.conditions.0.spec.condition: found kind burnrate, op gte, "
        f"threshold 2, {NOT_CARRIED}",
    ]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"a.yaml": ALERTED},
            "slos/a.yaml:10: warning: spec.alertPolicies.0.alertPolicyRef: found 'fast', expected the name of an "
            "AlertPolicy document below slos/",
        ),
        (
            {"a.yaml": V1 + "  alertPolicies: [fast]\n"},
            "slos/a.yaml:9: warning: spec.alertPolicies.0: found 'fast', expected the name of an AlertPolicy document "
            "below slos/",
        ),
        (
            {"a.yaml": ALERTED, "b.yaml": POLICY},
            "slos/b.yaml:7: warning: spec.conditions.0.conditionRef: found 'burns', expected the name of an "
            "AlertCondition document below slos/",
        ),
        (
            {"b.yaml": POLICY + "  notificationTargets: [{targetRef: pager}]\n", "c.yaml": CONDITION},
            "slos/b.yaml:8: warning: spec.notificationTargets.0.targetRef: found 'pager', expected the name of an "
            "AlertNotificationTarget document below slos/",
        ),
    ],
    ids=["a policy", "a policy by its plain name", "a condition", "a target of notifications"],
)
def test_a_reference_to_nowhere_is_told_with_its_place(tmp_path: Path, files: dict[str, str], message: str):
    assert message in loaded(tmp_path, **files)[1]


def test_what_a_service_says_beside_its_name_is_told_once_a_file(tmp_path: Path):
    service = "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: NAME}\nspec: {description: Finds things}\n"
    assert loaded(tmp_path, **{"s.yaml": service.replace("NAME", "a") + "---\n" + service.replace("NAME", "b")})[1] == [
        "slos/s.yaml:2: warning: kind: found 2 documents of kind Service, expected names only "
        "(the rest is not carried over)"
    ]


@pytest.mark.parametrize(
    "spec", ["", "spec: text\n", "spec: {conditions: text}\n", "spec: {conditions: [text, null, {spec: [1]}]}\n"]
)
def test_a_broken_alert_policy_is_a_warning_never_a_crash(tmp_path: Path, spec: str):
    messages = loaded(tmp_path, **{"a.yaml": "kind: AlertPolicy\nmetadata: {name: p}\n" + spec})[1]
    assert all(": warning: " in message for message in messages)
    assert any("an AlertPolicy" in message for message in messages)


@pytest.mark.parametrize(
    "text",
    ["kind: [SLO]\n", "kind: SLO\nmetadata: text\n", "kind: SLO\nspec: {alertPolicies: [{alertPolicyRef: [a]}]}\n"],
)
def test_a_document_of_the_wrong_shape_is_told_not_a_crash(tmp_path: Path, text: str):
    slos, messages = loaded(tmp_path, **{"a.yaml": text})
    assert messages
    assert slos == {}
