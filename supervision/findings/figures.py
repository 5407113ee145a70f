"""The figures of a run: counted and summed as its outcomes come, some ten thousand at a time."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_NOTHING = Decimal("0.00")


class Figures:
    """The counts and sums of the outcomes added so far."""

    def __init__(self) -> None:
        self._outcomes: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()
        self._bills = self._bounded = 0
        self._billed = self._over = self._under = _NOTHING
        self._within, self._within_over, self._within_under = 0, _NOTHING, _NOTHING

    def add(self, outcomes: pa.Table) -> None:
        """These outcomes count too."""
        import pyarrow.compute as pc

        self._bills += outcomes.num_rows
        self._bounded += pc.sum(pc.equal(outcomes["label"], "bounded")).as_py() or 0
        self._outcomes.update(_counted(outcomes["outcome"]))
        for codes, count in _counted(outcomes["missing"].drop_null()).items():
            self._missing.update(dict.fromkeys(codes.split(";"), count))
        difference = outcomes["overcharge"]
        self._billed += _sum(outcomes["billed_total"])
        self._over += _sum(difference.filter(pc.greater(difference, Decimal(0))))
        self._under -= _sum(difference.filter(pc.less(difference, Decimal(0))))
        self._add_within(outcomes)

    def _add_within(self, outcomes: pa.Table) -> None:
        """Bills that conform although their total is not the recomputed one, because the digit of the meter leaves that
        much open: a small difference in each of very many bills is seen in the sum."""
        import pyarrow.compute as pc

        differ = pc.and_(
            pc.equal(outcomes["outcome"], "conforms"), pc.not_equal(outcomes["overcharge"], Decimal(0))
        )
        found = outcomes["overcharge"].filter(pc.fill_null(differ, fill_value=False))
        self._within += len(found)
        self._within_over += _sum(found.filter(pc.greater(found, Decimal(0))))
        self._within_under -= _sum(found.filter(pc.less(found, Decimal(0))))

    def as_columns(self) -> dict[str, Any]:
        """As a run keeps them. Amounts are CNY; ``amount_under`` is positive."""
        return {
            "bills": self._bills,
            "conforms": self._outcomes["conforms"],
            "breaches": self._outcomes["breach"],
            "inconclusive": self._outcomes["inconclusive"],
            "bounded": self._bounded,
            "billed_total": self._billed,
            "amount_over": self._over,
            "amount_under": self._under,
            "missing": dict(self._missing),
            "within": {
                "bills": self._within,
                "over": str(self._within_over),
                "under": str(self._within_under),
            },
        }


def _counted(column: pa.ChunkedArray) -> dict[str, int]:
    import pyarrow.compute as pc

    return {row["values"]: row["counts"] for row in pc.value_counts(column).to_pylist()}


def _sum(column: pa.ChunkedArray) -> Decimal:
    import pyarrow.compute as pc

    total: Decimal | None = pc.sum(column).as_py()
    return _NOTHING if total is None else total
