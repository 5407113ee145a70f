"""The people who sign in: added, changed and taken out by the security administrator, each act in the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, column, select, table
from sqlalchemy.orm import Session

from supervision.db import serialise
from supervision.journal import Actor, Journal
from supervision.security import COMPANY_ROLES, Role
from supervision.settings import Clock, Settings
from supervision.users.errors import NoSuchUser, NotAllowed
from supervision.users.limits import SIGN_IN_NAME
from supervision.users.models import EndReason, PortalUser
from supervision.users.passwords import Passwords, check_strength, new_one_time_password
from supervision.users.tickets import Tickets

ADMINISTRATORS = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR})
COMPANY = table("company", column("id"), column("code"), column("name_zh"), column("name_en"))


@dataclass(frozen=True, slots=True)
class Added:
    """A person who can now sign in; ``one_time_password`` where none was given, to be shown once."""

    user: PortalUser
    one_time_password: str | None


@dataclass(frozen=True, slots=True)
class CompanyName:
    id: int
    code: str
    name_zh: str
    name_en: str


class UserService:
    def __init__(self, session: Session, clock: Clock, settings: Settings, passwords: Passwords) -> None:
        self._session, self._clock, self._passwords = session, clock, passwords
        self._tickets = Tickets(session, clock, settings)

    def query(self) -> Select[PortalUser]:
        """All people, active ones first, by name."""
        return select(PortalUser).order_by(PortalUser.is_active.desc(), PortalUser.name)

    def by_name(self, name: str) -> PortalUser:
        """Raises NoSuchUser."""
        user = self._session.scalars(select(PortalUser).where(PortalUser.name == name)).first()
        if user is None:
            raise NoSuchUser
        return user

    def display_names(self, names: Iterable[str]) -> dict[str, str]:
        """Sign-in name → the person's own name, of those who have one here; the system and the public have none."""
        found = select(PortalUser.name, PortalUser.display_name).where(PortalUser.name.in_(set(names)))
        return {row.name: row.display_name for row in self._session.execute(found)}

    def company_names(self) -> Sequence[CompanyName]:
        """The companies a person may belong to, read by table name: companies stand above people."""
        rows = self._session.execute(select(COMPANY).order_by(COMPANY.c.code))
        return [CompanyName(*row) for row in rows]

    def add(
        self,
        *,
        name: str,
        display_name: str,
        role: Role,
        person_no: str,
        by: Actor,
        company_id: int | None = None,
        password: str | None = None,
    ) -> Added:
        """Somebody new who may sign in. Without ``password`` a one-time password is made, which only serves to choose
        an own one. Raises NotAllowed (name, company or second administrator role) and WeakPassword."""
        serialise(self._session, "portal_user")
        self._check_name(name)
        self._check_role(role, company_id, person_no)
        if password is not None:
            check_strength(password, (name, display_name))
        one_time = None if password is not None else new_one_time_password()
        now = self._clock.now()
        user = PortalUser(
            name=name,
            display_name=display_name.strip(),
            role=role,
            person_no=person_no,
            company_id=company_id,
            password_hash=self._passwords.hash(password if password is not None else one_time or ""),
            password_changed_at=now,
            is_password_one_time=one_time is not None,
            created_at=now,
        )
        self._session.add(user)
        self._session.flush()
        self._record(
            "user.added",
            user,
            by,
            {"role": str(role)},
            {"display_name": user.display_name, "person_no": person_no},
        )
        return Added(user, one_time)

    def change_role(self, name: str, role: Role, *, by: Actor, company_id: int | None = None) -> PortalUser:
        """The person has ``role`` from the next request on. Raises NoSuchUser, NotAllowed."""
        serialise(self._session, "portal_user")
        user = self._other(name, by)
        self._check_role(role, company_id, user.person_no, besides=user)
        detail = {"from": str(user.role), "to": str(role), "company_before": user.company_id}
        user.role, user.company_id = role, company_id
        self._session.flush()
        self._record("user.role_changed", user, by, detail)
        return user

    def deactivate(self, name: str, *, by: Actor) -> PortalUser:
        """The person cannot sign in and every ticket has ended. Raises NoSuchUser, NotAllowed for oneself (so an
        active security administrator always remains)."""
        user = self._other(name, by)
        user.is_active = False
        self._session.flush()
        ended = self._tickets.end_all(user.id, EndReason.DEACTIVATED)
        self._record("user.deactivated", user, by, {"tickets_ended": ended})
        return user

    def reactivate(self, name: str, *, by: Actor) -> PortalUser:
        """The person may sign in again. Raises NoSuchUser, NotAllowed."""
        serialise(self._session, "portal_user")
        user = self._other(name, by)
        self._check_role(user.role, user.company_id, user.person_no, besides=user)
        user.is_active = True
        self._session.flush()
        self._record("user.reactivated", user, by)
        return user

    def reset_password(self, name: str, *, by: Actor) -> str:
        """A new one-time password, to be shown once; every ticket has ended, the second factor stays. Raises
        NoSuchUser, NotAllowed."""
        user = self._other(name, by)
        one_time = new_one_time_password()
        user.password_hash = self._passwords.hash(one_time)
        user.password_changed_at, user.is_password_one_time = self._clock.now(), True
        self._session.flush()
        ended = self._tickets.end_all(user.id, EndReason.ENDED_BY_ADMINISTRATOR)
        self._record("user.password_reset", user, by, {"tickets_ended": ended})
        return one_time

    def remove_factor(self, name: str, *, by: Actor) -> PortalUser:
        """The lost second factor is gone; a new one is enrolled at the next sign-in. The administrator has made sure
        who asks. Raises NoSuchUser, NotAllowed."""
        user = self._other(name, by)
        user.totp_secret = user.totp_pending_secret = None
        self._session.flush()
        ended = self._tickets.end_all(user.id, EndReason.FACTOR_CHANGED)
        self._record("user.factor_removed", user, by, {"tickets_ended": ended})
        return user

    def end_all(self, name: str, *, by: Actor) -> int:
        """Every ticket of the person has ended; answers how many. Raises NoSuchUser."""
        user = self.by_name(name)
        ended = self._tickets.end_all(user.id, EndReason.ENDED_BY_ADMINISTRATOR)
        self._record("user.tickets_ended", user, by, {"tickets_ended": ended})
        return ended

    def _other(self, name: str, by: Actor) -> PortalUser:
        user = self.by_name(name)
        if user.name == by.name:
            raise NotAllowed("不能对自己的登录执行此操作，请由另一位安全管理员处理。")
        return user

    def _check_name(self, name: str) -> None:
        if not SIGN_IN_NAME.fullmatch(name):
            raise NotAllowed("登录名须为 2 至 40 个小写字母、数字、点、下划线或连字符，并以字母或数字开头。")
        if self._session.scalars(select(PortalUser.id).where(PortalUser.name == name)).first() is not None:
            raise NotAllowed("登录名已被使用，请另选一个。")

    def _check_role(
        self, role: Role, company_id: int | None, person_no: str, besides: PortalUser | None = None
    ) -> None:
        if (role in COMPANY_ROLES) != (company_id is not None):
            raise NotAllowed("企业角色必须选择所属企业，其他角色不得选择企业。")
        if company_id is not None and company_id not in {company.id for company in self.company_names()}:
            raise NotAllowed("没有这家企业。")
        if role not in ADMINISTRATORS:
            return
        others = self._session.scalars(
            select(PortalUser).where(
                PortalUser.person_no == person_no,
                PortalUser.is_active.is_(True),
                PortalUser.role.in_(ADMINISTRATORS - {role}),
            )
        )
        if any(besides is None or other.id != besides.id for other in others):
            raise NotAllowed("同一人员不得兼任系统、安全、审计管理员中的两种。")

    def _record(
        self,
        act: str,
        user: PortalUser,
        by: Actor,
        detail: Mapping[str, object] | None = None,
        personal: dict[str, str] | None = None,
    ) -> None:
        Journal(self._session, self._clock).record(
            act,
            actor=by,
            object_type="user",
            object_id=user.name,
            company_id=user.company_id,
            detail=detail,
            personal=personal,
        )
