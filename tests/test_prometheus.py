"""Fetching counters from a real Prometheus server, against numbers that are worked out here."""

from __future__ import annotations

import base64
import csv
import datetime as dt
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler
from itertools import accumulate
from pathlib import Path

import pytest
from prometheus_server import backfill, gate, need_prometheus, running, serving

from loaders import http, prometheus, prometheus_api, prometheus_counts
from loaders.recorded import discover
from maturity.records.forms import Text
from maturity.records.slos import Slo
from maturity.sources import Auth, PrometheusSource

pytestmark = pytest.mark.prometheus

ROOT = Path(__file__).resolve().parent.parent
SINCE = dt.date(2026, 3, 1)
ZERO = int(dt.datetime(2026, 3, 1, tzinfo=dt.UTC).timestamp())
DAYS = 45
POINTS = DAYS * 288 + 1  # more than the 11,001 that one request may hold
LATER = dt.datetime(2026, 4, 20, tzinfo=dt.UTC)
NEVER = "shop_http_requests_total{job='nobody'}"

Points = dict[int, float]  # grid point number -> value of the counter


# ------------------------------------------------------------------------------------------------- what is given


def _events(seed: int, most: int) -> list[int]:
    """True number of events in each bucket."""
    chance = random.Random(seed)
    return [chance.randint(0, most) for _ in range(POINTS - 1)]


def _counter(events: list[int], restart: int | None = None) -> Points:
    """What a counter of these events shows. It restarts from 0 right after grid point `restart`."""
    points = dict(enumerate(accumulate(events, initial=0)))
    return {i: v - points[restart] if restart and i > restart else v for i, v in points.items()}


EVENTS = {
    ("a", "200"): _events(1, 90),
    ("a", "500"): _events(2, 3),
    ("b", "200"): _events(3, 50),
    ("b", "500"): _events(4, 2),
}
BORN, RESTART = 5_001, 2_999
SHOP: dict[tuple[str, str], Points] = {
    ("a", "200"): _counter(EVENTS["a", "200"], RESTART),
    ("a", "500"): _counter(EVENTS["a", "500"], RESTART),
    ("b", "200"): _counter(EVENTS["b", "200"]),
    ("b", "500"): {i: v for i, v in _counter(EVENTS["b", "500"]).items() if i >= BORN},
}
# Three hours without any scrape, from 06:00 to 09:00 on 11 March; the points at both ends are there.
GAP = range(10 * 288 + 73, 10 * 288 + 108)
SHOP = {labels: {i: v for i, v in points.items() if i not in GAP} for labels, points in SHOP.items()}
NOT_A_NUMBER = {("b", "200", 7_000): "NaN", ("a", "500", 8_000): "+Inf"}


def _openmetrics() -> str:
    lines = ["# TYPE shop_http_requests counter"]
    for (pod, code), points in SHOP.items():
        series = f'shop_http_requests_total{{pod="{pod}",code="{code}"}}'
        lines += [f"{series} {NOT_A_NUMBER.get((pod, code, i), v)} {ZERO + i * 300}" for i, v in points.items()]
    lines += ["# TYPE slow counter", *(f"slow_total {i} {ZERO + i * 900}" for i in range(100))]
    lines += ["# TYPE seconds counter", *(f"seconds_total {i * 0.25} {ZERO + i * 300}" for i in range(289))]
    return "\n".join([*lines, "# EOF", ""])


def _expected(codes: set[str]) -> Points:
    """True events by bucket number, of the series that have a usable sample at both ends."""
    sums: Points = {}
    for (pod, code), points in SHOP.items():
        usable = {i for i in points if (pod, code, i) not in NOT_A_NUMBER}
        for i in range(POINTS - 1) if code in codes else ():
            if {i, i + 1} <= usable:
                sums[i] = sums.get(i, 0) + EVENTS[pod, code][i]
    return sums


TOTAL, BAD = _expected({"200", "500"}), _expected({"500"})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    need_prometheus()
    folder = tmp_path_factory.mktemp("prometheus") / "data"
    backfill(folder, _openmetrics())
    with running(folder) as url:
        yield url


def source(url: str, **more) -> PrometheusSource:
    return PrometheusSource(**{"id": "main", "kind": "prometheus", "url": url, "since": SINCE, **more})


