"""A computed rating as its row in the register: figures as decimal text, so that what was shown stays what was computed."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

from checks.ratings import LimiterLine, Rating, RatingLine, Scheme
from supervision.ratings.frozen import RatedCompany
from supervision.ratings.models import CompanyRating

_MICRO = 10**6


def row_of(
    rated: RatedCompany, scheme: Scheme, *, release_id: int, company_id: int, name_zh: str, name_en: str
) -> CompanyRating:
    rating = rated.rating
    return CompanyRating(
        release_id=release_id,
        company_id=company_id,
        company_code=rated.code,
        name_zh=name_zh,
        name_en=name_en,
        score=cut(rating.exact),
        exact=str(rating.exact),
        grade=rating.grade,
        grade_before_limiters=rating.grade_before_limiters,
        rank=rated.rank.rank,
        rank_low=rated.interval.best,
        rank_high=rated.interval.worst,
        is_tied=rated.rank.is_tied,
        alike=list(rated.interval.not_distinguishable),
        lines=[line_json(line) for line in rating.lines],
        limiters=[limiter_json(line) for line in rating.limiters],
        groups=_groups(rating, scheme),
        gap=[
            {
                "indicator": line.indicator,
                "next_grade": line.next_grade,
                "points_needed": plain(line.points_needed),
                "value_needed": plain(line.value_needed),
            }
            for line in rated.gap
        ],
        consequence_zh=rating.consequence_zh,
        consequence_en=rating.consequence_en,
        is_escalated=rating.escalated,
    )


def line_json(line: RatingLine) -> dict[str, Any]:
    """One indicator's way into the score."""
    return {
        "indicator": line.indicator.code,
        "state": str(line.state),
        "numerator": None if line.fact is None else plain(line.fact.numerator),
        "denominator": None if line.fact is None else plain(line.fact.denominator),
        "n": None if line.fact is None else line.fact.n,
        "value": None if line.value is None else plain(line.value),
        "value_used": None if line.value_used is None else plain(line.value_used),
        "points": plain(line.points),
        "weight": plain(line.weight),
        "weight_used": plain(line.weight_used),
        "how_zh": line.how_zh,
        "how_en": line.how_en,
    }


def limiter_json(line: LimiterLine) -> dict[str, Any]:
    return {
        "limiter": line.limiter.code,
        "state": str(line.state),
        "value": None if line.value is None else plain(line.value),
        "at_most": line.limiter.at_most,
    }


def _groups(rating: Rating, scheme: Scheme) -> list[dict[str, Any]]:
    """Each group of indicators with its own points and the grade these would be (SR7)."""
    told = []
    for group in scheme.groups:
        score = rating.group_score(group.code)
        told.append(
            {
                "group": group.code,
                "score": None if score is None else plain(score),
                "grade": None if score is None else scheme.grade(Fraction(score)).letter,
            }
        )
    return told


def cut(value: Fraction) -> Decimal:
    """To six decimals, never rounded up: a shown 90 is never a B."""
    return Decimal(math.floor(value * _MICRO)).scaleb(-6)


def plain(value: Decimal | int) -> str:
    """Without exponent and without zeros that say nothing."""
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
