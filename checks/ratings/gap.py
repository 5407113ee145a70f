"""Which single improvement would reach the next grade: the way up, from verified facts only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from checks.ratings.rate import Rating
from checks.ratings.scheme import Scheme
from checks.ratings.wording import as_decimal


@dataclass(frozen=True, slots=True)
class GapLine:
    """With ``value_needed`` on this indicator alone, all else unchanged, the score reaches ``next_grade``."""

    indicator: str
    next_grade: str
    points_needed: Decimal
    value_needed: Decimal


def gap_to_next(scheme: Scheme, rating: Rating) -> tuple[GapLine, ...]:
    """The indicators that could lift the score to the next grade alone, in the scheme's order; empty at the top or
    when none suffices. Indicators the company merely asserts are not offered, and a limiter in force must be cured
    besides."""
    letters = [grade.letter for grade in scheme.grades]
    place = letters.index(rating.grade_before_limiters)
    if place == 0:
        return ()
    target = scheme.grades[place - 1]
    counted = [line for line in rating.lines if not line.is_left_out]
    total = sum((line.indicator.weight for line in counted), Fraction(0))
    lines = []
    for line in counted:
        indicator = line.indicator
        needed = line.exact_points + (target.at_least - rating.exact) * total / indicator.weight
        if needed <= 100 and not indicator.asserted:
            value = indicator.zero + (indicator.full - indicator.zero) * needed / 100
            lines.append(GapLine(indicator.code, target.letter, as_decimal(needed), as_decimal(value)))
    return tuple(lines)