def slo(name: str = "orders", **more) -> Slo:
    given = {
        "id": name,
        "product": "shop",
        "name": Text(en=name, ja=name),
        "method": "Occurrences",
        "target": "0.999",
        "window_kind": "rolling",
        "window_count": 28,
        "window_unit": "d",
        "source": "main",
        "total_query": "shop_http_requests_total",
        "bad_query": 'shop_http_requests_total{code=~"5.."}',
    }
    return Slo(**{**given, **more})


GOOD = {"bad_query": None, "good_query": 'shop_http_requests_total{code="200"}'}


def rows(folder: Path) -> dict[str, dict[int, tuple[float, float]]]:
    """File name -> bucket number -> (good, total)."""
    found = {}
    for path in sorted(folder.rglob("*.csv")):
        with path.open(newline="") as file:
            found[path.name] = {
                _number(row["start"]): (float(row["good"]), float(row["total"])) for row in csv.DictReader(file)
            }
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def _number(start: str) -> int:
    return int((dt.datetime.fromisoformat(start).timestamp() - ZERO) / 300)


# -------------------------------------------------------------------------------------------------- the numbers


def test_every_bucket_of_45_days_is_exact_through_a_reset_a_gap_a_birth_and_a_nan(server: str, tmp_path: Path):
    with gate(server) as door:
        fetched = prometheus.fetch(source(door.url), [slo()], tmp_path, now=LATER)
    found = {i: pair for day in rows(tmp_path).values() for i, pair in day.items()}
    assert found == {i: (total - BAD.get(i, 0), total) for i, total in TOTAL.items()}
    assert fetched.buckets == len(TOTAL)
    assert len(door.asked) <= 8, "days are asked for together, not one by one"
    assert max((float(p["end"]) - float(p["start"])) / 300 for p in door.asked) > 5_000


def test_every_day_adds_up_to_the_sum_worked_out_here(server: str, tmp_path: Path):
    prometheus.fetch(source(server), [slo(**GOOD)], tmp_path, now=LATER)
    good = _expected({"200"})
    found = rows(tmp_path)
    for d in range(DAYS):
        day = range(d * 288, (d + 1) * 288)
        pairs = found[f"{SINCE + dt.timedelta(days=d)}.csv"].values()
        assert sum(g for g, _ in pairs) == sum(good.get(i, 0) for i in day)
        assert sum(t for _, t in pairs) == sum(TOTAL.get(i, 0) for i in day)


def test_a_gap_has_no_rows_rather_than_zeros(server: str, tmp_path: Path):
    prometheus.fetch(source(server), [slo()], tmp_path, now=LATER)
    day = rows(tmp_path)["2026-03-11.csv"]
    assert len(day) == 288 - 36
    assert not day.keys() & set(range(GAP.start - 1, GAP.stop))


def test_a_series_that_appears_late_counts_from_its_second_sample_and_as_no_error_before(server: str, tmp_path: Path):
    only_b = {
        "total_query": 'shop_http_requests_total{pod="b"}',
        "bad_query": 'shop_http_requests_total{pod="b",code="500"}',
    }
    prometheus.fetch(source(server), [slo(**only_b)], tmp_path, now=LATER)
    found = {i: pair for day in rows(tmp_path).values() for i, pair in day.items()}
    bad = {i: total - good for i, (good, total) in found.items()}
    assert bad[BORN - 2] == 0
    assert bad[BORN - 1] == 0, "the first sample has no known start"
    assert [bad[i] for i in range(BORN, BORN + 9)] == EVENTS["b", "500"][BORN : BORN + 9]


def test_samples_that_are_no_number_are_left_out_and_told(server: str, tmp_path: Path):
    fetched = prometheus.fetch(source(server), [slo()], tmp_path, now=LATER)
    assert fetched.warnings == [
        "slo orders: total: 2 samples are no number of events (NaN, infinite or negative), left out",
        "slo orders: bad: 1 samples are no number of events (NaN, infinite or negative), left out",
    ]


