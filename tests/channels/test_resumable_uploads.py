"""Files that come in parts: what has come is kept, what was told is true, and the whole is filed once, to the byte."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from supervision.channels.models import ResumableUpload
from supervision.channels.part_files import Part
from supervision.channels.resumable import NoSuchUpload, ResumableUploads, Standing
from supervision.db import read
from supervision.filings import Filing, FilingRefused, State
from supervision.filings.intake import Declared
from supervision.jobs.worker import work
from supervision.journal import Journal, JournalEntry
from supervision.settings import Settings
from tests.channels.killed_upload import POINTS
from tests.filings.filing_desk import MONTH, Desk, bill, csv_bytes

ROOT = Path(__file__).parents[2]
CONTENT = csv_bytes("bills", [bill(number) for number in range(1, 40)])
DIGEST = hashlib.sha256(CONTENT).hexdigest()
LONGEST_WAIT = 120.0  # seconds; far more than needed


class Clerk:
    """Somebody of the company who uploads in parts."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.uploads = ResumableUploads(desk.engine, desk.clock, desk.evidence, desk.settings)

    def begin(self, content: bytes = CONTENT, digest: str | None = None, is_test: bool = False) -> Standing:
        declared = Declared(len(content), digest or hashlib.sha256(content).hexdigest())
        return self.uploads.begin(
            company_id=self.desk.company_id,
            by=self.desk.clerk.actor,
            feed="bills",
            period=MONTH,
            filename="十二月.csv",
            declared=declared,
            is_test=is_test,
        )

    def send(
        self,
        upload: Standing,
        offset: int,
        content: bytes,
        checksum: tuple[str, bytes] | None = None,
        began_at: dt.datetime | None = None,
    ) -> Standing:
        part = Part(offset, len(content), io.BytesIO(content), checksum)
        return self.uploads.append(
            upload.public_id,
            self.desk.company_id,
            part,
            by=self.desk.clerk.actor,
            began_at=began_at or self.desk.clock.now(),
        )

    def again(self, upload: Standing) -> Standing:
        return self.uploads.find(upload.public_id, self.desk.company_id)


@pytest.fixture
def clerk(desk: Desk) -> Clerk:
    return Clerk(desk)


def acts(desk: Desk) -> list[str]:
    with read(desk.engine) as session:
        assert list(Journal(session, desk.clock).flaws()) == []
        return [entry.act for entry in session.query(JournalEntry).order_by(JournalEntry.index)]


def the_filing(desk: Desk) -> tuple[int, str, dt.datetime]:
    """How many filings there are, whose digest, and of when."""
    with read(desk.engine) as session:
        filings = session.query(Filing).all()
        return len(filings), filings[0].bytes_digest, filings[0].received_at


def expire(desk: Desk) -> int:
    import threading

    return work(
        desk.engine,
        desk.settings,
        threading.Event(),
        clock=desk.clock,
        only=["expire_upload"],
        until_idle=True,
    )


def test_parts_become_the_file_that_was_declared_filed_as_of_the_last_ones_first_byte(
    clerk: Clerk, desk: Desk
) -> None:
    upload = clerk.begin()
    assert clerk.send(upload, 0, CONTENT[:1000]).received == 1000
    began = desk.clock.now()
    desk.clock.move(dt.timedelta(hours=1))
    done = clerk.send(upload, 1000, CONTENT[1000:], began_at=began)
    assert done.filing is not None
    assert the_filing(desk) == (1, DIGEST, began)
    assert desk.evidence.read_bytes(DIGEST) == CONTENT
    assert not list(desk.settings.uploads_root.glob("*.part"))
    desk.work()
    with read(desk.engine) as session:
        assert session.query(Filing).one().state is State.READY
    assert {"upload.begun", "filing.received"} <= set(acts(desk))


def test_the_same_file_begun_again_goes_on_where_it_was(clerk: Clerk) -> None:
    upload = clerk.begin()
    clerk.send(upload, 0, CONTENT[:1000])
    again = clerk.begin()
    assert (again.public_id, again.received) == (upload.public_id, 1000)
    assert clerk.begin(is_test=True).public_id != upload.public_id
    assert [one.received for one in clerk.uploads.unfinished(clerk.desk.company_id)] == [0, 1000]


@pytest.mark.parametrize("offset", [0, 999, 1001])
def test_a_part_for_another_place_is_refused_and_says_how_much_has_come(clerk: Clerk, offset: int) -> None:
    upload = clerk.begin()
    clerk.send(upload, 0, CONTENT[:1000])
    with pytest.raises(FilingRefused) as refused:
        clerk.send(upload, offset, b"x")
    assert (refused.value.code, refused.value.detail) == ("U02", 1000)


def test_more_than_was_declared_is_refused(clerk: Clerk) -> None:
    with pytest.raises(FilingRefused, match="U03"):
        clerk.send(clerk.begin(), 0, CONTENT + b"x")


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_a_part_that_is_not_what_its_checksum_says_is_not_kept(clerk: Clerk, algorithm: str) -> None:
    upload = clerk.begin()
    clerk.send(upload, 0, CONTENT[:500], (algorithm, hashlib.new(algorithm, CONTENT[:500]).digest()))
    with pytest.raises(FilingRefused, match="U06"):
        clerk.send(upload, 500, CONTENT[500:900], (algorithm, hashlib.new(algorithm, b"another").digest()))
    assert clerk.again(upload).received == 500
    assert clerk.send(upload, 500, CONTENT[500:]).filing is not None
    assert the_filing(clerk.desk)[1] == DIGEST


