"""The two traces every act on a case leaves in its own transaction: the timeline and the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from supervision.cases.models import Case, CaseEvent
from supervision.journal import Actor, Journal
from supervision.settings import Clock


def happened(
    session: Session,
    clock: Clock,
    case: Case,
    act: str,
    *,
    entry: str,
    by: Actor,
    is_shared: bool,
    text: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """``act`` stands in the case's timeline, ``entry`` in the journal; words that people wrote go into the journal as
    commitments."""
    session.add(
        CaseEvent(
            case_id=case.id,
            at=clock.now(),
            act=act,
            by_name=by.name,
            by_role=by.role,
            state=str(case.state),
            is_shared=is_shared,
            text=text,
        )
    )
    session.flush()
    session.expire(case, ["events"])
    Journal(session, clock).record(
        entry,
        actor=by,
        object_type="case",
        object_id=case.public_id,
        company_id=case.company_id,
        detail={"case": case.number, **(detail or {})},
        personal={"text": text} if text else None,
    )
