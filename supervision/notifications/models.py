from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Enum, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.db import Base, UTCDateTime, new_public_id


class MailState(StrEnum):
    WAITING = "waiting"  # for its first try, or the next
    HANDING_OVER = "handing_over"  # the server is being given the text at this moment
    SENT = "sent"  # the server took it, and said so
    UNCERTAIN = "uncertain"  # the try ended in the middle of it: sent again only by a person
    DEAD = "dead"  # refused, or tried for the last time
    DROPPED = "dropped"  # the person wants no more e-mail


class Message(Base):
    """One thing one person was told, in both languages, with the page it leads to. ``key`` makes a reminder one."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index(None, "user_id", "read_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    user_id: Mapped[int] = mapped_column(ForeignKey("portal_user.id"))
    kind: Mapped[str] = mapped_column(String(30))
    key: Mapped[str | None] = mapped_column(String(120), doc="at most one message of a person has it")
    title_zh: Mapped[str] = mapped_column(String(300))
    title_en: Mapped[str] = mapped_column(String(300))
    path: Mapped[str] = mapped_column(String(200), doc="the page it leads to")
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


class MailChoice(Base):
    """What a person wants by e-mail. Without one, nothing leaves the portal."""

    __tablename__ = "mail_choice"

    user_id: Mapped[int] = mapped_column(ForeignKey("portal_user.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254), doc="of work; empty for no e-mail at all")
    language: Mapped[str] = mapped_column(String(2), doc="zh or en")
    kinds: Mapped[list[str]] = mapped_column(JSON)
    changed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class OutgoingMail(Base):
    """One e-mail of one message: on record with the act it tells of, sent by the worker."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        CheckConstraint(
            f"state IN ({', '.join(repr(state.value) for state in MailState)})",
            name="state",
        ),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        Index(None, "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(
        String(24),
        unique=True,
        default=new_public_id,
        doc="also in the Message-ID: one e-mail, one identifier",
    )
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[MailState] = mapped_column(
        Enum(
            MailState, native_enum=False, length=12, values_callable=lambda each: [one.value for one in each]
        ),
        default=MailState.WAITING,
    )
    tries: Mapped[int] = mapped_column(default=0, doc="since it was last put in the queue")
    error: Mapped[str | None] = mapped_column(Text, doc="of the last try that failed")
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, doc="when it is tried next")
    sent_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    message: Mapped[Message] = relationship(lazy="joined", innerjoin=True)
