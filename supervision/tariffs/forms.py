"""The forms of tariffs: the record section by section as a notice is read, and the reason of each act."""

from __future__ import annotations

from typing import Any

import colander
import deform.widget

from checks.tariffs.consistency import CATEGORIES
from supervision.tariffs import wording

_OPEN = ("", "未写明")
_PER = [("season", "每采暖季"), ("month", "每月"), ("day", "每日")]
_LATE = [
    _OPEN,
    ("daily_on_total", "按热费总额逐日"),
    ("daily_on_unpaid", "按未交部分逐日"),
    ("once", "一次性"),
    ("forbidden", "不得收取"),
]
_SHAPES = [
    _OPEN,
    ("none", "不加收"),
    ("step", "按档加收"),
    ("proportional", "按层高比例"),
    ("table", "按层高系数表"),
]
_REFUND = [
    ("day", "日热费"),
    ("day_net_of_base", "扣除基本热费后的日热费"),
    ("day_failing_rooms", "不达标房间的日热费"),
    ("month", "当月热费"),
]
_OUTAGE = [
    _OPEN,
    ("hours", "按停热时间"),
    ("whole_days", "按满24小时的天数"),
    ("calendar_days", "按停热所及的日历天数"),
]
TRANSITIONS = [
    _OPEN,
    ("by_day", "按日：变更前的日子按旧价，跨越变更日的账单分段核算"),
    ("by_reading", "按抄表：变更前开始的用热至下次抄表按旧价"),
    ("next_season", "下一采暖季起：变更前开始的采暖季仍按旧价"),
]


def _node(kind: Any, name: str, title: str, description: str, **more: Any) -> colander.SchemaNode:
    return colander.SchemaNode(kind, name=name, title=title, description=description, **more)


def _text(name: str, title: str, description: str = "", **more: Any) -> colander.SchemaNode:
    more.setdefault("validator", colander.Length(max=300))
    more.setdefault("missing", "")
    return _node(colander.String(), name, title, description, **more)


def _choice(name: str, title: str, values: Any, description: str = "", **more: Any) -> colander.SchemaNode:
    return _text(
        name,
        title,
        description,
        widget=deform.widget.SelectWidget(values=values),
        validator=colander.OneOf([value for value, _ in values]),
        **more,
    )


def _tick(name: str, title: str, description: str = "", **more: Any) -> colander.SchemaNode:
    return _node(
        colander.Boolean(),
        name,
        title,
        description,
        widget=deform.widget.CheckboxWidget(),
        missing=False,
        **more,
    )


def _day(name: str, title: str, description: str = "", **more: Any) -> colander.SchemaNode:
    widget = deform.widget.TextInputWidget(attributes={"type": "date"})
    return _text(name, title, description, widget=widget, **more)


def _amount(name: str, title: str, description: str = "", **more: Any) -> colander.SchemaNode:
    widget = deform.widget.TextInputWidget(attributes={"inputmode": "decimal", "autocomplete": "off"})
    return _text(name, title, description, widget=widget, **more)


def _lines(name: str, title: str, description: str, rows: int = 3, **more: Any) -> colander.SchemaNode:
    return _text(
        name,
        title,
        description,
        widget=deform.widget.TextAreaWidget(rows=rows),
        validator=colander.Length(max=8000),
        **more,
    )


@colander.deferred
def _categories(node: colander.SchemaNode, kw: dict[str, Any]) -> deform.widget.Widget:
    language = kw["request"].language
    named = [(code, wording.CATEGORIES[code].in_language(language)) for code in CATEGORIES]
    return deform.widget.SelectWidget(values=named)


def entry_schema() -> colander.Schema:
    """Every field of a record, in the order in which a notice is read. Nothing but the id and the city is required: a
    draft may be kept before it is complete."""
    schema = colander.Schema()
    for node in (*_scope(), *_notice(), *_prices(), *_rules(), *_dates()):
        schema.add(node)
    return schema


