"""The desks of tests/filings, for what comes in by other channels."""

from __future__ import annotations

from tests.filings.conftest import desk, open_desk, settings

__all__ = ["desk", "open_desk", "settings"]
