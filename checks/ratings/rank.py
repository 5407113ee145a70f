"""Ranks from unrounded scores, and how far they could move if the weights were a little different."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import product

from checks.ratings.rate import Rating
from checks.ratings.scheme import Scheme

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
    ranks = _ranks(scores)
    return tuple(
        RankLine(
            company=company,
            rank=ranks[company],
            is_tied=sum(score == scores[company] for score in scores.values()) > 1,
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
    points = {company: _points(scheme, rating) for company, rating in ratings.items()}
    order = [line.company for line in rank(ratings)]
    base = _ranks({company: rating.exact for company, rating in ratings.items()})
    best, worst = dict(base), dict(base)
    ahead: set[tuple[str, str]] = set()  # (a, b): a was ahead of b under some weights
    tied: set[tuple[str, str]] = set()
    for weights in _weights(scheme, spread, draws, seed):
        scores = {company: _score(weights, line) for company, line in points.items()}
        for company, place in _ranks(scores).items():
            best[company] = min(best[company], place)
            worst[company] = max(worst[company], place)
        for a in order:
            for b in order:
                if a != b and scores[a] >= scores[b]:
                    (tied if scores[a] == scores[b] else ahead).add((a, b))
    return tuple(
        RankInterval(
            company=a,
            rank=base[a],
            best=best[a],
            worst=worst[a],
            not_distinguishable=tuple(
                b for b in order if b != a and ((a, b) in tied or ((a, b) in ahead and (b, a) in ahead))
            ),
        )
        for a in order
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


def _score(weights: Sequence[Fraction], points: Sequence[Fraction | None]) -> Fraction:
    above, below = Fraction(0), Fraction(0)
    for weight, value in zip(weights, points, strict=True):
        if value is not None:
            above += weight * value
            below += weight
    return above / below


def _ranks(scores: Mapping[str, Fraction]) -> dict[str, int]:
    return {company: 1 + sum(other > score for other in scores.values()) for company, score in scores.items()}
