"""The same desk as for cases: documents are issued by approving a decision."""

from __future__ import annotations

from tests.cases.conftest import desk, finding, settings

__all__ = ["desk", "finding", "settings"]
