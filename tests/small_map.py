"""An adoption map small enough to see through: four products, four practices, a letter a state."""

from __future__ import annotations

import pandas as pd

from maturity import charts, matrix

LETTERS = {"a": "adopted", "p": "partial", "l": "lapsed", "u": "unassessed", "e": "exempt", " ": "not_asked"}
PRODUCTS = [
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
STATES = {state: state for state in charts.PRACTICE}
CATEGORIES = {"own": "OWN", "rec": "REC"}


def shown() -> matrix.Shown:
    """The map as two answers of a snapshot would make it."""
    names = ("product", "name_en", "name_ja", "team", "tier", "tags", "level")
    products = pd.DataFrame([row[:-1] for row in PRODUCTS], columns=names)
    products["states"] = [[LETTERS[letter] for letter in row[-1]] for row in PRODUCTS]
    products["applies"] = [[letter not in "e " for letter in row[-1]] for row in PRODUCTS]
    names = ("id", "category", "level", "must", "name_en", "name_ja", "already_doing_en", "already_doing_ja")
    practices = pd.DataFrame(_PRACTICES, columns=names)
    for language in ("en", "ja"):
        practices[f"category_name_{language}"] = practices["category"].str.upper()
    return matrix.whole(products, practices)


def fields(of: matrix.Shown) -> list[dict]:
    """Its choices, named by their keys."""
    return matrix.fields(of, lambda key, n="": f"{key} {n}".strip(), STATES, CATEGORIES)