def _scope() -> list[colander.SchemaNode]:
    return [
        colander.SchemaNode(
            colander.Integer(), name="version", widget=deform.widget.HiddenWidget(), missing=0
        ),
        _node(
            colander.String(),
            "id",
            "热价编号",
            "小写字母、数字和连字符，例如 hrb-res-2026；登记后永久不变。",
            validator=colander.Regex(r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z", msg="只用小写字母、数字和连字符。"),
            section="适用范围",
        ),
        _text("supersedes", "接替的热价编号", "新热价生效前一日，被接替的热价终止；首次登记时留空。"),
        _text("province", "省份", "例如 黑龙江", missing=colander.required),
        _text("city", "城市", "例如 哈尔滨市", missing=colander.required),
        _text("service_area", "供热区域代码", "全市统一定价时留空。"),
        _text("service_area_zh", "供热区域名称（中文）"),
        _text("service_area_en", "供热区域名称（英文）"),
        _text("category", "用户类别", widget=_categories, validator=colander.OneOf(list(CATEGORIES))),
        _text("category_note", "类别说明"),
        _tick("prices_area", "按面积计费"),
        _tick("prices_metered", "按热计量计费"),
    ]


def _notice() -> list[colander.SchemaNode]:
    return [
        _text("document", "文号", "照录通知，例如 哈发改价格〔2026〕1号。", section="文件与来源"),
        _text("issuer", "发文机关"),
        _lines(
            "sources",
            "来源",
            "每行一个：代号 | 名称 | 种类 | 网址。种类为 government_page、government_text、law_text、law_site 或 "
            "company_page 时可附网址。",
        ),
        _lines(
            "citations",
            "条款出处",
            "每行一条：字段 | 条款号和要点，例如 late_fee | 第五条：逾期每日 1‰。不抄录全文。",
        ),
        _choice("confidence", "可信度", [("high", "高"), ("medium", "中")], missing="high"),
    ]


def _prices() -> list[colander.SchemaNode]:
    return [
        _choice(
            "area_basis",
            "计费面积口径",
            [_OPEN, ("floor", "建筑面积"), ("usable", "使用面积"), ("inner", "套内建筑面积")],
            section="价格",
        ),
        _amount("area_factor", "面积系数", "计费面积 = 系数 × 该口径面积；无系数填 1。"),
        _lines(
            "area_fallbacks", "缺面积时的换算", "每行一个，例如 floor * 0.90 或 usable * 1 / 0.75。", rows=2
        ),
        _lines("area_factors", "按建筑类型的系数", "每行一个：系数 | 适用条件 | 英文条件。", rows=2),
        _amount("area_price_value", "面积热价（元/㎡）"),
        _choice("area_price_per", "面积热价计价周期", _PER, missing="season"),
        _amount("area_price_periods", "一个采暖季的月数或天数", "按季计价填 1。"),
        _amount("base_price_value", "基本热价（元/㎡）"),
        _choice("base_price_per", "基本热价计价周期", _PER, missing="season"),
        _amount("base_price_periods", "基本热价的月数或天数", "按季计价填 1。"),
        _amount("metered_price_value", "计量热价"),
        _choice("metered_price_unit", "计量热价单位", [("kWh", "元/kWh"), ("GJ", "元/GJ")], missing="kWh"),
        _choice("cap", "计量封顶", [_OPEN, ("none", "不封顶，多退少补"), ("rule", "按比例封顶")]),
        _amount("cap_share", "封顶比例", "按面积热费的倍数，例如 1 或 1.1。"),
    ]


def _rules() -> list[colander.SchemaNode]:
    return [
        _choice(
            "rounding_when",
            "金额取整",
            [_OPEN, ("line", "逐行取整"), ("bill", "按账单取整")],
            section="计费规则",
        ),
        _amount("rounding_unit", "取整到（元）", "四舍五入到该单位，例如 0.01、0.1 或 1。"),
        _choice("proration", "不足一季的折算", [_OPEN, ("day", "按供热天数"), ("month", "按开始的月份")]),
        _choice("transition", "新旧价格衔接", TRANSITIONS),
        _amount("suspension_share", "停热（报停）收费比例", "例如 0.20；不得收费填 0；未写明留空。"),
        _choice("height_shape", "超高加价", _SHAPES),
        _amount("height_trigger_m", "超过多少米起加收"),
        _amount("height_count_from_m", "从多少米起算"),
        _amount("height_step_m", "每档米数"),
        _amount("height_rate", "每档加收比例"),
        _choice("height_started_step", "不足一档", [("full", "按一档计"), ("none", "不计")], missing="full"),
        _amount("height_max_rate", "加收上限"),
        _amount("height_reference_m", "比例的基准层高（米）"),
        _amount("height_negotiated_over_m", "超过多少米协商"),
        _amount("height_public_interest_max_rate", "公益建筑加收上限"),
        _lines("height_bands", "层高系数表", "每行一档，例如 <= 3.0: 1.0，最后一档写 above: 2.8。"),
        _tick("height_on_base_price", "加在基本热价上"),
        _tick("height_net_height", "按净高计"),
        _choice("late_fee_shape", "违约金", _LATE),
        _amount("late_fee_rate", "违约金比率", "例如千分之一填 0.001。"),
        _text("late_fee_after", "最后交费日", "月-日，例如 12-31。"),
        _amount("late_fee_max_share", "违约金上限（占热费）"),
        _amount("refund_standard_c", "室温标准（℃）"),
        _choice("refund_basis", "退费基数", _REFUND, missing="day"),
        _amount("refund_after_hours", "不达标满多少小时起退费", "通知规定了时限时填写，例如 48。"),
        _lines(
            "refund_bands",
            "室温退费档次",
            "由高到低，每行一档，例如 16 <= t < 18: 0.40，最后一档 t < 16: 1。",
        ),
        _choice(
            "outage_counts",
            "停热时间折算",
            _OUTAGE,
            "停热退费按哪种天数计算；通知未写明留空，按当地法规执行。",
        ),
        _amount("outage_after_hours", "停热超过多少小时起退费", "例如 24。"),
        _tick("outage_after_included", "恰好满该小时数也退"),
        _amount("outage_share", "停热每天退日热费的倍数", "1 为日热费，2 为双倍；留空为 1。"),
        _amount("outage_total_over_days", "累计停热超过多少天全部退费", "没有累计规定时留空。"),
    ]


def _dates() -> list[colander.SchemaNode]:
    return [
        _day("valid_from", "执行日期", section="日期"),
        _day("valid_to", "终止日期", "通知未写明终止日期时留空。"),
        _day(
            "known_from",
            "通知公布日期",
            "何时可以知道；晚于执行日期的，公示时标明。",
            missing=colander.required,
        ),
        _text("season_start", "采暖期起", "月-日，例如 10-20。"),
        _text("season_end", "采暖期止", "月-日，例如 04-20。"),
        _tick("season_end_included", "止日当天供热"),
        _amount("season_fixed_days", "规定的计费天数", "通知规定了天数时填写。"),
        _lines(
            "rules_from", "晚于执行日期生效的规则", "每行一个：规则 日期，例如 late_fee 2026-12-01。", rows=2
        ),
        _lines("assumed", "由平台理解的字段", "每行一个字段名；取整、折算和衔接不得由平台理解。", rows=2),
        _lines("notes", "备注", "", rows=3),
        _lines("notes_en", "英文备注", "", rows=3),
        _day("publish_on", "公布日期", "批准后在本平台公布的日期；留空则批准即公布。"),
    ]


class ActSchema(colander.Schema):
    """The reason of an act, and what the person saw when they took it."""

    version = colander.SchemaNode(colander.Integer(), widget=deform.widget.HiddenWidget())
    record_digest = colander.SchemaNode(colander.String(), widget=deform.widget.HiddenWidget(), missing="")
    effect_digest = colander.SchemaNode(colander.String(), widget=deform.widget.HiddenWidget(), missing="")
    reason = colander.SchemaNode(
        colander.String(),
        title="理由",
        description="5 至 2000 字，永久保留。",
        validator=colander.Length(max=2000),
        widget=deform.widget.TextAreaWidget(rows=3),
        missing="",
    )
