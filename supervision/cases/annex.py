"""The annex of a case: every bill of its findings as CSV in the evidence, and the first 200 with their formula."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from reports.documents.notice import MAX_ANNEX_ROWS
from reports.spreadsheet import Column, write_csv
from supervision.cases.models import Case, CaseAnnex
from supervision.db import read
from supervision.findings import CheckRun, FindingReading, FoundBill
from supervision.findings.inputs import fees_of
from supervision.findings.wording import cause_text
from supervision.jobs import JobContext
from supervision.journal import SYSTEM, Journal
from supervision.settings import Clock
from supervision.settings.evidence import open_evidence
from supervision.tariffs import TariffService

Row = dict[str, Any]

COLUMNS = (
    Column("bill_no", "账单编号 Bill"),
    Column("account_no", "用户编号 Account"),
    Column("season", "采暖季 Season"),
    Column("category", "用热类别 Category"),
    Column("billing_method", "计费方式 Method"),
    Column("issued_on", "出账日期 Issued on"),
    Column("billed_total", "账单金额（元） Billed, CNY"),
    Column("recomputed_total", "应收金额（元） Due, CNY"),
    Column("overcharge", "差额（元） Difference, CNY"),
    Column("cause", "原因代码 Cause"),
    Column("cause_zh", "原因"),
    Column("cause_en", "Cause in words"),
    Column("tariff_id", "热价编号 Tariff"),
    Column("area_charge_due", "面积热费应收 Area charge due"),
    Column("base_charge_due", "基本热费应收 Base charge due"),
    Column("metered_charge_due", "计量热费应收 Metered charge due"),
    Column("height_surcharge_due", "超高加价应收 Height surcharge due"),
    Column("suspension_charge_due", "停热费应收 Suspension charge due"),
    Column("late_fee_due", "违约金应收 Late fee due"),
    Column("cap_reduction_due", "封顶减收应计 Cap reduction due"),
    Column("period", "报送期 Period"),
    Column("receipt", "报送回执 Receipt"),
    Column("run", "核查编号 Check run"),
    Column("source_row", "报送行号 Row as filed"),
    Column("bills_digest", "账单证据 SHA-256 Evidence"),
)


@dataclass
class _Totals:
    """What the bills come to, CNY, summed while they stream by."""

    rows: int = 0
    billed: Decimal = field(default=Decimal("0.00"))
    recomputed: Decimal = field(default=Decimal("0.00"))
    over: Decimal = field(default=Decimal("0.00"))
    under: Decimal = field(default=Decimal("0.00"))

    def add(self, row: Row) -> None:
        self.rows += 1
        self.billed += row["billed_total"]
        self.recomputed += row["recomputed_total"]
        if row["overcharge"] > 0:
            self.over += row["overcharge"]
        else:
            self.under -= row["overcharge"]


def prepare(context: JobContext, case_id: int) -> None:
    """The case has its annex; one that has it keeps it."""
    evidence = open_evidence(context.settings)
    with read(context.engine) as session:
        case = session.get_one(Case, case_id)
        if case.annex is not None:
            return
        annex = _prepared(session, context.clock, evidence, case)
    with context.transaction(final=True) as session:
        if session.get(CaseAnnex, case_id) is not None:
            return
        case = session.get_one(Case, case_id)
        session.add(annex)
        Journal(session, context.clock).record(
            "case.annex_prepared",
            actor=SYSTEM,
            object_type="case",
            object_id=case.public_id,
            company_id=case.company_id,
            detail={
                "bills": annex.total_rows,
                "csv": annex.csv_digest,
                "amount_over": str(annex.amount_over),
            },
        )


def _prepared(session: Session, clock: Clock, evidence: EvidenceStore, case: Case) -> CaseAnnex:
    totals, first = _Totals(), list[FoundBill]()
    reading = FindingReading(session, evidence)
    parts = [part for each in case.findings for part in each.parts]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "annex.csv"
        write_csv(_noted(reading.all_rows(parts), totals, first), COLUMNS, path)
        stored = evidence.put_file(path)
    return CaseAnnex(
        case_id=case.id,
        rows=_printed(session, clock, evidence, first),
        total_rows=totals.rows,
        csv_digest=stored.digest,
        csv_size=stored.size,
        billed_total=totals.billed,
        recomputed_total=totals.recomputed,
        amount_over=totals.over,
        amount_under=totals.under,
        prepared_at=clock.now(),
    )


def _noted(bills: Iterator[FoundBill], totals: _Totals, first: list[FoundBill]) -> Iterator[Row]:
    for bill in bills:
        row, run = bill.row, bill.part.run
        totals.add(row)
        if len(first) < MAX_ANNEX_ROWS:
            first.append(bill)
        cause = cause_text(row["cause"])
        yield {
            **row,
            "cause_zh": cause.zh,
            "cause_en": cause.en,
            "run": run.public_id,
            "period": run.period,
            "receipt": run.filing.receipt_no,
            "bills_digest": run.bills_digest,
        }


def _printed(
    session: Session, clock: Clock, evidence: EvidenceStore, first: list[FoundBill]
) -> list[dict[str, str]]:
    """The rows as the paper shows them, amounts as text with two decimals."""
    runs = {bill.part.run_id: bill.part.run for bill in first}
    formulas = {
        run_id: _formulas(
            session, clock, evidence, run, [bill.row for bill in first if bill.part.run_id == run_id]
        )
        for run_id, run in runs.items()
    }
    return [
        {
            "bill_no": row["bill_no"],
            "account_no": row["account_no"],
            "billed": f"{row['billed_total']:.2f}",
            "recomputed": f"{row['recomputed_total']:.2f}",
            "difference": f"{row['overcharge']:.2f}",
            "cause_zh": cause_text(row["cause"]).zh,
            "cause_en": cause_text(row["cause"]).en,
            "formula": formulas[part.run_id][row["source_row"]],
            "run": part.run.public_id,
        }
        for part, row in first
    ]


def _formulas(
    session: Session, clock: Clock, evidence: EvidenceStore, run: CheckRun, rows: list[Row]
) -> dict[int, str]:
    """``source_row`` → the recomputation in one line, worked out again from the very evidence of the run."""
    from checks.recompute import worksheet

    accounts = pa.array(sorted({row["account_no"] for row in rows}), pa.string())
    of_accounts = pc.field("account_no").isin(accounts)
    bills = evidence.read_table(run.bills_digest, filters=of_accounts).to_pylist()
    related = bills + _neighbours(evidence, run, bills, of_accounts)
    roster = _roster(evidence, run, of_accounts)
    at_hand = {tariff_id for tariff_id, _ in run.tariffs}
    everything = TariffService(session, clock).all(city=run.company.city)
    tariffs = tuple(tariff for tariff in everything if tariff.id in at_hand)
    by_row = {bill["source_row"]: bill for bill in bills}
    measured = None
    if run.measured_digest is not None:
        measured = evidence.read_table(
            run.measured_digest, filters=of_accounts | pc.field("account_no").is_null()
        )
    fees = fees_of(evidence, run.fees_digest)
    found = {}
    for row in rows:
        bill = by_row[row["source_row"]]
        sheet = worksheet(
            bill,
            None if roster is None else roster.get(bill["account_no"], {}),
            tariffs,
            city=run.company.city,
            service_areas=tuple(run.company.service_areas),
            fees=fees,
            others=[other for other in related if other is not bill and _speak_of_one_service(bill, other)],
            measured=measured,
        )
        parts = [f"{line.label.zh}：{line.formula.zh}" for line in sheet.lines if line.due is not None]
        found[row["source_row"]] = "；".join(parts) or "—"
    return found


def _speak_of_one_service(bill: Row, other: Row) -> bool:
    return bool(other["account_no"] == bill["account_no"] or other["bill_no"] == bill["corrects_bill_no"])


def _neighbours(evidence: EvidenceStore, run: CheckRun, bills: list[Row], of_accounts: Any) -> list[Row]:
    if run.neighbours_digest is None:
        return []
    corrected = pa.array(
        sorted({bill["corrects_bill_no"] for bill in bills if bill["corrects_bill_no"]}), pa.string()
    )
    wanted = of_accounts | pc.field("bill_no").isin(corrected)
    rows: list[Row] = evidence.read_table(run.neighbours_digest, filters=wanted).to_pylist()
    return rows


def _roster(evidence: EvidenceStore, run: CheckRun, of_accounts: Any) -> dict[str, Row] | None:
    """Account number → row, None where no roster was in force."""
    if run.accounts_digest is None:
        return None
    rows = evidence.read_table(run.accounts_digest, filters=of_accounts).to_pylist()
    return {row["account_no"]: row for row in rows}
