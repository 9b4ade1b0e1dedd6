"""A company of many products and a guide map of sixty practices, the same at every call."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

from given import ROOT, write

LARGE_AS_OF = dt.date(2026, 6, 30)
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
_EXTRA = """
  - id: {id}
    category: resilience
    level: {level}
    must: false
    review_days: 180
    tiers: [1, 2]
    name: {{en: "{en}", ja: "{ja}"}}
    why: {{en: "So that the main path stays.", ja: "主要経路を守るため。"}}
    checklist:
      - {{id: a, en: "It is done", ja: "実施している"}}
"""
# What a company says about its practices, in this proportion.
_SAID = ["adopted"] * 11 + ["some"] * 3 + ["not_adopted"] * 3 + ["nothing"] * 3


def company(folder: Path, products: int = 200) -> list[str]:
    """Write a data folder of that many products and 60 practices; returns the ids of the practices."""
    chance = random.Random(7)
    extra = [
        ("res-90", 3, "Regional fail-over rehearsed", "リージョン切り替えの練習"),
        ("res-91", 4, "Load shedding by importance", "重要度に応じた負荷制限"),
    ]
    map_ = (ROOT / "data" / "guide_map.yaml").read_text(encoding="utf-8")
    written = "".join(_EXTRA.format(id=key, level=level, en=en, ja=ja) for key, level, en, ja in extra)
    write(folder / "guide_map.yaml", map_ + written)
    practices = [line.split()[2] for line in map_.splitlines() if line.startswith("  - id: ") and "-" in line[8:]]
    practices += [key for key, *_ in extra]
    names = list(_ITEMS.items())
    lines, log = ["products:"], ["product,practice,assessed_on,assessor,items_done,state"]
    for i in range(products):
        (english, japanese), number = names[i % len(names)], i // len(names) + 1
        tier, tags = 1 + i % 4, sorted(chance.sample(_TAGS, i % 3))
        lines.append(
            f'  - {{id: p-{i:03}, name: {{en: "{english} {number}", ja: "{japanese} {number}"}}, '
            f"team: {_TEAMS[i % len(_TEAMS)]}, tier: {tier}, target_level: {4 - tier or 1}, tags: [{', '.join(tags)}]}}"
        )
        for practice in practices:
            said = chance.choice(_SAID)
            on = "2026-05-11" if chance.random() < 0.8 else "2025-08-20"
            if said != "nothing":
                items = "a" if said == "some" else ""
                log.append(f"p-{i:03},{practice},{on},kim,{items},{'' if items else said}")
    write(folder / "products.yaml", "\n".join(lines) + "\n")
    write(folder / "assessments" / "all.csv", "\n".join(log) + "\n")
    excused = [f"p-{i:03}" for i in range(0, products, 9)]
    exempt = [
        f"  - {{product: {key}, practice: rec-04, reason_code: not_applicable, reason: No data of its own., "
        "approver: wada, granted_on: 2026-01-10, expires_on: 2026-12-31}"
        for key in excused
    ]
    write(folder / "exemptions.yaml", "\n".join(["exemptions:", *exempt]) + "\n")
    return practices
