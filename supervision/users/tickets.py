"""Tickets: sessions kept on the server. A copied cookie is worth nothing once its ticket has ended."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Sequence

from sqlalchemy import Engine, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from supervision.db import begin
from supervision.security import COMPANY_ROLES
from supervision.settings import Clock, Settings
from supervision.users.models import EndReason, PortalUser, Ticket

CODE_DUE_WITHIN = dt.timedelta(minutes=5)
TOUCH_EVERY = dt.timedelta(minutes=1)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode("ascii")).hexdigest()


class Tickets:
    """Issues, finds and ends tickets in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, settings: Settings) -> None:
        self._session, self._clock, self._settings = session, clock, settings

    def issue(self, user: PortalUser, address: str, *, awaits_code: bool = False) -> str:
        """A new ticket; answers its token, which is kept nowhere but in the visitor's cookie."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        self._session.add(
            Ticket(
                digest=digest_of(token),
                user_id=user.id,
                awaits_code=awaits_code,
                address=address,
                created_at=now,
                last_seen_at=now,
            )
        )
        self._session.flush()
        return token

    def find(self, token: str, *, awaiting_code: bool = False) -> Ticket | None:
        """The ticket of this token if it still opens something now: not ended, its person and company active, not
        idle for too long, not too old. With ``awaiting_code`` the one of a sign-in whose code is still due."""
        if not _TOKEN.fullmatch(token):
            return None
        ticket = self._session.scalars(select(Ticket).where(Ticket.digest == digest_of(token))).first()
        if ticket is None or ticket.awaits_code is not awaiting_code or not self._is_good(ticket):
            return None
        return ticket

    def of(self, user_id: int) -> Sequence[Ticket]:
        """The person's tickets that are good now, newest first."""
        rows = self._session.scalars(
            select(Ticket)
            .where(Ticket.user_id == user_id, Ticket.ended_at.is_(None), Ticket.awaits_code.is_(False))
            .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        )
        return [ticket for ticket in rows if self._is_good(ticket)]

    def end(self, ticket_id: int, reason: EndReason) -> None:
        self._end(reason, Ticket.id == ticket_id)

    def end_all(self, user_id: int, reason: EndReason, *, except_ticket: int | None = None) -> int:
        """Every ticket of the person has ended, but for ``except_ticket``; answers how many there were."""
        conditions = [Ticket.user_id == user_id]
        if except_ticket is not None:
            conditions.append(Ticket.id != except_ticket)
        return self._end(reason, *conditions)

    def _end(self, reason: EndReason, *conditions: object) -> int:
        result = self._session.execute(
            update(Ticket)
            .where(Ticket.ended_at.is_(None), *conditions)  # type: ignore[arg-type]
            .values(ended_at=self._clock.now(), reason=reason)
        )
        return int(result.rowcount)  # type: ignore[attr-defined]

    def _is_good(self, ticket: Ticket) -> bool:
        now = self._clock.now()
        if ticket.ended_at is not None or not ticket.user.may_enter:
            return False
        if ticket.awaits_code:
            return now - ticket.created_at <= CODE_DUE_WITHIN
        return now - ticket.last_seen_at <= self.idle_limit(ticket.user) and now - ticket.created_at <= min(
            self._settings.absolute, dt.timedelta(hours=24)
        )

    def idle_limit(self, user: PortalUser) -> dt.timedelta:
        if user.role in COMPANY_ROLES:
            return self._settings.idle
        return dt.timedelta(minutes=self._settings.signed_in_officer_minutes)


def end_company(session: Session, clock: Clock, company_id: int) -> int:
    """Every ticket of the company's people has ended, and stays ended; answers how many there were."""
    people = select(PortalUser.id).where(PortalUser.company_id == company_id)
    result = session.execute(
        update(Ticket)
        .where(Ticket.ended_at.is_(None), Ticket.user_id.in_(people))
        .values(ended_at=clock.now(), reason=EndReason.DEACTIVATED)
        .execution_options(synchronize_session="fetch")
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def touch(engine: Engine, clock: Clock, ticket_id: int) -> None:
    """The ticket was last seen now. A short transaction of its own: a page that is only read must not write in its
    own transaction. If the register is busy the next request does it."""
    try:
        with begin(engine) as session:
            touch_within(session, clock, ticket_id)
    except OperationalError:
        return


def touch_within(session: Session, clock: Clock, ticket_id: int) -> None:
    session.execute(update(Ticket).where(Ticket.id == ticket_id).values(last_seen_at=clock.now()))
