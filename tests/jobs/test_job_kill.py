"""Workers are real processes here, and they are killed in the middle of their work."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from worker_process import POINTS

from supervision.db import begin, read
from supervision.jobs import enqueue, parked, waiting

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LONGEST_WAIT = 600.0  # seconds; far more than needed, so that a busy machine fails nothing
#: `bench/killed_workers.py` asks for more of both.
KILLS, JOBS = (int(number) for number in os.environ.get("KILLED_WORKERS", "20/60").split("/"))


class Workers:
    """The processes of worker_process.py: started, listened to, killed."""

    def __init__(self, register: Engine, folder: Path, lease_seconds: float) -> None:
        url = register.url.render_as_string(hide_password=False)
        self._errors = (folder / "workers.log").open("wb")
        self._parent = subprocess.Popen(
            [sys.executable, str(HERE / "worker_process.py"), url, str(folder), str(lease_seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self._rest = b""
        self._lines: list[str] = []
        self._deadline = time.monotonic() + LONGEST_WAIT
        self.alive: set[int] = set()
        self.points: list[tuple[int, str, str]] = []

    def start(self) -> None:
        assert self._parent.stdin is not None
        self._parent.stdin.write(b"start\n")
        self._parent.stdin.flush()
        expected = len(self.alive) + 1
        while len(self.alive) < expected:
            self._listen(1.0)

    def kill(self, worker: int) -> None:
        os.kill(worker, signal.SIGKILL)
        self.alive.discard(worker)

    def next_point(self, wait: float = LONGEST_WAIT) -> tuple[int, str, str] | None:
        """The next (worker, bill, point) that is heard, or None after ``wait`` seconds of silence."""
        before = len(self.points)
        until = time.monotonic() + wait
        while len(self.points) == before:
            if time.monotonic() > until:
                return None
            self._listen(min(wait, 1.0))
        return self.points[before]

    def _listen(self, wait: float) -> None:
        assert time.monotonic() < self._deadline, "the workers take too long"
        if not self._lines:
            assert self._parent.stdout is not None
            ready, _, _ = select.select([self._parent.stdout], [], [], wait)
            if not ready:
                return
            *lines, self._rest = (self._rest + os.read(self._parent.stdout.fileno(), 65536)).split(b"\n")
            self._lines = [line.decode() for line in lines]
        if self._lines:
            kind, *words = self._lines.pop(0).split()
            if kind == "started":
                self.alive.add(int(words[0]))
            else:
                self.points.append((int(words[0]), words[1], words[2]))

    def end(self) -> None:
        for worker in list(self.alive):
            self.kill(worker)
        self._parent.kill()
        self._parent.communicate()
        self._errors.close()


@contextmanager
def workers(register: Engine, folder: Path, lease_seconds: float, count: int) -> Iterator[Workers]:
    ours = Workers(register, folder, lease_seconds)
    try:
        for _ in range(count):
            ours.start()
        yield ours
    finally:
        ours.end()


def bills_in(register: Engine, table: str) -> list[str]:
    with read(register) as session:
        return sorted(session.scalars(text(f"SELECT bill FROM {table}")))


def wait_until_nothing_waits(register: Engine, ours: Workers) -> None:
    while True:
        ours.next_point(wait=0.2)
        with read(register) as session:
            if waiting(session) == 0:
                return


def ask_for(register: Engine, count: int, first: int = 0) -> list[str]:
    bills = [f"b{number:03}" for number in range(first, count)]
    with begin(register) as session:
        for bill in bills:
            enqueue(session, "settle_bill", key=bill, bill=bill)
    return bills


def lease_on_this_machine(register: Engine, folder: Path) -> float:
    """Seconds in which a living worker surely beats: ten times what one bill takes here and now, 3 to 20. On a machine
    busy enough to hold a process for longer than its lease another worker rightly takes the job over, which loses and repeats
    nothing (the late one's transaction finds the job gone) but is not what is looked at here."""
    with workers(register, folder, lease_seconds=60, count=1) as ours:
        ask_for(register, 1)
        began = time.monotonic()
        while (heard := ours.next_point()) and heard[2] != "settled":
            pass
        took = time.monotonic() - began
        wait_until_nothing_waits(register, ours)
    return min(20.0, max(3.0, 10 * took))


def test_killed_workers_lose_no_job_and_settle_no_bill_twice(register: Engine, tmp_path: Path) -> None:
    lease = lease_on_this_machine(register, tmp_path)
    bills = ["b000", *ask_for(register, JOBS, first=1)]
    chance = random.Random(20251124)
    killed_at: Counter[str] = Counter()
    killed_over: Counter[str] = Counter()
    with workers(register, tmp_path, lease_seconds=lease, count=3) as ours:
        while killed_at.total() < KILLS:
            for _ in range(chance.randint(1, 7)):
                heard = ours.next_point()
            assert heard is not None
            worker, bill, point = heard
            # Five killed workers park a job, which is another test's matter.
            if worker not in ours.alive or killed_over[bill] == 3:
                continue
            ours.kill(worker)
            killed_at[point] += 1
            killed_over[bill] += 1
            ours.start()
        wait_until_nothing_waits(register, ours)
        assert [point for point in ours.points if point[2] == "overlap"] == []
    assert bills_in(register, "effect") == bills
    assert bills_in(register, "opened") == bills
    with read(register) as session:
        assert parked(session) == []
        done = session.execute(text("SELECT count(*) FROM job WHERE state = 'done'")).scalar_one()
    assert done == JOBS
    assert len(killed_at) >= 3, f"the kills fell only at {sorted(killed_at)} of {POINTS}"


def test_four_workers_share_the_jobs_and_begin_each_once(register: Engine, tmp_path: Path) -> None:
    bills = ask_for(register, 80)
    with workers(register, tmp_path, lease_seconds=60, count=4) as ours:
        wait_until_nothing_waits(register, ours)
        while ours.next_point(wait=0.3):
            pass
        begun = sorted(bill for _, bill, point in ours.points if point == "begun")
        assert begun == bills
        assert all(point != "overlap" for _, _, point in ours.points)
        assert len({worker for worker, _, _ in ours.points}) > 1
    assert bills_in(register, "effect") == bills


@pytest.mark.postgresql
def test_two_transactions_that_ask_at_once_with_one_key_make_one_job(postgresql_engine: Engine) -> None:
    """On SQLite writers queue from their first statement; on PostgreSQL the second waits at the key."""
    import threading

    answers: list[str] = []

    def ask() -> None:
        with begin(postgresql_engine) as session:
            answers.append(enqueue(session, "settle_bill", key="b1", bill="b1"))

    with begin(postgresql_engine) as session:
        first = enqueue(session, "settle_bill", key="b1", bill="b1")
        second = threading.Thread(target=ask)
        second.start()
        with read(postgresql_engine) as looking:
            while not looking.execute(
                text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            ).scalar_one():
                looking.rollback()
        assert answers == []
    second.join(LONGEST_WAIT)
    assert answers == [first]
