"""What was filed of the service itself, brought down to what a refund depends on: rooms measured after a request, and
the time a network was without heat.

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

_INSTANT = pa.timestamp("us", tz="UTC")

#: Two kinds of rows. One for each account and day with a measurement on or after the account's first request;
#: ``requested_on`` is the day of the last request until then. And one for each outage that has ended: of a network
#: (``is_whole``: every heated account on the roster was affected; else which ones is not filed), or of one account that
#: asked for heat while its network was partly without.
MEASURED_SCHEMA: pa.Schema = pa.schema(
    [
        ("account_no", pa.string()),
        ("requested_on", pa.date32()),
        ("day", pa.date32()),
        ("room_temp_c", pa.decimal128(18, 2)),
        ("network_code", pa.string()),
        ("stopped_at", _INSTANT),
        ("resumed_at", _INSTANT),
        ("is_whole", pa.bool_()),
    ]
)

#: Topics of a service request that ask for heat.
COLD = ("low_temperature", "no_heat")

_OFFICIAL_TIME = 8 * 3600 * 1_000_000  # microseconds ahead of UTC
#: A day of 24 hours in microseconds.
DAY = 24 * 3600 * 1_000_000


class Outage(NamedTuple):
    """Time without heat in microseconds since 1970-01-01 in official time; ``is_sure`` where the account was affected
    for certain, else it may have been."""

    start: int
    end: int
    is_sure: bool


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
    rooms = {
        "account_no": pa.array([row[0] for row in rows], pa.string()),
        "requested_on": pa.array([row[1] for row in rows], pa.int32()).cast(pa.date32()),
        "day": pa.array([row[2] for row in rows], pa.int32()).cast(pa.date32()),
        "room_temp_c": _hundredths([row[3] for row in rows]),
    }
    return pa.table(
        rooms | {one.name: pa.nulls(len(rows), one.type) for one in list(MEASURED_SCHEMA)[4:]},
        schema=MEASURED_SCHEMA,
    )


def time_without_heat(
    outages: pa.Table, accounts: pa.Table | None, requests: pa.Table | None = None
) -> pa.Table:
    """``MEASURED_SCHEMA`` out of the feed ``outages``: what has ended, by network. The whole network was affected where
    the outage affected as many accounts as the roster has heated ones in it. Of another outage, an account of the
    network that asked for heat (topic ``no_heat``) while it lasted was affected for certain."""
    heated, network_of = _heated(accounts)
    asked = [] if requests is None else _asked_for_heat(requests)
    rows: list[dict[str, object]] = []
    for one in outages.to_pylist():
        start, end = one["started_at"], one["ended_at"]
        if start is None or end is None or end <= start:
            continue
        network = one["network_code"]
        everybody = heated.get(network, 0)
        is_whole = 0 < everybody <= (one["accounts_affected"] or 0)
        times = {"stopped_at": start, "resumed_at": end}
        rows.append({"network_code": network, "is_whole": is_whole, **times})
        if not is_whole:
            affected = {
                account for account, at in asked if start <= at <= end and network_of.get(account) == network
            }
            rows += [{"account_no": account, "is_whole": True, **times} for account in sorted(affected)]
    return pa.Table.from_pylist(rows, schema=MEASURED_SCHEMA)


def _heated(accounts: pa.Table | None) -> tuple[dict[str, int], dict[str, str]]:
    """Heated accounts that are not closed in each network of the roster, and the network of each account."""
    if accounts is None:
        return {}, {}
    counts: defaultdict[str, int] = defaultdict(int)
    network_of = {}
    columns = ("account_no", "network_code", "heating_state", "closed_on")
    for account, network, state, closed in zip(
        *(accounts[name].to_pylist() for name in columns), strict=True
    ):
        network_of[account] = network
        counts[network] += state == "on" and closed is None
    return counts, network_of


def _asked_for_heat(requests: pa.Table) -> list[tuple[str, object]]:
    columns = (requests[name].to_pylist() for name in ("account_no", "topic", "received_at"))
    return [
        (account, at)
        for account, topic, at in zip(*columns, strict=True)
        if account is not None and at is not None and topic == "no_heat"
    ]


def outages_of(measured: pa.Table) -> tuple[dict[str, list[Outage]], dict[str, list[Outage]]]:
    """The time without heat of each network, and of single accounts, by start."""
    by_network: defaultdict[str, list[Outage]] = defaultdict(list)
    by_account: defaultdict[str, list[Outage]] = defaultdict(list)
    if "stopped_at" not in measured.column_names:
        return by_network, by_account
    some = measured.filter(pc.is_valid(measured["stopped_at"]))
    start, end = (
        some[name].cast(_INSTANT).cast(pa.int64()).to_pylist() for name in ("stopped_at", "resumed_at")
    )
    names = (some[name].to_pylist() for name in ("account_no", "network_code", "is_whole"))
    for account, network, is_sure, first, last in zip(*names, start, end, strict=True):
        kept = by_network[network] if account is None else by_account[account]
        kept.append(Outage(first + _OFFICIAL_TIME, last + _OFFICIAL_TIME, bool(is_sure)))
    return (
        {name: sorted(found) for name, found in by_network.items()},
        {name: sorted(found) for name, found in by_account.items()},
    )


def by_account(measured: pa.Table) -> dict[str, list[Measured]]:
    """The measured days of each account, in order."""
    found: defaultdict[str, list[Measured]] = defaultdict(list)
    measured = measured.filter(pc.is_valid(measured["day"]))
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
    return [None if value is None else (value + _OFFICIAL_TIME) // DAY for value in micros]


def _hundredths(values: Sequence[int]) -> pa.Array:
    words = np.zeros((len(values), 2), dtype="<i8")
    words[:, 0] = values
    words[:, 1] = words[:, 0] >> 63
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(values), [None, pa.py_buffer(words)])
