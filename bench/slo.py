"""How reading buckets and asking budgets compares, in one run: `python -m bench.slo [--slos 500] [--times 1,4]`.

Prints Markdown: seconds (median) on the wall and of the processors, each with its ratio to a raw scan of the same
columns, peak memory, and how they grow with the data. Every way must give the same budgets, or the run stops.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from bench import given, prometheus_way
from bench.ways import WAYS

_SAME = ("build", "nothing_new", "fleet", "careful_pandas", "everyday_pandas")


def once(way: str, folder: Path, days: int) -> dict:
    """One measurement in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.ways", way, str(folder), str(days)], capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{way}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def run(slos: int, days: int, repeats: int) -> dict[str, dict]:
    """Every way in turn, `repeats` times; the medians."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        given.company(folder, slos)
        given.buckets(folder, slos, 0, days)
        found: dict[str, list[dict]] = {way: [] for way in WAYS}
        for _ in range(repeats):
            for way in WAYS:
                found[way].append(once(way, folder, days))
    agree({way: found[way][0]["answer"] for way in _SAME})
    return {way: _median(many) for way, many in found.items()}


def agree(answers: dict[str, float]) -> None:
    """Stops the run unless all ways gave the same budgets, but for the last digits of a float."""
    if max(answers.values()) - min(answers.values()) > 1e-9 * abs(max(answers.values())):
        raise SystemExit(f"the ways do not agree: {answers}")


def _median(many: list[dict]) -> dict:
    return {key: statistics.median(one[key] for one in many) for key in many[0]}


def table(found: dict[str, dict]) -> list[str]:
    rows = [(way, one["seconds"], one["cpu"], one["megabytes"]) for way, one in found.items()]
    for way in ("build", "one_more_day", "nothing_new"):
        one = found[way]
        for part in ("reading", "budgets"):
            rows.append((f"{way}: {part}", one[f"{part}_seconds"], one[f"{part}_cpu"], one["megabytes"]))
    wall, cpu = found["scan"]["seconds"], found["scan"]["cpu"]
    lines = ["| way | seconds | to the scan | CPU seconds | to the scan | peak MB |", "|---|---|---|---|---|---|"]
    return [
        *lines,
        *(f"| {way} | {a:.3f} | {a / wall:.1f} | {b:.3f} | {b / cpu:.1f} | {mb:.0f} |" for way, a, b, mb in rows),
    ]


def main(arguments: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(prog="bench.slo")
    options.add_argument("--slos", type=int, default=500)
    options.add_argument("--days", type=int, default=90)
    options.add_argument("--times", default="1,4", help="multiples of the days")
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--prometheus", type=int, default=50, help="SLOs to ask a Prometheus for; 0: none")
    chosen = options.parse_args(arguments)
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, duckdb {version('duckdb')}, "
          f"pandas {version('pandas')}; {chosen.slos} SLOs, 5-minute buckets")  # fmt: skip
    grown = {}
    for times in map(int, chosen.times.split(",")):
        grown[times] = run(chosen.slos, chosen.days * times, chosen.repeats)
        rows = chosen.slos * chosen.days * times * 288
        print("", f"{chosen.days * times} days, {rows:,} buckets", "", *table(grown[times]), sep="\n")
    if len(grown) > 1:
        first, last = min(grown), max(grown)
        print(
            "", f"Growth from x{first} to x{last}", "", "| way | time | CPU | memory |", "|---|---|---|---|", sep="\n"
        )
        for way in WAYS:
            a, b = grown[first][way], grown[last][way]
            print(f"| {way} |", *(f"{b[key] / a[key]:.1f} |" for key in ("seconds", "cpu", "megabytes")))
    if chosen.prometheus:
        slos = chosen.prometheus
        with tempfile.TemporaryDirectory() as place:
            given.company(Path(place), slos)
            given.buckets(Path(place), slos, 0, chosen.days)
            said = prometheus_way.measure(Path(place), slos, chosen.days)
        theirs, ours = said["prometheus"], said["guidemap"]
        print("", f"{slos} SLOs, {said['budgets']:,} budgets of 28 days: Prometheus {theirs:.2f} s, "
              f"a snapshot {ours:.3f} s, {theirs / ours:.0f} times; "
              f"largest difference {said['largest_difference']:.2%}", sep="\n")  # fmt: skip


if __name__ == "__main__":
    main()
