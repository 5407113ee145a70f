"""A company's own results of the golden pack held against what each case must come to, case by case.

The file is the pack as it was downloaded with the company's amounts in its columns, or just ``case`` and ``total``: CSV in
UTF-8 or GB18030, fields parted by comma, semicolon or tab. Bad content never raises; what cannot be taken is said.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from checks.pack import AMOUNT_LINES, GoldenCase
from checks.recompute.text import Text

#: Larger files are no pack: the largest has some sixty lines.
MOST_BYTES = 1 << 18
MOST_LINES = 2000
_SHOWN = 40
_AMOUNT = re.compile(r"[-+]?[0-9]{1,12}(\.[0-9]{1,2}0{0,4})?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)

#: How a case stands.
STANDINGS: Mapping[str, Text] = {
    "same": Text("一致", "the same"),
    "differs": Text("不一致", "differs"),
    "line_differs": Text("合计一致，分项不一致", "same total, other lines"),
    "unreadable": Text("金额不能识别", "not an amount"),
    "not_given": Text("没有结果", "no result"),
    "not_computable": Text("样例本身无法核算", "cannot be computed"),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One case: how it stands, the total given (None where none is), by how much it differs (given − due), the lines that
    differ with their amounts given and due, and what could not be read."""

    case: GoldenCase
    standing: str
    given: Decimal | None = None
    difference: Decimal | None = None
    lines: tuple[tuple[str, Decimal, Decimal], ...] = ()
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Conformance:
    """Every case of the pack in its order, or why the file cannot be taken."""

    cases: tuple[Compared, ...]
    problems: tuple[Text, ...] = ()

    def count(self, standing: str) -> int:
        return sum(one.standing == standing for one in self.cases)

    @property
    def is_whole(self) -> bool:
        """Whether every case that can be computed came out the same."""
        return bool(self.cases) and all(one.standing in ("same", "not_computable") for one in self.cases)


def compared(cases: Sequence[GoldenCase], content: bytes) -> Conformance:
    """The file held against the pack."""
    try:
        header, lines = _read(content)
    except _Refused as refused:
        return Conformance((), (refused.told,))
    problems: list[Text] = []
    given: dict[int, dict[str, str]] = {}
    known = {int(case.number) for case in cases}
    for place, cells in lines:
        row = dict(zip(header, cells, strict=False))
        number = row.get("case", "").removeprefix("'")
        if not _NUMBER.fullmatch(number) or int(number) not in known:
            shown = number[:_SHOWN] or "—"
            problems.append(
                Text(
                    f"第 {place} 行：没有编号为 {shown} 的样例。", f"Line {place}: there is no case {shown}."
                )
            )
        elif int(number) in given:
            problems.append(
                Text(
                    f"第 {place} 行：样例 {number} 重复出现。",
                    f"Line {place}: case {number} stands here twice.",
                )
            )
        else:
            given[int(number)] = row
    problems += _of_another(cases, given)
    if problems:
        return Conformance((), tuple(problems[:20]))
    return Conformance(tuple(_compared(case, given.get(int(case.number))) for case in cases))


def _of_another(cases: Sequence[GoldenCase], given: Mapping[int, Mapping[str, str]]) -> list[Text]:
    """Where the file names another season or tariff than the pack, it is the results of another pack."""
    for case in cases:
        row = given.get(int(case.number), {})
        for name, own in (("season", str(case.bill["season"])), ("tariff", case.tariff_id or "")):
            if row.get(name) and row[name] != own:
                shown = row[name][:_SHOWN]
                return [
                    Text(
                        f"样例 {case.number} 属于另一份对账样例（{shown}，应为 {own or '空'}）。请下载本页的样例重新计算。",
                        f"Case {case.number} is of another pack ({shown} instead of {own or 'blank'}). Download the pack of this page and compute it again.",
                    )
                ]
    return []


def _compared(case: GoldenCase, row: Mapping[str, str] | None) -> Compared:
    if case.due is None:
        return Compared(case, "not_computable")
    if row is None or not row.get("total"):
        return Compared(case, "not_given")
    amounts: dict[str, Decimal] = {}
    for name in ("total", *AMOUNT_LINES):
        text = row.get(name, "")
        if not text:
            continue
        amount = _amount(text)
        if amount is None:
            return Compared(case, "unreadable", unread=text[:_SHOWN])
        amounts[name] = amount
    total = amounts.pop("total")
    lines = tuple(
        (name, amount, case.lines.get(name, Decimal("0.00")))
        for name, amount in amounts.items()
        if amount != case.lines.get(name, Decimal(0))
    )
    standing = "differs" if total != case.due else "line_differs" if lines else "same"
    return Compared(case, standing, total, total - case.due, lines)


def _amount(text: str) -> Decimal | None:
    """An amount in CNY, with or without two decimals and commas between thousands; None for anything else."""
    plain = text.removeprefix("'")
    if re.fullmatch(r"[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,2})?", plain, re.ASCII):
        plain = plain.replace(",", "")
    return Decimal(plain).quantize(Decimal("0.01")) if _AMOUNT.fullmatch(plain) else None


class _Refused(Exception):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.told = Text(zh, en)


def _read(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header and the filled lines with their numbers. Raises _Refused."""
    if len(content) > MOST_BYTES:
        raise _Refused(
            f"文件超过 {MOST_BYTES >> 10} KB，不是对账样例。",
            f"The file is larger than {MOST_BYTES >> 10} KB: it is no pack.",
        )
    if content[:2] == b"PK" or content[:4] == b"\xd0\xcf\x11\xe0":
        raise _Refused(
            "这是电子表格或压缩文件，请另存为 CSV 后上传。",
            "This is a workbook or an archive; save it as CSV and upload that.",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise _Refused(
                "文件不能按 UTF-8 或 GB18030 读出。", "The file is neither UTF-8 nor GB18030."
            ) from None
    first = text.split("\n", 1)[0]
    try:
        lines = list(
            csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
        )
    except csv.Error:
        raise _Refused("文件不是完整的 CSV。", "The file is not a whole CSV file.") from None
    if len(lines) > MOST_LINES:
        raise _Refused(
            f"文件超过 {MOST_LINES} 行，不是对账样例。",
            f"The file has more than {MOST_LINES} lines: it is no pack.",
        )
    header = [cell.strip() for cell in lines[0]] if lines else []
    lacking = [name for name in ("case", "total") if header.count(name) != 1]
    if lacking:
        listed = ", ".join(lacking)
        raise _Refused(
            f"表头须各有一列 {listed}。请在下载的样例文件中填写本企业的结果。",
            f"The header needs one column each: {listed}. Fill your results into the pack as downloaded.",
        )
    filled = [(place, [cell.strip() for cell in line]) for place, line in enumerate(lines[1:], start=2)]
    return header, [(place, line) for place, line in filled if any(line)]
