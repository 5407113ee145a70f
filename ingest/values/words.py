"""Dates, instants, seasons, codes, booleans and identifiers: one strict reading for each distinct text."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from ingest.standard import Column
from ingest.values.cells import Reading

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
#: Year, month and day apart by one of - / . or by 年月日. Eight digits may as well be a number, so they are no date.
_LOOSE = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)", re.ASCII
)
_MIDNIGHT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]00:00:00", re.ASCII)
_SERIAL = re.compile(r"[0-9]{5}", re.ASCII)
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})([T ])([0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
_INSTANT_LOOSE = re.compile(
    r"([0-9]{4})(?:[/.-]([0-9]{1,2})[/.-]([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)[ T]?([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?",
    re.ASCII,
)
_INSTANT_SERIAL = re.compile(r"[0-9]{5}\.[0-9]{1,15}", re.ASCII)
_SEASON = re.compile(r"(20[0-9]{2})-([0-9]{2})", re.ASCII)
_SEASON_LOOSE = re.compile(r"(20[0-9]{2})[-/—–](20[0-9]{2})(?:采暖季|供暖季|年度)?", re.ASCII)
_SPACES = " \t\u00a0\u3000"
_EPOCH = dt.date(1970, 1, 1)
_INSTANT_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
#: Day 0 of the 1900 date system as Excel counts after its missing leap day; serials are taken for 1982 to 2100.
_SERIAL_ZERO = dt.date(1899, 12, 30)
_SERIALS = range(30000, 73416)
#: An Excel serial holds about 15 digits, so a second is known to a few microseconds; more off than this is no second.
_SERIAL_NOISE = Decimal("0.002")
_DAY_SECONDS = 86_400
_FIRST_DAY, _LAST_DAY = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
_TRUE = frozenset({"true", "是", "1", "y", "yes"})
_FALSE = frozenset({"false", "否", "0", "n", "no"})
#: What an identifier may hold besides ASCII: Chinese characters and full-width letters, digits and brackets.
_IDENTIFIER = re.compile(
    "[0-9A-Za-z_\\-./#:()\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff〇（）－＃：０-９Ａ-Ｚａ-ｚ]{1,64}"
)


def read_date(text: str) -> Reading:
    """Days since 1970-01-01. ``YYYY-MM-DD`` as it stands; ``2025/1/5``, ``2025.1.5``, ``2025-1-5``,
    ``2025年1月5日``, full-width digits, midnight instants and Excel serial days are taken and named; anything else, 29 February
    2026, ``20250105`` and ``05/01/2025`` included, is refused (V05)."""
    bare = text.strip(_SPACES)
    if _ISO.fullmatch(bare):
        return _day(bare, bare, "spaces" if bare != text else "")
    found = _LOOSE.fullmatch(unicodedata.normalize("NFKC", bare))
    if found is not None:
        year, month, day = found[1], found[3] or found[5], found[4] or found[6]
        return _day(f"{year}-{int(month):02d}-{int(day):02d}", bare, "date_form")
    midnight = _MIDNIGHT.fullmatch(bare)
    if midnight is not None:
        return _day(midnight[1], bare, "midnight")
    if _SERIAL.fullmatch(bare) and int(bare) in _SERIALS:
        return _day((_SERIAL_ZERO + dt.timedelta(days=int(bare))).isoformat(), bare, "excel_serial")
    return Reading(edit="V05")


def _day(iso: str, _bare: str, rule: str) -> Reading:
    try:
        day = dt.date.fromisoformat(iso)
    except ValueError:
        return Reading(edit="V05")
    if not _FIRST_DAY <= day <= _LAST_DAY:
        return Reading(edit="V05")
    return Reading((day - _EPOCH).days, rule=rule, after=iso if rule else "")


def read_instant(text: str) -> Reading:
    """Microseconds since 1970-01-01T00:00Z. ISO 8601 with an offset as it stands; without one it is Asia/Shanghai and named;
    ``2025/12/3 8:00``, ``2025年12月3日 8:00`` and Excel serials with a time are taken and named. A day without a time, 25:00
    and 29 February 2026 are refused (V13)."""
    bare = text.strip(_SPACES)
    rules = ["spaces"] if bare != text else []
    exact = _INSTANT.fullmatch(bare)
    if exact is not None:
        day, between, minutes, seconds, offset = exact.groups()
        rules += ["instant_form"] if between == " " or not seconds else []
        return _instant(f"{day}T{minutes}{seconds or ':00'}", offset, rules)
    loose = _INSTANT_LOOSE.fullmatch(bare)
    if loose is not None:
        year, month, date, hour, minute, second = (
            loose[1], loose[2] or loose[4], loose[3] or loose[5], loose[6], loose[7], loose[8] or "0",
        )  # fmt: skip
        iso = f"{year}-{int(month):02d}-{int(date):02d}T{int(hour):02d}:{minute}:{int(second):02d}"
        return _instant(iso, None, [*rules, "instant_form"])
    if _INSTANT_SERIAL.fullmatch(bare) and int(bare[:5]) in _SERIALS:
        return _serial_instant(Decimal(bare), rules)
    return Reading(edit="V13")


def _instant(iso: str, offset: str | None, rules: list[str]) -> Reading:
    if offset is None:
        rules = [*rules, "offset_assumed"]
    try:
        read = dt.datetime.fromisoformat(iso + (offset or "+08:00"))
        instant = read.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return Reading(edit="V13")
    if not _FIRST_DAY <= instant.date() <= _LAST_DAY:
        return Reading(edit="V13")
    microseconds = (instant - _INSTANT_EPOCH) // dt.timedelta(microseconds=1)
    return Reading(microseconds, rule="+".join(rules), after=read.isoformat() if rules else "")


def _serial_instant(serial: Decimal, rules: list[str]) -> Reading:
    seconds = (serial % 1) * _DAY_SECONDS
    whole = int(seconds.to_integral_value())
    if abs(seconds - whole) > _SERIAL_NOISE:
        return Reading(edit="V13")
    local = dt.datetime.combine(_SERIAL_ZERO, dt.time()) + dt.timedelta(days=int(serial), seconds=whole)
    return _instant(local.isoformat(), None, [*rules, "excel_serial"])


def read_season(text: str) -> Reading:
    """The first year of ``2025-26``; ``2025-2026`` is taken and named; others are refused (V12)."""
    bare = text.strip(_SPACES)
    exact = _SEASON.fullmatch(bare)
    if exact is not None and int(exact[2]) == (int(exact[1]) + 1) % 100:
        return Reading(
            int(exact[1]), rule="spaces" if bare != text else "", after=bare if bare != text else ""
        )
    loose = _SEASON_LOOSE.fullmatch(bare)
    if loose is not None and int(loose[2]) == int(loose[1]) + 1:
        return Reading(int(loose[1]), rule="season_form", after=season_text(int(loose[1])))
    return Reading(edit="V12")


def season_text(year: int) -> str:
    return f"{year:04d}-{(year + 1) % 100:02d}"


def read_bool(text: str) -> Reading:
    """``true`` or ``false``; 是/否, 1/0, yes/no and capitals are taken and named; others are refused (V11)."""
    if text in ("true", "false"):
        return Reading(int(text == "true"))
    bare = text.strip(_SPACES).lower()
    if bare in _TRUE or bare in _FALSE:
        return Reading(int(bare in _TRUE), rule="boolean_form", after="true" if bare in _TRUE else "false")
    return Reading(edit="V11")


def code_reader(column: Column, own_words: Mapping[str, str]) -> dict[str, Reading]:
    """Every spelling of the column's codes that is taken: the code itself, and its label and aliases and the company's own
    words, which are named."""
    spellings: dict[str, Reading] = {}
    for place, code in enumerate(column.codes):
        for other in (code.zh, *code.aliases):
            spellings[other] = Reading(place, rule="code_label", after=code.code)
    places = {code.code: place for place, code in enumerate(column.codes)}
    for word, meant in own_words.items():
        spellings[word] = Reading(places[meant], rule="profile_code", after=meant)
    for place, code in enumerate(column.codes):
        spellings[code.code] = Reading(place)
    return spellings


def read_code(text: str, spellings: dict[str, Reading]) -> Reading:
    """The place in the code list; surrounding spaces are taken and named; others are refused (V08)."""
    known = spellings.get(text)
    if known is not None:
        return known
    known = spellings.get(text.strip(_SPACES))
    if known is None:
        return Reading(edit="V08")
    return Reading(
        known.value,
        rule="+".join(filter(None, ("spaces", known.rule))),
        after=known.after or text.strip(_SPACES),
    )


def read_identifier(text: str) -> Reading:
    """Surrounding spaces are dropped and named; invisible characters are refused as N06, others that no identifier may
    have as V09. The text itself is never changed otherwise."""
    bare = text.strip(_SPACES)
    if not bare:
        return Reading(edit="N06")
    if any(
        unicodedata.category(character) in ("Cf", "Zs", "Zl", "Zp") and character != " " for character in bare
    ):
        return Reading(edit="N06")
    if _IDENTIFIER.fullmatch(bare) is None:
        return Reading(edit="V09")
    return Reading(rule="spaces" if bare != text else "", after=bare if bare != text else "")
