"""A portal that `supervision init` made, on either database, with one company and its people."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from supervision.companies import CompanyService
from supervision.db import begin, make_engine
from supervision.journal import SYSTEM
from supervision.security import Role
from supervision.settings import SystemClock
from tests.cli.command_line import Said, program, run

PASSWORD = "three-larks-over-ice"


@dataclass(frozen=True)
class Portal:
    """A configuration file and what stands behind it."""

    ini: Path
    data: Path
    engine: Engine

    def run(self, *arguments: object, typed: str | None = None) -> Said:
        return run("--config", self.ini, *arguments, typed=typed)

    def program(self, *arguments: object) -> Said:
        return program("--config", self.ini, *arguments)


def write_ini(folder: Path, database_url: str = "") -> Path:
    ini = folder / "portal.ini"
    ini.write_text(
        "[app:main]\nuse = egg:heat-supervision\nsupervision.environment = test\n"
        f"supervision.data = {folder / 'data'}\n"
        f"supervision.database_url = {database_url.replace('%', '%%')}\n",
        encoding="utf-8",
    )
    return ini


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register file that `init` made, copied for each test."""
    folder = tmp_path_factory.mktemp("made")
    said = run("--config", write_ini(folder), "init")
    assert said.code == 0, said
    path = folder / "data" / "register.sqlite"
    engine = make_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def made_postgresql(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database that `init` made, the template of each test's own."""
    name = "made" + os.urandom(4).hex()
    _as_administrator(postgresql_url, f"CREATE DATABASE {name}")
    ini = write_ini(tmp_path_factory.mktemp("made"), _url(postgresql_url, name))
    said = run("--config", ini, "init")
    assert said.code == 0, said
    return name


def _url(server: str, name: str) -> str:
    return make_url(server).set(database=name, drivername="postgresql").render_as_string(hide_password=False)


def _as_administrator(server: str, statement: str) -> None:
    engine = make_engine(server)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def on_sqlite(made_sqlite: Path, tmp_path: Path) -> Iterator[Portal]:
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "register.sqlite"
    shutil.copy(made_sqlite, path)
    engine = make_engine(f"sqlite:///{path}")
    yield Portal(write_ini(tmp_path), tmp_path / "data", engine)
    engine.dispose()


@pytest.fixture
def on_postgresql(postgresql_url: str, made_postgresql: str, tmp_path: Path) -> Iterator[Portal]:
    name = "c" + os.urandom(6).hex()
    _as_administrator(postgresql_url, f"CREATE DATABASE {name} TEMPLATE {made_postgresql}")
    url = _url(postgresql_url, name)
    engine = make_engine(url)
    yield Portal(write_ini(tmp_path, url), tmp_path / "data", engine)
    engine.dispose()
    _as_administrator(postgresql_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def portal(request: pytest.FixtureRequest) -> Portal:
    """The same portal on both databases, made by the command."""
    made: Portal = request.getfixturevalue(f"on_{request.param}")
    return made


@pytest.fixture
def company(portal: Portal) -> Portal:
    """The portal with the company ``songbei`` of Harbin, its clerk and its signatory."""
    return with_company(portal)


@pytest.fixture
def company_on_sqlite(on_sqlite: Portal) -> Portal:
    """The same, where the database makes no difference."""
    return with_company(on_sqlite)


def with_company(portal: Portal) -> Portal:
    with begin(portal.engine) as session:
        CompanyService(session, SystemClock()).register(
            code="songbei",
            name_zh="松北热力",
            name_en="Songbei Heat",
            province="黑龙江",
            city="哈尔滨市",
            service_areas=[],
            by=SYSTEM,
        )
    for name, role in (("clerk", Role.COMPANY_CLERK), ("signer", Role.COMPANY_SIGNATORY)):
        said = portal.run("user", "add", name, "--role", role, "--company", "songbei", "--password", PASSWORD)
        assert said.code == 0, said
    return portal
