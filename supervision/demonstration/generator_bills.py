"""Bills as they should be: season bills in autumn, settlements of metered accounts in May, reckoned by plain decimals."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from supervision.demonstration.generator_accounts import Account
from supervision.demonstration.generator_companies import CompanyPlan
from supervision.demonstration.generator_meters import stands_of
from supervision.demonstration.generator_rates import FEN, RATES, Rates, fen, share_of

ZERO = Decimal(0)
WHOLE = (1, 1)
_HEAT = Decimal("0.001")
_WEATHER = {"2024-25": Decimal("0.98"), "2025-26": Decimal("1.03")}
_PAID_PERCENT = 70
_LINES = (
    "area_charge",
    "base_charge",
    "metered_charge",
    "height_surcharge",
    "suspension_charge",
    "late_fee",
    "other_charge",
    "cap_reduction",
)


@dataclass(slots=True)
class Bill:
    """One bill. Lines in CNY, reductions negative, an empty line is ``None``; ``period`` names the filing it is in."""

    bill_no: str
    account: Account
    season: str
    kind: str
    category: str
    heating_state: str
    service_from: dt.date
    service_to: dt.date
    billed_area: Decimal
    area_basis: str
    period: str
    issued_on: dt.date
    due_on: dt.date
    tariff_ref: str = ""
    paid_on: dt.date | None = None
    prepaid: Decimal | None = None
    reading_from: Decimal | None = None
    reading_to: Decimal | None = None
    heat_used: Decimal | None = None
    heat_unit: str = ""
    area_charge: Decimal | None = None
    base_charge: Decimal | None = None
    metered_charge: Decimal | None = None
    height_surcharge: Decimal | None = None
    suspension_charge: Decimal | None = None
    late_fee: Decimal | None = None
    other_charge: Decimal | None = None
    other_charge_name: str = ""
    cap_reduction: Decimal | None = None

    @property
    def total(self) -> Decimal:
        """The sum of the lines, to the fen."""
        filled = (getattr(self, line) for line in _LINES)
        return sum((line for line in filled if line is not None), ZERO).quantize(FEN)

    @property
    def is_part_season(self) -> bool:
        return self.service_from == self.account.connected_on


def area_fee(rates: Rates, area: Decimal, part: tuple[int, int]) -> Decimal:
    """Season price x area x part of the season, one rounding."""
    return fen(share_of(rates.area * area, *part))


def height_fee(rates: Rates, area: Decimal, height: Decimal, part: tuple[int, int]) -> Decimal | None:
    """The surcharge for a high room, one rounding; ``None`` where none is due."""
    share = ZERO if rates.height is None else rates.height.share(height)
    if not share or rates.height is None:
        return None
    price = rates.base if rates.height.on_base else rates.area
    return fen(share_of((price or ZERO) * area * share, *part))


def cap_limit(rates: Rates, area: Decimal) -> Decimal | None:
    """The most a metered bill may come to; ``None`` where no cap is published."""
    return None if rates.cap is None else fen(rates.cap * rates.area * area)


def season_bills(
    plan: CompanyPlan, accounts: list[Account], season: str, chance: random.Random
) -> list[Bill]:
    """One bill an account of the roster, issued in October or November (Harbin's late payers in December); in Shandong
    every second suspended account gets none and the others a bill of 0.00."""
    bills = []
    for number, account in enumerate(account for account in accounts if account.is_listed(season)):
        off = season in account.suspended
        if account.is_closed(season):
            continue
        if off and RATES[plan.city, account.category].suspension == 0 and number % 2:
            continue
        bill = _season_bill(plan, account, season, number, chance)
        (_suspend if off else _charge)(plan, bill, chance)
        bills.append(bill)
    return bills


def settlements(plan: CompanyPlan, accounts: list[Account], season: str) -> list[Bill]:
    """The May settlement of every metered account: base and metered charge, capped where the city caps."""
    year = int(season[:4]) + 1
    metered = (account for account in accounts if account.method == "metered" and account.is_listed(season))
    return [_settlement(plan, account, season, year, number) for number, account in enumerate(metered)]


def settle(bill: Bill, rates: Rates) -> None:
    """Fill the lines of a settlement from its area and heat, in the unit the tariff prices."""
    area = bill.billed_area
    bill.base_charge = fen((rates.base or ZERO) * area)
    bill.metered_charge = fen((rates.heat or ZERO) * (bill.heat_used or ZERO))
    bill.height_surcharge = height_fee(rates, area, bill.account.height, WHOLE)
    limit = cap_limit(rates, area)
    over = ZERO if limit is None else limit - bill.base_charge - bill.metered_charge
    bill.cap_reduction = over if over < 0 else None


def _season_bill(
    plan: CompanyPlan, account: Account, season: str, number: int, chance: random.Random
) -> Bill:
    """The bill with its facts and dates, without charges."""
    rates = RATES[plan.city, account.category]
    first, last = rates.season.dates(season)
    is_new = account.connected_on > first
    issued = (
        account.connected_on + dt.timedelta(days=2)
        if is_new
        else _issue_day(plan, first.year, number, chance)
    )
    return Bill(
        bill_no=f"{abbreviation(plan)}{issued:%Y%m}{number:06d}",
        account=account,
        season=season,
        kind="season",
        category=account.category,
        heating_state="suspended" if season in account.suspended else "on",
        service_from=max(first, account.connected_on),
        service_to=last,
        billed_area=account.area(rates.basis),
        area_basis=rates.basis,
        period=f"{issued:%Y-%m}",
        issued_on=issued,
        due_on=_due_day(plan, issued),
        tariff_ref=rates.document,
    )


def _issue_day(plan: CompanyPlan, year: int, number: int, chance: random.Random) -> dt.date:
    if plan.city == "长春市":  # due on 20 October, before the season starts
        return dt.date(year, 10, 8 + number % 9)
    if number // 48 % 2:
        return dt.date(year, 10, 9 + chance.randrange(20))
    return dt.date(year, 11, 2 + chance.randrange(10))


def _due_day(plan: CompanyPlan, issued: dt.date) -> dt.date:
    if plan.city == "长春市":
        return dt.date(issued.year, 10, 20) if issued.month == 10 else dt.date(issued.year, 12, 20)
    return dt.date(issued.year, 12, 15) if plan.city in ("济南市", "青岛市") else dt.date(issued.year, 12, 31)


def _charge(plan: CompanyPlan, bill: Bill, chance: random.Random) -> None:
    account = bill.account
    rates = RATES[plan.city, account.category]
    part = rates.season.part(bill.season, bill.service_from)
    bill.area_charge = area_fee(rates, bill.billed_area, part)
    bill.height_surcharge = height_fee(rates, bill.billed_area, account.height, part)
    if _pays_late(plan, bill, chance):
        _charge_late_payer(rates, bill, chance)
    elif chance.randrange(100) < _PAID_PERCENT:
        bill.paid_on = bill.issued_on + dt.timedelta(days=chance.randrange(6))


def _suspend(plan: CompanyPlan, bill: Bill, chance: random.Random) -> None:
    rates = RATES[plan.city, bill.account.category]
    if rates.suspension:
        bill.suspension_charge = fen(rates.suspension * rates.area * bill.billed_area)
        bill.paid_on = bill.issued_on + dt.timedelta(days=chance.randrange(6))


def _pays_late(plan: CompanyPlan, bill: Bill, chance: random.Random) -> bool:
    is_candidate = (
        bill.account.method == "area" and not bill.is_part_season and bill.account.category == "residential"
    )
    return is_candidate and chance.randrange(100) < plan.late_payers_percent


def _charge_late_payer(rates: Rates, bill: Bill, chance: random.Random) -> None:
    """Paid after the last day, before the filing of the month of issue is handed in: Harbin a share a day on the
    total, Changchun once."""
    fee = (bill.area_charge or ZERO) + (bill.height_surcharge or ZERO)
    if rates.late_per_day is not None:
        bill.issued_on = dt.date(bill.issued_on.year, 12, 2 + chance.randrange(18))
        bill.period = f"{bill.issued_on:%Y-%m}"
        days = chance.randint(2, 6)
        bill.paid_on = bill.due_on + dt.timedelta(days=days)
        bill.late_fee = fen(fee * rates.late_per_day * days)
    elif rates.late_once is not None:
        bill.paid_on = bill.due_on + dt.timedelta(days=chance.randint(2, 16))
        bill.late_fee = fen(fee * rates.late_once)


def _settlement(plan: CompanyPlan, account: Account, season: str, year: int, number: int) -> Bill:
    rates = RATES[plan.city, account.category]
    first, last = rates.season.dates(season)
    area = account.area(rates.basis)
    heat = (rates.norm_heat * area * account.intensity * _WEATHER[season]).quantize(
        _HEAT, rounding=ROUND_HALF_UP
    )
    shown = stands_of(account, season, heat)
    heat = shown.closes - shown.opens
    bill = Bill(
        bill_no=f"{abbreviation(plan)}JS{year}{number:06d}",
        account=account,
        season=season,
        kind="settlement",
        category=account.category,
        heating_state="on",
        service_from=first,
        service_to=last,
        billed_area=area,
        area_basis=rates.basis,
        period=season,
        issued_on=dt.date(year, 5, 6) + dt.timedelta(days=number % 19),
        due_on=dt.date(year, 6, 30),
        tariff_ref=rates.document,
        prepaid=area_fee(rates, area, WHOLE) + (height_fee(rates, area, account.height, WHOLE) or ZERO),
        reading_from=shown.opens,
        reading_to=shown.closes,
        heat_used=heat,
        heat_unit=rates.heat_unit,
    )
    settle(bill, rates)
    return bill


def abbreviation(plan: CompanyPlan) -> str:
    """The letters a company's numbers start with."""
    return plan.code.split("-")[1].upper()
