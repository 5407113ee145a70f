"""Ranks from unrounded scores, and how far they could move if the weights were a little different."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import lcm
from operator import mul
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from checks.ratings.rate import Rating
from checks.ratings.scheme import Scheme

_Score = TypeVar("_Score", int, Fraction)

_STEPS = 1000  # drawn weights move in thousandths of the spread
_ALL_CORNERS_UP_TO = 10  # indicators; 2 ** 10 corners are tried one by one


@dataclass(frozen=True, slots=True)
class RankLine:
    """Equal unrounded scores share a rank and the next rank is skipped: 1, 2, 2, 4."""

    company: str
    rank: int
    is_tied: bool
    score: Decimal


@dataclass(frozen=True, slots=True)
class RankInterval:
    """The best and worst rank under the weights tried; ``not_distinguishable`` are the companies whose order against
    this one turned (or tied) under some of them."""

    company: str
    rank: int
    best: int
    worst: int
    not_distinguishable: tuple[str, ...]


def rank(ratings: Mapping[str, Rating]) -> tuple[RankLine, ...]:
    """Companies by unrounded score, best first; ties share a rank and stand in order of their code."""
    scores = {company: rating.exact for company, rating in ratings.items()}
    ranks = dict(zip(scores, _ranks(list(scores.values())), strict=True))
    shared = Counter(ranks.values())
    return tuple(
        RankLine(
            company=company,
            rank=ranks[company],
            is_tied=shared[ranks[company]] > 1,
            score=ratings[company].score,
        )
        for company in sorted(scores, key=lambda c: (-scores[c], c))
    )


def rank_intervals(
    scheme: Scheme,
    ratings: Mapping[str, Rating],
    *,
    spread: Fraction = Fraction(1, 4),
    draws: int = 1000,
    seed: int = 20251115,
) -> tuple[RankInterval, ...]:
    """How the ranks move when every weight moves by up to ``spread`` of itself, in the order of :func:`rank`.

    Tried are the scheme's weights, every corner of the range (up to 10 indicators; for two companies with the same
    indicators a turn of their order always shows at a corner) and ``draws`` seeded draws. Exact and repeatable.
    """
    order = [line.company for line in rank(ratings)]
    points = [_points(scheme, ratings[company]) for company in order]
    base = [line.rank for line in rank(ratings)]
    tried = [base, *_ranks_under(_weights(scheme, spread, draws, seed), points)]
    best, worst = (
        [min(places) for places in zip(*tried, strict=True)],
        [max(places) for places in zip(*tried, strict=True)],
    )
    unsure = _turned_or_tied(np.array(tried[1:], dtype=np.int32))
    return tuple(
        RankInterval(
            company=company,
            rank=base[at],
            best=best[at],
            worst=worst[at],
            not_distinguishable=tuple(order[other] for other in np.flatnonzero(unsure[at])),
        )
        for at, company in enumerate(order)
    )


def _points(scheme: Scheme, rating: Rating) -> list[Fraction | None]:
    """Exact points by the scheme's order of indicators; ``None`` where left out."""
    if rating.scheme_digest != scheme.digest:
        raise ValueError(
            "评级所用方案与给定方案不同。 The rating was made with another scheme than the one given."
        )
    by_code = {line.indicator.code: line for line in rating.lines}
    return [None if (line := by_code[i.code]).is_left_out else line.exact_points for i in scheme.indicators]


def _weights(scheme: Scheme, spread: Fraction, draws: int, seed: int) -> Iterator[list[Fraction]]:
    declared = [indicator.weight for indicator in scheme.indicators]
    yield declared
    if len(declared) <= _ALL_CORNERS_UP_TO:
        for signs in product((-1, 1), repeat=len(declared)):
            yield [weight * (1 + sign * spread) for weight, sign in zip(declared, signs, strict=True)]
    drawn = random.Random(seed)  # noqa: S311  a repeatable study of weights, nothing secret
    for _ in range(draws):
        yield [
            weight * (1 + spread * Fraction(drawn.randint(-_STEPS, _STEPS), _STEPS)) for weight in declared
        ]


def _ranks_under(
    tried: Iterable[Sequence[Fraction]], points: Sequence[Sequence[Fraction | None]]
) -> Iterator[list[int]]:
    """The ranks of all companies under each of the weights, exactly.

    A score is a quotient of whole numbers. Scaled by 2 ** ``shift`` and cut to a whole number it keeps its order, and
    only equal scores become equal, because 2 ** ``shift`` is more than the product of any two denominators: different
    quotients are then at least 1 apart.
    """
    common = [lcm(*(value.denominator for value in line if value is not None)) for line in points]
    whole = [
        [0 if value is None else int(value * scale) for value in line]
        for line, scale in zip(points, common, strict=True)
    ]
    counted = [
        [scale * (value is not None) for value in line] for line, scale in zip(points, common, strict=True)
    ]
    for weights in tried:
        unit = lcm(*(weight.denominator for weight in weights))
        integers = [int(weight * unit) for weight in weights]
        shift = 2 * (max(common, default=1) * sum(integers)).bit_length()
        yield _ranks(
            [
                (sum(map(mul, integers, above)) << shift) // sum(map(mul, integers, below))
                for above, below in zip(whole, counted, strict=True)
            ]
        )


def _turned_or_tied(places: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Of ranks (a row for each weights tried, a column for each company): which pairs of companies were level under
    some weights, or ahead of each other under different ones."""
    count = places.shape[1]
    ahead = np.zeros((count, count), dtype=np.bool_)
    level = np.zeros((count, count), dtype=np.bool_)
    for company in range(count):
        own = places[:, company, None]
        ahead[company] = (own < places).any(axis=0)
        level[company] = (own == places).any(axis=0)
    np.fill_diagonal(level, False)
    return level | (ahead & ahead.T)


def _ranks(scores: Sequence[_Score]) -> list[int]:
    """One more than the number of greater scores."""
    first: dict[_Score, int] = {}
    for place, score in enumerate(sorted(scores, reverse=True), start=1):
        first.setdefault(score, place)
    return [first[score] for score in scores]
