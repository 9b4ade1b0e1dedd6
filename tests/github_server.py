"""A small server of ours on a loopback port that answers as GitHub's REST API documents it. It is not GitHub.

Only what the loader asks is there: a repository, its workflow runs, workflows, commits, branch rules and protection,
deployments with statuses, releases; pages with Link headers, ETags with 304, the token, and the errors, with the
status, headers and words of https://docs.github.com/en/rest. Objects hold the fields that matter, in GitHub's names.
`fault` puts any other answer in place of the next ones whose path ends so.
"""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from prometheus_server import serving

TOKEN = "github_pat_11AAAA0123456789"
Reply = tuple[int, dict[str, str], Any]  # status (0: hang up), headers, value or bytes
NOT_FOUND: Reply = (404, {}, {"message": "Not Found", "status": "404"})
NOT_PROTECTED: Reply = (404, {}, {"message": "Branch not protected", "status": "404"})
NO_RIGHTS: Reply = (403, {}, {"message": "Resource not accessible by personal access token", "status": "403"})
OTHER_PLAN: Reply = (
    403, {}, {"message": "Upgrade to GitHub Pro or make this repository public to enable this feature."},
)  # fmt: skip
BOT = {"login": "github-actions[bot]", "type": "Bot"}


@dataclass
class Repo:
    """One repository. Where a `Reply` stands instead of a value, that is the answer."""

    branch: str = "main"
    archived: bool = False
    runs: list[dict] | Reply = field(default_factory=list)
    workflows: list[dict] = field(default_factory=list)
    commits: list[dict] | Reply = field(default_factory=list)
    rules: list[dict] | Reply = field(default_factory=list)
    protection: dict | Reply = NOT_PROTECTED
    summary: dict | Reply | None = None
    deployments: list[dict] | Reply = field(default_factory=list)
    statuses: dict[int, list[dict]] = field(default_factory=dict)
    releases: list[dict] | Reply = field(default_factory=list)


