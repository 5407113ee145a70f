"""Forms of the calendar: an extension or an exemption for a company, an outage of the portal."""

from __future__ import annotations

import datetime as dt
from typing import Any

import colander
import deform.widget

from ingest.standard import FEEDS
from supervision.companies import CompanyService
from supervision.settings.clock import SHANGHAI

REASON = colander.Length(min=10, max=500)


class Day:
    """A calendar day as ``2026-01-31``."""

    def serialize(self, node: colander.SchemaNode, value: Any) -> Any:
        return colander.null if value in (colander.null, None) else value.isoformat()

    def deserialize(self, node: colander.SchemaNode, text: Any) -> Any:
        if text is colander.null or not text:
            return colander.null
        try:
            found = dt.date.fromisoformat(text)
            if found.isoformat() != text:
                raise ValueError(text)
            return found
        except (TypeError, ValueError):
            raise colander.Invalid(node, "请填写日期，例如 2026-01-31。") from None

    def cstruct_children(self, node: colander.SchemaNode, cstruct: Any) -> list[Any]:
        return []


class Minute:
    """An instant as the clock on the wall in China tells it, ``2026-01-31 18:30``."""

    def serialize(self, node: colander.SchemaNode, value: Any) -> Any:
        return (
            colander.null
            if value in (colander.null, None)
            else value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        )

    def deserialize(self, node: colander.SchemaNode, text: Any) -> Any:
        if text is colander.null or not text:
            return colander.null
        try:
            found = dt.datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
            if found.strftime("%Y-%m-%d %H:%M") != text:
                raise ValueError(text)
            return found
        except (TypeError, ValueError):
            raise colander.Invalid(node, "请填写时间，例如 2026-01-31 18:30。") from None

    def cstruct_children(self, node: colander.SchemaNode, cstruct: Any) -> list[Any]:
        return []


class ExtensionSchema(colander.Schema):
    due_on = colander.SchemaNode(
        Day(), title="新的截止日", description="晚于现截止日的一天，当日仍算按时。例如 2026-01-31。"
    )
    reason = colander.SchemaNode(
        colander.String(),
        title="延期理由",
        description="企业和审计人员都会看到，10至500字。",
        validator=REASON,
        widget=deform.widget.TextAreaWidget(rows=4),
    )


@colander.deferred
def _companies(node: colander.SchemaNode, given: dict[str, Any]) -> Any:
    request = given["request"]
    name = "name_en" if request.language == "en" else "name_zh"
    found = request.service(CompanyService).all()
    return deform.widget.SelectWidget(values=[(one.code, getattr(one, name)) for one in found])


@colander.deferred
def _known_company(node: colander.SchemaNode, given: dict[str, Any]) -> Any:
    return colander.OneOf([one.code for one in given["request"].service(CompanyService).all()])


@colander.deferred
def _feed_names(node: colander.SchemaNode, given: dict[str, Any]) -> Any:
    name = "en" if given["request"].language == "en" else "zh"
    values = [(code, getattr(feed, name)) for code, feed in FEEDS.items()]
    return deform.widget.SelectWidget(values=values)


class ExemptionSchema(colander.Schema):
    company = colander.SchemaNode(
        colander.String(), title="企业", widget=_companies, validator=_known_company
    )
    feed = colander.SchemaNode(
        colander.String(), title="数据类别", widget=_feed_names, validator=colander.OneOf(list(FEEDS))
    )
    first_day = colander.SchemaNode(
        Day(), title="起始日", description="自这一天起的数据免报。例如 2026-11-15。"
    )
    last_day = colander.SchemaNode(
        Day(), title="结束日", description="最后一个免报日；不填则至另行通知为止。", missing=None
    )
    reason = colander.SchemaNode(
        colander.String(),
        title="免报理由",
        description="企业和审计人员都会看到，10至500字。例如：尚未安装远传热表，自下一采暖季起报送。",
        validator=REASON,
        widget=deform.widget.TextAreaWidget(rows=4),
    )


class OutageSchema(colander.Schema):
    began_at = colander.SchemaNode(
        Minute(), title="中断开始", description="北京时间，例如 2026-01-31 18:30。"
    )
    ended_at = colander.SchemaNode(Minute(), title="恢复使用", description="北京时间，不得晚于现在。")
    reason = colander.SchemaNode(
        colander.String(),
        title="原因",
        description="发生了什么、哪些功能不能使用，10至500字。",
        validator=REASON,
        widget=deform.widget.TextAreaWidget(rows=4),
    )
