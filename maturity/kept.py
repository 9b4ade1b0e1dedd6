"""What is made once for many readers and kept in memory, the last used longest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any


class Kept:
    """At most `most` things by their keys. Threads that ask for the same thing at once wait for one of them to make it.

    Streamlit's own cache takes each key apart to hash it, 0.1 ms at every use; a page of ours asks twenty times.
    """

    def __init__(self, most: int):
        self._most = most
        self._things: OrderedDict[Hashable, _Thing] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What is kept under a key, or what `make` gives. Where `make` fails nothing is kept."""
        with self._lock:
            thing = self._things.get(key)
            if thing is None:
                thing = self._things[key] = _Thing()
                if len(self._things) > self._most:
                    self._things.popitem(last=False)
            else:
                self._things.move_to_end(key)
        if not thing.made:
            with thing.lock:
                if not thing.made:
                    thing.value = make()
                    thing.made = True
        return thing.value


class _Thing:
    """Room for something that somebody is making, or has made."""

    __slots__ = ("lock", "made", "value")

    def __init__(self):
        self.lock, self.made, self.value = Lock(), False, None
