"""Which filings a company owes, by when, and what counts as handed in."""

from __future__ import annotations

import datetime as dt

import pytest

from ingest.standard import Period, PeriodKind
from supervision.filings.lifecycle import State
from supervision.filings.models import Filing
from supervision.ratings.obligations import DUE_RULES, Timeliness, obligations, rule_for
from supervision.settings.clock import SHANGHAI

SEASON = Period.parse("2025-26", (PeriodKind.SEASON,))
AFTERWARDS = dt.date(2026, 7, 1)


def filed(
    feed: str, period: str, day: dt.date, state: State = State.SIGNED, time: dt.time = dt.time(9)
) -> Filing:
    at = dt.datetime.combine(day, time, SHANGHAI)
    is_signed = state in (State.SIGNED, State.SUPERSEDED)
    return Filing(
        id=day.toordinal(),
        public_id=f"{feed} {period} {day}",
        feed=feed,
        period=period,
        state=state,
        received_at=at,
        signed_at=at if is_signed else None,
    )


def owed(*filings: Filing, metered: bool = False, today: dt.date = AFTERWARDS) -> dict[tuple[str, str], str]:
    found = obligations(SEASON, filings, has_metered_accounts=metered, today=today)
    return {(one.rule.feed, one.period): str(one.timeliness) for one in found}


@pytest.mark.parametrize(
    ("feed", "period", "due_on"),
    [
        ("accounts", "2025-26", dt.date(2025, 10, 31)),
        ("bills", "2025-11", dt.date(2025, 12, 10)),
        ("bills", "2025-12", dt.date(2026, 1, 10)),
        ("bills", "2025-26", dt.date(2026, 6, 15)),
    ],
)
def test_the_due_day_of_each_kind_of_filing(feed: str, period: str, due_on: dt.date) -> None:
    kind = PeriodKind.SEASON if period == "2025-26" else PeriodKind.MONTH
    assert rule_for(feed, kind, "2025-26").due_on(Period.parse(period, (kind,))) == due_on


def test_every_due_day_says_that_it_is_assumed_and_no_two_rules_begin_together() -> None:
    assert all(rule.is_assumed for rule in DUE_RULES)
    keys = [(rule.feed, rule.kind, rule.since_season) for rule in DUE_RULES]
    assert len(keys) == len(set(keys))


def test_the_last_day_is_in_time_to_its_end_and_the_next_is_not() -> None:
    last, late = dt.date(2025, 10, 31), dt.date(2025, 11, 1)
    month = filed("bills", "2025-11", dt.date(2025, 12, 1))
    in_time = filed("accounts", "2025-26", last, time=dt.time(23, 59, 59))
    assert owed(in_time, month)[("accounts", "2025-26")] == Timeliness.ON_TIME
    assert owed(filed("accounts", "2025-26", late, time=dt.time(0)), month)[("accounts", "2025-26")] == "late"


def test_a_correction_filed_later_does_not_make_a_punctual_company_late() -> None:
    first = filed("bills", "2025-11", dt.date(2025, 12, 9), State.SUPERSEDED)
    second = filed("bills", "2025-11", dt.date(2026, 2, 1))
    assert owed(second, first)[("bills", "2025-11")] == "on_time"


def test_what_was_not_signed_is_missing_once_it_is_due() -> None:
    waiting = filed("bills", "2025-11", dt.date(2025, 12, 9), State.READY)
    assert owed(waiting)[("bills", "2025-11")] == "missing"
    assert owed(waiting, today=dt.date(2025, 12, 10))[("bills", "2025-11")] == "not_yet"


def test_a_rejected_or_withdrawn_filing_of_a_month_owes_nothing() -> None:
    november = filed("bills", "2025-11", dt.date(2025, 12, 9))
    by_mistake = [
        filed("bills", "2025-09", dt.date(2025, 12, 9), state) for state in (State.REJECTED, State.WITHDRAWN)
    ]
    assert set(owed(november, *by_mistake)) == {("accounts", "2025-26"), ("bills", "2025-11")}


def test_the_settlement_is_owed_with_meters_or_once_filed_or_where_no_bills_came_at_all() -> None:
    november = filed("bills", "2025-11", dt.date(2025, 12, 9))
    settlement = ("bills", "2025-26")
    assert settlement not in owed(november)
    assert owed(november, metered=True)[settlement] == "missing"
    assert owed(november, metered=True, today=dt.date(2026, 6, 15))[settlement] == "not_yet"
    assert owed(november, filed("bills", "2025-26", dt.date(2026, 6, 14)))[settlement] == "on_time"
    assert owed()[settlement] == "missing"
