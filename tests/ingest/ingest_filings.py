"""Filings for the tests: good rows of each feed, changed where a test wants them changed, written as real files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa

from ingest.correcting import judge_correction
from ingest.corrections import correction_form
from ingest.judge import Judgement, judge
from ingest.readers.block import Limits
from ingest.standard import FEEDS, arrow_schema

Row = dict[str, str]

GOOD_BILL: Row = {
    "bill_no": "B0001",
    "account_no": "A0001",
    "season": "2025-26",
    "kind": "season",
    "category": "residential",
    "billing_method": "area",
    "heating_state": "on",
    "service_from": "2025-11-15",
    "service_to": "2026-03-15",
    "billed_area_m2": "89.50",
    "area_basis": "floor",
    "area_charge": "2148.00",
    "total": "2148.00",
    "tariff_ref": "",
    "issued_on": "2025-12-01",
    "due_on": "2025-12-31",
}
GOOD_ACCOUNT: Row = {
    "account_no": "A0001",
    "network_code": "NET01",
    "community": "祥和里",
    "building": "3号楼",
    "category": "residential",
    "billing_method": "area",
    "floor_area_m2": "89.50",
    "connected_on": "2012-10-08",
    "heating_state": "on",
}
GOOD_READING: Row = {
    "meter_no": "RB0001",
    "read_at": "2025-12-03T08:00:00+08:00",
    "kind": "actual",
    "energy": "18230.000",
    "energy_unit": "kWh",
}
PERIODS = {
    "accounts": "2025-26",
    "bills": "2025-12",
    "readings": "2025-12",
    "room_temperatures": "2025-12-03",
    "payments": "2025-12",
    "service_requests": "2025-12-03",
    "outages": "2025-12-03",
    "network_days": "2025-12-03",
    "costs": "2025-26",
}


def bill(number: int = 1, **changes: str) -> Row:
    """A good bill of an account of its own."""
    return {**GOOD_BILL, "bill_no": f"B{number:04d}", "account_no": f"A{number:04d}", **changes}


def account(number: int = 1, **changes: str) -> Row:
    return {**GOOD_ACCOUNT, "account_no": f"A{number:04d}", **changes}


def reading(number: int = 1, **changes: str) -> Row:
    return {**GOOD_READING, "meter_no": f"RB{number:04d}", **changes}


def columns_of(feed: str, rows: Iterable[Row]) -> list[str]:
    """Every column that a row uses or that the feed requires, in the standard's order."""
    used = {code for row in rows for code in row}
    return [column.code for column in FEEDS[feed].columns if column.required or column.code in used]


def csv_text(rows: list[Row], feed: str = "bills", delimiter: str = ",", ending: str = "\n") -> str:
    heads = columns_of(feed, rows)
    file = io.StringIO()
    writer = csv.DictWriter(file, heads, restval="", delimiter=delimiter, lineterminator=ending)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def csv_bytes(rows: list[Row], feed: str = "bills", encoding: str = "utf-8") -> bytes:
    return csv_text(rows, feed).encode(encoding)


def workbook_bytes(rows: list[dict[str, Any]], feed: str = "bills") -> bytes:
    heads = columns_of(feed, rows)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(heads)
    for row in rows:
        sheet.append([row.get(head) or None for head in heads])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def roster(*rows: Row) -> pa.Table:
    """An accepted accounts table."""
    table = judge_bytes(csv_bytes(list(rows), "accounts"), feed="accounts").table
    assert table is not None
    assert table.schema == arrow_schema("accounts")
    return table


_FOLDER: list[Path] = []


def work_in(folder: Path) -> None:
    """Names the folder into which files are written to be judged."""
    _FOLDER[:] = [folder]


def judge_bytes(
    data: bytes, *, feed: str = "bills", period: str = "", filename: str = "bills.csv", **more: Any
) -> Judgement:
    """The judgement of a real file with these bytes."""
    path = _FOLDER[0] / "filed"
    path.write_bytes(data)
    return judge(path, feed=feed, period=period or PERIODS[feed], filename=filename, **more)


def correct_bytes(data: bytes, base: pa.Table, *, feed: str = "bills", **more: Any) -> Judgement:
    """The judgement of a partial correction of ``base``; the whole filing it makes lies in :func:`whole_file`."""
    path = _FOLDER[0] / "correction"
    path.write_bytes(data)
    whole = whole_file()
    return judge_correction(
        path, feed=feed, period=PERIODS[feed], filename="correction.csv", base=base, whole=whole, **more
    )


def whole_file() -> Path:
    return _FOLDER[0] / "whole.csv"


def correction_csv(*rows: Row, feed: str = "bills") -> bytes:
    """A correction file: action, expected_digest, and the feed's columns."""
    heads = [column.code for column in correction_form(FEEDS[feed]).columns]
    file = io.StringIO()
    writer = csv.DictWriter(file, heads, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def judge_rows(*rows: Row, feed: str = "bills", **more: Any) -> Judgement:
    return judge_bytes(csv_bytes(list(rows), feed), feed=feed, **more)


def ids(judgement: Judgement) -> list[str]:
    """The edits that hit, in the order of the report."""
    return [str(word) for word in judgement.edits.column("edit_id").to_pylist()]


@dataclass(frozen=True)
class Case:
    """A file to be judged."""

    data: bytes
    feed: str = "bills"
    period: str = ""
    filename: str = "bills.csv"
    roster: pa.Table | None = None
    beside: Mapping[str, pa.Table] | None = None
    limits: Limits | None = None
    base: pa.Table | None = None  # the rows in force that a partial correction changes

    def judged(self) -> Judgement:
        if self.base is not None:
            return correct_bytes(self.data, self.base, feed=self.feed)
        return judge_bytes(
            self.data,
            feed=self.feed,
            period=self.period,
            filename=self.filename,
            roster=self.roster,
            beside=self.beside,
            limits=self.limits,
        )

    def named(self, filename: str) -> Case:
        return replace(self, filename=filename)
