"""The data contract: one pydantic model a record.

Validation, JSON Schema, table columns and the data dictionary all come from these models, so a field has one
home. A loader turns a file into records; `maturity.tables` turns records into rows. Nothing here reads a file or
judges a value beyond its form.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"
MONTH_PATTERN = r"^\d{4}-(0[1-9]|1[0-2])$"
Id = Annotated[
    str,
    Field(
        pattern=ID_PATTERN,
        examples=["askhub", "res-02"],
        description="Stable identifier; never shown where a name exists.",
    ),
]
Share = Annotated[float, Field(ge=0, le=1)]
Minutes = Annotated[float, Field(ge=0, le=10**8)]  # at most 190 years
# Tables count in 64 bits, and days are added to dates: what is larger is a slip of the keyboard, told with its line.
Whole = Annotated[int, Field(le=10**12)]
Days = Annotated[int, Field(le=36_525)]
# Further away, windows of days begin before the calendar or end behind it.
YEARS = range(1970, 3000)
# A spreadsheet runs a cell that begins with one: our CSV puts an apostrophe before it, our readers take it off again.
FORMULA_SIGNS = tuple("=+-@＝＋－＠\t\r")


def _written_out(value: Any) -> Any:
    # pydantic takes 20260910 for seconds since 1970.
    if isinstance(value, str) and value.strip().lstrip("+-").replace(".", "", 1).isdigit():
        raise ValueError(f"found {show(value)}|a time such as 2026-09-30T10:00:00Z")
    return value


def _of_our_time(value: dt.datetime) -> dt.datetime:
    if value.year not in YEARS:
        raise ValueError(f"found {value}|a time of the years 1970 to 2999")
    return value


def _day_written_out(value: Any) -> Any:
    # pydantic takes 1767225600, and 0, for the day of so many seconds since 1970.
    if isinstance(value, str) and value.strip().lstrip("+-").replace(".", "", 1).isdigit():
        raise ValueError(f"found {show(value)}|a date such as 2026-09-30")
    return value


Day = Annotated[dt.date, BeforeValidator(_day_written_out)]
Instant = Annotated[dt.datetime, BeforeValidator(_written_out), AfterValidator(_of_our_time)]


class Record(BaseModel):
    """Base of everything that is read from a file: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)


class Text(Record):
    """The same text in English and Japanese."""

    en: str = Field(min_length=1)
    ja: str = Field(min_length=1)


def _same_in_both(value: Any) -> Any:
    return {"en": value, "ja": value} if isinstance(value, str) else value


# A name such as "Askhub" is the same word in both languages, so a plain string is accepted and used for both.
Words = Annotated[Text, BeforeValidator(_same_in_both, json_schema_input_type=str | Text)]


class BothLists(Record):
    """The same list of sentences in English and Japanese."""

    en: list[str]
    ja: list[str]

    @model_validator(mode="after")
    def _same_length(self) -> BothLists:
        if len(self.en) != len(self.ja):
            raise ValueError(f"found {len(self.en)} in en and {len(self.ja)} in ja|the same number in both languages")
        return self


def _list_in_both(value: Any) -> Any:
    return {"en": value, "ja": value} if isinstance(value, list) else value


# A company that writes in one language gives a plain list, which is used for both.
TextList = Annotated[BothLists, BeforeValidator(_list_in_both, json_schema_input_type=list[str] | BothLists)]


