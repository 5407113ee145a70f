"""What was filed of the service itself, brought down to what a refund depends on: rooms measured after a request.

Instants are taken in the official time of China (UTC+8). A day's temperature is the lowest that was measured in any room
of the account that day, by whomever.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.recompute.columns import unscaled

#: One row for each account and day with a measurement on or after the account's first request; ``requested_on`` is the
#: day of the last request until then.
MEASURED_SCHEMA: pa.Schema = pa.schema(
    [
        ("account_no", pa.string()),
        ("requested_on", pa.date32()),
        ("day", pa.date32()),
        ("room_temp_c", pa.decimal128(18, 2)),
    ]
)

#: Topics of a service request that ask for heat.
COLD = ("low_temperature", "no_heat")

_OFFICIAL_TIME = 8 * 3600 * 1_000_000  # microseconds ahead of UTC
_DAY = 24 * 3600 * 1_000_000


class Measured(NamedTuple):
    """A day with a measurement: days since 1970-01-01, temperature in 0.01 °C."""

    requested_on: int
    day: int
    centidegrees: int


def measured_rooms(temperatures: pa.Table, requests: pa.Table | None) -> pa.Table:
    """``MEASURED_SCHEMA`` out of the feeds ``room_temperatures`` and ``service_requests``, by account and day. A
    measurement that names a request counts as asked for, also where the request itself was not filed."""
    asked = _requests(temperatures, requests)
    wanted = temperatures.filter(
        pc.is_in(temperatures["account_no"], value_set=pa.array(sorted(asked), pa.string()))
    )
    temps, given = unscaled(wanted, "room_temp_c", pa.decimal128(18, 2))
    lowest: dict[tuple[str, int], int] = {}
    for account, day, temp, is_given in zip(
        wanted["account_no"].to_pylist(),
        _local_days(wanted, "measured_at"),
        temps.tolist(),
        given,
        strict=True,
    ):
        if day is not None and is_given:
            lowest[account, day] = min(temp, lowest.get((account, day), temp))
    rows = []
    for (account, day), temp in sorted(lowest.items()):
        days = asked[account]
        place = bisect.bisect_right(days, day)
        if place:
            rows.append((account, days[place - 1], day, temp))
    return pa.table(
        {
            "account_no": pa.array([row[0] for row in rows], pa.string()),
            "requested_on": pa.array([row[1] for row in rows], pa.int32()).cast(pa.date32()),
            "day": pa.array([row[2] for row in rows], pa.int32()).cast(pa.date32()),
            "room_temp_c": _hundredths([row[3] for row in rows]),
        },
        schema=MEASURED_SCHEMA,
    )


def by_account(measured: pa.Table) -> dict[str, list[Measured]]:
    """The measured days of each account, in order."""
    found: defaultdict[str, list[Measured]] = defaultdict(list)
    temps, _ = unscaled(measured, "room_temp_c", pa.decimal128(18, 2))
    requested, day = (measured[name].cast(pa.int32()).to_pylist() for name in ("requested_on", "day"))
    for account, *row in zip(measured["account_no"].to_pylist(), requested, day, temps.tolist(), strict=True):
        found[account].append(Measured(*row))
    return {account: sorted(rows, key=lambda one: one.day) for account, rows in found.items()}


def _requests(temperatures: pa.Table, requests: pa.Table | None) -> Mapping[str, Sequence[int]]:
    """The days on which each account asked for heat."""
    asked: defaultdict[str, set[int]] = defaultdict(set)
    named: dict[str, int] = {}
    if requests is not None:
        topics = requests["topic"].to_pylist()
        days = _local_days(requests, "received_at")
        rows = zip(
            requests["request_no"].to_pylist(), requests["account_no"].to_pylist(), topics, days, strict=True
        )
        for number, account, topic, day in rows:
            if day is None:
                continue
            named[number] = day
            if account is not None and topic in COLD:
                asked[account].add(day)
    for_request = temperatures.filter(temperatures["request_no"].is_valid())
    rows_of = zip(
        for_request["account_no"].to_pylist(),
        for_request["request_no"].to_pylist(),
        _local_days(for_request, "measured_at"),
        strict=True,
    )
    for account, number, day in rows_of:
        if account is not None and day is not None:
            asked[account].add(min(named.get(number, day), day))
    return {account: sorted(days) for account, days in asked.items()}


def _local_days(table: pa.Table, name: str) -> list[int | None]:
    micros = table[name].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_pylist()
    return [None if value is None else (value + _OFFICIAL_TIME) // _DAY for value in micros]


def _hundredths(values: Sequence[int]) -> pa.Array:
    words = np.zeros((len(values), 2), dtype="<i8")
    words[:, 0] = values
    words[:, 1] = words[:, 0] >> 63
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(values), [None, pa.py_buffer(words)])
