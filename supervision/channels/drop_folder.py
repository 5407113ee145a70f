"""The drop folder (投递目录): companies put files down by SFTP, a worker files them through the same service.

Under the folder lies one folder a company, named by its code, with ``incoming``. A file there is called
``<feed>-<period>.<ending>`` and counts when it is complete, which its sender says in one of three ways: with
``<name>.sha256`` beside it, with ``<name>.done`` beside it, or by renaming it to ``<name>.ready`` when all of it has come.
That its size no longer changes says nothing. What is declared of it (rows, totals, partial correction, test) lies in
``<name>.manifest.json`` beside it before that.

Nothing is lost and nothing is filed twice, whenever the worker is killed: the bytes are evidence and the register says that
this very file (its inode, size and time) was taken, before the file is moved; a file the register knows is only moved.
Names are looked up in open folders and never followed through links, so nobody can lead the worker elsewhere."""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import Engine, select

from ingest.evidence import EvidenceStore
from supervision.channels.dropped_declaration import MOST_BYTES, Beside, read_beside
from supervision.channels.models import DroppedFile
from supervision.channels.open_folders import folder_at, move_along, start_of, sync, unlink, write
from supervision.companies.models import Company
from supervision.db import begin, read
from supervision.filings import Filing, FilingRefused, FilingService
from supervision.filings.intake import Declared, arriving
from supervision.filings.reading import period_of
from supervision.filings.verdict import as_json
from supervision.journal import Actor
from supervision.settings import Clock, Settings

INCOMING, FILED, REFUSED = "incoming", "filed", "refused"
READY, DONE, SUM = ".ready", ".done", ".sha256"
DECLARED = ".manifest.json"
NAME = re.compile(
    r"(?P<feed>[a-z_]{1,30})-(?P<period>[0-9-]{4,10})(?P<ending>(\.[a-z0-9]{1,8}){1,2})", re.ASCII
)
#: How the usual programs call what they have not finished.
UNFINISHED = re.compile(
    r"\..*|.*(~|\.part|\.filepart|\.tmp|\.temp|\.swp|\.crdownload)", re.IGNORECASE | re.DOTALL
)
LEFT_ALONE = dt.timedelta(minutes=15)  # what is wrong may still be on its way for so long
_SUM_LINE = re.compile(rb"\s*([0-9a-fA-F]{64})\b")

log = structlog.get_logger("supervision.channels")


