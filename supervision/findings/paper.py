"""The worksheet of a checked bill as a document to print: what the page shows, with the digests it rests on."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from checks.recompute.documents import document_words
from supervision.findings.bills import BillView
from supervision.findings.wording import cause_text, coded, column_label
from supervision.settings import Settings
from supervision.settings.clock import local_date
from supervision.tariffs.field_names import field_name

if TYPE_CHECKING:
    from checks.recompute import Line
    from reports.documents import Bilingual, EvidenceReference, Worksheet, WorksheetLine, WorksheetStep


def worksheet_document(view: BillView, settings: Settings, address: str) -> Worksheet:
    """The worksheet on paper, dated by the day of the run; ``address`` is where the page can be read again."""
    from reports.documents import Bilingual, Outcome, Worksheet

    bill, sheet, run = view.bill, view.worksheet, view.run
    tariff = sheet.tariff
    category = view.outcome["category"]
    return Worksheet(
        number=f"{run.public_id}-{bill['source_row']}",
        authority=Bilingual(settings.authority_zh, settings.authority_en),
        company=Bilingual(run.company.name_zh, run.company.name_en),
        bill_no=bill["bill_no"],
        account_no=bill["account_no"],
        season=bill["season"],
        category=_pair(coded("category", category)),
        billing_method=_pair(coded("billing_method", view.outcome["billing_method"])),
        bill_issued_on=bill["issued_on"],
        tariff_id=tariff.id if tariff else "—",
        tariff=Bilingual(
            document_words(tariff.document or tariff.id).zh if tariff else "无适用热价",
            "" if tariff else "none in force",
        ),
        outcome=Outcome(sheet.outcome),
        lines=tuple(_line(line) for line in sheet.lines),
        billed_total=_yuan(sheet.billed_total) or "0.00",
        recomputed_total=_yuan(sheet.recomputed_total),
        overcharge=_yuan(sheet.overcharge),
        worked_on=local_date(run.finished_at),
        verify_url=address,
        cause=_pair(cause_text(sheet.cause)) if sheet.cause else None,
        missing=tuple(_pair(text) for text in sheet.missing_texts),
        evidence=_evidence(view),
    )


def _line(line: Line) -> WorksheetLine:
    from reports.documents import Bilingual, WorksheetLine, WorksheetStep

    steps: tuple[WorksheetStep, ...] = ()
    if line.due is not None:
        step = WorksheetStep(
            name=_pair(line.label),
            formula=line.formula.zh,
            result=_yuan(line.due) or "",
            unit=Bilingual("元", "CNY"),
            why=_sources(line),
        )
        steps = (step,)
    return WorksheetLine(
        code=line.code,
        name=_pair(line.label),
        steps=steps,
        billed=_yuan(line.billed),
        due=_yuan(line.due),
        difference=_yuan(line.difference),
    )


def _sources(line: Line) -> Bilingual:
    """Where the figures of the line stand: the filed row and column, or the tariff."""
    from reports.documents import Bilingual

    zh, en = [], []
    for source in line.sources:
        if source.table == "tariff":
            named = field_name(source.field)
            zh.append(f"热价“{named.zh}”")
            en.append(f"tariff “{named.en}”")
        else:
            label = column_label(source.table, source.field)
            table_zh, table_en = ("账单", "bills") if source.table == "bills" else ("台账", "roster")
            zh.append(f"{table_zh}第 {source.row} 行“{label.zh}”")
            en.append(f"{table_en} row {source.row} “{label.en}”")
    return Bilingual("；".join(zh) or "—", "; ".join(en))


def _evidence(view: BillView) -> tuple[EvidenceReference, ...]:
    from reports.documents import Bilingual, EvidenceReference

    run = view.run
    found = [EvidenceReference(run.bills_digest, Bilingual("账单数据", "Bills"))]
    if run.accounts_digest:
        found.append(EvidenceReference(run.accounts_digest, Bilingual("用户台账", "Account roster")))
    found.append(EvidenceReference(run.outcomes_digest, Bilingual("核查结果", "Outcomes of the run")))
    return tuple(found)


def _pair(text: tuple[str, str]) -> Bilingual:
    from reports.documents import Bilingual

    return Bilingual(text[0], text[1])


def _yuan(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"
