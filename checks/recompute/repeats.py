"""Bills that speak about other bills: days that an earlier bill charged already, and corrections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.recompute.columns import Flags, Ints, is_all_distinct_by_order, is_in_table, same_value, whole
from checks.recompute.filed import KINDS, FiledBills, Roster
from checks.recompute.pricing import METHODS

_CORRECTION, _SETTLEMENT = KINDS.index("correction"), KINDS.index("settlement")
_METERED = METHODS.index("metered")

#: So many days fit beside an account and season into one number.
_DAYS_IN_A_KEY = 1 << 20

#: First and last day, both counted, as days since 1970-01-01.
Stretch = tuple[int, int]
#: Of these bills, whether each was billed without its last day, on which the next one starts.
WithoutLastDay = Callable[[Ints], Flags]


@dataclass(slots=True)
class Repeats:
    """What earlier bills of the account leave of each bill. Where they leave nothing it is a duplicate; ``by_other`` where
    none of them states its method. ``left`` has the stretches of days that are still to be billed, where
    some are, ``heat_billed`` the heat (0.001 of the unit) between its readings that they charged, ``heat_open`` the bills of whose heat that
    cannot be told, ``earlier`` the bills in question, by row."""

    is_duplicate: Flags
    by_other: Flags
    left: dict[int, list[Stretch]] = field(default_factory=dict)
    heat_billed: dict[int, int] = field(default_factory=dict)
    heat_open: list[int] = field(default_factory=list)
    earlier: dict[int, list[int]] = field(default_factory=dict)

    def of(self, rows: Ints) -> Repeats:
        """What is left of these rows alone, in this order."""
        place = {row: number for number, row in enumerate(rows.tolist())}
        return Repeats(
            self.is_duplicate[rows],
            self.by_other[rows],
            {place[row]: left for row, left in self.left.items() if row in place},
            {place[row]: heat for row, heat in self.heat_billed.items() if row in place},
            [place[row] for row in self.heat_open if row in place],
        )

    def take_heat_out(self, filed: FiledBills) -> None:
        """The heat that was billed already is no part of the bills any more; the columns are changed, not those given."""
        if self.heat_billed:
            filed.heat, filed.reading_to = filed.heat.copy(), filed.reading_to.copy()
        for row, heat in self.heat_billed.items():
            filed.heat[row] = max(int(filed.heat[row]) - heat, 0)
            filed.reading_to[row] -= heat


def find_repeats(
    bills: pa.Table, filed: FiledBills, roster: Roster | None, without_last_day: WithoutLastDay
) -> Repeats:
    """What bills issued before leave of each bill.

    Earlier means issued earlier, then the smaller bill number, then the earlier row. Two bills of an account and season are about
    the same service whatever their kinds and methods; only the prepayment of a metered account and its settlement go
    together. The method is the roster's where the account is on it. Corrections charge no days.
    """
    nothing = np.zeros(filed.rows, dtype=np.bool_)
    found = Repeats(nothing, nothing.copy())
    if filed.rows < 2 or is_all_distinct_by_order(bills, "account_no"):
        return found
    account, accounts = same_value(bills, "account_no")
    if accounts == len(account):  # every bill has an account of its own
        return found
    season = account * (len(filed.seasons) + 1) + filed.season + 1  # -1: none
    judged = (filed.kind >= 0) & (filed.kind != _CORRECTION) & (account >= 0) & filed.has_service
    rows = np.flatnonzero(judged & (filed.service_to >= filed.service_from))
    method = filed.method if roster is None else np.where(roster.found, roster.method, filed.method)
    by_meter = (filed.kind == _SETTLEMENT) & (method == _METERED)
    groups = _overlapping(rows, season, by_meter, filed)
    if not groups:
        return found
    settles = _Settling(filed, method, by_meter)
    ends = filed.service_to.copy()
    _give_last_days_away(groups, filed, settles, ends, without_last_day, found)
    for group in groups:
        earlier: list[int] = []
        for row in _by_issue(bills, filed, group):
            _settle(found, filed, settles, ends, row, earlier)
            earlier.append(row)
    return found


@dataclass(frozen=True, slots=True)
class _Settling:
    """Which bills are about the same service, and which charge heat by a meter."""

    filed: FiledBills
    method: Ints
    by_meter: Flags  # the settlements of metered accounts

    def is_about_the_same(self, one: int, other: int) -> bool:
        kinds = self.filed.kind
        return bool(kinds[one] == kinds[other] or not (self.by_meter[one] or self.by_meter[other]))

    def charges_heat(self, row: int) -> bool:
        lines = self.filed.lines
        in_parts = lines["base_charge"][row] != 0 or lines["metered_charge"][row] != 0
        return bool(self.method[row] == _METERED and (self.filed.kind[row] == _SETTLEMENT or in_parts))


def _overlapping(rows: Ints, season: Ints, by_meter: Flags, filed: FiledBills) -> list[list[int]]:
    """The rows of every account and season of which some share a day and may be about the same service: those of one
    kind, and where an account is not settled by its meter all of them."""
    by_kind = season * len(KINDS) + filed.kind
    candidates = [season[_sharing_a_day(rows, by_kind, filed)]]
    by_area = rows[(filed.kind[rows] == _SETTLEMENT) & ~by_meter[rows]]
    if len(by_area):
        some = rows[np.isin(season[rows], season[by_area]) & ~by_meter[rows]]
        candidates.append(season[_sharing_a_day(some, season, filed)])
    wanted = np.unique(np.concatenate(candidates))
    if not len(wanted):
        return []
    rows = rows[np.isin(season[rows], wanted)]
    rows = rows[np.argsort(season[rows], kind="stable")]
    cuts = np.flatnonzero(np.diff(season[rows])) + 1
    return [part.tolist() for part in np.split(rows, cuts)]


def _sharing_a_day(rows: Ints, key: Ints, filed: FiledBills) -> Ints:
    """One row of every pair of neighbours of a key that share a day. Sorted by key and start, services overlap only
    where a start does not lie after the end of the service just before it."""
    start, key = filed.service_from[rows], key[rows]
    first = int(start.min()) if len(start) else 0
    if len(start) and int(start.max()) - first < _DAYS_IN_A_KEY and int(key.max()) < _DAYS_IN_A_KEY << 20:
        order = np.argsort(key * _DAYS_IN_A_KEY + (start - first), kind="stable")  # files are mostly in order
    else:
        order = np.lexsort((start, key))
    rows, start, key = rows[order], start[order], key[order]
    shares = (start[1:] <= filed.service_to[rows[:-1]]) & (key[1:] == key[:-1])
    found: Ints = rows[1:][shares]
    return found


def _by_issue(bills: pa.Table, filed: FiledBills, rows: list[int]) -> list[int]:
    numbers = bills.column("bill_no").take(pa.array(rows)).to_pylist()
    order = sorted(
        zip(rows, numbers, strict=True),
        key=lambda pair: (int(filed.issued_on[pair[0]]), pair[1] or "", pair[0]),
    )
    return [row for row, _ in order]


def _give_last_days_away(
    groups: list[list[int]],
    filed: FiledBills,
    settles: _Settling,
    ends: Ints,
    without_last_day: WithoutLastDay,
    found: Repeats,
) -> None:
    """Where the last day of a bill is the first of another, and the bill was billed without it, the day is the other's."""
    meeting = [
        row
        for group in groups
        for row in group
        if filed.service_to[row] > filed.service_from[row]
        and any(
            other != row
            and filed.service_from[other] == filed.service_to[row]
            and settles.is_about_the_same(row, other)
            for other in group
        )
    ]
    if not meeting:
        return
    rows = np.array(meeting, dtype=np.int64)
    for row in rows[without_last_day(rows)].tolist():
        ends[row] -= 1
        found.left[row] = [(int(filed.service_from[row]), int(ends[row]))]


