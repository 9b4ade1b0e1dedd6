"""System risk records."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from maturity.records.forms import MOST, Day, Days, Id, Minutes, Record, Share, Whole, Words


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
    list[Annotated[float, Field(gt=0, le=MOST)]], Field(min_length=2, max_length=2), AfterValidator(_rising)
]


class Cre(Record):
    """The four numbers of the CRE risk formula (reference: risk.md 2.1)."""

    ettd_min: Minutes = Field(description="Minutes until somebody notices.")
    ettr_min: Minutes = Field(description="Minutes from noticing to repaired.")
    users_affected: Share = Field(description="Fraction of users hit, 0-1.")
    ettf_days: float = Field(gt=0, le=MOST, description="Days between occurrences.")
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
