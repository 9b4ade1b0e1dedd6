"""The dashboard's server sends at once: an answer of many small parts does not wait for the network."""

from __future__ import annotations

import socket

import pytest

from maturity import server


def test_a_connection_to_a_listening_socket_sends_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(socket.socket, "listen", socket.socket.listen)  # put back afterwards
    server.listen_at_once()
    # As Streamlit makes it: without naming the protocol, so that asyncio does not know it for TCP.
    with socket.socket(socket.AF_INET) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
