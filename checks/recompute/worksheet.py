"""The worksheet of one bill: every line as a formula with its numbers, its sources and the difference.

It is made from the very values the rules compute (plain execution), so what a customer reads is what ran over millions
of bills. Nothing here needs numba.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from checks.fees import FeeRegister, ruling_for
from checks.recompute import rules
from checks.recompute.execution import plain_facts
from checks.recompute.facts import Prepared
from checks.recompute.filed import COMPUTED_LINES, LINES, OUTSIDE_LINES, STATED_LINES
from checks.recompute.formulas import (
    LABELS,
    Formulas,
    money,
    outside_formula,
    refund_formula,
    stated_formula,
    yuan,
)
from checks.recompute.missing import MISSING, codes_of
from checks.recompute.notes import earlier_bills, notes_of
from checks.recompute.outcomes import Recomputed, outcome_table, recompute_columns
from checks.recompute.repeats import Corrections
from checks.recompute.text import Text
from checks.tariffs.record import Tariff
from ingest.standard import arrow_schema


@dataclass(frozen=True, slots=True)
class LineSource:
    """Where a number of a line stands: ``bills`` or ``accounts`` with the data row as filed, or ``tariff`` with the
    field of the record."""

    table: str
    row: int | None
    field: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line: billed, due and billed − due in CNY; ``due`` is None where it cannot be computed."""

    code: str
    label: Text
    formula: Text
    billed: Decimal
    due: Decimal | None
    difference: Decimal | None
    sources: tuple[LineSource, ...]


@dataclass(frozen=True, slots=True)
class TariffUsed:
    """The record that prices the bill; ``assumed`` names what is our reading where its source is silent."""

    id: str
    document: str | None
    valid_from: dt.date | None
    confidence: str
    assumed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Worksheet:
    """One bill, step by step. ``overcharge`` is billed − recomputed: positive when the customer paid too much."""

    bill_no: str
    outcome: str
    tariff: TariffUsed | None
    lines: tuple[Line, ...]
    billed_total: Decimal | None
    recomputed_total: Decimal | None
    overcharge: Decimal | None
    missing: tuple[str, ...]
    missing_texts: tuple[Text, ...]
    notes: tuple[Text, ...]
    cause: str | None
    cause_text: Text | None
    cause_ties: tuple[str, ...] = ()
    label: str = "exact"  # bounds.LABELS

    def as_text(self, language: str) -> str:
        """The worksheet as plain text for a terminal, in ``zh`` or ``en``."""
        from checks.recompute.printed import printed

        return printed(self, language)


@dataclass(frozen=True, slots=True)
class Worked:
    """One bill as it was recomputed: the first row of ``bills``, the columns of that run, and its worksheet."""

    bills: pa.Table
    done: Recomputed
    sheet: Worksheet


def worksheet(
    bill: Mapping[str, Any],
    account: Mapping[str, Any] | None,
    tariffs: Sequence[Tariff],
    *,
    city: str,
    service_areas: tuple[str, ...] = (),
    fees: FeeRegister | None = None,
    others: Sequence[Mapping[str, Any]] = (),
    measured: pa.Table | None = None,
    readings: pa.Table | None = None,
) -> Worksheet:
    """The worksheet of one bill; see :func:`worked`."""
    where: dict[str, Any] = {"city": city, "service_areas": service_areas, "fees": fees}
    return worked(bill, account, tariffs, others=others, measured=measured, readings=readings, **where).sheet


def worked(
    bill: Mapping[str, Any],
    account: Mapping[str, Any] | None,
    tariffs: Sequence[Tariff],
    *,
    city: str,
    service_areas: tuple[str, ...] = (),
    fees: FeeRegister | None = None,
    others: Sequence[Mapping[str, Any]] = (),
    measured: pa.Table | None = None,
    readings: pa.Table | None = None,
) -> Worked:
    """One bill recomputed, with its worksheet.

    ``bill`` and ``account`` are rows of the feeds (column codes of the standard, values as stored); ``account`` is None
    where no roster was filed. ``others`` are other bills of the same account: only with them can a duplicate or a
    correction be recognised. ``measured`` are the rooms measured after a request and ``readings`` those filed, as for the
    run, ``fees`` the register of charges. Raises ``pa.ArrowInvalid`` for a value of another type than the standard's.
    """
    bills = _table("bills", [bill, *others])
    accounts = None if account is None else _table("accounts", [account])
    done = recompute_columns(
        bills,
        accounts,
        tariffs,
        city=city,
        service_areas=service_areas,
        fees=fees,
        measured=measured,
        compiled=False,
        later=True,
    )
    outcome = outcome_table(bills, done).slice(0, 1).to_pylist()[0]
    missing = codes_of(int(done.missing[0]))
    place = int(done.prepared.pricing.tariff[0])
    tariff = done.prepared.pricing.tariffs[place] if place >= 0 else None
    sheet = Worksheet(
        bill_no=str(bill.get("bill_no") or ""),
        outcome=outcome["outcome"],
        tariff=None if tariff is None else _tariff_used(tariff),
        lines=_lines(bill, account, bills, done, tariff, is_known=not missing),
        billed_total=outcome["billed_total"],
        recomputed_total=outcome["recomputed_total"],
        overcharge=outcome["overcharge"],
        missing=missing,
        missing_texts=tuple(MISSING[code] for code in missing),
        notes=notes_of(bill, account, done, tariff, bills),
        cause=None,
        cause_text=None,
        label=outcome["label"],
    )
    if sheet.outcome == "breach":
        accounts_of = [bill.get("account_no"), *(one.get("account_no") for one in others)]
        sheet = _with_cause(sheet, done, tariffs, city, service_areas, accounts_of, readings)
    return Worked(bills, done, sheet)


