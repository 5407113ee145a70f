"""What answers one period that is owed: a filing that was signed, or a declaration that there is nothing to report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from supervision.filings.calendar_models import NothingToReport
from supervision.filings.models import Filing
from supervision.settings.clock import local_date


class Timeliness(StrEnum):
    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"  # due, and nothing was signed
    NOT_YET = (
        "not_yet"  # not due yet, or received in time and the time to sign it not over; nothing was signed
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """``filing`` is the public id of what was handed in, ``received_on`` and ``signed_on`` its days. ``sign_by`` is the last
    day to sign it in time: of what was signed, and of what was received in time and waits for its signature."""

    timeliness: Timeliness
    filing: str | None = None
    received_on: dt.date | None = None
    signed_on: dt.date | None = None
    sign_by: dt.date | None = None
    is_declared: bool = False

    @property
    def is_given(self) -> bool:
        return self.timeliness in (Timeliness.ON_TIME, Timeliness.LATE)

    @property
    def is_signed_late(self) -> bool:
        """Received, and signed after the last day for that."""
        return self.is_given and bool(self.signed_on and self.sign_by and self.signed_on > self.sign_by)


#: The last day to sign in time, by the day of the verdict (None while there is none); None where there is no such limit.
SignBy = Callable[[dt.date | None], dt.date | None]


def answer_of(
    due_on: dt.date,
    filings: Sequence[Filing],
    declarations: Sequence[NothingToReport],
    today: dt.date,
    sign_by: SignBy,
) -> Answer:
    """How a period due on ``due_on`` stands, for which these filings count and these declarations were signed. On time is what
    was received by that day and signed by its own last day; of several filings one in time is enough, and the first counts.
    What is filed counts before what is declared."""
    signed = sorted(
        (one for one in filings if one.signed_at is not None), key=lambda one: (one.received_at, one.id)
    )
    if signed:
        given = [_given(one, due_on, sign_by) for one in signed]
        return next((one for one in given if one.timeliness is Timeliness.ON_TIME), given[0])
    if declarations:
        day = local_date(declarations[0].signed_at)
        timeliness = Timeliness.ON_TIME if day <= due_on else Timeliness.LATE
        return Answer(timeliness, received_on=day, signed_on=day, is_declared=True)
    for one in sorted(filings, key=lambda one: (one.received_at, one.id)):
        received_on = local_date(one.received_at)
        limit = sign_by(_day_of(one.judged_at))
        if limit is not None and received_on <= due_on and (one.judged_at is None or today <= limit):
            return Answer(Timeliness.NOT_YET, one.public_id, received_on, sign_by=limit)
    return Answer(Timeliness.MISSING if today > due_on else Timeliness.NOT_YET)


def _given(filing: Filing, due_on: dt.date, sign_by: SignBy) -> Answer:
    received_on, signed_on = local_date(filing.received_at), _day_of(filing.signed_at)
    limit = sign_by(_judged_on(filing))
    is_in_time = received_on <= due_on and (limit is None or signed_on is None or signed_on <= limit)
    timeliness = Timeliness.ON_TIME if is_in_time else Timeliness.LATE
    return Answer(timeliness, filing.public_id, received_on, signed_on, limit)


def _judged_on(filing: Filing) -> dt.date | None:
    """The day of the verdict that was signed: a rule withdrawn later gives nobody more time."""
    judged_at, signed_at = filing.judged_at, filing.signed_at
    if judged_at is not None and signed_at is not None and judged_at > signed_at:
        before = [one.judged_at for one in filing.replaced if one.judged_at and one.judged_at <= signed_at]
        judged_at = max(before, default=signed_at)
    return _day_of(judged_at)


def _day_of(at: dt.datetime | None) -> dt.date | None:
    return None if at is None else local_date(at)
