"""The feeds as machine-readable schemas: JSON Schema (2020-12) of one row, and Table Schema (Frictionless) of a file."""

from __future__ import annotations

from typing import Any

from ingest.standard import Column, Feed, Kind

_PATTERNS: dict[Kind, str] = {
    Kind.DATE: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    Kind.INSTANT: r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$",
    Kind.SEASON: "^20[0-9]{2}-[0-9]{2}$",
}
_TABLE_TYPES: dict[Kind, str] = {
    Kind.DATE: "date",
    Kind.INSTANT: "datetime",
    Kind.BOOL: "boolean",
    Kind.COUNT: "integer",
}


def json_schema(feed: Feed) -> dict[str, Any]:
    """The schema of one row, every value as the text that a standard file holds; an empty text is a missing value."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": feed.code,
        "description": f"{feed.zh} / {feed.en}",
        "type": "object",
        "properties": {column.code: _property(column) for column in feed.columns},
        "required": [column.code for column in feed.columns if column.required],
        "additionalProperties": False,
    }


def table_schema(feed: Feed) -> dict[str, Any]:
    """The schema of a CSV file with a header of codes."""
    return {
        "fields": [_field(column) for column in feed.columns],
        "primaryKey": list(feed.key),
        "missingValues": [""],
    }


def _property(column: Column) -> dict[str, Any]:
    said: dict[str, Any] = {"type": "string", "title": column.zh, "description": column.en}
    patterns = [_pattern(column)] if column.required else ["^$", _pattern(column)]
    if column.codes:
        said["enum"] = [*([] if column.required else [""]), *(code.code for code in column.codes)]
    elif column.required:
        said["pattern"] = patterns[0]
    else:
        said["anyOf"] = [{"pattern": pattern} for pattern in patterns]
    if column.unit:
        said["x-unit"] = column.unit
    return said


def _pattern(column: Column) -> str:
    if column.kind is Kind.BOOL:
        return "^(true|false)$"
    if column.kind in _PATTERNS:
        return _PATTERNS[column.kind]
    if column.kind in (Kind.TEXT, Kind.IDENTIFIER, Kind.CODE):
        return "^.+$"
    return "^-?[0-9]+$" if column.scale == 0 else rf"^-?[0-9]+(\.[0-9]{{1,{column.scale}}})?$"


def _field(column: Column) -> dict[str, Any]:
    text = column.kind in (Kind.TEXT, Kind.IDENTIFIER, Kind.CODE, Kind.SEASON)
    constraints: dict[str, Any] = {"required": column.required}
    if column.codes:
        constraints["enum"] = [code.code for code in column.codes]
    for name, bound in (("minimum", column.minimum), ("maximum", column.maximum)):
        if bound is not None:
            constraints[name] = f"{bound:f}"
    return {
        "name": column.code,
        "title": column.zh,
        "description": column.en,
        "type": "string" if text else _TABLE_TYPES.get(column.kind, "number"),
        "constraints": constraints,
    }
