"""A company is told of the document issued to it, and the officers of its reply."""

from __future__ import annotations

from sqlalchemy import select

from supervision.db import begin
from supervision.findings import Finding
from supervision.journal import SYSTEM
from supervision.notifications import Message
from supervision.security import Role
from supervision.users import PasswordCost, Passwords, PortalUser, UserService
from tests.cases.case_desk import OFFICER, SUPERVISING_OFFICER, CaseDesk


def with_people(desk: CaseDesk, *names: str) -> None:
    """Those of the desk's people are in the register too, and another officer who has nothing to do with the case."""
    company = desk.company.company_id
    roles = {
        "officer": (Role.OFFICER, None),
        "supervising-officer": (Role.SUPERVISING_OFFICER, None),
        "other-officer": (Role.OFFICER, None),
        "clerk": (Role.COMPANY_CLERK, company),
    }
    with begin(desk.engine) as session:
        users = UserService(session, desk.clock, desk.settings, Passwords(PasswordCost(1, 8, 1)))
        for name in names:
            role, company_id = roles[name]
            users.add(
                name=name,
                display_name=name,
                role=role,
                person_no=name,
                company_id=company_id,
                password="cormorants ferry lanterns",
                by=SYSTEM,
            )


def told(desk: CaseDesk) -> dict[str, list[Message]]:
    """What each person was told of cases."""
    found: dict[str, list[Message]] = {}
    with begin(desk.engine) as session:
        query = select(PortalUser.name, Message).join(Message, Message.user_id == PortalUser.id)
        for name, message in session.execute(query.order_by(Message.id)):
            if message.kind.startswith("case_"):
                found.setdefault(name, []).append(message)
    return found


def test_the_company_is_told_when_the_document_is_issued_and_not_before(
    desk: CaseDesk, finding: Finding
) -> None:
    with_people(desk, "officer", "supervising-officer", "other-officer", "clerk")
    case = desk.submitted(desk.open(finding))
    assert told(desk) == {}
    desk.approve(case)
    (message,) = told(desk)["clerk"]
    assert set(told(desk)) == {"clerk"}
    assert message.path == f"/company/cases/{case.public_id}"
    assert desk.document(case).number in message.title_zh
    assert case.number in message.title_en


def test_the_reply_is_told_to_those_who_had_a_hand_in_the_case(desk: CaseDesk, finding: Finding) -> None:
    with_people(desk, OFFICER.name, SUPERVISING_OFFICER.name, "other-officer")
    case = desk.notified(desk.open(finding))
    desk.reply(case)
    found = told(desk)
    assert set(found) == {OFFICER.name, SUPERVISING_OFFICER.name}
    assert found[OFFICER.name][0].path == f"/officer/cases/{case.public_id}"


def test_where_none_of_them_is_here_any_more_every_officer_is_told(desk: CaseDesk, finding: Finding) -> None:
    with_people(desk, "other-officer")
    case = desk.notified(desk.open(finding))
    desk.reply(case)
    assert set(told(desk)) == {"other-officer"}
