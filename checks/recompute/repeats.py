"""Bills that speak about other bills: the same service billed twice, and corrections."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.recompute.columns import Flags, Ints, is_all_distinct_by_order, is_in_table, same_value, whole
from checks.recompute.filed import KINDS, FiledBills

_CORRECTION = KINDS.index("correction")


def find_duplicates(bills: pa.Table, filed: FiledBills) -> Flags:
    """True for each bill whose service an earlier bill of the same account, season, kind and method already covers.

    Earlier means issued earlier, then the smaller bill number, then the earlier row. One shared day is no duplicate:
    the day one bill ends on may be the day the next one starts on. Corrections are never duplicates.
    """
    is_duplicate = np.zeros(filed.rows, dtype=np.bool_)
    if filed.rows < 2 or is_all_distinct_by_order(bills, "account_no"):
        return is_duplicate
    account, accounts = same_value(bills, "account_no")
    if accounts == len(account):  # every bill has an account of its own
        return is_duplicate
    key = ((account * max(len(filed.seasons), 1) + filed.season) * len(KINDS) + filed.kind) * 2 + np.maximum(
        filed.method, 0
    )
    judged = (filed.kind >= 0) & (filed.kind != _CORRECTION) & (account >= 0) & filed.has_service
    rows = np.flatnonzero(judged)
    for members in _overlapping(rows, key, filed):
        kept: list[int] = []
        for row in _by_issue(bills, filed, members):
            if any(_days_shared(filed, row, other) > 1 for other in kept):
                is_duplicate[row] = True
            else:
                kept.append(row)
    return is_duplicate


def _overlapping(rows: Ints, key: Ints, filed: FiledBills) -> list[list[int]]:
    """The rows of every key within which some service may overlap by more than a day.

    Sorted by key and start, services overlap only where a start lies before the end of the service just before it.
    """
    rows = rows[np.lexsort((filed.service_from[rows], key[rows]))]
    start, end = filed.service_from[rows], filed.service_to[rows]
    is_last_day_again = (start[1:] == end[:-1]) & (
        start[1:] == end[1:]
    )  # a day of its own that was billed already
    overlaps = (start[1:] < end[:-1]) | (start[1:] == start[:-1]) | is_last_day_again
    candidates = np.unique(key[rows[1:]][overlaps & (key[rows[1:]] == key[rows[:-1]])])
    rows = rows[np.isin(key[rows], candidates)]
    cuts = np.flatnonzero(np.diff(key[rows])) + 1
    return [part.tolist() for part in np.split(rows, cuts) if len(part)]


def _by_issue(bills: pa.Table, filed: FiledBills, rows: list[int]) -> list[int]:
    numbers = bills.column("bill_no").take(pa.array(rows)).to_pylist()
    order = sorted(
        zip(rows, numbers, strict=True),
        key=lambda pair: (int(filed.issued_on[pair[0]]), pair[1] or "", pair[0]),
    )
    return [row for row, _ in order]


def _days_shared(filed: FiledBills, one: int, other: int) -> int:
    start = max(int(filed.service_from[one]), int(filed.service_from[other]))
    end = min(int(filed.service_to[one]), int(filed.service_to[other]))
    same_day = filed.service_from[one] == filed.service_to[one] and start == end
    return 2 if same_day else end - start + 1


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
