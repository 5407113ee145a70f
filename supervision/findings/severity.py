"""The four severities of a finding: how many, how much, how long, how long to fix. Computed, never typed.

How many are customers: accounts, each counted once however many of its bills are wrong.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.filings.models import Filing
from supervision.filings.reading import period_of
from supervision.findings.inputs import BILLS
from supervision.findings.models import CheckRun, Finding, FindingKey, FindingPart
from supervision.settings.clock import local_date


@dataclass(frozen=True, slots=True)
class Fixing:
    """How long the company has taken to stop it. ``told_on`` is the day of the notice, before there is one the day the
    finding stood on the company's own pages. It is over with the first filing of a later period, or the same one filed
    again, after which no bill in force has it; ``days`` count from the day told to the day that was signed, or to today
    while it goes on."""

    told_on: dt.date
    days: int
    over_on: dt.date | None = None
    period: str | None = None  # of the filing without it

    @property
    def is_over(self) -> bool:
        return self.over_on is not None


@dataclass(frozen=True, slots=True)
class Severity:
    """Customers (accounts, each once), their bills, and the share of these (as a fraction of one) of all bills of their category, tariff and season in these periods;
    CNY over and under, both positive; the periods that have it, first to last, and the days of issue, both counted."""

    customers: int
    bills: int
    share: Decimal
    amount_over: Decimal
    amount_under: Decimal
    largest: Decimal
    days: int
    periods: tuple[str, ...]
    fixing: Fixing


@dataclass(frozen=True, slots=True)
class _Filed:
    """A period in force, and when what is in force of it was signed."""

    begins_on: dt.date
    period: str
    signed_on: dt.date


def severities(
    session: Session, evidence: EvidenceStore, findings: Sequence[Finding], today: dt.date
) -> dict[int, Severity]:
    """Of each of these findings, by its id; two queries however many there are."""
    if not findings:
        return {}
    in_force = _in_force(session, {one.company_id for one in findings})
    counted, current = _periods(session, findings)
    return {
        one.id: _severity(
            one, counted[one.id], current[one.key], in_force.get(one.company_id, []), today, evidence
        )
        for one in findings
    }


_COUNTED: dict[tuple[str, ...], int] = {}  # by the digests of the rows: evidence never changes
_KEPT_COUNTS = 4096


def customers(evidence: EvidenceStore, parts: Iterable[FindingPart]) -> int:
    """How many accounts the bills of these parts belong to, each counted once over all periods."""
    import pyarrow.compute as pc

    digests = tuple(sorted({part.rows_digest for part in parts}))
    if digests not in _COUNTED:
        if len(_COUNTED) >= _KEPT_COUNTS:
            _COUNTED.clear()
        found = [pc.unique(evidence.read_table(digest, ["account_no"])["account_no"]) for digest in digests]
        _COUNTED[digests] = len({account for accounts in found for account in accounts.to_pylist()})
    return _COUNTED[digests]


def _severity(
    finding: Finding,
    counted: set[str],
    current: set[str],
    in_force: list[_Filed],
    today: dt.date,
    evidence: EvidenceStore,
) -> Severity:
    return Severity(
        customers=customers(evidence, [part for part in finding.parts if part.is_counted]),
        bills=finding.bills,
        share=Decimal(finding.bills) / Decimal(finding.exposed_bills),
        amount_over=finding.amount_over,
        amount_under=finding.amount_under,
        largest=finding.largest,
        days=days(finding.first_seen, finding.last_seen),
        periods=tuple(sorted(counted, key=_begins_on)),
        fixing=_fixing(finding, counted, current, in_force, today),
    )


def days(first: dt.date | None, last: dt.date | None) -> int:
    """Days from the first to the last, both counted."""
    return 0 if first is None or last is None else (last - first).days + 1


def _fixing(
    finding: Finding, counted: set[str], current: set[str], in_force: list[_Filed], today: dt.date
) -> Fixing:
    told_on = local_date(finding.notified_at or finding.opened_at)
    having = [_begins_on(period) for period in current]
    if having:
        without = [one for one in in_force if one.begins_on > max(having)]
    else:  # every bill that has it was filed again
        last = max((_begins_on(period) for period in counted), default=None)
        without = [one for one in in_force if last is not None and one.begins_on >= last]
    if not without:
        return Fixing(told_on, max(0, (today - told_on).days))
    first = min(without, key=lambda one: (one.begins_on, one.signed_on))
    return Fixing(told_on, max(0, (first.signed_on - told_on).days), first.signed_on, first.period)


def _in_force(session: Session, companies: set[int]) -> dict[int, list[_Filed]]:
    """The periods of each company whose bills in force are checked."""
    found: dict[int, list[_Filed]] = defaultdict(list)
    rows = session.execute(
        select(CheckRun.company_id, CheckRun.period, Filing.signed_at)
        .join(Filing, Filing.id == CheckRun.filing_id)
        .where(CheckRun.is_current, CheckRun.company_id.in_(companies))
    )
    for company_id, period, signed_at in rows:
        if signed_at is not None:
            found[company_id].append(_Filed(_begins_on(period), period, local_date(signed_at)))
    return found


def _periods(
    session: Session, findings: Sequence[Finding]
) -> tuple[dict[int, set[str]], dict[FindingKey, set[str]]]:
    """The periods that each finding counts, and those whose run in force has its key, whichever finding that is in."""
    counted: dict[int, set[str]] = defaultdict(set)
    current: dict[FindingKey, set[str]] = defaultdict(set)
    rows = session.execute(
        select(
            Finding.id,
            FindingPart.is_counted,
            CheckRun.is_current,
            CheckRun.period,
            Finding.company_id,
            Finding.season,
            Finding.cause,
            Finding.category,
            Finding.tariff_id,
        )
        .join(FindingPart, FindingPart.finding_id == Finding.id)
        .join(CheckRun, CheckRun.id == FindingPart.run_id)
        .where(
            Finding.company_id.in_({one.company_id for one in findings}),
            Finding.cause.in_({one.cause for one in findings}),
            or_(FindingPart.is_counted, CheckRun.is_current),
        )
    )
    for row in rows:
        if row.is_counted:
            counted[row.id].add(row.period)
        if row.is_current:
            key = FindingKey(row.company_id, row.season, row.cause, row.category, row.tariff_id)
            current[key].add(row.period)
    return counted, current


def _begins_on(period: str) -> dt.date:
    return period_of(BILLS, period).first_day