# ----------------------------------------------------------------------------------------------------- problems


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with the input, at a place the writer of the file can go to.

    `level` is "error" (the row is not loaded) or "warning" (loaded, but worth a look).
    """

    file: str
    line: int
    field: str
    found: str
    expected: str
    level: str = "error"

    def __str__(self) -> str:
        mark = "" if self.level == "error" else "warning: "
        return f"{self.file}:{self.line}: {mark}{self.field}: found {self.found}, expected {self.expected}"


R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True)
class Loaded(Generic[R]):
    """A record and where it came from. `lines` maps a path inside the record to its line in `file`.

    `places` are those of parts that stand in another file, which changed the record.
    """

    record: R
    file: str
    line: int
    lines: dict[tuple, int] = field(default_factory=dict, compare=False)
    places: dict[tuple, tuple[str, int]] = field(default_factory=dict, compare=False)

    def line_of(self, *path: Any) -> int:
        """Line of a field, or of the nearest thing around it that has one."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return self.line

    def place_of(self, *path: Any) -> tuple[str, int]:
        """File and line of a field, or of the nearest thing around it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return self.file, self.line_of(*path)

    def problem(self, path: tuple, found: Any, expected: str, level: str = "error") -> Problem:
        """A problem with one field of this record, quoting the value that was found."""
        return self.trouble(path, show(found), expected, level)

    def trouble(self, path: tuple, found: str, expected: str, level: str = "error") -> Problem:
        """A problem with one field of this record, saying in words what was found."""
        return Problem(*self.place_of(*path), ".".join(map(str, path)), found, expected, level)


def show(value: Any) -> str:
    """A value as it is quoted in a message: short, and without line breaks."""
    if value is None:
        return "nothing"
    text = str(value).replace("\n", " ")
    return repr(text if len(text) <= 60 else text[:57] + "...") if isinstance(value, str) else text


# ----------------------------------------------------------------------------------------------------- products


class RunningCost(Record):
    """What it costs to run a product at a target: several of them say what a lower target would free."""

    target: Decimal = Field(gt=0, lt=1, max_digits=9, decimal_places=8)
    per_month: float = Field(ge=0)
    currency: str = Field(pattern=r"^[A-Z]{3}$", examples=["JPY", "USD"])
    source: str = Field(min_length=1, description="Where the figure comes from.")


class Product(Record):
    """A product whose reliability practice is looked at."""

    id: Id
    name: Words
    description: Words | None = None
    team: str = Field(min_length=1, description="Owning team.")
    tier: int = Field(ge=1, le=4, description="Criticality, 1 is the most critical.")
    target_level: Whole = Field(ge=1, description="Level of the guide map this product should reach.")
    providers: list[Id] = Field(default=[], description="Products whose practices this one may inherit.")
    lifecycle: Literal["experimental", "production", "deprecated"] = "production"
    active_users: Whole | None = Field(default=None, ge=0)
    main_slo: Id | None = Field(default=None, description="SLO whose budget prices risks that name none.")
    costs: list[RunningCost] = Field(default=[], description="Monthly cost at each target it was priced for.")
    tags: list[str] = []


# ---------------------------------------------------------------------------------------------------- guide map


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


# -------------------------------------------------------------------------------------------------- assessments


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


# ------------------------------------------------------------------------------------------------------ signals


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


# -------------------------------------------------------------------------------------------------------- risks


class Detected(Record):
    """How the risk was found."""

    at: Day
    by: str = Field(default="unknown", min_length=1)
    via: Literal[
        "performance_review", "slo_burn", "soft_limit", "incident", "postmortem", "drill", "developer_report",
        "customer_report", "import",
    ]  # fmt: skip
    metric: str | None = None
    observed: str | None = None
    limit: str | None = None


class Cause(Record):
    """What is known of the cause."""

    text: Words
    confidence: Literal["low", "medium", "high"]


class ResponsePolicy(Record):
    """What is to be done about the risk, in general."""

    strategy: Literal["mitigate", "accept", "research", "watch", "avoid", "transfer"]
    text: Words


class FixState(Record):
    """Provisional and permanent fix are two things: the gap between them is where risks get buried."""

    provisional: Words
    permanent: Words
    provisional_until: Day | None = Field(default=None, description="Day until which the provisional fix may stay.")


class NextAction(Record):
    """The one next step."""

    text: Words
    owner: str | None = None
    due: Day | None = None
    state: Literal["open", "done", "cancelled"] = "open"
    times_postponed: Whole = Field(default=0, ge=0)
    ticket: str | None = None


class LogEntry(Record):
    """One dated line of a risk record's log."""

    at: Day
    by: str
    kind: Literal[
        "found", "investigation", "decision", "provisional_fix", "permanent_fix", "measurement", "progress",
        "postponed", "recurrence", "merge", "closed", "note",
    ]  # fmt: skip
    text: Words
    url: str | None = Field(
        default=None, pattern=r"^https?://", description="What shows it: a ticket, a chart, a thread."
    )


class Ranks(Record):
    """What the team typed, 1-5 (0 = none). They may differ from the computed bands."""

    current_impact: int = Field(ge=0, le=5)
    potential_impact: int = Field(ge=0, le=5)
    likelihood: int = Field(ge=0, le=5)
    likelihood_trend: Literal["up", "flat", "down"] = "flat"


