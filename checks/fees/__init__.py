"""The register of charges beside the heat price (收费项目登记): a name on a bill becomes a fee, a fee has a ruling.

No charge of the register is due beside a published price. What differs is why: abolished by name, forbidden by a law,
inside the price already, or set by nobody. A ``conditional`` charge may be lawful up to a limit where a condition holds
that no feed says, so a bill with one cannot be judged.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any

from checks.tariffs.errors import TariffDataError
from checks.tariffs.load import parse_yaml
from checks.tariffs.record import Tariff
from checks.tariffs.written import read_written, written


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
    before its earliest source), for some categories (empty: all). ``known_from`` is the day its notice was published
    (None: as long as the register knows)."""

    standing: Standing
    source: str
    says_zh: str
    says_en: str
    province: str = ""
    city: str = ""
    categories: tuple[str, ...] = ()
    valid_from: dt.date | None = None
    known_from: dt.date | None = None
    limit_per_m2_month: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """A charge by its code, with every name it goes by on bills; rulings of a city or province go before general ones."""

    code: str
    zh: str
    en: str
    names: tuple[str, ...]
    rulings: tuple[Ruling, ...]


@dataclass(frozen=True, slots=True)
class FeeRegister:
    """The charges with their rulings and sources as known at a time: a value, like the tariffs at hand."""

    fees: tuple[Fee, ...]
    sources: Mapping[str, FeeSource]
    _by_name: Mapping[str, Fee] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises :class:`TariffDataError` where the register contradicts itself."""
        by_name: dict[str, Fee] = {}
        codes: set[str] = set()
        for fee in self.fees:
            if fee.code in codes:
                raise TariffDataError(f"{fee.code} 登记了两次", f"{fee.code} is registered twice")
            codes.add(fee.code)
            for name in fee.names:
                other = by_name.setdefault(plain_name(name), fee)
                if other is not fee:
                    raise TariffDataError(
                        f"名称“{name}”已属于收费项目“{other.zh}”（{other.code}）",
                        f"the name “{name}” belongs to the charge {other.en} ({other.code}) already",
                    )
            for ruling in fee.rulings:
                if ruling.source not in self.sources:
                    raise TariffDataError(
                        f"来源 {ruling.source} 不存在", f"there is no source {ruling.source}"
                    )
        object.__setattr__(self, "_by_name", by_name)

    def __reduce__(self) -> tuple[type[FeeRegister], tuple[tuple[Fee, ...], dict[str, FeeSource]]]:
        """It comes back whole in another process."""
        return type(self), (self.fees, dict(self.sources))

    def named(self, name: str | None) -> Fee | None:
        """The charge a bill means by a name: the registered name itself, else the longest registered name in it
        (“2025年热力入网费” is 入网费). None for a name that the register does not know, and for none at all."""
        plain = plain_name(name or "")
        if plain in self._by_name:
            return self._by_name[plain]
        held = [word for word in self._by_name if word in plain]
        return self._by_name[max(held, key=lambda word: (len(word), word))] if held else None

    def owner_of(self, name: str) -> Fee | None:
        """The charge that has exactly this name."""
        return self._by_name.get(plain_name(name))

    def fee(self, code: str) -> Fee | None:
        return next((fee for fee in self.fees if fee.code == code), None)

    def source_of(self, ruling: Ruling) -> FeeSource:
        """The law or notice behind a ruling."""
        return self.sources[ruling.source]

    def with_fee(self, fee: Fee, sources: Mapping[str, FeeSource]) -> FeeRegister:
        """The register with this charge entered too: a new one, or more names and rulings of one it knows. Raises
        :class:`TariffDataError` for a name that belongs to another charge."""
        known = self.fee(fee.code)
        if known is None:
            entered = (*self.fees, fee)
        else:
            own = {plain_name(name) for name in known.names}
            more = tuple(name for name in fee.names if plain_name(name) not in own)
            grown = replace(known, names=(*known.names, *more), rulings=(*known.rulings, *fee.rulings))
            entered = tuple(grown if one is known else one for one in self.fees)
        return FeeRegister(entered, {**self.sources, **sources})

    def as_written(self) -> bytes:
        """The canonical JSON: equal registers, equal bytes."""
        content = {
            "fees": [written(fee) for fee in self.fees],
            "sources": {key: written(source) for key, source in self.sources.items()},
        }
        return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of :meth:`as_written`."""
        return hashlib.sha256(self.as_written()).hexdigest()


def read_register(data: Mapping[str, Any]) -> FeeRegister:
    """The register a written form says. Raises :class:`TariffDataError`."""
    sources = {key: read_written(FeeSource, one) for key, one in data["sources"].items()}
    return FeeRegister(tuple(read_written(Fee, one) for one in data["fees"]), sources)


def register_of(content: bytes) -> FeeRegister:
    """The register of :meth:`FeeRegister.as_written`."""
    return read_register(json.loads(content))


def load_register(file: Path) -> FeeRegister:
    """The register of a file of its own, YAML or JSON. Raises :class:`TariffDataError`, ``OSError``,
    ``UnicodeDecodeError``."""
    data = parse_yaml(file.name, file.read_text(encoding="utf-8-sig"))
    missing = {"fees", "sources"} - set(data if isinstance(data, Mapping) else ())
    if missing or not isinstance(data["fees"], list) or not isinstance(data["sources"], Mapping):
        raise TariffDataError(
            "收费项目登记须有 fees（列表）和 sources（按代号）",
            "a register of charges has fees (a list) and sources (by key)",
            file=file.name,
        )
    try:
        found = read_register(data)
    except TariffDataError as error:
        raise error.at(file=file.name) from None
    if data.get("digest") not in (None, found.digest):
        raise TariffDataError(
            "内容与所写摘要（digest）不符，文件可能被改动",
            "the content is not that of its digest; the file may have been changed",
            file=file.name,
        )
    return found


@functools.cache
def shipped_register() -> FeeRegister:
    """The register that comes with the portal. Raises :class:`TariffDataError` where it contradicts itself."""
    name = "fees.yaml"
    data = parse_yaml(name, files("checks.fees").joinpath(name).read_text(encoding="utf-8"))
    try:
        return read_register(data)
    except TariffDataError as error:
        raise error.at(file=name) from None


def ruling_on(fee: Fee, *, province: str, city: str, category: str, on: dt.date) -> Ruling | None:
    """What holds for the charge at a place on a day: the city's ruling before the province's before the general one, and
    of those the one that binds since last. None where no ruling is in force yet: then nobody set the charge either."""
    best: tuple[tuple[int, dt.date], Ruling] | None = None
    for one in fee.rulings:
        is_there = one.province in ("", province) and one.city in ("", city)
        is_for = not one.categories or category in one.categories
        if is_there and is_for and (one.valid_from is None or one.valid_from <= on):
            weight = 2 * bool(one.city) + bool(one.province), one.valid_from or dt.date.min
            if best is None or weight > best[0]:
                best = weight, one
    return None if best is None else best[1]


def ruling_for(fee: Fee, tariff: Tariff, on: dt.date) -> Ruling | None:
    """What holds for the charge beside a tariff on a day."""
    return ruling_on(fee, province=tariff.province, city=tariff.city, category=tariff.category, on=on)


def plain_name(name: str) -> str:
    """The name without spaces, brackets and full-width forms."""
    text = unicodedata.normalize("NFKC", name)
    return "".join(letter for letter in text if letter.isalnum()).lower()
