"""From the log of assessments to states and levels. Pure rules; no file, no clock, no chance.

Source of every rule: the Guidemap model, docs/levels.md (worked examples A-G stand in tests/test_levels.py).
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from maturity.records.bundle import Bundle
from maturity.records.guide_map import Assessment, ChecklistItem, Exemption, Observation, Practice
from maturity.records.policies import ScoringPolicy
from maturity.records.problems import Loaded
from maturity.records.products import Product

ADOPTED = frozenset({"adopted", "stale"})
# An answer that no longer holds, because of its age or because a machine sees otherwise, counts nothing.
VOID = frozenset({"lapsed", "contradicted"})
OUTSIDE = frozenset({"exempt", "not_asked"})
DAY = dt.timedelta(days=1)

Key = tuple[str, str]


@dataclass(frozen=True)
class State:
    """State of one practice on one product at one date.

    `state` is adopted, stale, lapsed, contradicted, partial, not_adopted, unassessed, exempt or not_asked. `share` is
    done/asked items (0-1). `statement` is the log entry it rests on, `provider` the product it is inherited from,
    `observation` what a signal says about it. Until `grace_until` a change of the map takes nothing away; `grace` is
    what changed: items, practice or successor.
    """

    state: str
    items_done: int = 0
    items_total: int = 0
    share: float = 0.0
    statement: Loaded[Assessment] | None = None
    exemption: Loaded[Exemption] | None = None
    provider: str | None = None
    confirmed_on: dt.date | None = None
    evidence_kind: str | None = None
    observation: Loaded[Observation] | None = None
    grace: str | None = None
    grace_until: dt.date | None = None

    @property
    def adopted(self) -> bool:
        return self.state in ADOPTED

    @property
    def assessed(self) -> bool:
        return self.state != "unassessed" and self.state not in OUTSIDE

    @property
    def applies(self) -> bool:
        """Whether it stands in the denominators: a practice new to the map does only once it is adopted."""
        return self.state not in OUTSIDE and (self.grace != "practice" or self.adopted)

    @property
    def confirmed(self) -> bool:
        """Adopted, fresh, and backed by at least a link."""
        return self.state == "adopted" and self.evidence_kind is not None

    @property
    def counted(self) -> float:
        """Share of items that counts toward the percent."""
        return 0.0 if self.state in VOID else self.share


@dataclass(frozen=True)
class LevelShare:
    """How far one product is with the practices of one level. Shares are 0-1; `na_share` is of all that are asked."""

    level: int
    share: float | None
    missing_musts: tuple[str, ...]
    missing: tuple[str, ...]
    na_share: float = 0.0

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
        return next((s for s in self.shares if s.level > self.level and s.applicable), None)


@dataclass
class Adoption:
    """The log of a bundle, answering for any date. Memoised, because levels ask for the same states again.

    A state is the same from one turning day to the next, so it is derived once for all days between.
    """

    practices: dict[str, Practice]
    products: dict[str, Product]
    policy: ScoringPolicy
    log: dict[Key, list[Loaded[Assessment]]]
    exemptions: dict[Key, list[Loaded[Exemption]]]
    observations: dict[Key, list[Loaded[Observation]]]
    _states: dict[Key, tuple[list[dt.date], list[State | None]]] = field(default_factory=dict)
    _shares: dict[tuple[str, dt.date, bool], tuple[LevelShare, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, bundle: Bundle) -> Adoption:
        """Build from a checked bundle: providers and successors are never circular there."""
        log, exemptions, observations = defaultdict(list), defaultdict(list), defaultdict(list)
        names = {e.record.id: e.record for e in bundle.assessments if e.record.id}
        for entry in bundle.assessments:
            log[entry.record.product, entry.record.practice].append(entry)
        for entries in log.values():
            # Same day: a correction comes after what it corrects. The order of files and rows never decides.
            entries.sort(key=lambda e: (e.record.assessed_on, _corrections(e.record, names), e.file, e.line))
        for entry in bundle.exemptions:
            exemptions[entry.record.product, entry.record.practice].append(entry)
        for entry in bundle.observations:
            observations[entry.record.product, entry.record.signal].append(entry)
        for seen in observations.values():
            # Two sources on one day: the one that contradicts is looked at.
            seen.sort(key=lambda o: (o.record.observed_on, o.record.verdict == "contradicts", o.record.source))
        return cls(
            {p.record.id: p.record for p in bundle.practices},
            {p.record.id: p.record for p in bundle.products},
            bundle.scoring.record,
            dict(log),
            dict(exemptions),
            dict(observations),
        )

    # ----------------------------------------------------------------------------------------------- the map

    @cached_property
    def by_level(self) -> dict[int, list[Practice]]:
        """Practices of each level, in the order of the map."""
        found = defaultdict(list)
        for practice in self.practices.values():
            found[practice.level].append(practice)
        return dict(sorted(found.items()))

    @cached_property
    def predecessors(self) -> dict[str, list[Practice]]:
        """Retired practices whose answers a practice takes over, by that practice."""
        found = defaultdict(list)
        for practice in self.practices.values():
            if practice.superseded_by and practice.retired_on:
                found[practice.superseded_by].append(practice)
        return dict(found)

    @property
    def grace(self) -> dt.timedelta:
        """How long a change of the map takes nothing away."""
        return dt.timedelta(days=self.policy.grace_days)

    def asks(self, product: str, practice: str, on: dt.date) -> bool:
        """Whether the map asks a product for a practice on a day."""
        asked, tier = self.practices[practice], self.products[product].tier
        return _in_force(asked, on) and (not asked.tiers or tier in asked.tiers)

    @cached_property
    def weights(self) -> dict[str, float]:
        """Weight of each practice in level shares and percent."""
        of_level = self.policy.level_weights
        return {key: practice.weight * of_level.get(practice.level, 1) for key, practice in self.practices.items()}

    def changed_on(self, practice: str) -> list[dt.date]:
        """Days on which the checklist of a practice changed, oldest first. Wording is no change."""
        days = {day for item in self.practices[practice].checklist for day in (item.added_on, item.retired_on) if day}
        return sorted(days)

    # ---------------------------------------------------------------------------------------------- states

    def state(self, product: str, practice: str, on: dt.date) -> State:
        """State of a practice on a product at the end of a day."""
        key = (product, practice)
        if key not in self._states:
            days = self.turning_days(product, practice)
            self._states[key] = days, [None] * (len(days) + 1)
        days, states = self._states[key]
        place = bisect_right(days, on)
        found = states[place]
        if found is None:
            found = states[place] = self._derive(product, practice, on)
        return found

    def turning_days(self, product: str, practice: str) -> list[dt.date]:
        """Days on which a state can become another, in order."""
        asked, valid = self.practices[practice], dt.timedelta(days=self.policy.signal_valid_days) + DAY
        days: set[dt.date | None] = {asked.added_on, asked.retired_on}
        for changed in self.changed_on(practice):
            days |= {changed, changed + self.grace + DAY}
        for old in self.predecessors.get(practice, []):
            days |= {*self.turning_days(product, old.id), old.retired_on + self.grace + DAY}
        if asked.added_on:
            days.add(asked.added_on + self.grace + DAY)
        review, lapse = self._ages(practice)
        for entry in self.log.get((product, practice), []):
            confirmed = entry.record.confirmed_on or entry.record.assessed_on
            # A part of a day makes no day: 271.5 days are passed on the 272nd.
            days |= {entry.record.assessed_on, confirmed + review + DAY, confirmed + dt.timedelta(lapse.days) + DAY}
            if entry.record.provider:
                days |= set(self.turning_days(entry.record.provider, practice))
        for entry in self.exemptions.get((product, practice), []):
            days |= {entry.record.granted_on, entry.record.expires_on + DAY, entry.record.revoked_on}
        for signal in asked.signals:
            for seen in self.observations.get((product, signal), []):
                days |= {seen.record.observed_on, seen.record.observed_on + valid}
        return sorted(day for day in days if day)

    def _ages(self, practice: str) -> tuple[dt.timedelta, dt.timedelta]:
        """Ages beyond which an answer about a practice is stale, and lapsed."""
        review = dt.timedelta(days=self.practices[practice].review_days)
        return review, review * self.policy.lapse_after_reviews

    def _derive(self, product: str, practice: str, on: dt.date) -> State:
        if not self.asks(product, practice, on):
            return State("not_asked")
        exemption = self._exemption(product, practice, on)
        if exemption and active(exemption.record, on):
            items = in_force(self.practices[practice], on)
            return State("exempt", 0, len(items), exemption=exemption)
        found = self._said(product, practice, on) or self._taken_over(product, practice, on)
        if found is None:
            found = State("unassessed", 0, len(in_force(self.practices[practice], on)))
        begun = self.practices[practice].added_on
        if found.grace is None and begun and on <= begun + self.grace and not found.adopted:
            found = replace(found, grace="practice", grace_until=begun + self.grace)
        return replace(found, exemption=exemption) if exemption else found

    def _exemption(self, product: str, practice: str, on: dt.date) -> Loaded[Exemption] | None:
        """The active exemption of a day; else the last one that was asked for and is not active."""
        known = [e for e in self.exemptions.get((product, practice), []) if e.record.granted_on <= on]
        running = [e for e in known if active(e.record, on)]
        return (running or sorted(known, key=lambda e: e.record.granted_on)[-1:] or [None])[0]

    def _said(self, product: str, practice: str, on: dt.date) -> State | None:
        """What the product's own log says about a practice; None where it says nothing."""
        entries = self.log.get((product, practice), [])
        last = bisect_right(entries, on, key=lambda entry: entry.record.assessed_on)
        if not last:
            return None
        statement = entries[last - 1]
        if statement.record.state == "inherited":
            return self._inherited(statement, practice, on)
        done, total, share, changed = self._measured(statement.record, practice, on)
        confirmed = statement.record.confirmed_on or statement.record.assessed_on
        kind = statement.record.evidence.kind if statement.record.evidence else None
        review, lapse = self._ages(practice)
        if share and on - confirmed > lapse:
            name = "lapsed"
        elif share >= 1:
            name = "stale" if on - confirmed > review else "adopted"
        else:
            name = "partial" if share else "not_adopted"
        said = State(
            name, done, total, share, statement, confirmed_on=confirmed, evidence_kind=kind,
            grace="items" if changed else None, grace_until=changed and changed + self.grace,
        )  # fmt: skip
        return self._looked_at(said, product, practice, on) if name in ADOPTED else said

    def _measured(self, entry: Assessment, practice: str, on: dt.date) -> tuple[int, int, float, dt.date | None]:
        """Done items, asked items and done share of a statement under the checklist of a day.

        Within the grace after a change of the checklist the better of the old and the new one counts, so that neither
        answering nor waiting costs anything; the day of the change comes back where it is the old one.
        """
        found = self._under(entry, practice, on)
        since = next((day for day in self.changed_on(practice) if day <= on <= day + self.grace), None)
        if since is None or found[2] >= 1:
            return *found, None
        before = self._under(entry, practice, since - DAY)
        return (*before, since) if before[2] > found[2] else (*found, None)

    def _under(self, entry: Assessment, practice: str, on: dt.date) -> tuple[int, int, float]:
        asked = self.practices[practice]
        items = [item.id for item in in_force(asked, on)]
        if entry.share is not None:
            return int(entry.share * len(items)), len(items), entry.share
        if entry.state == "adopted":
            done = {item.id for item in in_force(asked, entry.assessed_on)}
        else:
            done = set(entry.items_done or [])
        count = sum(item in done for item in items)
        return count, len(items), count / len(items) if items else 0.0

    def _inherited(self, statement: Loaded[Assessment], practice: str, on: dt.date) -> State:
        provider = statement.record.provider
        theirs = self.state(provider, practice, on)
        if theirs.state == "not_asked":  # of its tier, say; what it does may still be inherited
            theirs = self._said(provider, practice, on) or theirs
        # A provider that never answered, or does not need the practice, does not do it for anybody else.
        name = theirs.state if theirs.assessed else "not_adopted"
        return replace(theirs, state=name, statement=statement, exemption=None, provider=provider)

    def _taken_over(self, product: str, practice: str, on: dt.date) -> State | None:
        """Answers of a retired practice count for its successor until the end of the grace."""
        for old in self.predecessors.get(practice, []):
            until = old.retired_on + self.grace
            if old.retired_on <= on <= until:
                found = self._said(product, old.id, on) or self._taken_over(product, old.id, on)
                if found:
                    return replace(found, grace="successor", grace_until=until)
        return None

    def _looked_at(self, said: State, product: str, practice: str, on: dt.date) -> State:
        """A claim beside what machines see: one that contradicts is enough, else one that confirms is evidence."""
        seen = [self._seen(product, signal, on) for signal in self.practices[practice].signals]
        seen = [o for o in seen if o]
        against = [o for o in seen if o.record.verdict == "contradicts"]
        if against:
            return replace(said, state="contradicted", observation=against[0])
        return replace(said, evidence_kind="automatic", observation=seen[0]) if seen else said

    def _seen(self, product: str, signal: str, on: dt.date) -> Loaded[Observation] | None:
        """The latest observation of a signal that still says something on a day."""
        known = self.observations.get((product, signal), [])
        last = bisect_right(known, on, key=lambda o: o.record.observed_on)
        if not last or (on - known[last - 1].record.observed_on).days > self.policy.signal_valid_days:
            return None
        return known[last - 1]

    # ------------------------------------------------------------------------------------------------ levels

    def shares(self, product: str, on: dt.date, na_as_gaps: bool = False) -> tuple[LevelShare, ...]:
        """For each level the weighted share of applicable practices that is adopted, and what is missing."""
        key = (product, on, na_as_gaps)
        if key not in self._shares:
            self._shares[key] = tuple(self._share(level, *key) for level in self.by_level)
        return self._shares[key]

    def _share(self, level: int, product: str, on: dt.date, na_as_gaps: bool) -> LevelShare:
        states = [(practice, self.state(product, practice.id, on)) for practice in self.by_level[level]]
        applicable = [(p, s) for p, s in states if s.applies or (na_as_gaps and s.state == "exempt")]
        total = sum(self.weights[p.id] for p, _ in applicable)
        missing = [p for p, s in applicable if not s.adopted]
        share = sum(self.weights[p.id] for p, s in applicable if s.adopted) / total if total else None
        exempt = sum(s.state == "exempt" for _, s in states)
        asked = exempt + sum(s.applies for _, s in states)
        musts = tuple(p.id for p in missing if p.must)
        return LevelShare(level, share, musts, tuple(p.id for p in missing), exempt / asked if asked else 0.0)

    def level(self, product: str, on: dt.date, na_as_gaps: bool = False) -> int:
        """Highest level such that it and every level below have all musts and the threshold share; 0 is none."""
        return reached(self.shares(product, on, na_as_gaps), self.policy.level_threshold)

    def product_level(self, product: str, on: dt.date) -> ProductLevel:
        """Level, percent and honesty numbers of one product at the end of a day."""
        states = [(p, self.state(product, p.id, on)) for p in self.practices.values()]
        applicable = [(p, s) for p, s in states if s.applies]
        total = sum(self.weights[p.id] for p, _ in applicable)
        exempt = sum(s.state == "exempt" for _, s in states)
        na_share = exempt / (exempt + len(applicable)) if exempt else 0.0
        shares = self.shares(product, on)
        level = reached(shares, self.policy.level_threshold)
        last = self.last_assessed(product, on)
        target = self.products[product].target_level
        return ProductLevel(
            product=product,
            on=on,
            level=level,
            level_with_na_as_gaps=self.level(product, on, na_as_gaps=True),
            percent=sum(self.weights[p.id] * s.counted for p, s in applicable) / total if total else None,
            coverage=_part(s.assessed for _, s in applicable),
            confirmed_share=_part(s.confirmed for _, s in applicable),
            na_share=na_share,
            narrow_scope=na_share > self.policy.narrow_scope_na_share,
            target_level=target,
            target_gap=max(0, target - level),
            shares=shares,
            last_assessed_on=last,
            quiet=last is not None and (on - last).days > self.policy.quiet_after_days,
        )

    # ----------------------------------------------------------------------------------------------- the days

    @cached_property
    def assessed_days(self) -> dict[str, list[dt.date]]:
        """Days on which anybody said anything about each product, in order."""
        found = defaultdict(set)
        for (product, _), entries in self.log.items():
            found[product] |= {entry.record.assessed_on for entry in entries}
        return {product: sorted(days) for product, days in found.items()}

    def last_assessed(self, product: str, on: dt.date) -> dt.date | None:
        """The last day up to `on` on which anybody said anything about a product."""
        days = self.assessed_days.get(product, [])
        return days[bisect_right(days, on) - 1] if days and days[0] <= on else None


