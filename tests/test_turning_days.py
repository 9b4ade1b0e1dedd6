"""A state is derived once for all days from one turning day to the next: it is the same as on each day alone."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable

import pytest
from given import adoption, day, exempted, product, said, scoring, seen
from test_falls import changed_map, with_item

FIRST, DAYS = day("2024-12-01"), 900
SIGNAL = "ci.main_branch_checks"
# An item comes and its first goes, one practice follows another, one is asked from a day on, one has a signal.
PRACTICES = ("slo-03", "own-01", "own-03", "rel-01")


def changed() -> list:
    items = {p.record.id: p for p in with_item("slo-03", "2025-06-01", retired="a")}
    moved = changed_map(
        own_01={"retired_on": day("2025-09-01"), "superseded_by": "own-03"}, own_03={"added_on": day("2025-09-01")}
    )
    return [items[p.record.id] if p.record.id == "slo-03" else p for p in moved]


def random_log(chance: random.Random) -> Iterable:
    """Answers, exemptions and observations of three products, of which each may inherit from the one before."""

    def on(within: int = 700) -> str:
        return str(FIRST + dt.timedelta(days=chance.randrange(within)))

    names = ["alpha", "beta", "gamma"]
    for i, name in enumerate(names):
        for practice in PRACTICES:
            for _ in range(chance.randrange(4)):
                state = chance.choice(["adopted", "adopted", "not_adopted", "inherited" if i else "adopted"])
                provider = {"provider": names[i - 1]} if state == "inherited" else {}
                part = {"items_done": ["a", "b"]} if state == "not_adopted" and chance.random() < 0.5 else {}
                yield said(practice, on(), state if not part else None, product=name, **provider, **part)
            if chance.random() < 0.4:
                granted = on(400)
                until = str(day(granted) + dt.timedelta(days=chance.randrange(30, 300)))
                yield exempted(practice, granted, until, product=name, approver=chance.choice(["wada", None]))
        for _ in range(chance.randrange(5)):
            yield seen(SIGNAL, on(), chance.choice(["confirms", "contradicts"]), product=name)


@pytest.mark.parametrize("seed", range(12))
def test_every_day_has_the_state_that_is_derived_for_it_alone(seed: int):
    chance = random.Random(seed)
    products = [
        product(name, providers=list(of)) for name, of in (("alpha", ()), ("beta", ["alpha"]), ("gamma", ["beta"]))
    ]
    # 1.15 x 180 is not quite 207 as a float.
    rules = scoring(lapse_after_reviews=chance.choice([2, 1.5, 1.15]))
    given = {"products": products, "practices": changed(), "scoring": rules}
    log = list(random_log(chance))
    made = adoption(*log, **given)
    days = [FIRST + dt.timedelta(days=n) for n in range(DAYS)]
    chance.shuffle(days)
    for on in days:
        alone = adoption(*log, **given) if on.day == 1 else made
        for key in made.products:
            for practice in PRACTICES:
                assert made.state(key, practice, on) == alone._derive(key, practice, on), (key, practice, on)
