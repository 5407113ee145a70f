"""The real application over a register of its own, with one person per role and two companies; time stands still."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from visiting import CHEAP, PASSWORD, PEOPLE, sign_in_through_the_page
from webtest import TestApp

from supervision import main
from supervision.companies import CompanyService
from supervision.companies.models import Company
from supervision.db import begin
from supervision.jobs.worker import work
from supervision.journal import SYSTEM, Actor
from supervision.security import Identity
from supervision.settings import FixedClock
from supervision.users import Passwords, UserService
from tests.compiling import compile_catalogues
from tests.filings.filing_desk import OWN_JOBS, Desk
from tests.findings.checked_company import CITY, CheckedCompany, enter_tariffs

_PASSWORDS = Passwords(CHEAP)


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogues() -> None:
    compile_catalogues()


@dataclass
class People:
    """Who was seeded: ``identity("officer")`` for services, ``company_id("harbin-a")`` for rows."""

    identities: dict[str, Identity] = field(default_factory=dict)
    companies: dict[str, int] = field(default_factory=dict)
    password: str = PASSWORD

    def identity(self, name: str) -> Identity:
        return self.identities[name]

    def actor(self, name: str) -> Actor:
        return self.identities[name].actor

    def company_id(self, code: str) -> int:
        return self.companies[code]


@pytest.fixture
def portal_settings(tmp_path: Path) -> dict[str, str]:
    """What the ini file of this test says; a test may override the fixture or change the mapping first."""
    return {"supervision.environment": "test", "supervision.data": str(tmp_path / "data")}


@pytest.fixture
def wsgi(sqlite_engine: Engine, clock: FixedClock, portal_settings: dict[str, str]) -> Any:
    return main({"engine": sqlite_engine, "clock": clock, "password_cost": CHEAP}, **portal_settings)


@pytest.fixture
def app(wsgi: Any) -> Iterator[TestApp]:
    """A browser without a sign-in. Another browser on the same portal: ``browser()``."""
    with_cookies = TestApp(wsgi, extra_environ={"REMOTE_ADDR": "192.0.2.10"})
    yield with_cookies
    with_cookies.reset()


@pytest.fixture
def browser(wsgi: Any) -> Callable[[], TestApp]:
    """A further browser, with its own cookies."""
    return lambda: TestApp(wsgi, extra_environ={"REMOTE_ADDR": "192.0.2.11"})


@pytest.fixture
def people(sqlite_engine: Engine, clock: FixedClock, wsgi: Any) -> People:
    """PEOPLE can sign in, all with PASSWORD; two companies: ``harbin-a`` and ``jinan-b``."""
    found = People()
    with begin(sqlite_engine) as session:
        for code, zh, city, province in (
            ("harbin-a", "哈尔滨甲热力有限公司", "哈尔滨", "黑龙江"),
            ("jinan-b", "济南乙热力有限公司", "济南", "山东"),
        ):
            company = CompanyService(session, clock).register(
                code=code,
                name_zh=zh,
                name_en=f"{code.title()} Heat Company",
                province=province,
                city=city,
                service_areas=[],
                by=SYSTEM,
            )
            found.companies[code] = company.id
        service = UserService(session, clock, wsgi.registry.supervision, _PASSWORDS)
        for number, (name, (role, code)) in enumerate(PEOPLE.items()):
            added = service.add(
                name=name,
                display_name=f"测试人员{number}",
                role=role,
                person_no=f"T{number:03}",
                company_id=found.companies[code] if code else None,
                password=PASSWORD,
                by=SYSTEM,
            )
            found.identities[name] = added.user.identity
    return found


@pytest.fixture
def sign_in(people: People) -> Callable[[TestApp, str], TestApp]:
    """``sign_in(app, "officer")``: through the real sign-in page; answers the same browser, now signed in."""

    def enter(app: TestApp, name: str) -> TestApp:
        sign_in_through_the_page(app, name, people.password)
        assert app.get("/me", status=200).status_int == 200
        return app

    return enter


@pytest.fixture
def worker(wsgi: Any, sqlite_engine: Engine, clock: FixedClock) -> Callable[[], int]:
    """The portal's own worker does what waits."""
    settings = wsgi.registry.supervision
    return lambda: work(
        sqlite_engine, settings, threading.Event(), clock=clock, only=OWN_JOBS, until_idle=True
    )


@pytest.fixture
def harbin(
    sqlite_engine: Engine, clock: FixedClock, wsgi: Any, people: People, tmp_path: Path
) -> CheckedCompany:
    """harbin-a in the city whose prices are published; it has filed nothing yet."""
    with begin(sqlite_engine) as session:
        enter_tariffs(session, clock)
        company_id = people.company_id("harbin-a")
        session.get_one(Company, company_id).city = CITY
    return CheckedCompany(Desk(sqlite_engine, clock, wsgi.registry.supervision, tmp_path, company_id))


@pytest.fixture
def clerk(app: TestApp, sign_in: Callable[[TestApp, str], TestApp]) -> TestApp:
    return sign_in(app, "clerk-a")


@pytest.fixture
def signatory(browser: Callable[[], TestApp], sign_in: Callable[[TestApp, str], TestApp]) -> TestApp:
    return sign_in(browser(), "signatory-a")
