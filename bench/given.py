"""Made-up SLOs and their buckets for the measurements, a Parquet file a day, always the same."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

FIRST = dt.date(2026, 6, 1)
_PRODUCTS = 50
_SLO = """apiVersion: openslo/v1
kind: SLO
metadata:
  name: {name}
  annotations: {{guidemap/product: {product}, guidemap/bucket: {minutes}m}}
spec:
  timeWindow: [{{duration: 28d, isRolling: true}}]
  budgetingMethod: Occurrences
  objectives: [{{target: {target}}}]
"""
_TARGETS = ["0.99", "0.995", "0.999", "0.9995"]


def name(i: int) -> str:
    return f"slo-{i:04}"


def target(i: int) -> str:
    return _TARGETS[i % len(_TARGETS)]


def last_day(days: int) -> dt.date:
    return FIRST + dt.timedelta(days=days - 1)


def product(i: int) -> str:
    return f"p-{i:03}"


def company(folder: Path, slos: int) -> None:
    """Products and SLO definitions."""
    folder.mkdir(parents=True, exist_ok=True)
    line = "  - {{id: {key}, name: P{i:02}, team: t, tier: {tier}, target_level: 1}}"
    lines = [line.format(key=product(i), i=i, tier=1 + i % 4) for i in range(_PRODUCTS)]
    (folder / "products.yaml").write_text("products:\n" + "\n".join(lines) + "\n")
    definitions(folder, slos, _PRODUCTS)


def definitions(folder: Path, slos: int, products: int, minutes: int = 5) -> None:
    """SLOs of buckets of so many minutes, the products in turn."""
    made = [
        _SLO.format(name=name(i), product=product(i % products), target=target(i), minutes=minutes) for i in range(slos)
    ]
    (folder / "slos").mkdir(exist_ok=True)
    (folder / "slos" / "all.yaml").write_text("---\n".join(made))


def buckets(folder: Path, slos: int, first: int, days: int, since: dt.date = FIRST, minutes: int = 5) -> None:
    """Files of `days` days from day number `first` after `since` on. Traffic has its hours, an outage hits one SLO in
    fifty a day, and one SLO in a hundred misses an hour a day."""
    (folder / "sli").mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        for number in range(first, first + days):
            day = since + dt.timedelta(days=number)
            con.execute(
                f"""
                copy (
                    with grid as (
                        select s, b, hash(s * 1000003 + b * 1009 + {number}) as h
                        from range({slos}) slo(s), range({1440 // minutes}) bucket(b)
                    ),
                    traffic as (
                        select
                            *,
                            (400 + 300 * sin(b * {minutes} * 6.283 / 1440) + h % 200)::bigint as total,
                            (s + {number}) % 50 = 0 and b * {minutes} < 520 and (b + 1) * {minutes} > 500 as outage
                        from grid
                        where not ((s + {number}) % 100 = 7 and b * {minutes} < 1060 and (b + 1) * {minutes} > 1000)
                    )
                    select
                        'slo-' || lpad(s::varchar, 4, '0') as slo,
                        timestamp '{day}' + to_minutes(b * {minutes}) as start,
                        (total - case when outage then total // 5 else (h % 1000 < 300)::int end)::double as good,
                        total::double as total
                    from traffic
                    order by s, b
                ) to '{folder}/sli/{day}.parquet' (format parquet)
                """
            )
