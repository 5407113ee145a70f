"""Bins of a finding's differences: every amount in exactly one, none wider than needed."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from supervision.findings.distribution import MOST_BINS, distribution, merged

AMOUNTS = st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=60)


@given(AMOUNTS)
def test_the_bins_hold_every_amount_once_and_follow_on_one_another(fen: list[int]) -> None:
    bins = distribution(fen)
    assert 1 <= len(bins) <= MOST_BINS
    for low, high, count in bins:
        inside = [one for one in fen if Decimal(str(low)) * 100 <= one < Decimal(str(high)) * 100]
        assert len(inside) == count
    assert sum(int(count) for _low, _high, count in bins) == len(fen)
    assert all(before[1] == after[0] for before, after in zip(bins, bins[1:], strict=False))


def test_amounts_that_are_all_the_same_stand_in_one_bin() -> None:
    assert distribution([16240] * 3) == [["162.40", "162.41", 3]]


def test_overcharges_and_undercharges_never_share_a_bin() -> None:
    bins = distribution([-5, 5, 900, -1000])
    assert all(Decimal(str(low)) >= 0 or Decimal(str(high)) <= 0 for low, high, _ in bins)


def test_nothing_has_no_bins() -> None:
    assert distribution([]) == []


@given(st.lists(AMOUNTS, min_size=1, max_size=6))
def test_several_periods_together_have_one_set_of_bins_that_holds_every_amount_once(
    periods: list[list[int]],
) -> None:
    bins = merged(distribution(fen) for fen in periods)
    assert 1 <= len(bins) <= MOST_BINS
    everything = [amount for fen in periods for amount in fen]
    for low, high, count in bins:
        inside = [one for one in everything if Decimal(str(low)) * 100 <= one < Decimal(str(high)) * 100]
        assert len(inside) == count


def test_no_periods_together_have_no_bins() -> None:
    assert merged([]) == []