def _rising(ends: list[float]) -> list[float]:
    if ends[0] > ends[1]:
        raise ValueError(f"found {ends[0]:g} and {ends[1]:g}|the lower number first")
    return ends


Range = Annotated[
    list[Annotated[float, Field(gt=0, le=10**8)]], Field(min_length=2, max_length=2), AfterValidator(_rising)
]


class Cre(Record):
    """The four numbers of the CRE risk formula (reference: risk.md 2.1)."""

    ettd_min: Minutes = Field(description="Minutes until somebody notices.")
    ettr_min: Minutes = Field(description="Minutes from noticing to repaired.")
    users_affected: Share = Field(description="Fraction of users hit, 0-1.")
    ettf_days: float = Field(gt=0, le=10**8, description="Days between occurrences.")
    basis: Literal["guess", "estimated", "measured", "drill"]
    evidence: Words | None = Field(default=None, description="Where the numbers come from: incidents, a drill, a link.")
    ettd_min_p5_p95: Range | None = Field(default=None, description="5 % and 95 % point, where one number hides much.")
    ettr_min_p5_p95: Range | None = None
    users_affected_p5_p95: Range | None = None
    ettf_days_p5_p95: Range | None = None


class RiskFactor(Record):
    """A risk that makes every incident of its products worse instead of causing its own."""

    ettd_plus_min: Minutes = 0
    ettr_plus_min: Minutes = 0
    frequency_plus: float = Field(default=0, ge=0, description="Fraction added to incidents a year.")


class Review(Record):
    """When the record is looked at."""

    cadence_days: Days | None = Field(
        default=None, ge=1, description="Empty: default_cadence_days of risk_policy.yaml."
    )
    last_reviewed: Day | None = None
    next_review: Day | None = None
    reviewed_in: str | None = None


class FrozenScore(Record):
    """The figures at the time of acceptance."""

    budget_share: float = Field(ge=0)
    potential_impact: int = Field(ge=0, le=5)
    likelihood: int = Field(ge=0, le=5)


class Acceptance(Record):
    """Somebody accepted the risk, until a date."""

    approver: str
    accepted_at: Day
    expires: Day
    reason: Words
    frozen: FrozenScore | None = None


class RiskLinks(Record):
    """What the record is connected with."""

    incidents: list[Id] = []
    postmortems: list[str] = []
    practices: list[Id] = []
    slos: list[Id] = []
    related: list[Id] = []


class Closed(Record):
    """How and why the record was closed."""

    at: Day
    by: str
    reason: Literal["fixed", "avoided", "no_longer_applies", "materialised"]
    evidence: Words | None = Field(default=None, description="What shows that it is gone; without it, a check.")


class EarlierNumbers(Record):
    """What the record said until a day: the history of its score."""

    until: Day = Field(description="Last day on which these numbers stood.")
    cre: Cre | None = None
    ranks: Ranks | None = None
    by: str | None = Field(default=None, description="Who changed them then.")


class Risk(Record):
    """A system risk record: summary, log, cause, response policy, next action, and the numbers that rank it."""

    id: Id
    kind: Literal["event", "factor"] = "event"
    products: Annotated[list[Id], Field(min_length=1)]
    title: Words
    category: Literal[
        "dependency", "monitoring", "operations", "capacity", "data", "release", "people", "security", "other"
    ] = "other"
    status: Literal[
        "new", "investigating", "planned", "mitigating", "monitoring", "accepted", "closed", "merged", "materialised"
    ]
    detected: Detected
    summary: Words
    cause: Cause | None = None
    response_policy: ResponsePolicy | None = None
    fix_state: FixState | None = None
    owner: str | None = None
    team: str | None = None
    next_action: NextAction | None = None
    log: list[LogEntry] = []
    ranks: Ranks | None = None
    observed_bad_minutes_28d: Minutes | None = Field(default=None, description="A fact, without likelihood.")
    cre: Cre | None = None
    cre_residual: Cre | None = Field(default=None, description="The four numbers once the plan is done.")
    earlier: list[EarlierNumbers] = []
    irreversible: bool = False
    effort_days: float | None = Field(default=None, gt=0)
    review: Review = Review()
    acceptance: Acceptance | None = None
    links: RiskLinks = RiskLinks()
    risk_factor: RiskFactor | None = None
    closed: Closed | None = None
    duplicate_of: Id | None = None
    source: Id | None = Field(default=None, description="Source of sources.yaml that it was read from.")
    source_id: str | None = Field(default=None, description="Its id there.")
    url: str | None = Field(default=None, description="Where it can be read there.")


