"""The dashboard as a reader meets it: started by the command line, looked at by Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright

ROOT = Path(__file__).resolve().parent.parent
# Without these, a browser on a closed network spends its first seconds knocking at its maker's doors.
_QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class TheDashboardDidNotStart(Exception):
    """No answer within 30 seconds."""


def chromium() -> str | None:
    """The browser's program, or None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def launched(playwright: Playwright) -> Browser:
    """A browser that keeps quiet."""
    return playwright.chromium.launch(executable_path=chromium(), args=_QUIET)


@contextmanager
def serving(store: Path, *options: str) -> Iterator[str]:
    """The dashboard as `guidemap serve` starts it, on a free port; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "loaders", "serve", "--store", str(store), "--port", str(port), *options]
    address = f"http://localhost:{port}"
    with tempfile.TemporaryDirectory() as home:
        # A home where nothing was ever started, no terminal to ask, and a browser to open that does nothing.
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"HOME": home, "BROWSER": "true"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(f"{address}/_stcore/health")
            yield address
        finally:
            server.terminate()
            server.wait(10)


def wait_for(url: str) -> None:
    """Until a server answers; `TheDashboardDidNotStart` without an answer within 30 seconds."""
    for _ in range(120):
        try:
            urllib.request.urlopen(url, timeout=1).read()
            return
        except OSError:
            time.sleep(0.25)
    raise TheDashboardDidNotStart(url)


def settled(page: Page) -> None:
    """Wait until the script has run to its end."""
    page.wait_for_selector("h1")
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    # Elements of the run before are faded until they are replaced, and new ones fade in.
    page.wait_for_function("""() => !document.querySelector('[data-stale="true"]')
        && document.getAnimations().every(a => a.playState !== 'running')""")
