"""Whether a tariff as entered can be right: the base share and the norm heat that every two-part price implies.

norm heat = (season area price - season base price) / metered price: the heat at which the metered bill equals the
area bill. The 38 published two-part tariffs lie at base shares of 0.30 to 0.60 and at 55 to 160 kWh per m2; a price
in the wrong unit lies off by a factor of 278.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from checks.tariffs.record import HeatUnit, Price, Tariff

KWH_PER_GJ = Decimal("277.778")
BASE_SHARE = (Decimal("0.30"), Decimal("0.60"))
NORM_KWH_PER_M2 = (Decimal(55), Decimal(160))
SHANDONG_BASE_SHARE = Decimal("0.30")
SHANDONG_LAW_READ = dt.date(2021, 12, 3)  # the amended text that was read; article 23


@dataclass(frozen=True, slots=True)
class Implausible:
    """One reason to look again. ``value`` is the figure found, ``low`` and ``high`` the range it should lie in."""

    code: str
    zh: str
    en: str
    value: Decimal
    low: Decimal | None
    high: Decimal | None


def base_share(tariff: Tariff) -> Decimal | None:
    """Season base price as a share of the season area price; ``None`` unless the record has both."""
    if tariff.area_price is None or tariff.base_price is None:
        return None
    return tariff.base_price.season_value / tariff.area_price.season_value


def norm_heat_kwh(tariff: Tariff) -> Decimal | None:
    """kWh per m2 of the billed area at which metered and area bill are equal; ``None`` unless all three prices are
    known. A metered price per GJ is converted with 277.778 kWh."""
    if tariff.area_price is None or tariff.base_price is None or tariff.metered_price is None:
        return None
    rest = tariff.area_price.season_value - tariff.base_price.season_value
    if tariff.metered_price.unit is HeatUnit.GJ:
        return rest * KWH_PER_GJ / tariff.metered_price.value
    return rest / tariff.metered_price.value


def implausible(tariff: Tariff) -> list[Implausible]:
    """What speaks against the prices of the record; empty when nothing does or when it has no two-part price."""
    found: list[Implausible] = []
    if tariff.area_price is not None and tariff.base_price is not None:
        found += _share(tariff, tariff.base_price, tariff.area_price)
    norm = norm_heat_kwh(tariff)
    low, high = NORM_KWH_PER_M2
    if norm is not None and not low <= norm <= high:
        shown = _rounded(norm, "0.1")
        found.append(
            Implausible(
                "norm_heat",
                f"折算用热定额为每平方米 {shown} kWh，通常在 {low} 至 {high} kWh；请核对计量价及其单位（kWh 或 GJ）",
                f"the implied norm heat is {shown} kWh per m2, usually {low} to {high}; check the metered price "
                "and its unit (kWh or GJ)",
                norm,
                low,
                high,
            )
        )
    return found


def _share(tariff: Tariff, base: Price, area: Price) -> list[Implausible]:
    share = base.season_value / area.season_value
    # A published base price is itself rounded; half of its last place must not be held against it.
    slack = Decimal(1).scaleb(int(base.value.as_tuple().exponent)) * base.periods / 2 / area.season_value
    low, high = BASE_SHARE
    shown = _rounded(share, "0.0001")
    found: list[Implausible] = []
    if not low - slack <= share <= high + slack:
        found.append(
            Implausible(
                "base_share",
                f"基本热价占面积热价的 {shown}，通常在 {low} 至 {high} 之间",
                f"the base price is {shown} of the area price, usually {low} to {high}",
                share,
                low,
                high,
            )
        )
    law_binds = tariff.valid_to is None or tariff.valid_to >= SHANDONG_LAW_READ
    if tariff.province == "山东" and law_binds and share > SHANDONG_BASE_SHARE + slack:
        found.append(
            Implausible(
                "base_share_shandong",
                f"基本热价占面积热价的 {shown}，《山东省供热条例》第二十三条规定不超过 {SHANDONG_BASE_SHARE}",
                f"the base price is {shown} of the area price; article 23 of the Shandong heat supply regulation "
                f"allows at most {SHANDONG_BASE_SHARE}",
                share,
                None,
                SHANDONG_BASE_SHARE,
            )
        )
    return found


def _rounded(value: Decimal, step: str) -> Decimal:
    return value.quantize(Decimal(step), rounding=ROUND_HALF_UP)
