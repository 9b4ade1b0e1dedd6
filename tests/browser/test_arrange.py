"""What a reader asks of the adoption map is what is drawn and counted: the scripts of the map, run by a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import small_map
from given import ROOT
from playwright.sync_api import Browser

from maturity import matrix

SCRIPTS = "\n".join((ROOT / "maturity" / name).read_text(encoding="utf-8") for name in ("choices.js", "arrange.js"))
LOAD = """async (scripts) => {
    const source = scripts + "\\nexport { selected, grouped, arranged };";
    window.map = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
}"""
Ask = Callable[..., dict]
ALL = (["voice", "ask", "ask2", "rag"], ["own-01", "rec-01", "rec-02"])


@pytest.fixture(scope="module")
def run(browser: Browser) -> Iterator[Callable[[str, object], object]]:
    """Ask a function of the scripts."""
    page = browser.new_page()
    page.evaluate(LOAD, SCRIPTS)
    yield page.evaluate
    page.close()


def told(products: int = 4, **more: object) -> dict:
    """The small map as the browser is told it, its products again and again up to a number."""
    data = matrix.drawing(small_map.shown(), "en", small_map.STATES, {"tier": {"1": "Tier 1", "2": "Tier 2"}})
    data["products"] = [data["products"][i % 4] for i in range(products)]
    return data | {"words": {"no_tag": "No tag"}} | more


def chosen(**wanted: object) -> dict:
    """Choices as choices.js gives them."""
    fields = small_map.fields(small_map.shown())
    nothing = {f["key"]: [] if f["kind"] == "many" else f["options"][0][0] if "options" in f else "" for f in fields}
    assert set(wanted) <= set(nothing)
    return nothing | wanted


def ids(run, **wanted: object) -> tuple[list[str], list[str]]:
    """Products, as they are told unless sorted otherwise, and practices that are left."""
    left = run("given => map.selected(...given)", [told(), chosen(**wanted)])
    found = [one["id"] for one in left["products"]]
    return found if "order" in wanted else sorted(found, key=ALL[0].index), [one["id"] for one in left["practices"]]


@pytest.mark.parametrize(
    ("wanted", "products", "practices"),
    [
        ({}, ALL[0], ALL[1]),
        ({"tier": ["2"]}, ["ask2", "rag"], ALL[1]),
        ({"tier": ["1", "2"], "team": ["red"]}, ["voice", "ask"], ALL[1]),
        ({"tag": ["voice"]}, ["voice", "rag"], ALL[1]),
        ({"tag": ["voice", "core"], "tier": ["1"]}, ["voice", "ask"], ALL[1]),
        ({"reached": ["1"]}, ["ask", "rag"], ALL[1]),
        ({"category": ["rec"]}, ALL[0], ["rec-01", "rec-02"]),
        ({"category": ["rec"], "level": ["1"]}, ALL[0], ["rec-01"]),
        ({"state": ["lapsed"]}, ["ask"], ["rec-02"]),
        ({"state": ["exempt"]}, ["ask2"], ["rec-02"]),
        ({"state": ["partial", "lapsed"]}, ["ask", "rag"], ["rec-01", "rec-02"]),
        ({"state": ["partial"], "category": ["own"]}, [], []),
    ],
)
def test_filters_narrow_products_and_practices(run, wanted, products, practices):
    assert ids(run, **wanted) == (products, practices)


@pytest.mark.parametrize(
    ("find", "products", "practices"),
    [
        ("voice", ["voice"], ALL[1]),
        ("ＡＳＫＨＵＢ", ["ask", "ask2"], ALL[1]),
        ("検索", ["rag"], ALL[1]),
        ("restore", ALL[0], ["rec-02"]),
        ("復元", ALL[0], ["rec-02"]),
        ("codeowners", ALL[0], ["own-01"]),
        ("復旧の練習", ALL[0], ["rec-02"]),
        ("askhub restore", ["ask", "ask2"], ["rec-02"]),
        ("restore backups", ALL[0], []),
        ("nothing of the kind", [], []),
        ("  ", ALL[0], ALL[1]),
    ],
)
def test_search_knows_both_languages_and_other_names(run, find, products, practices):
    assert ids(run, find=find) == (products, practices)


@pytest.mark.parametrize(
    ("by", "products"),
    [
        ("name", ["ask2", "ask", "rag", "voice"]),
        ("tier", ["ask", "voice", "ask2", "rag"]),
        ("most_gaps", ["ask2", "ask", "rag", "voice"]),
        ("fewest_gaps", ["voice", "rag", "ask2", "ask"]),
        ("level", ["ask2", "ask", "rag", "voice"]),
    ],
)
def test_products_can_be_sorted(run, by, products):
    assert ids(run, order=by) == (products, ALL[1])


@pytest.mark.parametrize(
    ("by", "tags", "expected"),
    [
        ("none", [], [(None, [0, 1, 2, 3])]),
        ("team", [], [("blue", [2, 3]), ("red", [0, 1])]),
        ("tier", [], [("1", [0, 1]), ("2", [2, 3])]),
        ("level", [], [("0", [2]), ("1", [1, 3]), ("2", [0])]),
        ("tag", [], [("core", [0, 1]), ("voice", [0, 3]), (None, [2])]),
        ("tag", ["voice"], [("voice", [0, 3]), (None, [1, 2])]),
    ],
)
def test_products_can_be_grouped_and_stand_under_each_of_their_tags(run, by, tags, expected):
    groups = run("given => map.grouped(...given)", [told()["products"], by, tags])
    assert [(key, [ALL[0].index(one["id"]) for one in found]) for key, found in groups] == expected


def drawn(run, given: dict, **wanted: object) -> dict:
    return run("given => map.arranged(...given)", [given, chosen(**wanted)])


def test_few_products_stand_beside_each_other_and_practices_in_rows_by_category(run):
    data = drawn(run, told(), order="fewest_gaps")
    assert not data["inRows"]
    assert [(g["name"], [(r["name"], r["adopted"], r["asked"]) for r in g["lines"]]) for g in data["rows"]] == [
        ("OWN", [("L1* Named owner", 3, 4)]),
        ("REC", [("L1* Backups", 1, 4), ("L2 Restore tested", 2, 3)]),
    ]
    columns = [(c["id"], c["adopted"], c["asked"]) for g in data["columns"] for c in g["lines"]]
    assert columns == [("voice", 3, 3), ("rag", 2, 3), ("ask2", 0, 2), ("ask", 1, 3)]
    assert states_of(data, 0) == ["adopted", "adopted", "unassessed", "adopted"]
    assert states_of(data, 2) == ["adopted", "adopted", "exempt", "lapsed"]


def states_of(data: dict, row: int) -> list[str]:
    """Words of the letters of a row."""
    lines = [line for group in data["rows"] for line in group["lines"]]
    states = told()["states"]
    return [states[ord(letter.lower()) - ord("a")]["word"] for letter in lines[row]["cells"]]


def test_totals_count_what_is_left_of_the_map_only(run):
    data = drawn(run, told(), team=["blue"], category=["rec"])
    assert [(c["id"], c["adopted"], c["asked"]) for g in data["columns"] for c in g["lines"]] == [
        ("ask2", 0, 1),
        ("rag", 1, 2),
    ]
    assert [(r["id"], r["adopted"], r["asked"]) for g in data["rows"] for r in g["lines"]] == [
        ("rec-01", 0, 2),
        ("rec-02", 1, 1),
    ]


def test_groups_of_columns_keep_each_cell_under_its_product(run):
    data = drawn(run, told(), group="tag", order="name")
    columns = [(group["name"], [line["id"] for line in group["lines"]]) for group in data["columns"]]
    assert columns == [("core", ["ask", "voice"]), ("voice", ["rag", "voice"]), ("No tag", ["ask2"])]
    assert states_of(data, 1) == ["partial", "adopted", "partial", "adopted", "unassessed"]


def test_groups_of_tiers_are_named_as_the_page_names_them(run):
    assert [group["name"] for group in drawn(run, told(), group="tier")["columns"]] == ["Tier 1", "Tier 2"]


@pytest.mark.parametrize(("count", "in_rows"), [(12, False), (13, True)])
def test_from_thirteen_products_on_they_are_the_rows(run, count, in_rows):
    data = drawn(run, told(count), order="fewest_gaps")
    assert data["inRows"] == in_rows
    assert sum(len(line["cells"]) for group in data["rows"] for line in group["lines"]) == count * 3
    if in_rows:
        assert [group["name"] for group in data["columns"]] == ["OWN", "REC"]
        assert states_of(data, 0) == ["adopted", "adopted", "adopted"]
        assert states_of(data, 12) == ["adopted", "partial", "lapsed"]


@pytest.mark.parametrize("group", ["none", "tag"])
def test_where_no_product_has_a_tag_there_is_no_such_filter_and_the_map_is_whole(run, group):
    shown = small_map.shown()
    untagged = matrix.Shown(
        shown.products.assign(tags=[[]] * len(shown.products)), shown.practices, shown.states, shown.applies
    )
    offered = {field["key"] for field in small_map.fields(untagged)}
    assert "tag" not in offered
    choice = {key: values for key, values in chosen(group=group).items() if key in offered}
    data = matrix.drawing(untagged, "en", small_map.STATES, {}) | {"words": {"no_tag": "No tag"}}
    left = run("given => map.arranged(...given)", [data, choice])
    assert ({one["id"] for one in left["products"]}, [one["id"] for one in left["practices"]]) == (set(ALL[0]), ALL[1])


def test_without_any_product_the_map_is_empty(run):
    choice = {key: value for key, value in chosen().items() if key in ("find", "group", "order", "category", "level")}
    left = run("given => map.selected(...given)", [told() | {"products": []}, choice])
    assert left["products"] == []
