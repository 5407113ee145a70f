"""Files put down in the drop folder: filed once when they are complete, refused with a reason, never lost, and no way
out of the folder."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from supervision.channels.drop_folder import DropFolder
from supervision.channels.models import DroppedFile
from supervision.db import read
from supervision.filings import Filing
from supervision.journal import JournalEntry
from supervision.settings import Settings
from tests.channels.killed_drop import POINTS
from tests.filings.filing_desk import Desk, bill, csv_bytes
from tests.profiles.own_files import own_bills
from tests.profiles.profile_desk import signed_profile

ROOT = Path(__file__).parents[2]
GOOD = csv_bytes("bills", [bill(1), bill(2)])
SUM = f"{hashlib.sha256(GOOD).hexdigest()}  bills-2025-12.csv\n".encode()
NAME = "bills-2025-12.csv"
LONGEST_WAIT = 120.0  # seconds; far more than needed


class Dropping:
    """A company that puts files down, and the worker that looks."""

    def __init__(self, desk: Desk, root: Path) -> None:
        self.desk, self.root = desk, root
        self.place = root / "harbin-a"
        self.incoming, self.filed, self.refused = (
            self.place / name for name in ("incoming", "filed", "refused")
        )
        self.incoming.mkdir(parents=True)
        desk.settings.data.mkdir(exist_ok=True)
        # Files have the time of this machine, whatever the clock of the desk says.
        desk.clock.move(dt.datetime.now(dt.UTC) - desk.clock.now())
        desk.settings = Settings.from_mapping(
            {
                "supervision.environment": "test",
                "supervision.data": str(desk.settings.data),
                "supervision.drop_folder": str(root),
            }
        )

    def put(self, name: str = NAME, content: bytes = GOOD) -> Path:
        path = self.incoming / name
        path.write_bytes(content)
        return path

    def look(self) -> int:
        desk = self.desk
        return DropFolder(desk.engine, desk.clock, desk.evidence, desk.settings).look()

    def filings(self) -> list[str]:
        with read(self.desk.engine) as session:
            return [filing.bytes_digest for filing in session.query(Filing)]

    def files(self, folder: Path, ending: str = "") -> list[Path]:
        return sorted(path for path in folder.glob(f"*{ending}")) if folder.is_dir() else []

    def reason(self) -> str:
        (path,) = self.files(self.refused, ".reason.txt")
        return path.read_text(encoding="utf-8")


@pytest.fixture
def dropping(desk: Desk, tmp_path: Path) -> Dropping:
    return Dropping(desk, tmp_path / "drop")


@pytest.mark.parametrize("way", ["done", "sha256", "ready"])
def test_a_file_counts_when_its_sender_says_that_all_of_it_has_come_and_not_before(
    dropping: Dropping, way: str
) -> None:
    path = dropping.put()
    assert dropping.look() == 0
    dropping.desk.clock.move(dt.timedelta(days=2))
    assert dropping.look() == 0  # that it has not grown for days says nothing
    dropping.desk.clock.move(-dt.timedelta(days=2))
    if way == "ready":
        path.rename(f"{path}.ready")
    else:
        dropping.put(f"{NAME}.{way}", SUM if way == "sha256" else b"")
    assert dropping.look() == 1
    assert dropping.filings() == [hashlib.sha256(GOOD).hexdigest()]
    assert list(dropping.incoming.iterdir()) == []
    (filed,) = dropping.files(dropping.filed, ".csv")
    assert filed.read_bytes() == GOOD
    assert dropping.look() == 0


def test_the_verdict_and_the_receipt_lie_beside_the_file(dropping: Dropping) -> None:
    dropping.put()
    dropping.put(f"{NAME}.done", b"")
    dropping.look()
    (verdict,) = dropping.files(dropping.filed, ".verdict.json")
    assert json.loads(verdict.read_text())["state"] == "received"
    dropping.desk.work()
    dropping.look()
    assert json.loads(verdict.read_text())["state"] == "ready"
    with read(dropping.desk.engine) as session:
        number = session.query(Filing).one().id
    with read(dropping.desk.engine) as session:
        filing = dropping.desk.service(session).by_id(number)
        session.expunge_all()
    dropping.desk.sign(filing)
    dropping.look()
    (receipt,) = dropping.files(dropping.filed, ".receipt.json")
    assert json.loads(receipt.read_text())["bytes_digest"] == hashlib.sha256(GOOD).hexdigest()
    assert json.loads(verdict.read_text())["is_filed"] is True


def test_a_companys_own_words_are_read_by_its_profile_and_the_receipt_beside_the_file_names_it(
    dropping: Dropping,
) -> None:
    desk = dropping.desk
    profile = signed_profile(desk, own_bills(7))
    dropping.put(content=own_bills(1, 2))
    dropping.put(f"{NAME}.done", b"")
    dropping.look()
    desk.work()
    dropping.look()
    (verdict,) = dropping.files(dropping.filed, ".verdict.json")
    said = json.loads(verdict.read_text())
    assert (said["state"], said["rows"]) == ("ready", 2)
    assert said["profile"] == {"version": 1, "sha256": profile.digest}
    with read(desk.engine) as session:
        number = session.query(Filing).one().id
        filing = desk.service(session).by_id(number)
        session.expunge_all()
    desk.sign(filing)
    dropping.look()
    (receipt,) = dropping.files(dropping.filed, ".receipt.json")
    assert json.loads(receipt.read_text())["profile_digest"] == profile.digest


def test_the_same_bytes_put_down_again_are_the_same_filing_and_a_mark_serves_once(dropping: Dropping) -> None:
    for _ in range(2):
        dropping.put()
        assert dropping.look() == 0
        dropping.put(f"{NAME}.done", b"")
        assert dropping.look() == 1
    assert len(dropping.filings()) == 1
    assert len(dropping.files(dropping.filed, ".csv")) == 2


def test_a_sum_that_came_first_waits_for_its_file_and_one_that_is_wrong_refuses_it_later(
    dropping: Dropping,
) -> None:
    dropping.put(f"{NAME}.sha256", SUM)
    dropping.put(content=GOOD[:50])
    assert dropping.look() == 0
    dropping.desk.clock.move(dt.timedelta(minutes=16))
    assert dropping.look() == 1
    assert "T03" in dropping.reason()
    assert dropping.filings() == []
    (refused,) = [path for path in dropping.files(dropping.refused) if not path.name.endswith(".txt")]
    assert refused.read_bytes() == GOOD[:50]  # nothing is lost


@pytest.mark.parametrize(
    "name", [".bills-2025-12.csv", f"{NAME}.part", f"{NAME}.filepart", f"{NAME}~", f"{NAME}.tmp"]
)
def test_what_a_program_is_still_writing_is_left_alone(dropping: Dropping, name: str) -> None:
    dropping.put(name)
    dropping.desk.clock.move(dt.timedelta(days=1))
    assert dropping.look() == 0
    assert [path.name for path in dropping.incoming.iterdir()] == [name]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("十二月.csv", "D01"),
        ("temperatures-2025-12.csv", "T09"),
        ("bills-2025-13.csv", "T10"),
        ("bills-2025-12.csv", "T08"),
    ],
    ids=["no such name", "no such feed", "no such month", "empty"],
)
def test_what_cannot_be_filed_is_refused_with_its_reason_in_both_languages(
    dropping: Dropping, name: str, code: str
) -> None:
    dropping.put(name, b"" if code == "T08" else GOOD)
    dropping.put(f"{name}.done", b"")
    assert dropping.look() == 1
    said = dropping.reason()
    assert said.startswith(code)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said)
    assert "." in said.strip().splitlines()[-1]
    assert dropping.filings() == []
    assert list(dropping.incoming.iterdir()) == []


def odd(kind: str, path: Path, secret: Path) -> None:
    """Something under the right name that is no plain file of the company's."""
    if kind == "link":
        path.symlink_to(secret)
    elif kind == "second name":
        os.link(secret, path)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()


