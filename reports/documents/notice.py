"""A notice to a company (公文): what was found, on which legal basis, what is demanded by when, with the
bills annexed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from reports.documents.document import (
    Bilingual,
    Document,
    DocumentRefused,
    EvidenceReference,
    Signatory,
    demand_digest,
    demand_money,
    demand_web_address,
)

MAX_ANNEX_ROWS: Final = 200


class NoticeKind(StrEnum):
    """What the notice is for; its heading follows from it."""

    INQUIRY = "inquiry"
    SUMMONS = "summons"
    RECTIFICATION = "rectification"
    REFUND = "refund"
    DECISION = "decision"
    CLOSING = "closing"


HEADINGS: Final = {
    NoticeKind.INQUIRY: Bilingual("核查告知书", "Notice of Inquiry"),
    NoticeKind.SUMMONS: Bilingual("约谈通知书", "Summons to an Interview"),
    NoticeKind.RECTIFICATION: Bilingual("责令改正通知书", "Rectification Order"),
    NoticeKind.REFUND: Bilingual("责令退还多收热费通知书", "Refund Order"),
    NoticeKind.DECISION: Bilingual("处理决定书", "Decision"),
    NoticeKind.CLOSING: Bilingual("结案通知书", "Notice of Closing"),
}


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """One provision relied on: the article as cited (``《…》第…条``) and, if wished, what it says."""

    citation: Bilingual
    text: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing the company must do, at the latest on ``deadline_on`` (that day included)."""

    text: Bilingual
    deadline_on: dt.date


@dataclass(frozen=True, slots=True)
class AnnexRow:
    """One bill: amounts in CNY as decimal strings; ``difference`` = billed − recomputed; ``formula`` is the
    recomputation as it was made, such as ``92.50 m² × 24.00 元/m²``. Nothing is computed here."""

    bill_no: str
    account_no: str
    billed: str
    recomputed: str
    difference: str
    cause: Bilingual
    formula: str

    def __post_init__(self) -> None:
        demand_money(billed=self.billed, recomputed=self.recomputed, difference=self.difference)


@dataclass(frozen=True, slots=True)
class Annex:
    """The bills complained of. At most 200 are printed; all ``total_rows`` are in the CSV of
    ``csv_digest``."""

    rows: tuple[AnnexRow, ...]
    total_rows: int
    csv_digest: str

    def __post_init__(self) -> None:
        demand_digest("annex.csv_digest", self.csv_digest)
        if len(self.rows) > MAX_ANNEX_ROWS:
            raise DocumentRefused(
                "annex.rows",
                f"{len(self.rows)} 行，超过 {MAX_ANNEX_ROWS} 行：请只打印前 {MAX_ANNEX_ROWS} 行，其余见 CSV。",
                f"{len(self.rows)} rows, more than {MAX_ANNEX_ROWS}: print the first {MAX_ANNEX_ROWS}, "
                "the CSV holds the rest.",
            )
        if self.total_rows < len(self.rows):
            raise DocumentRefused(
                "annex.total_rows",
                f"总行数 {self.total_rows} 少于所印 {len(self.rows)} 行。",
                f"the total of {self.total_rows} is less than the {len(self.rows)} rows printed.",
            )


@dataclass(frozen=True)
class Notice(Document):
    """``number`` is the document number (文号), unique and assigned at issue. The three totals are CNY
    decimal strings over all bills concerned, or all None where no money is at stake."""

    kind: ClassVar[str] = "notice"

    number: str
    notice_kind: NoticeKind
    authority: Bilingual
    company: Bilingual
    case_number: str
    issued_on: dt.date
    addressee: Bilingual
    subject: Bilingual
    facts: tuple[str, ...]
    summary_en: str
    legal_basis: tuple[LegalBasis, ...]
    demands: tuple[Demand, ...]
    signatories: tuple[Signatory, ...]
    verify_url: str
    billed_total: str | None = None
    recomputed_total: str | None = None
    overcharge_total: str | None = None
    remedies: tuple[Bilingual, ...] = ()
    annex: Annex | None = None
    evidence: tuple[EvidenceReference, ...] = ()
    copied_to: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        totals = (self.billed_total, self.recomputed_total, self.overcharge_total)
        demand_money(billed_total=totals[0], recomputed_total=totals[1], overcharge_total=totals[2])
        if None in totals and totals != (None, None, None):
            raise DocumentRefused(
                "overcharge_total",
                "已收、应收、多收三项合计须同时给出或同时留空。",
                "give all three totals (billed, recomputed, overcharge) or none.",
            )
        for field in ("number", "case_number", "facts", "legal_basis", "signatories"):
            if not getattr(self, field):
                raise DocumentRefused(field, "不得为空。", "must not be empty.")
        demand_web_address("verify_url", self.verify_url)
        self.demand_printable_text()

    @property
    def heading(self) -> Bilingual:
        """What kind of notice it is, as its title says."""
        return HEADINGS[self.notice_kind]

    @property
    def title(self) -> Bilingual:
        return Bilingual(
            f"{self.company.zh}{self.heading.zh}", f"{self.heading.en}: {self.company.en or self.company.zh}"
        )

    @property
    def reference(self) -> str:
        return self.number

    @property
    def issuer(self) -> Bilingual:
        return self.authority

    @property
    def dated_on(self) -> dt.date:
        return self.issued_on

    @property
    def verify_address(self) -> str:
        return self.verify_url
