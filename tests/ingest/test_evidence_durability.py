"""The evidence store under a power cut, a full disk and two writers at once."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.evidence import EvidenceStore

CONTENT = b"account_no,billed_total\nA00001,2210.00\n" * 60_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
PUT = """
import pathlib, sys
from ingest.evidence import EvidenceStore
EvidenceStore(pathlib.Path(sys.argv[1])).put_file(pathlib.Path(sys.argv[2]))
"""
REPOSITORY = Path(__file__).resolve().parents[2]


def recorded_by_the_kernel(root: Path, filed: Path, log: Path) -> list[tuple[str, str]]:
    """(call, path) of every write, fsync, fchmod and rename under ``root``, as strace saw them."""
    calls = "trace=write,fsync,fdatasync,fchmod,rename,renameat,renameat2,link,linkat"
    subprocess.run(
        ["strace", "-f", "-y", "-s", "8", "-o", log, "-e", calls, sys.executable, "-c", PUT, root, filed],
        check=True,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    found = []
    for line in log.read_text(errors="replace").splitlines():
        call = re.match(r"\d+\s+(\w+)\((?:\d+<([^>]*)>|(.*))", line)
        if call is None or str(root) not in line:
            continue
        name, opened, rest = call.groups()
        targets = re.findall(r'"([^"]*)"', rest or "")
        path = opened if opened is not None else targets[-1]
        found.append(("rename" if name.startswith("rename") else name, path))
    return found


def recorded_by_this_process(
    root: Path, filed: Path, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, str]]:
    """The same where the kernel cannot be asked: the real calls, each noted as it is made."""
    found: list[tuple[str, str]] = []

    def named(handle: int) -> str:
        return os.readlink(f"/proc/self/fd/{handle}")

    true_fsync, true_rename, true_fchmod = os.fsync, os.rename, os.fchmod

    def fsync(handle: int) -> None:
        if Path(named(handle)).is_file():
            found.append(("write", named(handle)))
        true_fsync(handle)
        found.append(("fsync", named(handle)))

    def rename(source: str, target: str) -> None:
        true_rename(source, target)
        found.append(("rename", str(target)))

    def fchmod(handle: int, mode: int) -> None:
        true_fchmod(handle, mode)
        found.append(("fchmod", named(handle)))

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "rename", rename)
    monkeypatch.setattr(os, "fchmod", fchmod)
    EvidenceStore(root).put_file(filed)
    return found


def can_trace() -> bool:
    if shutil.which("strace") is None:
        return False
    return (
        subprocess.run(["strace", "-o", os.devnull, "true"], check=False, capture_output=True).returncode == 0
    )


def assert_named_only_after_synced(calls: list[tuple[str, str]], root: Path) -> None:
    target = str(root / DIGEST[:2] / DIGEST)
    named = calls.index(("rename", target))
    parts = [path for _, path in calls if path.endswith(".part")]
    assert len(set(parts)) == 1
    part = parts[0]
    synced = calls.index(("fsync", part))
    last_written = max(index for index, call in enumerate(calls) if call == ("write", part))
    moded = calls.index(("fchmod", part))
    assert last_written < synced < named
    assert moded < synced
    folder_synced = max(
        index for index, call in enumerate(calls) if call == ("fsync", str(root / DIGEST[:2]))
    )
    shard_named = [index for index, call in enumerate(calls) if call == ("fsync", str(root))]
    assert folder_synced > named
    assert shard_named


def test_bytes_are_synced_before_they_are_named_and_the_folder_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, filed = tmp_path / "evidence", tmp_path / "bills.csv"
    filed.write_bytes(CONTENT)
    if can_trace():
        calls = recorded_by_the_kernel(root, filed, tmp_path / "strace.log")
    else:
        calls = recorded_by_this_process(root, filed, monkeypatch)
    assert_named_only_after_synced(calls, root)


def test_the_order_holds_inside_this_process_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filed = tmp_path / "bills.csv"
    filed.write_bytes(CONTENT)
    root = tmp_path / "evidence"
    assert_named_only_after_synced(recorded_by_this_process(root, filed, monkeypatch), root)


@pytest.mark.parametrize("cut", ["fsync", "rename"])
def test_a_cut_before_the_name_is_given_leaves_no_evidence_and_a_later_try_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    store = EvidenceStore(tmp_path / "evidence")
    store.put_bytes(b"same shard made beforehand")

    def power_cut(*_: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(os, cut, power_cut)
        with pytest.raises(OSError, match="power cut"):
            store.put_bytes(CONTENT)

    assert DIGEST not in set(store.digests())
    assert store.stale_temporaries() == []
    assert store.put_bytes(CONTENT).digest == DIGEST
    assert store.verify(DIGEST)


def test_a_full_disk_is_an_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    filed = tmp_path / "bills.csv"
    filed.write_bytes(CONTENT)
    limit = len(CONTENT) // 2

    def no_room() -> None:
        # A file larger than the limit is refused with EFBIG; Python ignores the signal that would kill it.
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    root = tmp_path / "evidence"
    tried = subprocess.run(
        [sys.executable, "-c", PUT, root, filed],
        check=False,
        cwd=REPOSITORY,
        preexec_fn=no_room,
        capture_output=True,
        text=True,
    )
    assert "OSError" in tried.stderr
    assert list(EvidenceStore(root).digests()) == []
    assert EvidenceStore(root).stale_temporaries() == []


def put_when_told(root: Path, content: bytes, start: multiprocessing.synchronize.Barrier) -> str:
    store = EvidenceStore(root)
    start.wait(30)
    return store.put_bytes(content).digest


def put_all(
    root: Path, start: multiprocessing.synchronize.Barrier, answers: multiprocessing.Queue[list[str]]
) -> None:
    answers.put([put_when_told(root, CONTENT + bytes([number]), start) for number in range(25)])


def test_two_processes_putting_the_same_bytes_at_once_keep_one_whole_copy(tmp_path: Path) -> None:
    root = tmp_path / "evidence"
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(2), context.Queue()
    writers = [context.Process(target=put_all, args=(root, start, answers)) for _ in range(2)]
    for writer in writers:
        writer.start()
    first, second = answers.get(timeout=60), answers.get(timeout=60)
    for writer in writers:
        writer.join(60)

    assert [writer.exitcode for writer in writers] == [0, 0]
    assert first == second == [hashlib.sha256(CONTENT + bytes([number])).hexdigest() for number in range(25)]
    store = EvidenceStore(root)
    assert set(store.digests()) == set(first)
    assert all(store.verify(digest) for digest in first)
    assert store.stale_temporaries() == []
