"""The adoption map: which products and practices a reader asked for, in which order, and what stands in each cell.

It works on two answers of a snapshot: `adoption_matrix` (one row a product) and `practices` (the guide map in its
order). Both hold the practices in the same order, so a cell is a place in an array.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from maturity import charts, text

GROUPS = ("none", "team", "tier", "tag", "level")
ORDERS = ("tier", "name", "most_gaps", "fewest_gaps", "level")
# Up to so many products stand beside each other with readable names. More of them, and products become the rows.
_BESIDE = 12
_STATES = list(charts.PRACTICE)


@dataclass(frozen=True)
class Wanted:
    """What a reader asked for. An empty field asks for everything; values are as they stand in a link."""

    find: str = ""
    tier: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    state: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """Products and practices that are drawn; the arrays are products x practices."""

    products: pd.DataFrame
    practices: pd.DataFrame
    states: np.ndarray
    adopted: np.ndarray
    applies: np.ndarray

    def take(self, products: Any, practices: Any) -> Shown:
        """Some rows and columns, as masks or places in the order wanted."""
        return Shown(
            self.products.iloc[products],
            self.practices.iloc[practices],
            self.states[products][:, practices],
            self.adopted[products][:, practices],
            self.applies[products][:, practices],
        )

    def rows_of(self, states: pd.DataFrame) -> pd.DataFrame:
        """Rows of an answer with `product` and `practice`, narrowed to what is shown and in that order."""
        pairs = pd.MultiIndex.from_product([self.products["product"], self.practices["id"]])
        return states.set_index(["product", "practice"], drop=False).loc[pairs].reset_index(drop=True)

    def gaps(self) -> np.ndarray:
        """How many of the practices shown each product is asked for and has not adopted."""
        return (self.applies & ~self.adopted).sum(axis=1)


@dataclass(frozen=True)
class Words:
    """What the map says in the reader's language; `group` names a group of products by its key."""

    language: str
    title: str
    product: str
    practice: str
    total: str
    adopters: str
    opened: str
    states: dict[str, str]
    group: Callable[[str | None], str]


def whole(products: pd.DataFrame, practices: pd.DataFrame) -> Shown:
    """Everything that is asked of somebody; a practice that nobody is asked for (retired, say) has no place."""
    size = (len(products), len(practices))
    arrays = [_array(products[name], size) for name in ("states", "adopted", "applies")]
    blank = [state for state, (sign, *_) in charts.PRACTICE.items() if not sign.strip()]
    shown = Shown(products, practices, arrays[0], arrays[1].astype(bool), arrays[2].astype(bool))
    return shown.take(np.full(size[0], True), ~np.isin(shown.states, blank).all(axis=0))


def options(shown: Shown) -> dict[str, list[str]]:
    """What each filter offers: values that occur, in their own order."""
    products, practices = shown.products, shown.practices
    found = set(shown.states.flat)
    return {
        "tier": _values(products["tier"]),
        "team": _values(products["team"]),
        "tag": _values([tag for tags in products["tags"] for tag in tags]),
        "reached": _values(products["level"]),
        "category": list(dict.fromkeys(practices["category"])),
        "level": _values(practices["level"]),
        "state": [state for state in _STATES if state in found],
    }


def select(shown: Shown, wanted: Wanted) -> Shown:
    """What is left of the map. A wanted state keeps each product and each practice that has it at least once."""
    products, practices = shown.products, shown.practices
    rows = _among(products["tier"], wanted.tier) & _among(products["team"], wanted.team)
    rows &= _among(products["level"], wanted.reached) & _any_among(products["tags"], wanted.tag)
    columns = _among(practices["category"], wanted.category) & _among(practices["level"], wanted.level)
    for word in text.folded(wanted.find).split():
        named, meant = _holding(_product_names(products), word), _holding(_practice_names(practices), word)
        # A word narrows what it is found in; where it names only practices, all products stay, and the reverse.
        rows &= named | (meant.any() and not named.any())
        columns &= meant | (named.any() and not meant.any())
    left = shown.take(rows, columns)
    if not wanted.state:
        return left
    has = np.isin(left.states, list(wanted.state))
    return left.take(has.any(axis=1), has.any(axis=0))


def order(shown: Shown, by: str, language: str) -> Shown:
    """Products in another order; practices stay in that of the guide map."""
    names = [_natural(name) for name in shown.products[f"name_{language}"]]
    gaps, tiers, levels = shown.gaps(), shown.products["tier"].tolist(), shown.products["level"].tolist()
    keys = {
        "tier": lambda i: tiers[i],
        "name": lambda i: 0,
        "most_gaps": lambda i: -gaps[i],
        "fewest_gaps": lambda i: gaps[i],
        "level": lambda i: levels[i],
    }
    places = sorted(range(len(names)), key=lambda i: (keys[by](i), names[i]))
    return shown.take(places, np.full(len(shown.practices), True))


