"""The life of a release of ratings as a table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from supervision.db.lifecycle import Lifecycle, Step
from supervision.security import Permission


class ReleaseState(StrEnum):
    DRAFT = "draft"  # computed; officers see it
    DISCARDED = "discarded"  # a later draft of the season took its place
    RELEASED = "released"  # public, in force
    SUPERSEDED = "superseded"  # public, corrected by a later release that names it
    WITHDRAWN = "withdrawn"  # public as a notice: taken back with a reason


class ReleaseAct(StrEnum):
    DISCARD = "discard"
    RELEASE = "release"
    SUPERSEDE = "supersede"
    WITHDRAW = "withdraw"


BY_THE_SYSTEM = "system"  # the permission of steps that no person takes by themselves

LIFECYCLE: Lifecycle[ReleaseState, ReleaseAct] = Lifecycle(
    {
        (ReleaseState.DRAFT, ReleaseAct.DISCARD): Step(ReleaseState.DISCARDED, BY_THE_SYSTEM),
        (ReleaseState.DRAFT, ReleaseAct.RELEASE): Step(ReleaseState.RELEASED, str(Permission.RATING_RELEASE)),
        (ReleaseState.RELEASED, ReleaseAct.SUPERSEDE): Step(ReleaseState.SUPERSEDED, BY_THE_SYSTEM),
        (ReleaseState.RELEASED, ReleaseAct.WITHDRAW): Step(
            ReleaseState.WITHDRAWN, str(Permission.RATING_RELEASE)
        ),
    }
)

PUBLISHED = (ReleaseState.RELEASED, ReleaseState.SUPERSEDED, ReleaseState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Told:
    """Bilingual words of a code; ``tone`` colours a badge."""

    zh: str
    en: str
    tone: str = "secondary"


STATES: dict[ReleaseState, Told] = {
    ReleaseState.DRAFT: Told("待发布", "Draft", "open"),
    ReleaseState.DISCARDED: Told("已作废（重新计算）", "Discarded: computed again"),
    ReleaseState.RELEASED: Told("已发布（现行）", "Released, in force", "good"),
    ReleaseState.SUPERSEDED: Told("已更正", "Corrected by a later release"),
    ReleaseState.WITHDRAWN: Told("已撤回", "Withdrawn", "bad"),
}
