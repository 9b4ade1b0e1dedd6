"""Streamlit's own server, whose answers do not wait on the network: `python -m maturity.server run ...`.

Streamlit 1.67 makes its socket without naming TCP, and asyncio then leaves Nagle's algorithm on. An answer of several
small frames waits for the reader's delayed acknowledgement, 40 ms on Linux, at almost every click (bench/README.md).
"""

from __future__ import annotations

import socket

from streamlit.web.cli import main


def listen_at_once() -> None:
    """Every TCP socket that begins to listen hands out connections that send at once."""
    listen = socket.socket.listen

    def at_once(self: socket.socket, *backlog: int) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listen(self, *backlog)

    socket.socket.listen = at_once


if __name__ == "__main__":
    listen_at_once()
    main(prog_name="streamlit")
