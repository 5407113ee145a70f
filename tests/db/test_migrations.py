"""Migrations lead to the very schema that the models declare, on both databases, and back to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from supervision.db import make_engine
from supervision.db.schema import create, downgrade, is_current, metadata, upgrade


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("empty_sqlite" if request.param == "sqlite" else "empty_postgresql")


def objects(engine: Engine) -> dict[str, str]:
    """Every table, index, trigger and constraint of the database, as it describes them itself."""
    if engine.dialect.name == "sqlite":
        query = "SELECT type || ' ' || name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    else:
        query = """SELECT 'constraint ' || conname, pg_get_constraintdef(oid) FROM pg_constraint
          WHERE connamespace = 'public'::regnamespace
          UNION ALL SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
          UNION ALL SELECT 'trigger ' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
          UNION ALL SELECT 'column ' || table_name || '.' || column_name,
            data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
            FROM information_schema.columns WHERE table_schema = 'public'"""
    with engine.connect() as connection:
        found = {name: " ".join((sql or "").split()) for name, sql in connection.execute(text(query))}
    return {name: sql for name, sql in found.items() if "alembic_version" not in name}


def test_migrating_up_gives_what_the_models_declare(empty: Engine) -> None:
    upgrade(empty)
    assert is_current(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata()) == []


def test_migrations_and_models_make_the_same_guards(empty: Engine) -> None:
    upgrade(empty)
    migrated = objects(empty)
    downgrade(empty)
    create(empty)
    mirrored = objects(empty)
    assert migrated.keys() == mirrored.keys()
    if empty.dialect.name == "postgresql":
        assert migrated == mirrored


def test_migrating_down_leaves_nothing_behind(empty: Engine) -> None:
    upgrade(empty)
    downgrade(empty)
    assert set(inspect(empty).get_table_names()) <= {"alembic_version"}
    assert objects(empty) == {}
    upgrade(empty)
    assert is_current(empty)


def test_migrating_twice_changes_nothing(empty: Engine) -> None:
    upgrade(empty)
    before = objects(empty)
    upgrade(empty)
    assert objects(empty) == before


def test_a_register_without_migrations_is_not_taken_for_a_current_one(empty: Engine) -> None:
    assert not is_current(empty)
