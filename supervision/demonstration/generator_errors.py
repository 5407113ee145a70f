"""The errors companies really make, planted one a bill, with what the bill should have come to kept aside."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Context, Decimal

from supervision.demonstration.generator_bills import ZERO, Bill, abbreviation, area_fee, cap_limit
from supervision.demonstration.generator_companies import CompanyPlan
from supervision.demonstration.generator_meters import CHARGES_OTHER_HEAT
from supervision.demonstration.generator_rates import (
    KWH_PER_GJ,
    MJ_PER_GJ,
    OLD_AREA_PRICE,
    RATES,
    YUAN,
    Rates,
    fen,
    share_of,
)
from supervision.demonstration.generator_truth import Truth

_HEAT = Decimal("0.001")
_WIDE = Context(prec=60)
_FORBIDDEN = (("入网费", 300), ("热表检定费", 60), ("换热站运行费", 120), ("开栓费", 80))
_LEEWAY = Decimal("1.00")  # a planted error moves the bill by at least this, but for rounding


@dataclass(frozen=True, slots=True)
class Spot:
    """A clean bill where an error may be planted, with the price that is due."""

    plan: CompanyPlan
    bill: Bill
    rates: Rates

    @property
    def part(self) -> tuple[int, int]:
        return self.rates.season.part(self.bill.season, self.bill.service_from)

    @property
    def is_area_home(self) -> bool:
        return self.is_area and self.bill.category == "residential"

    @property
    def is_area(self) -> bool:
        """A season bill of an account billed by area and heated."""
        bill = self.bill
        return bill.kind == "season" and bill.account.method == "area" and bill.heating_state == "on"


Plant = Callable[[Spot, random.Random], Bill | None]


def plant(plan: CompanyPlan, bills: list[Bill], chance: random.Random) -> tuple[list[Bill], list[Truth]]:
    """The bills with the company's share of errors in them, and the truth; the bills given stay as they were.

    An error is planted only where it is real; a kind that finds no place gives its turn to none. Bills of meters that were
    not read right keep to that.
    """
    by_number = {bill.bill_no: bill for bill in bills}
    free = [
        Spot(plan, bill, RATES[plan.city, bill.account.category])
        for bill in bills
        if bill.late_fee is None and not bill.account.closings
    ]
    chance.shuffle(free)
    truths = [_charge_other_heat(plan, bill, by_number) for bill in bills if _charges_other_heat(bill)]
    for cause, count in _quota(plan, len(bills)).items():
        left: list[Spot] = []
        for spot in free:
            wrong = PLANTS[cause](spot, chance) if count else None
            if wrong is None:
                left.append(spot)
                continue
            count -= 1
            by_number[wrong.bill_no] = wrong
            due = _due(spot, wrong)
            truths.append(Truth(plan.code, wrong.bill_no, cause, due, wrong.total))
        free = left
    return sorted(by_number.values(), key=lambda bill: bill.bill_no), truths


def _charges_other_heat(bill: Bill) -> bool:
    return bill.kind == "settlement" and bill.account.metered[bill.season].kind in CHARGES_OTHER_HEAT


def _charge_other_heat(plan: CompanyPlan, bill: Bill, by_number: dict[str, Bill]) -> Truth:
    """The bill shows the right readings and charges heat up to another one."""
    meter = bill.account.metered[bill.season]
    price = RATES[plan.city, bill.account.category].heat or ZERO
    wrong = replace(bill, heat_used=meter.charged, metered_charge=fen(price * meter.charged))
    by_number[bill.bill_no] = wrong
    return Truth(plan.code, bill.bill_no, meter.kind, bill.total, wrong.total)


def _quota(plan: CompanyPlan, bills: int) -> dict[str, int]:
    """How many of each kind: the error rate spread by weights, largest remainders first, and at least one of each so
    that a small province shows them all."""
    wanted = int((plan.error_rate * bills).to_integral_value())
    weight = sum(share for _, share in plan.errors)
    quota = {cause: wanted * share // weight for cause, share in plan.errors}
    rest = sorted(plan.errors, key=lambda entry: (-(wanted * entry[1] % weight), entry[0]))
    for cause, _ in rest[: wanted - sum(quota.values())]:
        quota[cause] += 1
    return {cause: max(1, count) for cause, count in quota.items()}


def _due(spot: Spot, wrong: Bill) -> Decimal:
    """What should have been billed: nothing for the second bill of one service, else the clean bill's total (with the
    heat as the wrong bill states it)."""
    if wrong.bill_no != spot.bill.bill_no:
        return ZERO.quantize(Decimal("0.01"))
    if wrong.heat_unit != "MWh" or spot.rates.heat is None:
        return spot.bill.total
    gj = _WIDE.divide((wrong.heat_used or ZERO) * 1000, KWH_PER_GJ)
    return spot.bill.total - (spot.bill.metered_charge or ZERO) + fen(_WIDE.multiply(gj, spot.rates.heat))


def _old_price(spot: Spot, _: random.Random) -> Bill | None:
    found = OLD_AREA_PRICE.get((spot.plan.city, spot.bill.category))
    if found is None or not spot.is_area:
        return None
    return replace(spot.bill, area_charge=fen(share_of(found[1] * spot.bill.billed_area, *spot.part)))


def _wrong_category(spot: Spot, _: random.Random) -> Bill | None:
    """Homes billed as business; in Changchun, to the company's loss, shops billed as homes."""
    other = "residential" if spot.plan.city == "长春市" else "non_residential"
    expected = "non_residential" if other == "residential" else "residential"
    if not spot.is_area or spot.bill.category != expected or spot.bill.height_surcharge is not None:
        return None
    wrong = RATES[spot.plan.city, other]
    return replace(spot.bill, category=other, area_charge=area_fee(wrong, spot.bill.billed_area, spot.part))


