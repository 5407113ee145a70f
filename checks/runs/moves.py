"""Why a bill comes out otherwise in one run than in another: the company, a late tariff, late data, or ourselves.

The way from one run to the other is taken in steps, each of which changes one thing: first the rules (what was known
then, computed as today), then the tariffs, then the roster, rooms and other bills of the season, last the bill itself.
A bill's difference belongs to the steps in which it moves, and the amounts of the steps add up to it.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from checks.fees import FeeRegister
from checks.recompute.text import Text
from checks.runs.run import check_files
from checks.tariffs.record import Tariff

#: Whose the difference is, in the order of the steps.
REASONS: dict[str, Text] = {
    "our_error": Text("我方差错：核算规则已修订", "our error: the rules were revised"),
    "late_tariff": Text("热价滞后：公布或登记较晚", "late tariff: published or entered later"),
    "late_data": Text(
        "数据滞后：台账、测温或其他账单较晚", "late data: roster, rooms or other bills came later"
    ),
    "company_error": Text("企业差错：企业更改了账单", "company error: the company changed the bill"),
}

_MONEY = pa.decimal128(18, 2)
_TEXTS = (
    "bill_no",
    "account_no",
    "outcome_before",
    "outcome_after",
    "cause_before",
    "cause_after",
    "reasons",
)
#: One row a bill that differs, the largest change first. ``by_…`` is what each step adds to the overcharge (CNY).
MOVE_SCHEMA: pa.Schema = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in _TEXTS),
        *(
            pa.field(name, _MONEY)
            for name in (
                *("due_before", "due_after", "overcharge_before", "overcharge_after"),
                *(f"by_{reason}" for reason in REASONS),
            )
        ),
    ]
)
_COMPARED = ("outcome", "recomputed_total", "overcharge", "cause")
_READ = ("bill_no", "account_no", *_COMPARED)
_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Known:
    """What a run rested on. ``neighbours`` are bills that were read and not judged."""

    bills: Path
    neighbours: Path | None
    accounts: Path | None
    measured: pa.Table | None
    readings: pa.Table | None = field(kw_only=True, default=None)
    tariffs: tuple[Tariff, ...]
    fees: FeeRegister


class State(NamedTuple):
    """What a run says of a bill."""

    outcome: str | None
    due: Decimal | None
    overcharge: Decimal | None
    cause: str | None


_NOT_THERE = State(None, None, None, None)


def moves(
    before: Known,
    said_before: pa.Table,
    after: Known,
    said_after: pa.Table,
    *,
    city: str,
    service_areas: tuple[str, ...] = (),
) -> pa.Table:
    """``MOVE_SCHEMA``: every bill of which the two runs say something else, and whose that is. ``said_…`` are the outcomes
    recorded; a bill is known by its number. Only the accounts that moved are computed again."""
    said_before, said_after = _that_differ(said_before, said_after)
    was, now = _states(said_before), _states(said_after)
    moved = {number for number in was.keys() | now.keys() if was.get(number) != now.get(number)}
    if not moved:
        return MOVE_SCHEMA.empty_table()
    account_of = _accounts(said_before, moved) | _accounts(said_after, moved)
    steps = _steps(before, after, sorted({one for one in account_of.values() if one}), city, service_areas)
    rows = []
    for number in moved:
        path = [was.get(number, _NOT_THERE)]
        path += [step.get(number, path[0] if number not in was else _NOT_THERE) for step in steps]
        path.append(now.get(number, _NOT_THERE))
        rows.append(_row(number, account_of.get(number), path))
    rows.sort(key=lambda row: (-abs(_change(row)), row["bill_no"] or ""))
    return pa.Table.from_pylist(rows, schema=MOVE_SCHEMA)


def summary(moved: pa.Table, said_before: pa.Table, said_after: pa.Table) -> dict[str, Any]:
    """Of each reason the bills and what they add to the overcharge (CNY as text); under ``stands`` the bills in breach in
    both runs, which were wrong on what was known at either time, and their overcharge in the second."""
    found: dict[str, Any] = {}
    for reason in REASONS:
        hit = moved.filter(pc.match_substring_regex(moved["reasons"], rf"(^|;){reason}(;|$)"))
        if len(hit):
            found[reason] = {"bills": len(hit), "change": str(pc.sum(hit[f"by_{reason}"]).as_py() or _ZERO)}
    breach = pc.equal(said_before["outcome"], "breach")
    wrong = said_before["bill_no"].filter(breach).combine_chunks()
    stands = said_after.filter(
        pc.and_(pc.equal(said_after["outcome"], "breach"), pc.is_in(said_after["bill_no"], value_set=wrong))
    )
    found["stands"] = {"bills": len(stands), "change": str(pc.sum(stands["overcharge"]).as_py() or _ZERO)}
    return found


def _that_differ(before: pa.Table, after: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Of both the bills of which they do not say the same, found in columns: most bills never move."""
    place = pc.index_in(after["bill_no"], value_set=before["bill_no"].combine_chunks())
    same = pc.is_valid(place)
    for name in _COMPARED:
        now, was = after[name], before[name].take(place)
        both_null = pc.and_(pc.is_null(now), pc.is_null(was))
        same = pc.and_(same, pc.or_(both_null, pc.fill_null(pc.equal(now, was), fill_value=False)))
    stays = after["bill_no"].filter(same).combine_chunks()
    return before.filter(pc.invert(pc.is_in(before["bill_no"], value_set=stays))), after.filter(
        pc.invert(same)
    )


