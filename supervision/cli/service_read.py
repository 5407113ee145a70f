"""What `supervision recompute` is given of the service itself: rooms measured, requests and outages, and whose bills a row
of them that cannot be read leaves open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from supervision.cli.bills_read import Read, read_file, tables

if TYPE_CHECKING:
    import pyarrow as pa

#: The feed of each option of the command.
FEED_OF = {"temperatures": "room_temperatures", "requests": "service_requests", "outages": "outages"}
_ROSTER = ["account_no", "network_code", "heating_state", "closed_on"]


@dataclass(frozen=True, slots=True)
class ServiceRead:
    """``measured`` is what refunds are computed from (``checks.recompute.service``), None where no file was given.
    ``unreadable`` has the accounts of rows that could not be read and codes of what (``temperatures_room_temp_c``);
    ``strays`` counts by option the rows that could not be tied to any account."""

    measured: pa.Table | None = None
    unreadable: dict[str, set[str]] = field(default_factory=dict)
    strays: Counter[str] = field(default_factory=Counter)

    def tell(self) -> None:
        """Say on standard error how many accounts are left open, and which files have rows of nobody known."""
        if self.unreadable:
            click.echo(
                f"室温、诉求或停热有未能读取的行，所涉 {len(self.unreadable)} 个用户的账单判为“无法判定”。"
                f" / Rows of temperatures, requests or outages cannot be read; the bills of their accounts "
                f"({len(self.unreadable)}) are inconclusive.",
                err=True,
            )
        for said in self.strays_told():
            click.echo(said, err=True)

    def strays_told(self) -> list[str]:
        """One sentence for each file with rows that belong to nobody known."""
        return [
            f"--{option}：有 {number} 行未能读取，也不知属于哪个用户，未予采用，任何账单的退费都可能因此偏少。 / rows that cannot be "
            f"read and belong to no known account: {number}; they were left out, and a refund may be missing for it."
            for option, number in sorted(self.strays.items())
        ]


def read_service(
    temperatures: Path | None,
    requests: Path | None,
    outages: Path | None,
    accounts: Path | None,
    scratch: Path,
) -> ServiceRead:
    """The rooms measured after a request and the time without heat, of the rows that were wholly read. A row of which any
    value could not be read leaves the bills of its account open, one of an outage those of all accounts of its network
    on the roster (``accounts``, as read). Ends the command where a file cannot be used."""
    import pyarrow as pa

    from checks.recompute.service import measured_rooms, time_without_heat

    given = {"temperatures": temperatures, "requests": requests, "outages": outages}
    read = {
        option: _Rows.of(file, FEED_OF[option], scratch) for option, file in given.items() if file is not None
    }
    if not read:
        return ServiceRead()
    good = {option: rows.good for option, rows in read.items()}
    roster = None if outages is None or accounts is None else pa.concat_tables(tables(accounts, _ROSTER))
    found = []
    if "temperatures" in good:
        found.append(measured_rooms(good["temperatures"], good.get("requests")))
    if "outages" in good:
        found.append(time_without_heat(good["outages"], roster, good.get("requests")))
    service = ServiceRead(pa.concat_tables(found) if found else None)
    accounts_of = _owners(read, roster)
    for option, rows in read.items():
        for row, columns in rows.unreadable.items():
            owners = accounts_of(option, rows.bad.get(row))
            for account in owners:
                service.unreadable.setdefault(account, set()).update(f"{option}_{one}" for one in columns)
            if not owners:
                service.strays[option] += 1
    service.tell()
    return service


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a file: wholly read, and the others by number as far as they are there."""

    good: pa.Table
    bad: dict[int, dict[str, Any]]
    unreadable: dict[int, set[str]]

    @classmethod
    def of(cls, file: Path, feed: str, scratch: Path) -> _Rows:
        import pyarrow as pa
        import pyarrow.compute as pc

        from ingest.standard import arrow_schema

        read: Read = read_file(file.absolute(), feed, scratch)
        empty = arrow_schema(feed).empty_table()
        table = pa.concat_tables([empty, *tables(read.path)], promote_options="default")
        hit = pc.is_in(table["source_row"], value_set=pa.array(list(read.unreadable), pa.int32()))
        bad = {row["source_row"]: row for row in table.filter(hit).to_pylist()}
        return cls(table.filter(pc.invert(hit)), bad, read.unreadable)


def _owners(read: Mapping[str, _Rows], roster: pa.Table | None) -> Any:
    """Says of an option and a row of its file (None: it fell apart) which accounts it can belong to."""
    by_network: dict[str, set[str]] = {}
    if roster is not None:
        for account, network in zip(
            roster["account_no"].to_pylist(), roster["network_code"].to_pylist(), strict=True
        ):
            if account is not None and network is not None:
                by_network.setdefault(network, set()).add(account)
    by_request: dict[str, set[str]] = {}
    if "temperatures" in read:
        rows: Iterable[dict[str, Any]] = (
            read["temperatures"].good.select(["account_no", "request_no"]).to_pylist()
        )
        for row in (*rows, *read["temperatures"].bad.values()):
            if row["account_no"] is not None and row["request_no"] is not None:
                by_request.setdefault(row["request_no"], set()).add(row["account_no"])

    def owners(option: str, row: Mapping[str, Any] | None) -> set[str]:
        if row is None:
            return set()
        if option == "outages":
            return by_network.get(row["network_code"] or "", set())
        if row["account_no"] is not None:
            return {row["account_no"]}
        return by_request.get(row["request_no"] or "", set())

    return owners
