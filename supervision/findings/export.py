"""Outcomes as CSV, complete, safe to open in a spreadsheet, headed in the reader's language."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

from reports.spreadsheet import Column, write_csv
from supervision.findings.models import CheckRun
from supervision.findings.rows import FoundBill
from supervision.findings.wording import OUTCOMES, cause_title, convention_text, missing_text, moved_reasons

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

MOVED_COLUMNS: dict[str, tuple[str, str]] = {
    "bill_no": COLUMNS["bill_no"],
    "account_no": COLUMNS["account_no"],
    "outcome_before": ("对照核查的结论", "Outcome of the compared run"),
    "outcome_after": ("本次结论", "Outcome of this run"),
    "due_before": ("对照核查的应收（元）", "Due in the compared run (CNY)"),
    "due_after": ("本次应收（元）", "Due in this run (CNY)"),
    "overcharge_before": ("对照核查的差额（元）", "Difference in the compared run (CNY)"),
    "overcharge_after": ("本次差额（元）", "Difference in this run (CNY)"),
    "cause_before": ("对照核查的原因", "Cause in the compared run"),
    "cause_after": ("本次原因", "Cause in this run"),
    "reason": ("差异归属", "Whose difference"),
    "by_our_error": ("我方差错（元）", "Our error (CNY)"),
    "by_late_tariff": ("热价滞后（元）", "Late tariff (CNY)"),
    "by_late_data": ("数据滞后（元）", "Late data (CNY)"),
    "by_company_error": ("企业差错（元）", "Company error (CNY)"),
    "period": COLUMNS["period"],
    "run": COLUMNS["run"],
}
FLIP_COLUMNS: dict[str, tuple[str, str]] = {
    "source_row": COLUMNS["source_row"],
    "bill_no": COLUMNS["bill_no"],
    "account_no": COLUMNS["account_no"],
    "convention": ("折算口径", "Convention"),
    "outcome": COLUMNS["outcome"],
    "outcome_then": ("按该口径的结论", "Outcome under it"),
    "billed_total": COLUMNS["billed_total"],
    "recomputed_total": COLUMNS["recomputed_total"],
    "due_then": ("按该口径的应收（元）", "Due under it (CNY)"),
    "run": COLUMNS["run"],
}


def found_csv(bills: Iterable[FoundBill], language: str) -> IO[bytes]:
    """The bills of a finding, each with the run that found it."""
    return _file((_told(bill.row, bill.part.run, language) for bill in bills), language)


def outcomes_csv(rows: Iterable[dict[str, Any]], run: CheckRun, language: str) -> IO[bytes]:
    """The outcomes of one run."""
    return _file((_told(row, run, language) for row in rows), language)


def moved_csv(rows: Iterable[dict[str, Any]], run: CheckRun, language: str) -> IO[bytes]:
    """The bills of which the compared run says something else."""

    def told(row: dict[str, Any]) -> dict[str, Any]:
        reasons = "; ".join(text.in_language(language) for text in moved_reasons(row["reasons"]))
        return {**row, **_words(row, language), "reason": reasons, "period": run.period, "run": run.public_id}

    return _file(map(told, rows), language, MOVED_COLUMNS)


def flips_csv(rows: Iterable[dict[str, Any]], run: CheckRun, language: str) -> IO[bytes]:
    """The bills whose verdict hangs on how parts of a season are counted."""

    def told(row: dict[str, Any]) -> dict[str, Any]:
        convention = convention_text(row["convention"]).in_language(language)
        return {**row, **_words(row, language), "convention": convention, "run": run.public_id}

    return _file(map(told, rows), language, FLIP_COLUMNS)


def _words(row: dict[str, Any], language: str) -> dict[str, Any]:
    """Outcomes and causes of the row in words."""
    words: dict[str, Any] = {}
    for name, value in row.items():
        if value is not None and name.startswith("outcome"):
            words[name] = OUTCOMES[value].en if language == "en" else OUTCOMES[value].zh
        elif value is not None and name.startswith("cause_"):
            words[name] = cause_title(value).in_language(language)
    return words


def _file(
    rows: Iterator[dict[str, Any]], language: str, headings: dict[str, tuple[str, str]] = COLUMNS
) -> IO[bytes]:
    """Every row given, as a file set to its beginning; beyond 4 MiB it lies on disk."""
    place = 1 if language == "en" else 0
    columns = [Column(key, heading[place]) for key, heading in headings.items()]
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
