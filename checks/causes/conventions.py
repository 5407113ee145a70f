"""Which bills would be judged otherwise if a part of a season were counted by another convention than the tariff's.

A tariff says how a part of its season is charged. Where its notice is silent that is our reading (docs/recomputation.md), and
an officer must know how many verdicts hang on it before anybody is accused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.causes.case import NO_TOTAL, Case, Supposed
from checks.causes.stays import by_days
from checks.fees import FeeRegister
from checks.recompute.columns import MONEY, Flags, Ints, as_date, money_column, unscaled
from checks.recompute.execution import execute
from checks.recompute.facts import prepare
from checks.recompute.filed import read_bills, read_roster
from checks.recompute.outcomes import CAUSES_OF_REPEATS
from checks.recompute.pricing import choose_in_force
from checks.recompute.stays import Stay
from checks.recompute.text import Text
from checks.tariffs.record import Tariff

#: Code -> how days are counted then. Both ends of a stretch are counted unless said otherwise.
CONVENTIONS: dict[str, Text] = {
    "last_day_free": Text("不计最后一天", "last day not counted"),
    "season_days": Text("按本季实际天数折算", "by the days of the season itself"),
    "thirty_360": Text("每月按 30 天折算（30/360）", "months of 30 days (30/360)"),
}

#: One row a bill and convention under which its verdict is the other one; ``due_then`` is what it then should come to.
FLIP_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("source_row", pa.int32()),
        *(
            pa.field(name, pa.string())
            for name in ("bill_no", "account_no", "convention", "outcome", "outcome_then")
        ),
        *(pa.field(name, MONEY) for name in ("billed_total", "recomputed_total", "due_then")),
    ]
)
_AT_ONCE = 200_000


def flips(
    bills: pa.Table,
    accounts: pa.Table | None,
    outcomes: pa.Table,
    tariffs: Sequence[Tariff],
    *,
    city: str,
    service_areas: tuple[str, ...] = (),
    fees: FeeRegister | None = None,
) -> pa.Table:
    """``FLIP_SCHEMA``: the bills of a part of a season that conform and would be a breach, or the reverse, under each of
    :data:`CONVENTIONS` that is not what the tariff says anyway; in the order of the bills. ``outcomes`` are those of
    exactly these bills in the same order. Bills that are settled against others (duplicates, corrections), that are known to a range, or that have
    a refund computed stand as judged."""
    exact = pc.and_(pc.equal(outcomes["label"], "exact"), pc.is_null(outcomes["refund_due"]))
    alone = pc.invert(
        pc.or_(
            pc.fill_null(pc.is_in(outcomes["cause"], pa.array(CAUSES_OF_REPEATS)), fill_value=False),
            pc.equal(bills["kind"].cast(pa.string()), "correction"),
        )
    )
    judged = np.flatnonzero(np.asarray(pc.fill_null(pc.and_(exact, alone), fill_value=False)))
    found = [FLIP_SCHEMA.empty_table()]
    for start in range(0, len(judged), _AT_ONCE):
        rows = judged[start : start + _AT_ONCE]
        places = pa.array(rows)
        found.append(
            _flips(bills.take(places), accounts, outcomes.take(places), tariffs, city, service_areas, fees)
        )
    return pa.concat_tables(found)


def _flips(
    bills: pa.Table,
    accounts: pa.Table | None,
    outcomes: pa.Table,
    tariffs: Sequence[Tariff],
    city: str,
    service_areas: tuple[str, ...],
    fees: FeeRegister | None,
) -> pa.Table:
    filed = read_bills(bills, fees)
    roster = None if accounts is None else read_roster(accounts, bills)
    choose = choose_in_force(tariffs, city)
    prepared = prepare(filed, roster, choose, city=city, service_areas=service_areas)
    facts = prepared.facts
    part = (facts.heated + facts.suspended < facts.season) | (np.asarray(facts.suspended) > 0)
    part = part & (np.asarray(facts.heated) > 0)
    if not part.any():
        return FLIP_SCHEMA.empty_table()
    due = execute(facts, prepared.group, prepared.terms)
    case = Case(prepared, due, tariffs, city, service_areas)
    # Another lawful reading of the bill (its area, its height) was taken: its amount does not come from these facts.
    read_so = np.asarray(due.total) == unscaled(outcomes, "recomputed_total", MONEY)[0]
    was_right = np.asarray(pc.equal(outcomes["outcome"], "conforms"))
    tables = []
    for code, suppose in _SUPPOSED.items():
        rows, totals = case.totals(suppose(case, part & read_so))
        known = totals != NO_TOTAL
        rows, totals = rows[known], totals[known]
        turned = (totals == case.billed[rows]) != was_right[rows]
        tables.append(_told(code, bills, outcomes, rows[turned], totals[turned]))
    table = pa.concat_tables(tables)
    return table.take(pc.sort_indices(table, sort_keys=[("source_row", "ascending")]))


def _told(code: str, bills: pa.Table, outcomes: pa.Table, rows: Ints, totals: Ints) -> pa.Table:
    picked = outcomes.take(pa.array(rows))
    other = pc.if_else(pc.equal(picked["outcome"], "breach"), "conforms", "breach")
    found = {name: picked[name] for name in FLIP_SCHEMA.names if name in picked.column_names}
    found |= {
        "convention": pa.array([code] * len(rows), pa.string()),
        "outcome_then": other,
        "due_then": money_column(totals, np.ones(len(rows), dtype=np.bool_)),
    }
    return pa.table(found, schema=FLIP_SCHEMA)


# -- the conventions ------------------------------------------------------------------------------------------------


def _last_day_free(case: Case, where: Flags) -> Supposed:
    prepared = case.prepared
    days = replace(prepared.days, end=prepared.days.end - 1)
    stay = days.stay(prepared.pricing.calendars, prepared.pricing.calendar)
    return _supposed(case, where & ~stay.is_open, stay.heated, stay.suspended, stay.season)


def _season_days(case: Case, where: Flags) -> Supposed:
    stay = _stay_by_days(case)
    return _supposed(case, where & ~stay.is_open, stay.heated, stay.suspended, stay.season)


def _thirty_360(case: Case, where: Flags) -> Supposed:
    prepared = case.prepared
    stay, pricing = _stay_by_days(case), prepared.pricing
    rows = np.flatnonzero(where & ~stay.is_open & (pricing.calendar >= 0))
    heated, suspended, season = (column.copy() for column in (stay.heated, stay.suspended, stay.season))
    known: dict[tuple[int, int], int] = {}

    def counted(first: int, last: int) -> int:
        if (first, last) not in known:
            known[first, last] = days_360(as_date(first), as_date(last)) if first <= last else 0
        return known[first, last]

    for row in rows.tolist():
        calendar = pricing.calendars[int(pricing.calendar[row])]
        first, last = int(stay.start[row]), int(stay.end[row])
        covered = counted(first, last)
        heated[row] = counted(first, first + int(stay.heated[row]) - 1)
        suspended[row] = covered - heated[row]
        season[row] = counted(calendar.first, calendar.last)
    return _supposed(case, where & ~stay.is_open, heated, suspended, season)


def days_360(first: dt.date, last: dt.date) -> int:
    """Days from the first to the last, both counted, where every month has 30 (30E/360)."""
    months = (last.year - first.year) * 12 + last.month - first.month
    is_month_end = last.day >= 30 or (last + dt.timedelta(days=1)).day == 1
    return months * 30 + (30 if is_month_end else last.day) - min(first.day, 30) + 1


def _stay_by_days(case: Case) -> Stay:
    pricing = case.prepared.pricing
    return case.prepared.days.stay([by_days(one) for one in pricing.calendars], pricing.calendar)


def _supposed(case: Case, where: Flags, heated: Ints, suspended: Ints, season: Ints) -> Supposed:
    fits = (heated >= 0) & (suspended >= 0) & (season > 0) & (heated + suspended <= season)
    return case.with_facts(where & fits, heated=heated, suspended=suspended, season=season)


_SUPPOSED: dict[str, Callable[[Case, Flags], Supposed]] = {
    "last_day_free": _last_day_free,
    "season_days": _season_days,
    "thirty_360": _thirty_360,
}
