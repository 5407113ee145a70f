"""The supply points: invented estates and streets with plausible areas, heights, meters and dates. No people."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from supervision.demonstration.generator_companies import CompanyPlan
from supervision.demonstration.generator_meters import MeterSeason, choose_kinds
from supervision.demonstration.generator_rates import RATES, Rates

SEASONS = ("2024-25", "2025-26")
_HOMES_PERCENT = 85
_MID_SEASON_PERCENT = 3
_CLOSED_PER_THOUSAND = 5
_FIRST = "祥锦瑞和康福安景春秋丰华荣盛明远文博松柏云水"
_SECOND = "泰绣云平乐居和阳晖实茂锦光达河苑竹雅溪岭"
_KINDS = ("花园", "家园", "小区", "里", "苑", "新村")
_STREETS = (
    "站前街",
    "工农路",
    "新发街",
    "河沿路",
    "学府路",
    "建设街",
    "长青路",
    "东环街",
    "北新路",
    "文化街",
)
_FLATS_OF_A_BUILDING = 48
_UNITS = 3


@dataclass(slots=True)
class Account:
    """One supply point and what the roster says of it. Areas in m2, heights in m; ``intensity`` is the heat it uses as
    a share of the norm of its tariff."""

    city: str
    account_no: str
    network_code: str
    station_code: str
    community: str
    building: str
    unit: str
    category: str
    method: str
    floor: Decimal
    usable: Decimal | None
    inner: Decimal | None
    height: Decimal
    meter_no: str
    connected_on: dt.date
    vulnerable: bool
    intensity: Decimal
    meter_stand: Decimal  # what the meter truly shows now, in the unit of the tariff; settlements move it on
    suspended: dict[str, dt.date] = field(default_factory=dict)  # season -> first day off
    closed_on: dt.date | None = None
    closings: dict[str, str] = field(
        default_factory=dict
    )  # season -> kind of its last reading (generator_meters)
    unread: dict[str, tuple[int, str]] = field(
        default_factory=dict
    )  # season -> which round was missing or late
    metered: dict[str, MeterSeason] = field(default_factory=dict)
    bill_opens: Decimal | None = None  # where the next bill opens, when not at ``meter_stand``

    def area(self, basis: str) -> Decimal:
        """The area of a basis. Raises ``ValueError`` when the roster does not carry it."""
        found = {"floor": self.floor, "usable": self.usable, "inner": self.inner}[basis]
        if found is None:
            raise ValueError(
                f"用户{self.account_no}没有该口径面积。 Account {self.account_no} has no {basis} area."
            )
        return found

    def is_listed(self, season: str) -> bool:
        """Whether the roster of a season has it: connected before the season is over."""
        return self.connected_on < dt.date(int(season[:4]) + 1, 4, 1)

    def is_closed(self, season: str) -> bool:
        """Whether it was closed before the season."""
        return self.closed_on is not None and self.closed_on < dt.date(int(season[:4]), 10, 1)


def make_accounts(plan: CompanyPlan, count: int, chance: random.Random) -> list[Account]:
    """``count`` accounts of a company, homes first, in a fixed order for the same ``chance``."""
    homes = count * _HOMES_PERCENT // 100
    estates = _estates(plan, chance)
    accounts = [_home(plan, number, estates, chance) for number in range(homes)]
    accounts += [_premises(plan, number, chance) for number in range(homes, count)]
    for account in accounts:
        _connect(plan, account, chance)
        _suspend(plan, account, chance)
    choose_kinds(plan, accounts, SEASONS, random.Random(f"{chance.random()}/meters"))  # noqa: S311  repeatable by design
    _close(plan, accounts, random.Random(f"{chance.random()}/closed"))  # noqa: S311  repeatable by design
    return accounts


def _estates(plan: CompanyPlan, chance: random.Random) -> list[str]:
    names = [
        first + second + kind for first in _FIRST for second in _SECOND for kind in _KINDS if first != second
    ]
    return chance.sample(names, 60)


def _home(plan: CompanyPlan, number: int, estates: list[str], chance: random.Random) -> Account:
    building, flat = divmod(number, _FLATS_OF_A_BUILDING)
    estate = estates[building // 8 % len(estates)]
    floor = Decimal(
        chance.choice((4800, 5650, 6720, 7480, 8850, 9540, 10260, 11830, 13560)) + chance.randint(-180, 260)
    )
    return _account(
        plan,
        number,
        chance,
        community=estate,
        building=f"{building % 8 + 1 + building // 8 // len(estates) * 8}号楼",
        unit=f"{flat // (_FLATS_OF_A_BUILDING // _UNITS) + 1}单元",
        category="residential",
        floor=floor / 100,
        height=Decimal(chance.choice(("2.80", "2.80", "2.90", "3.00"))),
        vulnerable=chance.randrange(100) < 2,
    )


def _premises(plan: CompanyPlan, number: int, chance: random.Random) -> Account:
    kinds, weights = zip(*plan.other_categories, strict=True)
    category = chance.choices(kinds, weights)[0]
    size = chance.randint(1200, 3600) if category == "garage" else chance.randint(4000, 90000)
    rule = RATES[plan.city, category].height
    low = ("2.80", "3.00", "3.00")
    # Multiples of the step above the start, so that it does not matter how a started step counts.
    high = () if rule is None else tuple(str(rule.over_m + rule.step_m * steps) for steps in (1, 2, 3, 5))
    return _account(
        plan,
        number,
        chance,
        community=chance.choice(_STREETS),
        building=f"{chance.randint(1, 220)}号",
        unit="",
        category=category,
        floor=Decimal(size) / 100,
        height=Decimal(chance.choice(low + high)).quantize(Decimal("0.01")),
        vulnerable=False,
    )


def _account(
    plan: CompanyPlan,
    number: int,
    chance: random.Random,
    *,
    community: str,
    building: str,
    unit: str,
    category: str,
    floor: Decimal,
    height: Decimal,
    vulnerable: bool,
) -> Account:
    rates = RATES[plan.city, category]
    metered = rates.base is not None and chance.randrange(100) < plan.metered_percent
    network = plan.networks[number // _FLATS_OF_A_BUILDING % len(plan.networks)]
    return Account(
        city=plan.city,
        account_no=f"{plan.code.split('-')[1].upper()}{100000 + number}",
        network_code=network.code,
        station_code=f"{network.code}-S{number // 240 + 1:03d}",
        community=community,
        building=building,
        unit=unit,
        category=category,
        method="metered" if metered else "area",
        floor=floor,
        usable=_part(floor, plan.usable_ratio, chance),
        inner=_part(floor, plan.inner_ratio, chance),
        height=height,
        meter_no=f"RB{2012 + chance.randrange(10)}{number:06d}" if metered else "",
        connected_on=dt.date(2003, 9, 1) + dt.timedelta(days=chance.randrange(7200)),
        vulnerable=vulnerable,
        intensity=_intensity(rates, chance),
        meter_stand=Decimal(chance.randrange(8_000, 400_000)) / 1000,
    )


def _part(floor: Decimal, percent: tuple[int, int] | None, chance: random.Random) -> Decimal | None:
    if percent is None:
        return None
    share = Decimal(chance.randint(percent[0] * 10, percent[1] * 10)) / 1000
    return (floor * share).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _intensity(rates: Rates, chance: random.Random) -> Decimal:
    """Heat used as a share of the norm. Where a cap is published about one home in eight needs it; elsewhere bills
    stay below the area fee, because whether a cap holds there is not known."""
    if rates.cap is not None and chance.randrange(8) == 0:
        return rates.cap + Decimal(chance.randint(80, 400)) / 1000
    if chance.randrange(10) == 0:  # hardly lived in
        return Decimal(chance.randint(250, 500)) / 1000
    return Decimal(chance.randint(620, 960)) / 1000


def _connect(plan: CompanyPlan, account: Account, chance: random.Random) -> None:
    """Three in a hundred were connected in the middle of one of the two seasons (metered ones never)."""
    if account.method == "metered" or chance.randrange(100) >= _MID_SEASON_PERCENT:
        return
    season = chance.choice(SEASONS)
    days = RATES[plan.city, account.category].season
    first, _ = days.dates(season)
    if days.months is not None:
        account.connected_on = first.replace(month=first.month + 1)  # on the first day of its second month
    else:
        account.connected_on = max(first, dt.date(first.year, 11, 1)) + dt.timedelta(
            days=chance.randint(2, 9)
        )


def _suspend(plan: CompanyPlan, account: Account, chance: random.Random) -> None:
    """Some empty flats are off for a whole season; asked for a month before, as the laws want."""
    for season in SEASONS:
        first, _ = RATES[plan.city, account.category].season.dates(season)
        is_asked = chance.randrange(100) < plan.suspended_percent
        if is_asked and account.method == "area" and account.connected_on < first - dt.timedelta(days=60):
            account.suspended[season] = first - dt.timedelta(days=35)


def _close(plan: CompanyPlan, accounts: list[Account], chance: random.Random) -> None:
    """Some accounts, billed by area, are given up in the summer between the seasons."""
    stay = [a for a in accounts if a.method == "area" and not a.suspended and a.connected_on.year < 2024]
    for account in chance.sample(stay, max(2, len(stay) * _CLOSED_PER_THOUSAND // 1000)):
        account.closed_on = dt.date(2025, 5, 20) + dt.timedelta(days=chance.randrange(100))
