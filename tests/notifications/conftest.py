"""A portal with two companies, their people and two officers, on either database."""

from __future__ import annotations

from pathlib import Path

import pytest
from message_desk import MessageDesk
from sqlalchemy import Engine

from supervision.settings import FixedClock, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_mapping(
        {
            "supervision.environment": "test",
            "supervision.data": str(tmp_path / "data"),
            "supervision.public_url": "https://supervision.example",
        }
    )


@pytest.fixture
def desk(engine: Engine, clock: FixedClock, settings: Settings, tmp_path: Path) -> MessageDesk:
    return MessageDesk.opened(engine, clock, settings, tmp_path)
