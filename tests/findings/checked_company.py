"""A Harbin company whose signed filings go through the real worker and the real engine.

The tariff is the published residential one: 38.32 CNY per m2 of usable area and season, superseding 40.35.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from checks.tariffs.load import load_published
from ingest.standard import arrow_schema
from ingest.standard import feed as feed_of
from supervision.companies import CompanyService
from supervision.db import begin
from supervision.filings import Filing, State
from supervision.filings.judging import SORTED_BY
from supervision.filings.reading import period_of, season_text
from supervision.findings import CheckedBills, CheckRun, Finding, FindingPart, FindingService, QueueFilter
from supervision.jobs.models import Job
from supervision.jobs.worker import work
from supervision.journal import SYSTEM
from supervision.security import Identity, Role
from supervision.tariffs import TariffService
from tests.filings.filing_desk import Desk, Row, person

CITY, SEASON, DECEMBER, JANUARY = "哈尔滨市", "2025-26", "2025-12", "2026-01"
PRICE, OLD_PRICE = Decimal("38.32"), Decimal("40.35")
OFFICER = person(Role.OFFICER, "officer", None)
SUPERVISING_OFFICER = person(Role.SUPERVISING_OFFICER, "supervising-officer", None)


def charge(area: str, price: Decimal = PRICE) -> str:
    """The season's charge of an area, to the fen (the areas of these tests need no rounding)."""
    return f"{Decimal(area) * price:.2f}"


def bill(number: int, area: str = "80.00", price: Decimal = PRICE, **changes: str) -> Row:
    """A season bill by usable area, as the company billed it."""
    amount = charge(area, price)
    row = {
        "bill_no": f"B{number:04}",
        "account_no": f"A{number:04}",
        "season": SEASON,
        "kind": "season",
        "category": "residential",
        "billing_method": "area",
        "heating_state": "on",
        "service_from": "2025-10-20",
        "service_to": "2026-04-20",
        "billed_area_m2": area,
        "area_basis": "usable",
        "area_charge": amount,
        "total": amount,
        "issued_on": "2025-12-05",
        "due_on": "2025-12-31",
    }
    return row | changes


def account(number: int, area: str = "80.00", **changes: str) -> Row:
    """A household of that usable area."""
    row = {
        "account_no": f"A{number:04}",
        "network_code": "N1",
        "community": "松北一里",
        "building": "1",
        "category": "residential",
        "billing_method": "area",
        "floor_area_m2": f"{Decimal(area) * 2:.2f}",
        "usable_area_m2": area,
        "connected_on": "2012-10-20",
        "heating_state": "on",
    }
    return row | changes


def enter_tariffs(session: Session, clock: object) -> None:
    """The published tariffs of the city stand in the register."""
    found = [tariff for tariff in load_published() if tariff.city == CITY]
    TariffService(session, clock).enter(found, SYSTEM)  # type: ignore[arg-type]


@dataclass
class CheckedCompany:
    """One company; every method is a transaction of its own."""

    desk: Desk

    @property
    def engine(self) -> Engine:
        return self.desk.engine

    @property
    def company_id(self) -> int:
        return self.desk.company_id

    @property
    def clerk(self) -> Identity:
        return self.desk.clerk

    def file(self, feed: str, period: str, rows: list[Row]) -> Filing:
        """The rows stand as a filing that was judged without objection, and are signed; their check waits in the
        queue. What the judge does with a file is proved elsewhere and once in test_check_runs."""
        desk = self.desk
        stored = desk.evidence.put_table(
            typed(feed, rows), sort_by=SORTED_BY.get(feed, list(feed_of(feed).key))
        )
        with begin(self.engine) as session:
            filings = desk.service(session)
            earlier = filings.current(self.company_id, feed, period)
            known = session.query(Filing).filter_by(company_id=self.company_id, feed=feed, period=period)
            filing = Filing(
                company_id=self.company_id,
                feed=feed,
                period=period,
                season=season_text(period_of(feed, period)),
                number=known.count() + 1,
                state=State.READY,
                filename=f"{feed}.csv",
                size=1,
                bytes_digest=stored.digest,
                table_digest=stored.digest,
                rows=len(rows),
                received_at=desk.clock.now(),
                uploaded_by="clerk",
                difference={"compared_with": earlier.public_id} if earlier else None,
            )
            session.add(filing)
            session.flush()
            session.refresh(filing)
            filings.sign(
                filing,
                by=desk.signatory.actor,
                signer="王签署",
                version=filing.version,
                difference_seen=earlier.public_id if earlier else None,
            )
        return desk.again(filing)

    def check(self) -> int:
        """The worker does every check that is queued, and what these queue; answers how many."""
        return self._work("check_filing")

    def work(self) -> int:
        """As ``check``, and what tariffs have queued."""
        return self._work("check_filing", "check_city_again", "assess_tariff_draft")

    def _work(self, *names: str) -> int:
        desk = self.desk
        stop = threading.Event()
        done = work(desk.engine, desk.settings, stop, clock=desk.clock, only=names, until_idle=True)
        with begin(desk.engine) as session:
            failed = session.query(Job).filter(Job.error.is_not(None))
            assert [job.error for job in failed] == []
        return done

    def file_and_check(self, feed: str, period: str, rows: list[Row]) -> Filing:
        filing = self.file(feed, period, rows)
        self.check()
        return filing

    def service(self, session: Session) -> FindingService:
        return FindingService(session, self.desk.clock, self.desk.evidence)

    def bills(self, session: Session) -> CheckedBills:
        return CheckedBills(session, self.desk.clock, self.desk.evidence)

    def runs(self, period: str = DECEMBER) -> list[CheckRun]:
        with begin(self.engine) as session:
            found = session.query(CheckRun).filter_by(company_id=self.company_id, period=period)
            return list(found.order_by(CheckRun.number))

    def run(self, period: str = DECEMBER) -> CheckRun:
        """The current run."""
        (found,) = [run for run in self.runs(period) if run.is_current]
        return found

    def parts(self, finding: Finding, *, is_counted: bool = True) -> list[FindingPart]:
        """Those that make up its figures, or those that did before."""
        with begin(self.engine) as session:
            found = session.query(FindingPart).filter_by(finding_id=finding.id, is_counted=is_counted)
            return list(found.join(CheckRun).order_by(CheckRun.period, FindingPart.id))

    def findings(self, wanted: QueueFilter | None = None) -> list[Finding]:
        with begin(self.engine) as session:
            query = self.service(session).queue(OFFICER, wanted or QueueFilter())
            return list(session.scalars(query))


def typed(feed: str, rows: list[Row]) -> pa.Table:
    """The rows as the judge stores them."""
    schema = arrow_schema(feed)
    columns = []
    for field in schema:
        if field.name == "source_row":
            columns.append(pa.array(range(1, len(rows) + 1), field.type))
        else:
            columns.append(
                pa.array([row.get(field.name) or None for row in rows], pa.string()).cast(field.type)
            )
    return pa.Table.from_arrays(columns, schema=schema)


def register_company(session: Session, clock: object, code: str, city: str = CITY) -> int:
    company = CompanyService(session, clock).register(  # type: ignore[arg-type]
        code=code,
        name_zh=f"{code}热力公司",
        name_en=f"{code} Heat",
        province="黑龙江",
        city=city,
        service_areas=[],
        by=SYSTEM,
    )
    return company.id
