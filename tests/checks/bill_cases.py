"""Bills, roster rows and tariffs for the tests of recomputation, built by hand from plain values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa

from checks.tariffs.record import (
    AreaBasis,
    Confidence,
    HeatUnit,
    MeteredPrice,
    Per,
    Price,
    Proration,
    Rounding,
    Season,
    Standing,
    Tariff,
)
from ingest.standard import arrow_schema

CITY = "试验市"
SEASON_FIRST = dt.date(2025, 11, 15)
SEASON_LAST = dt.date(2026, 3, 14)  # 120 days; heat stops at 0:00 of 15 March

_FIELDS: dict[str, Any] = {
    "id": "try-res",
    "province": "试验省",
    "city": CITY,
    "service_area": "",
    "service_area_zh": "全市",
    "service_area_en": "whole city",
    "category": "residential",
    "category_note": "",
    "standing": Standing.IN_FORCE,
    "valid_from": None,
    "valid_to": None,
    "known_from": dt.date(2000, 1, 1),
    "last_seen": "2025",
    "document": "试验价〔2020〕1号",
    "confidence": Confidence.HIGH,
    "sources": (),
    "area_basis": AreaBasis.FLOOR,
    "area_factor": Decimal(1),
    "area_fallbacks": (),
    "area_price": Price(Decimal(24), Per.SEASON),
    "base_price": Price(Decimal(12), Per.SEASON),
    "metered_price": MeteredPrice(Decimal("0.16"), HeatUnit.KWH),
    "cap_share": Decimal(1),
    "cap_known": True,
    "suspension_share": Decimal("0.2"),
    "height": None,
    "height_known": True,
    "late_fee": None,
    "refund_standard_c": Decimal(18),
    "refund_bands": (),
    "season": Season((11, 15), (3, 15), end_included=False),
    "proration": Proration.DAY,
    "rounding": Rounding(),
}


def tariff(**changes: Any) -> Tariff:
    """A two-part tariff like Beijing's: 24 CNY/m2, 12 CNY/m2 and 0.16 CNY/kWh, cap 100 %, suspension 20 %."""
    return Tariff(**(_FIELDS | changes))


def price(value: str, per: Per = Per.SEASON, periods: int = 1) -> Price:
    return Price(Decimal(value), per, periods)


_MONEY = {
    "area_charge",
    "base_charge",
    "metered_charge",
    "height_surcharge",
    "suspension_charge",
    "late_fee",
    "other_charge",
    "cap_reduction",
    "refund",
    "subsidy",
}


def bill(**changes: Any) -> dict[str, Any]:
    """A bill of 100 m2 for the whole season; the total is the sum of its lines unless it is given."""
    row: dict[str, Any] = {
        "source_row": 1,
        "bill_no": "B-1",
        "account_no": "A-1",
        "season": "2025-26",
        "kind": "season",
        "category": "residential",
        "billing_method": "area",
        "heating_state": "on",
        "service_from": SEASON_FIRST,
        "service_to": SEASON_LAST,
        "billed_area_m2": "100.00",
        "area_basis": "floor",
        "issued_on": dt.date(2025, 10, 20),
        "due_on": dt.date(2025, 12, 31),
    }
    row |= changes
    decimals = _MONEY | {
        "total",
        "prepaid",
        "billed_area_m2",
        "storey_height_m",
        "heat_used",
        "reading_from",
        "reading_to",
    }
    row = {
        key: Decimal(value) if key in decimals and isinstance(value, str) else value
        for key, value in row.items()
    }
    if "total" not in row:
        row["total"] = sum((row[line] for line in _MONEY if row.get(line) is not None), Decimal("0.00"))
    return row


def account(**changes: Any) -> dict[str, Any]:
    """A roster row: 100 m2 floor area, residential, billed by area, heated."""
    row: dict[str, Any] = {
        "source_row": 7,
        "account_no": "A-1",
        "network_code": "N-1",
        "community": "一里",
        "building": "1",
        "category": "residential",
        "billing_method": "area",
        "floor_area_m2": "100.00",
        "connected_on": dt.date(2010, 11, 15),
        "heating_state": "on",
    }
    row |= changes
    decimals = {"floor_area_m2", "usable_area_m2", "inner_area_m2", "storey_height_m"}
    return {
        key: Decimal(value) if key in decimals and isinstance(value, str) else value
        for key, value in row.items()
    }


def bills_table(*rows: Mapping[str, Any]) -> pa.Table:
    """Rows as the bills feed is stored; rows without their own ``source_row`` count from 1."""
    return pa.Table.from_pylist(
        [{**row, "source_row": place} for place, row in enumerate(rows, start=1)],
        schema=arrow_schema("bills"),
    )


def accounts_table(*rows: Mapping[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=arrow_schema("accounts"))
