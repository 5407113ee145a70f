"""A tariff as it is written down (YAML, JSON) and read back.

The written form has the field names of :class:`~checks.tariffs.record.Tariff`. Decimals are quoted strings, days are
``YYYY-MM-DD``, a day of the year is ``MM-DD``. There is no float anywhere: a float is an error, because 38.32 is not
a binary fraction. Fields that the record may leave unknown can be left out.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import functools
import hashlib
import json
import re
import types
import typing
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from checks.tariffs.consistency import contradictions
from checks.tariffs.errors import TariffDataError
from checks.tariffs.record import Tariff

_DECIMAL = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?\Z")
_MONTH_DAY = re.compile(r"(\d\d)-(\d\d)\Z")

# Unknown is a meaning of its own in these fields, so leaving them out says "unknown", never "zero" or "allowed".
_UNKNOWN_WHEN_LEFT_OUT: dict[str, Any] = {
    "category_note": "",
    "valid_from": None,
    "valid_to": None,
    "document": None,
    "area_fallbacks": (),
    "area_price": None,
    "base_price": None,
    "metered_price": None,
    "cap_share": None,
    "cap_known": False,
    "suspension_share": None,
    "height": None,
    "height_known": False,
    "late_fee": None,
    "refund_standard_c": None,
    "refund_bands": (),
    "season": None,
}


# Fields younger than the first records: written only where they say something, so that a record from before them is
# written, and digested, as it always was.
_LATER: dict[str, Any] = {
    "issuer": "",
    "transition": None,
    "refund_after_hours": None,
    "citations": [],
    "outage": None,
}


def tariff_to_dict(tariff: Tariff) -> dict[str, Any]:
    """The full written form: every field, in the order of the record, JSON-safe, decimals as strings. Only the
    fields of ``_LATER`` are left out while they say nothing."""
    written: dict[str, Any] = _write(tariff)
    return {name: value for name, value in written.items() if name not in _LATER or value != _LATER[name]}


def tariff_from_dict(data: Mapping[str, Any]) -> Tariff:
    """The record a written form says.

    Raises :class:`TariffDataError` naming record and field for an unknown or missing key, a float, a bad day, a code
    outside its list, or a record that contradicts itself.
    """
    if not isinstance(data, Mapping):
        raise TariffDataError(
            f"应为一条热价记录（字段与值），得到 {_kind(data)}",
            f"expected one tariff record (fields and values), got {_kind(data)}",
        )
    record = data.get("id")
    name = record if isinstance(record, str) else ""
    try:
        tariff: Tariff = _read_dataclass(Tariff, data, "", _UNKNOWN_WHEN_LEFT_OUT)
        wrong = contradictions(tariff)
        if wrong:
            first = wrong[0]
            raise TariffDataError(first.zh, first.en, field=first.field)
    except TariffDataError as error:
        raise error.at(record=name) from None
    return tariff


def read_written(cls: type, data: Any) -> Any:
    """A record of another class from its written form, by the same rules. Raises :class:`TariffDataError`."""
    name = data.get("id") if isinstance(data, Mapping) else None
    try:
        return _read_dataclass(cls, data, "", {})
    except TariffDataError as error:
        raise error.at(record=name if isinstance(name, str) else "") from None


def written(record: Any) -> Any:
    """The full written form of a record of another class, which :func:`read_written` reads back."""
    return _write(record)


def tariff_digest(tariff: Tariff) -> str:
    """SHA-256 (hex) of the canonical JSON of the full written form: equal records, equal digest."""
    text = json.dumps(tariff_to_dict(tariff), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _write(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _write_month_day(getattr(value, field.name))
            if _is_month_day(_hints(type(value))[field.name])
            else _write(getattr(value, field.name))
            for field in dataclasses.fields(value)
        }
    if isinstance(value, tuple):
        return [_write(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def _write_month_day(value: tuple[int, int] | None) -> str | None:
    return None if value is None else f"{value[0]:02d}-{value[1]:02d}"


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _is_month_day(hint: Any) -> bool:
    return any(part == tuple[int, int] for part in (hint, *typing.get_args(hint)))


def _read_dataclass(cls: type, data: Any, path: str, unknown: Mapping[str, Any]) -> Any:
    if not isinstance(data, Mapping):
        raise _wrong_kind(path, "一组字段与值", "a group of fields and values", data)
    fields = {field.name: field for field in dataclasses.fields(cls)}
    for key in data:
        if key not in fields:
            raise _unknown_key(path, str(key), list(fields))
    values: dict[str, Any] = {}
    for name, field in fields.items():
        place = f"{path}.{name}" if path else name
        if name in data:
            values[name] = _read(_hints(cls)[name], data[name], place)
        elif name in unknown:
            values[name] = unknown[name]
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            # A nullable detail inside a rule may be left out; at the top every omission is listed above.
            if path and _is_optional(_hints(cls)[name]):
                values[name] = None
                continue
            raise TariffDataError("缺少此字段，请补上", "this field is missing; add it", field=place)
    return cls(**values)


def _unknown_key(path: str, key: str, known: list[str]) -> TariffDataError:
    near = difflib.get_close_matches(key, known, n=1)
    zh = f"；是否为 {near[0]}？" if near else f"；可用字段：{'、'.join(known)}"
    en = f"; did you mean {near[0]}?" if near else f"; fields are: {', '.join(known)}"
    return TariffDataError(f"未知字段{zh}", f"unknown field{en}", field=f"{path}.{key}" if path else key)


def _is_optional(hint: Any) -> bool:
    return type(None) in typing.get_args(hint)


def _read(hint: Any, value: Any, path: str) -> Any:
    if isinstance(value, float):
        raise TariffDataError(
            f"{value!r} 是浮点数，金额与比例须写成带引号的文本，如 '0.20'",
            f"{value!r} is a floating-point number; write money and shares as quoted text such as '0.20'",
            field=path,
        )
    if _is_month_day(hint):
        return None if value is None and _is_optional(hint) else _read_month_day(value, path)
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        return _read(next(arg for arg in typing.get_args(hint) if arg is not type(None)), value, path)
    if origin is tuple:
        if not isinstance(value, list):
            raise _wrong_kind(path, "列表", "a list", value)
        item = typing.get_args(hint)[0]
        return tuple(_read(item, each, f"{path}[{number}]") for number, each in enumerate(value, start=1))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _read_dataclass(hint, value, path, {})
    return _read_plain(hint, value, path)


def _read_plain(kind: type, value: Any, path: str) -> Any:
    if issubclass(kind, StrEnum):
        return _read_code(kind, value, path)
    if kind is Decimal:
        if not isinstance(value, str) or not _DECIMAL.match(value):
            raise _wrong_kind(path, "带引号的十进制数，如 '38.32'", "a quoted decimal such as '38.32'", value)
        return Decimal(value)
    if kind is dt.date:
        return _read_day(value, path)
    # bool is an int to Python, not to a reader of tariffs.
    if type(value) is not kind:
        zh, en = {bool: ("true 或 false", "true or false"), int: ("整数", "a whole number")}.get(
            kind, ("文本", "text")
        )
        raise _wrong_kind(path, zh, en, value)
    return value


def _read_code(kind: type[StrEnum], value: Any, path: str) -> StrEnum:
    codes = [code.value for code in kind]
    if value not in codes:
        raise TariffDataError(
            f"{value!r} 不在代码表中，可用：{'、'.join(codes)}",
            f"{value!r} is not one of the codes {', '.join(codes)}",
            field=path,
        )
    return kind(value)


def _read_day(value: Any, path: str) -> dt.date:
    # YAML reads an unquoted 2015-10-20 as a day already; an instant is not a day.
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and len(value) == len("2015-10-20"):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass  # falls through to the one message about days
    raise _wrong_kind(path, "日期 YYYY-MM-DD", "a day YYYY-MM-DD", value)


def _read_month_day(value: Any, path: str) -> tuple[int, int]:
    match = _MONTH_DAY.match(value) if isinstance(value, str) else None
    if match:
        month, day = int(match[1]), int(match[2])
        try:
            dt.date(2000, month, day)  # a leap year, so that 02-29 is a day of the year
            return month, day
        except ValueError:
            pass  # falls through to the one message about days of the year
    raise _wrong_kind(path, "月-日 MM-DD", "a day of the year MM-DD", value)


def _wrong_kind(path: str, zh: str, en: str, value: Any) -> TariffDataError:
    shown = repr(value) if isinstance(value, (str, int, dt.date)) else _kind(value)
    return TariffDataError(f"应为{zh}，得到 {shown}", f"expected {en}, got {shown}", field=path)


def _kind(value: Any) -> str:
    return "null" if value is None else type(value).__name__
