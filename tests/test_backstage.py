"""Backstage catalogues as products. The entities are our own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from given import build, over_tiny, read

from loaders.backstage_catalog import ref
from maturity import store

OPTIONS = "tier: example.com/tier, tiers: {high: 1, low: 3}, target_levels: {1: 3, 3: 1}"
SOURCE = "sources:\n  - {id: cat, kind: backstage, path: imports/catalog-info.yaml, %s}\n"
CARDS = """apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: cards
  title: Cards
  description: Prints cards.
  labels: {example.com/tier: high}
  annotations: {backstage.io/techdocs-ref: "dir:."}
  tags: [print, batch]
spec:
  type: service
  lifecycle: production
  owner: group:default/paper
  dependsOn: [component:ink, resource:default/press]
"""
INK = """---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: ink, labels: {example.com/tier: low}}
spec: {type: service, lifecycle: deprecated, owner: user:kim}
"""
PAPER = """---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: paper}
spec: {type: team, profile: {displayName: Paper team}}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: kim}
"""


def folder(to: Path, text: str = CARDS + INK + PAPER, options: str = OPTIONS, own: str = "", **files: str) -> Path:
    """A data folder whose products come from a catalogue alone, or with `own` as products.yaml beside it."""
    files = {"imports/catalog-info.yaml": text, "sources.yaml": SOURCE % options} | files
    made = over_tiny(to / "data", **files)
    for name in ("assessments", "risks", "slos", "sli"):
        for path in (made / name).iterdir():
            path.unlink()
    for name in ("exemptions.csv", "incidents.yaml"):
        (made / name).unlink(missing_ok=True)
    (made / "products.yaml").unlink()
    if own:
        (made / "products.yaml").write_text(own)
    return made


def taken(to: Path, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {p.record.id: p for p in read(folder(to, *args, **kwargs))[0].bundle.products}


def told(to: Path, *args: Any, **kwargs: Any) -> list[str]:
    return [m for m in read(folder(to, *args, **kwargs))[1] if not m.startswith("assessments:")]


def test_components_become_products_with_their_lines(tmp_path: Path):
    found = taken(tmp_path)
    cards = found["cards"].record
    assert (cards.name.en, cards.description.ja, cards.team, cards.tier, cards.target_level) == (
        "Cards", "Prints cards.", "Paper team", 1, 3,
    )  # fmt: skip
    assert (cards.lifecycle, cards.tags) == ("production", ["print", "batch"])
    assert (found["cards"].file, found["cards"].line) == ("imports/catalog-info.yaml", 1)
    assert found["cards"].line_of("tier") == 7
    ink = found["ink"].record
    assert (ink.name.en, ink.team, ink.tier, ink.target_level, ink.lifecycle) == ("ink", "kim", 3, 1, "deprecated")


def test_a_catalogue_alone_is_enough_for_a_snapshot(tmp_path: Path):
    built = build(tmp_path / "store", folder(tmp_path))
    assert [p for p in built.problems if p.level == "error"] == []
    snapshot = store.open_current(tmp_path / "store")
    assert list(snapshot.query("products")["id"]) == ["cards", "ink"]
    snapshot.close()


def test_users_and_groups_are_no_products_and_no_problems(tmp_path: Path):
    assert told(tmp_path) == []
    health = read(folder(tmp_path / "again"))[0].bundle.files
    assert [(f.rows, f.accepted) for f in health if f.file == "imports/catalog-info.yaml"] == [(4, 4)]


def test_what_the_catalogue_holds_becomes_facts_for_the_signals(tmp_path: Path):
    facts = {f.record.product: f.record for f in read(folder(tmp_path))[0].bundle.catalog}
    cards, ink = facts["cards"], facts["ink"]
    assert (cards.owner_set, cards.tier_set, cards.docs_set, cards.depends_on_set) == (True, True, True, True)
    assert (ink.owner_set, ink.tier_set, ink.docs_set, ink.depends_on_set) == (True, True, False, False)


def test_dependencies_may_be_providers(tmp_path: Path):
    found = taken(tmp_path, options=OPTIONS + ", providers_from_depends_on: true")
    assert found["cards"].record.providers == ["ink"]
    messages = told(tmp_path / "again", options=OPTIONS + ", providers_from_depends_on: true")
    assert messages == [
        "imports/catalog-info.yaml:14: warning: dependsOn: found 'resource:default/press', unknown "
        "(1 entry not loaded), expected an entity that is a product too"
    ]


def test_the_same_name_in_another_namespace_is_another_product(tmp_path: Path):
    lab = CARDS.replace("  name: cards", "  name: cards\n  namespace: lab")
    assert sorted(taken(tmp_path, CARDS + "---\n" + lab + PAPER)) == ["cards", "lab.cards"]


def test_only_the_kinds_and_types_that_are_asked_for_are_products(tmp_path: Path):
    system = "---\napiVersion: v\nkind: System\nmetadata: {name: shop}\nspec: {owner: paper}\n"
    options = OPTIONS + ", kinds: [System], default_tier: 2, default_target_level: 2"
    assert list(taken(tmp_path, CARDS + INK + PAPER + system, options)) == ["shop"]
    assert list(taken(tmp_path / "again", CARDS.replace("type: service", "type: library") + INK + PAPER,
                      OPTIONS + ", types: [service]")) == ["ink"]  # fmt: skip


def test_products_yaml_says_what_the_catalogue_does_not_and_wins(tmp_path: Path):
    own = "products:\n  - {id: cards, active_users: 90, tier: 2}\n"
    own += "  - {id: extra, name: E, team: t, tier: 1, target_level: 1}\n"
    found = taken(tmp_path, own=own)
    cards = found["cards"]
    assert (cards.record.active_users, cards.record.tier, cards.record.team) == (90, 2, "Paper team")
    assert cards.place_of("tier") == ("products.yaml", 2)
    assert cards.place_of("team") == ("imports/catalog-info.yaml", 13)
    assert sorted(found) == ["cards", "extra", "ink"]


def test_a_slip_in_the_catalogue_is_told_in_the_catalogue_even_when_merged(tmp_path: Path):
    messages = told(
        tmp_path, CARDS.replace("tier: high", "tier: urgent") + INK + PAPER, own="products:\n  - {id: cards}\n"
    )
    assert "imports/catalog-info.yaml:7: tier: found 'urgent', expected a whole number" in messages


def test_locations_lead_to_other_files_once(tmp_path: Path):
    location = """apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {name: all}
