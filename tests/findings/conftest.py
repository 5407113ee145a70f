"""Two companies with their checks, in a portal of their own, on either database."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from supervision.db import begin
from supervision.settings import FixedClock, Settings
from tests.filings.filing_desk import Desk
from tests.findings.checked_company import CheckedCompany, enter_tariffs, register_company


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_mapping(
        {"supervision.environment": "test", "supervision.data": str(tmp_path / "data")}
    )


@pytest.fixture
def company(engine: Engine, clock: FixedClock, settings: Settings, tmp_path: Path) -> CheckedCompany:
    with begin(engine) as session:
        enter_tariffs(session, clock)
        company_id = register_company(session, clock, "songbei")
    return CheckedCompany(Desk(engine, clock, settings, tmp_path, company_id))


@pytest.fixture
def other_company(company: CheckedCompany) -> CheckedCompany:
    desk = company.desk
    with begin(desk.engine) as session:
        company_id = register_company(session, desk.clock, "daoli")
    return CheckedCompany(Desk(desk.engine, desk.clock, desk.settings, desk.folder, company_id))
