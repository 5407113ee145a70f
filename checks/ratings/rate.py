"""From a season's facts to points, score, grade and consequence, exact and told line by line.

Small numbers: a value resting on fewer than the indicator's ``minimum_n`` cases is drawn towards the mean of all
companies, ``n / minimum_n`` of its own and the rest of theirs, so that one lucky case cannot top a table. Where no peer
mean is known the indicator is left out and the remaining weights are scaled up to 100. Both are shown on the line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from checks.ratings.scheme import Indicator, Limiter, Measure, Missing, Scheme
from checks.ratings.wording import as_decimal, how


class NotRatable(ValueError):
    """No indicator could be evaluated, so there is nothing to rate."""


@dataclass(frozen=True, slots=True)
class Fact:
    """``numerator`` of ``denominator`` over ``n`` cases; a denominator of 0 says that there was nothing to measure.

    Raises ``TypeError`` for floats and ``ValueError`` for negative figures.
    """

    numerator: Decimal | int
    denominator: Decimal | int
    n: int

    def __post_init__(self) -> None:
        for figure in (self.numerator, self.denominator, self.n):
            if isinstance(figure, bool) or not isinstance(figure, Decimal | int):
                raise TypeError(
                    f"须为整数或Decimal：{figure!r}。 A fact takes whole numbers or Decimals, not {figure!r}."
                )
            if not Decimal(figure).is_finite() or figure < 0:
                raise ValueError(f"须为非负数：{figure}。 A fact takes figures of at least 0, not {figure}.")

    @property
    def ratio(self) -> Fraction | None:
        """Numerator / denominator, exact; ``None`` when there was nothing to measure."""
        return Fraction(self.numerator) / Fraction(self.denominator) if self.denominator else None


class LineState(StrEnum):
    """How an indicator entered the score."""

    COUNTED = "counted"
    SHRUNK = "shrunk"  # drawn towards the peers for want of cases
    NOTHING_TO_MEASURE = "nothing_to_measure"  # left out
    TOO_FEW = "too_few"  # left out: too few cases and no peer mean
    MISSING_ZERO = "missing_zero"  # the company owes the fact
    MISSING_LEFT_OUT = "missing_left_out"


LEFT_OUT = frozenset({LineState.NOTHING_TO_MEASURE, LineState.TOO_FEW, LineState.MISSING_LEFT_OUT})


@dataclass(frozen=True, slots=True)
class RatingLine:
    """One indicator's way into the score. ``weight`` is the scheme's, ``weight_used`` after scaling (0 if left out)."""

    indicator: Indicator
    state: LineState
    fact: Fact | None
    value: Decimal | None  # as measured
    value_used: Decimal | None  # after shrinking
    points: Decimal  # 0 to 100
    weight: Decimal
    weight_used: Decimal
    how_zh: str
    how_en: str
    exact_points: Fraction

    @property
    def is_missing(self) -> bool:
        return self.state in (LineState.MISSING_ZERO, LineState.MISSING_LEFT_OUT)

    @property
    def is_left_out(self) -> bool:
        return self.state in LEFT_OUT

    @property
    def is_shrunk(self) -> bool:
        return self.state is LineState.SHRUNK


class LimiterState(StrEnum):
    HIT = "hit"
    CLEAR = "clear"
    NOT_EVALUATED = "not_evaluated"  # nobody has the fact; never to be read as clear


@dataclass(frozen=True, slots=True)
class LimiterLine:
    limiter: Limiter
    state: LimiterState
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Rating:
    """A company's season. ``score`` is exact where it has an end, else to 40 digits; grade and rank use ``exact``."""

    exact: Fraction
    grade: str
    grade_before_limiters: str
    lines: tuple[RatingLine, ...]
    limiters: tuple[LimiterLine, ...]
    consequence_zh: str
    consequence_en: str
    escalated: bool
    scheme_code: str
    scheme_digest: str

    @property
    def score(self) -> Decimal:
        return as_decimal(self.exact)

    @property
    def score_shown(self) -> Decimal:
        """Two decimals, cut and never rounded up: a shown 90.00 is never a B."""
        return Decimal(math.floor(self.exact * 100)) / 100

    @property
    def limiters_hit(self) -> tuple[LimiterLine, ...]:
        return tuple(line for line in self.limiters if line.state is LimiterState.HIT)

    def group_score(self, group: str) -> Decimal | None:
        """Points of one group of indicators by their weights, 0 to 100; ``None`` when all were left out."""
        lines = [line for line in self.lines if line.indicator.group == group and not line.is_left_out]
        return as_decimal(_weighted(lines)) if lines else None


