"""The register: engine, sessions, column types. SQLite by default, PostgreSQL at scale, one behaviour on both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, MetaData, create_engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session

from supervision.db.types import FixedPoint, UTCDateTime, new_public_id

__all__ = ["Base", "FixedPoint", "UTCDateTime", "begin", "make_engine", "new_public_id", "read"]

# 3.7.0 to 3.51.2 can corrupt a WAL database written by several processes (fixed in 3.51.3; the fix stands in
# 3.44.6 and 3.50.7 too). See https://sqlite.org/wal.html, "the WAL-reset bug".
SOUND_SQLITE = (3, 51, 3)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix__%(column_0_N_label)s",
            "uq": "uq__%(table_name)s__%(column_0_N_name)s",
            "ck": "ck__%(table_name)s__%(constraint_name)s",
            "fk": "fk__%(table_name)s__%(column_0_N_name)s__%(referred_table_name)s",
            "pk": "pk__%(table_name)s",
        }
    )


class UnsafeDatabase(RuntimeError):
    """The database would not keep its promises; the text says which and how to mend it."""


def make_engine(url: str) -> Engine:
    """An engine whose connections keep their promises: durable commits, enforced foreign keys, and writers that
    queue instead of overwriting each other. Raises UnsafeDatabase where a setting on the server says otherwise."""
    if url.startswith("sqlite"):
        return _sqlite(url)
    if url.startswith("postgresql"):
        return _postgresql(url)
    raise UnsafeDatabase(f"{url.split(':', 1)[0]}: only sqlite and postgresql addresses are supported")


def _sqlite(url: str) -> Engine:
    import pysqlite3.dbapi2 as sqlite

    if sqlite.sqlite_version_info < SOUND_SQLITE:
        raise UnsafeDatabase(
            f"SQLite {sqlite.sqlite_version} may corrupt a shared register; install pysqlite3 0.6.1 or newer"
        )
    engine = create_engine(url, module=sqlite, connect_args={"timeout": 20, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        for pragma in (
            "synchronous = FULL",
            "foreign_keys = ON",
            "trusted_schema = OFF",
            "busy_timeout = 20000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        promised = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        for name, value in promised.items():
            found = cursor.execute(f"PRAGMA {name}").fetchone()[0]
            if found != value:
                raise UnsafeDatabase(f"SQLite keeps {name} = {found}, {value} is needed")
        cursor.close()

    @event.listens_for(engine, "begin")
    def take_the_lock_at_once(connection: Connection) -> None:
        # A deferred transaction that reads and then writes lets two approvers both succeed; a writer queues first.
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _postgresql(url: str) -> Engine:
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url[len("postgresql://") :]
    engine = create_engine(url, pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def check(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            found = cursor.execute(f"SHOW {name}").fetchone()[0]
            if found != "on":
                raise UnsafeDatabase(f"PostgreSQL keeps {name} = {found}; a receipt needs it on")
        cursor.execute("SET TIME ZONE 'UTC'")
        cursor.close()
        connection.commit()

    return engine


def reading(engine: Engine) -> Engine:
    """The same engine for transactions that only read: they never wait for a writer."""
    return engine.execution_options(sqlite_begin="DEFERRED")


@contextmanager
def begin(engine: Engine) -> Iterator[Session]:
    """One writing transaction: committed when the block ends, rolled back when it raises."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def read(engine: Engine) -> Iterator[Session]:
    """One reading transaction: a steady view, nothing kept."""
    with Session(reading(engine), expire_on_commit=False) as session:
        yield session
        session.rollback()


def serialise(session: Session, name: str) -> None:
    """Whoever calls this with the same name waits until the caller's transaction ends. On SQLite a writing
    transaction already has the register to itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})
