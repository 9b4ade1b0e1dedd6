"""Readers of a store that is being published to, as threads of a test and as a process of their own."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from pathlib import Path

from given import TINY_AS_OF

from maturity import store

STOP = "stop"  # a file of this name in the store ends the looking


def look(folder: Path) -> str | None:
    """What is wrong with the published snapshot: its name, its time and its tables must belong together."""
    snapshot = store.open_current(folder)
    (meta,) = snapshot.query("meta").to_dict("records")
    products = len(snapshot.query("export_product_level", month="2026-01"))
    states = len(snapshot.query("export_practice_state", month="2026-01"))
    snapshot.close()
    if snapshot.version.partition("_")[0] != f"snap-{meta['built_at']:%Y%m%dT%H%M%S%f}":
        return f"{snapshot.version} says it was built at {meta['built_at']}"
    minute = meta["built_at"].minute
    if meta["as_of"].date() != TINY_AS_OF + dt.timedelta(days=minute % 5):
        return f"{snapshot.version} is of {meta['as_of']}"
    return None if (products, states) == (2, 116) else f"{snapshot.version} holds {products} and {states} rows"


def look_until_told(folder: Path, looks: list, wrong: list) -> None:
    """Look again and again; every failure counts as wrong."""
    while not (folder / STOP).exists():
        try:
            trouble = look(folder)
        except Exception as error:
            trouble = repr(error)
        looks.append(1)
        if trouble:
            wrong.append(trouble)
        time.sleep(0.2)


if __name__ == "__main__":
    looks, wrong = [], []
    look_until_told(Path(sys.argv[1]), looks, wrong)
    print(json.dumps([len(looks), wrong[:5]]))
