"""The adoption map: what the browser is told of it, and what it offers to choose."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import small_map
from given import practices
from small_map import CATEGORIES, STATES
from test_pages import drive, given_to_browser, told

from maturity import matrix, store, text


@pytest.fixture
def shown() -> matrix.Shown:
    return small_map.shown()


def test_a_practice_that_nobody_is_asked_for_has_no_place(shown):
    assert list(shown.products["product"]) == ["voice", "ask", "ask2", "rag"]
    assert list(shown.practices["id"]) == ["own-01", "rec-01", "rec-02"]
    assert shown.states.shape == (4, 3)


def test_every_order_and_group_of_the_page_exists_in_both_languages(shown):
    for language in text.LANGUAGES:

        def say(key: str, language: str = language, **values: object) -> str:
            return text.say(language, f"practices.{key}", **values)

        for field in matrix.fields(shown, say, STATES, CATEGORIES):
            assert field["label"]
            assert all(word for _, word in field.get("options", []))


def test_a_filter_offers_the_values_that_occur_in_their_own_order(shown):
    many = [field for field in small_map.fields(shown) if field["kind"] == "many"]
    offered = {field["key"]: [value for value, _ in field["options"]] for field in many}
    assert offered == {
        "tier": ["1", "2"],
        "team": ["blue", "red"],
        "tag": ["core", "voice"],
        "reached": ["0", "1", "2"],
        "category": ["own", "rec"],
        "level": ["1", "2"],
        "state": ["adopted", "partial", "lapsed", "unassessed", "exempt"],
    }


def test_a_product_is_told_with_a_letter_for_each_practice_and_a_capital_where_it_does_not_count(shown):
    data = matrix.drawing(shown, "en", STATES, {})
    signs = {chr(97 + place): one["key"] for place, one in enumerate(data["states"])}
    for product, given in zip(data["products"], small_map.PRODUCTS, strict=True):
        expected = [small_map.LETTERS[one] for one in given[-1].strip()]
        assert [signs[letter.lower()] for letter in product["cells"]] == expected
        assert [letter.isupper() for letter in product["cells"]] == [one == "e" for one in given[-1].strip()]
    assert {one["key"] for one in data["states"] if one["adopted"]} == {"adopted", "stale"}


def test_rows_of_an_answer_come_as_they_are_shown_and_what_nobody_has_is_passed_over():
    pairs = [(p, q, f"{p} {q}") for q in ("own-01", "rec-01", "rec-02") for p in ("ask", "ask2", "rag")]
    states = pd.DataFrame(pairs, columns=["product", "practice", "state"])
    left = matrix.rows_of(states, ["rag", "gone", "ask2"], ["rec-02", "rec-01", "zzz"])
    assert list(left["state"]) == ["rag rec-02", "rag rec-01", "ask2 rec-02", "ask2 rec-01"]


# ------------------------------------------------------------------------------------------------------------ the page


def test_the_order_of_the_states_is_the_order_of_the_practices(sample_store):
    snapshot = store.open_current(sample_store)
    practices = list(snapshot.query("practices")["id"])
    frame = snapshot.query("adoption_matrix", month="2026-09", product=None)
    states = snapshot.query("practice_states", month="2026-09", product=None).set_index(["product", "practice"])
    for row in frame.itertuples():
        assert list(row.practices) == practices
        for name, values in (("state", row.states), ("adopted", row.adopted)):
            assert list(values) == list(states.loc[row.product].loc[practices, name])


def test_the_whole_map_is_told_once_whatever_the_link_filters(monkeypatch, sample_store):
    app = drive(monkeypatch, sample_store, "practices", lang="en", tier="1", find="restore")
    data = told(app)
    assert len(data["products"]) == 6
    assert len(data["practices"]) == len(practices())
    assert data["words"]["shown"] == f"{{n}} of 6 products and {{m}} of {len(practices())} practices are shown."


def test_groups_have_names_in_the_readers_language(monkeypatch, sample_store):
    app = drive(monkeypatch, sample_store, "practices", lang="ja")
    assert told(app)["groups"]["tier"] == {"1": "ティア 1", "2": "ティア 2", "3": "ティア 3"}


def test_a_link_that_is_followed_is_another_visit_and_a_choice_below_the_map_is_not(monkeypatch, sample_store):
    app = drive(monkeypatch, sample_store, "practices", lang="en")
    first = given_to_browser(app)[0]["visit"]
    app.selectbox(key="practice").set_value("rec-02").run()
    assert given_to_browser(app)[0]["visit"] == first
    app.run()  # the browser's way back, say
    assert given_to_browser(app)[0]["visit"] == first + 1


def test_two_hundred_products_and_sixty_practices_are_twelve_thousand_cells(monkeypatch, large_store):
    data = told(drive(monkeypatch, large_store, "practices", lang="en"))
    assert sum(len(product["cells"]) for product in data["products"]) == 12_000
    assert len(json.dumps(data)) < 100_000, "names once, a letter a state"
