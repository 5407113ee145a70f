"""What people do with their own sign-in: password, second factor, sessions. The present password is confirmed first
(:meth:`supervision.users.SignIn.confirm_password`), in a step that counts failures."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from supervision.journal import Journal
from supervision.settings import Clock, Settings
from supervision.users.codes import new_secret
from supervision.users.errors import NoSuchUser, WeakPassword, WrongCode
from supervision.users.models import EndReason, PortalUser, Ticket
from supervision.users.passwords import Passwords, check_strength
from supervision.users.sign_in import use_code
from supervision.users.tickets import Tickets


class OwnSignIn:
    def __init__(self, session: Session, clock: Clock, settings: Settings, passwords: Passwords) -> None:
        self._session, self._clock, self._passwords = session, clock, passwords
        self._tickets = Tickets(session, clock, settings)

    def user(self, user_id: int) -> PortalUser:
        """Raises NoSuchUser."""
        user = self._session.get(PortalUser, user_id)
        if user is None:
            raise NoSuchUser
        return user

    def tickets(self, user_id: int) -> Sequence[Ticket]:
        return self._tickets.of(user_id)

    def change_password(self, user_id: int, old: str, new: str, *, ticket_id: int) -> None:
        """``new`` counts from now on and every other ticket has ended. ``old`` was confirmed before. Raises
        WeakPassword."""
        user = self.user(user_id)
        check_strength(new, (user.name, user.display_name))
        if new == old:
            raise WeakPassword("新密码不能与当前密码相同。")
        user.password_hash = self._passwords.hash(new)
        user.password_changed_at, user.is_password_one_time = self._clock.now(), False
        self._session.flush()
        ended = self._tickets.end_all(user_id, EndReason.PASSWORD_CHANGED, except_ticket=ticket_id)
        self._record("user.password_changed", user, {"tickets_ended": ended})

    def begin_enrolment(self, user_id: int) -> None:
        """A new secret waits to be confirmed; the factor in use, if any, still counts until then."""
        self.user(user_id).totp_pending_secret = new_secret()
        self._session.flush()

    def confirm_enrolment(self, user_id: int, typed: str, *, ticket_id: int) -> None:
        """The secret that waited is the second factor from now on and every other ticket has ended. Raises
        WrongCode."""
        user = self.user(user_id)
        if not use_code(self._session, self._clock, user, user.totp_pending_secret, typed):
            raise WrongCode
        user.totp_secret, user.totp_pending_secret = user.totp_pending_secret, None
        self._session.flush()
        ended = self._tickets.end_all(user_id, EndReason.FACTOR_CHANGED, except_ticket=ticket_id)
        self._record("user.factor_enrolled", user, {"tickets_ended": ended})

    def end_ticket(self, user_id: int, ticket_id: int) -> bool:
        """One of the person's own tickets has ended; False where it is not theirs or has ended already."""
        if ticket_id not in {ticket.id for ticket in self._tickets.of(user_id)}:
            return False
        self._tickets.end(ticket_id, EndReason.ENDED_BY_OWNER)
        self._record("user.ticket_ended", self.user(user_id), {"ticket": ticket_id})
        return True

    def end_other_tickets(self, user_id: int, *, ticket_id: int) -> int:
        ended = self._tickets.end_all(user_id, EndReason.ENDED_BY_OWNER, except_ticket=ticket_id)
        self._record("user.tickets_ended", self.user(user_id), {"tickets_ended": ended})
        return ended

    def _record(self, act: str, user: PortalUser, detail: dict[str, object]) -> None:
        Journal(self._session, self._clock).record(
            act,
            actor=user.identity.actor,
            object_type="user",
            object_id=user.name,
            company_id=user.company_id,
            detail=detail,
        )
