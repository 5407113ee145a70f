"""What one and the same home would pay for a season under each tariff, so that cities can be compared.

The reference home has 100 m2 of floor area; its inner area of 90 m2 and usable area of 75 m2 follow the conversions
that Zhengzhou (inner = 0.90 of floor) and Qingdao (usable = 0.75 of floor) publish. The figures are for comparison;
no bill is judged by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from checks.tariffs.plausibility import KWH_PER_GJ, norm_heat_kwh
from checks.tariffs.record import AreaBasis, HeatUnit, Price, Rounding, Tariff


@dataclass(frozen=True, slots=True)
class ReferenceHome:
    """One home: its three areas in m2 and, when given, the heat it uses in a season in kWh."""

    floor_m2: Decimal = Decimal(100)
    inner_m2: Decimal = Decimal(90)
    usable_m2: Decimal = Decimal(75)
    heat_kwh: Decimal | None = None  # None: exactly the norm heat of the tariff


@dataclass(frozen=True, slots=True)
class ReferenceBill:
    """The season bill of the reference home in CNY, each line rounded once as the tariff says.

    ``metered_total`` is base + metered; ``metered_payable`` is that total after the cap and ``None`` when the city's
    cap rule is not known. Amounts the tariff has no price for are ``None``.
    """

    tariff_id: str
    basis: AreaBasis
    billed_area_m2: Decimal
    area_fee: Decimal | None
    heat_kwh: Decimal | None
    base_fee: Decimal | None
    metered_fee: Decimal | None
    metered_total: Decimal | None
    metered_payable: Decimal | None


REFERENCE_HOME = ReferenceHome()


def reference_bill(tariff: Tariff, home: ReferenceHome = REFERENCE_HOME) -> ReferenceBill | None:
    """The season bill of ``home`` under ``tariff``; ``None`` when the tariff's area basis is unknown.

    The heat is the home's, or the norm heat of the billed area, at which metered and area bill are equal but for the
    rounding of the lines. Everything is decimal arithmetic; nothing is rounded before its line.
    """
    if tariff.area_basis is None:
        return None
    area = {
        AreaBasis.FLOOR: home.floor_m2,
        AreaBasis.INNER: home.inner_m2,
        AreaBasis.USABLE: home.usable_m2,
    }[tariff.area_basis] * tariff.area_factor
    norm = norm_heat_kwh(tariff)
    heat = home.heat_kwh if home.heat_kwh is not None else (None if norm is None else norm * area)
    area_fee = _line(tariff.rounding, _times(tariff.area_price, area))
    base_fee = _line(tariff.rounding, _times(tariff.base_price, area))
    metered_fee = _line(tariff.rounding, _metered(tariff, heat))
    total = None if metered_fee is None else metered_fee + (base_fee or Decimal(0))
    return ReferenceBill(
        tariff_id=tariff.id,
        basis=tariff.area_basis,
        billed_area_m2=area,
        area_fee=area_fee,
        heat_kwh=heat,
        base_fee=base_fee,
        metered_fee=metered_fee,
        metered_total=total,
        metered_payable=_capped(tariff, total, area_fee),
    )


def _times(price: Price | None, area: Decimal) -> Decimal | None:
    return None if price is None else price.season_value * area


def _metered(tariff: Tariff, heat_kwh: Decimal | None) -> Decimal | None:
    # A record that prices no metered bills may show half a two-part price; half a price makes no fee.
    if tariff.metered_price is None or heat_kwh is None or "metered" not in tariff.methods:
        return None
    if tariff.metered_price.unit is HeatUnit.GJ:
        return tariff.metered_price.value * heat_kwh / KWH_PER_GJ
    return tariff.metered_price.value * heat_kwh


def _capped(tariff: Tariff, total: Decimal | None, area_fee: Decimal | None) -> Decimal | None:
    if total is None or not tariff.cap_known:
        return None
    if tariff.cap_share is None:
        return total
    if area_fee is None:
        return None
    ceiling = _line(tariff.rounding, tariff.cap_share * area_fee)
    return total if ceiling is None else min(total, ceiling)


def _line(rounding: Rounding, amount: Decimal | None) -> Decimal | None:
    if amount is None:
        return None
    units = (amount / rounding.unit).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return units * rounding.unit
