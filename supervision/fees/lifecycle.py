"""The life of a charge entered into the register (收费项目登记) as a table: one person enters it, another approves it."""

from __future__ import annotations

from enum import StrEnum

from supervision.db.lifecycle import Lifecycle, Step
from supervision.security import Permission


class EntryState(StrEnum):
    DRAFT = "draft"  # its author enters it
    SUBMITTED = "submitted"  # frozen; waits for the approval of somebody else
    APPROVED = "approved"  # in the register; its ruling binds from its day
    WITHDRAWN = "withdrawn"  # taken back with a reason after approval
    DISCARDED = "discarded"  # given up before approval


class EntryAct(StrEnum):
    SAVE = "save"
    SUBMIT = "submit"
    DISCARD = "discard"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    WITHDRAW = "withdraw"


_DRAFT, _REVIEW, _APPROVE = (
    str(Permission.TARIFF_DRAFT),
    str(Permission.TARIFF_REVIEW),
    str(Permission.TARIFF_APPROVE),
)

LIFECYCLE: Lifecycle[EntryState, EntryAct] = Lifecycle(
    {
        (EntryState.DRAFT, EntryAct.SAVE): Step(EntryState.DRAFT, _DRAFT),
        (EntryState.DRAFT, EntryAct.SUBMIT): Step(EntryState.SUBMITTED, _DRAFT),
        (EntryState.DRAFT, EntryAct.DISCARD): Step(EntryState.DISCARDED, _DRAFT),
        (EntryState.SUBMITTED, EntryAct.SEND_BACK): Step(EntryState.DRAFT, _REVIEW),
        (EntryState.SUBMITTED, EntryAct.APPROVE): Step(EntryState.APPROVED, _APPROVE),
        (EntryState.APPROVED, EntryAct.WITHDRAW): Step(EntryState.WITHDRAWN, _APPROVE),
    }
)
