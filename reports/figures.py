"""How figures, days, instants and digests are written on paper. Nothing is computed and nothing is
rounded."""

from __future__ import annotations

import datetime as dt
import unicodedata

from markupsafe import Markup

from reports.documents.document import BEIJING

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def grouped(number: str) -> str:
    """``-1234567.50`` as ``−1,234,567.50``: a real minus sign, thousands in groups, every digit kept."""
    sign, digits = ("−", number[1:]) if number.startswith("-") else ("", number)
    whole, point, decimals = digits.partition(".")
    return f"{sign}{int(whole):,}{point}{decimals}"


def day_zh(day: dt.date) -> str:
    """``2026年4月5日`` (GB/T 9704: Arabic figures, no leading zero)."""
    return f"{day.year}年{day.month}月{day.day}日"


def day_en(day: dt.date) -> str:
    """``5 April 2026``."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def beijing_time(instant: dt.datetime) -> str:
    """``2026-04-05 17:03:09.120 +08:00``, milliseconds cut off."""
    local = instant.astimezone(BEIJING)
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03d} +08:00"


def short_digest(digest: str) -> str:
    """The first twelve digits in groups of four: enough to tell two documents apart by eye."""
    return " ".join(digest[start : start + 4] for start in (0, 4, 8))


def spaced_digest(digest: str) -> str:
    """All digits in groups of eight, to be read aloud and compared."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def visible(value: object) -> object:
    """Text in which nothing hides: control, direction-changing, zero-width and private characters
    become ``⟨U+202E⟩``, because what is signed must be what is read. Markup made by this package and
    figures pass as they are."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    if all(_is_plain(character) for character in value):
        return value
    return "".join(character if _is_plain(character) else f"⟨U+{ord(character):04X}⟩" for character in value)


def _is_plain(character: str) -> bool:
    return character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cn", "Zl", "Zp"}
