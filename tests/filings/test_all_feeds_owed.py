"""Every feed of the standard is owed from the season on that its rules name: by the season, the month or the day."""

from __future__ import annotations

import datetime as dt

import pytest

from checks.deadlines import due_rules, rules_of, sign_by
from ingest.standard import FEEDS, Period, PeriodKind
from supervision.filings.calendar_models import FilingExemption, FilingExtension, NothingToReport
from supervision.filings.lifecycle import State
from supervision.filings.models import Filing, ReplacedVerdict
from supervision.filings.obligations import Circumstances, Obligation, obligations
from supervision.filings.relief import may_declare
from supervision.settings.clock import SHANGHAI

SEASON = Period.parse("2026-27", (PeriodKind.SEASON,))
BEFORE = Period.parse("2025-26", (PeriodKind.SEASON,))
TODAY = dt.date(2026, 11, 24)  # a Tuesday
AFTERWARDS = dt.date(2027, 12, 1)
NETWORK, NOVEMBER = "network_days", "2026-11"


def at(day: dt.date, hour: int = 9) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), SHANGHAI)


def filed(
    feed: str,
    period: str,
    received: dt.date,
    signed: dt.date | None = None,
    judged: dt.date | None = None,
    state: State | None = None,
) -> Filing:
    return Filing(
        id=received.toordinal(),
        public_id=f"{feed} {period} {received}",
        feed=feed,
        period=period,
        state=state or (State.SIGNED if signed else State.READY),
        received_at=at(received),
        judged_at=at(judged or received, 10),
        signed_at=at(signed, 11) if signed else None,
    )


def on_the_day(feed: str, period: str, day: dt.date) -> Filing:
    return filed(feed, period, day, day)


def owed(
    *filings: Filing, today: dt.date = TODAY, metered: bool = True, season: Period = SEASON, **lifted: object
) -> dict[tuple[str, str], Obligation]:
    found = obligations(
        season,
        filings,
        has_metered_accounts=metered,
        today=today,
        circumstances=Circumstances(**lifted),  # type: ignore[arg-type]
    )
    return {(one.rule.feed, one.period): one for one in found}


def declared(feed: str, period: str, through: dt.date, signed: dt.date) -> NothingToReport:
    return NothingToReport(feed=feed, period=period, through=through, signed_at=at(signed))


def exempt(feed: str, first: dt.date, last: dt.date | None = None) -> FilingExemption:
    return FilingExemption(feed=feed, first_day=first, last_day=last)


def test_every_feed_of_the_standard_has_a_rule_in_periods_it_is_filed_by() -> None:
    assert {rule.feed for rule in rules_of("2026-27")} == set(FEEDS)
    assert all(rule.kind in FEEDS[rule.feed].periods or rule.feed == "outages" for rule in due_rules())


def test_a_company_that_files_nothing_lacks_every_feed_and_every_month_of_bills() -> None:
    found = owed(today=AFTERWARDS)
    assert {feed for feed, _ in found} == set(FEEDS)
    assert {str(one.timeliness) for one in found.values()} == {"missing"}
    months = [period for feed, period in found if feed == "bills" and period != SEASON.text]
    assert months == ["2026-10", "2026-11", "2026-12", "2027-01", "2027-02", "2027-03"]
    assert [period for feed, period in found if feed == "costs"] == [SEASON.text]
    days = sum(len(one.days) for (feed, _), one in found.items() if feed == NETWORK)
    assert days == 121  # 15 November to 15 March


def test_nothing_is_owed_for_a_season_before_the_standard_was_published_but_rosters_and_bills() -> None:
    assert {feed for feed, _ in owed(season=BEFORE, today=AFTERWARDS)} == {"accounts", "bills"}


def test_readings_are_owed_by_companies_with_metered_homes_only() -> None:
    assert not [key for key in owed(metered=False, today=AFTERWARDS) if key[0] == "readings"]
    assert [key[1] for key in owed(today=AFTERWARDS) if key[0] == "readings"][0] == NOVEMBER


