"""The agenda of a monthly review: items in words, and as many as the meeting has time for.

Which items there are is decided in `sql/views/95_agenda.sql`. Here they get their words in a language, once for the
page, the meeting and the report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from maturity import text
from maturity.cells import TOLD_ON

SECTIONS = ("follow_up", "budgets", "regressions", "risks", "over_provided", "spreading", "quiet", "claims")

# Where the words of a reason stand, by section; `.why` knows what is special to the agenda.
_WORDS = {"budgets": "budget_state", "regressions": "cause", "risks": "flag"}


@dataclass(frozen=True)
class Item:
    """One item, in words. `page` and `parameters` lead to the page that tells the whole of it."""

    section: str
    rank: int
    minutes: float
    title: str
    products: tuple[str, ...]
    why: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    text: str
    owner: str
    decided: str
    source: str
    page: str
    parameters: dict[str, str]
    command: str


@dataclass(frozen=True)
class Agenda:
    """What fits into the time, in the order in which to take it, and what was cut."""

    items: tuple[Item, ...]
    cut: tuple[Item, ...]
    minutes: float

    def of(self, section: str) -> list[Item]:
        """Items of one section."""
        return [item for item in self.items if item.section == section]


def fit(items: list[Item], minutes: float) -> Agenda:
    """Take the first of every section, then the second of every section, and so on, while there is time.

    Items of 4, 3 and 2 minutes at rank 1 and one of 4 at rank 2, in 10 minutes: the three of rank 1 are taken.
    A shorter item behind one that was cut may still fit, but never one of the same section: its order holds.
    """
    order = {section: i for i, section in enumerate(SECTIONS)}
    kept, cut, spent, ended = [], [], 0.0, set()
    for item in sorted(items, key=lambda item: (item.rank, order[item.section])):
        if item.section in ended or spent + item.minutes > minutes:
            ended.add(item.section)
            cut.append(item)
        else:
            kept.append(item)
            spent += item.minutes
    return Agenda(*(tuple(sorted(some, key=lambda i: (order[i.section], i.rank))) for some in (kept, cut)), spent)


def read(query: Callable[..., pd.DataFrame], language: str) -> list[Item]:
    """Every item of the snapshot that `query` asks, in words of a language."""
    policy = query("policy").set_index("name")["value"]
    names = dict(query("products").set_index("id")[f"name_{language}"])
    writer = _Writer(language, names, policy)
    return [writer.item(row) for row in query("agenda").to_dict("records")]


@dataclass(frozen=True)
class _Writer:
    language: str
    names: dict[str, str]
    policy: pd.Series

    def say(self, key: str, **values: object) -> str:
        return text.say(self.language, key, **values)

    def item(self, row: dict[str, Any]) -> Item:
        section = row["section"]
        products = list(row["who"]) if row["who"] is not None else [row["product"]] if row["product"] else []
        page, parameters = self._place(row)
        return Item(
            section=section,
            rank=int(row["rank"]),
            minutes=float(self.policy[f"minutes_each_{section}"]),
            title=self._title(row),
            products=tuple(self.names.get(product, product) for product in products),
            why=tuple(self._why(section, why) for why in row["whys"]),
            figures=tuple(self._figures(row)),
            text=row[f"text_{self.language}"] or "",
            owner=row["owner"] or self.say("agenda.no_owner"),
            decided=self._decided(row),
            source=f"{row['src_file']}:{int(row['src_line'])}",
            page=page,
            parameters=parameters,
            command=self._command(row),
        )

    def _title(self, row: dict[str, Any]) -> str:
        name = row[f"name_{self.language}"]
        return self.say("agenda.decided_about", name=name) if row["kind"] == "decision" else name

    def _why(self, section: str, why: str) -> str:
        for key in (f"agenda.why.{why}", f"{_WORDS.get(section)}.{why}"):
            if key in text.words(self.language):
                return self.say(key)
        raise KeyError(f"no words for {why} in {section}")

    def _figures(self, row: dict[str, Any]) -> list[tuple[str, str]]:
        """Name and value of what is known, with its unit."""
        section, found = row["section"], []
        if pd.notna(row["minutes"]):
            found.append((f"minutes_{section}", text.minutes(self.language, row["minutes"])))
        if pd.notna(row["share"]):
            found.append((f"share_{section}", text.percent(row["share"], 1)))
        if pd.notna(row["freed_per_month"]):
            found.append((f"freed_{section}", f"{text.number(row['freed_per_month'])} {row['currency']}"))
        if pd.notna(row["day"]):
            found.append((f"day_{section}", text.day(row["day"])))
        return [(self.say(f"agenda.figure.{key}"), value) for key, value in found]

    def _decided(self, row: dict[str, Any]) -> str:
        if row["decided"] is None:
            return ""
        said = self.say(
            "agenda.decided",
            on=text.day(row["decided_on"]),
            decision=self.say(f"decision.{row['decided']}"),
            reason=row[f"decision_{self.language}"],
            state=self.say(f"decision_state.{row['decision_state']}"),
        )
        owner = self.say("agenda.decided_owner", owner=row["decision_owner"]) if row["decision_owner"] else ""
        due = self.say("agenda.decided_due", due=text.day(row["decision_due"])) if pd.notna(row["decision_due"]) else ""
        return said + owner + due

    def _place(self, row: dict[str, Any]) -> tuple[str, dict[str, str]]:
        kind = row["about_kind"]
        page, parameter = TOLD_ON[kind]
        parameters = {parameter: row["about"]}
        if kind == "practice" and row["product"]:
            page, parameters = "practices", {"practice": row["about"], "cell_product": row["product"]}
        return page, parameters

    def _command(self, row: dict[str, Any]) -> str:
        """What writes a decision about it down, to be completed by the person who decides; nothing for good news."""
        if row["section"] == "spreading":
            return ""
        about = f"--{row['about_kind']} {row['about']}"
        product = f" --product {row['product']}" if row["about_kind"] == "practice" else ""
        return f"guidemap decide DIR {about}{product} --decision … --reason '…' --by … --owner … --due …"