def rate(
    scheme: Scheme,
    facts: Mapping[str, Fact],
    *,
    peers: Mapping[str, Fraction] | None = None,
    previous_grades: Sequence[str] = (),
) -> Rating:
    """The rating of one company and season from ``facts`` by code of indicator and limiter.

    ``peers`` are the means of :func:`peer_means`; ``previous_grades`` the grades of earlier seasons, newest first.
    Raises :class:`NotRatable` when every indicator is left out.
    """
    drafts = [_draft(indicator, facts.get(indicator.code), peers or {}) for indicator in scheme.indicators]
    used = sum((draft.indicator.weight for draft in drafts if draft.state not in LEFT_OUT), Fraction(0))
    if not used:
        raise NotRatable(
            "没有可评价的指标，不能评级。 No indicator could be evaluated, so there is no rating."
        )
    lines = tuple(_line(draft, used) for draft in drafts)
    exact = _weighted([line for line in lines if not line.is_left_out])
    before = scheme.grade(exact).letter
    limiters = tuple(_limiter_line(limiter, facts.get(limiter.fact)) for limiter in scheme.limiters)
    grade = before
    for limited in limiters:
        if limited.state is LimiterState.HIT:
            grade = scheme.lower_of(grade, limited.limiter.at_most)
    zh, en, escalated = _consequence(scheme, grade, previous_grades)
    return Rating(exact, grade, before, lines, limiters, zh, en, escalated, scheme.code, scheme.digest)


def peer_means(scheme: Scheme, companies: Mapping[str, Mapping[str, Fact]]) -> dict[str, Fraction]:
    """The pooled value of each indicator over all companies (sum of numerators / sum of denominators x per): a large
    company weighs as much as its cases. Indicators nobody could measure are absent."""
    means: dict[str, Fraction] = {}
    for indicator in scheme.indicators:
        found = [facts[indicator.code] for facts in companies.values() if indicator.code in facts]
        below = sum((Fraction(fact.denominator) for fact in found), Fraction(0))
        if below:
            above = sum((Fraction(fact.numerator) for fact in found if fact.denominator), Fraction(0))
            means[indicator.code] = above / below * indicator.per
    return means


@dataclass(frozen=True, slots=True)
class _Draft:
    indicator: Indicator
    state: LineState
    fact: Fact | None
    value: Fraction | None
    used: Fraction | None
    peer: Fraction | None


def _draft(indicator: Indicator, fact: Fact | None, peers: Mapping[str, Fraction]) -> _Draft:
    if fact is None:
        owed = indicator.missing is Missing.ZERO
        state = LineState.MISSING_ZERO if owed else LineState.MISSING_LEFT_OUT
        return _Draft(indicator, state, None, None, None, None)
    if fact.ratio is None:
        return _Draft(indicator, LineState.NOTHING_TO_MEASURE, fact, None, None, None)
    value = fact.ratio * indicator.per
    if fact.n >= indicator.minimum_n:
        return _Draft(indicator, LineState.COUNTED, fact, value, value, None)
    peer = peers.get(indicator.code)
    if peer is None:
        return _Draft(indicator, LineState.TOO_FEW, fact, value, None, None)
    own = Fraction(fact.n, indicator.minimum_n)
    return _Draft(indicator, LineState.SHRUNK, fact, value, own * value + (1 - own) * peer, peer)


def _line(draft: _Draft, weights_used: Fraction) -> RatingLine:
    indicator = draft.indicator
    points = Fraction(0) if draft.used is None else indicator.points(draft.used)
    weight_used = Fraction(0) if draft.state in LEFT_OUT else indicator.weight / weights_used * 100
    zh, en = how(indicator, draft.state.value, draft.fact, draft.value, draft.used, draft.peer, points)
    return RatingLine(
        indicator=indicator,
        state=draft.state,
        fact=draft.fact,
        value=None if draft.value is None else as_decimal(draft.value),
        value_used=None if draft.used is None else as_decimal(draft.used),
        points=as_decimal(points),
        weight=as_decimal(indicator.weight),
        weight_used=as_decimal(weight_used),
        how_zh=zh,
        how_en=en,
        exact_points=points,
    )


def _weighted(lines: Sequence[RatingLine]) -> Fraction:
    above = sum((line.indicator.weight * line.exact_points for line in lines), Fraction(0))
    return above / sum((line.indicator.weight for line in lines), Fraction(0))


def _limiter_line(limiter: Limiter, fact: Fact | None) -> LimiterLine:
    value = (
        None if fact is None else Fraction(fact.numerator) if limiter.measure is Measure.COUNT else fact.ratio
    )
    if value is None:
        return LimiterLine(limiter, LimiterState.NOT_EVALUATED, None)
    state = LimiterState.HIT if value > limiter.above else LimiterState.CLEAR
    return LimiterLine(limiter, state, as_decimal(value))


def _consequence(scheme: Scheme, letter: str, previous: Sequence[str]) -> tuple[str, str, bool]:
    grade = scheme.named(letter)
    zh, en, escalated = grade.consequence_zh, grade.consequence_en, False
    for step in scheme.escalations:
        before = list(previous[: step.in_a_row - 1])
        if letter == step.grade and before == [step.grade] * (step.in_a_row - 1):
            zh, en, escalated = zh + step.zh, f"{en} {step.en}", True
    return zh, en, escalated
