"""A large company as a data folder, the same at every call: products and their practices over two years, SLOs, risks.

`python -m bench.company DIR` writes the one that is measured: 200 products, 60 practices, 24 months, 500 SLOs of
hourly buckets, 5,000 risks.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bench import given

AS_OF = dt.date(2026, 6, 30)
_FIRST = dt.date(2024, 7, 1)
_TEAMS = [f"team-{name}" for name in ("amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "harbor")]
_TAGS = ["batch", "chat", "mobile", "payments", "search", "voice"]
_ITEMS = {
    "Askable": "問い合わせ",
    "Billing": "請求",
    "Captions": "字幕",
    "Forecast": "需要予測",
    "Invoices": "帳票",
    "Minutes": "議事録",
    "Search": "検索",
    "Voices": "音声応対",
}
_CHANGES = """schema: sre-guide-map-changes/1
add:
  practices:
"""
_EXTRA = """    - id: {id}
      category: resilience
      level: {level}
      must: false
      review_days: 180
      added_on: {since}
      tiers: [1, 2]
      name: {{en: "{en}", ja: "{ja}"}}
      why: {{en: "So that the main path stays.", ja: "主要経路を守るため。"}}
      checklist:
        - {{id: a, en: "It is done", ja: "実施している"}}
"""
_ADDED = [
    ("res-90", 3, "Regional fail-over rehearsed", "リージョン切り替えの練習"),
    ("res-91", 4, "Load shedding by importance", "重要度に応じた負荷制限"),
]
# What a company says about its practices, in this proportion.
_SAID = ["adopted"] * 11 + ["some"] * 3 + ["not_adopted"] * 3 + ["nothing"] * 3
_RISKS = [
    ("A dependency slows down in the peak", "ピーク時に依存先が遅くなる", "dependency"),
    ("One zone carries all traffic", "通信が1つのゾーンに集中している", "capacity"),
    ("A full disk is noticed by users first", "ディスクの枯渇に利用者が先に気づく", "monitoring"),
    ("A release cannot be taken back", "リリースを元に戻せない", "release"),
    ("Restoring takes longer than a day", "復元に1日以上かかる", "data"),
]
_STATUS = ["new", "investigating", "planned", "mitigating", "mitigating", "monitoring"]


def company(folder: Path, products: int = 200, slos: int = 0, risks: int = 0) -> list[str]:
    """Write a data folder of that many products, 60 practices and two years; returns the ids of the practices."""
    folder.mkdir(parents=True, exist_ok=True)
    practices = _guide_map(folder)
    chance = random.Random(7)
    names = list(_ITEMS.items())
    lines, log = ["products:"], []
    for i in range(products):
        (english, japanese), number = names[i % len(names)], i // len(names) + 1
        tier, tags = 1 + i % 4, sorted(chance.sample(_TAGS, i % 3))
        main = f", main_slo: {given.name(i)}" if i < slos else ""
        lines.append(
            f'  - {{id: {given.product(i)}, name: {{en: "{english} {number}", ja: "{japanese} {number}"}}, '
            f"team: {_TEAMS[i % len(_TEAMS)]}, tier: {tier}, target_level: {4 - tier or 1}, "
            f"tags: [{', '.join(tags)}]{main}}}"
        )
        for practice in practices:
            said = chance.choice(_SAID)
            on = "2026-05-11" if chance.random() < 0.8 else "2025-08-20"
            if said != "nothing":
                items = "a" if said == "some" else ""
                log.append((given.product(i), practice, on, "kim", items, "" if items else said))
    (folder / "products.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    header = ("product", "practice", "assessed_on", "assessor", "items_done", "state")
    _csv(folder / "assessments" / "all.csv", header, [*_before(log), *log])
    exempt = [
        f"  - {{product: {given.product(i)}, practice: rec-04, reason_code: not_applicable, "
        "reason: No data of its own., approver: wada, granted_on: 2026-01-10, expires_on: 2026-12-31}"
        for i in range(0, products, 9)
    ]
    (folder / "exemptions.yaml").write_text("\n".join(["exemptions:", *exempt]) + "\n", encoding="utf-8")
    if slos:
        given.definitions(folder, slos, products, minutes=60)
        given.buckets(folder, slos, 0, (AS_OF - _FIRST).days + 1, since=_FIRST, minutes=60)
    if risks:
        _csv(folder / "risks" / "all.csv", *_register(risks, products))
    return practices


def _guide_map(folder: Path) -> list[str]:
    """Two practices on top of the default; returns the ids of all."""
    added = "".join(_EXTRA.format(id=key, level=level, since=_FIRST, en=en, ja=ja) for key, level, en, ja in _ADDED)
    (folder / "guide_map_changes.yaml").write_text(_CHANGES + added, encoding="utf-8")
    default = Path(__file__).parent.parent / "data" / "guide_map.yaml"
    lines = default.read_text(encoding="utf-8").splitlines()
    ids = [line.split()[2] for line in lines if line.startswith("  - id: ") and "-" in line[8:]]
    return [*ids, *(key for key, *_ in _ADDED)]


def _before(log: Iterable[tuple]) -> list[tuple]:
    """What was said in the first year: less was adopted, and a little of it was lost again."""
    chance = random.Random(8)
    days = [_FIRST + dt.timedelta(days=chance.randrange(9, 360)) for _ in range(97)]
    earlier = []
    for i, (product, practice, *_, state) in enumerate(log):
        had = chance.random() < (0.5 if state == "adopted" else 0.1)
        earlier.append((product, practice, days[i % len(days)], "kim", "", "adopted" if had else "not_adopted"))
    return earlier


def _register(risks: int, products: int) -> tuple[Sequence[str], list[tuple]]:
    """Header and rows of a register as the export writes it; one risk in ten lacks the numbers, half have a plan."""
    chance = random.Random(9)
    header = (
        "id", "products", "title_en", "title_ja", "category", "status", "detected_at", "detected_by", "detected_via",
        "summary_en", "summary_ja", "owner", "next_action_text_en", "next_action_text_ja", "next_action_owner",
        "next_action_due", "next_action_state", "cre_ettd_min", "cre_ettr_min", "cre_users_affected", "cre_ettf_days",
        "cre_basis", "cre_residual_ettd_min", "cre_residual_ettr_min", "cre_residual_users_affected",
        "cre_residual_ettf_days", "cre_residual_basis", "review_last_reviewed", "irreversible", "effort_days",
    )  # fmt: skip
    rows = []
    for i in range(risks):
        english, japanese, category = _RISKS[i % len(_RISKS)]
        numbers = (
            chance.choice([2, 5, 15, 60]), chance.choice([10, 30, 90, 240]), chance.choice([0.02, 0.1, 0.3, 1]),
            chance.choice([30, 90, 365, 1500]), "estimated",
        ) if i % 10 else ("",) * 5  # fmt: skip
        planned = (2, 10, 0.02, *numbers[3:]) if i % 10 and i % 2 else ("",) * 5
        rows.append((
            f"SRR-{i:05}", given.product(i % products), f"{english} ({i})", f"{japanese}（{i}）", category,
            chance.choice(_STATUS), dt.date(2025, 1, 1) + dt.timedelta(days=i % 500), "kim", "performance_review",
            f"{english}.", f"{japanese}。", "wada", "Look at it", "調べる", "wada",
            AS_OF + dt.timedelta(days=chance.randrange(-20, 90)), "open", *numbers, *planned,
            AS_OF - dt.timedelta(days=chance.randrange(0, 70)), "true" if i % 97 == 0 else "false",
            chance.choice([1, 3, 8, 20]),
        ))  # fmt: skip
    return header, rows


def _csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


if __name__ == "__main__":
    company(Path(sys.argv[1]), slos=500, risks=5000)
