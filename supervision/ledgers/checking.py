"""The ledger of a company checked: all that is in force, over all seasons, computed outside every transaction and recorded
in one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.db import read, serialise
from supervision.filings.models import Filing
from supervision.findings.inputs import OUTAGES, REQUESTS, TEMPERATURES, Inputs
from supervision.jobs import JobContext
from supervision.journal import SYSTEM, Journal, canonical
from supervision.ledgers import falling_due
from supervision.ledgers.models import LedgerCheck
from supervision.settings import Clock
from supervision.settings.evidence import open_evidence

if TYPE_CHECKING:
    import pyarrow as pa

BILLS, ACCOUNTS, PAYMENTS, READINGS = "bills", "accounts", "payments", "readings"
FEEDS = (BILLS, ACCOUNTS, PAYMENTS, READINGS)
#: What refunds that fell due after their bills rest on besides (``supervision.findings.inputs``).
OF_THE_SERVICE = (TEMPERATURES, REQUESTS, OUTAGES)
_COLUMNS: dict[str, tuple[str, ...]] = {
    BILLS: (
        "source_row", "bill_no", "account_no", "season", "kind", "corrects_bill_no", "billing_method", "service_from",
        "service_to", "meter_no", "reading_from", "reading_to", "heat_used", "heat_unit", "metered_charge",
        "cap_reduction", "total", "issued_on",
    ),
    ACCOUNTS: ("account_no", "meter_no", "closed_on"),
    PAYMENTS: ("source_row", "payment_no", "account_no", "bill_no", "paid_on", "kind", "amount"),
    READINGS: ("meter_no", "read_at", "kind", "energy", "energy_unit", "event"),
}  # fmt: skip
#: What was billed too much and not given back; the other standings are put right, wait, or fall to the company.
OWED = ("billed_twice", "read_lower")

InForce = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class _Found:
    excess: pa.Table
    estimates: pa.Table
    looked_at: int
    not_judged: int
    excess_digest: str
    estimates_digest: str
    refunds: pa.Table
    refunds_digest: str


def check_ledger(context: JobContext, filing_id: int) -> None:
    """The company of the filing has a current check on exactly the filings in force, where it has filed payments or readings,
    or rooms measured or outages. Where another filing came into force meanwhile, nothing is recorded: that filing has a
    check of its own."""
    with read(context.engine) as session:
        company_id = session.get_one(Filing, filing_id).company_id
    _check(context, company_id, final=True)


def check_ledgers(context: JobContext) -> None:
    """Every company of which something came into force that its ledger rests on has a current check: rooms are measured day
    by day, and each day of them asks for none by itself."""
    with read(context.engine) as session:
        companies = list(
            session.scalars(
                select(Filing.company_id)
                .where(Filing.is_current, Filing.feed.in_((*FEEDS, *OF_THE_SERVICE)))
                .distinct()
                .order_by(Filing.company_id)
            )
        )
    for company_id in companies:
        _check(context, company_id, final=False)


def _check(context: JobContext, company_id: int, *, final: bool) -> None:
    evidence = open_evidence(context.settings)

    def rests_on(session: Session) -> tuple[InForce, list[Inputs], str]:
        in_force = filings_in_force(session, company_id)
        seasons = falling_due.seasons_of(session, context.clock, evidence, company_id)
        return in_force, seasons, _digest_of(in_force, seasons)

    with read(context.engine) as session:
        in_force, seasons, inputs_digest = rests_on(session)
        last = current(session, company_id)
        was = last.inputs_digest if last else None
    is_anything = in_force[PAYMENTS] or in_force[READINGS] or seasons
    if inputs_digest == was or (was is None and not is_anything):
        return
    found = _found(evidence, in_force, seasons)
    with context.transaction(final=final) as session:
        serialise(session, f"ledger of company {company_id}")
        if rests_on(session)[2] == inputs_digest:
            _record(session, context.clock, company_id, in_force, inputs_digest, found)


def filings_in_force(session: Session, company_id: int) -> InForce:
    """Of each feed the filings in force, over all seasons: identifier and digest of the table, by period."""
    query = (
        select(Filing.feed, Filing.public_id, Filing.table_digest)
        .where(Filing.company_id == company_id, Filing.is_current, Filing.feed.in_(FEEDS))
        .order_by(Filing.period, Filing.id)
    )
    found: dict[str, list[tuple[str, str]]] = {feed: [] for feed in FEEDS}
    for feed, public_id, digest in session.execute(query):
        if digest is not None:
            found[feed].append((public_id, digest))
    return found


def current(session: Session, company_id: int) -> LedgerCheck | None:
    """The check in force of the company."""
    return session.scalars(
        select(LedgerCheck).where(LedgerCheck.company_id == company_id, LedgerCheck.is_current)
    ).one_or_none()


@cache
def _rules_digest() -> str:
    """One digest over the sources of the check."""
    import checks.ledger

    files = sorted(Path(checks.ledger.__file__).parent.glob("*.py"))
    named = [[file.name, hashlib.sha256(file.read_bytes()).hexdigest()] for file in files]
    return hashlib.sha256(canonical(named)).hexdigest()


def _digest_of(in_force: InForce, seasons: Sequence[Inputs]) -> str:
    tables: dict[str, Any] = {feed: [list(pair) for pair in filings] for feed, filings in in_force.items()}
    if seasons:
        from checks.recompute import RULES_DIGEST

        tables["refunds"] = [RULES_DIGEST, *falling_due.in_words(seasons)]
    return hashlib.sha256(canonical({"rules": _rules_digest(), **tables})).hexdigest()


def _table(evidence: EvidenceStore, in_force: InForce, feed: str) -> pa.Table:
    """All rows in force of the feed, in front of them the filing; the rows of a later period after those of an earlier."""
    import pyarrow as pa

    from ingest.standard import arrow_schema

    schema = pa.schema([arrow_schema(feed).field(name) for name in _COLUMNS[feed]])
    schema = schema.append(pa.field("filing", pa.string()))
    tables = []
    for public_id, digest in in_force[feed]:
        table = evidence.read_table(digest, list(_COLUMNS[feed]))
        tables.append(table.append_column("filing", pa.repeat(pa.scalar(public_id), table.num_rows)))
    return pa.concat_tables([table.cast(schema) for table in tables]) if tables else schema.empty_table()


def _found(evidence: EvidenceStore, in_force: InForce, seasons: Sequence[Inputs]) -> _Found:
    from checks.ledger import estimate_chains, money_without_bill

    bills, accounts = (_table(evidence, in_force, feed) for feed in (BILLS, ACCOUNTS))
    payments = _table(evidence, in_force, PAYMENTS)
    judged = money_without_bill(bills, payments, accounts)
    refunds = falling_due.found_in(evidence, seasons, in_force[BILLS], payments)
    estimates = estimate_chains(bills, _table(evidence, in_force, READINGS), accounts)
    return _Found(
        excess=judged.rows,
        estimates=estimates,
        looked_at=judged.looked_at,
        not_judged=judged.not_judged,
        excess_digest=evidence.put_table(judged.rows).digest,
        estimates_digest=evidence.put_table(estimates).digest,
        refunds=refunds,
        refunds_digest=evidence.put_table(refunds).digest,
    )


def _record(
    session: Session, clock: Clock, company_id: int, in_force: InForce, inputs_digest: str, found: _Found
) -> None:
    previous = current(session, company_id)
    if previous is not None:
        previous.is_current = False
        session.flush()  # before the new one stands: at most one is current
    number = session.scalar(select(func.max(LedgerCheck.number)).where(LedgerCheck.company_id == company_id))
    excess, estimates = _by_reason(found.excess), _by_standing(found.estimates)
    check = LedgerCheck(
        company_id=company_id,
        number=(number or 0) + 1,
        filings={feed: [public_id for public_id, _ in filings] for feed, filings in in_force.items()},
        inputs_digest=inputs_digest,
        payments=found.looked_at,
        not_judged=found.not_judged,
        excess_payments=found.excess.num_rows,
        excess_amount=_sum(amount for seasons in excess.values() for _, amount in seasons.values()),
        excess=excess,
        excess_digest=found.excess_digest,
        estimates=estimates,
        estimates_amount=_sum(estimates[one][1] for one in OWED if one in estimates),
        estimates_digest=found.estimates_digest,
        refunds=falling_due.by_standing(found.refunds),
        refunds_amount=_sum(amount for amount in found.refunds["owed"].drop_null().to_pylist()),
        refunds_digest=found.refunds_digest,
        finished_at=clock.now(),
    )
    session.add(check)
    session.flush()
    Journal(session, clock).record(
        "ledger.checked",
        actor=SYSTEM,
        object_type="ledger_check",
        object_id=check.public_id,
        company_id=company_id,
        detail={
            "number": check.number,
            "inputs": inputs_digest,
            "payments": check.payments,
            "excess_payments": check.excess_payments,
            "excess_amount": str(check.excess_amount),
            "estimates_amount": str(check.estimates_amount),
            "excess": check.excess_digest,
            "estimates": check.estimates_digest,
            "refunds_amount": str(check.refunds_amount),
            "refunds": check.refunds_digest,
        },
    )


def _by_reason(table: pa.Table) -> dict[str, dict[str, list[Any]]]:
    """Reason → season → how many payments, and how much (CNY as text)."""
    grouped = table.group_by(["reason", "season"]).aggregate([("excess", "sum"), ("excess", "count")])
    found: dict[str, dict[str, list[Any]]] = {}
    for row in grouped.sort_by([("reason", "ascending"), ("season", "ascending")]).to_pylist():
        found.setdefault(row["reason"], {})[row["season"]] = [row["excess_count"], str(row["excess_sum"])]
    return found


def _by_standing(table: pa.Table) -> dict[str, list[Any]]:
    """Standing → how many bills, and how much (CNY as text, unknown amounts aside)."""
    grouped = table.group_by("standing").aggregate([("amount", "sum"), ("bill_no", "count")])
    return {
        row["standing"]: [row["bill_no_count"], f"{row['amount_sum'] or Decimal(0):.2f}"]
        for row in grouped.sort_by("standing").to_pylist()
    }


def _sum(amounts: Any) -> Decimal:
    return sum((Decimal(amount) for amount in amounts), Decimal(0)).quantize(Decimal("0.01"))
