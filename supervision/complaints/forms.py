"""Forms of complaints: short, and readable aloud."""

from __future__ import annotations

from typing import Any

import colander
import deform.widget

from supervision.companies import CompanyService
from supervision.complaints.words import ANSWER_KINDS, TOPICS

PHONE = r"^(1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8})$"


@colander.deferred
def _company_choices(node: colander.SchemaNode, kw: dict[str, Any]) -> deform.widget.Widget:
    request = kw["request"]
    english = request.language == "en"
    companies = request.service(CompanyService).all()
    choices = [(one.code, one.name_en if english else f"{one.city} · {one.name_zh}") for one in companies]
    return deform.widget.SelectWidget(values=[("", "请选择"), *choices])


@colander.deferred
def _known_company(node: colander.SchemaNode, kw: dict[str, Any]) -> colander.OneOf:
    return colander.OneOf([one.code for one in kw["request"].service(CompanyService).all()])


def _long(rows: int) -> deform.widget.Widget:
    return deform.widget.TextAreaWidget(rows=rows)


class ComplaintSchema(colander.Schema):
    company = colander.SchemaNode(
        colander.String(), title="供热企业", widget=_company_choices, validator=_known_company
    )
    topic = colander.SchemaNode(
        colander.String(),
        title="问题类别",
        widget=deform.widget.SelectWidget(values=[("", "请选择"), *TOPICS.items()]),
        validator=colander.OneOf(list(TOPICS)),
    )
    place = colander.SchemaNode(
        colander.String(),
        title="小区和楼号",
        description="例如：松北新城 3 号楼 2 单元。请不要写姓名。",
        validator=colander.Length(min=2, max=120),
    )
    text = colander.SchemaNode(
        colander.String(),
        title="情况说明",
        description="发生了什么、从什么时候开始、您希望怎样解决。请不要写身份证号。",
        validator=colander.Length(min=10, max=2000),
        widget=_long(6),
    )
    account_no = colander.SchemaNode(
        colander.String(),
        title="用户编号",
        description="印在账单上。填写后，账单类投诉会附上平台对该账单的核算结果。",
        validator=colander.Length(max=64),
        missing="",
    )
    bill_no = colander.SchemaNode(
        colander.String(),
        title="账单编号",
        description="有账单时填写。",
        validator=colander.Length(max=64),
        missing="",
    )
    phone = colander.SchemaNode(
        colander.String(),
        title="联系电话",
        description="可不填。只有监管人员能看到，供热企业看不到。",
        validator=colander.Regex(PHONE, "请填写 11 位手机号，或带区号的固定电话，例如 0451-86660000。"),
        widget=deform.widget.TextInputWidget(attributes={"type": "tel", "autocomplete": "tel"}),
        missing="",
    )


class LookupSchema(colander.Schema):
    number = colander.SchemaNode(
        colander.String(),
        title="投诉编号",
        description="例如 TS2025-000123",
        validator=colander.Length(max=20),
    )
    code = colander.SchemaNode(
        colander.String(),
        title="查询码",
        description="提交投诉时显示的 16 位码。",
        validator=colander.Length(max=40),
        widget=deform.widget.TextInputWidget(
            attributes={"autocomplete": "off", "autocapitalize": "characters"}
        ),
    )


class AnswerSchema(colander.Schema):
    version = colander.SchemaNode(colander.Integer(), widget=deform.widget.HiddenWidget())
    kind = colander.SchemaNode(
        colander.String(),
        title="处理结果",
        widget=deform.widget.SelectWidget(values=[("", "请选择"), *ANSWER_KINDS.items()]),
        validator=colander.OneOf(list(ANSWER_KINDS)),
    )
    amount = colander.SchemaNode(
        colander.Decimal(quant="0.01"),
        title="退款或补偿金额（元）",
        description="处理结果为退款或补偿时必填。",
        validator=colander.Range(min=0, max=10**9),
        missing=None,
    )
    text = colander.SchemaNode(
        colander.String(),
        title="答复内容",
        description="投诉人会看到全文。写明查明的事实、采取的措施和完成时间。",
        validator=colander.Length(min=10, max=2000),
        widget=_long(6),
    )

    def validator(self, node: colander.SchemaNode, values: dict[str, Any]) -> None:
        if values["kind"] == "monetary" and not values["amount"]:
            error = colander.Invalid(node)
            error["amount"] = "请填写退款或补偿的金额。"
            raise error


class WordSchema(colander.Schema):
    """An officer's word on an answer, or the complainant's reason to reopen."""

    version = colander.SchemaNode(colander.Integer(), widget=deform.widget.HiddenWidget())
    text = colander.SchemaNode(
        colander.String(), title="说明", validator=colander.Length(min=5, max=2000), widget=_long(4)
    )
