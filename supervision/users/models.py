from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, Enum, ForeignKey, Index, String, column, exists, or_, table
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from supervision.db import Base, UTCDateTime
from supervision.security import Identity, Role

# Read by table name: companies stand above people.
_COMPANY = table("company", column("id"), column("is_active", Boolean))


class EndReason(StrEnum):
    """Why a ticket ended before its time."""

    SIGNED_OUT = "signed_out"
    SIGNED_IN_AGAIN = "signed_in_again"
    CODE_GIVEN = "code_given"
    TOO_MANY_CODES = "too_many_codes"
    ENDED_BY_OWNER = "ended_by_owner"
    ENDED_BY_ADMINISTRATOR = "ended_by_administrator"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 -- a reason, not a password
    FACTOR_CHANGED = "factor_changed"
    DEACTIVATED = "deactivated"


class AttemptKind(StrEnum):
    """What was tried: a password, the code of the second factor, or the token of a company's program."""

    PASSWORD = "password"  # noqa: S105 -- a kind, not a password
    CODE = "code"
    TOKEN = "token"  # noqa: S105 -- a kind, not a token


class PortalUser(Base):
    """Somebody who signs in. Not a heat account: that is a supply point. ``person_no`` is the same for two sign-ins
    of one natural person, so that four eyes are two people."""

    __tablename__ = "portal_user"
    __table_args__ = (
        CheckConstraint(
            "(company_id IS NOT NULL) = (role IN ('company_clerk', 'company_signatory'))",
            name="company_of_role",
        ),
        CheckConstraint("length(name) >= 2", name="name_length"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True, doc="what is typed at sign-in, lower case")
    display_name: Mapped[str] = mapped_column(String(80))
    role: Mapped[Role] = mapped_column(
        Enum(
            Role,
            native_enum=False,
            create_constraint=True,
            length=40,
            name="role",
            values_callable=lambda roles: [role.value for role in roles],
        )
    )
    person_no: Mapped[str] = mapped_column(String(40), index=True, doc="staff number of the natural person")
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200), doc="Argon2id, with its own parameters")
    password_changed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    is_password_one_time: Mapped[bool] = mapped_column(
        default=False, doc="handed out by an administrator; only good for choosing one's own"
    )
    totp_secret: Mapped[str | None] = mapped_column(
        String(64), doc="base32; the second factor when confirmed"
    )
    totp_pending_secret: Mapped[str | None] = mapped_column(
        String(64), doc="base32; shown, not yet confirmed"
    )
    last_totp_step: Mapped[int | None] = mapped_column(doc="30-second step of the last accepted code")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    #: Nobody's company, or one that is under supervision now.
    is_company_active: Mapped[bool] = column_property(
        or_(company_id.is_(None), exists().where(_COMPANY.c.id == company_id, _COMPANY.c.is_active)),
        deferred=False,
    )

    @property
    def may_enter(self) -> bool:
        """Active, and of a company that is, where of one."""
        return self.is_active and self.is_company_active

    @property
    def identity(self) -> Identity:
        return Identity(self.id, self.name, self.display_name, self.role, self.person_no, self.company_id)

    @property
    def has_factor(self) -> bool:
        return self.totp_secret is not None


class Ticket(Base):
    """A session kept on the server. The browser holds 256 random bits; the register holds only their digest."""

    __tablename__ = "ticket"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True, doc="SHA-256 of the token, hexadecimal")
    user_id: Mapped[int] = mapped_column(ForeignKey("portal_user.id"), index=True)
    awaits_code: Mapped[bool] = mapped_column(
        default=False, doc="password was right, code is due: opens nothing"
    )
    address: Mapped[str] = mapped_column(String(45), doc="network address at sign-in")
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, doc="kept to the minute")
    ended_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    reason: Mapped[EndReason | None] = mapped_column(
        Enum(
            EndReason,
            native_enum=False,
            create_constraint=True,
            length=40,
            name="reason",
            values_callable=lambda reasons: [reason.value for reason in reasons],
        )
    )
    user: Mapped[PortalUser] = relationship(lazy="joined", innerjoin=True)


class SignInAttempt(Base):
    """One try at a password or a code, counted before it is checked, so that racing tries cannot slip through."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix__sign_in_attempt__name__at", "name", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AttemptKind] = mapped_column(
        Enum(
            AttemptKind,
            native_enum=False,
            create_constraint=True,
            length=20,
            name="kind",
            values_callable=lambda kinds: [kind.value for kind in kinds],
        )
    )
    name: Mapped[str] = mapped_column(String(40), doc="as typed where it could be a name, else empty")
    address: Mapped[str] = mapped_column(String(45))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime, index=True)
    success: Mapped[bool] = mapped_column(default=False)
