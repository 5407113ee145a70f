"""The form of a charge: what it is, what it is called on bills, what a law or notice says of it, and where that stands."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

import colander
import deform.widget

from checks.fees import Fee, FeeRegister, FeeSource, Ruling, Standing
from checks.tariffs.consistency import CATEGORIES
from supervision.fees.service import Charge
from supervision.fees.wording import STANDINGS
from supervision.tariffs.wording import CATEGORIES as CATEGORY_NAMES
from supervision.web.forms import Chinese

NEW = ""
_PENDING = "entry"  # the key of the source is set when the register is put together


class NotThis(ValueError):
    """A value that is not what its field asks for; ``field`` names it, ``hint`` is a source string."""

    def __init__(self, field: str, hint: str) -> None:
        super().__init__(f"{field}: {hint}")
        self.field, self.hint = field, hint


def _text(name: str, title: str, description: str = "", **more: Any) -> colander.SchemaNode:
    more.setdefault("validator", colander.Length(max=300))
    more.setdefault("missing", "")
    return colander.SchemaNode(colander.String(), name=name, title=title, description=description, **more)


def _day(name: str, title: str, description: str = "", **more: Any) -> colander.SchemaNode:
    widget = deform.widget.TextInputWidget(attributes={"type": "date"})
    return _text(name, title, description, widget=widget, **more)


def _choice(name: str, title: str, values: Any, description: str = "", **more: Any) -> colander.SchemaNode:
    widget = deform.widget.SelectWidget(values=values)
    validator = colander.OneOf([value for value, _ in values])
    return _text(name, title, description, widget=widget, validator=validator, **more)


def entry_schema(register: FeeRegister, places: list[tuple[str, str]], language: str) -> colander.Schema:
    """``places`` are (province, city) of every city with a tariff."""
    fees = [(NEW, "新收费项目（在下面填写）")]
    fees += [(fee.code, fee.zh if language == "zh" else fee.en) for fee in register.fees]
    provinces = sorted({province for province, _ in places})
    where = [("", "全国"), *((one, Chinese(one)) for one in provinces)]
    where += [(f"{province}/{city}", Chinese(f"{province} {city}")) for province, city in places]
    standings = [("", "不改变规定，只增加名称")]
    standings += [(str(code), text.in_language(language)) for code, (text, _) in STANDINGS.items()]
    categories = [("", "全部类别")]
    categories += [(code, CATEGORY_NAMES[code].in_language(language)) for code in CATEGORIES]
    schema = colander.Schema()
    for node in (
        colander.SchemaNode(
            colander.Integer(), name="version", widget=deform.widget.HiddenWidget(), missing=0
        ),
        _choice(
            "of",
            "收费项目",
            fees,
            "已登记的项目可以增加名称和规定；列表中没有的，选“新收费项目”。",
            section="收费项目",
        ),
        _text("code", "代码", "仅新收费项目填写：小写字母、数字和下划线，例如 pump_fee；登记后永久不变。"),
        _text("zh", "中文名称", "仅新收费项目填写。"),
        _text("en", "英文名称", "仅新收费项目填写。"),
        _text(
            "names",
            "账单上的名称",
            "每行一个，照录账单。名称中含有登记名称的，也按该项目核算。",
            widget=deform.widget.TextAreaWidget(rows=4),
            validator=colander.Length(max=2000),
        ),
        _choice("standing", "规定", standings, section="规定"),
        _choice("place", "适用地区", where),
        _choice("category", "适用用户类别", categories),
        _text(
            "limit",
            "限额（元/㎡·月）",
            "仅“限额内有条件”的规定填写，例如 0.20；没有限额留空。",
            widget=deform.widget.TextInputWidget(attributes={"inputmode": "decimal", "autocomplete": "off"}),
        ),
        _text("says_zh", "规定内容（中文）", "一句话，照原文意思。"),
        _text("says_en", "规定内容（英文）"),
        _day("valid_from", "执行日期", "自该日起的供热期按本规定核算。"),
        _text("source_name", "文件名称和文号", "照录，例如 《价格法》第十三条。", section="依据"),
        _text("source_name_en", "文件的英文名称"),
        _text("source_url", "官方网址", "发文机关或政府网站（gov.cn）上的页面。"),
        _day("known_from", "公布日期", "文件何时可以知道。"),
    ):
        schema.add(node)
    return schema


def charge_of(values: dict[str, Any], register: FeeRegister) -> Charge:
    """The charge that the clean values say. Raises NotThis."""
    known = register.fee(values["of"]) if values["of"] else None
    names = tuple(dict.fromkeys(line.strip() for line in values["names"].splitlines() if line.strip()))
    source = FeeSource(
        values["source_name"].strip(), values["source_name_en"].strip(), values["source_url"].strip() or None
    )
    code, zh, en = (
        (known.code, known.zh, known.en)
        if known is not None
        else (values["code"].strip(), values["zh"].strip(), values["en"].strip())
    )
    known_from = _date(values, "known_from")
    if known_from is None:
        raise NotThis("known_from", "请填写日期，例如 2026-01-31。")
    rulings = (_ruling(values, known_from),) if values["standing"] else ()
    return Charge(Fee(code, zh, en, names, rulings), source, known_from)


def _ruling(values: dict[str, Any], known_from: dt.date) -> Ruling:
    province, _, city = values["place"].partition("/")
    try:
        limit = Decimal(values["limit"].strip()) if values["limit"].strip() else None
    except InvalidOperation:
        limit = Decimal("NaN")
    if limit is not None and not limit.is_finite():
        raise NotThis("limit", "请填写金额，例如 0.20。")
    return Ruling(
        standing=Standing(values["standing"]),
        source=_PENDING,
        says_zh=values["says_zh"].strip(),
        says_en=values["says_en"].strip(),
        province="" if city else province,
        city=city,
        categories=(values["category"],) if values["category"] else (),
        valid_from=_date(values, "valid_from"),
        known_from=known_from,
        limit_per_m2_month=limit,
    )


def _date(values: dict[str, Any], field: str) -> dt.date | None:
    text = values[field].strip()
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise NotThis(field, "请填写日期，例如 2026-01-31。") from None


def values_of(charge: Charge, register: FeeRegister, places: list[tuple[str, str]]) -> dict[str, Any]:
    """The values that the form shows of a charge as entered."""
    fee, source, known_from = charge
    is_known = register.fee(fee.code) is not None
    values: dict[str, Any] = {
        "of": fee.code if is_known else NEW,
        "code": "" if is_known else fee.code,
        "zh": "" if is_known else fee.zh,
        "en": "" if is_known else fee.en,
        "names": "\n".join(fee.names),
        "source_name": source.name,
        "source_name_en": source.name_en,
        "source_url": source.url or "",
        "known_from": known_from.isoformat(),
    }
    for ruling in fee.rulings:
        province = next((province for province, city in places if city == ruling.city), ruling.province)
        values |= {
            "standing": str(ruling.standing),
            "place": f"{province}/{ruling.city}" if ruling.city else ruling.province,
            "category": ruling.categories[0] if ruling.categories else "",
            "limit": "" if ruling.limit_per_m2_month is None else f"{ruling.limit_per_m2_month:f}",
            "says_zh": ruling.says_zh,
            "says_en": ruling.says_en,
            "valid_from": ruling.valid_from.isoformat() if ruling.valid_from else "",
        }
    return values


class ActSchema(colander.Schema):
    """The reason of an act, and what the person saw when they took it."""

    version = colander.SchemaNode(colander.Integer(), widget=deform.widget.HiddenWidget())
    record_digest = colander.SchemaNode(colander.String(), widget=deform.widget.HiddenWidget(), missing="")
    reason = colander.SchemaNode(
        colander.String(),
        title="理由",
        description="5 至 2000 字，永久保留。",
        validator=colander.Length(max=2000),
        widget=deform.widget.TextAreaWidget(rows=3),
        missing="",
    )
