"""What was known of the tariffs on a day: notices published by then, and ends that later notices had not yet set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from checks.tariffs.record import Standing, Tariff

_DAY = dt.timedelta(days=1)


def as_known_on(tariffs: Sequence[Tariff], day: dt.date) -> tuple[Tariff, ...]:
    """The records whose notice was published by ``day`` (``known_from``), in their order. One that ends because a record
    took over that was not published by then is without that end, as everybody took it to be."""
    later = [one for one in tariffs if one.known_from > day]
    return tuple(_without_end_by(one, later) for one in tariffs if one.known_from <= day)


def _without_end_by(tariff: Tariff, later: Sequence[Tariff]) -> Tariff:
    if tariff.valid_to is None:
        return tariff
    for one in later:
        takes_over = one.valid_from == tariff.valid_to + _DAY or one.supersedes == tariff.id
        if takes_over and (one.city, one.service_area, one.category) == (
            tariff.city,
            tariff.service_area,
            tariff.category,
        ):
            return without_end(tariff)
    return tariff


def without_end(tariff: Tariff) -> Tariff:
    """The record as it stood before anybody knew its last day."""
    return replace(tariff, valid_to=None, standing=Standing.IN_FORCE)
