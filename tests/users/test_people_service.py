"""The people who sign in, on both databases: who may be added, what ends when, and what the journal keeps."""

from __future__ import annotations

import threading

import pyotp
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.db import begin
from supervision.journal import SYSTEM, Actor, JournalEntry, JournalPersonalValue
from supervision.security import COMPANY_ROLES, Role
from supervision.settings import FixedClock, Settings
from supervision.users import (
    NoSuchUser,
    NotAllowed,
    PasswordCost,
    Passwords,
    PortalUser,
    Ticket,
    UserService,
    WeakPassword,
)
from supervision.users.models import EndReason
from supervision.users.sign_in import use_code
from supervision.users.tickets import Tickets

PASSWORDS = Passwords(PasswordCost(passes=1, memory_kib=8))
SECURITY = Actor("keeper", str(Role.SECURITY_ADMINISTRATOR))


@pytest.fixture
def settings(tmp_path: object) -> Settings:
    return Settings.from_mapping({"supervision.environment": "test", "supervision.data": str(tmp_path)})


@pytest.fixture
def people(session: Session, clock: FixedClock, settings: Settings) -> UserService:
    session.execute(
        text(
            "INSERT INTO company (id, public_id, code, name_zh, name_en, province, city, service_areas, is_active)"
            " VALUES (7, 'p7', 'harbin-a', '甲', 'A', '黑龙江', '哈尔滨', '[]', true)"
        )
    )
    return UserService(session, clock, settings, PASSWORDS)


def add(people: UserService, name: str, role: Role = Role.OFFICER, person_no: str = "P1") -> PortalUser:
    company = 7 if role in COMPANY_ROLES else None
    added = people.add(
        name=name, display_name="王某", role=role, person_no=person_no, company_id=company, by=SYSTEM
    )
    return added.user


def test_somebody_added_without_a_password_gets_one_that_must_be_changed(people: UserService) -> None:
    added = people.add(name="wang", display_name="王某", role=Role.OFFICER, person_no="P1", by=SECURITY)
    assert added.one_time_password
    assert added.user.is_password_one_time
    assert PASSWORDS.matches(added.user.password_hash, added.one_time_password)


def test_somebody_added_with_an_own_password_keeps_it(people: UserService) -> None:
    added = people.add(
        name="wang",
        display_name="王某",
        role=Role.OFFICER,
        person_no="P1",
        password="cormorants ferry lanterns",
        by=SYSTEM,
    )
    assert added.one_time_password is None
    assert not added.user.is_password_one_time


def test_a_weak_password_is_refused_when_somebody_is_added(people: UserService) -> None:
    with pytest.raises(WeakPassword):
        people.add(
            name="wang",
            display_name="王某",
            role=Role.OFFICER,
            person_no="P1",
            password="password1234",
            by=SYSTEM,
        )


@pytest.mark.parametrize(
    "name", ["", "a", "Wang", "wang li", "王某", "-wang", "w" * 41, "wang\n", "a/b", "a%00"]
)
def test_a_name_that_cannot_be_typed_everywhere_is_refused(people: UserService, name: str) -> None:
    with pytest.raises(NotAllowed):
        add(people, name)


def test_a_name_belongs_to_one_person(people: UserService) -> None:
    add(people, "wang")
    with pytest.raises(NotAllowed):
        add(people, "wang", person_no="P2")


@pytest.mark.parametrize("role", list(Role))
def test_company_roles_and_only_they_need_a_company(people: UserService, role: Role) -> None:
    wrong = None if role in COMPANY_ROLES else 7
    with pytest.raises(NotAllowed):
        people.add(name="wang", display_name="王某", role=role, person_no="P1", company_id=wrong, by=SYSTEM)


def test_a_company_that_does_not_exist_is_refused(people: UserService) -> None:
    with pytest.raises(NotAllowed):
        people.add(
            name="wang",
            display_name="王某",
            role=Role.COMPANY_CLERK,
            person_no="P1",
            company_id=99,
            by=SYSTEM,
        )


@pytest.mark.parametrize(("role", "company"), [("officer", "7"), ("company_clerk", "NULL")])
def test_the_register_itself_refuses_a_role_without_its_company(
    people: UserService, session: Session, role: str, company: str
) -> None:
    add(people, "wang")
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text(f"UPDATE portal_user SET role = '{role}', company_id = {company}"))


def test_the_register_itself_refuses_an_unknown_role(people: UserService, session: Session) -> None:
    add(people, "wang")
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("UPDATE portal_user SET role = 'emperor'"))