@pytest.mark.parametrize("kind", ["link", "second name", "pipe", "folder"])
def test_what_is_no_plain_file_is_refused_and_what_it_leads_to_is_not_touched(
    dropping: Dropping, tmp_path: Path, kind: str
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(GOOD)
    odd(kind, dropping.incoming / NAME, secret)
    dropping.put(f"{NAME}.done", b"")
    assert dropping.look() == 1
    assert "D02" in dropping.reason()
    assert dropping.filings() == []
    assert secret.read_bytes() == GOOD


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_a_foreign_owner_is_refused(dropping: Dropping) -> None:
    os.chown(dropping.put(), 12345, 12345)
    dropping.put(f"{NAME}.done", b"")
    assert dropping.look() == 1
    assert "D02" in dropping.reason()


@pytest.mark.parametrize("folder", ["incoming", "filed"])
def test_a_folder_that_is_a_link_leads_nowhere(dropping: Dropping, tmp_path: Path, folder: str) -> None:
    dropping.put()
    dropping.put(f"{NAME}.done", b"")
    elsewhere = tmp_path / "elsewhere"
    if folder == "incoming":
        dropping.incoming.rename(elsewhere)
        dropping.incoming.symlink_to(elsewhere)
    else:
        elsewhere.mkdir()
        dropping.filed.symlink_to(elsewhere)
    before = sorted(path.name for path in elsewhere.iterdir())
    dropping.look()
    assert sorted(path.name for path in elsewhere.iterdir()) == before
    assert dropping.files(dropping.incoming.resolve(), ".csv")  # it waits; nothing is lost


def test_a_folder_that_is_no_companys_is_left_alone(dropping: Dropping) -> None:
    dropping.place.rename(dropping.root / "nobody")
    assert dropping.look() == 0


def killed(dropping: Dropping, point: str) -> int:
    desk = dropping.desk
    url = desk.engine.url.render_as_string(hide_password=False)
    program = [sys.executable, str(Path(__file__).with_name("killed_drop.py"))]
    return subprocess.run(
        [*program, url, str(desk.settings.data), str(dropping.root), desk.clock.now().isoformat(), point],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=LONGEST_WAIT,
        check=False,
    ).returncode


@pytest.mark.parametrize("point", list(POINTS))
def test_a_worker_killed_at_any_step_loses_nothing_and_files_once(dropping: Dropping, point: str) -> None:
    dropping.put()
    dropping.put(f"{NAME}.done", b"")
    assert killed(dropping, point) == -signal.SIGKILL
    kept = [*dropping.files(dropping.incoming, ".csv"), *dropping.files(dropping.filed, ".csv")]
    assert [path.read_bytes() for path in kept] == [GOOD]
    dropping.look()
    dropping.look()
    assert dropping.filings() == [hashlib.sha256(GOOD).hexdigest()]
    assert list(dropping.incoming.iterdir()) == []
    (filed,) = dropping.files(dropping.filed, ".csv")
    assert filed.read_bytes() == GOOD
    assert json.loads(Path(f"{filed}.verdict.json").read_text())["state"] == "received"


@pytest.mark.parametrize("way", ["done", "ready"])
def test_a_file_is_filed_as_of_when_it_lay_there_complete_however_late_a_worker_comes(
    dropping: Dropping, way: str
) -> None:
    path = dropping.put()
    if way == "done":
        mark = dropping.put(f"{NAME}.done", b"")
        complete = max(path.stat().st_ctime, mark.stat().st_ctime)
    else:
        complete = path.rename(f"{path}.ready").stat().st_ctime
    at = dt.datetime.fromtimestamp(complete, dt.UTC)
    dropping.desk.clock.move(dt.timedelta(hours=6))
    assert dropping.look() == 1
    with read(dropping.desk.engine) as session:
        filing, taken = session.query(Filing).one(), session.query(DroppedFile).one()
        entry = session.query(JournalEntry).filter_by(act="filing.received").one()
        assert (filing.received_at, taken.complete_at) == (at, at)
        assert entry.detail["received_at"] == at.isoformat()
        assert dt.timedelta(hours=5) < taken.taken_at - at


def test_a_mark_from_after_now_makes_no_filing_of_the_future(dropping: Dropping) -> None:
    dropping.put()
    dropping.put(f"{NAME}.done", b"")
    dropping.desk.clock.move(-dt.timedelta(hours=1))
    now = dropping.desk.clock.now()
    dropping.look()
    with read(dropping.desk.engine) as session:
        assert session.query(Filing).one().received_at == now
