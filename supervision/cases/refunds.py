"""Refund orders: what was ordered, what the company says it gave back, what an officer found; and the sums of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.cases.lifecycle import REFUND_LIFECYCLE, RefundAct, RefundState
from supervision.cases.models import Case, RefundOrder
from supervision.cases.problems import CaseRefused, NoSuchCase
from supervision.cases.trace import happened
from supervision.db.lifecycle import MovedMeanwhile
from supervision.security import Identity
from supervision.settings import Clock
from supervision.settings.clock import local_date


@dataclass(frozen=True, slots=True)
class RefundFigures:
    """Refund orders of one company and season, CNY. ``confirmed`` is what officers found given back; ``overdue`` is the
    part of orders past their last day that is not confirmed."""

    company_id: int
    season: str
    orders: int
    confirmed_orders: int
    overdue_orders: int
    ordered: Decimal
    reported: Decimal
    confirmed: Decimal
    overdue: Decimal


class RefundService:
    def __init__(self, session: Session, clock: Clock) -> None:
        self._session, self._clock = session, clock

    def order_of(self, case: Case) -> RefundOrder:
        """Raises NoSuchCase where the case orders no refund."""
        if case.refund is None:
            raise NoSuchCase(case.public_id)
        return case.refund

    def report(self, order: RefundOrder, *, by: Identity, amount: Decimal, text: str, version: int) -> None:
        """The company says how much it gave back and how; an officer checks it. Raises CaseRefused, NotPossible,
        MovedMeanwhile."""
        _seen(order, version)
        if amount > order.total:
            raise CaseRefused(
                f"报告的退款金额超过责令退还的 {order.total:,.2f} 元，请核对。",
                f"The amount is more than the {order.total:,.2f} CNY ordered; check it.",
                "amount",
            )
        now = self._clock.now()
        REFUND_LIFECYCLE.move(
            self._session,
            order,
            RefundAct.REPORT,
            reported_amount=amount,
            reported_text=text,
            reported_at=now,
            first_reported_at=order.first_reported_at or now,
        )
        is_late = local_date(now) > order.due_on
        self._happened(order, "report_refund", "refund.reported", by, amount, text, is_late=is_late)

    def return_to_company(self, order: RefundOrder, *, by: Identity, reason: str, version: int) -> None:
        """The report does not hold; the company reports again, the last day stays. Raises NotPossible,
        MovedMeanwhile."""
        _seen(order, version)
        reported = order.reported_amount
        REFUND_LIFECYCLE.move(self._session, order, RefundAct.RETURN)
        self._happened(order, "return_refund", "refund.returned", by, reported, reason)

    def confirm(self, order: RefundOrder, *, by: Identity, amount: Decimal, text: str, version: int) -> None:
        """The officer found ``amount`` given back; what lacks to the order needs the word in ``text`` all the more (a
        customer who cannot be found). Raises CaseRefused, NotPossible, MovedMeanwhile."""
        _seen(order, version)
        REFUND_LIFECYCLE.step(order.state, RefundAct.CONFIRM)
        if order.reported_amount is None or amount > order.reported_amount:
            raise CaseRefused(
                f"确认金额不得超过企业报告的 {order.reported_amount or Decimal(0):,.2f} 元。",
                f"No more can be confirmed than the company reported, {order.reported_amount or Decimal(0):,.2f} CNY.",
                "amount",
            )
        REFUND_LIFECYCLE.move(
            self._session,
            order,
            RefundAct.CONFIRM,
            confirmed_amount=amount,
            confirmed_text=text,
            confirmed_at=self._clock.now(),
            confirmed_by=by.name,
        )
        self._happened(order, "confirm_refund", "refund.confirmed", by, amount, text)

    def figures(self, company_id: int, season: str) -> RefundFigures:
        """What stands about the refunds of that company and season today. All zero without orders."""
        is_late = (RefundOrder.due_on < local_date(self._clock.now())) & (
            RefundOrder.state != RefundState.CONFIRMED
        )
        is_confirmed = RefundOrder.state == RefundState.CONFIRMED
        counted = self._session.execute(
            select(
                func.count(),
                func.count().filter(is_confirmed),
                func.count().filter(is_late),
                func.sum(RefundOrder.total),
                func.sum(RefundOrder.reported_amount).filter(RefundOrder.state != RefundState.ORDERED),
                func.sum(RefundOrder.confirmed_amount),
                func.sum(RefundOrder.total).filter(is_late),
            ).where(RefundOrder.company_id == company_id, RefundOrder.season == season)
        ).one()
        sums = [Decimal("0.00") if value is None else Decimal(value) for value in counted[3:]]
        return RefundFigures(company_id, season, counted[0], counted[1], counted[2], *sums)

    def _happened(
        self,
        order: RefundOrder,
        act: str,
        entry: str,
        by: Identity,
        amount: Decimal | None,
        text: str,
        **detail: Any,
    ) -> None:
        self._session.expire(order.case, ["refund"])
        told = {"amount": str(amount), "ordered": str(order.total), **detail}
        happened(
            self._session,
            self._clock,
            order.case,
            act,
            entry=entry,
            by=by.actor,
            is_shared=True,
            text=text,
            detail=told,
        )


def _seen(order: RefundOrder, version: int) -> None:
    if order.version != version:
        raise MovedMeanwhile
