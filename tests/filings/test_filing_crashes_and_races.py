"""Workers and children that are killed, and many people who act at the same instant."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from supervision.db import begin, read
from supervision.db.lifecycle import MovedMeanwhile, NotPossible
from supervision.filings import Filing, FilingRefused, State
from supervision.jobs import status
from supervision.journal import Journal, JournalEntry
from tests.filings.filing_desk import JUDGING_JOBS, Desk, bill, csv_bytes
from tests.filings.killed_worker import POINTS

ROOT = Path(__file__).parents[2]
LONGEST_WAIT = 120.0  # seconds; far more than needed, so that a busy machine fails nothing


def worker(desk: Desk, point: str) -> int:
    """A worker process that ends at ``point`` ("none": when nothing is left to do); its exit code."""
    url = desk.engine.url.render_as_string(hide_password=False)
    program = [sys.executable, str(Path(__file__).with_name("killed_worker.py"))]
    return subprocess.run(
        [*program, url, str(desk.settings.data), desk.clock.now().isoformat(), point],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=LONGEST_WAIT,
        capture_output=True,
        check=False,
    ).returncode


def entries(desk: Desk, act: str) -> int:
    with read(desk.engine) as session:
        assert list(Journal(session, desk.clock).flaws()) == []
        return session.query(JournalEntry).filter_by(act=act).count()


@pytest.mark.parametrize("point", list(POINTS))
def test_a_worker_killed_while_judging_is_replaced_and_there_is_one_verdict(desk: Desk, point: str) -> None:
    filing = desk.upload(csv_bytes("bills", [bill(1), bill(2)]))
    assert worker(desk, point) == -signal.SIGKILL
    assert desk.again(filing).state is State.JUDGING
    assert entries(desk, "filing.judged") == 0
    assert worker(desk, "none") == 0  # the dead worker still holds its lease: nothing to do
    assert desk.again(filing).state is State.JUDGING
    desk.clock.move(dt.timedelta(seconds=61))
    assert worker(desk, "none") == 0
    found = desk.again(filing)
    assert (found.state, found.rows) == (State.READY, 2)
    assert entries(desk, "filing.judging") == entries(desk, "filing.judged") == 1
    assert all(
        desk.evidence.verify(str(digest))
        for digest in (found.table_digest, found.edits_digest, found.report_digest)
    )


def kill_the_child() -> None:
    """The first judging child of this process is dead."""
    until = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < until:
        for child in psutil.Process().children(recursive=True):
            try:
                if "ingest.child" in child.cmdline():
                    child.kill()
                    return
            except psutil.NoSuchProcess:
                continue
    raise AssertionError("no child was started")


def work_while_the_child_is_killed(desk: Desk) -> None:
    killer = threading.Thread(target=kill_the_child)
    killer.start()
    desk.work(JUDGING_JOBS)
    killer.join()


def test_a_child_that_somebody_kills_is_started_again_and_the_file_is_not_blamed(desk: Desk) -> None:
    filing = desk.upload(csv_bytes("bills", [bill(1), bill(2)]))
    work_while_the_child_is_killed(desk)
    with read(desk.engine) as session:
        job = status(session, str(filing.job_id))
    assert "ChildKilled" in str(job.error)
    assert desk.again(filing).state is State.JUDGING
    desk.clock.move(dt.timedelta(seconds=11))
    desk.work(JUDGING_JOBS)
    assert desk.again(filing).state is State.READY
    assert entries(desk, "filing.judged") == 1


def test_a_file_whose_child_is_killed_every_time_is_rejected_and_may_be_sent_again(desk: Desk) -> None:
    content = csv_bytes("bills", [bill(1)])
    filing = desk.upload(content)
    for pause in (0, 11, 41):
        desk.clock.move(dt.timedelta(seconds=pause))
        work_while_the_child_is_killed(desk)
    found = desk.again(filing)
    assert found.state is State.REJECTED
    assert [entry["edit_id"] for entry in found.report] == ["T12"]
    again = desk.judged(content)
    assert (again.number, again.state) == (2, State.READY)


def all_at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """What each act answered or raised, all begun at the same instant."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return act()
        except (FilingRefused, MovedMeanwhile, NotPossible) as refused:
            return refused

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def test_fifty_identical_uploads_at_once_are_one_filing_with_one_receipt_for_all_fifty(desk: Desk) -> None:
    content = csv_bytes("bills", [bill(1), bill(2)])
    found = all_at_once([lambda: desk.upload(content)] * 50)
    assert len({filing.public_id for filing in found}) == 1
    with read(desk.engine) as session:
        assert session.query(Filing).count() == 1
    assert entries(desk, "filing.received") == 1
    assert desk.work() == 2  # judged once; compared once, with nothing
    signed = desk.sign(found[0])
    assert desk.work() == 1  # one receipt is made
    again = all_at_once([lambda: desk.upload(content)] * 50)
    receipts = {str(filing.receipt) for filing in again}
    assert receipts == {str(signed.receipt)}
    assert len({filing.receipt_digest for filing in again}) == 1
    assert again[0].receipt_digest is not None
    assert entries(desk, "filing.receipt_made") == 1


