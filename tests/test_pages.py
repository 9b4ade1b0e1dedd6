"""Every page, driven through Streamlit's own test runner: both languages, full and empty."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from given import ROOT, SAMPLE, TINY, TINY_AS_OF, build, changed, day, over_tiny, write
from streamlit.testing.v1 import AppTest

from maturity import agenda, charts, frozen, store, text
from maturity.ui import PAGES, Page

LANGUAGES = ["en", "ja"]
# What must never reach a reader: an empty value's own name, or a text whose {value} was not filled in.
LEFT_OVERS = re.compile(r"\b(nan|NaN|NaT|None|<NA>)\b|\{[a-z_]+\}")


# A record with as little as it may have, one that others were merged into, and the ends a record can have.
RECORDS = """schema: sre-risk-records/1
records:
  - {id: BARE, products: [alpha, beta], title: Bare, summary: Nothing is known., status: new,
     detected: {at: 2026-01-03, via: import}}
  - {id: GONE, products: [beta], title: Gone, summary: S, status: closed, detected: {at: 2026-01-03, via: drill},
     closed: {at: 2026-01-09, by: lee, reason: avoided, evidence: The trunk was sold.}, links: {related: [BARE]},
     url: "https://tracker.example/GONE", log: [
       {at: 2026-01-04, by: lee, kind: decision, text: Sell it., url: "https://tracker.example/1?a=1&b=<b>"}]}
  - {id: TWIN, products: [beta], title: Twin, summary: S, status: merged, duplicate_of: BARE,
     detected: {at: 2026-01-03, via: drill}}
  - {id: KEPT, products: [alpha], title: Kept, summary: S, status: accepted, detected: {at: 2026-01-03, via: drill},
     fix_state: {provisional: A phone, permanent: Sold, provisional_until: 2026-03-01},
     acceptance: {approver: wada, accepted_at: 2026-01-05, expires: 2026-12-31, reason: Waits., frozen: {
       budget_share: 0.5, potential_impact: 4, likelihood: 3}},
     ranks: {current_impact: 1, potential_impact: 4, likelihood: 3, likelihood_trend: up}}
"""

# A composite, which has no files of its own.
WHOLE = """apiVersion: openslo/v1
kind: SLO
metadata:
  name: whole
  displayName: The whole of it
  annotations: {guidemap/product: alpha, guidemap/members: alpha-ok x2}
spec:
  budgetingMethod: Occurrences
  timeWindow: [{duration: 28d, isRolling: true}]
  objectives: [{target: 0.99}]
"""


@pytest.fixture(scope="module")
def stores(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Stores in the conditions a page can meet."""
    base = tmp_path_factory.mktemp("stores")
    lonely = base / "only products"
    lonely.mkdir()
    (lonely / "products.yaml").write_bytes((TINY / "products.yaml").read_bytes().replace(b", main_slo: alpha-ok", b""))
    build(base / "lonely", lonely)
    more = {"risks/more.yaml": RECORDS, "slos/whole.yaml": WHOLE}
    assert not build(base / "records", over_tiny(base / "few words", **more)).problems
    nobody = base / "no product"
    nobody.mkdir()
    (nobody / "products.yaml").write_text("products: []\n")
    build(base / "nobody", nobody)
    return {"sample": sample_store} | {name: base / name for name in ("records", "lonely", "nobody", "nothing")}


def drive(monkeypatch: pytest.MonkeyPatch, folder: Path, page: str, **parameters: str) -> AppTest:
    """The page as a reader with this link sees it."""
    monkeypatch.setenv("GUIDEMAP_STORE", str(folder))
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    if page != "month":
        app.switch_page(PAGES[page][0])
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert [e.value for e in app.exception] == []
    return app


def test_a_table_that_is_damaged_stops_the_page_with_what_to_do(monkeypatch, tmp_path: Path):
    path = build(tmp_path).snapshot
    changed(path, "drop table slo_status")
    app = drive(monkeypatch, tmp_path, "error_budgets", lang="en")
    assert [w.value for w in app.warning] == [text.say("en", "empty.damaged")]


def test_a_store_that_is_closed_or_a_file_is_told_on_the_page(monkeypatch, tmp_path: Path):
    app = drive(monkeypatch, write(tmp_path / "store", ""), "risks", lang="en")
    assert [w.value for w in app.warning] == [text.say("en", "empty.snapshot")]
    (tmp_path / "CURRENT").mkdir()
    app = drive(monkeypatch, tmp_path, "risks", lang="ja")
    assert [w.value for w in app.warning] == [text.say("ja", "empty.closed")]


def words(app: AppTest) -> Iterator[str]:
    """Every text on the page."""
    for block in (app.main, app.sidebar):
        for element in block:
            proto = getattr(element, "proto", None)
            for name in ("body", "value", "label", "delta"):
                found = getattr(proto, name, None) if proto is not None else None
                if isinstance(found, str):
                    yield re.sub(r"<style>.*?</style>", "", found, flags=re.S)
    for given in given_to_browser(app):
        for said in texts(unpacked(given["drawing"]) if "drawing" in given else {}):
            yield re.sub(r"\{(n|m|drawn|slos)\}", "7", said)  # the browser counts what is chosen


def given_to_browser(app: AppTest) -> list[dict]:
    """What is drawn by the browser, as it is given it."""
    return [json.loads(element.proto.json) for element in app.get("bidi_component")]


def told(app: AppTest) -> dict:
    """The one drawing of a page that is chosen in the browser."""
    (given,) = given_to_browser(app)
    return unpacked(given["drawing"])


