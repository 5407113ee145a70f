"""Signing in. Steps commit on their own: an attempt must count although it is refused, and no lock may be held while
a password is being checked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from supervision.db import begin, read
from supervision.journal import Journal
from supervision.settings import Clock, Settings
from supervision.users.codes import matching_step
from supervision.users.errors import (
    NoCodeDue,
    OneTimePasswordExpired,
    TooManyAttempts,
    WrongCode,
    WrongPassword,
    WrongSignIn,
)
from supervision.users.limits import AttemptCounter, Limits, loggable_name, network_of
from supervision.users.models import AttemptKind, EndReason, PortalUser, SignInAttempt, Ticket
from supervision.users.passwords import Passwords
from supervision.users.tickets import Tickets

ONE_TIME_PASSWORD_LIFE = dt.timedelta(hours=72)
log = structlog.get_logger("supervision.users")


@dataclass(frozen=True, slots=True)
class Entry:
    """A password was right: the token of the new ticket, and whether it opens nothing before a code is given."""

    token: str
    awaits_code: bool


class SignIn:
    """What the sign-in pages do. Takes the engine, not a session: see above."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        settings: Settings,
        passwords: Passwords,
        limits: Limits | None = None,
    ) -> None:
        self._engine, self._clock, self._settings = engine, clock, settings
        self._passwords, self._limits = passwords, limits or Limits()

    def with_password(
        self, name: str, password: str, address: str | None, *, earlier: str | None = None
    ) -> Entry:
        """A new ticket for the right name and password; the browser's ``earlier`` ticket has ended. Raises
        WrongSignIn (one answer, after the same work, whatever was wrong), OneTimePasswordExpired, TooManyAttempts."""
        typed, network = loggable_name(name.strip().casefold()), network_of(address)
        attempt_id, stored = self._counted(AttemptKind.PASSWORD, typed, network)
        if not self._passwords.matches(stored, password):
            log.warning("sign_in.refused", name=typed, address=network)
            raise WrongSignIn
        renewed = self._passwords.hash(password) if stored and self._passwords.is_outdated(stored) else stored
        with begin(self._engine) as session:
            user = self._user(session, typed)
            if user is None or user.password_hash != stored:
                raise WrongSignIn
            if self._has_expired(user):
                raise OneTimePasswordExpired
            user.password_hash = renewed or user.password_hash
            self._succeeded(session, attempt_id)
            tickets = Tickets(session, self._clock, self._settings)
            self._end_earlier(tickets, earlier, EndReason.SIGNED_IN_AGAIN)
            token = tickets.issue(user, network, awaits_code=user.has_factor)
            if not user.has_factor:
                self._record(session, "sign_in.succeeded", user, {"second_factor": False})
            return Entry(token, user.has_factor)

    def with_code(self, token: str, typed: str, address: str | None) -> str:
        """The token of a new, full ticket for the right code; a code counts once. Raises WrongCode, NoCodeDue,
        TooManyAttempts (which ends the sign-in)."""
        network = network_of(address)
        with read(self._engine) as session:
            waiting = self._waiting(session, token)
            name, waiting_id = waiting.user.name, waiting.id
        try:
            attempt_id, _ = self._counted(AttemptKind.CODE, name, network)
        except TooManyAttempts:
            with begin(self._engine) as session:
                Tickets(session, self._clock, self._settings).end(waiting_id, EndReason.TOO_MANY_CODES)
            raise
        with begin(self._engine) as session:
            waiting = self._waiting(session, token)
            if not use_code(session, self._clock, waiting.user, waiting.user.totp_secret, typed):
                log.warning("sign_in.code_refused", name=name, address=network)
                raise WrongCode
            self._succeeded(session, attempt_id)
            tickets = Tickets(session, self._clock, self._settings)
            tickets.end(waiting.id, EndReason.CODE_GIVEN)
            self._record(session, "sign_in.succeeded", waiting.user, {"second_factor": True})
            return tickets.issue(waiting.user, network)

    def confirm_password(self, user_id: int, password: str, address: str | None) -> None:
        """The person knows the present password; asked before password or second factor change. Counted like a
        sign-in. Raises WrongPassword, TooManyAttempts."""
        with read(self._engine) as session:
            name = session.get_one(PortalUser, user_id).name
        attempt_id, stored = self._counted(AttemptKind.PASSWORD, name, network_of(address))
        if not self._passwords.matches(stored, password):
            raise WrongPassword
        with begin(self._engine) as session:
            self._succeeded(session, attempt_id)

    def sign_out(self, token: str) -> None:
        """The ticket of ``token`` has ended; a copy of the cookie opens nothing any more."""
        with begin(self._engine) as session:
            tickets = Tickets(session, self._clock, self._settings)
            ticket = self._end_earlier(tickets, token, EndReason.SIGNED_OUT)
            if ticket is not None:
                self._record(session, "sign_in.ended", ticket.user, {"reason": str(EndReason.SIGNED_OUT)})

    def awaits_code(self, token: str) -> bool:
        with read(self._engine) as session:
            tickets = Tickets(session, self._clock, self._settings)
            return tickets.find(token, awaiting_code=True) is not None

    def _counted(self, kind: AttemptKind, name: str, network: str) -> tuple[int, str | None]:
        with begin(self._engine) as session:
            attempt = AttemptCounter(session, self._clock, self._limits).begin(kind, name, network)
            user = self._user(session, name)
            return attempt.id, user.password_hash if user else None

    def _waiting(self, session: Session, token: str) -> Ticket:
        ticket = Tickets(session, self._clock, self._settings).find(token, awaiting_code=True)
        if ticket is None:
            raise NoCodeDue
        return ticket

    def _has_expired(self, user: PortalUser) -> bool:
        age = self._clock.now() - user.password_changed_at
        return user.is_password_one_time and age > ONE_TIME_PASSWORD_LIFE

    def _record(self, session: Session, act: str, user: PortalUser, detail: dict[str, object]) -> None:
        Journal(session, self._clock).record(
            act,
            actor=user.identity.actor,
            object_type="user",
            object_id=user.name,
            company_id=user.company_id,
            detail=detail,
        )

    @staticmethod
    def _user(session: Session, name: str) -> PortalUser | None:
        return session.scalars(
            select(PortalUser).where(
                PortalUser.name == name, PortalUser.is_active.is_(True), PortalUser.is_company_active
            )
        ).first()

    @staticmethod
    def _succeeded(session: Session, attempt_id: int) -> None:
        session.execute(update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(success=True))

    @staticmethod
    def _end_earlier(tickets: Tickets, token: str | None, reason: EndReason) -> Ticket | None:
        if not token:
            return None
        ticket = tickets.find(token) or tickets.find(token, awaiting_code=True)
        if ticket is not None:
            tickets.end(ticket.id, reason)
        return ticket


def use_code(session: Session, clock: Clock, user: PortalUser, secret: str | None, typed: str) -> bool:
    """Whether ``typed`` is a right code of ``secret`` that was not used before; it is used up by this. One conditional
    UPDATE, so of two racers with one code only one gets in."""
    step = matching_step(secret, typed, clock.now()) if secret else None
    if step is None:
        return False
    result = session.execute(
        update(PortalUser)
        .where(
            PortalUser.id == user.id,
            (PortalUser.last_totp_step.is_(None)) | (PortalUser.last_totp_step < step),
        )
        .values(last_totp_step=step)
    )
    return int(result.rowcount) == 1  # type: ignore[attr-defined]
