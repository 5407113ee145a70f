"""What the heat meters show, on which days they are read, and whose reading is missing, estimated or taken elsewhere.

A meter counts real heat. What the company files of it, and what it bills, can differ from that in the ways of ``KINDS``; each
is chosen for an account and a season before its bills are made, so that bills and readings tell the same story.
"""

from __future__ import annotations

import calendar
import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from supervision.demonstration.generator_rates import RATES, SeasonDays, share_of

if TYPE_CHECKING:
    from supervision.demonstration.generator_accounts import Account
    from supervision.demonstration.generator_companies import CompanyPlan

HEAT = Decimal("0.001")
RE_READ_AFTER = dt.timedelta(days=8)
OTHER_PERIOD_AFTER = dt.timedelta(days=10)

#: What is billed: the bill closes on an estimate; the next bill opens on it (``reversed``), on the stand below it, on the one
#: above it; or the meter is read lower at once. ``waiting``: no bill follows yet.
CLOSES_ON_ESTIMATE = ("reversed", "waiting", "never_billed", "billed_twice", "read_lower")
#: The bill shows the stand that was read, and charges the heat up to another one: an estimate, or the reading of a later day.
CHARGES_OTHER_HEAT = ("estimate_not_reversed", "other_meter_or_period")
#: A round in which the meter is not read, or read some days into the next month.
NOT_READ = ("missing", "late")
KINDS = (*CLOSES_ON_ESTIMATE, *CHARGES_OTHER_HEAT, *NOT_READ)

_SHARE_SHOWN = {
    "reversed": Decimal("0.6"),
    "waiting": Decimal("0.7"),
    "never_billed": Decimal("0.5"),
    "billed_twice": Decimal("1.35"),
    "read_lower": Decimal("1.3"),
    "estimate_not_reversed": Decimal("1.4"),
}  # of the heat since the last round that was read
_AFTER_SEASON = Decimal("0.09")  # heat of the days after the season, as a share of the season's
FIRST_SEASON = "2024-25"
_FIRST_SEASON_ONLY = ("reversed", "never_billed", "billed_twice")  # the next season's bill decides
_LAST_SEASON_ONLY = ("waiting", "read_lower", "other_meter_or_period", *NOT_READ)
_MOST_INTENSITY = Decimal("0.80")  # with the heat estimated beyond it the bill stays below the area fee
_COLDNESS = {10: 5, 11: 9, 12: 12, 1: 14, 2: 11, 3: 8, 4: 5}  # heat of a day, by month


@dataclass(frozen=True, slots=True)
class MeterSeason:
    """One meter in one season, in the unit of the tariff. ``real`` is the true stand on each day of :func:`rounds`; the bill
    ``opens`` and ``closes`` on what the company takes for it, and ``charged`` is the heat it charges."""

    kind: str
    real: tuple[Decimal, ...]
    opens: Decimal
    closes: Decimal
    charged: Decimal

    @property
    def last_read(self) -> int:
        """The place of the last round that was read: before an estimate at the end one that is not read either, where a season
        has as many rounds."""
        return _last_read(self.real, self.kind)

    def shown_since_read(self, stand: Decimal) -> Decimal:
        """A stand after the last round that was read, as filed."""
        return _estimate(self.real, stand, self.kind)

    @property
    def after_season(self) -> Decimal:
        """The stand some days after the season."""
        return (self.real[-1] + (self.real[-1] - self.real[0]) * _AFTER_SEASON).quantize(HEAT)


def rounds(days: SeasonDays, season: str) -> list[dt.date]:
    """The days on which meters are read: the first and the last of the season, and between them the ends of the months; in the
    first season the end of January alone."""
    first, last = days.dates(season)
    months = (1,) if season == FIRST_SEASON else (10, 11, 12, 1, 2, 3)
    ends = [_end_of_month(first.year + (month < 7), month) for month in months]
    return [first, *(end for end in ends if first < end < last and end.month != first.month), last]


def _end_of_month(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def stands_of(account: Account, season: str, heat: Decimal) -> MeterSeason:
    """The meter counts ``heat`` over the season, and the account remembers how it was read and where the next bill opens."""
    days = RATES[account.city, account.category].season
    real = _counted(account.meter_stand, heat, days, season)
    kind = account.closings.get(season, "")
    opens = account.meter_stand if account.bill_opens is None else account.bill_opens
    shown = _estimate(real, real[-1], kind)
    closes = shown if kind in CLOSES_ON_ESTIMATE else real[-1]
    found = MeterSeason(kind, real, opens, closes, closes - opens)
    if kind == "estimate_not_reversed":
        found = MeterSeason(kind, real, opens, closes, shown - opens)
    elif kind == "other_meter_or_period":
        found = MeterSeason(kind, real, opens, closes, found.after_season - opens)
    account.meter_stand = real[-1]
    account.bill_opens = closes if kind == "reversed" else None
    account.metered[season] = found
    return found


def _estimate(real: Sequence[Decimal], stand: Decimal, kind: str) -> Decimal:
    """What is filed for a stand after the last round that was read: more or less heat since then."""
    share = _SHARE_SHOWN.get(kind)
    if share is None:
        return stand
    before = real[_last_read(real, kind)]
    return (before + (stand - before) * share).quantize(HEAT)


def _last_read(real: Sequence[Decimal], kind: str) -> int:
    if kind not in _SHARE_SHOWN:
        return len(real) - 1
    return len(real) - (3 if len(real) > 3 else 2)


def _counted(start: Decimal, heat: Decimal, days: SeasonDays, season: str) -> tuple[Decimal, ...]:
    """The true stand on each round: the heat lies on the days as they are cold."""
    ends = rounds(days, season)
    cold = [0]
    for before, after in pairwise(ends):
        cold.append(cold[-1] + (after - before).days * _COLDNESS[after.month])
    return tuple(
        (start + share_of(heat, one, cold[-1])).quantize(HEAT, rounding=ROUND_HALF_UP) for one in cold
    )


def choose_kinds(
    plan: CompanyPlan, accounts: Sequence[Account], seasons: Sequence[str], chance: random.Random
) -> None:
    """The company's share of each kind falls on metered accounts, one an account."""
    metered = [account for account in accounts if account.method == "metered"]
    free = [account for account in metered if account.intensity <= _MOST_INTENSITY]
    chance.shuffle(free)
    for kind, per_thousand in plan.meter_kinds:
        for _ in range(max(1, len(metered) * per_thousand // 1000)):
            if free:
                _choose(free.pop(), kind, seasons, chance)


def _choose(account: Account, kind: str, seasons: Sequence[str], chance: random.Random) -> None:
    possible = seasons
    if kind in _FIRST_SEASON_ONLY:
        possible = seasons[:-1]
    elif kind in _LAST_SEASON_ONLY:
        possible = seasons[-1:]
    season = chance.choice(possible)
    if kind in NOT_READ:
        days = rounds(RATES[account.city, account.category].season, season)
        account.unread[season] = (chance.randint(1, len(days) - 3), kind)
    else:
        account.closings[season] = kind
