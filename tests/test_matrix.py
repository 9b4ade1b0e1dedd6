"""The adoption map: what a reader asked for is what is drawn, counted, linked and downloaded."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from given import practices
from test_pages import drive

from maturity import charts, matrix, store, text
from maturity.matrix import Wanted

# Four products and four practices; a letter is a state.
_LETTERS = {"a": "adopted", "p": "partial", "l": "lapsed", "u": "unassessed", "e": "exempt", " ": "not_asked"}
_PRODUCTS = [
    # id, English, Japanese, team, tier, tags, level, states
    ("voice", "Voicedesk", "ボイスデスク", "red", 1, ["voice", "core"], 2, "aaa "),
    ("ask", "Askhub 10", "質問", "red", 1, ["core"], 1, "apl "),
    ("ask2", "askhub 2", "質問２", "blue", 2, [], 0, "uue "),
    ("rag", "Ragfinder", "検索", "blue", 2, ["voice"], 1, "apa "),
]
_PRACTICES = [
    ("own-01", "own", 1, True, "Named owner", "担当の明示", ["A CODEOWNERS file"], ["サービス一覧"]),
    ("rec-01", "rec", 1, True, "Backups", "バックアップ", ["Snapshots"], []),
    ("rec-02", "rec", 2, False, "Restore tested", "復元テスト", [], ["復旧の練習"]),
    ("old-01", "rec", 2, False, "Tapes in a vault", "テープの保管", [], []),
]


@pytest.fixture
def shown() -> matrix.Shown:
    names = ("product", "name_en", "name_ja", "team", "tier", "tags", "level")
    products = pd.DataFrame([row[:-1] for row in _PRODUCTS], columns=names)
    products["states"] = [[_LETTERS[letter] for letter in row[-1]] for row in _PRODUCTS]
    products["adopted"] = [[letter == "a" for letter in row[-1]] for row in _PRODUCTS]
    products["applies"] = [[letter not in "e " for letter in row[-1]] for row in _PRODUCTS]
    names = ("id", "category", "level", "must", "name_en", "name_ja", "already_doing_en", "already_doing_ja")
    practices = pd.DataFrame(_PRACTICES, columns=names)
    for language in ("en", "ja"):
        practices[f"category_name_{language}"] = practices["category"].str.upper()
    return matrix.whole(products, practices)


def ids(shown: matrix.Shown) -> tuple[list[str], list[str]]:
    return list(shown.products["product"]), list(shown.practices["id"])


ALL = (["voice", "ask", "ask2", "rag"], ["own-01", "rec-01", "rec-02"])


def test_a_practice_that_nobody_is_asked_for_has_no_place(shown):
    assert ids(shown) == ALL
    assert shown.states.shape == (4, 3)


@pytest.mark.parametrize(
    ("wanted", "products", "practices"),
    [
        ({}, ALL[0], ALL[1]),
        ({"tier": ("2",)}, ["ask2", "rag"], ALL[1]),
        ({"tier": ("1", "2"), "team": ("red",)}, ["voice", "ask"], ALL[1]),
        ({"tag": ("voice",)}, ["voice", "rag"], ALL[1]),
        ({"tag": ("voice", "core"), "tier": ("1",)}, ["voice", "ask"], ALL[1]),
        ({"reached": ("1",)}, ["ask", "rag"], ALL[1]),
        ({"category": ("rec",)}, ALL[0], ["rec-01", "rec-02"]),
        ({"category": ("rec",), "level": ("1",)}, ALL[0], ["rec-01"]),
        ({"state": ("lapsed",)}, ["ask"], ["rec-02"]),
        ({"state": ("partial", "lapsed")}, ["ask", "rag"], ["rec-01", "rec-02"]),
        ({"state": ("partial",), "category": ("own",)}, [], []),
    ],
)
def test_filters_narrow_products_and_practices(shown, wanted, products, practices):
    assert ids(matrix.select(shown, Wanted(**wanted))) == (products, practices)


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
def test_search_knows_both_languages_and_other_names(shown, find, products, practices):
    assert ids(matrix.select(shown, Wanted(find=find))) == (products, practices)


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
def test_products_can_be_sorted(shown, by, products):
    ordered = matrix.order(shown, by, "en")
    assert ids(ordered) == (products, ALL[1])
    assert list(ordered.gaps()) == [int((r.applies & ~r.adopted).sum()) for r in rows(ordered)]


def rows(shown: matrix.Shown):
    """Each product with its own arrays, as the answer gave them."""
    for row in shown.products.itertuples():
        yield row._replace(adopted=np.array(row.adopted), applies=np.array(row.applies))


def test_every_order_and_group_of_the_page_exists_in_both_languages():
    for language in text.LANGUAGES:
        for key in (*(f"group_{g}" for g in matrix.GROUPS), *(f"order_{o}" for o in matrix.ORDERS)):
            assert text.say(language, f"practices.matrix.{key}")
        for key in Wanted.__dataclass_fields__:
            assert text.say(language, f"practices.matrix.{key}")


@pytest.mark.parametrize(
    ("by", "tags", "expected"),
    [
        ("none", (), [(None, [0, 1, 2, 3])]),
        ("team", (), [("blue", [2, 3]), ("red", [0, 1])]),
        ("tier", (), [("1", [0, 1]), ("2", [2, 3])]),
        ("level", (), [("0", [2]), ("1", [1, 3]), ("2", [0])]),
        ("tag", (), [("core", [0, 1]), ("voice", [0, 3]), (None, [2])]),
        ("tag", ("voice",), [("voice", [0, 3]), (None, [1, 2])]),
    ],
)
def test_products_can_be_grouped_and_stand_under_each_of_their_tags(shown, by, tags, expected):
    assert matrix.groups(shown.products, by, tags) == expected


def drawn(shown: matrix.Shown, by: str = "none") -> dict:
    said = matrix.Words(
        "en", "Map", "Product", "Practice", "Adopted / asked", "Adopters", "Opened",
        {state: state for state in charts.PRACTICE}, lambda key: key or "",
    )  # fmt: skip
    return matrix.drawing(shown, matrix.groups(shown.products, by), said)


def test_few_products_stand_beside_each_other_and_practices_in_rows_by_category(shown):
    data = drawn(shown)
    assert data["products_in"] == "columns"
    assert [(g["name"], [(r["name"], r["adopted"], r["asked"]) for r in g["lines"]]) for g in data["rows"]] == [
        ("OWN", [("L1* Named owner", 3, 4)]),
        ("REC", [("L1* Backups", 1, 4), ("L2 Restore tested", 2, 3)]),
    ]
    columns = [(c["id"], c["adopted"], c["asked"]) for g in data["columns"] for c in g["lines"]]
    assert columns == [("voice", 3, 3), ("ask", 1, 3), ("ask2", 0, 2), ("rag", 2, 3)]
    assert states_of(data, 0) == ["adopted", "adopted", "unassessed", "adopted"]
    assert states_of(data, 2) == ["adopted", "lapsed", "exempt", "adopted"]


def states_of(data: dict, row: int) -> list[str]:
    """Words of the letters of a row."""
    lines = [line for group in data["rows"] for line in group["lines"]]
    return [data["states"][ord(letter) - ord("a")][1] for letter in lines[row]["cells"]]


def test_groups_of_columns_keep_each_cell_under_its_product(shown):
    data = drawn(shown, "tag")
    columns = [(group["name"], [line["id"] for line in group["lines"]]) for group in data["columns"]]
    assert columns == [("core", ["voice", "ask"]), ("voice", ["voice", "rag"]), ("", ["ask2"])]
    assert states_of(data, 1) == ["adopted", "partial", "adopted", "partial", "unassessed"]


@pytest.mark.parametrize(("count", "where"), [(12, "columns"), (13, "rows")])
def test_from_thirteen_products_on_they_are_the_rows(shown, count, where):
    many = shown.take([i % 4 for i in range(count)], np.full(3, True))
    data = drawn(many)
    assert data["products_in"] == where
    assert sum(len(line["cells"]) for group in data["rows"] for line in group["lines"]) == count * 3
    if where == "rows":
        assert [group["name"] for group in data["columns"]] == ["OWN", "REC"]
        assert states_of(data, 1) == ["adopted", "partial", "lapsed"]


def test_rows_of_an_answer_come_as_they_are_shown(shown):
    pairs = [(p, q, f"{p} {q}") for q in [*ALL[1], "old-01"] for p in ALL[0]]
    states = pd.DataFrame(pairs, columns=["product", "practice", "state"])
    left = matrix.order(matrix.select(shown, Wanted(tier=("2",), category=("rec",))), "name", "en")
    assert list(left.rows_of(states)["state"]) == ["ask2 rec-01", "ask2 rec-02", "rag rec-01", "rag rec-02"]


# ------------------------------------------------------------------------------------------------------------ the page


def map_of(app) -> dict:
    """What the browser is given to draw."""
    return json.loads(given_of(app)["drawing"])


def given_of(app) -> dict:
    """What the browser is given."""
    (element,) = app.get("bidi_component")
    return json.loads(element.proto.json)


def linked(app, key: str) -> list[str]:
    """Values of a key in the link of the page."""
    value = app.query_params[key]
    return [value] if isinstance(value, str) else list(value)


def lines(data: dict, side: str) -> list[str]:
    return [line["id"] for group in data[side] for line in group["lines"]]


def test_the_order_of_the_states_is_the_order_of_the_practices(sample_store):
    snapshot = store.open_current(sample_store)
    practices = list(snapshot.query("practices")["id"])
    frame = snapshot.query("adoption_matrix", month="2026-09", product=None)
    states = snapshot.query("practice_states", month="2026-09", product=None).set_index(["product", "practice"])
    for row in frame.itertuples():
        assert list(row.practices) == practices
        for name, values in (("state", row.states), ("adopted", row.adopted)):
            assert list(values) == list(states.loc[row.product].loc[practices, name])


@pytest.mark.parametrize(
    ("link", "said", "products"),
    [
        ({}, "6 of 6 products and {all} of {all} practices", 6),
        ({"tier": "2", "tag": "voice"}, "1 of 6 products and {all} of {all} practices", 1),
        ({"tier": ["1", "2"], "tag": ["voice", "search"]}, "3 of 6 products and {all} of {all} practices", 3),
        ({"find": "復元", "tier": "1"}, "2 of 6 products and 1 of {all} practices", 2),
    ],
)
def test_a_link_restores_the_choice_and_the_page_counts_what_is_shown(monkeypatch, sample_store, link, said, products):
    app = drive(monkeypatch, sample_store, "practices", lang="en", **link)
    assert f"{said} are shown.".format(all=len(practices())) in [m.value for m in app.markdown]
    assert len(lines(map_of(app), "columns")) == products
    for key, values in link.items():
        assert linked(app, key) == ([values] if isinstance(values, str) else values)
    assert [b.label for b in app.button if b.key == "clear"] == (["Clear all filters"] if link else [])


def test_a_choice_goes_into_the_link_and_one_button_clears_all(monkeypatch, sample_store):
    app = drive(monkeypatch, sample_store, "practices", lang="en", order="name")
    app.multiselect(key="tier").set_value(["1", "2"]).run()
    app.text_input(key="find").set_value("restore tested").run()
    assert linked(app, "tier") == ["1", "2"]
    assert linked(app, "find") == ["restore tested"]
    assert lines(map_of(app), "columns") == ["askhub", "docsift", "minutely", "ragfinder", "voicedesk"]
    assert lines(map_of(app), "rows") == ["rec-02"]
    app.button(key="clear").click().run()
    assert not {"tier", "find"} & set(app.query_params)
    assert app.multiselect(key="tier").value == []
    assert app.text_input(key="find").value == ""
    assert len(lines(map_of(app), "rows")) == len(practices())
    assert lines(map_of(app), "columns")[0] == "askhub", "the order is no filter and stays"


def test_a_quick_second_choice_does_not_lose_the_first(monkeypatch, sample_store):
    app = drive(monkeypatch, sample_store, "practices", lang="en")
    app.multiselect(key="tier").set_value(["1"]).run()
    del app.query_params["tier"]  # the browser asked before it had heard of the new link
    app.multiselect(key="tag").set_value(["voice"]).run()
    assert app.multiselect(key="tier").value == ["1"]
    assert (linked(app, "tier"), linked(app, "tag")) == (["1"], ["voice"])


def test_a_link_that_changes_by_itself_is_followed(monkeypatch, sample_store):
    app = drive(monkeypatch, sample_store, "practices", lang="en", tier="1")
    app.query_params["tier"] = ["2"]  # the browser's way back
    app.run()
    assert app.multiselect(key="tier").value == ["2"]


def test_what_a_link_names_and_nobody_has_is_left_out(monkeypatch, sample_store):
    app = drive(monkeypatch, sample_store, "practices", lang="en", tier=["1", "9"], group="colour", order="")
    assert app.multiselect(key="tier").value == ["1"]
    assert linked(app, "tier") == ["1"]
    assert app.selectbox(key="group").value == "none"
    assert app.selectbox(key="order").value == "tier"


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_a_search_that_finds_nothing_says_so_and_can_be_cleared(monkeypatch, sample_store, language):
    app = drive(monkeypatch, sample_store, "practices", lang=language, find="zeppelin")
    assert text.say(language, "practices.matrix.nothing") in [i.value for i in app.info]
    assert len(app.get("bidi_component")) == 0
    app.button(key="clear").click().run()
    assert len(lines(map_of(app), "rows")) == len(practices())


def test_the_open_cell_is_marked_and_stays_open_when_its_product_is_filtered_out(monkeypatch, sample_store):
    link = {"practice": "rec-02", "cell_product": "foreplan"}
    app = drive(monkeypatch, sample_store, "practices", lang="en", **link)
    assert given_of(app)["chosen"] == ["foreplan", "rec-02"]
    app.multiselect(key="tier").set_value(["1"]).run()
    assert app.selectbox(key="cell_product").value == "foreplan"


def test_groups_have_names_in_the_readers_language(monkeypatch, sample_store):
    app = drive(monkeypatch, sample_store, "practices", lang="ja", group="tier")
    assert [group["name"] for group in map_of(app)["columns"]] == ["ティア 1", "ティア 2", "ティア 3"]


def test_two_hundred_products_and_sixty_practices_are_twelve_thousand_cells(monkeypatch, large_store):
    app = drive(monkeypatch, large_store, "practices", lang="en")
    data = map_of(app)
    assert data["products_in"] == "rows"
    assert sum(len(line["cells"]) for group in data["rows"] for line in group["lines"]) == 12_000
    assert len(json.dumps(data)) < 60_000, "names once, a letter a state"
    app.multiselect(key="tier").set_value(["1"]).run()
    app.multiselect(key="tag").set_value(["chat"]).run()
    snapshot = store.open_current(large_store)
    products = snapshot.query("adoption_matrix", month="2026-06", product=None)
    expected = products[(products["tier"] == 1) & products["tags"].map(lambda tags: "chat" in tags)]
    assert 0 < len(expected) < 50
    (said,) = [m.value for m in app.markdown if "are shown" in m.value]
    assert said == f"{len(expected)} of 200 products and 60 of 60 practices are shown."
