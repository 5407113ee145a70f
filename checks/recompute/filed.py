"""Bills and roster as they were filed, read once into integers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from checks.fees import FeeRegister, shipped_register
from checks.recompute.columns import (
    AREA,
    HEAT,
    MONEY,
    Flags,
    Ints,
    codes,
    days,
    is_in_table,
    known_codes,
    unscaled,
    whole,
)
from checks.recompute.pricing import METHODS
from checks.recompute.terms import HEAT_UNITS

KINDS = ("season", "settlement", "correction")
STATES = ("on", "suspended")
BASES = ("floor", "usable", "inner")

#: The lines of a bill that the rules recompute, in the order they are shown.
COMPUTED_LINES = (
    "area_charge",
    "base_charge",
    "metered_charge",
    "height_surcharge",
    "suspension_charge",
    "late_fee",
    "cap_reduction",
)
#: Lines that are taken as filed, because nothing on the bill lets them be computed.
STATED_LINES = ("refund", "subsidy")
#: A charge outside the tariff: no price authority set it, so nothing is due.
OUTSIDE_LINES = ("other_charge",)
LINES = (*COMPUTED_LINES, *OUTSIDE_LINES, *STATED_LINES)

#: The columns of the feeds that a check reads; what is not here cannot change an outcome.
BILL_COLUMNS = (
    "source_row",
    "bill_no",
    "account_no",
    "season",
    "kind",
    "corrects_bill_no",
    "category",
    "billing_method",
    "heating_state",
    "service_from",
    "service_to",
    "billed_area_m2",
    "area_basis",
    "storey_height_m",
    "reading_from",
    "reading_to",
    "heat_used",
    "heat_unit",
    *LINES,
    "other_charge_name",
    "total",
    "prepaid",
    "issued_on",
    "due_on",
    "paid_on",
)
ACCOUNT_COLUMNS = (
    "account_no",
    "network_code",
    "category",
    "billing_method",
    "heating_state",
    *(f"{basis}_area_m2" for basis in BASES),
    "storey_height_m",
    "connected_on",
    "closed_on",
    "suspended_from",
)


@dataclass(slots=True)
class FiledBills:
    """The ``bills`` feed in integers: fen, 0.01 m2, 0.001 heat units, centimetres, days since 1970-01-01."""

    rows: int
    kind: Ints
    category: Ints
    categories: list[str]
    method: Ints
    state: Ints
    season: Ints
    seasons: list[str]
    service_from: Ints
    service_to: Ints
    has_service: Flags
    area: Ints
    has_area: Flags
    basis: Ints
    height: Ints
    has_height: Flags
    reading_from: Ints
    reading_to: Ints
    has_readings: Flags
    heat: Ints
    has_heat: Flags
    heat_unit: Ints
    lines: dict[str, Ints]
    total: Ints
    has_total: Flags
    prepaid: Ints
    issued_on: Ints
    due_on: Ints
    has_due_on: Flags
    settled_on: Ints  # the day paid, or the day of issue while unpaid
    has_settled_on: Flags
    fee: Ints  # place in ``register.fees`` of the other charge; UNLISTED where it is in none
    register: FeeRegister


def reductions(filed: FiledBills) -> Ints:
    """Refund and subsidy as filed, fen. Both can only lower what is due: a positive one counts nothing."""
    found = np.zeros(filed.rows, dtype=np.int64)
    for line in STATED_LINES:
        found += np.minimum(filed.lines[line], 0)
    return found


#: The other charge has no name, or one that the register of charges does not know.
UNLISTED = -1


def _fees(bills: pa.Table, register: FeeRegister) -> Ints:
    """The registered charge that each bill's other charge means."""
    name, names = codes(bills, "other_charge_name")
    registered = {fee.code: place for place, fee in enumerate(register.fees)}
    meant = [register.named(one) for one in names]
    places = [UNLISTED if fee is None else registered[fee.code] for fee in meant]
    found: Ints = np.array([*places, UNLISTED], dtype=np.int64)[name]
    return found


