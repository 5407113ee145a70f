"""Accounts, bills, readings and payments as files, each company in its own habit: encoding, separator, labels, number and date forms."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from ingest.standard import Column, Kind, feed
from supervision.demonstration.generator_accounts import Account
from supervision.demonstration.generator_bills import Bill
from supervision.demonstration.generator_companies import FileHabit
from supervision.demonstration.generator_payments import Payment
from supervision.demonstration.generator_readings import Reading
from supervision.demonstration.generator_xlsx import Cell, write_sheet

_SEPARATORS = {"csv": ",", "tsv": "\t", "semicolon": ";"}
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_EVERY_FEW_ROWS = 401  # rows between two cells in full-width digits
_THOUSAND = 1000

Value = str | Decimal | dt.date | bool | None
Row = dict[str, Value]


def account_row(account: Account, season: str) -> Row:
    """The account as the roster of a season lists it."""
    off = account.suspended.get(season)
    return {
        "account_no": account.account_no,
        "network_code": account.network_code,
        "station_code": account.station_code,
        "community": account.community,
        "building": account.building,
        "unit": account.unit,
        "category": account.category,
        "billing_method": account.method,
        "floor_area_m2": account.floor,
        "usable_area_m2": account.usable,
        "inner_area_m2": account.inner,
        "storey_height_m": account.height,
        "meter_no": account.meter_no,
        "connected_on": account.connected_on,
        "closed_on": account.closed_on if account.is_closed(season) else None,
        "heating_state": "suspended" if off else "on",
        "suspended_from": off,
        "vulnerable": account.vulnerable,
    }


def bill_row(bill: Bill) -> Row:
    """The bill's columns as filed."""
    return {
        "bill_no": bill.bill_no,
        "account_no": bill.account.account_no,
        "season": bill.season,
        "kind": bill.kind,
        "category": bill.category,
        "billing_method": bill.account.method,
        "heating_state": bill.heating_state,
        "service_from": bill.service_from,
        "service_to": bill.service_to,
        "billed_area_m2": bill.billed_area,
        "area_basis": bill.area_basis,
        "storey_height_m": bill.account.height,
        "meter_no": bill.account.meter_no,
        "reading_from": bill.reading_from,
        "reading_to": bill.reading_to,
        "heat_used": bill.heat_used,
        "heat_unit": bill.heat_unit,
        "area_charge": bill.area_charge,
        "base_charge": bill.base_charge,
        "metered_charge": bill.metered_charge,
        "height_surcharge": bill.height_surcharge,
        "suspension_charge": bill.suspension_charge,
        "late_fee": bill.late_fee,
        "other_charge": bill.other_charge,
        "other_charge_name": bill.other_charge_name,
        "cap_reduction": bill.cap_reduction,
        "total": bill.total,
        "tariff_ref": bill.tariff_ref,
        "issued_on": bill.issued_on,
        "due_on": bill.due_on,
        "paid_on": bill.paid_on,
        "prepaid": bill.prepaid,
    }


def reading_row(reading: Reading) -> Row:
    """The reading's columns as filed."""
    return {
        "meter_no": reading.meter_no,
        "read_at": reading.read_at,
        "kind": reading.kind,
        "energy": reading.energy,
        "energy_unit": reading.unit,
    }


def payment_row(payment: Payment) -> Row:
    """The payment's columns as filed."""
    return {
        "payment_no": payment.payment_no,
        "account_no": payment.account_no,
        "bill_no": payment.bill_no,
        "paid_on": payment.paid_on,
        "kind": payment.kind,
        "amount": payment.amount,
        "channel": payment.channel,
    }


def write_feed(folder: Path, name: str, feed_code: str, habit: FileHabit, rows: Sequence[Row]) -> Path:
    """The file of one filing; columns that the company never fills are left out. Returns where it was written."""
    columns = [
        column
        for column in feed(feed_code).columns
        if column.required or any(row.get(column.code) not in (None, "") for row in rows)
    ]
    header = [column.zh if habit.chinese else column.code for column in columns]
    if habit.form == "xlsx":
        path = folder / f"{name}.xlsx"
        write_sheet(path, header, _sheet_rows(columns, habit, rows))
        return path
    path = folder / f"{name}.{'txt' if habit.form == 'tsv' else 'csv'}"
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=_SEPARATORS[habit.form], lineterminator="\r\n")
    writer.writerow(header)
    areas = [place for place, column in enumerate(columns) if column.kind is Kind.AREA]
    forms = [(column.code, _text_form(column, habit)) for column in columns]
    for number, row in enumerate(rows):
        cells = [form(row.get(code)) for code, form in forms]
        if habit.full_width and areas and number % _EVERY_FEW_ROWS == 7:
            cells[areas[0]] = cells[areas[0]].translate(_FULL_WIDTH)
        writer.writerow(cells)
    path.write_bytes(text.getvalue().encode(habit.encoding))
    return path


def _text_form(column: Column, habit: FileHabit) -> Callable[[Value], str]:
    labels = {code.code: code.zh for code in column.codes} if habit.chinese else {}

    def form(value: Value) -> str:
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return _yes(value, habit)
        if isinstance(value, dt.date):
            return f"{value.year}/{value.month}/{value.day}" if habit.dates == "slash" else value.isoformat()
        if isinstance(value, Decimal):
            grouped = habit.thousands and column.kind is Kind.MONEY and abs(value) >= _THOUSAND
            return f"{value:,f}" if grouped else f"{value:f}"
        if column.kind is Kind.SEASON and habit.long_season:
            return f"{value[:4]}-{int(value[:4]) + 1}"
        return labels.get(value, value)

    return form


def _sheet_rows(columns: Sequence[Column], habit: FileHabit, rows: Iterable[Row]) -> Iterable[list[Cell]]:
    labels = [{code.code: code.zh for code in column.codes} if habit.chinese else {} for column in columns]
    for row in rows:
        cells: list[Cell] = []
        for column, words in zip(columns, labels, strict=True):
            value = row.get(column.code)
            if isinstance(value, bool):
                cells.append(_yes(value, habit))
            elif isinstance(value, str):
                cells.append(words.get(value, value))
            else:
                cells.append(value)
        yield cells


def _yes(value: bool, habit: FileHabit) -> str:
    if habit.chinese:
        return "是" if value else "否"
    return "true" if value else "false"
