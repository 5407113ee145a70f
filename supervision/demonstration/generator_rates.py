"""The published prices of the six demonstration cities, and plain decimal arithmetic over them.

A second opinion on purpose: prices are written down again here and bills are reckoned without the rules of
``checks.recompute``, so that the two can disagree. A test holds the prices against the shipped tariff register.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal

FEN = Decimal("0.01")
YUAN = Decimal(1)
MJ_PER_GJ = 1000
KWH_PER_GJ = Decimal("277.778")  # as the published notices convert

# Wide enough that only the one rounding per line ever rounds.
_WIDE = Context(prec=60)


@dataclass(frozen=True, slots=True)
class SeasonDays:
    """First day of heat and last day with heat, as (month, day). Parts are counted in started ``months`` where given;
    where ``calendar_months`` are, in whole months and the days of the month that is cut."""

    first: tuple[int, int]
    last: tuple[int, int]
    months: int | None = None
    calendar_months: int | None = None

    def dates(self, season: str) -> tuple[dt.date, dt.date]:
        """First and last heated day of a season written ``2025-26``."""
        year = int(season[:4])
        return dt.date(year, *self.first), dt.date(year + 1, *self.last)

    def part(self, season: str, start: dt.date) -> tuple[int, int]:
        """How many units of how many are heated from ``start`` to the end; months are counted as started."""
        first, last = self.dates(season)
        start = max(first, start)
        if self.calendar_months is not None:
            gone = (start.year - first.year) * 12 + start.month - first.month
            in_month = calendar.monthrange(start.year, start.month)[1]
            left = (self.calendar_months - gone) * in_month - (start.day - 1)
            return left, self.calendar_months * in_month
        if self.months is None:
            return (last - start).days + 1, (last - first).days + 1
        gone = (start.year - first.year) * 12 + start.month - first.month - (start.day < first.day)
        return self.months - gone, self.months


@dataclass(frozen=True, slots=True)
class HeightSteps:
    """Above ``over_m`` every ``step_m`` adds ``rate`` of the base fee or of the area fee, at most ``at_most``."""

    over_m: Decimal
    step_m: Decimal
    rate: Decimal
    on_base: bool
    at_most: Decimal | None = None

    def share(self, height_m: Decimal) -> Decimal:
        """The surcharge as a share of the fee; a started step counts in full."""
        if height_m <= self.over_m:
            return Decimal(0)
        steps = ((height_m - self.over_m) / self.step_m).to_integral_value(ROUND_CEILING)
        share = steps * self.rate
        return share if self.at_most is None else min(share, self.at_most)


@dataclass(frozen=True, slots=True)
class Rates:
    """One published price of a city and category, per m2 and season; heat per ``heat_unit``."""

    tariff_id: str  # the record of the shipped register these figures must agree with
    document: str
    basis: str
    area: Decimal
    season: SeasonDays
    base: Decimal | None = None
    heat: Decimal | None = None
    heat_unit: str = ""
    cap: Decimal | None = None  # of the area fee; None: bills are kept under the area fee or none is set
    suspension: Decimal | None = None
    height: HeightSteps | None = None
    late_per_day: Decimal | None = None
    late_once: Decimal | None = None

    @property
    def norm_heat(self) -> Decimal:
        """Heat per m2 at which both ways of billing come to the same."""
        if self.base is None or self.heat is None:
            raise ValueError(
                f"热价{self.tariff_id}没有两部制价格。 Tariff {self.tariff_id} has no two-part price."
            )
        return (self.area - self.base) / self.heat


def fen(amount: Decimal) -> Decimal:
    """Half away from zero to the fen, once."""
    return amount.quantize(FEN, rounding=ROUND_HALF_UP)


def share_of(amount: Decimal, part: int | Decimal, whole: int | Decimal) -> Decimal:
    """amount x part / whole, wide enough to round afterwards."""
    return _WIDE.divide(_WIDE.multiply(amount, Decimal(part)), Decimal(whole))


_D = Decimal
_HARBIN = SeasonDays((10, 20), (4, 20), months=6)
_CHANGCHUN = SeasonDays((10, 20), (4, 6))
_BEIJING = SeasonDays((11, 15), (3, 14))  # heat stops at 0:00 of 15 March
_JINAN = SeasonDays((11, 15), (3, 14))
_QINGDAO = SeasonDays((11, 16), (4, 5))
_LANZHOU = SeasonDays((11, 1), (3, 31), calendar_months=5)  # priced per month
_HARBIN_HEIGHT = HeightSteps(_D("3.2"), _D("0.1"), _D("0.03"), on_base=True)
_CHANGCHUN_HEIGHT = HeightSteps(_D("3.0"), _D("0.3"), _D("0.05"), on_base=False, at_most=_D("0.5"))
_CC_DOC = "长府发〔2021〕179号"
_BJ_DOC = "京价（商）字〔2001〕372号"

RATES: dict[tuple[str, str], Rates] = {
    ("哈尔滨市", "residential"): Rates(
        "hrb-res-2015", "", "usable", _D("38.32"), _HARBIN, _D("15.33"), _D("42.55"), "GJ", late_per_day=_D("0.001")
    ),
    ("哈尔滨市", "non_residential"): Rates(
        "hrb-non-2015", "", "usable", _D("43.30"), _HARBIN, _D("17.32"), _D("48.08"), "GJ",
        height=_HARBIN_HEIGHT, late_per_day=_D("0.001"),
    ),
    ("长春市", "residential"): Rates(
        "cc-res", _CC_DOC, "floor", _D("27"), _CHANGCHUN, suspension=_D("0.2"), late_once=_D("0.05")
    ),
    ("长春市", "non_residential"): Rates(
        "cc-non", _CC_DOC, "floor", _D("31"), _CHANGCHUN, suspension=_D("0.2"), late_once=_D("0.05"),
        height=_CHANGCHUN_HEIGHT,
    ),
    ("长春市", "garage"): Rates(
        "cc-parking", "", "floor", _D("15.5"), _CHANGCHUN, suspension=_D("0.2"), late_once=_D("0.05")
    ),
    ("北京市", "residential"): Rates(
        "bj-res-citynet", _BJ_DOC, "floor", _D("24"), _BEIJING, _D("12"), _D("0.16"), "kWh", cap=_D("1")
    ),
    ("北京市", "non_residential"): Rates(
        "bj-non-urban6", "京发改〔2019〕1545号", "floor", _D("45"), _BEIJING, _D("18"), _D("0.36"), "kWh"
    ),
    ("济南市", "residential"): Rates(
        "jn-res", "济价格字〔2008〕113号", "inner", _D("26.7"), _JINAN, _D("8.01"), _D("0.2"), "kWh",
        cap=_D("1.1"), suspension=_D("0"),
    ),
    ("济南市", "non_residential"): Rates(
        "jn-non", "济价格字〔2010〕119号", "floor", _D("39.8"), _JINAN, _D("11.94"), _D("0.3"), "kWh", suspension=_D("0")
    ),
    ("青岛市", "residential"): Rates(
        "qd-res", "青价格〔2008〕240号", "usable", _D("30.4"), _QINGDAO, _D("9.12"), _D("42.29"), "GJ",
        cap=_D("1"), suspension=_D("0"),
    ),
    ("青岛市", "non_residential"): Rates(
        "qd-non-2011", "", "floor", _D("33.06"), _QINGDAO, suspension=_D("0")
    ),
    ("兰州市", "residential"): Rates("lz-res", "", "floor", _D("25"), _LANZHOU, _D("7.5"), _D("47.43"), "GJ"),
    ("兰州市", "office"): Rates("lz-office", "", "floor", _D("35"), _LANZHOU, _D("10.5"), _D("66.41"), "GJ"),
    ("兰州市", "hotel"): Rates("lz-hotel", "", "floor", _D("41"), _LANZHOU, _D("12.3"), _D("77.79"), "GJ"),
    ("兰州市", "commercial"): Rates("lz-shop", "", "floor", _D("46"), _LANZHOU, _D("13.8"), _D("87.28"), "GJ"),
}  # fmt: skip

# What Harbin charged from 2008-10-20 to 2015-10-19: the only superseded area prices of these cities' own categories.
OLD_AREA_PRICE: dict[tuple[str, str], tuple[str, Decimal]] = {
    ("哈尔滨市", "residential"): ("hrb-res-2008", _D("40.35")),
    ("哈尔滨市", "non_residential"): ("hrb-non-2008", _D("44.49")),
}
