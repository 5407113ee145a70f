"""Where a bill's own statements can lawfully be read in more than one way: the reading that gives its total is taken.

A company is not accused on a reading of ours. What is in doubt is little: without a roster, whether the area billed
already holds the tariff's factor, and whether the conversion that stands for an area that is not on the deed was used;
and whether a surcharge by net height stands inside the area charge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from checks.recompute.columns import Flags, Ints
from checks.recompute.execution import execute
from checks.recompute.filed import BASES, FiledBills
from checks.recompute.missing import BIT
from checks.recompute.rules import Due, Facts
from checks.tariffs.record import Tariff

if TYPE_CHECKING:
    from checks.recompute.facts import Prepared


@dataclass(frozen=True, slots=True)
class Doubt:
    """Another reading of the rows ``where``: other facts, under which the missing bits ``settles`` are not missing."""

    where: Flags
    facts: dict[str, Ints]
    settles: int = 0


def doubts_about_area(filed: FiledBills, tariffs: Sequence[Tariff], group: Ints) -> list[Doubt]:
    """The other readings of a billed area where no roster says what the areas are."""
    found = []
    for place, tariff in enumerate(tariffs):
        own = None if tariff.area_basis is None else BASES.index(tariff.area_basis)
        here = (group == place) & filed.has_area
        lawful = (tariff.area_factor, *(one.factor for one in tariff.area_factors))
        factors = [(own, Fraction(factor), 0) for factor in lawful]
        missing = BIT["area_of_basis_missing"]
        factors += [
            (BASES.index(f.basis), f.share, missing)
            for f in tariff.area_fallbacks
            if f.basis is not tariff.area_basis
        ]
        for basis, factor, settles in factors:
            where = here & (filed.basis == basis)
            if factor != 1 and where.any():
                num, den = (np.full(filed.rows, part, dtype=np.int64) for part in factor.as_integer_ratio())
                found.append(Doubt(where, {"area_num": num, "area_den": den}, settles))
    return found


def settle_doubts(prepared: Prepared, due: Due, missing: Ints) -> None:
    """Take each doubtful reading for the rows whose total it gives to the fen and the first reading does not: facts,
    amounts and ``missing`` of these rows are then those of that reading."""
    filed = prepared.filed
    for doubt in prepared.doubts:
        open_still = np.where(missing == 0, filed.total != due.total, (missing & ~doubt.settles) == 0)
        rows = np.flatnonzero(doubt.where & open_still)
        if len(rows) == 0:
            continue
        some = prepared.facts._replace(**doubt.facts)  # type: ignore[arg-type]
        facts = Facts(*(np.asarray(column)[rows] for column in some))  # type: ignore[arg-type]
        found = execute(facts, prepared.group[rows], prepared.terms)
        fits = (np.asarray(found.missing) == 0) & (found.total == filed.total[rows])
        taken = rows[fits]
        missing[taken] = 0
        for name, column in doubt.facts.items():
            getattr(prepared.facts, name)[taken] = column[taken]
        for name in Due._fields:
            getattr(due, name)[taken] = np.asarray(getattr(found, name))[fits]


def leave_open(prepared: Prepared, due: Due, missing: Ints) -> None:
    """Mark what a lower bill may rightly rest on: a net height below the height filed, a price for low incomes, heat
    shared out among flats; the last only where the bill would come to another amount by its readings."""
    filed = prepared.filed
    billed = filed.lines["height_surcharge"]
    below = prepared.is_net_height & (due.height_surcharge > billed) & (filed.total < due.total)
    reduced = prepared.may_be_reduced & (filed.total < due.total)
    rows = np.flatnonzero((missing == 0) & prepared.below_the_meter)
    if len(rows):
        by_meter = prepared.facts._replace(heat=filed.reading_to - filed.reading_from)  # type: ignore[arg-type]
        facts = Facts(*(np.asarray(column)[rows] for column in by_meter))  # type: ignore[arg-type]
        found = execute(facts, prepared.group[rows], prepared.terms)
        is_same = (np.asarray(found.missing) == 0) & (found.total == np.asarray(due.total)[rows])
        missing[rows[~is_same]] = BIT["heat_below_readings"]
    missing[(missing == 0) & below] = BIT["net_height_missing"]
    missing[(missing == 0) & reduced] = BIT["low_income_price_unknown"]
