"""Append one decision of a review to `decisions.yaml`: written and read again, or not at all."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

from loaders import registry, written
from loaders.decisions import FILE

_HEAD = "# What the reviews decided, and what became of it.\ndecisions:\n"
_NUMBERED = re.compile(r"D-\d{4}-(\d+)")
# In the order in which a person reads them.
_FIELDS = (
    "id",
    "slo",
    "risk",
    "practice",
    "product",
    "decided_on",
    "decision",
    "reason",
    "decided_by",
    "owner",
    "due",
    "until",
)


def decide(folder: Path, fields: dict[str, Any], today: dt.date) -> tuple[str, int]:
    """Add a decision under the next number of its year; returns its id and its line.

    `fields` are those of maturity.records.reviews.Decision, without the id. Raises written.NotWritten.
    """
    with written.only_writer(folder):
        return _decide(folder, fields, today)


def _decide(folder: Path, fields: dict[str, Any], today: dt.date) -> tuple[str, int]:
    before = registry.read_folder(folder, today)
    known = {loaded.record.id for loaded in before.bundle.decisions} | before.seen["decisions"]
    prefix = f"D-{fields['decided_on'].year}-"
    numbers = [int(m[1]) for key in known if key.startswith(prefix) and (m := _NUMBERED.fullmatch(key))]
    given = fields | {"id": f"{prefix}{max(numbers, default=0) + 1:03d}"}
    said = [(name, given[name]) for name in _FIELDS if given.get(name) is not None]
    # JSON is YAML: quotes, colons and line breaks in a reason cannot break the file.
    texts = [
        f"{name}: {value if isinstance(value, dt.date) else json.dumps(value, ensure_ascii=False)}"
        for name, value in said
    ]
    lines = [f"  - {texts[0]}", *(f"    {text}" for text in texts[1:])]
    line = written.append(
        folder, FILE, _HEAD, lines, before, lambda r: any(d.record.id == given["id"] for d in r.bundle.decisions), today
    )
    return given["id"], line
