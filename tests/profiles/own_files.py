"""The files of a company that writes bills in its own words: ``from own_files import HEADERS, own_bills``."""

from __future__ import annotations

from tests.filings.filing_desk import Row, bill

#: Header of the company → column of the standard.
HEADERS = {
    "单据号": "bill_no", "户号": "account_no", "供暖季": "season", "账单类型": "kind", "用户类型": "category",
    "收费方式": "billing_method", "供热状态": "heating_state", "开始日期": "service_from", "结束日期": "service_to",
    "收费面积（㎡）": "billed_area_m2", "面积类型": "area_basis", "采暖费": "area_charge", "应收（元）": "total",
    "开单日期": "issued_on", "应缴日期": "due_on",
}  # fmt: skip
#: Codes of the standard → words of the company.
WORDS = {
    ("kind", "season"): "正常账单", ("category", "residential"): "民用", ("billing_method", "area"): "面积收费",
    ("heating_state", "on"): "正常供热", ("area_basis", "floor"): "建面",
}  # fmt: skip


def own_row(row: Row) -> list[str]:
    """The bill as the company writes it."""
    return [WORDS.get((code, row.get(code, "")), row.get(code, "")) for code in HEADERS.values()]


def own_bills(*numbers: int, title: str = "", extra: tuple[str, str] | None = None, **changes: str) -> bytes:
    """Bills with these numbers, GB18030, under the company's headers; ``extra`` is a further header and its value."""
    more = ([extra[0]], [extra[1]]) if extra else ([], [])
    lines = [[title]] if title else []
    lines.append([*HEADERS, *more[0]])
    lines += [[*own_row(bill(number, **changes)), *more[1]] for number in numbers]
    return ("\r\n".join(",".join(line) for line in lines) + "\r\n").encode("gb18030")
