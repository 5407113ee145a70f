"""What happens around a season's ratings, through the real services; every method is a transaction of its own."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from supervision.companies import CompanyService
from supervision.complaints import ComplaintService
from supervision.db import begin
from supervision.jobs.worker import work
from supervision.ratings import RatingRelease, RatingService
from supervision.security import Role
from tests.filings.filing_desk import person
from tests.findings.checked_company import (
    DECEMBER,
    OLD_PRICE,
    SEASON,
    CheckedCompany,
    account,
    bill,
    register_company,
)

SEASON_BEFORE = "2024-25"
OFFICER = person(Role.OFFICER, "officer", None)
SUPERVISOR = person(Role.SUPERVISING_OFFICER, "supervisor", None)
CLERK = person(Role.COMPANY_CLERK, "clerk", 1)
JULY = dt.datetime(2026, 7, 1, 1, 0, tzinfo=dt.UTC)  # the season is over, everything is due
BILLS, WRONG = 250, 2
WHY = "一件投诉的结果经复核有误，予以更正。"


@dataclass
class RatedSeason:
    company: CheckedCompany

    @property
    def clock(self) -> object:
        return self.company.desk.clock

    @contextmanager
    def service(self) -> Iterator[RatingService]:
        desk = self.company.desk
        with begin(desk.engine) as session:
            yield self.service_in(session)

    def service_in(self, session: Session) -> RatingService:
        desk = self.company.desk
        return RatingService(session, desk.clock, desk.evidence, desk.settings)

    def move_to(self, at: dt.datetime) -> None:
        clock = self.company.desk.clock
        clock.move(at - clock.now())

    def file_bills(self, wrong: int = WRONG) -> None:
        """A roster (late: it was due on 31 October) and December's bills, the first ``wrong`` at last year's price."""
        numbers = range(1, BILLS + 1)
        self.company.file_and_check("accounts", SEASON, [account(number) for number in numbers])
        rows = [bill(n, price=OLD_PRICE) if n <= wrong else bill(n) for n in numbers]
        self.company.file_and_check("bills", DECEMBER, rows)

    def complain(
        self,
        kind: str = "explanation",
        *,
        code: str = "songbei",
        at: dt.datetime | None = None,
        is_closed: bool = True,
    ) -> str:
        """A complaint that is answered and closed at once; its number."""
        desk = self.company.desk
        with begin(desk.engine) as session:
            service = ComplaintService(session, desk.clock, desk.settings)
            company = CompanyService(session, desk.clock).by_code(code)
            complaint = service.receive(
                company=company,
                topic="bill_error",
                place="松北一里 1 号楼",
                text="账单金额比去年多了三百元",
                address=f"{code} {at}",
                received_at=at,
            ).complaint
            if is_closed:
                amount = Decimal("162.40") if kind == "monetary" else None
                service.answer(
                    complaint, by=CLERK, kind=kind, text="已逐项核对并说明。", amount=amount, version=1
                )
                service.close(complaint, by=OFFICER, text="情况一致", version=2)
            return complaint.number

    def another_company(self, code: str) -> int:
        desk = self.company.desk
        with begin(desk.engine) as session:
            return register_company(session, desk.clock, code)

    def computed(self, season: str = SEASON, reason: str = "") -> RatingRelease:
        with self.service() as service:
            return service.compute(season, OFFICER, reason=reason)

    def released(self, season: str = SEASON, reason: str = "") -> RatingRelease:
        draft = self.computed(season, reason)
        with self.service() as service:
            found = service.any(draft.public_id)
            service.release(found, SUPERVISOR, version=found.version)
            return found

    def work(self, *names: str) -> int:
        desk = self.company.desk
        return work(
            desk.engine, desk.settings, threading.Event(), clock=desk.clock, only=names, until_idle=True
        )
