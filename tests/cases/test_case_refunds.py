"""Refunds that a decision orders: reported, confirmed or returned, counted, and listed when they are late."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from supervision.cases import CaseRefused
from supervision.cases.lifecycle import RefundState
from supervision.db import begin
from supervision.db.lifecycle import MovedMeanwhile, NotPossible
from supervision.findings import Finding
from tests.cases.case_desk import OFFICER, CaseDesk, days

OVER = Decimal("487.20")  # three bills of 80 m2, each 2.03 CNY per m2 too dear


def test_the_refund_figures_say_what_is_ordered_confirmed_and_overdue(
    desk: CaseDesk, finding: Finding
) -> None:
    second = desk.another_like(finding)
    case, other = (
        desk.notified(desk.open(finding)),
        desk.notified(desk.open(second), refund_total=Decimal("100.00"), refund_due_on=days(desk.clock, 5)),
    )

    def figures() -> tuple[object, ...]:
        with begin(desk.engine) as session:
            found = desk.refunds(session).figures(desk.company.company_id, "2025-26")
        return (
            found.orders,
            found.ordered,
            found.reported,
            found.confirmed,
            found.overdue_orders,
            found.overdue,
        )

    zero = Decimal("0.00")
    assert figures() == (2, Decimal("587.20"), zero, zero, 0, zero)
    desk.clock.move(dt.timedelta(days=5))
    assert figures()[4:] == (0, zero)  # the last day counts
    desk.clock.move(dt.timedelta(days=1))
    assert figures()[4:] == (1, Decimal("100.00"))
    desk.report_refund(other, Decimal("60.00"))
    assert figures() == (2, Decimal("587.20"), Decimal("60.00"), zero, 1, Decimal("100.00"))
    desk.confirm_refund(other, Decimal("60.00"))
    assert figures() == (2, Decimal("587.20"), Decimal("60.00"), Decimal("60.00"), 0, zero)
    assert desk.refund(case).state is RefundState.ORDERED
    with begin(desk.engine) as session:
        nothing = desk.refunds(session).figures(desk.company.company_id, "2024-25")
    assert (nothing.orders, nothing.ordered) == (0, zero)


def test_no_more_is_reported_than_ordered_nor_confirmed_than_reported(
    desk: CaseDesk, finding: Finding
) -> None:
    case = desk.notified(desk.open(finding))
    with pytest.raises(CaseRefused):
        desk.report_refund(case, OVER + Decimal("0.01"))
    with pytest.raises(NotPossible):
        desk.confirm_refund(case)
    desk.report_refund(case, Decimal("400.00"))
    with pytest.raises(CaseRefused):
        desk.confirm_refund(case, Decimal("400.01"))
    with pytest.raises(NotPossible):
        desk.report_refund(case)
    assert desk.refund(case).state is RefundState.REPORTED


def test_a_refund_that_another_officer_settled_meanwhile_is_not_settled_again(
    desk: CaseDesk, finding: Finding
) -> None:
    case = desk.notified(desk.open(finding))
    desk.report_refund(case)
    seen = desk.refund(case)
    desk.return_refund(case)
    with begin(desk.engine) as session:
        order = session.get_one(type(seen), seen.id)
        with pytest.raises(MovedMeanwhile):
            desk.refunds(session).confirm(
                order, by=OFFICER, amount=OVER, text="已核对。", version=seen.version
            )


def test_the_overdue_list_names_a_missing_reply_and_a_missing_refund(
    desk: CaseDesk, finding: Finding
) -> None:
    case = desk.notified(desk.open(finding))

    def late() -> list[str]:
        today = days(desk.clock, 0)
        with begin(desk.engine) as session:
            service = desk.service(session)
            assert service.counts(OFFICER, today)["notified"] + service.counts(OFFICER, today)["replied"] == 1
            return [
                one.number for one in session.scalars(service.overdue(service.visible_to(OFFICER), today))
            ]

    desk.clock.move(dt.timedelta(days=15))
    assert late() == []
    desk.clock.move(dt.timedelta(days=1))
    assert late() == [case.number]  # no reply
    desk.reply(case)
    assert late() == []
    desk.clock.move(dt.timedelta(days=15))
    assert late() == [case.number]  # no refund
    desk.report_refund(case)
    assert late() == []
