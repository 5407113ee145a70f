"""The worksheet of one bill: what each line should have been, step by step, so that anyone can follow
on paper."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from reports.documents.document import (
    Bilingual,
    Document,
    DocumentRefused,
    EvidenceReference,
    demand_money,
    demand_number,
    demand_web_address,
)


class Outcome(StrEnum):
    """The three outcomes of a recomputation."""

    CONFORMS = "conforms"
    BREACH = "breach"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class WorksheetStep:
    """One step towards a line: ``formula`` with its figures put in, ``result`` as a decimal string with
    ``unit``, and why it is done so (the rule, the tariff's clause)."""

    name: Bilingual
    formula: str
    result: str
    unit: Bilingual | None
    why: Bilingual

    def __post_init__(self) -> None:
        demand_number(result=self.result)


@dataclass(frozen=True, slots=True)
class WorksheetLine:
    """One line of the bill in CNY: as billed (None when the bill has no such line), as due (None when
    it cannot be determined), and ``difference`` = billed − due. ``rounding`` names the one rounding
    applied."""

    code: str
    name: Bilingual
    steps: tuple[WorksheetStep, ...]
    billed: str | None
    due: str | None
    difference: str | None
    rounding: Bilingual | None = None

    def __post_init__(self) -> None:
        demand_money(billed=self.billed, due=self.due, difference=self.difference)


@dataclass(frozen=True)
class Worksheet(Document):
    """One bill worked out under the tariff in force. Totals are CNY decimal strings;
    ``recomputed_total`` and ``overcharge`` are None exactly when the outcome is inconclusive, and
    ``missing`` then says what is needed."""

    kind: ClassVar[str] = "worksheet"

    number: str
    authority: Bilingual
    company: Bilingual
    bill_no: str
    account_no: str
    season: str
    category: Bilingual
    billing_method: Bilingual
    bill_issued_on: dt.date
    tariff_id: str
    tariff: Bilingual
    outcome: Outcome
    lines: tuple[WorksheetLine, ...]
    billed_total: str
    recomputed_total: str | None
    overcharge: str | None
    worked_on: dt.date
    verify_url: str
    cause: Bilingual | None = None
    missing: tuple[Bilingual, ...] = ()
    evidence: tuple[EvidenceReference, ...] = ()

    def __post_init__(self) -> None:
        demand_money(
            billed_total=self.billed_total, recomputed_total=self.recomputed_total, overcharge=self.overcharge
        )
        demand_web_address("verify_url", self.verify_url)
        is_open = self.outcome is Outcome.INCONCLUSIVE
        if is_open != (self.recomputed_total is None) or is_open != (self.overcharge is None):
            raise DocumentRefused(
                "recomputed_total",
                "仅当结论为“无法判定”时，复算合计与差额才留空。",
                "the recomputed total and the overcharge are blank exactly when the outcome is inconclusive.",
            )
        if is_open and not self.missing:
            raise DocumentRefused(
                "missing", "“无法判定”须写明缺少什么。", "an inconclusive worksheet must say what is missing."
            )
        self.demand_printable_text()

    @property
    def title(self) -> Bilingual:
        return Bilingual("热费账单复算单", "Worksheet of a Heat Bill")

    @property
    def reference(self) -> str:
        return self.number

    @property
    def issuer(self) -> Bilingual:
        return self.authority

    @property
    def dated_on(self) -> dt.date:
        return self.worked_on

    @property
    def verify_address(self) -> str:
        return self.verify_url
