"""Checks of ledgers as the people of the portal see them: what stands open, how old it is, what it would have earned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from ingest.standard import season_starting
from supervision.companies.models import Company
from supervision.ledgers.models import LedgerCheck
from supervision.security import Identity
from supervision.web.paging import Page

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_SHOWN = 50
#: Ends of the bands of age, in days, both included; the last band has none.
AGES = (30, 90, 180, 365)
OWED = ("billed_twice", "read_lower")
#: Standings of refunds that are still owed.
NOT_GIVEN = ("not_paid", "partly_paid")
NO_BILL = "no_bill"


class NoSuchLedger(LookupError):
    """No check of a ledger has this identifier, or it is not one the asker may see."""


@dataclass(frozen=True, slots=True)
class Band:
    """What has been open for ``over`` to ``to`` days (no end where None): how many, how much, what it would have earned."""

    over: int
    to: int | None
    count: int
    amount: Decimal
    interest: Decimal


class LedgerReading:
    """Queries. ``viewer`` bounds what is found: company people find their own company's only."""

    def __init__(self, session: Session, evidence: EvidenceStore) -> None:
        self._session, self._evidence = session, evidence

    def current(self, viewer: Identity) -> Sequence[LedgerCheck]:
        """The check in force of every company that has one, the most money without a bill first."""
        query = self._visible(viewer).where(LedgerCheck.is_current).join(Company)
        amount = LedgerCheck.excess_amount + LedgerCheck.estimates_amount
        return self._session.scalars(query.order_by(amount.desc(), Company.code)).all()

    def ledger(self, public_id: str, viewer: Identity) -> LedgerCheck:
        """Raises NoSuchLedger."""
        found = self._session.scalars(
            self._visible(viewer).where(LedgerCheck.public_id == public_id)
        ).one_or_none()
        if found is None:
            raise NoSuchLedger(public_id)
        return found

    def excess(self, check: LedgerCheck, reason: str, today: dt.date) -> list[dict[str, Any]]:
        """The payments that are more than was claimed, the largest first; of one ``reason`` where given. Each says its age in
        days and its interest. Money paid before its bill in a season that still runs only waits: ``is_waiting``."""
        rows = self._rows(check.excess_digest, "reason", reason)
        return [
            row
            | {"age": (today - row["since"]).days, "is_waiting": waits(row["reason"], row["season"], today)}
            | {"interest": _interest(row["excess"], row["since"], today)}
            for row in rows
        ]

    def estimates(self, check: LedgerCheck, standing: str, today: dt.date) -> list[dict[str, Any]]:
        """The bills that close on an estimate, the largest amount first; of one ``standing`` where given."""
        rows = self._rows(check.estimates_digest, "standing", standing)
        return [
            row
            | {"age": (today - row["since"]).days if row["since"] else None}
            | {
                "interest": _interest(row["amount"], row["since"], today)
                if row["standing"] in OWED and row["amount"] is not None
                else None
            }
            for row in rows
        ]

    def refunds(self, check: LedgerCheck, standing: str, today: dt.date) -> list[dict[str, Any]]:
        """The bills on which a refund fell due after their issue, the most owed first; of one ``standing`` where given. Those
        of a season whose heat is not over only wait: ``is_waiting``."""
        if check.refunds_digest is None:
            return []
        return [
            row
            | {"age": (today - row["since"]).days, "is_waiting": row["since"] >= today}
            | {"interest": None if row["owed"] is None else _interest(row["owed"], row["since"], today)}
            for row in self._rows(check.refunds_digest, "standing", standing)
        ]

    def _rows(self, digest: str, column: str, wanted: str) -> list[dict[str, Any]]:
        import pyarrow.compute as pc

        table: pa.Table = self._evidence.read_table(digest)
        if wanted:
            table = table.filter(pc.equal(table[column], wanted))
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows

    def _visible(self, viewer: Identity) -> Select[LedgerCheck]:
        query = select(LedgerCheck)
        return query.where(LedgerCheck.company_id == viewer.company_id) if viewer.is_company else query


def waits(reason: str, season: str, today: dt.date) -> bool:
    """Whether money without any bill may still get one: it was paid in advance and the season's year is not over."""
    return reason == NO_BILL and today <= season_starting(int(season[:4])).last_day


def by_reason(check: LedgerCheck, today: dt.date) -> dict[str, tuple[int, Decimal]]:
    """Reason → payments and CNY, in the order of the reasons; ``waiting`` is what was paid before a bill that may come."""
    from checks.ledger import EXCESS_REASONS

    sums: dict[str, tuple[int, Decimal]] = {}
    for reason in EXCESS_REASONS:
        for season, (count, amount) in check.excess.get(reason, {}).items():
            key = "waiting" if waits(reason, season, today) else reason
            before = sums.get(key, (0, Decimal(0)))
            sums[key] = (before[0] + count, before[1] + Decimal(amount))
    return sums


def taken(check: LedgerCheck, today: dt.date) -> tuple[int, Decimal]:
    """Payments and CNY without a bill behind them, without what still waits for one."""
    found = [pair for reason, pair in by_reason(check, today).items() if reason != "waiting"]
    return sum(count for count, _ in found), sum((amount for _, amount in found), Decimal(0))


def still_owed(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The refunds that are owed and not given back."""
    return [row for row in rows if row["standing"] in NOT_GIVEN and not row["is_waiting"]]


def refunds_by_standing(rows: Sequence[dict[str, Any]]) -> dict[str, tuple[int, Decimal]]:
    """Standing → bills and CNY owed, in the order of the standings; ``waiting`` where the heat is not over."""
    from checks.ledger import REFUND_STANDINGS

    found: dict[str, tuple[int, Decimal]] = {}
    for standing in (*REFUND_STANDINGS, "waiting"):
        some = [row for row in rows if ("waiting" if row["is_waiting"] else row["standing"]) == standing]
        if some:
            found[standing] = len(some), sum((row["owed"] or Decimal(0) for row in some), Decimal(0))
    return found


def bands(rows: Sequence[dict[str, Any]], amount: str) -> list[Band]:
    """The rows by their age, the youngest first; ``amount`` is the column that counts."""
    starts, ends = (0, *(end + 1 for end in AGES)), (*AGES, None)
    found = []
    for over, to in zip(starts, ends, strict=True):
        within = [
            row
            for row in rows
            if row["age"] is not None and max(row["age"], 0) >= over and (to is None or row["age"] <= to)
        ]
        sums = [sum((row[name] or Decimal(0) for row in within), Decimal(0)) for name in (amount, "interest")]
        found.append(Band(over, to, len(within), *sums))
    return found


def page_of_rows(rows: Sequence[dict[str, Any]], number: int) -> Page[dict[str, Any]]:
    from supervision.web.paging import sliced

    return sliced(rows, number, ROWS_SHOWN)


def streamed(rows: Sequence[dict[str, Any]], check: LedgerCheck) -> Iterator[dict[str, Any]]:
    """The rows with the check they come from."""
    return (row | {"check": check.public_id} for row in rows)


def _interest(amount: Decimal, since: dt.date | None, today: dt.date) -> Decimal | None:
    from checks.ledger import interest

    return None if since is None else interest(amount, since, today)
