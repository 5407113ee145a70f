"""The life of a tariff draft (热价草稿) as a table: entered, reviewed, approved and published by different people."""

from __future__ import annotations

from enum import StrEnum

from supervision.db.lifecycle import Lifecycle, Step
from supervision.security import Permission


class DraftState(StrEnum):
    DRAFT = "draft"  # its author enters it
    IN_REVIEW = "in_review"  # frozen; a second person holds it against the notice and the law
    REVIEWED = "reviewed"  # waits for the approval of a third
    APPROVED = "approved"  # in the register; public on its day
    PUBLISHED = "published"  # public, and what bills are checked against
    WITHDRAWN = "withdrawn"  # taken back with a reason after approval
    DISCARDED = "discarded"  # given up before approval


class DraftAct(StrEnum):
    SAVE = "save"
    SUBMIT = "submit"
    DISCARD = "discard"
    SEND_BACK = "send_back"
    CONFIRM = "confirm"
    REFUSE = "refuse"  # sent back after its review
    APPROVE = "approve"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


_DRAFT, _REVIEW, _APPROVE = (
    str(Permission.TARIFF_DRAFT),
    str(Permission.TARIFF_REVIEW),
    str(Permission.TARIFF_APPROVE),
)
BY_THE_SYSTEM = "system"  # no person publishes: the day does

LIFECYCLE: Lifecycle[DraftState, DraftAct] = Lifecycle(
    {
        (DraftState.DRAFT, DraftAct.SAVE): Step(DraftState.DRAFT, _DRAFT),
        (DraftState.DRAFT, DraftAct.SUBMIT): Step(DraftState.IN_REVIEW, _DRAFT),
        (DraftState.DRAFT, DraftAct.DISCARD): Step(DraftState.DISCARDED, _DRAFT),
        (DraftState.IN_REVIEW, DraftAct.SEND_BACK): Step(DraftState.DRAFT, _REVIEW),
        (DraftState.IN_REVIEW, DraftAct.CONFIRM): Step(DraftState.REVIEWED, _REVIEW),
        (DraftState.REVIEWED, DraftAct.REFUSE): Step(DraftState.DRAFT, _REVIEW),
        (DraftState.REVIEWED, DraftAct.APPROVE): Step(DraftState.APPROVED, _APPROVE),
        (DraftState.APPROVED, DraftAct.PUBLISH): Step(DraftState.PUBLISHED, BY_THE_SYSTEM),
        (DraftState.APPROVED, DraftAct.WITHDRAW): Step(DraftState.WITHDRAWN, _APPROVE),
        (DraftState.PUBLISHED, DraftAct.WITHDRAW): Step(DraftState.WITHDRAWN, _APPROVE),
    }
)

BEFORE_APPROVAL = (DraftState.DRAFT, DraftState.IN_REVIEW, DraftState.REVIEWED)
STANDING = (DraftState.APPROVED, DraftState.PUBLISHED)
