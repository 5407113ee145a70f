"""The states of a version of a mapping profile and every step between them."""

from __future__ import annotations

from enum import StrEnum

from supervision.db.lifecycle import Lifecycle, Step
from supervision.filings.lifecycle import BY_THE_SYSTEM
from supervision.security import Permission


class ProfileState(StrEnum):
    DRAFT = "draft"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"


class ProfileAct(StrEnum):
    EDIT = "edit"
    SIGN = "sign"
    DISCARD = "discard"
    SUPERSEDE = "supersede"


_UPLOAD, _SIGN = str(Permission.FILING_UPLOAD), str(Permission.FILING_SIGN)

PROFILE_LIFECYCLE: Lifecycle[ProfileState, ProfileAct] = Lifecycle(
    {
        (ProfileState.DRAFT, ProfileAct.EDIT): Step(ProfileState.DRAFT, _UPLOAD),
        (ProfileState.DRAFT, ProfileAct.SIGN): Step(ProfileState.IN_FORCE, _SIGN),
        (ProfileState.DRAFT, ProfileAct.DISCARD): Step(ProfileState.DISCARDED, _UPLOAD),
        (ProfileState.IN_FORCE, ProfileAct.SUPERSEDE): Step(ProfileState.SUPERSEDED, BY_THE_SYSTEM),
    }
)