@dataclass
class Github:
    """The server: its repositories by owner/name, and what was asked. `most` entries are on a page."""

    url: str = ""
    repos: dict[str, Repo] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)  # old name -> new name
    most: int = 100
    token: str | None = TOKEN
    faults: list[tuple[str, Reply]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def fault(self, ending: str, status: int, value: Any = b"", **headers: str) -> None:
        """Answer the next question whose path ends so with this; underscores in header names are hyphens."""
        self.faults.append((ending, (status, {name.replace("_", "-"): text for name, text in headers.items()}, value)))

    def count(self, ending: str) -> int:
        """How many questions had a path that ends so."""
        return sum(urlsplit(path).path.endswith(ending) for path in self.asked)


@contextmanager
def github(**repos: Repo) -> Iterator[Github]:
    """A running server with repositories `acme/<name>`."""
    here = Github(repos={f"acme/{name}": repo for name, repo in repos.items()})
    with serving(_handler(here)) as server:
        here.url = f"http://127.0.0.1:{server.server_port}"
        yield here


# ------------------------------------------------------------------------------------------------------- entries


def run(at: str, conclusion: str | None = "success", branch: str = "main", event: str = "push", key: int = 1) -> dict:
    """A workflow run; without a conclusion it is still going."""
    return {
        "id": key, "head_branch": branch, "event": event, "status": "completed" if conclusion else "in_progress",
        "conclusion": conclusion, "created_at": f"{at}T10:00:00Z",
        "html_url": f"https://github.example/acme/shop/actions/runs/{key}",
    }  # fmt: skip


def deployment(key: int, at: str, sha: str = "a" * 40, creator: dict = BOT, environment: str = "production") -> dict:
    """A deployment. GitHub says `production_environment: false` of those that a workflow job made."""
    return {
        "id": key, "sha": sha, "ref": "main", "task": "deploy", "environment": environment, "creator": creator,
        "created_at": at if "T" in at else f"{at}T11:00:00Z", "production_environment": False,
        "transient_environment": False,
    }  # fmt: skip


def status(state: str, at: str, log_url: str = "") -> dict:
    """A deployment status."""
    return {"id": 1, "state": state, "created_at": at if "T" in at else f"{at}T11:05:00Z", "log_url": log_url}


def release(at: str | None, author: dict = BOT, draft: bool = False) -> dict:
    """A release; a draft has no published_at."""
    return {
        "id": 1, "draft": draft, "author": author, "published_at": at and f"{at}T12:00:00Z",
        "html_url": "https://github.example/acme/shop/releases/tag/v1",
    }  # fmt: skip


def person(login: str) -> dict:
    """The account of a person, or a machine user that looks like one."""
    return {"login": login, "type": "User"}


REQUIRED = {
    "type": "required_status_checks", "ruleset_source_type": "Repository", "ruleset_id": 7,
    "parameters": {"required_status_checks": [{"context": "test"}], "strict_required_status_checks_policy": True},
}  # fmt: skip


# ------------------------------------------------------------------------------------------------------ answering


def _handler(here: Github) -> type[BaseHTTPRequestHandler]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked.append(self.path)
            here.headers.append(dict(self.headers.items()))
            code, headers, value = self._fault() or self._reply()
            if not code:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            body = value if isinstance(value, bytes) else json.dumps(value).encode()
            etag = f'W/"{hashlib.sha256(body).hexdigest()}"'
            if code == 200 and self.headers.get("If-None-Match") == etag:
                code, body = 304, b""
            self.send_response(code)
            given = {"Content-Type": "application/json; charset=utf-8", "ETag": etag, "X-RateLimit-Remaining": "4999"}
            for name, text in (given | headers).items():
                self.send_header(name, text)
            self.send_header("Content-Length", headers.get("Content-Length", str(len(body))))
            self.end_headers()
            self.wfile.write(body)

        def _fault(self) -> Reply | None:
            path = urlsplit(self.path).path
            for i, (ending, reply) in enumerate(here.faults):
                if path.endswith(ending):
                    del here.faults[i]
                    return reply
            return None

        def _reply(self) -> Reply:
            if here.token and self.headers.get("Authorization") != f"Bearer {here.token}":
                return 401, {}, {"message": "Bad credentials", "status": "401"}
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            _, _, owner, name, *rest = [unquote(part) for part in parts.path.split("/")]
            if f"{owner}/{name}" in here.moved:
                to = f"{here.url}/repos/{here.moved[f'{owner}/{name}']}"
                return 301, {"Location": to}, {"message": "Moved Permanently", "url": to}
            repo = here.repos.get(f"{owner}/{name}")
            return _answer(here, f"{owner}/{name}", repo, rest, parts.path, asked) if repo else NOT_FOUND

        def log_message(self, *_: object) -> None:
            pass

    return Answers


def _answer(here: Github, name: str, repo: Repo, rest: list[str], path: str, asked: dict[str, str]) -> Reply:
    match rest:
        case []:
            page = f"https://github.example/{name}"
            head = {"full_name": name, "default_branch": repo.branch, "archived": repo.archived, "html_url": page}
            return 200, {}, head
        case ["actions", "runs"]:
            runs = [run for run in repo.runs if _fits(run, asked)] if isinstance(repo.runs, list) else repo.runs
            return _page(here, path, asked, runs, "workflow_runs")
        case ["actions", "workflows"]:
            return _page(here, path, asked, repo.workflows, "workflows")
        case ["commits"]:
            return _page(here, path, asked, repo.commits)
        case ["rules", "branches", branch] if branch == repo.branch:
            return _page(here, path, asked, repo.rules)
        case ["branches", branch, "protection"] if branch == repo.branch:
            return _plain(repo.protection)
        case ["branches", branch] if branch == repo.branch and repo.summary is not None:
            return _plain(repo.summary)
        case ["deployments"]:
            return _page(here, path, asked, repo.deployments)
        case ["deployments", key, "statuses"]:
            return _page(here, path, asked, repo.statuses.get(int(key), []))
        case ["releases"]:
            return _page(here, path, asked, repo.releases)
    return NOT_FOUND


def _fits(run: dict, asked: dict[str, str]) -> bool:
    wanted = {"head_branch": asked.get("branch"), "event": asked.get("event")}
    fits = all(text in (None, run[name]) for name, text in wanted.items())
    return fits and run["created_at"][:10] >= asked.get("created", ">=0").removeprefix(">=")


def _plain(value: dict | Reply) -> Reply:
    return value if isinstance(value, tuple) else (200, {}, value)


def _page(here: Github, path: str, asked: dict[str, str], entries: list[dict] | Reply, key: str | None = None) -> Reply:
    if isinstance(entries, tuple):
        return entries
    size, page = min(here.most, int(asked.get("per_page", 30))), int(asked.get("page", 1))
    shown = entries[(page - 1) * size : page * size]
    last = -(-len(entries) // size)
    links = {"next": page + 1, "last": last} if page < last else {}
    link = ", ".join(f'<{here.url}{path}?{urlencode(asked | {"page": n})}>; rel="{rel}"' for rel, n in links.items())
    return 200, {"Link": link} if link else {}, {"total_count": len(entries), key: shown} if key else shown
