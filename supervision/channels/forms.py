"""The form of a new token."""

from __future__ import annotations

import re
from typing import Any

import colander
import deform.widget

from ingest.standard import FEEDS
from supervision.filings.forms import Day

_BETWEEN = re.compile(r"[\s,，、;；]+")


class Periods:
    """Periods in one line, separated by blanks or commas."""

    def serialize(self, node: colander.SchemaNode, value: Any) -> Any:
        return colander.null if value in (colander.null, None) else " ".join(value)

    def deserialize(self, node: colander.SchemaNode, text: Any) -> Any:
        if text is colander.null or not text.strip():
            return colander.null
        return [part for part in _BETWEEN.split(text.strip()[:400]) if part]

    def cstruct_children(self, node: colander.SchemaNode, cstruct: Any) -> list[Any]:
        return []


@colander.deferred
def _feeds(node: colander.SchemaNode, given: dict[str, Any]) -> Any:
    is_english = given["request"].language == "en"
    names = [(code, f"{feed.en if is_english else feed.zh} {code}") for code, feed in FEEDS.items()]
    return deform.widget.CheckboxChoiceWidget(values=names)


@colander.deferred
def _seasons(node: colander.SchemaNode, given: dict[str, Any]) -> Any:
    return deform.widget.SelectWidget(values=[(season, season) for season in given["seasons"]])


@colander.deferred
def _one_of_the_seasons(node: colander.SchemaNode, given: dict[str, Any]) -> Any:
    return colander.OneOf(given["seasons"])


class TokenSchema(colander.Schema):
    name = colander.SchemaNode(
        colander.String(),
        title="程序名称",
        description="2至40个小写字母、数字、点、连字符或下划线，例如 billing-system。报送记录中以此名称显示。",
        validator=colander.Length(max=40),
    )
    feeds = colander.SchemaNode(
        colander.Set(),
        title="数据类别",
        widget=_feeds,
        validator=colander.ContainsOnly(list(FEEDS)),
    )
    season = colander.SchemaNode(
        colander.String(), title="采暖季", widget=_seasons, validator=_one_of_the_seasons
    )
    periods = colander.SchemaNode(
        Periods(),
        title="报送期",
        description="只允许这些报送期，用空格分开，例如 2025-12 2026-01；不填则为整个采暖季。",
        missing=(),
    )
    expires_on = colander.SchemaNode(
        Day(),
        title="最后有效日",
        description="当日仍有效，最长400天，不得落在截止日前七日内。例如 2026-05-31。",
    )
