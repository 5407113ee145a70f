"""One transaction per request: reading for safe methods, writing (and queueing for the lock) for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import zope.sqlalchemy
from pyramid.config import Configurator
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from supervision.db import reading

if TYPE_CHECKING:
    from supervision.web.request import Request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def session_of(request: Request) -> Session:
    registry: Any = request.registry
    make = registry.reading_sessions if request.method in SAFE_METHODS else registry.writing_sessions
    session: Session = make()
    zope.sqlalchemy.register(session, transaction_manager=request.tm, keep_session=False)
    return session


def includeme(config: Configurator) -> None:
    engine = config.registry.engine
    config.registry.writing_sessions = sessionmaker(engine, expire_on_commit=False)
    config.registry.reading_sessions = sessionmaker(reading(engine), expire_on_commit=False)


def attempts(request: Request) -> int | None:
    """How often a request may be tried: bytes of a file once, because trying again would need a further copy of a body
    of gigabytes (its sender repeats it, and the same bytes count once); any other as the settings say."""
    is_bytes = request.method in {"PUT", "PATCH"} or request.environ.get("PATH_INFO", "").startswith("/api/")
    return 1 if is_bytes else None


def is_busy(error: BaseException) -> bool:
    """Whether the database was busy rather than broken: the visitor may simply try again."""
    return isinstance(error, OperationalError) and "locked" in str(error).lower()
