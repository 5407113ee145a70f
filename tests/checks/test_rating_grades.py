"""From facts to a grade: exact, monotone, without hidden jumps, fair to small companies."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.ratings import (
    Direction,
    Fact,
    LimiterState,
    NotRatable,
    Rating,
    gap_to_next,
    load_scheme,
    peer_means,
    rate,
    read_scheme,
)

SCHEME = load_scheme()
CONTENT = (resources.files("checks.ratings") / "schemes" / "season-2025.toml").read_text("utf-8")


def good_facts(**changes: Fact) -> dict[str, Fact]:
    """A company with full marks everywhere and no limiter."""
    return {
        "bills_in_breach": Fact(0, 5000, 5000),
        "overcharge_per_million": Fact(Decimal("0.00"), Decimal("12000000.00"), 5000),
        "overcharge_corrected": Fact(Decimal("10.00"), Decimal("10.00"), 3),
        "bills_not_computable": Fact(0, 5000, 5000),
        "filings_on_time": Fact(8, 8, 8),
        "complaints_per_1000": Fact(40, 4000, 4000),
        "complaints_closed_in_time": Fact(40, 40, 40),
        "complaints_upheld": Fact(4, 40, 40),
        "refund_orders_overdue": Fact(0, 1, 1),
        "filings_missing": Fact(0, 8, 8),
        "bills_overcharged": Fact(0, 5000, 5000),
        "false_material": Fact(0, 1, 1),
        **changes,
    }


def test_full_marks_everywhere_make_a_hundred_and_an_a() -> None:
    rating = rate(SCHEME, good_facts())
    assert (rating.score, rating.grade, rating.limiters_hit) == (Decimal(100), "A", ())
    assert "通报表扬" in rating.consequence_zh
    assert rating.scheme_digest == SCHEME.digest


def test_points_run_in_a_straight_line_between_full_and_none() -> None:
    # 1 % in breach lies (5 - 1) / (5 - 0.1) of the way: 4000/49 points, of weight 20
    rating = rate(SCHEME, good_facts(bills_in_breach=Fact(50, 5000, 5000)))
    assert rating.exact == 80 + Fraction(20, 100) * Fraction(4000, 49)
    line = rating.lines[0]
    assert line.value == Decimal("0.01")
    assert line.exact_points == Fraction(4000, 49)
    assert "50 ÷ 5000，即1%（5000例）" in line.how_zh
    assert "50 / 5000 = 1% (n = 5000)" in line.how_en
    assert "81.63" in line.how_en


@settings(max_examples=300)
@given(
    code=st.sampled_from([indicator.code for indicator in SCHEME.indicators]),
    first=st.integers(0, 1000),
    second=st.integers(0, 1000),
)
def test_a_better_value_never_lowers_the_score(code: str, first: int, second: int) -> None:
    indicator = SCHEME.indicator(code)
    span = 1000 * indicator.per
    low, high = (
        rate(SCHEME, good_facts(**{code: Fact(figure * 10, span // indicator.per * 10, 10_000)})).exact
        for figure in sorted((first, second))
    )
    assert low >= high if indicator.direction is Direction.LOWER else low <= high


@settings(max_examples=300)
@given(breaches=st.integers(0, 99_999))
def test_one_more_wrong_bill_in_a_hundred_thousand_moves_the_score_by_almost_nothing(breaches: int) -> None:
    one, more = (
        rate(SCHEME, good_facts(bills_in_breach=Fact(figure, 100_000, 100_000))).exact
        for figure in (breaches, breaches + 1)
    )
    steepest = Fraction(20) / (Fraction(5, 100) - Fraction(1, 1000)) / 100_000
    assert 0 <= one - more <= steepest


def test_a_case_more_never_makes_a_jump_where_the_small_numbers_end() -> None:
    peers = {"complaints_closed_in_time": Fraction(8, 10)}
    scores = [
        rate(SCHEME, good_facts(complaints_closed_in_time=Fact(n * 9, n * 10, n)), peers=peers).exact
        for n in range(1, 40)
    ]
    steps = [abs(b - a) for a, b in zip(scores, scores[1:], strict=False)]
    assert max(steps) <= Fraction(10, 100) * 100 * Fraction(1, 10) / Fraction(1, 4) / 20


def test_weights_follow_the_names_and_not_the_order_of_the_file() -> None:
    head, *rest = re.split(r"(?=\[\[indicator\]\])", CONTENT)
    last, tail = rest[-1].split("# --- Grades", 1)
    turned = read_scheme((head + "".join([last, *reversed(rest[:-1])]) + "# --- Grades" + tail).encode())
    facts = good_facts(
        bills_in_breach=Fact(70, 5000, 5000),
        filings_on_time=Fact(7, 8, 8),
        complaints_upheld=Fact(17, 40, 40),
    )
    assert [i.code for i in turned.indicators] != [i.code for i in SCHEME.indicators]
    assert rate(turned, facts).exact == rate(SCHEME, facts).exact


def _with_score(target: str) -> Rating:
    """A rating of exactly ``target``: overcharge alone carries weight 20 over a span of 9,900 CNY per million."""
    lost = Fraction(100) - Fraction(target)
    per_million = Fraction(100) + lost / 20 * 9900
    fact = Fact(per_million.numerator, per_million.denominator * 1_000_000, 5000)
    return rate(SCHEME, good_facts(overcharge_per_million=fact))


@pytest.mark.parametrize(
    ("score", "grade"),
    [("90", "A"), ("89.9999999999", "B"), ("89.996", "B"), ("80", "B"), ("90.0000000001", "A")],
)
def test_the_grade_comes_from_the_unrounded_score_and_the_edge_belongs_to_the_better(
    score: str, grade: str
) -> None:
    rating = _with_score(score)
    assert rating.score == Decimal(score)
    assert rating.grade == grade


def test_a_shown_score_never_contradicts_its_grade() -> None:
    rating = _with_score("89.996")
    assert (rating.score_shown, rating.grade) == (Decimal("89.99"), "B")


def test_nothing_to_measure_leaves_the_indicator_out_and_scales_the_rest() -> None:
    rating = rate(SCHEME, good_facts(overcharge_corrected=Fact(0, 0, 0), filings_on_time=Fact(0, 8, 8)))
    line = next(line for line in rating.lines if line.indicator.code == "overcharge_corrected")
    assert line.is_left_out
    assert line.weight_used == 0
    assert rating.exact == Fraction(80, 90) * 100
    assert abs(sum(line.weight_used for line in rating.lines) - 100) < Decimal("1e-20")


def test_a_fact_the_company_owes_counts_zero_when_it_is_missing() -> None:
    facts = good_facts()
    del facts["bills_in_breach"]
    del facts["complaints_upheld"]
    rating = rate(SCHEME, facts)
    owed, ours = (
        next(line for line in rating.lines if line.indicator.code == code)
        for code in ("bills_in_breach", "complaints_upheld")
    )
    assert (owed.is_missing, owed.is_left_out, owed.points) == (True, False, 0)
    assert (ours.is_missing, ours.is_left_out) == (True, True)
    assert rating.exact == Fraction(70, 90) * 100


def test_few_cases_are_drawn_towards_the_peers_and_the_line_says_so() -> None:
    facts = good_facts(complaints_closed_in_time=Fact(5, 5, 5))
    rating = rate(SCHEME, facts, peers={"complaints_closed_in_time": Fraction(7, 10)})
    line = next(line for line in rating.lines if line.indicator.code == "complaints_closed_in_time")
    assert line.is_shrunk
    assert line.value == 1
    assert line.value_used == Decimal("0.775")  # 5/20 of 100 % and 15/20 of 70 %
    assert line.points == Decimal(30)
    assert "5/20" in line.how_zh
    assert "70%" in line.how_en


def test_few_cases_without_peers_leave_the_indicator_out() -> None:
    rating = rate(SCHEME, good_facts(complaints_closed_in_time=Fact(0, 3, 3)))
    line = next(line for line in rating.lines if line.indicator.code == "complaints_closed_in_time")
    assert line.is_left_out
    assert "left out" in line.how_en
    assert rating.score == 100


def test_one_fast_case_cannot_top_the_table() -> None:
    steady = good_facts(complaints_closed_in_time=Fact(930, 1000, 1000))
    lucky = good_facts(complaints_closed_in_time=Fact(1, 1, 1))
    slow = good_facts(complaints_closed_in_time=Fact(700, 1000, 1000))
    companies = {"steady": steady, "lucky": lucky, "slow": slow}
    peers = peer_means(SCHEME, companies)
    assert peers["complaints_closed_in_time"] == Fraction(1631, 2001)
    ratings = {name: rate(SCHEME, facts, peers=peers) for name, facts in companies.items()}
    assert ratings["steady"].exact > ratings["lucky"].exact > ratings["slow"].exact


@pytest.mark.parametrize(
    ("change", "code", "grade"),
    [
        ({"refund_orders_overdue": Fact(1, 1, 1)}, "refund_overdue", "C"),
        ({"filings_missing": Fact(1, 8, 8)}, "filing_missing", "C"),
        ({"bills_overcharged": Fact(251, 5000, 5000)}, "overcharge_widespread", "C"),
        ({"false_material": Fact(1, 1, 1)}, "false_material", "D"),
    ],
)
def test_a_limiter_caps_the_grade_and_leaves_the_score_alone(
    change: dict[str, Fact], code: str, grade: str
) -> None:
    rating = rate(SCHEME, good_facts(**change))
    assert (rating.grade_before_limiters, rating.grade, rating.score) == ("A", grade, Decimal(100))
    assert [line.limiter.code for line in rating.limiters_hit] == [code]
    assert rating.limiters_hit[0].limiter.cure_zh


def test_a_limiter_at_its_threshold_is_not_hit() -> None:
    assert rate(SCHEME, good_facts(bills_overcharged=Fact(250, 5000, 5000))).grade == "A"


def test_a_limiter_nobody_has_the_fact_for_says_so() -> None:
    facts = good_facts()
    del facts["false_material"]
    states = {line.limiter.code: line.state for line in rate(SCHEME, facts).limiters}
    assert states["false_material"] is LimiterState.NOT_EVALUATED
    assert states["filing_missing"] is LimiterState.CLEAR


def test_a_limiter_never_lifts_a_worse_grade() -> None:
    facts = good_facts(
        bills_in_breach=Fact(1, 1, 300),
        overcharge_per_million=Fact(1, 1, 300),
        complaints_upheld=Fact(1, 1, 300),
        filings_missing=Fact(3, 8, 8),
    )
    rating = rate(SCHEME, facts)
    assert (rating.grade_before_limiters, rating.grade) == ("D", "D")


def test_the_worst_grade_twice_in_a_row_brings_the_licence_review() -> None:
    facts = good_facts(false_material=Fact(1, 1, 1))
    once, twice = rate(SCHEME, facts, previous_grades=["B", "D"]), rate(SCHEME, facts, previous_grades=["D"])
    assert not once.escalated
    assert "重点监管" in once.consequence_zh
    assert twice.escalated
    assert "许可审查" in twice.consequence_zh
    assert "licence" in twice.consequence_en


def test_a_company_nobody_can_measure_is_not_rated() -> None:
    with pytest.raises(NotRatable):
        rate(SCHEME, {indicator.code: Fact(0, 0, 0) for indicator in SCHEME.indicators})


@pytest.mark.parametrize("figure", [0.5, True, None, "1"])
def test_a_fact_takes_no_floats(figure: object) -> None:
    with pytest.raises(TypeError):
        Fact(figure, 1, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("figure", [-1, Decimal("-0.01"), Decimal("NaN"), Decimal("Infinity")])
def test_a_fact_takes_no_impossible_figures(figure: Decimal | int) -> None:
    with pytest.raises(ValueError):
        Fact(figure, 1, 1)


def test_groups_of_indicators_have_their_own_scores() -> None:
    rating = rate(SCHEME, good_facts(filings_on_time=Fact(0, 8, 8)))
    assert rating.group_score("billing") == 100
    assert rating.group_score("filing") == 0


def test_the_gap_to_the_next_grade_is_exactly_enough() -> None:
    facts = good_facts(complaints_closed_in_time=Fact(28, 40, 40), filings_on_time=Fact(6, 8, 8))
    rating = rate(SCHEME, facts)
    assert rating.grade == "B"
    lines = {line.indicator: line for line in gap_to_next(SCHEME, rating)}
    needed = lines["complaints_closed_in_time"].value_needed
    scaled = needed * 10**12
    reached = rate(SCHEME, facts | {"complaints_closed_in_time": Fact(int(scaled) + 1, 10**12, 40)})
    short = rate(SCHEME, facts | {"complaints_closed_in_time": Fact(int(scaled) - 1, 10**12, 40)})
    assert (reached.grade, short.grade) == ("A", "B")
    assert gap_to_next(SCHEME, rate(SCHEME, good_facts())) == ()