# --------------------------------------------------------------------------------------------------------- SLOs

Method = Literal["Occurrences", "Timeslices", "RatioTimeslices"]


class Member(Record):
    """An SLO that is part of a composite."""

    slo: Id
    weight: float = Field(default=1, gt=0)


class Slo(Record):
    """One objective of one SLO, whatever format it was written in."""

    id: Id
    product: Id
    name: Words
    service: str | None = None
    journey: Words | None = Field(default=None, description="The user journey the target protects.")
    basis: Words | None = Field(default=None, description="Why this target: who agreed, and on what ground.")
    owner: str | None = None
    policy: Words | None = Field(default=None, description="What happens when the budget is gone: text or link.")
    reviewed_on: list[Day] = Field(default=[], description="Days on which the SLO was reviewed.")
    description: Words | None = None
    method: Method
    target: Decimal = Field(gt=0, le=1, max_digits=9, decimal_places=8, description="Target in force now, as a ratio.")
    window_kind: Literal["rolling", "calendar"]
    window_count: Whole = Field(ge=1)
    window_unit: Literal["d", "w", "M", "Q", "Y"]
    anchor: Day | None = Field(default=None, description="First day of a calendar window.")
    time_zone: str = "UTC"
    slice_target: float | None = Field(default=None, gt=0, le=1, description="Timeslices: a slice below it is bad.")
    slice_minutes: Whole | None = Field(default=None, ge=1)
    missing_slices: Literal["ignore", "good", "bad"] = Field(
        default="ignore", description="How slices without data count; events that were not seen never count."
    )
    combine: Literal["weighted", "all_hold"] | None = Field(default=None, description="How a composite joins members.")
    members: list[Member] = Field(default=[], description="SLOs of a composite; empty: the SLO has an SLI of its own.")
    bucket_seconds: Whole | None = Field(default=None, ge=1, description="Declared bucket length; else inferred.")
    format: str = Field(default="openslo/v1", description="Format the definition was written in.")
    source: Id | None = Field(default=None, description="Data source the SLI is fetched from.")
    source_type: str | None = None
    good_query: str | None = None
    bad_query: str | None = None
    total_query: str | None = None


class SloTarget(Record):
    """A target and the days it was in force: [valid_from, valid_to), open ends are empty."""

    slo: Id
    target: Decimal = Field(gt=0, le=1, max_digits=9, decimal_places=8)
    valid_from: Day | None = None
    valid_to: Day | None = None


def in_utc(at: dt.datetime | None) -> dt.datetime | None:
    """An instant as UTC without a zone; one without a zone is UTC already."""
    return at.astimezone(dt.UTC).replace(tzinfo=None) if at and at.tzinfo else at


class Correction(Record):
    """Time in which what was measured shall not count as measured: who says so, when and why."""

    id: Id
    slos: Annotated[list[Id], Field(min_length=1)]
    start: Instant = Field(description="First instant; without an offset it is local time of time_zone.")
    end: Instant | None = Field(default=None, description="Exclusive.")
    duration_minutes: Whole | None = Field(default=None, ge=1, description="Instead of `end`.")
    rrule: str | None = Field(default=None, examples=["FREQ=WEEKLY;BYDAY=SU"], description="RFC 5545 recurrence.")
    time_zone: str = "UTC"
    effect: Literal["drop", "good"] = Field(description="Leave the time out, or count what was bad in it as good.")
    category: Literal["maintenance", "deployment", "outside_hours", "false_positive", "external", "other"]
    author: str = Field(min_length=1)
    recorded_on: Day
    reason: Words


class CorrectionSpan(Record):
    """One occurrence of a correction on one SLO, UTC, [starts_at, ends_at)."""

    correction: Id
    slo: Id
    starts_at: dt.datetime
    ends_at: dt.datetime
    effect: Literal["drop", "good"]


