"""A company's desk in a portal of its own, on either database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from supervision.companies import CompanyService
from supervision.db import begin
from supervision.journal import SYSTEM
from supervision.settings import FixedClock, Settings
from tests.filings.filing_desk import Desk


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_mapping(
        {"supervision.environment": "test", "supervision.data": str(tmp_path / "data")}
    )


@pytest.fixture
def open_desk(engine: Engine, clock: FixedClock, settings: Settings, tmp_path: Path) -> Callable[[str], Desk]:
    """A further company's desk in the same portal."""

    def register(code: str) -> Desk:
        with begin(engine) as session:
            company = CompanyService(session, clock).register(
                code=code,
                name_zh=f"{code}热力公司",
                name_en=f"{code} Heat",
                province="黑龙江",
                city="哈尔滨",
                service_areas=[],
                by=SYSTEM,
            )
        return Desk(engine, clock, settings, tmp_path, company.id)

    return register


@pytest.fixture
def desk(open_desk: Callable[[str], Desk]) -> Desk:
    return open_desk("harbin-a")
