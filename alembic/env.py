"""Runs the migrations against the register that the configuration names; guarded against a careless autogenerate."""

from __future__ import annotations

from typing import Any

from alembic import context
from supervision.db import make_engine
from supervision.db.schema import metadata

config = context.config


def include_name(name: str | None, type_: str, _parents: Any) -> bool:
    """Only what the models declare is ours; anything else in the same database is left alone."""
    return type_ != "table" or name in metadata().tables or name == "alembic_version"


def run() -> None:
    engine = config.attributes.get("engine") or make_engine(config.get_main_option("sqlalchemy.url", ""))
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata(),
            include_name=include_name,
            compare_type=True,
            compare_server_default=True,
            render_as_batch=connection.dialect.name == "sqlite",
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


if context.is_offline_mode():
    raise SystemExit("Migrations need a connection: they check the schema they change.")
run()
