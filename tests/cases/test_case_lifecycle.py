"""Every listed step of a case and of a refund order can be taken, every other is refused."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from supervision.cases import CaseAct, CaseState
from supervision.cases.lifecycle import LIFECYCLE, REFUND_LIFECYCLE, RefundAct, RefundState
from supervision.cases.problems import CaseRefused
from supervision.db.lifecycle import NotPossible
from supervision.findings import Finding
from supervision.security import GRANTS, Role
from tests.cases.case_desk import CaseDesk


def taken(desk: CaseDesk, act: CaseAct) -> Callable[..., object]:
    return {
        CaseAct.SAVE: lambda case: desk.draft(case, facts="改写后的事实,仍有依据。"),
        CaseAct.SUBMIT: desk.submit,
        CaseAct.SEND_BACK: desk.send_back,
        CaseAct.APPROVE: desk.approve,
        CaseAct.REPLY: desk.reply,
        CaseAct.CLOSE: desk.close,
        CaseAct.WITHDRAW: desk.withdraw,
    }[act]


def test_every_step_of_the_table_can_be_taken_and_every_other_is_refused(
    desk: CaseDesk, finding: Finding
) -> None:
    tried = set()
    for state, act in product(CaseState, CaseAct):
        case = desk.brought_to(state, desk.another_like(finding))
        entries, events = len(desk.entries()), len(case.events)
        if (state, act) in LIFECYCLE.steps:
            taken(desk, act)(case)
            after = desk.case(case.id)
            assert after.state is LIFECYCLE.steps[(state, act)].to
            assert after.version == case.version + 1
            assert (after.events[-1].state, len(after.events)) == (str(after.state), events + 1)
            assert len(desk.entries()) > entries
        else:
            with pytest.raises((NotPossible, CaseRefused)) as refusal:
                taken(desk, act)(case)
            assert refusal.type is NotPossible, f"{act} from {state} is refused for another reason"
            after = desk.case(case.id)
            assert (after.state, after.version, len(after.events)) == (state, case.version, events)
            assert len(desk.entries()) == entries
        tried.add((state, act))
    assert len(tried) == len(CaseState) * len(CaseAct)


def test_the_tables_name_the_steps_that_were_agreed() -> None:
    steps = {f"{state} {act} → {step.to}" for (state, act), step in LIFECYCLE.steps.items()}
    assert steps == {
        "opened save → opened",
        "opened submit → submitted",
        "opened withdraw → withdrawn",
        "submitted send_back → opened",
        "submitted approve → notified",
        "submitted withdraw → withdrawn",
        "notified reply → replied",
        "notified close → closed",
        "replied reply → replied",
        "replied close → closed",
    }
    refunds = {f"{state} {act} → {step.to}" for (state, act), step in REFUND_LIFECYCLE.steps.items()}
    assert refunds == {
        "ordered report → reported",
        "reported return → ordered",
        "reported confirm → confirmed",
    }


def test_approving_sending_back_and_closing_are_for_supervising_officers_and_replying_for_companies() -> None:
    def who(act: CaseAct) -> set[Role]:
        needed = {step.permission for (_, done), step in LIFECYCLE.steps.items() if done is act}
        return {role for role, held in GRANTS.items() if needed <= {str(each) for each in held}}

    officers = {Role.OFFICER, Role.SUPERVISING_OFFICER}
    assert {act: who(act) for act in CaseAct} == {
        CaseAct.SAVE: officers,
        CaseAct.SUBMIT: officers,
        CaseAct.WITHDRAW: officers,
        CaseAct.SEND_BACK: {Role.SUPERVISING_OFFICER},
        CaseAct.APPROVE: {Role.SUPERVISING_OFFICER},
        CaseAct.CLOSE: {Role.SUPERVISING_OFFICER},
        CaseAct.REPLY: {Role.COMPANY_CLERK, Role.COMPANY_SIGNATORY},
    }


def test_every_step_of_a_refund_can_be_taken_and_every_other_is_refused(
    desk: CaseDesk, finding: Finding
) -> None:
    acts: dict[RefundAct, Callable[..., object]] = {
        RefundAct.REPORT: desk.report_refund,
        RefundAct.RETURN: desk.return_refund,
        RefundAct.CONFIRM: desk.confirm_refund,
    }
    ways: dict[RefundState, list[Callable[..., object]]] = {
        RefundState.ORDERED: [],
        RefundState.REPORTED: [desk.report_refund],
        RefundState.CONFIRMED: [desk.report_refund, desk.confirm_refund],
    }
    for state, act in product(RefundState, RefundAct):
        case = desk.notified(desk.open(desk.another_like(finding)))
        for step in ways[state]:
            step(case)
        assert desk.refund(case).state is state
        if (state, act) in REFUND_LIFECYCLE.steps:
            acts[act](case)
            assert desk.refund(case).state is REFUND_LIFECYCLE.steps[(state, act)].to
        else:
            before = len(desk.entries())
            with pytest.raises(NotPossible):
                acts[act](case)
            assert desk.refund(case).state is state
            assert len(desk.entries()) == before
