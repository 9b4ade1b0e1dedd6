"""What was adopted and no longer is, and why. Pure rules over `maturity.levels`.

Source of the causes and of their order: the Guidemap model, docs/levels.md.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from maturity.levels import DAY, Adoption, State

REGRESSIONS = frozenset({"decline", "lapse", "contradicted", "inherited"})


@dataclass(frozen=True)
class Fall:
    """One change that took an adopted practice away, or would have.

    `cause` is decline, lapse, contradicted, inherited (these four are regressions once the state had been held; before
    that it is `unstable`), exemption_ended, model_change, scope_change or correction. With `to_state` adopted, a change
    of the map waits for a new answer until `grace_until` and nothing has fallen yet.
    """

    on: dt.date
    product: str
    practice: str
    from_state: str
    to_state: str
    cause: str
    held: bool
    mature: bool
    must: bool
    level_before: int
    level_after: int
    before: State
    after: State
    grace_until: dt.date | None = None
    recovered_on: dt.date | None = None

    @property
    def regression(self) -> bool:
        return self.cause in REGRESSIONS and self.held

    @property
    def gate_broken(self) -> bool:
        return self.level_after < self.level_before

    @property
    def alert(self) -> bool:
        """On a mature product every regression; elsewhere only where a level broke or a must was lost."""
        return self.regression and (self.mature or self.gate_broken or self.must)


def falls(adoption: Adoption, until: dt.date) -> list[Fall]:
    """Every fall up to and including a day, worst first. The same records give the same list, in whatever order."""
    keys = sorted(_keys(adoption))
    found = [fall for product, practice in keys for fall in _falls(adoption, product, practice, until)]
    return sorted(found, key=lambda fall: _order(adoption, fall))


def _keys(adoption: Adoption) -> set[tuple[str, str]]:
    """Every pair that anything was said about, and those that take answers over."""
    said = set(adoption.log) | set(adoption.exemptions)
    for product, practice in list(said):
        while following := adoption.practices[practice].superseded_by:
            said.add((product, following))
            practice = following
    return said


def _falls(adoption: Adoption, product: str, practice: str, until: dt.date) -> Iterator[Fall]:
    days = [day for day in adoption.turning_days(product, practice) if day <= until]
    states = {day: adoption.state(product, practice, day) for day in days}
    for i, day in enumerate(days):
        before, after = adoption.state(product, practice, day - DAY), states[day]
        cause = _cause(adoption, product, practice, day, before, after)
        if cause is None:
            continue
        settled = (d for d in days[i + 1 :] if states[d].adopted and not states[d].grace)
        yield Fall(
            on=day,
            product=product,
            practice=practice,
            from_state=before.state,
            to_state=after.state,
            cause=cause,
            held=before.state == "exempt" or _held(adoption, product, practice, day, days),
            mature=_mature(adoption, product, day),
            must=adoption.practices[practice].must,
            level_before=adoption.level(product, day - DAY),
            level_after=adoption.level(product, day),
            before=before,
            after=after,
            grace_until=after.grace_until if after.adopted else None,
            recovered_on=next(settled, None),
        )


def _cause(adoption: Adoption, product: str, practice: str, day: dt.date, before: State, after: State) -> str | None:
    """Why a state changed for the worse; None where it did not."""
    if before.state == "exempt":
        return "exemption_ended" if after.applies and not after.adopted else None
    if not before.adopted:
        return None
    if after.adopted:
        return "model_change" if after.grace and after.grace != before.grace else None
    if after.state == "exempt":
        return "scope_change"
    if after.state == "not_asked":
        return "model_change"
    if before.provider and before.provider == after.provider and before.statement is after.statement:
        return _from_provider(adoption, before.provider, practice, day)
    if after.state == "contradicted":
        return "contradicted"
    if after.statement is before.statement:
        return "lapse" if after.state == "lapsed" else "model_change"
    if after.statement is None:
        return "model_change"  # answers of a retired practice no longer count
    return "correction" if after.statement.record.corrects else "decline"


def _from_provider(adoption: Adoption, provider: str, practice: str, day: dt.date) -> str:
    """A provider's regression is inherited; any other cause stays what it is, for those who inherit too."""
    before, after = adoption.state(provider, practice, day - DAY), adoption.state(provider, practice, day)
    theirs = _cause(adoption, provider, practice, day, before, after)
    return "inherited" if theirs is None or theirs in REGRESSIONS else theirs


def _held(adoption: Adoption, product: str, practice: str, fell: dt.date, days: list[dt.date]) -> bool:
    """Adopted in enough assessments, or for long enough, before the fall."""
    since = fell
    for day in reversed([d for d in days if d < fell]):
        if not adoption.state(product, practice, day).adopted:
            break
        since = day
    statements = [e for e in adoption.log.get((product, practice), []) if since <= e.record.assessed_on < fell]
    policy = adoption.policy
    return len(statements) >= policy.held_assessments or (fell - since).days >= policy.held_days


def _mature(adoption: Adoption, product: str, fell: dt.date) -> bool:
    """At target, or at the mature level, at the end of the last months with an assessment before the fall.

    Months, because one round of assessments is often spread over several days.
    """
    policy, days = adoption.policy, adoption.assessed_days.get(product, [])
    ends: list[dt.date] = []
    for day in reversed(days[: bisect_left(days, fell)]):
        following = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
        end = min(following, fell) - DAY
        if end not in ends:
            if len(ends) == policy.mature_assessments:
                break
            ends.append(end)
    wanted = min(policy.mature_level, adoption.products[product].target_level)
    return len(ends) == policy.mature_assessments and all(adoption.level(product, end) >= wanted for end in ends)


def _order(adoption: Adoption, fall: Fall) -> tuple:
    """Gate broken, must, lower level first, tier, size of fall, oldest; then ids, so that the order is total."""
    practice, product = adoption.practices[fall.practice], adoption.products[fall.product]
    return (
        not fall.regression, not fall.gate_broken, not fall.must, practice.level, product.tier,
        fall.after.counted - fall.before.share, fall.on, fall.product, fall.practice,
    )  # fmt: skip
