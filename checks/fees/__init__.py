"""The register of charges beside the heat price (收费项目登记): a name on a bill becomes a fee, a fee has a ruling.

No charge of the register is due beside a published price. What differs is why: abolished by name, forbidden by a law,
inside the price already, or set by nobody. A ``conditional`` charge may be lawful up to a limit where a condition holds
that no feed says, so a bill with one cannot be judged.
"""

from __future__ import annotations

import datetime as dt
import functools
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from importlib.resources import files

from checks.tariffs.errors import TariffDataError
from checks.tariffs.load import parse_yaml
from checks.tariffs.record import Tariff
from checks.tariffs.written import read_written


class Standing(StrEnum):
    """What a law or notice says of a charge."""

    ABOLISHED = "abolished"  # 已明令取消
    FORBIDDEN = "forbidden"  # 不得收取
    INSIDE_PRICE = "inside_price"  # 已含在热价内
    NO_AUTHORITY = "no_authority"  # 没有定价依据
    CONDITIONAL = "conditional"  # 符合条件的可在限额内收取


@dataclass(frozen=True, slots=True)
class FeeSource:
    """A law or notice; ``url`` only of an official page."""

    name: str
    name_en: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What ``source`` says of a charge in a city or province (both empty: everywhere), from a day on (None: since
    before its earliest source), for some categories (empty: all)."""

    standing: Standing
    source: str
    says_zh: str
    says_en: str
    province: str = ""
    city: str = ""
    categories: tuple[str, ...] = ()
    valid_from: dt.date | None = None
    limit_per_m2_month: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """A charge by its code, with every name it goes by on bills; rulings of a city or province go before general ones."""

    code: str
    zh: str
    en: str
    names: tuple[str, ...]
    rulings: tuple[Ruling, ...]


@functools.cache
def _register() -> tuple[tuple[Fee, ...], Mapping[str, FeeSource]]:
    name = "fees.yaml"
    data = parse_yaml(name, files("checks.fees").joinpath(name).read_text(encoding="utf-8"))
    try:
        sources = {key: read_written(FeeSource, one) for key, one in data["sources"].items()}
        fees = tuple(read_written(Fee, one) for one in data["fees"])
    except TariffDataError as error:
        raise error.at(file=name) from None
    known: set[str] = set()
    for fee in fees:
        for word in (fee.code, *map(_plain, fee.names)):
            if word in known:
                raise TariffDataError(f"{word} 登记了两次", f"{word} is registered twice", file=name)
            known.add(word)
        for ruling in fee.rulings:
            if ruling.source not in sources:
                raise TariffDataError(
                    f"来源 {ruling.source} 不存在", f"there is no source {ruling.source}", file=name
                )
    return fees, sources


def fees() -> tuple[Fee, ...]:
    """Every registered charge. Raises :class:`TariffDataError` where the register contradicts itself."""
    return _register()[0]


def source_of(ruling: Ruling) -> FeeSource:
    """The law or notice behind a ruling."""
    return _register()[1][ruling.source]


@functools.cache
def _by_name() -> Mapping[str, Fee]:
    return {_plain(name): fee for fee in fees() for name in fee.names}


def fee_named(name: str | None) -> Fee | None:
    """The charge a bill means by a name: the registered name itself, else the longest registered name in it
    (“2025年热力入网费” is 入网费). None for a name that the register does not know, and for none at all."""
    plain = _plain(name or "")
    known = _by_name()
    if plain in known:
        return known[plain]
    held = [word for word in known if word in plain]
    return known[max(held, key=lambda word: (len(word), word))] if held else None


def ruling_on(fee: Fee, *, province: str, city: str, category: str, on: dt.date) -> Ruling | None:
    """What holds for the charge at a place on a day: the city's ruling before the province's before the general one.
    None where no ruling is in force yet: then nobody set the charge either."""
    best: tuple[int, Ruling] | None = None
    for one in fee.rulings:
        is_there = one.province in ("", province) and one.city in ("", city)
        is_for = not one.categories or category in one.categories
        if is_there and is_for and (one.valid_from is None or one.valid_from <= on):
            weight = 2 * bool(one.city) + bool(one.province)
            if best is None or weight > best[0]:
                best = weight, one
    return None if best is None else best[1]


def ruling_for(fee: Fee, tariff: Tariff, on: dt.date) -> Ruling | None:
    """What holds for the charge beside a tariff on a day."""
    return ruling_on(fee, province=tariff.province, city=tariff.city, category=tariff.category, on=on)


def _plain(name: str) -> str:
    """The name without spaces, brackets and full-width forms."""
    text = unicodedata.normalize("NFKC", name)
    return "".join(letter for letter in text if letter.isalnum()).lower()
