"""What one repository shows for each signal: counts, or a reason why nothing can be said. Nothing is judged here.

Field names as in https://docs.github.com/en/rest (API version 2026-03-10).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from loaders import github_api as api
from loaders import http
from loaders.github_api import Repository
from maturity.records.guide_map import Signal
from maturity.sources import GithubSource

MOST_STATUSES = 100  # deployments of a repository whose statuses are asked for; each costs a request
# A run that was cancelled, skipped or waits for somebody says nothing about the code.
FINISHED = {"success", "failure", "timed_out", "startup_failure"}
NO_RIGHTS = {403, 404, 451}  # GitHub says 404 for what a token must not know of


class NothingToSay(Exception):
    """There is nothing to judge by; the message says why."""


@dataclass(frozen=True)
class Look:
    """What one repository shows: `good` of `of`, or `unclear`, with the page a person can open."""

    repository: str
    good: int = 0
    of: int = 0
    url: str | None = None
    unclear: str | None = None


@dataclass
class Facts:
    """One repository and what is known of it so far. `longest` is the longest look-back of all signals, in days."""

    repository: Repository
    source: GithubSource
    now: dt.datetime
    longest: int
    branch: str
    page: str | None
    statuses_left: int = MOST_STATUSES
    known: dict[str, Any] = field(default_factory=dict)

    def since(self, days: int) -> dt.datetime:
        """Midnight (UTC) of the first day of a look-back."""
        return (self.now - dt.timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)

    def below(self, path: str) -> str | None:
        """A page below the repository's."""
        return self.page and self.page + path

    def once(self, name: str, load: Callable[[], Any]) -> Any:
        """What `load` says, asked once; an error too is kept."""
        if name not in self.known:
            try:
                self.known[name] = load()
            except http.SourceFailed as error:
                self.known[name] = error
        if isinstance(self.known[name], http.SourceFailed):
            raise self.known[name]
        return self.known[name]

    def listed(self, name: str, path: str, params: dict[str, str], date: str, key: str | None = None) -> list[dict]:
        """A list as far back as any signal looks; `date` names the field that tells how old an entry is."""
        since = self.since(self.longest)

        def recent(entry: dict) -> bool:
            return entry.get(date) is not None and api.moment(self.repository, entry, date) >= since

        return self.once(name, lambda: api.listed(self.repository, name, path, params, recent, key))

    def within(self, entries: list[dict], date: str, days: int) -> list[dict]:
        """Entries of the last days, newest first."""
        since = self.since(days)
        found = [(api.moment(self.repository, entry, date), entry) for entry in entries]
        return [entry for at, entry in sorted(found, key=lambda pair: pair[0], reverse=True) if at >= since]


def open_repository(repository: Repository, source: GithubSource, now: dt.datetime, longest: int) -> Facts:
    """What GitHub says of a repository itself. Raises http.SourceFailed, and NothingToSay for an archived one."""
    head = api.an_object(repository, "repository", "")
    branch, name = head.get("default_branch"), head.get("full_name")
    if not isinstance(branch, str) or not isinstance(name, str):
        found = f"{repository.name}: found no default_branch or no full_name"
        raise http.AnswerHasAnotherShape(f"{found}, expected a repository")
    if name.lower() != repository.name.lower():
        repository.notes.append(f"{repository.name} is now {name}; name it so in sources.yaml")
    if head.get("archived"):
        raise NothingToSay("archived; left out")
    repository.name = name
    return Facts(repository, source, now, longest, branch, _page(head))


def look(facts: Facts, signal: Signal) -> Look:
    """What the repository shows for a signal. Raises http.SourceFailed where the answer is no answer."""
    name = facts.repository.name
    try:
        good, of, url = LOOKS[signal.id](facts, signal)
    except NothingToSay as reason:
        return Look(name, unclear=str(reason))
    except http.SourceRefused as error:
        if error.status not in NO_RIGHTS or api.stops_everything(error):
            raise
        return Look(name, unclear=f"not readable: {error}")
    return Look(name, good, of, url)


# ------------------------------------------------------------------------------------------------------------ CI


def _main_branch_checks(facts: Facts, signal: Signal) -> tuple[int, int, str | None]:
    """1 of 1 where a change cannot be merged before a check has passed: by a ruleset, or by branch protection."""
    by_ruleset = _ruleset_checks(facts)
    if by_ruleset:
        return 1, 1, facts.below("/rules")
    protected = _protection_checks(facts)
    if not protected and by_ruleset is None:
        raise NothingToSay("its rulesets are not readable")
    return int(protected), 1, facts.below("/settings/branches")