def test_twenty_different_uploads_at_once_are_twenty_ordered_filings_of_which_one_is_in_force(
    desk: Desk,
) -> None:
    contents = [csv_bytes("bills", [bill(number)]) for number in range(1, 21)]
    found = all_at_once([lambda content=content: desk.upload(content) for content in contents])
    found.sort(key=lambda filing: filing.number)
    assert [filing.number for filing in found] == list(range(1, 21))
    assert len({filing.bytes_digest for filing in found}) == 20
    assert [filing.id for filing in found] == sorted(filing.id for filing in found)
    assert desk.current() is None
    desk.work(JUDGING_JOBS)
    assert {desk.again(filing).state for filing in found} == {State.READY}

    def sign(filing: Filing) -> Filing:
        return desk.sign(desk.again(filing))

    answers = all_at_once([lambda filing=filing: sign(filing) for filing in found])
    signed = [answer for answer in answers if isinstance(answer, Filing)]
    assert len(signed) == 1  # the others were not compared with it, or are older
    desk.work(JUDGING_JOBS)
    last = found[-1] if signed[0].id != found[-1].id else signed[0]
    if last.id != signed[0].id:
        sign(last)
    current = desk.current()
    assert current is not None
    assert current.id == found[-1].id
    assert [desk.again(filing).is_current for filing in found] == [False] * 19 + [True]
    for older in found[:-1]:
        with pytest.raises((FilingRefused, NotPossible)):
            sign(older)


def test_eight_signatures_at_once_are_one(desk: Desk) -> None:
    filing = desk.judged(csv_bytes("bills", [bill(1)]))

    def sign() -> None:
        with begin(desk.engine) as session:
            service = desk.service(session)
            found = service.by_id(filing.id)
            service.sign(found, by=desk.signatory.actor, signer="王", version=filing.version)

    answers = Counter(type(answer).__name__ for answer in all_at_once([sign] * 8))
    assert answers == {"NoneType": 1, "MovedMeanwhile": 7}
    assert entries(desk, "filing.signed") == 1


def test_two_filings_of_one_period_signed_at_once_leave_exactly_one_in_force(desk: Desk) -> None:
    both = [desk.judged(csv_bytes("bills", [bill(number)])) for number in (1, 2)]

    def sign(filing: Filing) -> None:
        with begin(desk.engine) as session:
            service = desk.service(session)
            found = service.by_id(filing.id)
            service.sign(found, by=desk.signatory.actor, signer="王", version=filing.version)

    answers = all_at_once([lambda filing=filing: sign(filing) for filing in both])
    assert [type(answer) for answer in answers].count(FilingRefused) == 1
    states = sorted(desk.again(filing).state for filing in both)
    assert states == sorted([State.SIGNED, State.READY])
