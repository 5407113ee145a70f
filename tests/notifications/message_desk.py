"""Who is told, and what they were told: real people in a real register, filings through the real judge."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select

from supervision.companies import CompanyService
from supervision.db import begin
from supervision.jobs import enqueue
from supervision.jobs.worker import work
from supervision.journal import SYSTEM
from supervision.notifications import Kind, Message, NotificationService, OutgoingMail, people_of, tell
from supervision.security import Identity, Role
from supervision.settings import FixedClock, Settings
from supervision.users import PasswordCost, Passwords, UserService
from tests.filings.filing_desk import Desk

PEOPLE = {
    "clerk-a": (Role.COMPANY_CLERK, "harbin-a"),
    "signatory-a": (Role.COMPANY_SIGNATORY, "harbin-a"),
    "clerk-b": (Role.COMPANY_CLERK, "jinan-b"),
    "officer": (Role.OFFICER, None),
    "supervising-officer": (Role.SUPERVISING_OFFICER, None),
    "system-administrator": (Role.SYSTEM_ADMINISTRATOR, None),
}
ADDRESS = "clerk@harbin-a.example"


@dataclass
class MessageDesk:
    engine: Engine
    clock: FixedClock
    settings: Settings
    folder: Path
    people: dict[str, Identity]
    companies: dict[str, int]

    @classmethod
    def opened(cls, engine: Engine, clock: FixedClock, settings: Settings, folder: Path) -> MessageDesk:
        people, companies = {}, {}
        with begin(engine) as session:
            for code, city in (("harbin-a", "哈尔滨市"), ("jinan-b", "济南市")):
                company = CompanyService(session, clock).register(
                    code=code,
                    name_zh=f"{code}热力公司",
                    name_en=f"{code} Heat",
                    province="省",
                    city=city,
                    service_areas=[],
                    by=SYSTEM,
                )
                companies[code] = company.id
            users = UserService(session, clock, settings, Passwords(PasswordCost(1, 8, 1)))
            for number, (name, (role, code)) in enumerate(PEOPLE.items()):
                added = users.add(
                    name=name,
                    display_name=f"人员{number}",
                    role=role,
                    person_no=f"N{number}",
                    company_id=companies[code] if code else None,
                    password="cormorants ferry lanterns",
                    by=SYSTEM,
                )
                people[name] = added.user.identity
        return cls(engine, clock, settings, folder, people, companies)

    @property
    def filings(self) -> Desk:
        return Desk(self.engine, self.clock, self.settings, self.folder, self.companies["harbin-a"])

    def messages(self, name: str) -> list[Message]:
        """What the person was told, first to last."""
        with begin(self.engine) as session:
            query = NotificationService(session, self.clock).query(self.people[name])
            return list(reversed(session.scalars(query).all()))

    def kinds(self, name: str) -> list[str]:
        return [message.kind for message in self.messages(name)]

    def wants_mail(self, name: str = "clerk-a", *, language: str = "zh", address: str = ADDRESS) -> None:
        """The person has every kind sent to the address."""
        with begin(self.engine) as session:
            NotificationService(session, self.clock).choose(
                self.people[name], address=address, language=language, kinds=list(Kind)
            )

    def tell_a(self, number: int = 1) -> None:
        """The people of company A are told that their company's days were extended."""
        with begin(self.engine) as session:
            tell(
                session,
                self.clock,
                Kind.EXTENDED,
                people_of(session, self.companies["harbin-a"]),
                path="/company/calendar",
                feed_zh="账单",
                feed_en="Bills",
                period=f"2025-{number:02}",
                due_on="2026-01-31",
            )

    def mails(self) -> list[OutgoingMail]:
        with begin(self.engine) as session:
            return list(session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)))

    def send(self, settings: Settings | None = None, only: tuple[str, ...] = ("send_mail",)) -> int:
        """The worker does what is due of the e-mails."""
        return work(
            self.engine,
            settings or self.settings,
            threading.Event(),
            clock=self.clock,
            only=only,
            until_idle=True,
        )

    def go_round(self, name: str, at: dt.datetime) -> None:
        """The round is made at that instant."""
        self.clock.move(at - self.clock.now())
        with begin(self.engine) as session:
            enqueue(session, name, enqueued_at=self.clock.now())
        assert self.send(only=(name,)) == 1
