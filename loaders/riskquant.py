"""The input of riskquant as risks: how often a year, and what one event costs from its 5 % to its 95 % point.

Loss is taken as lognormal, so that its mean lies above its median (reference: risk.md 2.3). One worked number:
losses of 100,000 to 1,000,000 have the mean 404,001.28, at 0.1 events a year 40,400.128 a year.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

from loaders import csv_files, csv_rows, risk_cells
from loaders.mapping import sources_of
from loaders.reading import Reading
from loaders.risk_register import Register, Rows
from maturity.records.problems import Problem, show
from maturity.sources import RiskquantSource

_COLUMNS = ("Identifier", "Name", "events a year", "low loss", "high loss")
_WIDEST = 1_000_000
_POINT_95 = NormalDist().inv_cdf(0.95)


def load(reading: Reading) -> None:
    """Read the files of every riskquant source."""
    for source in sources_of(reading, "riskquant"):
        register = Register.of(reading, source)
        if register is None or not register.has_day("a file of riskquant"):
            continue
        if _minutes_per_unit(source.record) is None:
            expected = "minutes_per_unit: or loss_in: minutes, to make bad minutes of the loss"
            found = "neither (loaded unscored)"
            register.tell(source.trouble(("minutes_per_unit",), found, expected, "warning"))
        for path, file in csv_files.files(reading, source):
            rows = _data(register, file, register.rows(path, file) or [])
            taken = sum(_add(register, file, line, cells) for line, cells in rows)
            reading.note(path, file, "risks", len(rows), taken)
        register.close()


def lognormal_mean(low: float, high: float) -> float:
    """Mean of the lognormal whose 5 % and 95 % points are `low` and `high`.

    >>> round(lognormal_mean(15, 240), 2)
    85.58
    """
    sigma = math.log(high / low) / (2 * _POINT_95)
    return math.sqrt(low * high) * math.exp(sigma**2 / 2)


def _minutes_per_unit(source: RiskquantSource) -> float | None:
    return 1 if source.loss_in == "minutes" else source.minutes_per_unit


def _data(register: Register, file: str, rows: Rows) -> Rows:
    """The rows, without a row of names that somebody put above them; none, told once, where it is another format."""
    if not rows:
        return []
    line, first = rows[0]
    if len(first) != len(_COLUMNS):
        found, expected = f"{len(first)} cells in the first row", f"{len(_COLUMNS)} cells: {', '.join(_COLUMNS)}"
        register.tell(Problem(file, line, "file", found, expected))
        return []
    words = [risk_cells.plain_number(cell) is None for cell in first[2:]]
    return rows[1:] if all(words) and first[0].strip().casefold() in ("identifier", "id") else rows


def _add(register: Register, file: str, line: int, cells: list[str]) -> bool:
    problems = csv_rows.length(file, line, list(_COLUMNS), cells)
    register.tell(*problems)
    if problems:
        return False
    texts = dict(zip(_COLUMNS, (csv_rows.plain(cell) or "" for cell in cells), strict=True))
    key, name = texts["Identifier"], " ".join(texts["Name"].split())
    if not key or not name:
        register.tell(Problem(file, line, "Name" if key else "Identifier", "nothing", "a text"))
        return False
    values, troubles = {}, []
    for what in _COLUMNS[2:]:
        values[what], trouble = risk_cells.number(texts[what], above=True)
        troubles += [Problem(file, line, what, *trouble)] if trouble else []
    if not troubles and not 1 <= values["high loss"] / values["low loss"] <= _WIDEST:
        found = f"{show(texts['low loss'])} and {show(texts['high loss'])}"
        wide = values["high loss"] > values["low loss"]
        expected = f"a high loss at most {_WIDEST:,} times the low one" if wide else "the lower number first"
        troubles.append(Problem(file, line, "low loss", found, expected))
    register.tell(*troubles)
    source = register.source.record
    product = [source.product] if source.product else register.product(key, file, line)
    if troubles or not product:
        return False
    risk: dict[str, Any] = {"products": product, "title": name, "summary": name, "status": "new"}
    if numbers := _cre(register, *values.values()):
        risk["cre"] = numbers
    return register.add(risk, key, file, line)


def _cre(register: Register, events_per_year: float, low: float, high: float) -> dict[str, Any] | None:
    per_unit, policy = _minutes_per_unit(register.source.record), register.reading.bundle.risk_policy
    if per_unit is None or policy is None:
        return None
    ends = [low * per_unit, high * per_unit]
    return {
        "ettd_min": 0,
        "ettr_min": lognormal_mean(*ends),
        "ettr_min_p5_p95": ends,
        "users_affected": 1,
        "ettf_days": policy.record.days_per_year / events_per_year,
        "basis": register.source.record.basis,
    }
