"""Ranks from unrounded scores, ties in the open, and how firm an order is."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import product

import pytest

from checks.ratings import Fact, Rating, load_scheme, rank, rank_intervals, rate, read_scheme

SCHEME = load_scheme()


def company(breach: int, closed: int = 1000, filed: int = 10) -> Rating:
    return rate(
        SCHEME,
        {
            "bills_in_breach": Fact(breach, 1_000_000, 1_000_000),
            "overcharge_per_million": Fact(0, 1_000_000, 1_000_000),
            "bills_not_computable": Fact(0, 1_000_000, 1_000_000),
            "filings_on_time": Fact(filed, 10, 10),
            "complaints_per_1000": Fact(0, 1000, 1000),
            "complaints_closed_in_time": Fact(closed, 1000, 1000),
            "complaints_upheld": Fact(0, 1000, 1000),
        },
    )


def test_the_best_score_is_first_and_equal_scores_share_a_rank() -> None:
    ratings = {"d": company(30_000), "c": company(10_000), "b": company(10_000), "a": company(2_000)}
    lines = rank(ratings)
    assert [(line.company, line.rank, line.is_tied) for line in lines] == [
        ("a", 1, False),
        ("b", 2, True),
        ("c", 2, True),
        ("d", 4, False),
    ]


def test_ranking_after_rounding_would_hide_an_order_that_is_there() -> None:
    near, nearer = company(10_001), company(10_000)
    rounded = {rating.score.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP) for rating in (near, nearer)}
    assert len(rounded) == 1
    assert [(line.company, line.rank) for line in rank({"near": near, "nearer": nearer})] == [
        ("nearer", 1),
        ("near", 2),
    ]


def test_a_company_better_in_everything_is_ahead_under_all_weights() -> None:
    ratings = {"good": company(1_000), "middling": company(9_000, 900), "bad": company(45_000, 720)}
    for place, line in enumerate(rank_intervals(SCHEME, ratings, draws=200), start=1):
        assert (line.rank, line.best, line.worst, line.not_distinguishable) == (place, place, place, ())


def test_companies_that_trade_one_weakness_for_another_are_not_distinguishable() -> None:
    # 20 points of weight lost a quarter on bills, 10 lost a half on closing: nearly the same score
    ratings = {"bills": company(13_250), "closing": company(1_000, 826), "bad": company(49_000, 700)}
    lines = {line.company: line for line in rank_intervals(SCHEME, ratings, draws=200)}
    assert lines["bills"].not_distinguishable == ("closing",)
    assert lines["closing"].not_distinguishable == ("bills",)
    assert (lines["bills"].best, lines["bills"].worst) == (1, 2)
    assert (lines["bad"].best, lines["bad"].worst, lines["bad"].not_distinguishable) == (3, 3, ())


def test_intervals_hold_the_rank_and_repeat_for_the_same_seed() -> None:
    ratings = {f"c{i}": company(4_000 * i, 1000 - 37 * ((i * 5) % 7), 10 - i % 3) for i in range(8)}
    once, again = (rank_intervals(SCHEME, ratings, draws=150, seed=7) for _ in range(2))
    assert once == again
    assert all(line.best <= line.rank <= line.worst for line in once)
    assert [line.company for line in once] == [line.company for line in rank(ratings)]


def test_without_any_spread_the_interval_is_the_rank() -> None:
    ratings = {f"c{i}": company(4_000 * i) for i in range(4)}
    lines = rank_intervals(SCHEME, ratings, spread=0 * SCHEME.indicators[0].weight, draws=5)
    assert all(line.best == line.rank == line.worst for line in lines)


def test_intervals_are_those_of_weighing_and_comparing_every_pair_in_fractions() -> None:
    """The definition itself, written out: every weight at both ends of its range, every pair compared."""
    spread = Fraction(1, 4)
    ratings = {f"c{i}": company(3_371 * (i % 6), 1000 - 41 * ((i * 5) % 7), 10 - i % 3) for i in range(14)}
    points = {
        code: {line.indicator.code: None if line.is_left_out else line.exact_points for line in rating.lines}
        for code, rating in ratings.items()
    }
    scores = {code: [rating.exact] for code, rating in ratings.items()}
    for signs in product((-1, 1), repeat=len(SCHEME.indicators)):
        weights = {
            i.code: i.weight * (1 + sign * spread) for i, sign in zip(SCHEME.indicators, signs, strict=True)
        }
        for code, line in points.items():
            counted = {name: value for name, value in line.items() if value is not None}
            total = sum(weights[name] * value for name, value in counted.items())
            scores[code].append(Fraction(total) / sum(weights[name] for name in counted))
    for line in rank_intervals(SCHEME, ratings, spread=spread, draws=0):
        own = scores[line.company]
        others = {
            code: list(zip(own, theirs, strict=True))
            for code, theirs in scores.items()
            if code != line.company
        }
        places = [1 + sum(pairs[at][1] > mine for pairs in others.values()) for at, mine in enumerate(own)]
        assert (line.best, line.worst) == (min(places), max(places))
        assert set(line.not_distinguishable) == {
            code
            for code, pairs in others.items()
            if any(a == b for a, b in pairs[1:])
            or (any(a > b for a, b in pairs[1:]) and any(a < b for a, b in pairs[1:]))
            or pairs[0][0] == pairs[0][1]
        }


def test_ratings_of_another_scheme_are_refused() -> None:
    from importlib import resources

    content = (resources.files("checks.ratings") / "schemes" / "season-2025.toml").read_bytes()
    other = read_scheme(content + b"# changed\n")
    with pytest.raises(ValueError, match="another scheme"):
        rank_intervals(other, {"a": company(1)})
