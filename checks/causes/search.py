"""The search: every hypothesis against every wrong bill, then two at a time, for one that gives its total to the fen."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.causes.case import NO_TOTAL, Case, Supposed, Totals
from checks.causes.hypotheses import ALONE, HYPOTHESES
from checks.causes.naming import CAUSES_JOIN, cause_rank
from checks.causes.readings import heats_of_readings
from checks.fees import FeeRegister
from checks.recompute.columns import HEAT, Flags, Ints, is_all_distinct_by_order, same_value, unscaled, whole
from checks.recompute.execution import execute
from checks.recompute.facts import prepare
from checks.recompute.filed import read_bills, read_roster
from checks.recompute.giving_back import settle_refunds
from checks.recompute.outcomes import CAUSES_OF_REPEATS, OUTCOME_SCHEMA, Recomputed
from checks.recompute.pricing import Choice, choose_in_force
from checks.recompute.repeats import Repeats
from checks.recompute.shared_days import settle_shared_days
from checks.tariffs.record import Tariff

#: Outcomes with the causes found: as ``OUTCOME_SCHEMA``, and the other causes that give the same total.
EXPLAINED_SCHEMA: pa.Schema = OUTCOME_SCHEMA.append(pa.field("cause_ties", pa.string()))

#: How many other bills of the same account lend their heat to a supposition.
OTHER_BILLS = 3
#: Pairs of mistakes that are tried at most on one bill: about half a millisecond. Counted bill by bill, so that the
#: cause of a bill does not depend on which others are examined with it.
PAIRS_A_BILL = 6_000
#: Bills that are examined together, so that a whole wrong filing does not fill the memory.
AT_A_TIME = 20_000
NO_HEAT = -1

#: Codes that reproduce a bill's total, in the order in which they were found.
_Found = dict[str, None]

_UNEXPLAINED = "unexplained"


def find_causes(
    bills: pa.Table,
    accounts: pa.Table | None,
    outcomes: pa.Table,
    tariffs: Sequence[Tariff],
    *,
    city: str,
    service_areas: tuple[str, ...] = (),
    fees: FeeRegister | None = None,
    measured: pa.Table | None = None,
    readings: pa.Table | None = None,
) -> pa.Table:
    """The outcomes with ``cause`` filled for every breach, and ``cause_ties``: other causes that reproduce the billed
    total as well, joined by ``;``.

    ``outcomes`` are those of exactly these bills, in the same order, by the same register ``fees`` and ``measured`` rooms; ``readings``
    (``READING_SCHEMA``) are those filed for the accounts. Raises ``ValueError`` when they are not.
    """
    if len(bills) != len(outcomes) or not _same_rows(bills, outcomes):
        raise ValueError(
            "结果与账单不对应：请传入同一批账单的重算结果。 / "
            "The outcomes are not those of these bills: pass the outcomes that recompute() gave for them."
        )
    is_breach = np.asarray(pc.equal(outcomes["outcome"], "breach").to_numpy(zero_copy_only=False)).astype(
        np.bool_
    )
    is_known = np.asarray(
        pc.is_in(outcomes["cause"], pa.array(CAUSES_OF_REPEATS)).to_numpy(zero_copy_only=False)
    ).astype(np.bool_)
    kinds = np.asarray(
        pc.equal(bills["kind"].cast(pa.string()), "correction")
        .fill_null(False)
        .to_numpy(zero_copy_only=False)
    ).astype(np.bool_)
    causes: list[str | None] = [None] * len(bills)
    ties: list[str | None] = [None] * len(bills)
    for row in np.flatnonzero(is_breach & kinds & ~is_known).tolist():
        causes[row] = "correction_amount_wrong"
    for row in np.flatnonzero(is_breach & is_known).tolist():
        causes[row] = outcomes["cause"][row].as_py()
    rows = np.flatnonzero(is_breach & ~is_known & ~kinds)
    if len(rows):
        repeats = _repeats_of(
            bills, rows, accounts, choose_in_force(tariffs, city), city, service_areas, fees
        )
        for start in range(0, len(rows), AT_A_TIME):
            some = rows[start : start + AT_A_TIME]
            case = _case(
                bills, some, accounts, tariffs, city, service_areas, fees, measured, readings, repeats
            )
            found = _causes(case)
            for row, one in zip(some.tolist(), found, strict=True):
                causes[row], others = _named(one)
                ties[row] = ";".join(others) or None
    table = outcomes.drop_columns(["cause_ties"]) if "cause_ties" in outcomes.column_names else outcomes
    place = table.schema.get_field_index("cause")
    table = table.set_column(place, OUTCOME_SCHEMA.field("cause"), pa.array(causes, pa.string()))
    return table.append_column(EXPLAINED_SCHEMA.field("cause_ties"), pa.array(ties, pa.string()))


def causes_of_first(
    done: Recomputed,
    tariffs: Sequence[Tariff],
    *,
    city: str,
    service_areas: tuple[str, ...],
    accounts: Sequence[str | None] = (),
    readings: pa.Table | None = None,
) -> tuple[str, tuple[str, ...]]:
    """The cause of the first bill of a recomputation, which must be a breach, and the ties. ``accounts`` are those of its
    bills, for the ``readings``."""
    if done.is_duplicate[0]:
        repeats = done.prepared.repeats
        return CAUSES_OF_REPEATS[int(repeats is not None and repeats.by_other[0])], ()
    if done.is_correction[0]:
        return "correction_amount_wrong", ()
    filed = done.prepared.filed
    others = tuple(
        np.where(filed.has_heat[row] & (np.arange(filed.rows) == 0), filed.heat[row], NO_HEAT)
        for row in range(1, min(filed.rows, 1 + OTHER_BILLS))
    )
    prepared = done.prepared
    case = Case(
        prepared=prepared,
        due=execute(prepared.facts, prepared.group, prepared.terms) if 0 in prepared.parts else done.due,
        tariffs=_near(tariffs, city),
        city=city,
        service_areas=service_areas,
        other_heat=others,
        heats_read=heats_of_readings(accounts, filed, readings),
    )
    return _named(_causes(case, np.arange(filed.rows) == 0)[0])


def _near(tariffs: Sequence[Tariff], city: str) -> list[Tariff]:
    """The records of the city and of its districts, which are named after it (青岛市崂山区)."""
    return [tariff for tariff in tariffs if tariff.city.startswith(city) or city.startswith(tariff.city)]


def _same_rows(bills: pa.Table, outcomes: pa.Table) -> bool:
    return bool(whole(bills, "source_row", pa.int32()).equals(whole(outcomes, "source_row", pa.int32())))


def _case(
    bills: pa.Table,
    rows: Ints,
    accounts: pa.Table | None,
    tariffs: Sequence[Tariff],
    city: str,
    service_areas: tuple[str, ...],
    fees: FeeRegister | None,
    measured: pa.Table | None,
    readings: pa.Table | None,
    repeats: tuple[Ints, Repeats] | None,
) -> Case:
    some = bills.take(pa.array(rows))
    filed = read_bills(some, fees)
    roster = None if accounts is None else read_roster(accounts, some)
    left = None if repeats is None else repeats[1].of(np.searchsorted(repeats[0], rows))
    if left is not None:
        left.take_heat_out(filed)
    prepared = prepare(
        filed, roster, choose_in_force(tariffs, city), city=city, service_areas=service_areas, repeats=left
    )
    due = execute(prepared.facts, prepared.group, prepared.terms)
    none_later = np.zeros(filed.rows, dtype=np.bool_)
    settle_refunds(some, prepared, due, np.zeros(filed.rows, dtype=np.int64), measured, none_later)
    return Case(
        prepared=prepared,
        due=due,
        tariffs=_near(tariffs, city),
        city=city,
        service_areas=service_areas,
        other_heat=_heat_of_other_bills(bills, rows) if np.any(prepared.facts.two_part) else (),
        heats_read=heats_of_readings(_texts(some, "account_no"), filed, readings),
    )


def _repeats_of(
    bills: pa.Table,
    rows: Ints,
    accounts: pa.Table | None,
    choose: Choice,
    city: str,
    service_areas: tuple[str, ...],
    fees: FeeRegister | None,
) -> tuple[Ints, Repeats] | None:
    """The bills of the accounts of the rows, and what earlier ones leave of each; None where each has one bill alone."""
    if is_all_distinct_by_order(bills, "account_no"):
        return None
    account, accounts_known = same_value(bills, "account_no")
    if accounts_known == len(account):
        return None
    is_wanted = np.zeros(accounts_known + 1, dtype=np.bool_)
    is_wanted[account[rows]] = True
    related = np.flatnonzero(is_wanted[account])
    some = bills.take(pa.array(related))
    filed = read_bills(some, fees)
    roster = None if accounts is None else read_roster(accounts, some)
    where: dict[str, Any] = {"city": city, "service_areas": service_areas}
    return related, settle_shared_days(some, accounts, filed, roster, choose, **where)


def _texts(bills: pa.Table, name: str) -> list[str | None]:
    found: list[str | None] = bills[name].cast(pa.string()).to_pylist()
    return found


def _heat_of_other_bills(bills: pa.Table, rows: Ints) -> tuple[Ints, ...]:
    """The heat of up to ``OTHER_BILLS`` other bills of the account of each of the rows."""
    if is_all_distinct_by_order(bills, "account_no"):
        return ()
    heat, has_heat = unscaled(bills, "heat_used", HEAT)
    account, accounts = same_value(bills, "account_no")
    if accounts == len(account):
        return ()
    wanted = np.zeros(accounts + 1, dtype=np.bool_)
    wanted[account[rows]] = True
    wanted[-1] = False  # -1: no account
    of_account: dict[int, list[int]] = {}
    for row in np.flatnonzero(wanted[account] & has_heat).tolist():
        of_account.setdefault(int(account[row]), []).append(row)
    found = [np.full(len(rows), NO_HEAT, dtype=np.int64) for _ in range(OTHER_BILLS)]
    for place, row in enumerate(rows.tolist()):
        others = [other for other in of_account.get(int(account[row]), ()) if other != row]
        for column, other in zip(found, others, strict=False):
            column[place] = heat[other]
    return tuple(found)


def _causes(case: Case, among: Flags | None = None) -> list[_Found]:
    """For each bill (of ``among``) the causes that reproduce its total by themselves, in the order of trial; where there
    is none, the pairs that do."""
    among = case.every_row() if among is None else among
    every = [(code, supposed) for code, suppose in HYPOTHESES for supposed in suppose(case)]
    tried = list(case.totals_of((supposed for _, supposed in every), among))
    found: list[_Found] = [{} for _ in range(case.rows)]
    for some in tried:
        for which, row in _hits(case, some):
            found[row].setdefault(every[which][0])
    is_unexplained = np.array([not one for one in found], dtype=np.bool_) & among
    if is_unexplained.any():
        _add_pairs(case, list(_that_matter(case, every, tried, is_unexplained)), is_unexplained, found)
    return found


def _add_pairs(case: Case, parts: list[tuple[str, Supposed]], among: Flags, found: list[_Found]) -> None:
    """Add the pairs of causes that reproduce a total only together, ``PAIRS_A_BILL`` tried at most on a bill."""
    codes: list[tuple[str, str]] = []
    may_be_too_many = len(parts) * (len(parts) - 1) // 2 > PAIRS_A_BILL

    def pairs() -> Iterator[Supposed]:
        count = np.zeros(case.rows, dtype=np.int64)
        for (code, supposed), (other_code, other) in itertools.combinations(parts, 2):
            both = None if code == other_code else case.both(supposed, other)
            if both is None:
                continue
            if may_be_too_many:
                both = both._replace(where=both.where & (count < PAIRS_A_BILL))
                count += both.where
            codes.append((code, other_code))
            yield both

    for some in case.totals_of(pairs()):
        for which, row in _hits(case, some):
            found[row].setdefault(CAUSES_JOIN.join(sorted(codes[which], key=cause_rank)))


def _hits(case: Case, tried: Totals) -> Iterator[tuple[int, int]]:
    """The suppositions (by place) and rows whose total is the billed one, in the order of trial."""
    is_hit = tried.totals == case.billed[tried.rows]
    yield from zip(tried.which[is_hit].tolist(), tried.rows[is_hit].tolist(), strict=True)


def _that_matter(
    case: Case, every: Sequence[tuple[str, Supposed]], tried: Sequence[Totals], among: Flags
) -> Iterator[tuple[str, Supposed]]:
    """The suppositions that alone change the total of a bill of ``among``, in the rows where they do. One that leaves a bill as it is
    takes no part in a pair."""
    due = np.asarray(case.due.total)
    for some in tried:
        changes = (some.totals != NO_TOTAL) & (some.totals != due[some.rows])
        for which, rows in some.of(changes):
            code, supposed = every[which]
            if code in ALONE or not among[rows].any():
                continue
            where = np.zeros(case.rows, dtype=np.bool_)
            where[rows] = among[rows]
            yield code, supposed._replace(where=where)


def _named(found: _Found) -> tuple[str, tuple[str, ...]]:
    """The first cause found, and the others in the order of the catalogue."""
    causes = list(found) or [_UNEXPLAINED]
    return causes[0], tuple(sorted(causes[1:], key=cause_rank))
