"""What officers and a company's people do with a case: each act in a transaction of its own, on a real finding."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import Engine, func, inspect, select

from ingest.evidence import EvidenceStore
from supervision.cases import Case, CaseService, CaseState, DecisionKind, RefundService
from supervision.cases.drafting import DraftValues
from supervision.cases.models import CaseAnnex, CaseEvent, Decision, RefundOrder
from supervision.db import begin
from supervision.documents import DocumentService, IssuedDocument
from supervision.findings import Finding
from supervision.jobs.models import Job, JobState
from supervision.jobs.worker import work
from supervision.journal import JournalEntry
from supervision.security import Identity, Role
from supervision.settings import FixedClock, Settings
from tests.findings.checked_company import OLD_PRICE, CheckedCompany, account, bill

T = TypeVar("T")
JOBS = ("prepare_case_annex", "render_document")
REASON = "事实清楚,证据充分。"

OFFICER = Identity(1, "officer", "李承办", Role.OFFICER, "P1", None)
SAME_PERSON = Identity(
    2, "officer-2", "李承办", Role.SUPERVISING_OFFICER, "P1", None
)  # the officer's second sign-in
SUPERVISING_OFFICER = Identity(3, "supervising-officer", "赵审批", Role.SUPERVISING_OFFICER, "P3", None)


@dataclass
class CaseDesk:
    """One company with a finding of ``wrong`` bills at the old price, and the people around it."""

    company: CheckedCompany

    @property
    def engine(self) -> Engine:
        return self.company.engine

    @property
    def clock(self) -> FixedClock:
        return self.company.desk.clock

    @property
    def settings(self) -> Settings:
        return self.company.desk.settings

    @property
    def evidence(self) -> EvidenceStore:
        return self.company.desk.evidence

    @property
    def clerk(self) -> Identity:
        return Identity(9, "clerk", "王经办", Role.COMPANY_CLERK, "C9", self.company.company_id)

    def service(self, session: object) -> CaseService:
        return CaseService(session, self.clock, self.evidence, self.settings)  # type: ignore[arg-type]

    def refunds(self, session: object) -> RefundService:
        return RefundService(session, self.clock)  # type: ignore[arg-type]

    def documents(self, session: object) -> DocumentService:
        return DocumentService(session, self.clock, self.evidence, self.settings)  # type: ignore[arg-type]

    # -- what there is ----------------------------------------------------------------------------------------

    def wrong_bills(self, wrong: int = 3) -> Finding:
        """Bills at the price that was superseded: one finding."""
        self.company.file_and_check("accounts", "2025-26", [account(n) for n in range(1, wrong + 3)])
        rows = [bill(n, price=OLD_PRICE) for n in range(1, wrong + 1)] + [bill(wrong + 1), bill(wrong + 2)]
        self.company.file_and_check("bills", "2025-12", rows)
        (finding,) = self.company.findings()
        return finding

    def another_like(self, finding: Finding) -> Finding:
        """A further open finding over the same evidence, as if found for itself under another category."""
        own = self.company.parts(finding)
        with begin(self.engine) as session:
            alike = session.scalar(select(func.count()).select_from(Finding)) or 0
            found = copied(finding, category=f"alike-{alike}", notified_at=None)
            found.parts = [copied(part, finding_id=None, is_counted=True) for part in own]
            session.add(found)
            session.flush()
            return found

    def finding(self, finding_id: int) -> Finding:
        with begin(self.engine) as session:
            return session.get_one(Finding, finding_id)

    def case(self, case_id: int) -> Case:
        """The case as the register has it now, with all that hangs on it."""
        with begin(self.engine) as session:
            found = session.get_one(Case, case_id)
            assert found.findings
            _ = (found.annex, found.decisions, found.events, found.refund)
            return found

    def decision(self, case: Case) -> Decision:
        return self.case(case.id).decisions[-1]

    def document(self, case: Case) -> IssuedDocument:
        with begin(self.engine) as session:
            (found,) = self.documents(session).about("case", case.public_id)
            return found

    def refund(self, case: Case) -> RefundOrder:
        found = self.case(case.id).refund
        assert found is not None
        return found

    def entries(self, *acts: str) -> list[JournalEntry]:
        with begin(self.engine) as session:
            query = select(JournalEntry).order_by(JournalEntry.index)
            return list(session.scalars(query.where(JournalEntry.act.in_(acts)) if acts else query))

    def count(self, model: type) -> int:
        with begin(self.engine) as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    def work(self, *only: str) -> int:
        """The worker prepares annexes and renders documents (or ``only`` these); none may fail."""
        names = only or JOBS
        done = work(
            self.engine, self.settings, threading.Event(), clock=self.clock, only=names, until_idle=True
        )
        with begin(self.engine) as session:
            unfinished = select(Job.error).where(Job.name.in_(names), Job.state != JobState.DONE)
            assert list(session.scalars(unfinished)) == []
        return done

    # -- acts -------------------------------------------------------------------------------------------------

    def open(self, *findings: Finding, is_prepared: bool = True) -> Case:
        with begin(self.engine) as session:
            own = [session.get_one(Finding, each.id) for each in findings]
            case = self.service(session).open(own, by=OFFICER)
        if is_prepared:
            self.work("prepare_case_annex")
        return self.case(case.id)

    def prepared_like(self, case: Case, pattern: CaseAnnex) -> Case:
        """The case with a copy of an annex that the worker prepared for the same evidence."""
        with begin(self.engine) as session:
            columns = [one.key for one in CaseAnnex.__mapper__.column_attrs if one.key != "case_id"]
            session.add(CaseAnnex(case_id=case.id, **{key: getattr(pattern, key) for key in columns}))
        return self.case(case.id)

    def proposal(self, case: Case) -> DraftValues:
        with begin(self.engine) as session:
            return self.service(session).proposal(session.get_one(Case, case.id))

    def draft(self, case: Case, by: Identity = OFFICER, **changes: object) -> Decision:
        values = replace(self.proposal(case), **changes)  # type: ignore[arg-type]
        with begin(self.engine) as session:
            own = session.get_one(Case, case.id)
            service = self.service(session)
            last = service.current_decision(own)
            seen = last.text_digest if last else ""
            return service.save_draft(own, values, by=by, version=own.version, seen=seen)

    def submit(self, case: Case, by: Identity = OFFICER) -> None:
        with begin(self.engine) as session:
            own = session.get_one(Case, case.id)
            service = self.service(session)
            last = service.current_decision(own)
            digest = last.text_digest if last else ""
            service.submit(own, by=by, version=own.version, text_digest=digest)

    def approve(self, case: Case, by: Identity = SUPERVISING_OFFICER, text_digest: str | None = None) -> None:
        with begin(self.engine) as session:
            own = session.get_one(Case, case.id)
            service = self.service(session)
            last = service.current_decision(own)
            digest = text_digest if text_digest is not None else last.text_digest if last else ""
            service.approve(own, by=by, version=own.version, text_digest=digest)

    def send_back(self, case: Case, by: Identity = SUPERVISING_OFFICER) -> None:
        with begin(self.engine) as session:
            own = session.get_one(Case, case.id)
            self.service(session).send_back(own, by=by, reason="请补充依据。", version=own.version)

    def reply(self, case: Case) -> None:
        with begin(self.engine) as session:
            own = session.get_one(Case, case.id)
            self.service(session).reply(own, by=self.clerk, text="已更正全部账单。", version=own.version)

    def report_refund(self, case: Case, amount: Decimal | None = None) -> None:
        with begin(self.engine) as session:
            order = session.scalars(select(RefundOrder).where(RefundOrder.case_id == case.id)).one()
            self.refunds(session).report(
                order,
                by=self.clerk,
                amount=amount or order.total,
                text="已原路退还三户。",
                version=order.version,
            )

    def return_refund(self, case: Case) -> None:
        with begin(self.engine) as session:
            order = session.scalars(select(RefundOrder).where(RefundOrder.case_id == case.id)).one()
            self.refunds(session).return_to_company(
                order, by=OFFICER, reason="缺少银行回单。", version=order.version
            )

    def confirm_refund(self, case: Case, amount: Decimal | None = None) -> None:
        with begin(self.engine) as session:
            order = session.scalars(select(RefundOrder).where(RefundOrder.case_id == case.id)).one()
            self.refunds(session).confirm(
                order,
                by=OFFICER,
                amount=amount or order.total,
                text="已核对银行回单。",
                version=order.version,
            )

    def close(self, case: Case, by: Identity = SUPERVISING_OFFICER) -> None:
        with begin(self.engine) as session:
            own = session.get_one(Case, case.id)
            self.service(session).close(own, by=by, text=REASON, version=own.version)

    def withdraw(self, case: Case) -> None:
        with begin(self.engine) as session:
            own = session.get_one(Case, case.id)
            self.service(session).withdraw(own, by=OFFICER, reason="事实有误。", version=own.version)

    def submitted(self, case: Case, **changes: object) -> Case:
        self.draft(case, **changes)
        self.submit(case)
        return self.case(case.id)

    def notified(self, case: Case, **changes: object) -> Case:
        self.submitted(case, **changes)
        self.approve(case)
        return self.case(case.id)

    def brought_to(self, state: CaseState, finding: Finding) -> Case:
        """A new case of that finding, walked to ``state`` (without a refund)."""
        case = self.open(finding)
        kept = {"kind": DecisionKind.WARNING, "refund_total": Decimal("0.00"), "refund_due_on": None}
        walk = {
            CaseState.OPENED: [lambda: self.draft(case, **kept)],
            CaseState.SUBMITTED: [lambda: self.submit(case)],
            CaseState.NOTIFIED: [lambda: self.approve(case)],
            CaseState.REPLIED: [lambda: self.reply(case)],
            CaseState.CLOSED: [lambda: self.close(case)],
        }
        if state is CaseState.WITHDRAWN:
            self.withdraw(case)
        for step, acts in walk.items() if state is not CaseState.WITHDRAWN else ():
            for act in acts:
                act()
            if step is state:
                break
        found = self.case(case.id)
        assert found.state is state
        return found

    def events(self, case: Case) -> list[CaseEvent]:
        return self.case(case.id).events


def copied(one: T, **changes: object) -> T:
    """A new row that says the same, but for its standing and ``changes``."""
    left_out = {"id", "public_id", "state", "version", "decided_at", "decided_by"}
    mapper = inspect(type(one))
    assert mapper is not None
    columns = [each.key for each in mapper.column_attrs if each.key not in left_out]
    return type(one)(**{key: getattr(one, key) for key in columns} | changes)


def days(clock: FixedClock, count: int) -> dt.date:
    from supervision.settings.clock import local_date

    return local_date(clock.now()) + dt.timedelta(days=count)
