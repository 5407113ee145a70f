"""Every bill of a table recomputed: what was billed, what was due, and what is missing where that cannot be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.fees import FeeRegister
from checks.recompute.bounds import LABELS, bounds_of
from checks.recompute.columns import FEW, MONEY, Flags, Ints, money_column, whole
from checks.recompute.doubts import leave_open, settle_doubts
from checks.recompute.execution import RECORDABLE, execute
from checks.recompute.facts import Prepared, prepare
from checks.recompute.filed import COMPUTED_LINES, LINES, read_bills, read_roster
from checks.recompute.giving_back import settle_refunds
from checks.recompute.missing import BIT, missing_column
from checks.recompute.parting import settle_changes
from checks.recompute.pricing import choose_in_force
from checks.recompute.refunds import Service
from checks.recompute.repeats import Corrections
from checks.recompute.rules import Due
from checks.recompute.shared_days import settle_shared_days
from checks.tariffs.record import Tariff

#: Causes that are known before any search: nothing is left of the bill.
CAUSES_OF_REPEATS = ("duplicate_bill", "billed_by_other_method")

OUTCOMES = ("conforms", "breach", "inconclusive")

#: One row a bill, in the order of the bills (docs/architecture.md, "Outcomes").
OUTCOME_SCHEMA: pa.Schema = pa.schema(
    [
        ("source_row", pa.int32()),
        ("bill_no", pa.string()),
        ("account_no", pa.string()),
        ("season", pa.string()),
        ("category", pa.string()),
        ("billing_method", pa.string()),
        ("issued_on", pa.date32()),
        ("outcome", pa.string()),
        ("billed_total", MONEY),
        ("recomputed_total", MONEY),
        ("overcharge", MONEY),
        ("tariff_id", pa.string()),
        ("cause", pa.string()),
        ("missing", pa.string()),
        *((f"{line}_due", MONEY) for line in COMPUTED_LINES),
        ("refund_due", MONEY),  # null where the refund stands as billed
        ("label", pa.string()),  # bounds.LABELS
    ]
)


@dataclass(slots=True)
class Recomputed:
    """The recomputation in integers: what :func:`recompute` writes down and the worksheet and the causes start from."""

    prepared: Prepared
    due: Due  # of int64 arrays, fen
    missing: Ints
    is_duplicate: Flags
    is_correction: Flags
    is_bounded: Flags  # the amount due is known to a range
    is_within: Flags  # the billed total lies in the range that the counter's digit leaves


def recompute_columns(
    bills: pa.Table,
    accounts: pa.Table | None,
    tariffs: Sequence[Tariff],
    *,
    city: str,
    service_areas: tuple[str, ...] = (),
    fees: FeeRegister | None = None,
    measured: pa.Table | None = None,
    compiled: bool | None = None,
    later: bool = False,
) -> Recomputed:
    """Every bill recomputed, duplicates and corrections settled among the bills of the table. With ``later``,
    ``prepared.falling_due`` says of every bill what fell due after its issue, else of those alone that a correction
    gives something back on."""
    filed = read_bills(bills, fees)
    roster = None if accounts is None else read_roster(accounts, bills)
    choose = choose_in_force(tariffs, city)
    repeats = settle_shared_days(
        bills, accounts, filed, roster, choose, city=city, service_areas=service_areas
    )
    prepared = prepare(filed, roster, choose, city=city, service_areas=service_areas, repeats=repeats)
    due = execute(prepared.facts, prepared.group, prepared.terms, compiled=compiled)
    missing = prepared.missing | np.where(
        prepared.missing == 0, due.missing, due.missing & BIT["amount_too_large"]
    )
    settle_doubts(prepared, due, missing)
    corrections = Corrections(bills, filed)
    falls_due = np.full(filed.rows, later)
    falls_due[[to for row, to in corrections.original.items() if filed.lines["refund"][row] < 0]] = True
    settle_refunds(bills, prepared, due, missing, measured, falls_due)
    leave_open(prepared, due, missing)
    prepared.parts = settle_changes(
        bills,
        accounts,
        prepared,
        due,
        missing,
        choose,
        None if measured is None else Service(measured),
        city=city,
        service_areas=service_areas,
    )
    is_bounded, is_within = bounds_of(prepared, due, missing)
    is_duplicate = repeats.is_duplicate
    for column in due:
        column[is_duplicate] = 0  # type: ignore[index]
    missing[is_duplicate] = np.where(filed.has_total, 0, BIT["total_missing"])[is_duplicate]
    done = Recomputed(
        prepared=prepared,
        due=due,
        missing=missing,
        is_duplicate=is_duplicate,
        is_correction=np.zeros(filed.rows, dtype=np.bool_),
        is_bounded=is_bounded & ~is_duplicate,
        is_within=is_within & ~is_duplicate,
    )
    _settle_corrections(corrections, done)
    return done


def _settle_corrections(corrections: Corrections, done: Recomputed) -> None:
    """What a correction should come to: what the original should have been, less all that was billed for it so far. From
    the first one on that gives back a refund after the heat, what fell due since the original was issued is due on it."""
    filed = done.prepared.filed
    given_back: set[int] = set()
    billed_so_far: dict[int, dict[str, int]] = {}
    for row in corrections.rows:
        done.is_correction[row] = True
        done.is_bounded[row] = done.is_within[row] = False
        for column in done.due:
            column[row] = 0  # type: ignore[index]
        original = corrections.original.get(row)
        if original is None:
            done.missing[row] = BIT["correction_needs_original"]
            continue
        if done.missing[original]:
            done.missing[row] = BIT["original_inconclusive"]
            continue
        done.missing[row] = 0 if filed.has_total[row] else BIT["total_missing"]
        billed = billed_so_far.setdefault(original, _billed(done, original))
        owed = {line: int(getattr(done.due, line)[original]) - amount for line, amount in billed.items()}
        falling = None if done.is_duplicate[original] else done.prepared.falling_due.get(original)
        if falling is not None and filed.issued_on[row] > falling.last and filed.lines["refund"][row] < 0:
            given_back.add(original)
        if falling is not None and original in given_back:
            done.missing[row] |= falling.lacks
            owed["total"] += falling.change(int(filed.lines["refund"][original]))
        if any(abs(amount) >= RECORDABLE for amount in owed.values()):
            done.missing[row] = BIT["amount_too_large"]
            continue
        for line, amount in owed.items():
            getattr(done.due, line)[row] = amount
        for line, amount in _billed(done, row).items():
            billed[line] += amount


def _billed(done: Recomputed, row: int) -> dict[str, int]:
    filed = done.prepared.filed
    billed = {line: int(filed.lines[line][row]) for line in COMPUTED_LINES}
    billed["total"] = int(filed.total[row])
    return billed


def recompute(
    bills: pa.Table,
    accounts: pa.Table | None,
    tariffs: Sequence[Tariff],
    *,
    city: str,
    service_areas: tuple[str, ...] = (),
    fees: FeeRegister | None = None,
    measured: pa.Table | None = None,
    compiled: bool | None = None,
) -> pa.Table:
    """One outcome a bill (``OUTCOME_SCHEMA``), in the order of the bills; amounts in CNY, exact to the fen.

    ``accounts`` is the roster, or None where none was filed: the bill's own statements are then taken.
    ``service_areas`` are the tariff areas the company serves beside the whole city. ``fees`` is the register of charges
    beside the price at hand, None the one that comes with the portal. ``measured`` are the rooms
    measured after a request (``service.MEASURED_SCHEMA``), or None where the feeds were not filed: refunds then stand
    as billed. ``compiled`` forces one of the two executions; both give the same. Raises ``pa.ArrowInvalid`` for a column stored against the data standard.
    """
    done = recompute_columns(
        bills,
        accounts,
        tariffs,
        city=city,
        service_areas=service_areas,
        fees=fees,
        measured=measured,
        compiled=compiled,
    )
    return outcome_table(bills, done)


def outcome_table(bills: pa.Table, done: Recomputed) -> pa.Table:
    """The recomputation as a table of outcomes. A bill conforms when its total is the recomputed total to the fen,
    or one of those that the counter's digit leaves open; the difference stands as ``overcharge`` then too."""
    filed, pricing = done.prepared.filed, done.prepared.pricing
    overcharge = filed.total - done.due.total
    done.missing[np.abs(overcharge) >= RECORDABLE] |= BIT["amount_too_large"]
    is_known = done.missing == 0
    is_breach = is_known & (overcharge != 0) & ~done.is_within
    outcome = np.where(is_known, is_breach.astype(np.int8), np.int8(2))
    columns = {
        name: _as_filed(bills, name, OUTCOME_SCHEMA.field(name).type) for name in OUTCOME_SCHEMA.names[:7]
    }
    columns["outcome"] = _from_list(outcome.astype(np.int32), list(OUTCOMES))
    columns["billed_total"] = money_column(filed.total, filed.has_total)
    columns["recomputed_total"] = money_column(np.where(is_known, done.due.total, 0), is_known)
    columns["overcharge"] = money_column(np.where(is_known, overcharge, 0), is_known)
    ids = [tariff.id for tariff in pricing.tariffs]
    columns["tariff_id"] = _from_list(pricing.tariff, ids)
    repeats = done.prepared.repeats
    by_other = done.is_duplicate if repeats is None else repeats.by_other
    cause = np.where(is_breach & done.is_duplicate, by_other.astype(np.int64), -1)
    columns["cause"] = _from_list(cause, list(CAUSES_OF_REPEATS))
    columns["missing"] = missing_column(done.missing)
    nothing = money_column(np.zeros(filed.rows, dtype=np.int64), is_known)
    for line in COMPUTED_LINES:
        due = np.asarray(getattr(done.due, line))
        columns[f"{line}_due"] = money_column(np.where(is_known, due, 0), is_known) if due.any() else nothing
    label = np.where(is_known, done.is_bounded.astype(np.int64), 2)
    columns["label"] = _from_list(label, list(LABELS))
    columns["refund_due"] = _refund_column(done, is_known)
    return pa.Table.from_arrays([columns[name] for name in OUTCOME_SCHEMA.names], schema=OUTCOME_SCHEMA)


