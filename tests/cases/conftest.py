"""A case desk over one company with a finding, on either database."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from supervision.db import begin
from supervision.findings import Finding
from supervision.settings import FixedClock, Settings
from tests.cases.case_desk import CaseDesk
from tests.filings.filing_desk import Desk
from tests.findings.checked_company import CheckedCompany, enter_tariffs, register_company


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_mapping(
        {"supervision.environment": "test", "supervision.data": str(tmp_path / "data")}
    )


@pytest.fixture
def desk(engine: Engine, clock: FixedClock, settings: Settings, tmp_path: Path) -> CaseDesk:
    with begin(engine) as session:
        enter_tariffs(session, clock)
        company_id = register_company(session, clock, "songbei")
    return CaseDesk(CheckedCompany(Desk(engine, clock, settings, tmp_path, company_id)))


@pytest.fixture
def finding(desk: CaseDesk) -> Finding:
    return desk.wrong_bills()