class Decision(Record):
    """What a review decided about an SLO, a risk, or a practice of a product, and what became of it."""

    id: Id
    slo: Id | None = Field(default=None, description="One of slo, risk and practice.")
    risk: Id | None = None
    practice: Id | None = None
    product: Id | None = Field(default=None, description="Whose practice; of an SLO or a risk it is known.")
    decided_on: Day
    decision: Literal[
        "keep", "tighten", "lower", "spend", "stop_changes", "invest", "exception", "act", "accept", "watch", "drop"
    ]
    reason: Words
    decided_by: str = Field(min_length=1)
    owner: str | None = Field(default=None, description="Who does it.")
    due: Day | None = None
    until: Day | None = Field(default=None, description="Last day on which it holds; an exception needs one.")
    state: Literal["open", "done", "dropped"] = "open"
    closed_on: Day | None = Field(default=None, description="When it was done or dropped.")
    result: Words | None = Field(default=None, description="What came of it. Without it, the next review asks.")


class ActionItem(Record):
    """What a postmortem asks for."""

    text: Words
    owner: str | None = None
    due: Day | None = None
    state: Literal["open", "done", "cancelled"] = "open"
    ticket: str | None = None


class Incident(Record):
    """An incident with its postmortem: drawn on burn-downs, linked from risk records, and what estimates learn from."""

    id: Id
    products: Annotated[list[Id], Field(min_length=1)]
    title: Words
    severity: int = Field(ge=1, le=5, description="1 is the worst.")
    started_at: Instant
    detected_at: Instant | None = None
    ended_at: Instant | None = None
    users_affected: Share | None = Field(default=None, description="Fraction of users hit, 0-1.")
    bad_minutes: Minutes | None = Field(default=None, description="Measured; else length x users_affected stands in.")
    detected_by: str | None = Field(default=None, description="Who or what noticed: an alert, a user, a person.")
    labels: list[str] = Field(default=[], description="Kinds of trouble; the same one again is a risk.")
    slos: list[Id] = []
    postmortem: str | None = Field(default=None, description="Id or link.")
    postmortem_status: Literal["draft", "reviewed", "published"] | None = None
    postmortem_on: Day | None = Field(default=None, description="Its action items date from then.")
    summary: Words | None = None
    cause: Words | None = None
    lessons: Words | None = None
    risk_known: bool | None = Field(default=None, description="Empty: known if a linked record is older.")
    action_items: list[ActionItem] = []

    @field_validator("started_at", "detected_at", "ended_at")
    @classmethod
    def _utc(cls, at: dt.datetime | None) -> dt.datetime | None:
        return in_utc(at)

    @model_validator(mode="after")
    def _in_order(self) -> Incident:
        if self.ended_at and self.ended_at < self.started_at:
            raise ValueError(f"found ended_at {self.ended_at}|a time not before started_at {self.started_at}")
        return self


class WatchedMetric(Record):
    """A figure that is looked at in reviews: beyond its soft limit a risk is recorded, at its hard limit it hurts."""

    id: Id
    product: Id
    name: Words
    unit: str | None = None
    soft_limit: float
    hard_limit: float
    owner: str | None = None

    @model_validator(mode="after")
    def _apart(self) -> WatchedMetric:
        if self.soft_limit == self.hard_limit:
            raise ValueError(f"found {self.hard_limit:g} as soft and as hard limit|two limits, the soft one first")
        return self

    @property
    def rises(self) -> bool:
        """Whether high values are bad."""
        return self.hard_limit > self.soft_limit


class MetricValue(Record):
    """What a watched metric was on a day. Append-only."""

    metric: Id
    on: Day
    value: float


# ----------------------------------------------------------------------------------------------------- policies


class Effort(Record):
    """Weeks behind the letters of `Practice.effort`."""

    S: float = Field(gt=0)
    M: float = Field(gt=0)
    L: float = Field(gt=0)