def test_days_are_folded_into_their_month_and_the_one_that_lacks_is_named() -> None:
    days = [dt.date(2026, 11, number) for number in range(15, 31) if number != 20]
    filings = [on_the_day(NETWORK, day.isoformat(), day + dt.timedelta(days=1)) for day in days]
    one = owed(*filings, today=dt.date(2026, 12, 15))[NETWORK, NOVEMBER]
    assert (len(one.days), one.answered, one.missing, str(one.timeliness)) == (16, 15, 1, "missing")
    (lacking,) = [day for day in one.days if not day.answer.is_given]
    assert (lacking.day, lacking.due_on) == (dt.date(2026, 11, 20), dt.date(2026, 11, 23))
    assert one.due_on == lacking.due_on
    late = on_the_day(NETWORK, "2026-11-20", dt.date(2026, 12, 1))
    one = owed(*filings, late, today=dt.date(2026, 12, 15))[NETWORK, NOVEMBER]
    assert (one.answered, one.missing, str(one.timeliness)) == (16, 0, "late")


def test_a_day_that_is_not_over_is_not_due_soon_and_one_that_is_over_is() -> None:
    days = {day.day.day: day for day in owed()[NETWORK, NOVEMBER].days}
    assert [days[number].is_soon for number in (22, 23, 24, 25)] == [True, True, False, False]
    assert str(days[21].answer.timeliness) == "missing"  # Saturday's is due on Monday


def test_readings_of_a_month_are_filed_as_one_or_day_by_day() -> None:
    whole = on_the_day("readings", NOVEMBER, dt.date(2026, 12, 4))
    today = dt.date(2026, 12, 20)
    assert str(owed(whole, today=today)["readings", NOVEMBER].timeliness) == "on_time"
    days = [on_the_day("readings", f"2026-11-{number}", dt.date(2026, 12, 4)) for number in range(15, 30)]
    one = owed(*days, today=today)["readings", NOVEMBER]
    assert (len(one.days), one.answered, one.missing) == (16, 15, 1)
    last = on_the_day("readings", "2026-11-30", dt.date(2026, 12, 4))
    assert str(owed(*days, last, today=today)["readings", NOVEMBER].timeliness) == "on_time"


def test_outages_of_a_month_are_answered_by_their_days_or_by_a_declaration() -> None:
    today = dt.date(2026, 12, 20)
    key = ("outages", NOVEMBER)
    assert str(owed(today=today)[key].timeliness) == "missing"
    day = on_the_day("outages", "2026-11-18", dt.date(2026, 12, 1))
    one = owed(day, today=today)[key]
    assert ([part.day for part in one.days], str(one.timeliness)) == ([dt.date(2026, 11, 18)], "on_time")
    nothing = declared("outages", NOVEMBER, dt.date(2026, 11, 30), dt.date(2026, 12, 3))
    answer = owed(today=today, declarations=[nothing])[key].answer
    assert (str(answer.timeliness), answer.is_declared) == ("on_time", True)


def test_what_is_filed_after_a_declaration_counts_instead_of_it() -> None:
    nothing = declared("payments", NOVEMBER, dt.date(2026, 11, 30), dt.date(2026, 12, 3))
    after_all = on_the_day("payments", NOVEMBER, dt.date(2027, 1, 20))
    answer = owed(after_all, today=AFTERWARDS, declarations=[nothing])["payments", NOVEMBER].answer
    assert (str(answer.timeliness), answer.is_declared) == ("late", False)


def test_a_declaration_of_a_month_speaks_of_its_days_that_are_over_and_no_others() -> None:
    nothing = declared("service_requests", NOVEMBER, dt.date(2026, 11, 23), TODAY)
    one = owed(declarations=[nothing])["service_requests", NOVEMBER]
    assert [day.day.day for day in one.days if day.answer.is_declared] == list(range(15, 24))
    assert not may_declare(one, TODAY)
    assert may_declare(owed()["service_requests", NOVEMBER], TODAY)
    assert not may_declare(owed()[NETWORK, NOVEMBER], TODAY)  # heat is supplied every day
    assert not may_declare(owed()["bills", NOVEMBER], TODAY)  # not over yet
    assert may_declare(owed()["bills", "2026-10"], TODAY)


