"""The report card of a company: each indicator with its value, weight and points, and how it came about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

from reports.documents.document import (
    Bilingual,
    Document,
    DocumentRefused,
    EvidenceReference,
    demand_number,
    demand_web_address,
)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. ``value`` is None when it could not be determined (``how`` then says what is missing);
    ``weight`` is in percent of the whole, ``points`` of at most ``points_max``; all are decimal strings."""

    code: str
    name: Bilingual
    value: str | None
    unit: Bilingual | None
    weight: str
    points: str | None
    points_max: str
    how: Bilingual

    def __post_init__(self) -> None:
        demand_number(value=self.value, weight=self.weight, points=self.points, points_max=self.points_max)


@dataclass(frozen=True, slots=True)
class Limiter:
    """A fact that caps the grade whatever the points (一票否决), the rule it rests on, and how it is cured."""

    name: Bilingual
    basis: Bilingual
    cure: Bilingual


@dataclass(frozen=True)
class RatingCard(Document):
    """A company's rating for one season. ``grade`` is the published grade, ``points`` of ``points_max``;
    ``rank`` of ``ranked`` companies (with ``rank_low``–``rank_high`` when the order is not certain)."""

    kind: ClassVar[str] = "rating"

    number: str
    authority: Bilingual
    company: Bilingual
    season: str
    method: Bilingual
    issued_on: dt.date
    grade: Bilingual
    points: str
    points_max: str
    indicators: tuple[Indicator, ...]
    reasons: tuple[Bilingual, ...]
    verify_url: str
    coverage_percent: str | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    ranked: int | None = None
    limiters: tuple[Limiter, ...] = ()
    evidence: tuple[EvidenceReference, ...] = ()

    def __post_init__(self) -> None:
        demand_number(points=self.points, points_max=self.points_max, coverage_percent=self.coverage_percent)
        demand_web_address("verify_url", self.verify_url)
        if not self.indicators:
            raise DocumentRefused("indicators", "不得为空。", "must not be empty.")
        ranks = (self.rank_low, self.rank_high, self.ranked)
        if None in ranks and ranks != (None, None, None):
            raise DocumentRefused(
                "rank_low",
                "名次区间与参评企业数须同时给出或同时留空。",
                "give the interval of ranks and the number of companies together, or none of them.",
            )
        self.demand_printable_text()

    @property
    def title(self) -> Bilingual:
        return Bilingual("供热企业评价结果", "Heat Company Report Card")

    @property
    def reference(self) -> str:
        return self.number

    @property
    def issuer(self) -> Bilingual:
        return self.authority

    @property
    def dated_on(self) -> dt.date:
        return self.issued_on

    @property
    def verify_address(self) -> str:
        return self.verify_url
