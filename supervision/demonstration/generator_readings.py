"""The readings that companies file, one round a month, and what stands in them that should not: estimates far from the
truth, meters not read, readings of other days."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from supervision.demonstration.generator_accounts import Account
from supervision.demonstration.generator_bills import ZERO, Bill
from supervision.demonstration.generator_companies import CompanyPlan
from supervision.demonstration.generator_meters import (
    CLOSES_ON_ESTIMATE,
    HEAT,
    OTHER_PERIOD_AFTER,
    RE_READ_AFTER,
    MeterSeason,
    rounds,
)
from supervision.demonstration.generator_rates import RATES, fen, share_of
from supervision.demonstration.generator_truth import ESTIMATE, HIT, RowTruth

_ESTIMATED_SHARE = Decimal("0.9")  # of the heat since the round before: estimates of vacant flats are careful
_LATE_SHARE = Decimal("0.15")
_READ_LOWER = ("read_lower", "estimate_not_reversed")
_ACTUAL, _ESTIMATED = "actual", "estimated"


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading as filed; ``energy`` in the unit of the tariff."""

    meter_no: str
    day: dt.date
    kind: str
    energy: Decimal
    unit: str

    @property
    def period(self) -> str:
        return f"{self.day:%Y-%m}"

    @property
    def read_at(self) -> str:
        return f"{self.day:%Y-%m-%d}T08:00:00+08:00"


def make_readings(
    plan: CompanyPlan, accounts: Sequence[Account], seasons: Sequence[str], chance: random.Random
) -> list[Reading]:
    """Every round of every season, by month and meter."""
    found: list[Reading] = []
    for account in accounts:
        for season in seasons:
            if season in account.metered:
                found += _of_season(plan, account, season, chance)
    return sorted(found, key=lambda reading: (reading.day, reading.meter_no))


def _of_season(plan: CompanyPlan, account: Account, season: str, chance: random.Random) -> Iterator[Reading]:
    rates, meter = RATES[plan.city, account.category], account.metered[season]
    days, last = rounds(rates.season, season), len(meter.real) - 1
    unread, how = account.unread.get(season, (-1, ""))

    def reading(day: dt.date, kind: str, energy: Decimal) -> Reading:
        return Reading(account.meter_no, day, kind, energy, rates.heat_unit)

    for number, (day, real) in enumerate(zip(days, meter.real, strict=True)):
        is_estimated = 0 < number < last and chance.randrange(100) < plan.estimated_percent
        if number == unread:
            if how == "late":
                later = real + (meter.real[number + 1] - real) * _LATE_SHARE
                yield reading(day + dt.timedelta(days=5), _ACTUAL, later.quantize(HEAT))
        elif number > meter.last_read:
            yield reading(day, _ESTIMATED, meter.shown_since_read(real))
        elif is_estimated and number != meter.last_read:
            before = meter.real[number - 1]
            yield reading(day, _ESTIMATED, (before + (real - before) * _ESTIMATED_SHARE).quantize(HEAT))
        else:
            yield reading(day, _ACTUAL, real)
    if meter.kind in _READ_LOWER:
        yield reading(days[-1] + RE_READ_AFTER, _ACTUAL, meter.real[-1])
    elif meter.kind == "other_meter_or_period":
        yield reading(days[-1] + OTHER_PERIOD_AFTER, _ACTUAL, meter.after_season)


def truth_of_readings(
    plan: CompanyPlan, accounts: Sequence[Account], bills: Sequence[Bill]
) -> Iterator[RowTruth]:
    """What the portal should say of these readings: rounds missed, readings below an estimate, and of every bill that closes
    on an estimate what became of it."""
    settled = {(bill.account.account_no, bill.season): bill for bill in bills if bill.kind == "settlement"}
    for account in accounts:
        for season, (number, _) in account.unread.items():
            day = rounds(RATES[plan.city, account.category].season, season)[number]
            yield RowTruth(plan.code, HIT, "readings", f"{day:%Y-%m}", "RDX02", account.meter_no, None)
        for season, meter in account.metered.items():
            yield from _truth_of_season(plan, account, meter, settled[account.account_no, season])


def _truth_of_season(
    plan: CompanyPlan, account: Account, meter: MeterSeason, bill: Bill
) -> Iterator[RowTruth]:
    last = rounds(RATES[plan.city, account.category].season, bill.season)[-1]
    if meter.kind in _READ_LOWER:
        key = f"{account.meter_no}|{last + RE_READ_AFTER:%Y-%m-%d}T08:00:00+08:00"
        yield RowTruth(plan.code, HIT, "readings", f"{last:%Y-%m}", "RDS01", key, None)
    if meter.kind == "read_lower":
        yield RowTruth(plan.code, HIT, "bills", bill.period, "BIX08", bill.bill_no, None)
    if meter.kind in CLOSES_ON_ESTIMATE:
        yield RowTruth(
            plan.code, ESTIMATE, "bills", bill.period, meter.kind, bill.bill_no, _cost(meter, bill)
        )


def _cost(meter: MeterSeason, bill: Bill) -> Decimal | None:
    """What the heat between the estimate and the true stand cost: nothing once put right, unknown while it waits."""
    if meter.kind == "waiting":
        return None
    if meter.kind == "reversed":
        return Decimal("0.00")
    beyond = meter.closes - meter.real[-1]
    return fen(share_of(bill.metered_charge or ZERO, beyond, bill.heat_used or ZERO))