def unpacked(drawing: str) -> dict:
    """What `packed` made of a drawing."""
    return json.loads(gzip.decompress(base64.b64decode(drawing)))


def texts(value: object) -> Iterator[str]:
    """Every text inside lists and tables, but not their keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)


def tables(app: AppTest) -> dict[str, list[list[str]]]:
    """Tables of the page by caption: rows of plain cell texts, the heading first."""
    found = {}
    for body in words(app):
        for table in body.split("<table")[1:]:
            caption = re.search(r"<caption>(.*?)</caption>", table)[1]
            rows = re.findall(r"<tr>(.*?)</tr>", table, flags=re.S)
            cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row.replace("<wbr>", ""), flags=re.S) for row in rows]
            found[caption] = [
                [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in cells
            ]
    return found


def timeline(app: AppTest) -> list[str]:
    """Points of the timeline on the page, each as one line of text."""
    (body,) = [body for body in words(app) if "<ol class='gm-timeline'" in body]
    points = re.findall(r"<li[^>]*>(.*?)</li>", body, flags=re.S)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", point)).split()) for point in points]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["sample", "records", "lonely", "nobody", "nothing"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_in_the_readers_language(monkeypatch, stores, page, kind, language):
    app = drive(monkeypatch, stores[kind], page, lang=language)
    assert [t.value for t in app.title] == [text.say(language, f"{page}.title")]
    if kind == "nothing":
        assert [w.value for w in app.warning] == [text.say(language, "empty.snapshot")]
    shown = "\n".join(words(app))
    assert not LEFT_OVERS.search(shown), LEFT_OVERS.search(shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("page", "said"),
    [("practices", "assessments"), ("risks", "risks"), ("error_budgets", "slos"), ("month", "decisions")],
)
def test_an_empty_page_says_which_file_would_fill_it(monkeypatch, stores, page, said, language):
    app = drive(monkeypatch, stores["lonely"], page, lang=language)
    assert text.say(language, f"empty.{said}") in [i.value for i in app.info]


@pytest.mark.parametrize(
    ("page", "product", "said"),
    [
        pytest.param("slo_use", "beta", "Beta: There are no SLOs. Put OpenSLO files into slos/.", id="rungs"),
        pytest.param("error_budgets", "beta", "Beta: There are no SLOs. Put OpenSLO files into slos/.", id="budgets"),
        pytest.param("risks", "delta", "Delta: There are no risk records. Put them into risks/ as YAML.", id="risks"),
        pytest.param("product", "gamma", "No risk of this product is open.", id="all closed"),
    ],
)
def test_a_product_that_has_none_is_not_taken_for_a_company_that_has_none(monkeypatch, tmp_path, page, product, said):
    new = "  - {id: %s, name: %s, team: blue, tier: 3, target_level: 1}\n"
    more = new % ("gamma", "Gamma") + new % ("delta", "Delta")
    closed = RECORDS.replace("GONE, products: [beta]", "GONE, products: [gamma]")
    folder = over_tiny(tmp_path / "data", **{"risks/more.yaml": closed})
    (folder / "products.yaml").write_text((folder / "products.yaml").read_text() + more)
    assert not build(tmp_path / "store", folder).problems
    app = drive(monkeypatch, tmp_path / "store", page, lang="en", product=product)
    assert said in [box.value for box in (*app.info, *app.success)]


@pytest.mark.parametrize("page", PAGES)
def test_a_name_is_shown_where_there_is_one(monkeypatch, stores, page):
    app = drive(monkeypatch, stores["sample"], page, lang="en")
    ids = set(store.open_current(stores["sample"]).query("practices")["id"])
    ids |= set(store.open_current(stores["sample"]).query("slo_names")["id"])
    cells = {cell for rows in tables(app).values() for row in rows for cell in row}
    assert cells & ids == set()


def test_the_month_shows_the_figures_of_the_sample(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "month", lang="en")
    assert {m.label: m.value for m in app.metric} == {
        "Products at target": "2 / 6",
        "Regressions": "2",
        "Budgets in trouble": "4",
        "SLOs hardly spent": "1",
        "Risks over limit": "3",
    }
    decided = tables(app)["One list, one unit"]
    assert [row[2] for row in decided[1:5]] == [
        "First words within 2 seconds",
        "Uploads accepted",
        "A call, from ring to reply",
        "Prompt templates go to every tenant at once",
    ]
    assert [row[4:6] for row in decided[3:5]] == [["305 min", "9.7%"], ["210 min", "40.0%"]]
    assert "place 3–10" in decided[4]


# Half the pages in each language: what a frozen month lacks does not depend on the language.
@pytest.mark.parametrize(("page", "language"), [(page, LANGUAGES[i % 2]) for i, page in enumerate(PAGES)])
def test_every_page_opens_a_frozen_month_and_says_so(monkeypatch, stores, page, language):
    app = drive(monkeypatch, stores["sample"], page, lang=language, review="2026-08")
    said = text.say(language, "frame.frozen", month=text.month(language, "2026-08"), as_of="2026-08-31")
    assert said in [i.value for i in app.info]
    assert not LEFT_OVERS.search("\n".join(words(app)))


@pytest.mark.parametrize("page", ["slo", "error_budgets"])
def test_a_frozen_review_says_of_an_older_month_that_it_kept_no_single_days(monkeypatch, stores, page):
    said = text.say("en", "frame.days_of_review", day="2026-06-01")
    older = drive(monkeypatch, stores["sample"], page, lang="en", review="2026-08", month="2026-03", slo="ds-upload-ok")
    assert said in [c.value for c in older.caption]
    assert not any(chart.proto.id.endswith("-burn") for chart in older.get("plotly_chart"))
    live = drive(monkeypatch, stores["sample"], page, lang="en", month="2026-03", slo="ds-upload-ok")
    assert said not in [c.value for c in live.caption]


@pytest.mark.parametrize(("month", "drawn"), [("2026-03", False), ("2026-04", True)])
def test_a_burn_down_ends_with_its_month_and_tells_no_target_that_came_later(monkeypatch, stores, month, drawn):
    app = drive(monkeypatch, stores["sample"], "slo", lang="en", month=month, slo="rf-query-ok")
    spec = next(c.proto.spec for c in app.get("plotly_chart") if c.proto.id.endswith("-burn"))
    notes = json.loads(spec)["layout"].get("annotations", [])
    assert [note["x"] for note in notes] == (["2026-04-01"] if drawn else [])


def test_a_burn_down_of_a_frozen_review_has_every_day_since_the_first_that_it_kept(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "slo", lang="en", review="2026-08", slo="ds-upload-ok")
    spec = json.loads(next(c.proto.spec for c in app.get("plotly_chart") if c.proto.id.endswith("-burn")))
    line = next(trace for trace in spec["data"] if trace["name"] == "Budget left")
    assert (line["x"][0], line["x"][-1], len(line["x"])) == ("2026-06-01", "2026-08-31", 92)


def test_a_review_older_than_decisions_does_not_say_that_nothing_was_decided(monkeypatch, tmp_path):
    data, kept = over_tiny(tmp_path / "data"), tmp_path / "store"
    build(kept, data)
    folder, _ = store.freeze(kept, data, "2026-01")
    (folder / "tables" / "decision.parquet").unlink()
    frozen.seal(folder, "2026-01", TINY_AS_OF)
    build(kept, data, day("2026-02-28"), minute=1)
    then, now = (
        [c.value for c in drive(monkeypatch, kept, "slo", lang="en", **review).caption]
        for review in ({"review": "2026-01"}, {})
    )
    said = {key: text.say("en", f"decision_log.{key}") for key in ("unknown", "none")}
    assert said["unknown"] in then
    assert said["none"] not in then
    assert said["none"] in now
    assert said["unknown"] not in now


def test_a_frozen_month_shows_what_was_known_then(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "month", lang="en", review="2026-08")
    then = store.open_month(stores["sample"], "2026-08")
    lost = then.query("falls", month="2026-08", only=True, product=None).query("regression")
    assert {m.label: m.value for m in app.metric}["Regressions"] == str(len(lost))
    titles = {row[0] for caption, rows in tables(app).items() for row in rows if caption == "Risks to talk about"}
    assert not any("Open database connections" in title for title in titles)  # found in September


def test_a_review_that_does_not_exist_falls_back_to_the_newest_data(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "month", lang="en", review="1999-01")
    assert app.sidebar.selectbox[0].value is None
    assert "Data as of 2026-09-30" in app.caption[0].value


def test_a_month_that_does_not_exist_falls_back_to_the_latest(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "practices", lang="en", month="1999-01")
    assert app.sidebar.selectbox(key="month").value == "2026-09"


def test_the_agenda_is_cut_to_the_time_and_names_what_it_cut(monkeypatch, stores):
    sections = [text.say("en", f"agenda.section.{section}") for section in agenda.SECTIONS]
    shown = {n: tables(drive(monkeypatch, stores["sample"], "month", lang="en", minutes=n)) for n in ("120", "30")}
    kept = {n: sum(len(found[name]) - 1 for name in sections if name in found) for n, found in shown.items()}
    assert "Items without time in this meeting" not in shown["120"]
    assert kept["30"] < kept["120"]
    assert kept["30"] + len(shown["30"]["Items without time in this meeting"]) - 1 == kept["120"]
    assert set(sections) & shown["30"].keys() == set(sections) & shown["120"].keys()


def test_the_agenda_says_why_what_who_and_what_was_decided_last(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "month", lang="en")
    spent = tables(app)["Error budgets exhausted or at risk"]
    uploads = next(row for row in spent if row[0].startswith("Uploads accepted"))
    assert uploads[1:3] == ["Docsift", "Exhausted"]
    assert uploads[4] == "n.baba"
    assert uploads[5].startswith("2026-09-17 : Invest. One engineer moves")


def test_the_one_list_can_be_ordered_by_what_a_day_of_work_saves(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "one_list", lang="en", order="saved_per_day")
    rows = tables(app)["Bad minutes a year"][1:]
    saved = [float(row[-1].removesuffix(" min").replace(",", "")) for row in rows]
    assert saved == sorted(saved, reverse=True)
    assert rows[0][2] == "Rebuilding the vector index has never been rehearsed"
    assert "save 636 min a year for 36 days of work" in app.info[0].value


def test_decisions_stand_at_what_they_are_about(monkeypatch, stores):
    for page, chosen in (
        ("slo", {"slo": "ds-upload-ok"}),
        ("risk", {"risk": "SRR-2026-005"}),
        ("product", {"product": "voicedesk"}),
    ):
        app = drive(monkeypatch, stores["sample"], page, lang="en", **chosen)
        assert len(tables(app)["Decisions"]) == 2, page


OPEN = "6 regressions that are still open"


def test_regressions_name_the_two_statements_they_lie_between(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "practices", lang="en")
    drill = next(row for row in tables(app)[OPEN] if "Incident drills" in row[1])
    assert [" ".join(cell.split()) for cell in drill[:4]] == [
        "2026-07-14", "Voicedesk Incident drills", "✓ Adopted ½ Partly done",
        "The team reports less than before Alert, Level 3 → 2, mature product",
    ]  # fmt: skip
    assert re.fullmatch(r"2026-04-14 k\.sudo +assessments/voicedesk\.yaml:\d+", drill[4])
    assert re.fullmatch(r"2026-07-14 m\.arai +assessments/voicedesk\.yaml:\d+", drill[5])


@pytest.mark.parametrize(("month", "is_open"), [("2026-08", True), ("2026-09", False)])
def test_what_was_won_back_later_was_still_open_in_an_earlier_month(monkeypatch, stores, month, is_open):
    app = drive(monkeypatch, stores["sample"], "practices", lang="en", product="voicedesk", month=month)
    (rows,) = [rows for caption, rows in tables(app).items() if "still open" in caption]
    assert ("Voicedesk Reliability risk register" in [row[1] for row in rows]) == is_open
    assert ("1 regression that was won back" in [fold.label for fold in app.expander]) == (not is_open)


def test_a_contradiction_shows_both_sides(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "practices", lang="en", practice="lrn-01", cell_product="askhub")
    row = next(row for row in tables(app)[OPEN] if "Blameless postmortems" in row[1])
    assert re.search(r"2026-09-17 h\.mori +assessments/askhub\.yaml:\d+", row[4])
    assert re.search(r"found 1 / 2 \(50%\), expected ≥ 80% +incidents\.yaml:\d+", row[5])
    (error,) = [e.value for e in app.error]
    assert error.startswith("The team says it is adopted. The signal")


def test_what_waits_for_an_answer_after_a_change_of_the_map_is_no_regression(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "practices", lang="en", practice="obs-03", cell_product="askhub")
    title = "6 practices wait for an answer because the guide map changed; nothing has fallen yet"
    assert title in [fold.label for fold in app.expander]
    assert title not in tables(app), "what is folded is not made"
    app.session_state["fold-rebaseline"] = True
    waiting = tables(app.run())[title]
    assert len(waiting) == 7
    assert "until 2026-11-30" in waiting[1][3]
    assert "The checklist of this practice changed. The earlier answer counts until 2026-11-30." in [
        i.value for i in app.info
    ]


def test_a_place_on_the_page_is_the_line_in_the_file(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "practices", lang="en")
    place = tables(app)[OPEN][1][4].split()[-1]
    file, line = place.split(":")
    assert "rec-02" in (SAMPLE / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_what_next_says_why_now_and_whom_to_ask(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "product", lang="en", product="askhub")
    first = tables(app)["What next"][1]
    assert (first[0], first[2], first[3]) == ("Restore tested", "92 min", "weeks")
    assert "must of L2" in first[1]
    assert first[4] == "l.sasaki (Minutely)"


def test_a_practice_is_found_by_what_a_team_calls_it(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "guide_map", lang="en", q="ＲＯＬＬＢＡＣＫ")
    found = tables(app)["What do you already do? Search by any name"]
    assert [row[:2] for row in found[1:3]] == [
        ["L2 Fast and practised rollback", "in its name"],
        ["L3 Delivery performance measured", "among what you may do already"],
    ]
    assert found[2][2] == "A count of rollbacks"


def test_the_map_counts_the_products_that_are_asked_for_a_practice(monkeypatch, tmp_path):
    only = "schema: sre-guide-map-changes/1\nchange: {practices: [{id: own-01, tiers: [1]}]}\n"
    folder = over_tiny(tmp_path / "data", **{"guide_map_changes.yaml": only})
    assert not build(tmp_path / "store", folder).problems
    said = "\n".join(words(drive(monkeypatch, tmp_path / "store", "guide_map", lang="en")))
    assert re.findall(r">(Named owning team[^<]*)<", said) == ["Named owning team* (1/1)"]
    assert "(0/2)" in said


def test_the_course_of_practices_can_be_narrowed_to_those_that_fall(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "spread", lang="en", trend="falling")
    rows = tables(app)["Every practice over time"]
    assert [row[0] for row in rows[1:]] == ["Restore tested", "Blameless postmortems"]
    assert rows[1][3:7] == ["4", "1 / 6", "−3", "↘ Falling"]


def test_the_claims_of_the_month_are_drawn(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "practices", lang="ja")
    rows = next(rows for caption, rows in tables(app).items() if caption.startswith("今月確かめる申告"))
    assert 1 < len(rows) <= 6


def test_without_claims_none_is_said_to_have_evidence(monkeypatch, stores):
    app = drive(monkeypatch, stores["lonely"], "practices", lang="en")
    assert "No claim is without fresh evidence." in [c.value for c in app.caption]


def test_a_cell_opens_its_checklist_evidence_and_history(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "practices", lang="en", practice="rec-02", cell_product="askhub")
    assert "Askhub: Restore tested" in "\n".join(words(app))
    assert [i.value for i in app.info] == ["Done by Ragfinder; this product takes its state."]
    assert tables(app)["Restore tested"][1][0] == "✗ Lapsed"
    assert len(tables(app)["What was said"]) > 2


# An item that came to a checklist in February, and a product that had adopted all of it before without naming items.
LONGER_LIST = {
    "guide_map_changes.yaml": """schema: sre-guide-map-changes/1
