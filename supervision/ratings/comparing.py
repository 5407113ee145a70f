"""What is different between two releases, company by company and number by number (SA7: the difference is public)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from supervision.ratings.models import CompanyRating


@dataclass(frozen=True, slots=True)
class LineChange:
    """An indicator whose numbers or points moved. ``before`` and ``after`` are lines as stored, None where absent."""

    indicator: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Change:
    """A company that is not the same in both: added (``before`` None), removed (``after`` None), or changed."""

    company_code: str
    before: CompanyRating | None
    after: CompanyRating | None
    lines: tuple[LineChange, ...]
    limiters: tuple[str, ...]  # codes whose state moved

    @property
    def shown(self) -> CompanyRating:
        found = self.after or self.before
        if found is None:
            raise ValueError("a change without a rating")
        return found

    @property
    def score_moved_by(self) -> Decimal | None:
        return self.after.score - self.before.score if self.before and self.after else None


_TOLD = ("state", "numerator", "denominator", "n", "value_used", "points", "weight_used")


def changes(before: Sequence[CompanyRating], after: Sequence[CompanyRating]) -> list[Change]:
    """Every company that differs, in order of code."""
    earlier = {one.company_code: one for one in before}
    later = {one.company_code: one for one in after}
    found = []
    for code in sorted(earlier.keys() | later.keys()):
        old, new = earlier.get(code), later.get(code)
        lines = _moved_lines(old, new) if old and new else ()
        limiters = _moved_limiters(old, new) if old and new else ()
        if not (old and new) or lines or limiters or _headline(old) != _headline(new):
            found.append(Change(code, old, new, lines, limiters))
    return found


def _headline(rating: CompanyRating) -> tuple[Any, ...]:
    return rating.exact, rating.grade, rating.rank, rating.rank_low, rating.rank_high, rating.consequence_zh


def _moved_lines(old: CompanyRating, new: CompanyRating) -> tuple[LineChange, ...]:
    before = {line["indicator"]: line for line in old.lines}
    after = {line["indicator"]: line for line in new.lines}
    return tuple(
        LineChange(code, before.get(code), after.get(code))
        for code in [*after, *(code for code in before if code not in after)]
        if _numbers(before.get(code)) != _numbers(after.get(code))
    )


def _numbers(line: dict[str, Any] | None) -> list[Any] | None:
    return None if line is None else [line[name] for name in _TOLD]


def _moved_limiters(old: CompanyRating, new: CompanyRating) -> tuple[str, ...]:
    before = {line["limiter"]: line["state"] for line in old.limiters}
    after = {line["limiter"]: line["state"] for line in new.limiters}
    return tuple(code for code in after | before if before.get(code) != after.get(code))
