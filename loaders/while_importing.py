"""Ctrl-C while Python still imports: one line, as at any other time.

The libraries take most of a second, and an interrupt inside of one is a traceback, or whatever it makes of it. Imported
before them, and `over` when they are there. Nothing is written in that second, so the process may end where it is.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType

STOPPED = "stopped; nothing was published"


def over() -> None:
    """From here on Ctrl-C is KeyboardInterrupt again, or what it was before."""
    if signal.getsignal(signal.SIGINT) is _stop:
        signal.signal(signal.SIGINT, _before)


def _stop(_: int, __: FrameType | None) -> None:
    print(STOPPED, file=sys.stderr, flush=True)
    os._exit(1)


_before = signal.getsignal(signal.SIGINT)
# Whoever started us deaf to Ctrl-C, as `nohup` and `&` in a script do, meant it.
if _before is signal.default_int_handler and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, _stop)