items:
  - {practice: own-01, add: [{id: z, en: Known at night, ja: 夜間も分かる, added_on: 2026-02-10}]}
""",
    "assessments/gamma.yaml": """product: beta
assessments:
  - {practice: own-01, assessed_on: 2026-01-20, assessor: kim, state: adopted}
""",
    # What a signal sees beside the answer changes nothing of it.
    "signals/catalog.csv": "product,signal,observed_on,verdict,found,expected,source,url\n"
    "beta,catalog.owner_set,2026-02-20,confirms,yes,yes,catalog,\n",
}


@pytest.fixture(scope="module")
def longer_list(tmp_path_factory) -> Path:
    base = tmp_path_factory.mktemp("longer list")
    assert not build(base / "store", over_tiny(base / "data", **LONGER_LIST), day("2026-02-28")).problems
    return base / "store"


@pytest.mark.parametrize(("month", "ticks"), [("2026-01", "✓✓✓"), ("2026-02", "✓✓✓☐")])
@pytest.mark.parametrize("product", ["alpha", "beta"])
def test_the_checklist_of_a_cell_is_that_of_its_month(monkeypatch, longer_list, product, month, ticks):
    cell = {"practice": "own-01", "cell_product": product, "month": month}
    app = drive(monkeypatch, longer_list, "practices", lang="en", **cell)
    (body,) = [body for body in words(app) if "gm-items" in body]
    assert re.sub("[^✓☐]", "", body.split("What was said")[0]) == ticks


# All said to be done before an item came, which nobody answered within the grace; and two thirds of it, unnamed.
LATE = {
    "guide_map_changes.yaml": LONGER_LIST["guide_map_changes.yaml"],
    "assessments/late.yaml": """product: beta
