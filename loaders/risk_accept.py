"""Take a proposed record into the register: written behind `risks/accepted.yaml`, or not at all."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from loaders import registry, written
from maturity.records.forms import ID_PATTERN

FILE = "risks/accepted.yaml"
_HEAD = """# Records that were proposed by the rules of risk_policy.yaml and accepted by a person.
schema: sre-risk-records/1
records:
"""
_NUMBERED = re.compile(r"SRR-\d{4}-(\d+)")


class NotAccepted(Exception):
    """Nothing was written."""


def accept(folder: Path, draft: str, by: str, key: str | None, today: dt.date) -> tuple[str, int]:
    """Add the YAML of a draft under `key`, else the next number of the year; returns the id and its line.

    `draft` has ID and NAME where the two belong. Raises NotAccepted, or written.NotWritten; the folder
    is then as it was.
    """
    with written.only_writer(folder):
        return _accept(folder, draft, by, key, today)


def _accept(folder: Path, draft: str, by: str, key: str | None, today: dt.date) -> tuple[str, int]:
    before = registry.read_folder(folder, today)
    known = {loaded.record.id for loaded in before.bundle.risks} | before.seen["risks"]
    key = key or _next(known, today)
    if not re.match(ID_PATTERN, key):
        raise NotAccepted(f"found id {key!r}, expected letters, digits, . _ -")
    if key in known:
        raise NotAccepted(f"found id {key}, expected one that no record has")
    if not by.strip() or "\n" in by or '"' in by:
        raise NotAccepted(f"found name {by!r}, expected who accepts the record")
    entry = draft.replace("- id: ID\n", f"- id: {key}\n", 1).replace('"by": "NAME"', f'"by": "{by}"')
    lines = [f"  {line}" for line in entry.splitlines()]
    line = written.append(
        folder, FILE, _HEAD, lines, before, lambda r: key in {loaded.record.id for loaded in r.bundle.risks}, today
    )
    return key, line


def _next(known: set[str], today: dt.date) -> str:
    """SRR-2026-014 where the highest number of 2026 is 013."""
    prefix = f"SRR-{today.year}-"
    numbers = [int(m[1]) for key in known if key.startswith(prefix) and (m := _NUMBERED.fullmatch(key))]
    return f"{prefix}{max(numbers, default=0) + 1:03d}"
