"""SLO definitions in the files of Sloth, Pyrra, slo-generator and Google Cloud. The samples are our own."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from given import over_tiny, read

from maturity.records.slos import Slo

SOURCES = """\
sources:
  - {id: main, kind: prometheus, url: "http://127.0.0.1:9", since: 2026-01-01}
  - {id: sl, kind: sloth, path: "imports/sloth/*.yaml", window_days: 30, server: main, products: {shop-api: alpha}}
  - {id: py, kind: pyrra, path: "imports/pyrra/*.yaml", server: main, products: {shop-api: alpha}}
  - {id: sg, kind: slo-generator, path: "imports/sg/*.yaml", window_days: 28, products: {shop-api: alpha}}
  - {id: gc, kind: google-slo, path: "imports/google/*.json", products: {shop-api: alpha}}
"""
SLOTH = """\
version: prometheus/v1
service: shop-api
labels: {owner: kim}
slos:
  - name: requests
    objective: 99.9
    description: Requests that worked
    sli:
      events:
        error_query: sum(rate(http_requests_total{job="shop",code=~"5.."}[{{.window}}]))
        total_query: sum(rate(http_requests_total{job="shop"}[{{.window}}]))
    alerting: {name: ShopErrors}
"""
SLOTH_CRD = """\
apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: {name: shop}
spec:
  service: shop-api
  slos:
    - name: crd
      objective: 99
      sli:
        events:
          errorQuery: sum(increase(errors_total[{{.window}}]))
          totalQuery: sum(increase(all_total[{{.window}}]))
"""
PYRRA = """\
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: shop-latency
  labels: {pyrra.dev/service: shop-api, pyrra.dev/team: red}
spec:
  target: "95"
  window: 4w
  indicator:
    latency:
      success: {metric: 'http_seconds_bucket{job="shop",le="0.3"}'}
      total: {metric: 'http_seconds_count{job="shop"}'}
"""
GENERATOR = """\
apiVersion: sre.google.com/v2
kind: ServiceLevelObjective
metadata: {name: shop-freshness, labels: {service_name: shop-api}}
spec:
  description: Pages are fresh
  goal: 0.98
  backend: cloud_monitoring
  method: good_bad_ratio
  service_level_indicator: {filter_good: a, filter_valid: b}
