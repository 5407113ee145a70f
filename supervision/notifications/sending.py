"""An e-mail goes out once. Every step is on record before it is taken: a worker that dies before the text was handed over
is replaced and tries again; one that dies while handing it over leaves an e-mail that only a person sends again, unless
the carrier can say what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from supervision.jobs import JobContext, enqueue
from supervision.notifications.carriers import NotTaken, OutcomeUnknown, Refused, carrier_of
from supervision.notifications.letters import letter
from supervision.notifications.models import MailState, OutgoingMail

# Minutes from each try to the next: about a day and a half, longer than a mail server is usually away.
PAUSES = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
LONGEST_ERROR = 2000
Ending = Callable[[Session, OutgoingMail, dt.datetime, str], None]


@dataclass(frozen=True, slots=True)
class _Task:
    public_id: str
    address: str
    text: bytes


def send(context: JobContext, mail_id: int) -> None:
    """The e-mail is sent, waits for another try, or is given up for a person to look at; what happened is on record."""
    carrier = carrier_of(context.settings)
    with context.transaction() as session:
        mail = _held(session, mail_id)
        if mail.state is MailState.HANDING_OVER:
            _after_a_death(session, mail, carrier.was_taken(mail.public_id), context.clock.now())
        if mail.state is not MailState.WAITING:
            return
        mail.tries += 1
        task = _Task(mail.public_id, mail.address, letter(mail, context.settings))
    ending: Ending
    try:
        with carrier.opened(task.public_id, task.address) as hand_over:
            with context.transaction() as session:
                mail = _held(session, mail_id)
                if (mail.state, mail.address) != (MailState.WAITING, task.address):
                    raise NotTaken("the person chose another address meanwhile")
                mail.state = MailState.HANDING_OVER
            hand_over(task.text)
            # Before the good-bye to the server: nothing stands between its yes and our record of it.
            _end(context, mail_id, _sent, "")
            return
    except NotTaken as error:
        ending, said = _try_later, str(error)
    except Refused as error:
        ending, said = _dead, str(error)
    except OutcomeUnknown as error:
        ending, said = _uncertain, str(error)
    _end(context, mail_id, ending, said)


def _held(session: Session, mail_id: int) -> OutgoingMail:
    """The e-mail as it stands, and nobody changes it before the transaction ends."""
    return session.get_one(OutgoingMail, mail_id, with_for_update=True)


def _end(context: JobContext, mail_id: int, ending: Ending, said: str) -> None:
    with context.transaction(final=True) as session:
        ending(session, _held(session, mail_id), context.clock.now(), said[:LONGEST_ERROR])


def _sent(_session: Session, mail: OutgoingMail, now: dt.datetime, _said: str) -> None:
    mail.state, mail.sent_at, mail.error = MailState.SENT, now, None


def _dead(_session: Session, mail: OutgoingMail, _now: dt.datetime, said: str) -> None:
    mail.state, mail.error = MailState.DEAD, said


def _uncertain(_session: Session, mail: OutgoingMail, _now: dt.datetime, said: str) -> None:
    mail.state, mail.error = MailState.UNCERTAIN, said


def _try_later(session: Session, mail: OutgoingMail, now: dt.datetime, said: str) -> None:
    """After a pause that grows; given up after the last."""
    if mail.state is MailState.DROPPED:
        return
    if mail.tries > len(PAUSES):
        _dead(session, mail, now, said)
        return
    mail.state, mail.error = MailState.WAITING, said
    mail.due_at = now + PAUSES[mail.tries - 1]
    enqueue(session, "send_mail", enqueued_at=now, due_at=mail.due_at, mail_id=mail.id)


def _after_a_death(session: Session, mail: OutgoingMail, was_taken: bool | None, now: dt.datetime) -> None:
    """An earlier try ended while it was handing the text over."""
    if was_taken is None:
        _uncertain(session, mail, now, "the worker ended while the server was being given the text")
    elif was_taken:
        _sent(session, mail, now, "")
    else:
        mail.state = MailState.WAITING
