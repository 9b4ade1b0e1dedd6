"""The annotations of an OpenSLO document that are ours. The files stay valid OpenSLO with them.

guidemap/product           product id (required)
guidemap/display-name-ja   Japanese name
guidemap/journey           the user journey the target protects     (Japanese: guidemap/journey-ja)
guidemap/basis             why this target: who agreed, on what ground (Japanese: guidemap/basis-ja)
guidemap/policy            what happens when the budget is gone: text or link (Japanese: guidemap/policy-ja)
guidemap/description-ja    Japanese description
guidemap/owner             who answers for it
guidemap/reviewed-on       days on which the SLO was reviewed: "2026-03-01; 2026-06-12"
guidemap/earlier-targets   "0.995 until 2026-04-01; 0.99 until 2026-07-01"; the last target is the objective's own
guidemap/bucket            length of an SLI bucket such as 5m or 1h; inferred from the data when absent
guidemap/missing-slices    how slices without data count: ignore (default), good or bad
guidemap/members           makes it a composite: "reply-ok x3; search-ok x7" (x1 may be left out)
guidemap/combine           of a composite: weighted (default) or all_hold
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation

from loaders import validate
from loaders.reading import Reading
from maturity.records.forms import ID_PATTERN, Text
from maturity.records.problems import Loaded
from maturity.records.slos import Member

PREFIX = "guidemap/"
ANNOTATIONS = {
    "product", "display-name-ja", "journey", "journey-ja", "basis", "basis-ja", "policy", "policy-ja", "description-ja",
    "owner", "reviewed-on", "earlier-targets", "bucket", "missing-slices", "members", "combine",
}  # fmt: skip
_CHOICES = {"missing-slices": ("ignore", "good", "bad"), "combine": ("weighted", "all_hold")}
_SECONDS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}


def path_of(name: str) -> tuple[str, ...]:
    """Where an annotation stands in its document."""
    return ("metadata", "annotations", PREFIX + name)


def read(loaded: Loaded, reading: Reading) -> dict[str, str]:
    given = loaded.record.metadata.annotations
    notes = {key.removeprefix(PREFIX): value for key, value in given.items() if key.startswith(PREFIX)}
    for key in notes.keys() - ANNOTATIONS:
        path = ("metadata", "annotations", PREFIX + key)
        known = validate.one_of(PREFIX + key, {PREFIX + name for name in ANNOTATIONS})
        reading.problems.append(loaded.trouble(path, "an unknown annotation", known))
    for key, choices in _CHOICES.items():
        if key in notes and notes[key] not in choices:
            reading.problems.append(loaded.problem(path_of(key), notes[key], f"one of {', '.join(choices)}"))
    if "combine" in notes and "members" not in notes:
        reading.problems.append(loaded.problem(path_of("members"), None, "the SLOs of the composite"))
    if notes.get("missing-slices") in ("good", "bad") and (where := _without_slices(loaded, notes)):
        wanted = f"none {where} (it changes nothing)"
        reading.problems.append(loaded.problem(path_of("missing-slices"), notes["missing-slices"], wanted, "warning"))
    # Formats without annotations name the service; where a product has that id, it is meant.
    service = loaded.record.spec.service
    if "product" not in notes and service in {product.record.id for product in reading.bundle.products}:
        notes["product"] = service
    if "product" not in notes:
        reading.problems.append(loaded.problem(("metadata", "annotations", f"{PREFIX}product"), None, "a product id"))
    return notes


def _without_slices(loaded: Loaded, notes: dict[str, str]) -> str | None:
    """Where an SLO has no slices of its own; None where it has."""
    if loaded.record.spec.budgetingMethod == "Occurrences":
        return "with Occurrences, where events that were not seen never count"
    if "members" in notes and notes.get("combine", "weighted") == "weighted":
        return "on a weighted composite, whose members say how theirs count"
    return None


def both(notes: dict[str, str], name: str, text: str | None) -> Text | None:
    """A text with its Japanese, which is the same text where nobody wrote one."""
    return Text(en=text, ja=notes.get(f"{name}-ja", text)) if text else None


def reviews(loaded: Loaded, notes: dict[str, str], reading: Reading) -> list[dt.date]:
    """Days on which the SLO was reviewed, oldest first."""
    found = []
    for part in notes.get("reviewed-on", "").split(";"):
        try:
            found += [dt.datetime.strptime(part.strip(), "%Y-%m-%d").date()] if part.strip() else []
        except ValueError:
            path = ("metadata", "annotations", f"{PREFIX}reviewed-on")
            expected = "dates such as '2026-03-01; 2026-06-12'"
            reading.problems.append(loaded.problem(path, part.strip(), expected))
    return sorted(set(found))


def earlier_targets(loaded: Loaded, notes: dict[str, str], reading: Reading) -> list[tuple[Decimal, dt.date]]:
    """(target, first day on which it no longer held), oldest first."""
    text = notes.get("earlier-targets")
    if not text:
        return []
    found = []
    for part in text.split(";"):
        match = re.fullmatch(r"\s*((?!0?\.0+\s)0?\.\d{1,8}|1(?:\.0+)?)\s+until\s+(\d{4}-\d{2}-\d{2})\s*", part)
        try:
            found.append((Decimal(match[1]), dt.date.fromisoformat(match[2])))
        except (TypeError, ValueError, InvalidOperation):
            path = ("metadata", "annotations", f"{PREFIX}earlier-targets")
            reading.problems.append(loaded.problem(path, part.strip(), "targets such as '0.995 until 2026-04-01'"))
    return sorted(found, key=lambda pair: pair[1])


def seconds(text: str | None, loaded: Loaded, path: tuple, reading: Reading) -> int | None:
    if text is None:
        return None
    match = re.fullmatch(r"([1-9][0-9]*)([mhdw])", text)
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
    if not seconds or 86400 % seconds:
        reading.problems.append(loaded.problem(path, text, "a length that divides a day, such as 5m or 1h"))
        return None
    return seconds


def members(loaded: Loaded, notes: dict[str, str], reading: Reading) -> list[Member]:
    """Members of a composite with their weights."""
    found = []
    for part in notes.get("members", "").split(";"):
        if not part.strip():
            continue
        match = re.fullmatch(r"\s*(\S+?)(?:\s+x(\d+(?:\.\d+)?))?\s*", part)
        if match and re.match(ID_PATTERN, match[1]) and float(match[2] or 1) > 0:
            found.append(Member(slo=match[1], weight=float(match[2] or 1)))
        else:
            reading.problems.append(loaded.problem(path_of("members"), part.strip(), "SLOs such as 'a x3; b x7'"))
    return found
