"""Portals just before an act: one where bills are about to arrive, one where a replacement is about to be signed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from supervision.companies import CompanyService
from supervision.db import begin
from supervision.journal import SYSTEM
from supervision.settings import FixedClock
from tests.assurance.filing_process import ACTS, CONTENT, register_of, settings_of
from tests.assurance.stopping import Acting, demand_strace
from tests.conftest import AT
from tests.filings.filing_desk import Desk, bill, csv_bytes


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder for hundreds of short lives; in memory where there is such a place: what a killed process leaves is the
    same there, and nobody waits for a disk."""
    memory = Path("/dev/shm")
    fits = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 32 << 20
    folder = Path(tempfile.mkdtemp(prefix="heat-stopped-", dir=memory if fits else None))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def before(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of a portal just before each act. Whoever acts copies it."""
    found = {}
    for act in ACTS:
        folder = tmp_path_factory.mktemp(f"before_{act}")
        shutil.copy(migrated_sqlite, folder / "register.sqlite")
        engine = register_of(folder)
        with begin(engine) as session:
            company = CompanyService(session, FixedClock(AT)).register(
                code="harbin-a",
                name_zh="甲热力公司",
                name_en="A Heat",
                province="黑龙江",
                city="哈尔滨",
                service_areas=[],
                by=SYSTEM,
            )
        desk = Desk(engine, FixedClock(AT), settings_of(folder), folder, company.id)
        (folder / "bills.csv").write_bytes(CONTENT)
        desk.settings.data.mkdir(exist_ok=True)
        if act == "sign":
            desk.signed(csv_bytes("bills", [bill(1)]))
            desk.work()
            assert desk.judged(CONTENT).difference is not None
        engine.dispose()
        found[act] = folder
    return found


@pytest.fixture(scope="session")
def acting(before: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acting]:
    demand_strace()
    folder = tmp_path_factory.mktemp("warm_up")
    for act, source in before.items():
        shutil.copytree(source, folder / act)
    program = Acting(folder)
    yield program
    program.end()