"""
GOOGLE = {
    "name": "projects/p/services/shop-api/serviceLevelObjectives/avail",
    "displayName": "Availability",
    "goal": 0.995,
    "rollingPeriod": "2419200s",
    "serviceLevelIndicator": {"requestBased": {"goodTotalRatio": {}}},
}


def loaded(tmp_path: Path, **files: str) -> tuple[dict[str, Slo], list[str]]:
    """SLOs by id beside that of tests/tiny, and every message about the files that are given."""
    kinds = {name.split("/")[0] for name in files}
    named = {"sloth": "sl", "pyrra": "py", "sg": "sg", "google": "gc"}
    lines = [line for line in SOURCES.splitlines() if not any(
        f"id: {short}," in line for kind, short in named.items() if kind not in kinds
    )]  # fmt: skip
    texts = {f"imports/{name}": text for name, text in files.items()} | {"sources.yaml": "\n".join(lines) + "\n"}
    reading, messages = read(over_tiny(tmp_path / "data", **texts))
    slos = {slo.record.id: slo.record for slo in reading.bundle.slos}
    slos.pop("alpha-ok")
    return slos, messages


@pytest.mark.parametrize(
    ("file", "text", "key", "expected"),
    [
        (
            "sloth/a.yaml", SLOTH, "shop-api-requests",
            ("sloth/prometheus/v1", Decimal("0.999"), 30, None, 'http_requests_total{job="shop",code=~"5.."}',
             'http_requests_total{job="shop"}', "main"),
        ),
        (
            "sloth/a.yaml", SLOTH_CRD, "shop-api-crd",
            ("sloth.slok.dev/v1", Decimal("0.99"), 30, None, "errors_total", "all_total", "main"),
        ),
        (
            "pyrra/a.yaml", PYRRA, "shop-latency",
            ("pyrra.dev/v1alpha1", Decimal("0.95"), 28, 'http_seconds_bucket{job="shop",le="0.3"}', None,
             'http_seconds_count{job="shop"}', "main"),
        ),
    ],
    ids=["Sloth", "Sloth's CRD", "Pyrra"],
)  # fmt: skip
def test_counters_behind_a_definition_are_carried_over(tmp_path: Path, file, text, key, expected):
    slos, messages = loaded(tmp_path, **{file: text})
    made = slos[key]
    assert messages == []
    found = (
        made.format,
        made.target,
        made.window_count,
        made.good_query,
        made.bad_query,
        made.total_query,
        made.source,
    )
    assert found == expected
    assert (made.product, made.method, made.service) == ("alpha", "Occurrences", "shop-api")


def test_slo_generator_brings_target_and_window_and_says_that_its_queries_stay_behind(tmp_path: Path):
    slos, messages = loaded(tmp_path, **{"sg/a.yaml": GENERATOR, "sg/b.yaml": "backends: {prometheus: {url: x}}\n"})
    made = slos["shop-freshness"]
    assert (made.target, made.window_count, made.total_query) == (Decimal("0.98"), 28, None)
    assert made.format == "sre.google.com/v2"
    assert messages == [
        "imports/sg/a.yaml:8: warning: spec.method: found 'cloud_monitoring good_bad_ratio', expected queries that we "
        "can fetch; put buckets into sli/",
        "imports/sg/b.yaml:1: warning: document: found shared configuration, expected a ServiceLevelObjective "
        "(it is passed over)",
    ]


def test_google_cloud_by_seconds_by_calendar_and_by_windows(tmp_path: Path):
    calendar = GOOGLE | {"name": GOOGLE["name"].replace("avail", "month"), "calendarPeriod": "MONTH"}
    calendar.pop("rollingPeriod")
    sliced = GOOGLE | {
        "name": GOOGLE["name"].replace("avail", "slices"),
        "serviceLevelIndicator": {
            "windowsBased": {"windowPeriod": "300s", "goodTotalRatioThreshold": {"threshold": 0.9}}
        },
    }
    text = json.dumps({"serviceLevelObjectives": [GOOGLE, calendar, sliced]}, indent=1)
    slos, messages = loaded(tmp_path, **{"google/a.json": text})
    assert slos["shop-api-avail"].window_count == 28
    assert (slos["shop-api-month"].window_kind, slos["shop-api-month"].window_unit) == ("calendar", "M")
    made = slos["shop-api-slices"]
    assert (made.method, made.slice_minutes, made.slice_target) == ("Timeslices", 5, 0.9)
    assert [message.split("found ")[1].split(",")[0] for message in messages] == ["filters of Google Cloud"] * 3


@pytest.mark.parametrize(
    ("about", "file", "text", "message"),
    [
        (
            "a ready-made ratio has no counts", "sloth/a.yaml",
            SLOTH[: SLOTH.index("      events")] + "      raw: {error_ratio_query: x}\n",
            "imports/sloth/a.yaml:8: warning: slos.0.sli: found 'raw', expected events; the SLO is loaded without "
            "queries, put buckets into sli/",
        ),
        (
            "a query of several counters", "sloth/a.yaml",
            SLOTH.replace("5..\"}[{{.window}}]))", "5..\"}[5m])) + 1"),
            "imports/sloth/a.yaml:10: warning: slos.0.sli.events.error_query: found "
            "'sum(rate(http_requests_total{job=\"shop\",code=~\"5..\"}[5m])...', expected sum(rate(counter[...])) of "
            "one counter; the SLO is loaded without its queries",
        ),
        (
            "100 per cent", "sloth/a.yaml", SLOTH.replace("99.9", "100"),
            "imports/sloth/a.yaml:6: warning: slos.0.objective: found '100', expected a target below 100 %; with it "
            "there is no budget to spend",
        ),
        (
            "a target that is none", "pyrra/a.yaml", PYRRA.replace('"95"', '"often"'),
            "imports/pyrra/a.yaml:7: spec.target: found 'often', expected a number above 0 and at most 100, "
            "such as 99.9",
        ),
        (
            "a ratio where per cent is meant is taken as it stands, and a per cent where a ratio is meant is told",
            "sg/a.yaml", GENERATOR.replace("0.98", "98"),
            "imports/sg/a.yaml:6: spec.goal: found '98', expected a ratio such as 0.999",
        ),
        (
            "a window of hours", "pyrra/a.yaml", PYRRA.replace("4w", "36h"),
            "imports/pyrra/a.yaml:8: spec.window: found '36h', expected whole days or weeks such as 28d or 4w "
            "(not loaded)",
        ),
        (
            "a window longer than the calendar", "pyrra/a.yaml", PYRRA.replace("4w", "99999999w"),
            "imports/pyrra/a.yaml:8: spec.window: found '99999999w', expected whole days or weeks such as 28d or 4w, "
            "ten years at most (not loaded)",
        ),
        (
            "a kind of indicator that cannot be counted", "pyrra/a.yaml",
            PYRRA[: PYRRA.index("    latency")] + "    bool_gauge: {metric: up}\n",
            "imports/pyrra/a.yaml:9: warning: spec.indicator: found bool_gauge, expected ratio or latency; the SLO is "
            "loaded without queries, put buckets into sli/",
        ),
        (
            "a service that is no product", "pyrra/a.yaml",
            PYRRA.replace("dev/service: shop-api", "dev/service: x"),
            "imports/pyrra/a.yaml:3: warning: product: found 'x', unknown (1 entry not loaded), expected a product's "
            "id or name, or an entry in products: or ignore: of source py",
        ),
        (
            "a fortnight", "google/a.json", json.dumps(GOOGLE | {"calendarPeriod": "FORTNIGHT"}),
            "imports/google/a.json:1: calendarPeriod: found 'FORTNIGHT', expected DAY, WEEK, MONTH, QUARTER or YEAR "
            "(not loaded)",
        ),
        (
            "windows of no length", "google/a.json",
            json.dumps(GOOGLE | {"serviceLevelIndicator": {"windowsBased": {
                "windowPeriod": "0s", "goodTotalRatioThreshold": {"threshold": 0.9}}}}),
            "imports/google/a.json:1: serviceLevelIndicator.windowsBased: found windowPeriod, goodTotalRatioThreshold, "
            "expected goodTotalRatioThreshold.threshold and a windowPeriod of minutes that divides a day (not loaded)",
        ),
        (
            "windows that are a list", "google/a.json",
            json.dumps(GOOGLE | {"serviceLevelIndicator": {"windowsBased": [{"windowPeriod": "60s"}]}}),
            "imports/google/a.json:1: serviceLevelIndicator.windowsBased: found [{'windowPeriod': '60s'}], "
            "expected goodTotalRatioThreshold.threshold and a windowPeriod of minutes that divides a day (not loaded)",
        ),
        (
            "labels of Pyrra that are a list", "pyrra/a.yaml",
            "{apiVersion: pyrra.dev/v1alpha1, kind: ServiceLevelObjective, metadata: {name: x, labels: [y]}, "
            "spec: {target: '99', window: 4w}}",
            "imports/pyrra/a.yaml:1: warning: product: found 'x', unknown (1 entry not loaded), expected a product's "
            "id or name, or an entry in products: or ignore: of source py",
        ),
        (
            "labels of slo-generator that are a list", "sg/a.yaml",
            GENERATOR.replace("{service_name: shop-api}", "[shop-api]"),
            "imports/sg/a.yaml:3: warning: product: found 'shop-freshness', unknown (1 entry not loaded), expected a "
            "product's id or name, or an entry in products: or ignore: of source sg",
        ),
        (
            "another document", "sloth/a.yaml", "kind: Deployment\n",
            "imports/sloth/a.yaml:1: version: found nothing, expected prometheus/v1 or sloth.slok.dev/v1",
        ),
    ],
    ids=[
        "no counts", "several counters", "100 per cent", "no target", "a ratio", "hours", "too long", "no counter",
        "no product", "a fortnight", "no length", "a list of windows", "labels of Pyrra", "labels of slo-generator",
        "another document",
    ],

)  # fmt: skip
def test_what_cannot_be_carried_over_is_told(tmp_path: Path, about: str, file: str, text: str, message: str):
    messages = loaded(tmp_path, **{file: text})[1]
    assert message in messages


@pytest.mark.parametrize(
    ("file", "text", "keys", "place"),
    [
        ("sloth/a.yaml", SLOTH_CRD, {"shop-api-crd", "shop-api-more"}, "spec.slos.0.objective"),
        ("pyrra/a.yaml", PYRRA.replace("shop-latency", "crd"), {"crd", "more"}, "spec.target"),
    ],
    ids=["Sloth", "Pyrra"],
)
def test_a_list_as_kubectl_writes_it_is_read_with_its_lines(tmp_path: Path, file, text, keys, place):
    more = text.replace(" crd", " more")
    wrong = text.replace(" crd", " wrong").replace("objective: 99", "objective: 990").replace('"95"', '"950"')
    items = "".join("  - " + one.replace("\n", "\n    ").rstrip() + "\n" for one in (text, more, wrong))
    listed = f"apiVersion: v1\nkind: List\nitems:\n{items}metadata: {{resourceVersion: ''}}\n"
    line = next(i for i, one in enumerate(listed.splitlines(), 1) if "990" in one or "950" in one)
    slos, messages = loaded(tmp_path, **{file: listed})
    assert set(slos) == keys
    (message,) = messages
    assert message.startswith(f"imports/{file}:{line}: {place}: found '9")


def test_an_id_that_slos_has_already_is_told(tmp_path: Path):
    text = SLOTH.replace("service: shop-api", "service: alpha").replace("name: requests", "name: ok")
    messages = loaded(tmp_path, **{"sloth/a.yaml": text})[1]
    assert messages == [
        "imports/sloth/a.yaml:5: slos: found alpha-ok again (first at slos/alpha.yaml:16), expected each one once"
    ]