class ScoringPolicy(Record):
    """How practices add up to a level (reference: maturity.md 5)."""

    level_threshold: Share
    level_weights: dict[int, float]
    lapse_after_reviews: float = Field(gt=1)
    narrow_scope_na_share: Share
    exemption_max_days: Days = Field(ge=1)
    held_assessments: Whole = Field(ge=1)
    held_days: Days = Field(ge=1)
    mature_level: Whole = Field(ge=1)
    mature_assessments: Whole = Field(ge=1)
    quiet_after_days: Days = Field(ge=1)
    grace_days: Days = Field(ge=0, description="How long a change of the guide map takes nothing away.")
    signal_valid_days: Days = Field(ge=1, description="An automatic observation older than this says nothing.")
    trend_months: int = Field(
        ge=1, le=1200, description="Months over which a practice is called spreading, stalled or falling."
    )
    spread_share: Share = Field(description="Share of products at which a practice counts as spread.")
    sampled_claims: int = Field(ge=1, le=1000, description="Claims without fresh evidence that a meeting looks at.")
    effort_weeks: Effort = Field(description="Weeks of one team behind an effort, for minutes saved per effort.")


class BurnAlert(Record):
    """A pair of windows that must both burn too fast (reference: SRE workbook ch. 5)."""

    action: Literal["page", "ticket"]
    share: float = Field(gt=0, le=1, description="Share of the window's budget that the long window may spend.")
    long_minutes: Whole = Field(ge=1)
    short_minutes: Whole = Field(ge=1, description="Ends the alert soon after the trouble ended.")


class OverProvided(Record):
    """When an SLO is called more reliable than it has to be (reference: slo.md 7.3)."""

    windows: Whole = Field(ge=1, description="Whole windows that must lie behind it.")
    confidence: float = Field(gt=0.5, lt=1, description="Of the upper bound of the bad share.")
    budget_used: float = Field(gt=0, lt=1, description="Share of the budget that the upper bound may reach at most.")
    targets: Annotated[list[Decimal], Field(min_length=1)] = Field(description="Targets that may be proposed.")


class BudgetPolicy(Record):
    """When a budget has which state, and what is to be done (reference: slo.md 2.7)."""

    at_risk_left: Share = Field(description="Budget left below which an SLO is at risk.")
    unspent_consumed: Share = Field(description="Share consumed at or below which a met SLO counts as unspent.")
    min_coverage: Share = Field(description="Coverage below which a budget carries a warning.")
    burn_still: float = Field(gt=0, description="1-day burn rate above which an exhausted SLO is still burning.")
    forecast_from: Share = Field(
        description="Share of a calendar window after which it may be unspent, or at risk by pace."
    )
    burn_alerts: Annotated[list[BurnAlert], Field(min_length=1)]
    review_cycle_days: Days = Field(ge=1, description="How often an SLO is to be reviewed.")
    over_provided: OverProvided
    actions: dict[str, Text]


class CalibrationWeight(Record):
    """Years of observation that an estimate is worth, by what it rests on."""

    guess: float = Field(gt=0)
    estimated: float = Field(gt=0)
    drill: float = Field(gt=0)
    measured: float = Field(gt=0)


class DraftRules(Record):
    """When a record is proposed (reference: risk.md 3, metric to record)."""

    soft_limit_weeks: int = Field(ge=1, le=5000, description="Of the last so many weeks ...")
    soft_limit_times: Whole = Field(ge=1, description="... so many beyond the soft limit.")
    trend_weeks: int = Field(ge=3, le=5000, description="Weeks that a trend is taken from.")
    trend_days: Days = Field(ge=1, description="The trend reaches the hard limit within so many days.")
    event_share: float = Field(gt=0, description="One incident took more than this of the comparison window's budget.")
    label_times: Whole = Field(ge=2, description="The same label on so many incidents ...")
    label_days: Days = Field(ge=1, description="... within so many days.")
    action_days: Days = Field(ge=1, description="A postmortem's action item is open for longer.")


class RiskPolicy(Record):
    """Bands and limits of the risk figures (reference: risk.md 2)."""

    days_per_year: float = Field(gt=0)
    budget_window_days: Days
    single_risk_limit: Share
    must_discuss_event_share: float
    likelihood_edges_per_year: Annotated[list[float], Field(min_length=4, max_length=4)]
    impact_edges_share_of_window_budget: Annotated[list[float], Field(min_length=4, max_length=4)]
    default_cadence_days: Days = Field(ge=1)
    postponed_limit: int
    buried_idle_reviews: float
    buried_action_late_days: Days
    acceptance_growth: float = Field(ge=0, description="Above the frozen share by more than this part: overtaken.")
    acceptance_notice_days: Days = Field(ge=0)
    rank_difference: Whole = Field(ge=1)
    total_targets: list[Decimal] = Field(min_length=1)
    simulated_years: int = Field(ge=1000, le=1_000_000)
    seed: Whole = Field(ge=0)
    calibration_days: Days = Field(ge=1)
    calibration_weight: CalibrationWeight
    drafts: DraftRules
    workdays_per_week: float = Field(gt=0)


