"""The adoption map as the browser is told it, once and whole: what is narrowed, grouped and sorted is done there.

It works on two answers of a snapshot: `adoption_matrix` (one row a product) and `practices` (the guide map in its
order). Both hold the practices in the same order, so a cell is a place in an array.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from maturity import charts
from maturity.levels import ADOPTED

# What arrange.js can group and sort products by; the first of each is the default.
GROUPS = ("none", "team", "tier", "tag", "level")
ORDERS = ("tier", "name", "most_gaps", "fewest_gaps", "level")
_STATES = list(charts.PRACTICE)


@dataclass(frozen=True)
class Shown:
    """Products and practices of the map; the arrays are products x practices."""

    products: pd.DataFrame
    practices: pd.DataFrame
    states: np.ndarray
    applies: np.ndarray


def whole(products: pd.DataFrame, practices: pd.DataFrame) -> Shown:
    """Everything that is asked of somebody; a practice that nobody is asked for (retired, say) has no place."""
    size = (len(products), len(practices))
    states, applies = (_array(products[name], size) for name in ("states", "applies"))
    blank = [state for state, (sign, *_) in charts.PRACTICE.items() if not sign.strip()]
    kept = ~np.isin(states, blank).all(axis=0)
    return Shown(products, practices[kept], states[:, kept], applies[:, kept].astype(bool))


def adopted_share(shown: Shown) -> float | None:
    """Adopted places of those that apply: 3 of 4 are 0.75; None where nothing applies."""
    places = int(shown.applies.sum())
    return float((np.isin(shown.states, list(ADOPTED)) & shown.applies).sum()) / places if places else None


def rows_of(states: pd.DataFrame, products: Iterable[str], practices: Iterable[str]) -> pd.DataFrame:
    """Rows of an answer with `product` and `practice`, narrowed to these and in their order; others are passed over."""
    rows = states.set_index(["product", "practice"], drop=False)
    pairs = pd.MultiIndex.from_product([list(products), list(practices)])
    return rows.loc[pairs[pairs.isin(rows.index)]].reset_index(drop=True)


def fields(shown: Shown, say: Callable[..., str], states: dict[str, str], categories: dict[str, str]) -> list[dict]:
    """The choices, for choices.js: search, group and order in sight, the filters one click away.

    `say` gives a text of the page, `states` and `categories` the names of those. A filter offers the values that occur.
    """
    products, practices = shown.products, shown.practices
    occurs = set(shown.states.flat)
    tier, level = (lambda v: say("matrix.tier_n", n=v)), (lambda v: say("level_n", n=v))
    filters = {
        "tier": [(v, tier(v)) for v in _values(products["tier"])],
        "team": [(v, v) for v in _values(products["team"])],
        "tag": [(v, v) for v in _values([tag for tags in products["tags"] for tag in tags])],
        "reached": [(v, level(v)) for v in _values(products["level"])],
        "category": [(v, categories[v]) for v in dict.fromkeys(practices["category"])],
        "level": [(v, level(v)) for v in _values(practices["level"])],
        "state": [(v, f"{charts.PRACTICE[v][0]} {states[v]}") for v in _STATES if v in occurs],
    }
    find = {"key": "find", "kind": "find", "label": say("matrix.find"), "hint": say("matrix.find_hint")}
    ones = {"group": GROUPS, "order": ORDERS}
    return [
        find,
        *(_field(key, "one", say, [(v, say(f"matrix.{key}_{v}")) for v in values]) for key, values in ones.items()),
        *(_field(key, "many", say, values) | {"folded": True} for key, values in filters.items() if values),
    ]


def _field(key: str, kind: str, say: Callable[..., str], options: list[tuple[str, str]]) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": say(f"matrix.{key}"), "options": options}


def drawing(shown: Shown, language: str, states: dict[str, str], groups: dict[str, dict[str, str]]) -> dict[str, Any]:
    """The map as plain data: names once, and the states of a product as one string with a letter a state.

    The letter is a capital where the practice does not count for the product. `find` is what a search looks in,
    `groups` names those of tiers and levels; others stand for themselves.
    """
    letter = charts.letters(_STATES)
    letters = np.array([letter[state] for state in shown.states.flat], dtype=object).reshape(shown.states.shape)
    letters = np.where(shown.applies, letters, np.char.upper(letters.astype(str)))
    products = [
        {
            "id": row.product, "name": getattr(row, f"name_{language}"), "find": f"{row.name_en} {row.name_ja}",
            "tier": [str(row.tier)], "team": [str(row.team)], "tag": list(row.tags), "reached": [str(row.level)],
            "cells": "".join(cells),
        }
        for row, cells in zip(shown.products.itertuples(), letters, strict=True)
    ]  # fmt: skip
    practices = [
        {
            "id": row.id, "name": practice_name(row.level, row.must, getattr(row, f"name_{language}")),
            "find": " ".join([row.name_en, row.name_ja, *row.already_doing_en, *row.already_doing_ja]),
            "category": [row.category], "level": [str(row.level)], "group": getattr(row, f"category_name_{language}"),
        }
        for row in shown.practices.itertuples()
    ]  # fmt: skip
    return {
        "language": language,
        "states": [one | {"adopted": one["key"] in ADOPTED} for one in charts.signs(charts.PRACTICE, states)],
        "products": products,
        "practices": practices,
        "groups": groups,
    }


def practice_name(level: int, must: bool, name: str) -> str:
    """Level, a star for a must, and the name: `L2* Restore tested`."""
    return f"L{level}{'*' if must else ''} {name}"


def _values(column: Iterable) -> list[str]:
    return [str(value) for value in sorted(set(column))]


def _array(lists: pd.Series, size: tuple[int, int]) -> np.ndarray:
    """Lists of equal length as one array, also where there is none."""
    return np.array(lists.tolist(), dtype=object).reshape(size)
