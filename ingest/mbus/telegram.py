"""One telegram: the frame judged by its own bytes, cut into records by pymeterbus, and the values of now read as integers.

The library scales in floating point and takes frames whose check sum is wrong; so it cuts records only. What a record's
number is, and in which unit, is computed here from its bytes, in integers and powers of ten (EN 13757-3, tables 4, 10 and
12).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_HEX = re.compile(r"[0-9A-Fa-f]{2}(?: ?[0-9A-Fa-f]{2})*", re.ASCII)
_START, _STOP = 0x68, 0x16
#: Answers with variable data, low byte first: the only kind that a heat meter of EN 1434-3 sends.
_VARIABLE = 0x72
_HEADER_BYTES = 15
#: Heat (outlet), heat (inlet), combined heat and cooling.
_HEAT_MEDIA = (0x04, 0x0C, 0x0D)
_SMALLEST = 9


class TelegramRefused(Exception):
    """A telegram that is no reading of a heat meter; ``edit_id`` says why, the details what was found."""

    def __init__(self, edit_id: str, zh: str = "", en: str = "") -> None:
        super().__init__(edit_id)
        self.edit_id, self.zh, self.en = edit_id, zh, en or zh


@dataclass(frozen=True, slots=True)
class Value:
    """A quantity in a unit of the standard, exact, and the bytes of the record that it was read from."""

    number: Decimal
    unit: str
    record: str


@dataclass(frozen=True, slots=True)
class Telegram:
    """The values of now (instantaneous, storage 0, tariff 0, unit 0) of one heat meter. ``status`` is the status byte."""

    meter_no: str
    manufacturer: str
    status: str
    energy: Value
    volume_m3: Value | None
    flow_m3h: Value | None
    power_kw: Value | None
    supply_temp_c: Value | None
    return_temp_c: Value | None
    operating_hours: Value | None


def read_telegram(text: str) -> Telegram:
    """The telegram that these hexadecimal digits are. TelegramRefused MB1 to MB6."""
    frame = _frame(text)
    if frame[6] != _VARIABLE or len(frame) < 6 + _HEADER_BYTES:
        raise TelegramRefused("MB4", f"CI {frame[6]:02X}")
    if frame[14] not in _HEAT_MEDIA:
        raise TelegramRefused("MB4", f"介质 {frame[14]:02X}", f"medium {frame[14]:02X}")
    records = _records(frame)
    energy = _energies(records)
    if len(energy) != 1:
        raise TelegramRefused("MB6", f"{len(energy)} 个", f"{len(energy)} of them")
    return Telegram(
        meter_no=_meter_no(frame[7:11]),
        manufacturer=_manufacturer(frame[11] | frame[12] << 8),
        status=f"{frame[16]:02X}",
        energy=energy[0],
        volume_m3=_first([one for one in records if isinstance(one.number, int)], {_VOLUME: 0}, "m3"),
        flow_m3h=_flow(records),
        power_kw=_first(records, {_POWER: -3}, "kW"),
        supply_temp_c=_first(records, {_FLOW_TEMPERATURE: 0}, "°C"),
        return_temp_c=_first(records, {_RETURN_TEMPERATURE: 0}, "°C"),
        operating_hours=_hours(records),
    )


def _frame(text: str) -> list[int]:
    """The bytes of a long frame, once its length, marks and check sum are right."""
    bare = text.strip()
    if _HEX.fullmatch(bare) is None:
        raise TelegramRefused("MB1")
    frame = list(bytes.fromhex(bare))
    if len(frame) < _SMALLEST or frame[0] != _START or frame[3] != _START:
        raise TelegramRefused(
            "MB2", f"{len(frame)} B，开头不是 68 L L 68", f"{len(frame)} B, no 68 L L 68 at its start"
        )
    wanted = frame[1] + 6
    if frame[1] != frame[2] or len(frame) != wanted:
        raise TelegramRefused(
            "MB2", f"共 {len(frame)} B，应为 {wanted} B", f"it has {len(frame)} B, its length says {wanted} B"
        )
    if frame[-1] != _STOP:
        raise TelegramRefused("MB2", f"结尾是 {frame[-1]:02X}", f"it ends in {frame[-1]:02X}")
    found = sum(frame[4:-2]) % 256
    if found != frame[-2]:
        raise TelegramRefused(
            "MB3",
            f"写着 {frame[-2]:02X}，算得 {found:02X}",
            f"it says {frame[-2]:02X}, the bytes give {found:02X}",
        )
    return frame


@dataclass(frozen=True, slots=True)
class _Record:
    """A record of now that holds a number: its value field without the extension bit, further ones, and the number; a
    ``Decimal`` is a 32-bit real of the meter, which no counter may be."""

    vif: int
    vife: tuple[int, ...]
    number: int | Decimal
    shown: str

    @property
    def is_plain(self) -> bool:
        """Whether the number means what its value field says, and nothing further."""
        return not self.vife


def _records(frame: Sequence[int]) -> list[_Record]:
    """The records of now that hold a whole number. TelegramRefused MB5 when the data cannot be cut into records."""
    import meterbus  # slow to load, and few files hold telegrams

    try:
        found = meterbus.TelegramLong(list(frame)).records
        return [record for one in found if (record := _record(one)) is not None]
    except (
        meterbus.MBusFrameDecodeError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        UnboundLocalError,
    ):
        raise TelegramRefused("MB5") from None


def _record(one: Any) -> _Record | None:
    information, value = list(one.dib.parts), list(one.vib.parts)
    if not value or information[0] & 0x0F in (0x0D, 0x0F) or information[0] & 0x30:
        return None
    if information[0] & 0x40 or any(part & 0x7F for part in information[1:]):
        return None  # another storage, tariff or part of the meter
    data = list(one.dataField.parts)
    size = _SIZES.get(information[0] & 0x0F)
    if size is None:
        return None
    if len(data) != size:
        raise ValueError("the record is cut short")
    number = _number(information[0] & 0x0F, data)
    if number is None:
        return None  # an error value of the meter
    shown = " ".join(f"{part:02X}" for part in (*information, *value, *data))
    return _Record(value[0] & 0x7F, tuple(part & 0x7F for part in value[1:]), number, shown)


#: Bytes of data by the low half of the information byte: integers, one real, and digits.
_SIZES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 4, 6: 6, 7: 8, 9: 1, 10: 2, 11: 3, 12: 4, 14: 6}
_REAL, _FIRST_BCD = 5, 9


def _number(encoding: int, data: Sequence[int]) -> int | Decimal | None:
    """None where the meter says that there is no value."""
    if encoding >= _FIRST_BCD:
        return _bcd(data)
    if encoding == _REAL:
        real = Decimal(struct.unpack("<f", bytes(data))[0])  # every 32-bit real is a decimal, exactly
        return real if real.is_finite() else None
    return int.from_bytes(data, "little", signed=True)


def _bcd(data: Sequence[int]) -> int | None:
    """Digits, low byte first; F at the front is the minus sign. None for any other sign among them."""
    digits = "".join(f"{part:02X}" for part in reversed(data))
    sign = -1 if digits[0] == "F" else 1
    digits = digits[1:] if sign < 0 else digits
    return sign * int(digits) if digits.isdecimal() else None


# Value fields by their bits above the exponent, with the exponent of ten that stands for n = 0 in the unit named.
_WATT_HOURS, _JOULES = range(0x08), range(0x08, 0x10)
_VOLUME = (range(0x10, 0x18), -6)
_ON_TIME, _OPERATING_TIME = range(0x20, 0x24), range(0x24, 0x28)
_POWER = (range(0x28, 0x30), -3)
_FLOWS = ((range(0x38, 0x40), -6, 1), (range(0x40, 0x48), -7, 60), (range(0x48, 0x50), -9, 3600))
_FLOW_TEMPERATURE = (range(0x58, 0x5C), -3)
_RETURN_TEMPERATURE = (range(0x5C, 0x60), -3)
#: Value fields of the first extension: 10**-1 and 1 MWh, 10**-1 and 1 GJ.
_EXTENSION = 0x7B
_POSITIVE_ONLY = 0x3B
_MEGAWATT_HOURS, _GIGAJOULES = range(0x02), range(0x08, 0x0A)
_HOURS_OF = {0: (1, 3600), 1: (1, 60), 2: (1, 1), 3: (24, 1)}


def _energies(records: Iterable[_Record]) -> list[Value]:
    """Every cumulative heat of now, in the unit family in which the meter counts: kWh, MWh, MJ or GJ."""
    found = []
    for one in records:
        if not isinstance(one.number, int):
            continue
        if one.vif == _EXTENSION and len(one.vife) == 1:
            if one.vife[0] in _MEGAWATT_HOURS:
                found.append(_value(one, one.vife[0] - 1, "MWh"))
            elif one.vife[0] in _GIGAJOULES:
                found.append(_value(one, one.vife[0] - 0x08 - 1, "GJ"))
        elif _is_heat_taken(one) and one.vif in _WATT_HOURS:
            found.append(_value(one, one.vif - 3 - 3, "kWh"))
        elif _is_heat_taken(one) and one.vif in _JOULES:
            found.append(_value(one, one.vif - 0x08 - 6, "MJ"))
    return found


def _is_heat_taken(one: _Record) -> bool:
    """A counter of its own, or of positive contributions only: what a meter for heat and cooling counts as heat."""
    return one.is_plain or one.vife == (_POSITIVE_ONLY,)


def _first(records: Iterable[_Record], fields: dict[tuple[range, int], int], unit: str) -> Value | None:
    """The first record of one of these fields; each with the power of ten between its unit and ``unit``."""
    for one in records:
        for (field, least), shift in fields.items():
            if one.is_plain and one.vif in field:
                return _value(one, one.vif - field.start + least + shift, unit)
    return None


def _flow(records: Iterable[_Record]) -> Value | None:
    for one in records:
        for field, least, times in _FLOWS:
            if one.is_plain and one.vif in field:
                return _value(one, one.vif - field.start + least, "m3/h", times)
    return None


def _hours(records: Sequence[_Record]) -> Value | None:
    """The hours of operation; those under power where the meter counts no others. Seconds and minutes that make no
    hundredth of an hour are left to the reader of the number to refuse or round."""
    for field in (_OPERATING_TIME, _ON_TIME):
        for one in records:
            if one.is_plain and one.vif in field:
                times, part = _HOURS_OF[one.vif - field.start]
                return Value(Decimal(one.number * times) / part, "h", one.shown)
    return None


def _value(one: _Record, exponent: int, unit: str, times: int = 1) -> Value:
    return Value(Decimal(one.number * times).scaleb(exponent), unit, one.shown)


def _meter_no(number: Sequence[int]) -> str:
    """The identification number: eight digits, low byte first."""
    return "".join(f"{part:02X}" for part in reversed(number))


def _manufacturer(code: int) -> str:
    """Three letters, five bits each (EN 62056-21)."""
    return "".join(chr((code >> shift & 0x1F) + 64) for shift in (10, 5, 0))
