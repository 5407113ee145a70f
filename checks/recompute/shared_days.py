"""What earlier bills leave of each bill, with the bills that were billed without the day on which the next one starts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from checks.recompute.columns import Flags, Ints
from checks.recompute.execution import execute
from checks.recompute.facts import prepare
from checks.recompute.filed import FiledBills, Roster, read_bills, read_roster
from checks.recompute.pricing import Choice, per_tariff
from checks.recompute.repeats import Repeats, find_repeats


def settle_shared_days(
    bills: pa.Table,
    accounts: pa.Table | None,
    filed: FiledBills,
    roster: Roster | None,
    choose: Choice,
    *,
    city: str,
    service_areas: tuple[str, ...],
) -> Repeats:
    """What earlier bills leave of each of the bills; heat that they charged is taken out of ``filed``.

    A tariff whose notice ends the season with a day that no longer counts states a convention: a bill may be written so too.
    Where its last day is the first of the next bill and its total is what is due without it, it is read without it.
    """

    def without_last_day(rows: Ints) -> Flags:
        some = bills.take(pa.array(rows))
        of_some = read_bills(some, filed.register)
        nothing = np.zeros(of_some.rows, dtype=np.bool_)
        shorter = {
            row: [(int(start), int(end) - 1)]
            for row, (start, end) in enumerate(zip(of_some.service_from, of_some.service_to, strict=True))
        }
        prepared = prepare(
            of_some,
            None if accounts is None else read_roster(accounts, some),
            choose,
            city=city,
            service_areas=service_areas,
            repeats=Repeats(nothing, nothing, shorter),
        )
        seasons = [tariff.season for tariff in prepared.pricing.tariffs]
        is_written_so = [int(one is not None and not one.end_included) for one in seasons]
        due = execute(prepared.facts, prepared.group, prepared.terms)
        found: Flags = (
            (per_tariff(prepared.pricing.tariffs, is_written_so, 0)[prepared.group] == 1)
            & ((prepared.missing | np.asarray(due.missing)) == 0)
            & (np.asarray(due.total) == of_some.total)
        )
        return found

    repeats = find_repeats(bills, filed, roster, without_last_day)
    repeats.take_heat_out(filed)
    return repeats