def read_bills(bills: pa.Table, fees: FeeRegister | None = None) -> FiledBills:
    """The bills as filed; ``fees`` is the register of charges at hand, None the one that comes with the portal. Optional
    columns may be absent. Raises ``pa.ArrowInvalid`` for a column of another type."""
    register = shipped_register() if fees is None else fees
    category, categories = codes(bills, "category")
    season, seasons = codes(bills, "season")
    service_from, has_from = days(bills, "service_from")
    service_to, has_to = days(bills, "service_to")
    area, has_area = unscaled(bills, "billed_area_m2", AREA)
    height, has_height = unscaled(bills, "storey_height_m", AREA)
    opening, has_opening = unscaled(bills, "reading_from", HEAT)
    closing, has_closing = unscaled(bills, "reading_to", HEAT)
    heat, has_heat = unscaled(bills, "heat_used", HEAT)
    total, has_total = unscaled(bills, "total", MONEY)
    paid_on, has_paid_on = days(bills, "paid_on")
    issued_on, has_issued_on = days(bills, "issued_on")
    due_on, has_due_on = days(bills, "due_on")
    return FiledBills(
        rows=len(bills),
        kind=known_codes(bills, "kind", KINDS),
        category=category,
        categories=categories,
        method=known_codes(bills, "billing_method", METHODS),
        state=known_codes(bills, "heating_state", STATES),
        season=season,
        seasons=seasons,
        service_from=service_from,
        service_to=service_to,
        has_service=has_from & has_to,
        area=area,
        has_area=has_area,
        basis=known_codes(bills, "area_basis", BASES),
        height=height,
        has_height=has_height,
        reading_from=opening,
        reading_to=closing,
        has_readings=has_opening & has_closing,
        heat=heat,
        has_heat=has_heat,
        heat_unit=known_codes(bills, "heat_unit", HEAT_UNITS),
        lines={line: unscaled(bills, line, MONEY)[0] for line in LINES},
        total=total,
        has_total=has_total,
        prepaid=unscaled(bills, "prepaid", MONEY)[0],
        issued_on=issued_on,
        due_on=due_on,
        has_due_on=has_due_on,
        settled_on=np.where(has_paid_on, paid_on, issued_on),
        has_settled_on=has_paid_on | has_issued_on,
        fee=_fees(bills, register),
        register=register,
    )


@dataclass(slots=True)
class Roster:
    """What the roster says of the account of each bill, one element per bill; ``found`` is False where it has none."""

    found: Flags
    category: Ints
    categories: list[str]
    method: Ints
    state: Ints
    areas: tuple[Ints, Ints, Ints]  # floor, usable, inner
    has_areas: tuple[Flags, Flags, Flags]
    height: Ints
    has_height: Flags
    connected_on: Ints
    has_connected_on: Flags
    closed_on: Ints
    has_closed_on: Flags
    suspended_from: Ints
    has_suspended_from: Flags
    network: Ints
    networks: list[str]


def read_roster(accounts: pa.Table, bills: pa.Table) -> Roster:
    """The roster's facts, bill by bill; where an account stands twice on the roster, its last row counts."""
    place = is_in_table(_plain(bills, "account_no"), _plain(accounts, "account_no"))
    found = place >= 0
    taken = np.where(found, place, 0)

    def each(column: Ints) -> Ints:
        return column[taken] if len(column) else np.zeros(len(taken), dtype=np.int64)

    def where_given(column: Flags) -> Flags:
        return found & column[taken] if len(column) else found

    def decimal(name: str) -> tuple[Ints, Flags]:
        values, given = unscaled(accounts, name, AREA)
        return each(values), where_given(given)

    def day(name: str) -> tuple[Ints, Flags]:
        values, given = days(accounts, name)
        return each(values), where_given(given)

    category, categories = codes(accounts, "category")
    network, networks = codes(accounts, "network_code")
    floor, usable, inner = (decimal(f"{basis}_area_m2") for basis in BASES)
    height = decimal("storey_height_m")
    connected, closed, suspended = day("connected_on"), day("closed_on"), day("suspended_from")
    return Roster(
        found=found,
        category=each(category),
        categories=categories,
        method=each(known_codes(accounts, "billing_method", METHODS)),
        state=each(known_codes(accounts, "heating_state", STATES)),
        areas=(floor[0], usable[0], inner[0]),
        has_areas=(floor[1], usable[1], inner[1]),
        height=height[0],
        has_height=height[1],
        connected_on=connected[0],
        has_connected_on=connected[1],
        closed_on=closed[0],
        has_closed_on=closed[1],
        suspended_from=suspended[0],
        has_suspended_from=suspended[1],
        network=np.where(found, each(network), -1),
        networks=networks,
    )


def _plain(table: pa.Table, name: str) -> pa.Array:
    array = whole(table, name, pa.string())
    return array.cast(pa.string()) if pa.types.is_dictionary(array.type) else array
