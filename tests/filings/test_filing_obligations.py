"""Which filings a company owes, by when, and what counts as handed in."""

from __future__ import annotations

import datetime as dt

import pytest

from checks.deadlines import Unavailable, due_rules, kept_free, rule_for
from ingest.standard import Period, PeriodKind
from supervision.filings.calendar_models import FilingExtension
from supervision.filings.lifecycle import State
from supervision.filings.models import Filing
from supervision.filings.obligations import Circumstances, Timeliness, obligations
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
        ("bills", "2025-12", dt.date(2026, 1, 12)),  # the 10th is a Saturday
        ("bills", "2025-09", dt.date(2025, 10, 10)),  # a Friday between the holiday and a made-up weekend
        ("bills", "2026-01", dt.date(2026, 2, 10)),
        ("accounts", "2026-27", dt.date(2026, 11, 2)),  # 31 October is a Saturday
        ("bills", "2025-26", dt.date(2026, 6, 15)),
    ],
)
def test_the_due_day_of_each_kind_of_filing(feed: str, period: str, due_on: dt.date) -> None:
    kind = PeriodKind.SEASON if feed == "accounts" or period == "2025-26" else PeriodKind.MONTH
    assert rule_for(feed, kind, "2025-26").due_on(Period.parse(period, (kind,))) == due_on


def test_every_due_day_says_that_it_is_assumed_and_no_two_rules_begin_together() -> None:
    assert all(rule.is_assumed for rule in due_rules())
    keys = [(rule.feed, rule.kind, rule.since_season) for rule in due_rules()]
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


def extension(due_on: dt.date, number: int = 1, period: str = "2025-11") -> FilingExtension:
    return FilingExtension(id=number, feed="bills", period=period, due_on=due_on, reason="系统切换")


def away(since: dt.datetime, hours: int) -> Unavailable:
    return Unavailable(
        since.replace(tzinfo=SHANGHAI), since.replace(tzinfo=SHANGHAI) + dt.timedelta(hours=hours)
    )


def november(day: dt.date, **circumstances: list[object]) -> tuple[str, dt.date, dt.date]:
    """How the bills of November filed on ``day`` stand, their last day, and that of the rule alone."""
    found = obligations(
        SEASON,
        [filed("bills", "2025-11", day)],
        has_metered_accounts=False,
        today=AFTERWARDS,
        circumstances=Circumstances(**circumstances),  # type: ignore[arg-type]
    )
    one = next(one for one in found if one.period == "2025-11")
    return str(one.timeliness), one.due_on, one.rule_due_on


def test_an_extension_moves_the_last_day_and_of_several_the_latest_counts() -> None:
    rule = dt.date(2025, 12, 10)
    later, latest = dt.date(2025, 12, 15), dt.date(2025, 12, 20)
    assert november(later) == ("late", rule, rule)
    assert november(later, extensions=[extension(later)]) == ("on_time", later, rule)
    both = [extension(latest, 1), extension(later, 2)]
    assert november(latest, extensions=both) == ("on_time", latest, rule)
    assert november(later, extensions=[extension(later, period="2025-12")])[0] == "late"
    assert november(rule, extensions=[extension(dt.date(2025, 12, 1))]) == ("on_time", rule, rule)


def test_a_company_is_not_late_because_the_portal_was_away_on_the_last_day() -> None:
    last = dt.date(2025, 12, 10)  # a Wednesday
    outage = away(dt.datetime(2025, 12, 10, 20), 6)  # until two in the night of Thursday
    assert november(dt.date(2025, 12, 12)) == ("late", last, last)
    friday = dt.date(2025, 12, 12)
    assert november(friday, outages=[outage]) == ("on_time", friday, last)
    assert november(dt.date(2025, 12, 13), outages=[outage])[0] == "late"
    assert november(friday, outages=[away(dt.datetime(2025, 12, 9, 8), 10)])[0] == "late"


def test_an_outage_on_the_day_it_was_moved_to_moves_it_again_and_never_onto_a_holiday() -> None:
    first = away(dt.datetime(2025, 12, 31, 9), 1)  # 1 to 3 January are off; Sunday the 4th is worked
    second = away(dt.datetime(2026, 1, 4, 9), 1)
    assert kept_free(dt.date(2025, 12, 31), [second, first]) == (dt.date(2026, 1, 5), [first, second])
