"""The guide to the data standard: what companies file, column by column, and the rules that a file is judged by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

from reports.documents.document import Bilingual, Document


@dataclass(frozen=True, slots=True)
class GuideColumn:
    code: str
    name: Bilingual
    is_required: bool
    holds: Bilingual
    notes: Bilingual


@dataclass(frozen=True, slots=True)
class GuideFeed:
    """One feed. ``key`` names the columns that tell its rows apart."""

    code: str
    name: Bilingual
    description: Bilingual
    periods: Bilingual
    key: str
    columns: tuple[GuideColumn, ...]


@dataclass(frozen=True, slots=True)
class GuideRule:
    """One rule; ``feeds`` is empty where it holds for all."""

    rule_id: str
    words: Bilingual
    feeds: str


@dataclass(frozen=True)
class Guide(Document):
    """The standard as it was in force on ``published_on``."""

    kind: ClassVar[str] = "guide"

    authority: Bilingual
    standard_version: str
    published_on: dt.date
    feeds: tuple[GuideFeed, ...]
    rules: tuple[GuideRule, ...]

    def __post_init__(self) -> None:
        self.demand_printable_text()

    @property
    def title(self) -> Bilingual:
        return Bilingual("供热监管数据标准", "Heat Supervision Data Standard")

    @property
    def reference(self) -> str:
        return f"V{self.standard_version}"

    @property
    def issuer(self) -> Bilingual:
        return self.authority

    @property
    def dated_on(self) -> dt.date:
        return self.published_on

    @property
    def verify_address(self) -> str:
        return ""
