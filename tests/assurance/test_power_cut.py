"""The power is cut at each sync of a filing: what got a receipt is on the disk, what got none can be filed again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.assurance.filing_process import ACTS
from tests.assurance.power_cut import CALLS, Disk, cuts
from tests.assurance.stopping import Acting, wrong_after


def cut_everywhere(
    acting: Acting, act: str, before: Path, scratch: Path, fault: str = "none"
) -> tuple[int, list[str]]:
    """How many disks a power cut may leave of the act, and what is wrong on any of them."""
    folder, log = scratch / "portal", scratch / "trace.log"
    shutil.copytree(before, folder)
    answer = acting.act(
        act, folder, "-xx", "-s", "9999999", "-o", str(log), "-e", f"trace={CALLS}", fault=fault
    )
    assert answer.told
    disk, wrong, count, told = Disk.of(before, folder), [], 0, ""
    for told in cuts(disk, log):
        count += 1
        left = scratch / "left"
        disk.left_in(left)
        wrong += [f"cut {count}, told {told!r}: {one}" for one in wrong_after(act, left, told)]
        shutil.rmtree(left)
    assert told == answer.told
    return count, wrong


@pytest.mark.parametrize("act", list(ACTS))
def test_a_power_cut_at_any_sync_loses_nothing_that_was_told(
    acting: Acting, before: dict[str, Path], act: str, scratch: Path
) -> None:
    count, wrong = cut_everywhere(acting, act, before[act], scratch)
    assert count > 5
    assert wrong == []


@pytest.mark.parametrize(
    ("fault", "act", "noticed"),
    [
        ("folder_not_synced", "receive", "not in the store"),
        ("named_too_late", "receive", "not in the store"),
        ("register_not_synced", "sign", "but the register has []"),
    ],
)
def test_a_sync_left_out_is_noticed(
    acting: Acting, before: dict[str, Path], fault: str, act: str, noticed: str, scratch: Path
) -> None:
    wrong = cut_everywhere(acting, act, before[act], scratch, fault)[1]
    assert any(noticed in one for one in wrong), wrong


def test_the_disk_of_a_record_without_a_cut_is_the_disk_that_is_there(
    acting: Acting, before: dict[str, Path], scratch: Path
) -> None:
    """The model of the disk is held against the real one: what processes see of it is the same, byte for byte."""
    folder, log = scratch / "portal", scratch / "trace.log"
    shutil.copytree(before["receive"], folder)
    acting.act("receive", folder, "-xx", "-s", "9999999", "-o", str(log), "-e", f"trace={CALLS}")
    disk = Disk.of(before["receive"], folder)
    list(cuts(disk, log))
    there = {Path(place) / name for place, _, names in os.walk(folder) for name in names}
    assert {path for path, inode in disk.seen.items() if inode is not None} == there
    for path in there:
        inode = disk.seen[path]
        assert inode is not None
        assert bytes(inode.written) == path.read_bytes(), path