spec:
  targets:
    - ./cards/catalog-info.yaml
    - ./catalog-info.yaml
    - https://example.com/catalog-info.yaml
    - ../../elsewhere.yaml
    - ./gone.yaml
"""
    more = {"imports/cards/catalog-info.yaml": CARDS + PAPER}
    assert list(taken(tmp_path, location, **more)) == ["cards"]
    assert told(tmp_path / "again", location, **more) == [
        "imports/catalog-info.yaml:8: warning: spec.targets.2: found 'https://example.com/catalog-info.yaml', "
        "expected a file below the data folder; not followed",
        "imports/catalog-info.yaml:9: warning: spec.targets.3: found '../../elsewhere.yaml', "
        "expected a file below the data folder; not followed",
        "imports/catalog-info.yaml:10: spec.targets.4: found './gone.yaml', expected a file that is there",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            CARDS.replace("  owner: group:default/paper\n", "") + PAPER,
            ["imports/catalog-info.yaml:1: team: found nothing, expected a value"],
            id="no owner",
        ),
        pytest.param(
            CARDS.replace("default/paper", "default/nobody") + PAPER,
            [
                "imports/catalog-info.yaml:13: warning: owner: found 'group:default/nobody', unknown "
                "(1 entry not loaded), expected a Group of the catalogue"
            ],
            id="an owner nobody knows",
        ),
        pytest.param(
            CARDS.replace("  labels: {example.com/tier: high}\n", "") + PAPER,
            [
                "imports/catalog-info.yaml:1: target_level: found nothing, expected a value",
                "imports/catalog-info.yaml:1: tier: found nothing, expected a value",
            ],
            id="no tier",
        ),
        pytest.param(
            CARDS.replace("lifecycle: production", "lifecycle: beta") + PAPER,
            [
                "imports/catalog-info.yaml:12: warning: lifecycle: found 'beta', unknown (1 entry not loaded), "
                "expected one of deprecated, experimental, production, or an entry in lifecycles: of the source "
                "(kept: production)"
            ],
            id="a lifecycle of their own",
        ),
        pytest.param(
            CARDS.replace("name: cards", "name: ${{ values.name }}") + PAPER,
            [
                "imports/catalog-info.yaml:4: warning: metadata.name: found '${{ values.name }}', "
                "expected a name; this is a template"
            ],
            id="a template",
        ),
        pytest.param(
            CARDS.replace("name: cards", "name: 'our cards'") + PAPER,
            [
                "imports/catalog-info.yaml:4: id: found 'our cards', "
                "expected a text such as askhub or res-02 (letters, digits, . _ -)"
            ],
            id="a name that is no id",
        ),
        pytest.param(
            CARDS.replace("apiVersion: backstage.io/v1alpha1\n", "") + PAPER,
            ["imports/catalog-info.yaml:1: warning: apiVersion: found nothing, expected such as backstage.io/v1alpha1"],
            id="no apiVersion",
        ),
        pytest.param(
            CARDS.replace("kind: Component", "kind: Gadget") + PAPER,
            [
                "imports/catalog-info.yaml:2: warning: kind: found 'Gadget', expected one of api, component, domain, "
                "group, location, resource, system, template, user"
            ],
            id="an unknown kind",
        ),
        pytest.param(
            CARDS + "---\n" + CARDS + PAPER,
            [
                "imports/catalog-info.yaml:19: metadata.name: found component:default/cards again "
                "(first at imports/catalog-info.yaml:1), expected each entity once"
            ],
            id="an entity twice",
        ),
        pytest.param(
            "- a list\n",
            ["imports/catalog-info.yaml:1: entity: found ['a list'], expected apiVersion, kind and metadata"],
            id="no entity at all",
        ),
    ],
)
def test_a_slip_is_told(tmp_path: Path, text: str, expected: list[str]):
    assert told(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Team-A", ("group", "default", "team-a")),
        ("user:ops/Kim", ("user", "ops", "kim")),
        ("ops/team", ("group", "ops", "team")),
        ("a b", None),
    ],
)
def test_a_reference_has_the_defaults_of_its_field(text: str, expected: tuple | None):
    assert ref(text, "group") == expected
