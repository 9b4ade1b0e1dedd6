"""From the words of a foreign file to our ids. What has no counterpart is left out, counted, and told once a word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from loaders import validate
from loaders.reading import Reading
from loaders.yaml_rows import Document
from maturity.records.guide_map import Assessment
from maturity.records.problems import Loaded, Problem
from maturity.sources import Import, PrometheusSource


@dataclass
class _Left:
    """A word that was left out: where it stood first, and how often."""

    file: str
    line: int
    expected: str
    count: int = 0


@dataclass
class Mapping:
    """One source's words. Ask `product` and `practice`, add with `assess`, and `tell` at the end."""

    reading: Reading
    source: Import | PrometheusSource
    _products: dict[str, str] = field(default_factory=dict)
    _practices: dict[str, str] = field(default_factory=dict)
    _left: dict[tuple[str, str], _Left] = field(default_factory=dict)

    @classmethod
    def of(cls, reading: Reading, source: Loaded[Any]) -> Mapping:
        """Knows the products and practices read so far, by id and by name in both languages."""
        bundle = reading.bundle
        known = {"products": _names(bundle.products), "practices": _names(bundle.practices)}
        for field_name, names in known.items():
            ids = set(names.values())
            # An id that does not exist is told once, by the cross-checks, on the line of the source.
            names |= {_key(w): meant for w, meant in getattr(source.record, field_name, {}).items() if meant in ids}
        return cls(reading, source.record, known["products"], known["practices"])

    def ignored(self, word: str) -> bool:
        """Whether the source says to leave a word out on purpose."""
        return _key(word) in {_key(other) for other in self.source.ignore}

    def product(self, word: str, file: str, line: int) -> str | None:
        """Our id of a product or team; None, counted, where there is none."""
        return self._ask(self._products, "product", word, file, line)

    def knows_product(self, word: str) -> bool:
        """Whether a word means a product, without counting anything."""
        return _key(word) in self._products

    def practice(self, word: str, file: str, line: int) -> str | None:
        """Our id of a practice; None, counted, where there is none."""
        return self._ask(self._practices, "practice", word, file, line)

    def known_practice(self, word: str) -> str | None:
        """Our id of a practice, or None without counting anything."""
        return self._practices.get(_key(word))

    def _ask(self, known: dict[str, str], what: str, word: str, file: str, line: int) -> str | None:
        found = known.get(_key(word))
        if found is None:
            expected = f"a {what}'s id or name, or an entry in {what}s: or ignore: of source {self.source.id}"
            self.leave_out(what, word, file, line, expected)
        return found

    def leave_out(self, what: str, word: str, file: str, line: int, expected: str) -> None:
        """Count something that is not loaded. `what` names its field in the message."""
        if self.ignored(word):
            return
        left = self._left.setdefault((what, word), _Left(file, line, expected))
        left.count += 1

    def assess(self, fields: dict[str, Any], file: str, line: int) -> bool:
        """Validate and add one assessment whose product and practice are ours. False where it has a problem."""
        loaded, problems = validate.record(Assessment, fields, Document(file, fields, line))
        self.reading.problems += problems
        self.reading.bundle.assessments += [loaded] if loaded else []
        return loaded is not None

    def tell(self) -> None:
        """A warning for each word that was left out, with how often it stood there."""
        for (what, word), left in self._left.items():
            times = f"{left.count} {'entry' if left.count == 1 else 'entries'} not loaded"
            self.reading.problems.append(
                Problem(left.file, left.line, what, f"{word!r}, unknown ({times})", left.expected, "warning")
            )


def sources_of(reading: Reading, kind: str) -> list[Loaded[Any]]:
    """The sources of a kind, in the order of `sources.yaml`."""
    return [loaded for loaded in reading.bundle.sources if loaded.record.kind == kind]


def _names(records: Iterable[Loaded[Any]]) -> dict[str, str]:
    found = {}
    for loaded in records:
        record = loaded.record
        found |= {_key(word): record.id for word in (record.name.en, record.name.ja, record.id)}
    return found


def _key(word: str) -> str:
    return " ".join(str(word).casefold().split())
