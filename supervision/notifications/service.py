"""One's own messages: read, marked as read; what of them comes by e-mail; and, for the administrator, what did not."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from supervision.db import serialise
from supervision.jobs import enqueue
from supervision.journal import Actor, Journal
from supervision.notifications.kinds import kinds_for
from supervision.notifications.models import MailChoice, MailState, Message, OutgoingMail
from supervision.security import Identity
from supervision.settings import Clock

NOT_DELIVERED = (MailState.DEAD, MailState.UNCERTAIN)


class NoSuchMessage(LookupError):
    """There is no such message, or it is somebody else's: told apart by nobody."""


class NotificationService:
    def __init__(self, session: Session, clock: Clock) -> None:
        self._session, self._clock = session, clock

    # -- the inbox -------------------------------------------------------------------------------------------------

    def query(self, viewer: Identity, *, only_unread: bool = False) -> Select[Message]:
        """The viewer's own messages, newest first."""
        found = select(Message).where(Message.user_id == viewer.user_id)
        if only_unread:
            found = found.where(Message.read_at.is_(None))
        return found.order_by(Message.at.desc(), Message.id.desc())

    def unread(self, viewer: Identity) -> int:
        """How many messages the viewer has not read."""
        wanted = (Message.user_id == viewer.user_id, Message.read_at.is_(None))
        return self._session.scalar(select(func.count()).select_from(Message).where(*wanted)) or 0

    def open(self, public_id: str, viewer: Identity) -> Message:
        """The message is read. Raises NoSuchMessage."""
        found = self._session.scalars(self.query(viewer).where(Message.public_id == public_id)).one_or_none()
        if found is None:
            raise NoSuchMessage(public_id)
        found.read_at = found.read_at or self._clock.now()
        self._session.flush()
        return found

    def read_all(self, viewer: Identity) -> None:
        """Nothing of the viewer's is unread."""
        unread = (Message.user_id == viewer.user_id, Message.read_at.is_(None))
        self._session.execute(update(Message).where(*unread).values(read_at=self._clock.now()))

    # -- e-mail ----------------------------------------------------------------------------------------------------

    def choice(self, viewer: Identity) -> MailChoice:
        """What the viewer wants by e-mail; at first nothing, as there is no address, and every kind once there is."""
        found = self._session.get(MailChoice, viewer.user_id)
        if found is not None:
            return found
        return MailChoice(address="", language="zh", kinds=[str(kind) for kind in kinds_for(viewer.role)])

    def choose(self, viewer: Identity, *, address: str, language: str, kinds: Iterable[str]) -> None:
        """These kinds go to ``address`` in ``language`` from now on; with an empty address none does, and what still
        waits is not sent. Entered in the journal, the address as a commitment."""
        serialise(self._session, f"mail choice {viewer.user_id}")
        chosen = [str(kind) for kind in kinds_for(viewer.role) if kind in set(kinds)]
        found = self._session.get(MailChoice, viewer.user_id)
        if found is None:
            found = MailChoice(user_id=viewer.user_id)
            self._session.add(found)
        found.address, found.language, found.kinds = address, language, chosen
        found.changed_at = self._clock.now()
        self._session.flush()
        self._redirect(viewer, found)
        Journal(self._session, self._clock).record(
            "mail.chosen",
            actor=viewer.actor,
            object_type="user",
            object_id=viewer.name,
            company_id=viewer.company_id,
            detail={"language": language, "kinds": chosen, "has_address": bool(address)},
            personal={"address": address} if address else None,
        )

    def _redirect(self, viewer: Identity, choice: MailChoice) -> None:
        """What still waits goes to the new address, or nowhere."""
        own = select(Message.id).where(Message.user_id == viewer.user_id)
        waiting = (OutgoingMail.message_id.in_(own), OutgoingMail.state == MailState.WAITING)
        changes: dict[str, object] = {"address": choice.address, "language": choice.language}
        if not choice.address:
            changes = {"state": MailState.DROPPED}
        self._session.execute(
            update(OutgoingMail).where(*waiting).values(changes).execution_options(synchronize_session=False)
        )

    # -- for the system administrator ------------------------------------------------------------------------------

    def mail_counts(self) -> dict[MailState, int]:
        """How many e-mails stand in each state."""
        rows = self._session.execute(select(OutgoingMail.state, func.count()).group_by(OutgoingMail.state))
        counted = {row[0]: row[1] for row in rows}
        return {state: counted.get(state, 0) for state in MailState}

    def not_delivered(self) -> Select[OutgoingMail]:
        """Every e-mail that a person must look at, newest first."""
        return (
            select(OutgoingMail).where(OutgoingMail.state.in_(NOT_DELIVERED)).order_by(OutgoingMail.id.desc())
        )

    def send_again(self, public_id: str, *, by: Actor) -> bool:
        """An e-mail that was given up waits with all its tries; False where it is not given up (any more). Raises
        NoSuchMessage."""
        mail = self._session.scalars(
            select(OutgoingMail).where(OutgoingMail.public_id == public_id)
        ).one_or_none()
        if mail is None:
            raise NoSuchMessage(public_id)
        before, now = mail.state, self._clock.now()
        changed = self._session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.id == mail.id, OutgoingMail.state.in_(NOT_DELIVERED))
            .values(state=MailState.WAITING, tries=0, due_at=now)
            .execution_options(synchronize_session=False)
        )
        if int(changed.rowcount) != 1:  # type: ignore[attr-defined]
            return False
        enqueue(self._session, "send_mail", enqueued_at=now, mail_id=mail.id)
        Journal(self._session, self._clock).record(
            "mail.sent_again",
            actor=by,
            object_type="mail",
            object_id=public_id,
            detail={"was": str(before), "kind": mail.message.kind},
        )
        return True
