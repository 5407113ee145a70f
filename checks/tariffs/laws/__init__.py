"""Rules of laws that bind every tariff of a province or city, also where its price notice does not repeat them.

A record that states a rule of its own goes first; else the law of the city, else that of the province, as it stood on
the day.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import TypeVar

from checks.tariffs.consistency import band_contradictions
from checks.tariffs.errors import TariffDataError
from checks.tariffs.load import parse_yaml
from checks.tariffs.record import OutageRule, RefundRule, Tariff
from checks.tariffs.written import read_written


@dataclass(frozen=True, slots=True, kw_only=True)
class _Law:
    """``city`` is "" for a whole province; it binds from ``valid_from`` (None: since before its earliest source) to
    ``valid_to`` (None: still). ``place`` is what it says and where, ``assumed`` names what is our reading."""

    id: str
    province: str
    name: str
    name_en: str
    place: str
    place_en: str
    city: str = ""
    categories: tuple[str, ...] = ()  # empty: every category
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageLaw(_Law):
    """What a law says of time without heat."""

    outage: OutageRule


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLaw(_Law):
    """What a law says of rooms that are too cold."""

    refund: RefundRule


AnyLaw = TypeVar("AnyLaw", bound=_Law)


def _read(name: str, kind: type[AnyLaw]) -> tuple[AnyLaw, ...]:
    data = parse_yaml(name, files("checks.tariffs.laws").joinpath(name).read_text(encoding="utf-8"))
    try:
        laws: list[AnyLaw] = [read_written(kind, one) for one in data["laws"]]
    except TariffDataError as error:
        raise error.at(file=name) from None
    return tuple(sorted(laws, key=lambda law: (law.city == "", law.id)))


@functools.cache
def outage_laws() -> tuple[OutageLaw, ...]:
    """The laws on time without heat that ship, those of cities first. Raises :class:`TariffDataError` naming law and
    field."""
    return _read("outages.yaml", OutageLaw)


@functools.cache
def refund_laws() -> tuple[RefundLaw, ...]:
    """The laws on cold rooms that ship, those of cities first. Raises :class:`TariffDataError` naming law and field."""
    laws = _read("refunds.yaml", RefundLaw)
    for law in laws:
        for one in band_contradictions(law.refund.bands):
            raise TariffDataError(one.zh, one.en, file="refunds.yaml", record=law.id, field=one.field)
    return laws


def outage_law(tariff: Tariff, on: dt.date) -> OutageLaw | None:
    """The law on time without heat that binds the tariff's city on a day: the city's own before the province's."""
    return _binding(outage_laws(), tariff, on)


def refund_law(tariff: Tariff, on: dt.date) -> RefundLaw | None:
    """The law on cold rooms that binds the tariff's city on a day: the city's own before the province's."""
    return _binding(refund_laws(), tariff, on)


def _binding(laws: Iterable[AnyLaw], tariff: Tariff, on: dt.date) -> AnyLaw | None:
    for law in laws:
        is_there = law.province == tariff.province and law.city in ("", tariff.city)
        is_there = is_there and (not law.categories or tariff.category in law.categories)
        if is_there and (law.valid_from or on) <= on <= (law.valid_to or on):
            return law
    return None


def outage_rule(tariff: Tariff, on: dt.date) -> OutageRule | None:
    """The rule for time without heat on a day: the record's own, else the law's; None where neither says anything."""
    if tariff.outage is not None:
        return tariff.outage
    law = outage_law(tariff, on)
    return None if law is None else law.outage


def refund_rule(tariff: Tariff, on: dt.date) -> RefundRule | None:
    """The rule for cold rooms on a day: the record's own, else the law's; None where neither says anything."""
    if tariff.refund_bands and tariff.refund_standard_c is not None:
        return RefundRule(
            tariff.refund_standard_c, tariff.refund_bands, tariff.refund_basis, tariff.refund_after_hours
        )
    law = refund_law(tariff, on)
    return None if law is None else law.refund


def longest_term_hours() -> int:
    """The longest time without heat that a law on record lets pass before anything is due back."""
    return max(law.outage.after_hours for law in outage_laws())
