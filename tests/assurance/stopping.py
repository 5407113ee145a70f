"""Portals whose acts are stopped at system calls: what is copied, traced, stopped and judged."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.db import begin, read
from supervision.filings import Filing
from supervision.findings.proof import flaws
from supervision.jobs.models import Job
from supervision.settings import FixedClock
from tests.assurance.filing_process import ACTS, register_of, settings_of
from tests.conftest import AT

ROOT = Path(__file__).parents[2]
# Calls that can change what processes find on a disk. Killed before each of them and after the last, an act has been
# killed everywhere: between two of them a killed process leaves the same. (``openat`` makes files.)
CHANGING = (
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "unlink",
    "ftruncate",
    "mkdir",
    "fchmod",
    "openat",
)


def demand_strace() -> None:
    """The test is skipped where the kernel lets nobody trace a process."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: calls cannot be stopped")
    tried = subprocess.run(["strace", "-o", os.devnull, "true"], check=False, capture_output=True)
    if tried.returncode:
        pytest.skip("this machine lets nobody trace a process: calls cannot be stopped")


@dataclass(frozen=True, slots=True)
class Call:
    """The ``nth`` call of that name since the act began; ``about`` is the rest of its line in the trace."""

    name: str
    nth: int
    about: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person was told ("" where nothing), why it was refused, and how the process ended."""

    told: str
    refused: str
    status: int


class Acting:
    """The program filing_process.py, and acts done by it under strace."""

    def __init__(self, folder: Path) -> None:
        self._errors = (folder / "acting.log").open("wb")
        program = [sys.executable, str(Path(__file__).with_name("filing_process.py"))]
        self._parent = subprocess.Popen(
            [*program, str(folder), AT.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        while self._line() != "warm":
            pass

    def act(self, act: str, folder: Path, *strace: str, fault: str = "none") -> Answer:
        """The act done in a process of its own that strace holds from its first call to its last."""
        self._say(f"act {fault} {act} {folder} {AT.isoformat()}")
        ready = self._line()
        tracer = subprocess.Popen(
            ["strace", "-p", ready.removeprefix("ready "), *strace],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert tracer.stderr is not None
        attached = tracer.stderr.readline()
        assert "attached" in attached, attached
        self._say("go")
        told = refused = ""
        while not (line := self._line()).startswith("ended "):
            told = line.removeprefix("told ") if line.startswith("told ") else told
            refused = line.removeprefix("refused ") if line.startswith("refused ") else refused
        tracer.stderr.close()
        tracer.wait()
        return Answer(told, refused, int(line.removeprefix("ended ")))

    def calls(self, act: str, folder: Path, log: Path, *, fault: str = "none") -> list[Call]:
        """Every call of the act that is about the portal's folder, in order."""
        answer = self.act(act, folder, "-y", "-o", str(log), "-e", f"trace={','.join(CHANGING)}", fault=fault)
        assert answer.told, answer
        seen: Counter[str] = Counter()
        found = []
        for line in log.read_text(errors="replace").splitlines():
            call = re.match(r"(\w+)\((.*)", line)
            if call is None:
                continue
            seen[call[1]] += 1
            if str(folder) in line:
                found.append(Call(call[1], seen[call[1]], call[2]))
        return found

    def end(self) -> None:
        self._parent.kill()
        self._parent.communicate()
        self._errors.close()

    def _say(self, line: str) -> None:
        assert self._parent.stdin is not None
        self._parent.stdin.write(f"{line}\n")
        self._parent.stdin.flush()

    def _line(self) -> str:
        assert self._parent.stdout is not None
        line = self._parent.stdout.readline()
        assert line, "the program of the acts has ended; acting.log says why"
        return line.strip()


def wrong_after(act: str, folder: Path, told: str) -> list[str]:
    """What is wrong in the portal of ``folder`` after ``act`` was stopped and the person was told ``told`` ("": nothing).
    First the register and the evidence as they were left; then the act is done by somebody else, which must lead to one
    filing, or one in force, as if nothing had happened."""
    wrong: list[str] = []
    engine, settings = register_of(folder), settings_of(folder)
    evidence, clock = EvidenceStore(settings.evidence_root), FixedClock(AT)
    try:
        with read(engine) as session:
            wrong += [flaw.en for flaw in flaws(session, evidence, clock)]
            kept = session.scalars(select(Filing).where(_result_of(act))).all()
            if told and [_name(act, one) for one in kept] != [told]:
                wrong.append(f"told {told}, but the register has {[_name(act, one) for one in kept]}")
            if act == "sign" and _in_force(session) != 1:
                wrong.append(f"{_in_force(session)} filings are in force")
        if not kept or act == "receive":
            again = ACTS[act](engine, evidence, settings, clock)
            with begin(engine) as session:
                final = session.scalars(select(Filing).where(_result_of(act))).all()
                if [_name(act, one) for one in final] != [again] or (told and again != told):
                    wrong.append(f"done again: {again}, the register has {len(final)}, told was {told!r}")
                wrong += [flaw.en for flaw in flaws(session, evidence, clock)]
                judged = session.scalar(select(func.count()).where(Job.name == "judge_filing"))
                if act == "receive" and judged != 1:
                    wrong.append(f"{judged} jobs judge one filing")
    except DBAPIError as error:
        wrong.append(f"the register does not open: {error}")
    finally:
        engine.dispose()
    return wrong


def _result_of(act: str) -> ColumnElement[bool]:
    """What the act leads to: the bills received, or the replacement in force."""
    return Filing.feed == "bills" if act == "receive" else (Filing.number == 2) & Filing.is_current


def _name(act: str, filing: Filing) -> str:
    return filing.public_id if act == "receive" else str(filing.receipt_no)


def _in_force(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Filing).where(Filing.is_current)) or 0