@dataclass(frozen=True, slots=True)
class Found:
    """One entry of an incoming folder, as it was when it was looked at."""

    name: str
    status: os.stat_result
    names: frozenset[str]  # of everything beside it

    @property
    def plain(self) -> str:
        return self.name.removesuffix(READY)

    @property
    def key(self) -> str:
        """Of this very file: not of another one of the same name, nor of this one changed since."""
        status = self.status
        about = (self.plain, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        return hashlib.sha256(repr(about).encode("utf-8", "surrogateescape")).hexdigest()[:40]

    def complete_at(self, incoming: int, now: dt.datetime) -> dt.datetime:
        """When all of it lay there and was marked: the later change of the file and of its mark, as the machine of the folder
        noted it (ctime, which a sender cannot set), and never later than ``now``. That a worker came by hours later
        makes nobody late."""
        changed = [self.status.st_ctime]
        for ending in (DONE, SUM):
            if self.plain + ending in self.names:
                with suppress(FileNotFoundError):
                    mark = os.stat(self.plain + ending, dir_fd=incoming, follow_symlinks=False)
                    changed.append(mark.st_ctime)
        return min(now, dt.datetime.fromtimestamp(max(changed), dt.UTC))

    def is_older(self, now: dt.datetime) -> bool:
        changed = max(self.status.st_mtime, self.status.st_ctime)
        return now.timestamp() - changed > LEFT_ALONE.total_seconds()


class DropFolder:
    def __init__(self, engine: Engine, clock: Clock, evidence: EvidenceStore, settings: Settings) -> None:
        self._engine, self._clock, self._evidence, self._settings = engine, clock, evidence, settings

    def look(self) -> int:
        """Every complete file is filed or refused, every verdict that is new lies beside its file; answers how many
        files were moved. One worker looks at a time. What one company put down does not hold up another's."""
        root: Path | None = self._settings.drop_folder
        if root is None:
            return 0
        moved = 0
        with self._alone() as is_alone, folder_at(root) as base:
            if not is_alone:
                return 0
            for company in self._companies():
                try:
                    with folder_at(company.code, base) as place:
                        moved += self._look_at(company, place)
                        self._tell(company, place)
                except FileNotFoundError:
                    continue  # no such folder: this company uses other channels
                except OSError as error:
                    log.error("drop_folder.unusable", company=company.code, error=str(error))
        return moved

    def _companies(self) -> list[Company]:
        with read(self._engine) as session:
            found = list(session.scalars(select(Company).where(Company.is_active).order_by(Company.code)))
            session.expunge_all()
            return found

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        path = self._settings.data / "drop.lock"
        with path.open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    # -- files that came ----------------------------------------------------------------------------------

    def _look_at(self, company: Company, place: int) -> int:
        moved = 0
        with folder_at(INCOMING, place) as incoming:
            owner = os.fstat(incoming).st_uid
            names = sorted(os.listdir(incoming))
            for name in names:
                try:
                    status = os.stat(name, dir_fd=incoming, follow_symlinks=False)
                except FileNotFoundError:
                    continue  # taken away by its sender
                found = Found(name, status, frozenset(names))
                try:
                    moved += self._deal_with(company, place, incoming, owner, found)
                except OSError as error:  # one that cannot be dealt with holds up no other
                    log.error(
                        "drop_folder.stuck", company=company.code, name=_printable(name), error=str(error)
                    )
        return moved

    def _deal_with(self, company: Company, place: int, incoming: int, owner: int, found: Found) -> int:
        """1 where the file was moved, 0 where it stays for now."""
        if UNFINISHED.fullmatch(found.name) or _is_marker(found):
            return 0
        known = self._known(company, found)
        if known is not None:
            self._move(place, incoming, found, known)
            return 1
        try:
            declared = self._complete(incoming, owner, found)
            if declared is None:
                return 0
            taken = self._file(company, incoming, owner, found, declared)
        except FilingRefused as refused:
            if refused.code == "T11":  # no fault of the file: it stays until there is space
                log.error("drop_folder.full", company=company.code)
                return 0
            self._refuse(place, incoming, found, refused)
            return 1
        self._move(place, incoming, found, taken)
        return 1

    def _complete(self, incoming: int, owner: int, found: Found) -> Declared | None:
        """What its sender declares of a complete file; None where it may still be on its way. Raises FilingRefused (D01
        to D03)."""
        _refuse_kind(found.status, owner)
        if not NAME.fullmatch(found.plain):
            if found.is_older(self._clock.now()) or _is_marked(incoming, found):
                raise FilingRefused("D01", _printable(found.plain))
            return None
        if not _is_marked(incoming, found):
            return None
        if found.plain + SUM not in found.names:
            return Declared()
        digest = _sum_of(incoming, found.plain + SUM)
        if digest is None:
            raise FilingRefused("D03", _printable(found.plain + SUM))
        with _opened(incoming, found, owner) as file, os.fdopen(os.dup(file), "rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() == digest:
                return Declared(found.status.st_size, digest)
        if found.is_older(self._clock.now()):
            raise FilingRefused("T03", digest)
        return None  # the sum came first and the file is still coming

    def _file(
        self, company: Company, incoming: int, owner: int, found: Found, declared: Declared
    ) -> DroppedFile:
        """The file is filed and the register says that it was taken from here, in one transaction."""
        name = NAME.fullmatch(found.plain)
        assert name is not None  # _complete
        period_of(name["feed"], name["period"])
        beside = _declared_beside(incoming, found, name["feed"])
        by = Actor("drop-folder", "program", company.id)
        complete_at = found.complete_at(incoming, self._clock.now())
        with _opened(incoming, found, owner) as file, os.fdopen(os.dup(file), "rb") as content:
            folder, most = self._settings.incoming_root, self._settings.max_upload_bytes
            with arriving(content, folder, declared, most) as arrived, begin(self._engine) as session:
                service = FilingService(session, self._clock, self._evidence, self._settings)
                received = service.receive(
                    company_id=company.id,
                    feed=name["feed"],
                    period=name["period"],
                    path=arrived.path,
                    filename=found.plain,
                    by=by,
                    received_at=complete_at,
                    declared_digest=declared.digest,
                    declared=beside.manifest,
                    is_correction=beside.is_correction,
                    is_test=beside.is_test,
                )
                filing = received.filing
                stem = f"{name['feed']}-{name['period']}-{filing.number}-{found.key[:8]}"
                taken = DroppedFile(
                    company_id=company.id,
                    key=found.key,
                    filing_id=filing.id,
                    filed_name=f"{stem}{name['ending']}",
                    complete_at=complete_at,
                    taken_at=self._clock.now(),
                )
                session.add(taken)
                session.flush()
                session.expunge(taken)
        return taken

    def _known(self, company: Company, found: Found) -> DroppedFile | None:
        with read(self._engine) as session:
            taken = session.scalars(
                select(DroppedFile).where(DroppedFile.company_id == company.id, DroppedFile.key == found.key)
            ).one_or_none()
            session.expunge_all()
            return taken

    # -- where files go -----------------------------------------------------------------------------------

    def _move(self, place: int, incoming: int, found: Found, taken: DroppedFile) -> None:
        with folder_at(FILED, place, make=True) as filed:
            _clear_markers(incoming, found)
            unlink(incoming, found.plain + DECLARED)  # the register has what it says
            os.rename(found.name, taken.filed_name, src_dir_fd=incoming, dst_dir_fd=filed)
            sync(filed, incoming)

    def _refuse(self, place: int, incoming: int, found: Found, refused: FilingRefused) -> None:
        """The reason lies there before the file does. A file that was refused may be put down again."""
        name = f"{found.key[:8]}-{_printable(found.plain)}"
        with folder_at(REFUSED, place, make=True) as folder:
            told = f"{refused.code}\n\n{refused.zh}\n{refused.mend_zh}\n\n{refused.en}\n{refused.mend_en}\n"
            write(folder, f"{name}.reason.txt", told.encode())
            _clear_markers(incoming, found)
            os.rename(found.name, name, src_dir_fd=incoming, dst_dir_fd=folder)
            # After its file: a file is never filed without what was declared of it.
            move_along(found.plain + DECLARED, name + DECLARED, incoming, folder)
            sync(folder, incoming)
        log.warning("drop_folder.refused", code=refused.code, name=name)

    # -- what came of them --------------------------------------------------------------------------------

    def _tell(self, company: Company, place: int) -> None:
        """Beside each file lies how its filing stands, and its receipt once it is signed."""
        with read(self._engine) as session:
            rows = session.execute(
                select(DroppedFile.id, DroppedFile.filed_name, Filing)
                .join(Filing, Filing.id == DroppedFile.filing_id)
                .where(DroppedFile.company_id == company.id)
                .where(DroppedFile.told.is_(None) | (DroppedFile.told != Filing.state))
            )
            news = [(row[0], row[1], str(row[2].state), as_json(row[2]), row[2].receipt) for row in rows]
        if not news:
            return
        with folder_at(FILED, place, make=True) as filed:
            for number, name, state, verdict, receipt in news:
                write(filed, f"{name}.verdict.json", _json(verdict))
                if receipt is not None:
                    write(filed, f"{name}.receipt.json", _json(receipt))
                with begin(self._engine) as session:
                    session.get_one(DroppedFile, number).told = state


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def _printable(name: str) -> str:
    """A name as it may be shown and written: what is odd in it is a question mark."""
    shown = name.encode("utf-8", "replace").decode("utf-8")
    return "".join(one if one.isprintable() and one not in "/\\" else "?" for one in shown)[:120]


def _is_marker(found: Found) -> bool:
    for ending in (SUM, DONE, DECLARED):
        if found.name.endswith(ending):
            base = found.name.removesuffix(ending)
            return NAME.fullmatch(base) is not None or base in found.names
    return False


def _is_marked(incoming: int, found: Found) -> bool:
    """Whether its sender said that all of it has come. A mark older than the file is of another one."""
    if found.name.endswith(READY):
        return True
    if found.plain + SUM in found.names:
        return True
    try:
        mark = os.stat(found.plain + DONE, dir_fd=incoming, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return mark.st_ctime_ns >= found.status.st_ctime_ns or mark.st_mtime_ns >= found.status.st_mtime_ns


def _refuse_kind(status: os.stat_result, owner: int) -> None:
    """Only a plain file that belongs to who the folder belongs to, or to us, and has no other name. Raises
    FilingRefused (D02)."""
    if not stat.S_ISREG(status.st_mode):
        raise FilingRefused("D02", "不是普通文件", "it is no plain file")
    if status.st_uid not in (owner, os.geteuid()):
        raise FilingRefused("D02", "属主不符", "it has a foreign owner")
    if status.st_nlink != 1:
        raise FilingRefused("D02", "文件另有链接", "it has a second name")


@contextmanager
def _opened(incoming: int, found: Found, owner: int) -> Iterator[int]:
    """The very file that was looked at, open for reading. Raises FilingRefused (D02) where it is another one by now."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    handle = os.open(found.name, flags, dir_fd=incoming)
    try:
        status = os.fstat(handle)
        _refuse_kind(status, owner)
        if (status.st_ino, status.st_dev) != (found.status.st_ino, found.status.st_dev):
            raise FilingRefused("D02", "读取时被替换", "it was replaced while it was read")
        yield handle
    finally:
        os.close(handle)


def _sum_of(incoming: int, name: str) -> str | None:
    """The digest of a line as sha256sum writes it."""
    try:
        line = _SUM_LINE.match(start_of(incoming, name, 4096) or b"")
    except OSError:
        return None
    return line[1].decode().lower() if line else None


def _declared_beside(incoming: int, found: Found, feed: str) -> Beside:
    """What lies beside the file now, not when the folder was listed: it came before the mark. Raises FilingRefused (D04)."""
    try:
        content = start_of(incoming, found.plain + DECLARED, MOST_BYTES + 1)
    except FileNotFoundError:
        return Beside()
    except OSError:  # a link
        content = None
    return read_beside(None if content is None or len(content) > MOST_BYTES else content, feed)


def _clear_markers(incoming: int, found: Found) -> None:
    """No mark is left that the next file of this name could be taken for complete by. They go before the file, which
    the register knows."""
    for ending in (SUM, DONE):
        unlink(incoming, found.plain + ending)
