"""What every document has in common: a canonical form, the digest of it, and strictly formed fields.

The canonical form is the JSON of :meth:`Document.as_dict` as RFC 8785 writes it (keys sorted, no
spaces, UTF-8); there are no floating-point numbers in it, amounts are decimal strings. Its SHA-256 is
printed on the page, so a paper copy can be held against the register years later.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any, ClassVar, Final, TypeAlias

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"

BEIJING: Final = dt.timezone(dt.timedelta(hours=8), "UTC+08:00")  # the day of a document is the day in China
MAX_TEXT: Final = 20_000  # characters of one field: a page holds about 1,000

_MONEY: Final = re.compile(r"-?(0|[1-9][0-9]{0,15})\.[0-9]{2}", re.ASCII)
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,6})?", re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_WEB_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~%/?=&+-]*)?", re.ASCII)


class DocumentRefused(ValueError):
    """A field cannot be printed as it stands; ``zh`` and ``en`` say which, why, and how to mend it."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(f"{field}: {zh} / {en}")
        self.field = field
        self.zh = f"{field}：{zh}"
        self.en = f"{field}: {en}"


@dataclass(frozen=True, slots=True)
class Bilingual:
    """The same statement twice; ``en`` may be empty where only the Chinese exists (a company's name, a
    formula)."""

    zh: str
    en: str = ""

    def __post_init__(self) -> None:
        if not self.zh:
            raise DocumentRefused("zh", "中文文本不得为空。", "the Chinese text must not be empty.")


@dataclass(frozen=True, slots=True)
class EvidenceReference:
    """A piece of evidence by its SHA-256, and what it is."""

    digest: str
    name: Bilingual

    def __post_init__(self) -> None:
        demand_digest("digest", self.digest)


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who answers for it, and as what."""

    name: str
    role: Bilingual


class Document(ABC):
    """A frozen document. Subclasses are frozen dataclasses and say how they are called and dated;
    one that leaves a property out cannot be made."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1

    @property
    @abstractmethod
    def title(self) -> Bilingual:
        """The heading of the first page and the title in the file's properties."""

    @property
    @abstractmethod
    def reference(self) -> str:
        """The number in the running header."""

    @property
    @abstractmethod
    def issuer(self) -> Bilingual:
        """Who issues it; the author in the file's properties."""

    @property
    @abstractmethod
    def dated_on(self) -> dt.date:
        """The day the file is dated, whenever it is rendered."""

    @property
    @abstractmethod
    def verify_address(self) -> str:
        """The page that says whether this document is genuine; empty when there is none."""

    def as_dict(self) -> dict[str, Json]:
        """Every field as JSON, with the kind of document and the version of its layout of fields."""
        content = _plain(self)
        if not isinstance(content, dict):
            raise TypeError(f"{type(self).__name__} is not a dataclass")
        return {"document": self.kind, "version": self.version, **content}

    def canonical(self) -> bytes:
        """The bytes that :attr:`digest` is the SHA-256 of (RFC 8785)."""
        return json.dumps(
            self.as_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        ).encode("utf-8")

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form, 64 hex digits."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def demand_printable_text(self) -> None:
        """Every text, however deep, can be encoded and has a printable length. Raises DocumentRefused."""
        for where, text in _texts(self, type(self).__name__):
            if len(text) > MAX_TEXT:
                raise DocumentRefused(
                    where,
                    f"文本长 {len(text)} 个字符，超过 {MAX_TEXT}：请缩短，或移入附件。",
                    f"the text has {len(text)} characters, more than {MAX_TEXT}: shorten it or move it to an annex.",
                )
            if any("\ud800" <= character <= "\udfff" for character in text):
                raise DocumentRefused(
                    where,
                    "含有不成对的代理码点，不是有效文本：请以正确编码重新录入。",
                    "contains an unpaired surrogate, which is no text: enter it again in the right encoding.",
                )


def demand_money(**amounts: str | None) -> None:
    """Each amount is CNY written with exactly two decimals, such as ``-1234.50``, or None."""
    for field, amount in amounts.items():
        if amount is not None and not _MONEY.fullmatch(amount):
            raise DocumentRefused(
                field,
                f"{amount[:40]!r} 不是金额：应写成两位小数，如 -1234.50，不带千位分隔符。",
                f"{amount[:40]!a} is no amount: write it with two decimals, such as -1234.50, without separators.",
            )


def demand_number(**numbers: str | None) -> None:
    """Each number is a plain decimal with at most six decimals, or None."""
    for field, number in numbers.items():
        if number is not None and not _NUMBER.fullmatch(number):
            raise DocumentRefused(
                field,
                f"{number[:40]!r} 不是数字：应写成普通小数，最多六位小数。",
                f"{number[:40]!a} is no number: write a plain decimal with at most six decimals.",
            )


def demand_digest(field: str, digest: str) -> None:
    """``digest`` is a SHA-256 in lower-case hex."""
    if not _SHA256.fullmatch(digest):
        raise DocumentRefused(
            field,
            "应为 64 位小写十六进制的 SHA-256。",
            "expected a SHA-256 of 64 lower-case hex digits.",
        )


def demand_web_address(field: str, address: str) -> None:
    """``address`` is an http(s) address of plain characters, at most 300 of them (a QR code must stay
    readable)."""
    if len(address) > 300 or not _WEB_ADDRESS.fullmatch(address):
        raise DocumentRefused(
            field,
            "应为 http 或 https 网址，仅含普通字符，至多 300 个。",
            "expected an http or https address of plain characters, at most 300.",
        )


def demand_instant(field: str, instant: dt.datetime) -> None:
    """``instant`` knows its offset from UTC."""
    if instant.tzinfo is None:
        raise DocumentRefused(field, "时间缺少时区。", "the instant has no offset from UTC.")


def _plain(value: Any) -> Json:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (str, bool, int)):
        return value
    raise TypeError(f"a document holds no {type(value).__name__}: {value!r:.80}")


def _texts(value: Any, where: str) -> Iterable[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _texts(getattr(value, field.name), f"{where}.{field.name}")
    elif isinstance(value, tuple):
        for position, item in enumerate(value, start=1):
            yield from _texts(item, f"{where}[{position}]")
