"""A program that does acts of a filing, each in a process of its own that somebody may stop at any system call.

python filing_process.py WARM_UP_FOLDER NOW

Each line "act FAULT ACT FOLDER NOW" on its input forks one process. It says "ready PID", waits for the line "go", does
the act on the portal in FOLDER, and says "told WHAT" once the person may rely on it, or "refused WHY". Then its parent
says "ended STATUS". FAULT is "none" or a fault of which the tests must notice that it is there.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, select
from sqlalchemy.exc import DBAPIError

import ingest.evidence
from ingest.evidence import EvidenceStore, Stored
from supervision.db import begin, make_engine
from supervision.filings import Filing, FilingRefused, FilingService, State
from supervision.filings.intake import Declared, arriving
from supervision.journal import Actor
from supervision.settings import FixedClock, Settings
from tests.filings.filing_desk import MONTH, csv_bytes
from tests.filings.filing_desk import bill as bill_row

CONTENT = csv_bytes("bills", [bill_row(1), bill_row(2)])
CLERK, SIGNATORY = Actor("clerk", "company_clerk"), Actor("signatory", "company_signatory")


class NamedTooLate(EvidenceStore):
    """The fault: evidence gets its name when the register says already that it is there."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.kept_back: list[bytes] = []

    def put_file(self, path: Path) -> Stored:
        content = path.read_bytes()
        self.kept_back.append(content)
        return Stored(hashlib.sha256(content).hexdigest(), len(content))

    def name_now(self) -> None:
        for content in self.kept_back:
            self.put_bytes(content)


def settings_of(folder: Path) -> Settings:
    return Settings.from_mapping(
        {"supervision.environment": "test", "supervision.data": str(folder / "data")}
    )


def register_of(folder: Path) -> Engine:
    return make_engine(f"sqlite:///{folder / 'register.sqlite'}")


def receive(engine: Engine, evidence: EvidenceStore, settings: Settings, clock: FixedClock) -> str:
    """The clerk's upload, as the portal takes it in: waiting place, evidence, register."""
    with (
        (settings.data.parent / "bills.csv").open("rb") as source,
        arriving(source, settings.incoming_root, Declared(), settings.max_upload_bytes) as arrived,
    ):
        with begin(engine) as session:
            received = FilingService(session, clock, evidence, settings).receive(
                company_id=1, feed="bills", period=MONTH, path=arrived.path, filename="b.csv", by=CLERK
            )
        return received.filing.public_id


def sign(engine: Engine, evidence: EvidenceStore, settings: Settings, clock: FixedClock) -> str:
    """The signature under the one filing that waits for it, which takes the place of the one in force."""
    with begin(engine) as session:
        filing = session.scalars(select(Filing).where(Filing.state == State.READY)).one()
        FilingService(session, clock, evidence, settings).sign(
            filing,
            by=SIGNATORY,
            signer="王签署",
            version=filing.version,
            difference_seen=(filing.difference or {}).get("compared_with"),
        )
    return str(filing.receipt_no)


ACTS: dict[str, Callable[..., str]] = {"receive": receive, "sign": sign}


@contextmanager
def fault(name: str, engine: Engine, settings: Settings) -> Iterator[EvidenceStore]:
    """The evidence store of a portal that is sound, or has the fault of that name."""
    evidence = NamedTooLate(settings.evidence_root) if name == "named_too_late" else None
    if name == "folder_not_synced":
        ingest.evidence._sync_folder = lambda folder: None
    elif name == "register_not_synced":

        @event.listens_for(engine, "connect")
        def careless(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA synchronous = OFF")

    yield evidence or EvidenceStore(settings.evidence_root)
    if evidence is not None:
        evidence.name_now()


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def heard() -> str:
    line = b""
    while not line.endswith(b"\n"):
        letter = os.read(0, 1)
        if not letter:
            return ""
        line += letter
    return line.decode().strip()


def do(fault_name: str, act: str, settings: Settings, now: str) -> None:
    engine = register_of(settings.data.parent)
    clock = FixedClock(dt.datetime.fromisoformat(now))
    try:
        with fault(fault_name, engine, settings) as evidence:
            told = ACTS[act](engine, evidence, settings, clock)
        say(f"told {told}")
    except FilingRefused as refused:
        say(f"refused {refused.code}")
    except (OSError, DBAPIError) as error:
        say(f"refused {type(error).__name__}")
    engine.dispose()


def main(warm_up: str, now: str) -> None:
    """Every module is imported once, by an act that nobody looks at, so that the acts that count are nothing else."""
    for act in ACTS:
        do("none", act, settings_of(Path(warm_up) / act), now)
    say("warm")
    while line := heard():
        _, fault_name, act, folder, at = line.split(" ")
        child = os.fork()
        if child == 0:
            settings = settings_of(Path(folder))  # read when a process starts, long before an act
            say(f"ready {os.getpid()}")
            if heard() == "go":
                do(fault_name, act, settings, at)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        say(f"ended {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
