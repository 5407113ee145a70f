"""How a company's program files: ``from programs import Caller, token_of``."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Engine
from webtest import TestApp

from ingest.evidence import EvidenceStore
from supervision.channels.tokens import TokenService
from supervision.db import begin
from supervision.filings.calendar import FilingCalendar
from supervision.journal import Actor
from supervision.settings import FixedClock
from tests.filings.filing_desk import SEASON

FILINGS = "/api/v1/filings"


def token_of(
    engine: Engine,
    clock: FixedClock,
    evidence: EvidenceStore,
    company_id: int,
    *,
    name: str = "billing",
    feeds: Sequence[str] = ("bills", "accounts"),
    periods: Sequence[str] = (),
    expires_on: dt.date = dt.date(2026, 10, 31),
) -> tuple[str, str]:
    """A new token of that company: its identifier, and what the program shows."""
    with begin(engine) as session:
        token, secret = TokenService(session, clock, FilingCalendar(session, clock, evidence)).make(
            company_id=company_id,
            name=name,
            feeds=feeds,
            season=SEASON,
            periods=periods,
            expires_on=expires_on,
            by=Actor("signatory-a", "company_signatory", company_id),
        )
        return token.public_id, secret


@dataclass
class Caller:
    """A program that shows a token, and nothing else."""

    app: TestApp
    secret: str

    @property
    def shown(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    def file(
        self, content: bytes, status: int = 201, headers: dict[str, str] | None = None, **said: str
    ) -> Any:
        query = {
            "feed": "bills",
            "period": "2025-12",
            "filename": "十二月.csv",
            "sha256": hashlib.sha256(content).hexdigest(),
            **said,
        }
        return self.app.post(
            f"{FILINGS}?{urlencode({name: value for name, value in query.items() if value})}",
            content,
            headers={**self.shown, **(headers or {})},
            content_type="application/octet-stream",
            status=status,
        )

    def read(self, path: str, status: int = 200) -> Any:
        return self.app.get(path, headers=self.shown, status=status)
