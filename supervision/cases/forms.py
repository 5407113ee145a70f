"""Forms of cases. Amounts and days are read strictly; what is signed holds no character that a reader cannot see."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from typing import Any

import colander
import deform.widget

from supervision.cases.basis import applicable
from supervision.cases.words import KINDS
from supervision.companies import Company

AMOUNT = re.compile(r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
FACTS_LENGTH, DEMAND_LENGTH = 8000, 2000
PARAGRAPH_LENGTH = 2000


class Yuan:
    """CNY with at most two decimals, as a Decimal: no sign, no separators, no exponent."""

    def serialize(self, node: colander.SchemaNode, value: Any) -> Any:
        return colander.null if value is colander.null else f"{value:.2f}"

    def deserialize(self, node: colander.SchemaNode, text: Any) -> Any:
        if text is colander.null or not text:
            return colander.null
        if not isinstance(text, str) or not AMOUNT.fullmatch(text.replace(",", "")):
            raise colander.Invalid(node, "请填写金额，最多两位小数，例如 12345.60。")
        return Decimal(text.replace(",", "")).quantize(Decimal("0.01"))  # exact: at most two decimals

    def cstruct_children(self, node: colander.SchemaNode, cstruct: Any) -> list[Any]:
        return []


class Day:
    """A calendar day as ``2026-01-31``."""

    def serialize(self, node: colander.SchemaNode, value: Any) -> Any:
        return colander.null if value in (colander.null, None) else value.isoformat()

    def deserialize(self, node: colander.SchemaNode, text: Any) -> Any:
        if text is colander.null or not text:
            return colander.null
        try:
            if not isinstance(text, str) or not DAY.fullmatch(text):
                raise ValueError(text)
            return dt.date.fromisoformat(text)
        except ValueError:
            raise colander.Invalid(node, "请填写日期，例如 2026-01-31。") from None

    def cstruct_children(self, node: colander.SchemaNode, cstruct: Any) -> list[Any]:
        return []


def one_line_ends(text: Any) -> Any:
    return text.replace("\r\n", "\n").replace("\r", "\n") if isinstance(text, str) else text


def visible_text(node: colander.SchemaNode, text: str) -> None:
    """Refuses control, direction-changing, zero-width and private characters: what is approved must be what is read."""
    for line_no, line in enumerate(text.split("\n"), start=1):
        for place, character in enumerate(line, start=1):
            if unicodedata.category(character) in {"Cc", "Cf", "Co", "Cn", "Zl", "Zp"} and character != "\t":
                raise colander.Invalid(
                    node,
                    f"第 {line_no} 行第 {place} 个字符（U+{ord(character):04X}）不可见，请删除后重新输入。 / "
                    f"Line {line_no}, character {place} (U+{ord(character):04X}) cannot be seen; delete it.",
                )


def _paragraphs(node: colander.SchemaNode, text: str) -> None:
    if any(len(line) > PARAGRAPH_LENGTH for line in text.split("\n")):
        raise colander.Invalid(node, "每段不超过 2000 字；请分段。")


def _long(rows: int) -> deform.widget.Widget:
    return deform.widget.TextAreaWidget(rows=rows)


def _text(title: str, description: str, least: int, most: int, rows: int, **more: Any) -> colander.SchemaNode:
    return colander.SchemaNode(
        colander.String(),
        title=title,
        description=description,
        preparer=one_line_ends,
        validator=colander.All(colander.Length(min=least, max=most), visible_text, _paragraphs),
        widget=_long(rows),
        **more,
    )


def _hidden(**more: Any) -> colander.SchemaNode:
    return colander.SchemaNode(colander.String(), widget=deform.widget.HiddenWidget(), missing="", **more)


def _version() -> colander.SchemaNode:
    return colander.SchemaNode(colander.Integer(), widget=deform.widget.HiddenWidget())


def _amount(title: str, description: str, **more: Any) -> colander.SchemaNode:
    return colander.SchemaNode(
        Yuan(),
        title=title,
        description=description,
        widget=deform.widget.TextInputWidget(attributes={"inputmode": "decimal", "autocomplete": "off"}),
        **more,
    )


def _day(title: str, description: str) -> colander.SchemaNode:
    return colander.SchemaNode(
        Day(),
        title=title,
        description=description,
        widget=deform.widget.TextInputWidget(attributes={"type": "date"}),
        missing=None,
    )


class DecisionSchema(colander.Schema):
    version = _version()
    seen = _hidden()
    kind = colander.SchemaNode(
        colander.String(),
        title="决定种类",
        widget=deform.widget.SelectWidget(values=list(KINDS.items())),
        validator=colander.OneOf(list(KINDS)),
    )
    facts = _text("查明的事实", "每行一段，将逐字印在文书上。金额已按证据填入。", 10, FACTS_LENGTH, 12)
    legal_basis = colander.SchemaNode(colander.Set(), title="依据", missing=frozenset())
    demand = _text(
        "要求",
        "每行一项。退款和书面回复两项按下面的金额和期限自动列出，不必重写。",
        2,
        DEMAND_LENGTH,
        4,
        missing="",
    )
    refund_total = _amount(
        "责令退款金额（元）", "不超过证据所示的多收合计；不责令退款时填 0。", missing=Decimal("0.00")
    )
    refund_due_on = _day("退款期限", "含当日。不责令退款时留空。")
    reply_due_on = _day("书面回复期限", "含当日。结案不作处理时留空。")
    summary_en = _text(
        "英文摘要", "印在文书末尾，供外方人员阅读；以中文为准。", 0, DEMAND_LENGTH, 4, missing=""
    )


def decision_schema(company: Company, language: str) -> DecisionSchema:
    """The form of a decision against ``company``: it offers the provisions that bind there, and takes no other."""
    schema = DecisionSchema()
    offered = applicable(company)

    def some_known_provision(node: colander.SchemaNode, chosen: set[str]) -> None:
        if not chosen:
            raise colander.Invalid(node, "请至少选择一条依据。")
        if not chosen <= set(offered):
            raise colander.Invalid(node, "所选依据无效，请重新选择。")

    node = schema["legal_basis"]
    node.widget = deform.widget.CheckboxChoiceWidget(
        values=[(code, text.in_language(language)) for code, text in offered.items()]
    )
    node.validator = some_known_provision
    return schema


class ReasonSchema(colander.Schema):
    """An officer's reason or word."""

    version = _version()
    text = _text("说明", "5 至 2000 字，永久保留。", 5, 2000, 3)


class ReplySchema(colander.Schema):
    version = _version()
    text = _text("书面回复", "写明整改措施、完成时间；对认定有异议的，写明理由和证据。", 10, 4000, 6)


class RefundReportSchema(colander.Schema):
    version = _version()
    amount = _amount("已退还金额（元）", "截至今日实际退还用户的金额。")
    text = _text("退还说明", "写明退还的户数、方式、日期；未能退还的写明原因。", 10, 2000, 4)


class RefundConfirmSchema(colander.Schema):
    version = _version()
    amount = _amount("确认已退还金额（元）", "不超过企业报告的金额。")
    text = _text("核实说明", "写明如何核实；少于责令金额的写明理由。", 5, 2000, 3)
