"""A company that owes every feed has one reminder a day at most, which lists all that is open."""

from __future__ import annotations

import datetime as dt

from message_desk import MessageDesk

from supervision.settings.clock import SHANGHAI


def told(desk: MessageDesk, day: dt.date) -> list[str]:
    """What the clerk was told by two rounds of that day."""
    before = len(desk.messages("clerk-a"))
    for hour in (8, 9):
        desk.go_round("remind_of_filings", dt.datetime.combine(day, dt.time(hour), SHANGHAI))
    return [message.title_zh for message in desk.messages("clerk-a")[before:]]


def test_one_message_a_day_lists_everything_and_counts_the_days_that_lack(desk: MessageDesk) -> None:
    (one,) = told(desk, dt.date(2026, 11, 24))
    assert one.startswith("报送逾期。逾期未报：用户台账 2026-27（2026-11-02）、账单 2026-10（2026-11-10）")
    assert "热网日报 2026-11（7 日）" in one
    assert len(one) <= 300
    (next_day,) = told(desk, dt.date(2026, 11, 26))
    assert "热网日报 2026-11（9 日）" in next_day
    english = desk.messages("clerk-a")[-1].title_en
    assert "(days: 9)" in english
    assert english.endswith("File as soon as you can.")


def test_a_day_that_brings_nothing_new_brings_no_message(desk: MessageDesk) -> None:
    saturday = dt.date(2026, 11, 28)  # Thursday's report is due on Saturday, and so on Monday
    assert len(told(desk, saturday)) == 1
    assert told(desk, saturday + dt.timedelta(days=1)) == []


def test_days_without_a_round_are_made_up_for(desk: MessageDesk) -> None:
    """The month of bills was due on Tuesday the 10th; no worker ran from Tuesday to Friday."""
    assert told(desk, dt.date(2026, 11, 9))
    (one,) = told(desk, dt.date(2026, 11, 13))
    assert "账单 2026-10（2026-11-10）" in one
