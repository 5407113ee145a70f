"""What an edit is: a rule of acceptance with a stable id, a class that fixes its consequence, and words to mend by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from ingest.standard.period import Period, PeriodKind


class EditClass(StrEnum):
    """The class fixes the consequence: the first two block, the next two need an explanation, the last informs."""

    SYNTACTICAL = "syntactical"
    VALIDITY = "validity"
    QUALITY = "quality"
    MACRO = "macro"
    CROSS_FEED = "cross_feed"


BLOCKING = frozenset({EditClass.SYNTACTICAL, EditClass.VALIDITY})
EXPLAINED = frozenset({EditClass.QUALITY, EditClass.MACRO})

#: Where the evaluation of an edit lies: the later ones need what the earlier ones let through.
STAGES = ("file", "container", "header", "row", "correction", "cell", "record", "table", "roster")

_STANDARD_ZH = "供热监管数据标准第 1 版"
_STANDARD_EN = "Heat Supervision Data Standard, version 1"


@dataclass(frozen=True, slots=True)
class Edit:
    """One rule. ``zh``/``en`` say what is wrong and ``mend_*`` how to mend it; ``{column}`` stands for the column's label,
    ``{detail}`` for what the row's own data say. ``feeds`` empty: every feed. ``prerequisites`` are the edits whose hit on
    the same row or file leaves this one not evaluated. ``periods`` empty: filings of every kind of period. Words hold
    ``{name}`` where a threshold of the edit stands. It binds the periods that end on ``valid_from`` or later and, where
    ``valid_to`` is set, begin on ``valid_to`` or earlier."""

    id: str
    name: str
    edit_class: EditClass
    stage: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str
    basis_zh: str = _STANDARD_ZH
    basis_en: str = _STANDARD_EN
    feeds: tuple[str, ...] = ()
    prerequisites: tuple[str, ...] = ()
    valid_from: dt.date = dt.date(2000, 1, 1)
    valid_to: dt.date | None = None
    periods: tuple[PeriodKind, ...] = ()
    shadow_from: dt.date | None = None

    def is_in_shadow(self, feed: str, period: Period) -> bool:
        """True when a filing of that feed for that period is told what this edit will find once it binds: it is evaluated and
        counted from ``shadow_from`` on, and never blocks or asks for an explanation before ``valid_from``."""
        if self.shadow_from is None or (self.feeds and feed not in self.feeds):
            return False
        return self.shadow_from <= period.last_day < self.valid_from

    @property
    def may_be_withdrawn(self) -> bool:
        """Whether it judges what was read: those that read a value or keep keys apart are the standard itself, which is
        changed by a new version of it."""
        return self.stage in ("record", "table", "roster") and self.id != "K01"

    def binds(self, feed: str, period: Period) -> bool:
        """True when a filing of that feed for that period is judged by this edit."""
        if self.feeds and feed not in self.feeds:
            return False
        if self.periods and period.kind not in self.periods:
            return False
        ended = self.valid_to is not None and period.first_day > self.valid_to
        return period.last_day >= self.valid_from and not ended

    @property
    def mend_link(self) -> str:
        """The anchor of this edit in the published guide."""
        return f"edit-{self.id}"
