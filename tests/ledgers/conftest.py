"""Companies whose filings go through the real worker, on either database."""

from tests.findings.conftest import company, other_company, settings

__all__ = ["company", "other_company", "settings"]
