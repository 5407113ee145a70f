"""What can become of a finding, and the reasons for which one may be dismissed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from supervision.db.lifecycle import Lifecycle, Step
from supervision.security import Permission


class FindingState(StrEnum):
    OPEN = "open"  # nobody has decided about it
    IN_CASE = "in_case"
    CLOSED = "closed"  # its case is closed
    DISMISSED = "dismissed"  # an officer decided, with a reason, that nothing follows
    SUPERSEDED = "superseded"  # a later run of the same period took its place


class FindingAct(StrEnum):
    TAKE = "take"
    GIVE_BACK = "give_back"
    CLOSE = "close"
    DISMISS = "dismiss"
    REOPEN = "reopen"
    SUPERSEDE = "supersede"


BY_THE_SYSTEM = "system"  # the permission of steps that no person takes

# Whether something follows from a finding is one decision: whoever may open a case may also say that none is opened.
_OPEN_CASE = str(Permission.CASE_OPEN)

LIFECYCLE: Lifecycle[FindingState, FindingAct] = Lifecycle(
    {
        (FindingState.OPEN, FindingAct.TAKE): Step(FindingState.IN_CASE, _OPEN_CASE),
        (FindingState.OPEN, FindingAct.DISMISS): Step(FindingState.DISMISSED, _OPEN_CASE),
        (FindingState.DISMISSED, FindingAct.REOPEN): Step(FindingState.OPEN, _OPEN_CASE),
        (FindingState.IN_CASE, FindingAct.GIVE_BACK): Step(FindingState.OPEN, str(Permission.CASE_DRAFT)),
        (FindingState.IN_CASE, FindingAct.CLOSE): Step(FindingState.CLOSED, str(Permission.CASE_APPROVE)),
        (FindingState.OPEN, FindingAct.SUPERSEDE): Step(FindingState.SUPERSEDED, BY_THE_SYSTEM),
        (FindingState.DISMISSED, FindingAct.SUPERSEDE): Step(FindingState.SUPERSEDED, BY_THE_SYSTEM),
    }
)


@dataclass(frozen=True, slots=True)
class Told:
    """Bilingual words of a code; ``tone`` colours a badge."""

    zh: str
    en: str
    tone: str = "secondary"


STATES: dict[FindingState, Told] = {
    FindingState.OPEN: Told("待处理", "Open", "bad"),
    FindingState.IN_CASE: Told("已立案", "In a case", "info"),
    FindingState.CLOSED: Told("已办结", "Closed", "good"),
    FindingState.DISMISSED: Told("不予处理", "Dismissed"),
    FindingState.SUPERSEDED: Told("已被新核查取代", "Superseded by a later run"),
}

REASONS: dict[str, Told] = {
    "explained": Told("企业说明成立且有据可查", "The company's explanation holds and is evidenced"),
    "data_error": Told("报送数据有误，企业将重新报送", "The filed data are wrong and will be filed again"),
    "tariff_unclear": Told("热价文件可作不同理解", "The tariff document can be read in more than one way"),
    "rule_wrong": Told("平台的核算规则有误", "A rule of this portal is wrong"),
    "immaterial": Told("金额轻微，不影响用户权益", "Too small to matter to any customer"),
    "handled_elsewhere": Told(
        "已在其他案件或由其他机关处理", "Handled in another case or by another authority"
    ),
}
