"""The numbered states of a filing, what each means, what comes next, and every step between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from supervision.db.lifecycle import Lifecycle, Step
from supervision.security import Permission


class State(StrEnum):
    RECEIVED = "received"
    JUDGING = "judging"
    REJECTED = "rejected"
    NEEDS_EXPLANATION = "needs_explanation"
    READY = "ready"
    SIGNED = "signed"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    START_JUDGING = "start_judging"
    REJECT = "reject"
    ASK_EXPLANATION = "ask_explanation"
    ACCEPT = "accept"
    EXPLAIN = "explain"
    EXPLAIN_PART = "explain_part"
    CARRY = "carry"
    REOPEN = "reopen"
    RELEASE = "release"
    SIGN = "sign"
    SUPERSEDE = "supersede"
    WITHDRAW = "withdraw"


BY_THE_SYSTEM = "system"  # the permission of steps that no person takes

_UPLOAD, _SIGN = str(Permission.FILING_UPLOAD), str(Permission.FILING_SIGN)

LIFECYCLE: Lifecycle[State, Act] = Lifecycle(
    {
        (State.RECEIVED, Act.START_JUDGING): Step(State.JUDGING, BY_THE_SYSTEM),
        (State.JUDGING, Act.REJECT): Step(State.REJECTED, BY_THE_SYSTEM),
        (State.JUDGING, Act.ASK_EXPLANATION): Step(State.NEEDS_EXPLANATION, BY_THE_SYSTEM),
        (State.JUDGING, Act.ACCEPT): Step(State.READY, BY_THE_SYSTEM),
        (State.NEEDS_EXPLANATION, Act.EXPLAIN_PART): Step(State.NEEDS_EXPLANATION, _UPLOAD),
        (State.NEEDS_EXPLANATION, Act.EXPLAIN): Step(State.READY, _UPLOAD),
        (State.NEEDS_EXPLANATION, Act.CARRY): Step(State.READY, BY_THE_SYSTEM),
        (State.REJECTED, Act.REOPEN): Step(State.NEEDS_EXPLANATION, BY_THE_SYSTEM),
        (State.REJECTED, Act.RELEASE): Step(State.READY, BY_THE_SYSTEM),
        (State.NEEDS_EXPLANATION, Act.RELEASE): Step(State.READY, BY_THE_SYSTEM),
        (State.READY, Act.SIGN): Step(State.SIGNED, _SIGN),
        (State.SIGNED, Act.SUPERSEDE): Step(State.SUPERSEDED, BY_THE_SYSTEM),
        (State.RECEIVED, Act.WITHDRAW): Step(State.WITHDRAWN, _UPLOAD),
        (State.JUDGING, Act.WITHDRAW): Step(State.WITHDRAWN, _UPLOAD),
        (State.NEEDS_EXPLANATION, Act.WITHDRAW): Step(State.WITHDRAWN, _UPLOAD),
        (State.READY, Act.WITHDRAW): Step(State.WITHDRAWN, _UPLOAD),
    }
)

FINAL = frozenset({State.SUPERSEDED, State.WITHDRAWN})
UNDER_WAY = frozenset({State.RECEIVED, State.JUDGING})
OPEN = frozenset({State.RECEIVED, State.JUDGING, State.NEEDS_EXPLANATION, State.READY})


@dataclass(frozen=True, slots=True)
class StateText:
    """State ``number`` of eight: its name, what it means (filed? counted?), and the next action."""

    number: int
    name_zh: str
    name_en: str
    tone: str
    zh: str
    en: str
    next_zh: str
    next_en: str


TEXTS: dict[State, StateText] = {
    State.RECEIVED: StateText(
        1, "已收到", "Received", "info",
        "文件已作为证据保存，等待审核；尚未报送完成。", "The file is kept as evidence and waits to be judged; it is not filed yet.",
        "请等待审核，通常几分钟内完成。", "Wait for the judgement, usually a few minutes.",
    ),
    State.JUDGING: StateText(
        2, "审核中", "Being judged", "info",
        "正在逐行审核；尚未报送完成。", "Every row is being judged; it is not filed yet.",
        "请等待审核结果，可以离开本页。", "Wait for the result; you may leave this page.",
    ),
    State.REJECTED: StateText(
        3, "退回修改", "Rejected", "bad",
        "未通过审核，不算已报送，也不计入监管。", "It did not pass: it is not filed and does not count.",
        "请按审核报告改正后重新上传。", "Mend what the edit report lists and upload again.",
    ),
    State.NEEDS_EXPLANATION: StateText(
        4, "待说明", "Needs explanation", "open",
        "没有硬性错误，但有疑点；尚未报送完成。按期收到并按期签署的才算按时，期限见报送日历。",
        "Nothing blocks it, but something is unlikely; it is not filed yet. On time is what is received and signed in time: see the calendar.",
        "请逐处说明，或改正后重新上传。", "Explain each point, or upload a mended file.",
    ),
    State.READY: StateText(
        5, "待签署", "Ready to sign", "open",
        "审核通过；签署之前不算已报送。按期收到并按期签署的才算按时，期限见报送日历。",
        "It passed; it is not filed until it is signed. On time is what is received and signed in time: see the calendar.",
        "请签署人核对汇总后签署。", "The signatory compares the totals and signs.",
    ),
    State.SIGNED: StateText(
        6, "已签署（现行）", "Signed, in force", "good",
        "已报送，现行有效，计入监管。", "It is filed, in force and counts.",
        "请保存回执；数据有变化时重新报送。", "Keep the receipt; file again when the data change.",
    ),
    State.SUPERSEDED: StateText(
        7, "已被取代", "Superseded", "secondary",
        "曾经报送，已被后一次报送取代；证据和回执仍然保留。", "It was filed and a later filing took its place; evidence and receipt are kept.",
        "无需操作。", "Nothing to do.",
    ),
    State.WITHDRAWN: StateText(
        8, "已撤回", "Withdrawn", "secondary",
        "签署前已撤回，不算已报送。", "It was withdrawn before it was signed: it is not filed.",
        "需要报送时请重新上传。", "Upload again when there is something to file.",
    ),
}  # fmt: skip

# What a test filing (试报) says where it says something else: it is judged like any other and never goes further.
TEST_TEXTS: dict[State, StateText] = {
    State.REJECTED: StateText(
        3, "试报未通过", "Test: rejected", "bad",
        "这是试报，不算报送。按此文件正式报送会被退回。", "This is a test and counts for nothing. Filed in earnest, this file would be rejected.",
        "请按审核报告改正后再试，或正式上传。", "Mend what the edit report lists and try again, or upload in earnest.",
    ),
    State.NEEDS_EXPLANATION: StateText(
        4, "试报有疑点", "Test: to be explained", "open",
        "这是试报，不算报送。按此文件正式报送需要逐项说明。", "This is a test and counts for nothing. Filed in earnest, the points listed would have to be explained.",
        "请核对疑点，确认无误后正式上传。", "Look at the points; upload in earnest when all is right.",
    ),
    State.READY: StateText(
        5, "试报通过", "Test: passed", "good",
        "这是试报，不算报送，不能签署。", "This is a test: it is not filed and cannot be signed.",
        "请正式上传同一文件并签署。", "Upload the same file in earnest and sign it.",
    ),
}  # fmt: skip

PATH: tuple[State, ...] = (State.RECEIVED, State.JUDGING, State.NEEDS_EXPLANATION, State.READY, State.SIGNED)


@dataclass(frozen=True, slots=True)
class ShownStep:
    place: int  # 1, 2, … on the way of this filing
    state: State
    text: StateText
    mark: str  # done, now, stopped, or empty for what is still ahead


def shown_steps(state: State, had_to_explain: bool, is_test: bool = False) -> list[ShownStep]:
    """The way of this filing: what is done, where it stands, what is ahead. The explanation is a step only of filings
    that need one; a test ends with its verdict."""
    way = [step for step in PATH if step is not State.NEEDS_EXPLANATION or had_to_explain]
    if is_test:
        verdict = State.NEEDS_EXPLANATION if had_to_explain else State.READY
        way = [State.RECEIVED, State.JUDGING, verdict]
    if state is State.REJECTED:
        way = [State.RECEIVED, State.JUDGING, State.REJECTED]
    elif state is State.WITHDRAWN:
        way = [State.RECEIVED, State.WITHDRAWN]
    elif state is State.SUPERSEDED:
        way = [*way, State.SUPERSEDED]
    here = way.index(state)
    return [
        ShownStep(
            position + 1,
            step,
            TEST_TEXTS.get(step, TEXTS[step]) if is_test else TEXTS[step],
            "done"
            if is_test and step in (State.NEEDS_EXPLANATION, State.READY)
            else _mark(position, here, state),
        )
        for position, step in enumerate(way)
    ]


def _mark(position: int, here: int, state: State) -> str:
    if position < here:
        return "done"
    if position > here:
        return ""
    if state in {State.REJECTED, State.WITHDRAWN}:
        return "stopped"
    return "done" if state in {State.SIGNED, State.SUPERSEDED} else "now"
