"""The life of a complaint (投诉) as a table."""

from __future__ import annotations

from enum import StrEnum

from supervision.db.lifecycle import Lifecycle, Step
from supervision.security import Permission


class ComplaintState(StrEnum):
    RECEIVED = "received"
    ANSWERED = "answered"
    RETURNED = "returned"  # the officer found the answer wanting
    CLOSED = "closed"
    REOPENED = "reopened"  # the complainant did; the clock of the first day goes on


class ComplaintAct(StrEnum):
    ANSWER = "answer"
    RETURN = "return"
    CLOSE = "close"
    REOPEN = "reopen"


LIFECYCLE: Lifecycle[ComplaintState, ComplaintAct] = Lifecycle(
    {
        (ComplaintState.RECEIVED, ComplaintAct.ANSWER): Step(
            ComplaintState.ANSWERED, Permission.COMPLAINT_ANSWER
        ),
        (ComplaintState.RETURNED, ComplaintAct.ANSWER): Step(
            ComplaintState.ANSWERED, Permission.COMPLAINT_ANSWER
        ),
        (ComplaintState.REOPENED, ComplaintAct.ANSWER): Step(
            ComplaintState.ANSWERED, Permission.COMPLAINT_ANSWER
        ),
        (ComplaintState.ANSWERED, ComplaintAct.RETURN): Step(
            ComplaintState.RETURNED, Permission.COMPLAINT_CLOSE
        ),
        (ComplaintState.ANSWERED, ComplaintAct.CLOSE): Step(
            ComplaintState.CLOSED, Permission.COMPLAINT_CLOSE
        ),
        (ComplaintState.CLOSED, ComplaintAct.REOPEN): Step(
            ComplaintState.REOPENED, Permission.PUBLIC_COMPLAIN
        ),
    }
)

WAITS_FOR_COMPANY = (ComplaintState.RECEIVED, ComplaintState.RETURNED, ComplaintState.REOPENED)
OPEN = (*WAITS_FOR_COMPANY, ComplaintState.ANSWERED)
