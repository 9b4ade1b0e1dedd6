"""The dashboard's server: answers do not wait for the network, and pages run one after the other."""

from __future__ import annotations

import inspect
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest
from given import ROOT
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

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


def run_all(monkeypatch: pytest.MonkeyPatch, patience_s: float, scripts: Sequence[Callable[[], None]]) -> None:
    """Run scripts as Streamlit does, each in a thread of its own, in the order in which they were asked for."""
    monkeypatch.setattr(ScriptRunner, "_run_script", lambda self, script: script())
    server.run_in_turn(patience_s)

    def quietly(script: Callable[[], None]) -> None:
        with suppress(ZeroDivisionError):
            ScriptRunner._run_script(None, script)

    threads = [threading.Thread(target=quietly, args=(script,)) for script in scripts]
    for thread in threads:
        thread.start()
        time.sleep(0.01)
    for thread in threads:
        thread.join(30)


def failing() -> None:
    raise ZeroDivisionError


def test_pages_run_one_after_the_other(monkeypatch: pytest.MonkeyPatch):
    running, most = [], []

    def script() -> None:
        running.append(1)
        time.sleep(0.03)
        most.append(len(running))
        running.pop()

    run_all(monkeypatch, 30, [script] * 5)
    assert most == [1] * 5


def test_a_slow_page_does_not_hold_up_others_for_long(monkeypatch: pytest.MonkeyPatch):
    other_is_done = threading.Event()
    waited = []
    run_all(monkeypatch, 0.05, [lambda: waited.append(other_is_done.wait(30)), other_is_done.set])
    assert waited == [True]


def test_a_page_that_fails_gives_its_turn_back(monkeypatch: pytest.MonkeyPatch):
    ran = []
    run_all(monkeypatch, 30, [failing, lambda: ran.append(1)])
    assert ran == [1]


def test_streamlit_runs_pages_where_turns_are_taken():
    # A method of Streamlit's own: where a later version runs pages elsewhere, turns would be taken by nobody.
    assert "self._run_script(" in inspect.getsource(ScriptRunner._run_script_thread)


def test_no_offer_of_streamlit_stands_over_a_page_where_a_browser_is_opened():
    asked = (
        "from streamlit import config; from streamlit.web import skills; "
        "config.set_option('server.headless', False); print(skills.nudge_suppression_reason())"
    )
    said = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["welcome_hidden"]
