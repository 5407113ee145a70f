"""Ratings (评价): a season's facts about a company become points, a grade, and what follows from it.

The scheme is a data file; the computation is exact (fractions, never floats), grades and ranks come from unrounded
scores, and every line says how it came about.
"""

from checks.ratings.gap import GapLine, gap_to_next
from checks.ratings.rank import RankInterval, RankLine, rank, rank_intervals
from checks.ratings.rate import (
    Fact,
    LimiterLine,
    LimiterState,
    NotRatable,
    Rating,
    RatingLine,
    peer_means,
    rate,
)
from checks.ratings.scheme import (
    Direction,
    Grade,
    Indicator,
    Limiter,
    Scheme,
    SchemeError,
    load_scheme,
    read_scheme,
)

__all__ = [
    "Direction",
    "Fact",
    "GapLine",
    "Grade",
    "Indicator",
    "Limiter",
    "LimiterLine",
    "LimiterState",
    "NotRatable",
    "RankInterval",
    "RankLine",
    "Rating",
    "RatingLine",
    "Scheme",
    "SchemeError",
    "gap_to_next",
    "load_scheme",
    "peer_means",
    "rank",
    "rank_intervals",
    "rate",
    "read_scheme",
]
