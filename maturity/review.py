"""Tables of the monthly review in words: agenda, one list, changes, products. The same for pages and report.

`link(label, page, **parameters)` makes a cell that leads to a page; a report leads nowhere and takes the label.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from maturity import agenda, text
from maturity.cells import TOLD_ON
from maturity.words import Words

Query = Callable[..., pd.DataFrame]
Link = Callable[..., Any]
Rows = list[tuple[Any, ...]]
KINDS = ("new", "gone", "risen", "fallen", "changed", "restated")
LIST_COLUMNS = (
    "rank", "deed", "what", "product", "minutes", "interval", "certainty", "share", "saved", "effort", "saved_per_day"
)  # fmt: skip
LIST_NUMERIC = (0, 4, 5, 7, 8, 9, 10)  # places of those that stand to the right


def label_only(label: str, *_: Any, **__: Any) -> str:
    """A link on paper."""
    return label


def names_of(query: Query, language: str) -> dict[str, str]:
    """Product -> its name."""
    products = query("products")
    return dict(zip(products["id"], products[f"name_{language}"], strict=True))


@dataclass(frozen=True)
class Headline:
    """What the five numbers over a review count: rows of the answers, and of all products."""

    levels: pd.DataFrame
    at_target: pd.DataFrame
    regressions: pd.DataFrame
    in_trouble: pd.DataFrame
    never_spent: pd.DataFrame
    over_limit: pd.DataFrame

    def numbers(self) -> dict[str, str]:
        """The numbers as they are shown."""
        names = ("regressions", "in_trouble", "never_spent", "over_limit")
        counts = {name: str(len(getattr(self, name))) for name in names}
        return {"at_target": f"{len(self.at_target)} / {len(self.levels)}"} | counts


def headline(query: Query, month: str) -> Headline:
    """The five numbers over the review of a month: products at their target level, regressions of the month, budgets
    in trouble, budgets that are hardly spent, open risks over the limit for a single one."""
    levels, risks = query("levels", month=month), query("risks", product=None)
    falls = query("falls", month=month, only=True, product=None)
    budgets = query("budgets", month=month, product=None)
    return Headline(
        levels=levels,
        at_target=levels[levels["target_gap"] == 0],
        regressions=falls[falls["regression"]],
        in_trouble=budgets[budgets["in_trouble"]],
        never_spent=budgets[budgets["state"] == "met_unspent"],
        over_limit=risks[risks["exceeds_single_risk_limit"] & risks["is_open"]],
    )


def agenda_row(item: agenda.Item, link: Link) -> tuple[Any, ...]:
    """Columns: what (with what is asked), product, why, figures, owner, decided last."""
    title = link(item.title, item.page, **item.parameters)
    return (
        [title, item.text] if item.text else title,
        list(item.products),
        list(item.why),
        [f"{name} {value}" for name, value in item.figures],
        item.owner,
        item.decided,
    )


def list_rows(words: Words, frame: pd.DataFrame, link: Link) -> Rows:
    """Columns: place, deed, what, product, minutes, interval, certainty, share, saved, effort, saved a day."""
    rows = []
    for r in frame.to_dict("records"):
        page, parameter = TOLD_ON[r["kind"]]
        certain = r["rank_best"] == r["rank_worst"]
        rows.append(
            (
                int(r["position"]),
                words.say(f".list_kind.{r['kind']}"),
                link(words.word(r, "name"), page, **{parameter: r["id"], "product": None}),
                link(words.product_name(r["product"]), "product", product=r["product"]),
                words.minutes(r["minutes"], 0),
                "" if r["low"] == r["high"] else f"{text.number(r['low'])} – {text.number(r['high'])}",
                words.say(f".certainty.{r['certainty']}")
                if certain
                else words.say(".one_list.not_certain", best=int(r["rank_best"]), worst=int(r["rank_worst"])),
                text.percent(r["share"], 1),
                words.minutes(r["saved_minutes"], 0),
                text.number(r["effort_days"]),
                words.minutes(r["saved_per_day"], 1),
            )
        )
    return rows


def list_inputs(words: Words, frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Each row of the one list with the numbers that went into its formula."""
    return [
        (
            f"{int(r['position'])}. {words.word(r, 'name')} ({words.product_name(r['product'])})",
            f"{r['how'].replace(' x ', ' × ')} = {words.minutes(r['minutes'])}",
        )
        for r in frame[frame["how"].notna()].to_dict("records")
    ]


def total_rows(words: Words, frame: pd.DataFrame, link: Link) -> Rows:
    """Columns: product, overspent, risks, missing practices, budget of a year."""
    return [
        (
            link(words.product_name(r["product"]), "product", product=r["product"]),
            words.minutes(r["overspent"], 0),
            words.minutes(r["risks"], 0),
            words.minutes(r["practices"], 0),
            words.minutes(r["year_budget"], 0),
            text.percent(r["risks_share"], 1),
        )
        for r in frame.to_dict("records")
    ]


