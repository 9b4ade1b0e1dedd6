"""Answers of a server kept as files: there whole or not at all, and lists with one entry a line.

One entry a line gives every entry a place that a message can name, without parsing the file for positions.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from loaders import http
from maturity import whole_files


class KeptAnswerIsDamaged(Exception):
    """A kept list is not what a fetch wrote."""


def keep_entries(path: Path, session: http.Session, entries: list[dict[str, Any]]) -> None:
    """Write a list of objects in the order of their ids, as they came but without the session's secrets.

    Entries of an earlier list may be among them, with their Decimals.
    """
    ordered = sorted(entries, key=lambda entry: str(entry["id"]))
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False, sort_keys=True, default=float) for entry in ordered)
    path.parent.mkdir(parents=True, exist_ok=True)
    whole_files.put(path, http.hide_secrets(session, f"[\n{lines}\n]\n"))


def entries(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """(line, object) of a kept list; fractions are exact Decimals. Raises KeptAnswerIsDamaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        raise KeptAnswerIsDamaged(f"{path.name}, {error}") from None
    if not isinstance(found, list) or not all(isinstance(entry, dict) and "id" in entry for entry in found):
        raise KeptAnswerIsDamaged(f"{path.name}, no list of objects with an id")
    return list(enumerate(found, 2))
