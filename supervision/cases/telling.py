"""Who is told of a case: its company when a document is issued, its officers when the company replies."""

from __future__ import annotations

from sqlalchemy.orm import Session

from supervision.cases.models import Case
from supervision.notifications import Kind, named, officers, people_of, tell
from supervision.settings import Clock


def notified(session: Session, clock: Clock, case: Case, document: str) -> None:
    """The company is told that a document was issued to it."""
    tell(
        session,
        clock,
        Kind.CASE_NOTICE,
        people_of(session, case.company_id),
        path=f"/company/cases/{case.public_id}",
        case=case.number,
        document=document,
    )


def replied(session: Session, clock: Clock, case: Case) -> None:
    """Whoever opened, drafted or approved is told that the company replied; every officer where none of them is here
    any more."""
    hands = {case.opened_by}
    for decision in case.decisions:
        hands |= {name for name in (decision.drafted_by, decision.approved_by) if name}
    tell(
        session,
        clock,
        Kind.CASE_REPLY,
        named(session, hands) or officers(session),
        path=f"/officer/cases/{case.public_id}",
        case=case.number,
    )
