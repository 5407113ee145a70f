"""What each field of a record is called, and the names of states and acts, in both languages."""

from __future__ import annotations

from typing import Any

from checks.recompute.text import Text
from supervision.tariffs.lifecycle import DraftState

FIELDS: dict[str, Text] = {
    "id": Text("热价编号", "Tariff id"),
    "supersedes": Text("接替的热价", "Follows"),
    "province": Text("省份", "Province"),
    "city": Text("城市", "City"),
    "service_area": Text("供热区域", "Service area"),
    "service_area_zh": Text("供热区域名称", "Service area, Chinese"),
    "service_area_en": Text("供热区域英文名", "Service area, English"),
    "category": Text("用户类别", "Category"),
    "category_note": Text("类别说明", "Note on the category"),
    "methods": Text("计费方式", "Billing methods"),
    "standing": Text("效力", "Standing"),
    "valid_from": Text("执行日期", "Binds from"),
    "valid_to": Text("终止日期", "Binds until"),
    "known_from": Text("通知公布日期", "Known from"),
    "last_seen": Text("最近一次看到", "Last seen"),
    "document": Text("文号", "Document"),
    "issuer": Text("发文机关", "Issuer"),
    "confidence": Text("可信度", "Confidence"),
    "sources": Text("来源", "Sources"),
    "citations": Text("条款出处", "Where the notice says it"),
    "area_basis": Text("计费面积口径", "Area basis"),
    "area_factor": Text("面积系数", "Area factor"),
    "area_factors": Text("按建筑类型的系数", "Factors by kind of building"),
    "area_fallbacks": Text("缺面积时的换算", "Conversion where the area is missing"),
    "area_price": Text("面积热价", "Area price"),
    "base_price": Text("基本热价", "Base price"),
    "metered_price": Text("计量热价", "Metered price"),
    "cap_known": Text("封顶规则已知", "Cap rule known"),
    "cap_share": Text("封顶比例", "Cap"),
    "suspension_share": Text("停热收费比例", "Suspension share"),
    "height": Text("超高加价", "Height surcharge"),
    "height_known": Text("超高规则已知", "Height rule known"),
    "late_fee": Text("违约金", "Late fee"),
    "refund_standard_c": Text("室温标准", "Room standard"),
    "refund_bands": Text("室温退费档次", "Refund bands"),
    "refund_basis": Text("退费基数", "Refund basis"),
    "refund_after_hours": Text("不达标满多少小时起退费", "Refund after hours below the standard"),
    "outage": Text("停热退费", "Refund for time without heat"),
    "season": Text("采暖期", "Heating season"),
    "proration": Text("不足一季的折算", "Proration"),
    "rounding": Text("金额取整", "Rounding"),
    "transition": Text("新旧价格衔接", "Transition"),
    "rules_from": Text("另有起始日的规则", "Rules that start later"),
    "assumed": Text("由平台理解的字段", "Our reading"),
    "notes": Text("备注", "Notes"),
    "notes_en": Text("英文备注", "Notes, English"),
}

STATES: dict[DraftState, tuple[Text, str]] = {
    DraftState.DRAFT: (Text("草稿", "Draft"), "open"),
    DraftState.IN_REVIEW: (Text("待审核", "Awaits review"), "open"),
    DraftState.REVIEWED: (Text("待批准", "Awaits approval"), "open"),
    DraftState.APPROVED: (Text("已批准，待公布", "Approved, not public yet"), "good"),
    DraftState.PUBLISHED: (Text("已公布", "Published"), "good"),
    DraftState.WITHDRAWN: (Text("已撤回", "Withdrawn"), "bad"),
    DraftState.DISCARDED: (Text("已作废", "Discarded"), "secondary"),
}

ACTS: dict[str, Text] = {
    "start": Text("新建草稿", "Started"),
    "save": Text("保存", "Saved"),
    "attach_notice": Text("上传通知原文", "Notice attached"),
    "submit": Text("提交审核", "Submitted for review"),
    "discard": Text("作废", "Discarded"),
    "assess": Text("影响测算完成", "Effect computed"),
    "send_back": Text("退回", "Sent back"),
    "confirm": Text("审核通过", "Reviewed"),
    "approve": Text("批准", "Approved"),
    "publish": Text("公布", "Published"),
    "withdraw": Text("撤回", "Withdrawn"),
    "compare_season": Text("与执行后的采暖季对照", "Compared with its first season"),
}

TRANSITIONS: dict[str, Text] = {
    "by_day": Text(
        "按日：变更前的日子按旧价，跨越变更日的账单分段核算",
        "By day: days before the change bear the old price, and a bill that spans it is computed in parts",
    ),
    "by_reading": Text(
        "按抄表：变更前开始的用热至下次抄表按旧价",
        "By reading: service that began before the change bears the old price until its closing reading",
    ),
    "next_season": Text(
        "下一采暖季起：变更前开始的采暖季仍按旧价",
        "From the next season: a season that began before the change keeps the old price",
    ),
}


def field_name(path: str) -> Text:
    """The name of a field, with the rest of its path as it is written."""
    root, _, rest = path.replace("[", ".[").partition(".")
    named = FIELDS.get(root)
    if named is None:
        return Text(path, path)
    return named if not rest else Text(f"{named.zh}（{rest}）", f"{named.en} ({rest})")


def shown(value: Any) -> str:
    """A written value for a table of changes: a list one item a line, a group what it holds."""
    if value is None:
        return "—"
    if isinstance(value, list):
        return "\n".join(shown(item) for item in value)
    if isinstance(value, dict):
        return " · ".join(shown(inner) for inner in value.values() if inner not in (None, "", []))
    return str(value)