def _table(feed: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    schema = arrow_schema(feed)
    return pa.Table.from_pylist([{"source_row": 1, **row} for row in rows], schema=schema)


def _tariff_used(tariff: Tariff) -> TariffUsed:
    return TariffUsed(
        id=tariff.id,
        document=tariff.document,
        valid_from=tariff.valid_from,
        confidence=tariff.confidence.value,
        assumed=tariff.assumed,
    )


def _with_cause(
    sheet: Worksheet,
    done: Recomputed,
    tariffs: Sequence[Tariff],
    city: str,
    service_areas: tuple[str, ...],
    accounts: Sequence[str | None],
    readings: pa.Table | None,
) -> Worksheet:
    from checks.causes import (  # the causes are searched with these very rules
        cause_explanation,
        causes_of_first,
    )

    cause, ties = causes_of_first(
        done, tariffs, city=city, service_areas=service_areas, accounts=accounts, readings=readings
    )
    return replace(sheet, cause=cause, cause_text=cause_explanation(cause), cause_ties=ties)


def _lines(
    bill: Mapping[str, Any],
    account: Mapping[str, Any] | None,
    bills: pa.Table,
    done: Recomputed,
    tariff: Tariff | None,
    *,
    is_known: bool,
) -> tuple[Line, ...]:
    filed = done.prepared.filed
    describe = _describer(bill, bills, done, tariff)
    lines = []
    for code in LINES:
        billed = int(filed.lines[code][0])
        due = _due_of(code, billed, done)
        if not billed and not due and not (code == "area_charge" and not is_known):
            continue
        known = is_known or code in (*STATED_LINES, *OUTSIDE_LINES)
        lines.append(
            Line(
                code=code,
                label=LABELS[code],
                formula=describe(code) if known else Text("无法核算", "cannot be computed"),
                billed=yuan(billed),
                due=yuan(due) if known else None,
                difference=yuan(billed - due) if known else None,
                sources=_sources(code, bill, account, done),
            )
        )
    return tuple(lines)


def _due_of(code: str, billed: int, done: Recomputed) -> int:
    if code in COMPUTED_LINES:
        return int(getattr(done.due, code)[0])
    if code == "refund" and 0 in done.prepared.refunds and not done.is_duplicate[0]:
        return done.prepared.refunds[0].line(billed)
    if code in STATED_LINES and not done.is_duplicate[0] and not done.is_correction[0]:
        return min(billed, 0)
    return 0


def _describer(bill: Mapping[str, Any], bills: pa.Table, done: Recomputed, tariff: Tariff | None) -> Any:
    """What to say beside each line: the formula, or how a duplicate or a correction comes to its amount."""
    corrected = Corrections(bills, done.prepared.filed).original.get(0)

    def describe(code: str) -> Text:
        if done.is_duplicate[0]:
            named = earlier_bills(bills, done)
            return Text(
                f"该供热期已由更早的账单{named.zh}收取，应收 0.00 元",
                f"an earlier bill{named.en} covers this service: 0.00 CNY due",
            )
        if done.is_correction[0] and corrected is not None and code in COMPUTED_LINES:
            due = money(int(getattr(done.due, code)[corrected]))
            was = money(int(done.prepared.filed.lines[code][corrected]))
            result = money(int(getattr(done.due, code)[0]))
            return Text(
                f"原账单应收 {due} 元 − 此前已开 {was} 元（含更早的更正） = {result} 元",
                f"due on the original {due} CNY − billed before {was} CNY (with earlier corrections) = {result} CNY",
            )
        if code in OUTSIDE_LINES:
            register = done.prepared.filed.register
            fee = register.named(bill.get("other_charge_name"))
            on = bill.get("service_from")
            ruling = None if fee is None or tariff is None or on is None else ruling_for(fee, tariff, on)
            return outside_formula(bill.get("other_charge_name"), fee, ruling, register)
        if code == "refund" and 0 in done.prepared.refunds:
            return refund_formula(done.prepared.refunds[0], int(done.prepared.filed.lines["refund"][0]))
        if code in STATED_LINES:
            return stated_formula(int(done.prepared.filed.lines[code][0]))
        assert tariff is not None
        if 0 in done.prepared.parts:
            return _in_parts(done, code)
        return formulas.of(code)

    if tariff is not None:
        formulas = _formulas(done.prepared, 0)
    return describe


def _formulas(prepared: Prepared, row: int) -> Formulas:
    """The formulas of one row."""
    facts = next(plain_facts(prepared.facts, np.array([row])))
    terms = prepared.terms[int(prepared.group[row])]
    calendar = int(prepared.pricing.calendar[row])
    months = calendar >= 0 and bool(prepared.pricing.calendars[calendar].months)
    tariff = prepared.pricing.tariffs[int(prepared.pricing.tariff[row])]
    unit = int(prepared.filed.heat_unit[row])
    return Formulas(facts, terms, rules.due(facts, terms), tariff, unit, counts_months=months)


def _in_parts(done: Recomputed, code: str) -> Text:
    """The line of each part of a bill that a change of price falls into, and their sum."""
    parts = done.prepared.parts[0]
    told = [_formulas(part.prepared, part.row).of(code) for part in parts]
    names = [part.prepared.pricing.tariffs[int(part.prepared.pricing.tariff[part.row])].id for part in parts]
    total = money(int(getattr(done.due, code)[0]))
    spans = [f"{part.first}–{part.last}" for part in parts]
    zh = "；".join(
        f"{span}（{name}）：{text.zh}" for span, name, text in zip(spans, names, told, strict=True)
    )
    en = "; ".join(f"{span} ({name}): {text.en}" for span, name, text in zip(spans, names, told, strict=True))
    return Text(
        f"{zh}；两段合计 {total} 元" if len(parts) == 2 else f"{zh}；各段合计 {total} 元",
        f"{en}; together {total} CNY",
    )


def _first_row(done: Recomputed) -> Any:
    return done.prepared.group[:1] * 0


_BILL_FIELDS: Mapping[str, tuple[str, ...]] = {
    "metered_charge": ("heat_used", "heat_unit", "reading_from", "reading_to"),
    "late_fee": ("due_on", "paid_on", "issued_on"),
}
_TARIFF_FIELDS: Mapping[str, tuple[str, ...]] = {
    "area_charge": ("area_price", "area_basis", "area_factor", "season"),
    "base_charge": ("base_price", "area_basis", "area_factor", "season"),
    "metered_charge": ("metered_price",),
    "height_surcharge": ("height",),
    "suspension_charge": ("suspension_share", "area_price"),
    "late_fee": ("late_fee",),
    "cap_reduction": ("cap_share", "area_price"),
    "refund": ("refund_bands", "refund_standard_c", "refund_basis"),
}
_BY_AREA = ("area_charge", "base_charge", "height_surcharge", "suspension_charge")


def _sources(
    code: str, bill: Mapping[str, Any], account: Mapping[str, Any] | None, done: Recomputed
) -> tuple[LineSource, ...]:
    """Where the line's numbers stand."""
    row = bill.get("source_row")
    found = [LineSource("bills", row, code)]
    found += [
        LineSource("bills", row, name) for name in _BILL_FIELDS.get(code, ()) if bill.get(name) is not None
    ]
    if code in _BY_AREA:
        if account is None:
            found.append(LineSource("bills", row, "billed_area_m2"))
        else:
            of_account = account.get("source_row")
            areas = ("floor_area_m2", "usable_area_m2", "inner_area_m2")
            taken = int(done.prepared.facts.area[0])  # type: ignore[index]
            used = [
                name for name in areas if account.get(name) is not None and int(account[name] * 100) == taken
            ]
            found += [LineSource("accounts", of_account, name) for name in used[:1]]
    if code == "height_surcharge":
        of, where = ("bills", row) if account is None else ("accounts", account.get("source_row"))
        found.append(LineSource(of, where, "storey_height_m"))
    found += [LineSource("tariff", None, name) for name in _TARIFF_FIELDS.get(code, ())]
    return tuple(found)