def _states(said: pa.Table) -> dict[str, State]:
    columns = (said[name].to_pylist() for name in _COMPARED)
    return {
        number: State(*values)
        for number, *values in zip(said["bill_no"].to_pylist(), *columns, strict=True)
        if number
    }


def _accounts(said: pa.Table, numbers: set[str]) -> dict[str, str | None]:
    pairs = zip(said["bill_no"].to_pylist(), said["account_no"].to_pylist(), strict=True)
    return {number: account for number, account in pairs if number in numbers}


def _steps(
    before: Known, after: Known, accounts: Sequence[str], city: str, areas: tuple[str, ...]
) -> list[dict[str, State]]:
    """What these accounts' bills come to on what was known before, then with the later tariffs, then with the later data."""
    ways = [
        before,
        replace(before, tariffs=after.tariffs, fees=after.fees),
        replace(after, bills=before.bills),
    ]
    found: list[dict[str, State]] = []
    for place, known in enumerate(ways):
        if place and known == ways[place - 1]:
            found.append(found[-1])
        else:
            found.append(_states(_judged(known, accounts, city, areas)))
    return found


def _judged(known: Known, accounts: Sequence[str], city: str, areas: tuple[str, ...]) -> pa.Table:
    """What today's rules say of the bills of these accounts on what was known."""
    wanted = pa.array(accounts, pa.string())
    of_account = pc.field("account_no").isin(wanted)
    mine = pq.read_table(known.bills, filters=of_account, partitioning=None)
    tables = [mine]
    corrected = mine["corrects_bill_no"].drop_null().combine_chunks()
    if len(corrected):
        also = pc.field("bill_no").isin(corrected) & ~of_account
        tables.append(pq.read_table(known.bills, filters=also, partitioning=None))
    if known.neighbours is not None:
        tables.append(pq.read_table(known.neighbours))
    outcomes: list[pa.Table] = []
    with tempfile.TemporaryDirectory(prefix="moves-") as scratch:
        path = Path(scratch) / "bills.parquet"
        pq.write_table(pa.concat_tables(tables), path)
        check_files(
            [path],
            known.accounts,
            known.tariffs,
            city=city,
            service_areas=areas,
            fees=known.fees,
            measured=known.measured,
            readings=known.readings,
            keep=lambda table: outcomes.append(table.select(list(_READ))),
            scratch=Path(scratch),
        )
    return pa.concat_tables(outcomes)


def _row(number: str, account: str | None, path: Sequence[State]) -> dict[str, Any]:
    """The steps of one bill: the runs' own words at both ends, ``path`` has one state more than there are reasons."""
    first, last = path[0], path[-1]
    row: dict[str, Any] = {"bill_no": number, "account_no": account}
    for end, state in (("before", first), ("after", last)):
        row |= {
            f"outcome_{end}": state.outcome,
            f"due_{end}": state.due,
            f"overcharge_{end}": state.overcharge,
            f"cause_{end}": state.cause,
        }
    reasons = []
    for reason, was, now in zip(REASONS, path, path[1:], strict=False):
        row[f"by_{reason}"] = (now.overcharge or _ZERO) - (was.overcharge or _ZERO)
        if was != now:
            reasons.append(reason)
    return {**row, "reasons": ";".join(reasons)}


def _change(row: Mapping[str, Any]) -> Decimal:
    return sum((abs(row[f"by_{reason}"]) for reason in REASONS), _ZERO)


def by_reason(moved: Mapping[str, Any] | None) -> dict[str, tuple[int, Decimal]]:
    """A :func:`summary` as figures: reason → bills, what they add to the overcharge (CNY)."""
    found: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, _ZERO))
    for reason, one in (moved or {}).items():
        found[reason] = (int(one["bills"]), Decimal(one["change"]))
    return dict(found)
