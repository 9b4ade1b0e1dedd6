"""Everything that the loaders read, together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from maturity.records.guide_map import (
    Assessment,
    CatalogFact,
    Category,
    Exemption,
    GuideMapHead,
    Level,
    Observation,
    Practice,
    Signal,
)
from maturity.records.incidents import Incident, MetricValue, WatchedMetric
from maturity.records.policies import BudgetPolicy, ReviewPolicy, RiskPolicy, ScoringPolicy
from maturity.records.problems import Loaded
from maturity.records.products import Product
from maturity.records.reviews import Decision, FrozenReview
from maturity.records.risks import Risk
from maturity.records.slos import Correction, CorrectionSpan, Slo, SloTarget


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
