"""A register with the jobs table and one more, where the jobs of these tests leave their effects."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from worker_process import settings_for

from supervision.db import begin
from supervision.settings import FixedClock, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


@pytest.fixture
def register(engine: Engine) -> Engine:
    """``effect`` has no unique key on purpose: a second effect would show."""
    with begin(engine) as session:
        session.execute(text("CREATE TABLE effect (bill VARCHAR(20) NOT NULL)"))
        session.execute(text("CREATE TABLE opened (bill VARCHAR(20) NOT NULL PRIMARY KEY)"))
    return engine


@pytest.fixture
def minute(clock: FixedClock) -> dt.timedelta:
    return dt.timedelta(seconds=60)
