"""Time without heat, as a tariff or a law counts it in days (docs/recomputation.md, "Refund for time without heat").

Microseconds are those of official time since 1970-01-01; everything is integers and fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from checks.recompute.service import DAY, Outage
from checks.tariffs.record import OutageDays, OutageRule

_HOUR = DAY // 24

#: Start and end of a stretch of time.
Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Dark:
    """The time without heat that counts on one bill: ``stretches`` inside its days of heat, ``days`` as the rule counts
    them, and the share of the daily fee due back for each. ``most_days`` where outages that hit an unknown part of the
    network are counted too; ``basis`` fen is the fee the daily fee is taken from."""

    stretches: tuple[Stretch, ...]
    days: Fraction
    most_days: Fraction
    share: Fraction
    basis: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it is not known that the account was without heat all that time."""
        return self.most_days > self.days


def joined(outages: Sequence[Outage]) -> list[Stretch]:
    """The time covered by the outages, those that meet or overlap as one."""
    found: list[Stretch] = []
    for one in sorted(outages):
        if found and one.start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], one.end)
        else:
            found.append((one.start, one.end))
    return found


def counted(rule: OutageRule, outages: Sequence[Outage], first: int, last: int) -> list[Stretch]:
    """The stretches that earn something back between the days ``first`` and ``last``, both included. Whether an outage
    is long enough is asked of all of it, what is given back of the part in those days."""
    everything = joined(outages)
    start, end = first * DAY, (last + 1) * DAY
    inside = [(max(begin, start), min(stop, end)) for begin, stop in everything]
    total = sum(stop - begin for begin, stop in inside if stop > begin)
    all_count = rule.total_over_days is not None and total > rule.total_over_days * DAY
    found = []
    for (begin, stop), (from_, to) in zip(everything, inside, strict=True):
        is_long = stop - begin > rule.after_hours * _HOUR
        is_long = is_long or (rule.after_included and stop - begin == rule.after_hours * _HOUR)
        if to > from_ and (is_long or all_count):
            found.append((from_, to))
    if rule.counts is OutageDays.WHOLE_DAYS:
        found = [(begin, begin + (stop - begin) // DAY * DAY) for begin, stop in found]
    elif rule.counts is OutageDays.CALENDAR_DAYS:
        found = joined(
            [Outage(begin // DAY * DAY, ((stop - 1) // DAY + 1) * DAY, True) for begin, stop in found]
        )
    return [(begin, stop) for begin, stop in found if stop > begin]


def days_in(stretches: Sequence[Stretch]) -> Fraction:
    """The length of the stretches in days of 24 hours."""
    return Fraction(sum(end - start for start, end in stretches), DAY)


def part_of_day(stretches: Sequence[Stretch], day: int) -> Fraction:
    """The part of a day of the calendar that lies in the stretches."""
    start, end = day * DAY, (day + 1) * DAY
    inside = [min(stop, end) - max(begin, start) for begin, stop in stretches]
    return Fraction(sum(length for length in inside if length > 0), DAY)


def time_in_the_dark(rule: OutageRule, outages: Sequence[Outage], first: int, last: int) -> Dark:
    """What of the outages counts between two days."""
    sure = counted(rule, [one for one in outages if one.is_sure], first, last)
    most = counted(rule, outages, first, last)
    return Dark(tuple(sure), days_in(sure), max(days_in(sure), days_in(most)), Fraction(rule.share))
