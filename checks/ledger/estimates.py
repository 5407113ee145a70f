"""Heat billed up to an estimated reading, and what became of the estimate.

A counter only goes up. Where a bill closes on an estimate, the next bill of the meter puts it right by opening on that
same figure: what was too much there is missing here. The **chain** is broken where

* the next bill opens lower: the heat between is billed twice (``billed_twice``);
* the next bill opens higher: the heat between was never billed (``never_billed``);
* the meter was read later, lower than the estimate, and no bill gives the difference back (``read_lower``).

An estimate without a later bill or reading is ``waiting``. Meters that were exchanged, reset or rolled over, and bills
that a correction names, are left to the checks of readings and of corrections.

The amount is the share of the bill's metered charge that falls on the heat, rounded once to the fen, less what a cap had
taken off the bill already.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from checks.recompute.columns import HEAT, MONEY
from checks.recompute.text import Text

#: What became of an estimate.
ESTIMATE_STANDINGS: Mapping[str, Text] = {
    "billed_twice": Text("热量重复计费", "heat billed twice"),
    "read_lower": Text("实抄低于估抄，未冲回", "read lower, not given back"),
    "never_billed": Text("热量漏计", "heat never billed"),
    "waiting": Text("尚待实抄和下一张账单", "waits for a reading and the next bill"),
    "reversed": Text("已在下一张账单冲回", "put right by the next bill"),
}

#: One row an estimate that a bill closes on. ``heat`` is how much too much was billed (negative: too little), ``amount`` what
#: it cost (CNY); both null while it waits and 0 once put right. ``since`` is the day from which it stands.
ESTIMATES_SCHEMA: pa.Schema = pa.schema(
    [
        ("filing", pa.string()),
        ("source_row", pa.int32()),
        ("bill_no", pa.string()),
        ("account_no", pa.string()),
        ("meter_no", pa.string()),
        ("season", pa.string()),
        ("service_to", pa.date32()),
        ("estimate", HEAT),
        ("found", HEAT),
        ("unit", pa.string()),
        ("heat", HEAT),
        ("amount", MONEY),
        ("standing", pa.string()),
        ("next_bill_no", pa.string()),
        ("since", pa.date32()),
    ]
)
_SCHEMA_NAMES = tuple(ESTIMATES_SCHEMA.names)
_BILL = (
    "filing", "source_row", "bill_no", "account_no", "meter_no", "season", "kind", "corrects_bill_no", "service_from",
    "service_to", "reading_from", "reading_to", "heat_used", "heat_unit", "metered_charge", "cap_reduction", "issued_on",
)  # fmt: skip
_BREAKS = ("installed", "removed", "replaced", "reset", "rollover")
_SHANGHAI = dt.timedelta(hours=8)
_FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class _Reading:
    day: dt.date
    kind: str
    energy: Decimal
    unit: str


def estimate_chains(bills: pa.Table, readings: pa.Table, accounts: pa.Table | None) -> pa.Table:
    """Every estimate that a bill in force closes on, the largest amount first. ``bills`` (with a column ``filing``) and
    ``readings`` are all rows in force of the company; a bill without a meter number has that of its account on the roster.

    Only meters with an estimate are looked at, so that a season of hourly readings costs one pass over their columns."""
    estimated = readings.filter(pc.equal(readings["kind"], "estimated"))
    meters = pc.unique(estimated["meter_no"]).drop_null()
    if len(meters) == 0:
        return ESTIMATES_SCHEMA.empty_table()
    of_meter = _readings(readings.filter(pc.is_in(readings["meter_no"], value_set=meters)))
    rows: list[dict[str, Any]] = []
    for meter, chain in _chains(bills, accounts, set(meters.to_pylist())).items():
        if (seen := of_meter.get(meter)) is not None:
            rows.extend(_judged(meter, chain, seen))
    rows.sort(key=lambda row: (-abs(row["amount"] or 0), row["bill_no"], row["source_row"]))
    return pa.Table.from_pylist(rows, schema=ESTIMATES_SCHEMA)


def _readings(table: pa.Table) -> dict[str, list[_Reading]]:
    """The readings of each meter by time; a meter that was touched has none."""
    touched: set[str] = set()
    found: dict[str, list[_Reading]] = {}
    names = [
        name
        for name in ("meter_no", "read_at", "kind", "energy", "energy_unit", "event")
        if name in table.column_names
    ]
    for row in table.select(names).sort_by([("meter_no", "ascending"), ("read_at", "ascending")]).to_pylist():
        if row.get("event") in _BREAKS:
            touched.add(row["meter_no"])
        if row["energy"] is not None and row["energy_unit"] is not None:
            day = (row["read_at"] + _SHANGHAI).date()
            found.setdefault(row["meter_no"], []).append(
                _Reading(day, row["kind"], row["energy"], row["energy_unit"])
            )
    return {meter: seen for meter, seen in found.items() if meter not in touched}


def _chains(bills: pa.Table, accounts: pa.Table | None, meters: set[str]) -> dict[str, list[dict[str, Any]]]:
    """The bills with readings of each of these meters, in order of service, each with its correction's number if it has one."""
    table = bills.select([name for name in _BILL if name in bills.column_names])
    corrected = (
        set(pc.unique(table["corrects_bill_no"]).drop_null().to_pylist())
        if "corrects_bill_no" in table.column_names
        else set()
    )
    table = table.filter(pc.and_(pc.is_valid(table["reading_from"]), pc.is_valid(table["reading_to"])))
    meter_of: dict[str, str] = {}
    if accounts is not None and "meter_no" in accounts.column_names:
        wanted = accounts.filter(pc.is_in(accounts["meter_no"], value_set=pa.array(sorted(meters))))
        meter_of = dict(zip(wanted["account_no"].to_pylist(), wanted["meter_no"].to_pylist(), strict=True))
    chains: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        meter = row.get("meter_no") or meter_of.get(row["account_no"] or "")
        if meter in meters and row["kind"] != "correction" and row["service_from"] and row["service_to"]:
            chains.setdefault(meter, []).append(row | {"is_corrected": row["bill_no"] in corrected})
    for chain in chains.values():
        chain.sort(
            key=lambda row: (
                row["service_to"],
                row["service_from"],
                row["issued_on"] or dt.date.min,
                row["bill_no"],
            )
        )
    return chains