def in_force(practice: Practice, on: dt.date) -> list[ChecklistItem]:
    """The checklist of a practice on a day."""
    return [item for item in practice.checklist if _in_force(item, on)]


def active(exemption: Exemption, on: dt.date) -> bool:
    """Approved, granted, not past its last day and not revoked. Any other counts as a gap."""
    return exemption_status(exemption, on) == "active"


def exemption_status(exemption: Exemption, on: dt.date) -> str:
    """pending, active, expired or revoked on a day."""
    if exemption.revoked_on and exemption.revoked_on <= on:
        return "revoked"
    if on > exemption.expires_on:
        return "expired"
    return "active" if exemption.approver and exemption.granted_on <= on else "pending"


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


def month_ends(first: dt.date, last: dt.date) -> list[tuple[str, dt.date]]:
    """(month, day to judge it on) from the month of `first` to the month of `last`: its last day, or `last` itself."""
    found, day = [], first.replace(day=1)
    while day <= last:
        following = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
        found.append((f"{day:%Y-%m}", min(following - DAY, last)))
        day = following
    return found


def _in_force(part: Practice | ChecklistItem, on: dt.date) -> bool:
    return (part.added_on is None or part.added_on <= on) and (part.retired_on is None or on < part.retired_on)


def _part(marks: Iterable[bool]) -> float | None:
    marks = list(marks)
    return sum(marks) / len(marks) if marks else None


def _corrections(entry: Assessment, names: dict[str, Assessment]) -> int:
    """How many corrections deep an entry is: 0 corrects nothing."""
    depth, seen = 0, set()
    while entry and entry.corrects and entry.corrects not in seen:
        seen.add(entry.corrects)
        depth, entry = depth + 1, names.get(entry.corrects)
    return depth
