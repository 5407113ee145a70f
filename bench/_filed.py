"""The files that the filing programs read: bills as CSV in two encodings and as a workbook, and readings."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from _bills import bills, write_csv

TYPES = {
    "decimal(18,2)": ("billed_area_m2", "area_charge", "base_charge", "metered_charge", "total"),
    "decimal(18,3)": ("heat_used",),
    "date": ("service_from", "service_to", "issued_on", "due_on"),
}
NUMBERS = (*TYPES["decimal(18,2)"], *TYPES["decimal(18,3)"])
_AT_ONCE = 1_000_000


def file_bills(path: Path, count: int, *, encoding: str = "utf-8", is_wrong: bool = False) -> Path:
    """Bills as a company files them, made once. ``is_wrong``: each has an unknown category."""
    if path.exists():
        return path
    table = bills(count)
    if is_wrong:
        place = table.schema.get_field_index("category")
        table = table.set_column(place, table.schema.field(place), pa.repeat(pa.scalar("dwelling"), count))
    if encoding != "utf-8":
        place = table.schema.get_field_index("other_charge_name")
        table = table.set_column(place, table.schema.field(place), pa.repeat(pa.scalar("代收物业费"), count))
    write_csv(table, path)
    if encoding != "utf-8":
        plain = path.with_suffix(".utf8")
        path.rename(plain)
        with plain.open(encoding="utf-8") as source, path.open("w", encoding=encoding) as target:
            for line in source:
                target.write(line)
        plain.unlink()
    return path


def file_readings(path: Path, count: int) -> Path:
    """Hourly readings of as many meters as it takes for one month, meter by meter."""
    if path.exists():
        return path
    hours = 31 * 24
    start = np.datetime64(dt.datetime(2025, 12, 1), "s")
    header = True
    with path.open("wb") as file:
        for first in range(0, count, _AT_ONCE):
            number = np.arange(first, min(first + _AT_ONCE, count))
            hour = number % hours
            meters = pc.binary_join_element_wise("M", pa.array(number // hours).cast(pa.string()), "")
            instants = pa.array(start + hour * np.timedelta64(3600, "s"))
            table = pa.table(
                {
                    "meter_no": meters,
                    "read_at": pc.binary_join_element_wise(
                        pc.strftime(instants, "%Y-%m-%dT%H:%M:%S"), "+08:00", ""
                    ),
                    "kind": pa.repeat(pa.scalar("actual"), len(number)),
                    "energy": pa.array((1_000 + hour * 3).astype(str)),
                    "energy_unit": pa.repeat(pa.scalar("kWh"), len(number)),
                    "volume_m3": pa.array((500 + hour).astype(str)),
                    "supply_temp_c": pa.repeat(pa.scalar("52.50"), len(number)),
                    "return_temp_c": pa.repeat(pa.scalar("38.20"), len(number)),
                }
            )
            how = pyarrow.csv.WriteOptions(include_header=header, quoting_style="needed")
            pyarrow.csv.write_csv(table, file, how)
            header = False
    return path


def file_sheet(path: Path, count: int) -> Path:
    """Bills as a workbook."""
    if path.exists():
        return path
    import openpyxl

    table = bills(count)
    kept = [name for name in table.column_names if name != "source_row" and table[name].null_count < count]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("bills")
    sheet.append(kept)
    for batch in table.select(kept).to_batches(max_chunksize=10_000):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            sheet.append(list(row))
    book.save(path)
    return path