def _ruleset_checks(facts: Facts) -> bool | None:
    """Whether an active ruleset of the repository or above requires checks; None where that cannot be seen."""
    path = f"/rules/branches/{quote(facts.branch, safe='')}"
    try:
        rules = facts.once("rules", lambda: api.listed(facts.repository, "rules", path, {}, lambda _: True))
    except http.SourceRefused as error:
        if api.stops_everything(error) or error.status not in NO_RIGHTS:
            raise
        return False if error.status == 404 else None  # 404: a server from before rulesets
    return any(_requires(facts, rule) for rule in rules)


def _requires(facts: Facts, rule: dict) -> bool:
    """Each of the two types of rule lists what it requires under its own name."""
    kind = rule.get("type")
    listed = kind in ("required_status_checks", "workflows")
    return listed and bool(api.part(facts.repository, rule, "parameters").get(kind))


def _protection_checks(facts: Facts) -> bool:
    """Whether classic branch protection requires checks. Who may not read it is shown a summary with the branch."""
    path = f"/branches/{quote(facts.branch, safe='')}"
    try:
        return _named_checks(facts, api.an_object(facts.repository, "protection", f"{path}/protection"))
    except http.SourceRefused as error:
        if api.stops_everything(error) or error.status not in NO_RIGHTS:
            raise
        if "not protected" in error.said.lower():
            return False
    try:
        branch = api.an_object(facts.repository, "branch", path)
    except http.SourceRefused as error:
        if error.status == 404:
            raise NothingToSay(f"no branch {facts.branch} yet, or not readable") from None
        raise
    if branch.get("protected") is False:
        return False
    if branch.get("protection") is None:
        raise NothingToSay(f"protection of {facts.branch} is not readable")
    return _named_checks(facts, api.part(facts.repository, branch, "protection"))


def _named_checks(facts: Facts, protection: dict) -> bool:
    required = api.part(facts.repository, protection, "required_status_checks")
    return required.get("enforcement_level") != "off" and bool(required.get("checks") or required.get("contexts"))


def _runs(facts: Facts) -> list[dict]:
    """Workflow runs that a push to the default branch began."""
    params = {"branch": facts.branch, "event": "push", "created": f">={facts.since(facts.longest):%Y-%m-%d}"}
    return facts.listed("runs", "/actions/runs", params, "created_at", "workflow_runs")


def _ci_runs(facts: Facts, signal: Signal) -> tuple[int, int, str | None]:
    runs = facts.within(_runs(facts), "created_at", signal.days)
    if not runs:
        _explain_no_runs(facts, signal)
    return len(runs), len(runs), _page(runs[0]) if runs else facts.below("/actions")


def _explain_no_runs(facts: Facts, signal: Signal) -> None:
    """Raise NothingToSay, unless commits landed, workflows are there, and nothing ran at all."""
    since = facts.since(signal.days)
    one = {"per_page": "1"}
    runs = api.an_object(facts.repository, "any-runs", "/actions/runs", {"created": f">={since:%Y-%m-%d}", **one})
    if runs.get("total_count"):
        some = _counted(runs["total_count"], "run")
        raise NothingToSay(f"{some} in {signal.days} days, none by a push to {facts.branch}")
    commits = {"sha": facts.branch, "since": f"{since:%Y-%m-%dT%H:%M:%SZ}", **one}
    try:
        landed = api.one(facts.repository, "commits", "/commits", commits)
    except http.SourceRefused as error:
        if error.status != 409:  # "Git Repository is empty."
            raise
        landed = []
    if not landed:
        raise NothingToSay(f"no commit on {facts.branch} in {signal.days} days")
    path = "/actions/workflows"
    if not api.listed(facts.repository, "workflows", path, {}, lambda w: w.get("state") == "active", "workflows"):
        raise NothingToSay("no active workflow; another CI would not be seen here")


def _ci_success(facts: Facts, signal: Signal) -> tuple[int, int, str | None]:
    runs = facts.within(_runs(facts), "created_at", signal.days)
    finished = [run for run in runs if str(run.get("conclusion")) in FINISHED]
    if not finished:
        raise NothingToSay(f"no finished run by a push to {facts.branch} in {signal.days} days")
    failed = [run for run in finished if run["conclusion"] != "success"]
    return len(finished) - len(failed), len(finished), _page((failed or finished)[0])


# --------------------------------------------------------------------------------------------------- deployments


def _production(facts: Facts, days: int) -> list[dict]:
    """Deployments of the last days to production, newest first."""
    found = facts.within(facts.listed("deployments", "/deployments", {}, "created_at"), "created_at", days)
    names = {name.casefold() for name in facts.source.environments}
    production = [
        d for d in found if d.get("production_environment") is True or str(d.get("environment")).casefold() in names
    ]
    if not found:
        raise NothingToSay(f"no deployment in {days} days")
    if not production:
        seen = ", ".join(sorted({str(d.get("environment")) for d in found})[:5])
        some = _counted(len(found), "deployment")
        raise NothingToSay(f"{some} in {days} days, none to production (only to {seen})")
    return production


