"""What reviews decided, and reviews that were frozen."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from maturity.records.forms import MONTH_PATTERN, Day, Id, Record, Words


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
