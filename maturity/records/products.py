"""Products and what it costs to run them."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from maturity.records.forms import Id, Record, Whole, Words


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