def _judged(meter: str, chain: list[dict[str, Any]], seen: list[_Reading]) -> Iterator[dict[str, Any]]:
    for place, bill in enumerate(chain):
        closing, unit = bill["reading_to"], bill["heat_unit"]
        same = [one for one in seen if one.unit == unit and one.energy == closing]
        estimates = [one for one in same if one.kind == "estimated" and one.day >= bill["service_from"]]
        if (
            not estimates
            or len(same) > len([one for one in same if one.kind == "estimated"])
            or bill["is_corrected"]
        ):
            continue
        estimate = estimates[0]
        later = [
            one
            for one in chain[place + 1 :]
            if one["service_from"] > bill["service_from"] and one["heat_unit"] == unit
        ]
        read = next(
            (one for one in seen if one.kind == "actual" and one.unit == unit and one.day > estimate.day),
            None,
        )
        yield _row(meter, bill) | _standing(bill, later[0] if later else None, read)


def _standing(
    bill: dict[str, Any], following: dict[str, Any] | None, read: _Reading | None
) -> dict[str, Any]:
    """What became of the estimate that the bill closes on."""
    closing = bill["reading_to"]
    if following is not None:
        opening = following["reading_from"]
        told = {"found": opening, "next_bill_no": following["bill_no"], "since": following["issued_on"]}
        if opening == closing:
            zero = Decimal(0)
            return {"standing": "reversed", "heat": zero, "amount": zero, **told}
        standing = "billed_twice" if opening < closing else "never_billed"
        return {"standing": standing, **_worth(bill, closing - opening), **told}
    if read is not None and read.energy < closing:
        since = max(read.day, bill["issued_on"] or read.day)
        told = {"found": read.energy, "next_bill_no": None, "since": since}
        return {"standing": "read_lower", **_worth(bill, closing - read.energy), **told}
    nothing = dict.fromkeys(("found", "heat", "amount", "next_bill_no"))
    return {"standing": "waiting", **nothing, "since": bill["issued_on"] or bill["service_to"]}


def _worth(bill: dict[str, Any], heat: Decimal) -> dict[str, Any]:
    """The heat and what the bill charged for it."""
    used = bill["heat_used"]
    if used is None:
        used = bill["reading_to"] - bill["reading_from"]
    charge = bill["metered_charge"]
    if charge is None or used <= 0:
        return {"heat": heat, "amount": None}
    fen = Fraction(charge) * Fraction(heat) / Fraction(used) * 100
    size = Decimal(int(abs(fen) + Fraction(1, 2))).scaleb(-2)
    if heat < 0:
        return {"heat": heat, "amount": -size}
    capped = abs(bill["cap_reduction"] or Decimal(0))
    return {"heat": heat, "amount": max(size - capped, Decimal(0)).quantize(_FEN)}


def _row(meter: str, bill: dict[str, Any]) -> dict[str, Any]:
    taken = {name: bill[name] for name in _SCHEMA_NAMES if name in bill}
    return taken | {"meter_no": meter, "estimate": bill["reading_to"], "unit": bill["heat_unit"]}
