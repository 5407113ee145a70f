"""The search: every hypothesis against every wrong bill, until one reproduces the billed total to the fen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.causes.case import Case
from checks.causes.catalogue import CAUSES
from checks.causes.hypotheses import HYPOTHESES
from checks.recompute.columns import Flags, Ints, whole
from checks.recompute.execution import execute
from checks.recompute.facts import prepare
from checks.recompute.filed import read_bills, read_roster
from checks.recompute.outcomes import OUTCOME_SCHEMA, Recomputed
from checks.recompute.pricing import choose_in_force
from checks.tariffs.record import Tariff

#: Outcomes with the causes found: as ``OUTCOME_SCHEMA``, and the other causes that give the same total.
EXPLAINED_SCHEMA: pa.Schema = OUTCOME_SCHEMA.append(pa.field("cause_ties", pa.string()))

_CODES = list(CAUSES)
_UNEXPLAINED = _CODES.index("unexplained")


def find_causes(
    bills: pa.Table,
    accounts: pa.Table | None,
    outcomes: pa.Table,
    tariffs: Sequence[Tariff],
    *,
    city: str,
    service_areas: tuple[str, ...] = (),
) -> pa.Table:
    """The outcomes with ``cause`` filled for every breach, and ``cause_ties``: other causes that reproduce the billed
    total as well, joined by ``;``.

    ``outcomes`` are those of exactly these bills, in the same order. Raises ``ValueError`` when they are not.
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
        pc.equal(outcomes["cause"], "duplicate_bill").fill_null(False).to_numpy(zero_copy_only=False)
    ).astype(np.bool_)
    kinds = np.asarray(
        pc.equal(bills["kind"].cast(pa.string()), "correction")
        .fill_null(False)
        .to_numpy(zero_copy_only=False)
    ).astype(np.bool_)
    causes = np.full(len(bills), -1, dtype=np.int64)
    ties = np.zeros(len(bills), dtype=np.int64)
    causes[is_breach & kinds] = _CODES.index("correction_amount_wrong")
    causes[is_breach & is_known] = _CODES.index("duplicate_bill")
    rows = np.flatnonzero(is_breach & ~is_known & ~kinds)
    if len(rows):
        some = bills.take(pa.array(rows))
        causes[rows], ties[rows] = _searched(_case(some, accounts, tariffs, city, service_areas))
    table = outcomes.drop_columns(["cause_ties"]) if "cause_ties" in outcomes.column_names else outcomes
    place = table.schema.get_field_index("cause")
    table = table.set_column(place, OUTCOME_SCHEMA.field("cause"), _words(causes))
    return table.append_column(EXPLAINED_SCHEMA.field("cause_ties"), _ties_column(ties))


def causes_of_first(
    done: Recomputed, tariffs: Sequence[Tariff], *, city: str, service_areas: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """The cause of the first bill of a recomputation, which must be a breach, and the ties."""
    if done.is_duplicate[0]:
        return "duplicate_bill", ()
    if done.is_correction[0]:
        return "correction_amount_wrong", ()
    of_city = [tariff for tariff in tariffs if tariff.city == city]
    case = Case(prepared=done.prepared, due=done.due, tariffs=of_city, city=city, service_areas=service_areas)
    causes, ties = _searched(case)
    return _CODES[int(causes[0])], _ties_of(int(ties[0]))


def _ties_of(bits: int) -> tuple[str, ...]:
    return tuple(code for number, code in enumerate(_CODES) if bits >> number & 1)


def _same_rows(bills: pa.Table, outcomes: pa.Table) -> bool:
    return bool(whole(bills, "source_row", pa.int32()).equals(whole(outcomes, "source_row", pa.int32())))


def _case(
    bills: pa.Table,
    accounts: pa.Table | None,
    tariffs: Sequence[Tariff],
    city: str,
    service_areas: tuple[str, ...],
) -> Case:
    filed = read_bills(bills)
    roster = None if accounts is None else read_roster(accounts, bills)
    prepared = prepare(filed, roster, choose_in_force(tariffs, city), city=city, service_areas=service_areas)
    due = execute(prepared.facts, prepared.group, prepared.terms)
    of_city = [tariff for tariff in tariffs if tariff.city == city]
    return Case(prepared=prepared, due=due, tariffs=of_city, city=city, service_areas=service_areas)


def _searched(case: Case) -> tuple[Ints, Ints]:
    """For each bill the first cause that reproduces its total, and the others as bits of their place."""
    causes = np.full(case.rows, _UNEXPLAINED, dtype=np.int64)
    found = np.zeros(case.rows, dtype=np.int64)
    for code, hypothesis in HYPOTHESES:
        place = _CODES.index(code)
        for totals in hypothesis(case):
            reproduced: Flags = totals == case.billed
            causes[reproduced & (causes == _UNEXPLAINED)] = place
            found[reproduced] |= 1 << place
    return causes, found & ~(np.int64(1) << causes)


def _words(places: Ints) -> pa.Array:
    indices = pa.array(places.astype(np.int32), mask=places < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(_CODES, pa.string())).cast(pa.string())


def _ties_column(bits: Ints) -> pa.Array:
    distinct, place = np.unique(bits, return_inverse=True)
    words = [";".join(_ties_of(int(value))) or None for value in distinct]
    indices = pa.array(place.reshape(-1).astype(np.int32))
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string())).cast(pa.string())
