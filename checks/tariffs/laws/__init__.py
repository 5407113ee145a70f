"""Rules of laws that bind every tariff of a province or city, also where its price notice does not repeat them.

A record that states a rule of its own goes first; else the law of the city, else that of the province.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from importlib.resources import files

from checks.tariffs.errors import TariffDataError
from checks.tariffs.load import parse_yaml
from checks.tariffs.record import OutageRule, Tariff
from checks.tariffs.written import read_written


@dataclass(frozen=True, slots=True)
class OutageLaw:
    """What a law says of time without heat. ``city`` is "" for a whole province; it binds from ``valid_from`` on
    (None: since before its earliest source). ``assumed`` names what is our reading."""

    id: str
    province: str
    name: str
    name_en: str
    place: str
    place_en: str
    outage: OutageRule
    city: str = ""
    categories: tuple[str, ...] = ()  # empty: every category
    valid_from: dt.date | None = None
    assumed: tuple[str, ...] = ()


@functools.cache
def outage_laws() -> tuple[OutageLaw, ...]:
    """The laws that ship, those of cities first. Raises :class:`TariffDataError` naming law and field."""
    name = "outages.yaml"
    data = parse_yaml(name, files("checks.tariffs.laws").joinpath(name).read_text(encoding="utf-8"))
    try:
        laws: list[OutageLaw] = [read_written(OutageLaw, one) for one in data["laws"]]
    except TariffDataError as error:
        raise error.at(file=name) from None
    return tuple(sorted(laws, key=lambda law: (law.city == "", law.id)))


def outage_law(tariff: Tariff, on: dt.date) -> OutageLaw | None:
    """The law that binds the tariff's city on a day: the city's own before the province's."""
    for law in outage_laws():
        is_there = law.province == tariff.province and law.city in ("", tariff.city)
        is_there = is_there and (not law.categories or tariff.category in law.categories)
        if is_there and (law.valid_from is None or law.valid_from <= on):
            return law
    return None


def outage_rule(tariff: Tariff, on: dt.date) -> OutageRule | None:
    """The rule for time without heat on a day: the record's own, else the law's; None where neither says anything."""
    if tariff.outage is not None:
        return tariff.outage
    law = outage_law(tariff, on)
    return None if law is None else law.outage