def test_an_exemption_lifts_what_lies_within_it_and_an_extension_of_a_month_its_days() -> None:
    first = dt.date(2026, 7, 1)
    assert not [key for key in owed(exemptions=[exempt(NETWORK, first)]) if key[0] == NETWORK]
    to = exempt(NETWORK, first, dt.date(2026, 11, 20))
    assert [day.day.day for day in owed(exemptions=[to])[NETWORK, NOVEMBER].days][:2] == [21, 22]
    part = exempt("bills", first, dt.date(2026, 10, 30))
    assert ("bills", "2026-10") in owed(exemptions=[part])
    assert ("bills", "2026-10") not in owed(exemptions=[exempt("bills", first, dt.date(2026, 10, 31))])
    later = FilingExtension(id=1, feed=NETWORK, period=NOVEMBER, due_on=dt.date(2026, 12, 31), reason="延")
    days = owed(extensions=[later])[NETWORK, NOVEMBER].days
    assert {day.due_on for day in days} == {dt.date(2026, 12, 31)}


DUE, JUDGED = dt.date(2026, 11, 2), dt.date(2026, 11, 2)  # of the roster: 31 October is a Saturday
ROSTER = ("accounts", "2026-27")


@pytest.mark.parametrize(
    ("signed", "stands"), [(dt.date(2026, 11, 9), "on_time"), (dt.date(2026, 11, 10), "late")]
)
def test_what_came_in_time_is_on_time_only_if_it_is_signed_in_time(signed: dt.date, stands: str) -> None:
    answer = owed(filed(*ROSTER, DUE, signed))[ROSTER].answer
    assert (str(answer.timeliness), answer.sign_by) == (stands, dt.date(2026, 11, 9))
    assert answer.is_signed_late == (stands == "late")
    assert (answer.received_on, answer.signed_on) == (DUE, signed)


def test_between_the_last_day_and_the_last_day_to_sign_it_is_neither_missing_nor_filed() -> None:
    waiting = filed(*ROSTER, DUE)
    pending = owed(waiting, today=dt.date(2026, 11, 9))[ROSTER]
    assert (str(pending.timeliness), pending.is_due, pending.is_soon) == ("not_yet", False, False)
    assert pending.answer.sign_by == dt.date(2026, 11, 9)
    assert str(owed(waiting, today=dt.date(2026, 11, 10))[ROSTER].timeliness) == "missing"
    came_late = filed(*ROSTER, dt.date(2026, 11, 3))
    assert str(owed(came_late, today=dt.date(2026, 11, 4))[ROSTER].timeliness) == "missing"


def test_the_time_the_portal_took_to_judge_is_not_the_companys() -> None:
    slow = filed(*ROSTER, DUE, dt.date(2026, 11, 20), judged=dt.date(2026, 11, 13))
    answer = owed(slow)[ROSTER].answer
    assert (str(answer.timeliness), answer.sign_by) == ("on_time", sign_by(DUE, dt.date(2026, 11, 13), 5))


def test_a_rule_withdrawn_after_the_signature_gives_nobody_more_time() -> None:
    late = filed(*ROSTER, DUE, dt.date(2026, 11, 12), judged=dt.date(2026, 11, 18))
    late.replaced = [ReplacedVerdict(judged_at=at(JUDGED), state="ready", report=[])]
    assert str(owed(late)[ROSTER].timeliness) == "late"


def test_a_season_without_the_rule_may_be_signed_whenever() -> None:
    key = ("accounts", "2025-26")
    roster = filed(*key, dt.date(2025, 10, 31), dt.date(2026, 3, 1))
    assert str(owed(roster, season=BEFORE)[key].timeliness) == "on_time"
