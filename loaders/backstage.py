"""Backstage entities as products. See docs/formats/backstage.md.

What a product is (its level to reach, its main SLO, its users) the catalogue cannot know; `products.yaml` says it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from loaders import validate
from loaders.backstage_catalog import Catalog, Entity, ref
from loaders.mapping import Mapping, sources_of
from loaders.reading import Reading
from loaders.yaml_rows import Document
from maturity.records.guide_map import CatalogFact
from maturity.records.problems import Loaded
from maturity.sources import BackstageSource

_LIFECYCLES = {"experimental", "production", "deprecated"}
_DOCS = "backstage.io/techdocs-ref"


@dataclass(frozen=True)
class Entry:
    """A product as the catalogue has it: fields of `Product`, which may lack some, and where each stands."""

    fields: dict[str, Any]
    file: str
    line: int
    lines: dict[tuple, int] = field(default_factory=dict)

    def document(self) -> Document:
        """As a document to validate."""
        return Document(self.file, self.fields, self.line, self.lines)


def products(reading: Reading) -> dict[str, Entry]:
    """Id -> product, of every Backstage source; also fills `catalog` of the bundle."""
    found: dict[str, Entry] = {}
    for source in sources_of(reading, "backstage"):
        catalog = Catalog.read(reading, source)
        mapping = Mapping.of(reading, source)
        mine = _products(catalog, mapping)
        for key, (entity, entry) in mine.items():
            if key in found:
                place = f"{found[key].file}:{found[key].line}"
                reading.problems.append(
                    entity.problem(("metadata", "name"), f"{key} again (first at {place})", "each product once")
                )
                continue
            found[key] = entry
            reading.bundle.catalog += _facts(key, entity, source.record)
        for file, path in catalog.paths.items():
            taken = sum(entity.file == file for entity in catalog.entities.values())
            reading.note(path, file, "products", catalog.counts[file], taken)
        mapping.tell()
    return found


def _products(catalog: Catalog, mapping: Mapping) -> dict[str, tuple[Entity, Entry]]:
    options = catalog.source.record
    wanted = {kind.lower() for kind in options.kinds}
    chosen = [e for e in catalog.of_kind(wanted) if _asked_for(e, options) and not _ignored(e, mapping)]
    ids = {entity.ref: _id(entity, options) for entity in chosen}
    found: dict[str, tuple[Entity, Entry]] = {}
    for entity in chosen:
        key = ids[entity.ref]
        if key in found:
            first = found[key][0]
            told = f"{key} again (first at {first.file}:{first.line()})"
            expected = "each product once, or another id in products: of the source"
            catalog.reading.problems.append(entity.problem(("metadata", "name"), told, expected))
        else:
            found[key] = (entity, _entry(catalog, mapping, entity, ids))
    return found


def _asked_for(entity: Entity, options: BackstageSource) -> bool:
    return not options.types or entity.text("spec", "type") in options.types


def _ignored(entity: Entity, mapping: Mapping) -> bool:
    return mapping.ignored(entity.name) or mapping.ignored(f"{entity.namespace}/{entity.name}")


def _id(entity: Entity, options: BackstageSource) -> str:
    """The name, behind its namespace unless that is the default; `products:` of the source may say another id."""
    own = entity.name if entity.namespace == "default" else f"{entity.namespace}.{entity.name}"
    return options.products.get(own, own)


def _entry(catalog: Catalog, mapping: Mapping, entity: Entity, ids: dict) -> Entry:
    options = catalog.source.record
    fields: dict[str, Any] = {"id": ids[entity.ref], "name": entity.text("metadata", "title") or entity.name}
    lines = {("id",): entity.line("metadata", "name"), ("name",): entity.line("metadata", "title")}

    def take(name: str, value: Any, *path: Any) -> None:
        if value not in (None, []):
            fields[name] = value
            lines[name,] = entity.line(*path)

    take("description", entity.text("metadata", "description"), "metadata", "description")
    take("team", _team(catalog, mapping, entity), "spec", "owner")
    take("lifecycle", _lifecycle(mapping, entity, options), "spec", "lifecycle")
    take("tags", _texts(entity, "metadata", "tags"), "metadata", "tags")
    tier, at = _tier(mapping, entity, options)
    take("tier", tier, *at)
    level, at = _level(entity, tier, options)
    take("target_level", level, *at)
    if options.providers_from_depends_on:
        take("providers", _providers(mapping, entity, ids), "spec", "dependsOn")
    return Entry(fields, entity.file, entity.line(), lines)


def _team(catalog: Catalog, mapping: Mapping, entity: Entity) -> str | None:
    """Name of the owning group, or the owner as it is written."""
    owner = entity.text("spec", "owner")
    if owner is None:
        return None
    named = ref(owner, "group", entity.namespace)
    known = catalog.entities.get(named) if named else None
    groups = any(catalog.of_kind({"group"}))
    if known is None and groups and named and named[0] == "group":
        mapping.leave_out("owner", owner, entity.file, entity.line("spec", "owner"), "a Group of the catalogue")
    if known is None:
        return named[2] if named else owner
    return known.text("spec", "profile", "displayName") or known.text("metadata", "title") or known.name


def _lifecycle(mapping: Mapping, entity: Entity, options: BackstageSource) -> str | None:
    word = entity.text("spec", "lifecycle")
    if word is None:
        return None
    meant = options.lifecycles.get(word, word)
    if meant in _LIFECYCLES:
        return meant
    expected = f"one of {', '.join(sorted(_LIFECYCLES))}, or an entry in lifecycles: of the source (kept: production)"
    mapping.leave_out("lifecycle", word, entity.file, entity.line("spec", "lifecycle"), expected)
    return None


def _labelled(entity: Entity, key: str | None) -> tuple[str | None, tuple]:
    """Value of a label or an annotation, and where it stands."""
    for kind in ("labels", "annotations"):
        value = entity.mapping("metadata", kind).get(key) if key else None
        if isinstance(value, str) and value:
            return value.strip(), ("metadata", kind, key)
    return None, ("metadata",)


def _tier(mapping: Mapping, entity: Entity, options: BackstageSource) -> tuple[Any, tuple]:
    word, at = _labelled(entity, options.tier)
    if word is None:
        return options.default_tier, at
    return options.tiers.get(word, word), at


def _level(entity: Entity, tier: Any, options: BackstageSource) -> tuple[Any, tuple]:
    word, at = _labelled(entity, options.target_level)
    by_tier = options.target_levels.get(int(tier)) if str(tier).isdecimal() else None
    return word or by_tier or options.default_target_level, at


def _texts(entity: Entity, *path: str) -> list[str]:
    found = entity.mapping(*path[:-1]).get(path[-1])
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def _providers(mapping: Mapping, entity: Entity, ids: dict) -> list[str]:
    """What it depends on, where that is a product too."""
    found = []
    for i, text in enumerate(_texts(entity, "spec", "dependsOn")):
        named = ref(text, "component", entity.namespace)
        if named in ids:
            found.append(ids[named])
        else:
            line = entity.line("spec", "dependsOn", i)
            mapping.leave_out("dependsOn", text, entity.file, line, "an entity that is a product too")
    return list(dict.fromkeys(found))


def _facts(key: str, entity: Entity, options: BackstageSource) -> list[Loaded[CatalogFact]]:
    """What the catalogue holds, whatever the values are; nothing for a name that is no id, which is told already."""
    links = entity.mapping("metadata").get("links")
    linked = [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []
    docs = any("doc" in f"{link.get('type')} {link.get('title')}".lower() for link in linked)
    fields = {
        "product": key,
        "owner_set": entity.text("spec", "owner") is not None,
        "tier_set": _labelled(entity, options.tier)[0] is not None,
        "docs_set": bool(entity.mapping("metadata", "annotations").get(_DOCS)) or docs,
        "depends_on_set": bool(_texts(entity, "spec", "dependsOn")),
    }
    made, _ = validate.record(CatalogFact, fields, Document(entity.file, fields, entity.line()))
    return [made] if made else []


def loaded(reading: Reading, entry: Entry, model: type) -> Loaded | None:
    """An entry that stands in the catalogue alone, as a product; its problems are told."""
    made, problems = validate.record(model, entry.fields, entry.document())
    reading.problems += problems
    return made
