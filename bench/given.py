"""A made-up company for the measurements: SLOs of 5-minute buckets, a Parquet file a day, always the same."""

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
  annotations: {{guidemap/product: p{product:02}, guidemap/bucket: 5m}}
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


def company(folder: Path, slos: int) -> None:
    """Products and SLO definitions."""
    folder.mkdir(parents=True, exist_ok=True)
    product = "  - {{id: p{i:02}, name: P{i:02}, team: t, tier: {tier}, target_level: 1}}"
    lines = [product.format(i=i, tier=1 + i % 4) for i in range(_PRODUCTS)]
    (folder / "products.yaml").write_text("products:\n" + "\n".join(lines) + "\n")
    made = [_SLO.format(name=name(i), product=i % _PRODUCTS, target=target(i)) for i in range(slos)]
    (folder / "slos").mkdir(exist_ok=True)
    (folder / "slos" / "all.yaml").write_text("---\n".join(made))


def buckets(folder: Path, slos: int, first: int, days: int) -> None:
    """Files of `days` days from day number `first` on. Traffic has its hours, an outage hits one SLO in fifty a day,
    and one SLO in a hundred misses an hour a day."""
    (folder / "sli").mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        for number in range(first, first + days):
            day = FIRST + dt.timedelta(days=number)
            con.execute(
                f"""
                copy (
                    with grid as (
                        select s, b, hash(s * 1000003 + b * 1009 + {number}) as h
                        from range({slos}) slo(s), range(288) bucket(b)
                    ),
                    traffic as (
                        select
                            *,
                            (400 + 300 * sin(b * 6.283 / 288) + h % 200)::bigint as total,
                            (s + {number}) % 50 = 0 and b between 100 and 103 as outage
                        from grid
                        where not ((s + {number}) % 100 = 7 and b between 200 and 211)
                    )
                    select
                        'slo-' || lpad(s::varchar, 4, '0') as slo,
                        timestamp '{day}' + to_minutes(b * 5) as start,
                        (total - case when outage then total // 5 else (h % 1000 < 300)::int end)::double as good,
                        total::double as total
                    from traffic
                    order by s, b
                ) to '{folder}/sli/{day}.parquet' (format parquet)
                """
            )
