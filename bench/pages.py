"""How fast pages are for a large company, in one run: `python -m bench.pages [--dash PYTHON] [--products 200] ...`.

Prints Markdown: first view and re-filter in a real Chromium, bytes and server memory, beside a bare Streamlit page and
plain Plotly Dash; then viewers over websockets, alone, thirty with a second to think, fifty at the same instant.
"""

from __future__ import annotations

import argparse
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench import company, scenes, viewers
from bench.scenes import Scene

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from served import launched, wait_for  # noqa: E402


@dataclass
class Seen:
    """One page in the browser: seconds, bytes over the wire, and the frames that Chromium sent."""

    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    first_bytes: list[int] = field(default_factory=list)
    again_bytes: list[int] = field(default_factory=list)
    script: list[bytes] = field(default_factory=list)


@dataclass
class Waited:
    """Clicks over websockets."""

    alone: list[viewers.Click]
    thinking: list[viewers.Click]
    together: list[viewers.Click]
    # Seconds of a reader in a browser by what is clicked, alone and at the same instant as the others.
    reader: dict[str, list[float]] = field(default_factory=dict)
    among: dict[str, list[float]] = field(default_factory=dict)


# ------------------------------------------------------------------------------------------------------------ servers


@contextmanager
def server(command: Sequence[str], health: str, **environment: str) -> Iterator[tuple[str, int]]:
    """A server on a free port, which takes the place of PORT in the command; yields its address and process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    process = subprocess.Popen(
        [part.replace("PORT", port) for part in command], cwd=ROOT, env=os.environ | environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        address = f"http://localhost:{port}"
        wait_for(address + health)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(10)


def ours(store: Path) -> list[str]:
    """The dashboard as `guidemap serve` starts it."""
    return [sys.executable, "-m", "loaders", "serve", "--store", str(store), "--port", "PORT", "--no-browser"]


def bare() -> list[str]:
    """A Streamlit page without anything, with the settings of the dashboard."""
    page = str(Path(__file__).parent / "bare_page.py")
    return [sys.executable, "-m", "maturity.server", "run", page, "--server.port", "PORT", "--server.headless", "true"]


def dash(python: str, products: int) -> list[str]:
    """The same pictures in Plotly Dash."""
    return [python, str(Path(__file__).parent / "dash_page.py"), "PORT", str(products), str(min(100, products))]


def memory(pid: int) -> float:
    """Megabytes that a process holds."""
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


# ------------------------------------------------------------------------------------------------------------ browser


class Wire:
    """Bytes that come over the network to a page, and the frames that it sends."""

    def __init__(self, page: Page):
        self.bytes, self.sent = 0, []
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.dataReceived", lambda event: self._add(event["encodedDataLength"]))
        session.on(
            "Network.webSocketFrameReceived", lambda event: self._add(len(event["response"]["payloadData"]) * 3 // 4)
        )
        page.on("websocket", lambda opened: opened.on("framesent", self._note))

    def _add(self, size: int) -> None:
        self.bytes += size

    def _note(self, frame: bytes | str) -> None:
        if isinstance(frame, bytes) and viewers.is_rerun(frame):
            self.sent.append(frame)

    def taken(self) -> int:
        """Bytes since the last time."""
        size, self.bytes = self.bytes, 0
        return size


def look(browser: Browser, places: Sequence[tuple[Scene, str]], repeats: int) -> dict[str, Seen]:
    """First views with a warm browser, then every option of the filter; all pages in turn, as often as `repeats`."""
    contexts = [browser.new_context(locale="en-US", viewport={"width": 1300, "height": 900}) for _ in places]
    found = {scene.name: Seen() for scene, _ in places}
    for i in range(repeats + 1):
        for context, (scene, address) in zip(contexts, places, strict=True):
            # The first round warms the browser and the server.
            _look_once(context, address, scene, found[scene.name] if i else Seen())
    for context in contexts:
        context.close()
    return found


def _look_once(context: BrowserContext, address: str, scene: Scene, seen: Seen) -> None:
    page = context.new_page()
    scenes.prepared(page)
    wire = Wire(page)
    seen.first.append(scenes.first_view(page, address, scene))
    seen.first_bytes.append(wire.taken())
    scenes.unfold(page, scene)
    for option in scenes.options(scene.filters):
        wire.taken()
        seen.again.append(scenes.click(page, scene, scene.filters, option))
        seen.again_bytes.append(wire.taken())
    seen.asked += [scenes.click(page, scene, scene.asks, option) for option in scenes.options(scene.asks)]
    seen.script = wire.sent
    page.close()


def read_among(
    browser: Browser, address: str, scene: Scene, script: Sequence[bytes], others: int
) -> dict[str, list[float]]:
    """Seconds of one reader from click to drawn, each click at the same instant as the others ask the server."""
    page = browser.new_page(locale="en-US", viewport={"width": 1300, "height": 900})
    scenes.prepared(page)
    scenes.first_view(page, address, scene)
    scenes.unfold(page, scene)
    waited = {}
    with viewers.crowd(address, script, others) as click:
        for name, of in (("filters", scene.filters), ("asks", scene.asks)):
            waited[name] = []
            for i, option in enumerate(scenes.options(of)):
                answers = []
                together = partial(lambda i, to: to.append(click(i)), i, answers)
                waited[name].append(scenes.click(page, scene, of, option, together))
                answers[0].result()
    page.close()
    return waited


# ------------------------------------------------------------------------------------------------------------ figures


def p95(values: Sequence[float]) -> float:
    """The value that 95 of a hundred do not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def browser_table(seen: dict[str, Seen]) -> list[str]:
    """Each page with its ratios to the bare page and to Dash."""
    lines = [
        "| page | first view s | p95 | to bare | to Dash | re-filter s | p95 | to bare | to Dash | first kB "
        "| re-filter kB | ask the server s |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, one in seen.items():
        cells = [name]
        for which in ("first", "again"):
            mine = getattr(one, which)
            cells += [f"{statistics.median(mine):.3f}", f"{p95(mine):.3f}"]
            for other in (scenes.BARE.name, scenes.DASH.name):
                base = statistics.median(getattr(seen[other], which)) if other in seen else None
                cells.append(f"{statistics.median(mine) / base:.2f}" if base else "–")
        sizes = [statistics.median(of) / 1000 for of in (one.first_bytes, one.again_bytes)]
        cells += [f"{sizes[0]:,.0f}", f"{sizes[1]:,.1f}", f"{statistics.median(one.asked):.3f}" if one.asked else "–"]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def viewers_table(waited: dict[str, Waited], together: int, thinking: int) -> list[str]:
    """Each page alone, with many who think, and with many at the same instant."""
    lines = [
        f"| page | alone ms | p95 | messages | kB | {thinking} viewers p50 ms | p95 | p95 to alone | drawn "
        f"| {together} at once p50 ms | longest | longest to alone | drawn | a reader among {together} | who filters |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, one in waited.items():
        single, many, crowd = ([c.seconds * 1000 for c in clicks] for clicks in (one.alone, one.thinking, one.together))
        messages, size = (statistics.median(getattr(c, what) for c in one.alone) for what in ("messages", "bytes"))
        lines.append(
            f"| {name} | {statistics.median(single):.0f} | {p95(single):.0f} | {messages:.0f} | {size / 1000:.1f} "
            f"| {statistics.median(many):.0f} | {p95(many):.0f} | {p95(many) / p95(single):.1f} "
            f"| {_drawn(one, p95(many) - p95(single))} "
            f"| {statistics.median(crowd):.0f} | {max(crowd):.0f} | {max(crowd) / statistics.median(single):.1f} "
            f"| {_drawn(one, max(crowd) - statistics.median(single))} "
            f"| {_longest(one, 'asks')} | {_longest(one, 'filters')} |"
        )
    return lines


def _drawn(one: Waited, later_ms: float) -> str:
    """How much longer than alone it takes until an answer is drawn that comes that much later."""
    alone = statistics.median(one.reader["asks"] or one.reader["filters"])
    return f"{(alone + later_ms / 1000) / alone:.1f}"


def _longest(one: Waited, of: str) -> str:
    """The longest wait of a reader among others, to the median alone."""
    return f"{max(one.among[of]) / statistics.median(one.reader[of]):.1f}" if one.reader[of] else "–"


# ---------------------------------------------------------------------------------------------------------- the whole


def given(folder: Path, chosen: argparse.Namespace) -> Path:
    """The company, built by the command line as a user does; the folder of its store."""
    company.company(folder / "data", chosen.products, chosen.slos, chosen.risks)
    command = [sys.executable, "-m", "loaders", "build", str(folder / "data"), "--store", str(folder / "store")]
    subprocess.run([*command, "--as-of", str(company.AS_OF)], cwd=ROOT, check=True, capture_output=True)
    return folder / "store"


def main(arguments: list[str] | None = None) -> None:
    options = argparse.ArgumentParser(prog="bench.pages")
    options.add_argument("--products", type=int, default=200)
    options.add_argument("--slos", type=int, default=500)
    options.add_argument("--risks", type=int, default=5000)
    options.add_argument("--repeats", type=int, default=5, help="first views of each page")
    options.add_argument("--clicks", type=int, default=10, help="clicks of each viewer")
    options.add_argument("--thinking", type=int, default=30, help="viewers with a second to think")
    options.add_argument("--together", type=int, default=50, help="viewers at the same instant")
    options.add_argument("--dash", help="a Python that has dash; without it Dash is left out")
    options.add_argument("--store", type=Path, help="a store of the company that is built already")
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        store = chosen.store or given(Path(place), chosen)
        measure(store, chosen)


def measure(store: Path, chosen: argparse.Namespace) -> None:
    """Everything in turn, on servers that run side by side; prints the tables."""
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, streamlit {version('streamlit')}; "
          f"{chosen.products} products, {chosen.slos} SLOs, {chosen.risks:,} risks", flush=True)  # fmt: skip
    waited = {}
    with ExitStack() as stack:
        health = "/_stcore/health"
        address, pid = stack.enter_context(server(ours(store), health))
        places = [(scene, address, pid) for scene in scenes.OURS]
        places.append((scenes.BARE, *stack.enter_context(server(bare(), health))))
        if chosen.dash:
            places.append((scenes.DASH, *stack.enter_context(server(dash(chosen.dash, chosen.products), "/"))))
        with sync_playwright() as playwright:
            browser = launched(playwright)
            seen = look(browser, [place[:2] for place in places], chosen.repeats)
            browser.close()
        print("", *browser_table(seen), sep="\n", flush=True)
        for scene, where, _ in places:
            if scene.streamlit:
                script = seen[scene.name].script
                waited[scene.name] = Waited(
                    viewers.thinking(where, script, 1, 2 * chosen.clicks),
                    viewers.thinking(where, script, chosen.thinking, chosen.clicks),
                    viewers.together(where, script, chosen.together, max(1, chosen.clicks // 2)),
                )
        with sync_playwright() as playwright:
            browser = launched(playwright)
            for scene, where, _ in places:
                if scene.streamlit:
                    one, script = waited[scene.name], seen[scene.name].script
                    one.reader = read_among(browser, where, scene, script, 0)
                    one.among = read_among(browser, where, scene, script, chosen.together - 1)
            browser.close()
        print("", *viewers_table(waited, chosen.together, chosen.thinking), "", sep="\n")
        held = {scene.name: memory(process) for scene, _, process in (places[0], *places[len(scenes.OURS) :])}
        print("Server memory at the end:", ", ".join(f"{name} {size:.0f} MB" for name, size in held.items()))


if __name__ == "__main__":
    main()
