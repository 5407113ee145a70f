"""Outages proposed by the service itself: a time in which it said nothing and into which a last day fell. A person enters it
with a reason, or says that it was none; nothing is assumed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.standard import season_of
from supervision.filings.calendar import FilingCalendar
from supervision.filings.problems import FilingRefused
from supervision.jobs.beat_models import Silence
from supervision.journal import Actor, Journal
from supervision.settings import Clock
from supervision.settings.clock import local_date


@dataclass(frozen=True, slots=True)
class ProposedOutage:
    """``parts`` (web, worker) said nothing from ``began_at`` to ``ended_at``; ``last_days`` filings had their last day in it.
    ``public_id`` names it while it waits."""

    public_id: str
    parts: tuple[str, ...]
    began_at: dt.datetime
    ended_at: dt.datetime
    last_days: int


class ProposedOutages:
    def __init__(self, session: Session, clock: Clock, calendar: FilingCalendar) -> None:
        self._session, self._clock, self._calendar = session, clock, calendar

    def waiting(self) -> list[ProposedOutage]:
        """Those that nobody has settled and that some last day fell into, latest first. Silences of web and worker that
        overlap are one."""
        found = []
        for group in self._groups():
            began, ended = group[0].began_at, max(one.ended_at for one in group)
            last_days = self._last_days(local_date(began), local_date(ended))
            if last_days:
                parts = tuple(sorted({one.part for one in group}))
                found.append(ProposedOutage(group[0].public_id, parts, began, ended, last_days))
        return found[::-1]

    def enter(self, public_id: str, *, reason: str, by: Actor) -> None:
        """It is an outage on record and moves the days that fell into it. Raises FilingRefused (F18, F19)."""
        if not 10 <= len(reason.strip()) <= 500:
            raise FilingRefused("F19")
        group = self._settled(public_id, by)
        self._calendar.enter_outage(
            began_at=group[0].began_at,
            ended_at=max(one.ended_at for one in group),
            reason=reason.strip(),
            by=by,
        )

    def dismiss(self, public_id: str, *, by: Actor) -> None:
        """It was no outage for anybody, says ``by``. Raises FilingRefused (F18)."""
        group = self._settled(public_id, by)
        Journal(self._session, self._clock).record(
            "outage.dismissed",
            actor=by,
            object_type="silence",
            object_id=public_id,
            detail={
                "began_at": group[0].began_at.isoformat(),
                "ended_at": max(one.ended_at for one in group).isoformat(),
                "parts": sorted({one.part for one in group}),
            },
        )

    def _settled(self, public_id: str, by: Actor) -> list[Silence]:
        for group in self._groups():
            if group[0].public_id == public_id:
                for one in group:
                    one.settled_by, one.settled_at = by.name, self._clock.now()
                return group
        raise FilingRefused("F18")

    def _groups(self) -> list[list[Silence]]:
        """Silences that wait, those that overlap together, each group by its beginning."""
        query = select(Silence).where(Silence.settled_at.is_(None)).order_by(Silence.began_at, Silence.id)
        groups: list[list[Silence]] = []
        for one in self._session.scalars(query):
            if groups and one.began_at <= max(before.ended_at for before in groups[-1]):
                groups[-1].append(one)
            else:
                groups.append([one])
        return groups

    def _last_days(self, first: dt.date, last: dt.date) -> int:
        seasons = {
            season_of(day).text: season_of(day) for day in (first, last, first - dt.timedelta(days=90))
        }
        return sum(
            _in(one.due_on, first, last)
            if not one.days
            else sum(_in(day.due_on, first, last) for day in one.days)
            for season in seasons.values()
            for one in (owed.obligation for owed in self._calendar.of_all(season))
        )


def _in(day: dt.date, first: dt.date, last: dt.date) -> bool:
    return first <= day <= last
