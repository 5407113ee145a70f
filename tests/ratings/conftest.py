"""A company with its checks and the people who rate it, in a portal of their own, on either database."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from supervision.db import begin
from supervision.settings import FixedClock, Settings
from tests.filings.filing_desk import Desk
from tests.findings.checked_company import CheckedCompany, enter_tariffs, register_company
from tests.ratings.rated_season import RatedSeason


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_mapping(
        {"supervision.environment": "test", "supervision.data": str(tmp_path / "data")}
    )


@pytest.fixture
def season(engine: Engine, clock: FixedClock, settings: Settings, tmp_path: Path) -> RatedSeason:
    """The first season on 24 November 2025; its company ``songbei`` has filed nothing yet."""
    with begin(engine) as session:
        enter_tariffs(session, clock)
        company_id = register_company(session, clock, "songbei")
    return RatedSeason(CheckedCompany(Desk(engine, clock, settings, tmp_path, company_id)))
