"""A bill that a change of price by day falls into, computed in parts: the days up to the change at the old price, those
from it on at the new one; each part rounded by itself, the lines summed (docs/recomputation.md, "A change of price").
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from checks.fees import FeeRegister
from checks.recompute.columns import EPOCH, Ints, as_date, whole
from checks.recompute.execution import execute
from checks.recompute.filed import COMPUTED_LINES, KINDS, read_bills, read_roster
from checks.recompute.missing import BIT
from checks.recompute.pricing import METHODS, Choice
from checks.recompute.rules import Due
from checks.recompute.terms import counts_started_months
from checks.tariffs.errors import TariffError
from checks.tariffs.record import RoundingWhen, Scope, Tariff, Transition

if TYPE_CHECKING:
    from checks.recompute.facts import Prepared
    from checks.recompute.refunds import Service

#: A service said to last longer has wrong dates.
LONGEST = dt.timedelta(days=400)

#: First and last day of a part, and the tariff that prices it.
Piece = tuple[dt.date, dt.date, Tariff]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bill as it was computed: row ``row`` of ``prepared`` and ``due``."""

    first: dt.date
    last: dt.date
    prepared: Prepared
    due: Due
    row: int


def pieces(choose: Choice, scope: Scope, first: dt.date, last: dt.date) -> list[Piece] | None:
    """The service cut at every change of price that takes over by day, oldest first. None where it cannot be cut: a
    change of another kind lies in it, or the price counts started months, a net height or rounds the bill as a whole."""
    if last < first or last - first > LONGEST:
        return None
    found: list[Piece] = []
    try:
        opening = choose(scope, first)
        end = last
        while True:
            tariff = choose(scope, end)
            start = first if tariff.id == opening.id else tariff.valid_from
            if start is None or start > end or not _can_be_parted(tariff):
                return None
            if tariff.id != opening.id and (start <= first or tariff.transition is not Transition.BY_DAY):
                return None
            found.append((start, end, tariff))
            if start == first:
                return found[::-1] if len(found) > 1 else None
            end = start - dt.timedelta(days=1)
    except TariffError:
        return None


def _can_be_parted(tariff: Tariff) -> bool:
    by_net_height = tariff.height is not None and tariff.height.net_height
    return (
        tariff.rounding.when is RoundingWhen.LINE and not by_net_height and not counts_started_months(tariff)
    )


def settle_changes(
    bills: pa.Table,
    accounts: pa.Table | None,
    prepared: Prepared,
    due: Due,
    missing: Ints,
    choose: Choice,
    service: Service | None,
    *,
    city: str,
    service_areas: tuple[str, ...],
) -> dict[int, list[Part]]:
    """Put the sum of the parts in the place of what is due on bills by area that a change of price by day falls into,
    where a roster says whose they are, and no late fee, low-income price, cold room or time without heat is in question;
    the others stay as they are. Answers the parts of each row that was computed."""
    filed, roster = prepared.filed, prepared.roster
    if roster is None or accounts is None:
        return {}
    may_be = (missing == BIT["spans_price_change"]) & roster.found & (filed.lines["late_fee"] == 0)
    in_parts = (filed.lines["base_charge"] != 0) | (filed.lines["metered_charge"] != 0)
    by_meter = (roster.method == METHODS.index("metered")) & (
        in_parts | (filed.kind == KINDS.index("settlement"))
    )
    if prepared.repeats is not None:
        may_be &= ~np.isin(np.arange(filed.rows), list(prepared.repeats.left))
    may_be &= ~by_meter & (filed.kind != KINDS.index("correction")) & ~prepared.may_be_reduced
    if service is not None:
        may_be &= ~service.where(whole(bills, "account_no", pa.string()), prepared.networks())
    found: dict[int, list[Part]] = {}
    for row in np.flatnonzero(may_be).tolist():
        scope = Scope(
            city,
            roster.categories[int(roster.category[row])],
            METHODS[int(roster.method[row])],
            service_areas,
        )
        cut = pieces(
            choose, scope, as_date(int(filed.service_from[row])), as_date(int(filed.service_to[row]))
        )
        if cut is None:
            continue
        parts = _computed(bills.slice(row, 1), accounts, cut, choose, city, service_areas, filed.register)
        if parts is not None and _covers(prepared, row, parts):
            found[row] = parts
            missing[row] = 0
            _sum(due, prepared, row, parts)
    return found


def _computed(
    bill: pa.Table,
    accounts: pa.Table,
    cut: Sequence[Piece],
    choose: Choice,
    city: str,
    service_areas: tuple[str, ...],
    fees: FeeRegister,
) -> list[Part] | None:
    """Each piece computed as a bill of its own; None where something is missing for one."""
    from checks.recompute.facts import prepare

    several = pa.concat_tables([bill] * len(cut))
    for name, days in (
        ("service_from", [first for first, _, _ in cut]),
        ("service_to", [last for _, last, _ in cut]),
    ):
        column = pa.array([(day - EPOCH).days for day in days], pa.int32()).cast(pa.date32())
        several = several.set_column(several.schema.get_field_index(name), name, column)
    prepared = prepare(
        read_bills(several, fees),
        read_roster(accounts, several),
        choose,
        city=city,
        service_areas=service_areas,
    )
    due = execute(prepared.facts, prepared.group, prepared.terms, compiled=False)
    if np.any(prepared.missing) or np.any(np.asarray(due.missing)):
        return None
    return [Part(first, last, prepared, due, row) for row, (first, last, _) in enumerate(cut)]


def _covers(prepared: Prepared, row: int, parts: Sequence[Part]) -> bool:
    """Whether the parts together are the days of the whole, of a season counted the same way."""

    def of(one: Prepared, place: int, name: str) -> int:
        return int(np.asarray(getattr(one.facts, name))[place])

    return all(
        of(part.prepared, part.row, "season") == of(prepared, row, "season") for part in parts
    ) and all(
        sum(of(part.prepared, part.row, name) for part in parts) == of(prepared, row, name)
        for name in ("heated", "suspended")
    )


def _sum(due: Due, prepared: Prepared, row: int, parts: Sequence[Part]) -> None:
    for name in (*COMPUTED_LINES, "fee", "area_fee", "cap_limit", "late_allowed"):
        column = getattr(due, name)
        column[row] = sum(int(np.asarray(getattr(part.due, name))[part.row]) for part in parts)
    due.missing[row] = 0  # type: ignore[index]
    due.total[row] = int(np.asarray(due.fee)[row]) + int(np.asarray(prepared.facts.stated)[row])  # type: ignore[index]
