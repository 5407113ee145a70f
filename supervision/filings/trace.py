"""The journal entries of filings."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from supervision.filings.models import Filing
from supervision.journal import Actor, Journal, JournalEntry
from supervision.settings import Clock


def record(
    session: Session, clock: Clock, filing: Filing, act: str, by: Actor, **detail: Any
) -> JournalEntry:
    """One entry about ``filing`` in the caller's transaction; it always says which feed, period and number."""
    return Journal(session, clock).record(
        act,
        actor=by,
        object_type="filing",
        object_id=filing.public_id,
        company_id=filing.company_id,
        detail={"feed": filing.feed, "period": filing.period, "number": filing.number, **detail},
    )


def profile_named(filing: Filing) -> dict[str, str]:
    """What an entry says of the mapping profile; nothing where the filing is read by none."""
    return {"profile": filing.profile_name} if filing.profile_name else {}