def _wrong_city_price(spot: Spot, _: random.Random) -> Bill | None:
    """The price of Qingdao on a home of Jinan: companies that serve several cities take one for the other."""
    if spot.plan.city != "济南市" or not spot.is_area_home or spot.bill.height_surcharge is not None:
        return None
    price = RATES["青岛市", "residential"].area
    return replace(spot.bill, area_charge=fen(share_of(price * spot.bill.billed_area, *spot.part)))


def _wrong_area_basis(spot: Spot, _: random.Random) -> Bill | None:
    if not spot.is_area_home or spot.rates.basis == "floor":
        return None
    floor = spot.bill.account.floor
    return replace(
        spot.bill, billed_area=floor, area_basis="floor", area_charge=area_fee(spot.rates, floor, spot.part)
    )


def _area_differs(spot: Spot, chance: random.Random) -> Bill | None:
    if not spot.is_area_home:
        return None
    more = Decimal(chance.randint(150, 1200)) / 100
    area = spot.bill.billed_area + (more if chance.randrange(6) else -more)
    return replace(spot.bill, billed_area=area, area_charge=area_fee(spot.rates, area, spot.part))


def _height_surcharge(spot: Spot, _: random.Random) -> Bill | None:
    if not spot.is_area_home or spot.bill.height_surcharge is not None:
        return None
    return replace(spot.bill, height_surcharge=fen((spot.bill.area_charge or ZERO) * Decimal("0.05")))


def _cap_not_applied(spot: Spot, _: random.Random) -> Bill | None:
    reduction = spot.bill.cap_reduction
    return replace(spot.bill, cap_reduction=None) if reduction is not None and reduction < -_LEEWAY else None


def _suspension_fee(spot: Spot, _: random.Random) -> Bill | None:
    if spot.bill.heating_state != "suspended" or spot.rates.suspension != 0:
        return None
    return replace(spot.bill, suspension_charge=fen(Decimal("0.2") * spot.rates.area * spot.bill.billed_area))


def _suspension_share(spot: Spot, _: random.Random) -> Bill | None:
    if not spot.bill.suspension_charge:
        return None
    return replace(spot.bill, suspension_charge=fen(Decimal("0.3") * spot.rates.area * spot.bill.billed_area))


