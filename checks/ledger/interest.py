"""What money that should have been given back would have earned: an indication, since no law on heat sets a rate.

Simple interest at the rates of ``rates.yaml``: each day at the rate in force on it, 365 days a year, rounded once,
half away from zero, to the fen. Days before the first rate earn nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from importlib.resources import files

import yaml

DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate from a day on, in per cent a year."""

    since: dt.date
    per_cent: Decimal


@cache
def rates() -> tuple[Rate, ...]:
    """The rates that ship, the earliest first."""
    data = yaml.safe_load(files("checks.ledger").joinpath("rates.yaml").read_text(encoding="utf-8"))
    found = tuple(Rate(one["since"], Decimal(one["per_cent"])) for one in data["rates"])
    if list(found) != sorted(found, key=lambda rate: rate.since) or any(rate.per_cent < 0 for rate in found):
        raise ValueError("rates.yaml: rates must rise by day and may not be negative")
    return found


def rates_end() -> dt.date:
    """The first day of the last rate on record: later changes are not known here."""
    return rates()[-1].since


def interest(amount: Decimal, since: dt.date, until: dt.date, table: Sequence[Rate] | None = None) -> Decimal:
    """Of ``amount`` (CNY, not negative) from the day after ``since`` to ``until``, both included; 0.00 where that is no day.
    Raises ValueError for a negative amount."""
    if amount < 0:
        raise ValueError("interest runs on money owed, which is not negative")
    share = _share(since, until, rates() if table is None else tuple(table))
    fen = Fraction(amount) * 100 * share
    return Decimal(int(fen + Fraction(1, 2))).scaleb(-2)


@lru_cache(maxsize=4096)
def _share(since: dt.date, until: dt.date, table: tuple[Rate, ...]) -> Fraction:
    """What part of an amount its interest is."""
    per_cent_days = Fraction(0)
    for place, rate in enumerate(table):
        first = max(since + dt.timedelta(days=1), rate.since)
        last = until if place + 1 == len(table) else min(until, table[place + 1].since - dt.timedelta(days=1))
        per_cent_days += Fraction(rate.per_cent) * max((last - first).days + 1, 0)
    return per_cent_days / 100 / DAYS_A_YEAR
