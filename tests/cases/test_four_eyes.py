"""A decision has an author and an approver, two natural persons, and is approved once and as it was read."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from supervision.cases import Case, CaseRefused, CaseState, SamePerson, TextChanged
from supervision.cases.lifecycle import DecisionState
from supervision.cases.models import CaseEvent, Decision, RefundOrder
from supervision.db import begin
from supervision.db.lifecycle import MovedMeanwhile, NotPossible
from supervision.documents import IssuedDocument
from supervision.findings import Finding
from supervision.jobs.models import Job
from supervision.journal import Journal
from supervision.security import Identity, Role
from tests.cases.case_desk import OFFICER, SAME_PERSON, SUPERVISING_OFFICER, CaseDesk

ROUNDS, RACERS = 50, 8


def nothing_was_issued(desk: CaseDesk, case: Case) -> bool:
    now = desk.case(case.id)
    return (now.state, now.version) == (case.state, case.version) and desk.count(IssuedDocument) == 0


def test_whoever_wrote_a_decision_does_not_approve_it(desk: CaseDesk, finding: Finding) -> None:
    case = desk.open(finding)
    desk.draft(case, by=SUPERVISING_OFFICER)
    desk.submit(case, by=SUPERVISING_OFFICER)
    case = desk.case(case.id)
    with pytest.raises(SamePerson):
        desk.approve(case, by=SUPERVISING_OFFICER)
    assert nothing_was_issued(desk, case)


def test_a_second_sign_in_of_the_author_is_still_the_author(desk: CaseDesk, finding: Finding) -> None:
    case = desk.submitted(desk.open(finding))
    assert SAME_PERSON.name != OFFICER.name
    with pytest.raises(SamePerson):
        desk.approve(case, by=SAME_PERSON)
    assert nothing_was_issued(desk, case)
    assert desk.entries("case.approved") == []


def test_everybody_who_had_a_hand_in_the_text_is_an_author(desk: CaseDesk, finding: Finding) -> None:
    case = desk.open(finding)
    desk.draft(case, by=SUPERVISING_OFFICER)
    desk.draft(case, by=OFFICER, facts="由承办人改写过的事实陈述。")
    desk.submit(case, by=OFFICER)
    assert desk.decision(case).author_person_nos == ["P1", "P3"]
    with pytest.raises(SamePerson):
        desk.approve(case, by=SUPERVISING_OFFICER)
    other = Identity(4, "supervising-officer-2", "钱审批", Role.SUPERVISING_OFFICER, "P4", None)
    desk.approve(case, by=other)
    decision = desk.decision(case)
    assert (decision.approved_by, decision.approved_person_no) == ("supervising-officer-2", "P4")


def test_submitting_anothers_draft_makes_an_author(desk: CaseDesk, finding: Finding) -> None:
    case = desk.open(finding)
    desk.draft(case, by=OFFICER)
    desk.submit(case, by=SUPERVISING_OFFICER)
    with pytest.raises(SamePerson):
        desk.approve(case, by=SUPERVISING_OFFICER)


def test_the_register_itself_refuses_one_person_as_author_and_approver(
    desk: CaseDesk, finding: Finding
) -> None:
    case = desk.notified(desk.open(finding))
    with pytest.raises(IntegrityError), begin(desk.engine) as session:
        session.execute(update(Decision).where(Decision.case_id == case.id).values(approved_person_no="P1"))


def test_only_the_text_that_was_shown_is_approved(desk: CaseDesk, finding: Finding) -> None:
    case = desk.submitted(desk.open(finding))
    with pytest.raises(TextChanged):
        desk.approve(case, text_digest="0" * 64)
    assert nothing_was_issued(desk, case)


def test_a_text_changed_after_it_was_shown_is_not_approved(desk: CaseDesk, finding: Finding) -> None:
    case = desk.submitted(desk.open(finding))
    seen = desk.decision(case).text_digest
    desk.send_back(case)
    desk.submitted(case, facts="退回后改写的另一段事实陈述。")
    with begin(desk.engine) as session:
        own = session.get_one(Case, case.id)
        service = desk.service(session)
        with pytest.raises(MovedMeanwhile):
            service.approve(own, by=SUPERVISING_OFFICER, version=case.version, text_digest=seen)
        with pytest.raises(TextChanged):
            service.approve(own, by=SUPERVISING_OFFICER, version=own.version, text_digest=seen)
    assert desk.count(IssuedDocument) == 0


def test_a_text_altered_in_the_register_itself_is_not_issued(desk: CaseDesk, finding: Finding) -> None:
    case = desk.submitted(desk.open(finding))
    decision = desk.decision(case)
    with begin(desk.engine) as session:
        altered = {**decision.content, "facts": ["没有任何问题。"]}
        session.execute(update(Decision).where(Decision.id == decision.id).values(content=altered))
    with pytest.raises(TextChanged):
        desk.approve(case)
    assert nothing_was_issued(desk, case)


def test_a_last_day_that_has_passed_meanwhile_is_not_issued(desk: CaseDesk, finding: Finding) -> None:
    case = desk.submitted(desk.open(finding))
    desk.clock.move(dt.timedelta(days=15))
    with pytest.raises(CaseRefused, match="cannot be issued"):
        desk.approve(case)
    assert nothing_was_issued(desk, case)


def test_what_was_read_and_approved_is_what_was_issued(desk: CaseDesk, finding: Finding) -> None:
    from supervision.cases.drafting import digest_of, text_of

    case = desk.notified(desk.open(finding), facts="第一段事实陈述,有据可查。\n第二段事实陈述,有据可查。")
    decision, document = desk.decision(case), desk.document(case)
    assert digest_of(text_of(document.content)) == decision.text_digest
    assert document.content["facts"] == ["第一段事实陈述,有据可查。", "第二段事实陈述,有据可查。"]
    assert [one["name"] for one in document.content["signatories"]] == ["李承办", "赵审批"]
    (entry,) = desk.entries("case.approved")
    assert entry.detail["text"] == decision.text_digest
    assert entry.detail["content"] == document.content_digest


def test_eight_approvers_at_once_issue_one_document_with_one_number_and_one_event(
    desk: CaseDesk, finding: Finding
) -> None:
    pattern = desk.open(finding)
    assert pattern.annex is not None
    for turn in range(1, ROUNDS + 1):
        case = desk.open(desk.another_like(finding), is_prepared=False)
        case = desk.submitted(desk.prepared_like(case, pattern.annex))
        seen = desk.decision(case).text_digest
        outcomes: list[str] = []
        together = threading.Barrier(RACERS)

        def race(number: int, case: Case, seen: str, together: threading.Barrier, told: list[str]) -> None:
            who = Identity(
                100 + number, f"approver-{number}", "甲", Role.SUPERVISING_OFFICER, f"R{number}", None
            )
            together.wait()
            try:
                with begin(desk.engine) as session:
                    own = session.get_one(Case, case.id)
                    desk.service(session).approve(own, by=who, version=case.version, text_digest=seen)
                told.append("issued")
            except (MovedMeanwhile, NotPossible) as refusal:
                told.append(type(refusal).__name__)
            except Exception as error:  # any other refusal fails the test by name
                told.append(repr(error))

        racers = [
            threading.Thread(target=race, args=(number, case, seen, together, outcomes))
            for number in range(RACERS)
        ]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        counted = Counter(outcomes)
        assert counted["issued"] == 1, f"round {turn}: {counted}"
        assert set(counted) <= {"issued", "MovedMeanwhile", "NotPossible"}, f"round {turn}: {counted}"
        assert len(outcomes) == RACERS
        with begin(desk.engine) as session:
            own = session.get_one(Case, case.id)
            documents = session.scalars(
                select(IssuedDocument).where(IssuedDocument.object_id == own.public_id)
            ).all()
            approvals = [event for event in own.events if event.act == "approve"]
            assert (own.state, own.version) == (CaseState.NOTIFIED, case.version + 1)
            assert [one.serial for one in documents] == [turn]
            assert len(approvals) == 1
            assert own.decisions[-1].state is DecisionState.APPROVED
    assert desk.count(IssuedDocument) == desk.count(RefundOrder) == ROUNDS
    assert len(desk.entries("case.approved")) == len(desk.entries("document.issued")) == ROUNDS
    with begin(desk.engine) as session:
        renderings = session.scalars(select(Job.key).where(Job.name == "render_document")).all()
        assert len(set(renderings)) == ROUNDS
        assert list(Journal(session, desk.clock).flaws()) == []
        assert session.scalar(select(CaseEvent.id).where(CaseEvent.act == "approve").limit(1))


def test_eight_officers_at_once_open_one_case_of_one_finding(desk: CaseDesk, finding: Finding) -> None:
    for turn in range(1, 11):
        own = desk.another_like(finding)
        outcomes: list[str] = []
        together = threading.Barrier(RACERS)

        def race(own: Finding, together: threading.Barrier, told: list[str]) -> None:
            together.wait()
            try:
                desk.open(own, is_prepared=False)
                told.append("opened")
            except (MovedMeanwhile, NotPossible) as refusal:
                told.append(type(refusal).__name__)

        racers = [threading.Thread(target=race, args=(own, together, outcomes)) for _ in range(RACERS)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert Counter(outcomes)["opened"] == 1, f"round {turn}: {outcomes}"
        assert len(outcomes) == RACERS
    with begin(desk.engine) as session:
        assert sorted(session.scalars(select(Case.serial))) == list(range(1, 11))