assessments:
  - {practice: own-01, assessed_on: 2026-02-02, assessor: kim, state: adopted}
  - {practice: own-03, assessed_on: 2026-02-02, assessor: kim, share: 0.7}
""",
}


@pytest.mark.parametrize(
    ("practice", "items", "ticks", "said"),
    [
        pytest.param("own-01", "3 / 4", "✓✓✓☐", False, id="all of an earlier checklist"),
        pytest.param("own-03", "70% done", "??", True, id="a share of the whole"),
    ],
)
def test_only_items_that_somebody_said_are_done_or_open(monkeypatch, late_answers, practice, items, ticks, said):
    cell = {"practice": practice, "cell_product": "beta", "month": "2026-06"}
    app = drive(monkeypatch, late_answers, "practices", lang="en", **cell)
    (stated,) = [rows for rows in tables(app).values() if rows[0][:2] == ["State", "Items done"]]
    assert stated[1][1] == items
    (body,) = [body for body in words(app) if "gm-items" in body]
    assert re.sub("[^✓☐?]", "", body.split("What was said")[0]) == ticks
    assert ("which items are done was not said" in body) == said


@pytest.fixture(scope="module")
def late_answers(tmp_path_factory) -> Path:
    base = tmp_path_factory.mktemp("late answers")
    assert not build(base / "store", over_tiny(base / "data", **LATE), day("2026-06-30")).problems
    return base / "store"


def test_what_was_said_counts_the_checklist_of_its_own_day(monkeypatch, stores):
    cell = {"practice": "obs-03", "cell_product": "askhub"}
    app = drive(monkeypatch, stores["sample"], "practices", lang="en", **cell)
    said = {row[0]: row[2] for row in tables(app)["What was said"]}
    assert said["2026-09-17"] == "3 of 4 items"  # one came to it on 1 September
    assert said["2026-01-15"] == "Adopted (all items)"
    assert said["2025-04-17"] == "2 of 3 items"


def test_any_cell_can_be_opened_whatever_the_map_is_filtered_by(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "practices", lang="en", category="recovery", level="2")
    assert len(app.selectbox(key="practice").options) == 58


def test_a_risk_record_is_shown_whole(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "risk", lang="en", risk="SRR-2026-005")
    shown = "\n".join(words(app))
    for part in ("Summary", "How it was found", "Cause", "Response policy", "Next action", "Log"):
        assert f"**{part}**" in shown
    assert "Load test with twice the April peak" in shown
    (warning,) = [w.value for w in app.warning]
    assert "The next action was due on 2026-09-04, 26 days ago." in warning
    assert "27.0 min were risked in these 71 days" in warning
    assert tables(app)["What it costs"][1][:4] == ["Minutely", "138.8 min", "26.4% (14%–58%)", "98%"]
    assert [row[0] for row in tables(app)["Incidents"][1:]] == ["2026-07-01", "2026-04-03", "2026-01-07"]


@pytest.mark.parametrize(
    ("risk", "parts"),
    [
        ("BARE", ["There is none. Who takes the next step?", "Reported 2 times", "2026-01-03, unknown, through import",
                  "It was merged into this one", "Linked"]),
        ("GONE", ["On 2026-01-09 by lee: avoided.", "The trunk was sold.", "href='https://tracker.example/GONE'",
                  "href='https://tracker.example/1?a=1&amp;b=&lt;b&gt;'"]),
        ("TWIN", ["This one was merged into it"]),
        ("KEPT", ["Accepted by wada on 2026-01-05 until 2026-12-31: Waits. It was 50.0% of a year's budget then.",
                  "Provisional: A phone (until 2026-03-01).", "possible impact 4, how often 3, rising"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_record_says_how_it_ended_and_what_it_belongs_to(monkeypatch, stores, risk, parts, language):
    shown = "\n".join(words(drive(monkeypatch, stores["records"], "risk", lang=language, risk=risk)))
    assert not LEFT_OVERS.search(shown)
    if language == "en":
        assert [part for part in parts if part not in shown] == []


BURIED = {
    "en": [
        "2026-09-30 ‼ Buried Nobody wrote for 71 days. Postponements of the next action: 3; in this log: 1.",
        "2026-07-21 ↷ Postponed Load test moved again, no machines free. y.kato · 19 days after the entry before",
        "2026-07-02 ↻ Happened again Same pattern, INC-2026-063. y.kato · 90 days after the entry before",
        "2026-07-01 ✗ Incident GPU pool empty on the first day of the quarter INC-2026-063 · Minutely 22.6 min",
        "2026-04-03 ↻ Happened again Same pattern, INC-2026-028. y.kato · 79 days after the entry before",
        "2026-04-03 ✗ Incident GPU pool empty at the start of the fiscal year INC-2026-028 · Minutely 23.1 min",
        "2026-01-14 ◎ Found Incident INC-2026-003. y.kato",
        "2026-01-07 ✗ Incident GPU pool empty in the first working week of the year INC-2026-003 · Minutely 19.2 min",
    ],
    "ja": [
        "2026-09-30 ‼ 埋もれている 71日間、誰も書いていません。 次の一手の延期は3回、うちログにあるのは1回です。",
        "2026-07-21 ↷ 延期 空いている機材がなく、負荷試験を再び延期した。 y.kato · 前の記入から19日後",
        "2026-07-02 ↻ 再発 同じパターンで再発、INC-2026-063。 y.kato · 前の記入から90日後",
        "2026-07-01 ✗ インシデント 四半期の初日にGPUプールが枯渇 INC-2026-063 · Minutely 22.6分",
        "2026-04-03 ↻ 再発 同じパターンで再発、INC-2026-028。 y.kato · 前の記入から79日後",
        "2026-04-03 ✗ インシデント 年度初めにGPUプールが枯渇 INC-2026-028 · Minutely 23.1分",
        "2026-01-14 ◎ 発見 インシデントINC-2026-003。 y.kato",
        "2026-01-07 ✗ インシデント 年始の最初の営業週にGPUプールが枯渇 INC-2026-003 · Minutely 19.2分",
    ],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_log_is_a_timeline_on_which_a_buried_record_is_seen(monkeypatch, stores, language):
    app = drive(monkeypatch, stores["sample"], "risk", lang=language, risk="SRR-2026-005")
    assert timeline(app) == BURIED[language]


@pytest.mark.parametrize(
    ("language", "today"), [("en", "… Today Nobody wrote for 8 days."), ("ja", "… 現在 8日間、誰も書いていません。")]
)
def test_a_record_that_is_kept_is_not_called_buried_on_its_timeline(monkeypatch, stores, language, today):
    app = drive(monkeypatch, stores["sample"], "risk", lang=language, risk="SRR-2026-002")
    assert timeline(app)[0] == f"2026-09-30 {today}"


@pytest.mark.parametrize(
    ("language", "points"),
    [
        ("en", ["2026-01-09 ✓ Closed avoided lee · 5 days after the entry before",
                "2026-01-04 ◆ Decision Sell it. Source lee · one day after the entry before",
                "2026-01-03 ◎ Found Found through drill. unknown"]),
        ("ja", ["2026-01-09 ✓ クローズ 回避済み lee · 前の記入から5日後",
                "2026-01-04 ◆ 決定 Sell it. 出典 lee · 前の記入の翌日",
                "2026-01-03 ◎ 発見 発見のきっかけ：訓練 不明"]),
    ],
)  # fmt: skip
def test_a_timeline_has_the_days_of_which_the_log_does_not_tell_and_ends_with_the_record(
    monkeypatch, stores, language, points
):
    app = drive(monkeypatch, stores["records"], "risk", lang=language, risk="GONE")
    assert timeline(app) == points


def test_a_record_shows_the_numbers_that_it_had_before(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "risk", lang="en", risk="SRR-2026-002")
    history = tables(app)["History of its numbers"][1:]
    assert [row[0] for row in history] == ["2026-06-02", "2026-09-21", "today"]
    assert [row[3] for row in history] == ["59.5%", "18.1%", "25.8%"]


def test_the_worklist_names_every_check_and_narrows_to_one(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "risk_work", lang="en")
    rows = tables(app)["Things to do about risk records"][1:]
    assert len(rows) == 14
    assert rows[0][:2] == ["Acceptance expired", "Rebuilding the vector index has never been rehearsed"]
    late = tables(app)["Open action items of postmortems"][1:]
    assert [row[5] for row in late] == ["183 days", "61 days", "30 days", "12 days", "–", "–"]
    app = drive(monkeypatch, stores["sample"], "risk_work", lang="en", check="buried")
    assert {row[0] for row in tables(app)["Things to do about risk records"][1:]} == {"Buried"}


def test_totals_stand_against_five_targets_and_can_be_narrowed_to_one_product(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "risk_totals", lang="en")
    rows = tables(app)["Open risks against the budgets of five targets"]
    assert rows[0][2:7] == ["If 99%", "If 99.5%", "If 99.9%", "If 99.95%", "If 99.99%"]
    assert rows[1][:5] == ["Askhub its SLO: 99.9%", "394.5 min", "7.5%", "15.0%", "75.0%"]
    chances = {row[0]: row[1] for row in tables(app)["Simulated years by product"][1:]}
    assert (chances["Askhub"], chances["Docsift"]) == ("22%", "<1%")  # never in 20,000 years is not 0
    app = drive(monkeypatch, stores["sample"], "risk_totals", lang="en", product="minutely")
    assert [row[0] for row in tables(app)["Simulated years by product"][1:]] == ["Minutely"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_risks_without_a_budget_or_without_minutes_are_not_said_to_fit(monkeypatch, stores, language):
    app = drive(monkeypatch, stores["records"], "risk_totals", lang=language, product="beta")
    assert text.say(language, "risk_totals.totals_none.title") in [h.value for h in app.subheader]
    (row,) = tables(app)[text.say(language, "risk_totals.totals.caption")][1:]
    assert row[1:] == ["–", "–", "–", "–", "–", "–", "–", "1"], "one record, and nobody said how much"


def test_unscored_risks_lie_beside_the_grid(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "risks", lang="en")
    assert "<div class='gm-under'>Beside the grid: 1</div>" in "\n".join(words(app))
    ranked = tables(app)["Ranked list"]
    assert ranked[1][:4] == [
        "from ranks (1–4)", "Open database connections grow a little every week Voicedesk", "–", "122.7% (31%–491%)",
    ]  # fmt: skip
    assert [row[0].split()[0] for row in ranked[2:]] == [str(n) for n in range(1, 13)]
    assert ranked[2][0] == "1 (1–6)"


def test_the_grid_has_three_pictures(monkeypatch, stores):
    views = told(drive(monkeypatch, stores["sample"], "risks", lang="en", view="current"))["views"]
    for view, count in (("potential", 1), ("current", 1), ("after_plan", 3)):
        assert views[view]["read"].split("\n")[0] == text.say("en", f"risks.view_{view}_read")
        assert f"<div class='gm-under'>Beside the grid: {count}</div>" in views[view]["beside"]
    assert len({view["grid"] for view in views.values()}) == 3


@pytest.mark.parametrize(("language", "at"), [("en", "#{}"), ("ja", "{}位")])
def test_squares_of_the_grid_name_the_places_of_the_ranking(monkeypatch, stores, language, at):
    grid = told(drive(monkeypatch, stores["sample"], "risks", lang=language))["views"]["potential"]["grid"]
    frame = store.open_current(stores["sample"]).query("risks", product=None).query("is_open and position > 0")
    drawn = frame.dropna(subset=["likelihood_band", "impact_band"])
    expected = [
        " ".join(at.format(n) for n in places[:3]) + (" …" if len(places) > 3 else "")
        for places in drawn.groupby(["likelihood_band", "impact_band"])["position"].apply(sorted)
    ]
    found = re.findall(r"<small>(.+?)</small>", grid)
    assert sorted(found) == sorted(expected)
    assert any("…" in places for places in found)


def test_one_slo_shows_method_coverage_and_its_way_back(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "slo", lang="en", slo="mn-minutes-delivered")
    assert [w.value for w in app.warning] == ["Only 86% of this window was measured. Read the figures with care."]
    explained = "\n".join(words(app))
    assert re.search(r"slos/minutely\.yaml:\d+", explained)
    assert "sli/minutely.parquet" in explained
    assert re.search(r"default/budget_policy\.yaml:\d+", explained)


def test_figures_with_too_little_traffic_stand_in_parentheses_after_all_that_can_be_judged(monkeypatch, stores):
    few = "fp-plan-import-ok"  # its whole budget is a quarter of one failure
    given = told(drive(monkeypatch, stores["sample"], "error_budgets", lang="en"))["slos"]
    assert given[-1]["id"] == few
    assert {"(381.7%)", "(−113.6 min)"} <= set(re.findall(r">([^<>]+)</", given[-1]["row"]))
    assert given[-1]["months"]["shares"][-2:] == ["(403%)", "(382%)"]
    product = drive(monkeypatch, stores["sample"], "product", lang="en", product="foreplan")
    assert tables(product)["Error budgets"][-1][3:5] == ["(381.7%)", "(−113.6 min)"]
    worst = {row[0]: row[7] for row in tables(drive(monkeypatch, stores["sample"], "month", lang="en"))["Products"][1:]}
    assert worst["Foreplan"] == "◇ Met, hardly spent", "the worst that can be judged"
    app = drive(monkeypatch, stores["sample"], "slo", lang="en", slo=few)
    assert [m.value for m in app.metric] == ["(381.7%)", "(−113.6 min)", "99.618%"]
    assert ["Too little traffic to judge" in said.value for said in app.info] == [True]
    assert "Spent by month: Too little traffic" in [h.value for h in app.subheader], "no month of it can be judged"


def test_a_composite_has_its_members_on_its_page_and_months_as_any_slo(monkeypatch, stores):
    app = drive(monkeypatch, stores["records"], "slo", lang="en", slo="whole", month="2026-01")
    heads = [h.value for h in app.subheader]
    assert "Members: Replies that work spent 100% of what is consumed" in heads
    assert any(head.startswith("Spent by month: most in January 2026") for head in heads)
    (member,) = tables(app)["SLO"][1:]
    assert member[:3] == ["Replies that work", "2", "100.0%"]
    explained = "\n".join(e.value for e in app.markdown)
    assert "| Composite of | 1 SLO, weighted mean |" in explained
    assert "sli/alpha.csv" in explained


def test_a_missing_rung_says_since_when_and_a_review_when_the_last_one_was(monkeypatch, stores):
    rungs = {
        row[0]: row for row in tables(drive(monkeypatch, stores["sample"], "slo_use", lang="en"))["Rungs of each SLO"]
    }
    assert rungs["Dashboard opens"][5:7] == ["(✓) 2026-09-29", "– since 2025-04-01"]
    assert rungs["Forms read within 15 minutes"][5] == "– last 2026-04-23"


def test_every_slo_is_told_to_the_browser_with_its_months_and_days(monkeypatch, stores):
    app = drive(monkeypatch, stores["sample"], "error_budgets", lang="en", tier="1")
    given = told(app)
    budgets = store.open_current(stores["sample"]).query("budgets", month="2026-09", product=None)
    assert [slo["id"] for slo in given["slos"]] == list(budgets["slo"]), "worst first, whatever the link asks for"
    assert {by: len(periods) for by, periods in given["periods"].items()} == {"months": 18, "days": 30}
    for slo, state in zip(given["slos"], budgets["state"], strict=True):
        for by, periods in given["periods"].items():
            assert len(slo[by]["states"]) == len(slo[by]["shares"]) == len(periods)
        last = list(charts.BUDGET)[ord(slo["months"]["states"][-1]) - ord("a")]
        assert last == list(charts.BUDGET)[ord(slo["days"]["states"][-1]) - ord("a")] == state
    assert "Since April 2025, 8 of 16 SLOs ended a month with the budget spent" in [h.value for h in app.subheader]
    captions = next(slo for slo in given["slos"] if slo["id"] == "mn-live-caption-ok")
    assert captions["name"].startswith("<a href='./slo?lang=en&amp;slo=mn-live-caption-ok'")
    assert captions["row"].count("<td") == given["table"][0].count("<th ") == 7


@pytest.mark.parametrize(
    ("page", "times", "minutes"),
    [
        # Risks in the head, the list, the risks, the decisions; what can begin is of the month, but for its minutes.
        pytest.param("product", 4, 1, id="a product"),
        pytest.param("slo", 2, 0, id="burn rate alerts and decisions of an SLO"),
        pytest.param("guide_map", 0, 1, id="what a practice would save"),
        pytest.param("risks", 1, 0, id="all risks"),
        pytest.param("slo_use", 1, 0, id="the ladder"),
    ],
)
def test_an_older_month_says_which_figures_are_of_today(monkeypatch, stores, page, times, minutes):
    said = [text.say("en", f"frame.{key}", as_of="2026-09-30") for key in ("today_only", "today_minutes")]
    older = drive(monkeypatch, stores["sample"], page, lang="en", month="2026-07", practice="rec-02")
    assert [[c.value for c in older.caption].count(one) for one in said] == [times, minutes]
    now = drive(monkeypatch, stores["sample"], page, lang="en", practice="rec-02")
    assert not {*said} & {c.value for c in now.caption}


def test_data_health_is_of_today_whatever_month_a_link_brings(monkeypatch, stores):
    shown = [
        tables(drive(monkeypatch, stores["sample"], "data_health", lang="en", **month))[
            text.say("en", "data_health.quiet.title")
        ]
        for month in ({}, {"month": "2025-04"})
    ]
    assert shown[0] == shown[1]


@pytest.mark.parametrize(("page", "name"), [("one_list", "one_list"), ("changes", "changes")])
def test_the_csv_of_one_product_holds_what_its_page_shows(monkeypatch, stores, page, name):
    taken = {}
    monkeypatch.setattr(Page, "download", lambda self, frame, name: taken.update({name: frame}))
    drive(monkeypatch, stores["sample"], page, lang="en")
    assert len(set(taken[name]["product"])) > 1
    drive(monkeypatch, stores["sample"], page, lang="en", product="askhub")
    assert set(taken[name]["product"]) == {"askhub"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("harm", [lambda whole: b"", lambda whole: whole[: len(whole) // 2], lambda whole: b"x" * 9000])
def test_a_damaged_snapshot_is_told_on_every_page_and_how_to_mend_it(monkeypatch, tmp_path, harm, language):
    build(tmp_path)
    path = store.current(tmp_path)
    path.write_bytes(harm(path.read_bytes()))
    app = drive(monkeypatch, tmp_path, "risks", lang=language)
    assert [w.value for w in app.warning] == [text.say(language, "empty.damaged")]
    assert [t.value for t in app.title] == [text.say(language, "risks.title")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_snapshot_of_another_version_is_told_where_it_lacks_what_a_page_asks(monkeypatch, tmp_path, language):
    build(tmp_path)
    with duckdb.connect(str(store.current(tmp_path))) as con:
        con.execute("drop table risk_check")
    app = drive(monkeypatch, tmp_path, "risk_work", lang=language)
    assert text.say(language, "empty.damaged") in [w.value for w in app.warning]


def test_problems_of_a_build_that_kept_going_are_shown(monkeypatch, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "products.yaml").write_text(
        "products:\n  - {id: a, name: A, team: t, tier: 1, target_level: 1}\n  - {id: b, tier: 9}\n"
    )
    build(tmp_path / "store", folder, keep_going=True)
    app = drive(monkeypatch, tmp_path / "store", "data_health", lang="en")
    problems = tables(app)["Problems in the input"]
    assert ["Left out", "products.yaml:3", "tier", "'9'", "a number at most 4"] in problems
    assert "problems in the data; see Data health." in "\n".join(words(app))


def test_every_page_begins_with_open_page():
    for file in (ROOT / "pages").glob("*.py"):
        first = next(line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("page = "))
        assert first == f'page = open_page("{file.stem}")'
    assert {Path(file).name for file, _ in PAGES.values()} == {p.name for p in (ROOT / "pages").glob("*.py")} | {
        "dashboard.py"
    }


def test_both_languages_have_the_same_texts_with_the_same_values():
    english, japanese = text.words("en"), text.words("ja")
    assert english.keys() == japanese.keys()
    for key, said in english.items():
        assert set(re.findall(r"\{(\w+)\}", said)) == set(re.findall(r"\{(\w+)\}", japanese[key])), key


def test_a_long_table_is_cut_and_says_so(monkeypatch, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    lines = [f"  - {{id: p{i}, name: P{i}, team: t, tier: 1, target_level: 1}}" for i in range(205)]
    (folder / "products.yaml").write_text("\n".join(["products:", *lines]))
    build(tmp_path / "store", folder)
    app = drive(monkeypatch, tmp_path / "store", "data_health", lang="en")
    assert len(tables(app)["Who was assessed when"]) == 1 + 200
    assert "and 5 more; the CSV has every row" in "\n".join(words(app))
