"""People are told in the transaction of the act itself: the message and its e-mail exist exactly when the act does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.jobs import enqueue
from supervision.notifications.kinds import TEXTS, Kind
from supervision.notifications.models import MailChoice, Message, OutgoingMail
from supervision.security import OFFICER_ROLES
from supervision.settings import Clock
from supervision.users.models import PortalUser

LONGEST_TITLE = 300


def tell(
    session: Session,
    clock: Clock,
    kind: Kind,
    people: Iterable[PortalUser],
    *,
    path: str,
    key: str | None = None,
    **values: object,
) -> int:
    """Each of ``people`` whom the kind concerns has the message, unread, and an e-mail waits for those who chose it.
    With ``key`` a person is told once, whenever it is asked for again. Answers how many were told now."""
    text = TEXTS[kind]
    told = _told_already(session, key)
    now = clock.now()
    messages = [
        Message(
            user_id=user.id,
            kind=str(kind),
            key=key,
            title_zh=text.zh.format(**values)[:LONGEST_TITLE],
            title_en=text.en.format(**values)[:LONGEST_TITLE],
            path=path,
            at=now,
        )
        for user in people
        if user.role in text.roles and user.id not in told
    ]
    session.add_all(messages)
    session.flush()
    _mail(session, kind, messages, now)
    return len(messages)


def last_told(session: Session, kinds: Iterable[Kind], people: Sequence[PortalUser]) -> dt.datetime | None:
    """When any of ``people`` was last told something of these kinds."""
    return session.scalar(
        select(Message.at)
        .where(
            Message.user_id.in_([user.id for user in people]), Message.kind.in_([str(one) for one in kinds])
        )
        .order_by(Message.at.desc())
        .limit(1)
    )


def people_of(session: Session, company_id: int) -> Sequence[PortalUser]:
    """Everybody of the company who may enter."""
    return _who_may_enter(session, PortalUser.company_id == company_id)


def officers(session: Session) -> Sequence[PortalUser]:
    """Every officer who may enter."""
    return _who_may_enter(session, PortalUser.role.in_(OFFICER_ROLES))


def named(session: Session, names: Iterable[str]) -> Sequence[PortalUser]:
    """Those of these sign-in names who may enter."""
    return _who_may_enter(session, PortalUser.name.in_(set(names)))


def _who_may_enter(session: Session, condition: object) -> Sequence[PortalUser]:
    found = select(PortalUser).where(condition).order_by(PortalUser.id)  # type: ignore[arg-type]
    return [user for user in session.scalars(found) if user.may_enter]


def _told_already(session: Session, key: str | None) -> frozenset[int]:
    if key is None:
        return frozenset()
    return frozenset(session.scalars(select(Message.user_id).where(Message.key == key)))


def _mail(session: Session, kind: Kind, messages: Sequence[Message], now: dt.datetime) -> None:
    wanted = select(MailChoice).where(
        MailChoice.user_id.in_([message.user_id for message in messages]), MailChoice.address != ""
    )
    choices = {choice.user_id: choice for choice in session.scalars(wanted) if str(kind) in choice.kinds}
    for message in messages:
        choice = choices.get(message.user_id)
        if choice is None:
            continue
        mail = OutgoingMail(
            message_id=message.id,
            address=choice.address,
            language=choice.language,
            created_at=now,
            due_at=now,
        )
        session.add(mail)
        session.flush()
        enqueue(session, "send_mail", key=f"send_mail {mail.public_id}", enqueued_at=now, mail_id=mail.id)
