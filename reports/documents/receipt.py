"""The receipt of a filing: proof for the company of what it handed in, when, and where the journal
noted it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

from reports.documents.document import (
    BEIJING,
    Bilingual,
    Document,
    DocumentRefused,
    Signatory,
    demand_digest,
    demand_instant,
    demand_number,
    demand_web_address,
)


@dataclass(frozen=True, slots=True)
class Total:
    """A control total over all rows as filed: a decimal string and its unit."""

    label: Bilingual
    value: str
    unit: Bilingual

    def __post_init__(self) -> None:
        demand_number(value=self.value)


@dataclass(frozen=True)
class Receipt(Document):
    """``content_digest`` is the SHA-256 of the exact bytes received (``size_bytes`` of them),
    ``rule_pack_digest`` that of the rules the filing was judged by, ``journal_hash`` the entry's own
    hash. ``profile`` is the version of the mapping profile by which the file was read and ``profile_digest`` the SHA-256 of
    its text; empty and None where it was read by the standard alone."""

    kind: ClassVar[str] = "receipt"

    receipt_id: str
    authority: Bilingual
    company: Bilingual
    company_code: str
    feed: Bilingual
    feed_code: str
    period: str
    filing_version: int
    file_name: str
    content_digest: str
    size_bytes: int
    rows: int
    totals: tuple[Total, ...]
    rule_pack_digest: str
    signer: Signatory
    received_at: dt.datetime
    journal_index: int
    journal_hash: str
    verify_url: str
    profile: str = ""
    profile_digest: str | None = None

    def __post_init__(self) -> None:
        demand_digest("content_digest", self.content_digest)
        demand_digest("rule_pack_digest", self.rule_pack_digest)
        demand_digest("journal_hash", self.journal_hash)
        if self.profile_digest is not None:
            demand_digest("profile_digest", self.profile_digest)
        demand_instant("received_at", self.received_at)
        demand_web_address("verify_url", self.verify_url)
        for field in ("size_bytes", "rows", "journal_index", "filing_version"):
            if getattr(self, field) < 0:
                raise DocumentRefused(field, "不得为负数。", "must not be negative.")
        if not self.receipt_id:
            raise DocumentRefused("receipt_id", "不得为空。", "must not be empty.")
        self.demand_printable_text()

    @property
    def title(self) -> Bilingual:
        return Bilingual("数据报送回执", "Filing Receipt")

    @property
    def reference(self) -> str:
        return self.receipt_id

    @property
    def issuer(self) -> Bilingual:
        return self.authority

    @property
    def dated_on(self) -> dt.date:
        return self.received_at.astimezone(BEIJING).date()

    @property
    def verify_address(self) -> str:
        return self.verify_url
