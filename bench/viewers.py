"""Viewers without a browser: sessions over a loopback websocket that say again what Chromium said (`streamlit.proto`).

A script is the list of frames that a browser sent: the first opens a page, each of the others is one click with the
state of every widget. A click ends with the message that the script has finished.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

_LARGEST = 64 << 20  # bytes of a frame
_DONE = {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY}


class AScriptDidNotFinish(Exception):
    """The server said that a run failed or could not be compiled."""


@dataclass
class Click:
    """What one click cost its viewer."""

    seconds: float
    bytes: int
    messages: int


def is_rerun(frame: bytes) -> bool:
    """Whether a frame of a browser asks for a run of the script; others keep the session alive."""
    return BackMsg.FromString(frame).WhichOneof("type") == "rerun_script"


async def _say(socket: ClientConnection, frame: bytes) -> Click:
    begun, size, messages = time.perf_counter(), 0, 0
    await socket.send(frame)
    while True:
        answer = await socket.recv()
        size, messages = size + len(answer), messages + 1
        said = ForwardMsg.FromString(answer)
        if said.WhichOneof("type") != "script_finished":
            continue
        if said.script_finished in _DONE:
            return Click(time.perf_counter() - begun, size, messages)
        if said.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            raise AScriptDidNotFinish(str(said.script_finished))


async def _opened(address: str, script: Sequence[bytes]) -> ClientConnection:
    url = address.replace("http://", "ws://") + "/_stcore/stream"
    socket = await connect(url, subprotocols=["streamlit"], max_size=_LARGEST, compression=None, ping_interval=None)
    await _say(socket, script[0])
    return socket


async def _thinking(address: str, script: Sequence[bytes], viewers: int, clicks: int, think_s: float) -> list[Click]:
    chance = random.Random(1)

    async def one(socket: ClientConnection, wait_s: float, first: int) -> list[Click]:
        await asyncio.sleep(wait_s)
        made = []
        for i in range(first, first + clicks):
            made.append(await _say(socket, script[1 + i % (len(script) - 1)]))
            await asyncio.sleep(think_s)
        return made

    sockets = [await _opened(address, script) for _ in range(viewers)]
    everything = await asyncio.gather(*(one(s, chance.random() * think_s, i) for i, s in enumerate(sockets)))
    await asyncio.gather(*(socket.close() for socket in sockets))
    return [click for made in everything for click in made]


async def _click(sockets: Sequence[ClientConnection], script: Sequence[bytes], i: int) -> list[Click]:
    frame = script[1 + i % (len(script) - 1)]
    return await asyncio.gather(*(_say(socket, frame) for socket in sockets))


async def _together(address: str, script: Sequence[bytes], viewers: int, rounds: int) -> list[Click]:
    sockets = [await _opened(address, script) for _ in range(viewers)]
    made = []
    for i in range(rounds):
        made += await _click(sockets, script, i)
        await asyncio.sleep(0.5)
    await asyncio.gather(*(socket.close() for socket in sockets))
    return made


def thinking(address: str, script: Sequence[bytes], viewers: int, clicks: int, think_s: float = 1) -> list[Click]:
    """Viewers who look at each answer for a while, each begun at a moment of its own."""
    return asyncio.run(_thinking(address, script, viewers, clicks, think_s))


def together(address: str, script: Sequence[bytes], viewers: int, rounds: int) -> list[Click]:
    """Viewers who all click at the same instant, several times."""
    return asyncio.run(_together(address, script, viewers, rounds))


@contextmanager
def crowd(address: str, script: Sequence[bytes], viewers: int) -> Iterator[Callable[[int], Future[list[Click]]]]:
    """Viewers in a thread of their own, beside a browser. Call what is given to let all make their i-th click."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def opened() -> list[ClientConnection]:
        return [await _opened(address, script) for _ in range(viewers)]

    async def closed() -> None:
        await asyncio.gather(*(socket.close() for socket in sockets))

    try:
        sockets = asyncio.run_coroutine_threadsafe(opened(), loop).result()
        yield lambda i: asyncio.run_coroutine_threadsafe(_click(sockets, script, i), loop)
        asyncio.run_coroutine_threadsafe(closed(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
