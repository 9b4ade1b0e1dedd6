"""What our own files show about a practice: rules over a bundle, judged on a day. No file, no clock, no chance.

Limits stand in data/signals.yaml. Where there is nothing to judge by, nothing is said: "inconclusive" is a result.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from maturity.records.bundle import Bundle
from maturity.records.guide_map import Observation, Signal
from maturity.records.incidents import Incident
from maturity.records.problems import Loaded
from maturity.records.risks import Risk
from maturity.records.slos import Slo

OWN = "guidemap"  # who looked


@dataclass(frozen=True)
class _Seen:
    """One look: what was found, what it rests on, and whether that is enough.

    `found` and `expected` are figures and signs, which need no translation; the signal's name says of what.
    """

    good: bool
    found: str
    expected: str
    at: Loaded
    line: int | None = None


@dataclass
class _Look:
    """What a rule may look at. `measured` is SLO -> days with a bucket, in order."""

    bundle: Bundle
    measured: dict[str, list[dt.date]]
    as_of: dt.date

    def __post_init__(self) -> None:
        self.slos: dict[str, list[Loaded[Slo]]] = defaultdict(list)
        self.risks: dict[str, list[Loaded[Risk]]] = defaultdict(list)
        self.incidents: dict[str, list[Loaded[Incident]]] = defaultdict(list)
        for loaded in self.bundle.slos:
            self.slos[loaded.record.product].append(loaded)
        for found, loadeds in ((self.risks, self.bundle.risks), (self.incidents, self.bundle.incidents)):
            for loaded in loadeds:
                for product in loaded.record.products:
                    found[product].append(loaded)
        self.products = {p.record.id: p for p in self.bundle.products}
        self.catalog = {c.record.product: c for c in self.bundle.catalog}
        self.first_measured = min((days[0] for days in self.measured.values() if days), default=None)


Rule = Callable[[_Look, Signal, str, dt.date], _Seen | None]


def own(
    bundle: Bundle, days: list[dt.date], measured: dict[str, list[dt.date]], as_of: dt.date
) -> list[Loaded[Observation]]:
    """What our own files say about every product on each of the days, for the signals that we can judge."""
    look = _Look(bundle, measured, as_of)
    return [seen for signal in bundle.signals if signal.record.id in RULES for seen in _of(look, signal, days)]


def _of(look: _Look, signal: Loaded[Signal], days: list[dt.date]) -> Iterator[Loaded[Observation]]:
    key = signal.record.id
    for product in look.products:
        for day in days:
            seen = RULES[key](look, signal.record, product, day)
            if seen:
                verdict = "confirms" if seen.good else "contradicts"
                made = Observation(
                    product=product, signal=key, observed_on=day, verdict=verdict,
                    found=seen.found, expected=seen.expected, source=OWN,
                )  # fmt: skip
                yield Loaded(made, seen.at.file, seen.line or seen.at.line)


def _slo_defined(look: _Look, signal: Signal, product: str, day: dt.date) -> _Seen | None:
    """An SLO of the product. When it was written is unknown, so only the snapshot's day is judged."""
    if day != look.as_of or not look.slos:
        return None
    mine = look.slos.get(product, [])
    at = mine[0] if mine else look.products[product]
    return _Seen(len(mine) >= signal.limit, str(len(mine)), f"≥ {signal.limit:g}", at)


def _sli_has_data(look: _Look, signal: Signal, product: str, day: dt.date) -> _Seen | None:
    """Every SLO that was ever measured has a bucket in the last days; a never measured one is judged today.

    A composite has no buckets of its own: its members are judged, in the products that they belong to.
    """
    span = dt.timedelta(days=signal.days)
    if look.first_measured is None or day < look.first_measured + span:
        return None
    judged, fresh = [], 0
    for slo in (slo for slo in look.slos.get(product, []) if not slo.record.members):
        days = look.measured.get(slo.record.id, [])
        if not (days[0] <= day if days else day == look.as_of):
            continue
        last = bisect_right(days, day)
        good = last > 0 and day - days[last - 1] < span
        fresh += good
        judged.append((good, slo))
    if not judged:
        return None
    worst = min(judged, key=lambda pair: pair[0])[1]
    return _ratio(signal, fresh, len(judged), worst)


