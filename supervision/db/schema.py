"""The schema as the models declare it, and the migrations that bring a register there."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from alembic.config import Config
from sqlalchemy import Engine, MetaData

from supervision.db import Base

MIGRATIONS = Path(__file__).resolve().parents[2] / "alembic"


def metadata() -> MetaData:
    """All tables of all features (the modules of models of each are imported)."""
    root = Path(__file__).resolve().parents[1]
    for file in sorted(root.glob("*/*models.py")):
        importlib.import_module(f"supervision.{file.parent.name}.{file.stem}")
    return Base.metadata


def _config(engine: Engine) -> Any:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """The register stands at ``revision``; running it again changes nothing."""
    from alembic import command

    command.upgrade(_config(engine), revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    from alembic import command

    command.downgrade(_config(engine), revision)


def is_current(engine: Engine) -> bool:
    """Whether the register stands at the newest migration."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found is not None and found == ScriptDirectory.from_config(_config(engine)).get_current_head()


def create(engine: Engine) -> None:
    """The schema straight from the models, as a mirror to hold the migrations against."""
    metadata().create_all(engine)
