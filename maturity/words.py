"""What pages and reports say in a reader's language: texts, names, minutes, and states as badges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from maturity import charts, text
from maturity.cells import Badge


@dataclass(frozen=True)
class Words:
    """A language, the texts of one page or report (`key`), and the names of products."""

    key: str
    language: str
    names: Mapping[str, str]

    def say(self, key: str, **values: object) -> str:
        """A text of this page (`title`), or of all pages when the key begins with a dot (`.state.adopted`)."""
        full = key[1:] if key.startswith(".") else f"{self.key}.{key}"
        return text.say(self.language, full, **values)

    def word(self, row: Any, column: str) -> str:
        """The bilingual column of a row, in the reader's language."""
        return row[f"{column}_{self.language}"]

    def literal(self, row: Any, column: str) -> str:
        """The same where Markdown is read, see `text.literal`; nothing where there is no text."""
        return text.literal(self.word(row, column) or "")

    def minutes(self, value: float | None, digits: int = 1) -> str:
        """Minutes in the reader's language."""
        return text.minutes(self.language, value, digits)

    def window(self, row: Any) -> str:
        """The window of an SLO in words."""
        count = row["window_count"]
        return self.say(
            f".window.{row['window_kind']}", n=count, unit=self.say(f".window_unit.{row['window_unit']}", n=count)
        )

    def counts(self, row: Any) -> str:
        """What an SLO counts, in a word or two; a composite (`combine`) counts other SLOs."""
        return self.say(f".method.{row['combine'] or row['method']}")

    def state(self, state: str) -> Badge:
        """A practice or budget state as a badge: sign, word and colour, the same on every page."""
        sign, background, ink = charts.badge(state)
        topic = "practice_state" if state in charts.PRACTICE else "budget_state"
        return Badge(f"{sign} {self.say(f'.{topic}.{state}')}", (background, ink))

    def unless_too_little(self, state: str, shown: str) -> str:
        """A figure of a budget; in parentheses where there was too little traffic to judge it."""
        return f"({shown})" if state == charts.TOO_LITTLE and shown != text.NONE else shown

    def consumed_and_left(self, row: Any) -> tuple[str, str]:
        """What is consumed of a budget, as a share, and what is left of it, in minutes."""
        shown = text.percent(row["consumed"], 1), self.minutes(row["left_minutes"])
        return tuple(self.unless_too_little(row["state"], one) for one in shown)

    def trend(self, kind: str, count: int | None = None) -> Badge:
        """The course of a practice as a badge, with a count where several are meant."""
        sign, background, ink = charts.TREND[kind]
        number = "" if count is None else f" {count}"
        return Badge(f"{sign} {self.say(f'.trend.{kind}')}{number}", (background, ink))

    def on_timeline(self, kind: str) -> Badge:
        """What happened on a day of a risk record as a badge."""
        sign, background, ink = charts.LOG[kind]
        return Badge(f"{sign} {self.say(f'.log_kind.{kind}')}", (background, ink))

    def product_name(self, product: str) -> str:
        """Name of a product."""
        return self.names.get(product, product)

    def named(self, name: str, value: object) -> str:
        """A value behind its name, as the language separates them."""
        return f"{name}{'：' if self.language == 'ja' else ': '}{value}"

    def listed(self, words: Iterable[str]) -> str:
        """Several words in a row, as the language separates them."""
        return ("、" if self.language == "ja" else ", ").join(words)