def test_one_person_cannot_be_two_administrators(people: UserService) -> None:
    add(people, "wang-sys", Role.SYSTEM_ADMINISTRATOR, "P1")
    with pytest.raises(NotAllowed):
        add(people, "wang-sec", Role.SECURITY_ADMINISTRATOR, "P1")
    add(people, "wang-sec", Role.SECURITY_ADMINISTRATOR, "P2")
    add(people, "wang", Role.OFFICER, "P1")
    with pytest.raises(NotAllowed):
        people.change_role("wang", Role.AUDIT_ADMINISTRATOR, by=SECURITY)


def test_a_deactivated_administrator_does_not_stand_in_the_way_until_reactivated(people: UserService) -> None:
    add(people, "wang-sys", Role.SYSTEM_ADMINISTRATOR, "P1")
    people.deactivate("wang-sys", by=SECURITY)
    add(people, "wang-sec", Role.SECURITY_ADMINISTRATOR, "P1")
    with pytest.raises(NotAllowed):
        people.reactivate("wang-sys", by=SECURITY)


@pytest.mark.parametrize("act", ["deactivate", "reactivate", "reset_password", "remove_factor"])
def test_nobody_does_to_oneself_what_two_should_do(people: UserService, act: str) -> None:
    add(people, "keeper", Role.SECURITY_ADMINISTRATOR)
    with pytest.raises(NotAllowed):
        getattr(people, act)("keeper", by=SECURITY)


@pytest.mark.parametrize("act", ["deactivate", "reactivate", "reset_password", "remove_factor", "end_all"])
def test_a_person_who_is_not_there_is_named_as_such(people: UserService, act: str) -> None:
    with pytest.raises(NoSuchUser):
        getattr(people, act)("nobody", by=SECURITY)


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        ("deactivate", EndReason.DEACTIVATED),
        ("reset_password", EndReason.ENDED_BY_ADMINISTRATOR),
        ("remove_factor", EndReason.FACTOR_CHANGED),
        ("end_all", EndReason.ENDED_BY_ADMINISTRATOR),
    ],
)
def test_tickets_end_with_the_act_and_say_why(
    people: UserService, session: Session, clock: FixedClock, settings: Settings, act: str, reason: EndReason
) -> None:
    user, other = add(people, "wang"), add(people, "li", person_no="P2")
    tickets = Tickets(session, clock, settings)
    token, untouched = tickets.issue(user, "192.0.2.1"), tickets.issue(other, "192.0.2.1")
    getattr(people, act)("wang", by=SECURITY)
    assert tickets.find(token) is None
    assert tickets.find(untouched) is not None
    assert session.query(Ticket).filter_by(user_id=user.id).one().reason is reason


def test_a_reset_keeps_the_second_factor(people: UserService, session: Session) -> None:
    user = add(people, "wang")
    user.totp_secret = pyotp.random_base32()
    password = people.reset_password("wang", by=SECURITY)
    assert PASSWORDS.matches(user.password_hash, password)
    assert user.has_factor


def test_every_act_stands_in_the_journal_without_names_of_people(
    people: UserService, session: Session
) -> None:
    add(people, "wang")
    people.change_role("wang", Role.COMPANY_CLERK, company_id=7, by=SECURITY)
    secret = people.reset_password("wang", by=SECURITY)
    people.remove_factor("wang", by=SECURITY)
    people.end_all("wang", by=SECURITY)
    people.deactivate("wang", by=SECURITY)
    people.reactivate("wang", by=SECURITY)
    entries = session.query(JournalEntry).order_by(JournalEntry.index).all()
    assert [entry.act for entry in entries] == [
        "user.added",
        "user.role_changed",
        "user.password_reset",
        "user.factor_removed",
        "user.tickets_ended",
        "user.deactivated",
        "user.reactivated",
    ]
    assert {entry.object_id for entry in entries} == {"wang"}
    for entry in entries:
        assert "王某" not in str(entry.detail)
        assert secret not in str(entry.detail)
    assert {value.field for value in session.query(JournalPersonalValue)} == {"display_name", "person_no"}


def test_of_eight_racers_with_one_code_one_gets_in(
    engine: Engine, clock: FixedClock, settings: Settings
) -> None:
    secret = pyotp.random_base32()
    with begin(engine) as session:
        service = UserService(session, clock, settings, PASSWORDS)
        user_id = service.add(
            name="wang", display_name="王某", role=Role.OFFICER, person_no="P1", by=SYSTEM
        ).user.id
    code, barrier, won = pyotp.TOTP(secret).at(clock.now()), threading.Barrier(8), []

    def race() -> None:
        barrier.wait()
        with begin(engine) as session:
            won.append(use_code(session, clock, session.get_one(PortalUser, user_id), secret, code))

    racers = [threading.Thread(target=race) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(won) == [False] * 7 + [True]
