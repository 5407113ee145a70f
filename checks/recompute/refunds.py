"""The refund that is due because rooms were too cold or without heat: the tariff's bands over the days measured, and its
rule for outages over the time of them (docs/recomputation.md).

Everything is integers and fractions; the refund is one line and is rounded once.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.recompute import rules
from checks.recompute.columns import Flags, Ints, as_date, whole
from checks.recompute.execution import plain_facts
from checks.recompute.filed import KINDS
from checks.recompute.missing import BIT
from checks.recompute.outages import Dark, Stretch, part_of_day, time_in_the_dark
from checks.recompute.rules import Due
from checks.recompute.service import Measured, Outage, by_account, outages_of
from checks.tariffs.laws import outage_rule
from checks.tariffs.record import RefundBand, RefundBasis, Tariff

if TYPE_CHECKING:
    from checks.recompute.facts import Prepared

#: A month's temperature is the mean of this many measured days at least (Changchun).
MEASURED_DAYS_A_MONTH = 3

_CORRECTION = KINDS.index("correction")


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
    the basis is that of the failing rooms alone and their area is not filed: the amount is then the most."""

    basis: int
    weight: Fraction
    days: int
    unit: int
    cold: ColdTime
    rooms_open: bool
    dark: Dark | None = None

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
    tariff: Tariff, measured: Sequence[Measured], first: int, last: int, dark: Sequence[Stretch] = ()
) -> ColdTime:
    """The days from ``first`` to ``last`` (both counted) that were too cold by the tariff's standard. By the month
    where the refund is a share of the month's fee: a month counts when it was measured on three days at least, with the
    mean of them. The time ``dark``, for which the fee is given back anyway, is taken off the days."""
    standard = Fraction(tariff.refund_standard_c or 0)
    stretches: list[tuple[Fraction, Fraction]] = []
    if tariff.refund_basis is RefundBasis.MONTH:
        for start, end in _months(first, last):
            of_month = [one.centidegrees for one in measured if start <= one.day <= end]
            if len(of_month) >= MEASURED_DAYS_A_MONTH:
                mean = Fraction(sum(of_month), 100 * len(of_month))
                if mean < standard:
                    stretches.append((Fraction(end - start + 1), mean))
    else:
        days = _lasting(cold_days(measured, standard), tariff.refund_after_hours)
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

    def outages(self, account: str | None, network: str | None) -> list[Outage]:
        return [*self._by_network.get(network or "", ()), *self._by_account.get(account or "", ())]


def settle_refunds(
    bills: pa.Table, prepared: Prepared, due: Due, missing: Ints, measured: pa.Table | None
) -> None:
    """Put the refund due in the place of the one billed, on bills issued after the last day of heat they charge for,
    under tariffs with refund bands or a rule for time without heat. A higher refund than is due stands as billed: the
    rule says the least. Facts and totals are changed in place and ``prepared.refunds`` says how; what then is missing
    is marked."""
    if measured is None or len(measured) == 0:
        return
    accounts = whole(bills, "account_no", pa.string())
    service = Service(measured)
    filed, pricing, days = prepared.filed, prepared.pricing, prepared.days
    networks = prepared.networks()
    stay = days.stay(pricing.calendars, pricing.calendar)
    pause = np.where(days.has_suspended_from, days.suspended_from, -(1 << 40))
    last = np.where(days.is_suspended, np.minimum(stay.end, pause - 1), stay.end)
    where = service.where(accounts, networks) & (missing == 0) & (filed.kind != _CORRECTION)
    where &= (pricing.tariff >= 0) & (np.asarray(prepared.facts.heated) > 0) & (filed.issued_on > last)
    rows = np.flatnonzero(where)
    for row, account in zip(rows.tolist(), accounts.take(pa.array(rows)).to_pylist(), strict=True):
        tariff = pricing.tariffs[int(pricing.tariff[row])]
        first, end = int(stay.start[row]), int(last[row])
        network = None if networks is None else networks[row]
        dark = _dark(tariff, service.outages(account, network), first, end)
        cold = ColdTime(())
        if tariff.refund_bands and tariff.refund_standard_c is not None:
            without = () if dark is None else dark.stretches
            cold = cold_time(tariff, service.rooms(account), first, end, without)
        weight = cold.weight({temp: band_share(tariff.refund_bands, temp) for _, temp in cold.stretches})
        if weight > 0 or dark is not None:
            _settle(prepared, due, missing, row, tariff, cold, weight, dark, end - first + 1)


def _dark(tariff: Tariff, outages: Sequence[Outage], first: int, last: int) -> Dark | None:
    """The time without heat that counts under the rule of the first day; None where none does."""
    rule = outage_rule(tariff, as_date(first)) if outages else None
    if rule is None:
        return None
    found = time_in_the_dark(rule, outages, first, last)
    return found if found.most_days > 0 else None


def _settle(
    prepared: Prepared,
    due: Due,
    missing: Ints,
    row: int,
    tariff: Tariff,
    cold: ColdTime,
    weight: Fraction,
    dark: Dark | None,
    length: int,
) -> None:
    calendar_ = prepared.pricing.calendars[int(prepared.pricing.calendar[row])]
    if not calendar_.is_known:
        missing[row] |= BIT["season_dates_missing"]
        return
    facts = next(plain_facts(prepared.facts, np.array([row])))
    terms = prepared.terms[int(prepared.group[row])]
    by_day = not calendar_.by_months and not calendar_.months
    basis = sum(
        int(getattr(due, line)[row])
        for line in ("area_charge", "base_charge", "metered_charge", "cap_reduction", "height_surcharge")
    )
    if dark is not None:
        # No heat ran through the meter meanwhile: a bill in two parts gives back of its base charge alone.
        lost = int(due.base_charge[row] if facts.two_part else due.area_charge[row])  # type: ignore[index]
        dark = replace(dark, basis=max(lost + int(due.height_surcharge[row]), 0))  # type: ignore[index]
    if weight > 0 and tariff.refund_basis is RefundBasis.DAY_NET_OF_BASE:
        if terms.base_num < 0:
            missing[row] |= BIT["base_price_missing"]
            return
        basis -= rules.charge_by_area(facts, terms, terms.base_num, terms.base_den, facts.heated, 1, 1)
    refund = RefundDue(
        basis=max(basis, 0) if weight > 0 else 0,
        weight=weight,
        days=facts.heated if by_day else length,
        unit=terms.unit,
        cold=cold,
        rooms_open=weight > 0 and tariff.refund_basis is RefundBasis.DAY_FAILING_ROOMS,
        dark=dark,
    )
    billed = int(prepared.filed.lines["refund"][row])
    if refund.rooms_open and billed >= 0:
        missing[row] |= BIT["failing_rooms_area_missing"]
        return
    prepared.refunds[row] = refund
    change = refund.line(billed) - min(billed, 0)
    prepared.facts.stated[row] += change  # type: ignore[index]
    due.total[row] += change  # type: ignore[index]