def _settle(
    found: Repeats, filed: FiledBills, settles: _Settling, ends: Ints, row: int, earlier: list[int]
) -> None:
    """What the ``earlier`` bills of the account and season leave of one."""
    first, last = int(filed.service_from[row]), int(ends[row])
    same = [
        one
        for one in earlier
        if settles.is_about_the_same(row, one) and filed.service_from[one] <= last and ends[one] >= first
    ]
    if not same:
        return
    found.earlier[row] = same
    left = _without((first, last), [(int(filed.service_from[one]), int(ends[one])) for one in same])
    if not left:
        found.is_duplicate[row] = True
        found.left.pop(row, None)
        found.by_other[row] = not any(filed.method[one] == filed.method[row] for one in same)
        return
    found.left[row] = left
    if settles.charges_heat(row):
        _settle_heat(found, filed, settles, row, same, last - first + 1 - sum(b - a + 1 for a, b in left))


def _settle_heat(
    found: Repeats, filed: FiledBills, settles: _Settling, row: int, same: list[int], days: int
) -> None:
    """The heat between the readings of the bill that earlier ones charged. Where readings or units do not say, it is
    open; one shared day alone may be the day on which the meter was read."""
    heat = 0
    for one in same:
        if not settles.charges_heat(one):
            continue
        told = filed.has_readings[row] and filed.has_readings[one]
        if not told or filed.heat_unit[row] != filed.heat_unit[one]:
            if days > 1:
                found.heat_open.append(row)
            continue
        opens = max(int(filed.reading_from[row]), int(filed.reading_from[one]))
        closes = min(int(filed.reading_to[row]), int(filed.reading_to[one]))
        heat = max(heat, closes - opens)
    if heat:
        found.heat_billed[row] = heat


def _without(service: Stretch, taken: list[Stretch]) -> list[Stretch]:
    """The stretches of the service that lie in none of those taken."""
    left = [service]
    for start, end in taken:
        left = [
            part
            for a, b in left
            for part in ((a, min(b, start - 1)), (max(a, end + 1), b))
            if part[0] <= part[1]
        ]
    return left


class Corrections:
    """Which bill each correction of the table corrects, following corrections of corrections to the original."""

    def __init__(self, bills: pa.Table, filed: FiledBills) -> None:
        self.rows: list[int] = np.flatnonzero(filed.kind == _CORRECTION).tolist()
        self.original: dict[int, int] = {}
        if not self.rows:
            return
        numbers = whole(bills, "bill_no", pa.string())
        numbers = numbers.cast(pa.string()) if pa.types.is_dictionary(numbers.type) else numbers
        corrects = whole(bills, "corrects_bill_no", pa.string()).cast(pa.string())
        found = is_in_table(corrects.take(pa.array(self.rows)), numbers)
        known = pc.is_valid(corrects.take(pa.array(self.rows))).to_pylist()
        step = {
            row: int(to) for row, to, given in zip(self.rows, found, known, strict=True) if given and to >= 0
        }
        for row in self.rows:
            root, seen = row, {row}
            while root in step and step[root] not in seen:
                root = step[root]
                seen.add(root)
            if filed.kind[root] != _CORRECTION:
                self.original[row] = root
        self.rows = _by_issue(bills, filed, self.rows)
