"""Cases as they are found: by whom, in which state, which of them late."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from supervision.cases.lifecycle import WITH_COMPANY, CaseState, DecisionState, RefundState
from supervision.cases.models import Case, CaseFinding, Decision, RefundOrder
from supervision.cases.problems import NoSuchCase
from supervision.findings import Finding
from supervision.jobs import JobStatus
from supervision.jobs import find as find_job
from supervision.security import Identity


class CaseReading:
    """Queries. ``viewer`` bounds what is found: a company finds its own cases only, and only once notified."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def visible_to(self, viewer: Identity) -> Select[Any]:
        query = select(Case)
        if viewer.is_company:
            query = query.where(Case.company_id == viewer.company_id, Case.notified_at.is_not(None))
        return query

    def case(self, public_id: str, viewer: Identity) -> Case:
        """Raises NoSuchCase."""
        found = self._session.scalars(
            self.visible_to(viewer).where(Case.public_id == public_id)
        ).one_or_none()
        if found is None:
            raise NoSuchCase(public_id)
        return found

    def case_of_finding(self, finding: Finding) -> Case | None:
        """The case that has the finding, unless it was withdrawn."""
        query = select(Case).join(CaseFinding).where(CaseFinding.finding_id == finding.id)
        return self._session.scalars(query.where(Case.state != CaseState.WITHDRAWN)).one_or_none()

    def counts(self, viewer: Identity, today: dt.date) -> dict[str, int]:
        """How many cases stand in each state, and how many are overdue."""
        visible = self.visible_to(viewer).subquery()
        rows = self._session.execute(select(visible.c.state, func.count()).group_by(visible.c.state))
        found = dict.fromkeys((str(state) for state in CaseState), 0) | {str(s): n for s, n in rows}
        late = self.overdue(self.visible_to(viewer), today).subquery()
        found["overdue"] = self._session.scalar(select(func.count()).select_from(late)) or 0
        return found

    def overdue(self, query: Select[Any], today: dt.date) -> Select[Any]:
        """Those of ``query`` whose company let a last day pass: no reply, or a refund that is not reported."""
        unanswered = (
            select(Decision.case_id)
            .where(Decision.state == DecisionState.APPROVED, Decision.reply_due_on < today)
            .scalar_subquery()
        )
        unpaid = (
            select(RefundOrder.case_id)
            .where(RefundOrder.state == RefundState.ORDERED, RefundOrder.due_on < today)
            .scalar_subquery()
        )
        is_unanswered = (Case.state == CaseState.NOTIFIED) & Case.id.in_(unanswered)
        return query.where(is_unanswered | (Case.state.in_(WITH_COMPANY) & Case.id.in_(unpaid)))

    def annex_job(self, case: Case) -> JobStatus | None:
        """How the preparation of the annex stands."""
        return find_job(self._session, annex_key(case))


def annex_key(case: Case) -> str:
    """The key of the one job that prepares the annex."""
    return f"prepare_case_annex {case.public_id}"
