"""A home worked out for every tariff, by the same code that checks bills (TR11, PP1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from checks.recompute import Worksheet, worksheet
from checks.tariffs.in_force import season_dates
from checks.tariffs.record import HeatUnit, Tariff

AREA = Decimal("100.00")
NORM_HEAT = {HeatUnit.KWH: Decimal("10000.000"), HeatUnit.GJ: Decimal("36.000")}


@dataclass(frozen=True, slots=True)
class WorkedExample:
    method: str
    bill: dict[str, Any]
    sheet: Worksheet
    heat: Decimal | None
    unit: str | None


def season_of(tariff: Tariff, on: dt.date) -> str:
    """The heating season that ``on`` belongs to or comes next, bounded by the tariff's own days."""
    day = min(on, tariff.valid_to) if tariff.valid_to else on
    first = day.year if day.month >= 7 else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def worked_examples(tariff: Tariff, tariffs: Sequence[Tariff], on: dt.date) -> list[WorkedExample]:
    """100 m² for a whole season by area, and by meter at 10,000 kWh or 36 GJ, where the tariff prices them."""
    if tariff.season is None or tariff.area_basis is None:
        return []
    season = season_of(tariff, on)
    first, last, _days = season_dates(tariff.season, season)
    examples = []
    for method in tariff.methods:
        if method == "area" and tariff.area_price is None:
            continue
        if method == "metered" and (tariff.base_price is None or tariff.metered_price is None):
            continue
        bill = _bill(tariff, method, season, first, last)
        sheet = worksheet(bill, None, tariffs, city=tariff.city, service_areas=_areas(tariff))
        if sheet.tariff is not None and sheet.tariff.id == tariff.id:
            examples.append(WorkedExample(method, bill, sheet, bill["heat_used"], bill["heat_unit"]))
    return examples


def example_certificate(example: WorkedExample, tariff: Tariff, tariffs: Sequence[Tariff]) -> dict[str, Any]:
    """The certificate of the example, billed as what it comes to."""
    from checks.certificate import certificate_of

    due = example.sheet.recomputed_total
    bill = example.bill if due is None else example.bill | {"total": due}
    return certificate_of(bill, None, tariffs, city=tariff.city, service_areas=_areas(tariff))


def _areas(tariff: Tariff) -> tuple[str, ...]:
    return (tariff.service_area,) if tariff.service_area else ()


def _bill(tariff: Tariff, method: str, season: str, first: dt.date, last: dt.date) -> dict[str, Any]:
    metered = tariff.metered_price if method == "metered" else None
    return {
        "source_row": 1,
        "bill_no": f"{tariff.id}-{method}",
        "account_no": "",
        "season": season,
        "kind": "settlement" if metered else "season",
        "category": tariff.category,
        "billing_method": method,
        "heating_state": "on",
        "service_from": first,
        "service_to": last,
        "billed_area_m2": AREA,
        "area_basis": str(tariff.area_basis),
        "heat_used": NORM_HEAT[metered.unit] if metered else None,
        "heat_unit": str(metered.unit) if metered else None,
        "total": Decimal("0.00"),
        "issued_on": first,
        "due_on": last,
    }
