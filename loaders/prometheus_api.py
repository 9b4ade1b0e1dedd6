"""The HTTP API of Prometheus (Thanos, Mimir): one question, one answer, on a grid.

Source of the API and its limits: https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from loaders import http
from maturity.sources import PrometheusSource

STEP_S = 300  # length of a bucket
MOST_STEPS = 11_000  # (end - start) / step; the server answers 400 to more
MOST_DAYS = 38  # whole days within MOST_STEPS
SAMPLES_PER_REQUEST = 1_000_000  # about 25 MB of JSON
ASKS_FOR_TOO_MUCH = {413, 422}  # sample, series and time range limits of Prometheus and Mimir; ask for fewer days


@dataclass(frozen=True)
class Server:
    """Whom to ask, and on which grid. `url` is that of the API, `.../api/v1`."""

    session: http.Session
    url: str
    step_s: int = STEP_S


@contextmanager
def server(source: PrometheusSource, step_s: int = STEP_S) -> Iterator[Server]:
    """The server of a source. Raises http.SourceFailed where a secret or a certificate is missing."""
    with http.open_session(source.auth, source.org_id_env, source.ca_file, source.timeout_s) as session:
        yield Server(session, source.url.rstrip("/") + "/api/v1", step_s)


def ask(server: Server, query: str, start: int, end: int) -> dict[str, Any]:
    """One request: the answer of `/query_range`, both ends (Unix seconds) included. Raises http.SourceFailed."""
    # One millisecond after the grid: before version 3 the server looks back 300 s inclusive, so a sample that lies
    # exactly on a grid point would be given for the next point too, and a gap would begin with a bucket of 0.
    params = {"query": query, "start": f"{start}.001", "end": f"{end}.001", "step": str(server.step_s)}
    return _told(server, "query_range", params, "matrix")


def ask_at(server: Server, query: str, at: dt.datetime) -> list[dict[str, Any]]:
    """The series of `/query` at an instant: `metric` and `value`, a pair of time and text. Raises http.SourceFailed."""
    params = {"query": query, "time": str(at.timestamp())}
    return _told(server, "query", params, "vector")["data"]["result"]


def _told(server: Server, way: str, params: dict[str, str], expected: str) -> dict[str, Any]:
    answer = http.get_json(server.session, f"{server.url}/{way}", params)
    data = answer.get("data")
    kind = data.get("resultType") if isinstance(data, dict) else None
    if answer.get("status") != "success" or kind != expected or not isinstance(data.get("result"), list):
        told = answer.get("error") or f"resultType is {kind or 'missing'}"
        said = http.without_secrets(server.session, str(told))
        raise http.AnswerHasAnotherShape(f"expected a {expected} of series: {said}")
    return answer
