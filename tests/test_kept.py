"""What is made once for many readers."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from maturity.kept import Kept


def test_many_who_ask_at_once_get_the_same_thing_made_once():
    kept, made = Kept(2), []

    def make() -> object:
        time.sleep(0.02)
        made.append(object())
        return made[-1]

    with ThreadPoolExecutor(8) as crowd:
        got = list(crowd.map(lambda _: kept.get("a", make), range(8)))
    assert len(made) == 1
    assert set(map(id, got)) == {id(made[0])}


def test_nothing_is_kept_of_what_failed():
    kept = Kept(2)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 / 0)
    assert kept.get("a", lambda: None) is None
    assert kept.get("a", lambda: 1 / 0) is None, "made already, though it is nothing"


def test_what_was_not_used_for_longest_goes_first():
    kept = Kept(2)
    for key in ("a", "b", "a", "c"):
        kept.get(key, lambda key=key: key)
    made = []
    for key in ("a", "c", "b"):
        kept.get(key, lambda key=key: made.append(key))
    assert made == ["b"]


def test_one_thing_may_be_made_of_another():
    kept = Kept(2)
    assert kept.get("a", lambda: kept.get("b", lambda: 1) + 1) == 2
