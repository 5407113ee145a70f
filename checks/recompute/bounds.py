"""How certain a recomputation is: exact, known to a range, or not to be computed; and which totals a range allows.

Four inputs are known to a range only: heat that a counter shows to a digit, a storey height that stands for the net
height below it, the time without heat of an account in a network of which only a part was without (OIML R 75 and
EN 1434 call the first the resolution of the indicating device), and a refund or subsidy that is taken as filed: what is
due lies between the amount with it and the amount without.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from checks.recompute.columns import Flags, Ints
from checks.recompute.execution import execute
from checks.recompute.facts import beyond_the_meter
from checks.recompute.filed import FiledBills
from checks.recompute.heights import goes_by_net_height
from checks.recompute.rules import Due, Facts

if TYPE_CHECKING:
    from checks.recompute.facts import Prepared

#: How certain the amount due is.
LABELS = ("exact", "bounded", "not_computable")


@dataclass(frozen=True, slots=True)
class HeatRange:
    """Where the heat is known to a digit of the counter only, its ends in 0.001 of the unit."""

    where: Flags
    least: Ints
    greatest: Ints


def heat_range(filed: FiledBills) -> HeatRange:
    """Heat between two readings that both show a digit coarser than 0.001: it may be a digit more or less than their
    difference. Heat that is stated beside them is in doubt only where it differs from it, by less than a digit."""
    beyond, digit = beyond_the_meter(filed)
    by_meter = filed.reading_to - filed.reading_from
    alone = filed.has_readings & ~filed.has_heat & (by_meter >= 0)
    rows = np.flatnonzero(alone)
    for coarser in (10, 100, 1000):
        is_coarse = (filed.reading_from[rows] % coarser == 0) & (filed.reading_to[rows] % coarser == 0)
        digit[rows[is_coarse]] = coarser
    where = (alone & (digit > 1)) | ((beyond != 0) & (np.abs(beyond) < digit))
    return HeatRange(where, np.maximum(by_meter - digit, 0), by_meter + digit)


def bounds_of(prepared: Prepared, due: Due, missing: Ints) -> tuple[Flags, Flags]:
    """Where the amount due is known to a range, and where the billed total lies in the range that the counter's digit
    leaves, without being the amount that was computed."""
    filed, facts = prepared.filed, prepared.facts
    heat = heat_range(filed)
    by_heat = heat.where & (np.asarray(facts.two_part) == 1)
    by_height = goes_by_net_height(prepared.pricing.tariffs, prepared.group) & (
        np.asarray(facts.height_num) != 0
    )
    is_bounded: Flags = np.zeros(filed.rows, dtype=np.bool_)
    is_within: Flags = np.zeros(filed.rows, dtype=np.bool_)
    rows = np.flatnonzero((missing == 0) & (by_heat | by_height))
    if len(rows):
        filed_heat = np.asarray(facts.heat)
        least = facts._replace(
            heat=np.where(by_heat, heat.least, filed_heat),  # type: ignore[arg-type]
            height_num=np.where(by_height, 0, facts.height_num),  # type: ignore[arg-type]
        )
        greatest = facts._replace(heat=np.where(by_heat, heat.greatest, filed_heat))  # type: ignore[arg-type]
        lower, upper = (
            execute(
                Facts(*(np.asarray(column)[rows] for column in end)),  # type: ignore[arg-type]
                prepared.group[rows],
                prepared.terms,
            )
            for end in (least, greatest)
        )
        is_bounded[rows] = (np.asarray(lower.missing) == 0) & (np.asarray(upper.missing) == 0)
        total = filed.total[rows]
        is_within[rows] = (
            (lower.total <= total) & (total <= upper.total) & (total != np.asarray(due.total)[rows])
        )
        is_within &= is_bounded & by_heat & ~by_height
    for row, refund in prepared.refunds.items():
        # an outage that hit a part of the network: whose homes is not filed
        is_open = refund.rooms_open or (refund.dark is not None and refund.dark.is_open)
        is_bounded[row] |= is_open and missing[row] == 0
    is_bounded |= (taken_as_filed(prepared) != 0) & (missing == 0)
    return is_bounded, is_within


def taken_as_filed(prepared: Prepared) -> Ints:
    """Fen, never positive: by how much a refund and a subsidy that no rule proves lower what is due."""
    found: Ints = np.array(prepared.facts.stated, dtype=np.int64)
    for row, refund in prepared.refunds.items():
        billed = int(prepared.filed.lines["refund"][row])
        if refund.proves(billed):
            found[row] -= refund.line(billed)
    return found
