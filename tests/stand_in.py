"""A loopback HTTP server that answers as somebody else's is documented to: questions kept, any answer replaceable."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from prometheus_server import serving

Reply = tuple[int, dict[str, str], Any]  # status (0: hang up), headers, value or bytes
Asked = dict[str, Any]  # lists of parameters, and the path under "path"; fields of a JSON body as they came


@dataclass
class StandIn:
    """What was asked, and the answers that come instead of the next ones: (end of the path, how many pass, answer)."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    faults: list[tuple[str, int, Reply]] = field(default_factory=list)

    def fault(self, ending: str, status: int, value: Any = b"", after: int = 0, **headers: str) -> None:
        """Answer once so, after `after` other questions whose path ends so; underscores in header names are hyphens."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        self.faults.append((ending, after, (status, named, value)))

    def of(self, ending: str) -> list[Asked]:
        """The questions whose path ends so."""
        return [asked for asked in self.asked if asked["path"][0].endswith(ending)]


@contextmanager
def standing_in(here: StandIn, reply: Callable[[str, Asked, Any], Reply]) -> Iterator[None]:
    """Run it: `reply` gets the path, the parameters and the headers of each question."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {"path": [parts.path]} | parse_qs(parts.query) | self._body()
            here.asked.append(asked)
            status, headers, value = _fault(here, parts.path) or reply(parts.path, asked, self.headers)
            if not status:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            body = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            for name, text in (
                {"Content-Type": "application/json", "Content-Length": str(len(body))} | headers
            ).items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def _body(self) -> dict[str, Any]:
            given = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            return json.loads(given) if self.headers.get("Content-Type") == "application/json" else {}

        def log_message(self, *_: object) -> None:
            pass

    with serving(Answers) as server:
        here.url = f"http://127.0.0.1:{server.server_port}"
        yield


def _fault(here: StandIn, path: str) -> Reply | None:
    for i, (ending, after, reply) in enumerate(here.faults):
        if not path.endswith(ending):
            continue
        if after:
            here.faults[i] = (ending, after - 1, reply)
            continue
        del here.faults[i]
        return reply
    return None
