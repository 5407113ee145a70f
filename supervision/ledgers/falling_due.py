"""Refunds that fell due after their bills: what they rest on, season by season, and what was found of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.filings.models import Filing
from supervision.findings.inputs import Inputs, inputs_of, measured_of
from supervision.settings import Clock

if TYPE_CHECKING:
    import pyarrow as pa


def seasons_of(session: Session, clock: Clock, evidence: EvidenceStore, company_id: int) -> list[Inputs]:
    """What the refunds of each season rest on, of the seasons of which bills and rooms measured or outages are in force."""
    query = (
        select(Filing)
        .where(Filing.company_id == company_id, Filing.is_current, Filing.feed == "bills")
        .order_by(Filing.season, Filing.period, Filing.id)
    )
    first: dict[str, Filing] = {}
    for filing in session.scalars(query):
        if filing.table_digest is not None:
            first.setdefault(filing.season, filing)
    found = [inputs_of(session, clock, evidence, filing) for filing in first.values()]
    return [one for one in found if one.temperatures or one.outages]


def in_words(seasons: Sequence[Inputs]) -> list[list[Any]]:
    """What decides the refunds beside bills and payments, for a digest."""
    return [
        [one.season, one.accounts_digest, one.temperatures, one.requests, one.outages, one.tariff_digests]
        for one in seasons
    ]


def found_in(
    evidence: EvidenceStore, seasons: Sequence[Inputs], bills: Sequence[tuple[str, str]], payments: pa.Table
) -> pa.Table:
    """Every bill on which a refund fell due after its issue, the most owed first. ``bills`` are identifiers and digests of
    the bills in force."""
    import pyarrow as pa

    from checks.ledger import REFUNDS_SCHEMA, refunds_owed

    tables = [REFUNDS_SCHEMA.empty_table()]
    for one in seasons:
        wanted = {one.bills_digest, *one.siblings}
        of_season = [
            (table := evidence.read_table(digest)).append_column(
                "filing", pa.repeat(pa.scalar(public_id), table.num_rows)
            )
            for public_id, digest in bills
            if digest in wanted
        ]
        roster = None if one.accounts_digest is None else evidence.read_table(one.accounts_digest)
        tables.append(
            refunds_owed(
                pa.concat_tables(of_season, promote_options="default"),
                roster,
                one.tariffs,
                city=one.city,
                service_areas=one.service_areas,
                measured=measured_of(evidence, one),
                payments=payments,
            )
        )
    order = [("owed", "descending"), ("bill_no", "ascending"), ("source_row", "ascending")]
    return pa.concat_tables(tables).sort_by(order)


def by_standing(table: pa.Table) -> Mapping[str, dict[str, list[Any]]]:
    """Standing → season → how many bills, and how much is owed (CNY as text)."""
    grouped = table.group_by(["standing", "season"]).aggregate([("owed", "sum"), ("bill_no", "count")])
    found: dict[str, dict[str, list[Any]]] = {}
    for row in grouped.sort_by([("standing", "ascending"), ("season", "ascending")]).to_pylist():
        amount = f"{row['owed_sum'] or Decimal(0):.2f}"
        found.setdefault(row["standing"], {})[row["season"]] = [row["bill_no_count"], amount]
    return found