def test_a_whole_that_is_not_what_was_declared_is_refused_and_gone(clerk: Clerk, desk: Desk) -> None:
    upload = clerk.begin(digest="0" * 64)
    with pytest.raises(FilingRefused, match="T03"):
        clerk.send(upload, 0, CONTENT)
    with pytest.raises(NoSuchUpload):
        clerk.again(upload)
    assert acts(desk)[-1] == "upload.refused"
    assert not list(desk.settings.uploads_root.iterdir())
    with read(desk.engine) as session:
        assert session.query(Filing).count() == 0


def test_two_parts_at_once_are_never_mixed(clerk: Clerk) -> None:
    upload = clerk.begin()

    class Meanwhile(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            with pytest.raises(FilingRefused, match="U05"):
                clerk.send(upload, 0, CONTENT[:10])
            return super().read(size)

    part = Part(0, 100, Meanwhile(CONTENT[:100]))
    by, now = clerk.desk.clerk.actor, clerk.desk.clock.now()
    assert (
        clerk.uploads.append(upload.public_id, clerk.desk.company_id, part, by=by, began_at=now).received
        == 100
    )


def test_a_line_that_breaks_in_a_part_keeps_what_came(clerk: Clerk) -> None:
    upload = clerk.begin()
    part = Part(0, 1000, io.BytesIO(CONTENT[:300]))
    by, now = clerk.desk.clerk.actor, clerk.desk.clock.now()
    assert (
        clerk.uploads.append(upload.public_id, clerk.desk.company_id, part, by=by, began_at=now).received
        == 300
    )
    assert clerk.send(upload, 300, CONTENT[300:]).filing is not None
    assert the_filing(clerk.desk)[1] == DIGEST


def test_another_company_has_no_such_upload(clerk: Clerk, open_desk: object) -> None:
    upload = clerk.begin()
    other = Clerk(open_desk("jinan-b"))  # type: ignore[operator]
    with pytest.raises(NoSuchUpload):
        other.again(upload)
    with pytest.raises(NoSuchUpload):
        other.send(upload, 0, CONTENT)
    assert other.uploads.unfinished(other.desk.company_id) == []


def test_an_upload_beyond_the_quota_is_refused_until_the_other_is_finished(desk: Desk) -> None:
    given = {
        "supervision.environment": "test",
        "supervision.data": str(desk.settings.data),
        "supervision.unfinished_upload_bytes": str(len(CONTENT) + 10),
    }
    desk.settings = Settings.from_mapping(given)
    clerk = Clerk(desk)
    first = clerk.begin()
    other = csv_bytes("bills", [bill(99)])
    with pytest.raises(FilingRefused, match="U08"):
        clerk.begin(other)
    clerk.send(first, 0, CONTENT)
    assert clerk.begin(other).received == 0


def test_one_that_nobody_finishes_is_gone_after_its_time_and_every_part_gives_it_more(
    clerk: Clerk, desk: Desk
) -> None:
    upload = clerk.begin()
    desk.clock.move(dt.timedelta(hours=71))
    clerk.send(upload, 0, CONTENT[:100])
    desk.clock.move(dt.timedelta(hours=2))
    assert expire(desk) == 1
    assert clerk.again(upload).received == 100
    desk.clock.move(dt.timedelta(hours=71))
    with pytest.raises(NoSuchUpload):
        clerk.again(upload)
    assert expire(desk) == 1
    assert acts(desk)[-1] == "upload.expired"
    assert not list(desk.settings.uploads_root.iterdir())
    with read(desk.engine) as session:
        assert session.query(ResumableUpload).count() == 0


def test_an_upload_that_was_ended_is_gone_and_can_be_begun_anew(clerk: Clerk, desk: Desk) -> None:
    upload = clerk.begin()
    clerk.send(upload, 0, CONTENT[:100])
    clerk.uploads.end(upload.public_id, desk.company_id, by=desk.clerk.actor)
    with pytest.raises(NoSuchUpload):
        clerk.again(upload)
    assert clerk.begin().received == 0


def test_bytes_that_somebody_took_away_have_to_come_again(clerk: Clerk) -> None:
    upload = clerk.begin()
    clerk.send(upload, 0, CONTENT[:100])
    clerk.uploads.path_of(upload.public_id).unlink()
    assert clerk.again(upload).received == 0
    assert clerk.send(upload, 0, CONTENT).filing is not None


# Killed


def process(desk: Desk, point: str, upload: Standing, offset: int, content: bytes) -> int:
    """Another process takes the part in and dies at ``point``; its exit code."""
    file = desk.folder / "part"
    file.write_bytes(content)
    url = desk.engine.url.render_as_string(hide_password=False)
    program = [sys.executable, str(Path(__file__).with_name("killed_upload.py"))]
    about = [url, str(desk.settings.data), desk.clock.now().isoformat(), point]
    return subprocess.run(
        [*program, *about, upload.public_id, str(desk.company_id), str(offset), str(file)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=LONGEST_WAIT,
        check=False,
    ).returncode


@pytest.mark.parametrize("point", POINTS)
def test_a_server_killed_while_it_takes_a_part_loses_nothing_it_told_and_files_once(
    clerk: Clerk, desk: Desk, point: str
) -> None:
    upload = clerk.begin()
    clerk.send(upload, 0, CONTENT[:1000])
    assert process(desk, point, upload, 1000, CONTENT[1000:]) == -signal.SIGKILL
    standing = clerk.again(upload)
    if point == "filed_not_told":
        assert standing.filing is not None
    else:
        assert standing.received == 1000
        assert clerk.send(standing, standing.received, CONTENT[1000:]).filing is not None
    assert the_filing(desk)[:2] == (1, DIGEST)
    assert desk.evidence.read_bytes(DIGEST) == CONTENT
    desk.clock.move(dt.timedelta(hours=73))
    expire(desk)
    assert not list(desk.settings.uploads_root.iterdir())