def test_the_file_is_plain_csv_with_whole_numbers(server: str, tmp_path: Path):
    prometheus.fetch(source(server), [slo()], tmp_path, now=LATER)
    text = (tmp_path / "main/orders/2026-03-01.csv").read_bytes().decode()
    total, bad = TOTAL[0], BAD[0]
    assert text.startswith(
        f"slo,start,good,total\norders,2026-03-01T00:00:00Z,{total - bad},{total}\norders,2026-03-01T00:05:00Z,"
    )
    assert text.count("\n") == 289
    assert not list(tmp_path.rglob(".*")), "no temporary file stays"


def test_a_counter_of_seconds_keeps_its_fractions(server: str, tmp_path: Path):
    query = {"total_query": "seconds_total", "bad_query": "seconds_total"}
    prometheus.fetch(source(server), [slo(**query)], tmp_path, now=dt.datetime(2026, 3, 3))
    assert (tmp_path / "main/orders/2026-03-01.csv").read_text().splitlines()[1] == "orders,2026-03-01T00:00:00Z,0,0.25"


def test_more_good_than_all_is_written_as_it_is(server: str, tmp_path: Path):
    odd = {"total_query": 'shop_http_requests_total{code="500"}', **GOOD}
    prometheus.fetch(source(server), [slo(**odd)], tmp_path, now=LATER)
    assert any(good > total for good, total in rows(tmp_path)["2026-03-02.csv"].values())


# ----------------------------------------------------------------------------------------------- again and again


def test_a_second_fetch_asks_nothing_and_writes_nothing(server: str, tmp_path: Path):
    first = prometheus.fetch(source(server), [slo()], tmp_path, now=LATER)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    with gate(server) as door:
        again = prometheus.fetch(source(door.url), [slo()], tmp_path, now=LATER)
    finished = (LATER.date() - SINCE).days - 1  # the hour after 19 April has not passed
    assert (first.days_written, first.days_already_there) == (finished + 1, 0)
    assert again.days_already_there == finished
    assert {p["start"] for p in door.asked} == {f"{ZERO + finished * 86_400}.001"}, "only the day without its grace"
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert {path for path in before if after[path] != before[path]} == {
        tmp_path / "main/orders",
        tmp_path / "main/orders/2026-04-19.partial.csv",
    }
    with gate(server) as door:
        prometheus.fetch(source(door.url), [slo()], tmp_path, now=LATER + dt.timedelta(hours=1))
        prometheus.fetch(source(door.url), [slo()], tmp_path, now=LATER + dt.timedelta(hours=1, minutes=1))
    assert {p["start"] for p in door.asked} <= {f"{ZERO + d * 86_400}.001" for d in (finished, finished + 1)}


def test_a_day_grows_as_a_partial_file_and_becomes_a_finished_one_an_hour_after_its_end(server: str, tmp_path: Path):
    def names_at(*when: int) -> list[str]:
        prometheus.fetch(source(server), [slo()], tmp_path, now=dt.datetime(2026, 3, *when, tzinfo=dt.UTC))
        return sorted(rows(tmp_path))

    assert names_at(2, 10, 4) == ["2026-03-01.csv", "2026-03-02.partial.csv"]
    assert len(rows(tmp_path)["2026-03-02.partial.csv"]) == 10 * 12
    assert names_at(3, 0, 30) == ["2026-03-01.csv", "2026-03-02.partial.csv", "2026-03-03.partial.csv"]
    assert names_at(3, 1, 0) == ["2026-03-01.csv", "2026-03-02.csv", "2026-03-03.partial.csv"]
    assert len(rows(tmp_path)["2026-03-02.csv"]) == 288


def test_rows_of_a_partial_day_outlive_the_retention_of_the_server(server: str, tmp_path: Path):
    prometheus.fetch(source(server), [slo()], tmp_path, now=dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC))
    partial = tmp_path / "main/orders/2026-03-02.partial.csv"
    kept = partial.rename(tmp_path / "main/orders/2026-02-02.partial.csv")
    kept.write_text(kept.read_text().replace("2026-03-02T", "2026-02-02T"))
    since = dt.date(2026, 2, 2)
    prometheus.fetch(source(server, since=since), [slo()], tmp_path, now=dt.datetime(2026, 3, 3, tzinfo=dt.UTC))
    assert len(rows(tmp_path)["2026-02-02.csv"]) == 120


