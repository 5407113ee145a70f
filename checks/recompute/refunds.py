"""The refund that is due because rooms were too cold or without heat: the tariff's bands over the days measured, and its
rule for outages over the time of them (docs/recomputation.md).

Everything is integers and fractions; the refund is one line and is rounded once.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.recompute import rules
from checks.recompute.columns import Flags, as_date
from checks.recompute.outages import Dark, Stretch, part_of_day
from checks.recompute.service import Measured, Outage, by_account, outages_of
from checks.tariffs.record import RefundBand, RefundBasis, RefundRule

#: A month's temperature is the mean of this many measured days at least (Changchun).
MEASURED_DAYS_A_MONTH = 3


@dataclass(frozen=True, slots=True)
class ColdTime:
    """Stretches of a bill's days and the temperature that holds in each: (days, °C). A day that was partly without heat
    counts with the part that was not."""

    stretches: tuple[tuple[Fraction, Fraction], ...]

    def weight(self, share_of: Mapping[Fraction, Fraction]) -> Fraction:
        """Days, each by the share of its fee that is due back."""
        return sum((days * share_of[temp] for days, temp in self.stretches), Fraction(0))


@dataclass(frozen=True, slots=True)
class RefundDue:
    """What is due back on one bill: ``basis`` fen x ``weight`` / ``days`` for rooms too cold, and for the time without
    heat its own basis x its days x its share / ``days``; the sum is rounded once to ``unit`` fen. ``rooms_open`` where
    the basis is that of the failing rooms alone and their area is not filed: the amount is then the most. ``bands`` are those
    of the rule for cold rooms."""

    basis: int
    weight: Fraction
    days: int
    unit: int
    cold: ColdTime
    rooms_open: bool
    dark: Dark | None = None
    bands: tuple[RefundBand, ...] = ()

    def amount(self, weight: Fraction | None = None, dark_weight: Fraction | None = None) -> int:
        """Fen, positive; never more than the greater basis. ``dark_weight`` are days without heat times their share,
        where others than those known for certain are supposed."""
        exact = self.exact(weight, dark_weight)
        return rules.rounded(exact.numerator, exact.denominator, self.unit, rules.HALF_AWAY)

    def exact(self, weight: Fraction | None = None, dark_weight: Fraction | None = None) -> Fraction:
        """The amount before it is rounded."""
        taken = self.weight if weight is None else weight
        found, most = Fraction(self.basis) * taken / self.days, self.basis
        if self.dark is not None:
            lost = self.dark.days * self.dark.share if dark_weight is None else dark_weight
            found, most = found + self.dark.basis * lost / self.days, max(most, self.dark.basis)
        return min(found, Fraction(most))

    def line(self, billed: int) -> int:
        """What the line ``refund`` should say, negative: a higher refund than is due stands as billed, and so does any
        where the area of the failing rooms is not known."""
        return billed if self.rooms_open else min(billed, -self.amount())

    def proves(self, billed: int) -> bool:
        """Whether the line ``refund`` is what the rules compute, and not a higher one taken as filed."""
        return not self.rooms_open and billed >= -self.amount()

    def least_line(self, billed: int) -> int:
        """The line where the account was without heat whenever a part of its network was."""
        if self.rooms_open or self.dark is None:
            return self.line(billed)
        return min(billed, -self.amount(dark_weight=self.dark.most_days * self.dark.share))


@dataclass(frozen=True, slots=True)
class FallingDue:
    """What falls due on a bill after it was issued: the refund for the heat of the days ``first`` to ``last``, or what is not
    known of it (bits of ``missing``)."""

    refund: RefundDue | None
    lacks: int
    first: int
    last: int

    def change(self, billed: int) -> int:
        """By how much it lowers the total of a bill that gave ``billed`` back already: fen, never positive."""
        return 0 if self.refund is None else self.refund.line(billed) - min(billed, 0)


def band_share(bands: Sequence[RefundBand], temp: Fraction) -> Fraction:
    """The share of the band that holds the temperature, its ends counted as the notice writes them; 0 in none."""
    for band in bands:
        above = (
            band.min_c is None or temp > Fraction(band.min_c) or (band.min_included and temp == band.min_c)
        )
        below = (
            band.max_c is None or temp < Fraction(band.max_c) or (band.max_included and temp == band.max_c)
        )
        if above and below:
            return Fraction(band.share)
    return Fraction(0)


def cold_days(measured: Sequence[Measured], standard: Fraction) -> dict[int, int]:
    """Day -> 0.01 °C for each day that counts as below the standard: from the request (or the day after the last
    measurement before it) to the first measurement, between two that are both below, and the measured days themselves.
    After the last measurement below the standard no day counts."""
    found: dict[int, int] = {}
    before: Measured | None = None
    for one in measured:
        if Fraction(one.centidegrees, 100) >= standard:
            before = one
            continue
        if before is not None and Fraction(before.centidegrees, 100) < standard:
            for day in range(before.day + 1, one.day):
                found[day] = before.centidegrees
        else:
            start = one.requested_on if before is None else max(one.requested_on, before.day + 1)
            for day in range(start, one.day):
                found[day] = one.centidegrees
        found[one.day] = one.centidegrees
        before = one
    return found


def _lasting(days: dict[int, int], after_hours: int | None) -> dict[int, int]:
    """The days of cold times without a break that last longer than so many hours; all where no such term is set."""
    if after_hours is None:
        return days
    kept: dict[int, int] = {}
    whole: list[list[int]] = []
    for day in sorted(days):
        if whole and day == whole[-1][-1] + 1:
            whole[-1].append(day)
        else:
            whole.append([day])
    for one in whole:
        if len(one) * 24 > after_hours:
            kept |= {day: days[day] for day in one}
    return kept


def cold_time(
    rule: RefundRule, measured: Sequence[Measured], first: int, last: int, dark: Sequence[Stretch] = ()
) -> ColdTime:
    """The days from ``first`` to ``last`` (both counted) that were too cold by the rule's standard. By the month
    where the refund is a share of the month's fee: a month counts when it was measured on three days at least, with the
    mean of them. The time ``dark``, for which the fee is given back anyway, is taken off the days."""
    standard = Fraction(rule.standard_c)
    stretches: list[tuple[Fraction, Fraction]] = []
    if rule.basis is RefundBasis.MONTH:
        for start, end in _months(first, last):
            of_month = [one.centidegrees for one in measured if start <= one.day <= end]
            if len(of_month) >= MEASURED_DAYS_A_MONTH:
                mean = Fraction(sum(of_month), 100 * len(of_month))
                if mean < standard:
                    stretches.append((Fraction(end - start + 1), mean))
    else:
        days = _lasting(cold_days(measured, standard), rule.after_hours)
        counted: dict[int, Fraction] = {}
        for day, temp in days.items():
            part = 1 - part_of_day(dark, day)
            if first <= day <= last and part > 0:
                counted[temp] = counted.get(temp, Fraction(0)) + part
        stretches = [(number, Fraction(temp, 100)) for temp, number in sorted(counted.items())]
    return ColdTime(tuple(stretches))


def _months(first: int, last: int) -> list[tuple[int, int]]:
    """The parts of calendar months from ``first`` to ``last``."""
    found = []
    start = first
    while start <= last:
        day = as_date(start)
        end = min(start + calendar.monthrange(day.year, day.month)[1] - day.day, last)
        found.append((start, end))
        start = end + 1
    return found


class Service:
    """What was filed of the service, found for the account of a bill."""

    def __init__(self, measured: pa.Table) -> None:
        self._rooms = by_account(measured)
        self._by_network, self._by_account = outages_of(measured)

    def where(self, accounts: pa.Array, networks: Sequence[str | None] | None) -> Flags:
        """The bills whose account was measured or may have been without heat."""
        named = pa.array(sorted({*self._rooms, *self._by_account}), pa.string())
        hit = pc.is_in(accounts, value_set=named)
        found = np.asarray(hit.to_numpy(zero_copy_only=False)).astype(np.bool_)
        if self._by_network and networks is not None:
            found |= np.array([name in self._by_network for name in networks], dtype=np.bool_)
        return found

    def rooms(self, account: str | None) -> Sequence[Measured]:
        return self._rooms.get(account or "", ())

    def has_own_outages(self, account: str | None) -> bool:
        """Whether time without heat was filed of the account alone."""
        return (account or "") in self._by_account

    def outages(self, account: str | None, network: str | None) -> list[Outage]:
        return [*self._by_network.get(network or "", ()), *self._by_account.get(account or "", ())]
