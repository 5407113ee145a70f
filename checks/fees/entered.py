"""What stands in the way of entering a charge into the register: asked when an officer enters it and when it is approved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from checks.fees import Fee, FeeRegister, FeeSource, Ruling, Standing, plain_name
from checks.tariffs.consistency import Contradiction

#: A shorter name would be found in the names of charges that are something else.
LEAST_LETTERS = 2
NAME_LENGTH = 40
MOST_NAMES = 30

_CODE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*\Z")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def contradictions(fee: Fee, source: FeeSource, register: FeeRegister) -> list[Contradiction]:
    """Everything in the way, by the field it concerns. ``fee`` is a new charge, or more names and at most one ruling of one
    that ``register`` knows."""
    return [
        *_of_charge(fee, register),
        *_of_names(fee, register),
        *_of_ruling(fee, register),
        *_of_source(source),
    ]


def is_official(url: str | None) -> bool:
    """Whether the address is a page of a Chinese government site."""
    try:
        parts = urlsplit(url or "")
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and (host == "gov.cn" or host.endswith(".gov.cn"))


def _of_charge(fee: Fee, register: FeeRegister) -> Iterator[Contradiction]:
    if not _CODE.match(fee.code) or len(fee.code) > NAME_LENGTH:
        yield Contradiction(
            "code",
            f"代码只用小写字母、数字和下划线，以字母开头，至多 {NAME_LENGTH} 个字符，例如 pump_fee",
            f"a code is of small letters, digits and underscores, begins with a letter and has at most {NAME_LENGTH} "
            "characters, such as pump_fee",
        )
    known = register.fee(fee.code)
    if known is None and not fee.rulings:
        yield Contradiction(
            "standing", "新收费项目须写明规定", "a new charge needs what a law or notice says of it"
        )
    if known is not None and (known.zh, known.en) != (fee.zh, fee.en):
        yield Contradiction(
            "code",
            f"代码 {fee.code} 已是“{known.zh}”；请从列表选择该项目，或换一个代码",
            f"the code {fee.code} is that of {known.en} already; choose that charge from the list, or another code",
        )
    yield from _bilingual("zh", fee.zh, "en", fee.en)


def _of_names(fee: Fee, register: FeeRegister) -> Iterator[Contradiction]:
    known = register.fee(fee.code)
    own = {plain_name(name) for name in known.names} if known else set()
    if not fee.names and (known is None or not fee.rulings):
        yield Contradiction("names", "请至少写一个账单上的名称", "give at least one name it goes by on bills")
    if len(fee.names) > MOST_NAMES:
        yield Contradiction("names", f"至多 {MOST_NAMES} 个名称", f"at most {MOST_NAMES} names")
    for name in fee.names:
        plain = plain_name(name)
        owner = register.owner_of(name)
        if len(plain) < LEAST_LETTERS or len(name) > NAME_LENGTH:
            yield Contradiction(
                "names",
                f"名称“{name}”须有 {LEAST_LETTERS} 至 {NAME_LENGTH} 个字：过短会与别的收费混淆",
                f"the name “{name}” needs {LEAST_LETTERS} to {NAME_LENGTH} letters: a shorter one is found in the names "
                "of other charges",
            )
        elif owner is not None and owner.code != fee.code:
            yield Contradiction(
                "names",
                f"名称“{name}”已属于收费项目“{owner.zh}”（{owner.code}），一个名称只能属于一个项目",
                f"the name “{name}” belongs to the charge {owner.en} ({owner.code}) already; a name belongs to one charge",
            )
        elif plain in own:
            yield Contradiction(
                "names",
                f"名称“{name}”已登记在本项目下，请删去",
                f"the name “{name}” is registered for this charge already; take it out",
            )


def _of_ruling(fee: Fee, register: FeeRegister) -> Iterator[Contradiction]:
    for ruling in fee.rulings:
        yield from _bilingual("says_zh", ruling.says_zh, "says_en", ruling.says_en)
        if ruling.valid_from is None:
            yield Contradiction("valid_from", "请填写执行日期", "give the day from which it binds")
        limit = ruling.limit_per_m2_month
        if limit is not None and ruling.standing is not Standing.CONDITIONAL:
            yield Contradiction(
                "limit", "这种规定没有限额，请留空", "such a ruling has no limit; leave it empty"
            )
        if limit is not None and not 0 < limit < 100:
            yield Contradiction(
                "limit",
                "限额须大于 0、小于 100 元/㎡·月",
                "the limit lies above 0 and below 100 CNY per m² and month",
            )
        known = register.fee(fee.code)
        if known is not None and any(_is_of_same(one, ruling) for one in known.rulings):
            yield Contradiction(
                "valid_from",
                "该项目在同一地区、同一类别、同一日期已有规定；如有更正，请先撤回原登记",
                "the charge has a ruling of this place, category and day already; to correct it, withdraw that entry first",
            )


def _is_of_same(one: Ruling, other: Ruling) -> bool:
    return (one.province, one.city, one.categories, one.valid_from) == (
        other.province,
        other.city,
        other.categories,
        other.valid_from,
    )


def _of_source(source: FeeSource) -> Iterator[Contradiction]:
    yield from _bilingual("source_name", source.name, "source_name_en", source.name_en)
    if not is_official(source.url):
        yield Contradiction(
            "source_url",
            "请填写发文机关页面的网址（gov.cn），例如 https://www.gov.cn/…",
            "give the address of the page of the authority (gov.cn), such as https://www.gov.cn/…",
        )


def _bilingual(field_zh: str, zh: str, field_en: str, en: str) -> Iterator[Contradiction]:
    if not _CHINESE.search(zh):
        yield Contradiction(field_zh, "请用中文填写", "write it in Chinese")
    if not en.strip() or _CHINESE.search(en):
        yield Contradiction(field_en, "请用英文填写", "write it in English")
