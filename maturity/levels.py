"""From the log of assessments to states, levels and regressions. Pure rules; no file, no clock, no chance.

Source of every rule: the Guidemap model, docs/levels.md (worked examples A-E stand in tests/test_levels.py).
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from maturity.records import Assessment, Bundle, Exemption, Loaded, Practice, Product, ScoringPolicy

ADOPTED = frozenset({"adopted", "stale"})
REGRESSIONS = frozenset({"decline", "lapse", "inherited"})
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class State:
    """State of one practice on one product at one date.

    `state` is adopted, stale, lapsed, partial, not_adopted, unassessed or exempt. `share` is done/total items (0-1).
    `statement` is the log entry it rests on, `provider` the product it is inherited from.
    """

    state: str
    items_done: int
    items_total: int
    statement: Loaded[Assessment] | None = None
    exemption: Loaded[Exemption] | None = None
    provider: str | None = None
    confirmed_on: dt.date | None = None
    evidence_kind: str | None = None

    @property
    def adopted(self) -> bool:
        return self.state in ADOPTED

    @property
    def assessed(self) -> bool:
        return self.state not in ("unassessed", "exempt")

    @property
    def confirmed(self) -> bool:
        """Adopted, fresh, and backed by at least a link."""
        return self.state == "adopted" and self.evidence_kind is not None

    @property
    def counted(self) -> float:
        """Share of items that counts toward the percent: a lapsed answer counts nothing."""
        return 0.0 if self.state == "lapsed" else self.items_done / self.items_total


@dataclass(frozen=True)
class LevelShare:
    """How far one product is with the practices of one level."""

    level: int
    share: float | None
    missing_musts: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def applicable(self) -> bool:
        return self.share is not None


@dataclass(frozen=True)
class ProductLevel:
    """Level of a product at a date, always with the numbers that say how far to trust it (all shares 0-1)."""

    product: str
    on: dt.date
    level: int
    level_with_na_as_gaps: int
    percent: float | None
    coverage: float | None
    confirmed_share: float | None
    na_share: float
    narrow_scope: bool
    target_level: int
    target_gap: int
    shares: tuple[LevelShare, ...]
    last_assessed_on: dt.date | None
    quiet: bool

    @property
    def next_step(self) -> LevelShare | None:
        """The level above, and what is missing there."""
        return next((s for s in self.shares if s.level == self.level + 1), None)


@dataclass(frozen=True)
class Fall:
    """An adopted practice that no longer is, or an exemption that ended.

    `cause` is decline, lapse, inherited, exemption_ended or correction. It is a regression when the cause is one of
    the first three and the state had been held; a state that was never held is `unstable`.
    """

    on: dt.date
    product: str
    practice: str
    from_state: str
    to_state: str
    cause: str
    held: bool
    mature: bool
    level_before: int
    level_after: int
    before: State
    after: State
    recovered_on: dt.date | None = None

    @property
    def regression(self) -> bool:
        return self.cause in REGRESSIONS and self.held

    @property
    def gate_broken(self) -> bool:
        return self.level_after < self.level_before


@dataclass
class Adoption:
    """The log of a bundle, answering for any date. Memoised, because levels ask for the same states again."""

    practices: dict[str, Practice]
    products: dict[str, Product]
    policy: ScoringPolicy
    log: dict[tuple[str, str], list[Loaded[Assessment]]]
    exemptions: dict[tuple[str, str], list[Loaded[Exemption]]]
    _states: dict[tuple[str, str, dt.date], State] = field(default_factory=dict)

    @classmethod
    def of(cls, bundle: Bundle) -> Adoption:
        """Build from a checked bundle: providers are never circular there."""
        log = defaultdict(list)
        for entry in bundle.assessments:
            log[entry.record.product, entry.record.practice].append(entry)
        for entries in log.values():
            # Same day: a correction comes after what it corrects, else the order in the files decides.
            entries.sort(key=lambda e: (e.record.assessed_on, e.record.corrects is not None))
        exemptions = defaultdict(list)
        for entry in bundle.exemptions:
            exemptions[entry.record.product, entry.record.practice].append(entry)
        return cls(
            {p.record.id: p.record for p in bundle.practices},
            {p.record.id: p.record for p in bundle.products},
            bundle.scoring.record,
            dict(log),
            dict(exemptions),
        )

    @cached_property
    def by_level(self) -> dict[int, list[Practice]]:
        """Practices of each level, in the order of the map."""
        found = defaultdict(list)
        for practice in self.practices.values():
            found[practice.level].append(practice)
        return dict(sorted(found.items()))

    @cached_property
    def _assessed_days(self) -> dict[str, list[dt.date]]:
        """Days on which anybody said anything about each product, in order."""
        found = defaultdict(set)
        for (product, _), entries in self.log.items():
            found[product] |= {entry.record.assessed_on for entry in entries}
        return {product: sorted(days) for product, days in found.items()}

    def state(self, product: str, practice: str, on: dt.date) -> State:
        """State of a practice on a product at the end of a day."""
        key = (product, practice, on)
        if key not in self._states:
            self._states[key] = self._derive(*key)
        return self._states[key]

    def _derive(self, product: str, practice: str, on: dt.date) -> State:
        items = self.practices[practice].checklist
        exemption = next((e for e in self.exemptions.get((product, practice), []) if active(e.record, on)), None)
        if exemption:
            return State("exempt", 0, len(items), exemption=exemption)
        entries = [e for e in self.log.get((product, practice), []) if e.record.assessed_on <= on]
        if not entries:
            return State("unassessed", 0, len(items))
        last = entries[-1]
        if last.record.state == "inherited":
            return self._inherited(last, practice, on)
        done = len(items) if last.record.state == "adopted" else len(set(last.record.items_done or []))
        confirmed = last.record.confirmed_on or last.record.assessed_on
        review = dt.timedelta(days=self.practices[practice].review_days)
        if done and on - confirmed > review * self.policy.lapse_after_reviews:
            name = "lapsed"
        elif done == len(items):
            name = "stale" if on - confirmed > review else "adopted"
        else:
            name = "partial" if done else "not_adopted"
        kind = last.record.evidence.kind if last.record.evidence else None
        return State(name, done, len(items), last, None, None, confirmed, kind)

    def _inherited(self, last: Loaded[Assessment], practice: str, on: dt.date) -> State:
        provider = last.record.provider
        theirs = self.state(provider, practice, on)
        # A provider that never answered, or does not need the practice, does not do it for anybody else.
        name = theirs.state if theirs.assessed else "not_adopted"
        return State(
            name, theirs.items_done, theirs.items_total, last, None, provider, theirs.confirmed_on, theirs.evidence_kind
        )

    # ------------------------------------------------------------------------------------------------ levels

    def shares(self, product: str, on: dt.date, na_as_gaps: bool = False) -> tuple[LevelShare, ...]:
        """For each level the weighted share of applicable practices that is adopted, and what is missing."""
        found = []
        for level, practices in self.by_level.items():
            weight = self.policy.level_weights.get(level, 1)
            total = adopted = 0.0
            missing = []
            for practice in practices:
                state = self.state(product, practice.id, on)
                if state.state == "exempt" and not na_as_gaps:
                    continue
                total += weight
                adopted += weight * state.adopted
                if not state.adopted:
                    missing.append(practice)
            share = adopted / total if total else None
            musts = tuple(p.id for p in missing if p.must)
            found.append(LevelShare(level, share, musts, tuple(p.id for p in missing)))
        return tuple(found)

    def level(self, product: str, on: dt.date, na_as_gaps: bool = False) -> int:
        """Highest level such that it and every level below have all musts and the threshold share; 0 is none."""
        return reached(self.shares(product, on, na_as_gaps), self.policy.level_threshold)

    def product_level(self, product: str, on: dt.date) -> ProductLevel:
        """Level, percent and honesty numbers of one product at the end of a day."""
        states = {p.id: self.state(product, p.id, on) for p in self.practices.values()}
        weights = {p.id: self.policy.level_weights.get(p.level, 1) for p in self.practices.values()}
        applicable = [key for key, state in states.items() if state.state != "exempt"]
        total = sum(weights[key] for key in applicable)
        shares = self.shares(product, on)
        level = reached(shares, self.policy.level_threshold)
        na_share = 1 - len(applicable) / len(states) if states else 0.0
        days = self._assessed_days.get(product, [])
        last = days[bisect_right(days, on) - 1] if days and days[0] <= on else None
        target = self.products[product].target_level
        return ProductLevel(
            product=product,
            on=on,
            level=level,
            level_with_na_as_gaps=self.level(product, on, na_as_gaps=True),
            percent=sum(weights[k] * states[k].counted for k in applicable) / total if total else None,
            coverage=sum(states[k].assessed for k in applicable) / len(applicable) if applicable else None,
            confirmed_share=sum(states[k].confirmed for k in applicable) / len(applicable) if applicable else None,
            na_share=na_share,
            narrow_scope=na_share > self.policy.narrow_scope_na_share,
            target_level=target,
            target_gap=max(0, target - level),
            shares=shares,
            last_assessed_on=last,
            quiet=last is not None and (on - last).days > self.policy.quiet_after_days,
        )

    # ----------------------------------------------------------------------------------------------- falls

    def falls(self, until: dt.date) -> list[Fall]:
        """Every fall up to and including a day, worst first. The same log gives the same list."""
        found = [fall for product, practice in sorted(self._keys()) for fall in self._falls(product, practice, until)]
        return sorted(found, key=self._order)

    def _keys(self) -> set[tuple[str, str]]:
        return set(self.log) | set(self.exemptions)

    def _falls(self, product: str, practice: str, until: dt.date) -> Iterable[Fall]:
        days = [day for day in self._turning_days(product, practice) if day <= until]
        for i, day in enumerate(days):
            before, after = self.state(product, practice, day - DAY), self.state(product, practice, day)
            ended = before.state == "exempt" and not after.adopted and after.state != "exempt"
            if not ended and not (before.adopted and not after.adopted and after.state != "exempt"):
                continue
            later = (d for d in days[i + 1 :] if self.state(product, practice, d).adopted)
            yield Fall(
                on=day,
                product=product,
                practice=practice,
                from_state=before.state,
                to_state=after.state,
                cause="exemption_ended" if ended else _cause(before, after),
                held=ended or self._held(product, practice, day, days),
                mature=self._mature(product, day),
                level_before=self.level(product, day - DAY),
                level_after=self.level(product, day),
                before=before,
                after=after,
                recovered_on=next(later, None),
            )

    def _turning_days(self, product: str, practice: str) -> list[dt.date]:
        """Days on which the state can change other than from adopted to stale."""
        days: set[dt.date] = set()
        lapse = dt.timedelta(days=int(self.practices[practice].review_days * self.policy.lapse_after_reviews)) + DAY
        for entry in self.log.get((product, practice), []):
            days |= {entry.record.assessed_on, (entry.record.confirmed_on or entry.record.assessed_on) + lapse}
            if entry.record.provider:
                days |= set(self._turning_days(entry.record.provider, practice))
        for entry in self.exemptions.get((product, practice), []):
            days |= {entry.record.granted_on, entry.record.expires_on + DAY}
            days |= {entry.record.revoked_on} if entry.record.revoked_on else set()
        return sorted(days)

    def _held(self, product: str, practice: str, fell: dt.date, days: list[dt.date]) -> bool:
        """Adopted in enough assessments, or for long enough, before the fall."""
        since = fell
        for day in reversed([d for d in days if d < fell]):
            if not self.state(product, practice, day).adopted:
                break
            since = day
        statements = [e for e in self.log.get((product, practice), []) if since <= e.record.assessed_on < fell]
        return len(statements) >= self.policy.held_assessments or (fell - since).days >= self.policy.held_days

    def _mature(self, product: str, fell: dt.date) -> bool:
        """At target, or at the mature level, at the last month-ends before the fall."""
        ends, day = [], fell
        for _ in range(self.policy.mature_assessments):
            day = day.replace(day=1) - DAY
            ends.append(day)
        wanted = min(self.policy.mature_level, self.products[product].target_level)
        return all(self.level(product, end) >= wanted for end in ends)

    def _order(self, fall: Fall) -> tuple:
        """Gate broken, must, lower level first, tier, size of fall, oldest; then ids, so that the order is total."""
        practice, product = self.practices[fall.practice], self.products[fall.product]
        size = fall.before.items_done - fall.after.items_done
        return (
            not fall.regression, not fall.gate_broken, not practice.must, practice.level, product.tier, -size, fall.on,
            fall.product, fall.practice,
        )  # fmt: skip


def active(exemption: Exemption, on: dt.date) -> bool:
    """Approved, granted, not past its last day and not revoked. Pending or expired ones count as a gap."""
    return (
        exemption.approver is not None
        and exemption.granted_on <= on <= exemption.expires_on
        and (exemption.revoked_on is None or on < exemption.revoked_on)
    )


def reached(shares: Iterable[LevelShare], threshold: float) -> int:
    """Level from the shares of the levels, lowest first. A level without applicable practices never counts as reached.

    >>> reached([LevelShare(1, 1.0, (), ()), LevelShare(2, 0.79, (), ("x",)), LevelShare(3, 1.0, (), ())], 0.8)
    1
    """
    level = 0
    for share in shares:
        if not share.applicable:
            continue
        if share.missing_musts or share.share < threshold - 1e-9:
            break
        level = share.level
    return level


def _cause(before: State, after: State) -> str:
    if before.provider and before.provider == after.provider and before.statement is after.statement:
        return "inherited"
    if after.statement is before.statement:
        return "lapse"
    return "correction" if after.statement and after.statement.record.corrects else "decline"


def month_ends(first: dt.date, last: dt.date) -> list[tuple[str, dt.date]]:
    """(month, day to judge it on) from the month of `first` to the month of `last`: its last day, or `last` itself."""
    found, day = [], first.replace(day=1)
    while day <= last:
        following = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
        found.append((f"{day:%Y-%m}", min(following - DAY, last)))
        day = following
    return found