def groups(products: pd.DataFrame, by: str, tags: Collection[str] = ()) -> list[tuple[str | None, list[int]]]:
    """Places of the products by group, groups in order of their names; a product stands under each of its tags.

    With `tags`, only those make groups. The last group, None, holds products without any.
    """
    if by == "none":
        return [(None, list(range(len(products))))]
    found: dict[str | None, list[int]] = {}
    for i, row in enumerate(products.itertuples()):
        for key in _tags(row.tags, tags) if by == "tag" else [str(getattr(row, by))]:
            found.setdefault(key, []).append(i)
    return sorted(found.items(), key=lambda item: (item[0] is None, item[0] or ""))


def drawing(shown: Shown, grouped: Sequence[tuple[str | None, list[int]]], words: Words) -> dict[str, Any]:
    """The map as plain data for matrix.js: names once, and the states of a row as one string with a letter a state.

    `rows` and `columns` are groups with lines of {id, name, adopted, asked}, those of a row with `cells`;
    `products_in` says which of the two are the products.
    """
    letter = {state: chr(97 + place) for place, state in enumerate(_STATES)}
    letters = np.array([letter[state] for state in shown.states.flat], dtype=object).reshape(shown.states.shape)
    lines = _products(shown, words)
    products = [_group(words.group(key), places, lines) for key, places in grouped]
    lines = _practices(shown, words)
    practices = [_group(name, places, lines) for name, places in _categories(shown, words)]
    in_rows = len(shown.products) > _BESIDE
    rows, columns, cells = (products, practices, letters) if in_rows else (practices, products, letters.T)
    across = [place for column in columns for place in column["places"]]
    for row in rows:
        row["lines"] = [
            line | {"cells": "".join(cells[place][across])}
            for line, place in zip(row["lines"], row["places"], strict=True)
        ]
    return {
        "language": words.language,
        "title": words.title,
        "products_in": "rows" if in_rows else "columns",
        "corner": words.product if in_rows else words.practice,
        "total": words.total,
        "sum": words.adopters if in_rows else words.total,
        "opened": words.opened,
        "states": [[sign, words.states[state], *colours] for state, (sign, *colours) in charts.PRACTICE.items()],
        "rows": [{"name": row["name"], "lines": row["lines"]} for row in rows],
        "columns": [{"name": column["name"], "lines": column["lines"]} for column in columns],
    }


def _group(name: str, places: list[int], lines: list[dict]) -> dict[str, Any]:
    return {"name": name, "places": places, "lines": [lines[place] for place in places]}


def _products(shown: Shown, words: Words) -> list[dict[str, Any]]:
    return _lines(shown, 1, shown.products["product"], shown.products[f"name_{words.language}"])


def _practices(shown: Shown, words: Words) -> list[dict[str, Any]]:
    names = [
        practice_name(*row)
        for row in zip(*(shown.practices[c] for c in ("level", "must", f"name_{words.language}")), strict=True)
    ]
    return _lines(shown, 0, shown.practices["id"], names)


def _lines(shown: Shown, axis: int, ids: Iterable[str], names: Iterable[str]) -> list[dict[str, Any]]:
    adopted, asked = (shown.adopted & shown.applies).sum(axis=axis), shown.applies.sum(axis=axis)
    columns = zip(ids, names, adopted.tolist(), asked.tolist(), strict=True)
    return [dict(zip(("id", "name", "adopted", "asked"), line, strict=True)) for line in columns]


def practice_name(level: int, must: bool, name: str) -> str:
    """Level, a star for a must, and the name: `L2* Restore tested`."""
    return f"L{level}{'*' if must else ''} {name}"


def _categories(shown: Shown, words: Words) -> list[tuple[str, list[int]]]:
    """Places of the practices by category, in the order of the guide map."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(shown.practices[f"category_name_{words.language}"]):
        found.setdefault(name, []).append(place)
    return list(found.items())


def _values(column: Iterable) -> list[str]:
    return [str(value) for value in sorted(set(column))]


def _array(lists: pd.Series, size: tuple[int, int]) -> np.ndarray:
    """Lists of equal length as one array, also where there is none."""
    return np.array(lists.tolist(), dtype=object).reshape(size)


def _among(values: pd.Series, wanted: Collection[str]) -> np.ndarray:
    return values.astype(str).isin(list(wanted)).to_numpy() if wanted else np.full(len(values), True)


def _any_among(lists: pd.Series, wanted: Collection[str]) -> np.ndarray:
    return np.array([not wanted or bool(set(values) & set(wanted)) for values in lists], dtype=bool)


def _tags(own: Iterable[str], wanted: Collection[str]) -> list[str | None]:
    return [tag for tag in own if not wanted or tag in wanted] or [None]


def _product_names(products: pd.DataFrame) -> list[str]:
    return [text.folded(f"{row.name_en} {row.name_ja}") for row in products.itertuples()]


def _practice_names(practices: pd.DataFrame) -> list[str]:
    return [
        text.folded(" ".join([row.name_en, row.name_ja, *row.already_doing_en, *row.already_doing_ja]))
        for row in practices.itertuples()
    ]


def _holding(names: list[str], word: str) -> np.ndarray:
    return np.array([word in name for name in names], dtype=bool)


def _natural(name: str) -> list[tuple[int, str]]:
    """A name as people sort it: Askable 2 before Askable 10."""
    return [
        (int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", text.folded(name)) if part
    ]
