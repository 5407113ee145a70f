"""A filing stopped at each of its system calls: what got a receipt is there, what got none can be filed again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.assurance.filing_process import ACTS
from tests.assurance.stopping import Acting, Answer, Call, wrong_after


def stopped(
    acting: Acting, act: str, before: Path, folder: Path, call: Call, how: str, fault: str = "none"
) -> tuple[Answer, list[str]]:
    """What the person was told when ``call`` was stopped, and what was wrong then."""
    shutil.copytree(before, folder)
    inject = f"inject={call.name}:{how}:when={call.nth}"
    answer = acting.act(act, folder, "-o", "/dev/null", "-e", inject, fault=fault)
    found = wrong_after(act, folder, answer.told)
    shutil.rmtree(folder)
    return answer, [f"{how} at {call.name} {call.nth} ({call.about[:120]}): {one}" for one in found]


def calls_of(acting: Acting, act: str, before: Path, scratch: Path, fault: str = "none") -> list[Call]:
    folder = scratch / "traced"
    shutil.copytree(before, folder)
    calls = acting.calls(act, folder, scratch / "trace.log", fault=fault)
    assert wrong_after(act, folder, "") == [] or fault != "none"
    shutil.rmtree(folder)
    return calls


@pytest.mark.parametrize("act", list(ACTS))
def test_killed_at_any_call_nothing_told_is_lost_and_nothing_is_half_done(
    acting: Acting, before: dict[str, Path], act: str, scratch: Path
) -> None:
    calls = calls_of(acting, act, before[act], scratch)
    assert len(calls) > 20
    assert {"pwrite64", "fsync", "openat"} <= {call.name for call in calls}
    wrong = []
    for call in calls:
        answer, found = stopped(acting, act, before[act], scratch / "stopped", call, "signal=KILL")
        assert answer.status == -9, f"{call} was not reached"
        wrong += found
    assert wrong == []


@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
@pytest.mark.parametrize("act", list(ACTS))
def test_a_call_that_fails_is_told_as_a_refusal_or_does_not_matter(
    acting: Acting, before: dict[str, Path], act: str, error: str, scratch: Path
) -> None:
    calls = calls_of(acting, act, before[act], scratch)
    assert len(calls) > 20
    wrong = []
    for call in calls:
        answer, found = stopped(acting, act, before[act], scratch / "stopped", call, f"error={error}")
        if bool(answer.told) == bool(answer.refused):
            found.append(f"{error} at {call}: answered {answer}")
        wrong += found
    assert wrong == []


def test_the_walk_notices_evidence_that_is_named_after_the_register_speaks_of_it(
    acting: Acting, before: dict[str, Path], scratch: Path
) -> None:
    fault = "named_too_late"
    calls = calls_of(acting, "receive", before["receive"], scratch, fault)
    wrong = []
    for call in calls:
        if call.name in ("rename", "fsync"):
            wrong += stopped(
                acting, "receive", before["receive"], scratch / "stopped", call, "signal=KILL", fault
            )[1]
    assert any("not in the store" in one for one in wrong), wrong