def _slo_reviewed(look: _Look, signal: Signal, product: str, day: dt.date) -> _Seen | None:
    """The newest review of each SLO that has ever been reviewed."""
    latest = []
    for slo in look.slos.get(product, []):
        days = [d for d in slo.record.reviewed_on if d <= day]
        latest += [(max(days), slo)] if days else []
    if not latest:
        return None
    oldest, slo = min(latest, key=lambda pair: pair[0])
    return _aged(signal, oldest, day, slo, slo.line_of("reviewed_on"))


def _risks_updated(look: _Look, signal: Signal, product: str, day: dt.date) -> _Seen | None:
    """The newest line in the log of any of the product's records."""
    logged = [
        (entry.at, i, risk)
        for risk in look.risks.get(product, [])
        for i, entry in enumerate(risk.record.log)
        if entry.at <= day
    ]
    if not logged:
        return None
    newest, i, risk = max(logged, key=lambda found: found[0])
    return _aged(signal, newest, day, risk, risk.line_of("log", i))


def _postmortems(look: _Look, signal: Signal, product: str, day: dt.date) -> _Seen | None:
    """Share of grave incidents, ended long enough ago to have been written about, that name a postmortem."""
    settled = day - dt.timedelta(days=signal.settle_days or 0)
    since = day - dt.timedelta(days=signal.days)
    judged = [
        incident
        for incident in look.incidents.get(product, [])
        if incident.record.severity <= (signal.max_severity or incident.record.severity)
        and incident.record.ended_at
        and since <= incident.record.ended_at.date() <= settled
    ]
    if not judged:
        return None
    without = [incident for incident in judged if not incident.record.postmortem]
    return _ratio(signal, len(judged) - len(without), len(judged), (without or judged)[0])


def _catalog(name: str) -> Rule:
    """A field of the software catalogue is filled in. It has no past, so only the snapshot's day is judged."""

    def rule(look: _Look, signal: Signal, product: str, day: dt.date) -> _Seen | None:
        entry = look.catalog.get(product)
        if entry is None or day != look.as_of:
            return None
        good = getattr(entry.record, name)
        return _Seen(good, "✓" if good else "–", "✓", entry)

    return rule


def _aged(signal: Signal, newest: dt.date, day: dt.date, at: Loaded, line: int) -> _Seen:
    age = (day - newest).days
    return _Seen(age <= signal.days, f"{newest} ({age} d)", f"≤ {signal.days} d", at, line)


def _ratio(signal: Signal, good: int, of: int, at: Loaded) -> _Seen:
    return _Seen(good / of >= signal.limit, f"{good} / {of} ({good / of:.0%})", f"≥ {signal.limit:.0%}", at)


RULES: dict[str, Rule] = {
    "slo.defined": _slo_defined,
    "slo.sli_has_data_28d": _sli_has_data,
    "slo.reviewed_within_120d": _slo_reviewed,
    "risks.updated_within_120d": _risks_updated,
    "incidents.postmortem_ratio": _postmortems,
    "catalog.owner_set": _catalog("owner_set"),
    "catalog.tier_set": _catalog("tier_set"),
    "catalog.docs_set": _catalog("docs_set"),
    "catalog.depends_on_set": _catalog("depends_on_set"),
}

# Without these a rule has nothing to judge by; the reader of signals.yaml asks for them.
NEEDS: dict[str, tuple[str, ...]] = {
    "slo.defined": ("limit",),
    "slo.sli_has_data_28d": ("limit", "days"),
    "slo.reviewed_within_120d": ("days",),
    "risks.updated_within_120d": ("days",),
    "incidents.postmortem_ratio": ("limit", "days"),
}