def _refund_column(done: Recomputed, is_known: Flags) -> pa.Array:
    """What is due of the line ``refund`` where the feeds let it be computed, negative as on the bill."""
    due = np.zeros(done.prepared.filed.rows, dtype=np.int64)
    is_given = np.zeros(len(due), dtype=np.bool_)
    for row, refund in done.prepared.refunds.items():
        is_given[row] = is_known[row] and not done.is_duplicate[row]
        due[row] = refund.line(int(done.prepared.filed.lines["refund"][row])) if is_given[row] else 0
    return money_column(due, is_given)


def _as_filed(bills: pa.Table, name: str, kind: pa.DataType) -> pa.Array:
    array = whole(bills, name, kind)
    return array.cast(kind) if array.type != kind else array


def _from_list(places: Ints, words: list[str]) -> pa.Array:
    """The word at each place; null for -1."""
    if len(places) <= FEW:
        return pa.array([None if place < 0 else words[place] for place in places.tolist()], pa.string())
    indices = pa.array(places.astype(np.int32), mask=places < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string())).cast(pa.string())


def residual(filed_lines: dict[str, Ints], total: Ints) -> Ints:
    """What the total holds beyond its lines, in fen; 0 for a bill that adds up."""
    sums = np.zeros(len(total), dtype=np.int64)
    for line in LINES:
        sums += filed_lines[line]
    return total - sums


def counts_by_outcome(outcomes: pa.Table) -> dict[str, int]:
    """How many bills have each outcome; every outcome is named, also with 0."""
    found = {row["values"]: row["counts"] for row in pc.value_counts(outcomes["outcome"]).to_pylist()}
    return {outcome: int(found.get(outcome, 0)) for outcome in OUTCOMES}