def _automated_deployments(facts: Facts, signal: Signal) -> tuple[int, int, str | None]:
    production = _production(facts, signal.days)
    verdicts = [_is_automated(facts, deployment) for deployment in production]
    judged = [verdict for verdict in verdicts if verdict is not None]
    if len(judged) < len(production):
        facts.repository.notes.append(
            f"{facts.repository.name}: deployments: {len(production) - len(judged)} of {len(production)} not looked "
            f"at; the statuses of {MOST_STATUSES} are asked for"
        )
    return sum(judged), len(judged), facts.below("/deployments")


def _is_automated(facts: Facts, deployment: dict) -> bool | None:
    """By a bot or an app, or by a workflow: a deployment of a workflow job bears the name of whoever began the run,
    so its statuses are asked for the run. None where no more statuses may be asked for.
    """
    if deployment.get("performed_via_github_app") or _is_machine(facts, deployment.get("creator")):
        return True
    statuses = _statuses(facts, deployment)
    if statuses is None:
        return None
    links = [str(status.get(name)) for status in statuses for name in ("log_url", "target_url")]
    return any("/actions/runs/" in link for link in links) or any(
        status.get("performed_via_github_app") or _is_machine(facts, status.get("creator")) for status in statuses
    )


def _is_machine(facts: Facts, account: Any) -> bool:
    if not isinstance(account, dict):
        return False
    login = str(account.get("login", "")).casefold()
    machines = {user.casefold() for user in facts.source.automation_users}
    return account.get("type") == "Bot" or login.endswith("[bot]") or login in machines


def _statuses(facts: Facts, deployment: dict) -> list[dict] | None:
    """What became of a deployment; None once `statuses_left` is used up."""
    key = deployment.get("id")
    if not isinstance(key, int):
        raise http.AnswerHasAnotherShape(f"{facts.repository.name}: deployments: found no id, expected a number")
    name = f"statuses-{key}"
    if name not in facts.known:
        if not facts.statuses_left:
            return None
        facts.statuses_left -= 1
    path = f"/deployments/{key}/statuses"
    return facts.once(name, lambda: api.listed(facts.repository, name, path, {}, lambda _: True))


def _rollbacks(facts: Facts, signal: Signal) -> tuple[int, int, str | None]:
    """Deployments that brought back a commit after another one had been live in the same environment."""
    production = _production(facts, signal.days)
    by_environment = defaultdict(list)
    for deployment in reversed(production):
        by_environment[str(deployment.get("environment"))].append(deployment)
    found = sum(_went_back(facts, row, i) for row in by_environment.values() for i in range(len(row)))
    if not found:
        raise NothingToSay(
            f"no commit came back among {_counted(len(production), 'production deployment')} in {signal.days} days; "
            "a revert, a flag or another tool leaves no such trace"
        )
    return found, len(production), facts.below("/deployments")


def _went_back(facts: Facts, row: list[dict], i: int) -> bool:
    """Whether deployment i of an environment, oldest first, brought back an earlier commit, and with success."""
    same = [j for j in range(i) if row[j].get("sha") == row[i].get("sha")]
    between = [d for d in row[same[-1] + 1 : i] if d.get("sha") != row[i].get("sha")] if same else []
    if not between or not _was_live(facts, row[i]):
        return False
    at = api.moment(facts.repository, row[i], "created_at")
    return any(_was_live(facts, other, before=at) for other in reversed(between))


def _was_live(facts: Facts, deployment: dict, before: dt.datetime | None = None) -> bool:
    return any(
        status.get("state") == "success"
        and (before is None or api.moment(facts.repository, status, "created_at") < before)
        for status in _statuses(facts, deployment) or []
    )


# ------------------------------------------------------------------------------------------------------ releases


def _automated_releases(facts: Facts, signal: Signal) -> tuple[int, int, str | None]:
    listed = facts.listed("releases", "/releases", {}, "published_at")
    releases = [r for r in facts.within(listed, "published_at", signal.days) if not r.get("draft")]
    automated = [r for r in releases if _is_machine(facts, r.get("author"))]
    if not automated:
        some = _counted(len(releases), "release")
        raise NothingToSay(f"{some} in {signal.days} days, none published by automation")
    return len(automated), len(releases), _page(automated[0])


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _page(entry: dict) -> str | None:
    """The page of an entry, if it is one that a browser opens."""
    url = entry.get("html_url")
    safe = isinstance(url, str) and url.startswith(("https://", "http://")) and "@" not in url.split("/")[2]
    return url if safe else None


LOOKS: dict[str, Callable[[Facts, Signal], tuple[int, int, str | None]]] = {
    "ci.main_branch_checks": _main_branch_checks,
    "ci.runs_28d": _ci_runs,
    "ci.success_ratio_28d": _ci_success,
    "deploy.automated_ratio": _automated_deployments,
    "deploy.rollback_seen_180d": _rollbacks,
    "release.automated_90d": _automated_releases,
}
