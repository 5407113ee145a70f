"""Time as a thing that is handed in, so that deadlines and sessions can be tested to the second."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    def now(self) -> dt.datetime:
        """The present instant, aware, in UTC."""


class SystemClock:
    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


class FixedClock:
    """Stands still until moved."""

    def __init__(self, at: dt.datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs an aware instant")
        self._at = at.astimezone(dt.UTC)

    def now(self) -> dt.datetime:
        return self._at

    def move(self, by: dt.timedelta) -> None:
        self._at += by


def local_date(at: dt.datetime) -> dt.date:
    """The calendar day of an instant in Asia/Shanghai, where every period and deadline is counted."""
    return at.astimezone(SHANGHAI).date()
