"""Deadlines of complaints: each city's rule, and the order in which rules decide."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.deadlines import SHANGHAI, TOPICS, CalendarMissing, Stage, complaint_deadline, is_working_day
from checks.deadlines.rules import RuleError, read_rules, rule_book

WEDNESDAY = dt.datetime(2025, 12, 3, 9, 30, tzinfo=SHANGHAI)


def _hours(by: dt.datetime | None) -> float | None:
    return None if by is None else (by - WEDNESDAY).total_seconds() / 3600


def _day(by: dt.datetime) -> str:
    assert by.strftime("%H:%M:%S.%f") == "23:59:59.999999"
    return by.date().isoformat()


@pytest.mark.parametrize("city", ["济南市", "青岛市", "潍坊市", "哈尔滨市", "兰州市"])
def test_a_leak_is_due_on_the_spot_within_an_hour(city: str) -> None:
    assert _hours(complaint_deadline(city, "leak", WEDNESDAY).on_site_by) == 1


def test_the_hour_for_a_leak_is_law_in_qingdao_and_assumed_in_lanzhou() -> None:
    law, reading = (complaint_deadline(city, "leak", WEDNESDAY).limits[0] for city in ("青岛市", "兰州市"))
    assert (law.stage, law.assumed, law.confidence) == (Stage.ON_SITE, False, "high")
    assert "青岛市供热条例" in law.source
    assert reading.assumed


@pytest.mark.parametrize("city", ["青岛市", "济南市", "菏泽市"])
def test_a_cold_room_in_shandong_is_visited_within_two_hours(city: str) -> None:
    assert _hours(complaint_deadline(city, "low_temperature", WEDNESDAY).on_site_by) == 2


@pytest.mark.parametrize(
    ("received", "hours"),
    [
        ("2025-11-15T23:59:59.999999", 2),  # the day before the season
        ("2025-11-16T00:00:00", 5),
        ("2025-11-25T23:59:59.999999", 5),  # the tenth day
        ("2025-11-26T00:00:00", 2),
    ],
)
def test_the_first_ten_days_of_the_season_in_qingdao_allow_five_hours(received: str, hours: int) -> None:
    moment = dt.datetime.fromisoformat(received).replace(tzinfo=SHANGHAI)
    by = complaint_deadline("青岛市", "low_temperature", moment).on_site_by
    assert by is not None
    assert by - moment == dt.timedelta(hours=hours)


def test_the_start_of_the_season_is_marked_assumed_where_no_source_names_it() -> None:
    assert not complaint_deadline("青岛市", "no_heat", WEDNESDAY).limits[0].assumed
    assert complaint_deadline("潍坊市", "no_heat", WEDNESDAY).limits[0].assumed


def test_harbin_measures_within_ten_hours_and_closes_within_forty_eight() -> None:
    deadline = complaint_deadline("哈尔滨市", "low_temperature", WEDNESDAY)
    assert _hours(deadline.on_site_by) == 10
    assert _hours(deadline.close_by) == 48
    assert deadline.answer_by == deadline.close_by
    assert not deadline.is_assumed


def test_beijing_answers_in_one_hour_comes_in_six_and_mends_in_twenty_four() -> None:
    deadline = complaint_deadline("北京市", "no_heat", WEDNESDAY)
    assert [_hours(by) for by in (deadline.answer_by, deadline.on_site_by, deadline.close_by)] == [1, 6, 24]


def test_a_question_about_a_bill_in_beijing_follows_the_hotline_practice() -> None:
    deadline = complaint_deadline("北京市", "bill_error", WEDNESDAY)
    assert deadline.on_site_by is None
    assert _day(deadline.answer_by) == "2025-12-10"
    assert deadline.is_assumed


@pytest.mark.parametrize("city", ["济南市", "潍坊市"])
def test_the_hotline_laws_give_five_working_days(city: str) -> None:
    deadline = complaint_deadline(city, "bill_error", WEDNESDAY)
    assert _day(deadline.answer_by) == "2025-12-10"
    assert not deadline.is_assumed
    assert "12345" in deadline.source


def test_other_cities_of_shandong_answer_within_three_days() -> None:
    assert (
        _day(complaint_deadline("青岛市", "refund", WEDNESDAY).answer_by) == "2025-12-08"
    )  # 6 December is a Saturday


def test_shenyang_takes_seven_days_and_so_does_the_regulator_of_luoyang() -> None:
    assert _day(complaint_deadline("沈阳市", "attitude", WEDNESDAY).close_by) == "2025-12-10"
    luoyang = complaint_deadline("洛阳市", "attitude", WEDNESDAY)
    assert _day(luoyang.answer_by) == "2025-12-10"
    assert luoyang.close_by >= luoyang.answer_by


@pytest.mark.parametrize("city", ["长春市", "兰州市", "西安市", "某市"])
def test_a_city_without_a_rule_gets_five_working_days_marked_as_assumed(city: str) -> None:
    deadline = complaint_deadline(city, "fee_dispute", WEDNESDAY)
    assert _day(deadline.answer_by) == "2025-12-10"
    assert _day(deadline.close_by) == "2025-12-10"
    assert deadline.is_assumed
    assert "未见规定" in deadline.zh
    assert "No local rule" in deadline.en


def test_five_working_days_jump_the_national_holiday_and_use_the_make_up_day() -> None:
    received = dt.datetime(2025, 9, 26, 17, tzinfo=SHANGHAI)  # Friday; Sunday 28 September is worked
    assert _day(complaint_deadline("长春市", "other", received).close_by) == "2025-10-10"


def test_the_day_of_receipt_is_the_day_in_shanghai() -> None:
    before = dt.datetime(2025, 12, 3, 15, 59, 59, tzinfo=dt.UTC)
    after = dt.datetime(2025, 12, 3, 16, 0, 0, tzinfo=dt.UTC)
    assert _day(complaint_deadline("长春市", "other", before).close_by) == "2025-12-10"
    assert _day(complaint_deadline("长春市", "other", after).close_by) == "2025-12-11"


@pytest.mark.parametrize(
    ("said", "meant"), [("济南", "济南市"), ("青岛市崂山区", "青岛市"), ("北京", "北京市")]
)
def test_short_names_and_districts_fall_under_their_city(said: str, meant: str) -> None:
    assert complaint_deadline(said, "leak", WEDNESDAY) == complaint_deadline(meant, "leak", WEDNESDAY)


def test_a_topic_outside_the_standard_is_refused() -> None:
    with pytest.raises(ValueError, match="Unknown complaint topic noise"):
        complaint_deadline("济南市", "noise", WEDNESDAY)


def test_working_days_of_an_unannounced_year_are_counted_by_the_plain_week_and_marked() -> None:
    deadline = complaint_deadline("济南市", "other", dt.datetime(2026, 12, 24, 9, tzinfo=SHANGHAI))
    assert _day(deadline.close_by) == "2026-12-31"  # Fri 25, Mon 28, Tue 29, Wed 30, Thu 31
    assert deadline.is_assumed
    assert "2027年放假安排尚未公布" in deadline.zh
    assert "2027 is not out yet" in deadline.en


def test_working_days_themselves_are_never_guessed() -> None:
    with pytest.raises(CalendarMissing, match="2027"):
        is_working_day(dt.date(2026, 12, 29))


@settings(max_examples=500)
@given(
    city=st.sampled_from(
        [
            "哈尔滨市",
            "长春市",
            "北京市",
            "济南市",
            "青岛市",
            "兰州市",
            "沈阳市",
            "洛阳市",
            "乌鲁木齐市",
            "某市",
        ]
    ),
    topic=st.sampled_from(TOPICS),
    moment=st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2026, 11, 30), timezones=st.just(SHANGHAI)),
)
def test_no_deadline_lies_before_receipt_and_none_is_answered_after_closing(
    city: str, topic: str, moment: dt.datetime
) -> None:
    deadline = complaint_deadline(city, topic, moment)
    assert moment < deadline.answer_by <= deadline.close_by
    assert deadline.on_site_by is None or moment < deadline.on_site_by <= deadline.close_by
    assert all(limit.zh and limit.en and limit.source for limit in deadline.limits)


def test_every_topic_can_be_closed_everywhere() -> None:
    assert all(rule_book().first("某市", topic, Stage.CLOSE) for topic in TOPICS)


BROKEN = """
season_first_days = 10
[season_start]
[groups]
[topics]
[sources]
law = "条例"
[[rule]]
key = "a"
cities = "*"
topics = ["leak"]
stage = "close"
zh = "一"
en = "one"
source = ["law"]
confidence = "high"
"""


@pytest.mark.parametrize(
    ("addition", "fault"),
    [
        ("", "exactly one"),
        ("hours = 1\ndays = 2", "exactly one"),
        ("hours = 0", "positive"),
        ("hours = 1.5", "positive"),
    ],
)
def test_a_rule_with_a_faulty_limit_stops_the_reading(addition: str, fault: str) -> None:
    with pytest.raises(RuleError, match=fault):
        read_rules(BROKEN + addition)


def test_a_rule_with_an_unknown_source_group_or_topic_stops_the_reading() -> None:
    good = BROKEN + "hours = 1"
    assert len(read_rules(good).rules) == 1
    for change, fault in [
        ('source = ["law"]|source = ["rumour"]', "sources not listed"),
        ('cities = "*"|cities = "atlantis"', "unknown group"),
        ('topics = ["leak"]|topics = ["noise"]', "unknown topics"),
    ]:
        with pytest.raises(RuleError, match=fault):
            read_rules(good.replace(*change.split("|")))
