"""The lives of a case (案件), of its decision and of a refund order, as tables."""

from __future__ import annotations

from enum import StrEnum

from supervision.db.lifecycle import Lifecycle, Step
from supervision.security import Permission


class CaseState(StrEnum):
    OPENED = "opened"  # a decision is being drafted
    SUBMITTED = "submitted"  # its exact text waits for another person's approval
    NOTIFIED = "notified"  # approved; the document is issued and the company sees the case
    REPLIED = "replied"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"  # given up before anything was issued


class CaseAct(StrEnum):
    SAVE = "save"
    SUBMIT = "submit"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    REPLY = "reply"
    CLOSE = "close"
    WITHDRAW = "withdraw"


_DRAFT, _APPROVE, _REPLY = (
    str(Permission.CASE_DRAFT),
    str(Permission.CASE_APPROVE),
    str(Permission.CASE_REPLY),
)

LIFECYCLE: Lifecycle[CaseState, CaseAct] = Lifecycle(
    {
        (CaseState.OPENED, CaseAct.SAVE): Step(CaseState.OPENED, _DRAFT),
        (CaseState.OPENED, CaseAct.SUBMIT): Step(CaseState.SUBMITTED, _DRAFT),
        (CaseState.OPENED, CaseAct.WITHDRAW): Step(CaseState.WITHDRAWN, _DRAFT),
        (CaseState.SUBMITTED, CaseAct.SEND_BACK): Step(CaseState.OPENED, _APPROVE),
        (CaseState.SUBMITTED, CaseAct.APPROVE): Step(CaseState.NOTIFIED, _APPROVE),
        (CaseState.SUBMITTED, CaseAct.WITHDRAW): Step(CaseState.WITHDRAWN, _DRAFT),
        (CaseState.NOTIFIED, CaseAct.REPLY): Step(CaseState.REPLIED, _REPLY),
        (CaseState.NOTIFIED, CaseAct.CLOSE): Step(CaseState.CLOSED, _APPROVE),
        (CaseState.REPLIED, CaseAct.REPLY): Step(CaseState.REPLIED, _REPLY),
        (CaseState.REPLIED, CaseAct.CLOSE): Step(CaseState.CLOSED, _APPROVE),
    }
)

BEFORE_NOTICE = (CaseState.OPENED, CaseState.SUBMITTED)
WITH_COMPANY = (CaseState.NOTIFIED, CaseState.REPLIED)
UNDER_WAY = (*BEFORE_NOTICE, *WITH_COMPANY)


class DecisionKind(StrEnum):
    RECTIFICATION_ORDER = "rectification_order"  # 责令改正, with the refund of what was overcharged
    WARNING = "warning"  # 提醒告诫; no administrative penalty
    NO_ACTION = "no_action"  # 结案, nothing follows


class DecisionState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class RefundState(StrEnum):
    ORDERED = "ordered"
    REPORTED = "reported"  # the company says what it refunded
    CONFIRMED = "confirmed"  # an officer found it so


class RefundAct(StrEnum):
    REPORT = "report"
    RETURN = "return"
    CONFIRM = "confirm"


REFUND_LIFECYCLE: Lifecycle[RefundState, RefundAct] = Lifecycle(
    {
        (RefundState.ORDERED, RefundAct.REPORT): Step(RefundState.REPORTED, _REPLY),
        (RefundState.REPORTED, RefundAct.RETURN): Step(RefundState.ORDERED, _DRAFT),
        (RefundState.REPORTED, RefundAct.CONFIRM): Step(RefundState.CONFIRMED, _DRAFT),
    }
)
