"""What one company's people do with filings, through the real judge, the real worker and real evidence."""

from __future__ import annotations

import csv
import io
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from ingest.readers.manifest import Manifest
from ingest.standard import feed as feed_of
from supervision.db import begin
from supervision.filings import Filing, FilingExplanations, FilingService
from supervision.jobs.worker import work
from supervision.security import Identity, Role
from supervision.settings import FixedClock, Settings
from supervision.settings.evidence import open_evidence

SEASON, MONTH = "2025-26", "2025-12"
JUDGING_JOBS = ("judge_filing", "compare_filing")
OWN_JOBS = (*JUDGING_JOBS, "render_receipt", "recheck_profile")

Row = dict[str, str]


def bill(number: int, **changes: str) -> Row:
    """The first sample bill of the standard under another number."""
    row = {**feed_of("bills").sample[0], "bill_no": f"B{number:06}", "account_no": f"A{number:06}"}
    return {**row, **changes}


def account(number: int, **changes: str) -> Row:
    return {**feed_of("accounts").sample[0], "account_no": f"A{number:06}", **changes}


def csv_bytes(feed: str, rows: list[Row], *, without: tuple[str, ...] = (), encoding: str = "utf-8") -> bytes:
    """A file of the standard: header of codes, one line a row."""
    columns = [column.code for column in feed_of(feed).columns if column.code not in without]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return text.getvalue().encode(encoding)


def person(role: Role, name: str, company_id: int | None) -> Identity:
    return Identity(1, name, name, role, name, company_id)


@dataclass
class Desk:
    """Everything one company's people do, each act in a transaction of its own, as the portal does it."""

    engine: Engine
    clock: FixedClock
    settings: Settings
    folder: Path
    company_id: int

    @property
    def evidence(self) -> EvidenceStore:
        return open_evidence(self.settings)

    @property
    def clerk(self) -> Identity:
        return person(Role.COMPANY_CLERK, "clerk", self.company_id)

    @property
    def signatory(self) -> Identity:
        return person(Role.COMPANY_SIGNATORY, "signatory", self.company_id)

    def service(self, session: Session) -> FilingService:
        return FilingService(session, self.clock, self.evidence, self.settings)

    def explanations(self, session: Session) -> FilingExplanations:
        return FilingExplanations(session, self.clock, self.evidence)

    def upload(
        self,
        content: bytes,
        *,
        feed: str = "bills",
        period: str = MONTH,
        filename: str = "file.csv",
        key: str | None = None,
        is_test: bool = False,
        is_correction: bool = False,
        declared: Manifest | None = None,
    ) -> Filing:
        path = self.folder / f"{threading.get_ident()}.in"
        path.write_bytes(content)
        with begin(self.engine) as session:
            return (
                self.service(session)
                .receive(
                    company_id=self.company_id,
                    feed=feed,
                    period=period,
                    path=path,
                    filename=filename,
                    by=self.clerk.actor,
                    idempotency_key=key,
                    is_test=is_test,
                    is_correction=is_correction,
                    declared=declared,
                )
                .filing
            )

    def work(self, only: tuple[str, ...] = OWN_JOBS) -> int:
        """The worker does what is due of the filings' own jobs."""
        return work(
            self.engine, self.settings, threading.Event(), clock=self.clock, only=only, until_idle=True
        )

    def judged(self, content: bytes, **given: Any) -> Filing:
        filing = self.upload(content, **given)
        self.work(JUDGING_JOBS)
        return self.again(filing)

    def again(self, filing: Filing) -> Filing:
        """The filing as the register has it now."""
        with begin(self.engine) as session:
            found = self.service(session).by_id(filing.id)
            assert found.given is not None
            return found

    def sign(self, filing: Filing) -> Filing:
        """What the signatory does who saw the page as it is now."""
        with begin(self.engine) as session:
            service = self.service(session)
            found = service.find(filing.public_id, self.signatory)
            seen = (found.difference or {}).get("compared_with")
            service.sign(
                found, by=self.signatory.actor, signer="王签署", version=found.version, difference_seen=seen
            )
        return self.again(filing)

    def signed(self, content: bytes, **given: Any) -> Filing:
        return self.sign(self.judged(content, **given))

    def current(self, feed: str = "bills", period: str = MONTH) -> Filing | None:
        with begin(self.engine) as session:
            return self.service(session).current(self.company_id, feed, period)
