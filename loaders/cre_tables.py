"""The tables of Google's CRE risk spreadsheet: header rows under any of their names, wherever they begin; YAML too."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from loaders.csv_rows import blanks, plain
from loaders.risk_register import Rows
from loaders.yaml_rows import Document
from maturity.records.problems import Problem, show

EVENT = ("ettd_min", "ettr_min", "users_affected", "ettf_days")
FACTOR = ("ettd_plus_min", "ettr_plus_min", "frequency_plus")

# Names of the columns in the spreadsheet, in its copies and in its YAML twin, without units and in lower case.
_NAMES = {
    "title": "description|risk|risk description|risk name|risk factor|name|title|リスク|内容|説明",
    "product": "product|service|system|プロダクト|サービス",
    "owner": "owner|オーナー|担当|担当者",
    "ettd_min": "ettd|ettd_min|estimated time to detect|estimated-time-to-detect|time to detect|ttd|検知時間",
    "ettr_min": "ettr|ettr_min|estimated time to repair|estimated time to resolve|estimated time to resolution|"
                "estimated-time-to-repair|time to repair|time to resolve|ttr|復旧時間|修復時間",
    "users_affected": "% users|% of users|users|impact|% impact|% users affected|% of users affected|users affected|"
                      "users_affected|percentage-impact|percent impact|percentage impact|影響|影響範囲|影響ユーザー",
    "ettf_days": "ettf|ettf_days|estimated time to fail|estimated time to failure|estimated-time-to-fail|"
                 "estimated time between failures|time between failures|tbf|etbf|mtbf|発生間隔",
    "incidents_per_year": "ip/y|incidents/year|incidents per year|ipy",
    "bad_min_per_year": "bm/y|bad minutes/year|bad mins/year|bad min/year|bad minutes per year|bmy",
    "ettd_plus_min": "ettd+|ettd +|increased-ettd-minutes|increased ettd",
    "ettr_plus_min": "ettr+|ettr +|increased-ettr-minutes|increased ettr",
    "frequency_plus": "ettf+|ettf +|% ettf+|ettf+ %|frequency+|increased-ettf-percentage|increased ettf",
}  # fmt: skip
NAMES = {name: what for what, names in _NAMES.items() for name in names.split("|")}

_UNIT = re.compile(r"(.*?)\s*(?:[(\[]\s*([^)\]]*?)\s*[)\]]|,\s*(\S+)|(?<=\w)\s+(\S+))")
_MINUTES = {
    **dict.fromkeys(["m", "min", "mins", "minute", "minutes", "分"], 1),
    **dict.fromkeys(["h", "hr", "hrs", "hour", "hours", "時間"], 60),
}
_DAYS = {
    **dict.fromkeys(["d", "day", "days", "日"], 1),
    **dict.fromkeys(["w", "week", "weeks", "週"], 7),
}
_SHARE = {"%": 1, "percent": 1, "per cent": 1, "% users": 1, "% of users": 1, "0-1": 1, "users": 1}
UNITS = {
    "ettd_min": _MINUTES, "ettr_min": _MINUTES, "ettd_plus_min": _MINUTES, "ettr_plus_min": _MINUTES,
    "ettf_days": _DAYS, "users_affected": _SHARE, "frequency_plus": _SHARE,
}  # fmt: skip


@dataclass
class Row:
    """One row: its texts by field, and the factor that brings a number to minutes or days."""

    line: int
    texts: dict[str, str]
    per_unit: dict[str, float] = field(default_factory=dict)


@dataclass
class CreTable:
    """One table of a file. `factors`: of risk factors instead of risks."""

    factors: bool
    line: int
    rows: list[Row] = field(default_factory=list)


def column(header: str) -> tuple[str, float | None] | None:
    """(field, factor to its unit) of a header; the factor is None for an unknown unit, None for any other header.

    >>> column("ETTR (hours)"), column("% Users"), column("Target 99.9%")
    (('ettr_min', 60), ('users_affected', 1), None)
    """
    name = " ".join(unicodedata.normalize("NFKC", header).casefold().split())
    if name in NAMES:
        return NAMES[name], 1
    found = _UNIT.fullmatch(name)
    what = NAMES.get(found[1]) if found else None
    if what not in UNITS:
        return None
    in_brackets, *bare = found.groups()[1:]
    unit = in_brackets if in_brackets is not None else next(filter(None, bare))
    factor = UNITS[what].get(unit)
    return (what, factor) if factor or in_brackets is not None else None


def unit_in_brackets(header: str, what: str) -> float:
    """The factor to the unit of a field, by what stands in brackets behind any header; 1 where no unit does.

    >>> unit_in_brackets("復旧（時間）", "ettr_min"), unit_in_brackets("Repair (rough)", "ettr_min")
    (60, 1)
    """
    name = " ".join(unicodedata.normalize("NFKC", header).casefold().split())
    found = re.search(r"[(\[]\s*([^)\]]*?)\s*[)\]]$", name)
    return UNITS.get(what, {}).get(found[1], 1) if found else 1


def of_csv(rows: Rows, file: str) -> tuple[list[CreTable], list[Problem]]:
    """The tables of a CSV file: each begins at a header row, and rows above the first one belong to none."""
    tables, problems, header = [], [], {}
    for line, cells in rows:
        found = _header(cells)
        if found:
            header, trouble = _places(found, cells, file, line)
            problems += trouble + blanks(file, line, (cells[at] for at in found))
            names = {what for what, _ in found.values()}
            factors = not names & set(EVENT)
            tables += [] if trouble else [CreTable(factors, line)]
            header = {} if trouble else header
        elif header:
            texts = {what: plain(cells[at]) or "" for what, (at, _) in header.items() if at < len(cells)}
            tables[-1].rows.append(Row(line, texts, {what: factor for what, (_, factor) in header.items()}))
    if not tables and not problems:
        first_line, first = rows[0]
        shown = ", ".join(cell.strip() for cell in first if cell.strip())
        found = f"no header row (the first row has {show(shown)})"
        expected = "Description, ETTD, ETTR, % Users, ETTF in one row, or Description, ETTD+, ETTR+, ETTF+"
        problems.append(Problem(file, first_line, "header", found, expected))
    return tables, problems


def _header(cells: list[str]) -> dict[int, tuple[str, float | None]]:
    """Place -> column of a row that has a description and two of the numbers; else nothing."""
    found = {at: what for at, cell in enumerate(cells) if (what := column(cell))}
    names = {what for what, _ in found.values()}
    enough = any(len(names & set(wanted)) >= 2 for wanted in (EVENT, FACTOR))
    return found if enough and "title" in names else {}


def _places(
    found: dict[int, tuple[str, float | None]], cells: list[str], file: str, line: int
) -> tuple[dict[str, tuple[int, float]], list[Problem]]:
    places, problems = {}, []
    for at, (what, factor) in found.items():
        if factor is None:
            continue
        if what in places and what in (*EVENT, *FACTOR):
            both = f"{show(cells[places[what][0]].strip())} and {show(cells[at].strip())}"
            problems.append(Problem(file, line, what, f"two columns, {both}", "one of them"))
        places.setdefault(what, (at, factor))
    for at, (what, _) in found.items():
        if what not in places:
            expected = f"a header with a unit such as {', '.join(list(UNITS[what])[:5])}"
            problems.append(Problem(file, line, what, f"{show(cells[at].strip())}, a unit nobody knows", expected))
    return places, problems


_OF_YAML = {"incidents": EVENT, "risks": FACTOR}
_HEAD = {"error-budget", "incidents", "risks"}


def of_yaml(document: Document) -> tuple[list[CreTable], list[Problem]]:
    """The two lists of the YAML twin; `incidents` are risks and `risks` are risk factors."""
    file, value = document.file, document.value
    if not isinstance(value, dict) or not _OF_YAML.keys() & value.keys():
        shown = ", ".join(list(value)[:6]) if isinstance(value, dict) else show(value)
        return [], [Problem(file, document.line, "file", shown or "nothing", "incidents: and risks: with lists")]
    tables, problems = [], []
    for name in value.keys() - _HEAD:
        problems.append(
            Problem(file, document.lines[(name,)], name, "a field nobody reads", ", ".join(sorted(_HEAD)), "warning")
        )
    for name, fields in _OF_YAML.items():
        items = value.get(name) or []
        line = document.lines.get((name,), document.line)
        if not isinstance(items, list):
            problems.append(Problem(file, line, name, show(items), "a list"))
            continue
        table = CreTable(fields == FACTOR, line)
        for i, item in enumerate(items):
            row, trouble = _yaml_row(document, (name, i), item, fields)
            problems += trouble
            table.rows += [row] if row else []
        tables.append(table)
    return tables, problems


def _yaml_row(document: Document, at: tuple, item: object, fields: tuple) -> tuple[Row | None, list[Problem]]:
    line, where = document.lines[at], ".".join(map(str, at))
    expected = f"fields: description, {', '.join(key for key in NAMES if '-' in key and NAMES[key] in fields)}"
    if not isinstance(item, dict):
        return None, [Problem(document.file, line, where, show(item), expected)]
    row, problems = Row(line, {}), []
    for key, text in item.items():
        what = NAMES.get(key.casefold())
        here = document.lines[(*at, key)]
        if what not in ("title", "product", "owner", *fields):
            problems.append(Problem(document.file, here, f"{where}.{key}", "an unknown field", expected))
        elif isinstance(text, list | dict):
            problems.append(Problem(document.file, here, f"{where}.{key}", "a list or fields", "one value"))
        else:
            row.texts[what] = text or ""
    return (None if problems else row), problems
