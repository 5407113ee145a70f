"""The two executions of the rules: plain Python for single bills and rows at risk, compiled for columns.

The compiled execution is made on first use from the very functions of :mod:`checks.recompute.rules`; importing this
module does not import numba.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import FunctionType
from typing import Any

import numpy as np
import numpy.typing as npt

from checks.recompute import rules
from checks.recompute.columns import Flags, Ints
from checks.recompute.missing import BIT
from checks.recompute.rules import Due, Facts, Terms

#: From this many rows on the compiled execution is used: below, plain Python is done before numba is loaded.
ROWS_WORTH_COMPILING = 3000
#: From this many rows on it is used where it is at hand already.
ROWS_WORTH_A_CALL = 50

#: So many rows keep a thread busy long enough to be worth starting it.
ROWS_A_THREAD = 200_000

#: No amount beyond 18 digits can be recorded.
RECORDABLE = 10**18

_IN_ORDER = (
    "rounded",
    "charge_by_area",
    "charge_by_meter",
    "surcharge_for_height",
    "late_fee_allowed",
    "due",
    "fits",
    "late_fee_fits",
    "facts_of",
)
#: Called from compiled code alone and laid into it: handing 42 numbers to each call cost more than the arithmetic, and ways in
#: from Python more to compile than the functions.
_INLINED: dict[str, Any] = {
    "forceinline": True,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "error_model": "numpy",
}
_OVER_ROWS: dict[str, Any] = {"nogil": True, "no_cfunc_wrapper": True, "error_model": "numpy"}

#: Numbers in a page of memory, and by how many more than whole pages the columns of a result lie apart.
_PAGE, _APART = 512, 40

_compiling = threading.Lock()
_compiled: dict[str, Callable[..., None]] = {}


def compiled_rules() -> Callable[..., None]:
    """``rules.due_over_rows``, compiled; from the cache on disk where there is one."""
    with _compiling:
        if "due_over_rows" not in _compiled:
            from numba import njit

            names = dict(vars(rules))
            for name in _IN_ORDER:
                source = getattr(rules, name)
                names[name] = njit(**_INLINED)(FunctionType(source.__code__, names, name))
            over_rows = FunctionType(rules.due_over_rows.__code__, names, "due_over_rows")
            try:
                _compiled["due_over_rows"] = njit(cache=True, **_OVER_ROWS)(over_rows)
            except RuntimeError:  # neither the package nor the user's cache folder can be written
                _compiled["due_over_rows"] = njit(**_OVER_ROWS)(over_rows)
    return _compiled["due_over_rows"]


def execute(facts: Facts, groups: Ints, terms: Sequence[Terms], *, compiled: bool | None = None) -> Due:
    """The columns of :class:`~checks.recompute.rules.Due`, one int64 array each; both executions give the same.

    ``facts`` holds one array per field. Amounts that cannot be recorded (over 18 digits) stand as 0 with the missing
    bit ``amount_too_large``.
    """
    rows = len(groups)
    # One block for all columns: the system gives large blocks in large pages, which halves the time of the whole. A row of
    # the result is written to all of them at once: were they whole pages apart, they would take each other's places in the
    # processor's cache.
    block = np.empty((len(Due._fields), rows + (_APART - rows) % _PAGE), dtype=np.int64)[:, :rows]
    out = Due(*block)
    if compiled is None:
        compiled = is_worth_compiling(rows)
    if compiled and rows:
        safe: Flags = np.zeros(rows, dtype=np.bool_)
        columns = Facts(*(np.ascontiguousarray(column, dtype=np.int64) for column in facts))  # type: ignore[arg-type]
        _in_threads(columns, _table_of(terms), np.ascontiguousarray(groups), out, safe)
        at_risk = np.flatnonzero(~safe)
        block[:, at_risk] = 0
        execute_plainly(facts, groups, terms, at_risk, out)
    else:
        block[:] = 0
        execute_plainly(facts, groups, terms, np.arange(rows), out)
    return out


def is_worth_compiling(rows: int) -> bool:
    """Whether so many rows are sooner computed by the compiled rules."""
    return rows >= (ROWS_WORTH_A_CALL if _compiled else ROWS_WORTH_COMPILING)


def _in_threads(facts: Facts, terms: npt.NDArray[np.void], groups: Ints, out: Due, safe: Flags) -> None:
    """The compiled rules over all rows, which run without the interpreter's lock."""
    rules_over_rows = compiled_rules()
    threads = min(len(os.sched_getaffinity(0)), len(groups) // ROWS_A_THREAD)
    if threads < 2:
        rules_over_rows(facts, terms, groups, out, safe)
        return

    def some(start: int) -> None:
        rows = slice(start, start + -(-len(groups) // threads))
        rules_over_rows(
            Facts(*(column[rows] for column in facts)),  # type: ignore[index]
            terms,
            groups[rows],
            Due(*(column[rows] for column in out)),  # type: ignore[index]
            safe[rows],
        )

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(some, range(0, len(groups), -(-len(groups) // threads))))


def execute_plainly(facts: Facts, groups: Ints, terms: Sequence[Terms], rows: Ints, out: Due) -> None:
    """Fill the given rows of ``out`` by the plain execution, exact at any size."""
    columns: Any = out
    for row, given in zip(rows.tolist(), plain_facts(facts, rows), strict=True):
        computed = due_plainly(given, terms[int(groups[row])])
        for column, value in zip(columns, computed, strict=True):
            column[row] = value


def due_plainly(facts: Facts, terms: Terms) -> tuple[int, ...]:
    """What is due on one bill, exact at any size; amounts that cannot be recorded stand as 0 with the missing bit."""
    computed = rules.due(facts, terms)
    if max(computed) >= RECORDABLE or min(computed) <= -RECORDABLE:
        return _TOO_LARGE
    return computed


_TOO_LARGE = tuple(BIT["amount_too_large"] if name == "missing" else 0 for name in Due._fields)


def plain_facts(facts: Facts, rows: Ints) -> Iterator[Facts]:
    """The facts of the given rows as plain integers of any size."""
    taken: list[list[int]] = [np.asarray(column)[rows].tolist() for column in facts]
    return (Facts(*values) for values in zip(*taken, strict=True))


def _table_of(terms: Sequence[Terms]) -> npt.NDArray[np.void]:
    """A row of named int64 for each, of which compiled rules read what they need. A tariff with a number beyond 64 bits gets
    limits that send its rows to the plain execution."""
    held = [t if min(t) >= -(1 << 62) and max(t) <= 1 << 62 else _NEVER_COMPILED for t in terms]
    return np.array([tuple(t) for t in held], dtype=_TERMS)


_TERMS = np.dtype([(name, np.int64) for name in Terms._fields], align=True)
_NEVER_COMPILED = Terms(*([1] * len(Terms._fields)))._replace(
    area_limit=-1, den_limit=-1, heat_limit=-1, late_limit=-(1 << 62)
)
