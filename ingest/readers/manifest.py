"""What a company says of its filing before it is read: data rows, control totals, and the parts it comes in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ingest.readers.block import Refusal, refuse
from ingest.standard import Feed, Kind
from ingest.strict_json import strict_json

MANIFEST_NAME = "manifest.json"
MOST_PARTS = 100
_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,3})?", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MOST_ROWS = 10**9
_KEYS = frozenset({"rows", "totals", "parts"})
_PART_KEYS = frozenset({"name", "rows", "sha256"})


@dataclass(frozen=True, slots=True)
class DeclaredPart:
    name: str
    rows: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """``rows`` are the data rows of the filing; ``totals`` exact sums by control total (``total``, ``heat_used kWh``) as
    decimal text; ``parts`` every file it comes in. What is not said is None or empty."""

    rows: int | None = None
    totals: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[DeclaredPart, ...] = ()

    def __bool__(self) -> bool:
        return self.rows is not None or bool(self.totals) or bool(self.parts)

    def as_data(self) -> dict[str, Any]:
        """What :func:`manifest_of` reads."""
        said: dict[str, Any] = {}
        if self.rows is not None:
            said["rows"] = self.rows
        if self.totals:
            said["totals"] = dict(self.totals)
        if self.parts:
            said["parts"] = [
                {
                    name: value
                    for name in ("name", "rows", "sha256")
                    if (value := getattr(part, name)) is not None
                }
                for part in self.parts
            ]
        return said


def control_totals(feed: Feed) -> list[str]:
    """The names of the sums that a filing of the feed can declare."""
    names = []
    for column in feed.columns:
        if column.kind in (Kind.MONEY, Kind.AREA):
            names.append(column.code)
        elif column.kind is Kind.HEAT and not column.is_cumulative and column.unit_column is not None:
            names += [f"{column.code} {unit.code}" for unit in feed.column(column.unit_column).codes]
    return names


def read_manifest(content: bytes, feed: Feed) -> Manifest:
    """The manifest that a JSON file holds. Refusal DEC06 saying what is wrong with it."""
    try:
        said = strict_json(content)
    except ValueError:
        raise _unreadable("不是 UTF-8 的 JSON", "it is no JSON in UTF-8") from None
    return manifest_of(said, feed)


def manifest_of(said: Any, feed: Feed) -> Manifest:
    """The manifest that plain data say. Refusal DEC06."""
    if not isinstance(said, dict) or not set(said) <= _KEYS:
        raise _unreadable("只能有 rows、totals、parts", "it holds rows, totals and parts only")
    return Manifest(
        _rows(said.get("rows")), _totals(said.get("totals", {}), feed), _parts(said.get("parts", []))
    )


def amounts_of(text: str) -> dict[str, str]:
    """Totals written as ``total=123.45; billed_area_m2=99.00``, also one a line. ValueError with the part that is none."""
    found: dict[str, str] = {}
    for part in re.split(r"[;；\n]", text):
        if not part.strip():
            continue
        name, sign, amount = part.partition("=")
        if not sign or not _AMOUNT.fullmatch(amount.strip()) or name.strip() in found:
            raise ValueError(part.strip()[:60])
        found[name.strip()] = amount.strip()
    return found


def _rows(said: Any) -> int | None:
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, int) or not 0 <= said <= _MOST_ROWS:
        raise _unreadable("rows 不是行数", "rows is no number of rows")
    return said


def _totals(said: Any, feed: Feed) -> dict[str, str]:
    known = control_totals(feed)
    if not isinstance(said, dict):
        raise _unreadable("totals 不是对象", "totals is no object")
    for name, amount in said.items():
        if name not in known:
            some = "、".join(known) or "—"
            raise _unreadable(
                f"“{name[:40]}”没有控制合计，可用：{some}",
                f"“{name[:40]}” has no control total; there are: {', '.join(known) or '—'}",
            )
        if not isinstance(amount, str) or not _AMOUNT.fullmatch(amount):
            raise _unreadable(
                f'{name} 的合计应写成文字，如 "123.45"', f'the total of {name} is written as a text, "123.45"'
            )
    return {name: str(Decimal(amount)) for name, amount in said.items()}


def _parts(said: Any) -> tuple[DeclaredPart, ...]:
    if not isinstance(said, list) or len(said) > MOST_PARTS:
        raise _unreadable(
            f"parts 不是至多 {MOST_PARTS} 项的列表", f"parts is no list of at most {MOST_PARTS}"
        )
    parts = []
    for one in said:
        if not isinstance(one, dict) or not set(one) <= _PART_KEYS or not isinstance(one.get("name"), str):
            raise _unreadable(
                "每一分册写 name，可写 rows、sha256", "each part has a name, and may have rows and sha256"
            )
        digest = one.get("sha256")
        if digest is not None and not (isinstance(digest, str) and _DIGEST.fullmatch(digest)):
            raise _unreadable(
                f"{one['name'][:40]} 的 sha256 不是 64 位小写十六进制",
                f"the sha256 of {one['name'][:40]} is not 64 lower-case hexadecimal digits",
            )
        parts.append(DeclaredPart(one["name"], _rows(one.get("rows")), digest))
    if len({part.name for part in parts}) != len(parts):
        raise _unreadable("有两个分册同名", "two parts have one name")
    return tuple(parts)


def _unreadable(zh: str, en: str) -> Refusal:
    return refuse("DEC06", zh, en)