class SectionMinutes(Record):
    """How long one item of a section of the agenda takes."""

    follow_up: float = Field(gt=0)
    budgets: float = Field(gt=0)
    regressions: float = Field(gt=0)
    risks: float = Field(gt=0)
    over_provided: float = Field(gt=0)
    spreading: float = Field(gt=0)
    quiet: float = Field(gt=0)
    claims: float = Field(gt=0)


class ReviewPolicy(Record):
    """How a monthly review is put together."""

    minutes: Whole = Field(ge=1, description="What the meeting has.")
    minutes_each: SectionMinutes
    quiet_days: Days = Field(ge=1, description="A record of which nobody wrote for so long is named.")
    decision_days: Days = Field(ge=1, description="A decision without a day is asked about after so long.")
    first_steps: Whole = Field(ge=1, description="Of the one list: what so many at its top would buy together.")
    risen_share: float = Field(ge=0, description="A risk whose figure grew by more than this part has risen.")
    frozen_days: Days = Field(ge=31, description="A frozen month keeps the days of so long.")


# ---------------------------------------------------------------------------------------------------- reviews


class FrozenFile(Record):
    """One file of a frozen review, as it was written."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


class FrozenReview(Record):
    """`reviews/<month>/review.json`: what a review was shown, and that nobody changed it since."""

    format: int = Field(ge=1, le=1, description="Form of the frozen folder; this version reads 1.")
    month: str = Field(pattern=MONTH_PATTERN, examples=["2026-09"])
    as_of: Day = Field(description="The day the review spoke of.")
    files: dict[str, FrozenFile] = Field(min_length=1)


@dataclass
class Bundle:
    """Everything that the loaders read, with where each record came from."""

    products: list[Loaded[Product]] = field(default_factory=list)
    guide_map: Loaded[GuideMapHead] | None = None
    levels: list[Loaded[Level]] = field(default_factory=list)
    categories: list[Loaded[Category]] = field(default_factory=list)
    practices: list[Loaded[Practice]] = field(default_factory=list)
    assessments: list[Loaded[Assessment]] = field(default_factory=list)
    exemptions: list[Loaded[Exemption]] = field(default_factory=list)
    risks: list[Loaded[Risk]] = field(default_factory=list)
    slos: list[Loaded[Slo]] = field(default_factory=list)
    slo_targets: list[Loaded[SloTarget]] = field(default_factory=list)
    corrections: list[Loaded[Correction]] = field(default_factory=list)
    correction_spans: list[Loaded[CorrectionSpan]] = field(default_factory=list)
    decisions: list[Loaded[Decision]] = field(default_factory=list)
    incidents: list[Loaded[Incident]] = field(default_factory=list)
    watched_metrics: list[Loaded[WatchedMetric]] = field(default_factory=list)
    metric_values: list[Loaded[MetricValue]] = field(default_factory=list)
    sources: list[Loaded[Any]] = field(default_factory=list)  # records of maturity.sources
    signals: list[Loaded[Signal]] = field(default_factory=list)
    observations: list[Loaded[Observation]] = field(default_factory=list)
    catalog: list[Loaded[CatalogFact]] = field(default_factory=list)
    scoring: Loaded[ScoringPolicy] | None = None
    budget_policy: Loaded[BudgetPolicy] | None = None
    risk_policy: Loaded[RiskPolicy] | None = None
    review_policy: Loaded[ReviewPolicy] | None = None
    reviews: list[Loaded[FrozenReview]] = field(default_factory=list)
    files: list[SourceFile] = field(default_factory=list)


@dataclass(frozen=True)
class SourceFile:
    """One input file: how many rows it held, how many were taken, and when it was last changed (UTC)."""

    file: str
    topic: str
    rows: int
    accepted: int
    changed_at: dt.datetime

    @property
    def rejected(self) -> int:
        return self.rows - self.accepted
