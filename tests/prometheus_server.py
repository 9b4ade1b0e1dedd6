"""A real Prometheus on a loopback port, its data made by promtool, and a gate in front of it that takes notes."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

READY_S = 30
CONFIG = """
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: prometheus
    static_configs: [{targets: ["127.0.0.1:%d"]}]
"""


def need_prometheus() -> None:
    """Skip without the two programs; in CI, where a skip would go unseen, fail."""
    missing = [name for name in ("prometheus", "promtool") if not shutil.which(name)]
    if missing and os.environ.get("CI"):
        pytest.fail(f"not on PATH: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not on PATH: {', '.join(missing)} (Debian: apt-get install prometheus)")


# One long block instead of hundreds of two hours each: a second instead of half a minute.
_ONE_BLOCK = "--max-block-duration=1440h"


def backfill(folder: Path, openmetrics: str) -> None:
    """Write samples into a data folder. Seconds in `openmetrics`; the text ends with `# EOF`."""
    source = folder.with_suffix(".openmetrics")
    source.write_text(openmetrics)
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", _ONE_BLOCK]
    subprocess.run([*command, str(source), str(folder)], check=True, capture_output=True, timeout=60)


def record(folder: Path, url: str, rules: Path, start: int, end: int) -> None:
    """Evaluate recording rules every 5 minutes over what a server holds; its data folder gets what they record.

    A server sees new blocks when it starts.
    """
    command = ["promtool", "tsdb", "create-blocks-from", "rules", "--quiet", "--eval-interval=5m", _ONE_BLOCK]
    # By its name alone: when in an interval a rule is evaluated hangs on the path it was given.
    command += [f"--url={url}", f"--start={start}", f"--end={end}", f"--output-dir={folder}", rules.name]
    subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=rules.parent)


@contextmanager
def running(folder: Path, *, scrapes_itself: bool = False) -> Iterator[str]:
    """The URL of a server over a data folder, once it is ready; it is stopped at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    config = folder.with_suffix(".yml")
    config.write_text(CONFIG % port if scrapes_itself else "global: {}\n")
    log = folder.with_suffix(".log")
    with log.open("w") as out:
        server = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={config}",
                f"--storage.tsdb.path={folder}",
                "--storage.tsdb.retention.time=100y",
                f"--web.listen-address=127.0.0.1:{port}",
                "--log.level=warn",
            ],
            stdout=out,
            stderr=out,
        )
    try:
        _wait_until_ready(port, server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_ready(port: int, server: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"prometheus ended: {log.read_text()}")
        try:
            if _forward(port, "GET", "/-/ready", b"", {})[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"prometheus is not ready after {READY_S} s: {log.read_text()}")


def _forward(port: int, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Content-Type", ""), answer.read()
    finally:
        connection.close()


@dataclass
class Gate:
    """Forwards to a server, refuses whoever lacks `demands`, and remembers the parameters of every question."""

    url: str
    demands: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[ThreadingHTTPServer]:
    """A loopback HTTP server with that handler, in a thread."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a client that gave up is part of some tests
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def gate(url: str, demands: dict[str, str] | None = None, most_days: float = 1000) -> Iterator[Gate]:
    """A gate before the server at `url`; `demands` are headers that must have exactly these values.

    A question about more than `most_days` is answered as Mimir does beyond its limit.
    """
    port = urlsplit(url).port
    opened = Gate("", demands or {})

    class Keeper(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass(parse_qs(urlsplit(self.path).query), b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._pass(parse_qs(body.decode()), body)

        def _pass(self, params: dict[str, list[str]], body: bytes) -> None:
            if any(self.headers.get(name) != value for name, value in opened.demands.items()):
                return self._answer(401, "text/plain", b"who are you?")
            asked = {name: values[0] for name, values in params.items()}
            opened.asked.append(asked)
            if float(asked.get("end", 0)) - float(asked.get("start", 0)) > most_days * 86_400:
                return self._answer(422, "application/json", b'{"error": "the query time range exceeds the limit"}')
            headers = {"Content-Type": self.headers["Content-Type"]} if body else {}
            return self._answer(*_forward(port, self.command, self.path, body, headers))

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with serving(Keeper) as server:
        opened.url = f"http://127.0.0.1:{server.server_port}"
        yield opened
