"""The desk of a company, with what its people do with mapping profiles."""

from __future__ import annotations

from tests.filings.conftest import desk, open_desk, settings

__all__ = ["desk", "open_desk", "settings"]
