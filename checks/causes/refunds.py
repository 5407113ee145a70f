"""Hypotheses about what is due back: a refund or subsidy that was left out, or taken from another band of the rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np

from checks.causes.case import Case, Supposed
from checks.recompute.columns import Flags, Ints
from checks.recompute.outages import Dark
from checks.recompute.refunds import RefundDue, band_share
from checks.recompute.service import DAY
from checks.tariffs.record import RefundBand


def refund_missed(case: Case) -> Iterator[Supposed]:
    """Nothing is given back although the rooms were measured too cold."""
    yield _with_refund(case, (case.line("refund") == 0) & _where(case, lambda one: one.weight > 0), _nothing)


def outage_not_refunded(case: Case) -> Iterator[Supposed]:
    """Nothing is given back for the time without heat; what is due for cold rooms may be."""
    dark = _where(case, lambda one: one.dark is not None and one.dark.days > 0)
    yield _with_refund(case, dark, lambda refund, _billed: refund.amount(dark_weight=Fraction(0)))


def outage_counted_otherwise(case: Case) -> Iterator[Supposed]:
    """The time without heat counted another way: in hours, whole days or days of the calendar, a day less or more, or
    at another share of the daily fee."""
    dark = (case.line("refund") != 0) & _where(case, lambda one: one.dark is not None and one.dark.days > 0)
    if not dark.any():
        return
    for days_of in _WAYS_TO_COUNT:
        for share_of in (lambda one: one.share, lambda _one: Fraction(1), lambda _one: Fraction(1, 2)):
            yield _with_refund(case, dark, partial(_otherwise, days_of, share_of))


def refund_wrong_band(case: Case) -> Iterator[Supposed]:
    """The refund for cold rooms is that of another band: one share for all cold days, the band beside that of each day, or the ends of
    the bands counted the other way."""
    billed = (case.line("refund") != 0) & _where(case, lambda one: one.weight > 0)
    if not billed.any():
        return
    most = max((len(refund.bands) for refund in case.prepared.refunds.values()), default=0)
    for place in range(most):
        yield _with_refund(case, billed, _by_shares(partial(_same_share, place)))
    for step in (1, -1):
        yield _with_refund(case, billed, _by_shares(partial(_share_beside, step)))
    yield _with_refund(case, billed, _by_shares(_share_of_turned_ends))


def refund_too_low(case: Case) -> Iterator[Supposed]:
    """Everything is right but the refund, which is less than is due."""
    yield _with_refund(case, case.line("refund") < 0, lambda _refund, billed: -billed)


def reduction_positive(case: Case) -> Iterator[Supposed]:
    """A refund or subsidy stands on the bill as a positive amount and raises its total; or the total was lowered by it
    although its sign says otherwise."""
    refund, subsidy = case.line("refund"), case.line("subsidy")
    where = (refund > 0) | (subsidy > 0)
    yield case.with_facts(where, stated=refund + subsidy)
    yield case.with_facts(where, stated=-np.abs(refund) - np.abs(subsidy))


def subsidy_dropped(case: Case) -> Iterator[Supposed]:
    """A subsidy stands on the bill and was not taken off its total."""
    subsidy = case.line("subsidy")
    yield case.with_facts(subsidy < 0, stated=case.fact("stated") - subsidy)


_Amount = Callable[[RefundDue, int], int]


def _nothing(_refund: RefundDue, _billed: int) -> int:
    return 0


def _where(case: Case, says: Callable[[RefundDue], bool]) -> Flags:
    """The bills with a refund due of which that can be said."""
    found: Flags = np.zeros(case.rows, dtype=np.bool_)
    for row, refund in case.prepared.refunds.items():
        found[row] = says(refund)
    return found


def _touched(dark: Dark) -> Fraction:
    days = {day for start, end in dark.stretches for day in range(start // DAY, (end - 1) // DAY + 1)}
    return Fraction(len(days))


_WAYS_TO_COUNT: tuple[Callable[[Dark], Fraction], ...] = (
    lambda dark: dark.days,
    lambda dark: Fraction(dark.days // 1),
    _touched,
    lambda dark: max(dark.days - 1, Fraction(0)),
    lambda dark: max(_touched(dark) - 1, Fraction(0)),
)


def _otherwise(
    days_of: Callable[[Dark], Fraction],
    share_of: Callable[[Dark], Fraction],
    refund: RefundDue,
    _billed: int,
) -> int:
    assert refund.dark is not None
    return refund.amount(dark_weight=days_of(refund.dark) * share_of(refund.dark))


def _with_refund(case: Case, where: Flags, amount_of: _Amount) -> Supposed:
    """Another refund, in fen and positive, on the bills ``where`` one is due by the feeds."""
    stated = np.array(case.fact("stated"), dtype=np.int64)
    is_due: Flags = np.zeros(case.rows, dtype=np.bool_)
    filed: Ints = case.line("refund")
    for row, refund in case.prepared.refunds.items():
        billed = int(filed[row])
        if not where[row] or refund.line(billed) == billed:
            continue
        stated[row] += -amount_of(refund, billed) - refund.line(billed)
        is_due[row] = True
    return case.with_facts(is_due, stated=stated)


def _by_shares(share_of: Callable[[tuple[RefundBand, ...], Fraction], Fraction]) -> _Amount:
    """The refund with another share for each temperature."""

    def amount(refund: RefundDue, _billed: int) -> int:
        shares = {temp: share_of(refund.bands, temp) for _, temp in refund.cold.stretches}
        return refund.amount(refund.cold.weight(shares))

    return amount


def _same_share(place: int, bands: tuple[RefundBand, ...], _temp: Fraction) -> Fraction:
    """The share of the band at that place, of the last where there are fewer."""
    return Fraction(bands[min(place, len(bands) - 1)].share)


def _share_beside(step: int, bands: tuple[RefundBand, ...], temp: Fraction) -> Fraction:
    """The share of the next band up or down; that of the outermost beyond it, and nothing below the first."""
    shares = sorted({Fraction(0), *(Fraction(band.share) for band in bands)})
    place = shares.index(band_share(bands, temp)) + step
    return shares[min(max(place, 0), len(shares) - 1)]


def _share_of_turned_ends(bands: tuple[RefundBand, ...], temp: Fraction) -> Fraction:
    """The share where every end that is counted is left out, and the other way round."""
    turned = [
        replace(band, min_included=not band.min_included, max_included=not band.max_included)
        for band in bands
    ]
    return band_share(turned, temp)
