"""Synthetic bills of Harbin, Beijing-like in variety, made by column so that millions take seconds."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from ingest.standard import arrow_schema

CITY = "哈尔滨市"
AREA_PRICE, BASE_PRICE, HEAT_PRICE = 3832, 1533, 4255  # fen per m2, fen per m2, fen per GJ (hrb-res-2015)


def _decimals(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    """Whole numbers in the last place of ``kind`` as that decimal, without a Python object a row."""
    words = np.empty((len(values), 2), np.int64)
    words[:, 0] = values
    words[:, 1] = values >> 63
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(words.tobytes())])


def bills(count: int, *, wrong_share: float = 0.01, seed: int = 7) -> pa.Table:
    """``count`` bills of a season, 30 % metered settlements, ``wrong_share`` of them a yuan too high. Right to the fen
    otherwise: area x price, and base x area + price x heat, each line rounded half up."""
    chance = np.random.default_rng(seed)
    schema = arrow_schema("bills")
    area = chance.integers(3000, 20000, count)  # 1e-2 m2
    heat = chance.integers(5000, 60000, count)  # 1e-3 GJ
    metered = chance.random(count) < 0.3
    wrong = chance.random(count) < wrong_share
    area_line = np.where(metered, 0, (area * AREA_PRICE + 50) // 100)
    base_line = np.where(metered, (area * BASE_PRICE + 50) // 100, 0)
    heat_line = np.where(metered, (heat * HEAT_PRICE + 500) // 1000, 0)
    area_line = area_line + np.where(wrong & ~metered, 100, 0)
    base_line = base_line + np.where(wrong & metered, 100, 0)
    number = np.arange(count)
    text = pa.array(number).cast(pa.string())
    prefixed = pa.compute.binary_join_element_wise("B", text, "")

    def same(value: str) -> pa.Array:
        return pa.repeat(pa.scalar(value, pa.string()), count)

    def day(value: dt.date) -> pa.Array:
        return pa.repeat(pa.scalar(value, pa.date32()), count)

    columns: dict[str, pa.Array] = {
        "source_row": pa.array(number + 1, pa.int32()),
        "bill_no": prefixed,
        "account_no": text,
        "season": same("2025-26"),
        "kind": pa.array(np.where(metered, "settlement", "season")),
        "category": same("residential"),
        "billing_method": pa.array(np.where(metered, "metered", "area")),
        "heating_state": same("on"),
        "service_from": day(dt.date(2025, 10, 20)),
        "service_to": day(dt.date(2026, 4, 20)),
        "billed_area_m2": _decimals(area, schema.field("billed_area_m2").type),
        "area_basis": same("usable"),
        "heat_used": pa.compute.if_else(
            pa.array(metered), _decimals(heat, schema.field("heat_used").type), pa.scalar(None)
        ),
        "heat_unit": pa.array(np.where(metered, "GJ", None)),
        "area_charge": _decimals(area_line, schema.field("area_charge").type),
        "base_charge": _decimals(base_line, schema.field("base_charge").type),
        "metered_charge": _decimals(heat_line, schema.field("metered_charge").type),
        "total": _decimals(area_line + base_line + heat_line, schema.field("total").type),
        "issued_on": day(dt.date(2025, 10, 25)),
        "due_on": day(dt.date(2025, 12, 31)),
    }
    missing = {field.name: pa.nulls(count, field.type) for field in schema if field.name not in columns}
    return pa.table({field.name: {**columns, **missing}[field.name] for field in schema}, schema=schema)


def write_csv(table: pa.Table, path: Path) -> None:
    """The bills as a company files them: without ``source_row``, only the columns that hold something."""
    kept = [
        name for name in table.column_names if name != "source_row" and table[name].null_count < len(table)
    ]
    pyarrow.csv.write_csv(table.select(kept), path)
