"""What is taken away from a review: one HTML file that needs nothing else, a summary for chat, and the CSV bundle.

All three are made from the queries of a snapshot, or of a frozen month, and are the same to the byte each time.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from maturity import agenda, cells, export, review, text
from maturity.words import Words

_STYLE = Path(__file__).parent / "style.css"
_PAPER = Path(__file__).parent / "report.css"
_TOP = 25  # of the one list
_CUT = 30  # of what had no time
_FIGURES = ("consumed", "budget_state", "one_list", "regression", "over_provided", "product_level", "changes")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # a zip file must not differ by when it was made


def to_html(query: review.Query, language: str, minutes: float | None = None) -> str:
    """The whole review as one file: no link to the network, no script, page breaks for A4."""
    words, month, as_of, made = _opened(query, language, minutes)
    say = words.say
    parts = [
        f"<header><h1>{_text(say('title', month=month))}</h1><p>{_text(say('as_of', as_of=as_of))}</p></header>",
        _headline(words, query, as_of),
        _section(words, "agenda", "".join(_agenda(words, made))),
        _changes(words, query),
        _one_list(words, query),
        _products(words, query, as_of),
        _budgets(words, query, as_of),
        _section(words, "formulas", "".join(_formulas(words))),
    ]
    style = _STYLE.read_text(encoding="utf-8") + _PAPER.read_text(encoding="utf-8")
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(say('title', month=month))}</title><style>{style}</style></head>\n"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def to_markdown(query: review.Query, language: str, minutes: float | None = None) -> str:
    """A short summary for chat: the headline, and of each section what stands first."""
    words, month, as_of, made = _opened(query, language, minutes)
    lines = [f"**{words.say('title', month=month)}** ({words.say('as_of', as_of=as_of)})", ""]
    lines += [f"- {name}: {value}" for name, value in _numbers(words, query, as_of)]
    for section in agenda.SECTIONS:
        items = made.of(section)
        if items:
            lines += ["", f"**{words.say(f'.agenda.section.{section}')}**"]
            lines += [_bullet(words, item) for item in items[:3]]
            if len(items) > 3:
                lines.append(f"- {words.say('more', n=len(items) - 3)}")
    if made.cut:
        lines += ["", words.say("cut", n=len(made.cut))]
    return "\n".join(lines) + "\n"


def to_zip(query: review.Query, month: str) -> bytes:
    """The CSV bundle of a month."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, frame in export.bundle(query, month).items():
            made.writestr(zipfile.ZipInfo(name, _LONG_AGO), export.to_csv(frame), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def files(
    query: review.Query, language: str, month: str, minutes: float | None = None
) -> dict[str, Callable[[], bytes]]:
    """Name of each file that is taken away, and what makes it."""
    return {
        f"review-{month}.{language}.html": lambda: to_html(query, language, minutes).encode(),
        f"review-{month}.{language}.md": lambda: to_markdown(query, language, minutes).encode(),
        f"review-{month}-csv.zip": lambda: to_zip(query, month),
    }


# ------------------------------------------------------------------------------------------------------------ parts


def _opened(query: review.Query, language: str, minutes: float | None):
    words = Words("report", language, review.names_of(query, language))
    as_of = query("meta").iloc[0]["as_of"]
    length = minutes or float(query("policy").set_index("name").loc["minutes", "value"])
    made = agenda.fit(agenda.read(query, language), length)
    return words, text.month(language, f"{as_of:%Y-%m}"), as_of.date(), made


def _numbers(words: Words, query: review.Query, as_of) -> list[tuple[str, str]]:
    """The five numbers at the top."""
    numbers = review.headline(query, f"{as_of:%Y-%m}").numbers()
    return [(words.say(f".figure_name.{key}"), value) for key, value in numbers.items()]


def _headline(words: Words, query: review.Query, as_of) -> str:
    shown = "".join(
        f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>" for name, value in _numbers(words, query, as_of)
    )
    return f"<dl class='numbers'>{shown}</dl>"


def _agenda(words: Words, made: agenda.Agenda) -> Iterable[str]:
    columns = [words.say(f".month.agenda.{c}") for c in ("what", "product", "why", "figures", "owner", "decided")]
    if not made.items:
        yield f"<p>{_text(words.say('.empty.agenda'))}</p>"
    for section in agenda.SECTIONS:
        items = made.of(section)
        if items:
            title = words.say(f".agenda.section.{section}")
            yield f"<h3>{_text(title)}</h3><p>{_text(words.say(f'.agenda.read.{section}'))}</p>"
            yield cells.table(columns, [review.agenda_row(item, review.label_only) for item in items], title)
    if made.cut:
        yield f"<h3>{_text(words.say('cut', n=len(made.cut)))}</h3><ul>"
        yield "".join(
            f"<li>{_text(words.say(f'.agenda.section.{i.section}'))}: {_text(i.title)}</li>" for i in made.cut[:_CUT]
        )
        if len(made.cut) > _CUT:
            yield f"<li>{_text(words.say('more', n=len(made.cut) - _CUT))}</li>"
        yield "</ul>"


def _changes(words: Words, query: review.Query) -> str:
    last, frame = query("last_review"), query("changes", product=None)
    if last.empty:
        return _section(words, "no_changes", "")
    names = [words.say(".month.changes.topic"), *(words.say(f".change.kind.{kind}") for kind in review.KINDS)]
    body = cells.table(names, review.count_rows(words, frame), words.say("changes.title"), tuple(range(1, 7)))
    restated = frame[frame["kind"] == "restated"]
    if len(restated):
        columns = [words.say(f".changes.{c}") for c in ("topic", "what", "product", "kind", "before", "now", "reason")]
        title = words.say(".changes.restated.caption")
        rows = review.change_rows(words, restated, review.label_only)
        body += f"<h3>{_text(title)}</h3>" + cells.table(columns, rows, title, (4, 5))
    return _section(words, "changes", body)


def _one_list(words: Words, query: review.Query) -> str:
    frame = query("one_list", product=None)
    if frame.empty:
        return _section(words, "one_list", f"<p>{_text(words.say('.empty.decisions'))}</p>")
    rows = review.list_rows(words, frame.head(_TOP), review.label_only)
    table = cells.table(
        [words.say(f".one_list.{c}") for c in review.LIST_COLUMNS],
        rows,
        words.say("one_list.title"),
        review.LIST_NUMERIC,
    )
    steps = query("first_steps", product=None)
    bought = [review.steps_sentence(words, steps, order) for order in ("minutes", "saved_per_day")]
    sentences = "".join(f"<p>{_text(one)}</p>" for one in bought if one)
    names = [
        words.say(f".one_list.totals.{c}") for c in ("product", "overspent", "risks", "practices", "budget", "share")
    ]
    totals = review.total_rows(words, query("list_totals"), review.label_only)
    title = words.say(".one_list.totals.title")
    more = f"<h3>{_text(title)}</h3>" + cells.table(names, totals, title, (1, 2, 3, 4, 5))
    return _section(words, "one_list", sentences + table + more)


def _products(words: Words, query: review.Query, as_of) -> str:
    _, rows = review.product_rows(words, query, f"{as_of:%Y-%m}", review.label_only)
    names = ("product", "level", "percent", "coverage", "confirmed", "na", "regressions", "budget", "risk")
    columns = [words.say(f".month.products.{c}") for c in names]
    return _section(words, "products", cells.table(columns, rows, words.say("products.title"), (2, 3, 4, 5, 6, 8)))


def _budgets(words: Words, query: review.Query, as_of) -> str:
    frame = query("budgets", month=f"{as_of:%Y-%m}", product=None)
    rows = [
        (
            words.word(r, "name"),
            words.product_name(r["product"]),
            words.state(r["state"]),
            text.target(r["target"]),
            words.window(r),
            *words.consumed_and_left(r),
            text.percent(r["coverage"]),
            words.counts(r),
        )
        for r in frame.to_dict("records")
    ]
    if not rows:
        return _section(words, "budgets", f"<p>{_text(words.say('.empty.slos'))}</p>")
    names = ("slo", "product", "state", "target", "window", "consumed", "left", "coverage", "method")
    columns = [words.say(f"budgets.{c}") for c in names]
    return _section(words, "budgets", cells.table(columns, rows, words.say("budgets.title"), (3, 5, 6, 7)))


def _formulas(words: Words) -> Iterable[str]:
    for key in _FIGURES:
        yield f"<h3>{_text(words.say(f'.figure_name.{key}'))}</h3><p>{_text(words.say(f'.figure.{key}'))}</p>"


def _section(words: Words, key: str, body: str) -> str:
    title, read = (_text(words.say(f"{key}.{part}")) for part in ("title", "read"))
    return f"<section class='{key}'><h2>{title}</h2><p>{read}</p>{body}</section>\n"


def _bullet(words: Words, item: agenda.Item) -> str:
    figures = words.listed(f"{name} {value}" for name, value in item.figures[:2])
    about = [words.listed(item.products), words.listed(item.why), figures, item.owner]
    return f"- **{_plain(item.title)}** ({_plain(' / '.join(one for one in about if one))})"


def _plain(value: str) -> str:
    """Words that no chat reads as markup."""
    return re.sub(r"([\\`*_~<>\[\]|])", r"\\\1", value)


def _text(value: str) -> str:
    return html.escape(value)
