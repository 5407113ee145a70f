"""The words of ledgers, in both languages, and the files of their rows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from typing import IO, Any

from checks.recompute.text import Text
from reports.spreadsheet import Column, write_csv

_SPOOLED_BYTES = 4 << 20
WAITING = Text("预收，账单尚未开出", "paid in advance, bill still to come")

PAYMENT_COLUMNS: dict[str, tuple[str, str]] = {
    "payment_no": ("收退款编号", "Payment number"),
    "account_no": ("用户编号", "Account number"),
    "bill_no": ("账单编号", "Bill number"),
    "season": ("采暖季", "Heating season"),
    "paid_on": ("收退款日期", "Paid on"),
    "amount": ("金额（元）", "Amount (CNY)"),
    "excess": ("无账单对应（元）", "Without a bill (CNY)"),
    "billed": ("该户账单合计（元）", "All bills of the account (CNY)"),
    "paid": ("该户净收款（元）", "Paid by the account, net (CNY)"),
    "reason": ("情形", "Why"),
    "since": ("起算日", "Since"),
    "age": ("天数", "Days"),
    "interest": ("资金占用测算（元）", "Interest, indicated (CNY)"),
    "filing": ("报送编号", "Filing"),
    "source_row": ("报送行号", "Row as filed"),
    "check": ("核对编号", "Check"),
}
ESTIMATE_COLUMNS: dict[str, tuple[str, str]] = {
    "bill_no": PAYMENT_COLUMNS["bill_no"],
    "account_no": PAYMENT_COLUMNS["account_no"],
    "meter_no": ("热表编号", "Heat meter number"),
    "season": PAYMENT_COLUMNS["season"],
    "service_to": ("计费止日", "Service to"),
    "estimate": ("估抄读数", "Estimate"),
    "found": ("其后读数", "Reading after it"),
    "unit": ("单位", "Unit"),
    "heat": ("多计热量", "Heat billed too much"),
    "amount": ("金额（元，正数为多收）", "Amount (CNY, positive: overcharged)"),
    "standing": ("状况", "Standing"),
    "next_bill_no": ("下一张账单", "Next bill"),
    "since": PAYMENT_COLUMNS["since"],
    "age": PAYMENT_COLUMNS["age"],
    "interest": PAYMENT_COLUMNS["interest"],
    "filing": PAYMENT_COLUMNS["filing"],
    "source_row": PAYMENT_COLUMNS["source_row"],
    "check": PAYMENT_COLUMNS["check"],
}
REFUND_COLUMNS: dict[str, tuple[str, str]] = {
    "bill_no": PAYMENT_COLUMNS["bill_no"],
    "account_no": PAYMENT_COLUMNS["account_no"],
    "season": PAYMENT_COLUMNS["season"],
    "category": ("用户类别", "Category"),
    "tariff_id": ("热价", "Tariff"),
    "issued_on": ("开具日期", "Issued on"),
    "due": ("应退（元）", "Refund due (CNY)"),
    "given": ("已退（元）", "Given back (CNY)"),
    "owed": ("未退（元）", "Still owed (CNY)"),
    "standing": ESTIMATE_COLUMNS["standing"],
    "missing": ("无法核算的原因", "What is not known"),
    "since": PAYMENT_COLUMNS["since"],
    "age": PAYMENT_COLUMNS["age"],
    "interest": PAYMENT_COLUMNS["interest"],
    "filing": PAYMENT_COLUMNS["filing"],
    "source_row": PAYMENT_COLUMNS["source_row"],
    "check": PAYMENT_COLUMNS["check"],
}
HEAT_NOT_OVER = Text("采暖期未结束", "heat not over yet")


def reason_text(code: str) -> Text:
    """Why a payment is more than was claimed; ``waiting`` where its bill may still come."""
    from checks.ledger import EXCESS_REASONS

    return WAITING if code == "waiting" else EXCESS_REASONS.get(code, Text(code, code))


def standing_text(code: str) -> Text:
    """What became of an estimate."""
    from checks.ledger import ESTIMATE_STANDINGS

    return ESTIMATE_STANDINGS.get(code, Text(code, code))


def refund_text(code: str) -> Text:
    """What became of a refund; ``waiting`` while the heat is not over."""
    from checks.ledger import REFUND_STANDINGS

    return HEAT_NOT_OVER if code == "waiting" else REFUND_STANDINGS.get(code, Text(code, code))


def missing_text(codes: str) -> Text:
    """What is not known of a refund."""
    from checks.recompute.missing import MISSING

    told = [MISSING[code] for code in codes.split(";") if code in MISSING]
    return Text("；".join(one.zh for one in told), "; ".join(one.en for one in told))


def source_of_rates() -> Text:
    """Which rates the interest is reckoned with, and from which day the last of them holds."""
    from checks.ledger import rates, rates_end

    last = rates()[-1]
    return Text(
        f"按全国银行间同业拆借中心公布的一年期贷款市场报价利率（LPR）按日测算，单利；最近一次为 {rates_end()} 起 {last.per_cent}%。"
        "供热法规没有规定利率，测算仅供参考。",
        f"Simple interest by day at the one-year loan prime rate (LPR) of the National Interbank Funding Center; the last on record is {last.per_cent}% from {rates_end()}."
        " No law on heat sets a rate: this is an indication.",
    )


def payments_csv(rows: Iterable[dict[str, Any]], language: str) -> IO[bytes]:
    """Every payment given, as a file set to its beginning."""

    def told(row: dict[str, Any]) -> dict[str, Any]:
        return row | {"reason": _in(reason_text("waiting" if row["is_waiting"] else row["reason"]), language)}

    return _file(map(told, rows), language, PAYMENT_COLUMNS)


def estimates_csv(rows: Iterable[dict[str, Any]], language: str) -> IO[bytes]:
    """Every estimate given, as a file set to its beginning."""
    told = (row | {"standing": _in(standing_text(row["standing"]), language)} for row in rows)
    return _file(told, language, ESTIMATE_COLUMNS)


def refunds_csv(rows: Iterable[dict[str, Any]], language: str) -> IO[bytes]:
    """Every bill given on which a refund fell due after its issue, as a file set to its beginning."""
    told = (
        row
        | {"standing": _in(refund_text("waiting" if row["is_waiting"] else row["standing"]), language)}
        | {"missing": _in(missing_text(row["missing"] or ""), language)}
        for row in rows
    )
    return _file(told, language, REFUND_COLUMNS)


def _in(text: Text, language: str) -> str:
    told: str = text.en if language == "en" else text.zh
    return told


def _file(rows: Iterable[dict[str, Any]], language: str, headings: dict[str, tuple[str, str]]) -> IO[bytes]:
    columns = [Column(key, heading[language == "en"]) for key, heading in headings.items()]
    file = tempfile.SpooledTemporaryFile(_SPOOLED_BYTES)  # noqa: SIM115 -- handed to the response, which closes it
    write_csv(rows, columns, file)
    file.seek(0)
    return file
