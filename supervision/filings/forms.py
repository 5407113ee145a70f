"""Forms of the calendar: an extension for a company, an outage of the portal."""

from __future__ import annotations

import datetime as dt
from typing import Any

import colander
import deform.widget

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
