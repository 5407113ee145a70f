"""What a check rests on: the bills as signed, the roster, related bills of the season, and the tariffs at hand."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from checks.fees import FeeRegister, register_of, shipped_register
from checks.tariffs.load import tariff_digest
from checks.tariffs.record import Tariff
from ingest.evidence import EvidenceStore
from supervision.fees import FeeService
from supervision.filings.models import Filing
from supervision.filings.reading import FilingReading
from supervision.journal import canonical
from supervision.settings import Clock
from supervision.tariffs import TariffService

if TYPE_CHECKING:
    import pyarrow as pa

BILLS, ACCOUNTS = "bills", "accounts"
TEMPERATURES, REQUESTS, OUTAGES = "room_temperatures", "service_requests", "outages"
READINGS = "readings"


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything of one check, read in one transaction. ``siblings`` are the digests of the other bills in force of
    the same season, ``temperatures``, ``requests`` and ``outages`` those of the season's measurements, service requests and outages in
    force."""

    filing_id: int
    company_id: int
    period: str
    season: str
    city: str
    service_areas: tuple[str, ...]
    bills_digest: str
    accounts_filing_id: int | None
    accounts_digest: str | None
    siblings: tuple[str, ...]
    temperatures: tuple[str, ...]
    requests: tuple[str, ...]
    outages: tuple[str, ...]
    readings: tuple[str, ...]
    tariffs: tuple[Tariff, ...]
    fees: FeeRegister

    @property
    def tariff_digests(self) -> list[list[str]]:
        return [[tariff.id, tariff_digest(tariff)] for tariff in self.tariffs]


@dataclass(frozen=True, slots=True)
class AsOf:
    """What may be known: tariffs and charges whose notice was published by ``law`` (a day), filings in force at ``data``. None: now."""

    law: dt.date | None = None
    data: dt.datetime | None = None


NOW = AsOf()


def inputs_of(
    session: Session, clock: Clock, evidence: EvidenceStore, filing: Filing, as_of: AsOf = NOW
) -> Inputs:
    """The inputs of a check of ``filing`` (bills, in force at the time) as they were known then."""
    reading = FilingReading(session, evidence)

    def in_force(feed: str) -> Sequence[Filing]:
        if as_of.data is None:
            return reading.in_force(filing.company_id, filing.season, feed)
        return reading.in_force_at(filing.company_id, filing.season, as_of.data, feed)

    roster = next((one for one in in_force(ACCOUNTS) if one.period == filing.season), None)
    siblings = [one for one in in_force(BILLS) if one.id != filing.id]
    tariffs = TariffService(session, clock)
    city = filing.company.city
    return Inputs(
        filing_id=filing.id,
        company_id=filing.company_id,
        period=filing.period,
        season=filing.season,
        city=filing.company.city,
        service_areas=tuple(filing.company.service_areas),
        bills_digest=_table(filing),
        accounts_filing_id=roster.id if roster else None,
        accounts_digest=_table(roster) if roster else None,
        siblings=tuple(sorted(_table(one) for one in siblings)),
        temperatures=_tables(in_force(TEMPERATURES)),
        requests=_tables(in_force(REQUESTS)),
        outages=_tables(in_force(OUTAGES)),
        readings=_tables(in_force(READINGS)),
        tariffs=tariffs.all(city=city) if as_of.law is None else tariffs.known(city, as_of.law),
        fees=FeeService(session).register(law=as_of.law),
    )


def fees_of(evidence: EvidenceStore, digest: str | None) -> FeeRegister:
    """The register of charges that a run had at hand; None: it is from before charges were entered in the portal."""
    return shipped_register() if digest is None else register_of(evidence.read_bytes(digest))


def measured_of(evidence: EvidenceStore, inputs: Inputs) -> pa.Table | None:
    """The rooms measured after a request and the time without heat (``checks.recompute.service``); None where neither
    temperatures nor outages are in force."""
    import pyarrow as pa

    from checks.recompute.service import measured_rooms, time_without_heat

    def all_of(digests: Sequence[str]) -> pa.Table | None:
        tables = [evidence.read_table(digest) for digest in digests]
        return pa.concat_tables(tables) if tables else None

    rooms, requests, outages = (
        all_of(digests) for digests in (inputs.temperatures, inputs.requests, inputs.outages)
    )
    found = [] if rooms is None else [measured_rooms(rooms, requests)]
    if outages is not None:
        columns = ["account_no", "network_code", "heating_state", "closed_on"]
        digest = inputs.accounts_digest
        roster = None if digest is None else evidence.read_table(digest, columns)
        found.append(time_without_heat(outages, roster, requests))
    return pa.concat_tables(found) if found else None


def readings_of(evidence: EvidenceStore, inputs: Inputs) -> pa.Table | None:
    """The filed readings that a bill may rest on, by account (``checks.causes.readings``); None without readings or roster, and
    where no bill states heat: what the meters show cannot change what is said of it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from checks.causes.readings import readings_of_accounts, readings_that_bill

    if not inputs.readings or inputs.accounts_digest is None:
        return None
    by_heat = _billed_by_heat(evidence, inputs)
    if len(by_heat) == 0:
        return None
    roster = evidence.read_table(inputs.accounts_digest, ["account_no", "meter_no"])
    roster = roster.filter(pc.is_in(roster["account_no"], value_set=by_heat))
    columns = ["meter_no", "read_at", "kind", "energy", "energy_unit"]
    filed = [readings_that_bill(evidence.read_table(digest, columns)) for digest in inputs.readings]
    return readings_of_accounts(pa.concat_tables(filed), roster)


def _billed_by_heat(evidence: EvidenceStore, inputs: Inputs) -> pa.Array:
    """The accounts of which a bill states heat or a reading."""
    import pyarrow.compute as pc

    bills = evidence.read_table(inputs.bills_digest, ["account_no", "heat_used", "reading_to"])
    stated = pc.or_(pc.is_valid(bills["heat_used"]), pc.is_valid(bills["reading_to"]))
    return pc.unique(bills.filter(stated)["account_no"]).drop_null()


def digest_of_inputs(
    inputs: Inputs,
    neighbours_digest: str | None,
    measured_digest: str | None,
    readings_digest: str | None,
    rules_digest: str,
) -> str:
    """One digest over all that decides the outcomes: equal digests, equal outcomes."""
    return _sha256(
        {
            "bills": inputs.bills_digest,
            "accounts": inputs.accounts_digest,
            "neighbours": neighbours_digest,
            "measured": measured_digest,
            "readings": readings_digest,
            "city": inputs.city,
            "service_areas": list(inputs.service_areas),
            "tariffs": digest_of_tariffs(inputs.tariff_digests),
            "fees": inputs.fees.digest,
            "rules": rules_digest,
            "causes": digest_of_causes(),
        }
    )


@cache
def digest_of_causes() -> str:
    """One digest over the sources of the search for causes: another search may name another cause."""
    import checks.causes

    files = sorted(Path(checks.causes.__file__).parent.glob("*.py"))
    return _sha256([[file.name, hashlib.sha256(file.read_bytes()).hexdigest()] for file in files])


def digest_of_tariffs(digests: Sequence[Sequence[str]]) -> str:
    return _sha256([list(pair) for pair in digests])


def _sha256(value: object) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def _tables(filings: Sequence[Filing]) -> tuple[str, ...]:
    return tuple(_table(one) for one in filings)


def _table(filing: Filing) -> str:
    if filing.table_digest is None:
        raise ValueError(f"filing {filing.public_id} is in force without rows")
    return filing.table_digest