def steps_sentence(words: Words, frame: pd.DataFrame, order: str) -> str | None:
    """What the first few of the list would buy, in a sentence."""
    rows = frame[frame["list_order"] == order]
    if rows.empty:
        return None
    step = rows.iloc[0]
    say = ".one_list.steps_partly" if step["without_effort"] else ".one_list.steps"
    return words.say(
        say,
        n=len(step["deeds"]),
        places=words.listed(str(position) for position in step["deeds"]),
        minutes=words.minutes(step["saved_minutes"], 0),
        days=text.number(step["effort_days"]),
        unknown=int(step["without_effort"]),
        order=words.say(f".one_list.in_order.{order}"),
    )


def change_rows(words: Words, frame: pd.DataFrame, link: Link) -> Rows:
    """Columns: topic, what, product, kind, before, now, reason."""
    rows = []
    for r in frame.to_dict("records"):
        name = words.word(r, "name")
        page, parameter = TOLD_ON[r["topic"]] if r["is_there"] else (None, None)
        rows.append(
            (
                words.say(f".change.topic.{r['topic']}"),
                link(name, page, **{parameter: r["id"], "product": None}) if page else name,
                words.word(r, "product_name") or r["product"] or "–",
                words.say(f".change.kind.{r['kind']}"),
                _told(words, r, "before"),
                _told(words, r, "now"),
                words.listed(words.say(f".change.reason.{reason}") for reason in _list(r["reasons"])),
            )
        )
    return rows


def _list(value: Any) -> list[str]:
    return [] if value is None else list(value)


def _told(words: Words, r: dict[str, Any], side: str) -> str:
    """Value and state of a figure, as its topic is told."""
    value, state, topic = r[f"value_{side}"], r[f"state_{side}"], r["topic"]
    parts = []
    if pd.notna(value):
        if topic in ("budget", "practice"):
            parts.append(words.unless_too_little(state, text.percent(value, 1 if topic == "budget" else 0)))
        elif topic in ("risk", "gap", "incident"):
            parts.append(words.minutes(value))
        else:
            parts.append(f"L{value:.0f}" if topic == "level" else f"{value:g}")
    vocabulary = {
        "budget": "budget_state", "practice": "practice_state", "risk": "status", "decision": "decision_state"
    }.get(topic)  # fmt: skip
    if state and vocabulary:
        parts.append(words.say(f".{vocabulary}.{state}"))
    return words.listed(parts) or "–"


def count_rows(words: Words, frame: pd.DataFrame) -> Rows:
    """Columns: topic, and how many are new, gone, risen, fallen, changed, restated."""
    table = frame.pivot_table(index="topic", columns="kind", values="id", aggfunc="count", sort=False)
    return [
        (
            words.say(f".change.topic.{topic}"),
            *("" if kind not in row or pd.isna(row[kind]) else int(row[kind]) for kind in KINDS),
        )
        for topic, row in table.iterrows()
    ]


def decision_rows(words: Words, frame: pd.DataFrame, link: Link) -> Rows:
    """Columns: day, about, product, decision with its reason, owner, due, state with what came of it, source."""
    rows = []
    for r in frame.to_dict("records"):
        page, parameter = TOLD_ON[r["kind"]]
        state = words.say(f".decision_state.{r['state']}")
        rows.append(
            (
                text.day(r["decided_on"]),
                link(words.word(r, "name"), page, **{parameter: r["about"], "product": None}),
                words.product_name(r["product"]),
                [words.say(f".decision.{r['decision']}"), words.word(r, "reason")],
                r["owner"] or r["decided_by"],
                text.day(r["due"]),
                [state, words.word(r, "result")] if words.word(r, "result") else state,
                f"{r['src_file']}:{int(r['src_line'])}",
            )
        )
    return rows


def product_rows(words: Words, query: Query, month: str, link: Link) -> tuple[pd.DataFrame, Rows]:
    """The levels of a month, and one line a product over all three topics."""
    levels = query("levels", month=month)
    falls = query("falls", month=month, only=True, product=None)
    budgets, risks = query("budgets", month=month, product=None), query("risks", product=None)
    lost = falls[falls["regression"]].groupby("product").size()
    worst = budgets.groupby("product")["state"].first()
    shares = risks[risks["is_open"]].groupby("product")["budget_share"].sum(min_count=1)
    rows = []
    for r in levels.to_dict("records"):
        product = r["product"]
        moved = f" ({text.change(r['level_change'])})" if r["level_change"] else ""
        rows.append(
            (
                link(words.product_name(product), "product", product=product),
                words.say(".month.level_of", level=r["level"], target=r["target_level"]) + moved,
                text.percent(r["percent"]),
                text.percent(r["coverage"]),
                text.percent(r["confirmed_share"]),
                text.percent(r["na_share"]),
                lost.get(product, ""),
                words.state(worst[product]) if product in worst else "",
                text.percent(shares.get(product), 1),
            )
        )
    return levels, rows
