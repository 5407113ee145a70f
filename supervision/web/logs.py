"""What is written about the portal's own running: one JSON object a line, in UTC, to the standard error output.

A traceback names places, never the values at hand: those may be passwords."""

from __future__ import annotations

import sys

import structlog
from pyramid.config import Configurator


def configure() -> None:
    """Logs are set up, unless the process has already done so."""
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def includeme(config: Configurator) -> None:
    configure()