def test_days_without_data_around_others_are_finished_files_without_rows(server: str, tmp_path: Path):
    since = SINCE - dt.timedelta(days=3)
    prometheus.fetch(source(server, since=since), [slo()], tmp_path, now=LATER)
    assert rows(tmp_path)["2026-02-27.csv"] == {}
    assert (tmp_path / "main/orders/2026-04-17.csv").read_text() == "slo,start,good,total\n"


@pytest.fixture(scope="module")
def uninterrupted(server: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("uninterrupted")
    prometheus.fetch(source(server), [slo(), slo("logins", **GOOD)], folder, now=LATER)
    return files(folder)


FETCH = """
import datetime as dt, os, pathlib, signal, sys
sys.path[:0] = [{root!r}, {tests!r}]
from test_prometheus import GOOD, LATER, slo, source
from loaders import prometheus
renames = 0
def watch(event, _):
    global renames
    if event != "os.rename":
        return
    renames += 1
    if renames == {kill_at}:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
prometheus.fetch(source({url!r}), [slo(), slo("logins", **GOOD)], pathlib.Path({raw!r}), now=LATER)
"""


def _fetching(url: str, raw: Path, kill_at: int) -> subprocess.Popen:
    code = FETCH.format(root=str(ROOT), tests=str(ROOT / "tests"), kill_at=kill_at, url=url, raw=str(raw))
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=raw.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.mark.parametrize(
    ("kill_at", "left_behind"),
    [(1, ".tmp"), (2, ".tmp"), (3, ".partial.csv"), (4, ".tmp"), (61, ".partial.csv"), (130, ".tmp")],
)
def test_a_run_killed_before_a_rename_is_completed_by_the_next(
    server: str, tmp_path: Path, uninterrupted: dict[str, bytes], kill_at: int, left_behind: str
):
    """A temporary file is left, or a finished day under its partial name; 130 is within the second SLO."""
    raw = tmp_path / "raw"
    run = _fetching(server, raw, kill_at)
    run.communicate(timeout=30)
    assert run.returncode == -signal.SIGKILL
    left = files(raw).keys()
    (half_done,) = left - uninterrupted.keys()
    assert half_done.endswith(left_behind)
    assert uninterrupted.keys() - left, "days are missing"
    prometheus.fetch(source(server), [slo(), slo("logins", **GOOD)], raw, now=LATER)
    assert files(raw) == uninterrupted


# ------------------------------------------------------------------------------------------------------ trouble


def test_a_gate_that_wants_a_bearer_token_and_an_organisation_lets_us_through(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GM_TOKEN", "s3cr3t-t0ken")
    monkeypatch.setenv("GM_ORG", "team-a")
    auth = Auth(kind="bearer", token_env="GM_TOKEN")
    with gate(server, {"Authorization": "Bearer s3cr3t-t0ken", "X-Scope-OrgID": "team-a"}) as door:
        with pytest.raises(http.SourceRefused, match=r"slo orders: .*/api/v1/query_range: status 401: who are you\?"):
            prometheus.fetch(source(door.url), [slo()], tmp_path, now=LATER)
        fetched = prometheus.fetch(source(door.url, auth=auth, org_id_env="GM_ORG"), [slo()], tmp_path, now=LATER)
    assert fetched.buckets == len(TOTAL)


def test_a_gate_that_wants_a_user_and_a_password_lets_us_through(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GM_USER", "anna")
    monkeypatch.setenv("GM_PASSWORD", "s3cr3t")
    auth = Auth(kind="basic", user_env="GM_USER", password_env="GM_PASSWORD")
    with gate(server, {"Authorization": f"Basic {base64.b64encode(b'anna:s3cr3t').decode()}"}) as door:
        fetched = prometheus.fetch(source(door.url, auth=auth), [slo()], tmp_path, now=LATER)
    assert fetched.buckets == len(TOTAL)


def test_the_server_refuses_more_than_11_000_steps_and_its_words_reach_us(server: str):
    with http.open_session(None, None, None, 10) as session:
        whom = prometheus_api.Server(session, f"{server}/api/v1")
        assert prometheus_api.ask(whom, "seconds_total", ZERO, ZERO + 11_000 * 300)["status"] == "success"
        with pytest.raises(http.SourceRefused, match="status 400: exceeded maximum resolution of 11,000 points"):
            prometheus_api.ask(whom, "seconds_total", ZERO, ZERO + 11_001 * 300)


def test_a_range_beyond_11_000_steps_is_asked_for_in_pieces_that_fit_together(server: str):
    with gate(server) as door, http.open_session(None, None, None, 10) as session:
        whom = prometheus_api.Server(session, f"{door.url}/api/v1")
        counted = prometheus_counts.count(whom, "shop_http_requests_total", ZERO, ZERO + (POINTS - 1) * 300)
    assert {(at - ZERO) // 300: value for at, value in counted.increases.items()} == TOTAL
    assert [(float(p["end"]) - float(p["start"])) / 300 for p in door.asked] == [11_000, POINTS - 1 - 11_000]


def test_a_server_that_finds_the_range_too_large_is_asked_for_fewer_days(tmp_path: Path, server: str):
    with gate(server, most_days=4) as door:
        fetched = prometheus.fetch(source(door.url), [slo()], tmp_path, now=LATER)
    assert fetched.buckets == len(TOTAL)


def test_a_bad_selector_is_told_in_the_servers_words_with_the_name_of_the_slo(server: str, tmp_path: Path):
    wrong = slo(total_query="shop_http_requests_total{code}")
    with pytest.raises(http.SourceRefused, match=r"slo orders: .* status 400: .*parse error"):
        prometheus.fetch(source(server), [wrong], tmp_path, now=LATER)


def test_a_selector_that_finds_nothing_is_a_warning_and_leaves_no_file(server: str, tmp_path: Path):
    fetched = prometheus.fetch(source(server), [slo(total_query=NEVER)], tmp_path, now=LATER)
    assert fetched.warnings[0] == f"slo orders: no data from 2026-03-01 to 2026-04-19 for {NEVER}"
    assert fetched.days_written == 0
    assert files(tmp_path) == {}
    assert prometheus.fetch(source(server), [slo()], tmp_path, now=LATER).buckets == len(TOTAL)


@pytest.mark.parametrize(("side", "fate"), [("good_query", "bad"), ("bad_query", "good")])
def test_a_counted_side_that_finds_nothing_is_a_warning(server: str, tmp_path: Path, side: str, fate: str):
    fetched = prometheus.fetch(source(server), [slo(**{"bad_query": None, side: NEVER})], tmp_path, now=LATER)
    assert (
        f"slo orders: no data from 2026-03-01 to 2026-04-19 for {NEVER}, so every event counts as {fate}"
        in fetched.warnings
    )


def test_a_series_that_is_scraped_too_seldom_is_a_warning(server: str, tmp_path: Path):
    seldom = slo(total_query="slow_total", bad_query="slow_total")
    fetched = prometheus.fetch(source(server), [seldom], tmp_path, now=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    assert fetched.warnings == [
        "slo orders: no two samples in a row from 2026-03-01 to 2026-03-01; is it scraped every 5 minutes?"
    ]


def test_changed_queries_are_a_warning_until_somebody_decides(server: str, tmp_path: Path):
    now = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
    prometheus.fetch(source(server), [slo()], tmp_path, now=now)
    for _ in range(2):
        fetched = prometheus.fetch(source(server), [slo(**GOOD)], tmp_path, now=now)
        assert fetched.warnings[0].startswith("slo orders: its queries are not those of queries.txt beside its days")
    (tmp_path / "main/orders/queries.txt").unlink()
    assert prometheus.fetch(source(server), [slo(**GOOD)], tmp_path, now=now).warnings == []


def test_an_slo_of_another_source_is_passed_over(tmp_path: Path):
    fetched = prometheus.fetch(source("http://127.0.0.1:1"), [slo(source="other")], tmp_path, now=LATER)
    assert fetched == prometheus.Fetched(0, 0, 0, 0, ["no SLO names the source main"])


@pytest.mark.parametrize(
    "query",
    [
        "sum(rate(http_requests_total[5m]))",
        "sum by (job) (http_requests_total)",
        "http_requests_total[5m]",
        "http_requests_total offset 1d",
        "http_requests_total + http_errors_total",
        'increase(http_requests_total{job="a"}[{{.window}}])',
        'http_requests_total{job="a"} or vector(0)',
        '{job="a"} {job="b"}',
    ],
)
def test_a_query_that_is_no_plain_selector_is_refused_before_anything_is_asked(tmp_path: Path, query: str):
    with pytest.raises(prometheus.QueryIsNotACounterSelector, match="slo orders: bad: "):
        prometheus.fetch(source("http://127.0.0.1:1"), [slo(bad_query=query)], tmp_path, now=LATER)


@pytest.mark.parametrize(
    "query",
    [
        "shop_http_requests_total",
        "shop:http_requests_total {}",
        '{__name__="x", a!~"b{2}(c)"}',
        " x{a='}', b=`\\`} ",
        'x{a="\\"}"}',
    ],
)
def test_a_plain_selector_is_asked_for(server: str, tmp_path: Path, query: str):
    now = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    assert prometheus.fetch(source(server), [slo(total_query=query)], tmp_path, now=now).slos == 1


@pytest.mark.parametrize("more", [{"total_query": None}, {"bad_query": None}, {"good_query": "x"}])
def test_an_slo_without_the_queries_to_count_with_is_named(tmp_path: Path, more: dict):
    with pytest.raises(prometheus.SloHasNoCountingQueries, match="slo orders: needs a total query and exactly one"):
        prometheus.fetch(source("http://127.0.0.1:1"), [slo(**more)], tmp_path, now=LATER)


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        ("<html>log in</html>", http.SourceDidNotSendJson, "not JSON"),
        (
            '{"status": "success", "data": {"resultType": "vector", "result": []}}',
            http.AnswerHasAnotherShape,
            "is vector",
        ),
        ('{"status": "error", "error": "no store"}', http.AnswerHasAnotherShape, "no store"),
        ("{}", http.AnswerHasAnotherShape, "resultType is missing"),
    ],
    ids=["HTML", "a vector", "an error with status 200", "an empty object"],
)
def test_an_answer_that_is_no_matrix_is_an_exception(tmp_path: Path, body: str, error: type, words: str):
    with serving(_always(body)) as other, pytest.raises(error, match=f"slo orders: .*{words}"):
        prometheus.fetch(source(f"http://127.0.0.1:{other.server_port}"), [slo()], tmp_path, now=LATER)


@pytest.mark.parametrize(
    "series",
    [
        "7",
        '{"metric": [], "values": [[1, "1"]]}',
        '{"metric": {}, "values": [[1, "many"]]}',
        '{"metric": {}, "values": [[1]]}',
        '{"metric": {}, "values": [[null, "1"]]}',
        '{"metric": {"a": []}, "values": 5}',
    ],
)
@pytest.mark.parametrize("recorded", [[], ["sloth"]], ids=["counted", "recorded"])
def test_series_of_another_shape_are_an_exception(tmp_path: Path, series: str, recorded: list[str]):
    kind = "vector" if recorded else "matrix"
    body = f'{{"status": "success", "data": {{"resultType": "{kind}", "result": [{series}]}}}}'
    with serving(_always(body)) as other:
        here = source(f"http://127.0.0.1:{other.server_port}").model_copy(update={"recorded": recorded})
        ask = partial(discover, here) if recorded else partial(prometheus.fetch, here, [slo()])
        with pytest.raises(http.AnswerHasAnotherShape, match="of another shape"):
            ask(tmp_path, now=LATER)


def test_days_that_came_with_a_warning_of_the_server_are_told_and_asked_again(tmp_path: Path):
    """As Thanos answers while one of its stores is down."""
    values = ", ".join(f'[{ZERO + i * 300}.001, "{i}"]' for i in range(289))
    data = f'{{"resultType": "matrix", "result": [{{"metric": {{}}, "values": [{values}]}}]}}'
    body = f'{{"status": "success", "warnings": ["store eu is down"], "data": {data}}}'
    with serving(_always(body)) as other:
        thanos, now = source(f"http://127.0.0.1:{other.server_port}"), dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)
        fetched = [prometheus.fetch(thanos, [slo()], tmp_path, now=now) for _ in range(2)]
    assert [one.warnings for one in fetched] == [["slo orders: the server warns: store eu is down"]] * 2
    assert [one.days_already_there for one in fetched] == [0, 0]
    assert list(rows(tmp_path)) == ["2026-03-01.partial.csv", "2026-03-02.partial.csv"]


def _always(body: str) -> type[BaseHTTPRequestHandler]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    return Answers