def _full_season(spot: Spot, _: random.Random) -> Bill | None:
    if not spot.is_area or not spot.bill.is_part_season or spot.bill.height_surcharge is not None:
        return None
    first, _last = spot.rates.season.dates(spot.bill.season)
    fee = area_fee(spot.rates, spot.bill.billed_area, (1, 1))
    return replace(spot.bill, service_from=first, area_charge=fee)


def _heat_unit_slip(spot: Spot, chance: random.Random) -> Bill | None:
    """The meter counts in another unit than the price: MJ read as kWh (too much), or MWh read as GJ (too little)."""
    bill, price = spot.bill, spot.rates.heat
    if bill.heat_used is None or price is None or spot.rates.heat_unit != "GJ" or spot.rates.cap is not None:
        return None
    if chance.randrange(3):
        used, start = bill.heat_used * MJ_PER_GJ, (bill.reading_from or ZERO) * MJ_PER_GJ
        charged, unit = fen(_WIDE.multiply(_WIDE.divide(used, KWH_PER_GJ), price)), "MJ"
    else:
        used = (bill.heat_used * KWH_PER_GJ / 1000).quantize(_HEAT)
        start = ((bill.reading_from or ZERO) * KWH_PER_GJ / 1000).quantize(_HEAT)
        charged, unit = fen(used * price), "MWh"
    return replace(
        bill,
        heat_used=used,
        heat_unit=unit,
        reading_from=start,
        reading_to=start + used,
        metered_charge=charged,
    )


def _base_fee_twice(spot: Spot, _: random.Random) -> Bill | None:
    bill = spot.bill
    if bill.base_charge is None or bill.metered_charge is None or bill.cap_reduction is not None:
        return None
    limit = cap_limit(spot.rates, bill.billed_area)
    if limit is not None and 2 * bill.base_charge + bill.metered_charge > limit:
        return None  # the cap would swallow a part of the error
    return replace(bill, base_charge=2 * bill.base_charge)


def _forbidden_charge(spot: Spot, chance: random.Random) -> Bill | None:
    if not spot.is_area:
        return None
    name, amount = chance.choice(_FORBIDDEN)
    return replace(spot.bill, other_charge=Decimal(amount).quantize(Decimal("0.01")), other_charge_name=name)


def _duplicate(spot: Spot, chance: random.Random) -> Bill | None:
    """The same service on a second bill a day or two later, in the same filing."""
    again = spot.bill.issued_on + dt.timedelta(days=chance.randint(1, 2))
    if not spot.is_area or again.month != spot.bill.issued_on.month or again > spot.bill.due_on:
        return None
    number = f"{abbreviation(spot.plan)}{again:%Y%m}9{spot.bill.bill_no[-5:]}"
    return replace(spot.bill, bill_no=number, issued_on=again, paid_on=None)


def _rounded_up(spot: Spot, _: random.Random) -> Bill | None:
    charge = spot.bill.area_charge
    if not spot.is_area or charge is None or spot.bill.height_surcharge is not None:
        return None
    whole = charge.quantize(YUAN, rounding=ROUND_CEILING)
    return None if whole == charge else replace(spot.bill, area_charge=whole.quantize(Decimal("0.01")))


def _line_left_out(spot: Spot, _: random.Random) -> Bill | None:
    """The surcharge for a high room was forgotten: the company loses."""
    if not spot.is_area or spot.bill.height_surcharge is None:
        return None
    return replace(spot.bill, height_surcharge=None)


PLANTS: dict[str, Plant] = {
    "old_price": _old_price,
    "wrong_category": _wrong_category,
    "wrong_city_price": _wrong_city_price,
    "wrong_area_basis": _wrong_area_basis,
    "area_differs_from_roster": _area_differs,
    "height_surcharge_not_allowed": _height_surcharge,
    "cap_not_applied": _cap_not_applied,
    "suspension_fee_not_allowed": _suspension_fee,
    "wrong_suspension_share": _suspension_share,
    "part_season_billed_in_full": _full_season,
    "heat_unit_slip": _heat_unit_slip,
    "base_fee_twice": _base_fee_twice,
    "forbidden_charge": _forbidden_charge,
    "duplicate_bill": _duplicate,
    "rounded_up": _rounded_up,
    "line_left_out": _line_left_out,
}
