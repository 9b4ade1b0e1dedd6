"""Streamlit's own server, made to wait for less: `python -m maturity.server run ...` (figures in bench/README.md).

Streamlit 1.67 makes its socket without naming TCP, and asyncio then leaves Nagle's algorithm on. An answer of several
small frames waits for the reader's delayed acknowledgement, 40 ms on Linux, at almost every click.

It also runs the pages of all readers side by side in one interpreter: with thirty readers each page takes as long as
all of them, and they come back together. One after the other, most have theirs as soon as if they were alone.
"""

from __future__ import annotations

import socket
import threading
from typing import Any

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.web.cli import main

_PATIENCE_S = 0.5  # a page that is made for the first time does not hold up the others for longer


def listen_at_once() -> None:
    """Every TCP socket that begins to listen hands out connections that send at once."""
    listen = socket.socket.listen

    def at_once(self: socket.socket, *backlog: int) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listen(self, *backlog)

    socket.socket.listen = at_once


def run_in_turn(patience_s: float = _PATIENCE_S) -> None:
    """Pages, and parts of them, run one after the other; who waited so long runs beside the one that is slow."""
    run, turn = ScriptRunner._run_script, threading.Lock()

    def in_turn(self: ScriptRunner, *request: Any) -> None:
        mine = turn.acquire(timeout=patience_s)
        try:
            run(self, *request)
        finally:
            if mine:
                turn.release()

    ScriptRunner._run_script = in_turn


if __name__ == "__main__":
    listen_at_once()
    run_in_turn()
    main(prog_name="streamlit")
