"""GitHub: automatic evidence from workflow runs, branch rules, deployments and releases, one row a product and day.

On disk, below `raw/<source>/`:

    signals/2026-10.csv              what was observed, in the form of `signals/*.csv`; written after each product
    answers/<owner>/<name>/*.json    GitHub's answers as they came, for conditional requests; may be deleted

A fetch may be stopped at any moment: a file is there whole or not at all, and the next fetch begins with the products
that were not observed today. Nothing is sent to GitHub but questions.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from loaders import github_api as api
from loaders import github_looks, github_verdicts, http
from loaders.github_looks import Facts, Look, NothingToSay
from maturity.records.guide_map import Observation, Signal
from maturity.sources import GithubSource


class SignalHasNoLimit(Exception):
    """signals.yaml names a signal that is looked for here, without a number to judge it by."""


FETCH_FAILED = (http.SourceFailed, SignalHasNoLimit, github_verdicts.MonthFileIsNotOurs)


@dataclass
class Fetched:
    """What a fetch did. `unclear` are looks without a verdict, `failures` what a person should mend."""

    products: int = 0
    repositories: int = 0
    observations: int = 0
    already_there: int = 0
    asked: int = 0
    unchanged: int = 0
    unclear: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def say_nothing(_: str) -> None:
    """Default of `say`: progress is for people who watch."""


def fetch(
    source: GithubSource,
    signals: list[Signal],
    products: set[str],
    raw: Path,
    *,
    now: dt.datetime,
    say: Callable[[str], None] = say_nothing,
    sleep: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Look at every repository of `source` and write what its products show today (UTC).

    `signals` are those of signals.yaml; the ones of this loader (github_looks.LOOKS) are judged by their limit and
    days. `products` are the known ones; a product that is not among them is a failure, and is not looked at.
    Raises one of FETCH_FAILED where nothing can be asked at all; what goes wrong later is told in the result.
    """
    judged = _judged(signals)
    now = now.astimezone(dt.UTC) if now.tzinfo else now.replace(tzinfo=dt.UTC)
    fetched = Fetched()
    fetched.failures += [
        f"repositories: found product {product}, unknown; expected an id of products.yaml"
        for product in source.repositories
        if product not in products
    ]
    folder = raw / source.id
    with api.open_session(source, sleep) as session:
        server = api.Server(session, source.url.rstrip("/"), folder / "answers")
        visit = _Visit(source, judged, server, now, fetched)
        for product in _in_turn(source, products, folder, now.date()):
            try:
                _one_product(visit, product, folder)
            except http.SourceFailed as error:
                fetched.failures.append(_stopped(error))
                break
            say(f"{product}: {fetched.observations} observations so far, {server.asked} questions")
        fetched.asked, fetched.unchanged = server.asked, server.unchanged
    return fetched


def _judged(signals: list[Signal]) -> list[Signal]:
    found = [signal for signal in signals if signal.id in github_looks.LOOKS]
    for signal in found:
        needs = ("limit",) if github_verdicts.RULES[signal.id].kind == "share" else ("limit", "days")
        empty = [name for name in needs if getattr(signal, name) is None]
        if empty:
            raise SignalHasNoLimit(f"signals.yaml: {signal.id}: found no {' and no '.join(empty)}, expected a number")
    return found


def _in_turn(source: GithubSource, products: set[str], folder: Path, today: dt.date) -> list[str]:
    """The products not yet observed today come first: a fetch that was stopped goes on where it was."""
    done = github_verdicts.observed_products(folder / "signals", today)
    return sorted((p for p in source.repositories if p in products), key=lambda product: product in done)


@dataclass
class _Visit:
    """One fetch under way. A repository of several products is looked at once."""

    source: GithubSource
    signals: list[Signal]
    server: api.Server
    now: dt.datetime
    fetched: Fetched
    looks: dict[str, dict[str, Look]] = field(default_factory=dict)


def _one_product(visit: _Visit, product: str, folder: Path) -> None:
    """Raises http.SourceFailed where asking on is of no use; then nothing is written for the product."""
    seen = [_repository(visit, name) for name in dict.fromkeys(visit.source.repositories[product])]
    observations = []
    for signal in visit.signals:
        looks = [looks[signal.id] for looks in seen if signal.id in looks]
        verdict = github_verdicts.judge(signal, looks)
        if verdict.verdict is None:
            visit.fetched.unclear.append(f"{product}: {signal.id}: {verdict.found}")
            continue
        observations.append(
            Observation(
                product=product,
                signal=signal.id,
                observed_on=visit.now.date(),
                verdict=verdict.verdict,
                found=verdict.found,
                expected=verdict.expected,
                source=visit.source.id,
                url=verdict.url and http.hide_secrets(visit.server.session, verdict.url),
            )
        )
    changed = github_verdicts.write(folder / "signals", observations) if observations else 0
    visit.fetched.products += 1
    visit.fetched.observations += changed
    visit.fetched.already_there += len(observations) - changed


def _repository(visit: _Visit, name: str) -> dict[str, Look]:
    """Looks by signal; none for an archived repository, which is not part of the product any more."""
    key = name.lower()
    if key not in visit.looks:
        repository = api.repository(visit.server, name)
        visit.looks[key] = _looks(visit, repository)
        visit.fetched.repositories += 1
        visit.fetched.warnings += repository.notes
        api.forget_unused(repository)
    return visit.looks[key]


def _looks(visit: _Visit, repository: api.Repository) -> dict[str, Look]:
    longest = max((signal.days or 1 for signal in visit.signals), default=1)
    try:
        facts = github_looks.open_repository(repository, visit.source, visit.now, longest)
    except NothingToSay as reason:
        repository.notes.append(f"{repository.name}: {reason}")
        return {}
    except http.SourceFailed as error:
        reason = _failure(visit, repository, error)
        return {signal.id: Look(repository.name, unclear=reason) for signal in visit.signals}
    return {signal.id: _look(visit, facts, signal) for signal in visit.signals}


def _look(visit: _Visit, facts: Facts, signal: Signal) -> Look:
    try:
        return github_looks.look(facts, signal)
    except http.SourceFailed as error:
        return Look(facts.repository.name, unclear=_failure(visit, facts.repository, error))


def _failure(visit: _Visit, repository: api.Repository, error: http.SourceFailed) -> str:
    """Tell what went wrong, once; raise it again where asking on is of no use."""
    if api.stops_everything(error):
        raise error
    told = str(error) if str(error).startswith(repository.name) else f"{repository.name}: {error}"
    if told not in visit.fetched.failures:
        visit.fetched.failures.append(told)
    return "no answer"


def _stopped(error: http.SourceFailed) -> str:
    if isinstance(error, http.SourceRefused) and api.is_rate_limit(error):
        when = "" if error.again_at else "; wait at least a minute"
        return f"stopped at GitHub's rate limit: {error}{when}; what was observed stays, the next fetch goes on"
    return f"stopped: {error}"
