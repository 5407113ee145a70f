"""Outcomes as CSV, complete, safe to open in a spreadsheet, headed in the reader's language."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

from reports.spreadsheet import Column, write_csv
from supervision.findings.models import CheckRun
from supervision.findings.rows import FoundBill
from supervision.findings.wording import OUTCOMES, cause_title, missing_text

_SPOOLED_BYTES = 4 << 20

# key → heading zh, en
COLUMNS: dict[str, tuple[str, str]] = {
    "source_row": ("报送行号", "Row as filed"),
    "bill_no": ("账单编号", "Bill number"),
    "account_no": ("用户编号", "Account number"),
    "season": ("采暖季", "Heating season"),
    "category": ("用热类别", "Category of use"),
    "billing_method": ("计费方式", "Billing method"),
    "issued_on": ("出账日期", "Issued on"),
    "outcome": ("结论", "Outcome"),
    "billed_total": ("账单金额（元）", "Billed (CNY)"),
    "recomputed_total": ("应收金额（元）", "Due (CNY)"),
    "overcharge": ("差额（元，正数为多收）", "Difference (CNY, positive: overcharged)"),
    "tariff_id": ("热价编号", "Tariff"),
    "cause_code": ("原因代码", "Cause code"),
    "cause": ("原因", "Cause"),
    "missing_codes": ("缺少项代码", "Missing, codes"),
    "missing": ("缺少什么", "What is missing"),
    "bills_digest": ("账单证据 SHA-256", "Evidence of the bills, SHA-256"),
    "period": ("报送期", "Period"),
    "receipt": ("报送回执", "Receipt of the filing"),
    "run": ("核查编号", "Check run"),
}


def found_csv(bills: Iterable[FoundBill], language: str) -> IO[bytes]:
    """The bills of a finding, each with the run that found it."""
    return _file((_told(bill.row, bill.part.run, language) for bill in bills), language)


def outcomes_csv(rows: Iterable[dict[str, Any]], run: CheckRun, language: str) -> IO[bytes]:
    """The outcomes of one run."""
    return _file((_told(row, run, language) for row in rows), language)


def _file(rows: Iterator[dict[str, Any]], language: str) -> IO[bytes]:
    """Every row given, as a file set to its beginning; beyond 4 MiB it lies on disk."""
    place = 1 if language == "en" else 0
    columns = [Column(key, heading[place]) for key, heading in COLUMNS.items()]
    file = tempfile.SpooledTemporaryFile(_SPOOLED_BYTES)  # noqa: SIM115 -- handed to the response, which closes it
    write_csv(rows, columns, file)
    file.seek(0)
    return file


def _told(row: dict[str, Any], run: CheckRun, language: str) -> dict[str, Any]:
    outcome = OUTCOMES[row["outcome"]]
    lacks = row["missing"].split(";") if row["missing"] else []
    return {
        **row,
        "outcome": outcome.en if language == "en" else outcome.zh,
        "cause_code": row["cause"],
        "cause": cause_title(row["cause"]).in_language(language) if row["cause"] else None,
        "missing_codes": row["missing"],
        "missing": "; ".join(missing_text(code).in_language(language) for code in lacks) or None,
        "bills_digest": run.bills_digest,
        "run": run.public_id,
        "period": run.period,
        "receipt": run.filing.receipt_no,
    }
