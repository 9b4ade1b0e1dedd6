"""What no single record can know: ids that do not exist, records twice, dates in the future, circles.

Each check yields the record and the problem; records with an error are taken out of the bundle, so that a build
that keeps going loads only rows that fit together.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from loaders import guide_map_checks
from loaders.reading import Reading
from maturity import risk_cost, sources
from maturity.records.bundle import Bundle
from maturity.records.problems import Loaded, Problem

# A record and what is wrong with it; None where it only waits for a record that has a problem of its own.
Found = Iterator[tuple[Loaded, Problem | None]]

# Fields that name something else: collection, path of the field, collection it must be in. `*` walks a list.
_REFERENCES = [
    ("practices", ("category",), "categories"),
    ("practices", ("level",), "levels"),
    ("practices", ("prerequisites", "*"), "practices"),
    ("practices", ("superseded_by",), "practices"),
    ("practices", ("signals", "*"), "signals"),
    ("products", ("providers", "*"), "products"),
    ("assessments", ("product",), "products"),
    ("assessments", ("practice",), "practices"),
    ("assessments", ("provider",), "products"),
    ("exemptions", ("product",), "products"),
    ("exemptions", ("practice",), "practices"),
    ("risks", ("products", "*"), "products"),
    ("risks", ("links", "practices", "*"), "practices"),
    ("risks", ("links", "slos", "*"), "slos"),
    ("risks", ("links", "incidents", "*"), "incidents"),
    ("risks", ("links", "related", "*"), "risks"),
    ("risks", ("duplicate_of",), "risks"),
    ("slos", ("product",), "products"),
    ("slos", ("members", "*", "slo"), "slos"),
    ("corrections", ("slos", "*"), "slos"),
    ("decisions", ("slo",), "slos"),
    ("decisions", ("risk",), "risks"),
    ("decisions", ("practice",), "practices"),
    ("decisions", ("product",), "products"),
    ("incidents", ("products", "*"), "products"),
    ("incidents", ("slos", "*"), "slos"),
    ("products", ("main_slo",), "slos"),
    ("watched_metrics", ("product",), "products"),
    ("metric_values", ("metric",), "watched_metrics"),
    ("observations", ("product",), "products"),
    ("observations", ("signal",), "signals"),
]

# A record does without these while what they name has a problem of its own: one slip in an SLO must not take the
# product, its assessments and its risks out of the report.
_LINKS = {"prerequisites", "providers", "main_slo", "links", "duplicate_of", "slos", "signals"}

# Where a collection is read from: while one of these files cannot be read, an unknown id may stand in it.
_HOMES = {
    "products": ("products.yaml", "sources.yaml"), "slos": ("slos/", "sources.yaml"),
    "risks": ("risks/", "sources.yaml"), "incidents": ("incidents", "postmortems/"),
    "signals": ("signals.yaml",), "watched_metrics": ("watched_metrics.yaml",),
    # "guide_map" is the map and the changes to it.
    "practices": ("guide_map", "sources.yaml"), "levels": ("guide_map", "sources.yaml"),
    "categories": ("guide_map", "sources.yaml"),
}  # fmt: skip
# Foreign files in which such a collection stands too.
_FOREIGN = {"products": sources.BackstageSource, "slos": sources.SloFiles, "risks": sources.RiskFiles}
_WEB = re.compile(r"^https?://\S+$", re.IGNORECASE)
_UNREADABLE = {"yaml", "encoding", "file"}
_DELETED = "; one that the map no longer asks for is retired in guide_map_changes.yaml, not deleted"

# Dates of things that have happened.
_PAST = [
    ("assessments", ("assessed_on",)),
    ("assessments", ("confirmed_on",)),
    ("assessments", ("evidence", "on")),
    ("exemptions", ("granted_on",)),
    ("exemptions", ("revoked_on",)),
    ("risks", ("detected", "at")),
    ("risks", ("log", "*", "at")),
    ("risks", ("review", "last_reviewed")),
    ("risks", ("acceptance", "accepted_at")),
    ("risks", ("closed", "at")),
    ("risks", ("earlier", "*", "until")),
    ("incidents", ("postmortem_on",)),
    ("slos", ("reviewed_on", "*")),
    ("corrections", ("recorded_on",)),
    ("decisions", ("decided_on",)),
    ("decisions", ("closed_on",)),
    ("incidents", ("started_at",)),
    ("incidents", ("detected_at",)),
    ("incidents", ("ended_at",)),
    ("observations", ("observed_on",)),
    ("metric_values", ("on",)),
    ("reviews", ("as_of",)),
]

_KEYS: dict[str, Callable[[Any], tuple]] = {
    "products": lambda r: (r.id,),
    "levels": lambda r: (r.level,),
    "categories": lambda r: (r.id,),
    "practices": lambda r: (r.id,),
    # A correction may be of the same day; two plain statements of one day contradict each other.
    "assessments": lambda r: (r.product, r.practice, r.assessed_on, r.corrects),
    "exemptions": lambda r: (r.product, r.practice, r.granted_on),
    "risks": lambda r: (r.id,),
    "slos": lambda r: (r.id,),
    "corrections": lambda r: (r.id,),
    "decisions": lambda r: (r.id,),
    "incidents": lambda r: (r.id,),
    "signals": lambda r: (r.id,),
    "observations": lambda r: (r.product, r.signal, r.observed_on, r.source),
    "sources": lambda r: (r.id,),
    "watched_metrics": lambda r: (r.id,),
    "metric_values": lambda r: (r.metric, r.on),
    "reviews": lambda r: (r.month,),
}


def apply(reading: Reading, as_of: dt.date) -> None:
    """Add every problem to the reading and take the records with errors out of its bundle."""
    bundle = reading.bundle
    reading.problems += guide_map_checks.of_map(reading, as_of)
    for name in _KEYS:
        reading.saw(name, [{"id": getattr(loaded.record, "id", None)} for loaded in getattr(bundle, name)])
    for check in (
        _duplicates,
        _in_themselves,
        _prerequisites,
        guide_map_checks.of_practices,
        _provider_circles,
        _merges,
    ):
        _take_out(reading, check(bundle))
    _take_out(reading, _future(bundle, as_of))
    _take_out(reading, _evidence(reading))
    # A record that goes may leave another pointing nowhere; each pass reports what the one before laid open.
    told: set[tuple] = set()
    waiting: set[tuple] = set()
    while _take_out(reading, _references(reading, told, waiting)):
        pass
    _take_out(reading, _assessments(bundle))
    _take_out(reading, _of_sources(bundle))
    kept = {loaded.record.id for loaded in bundle.slos}
    bundle.slo_targets = [t for t in bundle.slo_targets if t.record.slo in kept]


def _take_out(reading: Reading, found: Found) -> bool:
    gone: set[int] = set()
    for loaded, problem in list(found):
        reading.problems += [problem] if problem else []
        if problem is None or problem.level == "error":
            gone.add(id(loaded))
    for name in _KEYS if gone else ():
        kept = [loaded for loaded in getattr(reading.bundle, name) if id(loaded) not in gone]
        setattr(reading.bundle, name, kept)
    return bool(gone)


def _values(record: Any, path: tuple, at: tuple = ()) -> Iterator[tuple[tuple, Any]]:
    """(concrete path, value) of a field; nothing where it is empty."""
    if record is None:
        return
    if not path:
        yield at, record
    elif path[0] == "*":
        for i, item in enumerate(record):
            yield from _values(item, path[1:], (*at, i))
    else:
        yield from _values(getattr(record, path[0]), path[1:], (*at, path[0]))


def _references(reading: Reading, told: set[tuple], waiting: set[tuple]) -> Found:
    """Ids that nothing has. A record that was itself rejected is told of once a file, not once a row.

    Nothing is told of an id that may stand in a file that cannot be read: that file's problem is the one to mend.
    What names such an id is `waiting` for it, and so is what names that in turn.
    """
    unread = reading.unread | {p.file for p in reading.problems if p.field in _UNREADABLE and p.level == "error"}
    for name, path, target in _REFERENCES:
        lost = any(file.startswith(_homes(reading.bundle, target)) for file in unread)
        known = {_KEYS[target](loaded.record)[0] for loaded in getattr(reading.bundle, target)}
        for loaded in getattr(reading.bundle, name):
            for at, value in _values(loaded.record, path):
                if value in known:
                    continue
                # An SLO document with several objectives becomes SLOs with a number behind a dot.
                rejected = not reading.seen[target].isdisjoint({value, str(value).rpartition(".")[0]})
                if (lost or rejected) and path[0] in _LINKS:
                    continue
                if (lost and not rejected) or (target, value) in waiting:
                    waiting.add((name, _KEYS[name](loaded.record)[0]))
                    yield loaded, None
                    continue
                # A practice that was deleted from the map is missed by every answer to it.
                deleted = known and target == "practices" and name != "practices"
                # Where a whole collection is not there, its ids are one slip, not one each.
                said = (loaded.file, target, None if not (known or rejected) else value)
                if (rejected or deleted or not known) and said in told:
                    yield loaded, None
                    continue
                told.add(said)
                hint = _DELETED if deleted and not rejected else ""
                yield loaded, loaded.problem(at, value, _known(target, known, rejected) + hint)


def _homes(bundle: Bundle, target: str) -> tuple[str, ...]:
    """Where a collection is read from, foreign files included."""
    records = [loaded.record for loaded in bundle.sources]
    if "guide_map" in _HOMES[target]:
        foreign = [record for record in records if getattr(record, "guide_map", False)]
    else:
        foreign = [record for record in records if isinstance(record, _FOREIGN.get(target, ()))]
    return (*_HOMES[target], *(record.path.split("*")[0] for record in foreign))


def _known(target: str, known: set, rejected: bool) -> str:
    if rejected:
        return f"an entry of {target} that is loaded; this one has a problem of its own"
    # A list of hundreds of ids would drown the message.
    if not known:
        return f"an id in {target}; none is loaded"
    return f"one of {', '.join(map(str, sorted(known)))} in {target}" if len(known) <= 12 else f"an id in {target}"


def _duplicates(bundle: Bundle) -> Found:
    for name, key in _KEYS.items():
        first: dict[tuple, Loaded] = {}
        for loaded in getattr(bundle, name):
            seen = first.setdefault(key(loaded.record), loaded)
            if seen is not loaded:
                shown = " ".join(str(part) for part in key(loaded.record) if part is not None)
                where = f"{seen.file}:{seen.line}"
                yield (
                    loaded,
                    Problem(loaded.file, loaded.line, name, f"{shown} again (first at {where})", "each one once"),
                )
    for name in ("products", "slos", "risks"):
        alike: dict[str, Loaded] = {}
        for loaded in getattr(bundle, name):
            seen = alike.setdefault(loaded.record.id.casefold(), loaded)
            if seen.record.id != loaded.record.id:  # both are read; people and some file systems take them for one
                found = f"{loaded.record.id}, which differs from {seen.record.id} at {seen.file}:{seen.line} by case"
                wanted = "ids that differ by more"
                yield loaded, Problem(loaded.file, loaded.line, "id", found, wanted, "warning")
    named = [loaded for loaded in bundle.assessments if loaded.record.id]
    first = {}
    for loaded in named:
        seen = first.setdefault(loaded.record.id, loaded)
        if seen is not loaded:
            found = f"{loaded.record.id} again (first at {seen.file}:{seen.line})"
            yield loaded, loaded.trouble(("id",), found, "each id once")


def _future(bundle: Bundle, as_of: dt.date) -> Found:
    for name, path in _PAST:
        for loaded in getattr(bundle, name):
            for at, value in _values(loaded.record, path):
                day = value.date() if isinstance(value, dt.datetime) else value
                if day > as_of:
                    yield loaded, loaded.problem(at, str(value), f"a date not after {as_of}")


def _in_themselves(bundle: Bundle) -> Found:
    """Fields of one record that must fit together."""
    levels = {loaded.record.level for loaded in bundle.levels}
    longest = bundle.scoring.record.exemption_max_days if bundle.scoring else 366
    for loaded in bundle.products:
        if levels and loaded.record.target_level not in levels:
            yield loaded, loaded.problem(("target_level",), loaded.record.target_level, f"one of {sorted(levels)}")
    for loaded in bundle.practices:
        ids = [item.id for item in loaded.record.checklist]
        if len(set(ids)) < len(ids):
            yield loaded, loaded.trouble(("checklist",), "an item id twice", "each item id once")
    composites = {loaded.record.id for loaded in bundle.slos if loaded.record.members}
    for loaded in bundle.slos:
        made = loaded.record
        for i, member in enumerate(made.members):
            if member.slo in composites:
                yield loaded, loaded.problem(("members", i, "slo"), member.slo, "an SLO with an SLI of its own")
        if made.combine == "all_hold" and made.method == "Occurrences":
            wanted = "Timeslices or RatioTimeslices where all members must hold"
            yield loaded, loaded.problem(("members",), made.method, wanted)
    for loaded in bundle.corrections:
        for i, key in enumerate(loaded.record.slos):
            if key in composites:
                wanted = "its members: a composite has no time of its own to correct"
                yield loaded, loaded.problem(("slos", i), key, wanted)
    for loaded in bundle.exemptions:
        length = (loaded.record.expires_on - loaded.record.granted_on).days
        if not 0 < length <= longest:
            yield (
                loaded,
                loaded.problem(("expires_on",), str(loaded.record.expires_on), f"1 to {longest} days after granted_on"),
            )
    for loaded in bundle.risks:
        yield from _risk(loaded)


def _risk(loaded: Loaded) -> Found:
    status = loaded.record.status
    needs = {
        "closed": ("closed", "at, by and reason"),
        "merged": ("duplicate_of", "the record that stays"),
        "accepted": ("acceptance", "approver, accepted_at, expires and reason"),
    }
    needed, fields = needs.get(status, (None, ""))
    if needed and getattr(loaded.record, needed) is None:
        yield loaded, loaded.problem((needed,), None, f"{fields}, because the status is {status}")
    if loaded.record.kind == "factor" and loaded.record.risk_factor is None:
        yield loaded, loaded.problem(("risk_factor",), None, "risk_factor, because the kind is factor")
    accepted = loaded.record.acceptance
    if accepted and accepted.expires < accepted.accepted_at:
        expected = f"a day not before accepted_at {accepted.accepted_at}"
        yield loaded, loaded.problem(("acceptance", "expires"), str(accepted.expires), expected)
    if loaded.record.closed and status not in risk_cost.ENDED | {"materialised"}:
        yield loaded, loaded.trouble(("closed",), f"how it ended, with status {status}", "status closed", "warning")
    for i, other in enumerate(loaded.record.links.related):
        if other == loaded.record.id:
            yield loaded, loaded.problem(("links", "related", i), other, "another record", "warning")
    days = [entry.at for entry in loaded.record.log]
    for i in range(1, len(days)):
        if days[i] < days[i - 1]:
            yield loaded, loaded.problem(("log", i, "at"), str(days[i]), f"a date not before {days[i - 1]}", "warning")


def _evidence(reading: Reading) -> Found:
    """Evidence in our own files that nobody can open; foreign files are read as they are."""
    for loaded in reading.bundle.assessments:
        evidence = loaded.record.evidence
        if not (evidence and loaded.file.startswith("assessments/")) or _WEB.match(evidence.url):
            continue
        try:
            there = (reading.folder / evidence.url).exists()
        except (OSError, ValueError):  # longer than a path can be, or none at all
            there = False
        if not there:
            expected = "https://... or a file of the data folder"
            yield loaded, loaded.problem(("evidence", "url"), evidence.url, expected, "warning")


def _prerequisites(bundle: Bundle) -> Found:
    practices = {loaded.record.id: loaded for loaded in bundle.practices}
    for loaded in bundle.practices:
        for i, needed in enumerate(loaded.record.prerequisites):
            other = practices.get(needed)
            if other and other.record.level > loaded.record.level:
                at = ("prerequisites", i)
                yield (
                    loaded,
                    loaded.trouble(
                        at, f"{needed} of level {other.record.level}", f"level {loaded.record.level} or lower"
                    ),
                )
    graph = {key: list(loaded.record.prerequisites) for key, loaded in practices.items()}
    for key, circle in _circles(graph):
        yield practices[key], practices[key].trouble(("prerequisites",), " -> ".join(circle), "no circle")


def _of_sources(bundle: Bundle) -> Found:
    """Ids that a source gives to the words of foreign files, and products whose repositories are asked."""
    known = {
        "products": ({p.record.id for p in bundle.products}, "the id of a product"),
        "practices": ({p.record.id for p in bundle.practices}, "the id of a practice in the guide map"),
    }
    slos = {slo.record.id for slo in bundle.slos}
    for loaded in bundle.sources:
        for name, (ids, expected) in known.items():
            for word, meant in getattr(loaded.record, name, {}).items():
                if meant not in ids:
                    yield loaded, loaded.problem((name, word), meant, expected)
        for product in getattr(loaded.record, "repositories", {}):
            if product not in known["products"][0]:
                yield loaded, loaded.problem(("repositories", product), product, known["products"][1])
        for slo in getattr(loaded.record, "projects", {}):
            if slo not in slos:
                yield loaded, loaded.problem(("projects", slo), slo, "the id of an SLO of slos/")


def _provider_circles(bundle: Bundle) -> Found:
    products = {loaded.record.id: loaded for loaded in bundle.products}
    graph = {key: list(loaded.record.providers) for key, loaded in products.items()}
    for key, circle in _circles(graph):
        yield products[key], products[key].trouble(("providers",), " -> ".join(circle), "no circle of providers")


def _merges(bundle: Bundle) -> Found:
    """Merged records leave every list, so the record that stays must exist for all of their products."""
    risks = {loaded.record.id: loaded for loaded in bundle.risks}
    graph = {key: [loaded.record.duplicate_of] for key, loaded in risks.items() if loaded.record.duplicate_of}
    for key, circle in _circles(graph):
        yield risks[key], risks[key].trouble(("duplicate_of",), " -> ".join(circle), "a record that stays")
    for loaded in bundle.risks:
        stays = risks.get(loaded.record.duplicate_of or "")
        for i, product in enumerate(loaded.record.products if stays and loaded.record.status == "merged" else []):
            if product not in stays.record.products:
                expected = f"a product of {stays.record.id}, into which it was merged"
                yield loaded, loaded.problem(("products", i), product, expected, "warning")


def _circles(graph: dict[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    """Each node that can reach itself, with the way round."""
    for start in graph:
        ways = [[start]]
        seen = {start}
        while ways:
            way = ways.pop()
            for following in graph.get(way[-1], []):
                if following == start:
                    yield start, [*way, start]
                    ways = []
                    break
                if following not in seen:
                    seen.add(following)
                    ways.append([*way, following])


def _assessments(bundle: Bundle) -> Found:
    items = {loaded.record.id: {item.id for item in loaded.record.checklist} for loaded in bundle.practices}
    providers = {loaded.record.id: loaded.record.providers for loaded in bundle.products}
    ids: Iterable[str] = {loaded.record.id for loaded in bundle.assessments if loaded.record.id}
    for loaded in bundle.assessments:
        entry = loaded.record
        known = items[entry.practice]
        done = entry.items_done or []
        for i, item in enumerate(done):
            if item in done[:i]:
                yield loaded, loaded.trouble(("items_done", i), f"{item} again", "each item once", "warning")
            if item not in known:
                yield (
                    loaded,
                    loaded.problem(("items_done", i), item, f"one of {', '.join(sorted(known))} of {entry.practice}"),
                )
        if entry.provider and entry.provider not in providers[entry.product]:
            named = ", ".join(providers[entry.product]) or "none"
            yield (
                loaded,
                loaded.problem(("provider",), entry.provider, f"a provider of {entry.product} in products ({named})"),
            )
        if entry.corrects and entry.corrects not in ids:
            yield loaded, loaded.problem(("corrects",), entry.corrects, "the id of an assessment")
