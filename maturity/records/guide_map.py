"""The guide map, what products answered to it, and what was observed of them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from maturity.records.forms import BothLists, Day, Days, Id, Minutes, Record, Share, TextList, Whole, Words


class Level(Record):
    """One level of the guide map."""

    level: Whole = Field(ge=1)
    name: Words
    meaning: Words


class Category(Record):
    """One category of the guide map."""

    id: Id
    name: Words


_ADDED = "Day it came into the map; an answer from before was not asked for it. Empty: always there."
_RETIRED = "First day on which the map no longer asks for it."


class ChecklistItem(Record):
    """One yes/no item; all items done means the practice is adopted."""

    id: Id
    en: str = Field(min_length=1)
    ja: str = Field(min_length=1)
    added_on: Day | None = Field(default=None, description=_ADDED)
    retired_on: Day | None = Field(default=None, description=_RETIRED)


class Reference(Record):
    """Further reading."""

    title: str
    url: str = Field(pattern=r"^https?://", examples=["https://example.com/page"])


class PracticeFactor(Record):
    """How much worse incidents get WITHOUT the practice (a CRE risk factor; reference: risk.md 2.6)."""

    detect_min: Minutes = 0
    repair_min: Minutes = 0
    frequency_pct: float = Field(default=0, ge=0, description="Per cent added to incidents a year.")


class Practice(Record):
    """One practice of the guide map, written so that a product team can act on it alone."""

    id: Id
    category: Id
    level: Whole = Field(ge=1)
    must: bool = Field(description="The level cannot be reached without it.")
    review_days: Days = Field(ge=1, description="Adopted and not confirmed for longer: stale; twice that: lapsed.")
    name: Words
    why: Words
    explanation: Words | None = None
    leads_to: Words | None = None
    already_doing: TextList = BothLists(en=[], ja=[])
    how_to: TextList = BothLists(en=[], ja=[])
    pitfalls: TextList = BothLists(en=[], ja=[])
    effort: Literal["S", "M", "L"] | None = Field(default=None, description="S days, M weeks, L about a quarter.")
    prerequisites: list[Id] = []
    risk_factor: PracticeFactor | None = None
    references: list[Reference] = []
    checklist: list[ChecklistItem] = Field(min_length=1)
    evidence: Words | None = None
    risk_tags: list[str] = []
    signals: list[Id] = Field(default=[], description="Automatic evidence that confirms or contradicts the claim.")
    sources: list[str] = []
    weight: float = Field(default=1, gt=0, description="Weight among the practices of its level.")
    tiers: list[int] = Field(default=[], description="Tiers of products that are asked for it. Empty: all.")
    added_on: Day | None = Field(default=None, description=_ADDED)
    retired_on: Day | None = Field(default=None, description=_RETIRED)
    superseded_by: Id | None = Field(default=None, description="With retired_on: the practice that takes its answers.")


class GuideMapHead(Record):
    """What a guide map says about itself."""

    schema_: Literal["sre-guide-map/1"] = Field(alias="schema")
    id: Id
    version: str
    status: Literal["draft", "published", "retired"] = "published"
    languages: list[str] = ["en", "ja"]
    title: Words
    source_notes: dict[str, str] = {}


class Evidence(Record):
    """What backs a statement. `kind` is its class: link, reviewed by another person, or automatic."""

    kind: Literal["link", "reviewed", "automatic"] = "link"
    url: str = Field(min_length=1, description="https://..., or a file of the data folder.")
    on: Day | None = Field(default=None, description="Date of the evidence itself.")
    reviewer: str | None = None


class AssessmentEntry(Record):
    """One statement about one practice. The log is append-only: a row is never edited, only followed by another."""

    id: Id | None = None
    practice: Id
    assessed_on: Day
    assessor: str = Field(min_length=1)
    items_done: list[Id] | None = Field(default=None, description="Checklist items that are done.")
    state: Literal["adopted", "not_adopted", "inherited"] | None = Field(
        default=None, description="Short form: all items, no item, or 'our provider does it'."
    )
    share: Share | None = Field(
        default=None, description="Done share where a source knows stages instead of items; 1 is adopted."
    )
    provider: Id | None = Field(default=None, description="With state inherited: the product that does it.")
    confirmed_on: Day | None = Field(
        default=None, description="When somebody last looked; set it when an old answer is copied forward."
    )
    evidence: Evidence | None = None
    note: str | None = None
    corrects: Id | None = Field(default=None, description="Id of an earlier row that was an error.")

    @model_validator(mode="after")
    def _one_statement(self) -> AssessmentEntry:
        said = [name for name in ("items_done", "state", "share") if getattr(self, name) is not None]
        if len(said) != 1:
            raise ValueError(f"found {' and '.join(said) or 'none'}|exactly one of items_done, state and share")
        if (self.state == "inherited") != (self.provider is not None):
            found = f"found state {self.state or 'empty'} with provider {self.provider or 'empty'}"
            raise ValueError(f"{found}|a provider with state inherited, and only then")
        if self.confirmed_on and self.confirmed_on > self.assessed_on:
            raise ValueError(f"found confirmed_on {self.confirmed_on}|a date not after assessed_on {self.assessed_on}")
        return self


class Assessment(AssessmentEntry):
    """An assessment entry with its product."""

    product: Id


class Exemption(Record):
    """A practice that does not apply to a product, said by somebody, until a date (at most 12 months)."""

    product: Id
    practice: Id
    reason_code: Literal["not_applicable", "out_of_scope", "replaced", "risk_accepted"]
    reason: Words
    approver: str | None = Field(default=None, description="Empty: pending, which counts as a gap.")
    granted_on: Day
    expires_on: Day
    revoked_on: Day | None = None


class Signal(Record):
    """Something that a machine can see about a practice. The limits are data, with their source."""

    id: Id
    name: Words
    meaning: Words = Field(description="What is looked at, and when it confirms or contradicts the claim.")
    seen_in: Literal["own", "catalog", "github", "other"] = Field(
        description="own: files of this folder; catalog: Backstage; github; other: files in signals/ only."
    )
    limit: float | None = Field(default=None, description="Confirms from here on (or up to here, see `direction`).")
    direction: Literal["at_least", "at_most"] = "at_least"
    unit: str | None = None
    days: Days | None = Field(default=None, ge=1, description="How far back it looks.")
    max_severity: int | None = Field(
        default=None, ge=1, le=5, description="Incidents: this grave or graver; 1 is worst."
    )
    settle_days: Days | None = Field(default=None, ge=0, description="Incidents: ended at least so long ago.")
    source: str = Field(min_length=1, description="Where the limit comes from.")


class Observation(Record):
    """What a signal said about a product on a day. Append-only, like the assessments."""

    product: Id
    signal: Id
    observed_on: Day
    verdict: Literal["confirms", "contradicts"]
    found: str = Field(min_length=1, description="What was seen, with its unit.")
    expected: str | None = Field(default=None, description="What would confirm the claim.")
    source: str = Field(min_length=1, description="Who looked: a source of sources.yaml, or a name.")
    url: str | None = None


class CatalogFact(Record):
    """What a software catalogue holds about a product, whatever the values are."""

    product: Id
    owner_set: bool
    tier_set: bool
    docs_set: bool
    depends_on_set: bool
