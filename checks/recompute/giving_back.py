"""Bills set right for what is due back on them: which rule holds, what of the feeds falls into the days a bill charges for, and
what is not known (docs/recomputation.md, "Refund for rooms too cold" and "Refund for time without heat")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from checks.recompute import rules
from checks.recompute.columns import Flags, Ints, as_date, whole
from checks.recompute.execution import plain_facts
from checks.recompute.filed import KINDS
from checks.recompute.missing import BIT
from checks.recompute.outages import Dark, time_in_the_dark
from checks.recompute.refunds import ColdTime, FallingDue, RefundDue, Service, band_share, cold_time
from checks.recompute.rules import Due
from checks.recompute.service import Outage
from checks.tariffs.laws import longest_term_hours, outage_rule, refund_rule
from checks.tariffs.record import OutageDays, OutageRule, RefundBasis, RefundRule, Tariff

if TYPE_CHECKING:
    from checks.recompute.facts import Prepared

#: Rooms colder than this are too cold in every city (城镇供热系统评价标准); it is asked where no rule is on record.
COLD_EVERYWHERE_C = Decimal(18)

_CORRECTION = KINDS.index("correction")


def settle_refunds(
    bills: pa.Table,
    prepared: Prepared,
    due: Due,
    missing: Ints,
    measured: pa.Table | None,
    later: Flags,
) -> None:
    """Put the refund due in the place of the one billed, on bills issued after the last day of heat they charge for.
    A higher refund than is due stands as billed: the rule says the least. Facts and totals are changed in place and
    ``prepared.refunds`` says how; what then is missing is marked, also the rule itself where rooms were too cold or the
    network was without heat and neither record nor law says what is due. A bill issued before is right as issued; of
    those in ``later``, ``prepared.falling_due`` says what fell due after it."""
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
    where &= (pricing.tariff >= 0) & (np.asarray(prepared.facts.heated) > 0)
    has_ended = filed.issued_on > last
    rows = np.flatnonzero(where & (has_ended | later))
    asked = _Asked(service)
    for row, account in zip(rows.tolist(), accounts.take(pa.array(rows)).to_pylist(), strict=True):
        tariff = pricing.tariffs[int(pricing.tariff[row])]
        first, end = int(stay.start[row]), int(last[row])
        network = None if networks is None else networks[row]
        found = asked.of(tariff, account, network, first, end)
        refund, lacks = _refund(prepared, due, row, found, end - first + 1)
        if not has_ended[row]:
            if refund is not None or lacks:
                prepared.falling_due[row] = FallingDue(refund, lacks, first, end)
        elif lacks:
            missing[row] |= lacks
        elif refund is not None:
            billed = int(filed.lines["refund"][row])
            prepared.refunds[row] = refund
            change = refund.line(billed) - min(billed, 0)
            prepared.facts.stated[row] += change  # type: ignore[index]
            due.total[row] += change  # type: ignore[index]


@dataclass(frozen=True, slots=True)
class _Found:
    """What of the service counts on one bill, or what is not known of the rules for it (bits of ``missing``)."""

    cold: ColdTime
    dark: Dark | None
    rule: RefundRule | None
    lacks: int = 0

    @property
    def weight(self) -> Fraction:
        """Days, each by the share of its fee that is due back."""
        bands = self.rule.bands if self.rule else ()
        return self.cold.weight({temp: band_share(bands, temp) for _, temp in self.cold.stretches})


class _Asked:
    """What the service to an account comes to under its tariff. The time without heat of a network is counted once for all
    accounts with the same days."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._darks: dict[tuple[str, str, int, int], tuple[Dark | None, int]] = {}

    def of(self, tariff: Tariff, account: str | None, network: str | None, first: int, last: int) -> _Found:
        dark, lacks = self._dark(tariff, account, network, first, last)
        rooms = self._service.rooms(account)
        if not rooms:
            return _Found(ColdTime(()), dark, None, lacks)
        rule = refund_rule(tariff, as_date(first))
        asked = rule or RefundRule(tariff.refund_standard_c or COLD_EVERYWHERE_C, ())
        cold = cold_time(asked, rooms, first, last, () if dark is None else dark.stretches)
        if rule is None and cold.stretches:
            lacks |= BIT["refund_rule_unknown"]
        return _Found(cold, dark, rule, lacks)

    def _dark(
        self, tariff: Tariff, account: str | None, network: str | None, first: int, last: int
    ) -> tuple[Dark | None, int]:
        if self._service.has_own_outages(account):
            return _time_without_heat(tariff, self._service.outages(account, network), first, last)
        key = tariff.id, network or "", first, last
        if key not in self._darks:
            outages = self._service.outages(None, network)
            self._darks[key] = _time_without_heat(tariff, outages, first, last)
        return self._darks[key]


def _time_without_heat(
    tariff: Tariff, outages: Sequence[Outage], first: int, last: int
) -> tuple[Dark | None, int]:
    """The time without heat that counts under the rule of the first day, None where none does; where no rule is known
    and it was longer than any law on record lets pass, the bit that says so."""
    if not outages:
        return None, 0
    rule = outage_rule(tariff, as_date(first))
    asked = rule or OutageRule(longest_term_hours(), after_included=False, counts=OutageDays.HOURS)
    found = time_in_the_dark(asked, outages, first, last)
    if found.most_days == 0:
        return None, 0
    return (None, BIT["outage_rule_unknown"]) if rule is None else (found, 0)


def _refund(
    prepared: Prepared, due: Due, row: int, found: _Found, length: int
) -> tuple[RefundDue | None, int]:
    """What is due back on the bill, or the bits of what is not known of it."""
    dark, weight, of = found.dark, found.weight, None if found.rule is None else found.rule.basis
    if found.lacks or (weight == 0 and dark is None):
        return None, found.lacks
    if any(gap.row == row for gap in prepared.days.gaps):
        return None, BIT["days_left_in_pieces"]
    calendar_ = prepared.pricing.calendars[int(prepared.pricing.calendar[row])]
    if not calendar_.is_known:
        return None, BIT["season_dates_missing"]
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
    if weight > 0 and of is RefundBasis.DAY_NET_OF_BASE:
        if terms.base_num < 0:
            return None, BIT["base_price_missing"]
        basis -= rules.charge_by_area(facts, terms, terms.base_num, terms.base_den, facts.heated, 1, 1)
    refund = RefundDue(
        basis=max(basis, 0) if weight > 0 else 0,
        weight=weight,
        days=facts.heated if by_day else length,
        unit=terms.unit,
        cold=found.cold,
        rooms_open=weight > 0 and of is RefundBasis.DAY_FAILING_ROOMS,
        dark=dark,
        bands=() if found.rule is None else found.rule.bands,
    )
    if refund.rooms_open and int(prepared.filed.lines["refund"][row]) >= 0:
        return None, BIT["failing_rooms_area_missing"]
    return refund, 0
