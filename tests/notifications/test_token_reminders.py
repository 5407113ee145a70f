"""A company hears 30 and 7 days before, once each, that its program will be locked out."""

from __future__ import annotations

import datetime as dt

import pytest
from message_desk import MessageDesk
from sqlalchemy import update

from supervision.channels.models import ApiToken
from supervision.channels.tokens import TokenService
from supervision.companies import CompanyService
from supervision.db import begin
from supervision.filings.calendar import FilingCalendar
from supervision.journal import SYSTEM
from supervision.settings.clock import SHANGHAI, local_date
from tests.filings.filing_desk import SEASON


def token_for(desk: MessageDesk, days: int, name: str = "billing") -> ApiToken:
    """A token whose last day is that many days from today."""
    with begin(desk.engine) as session:
        service = TokenService(
            session, desk.clock, FilingCalendar(session, desk.clock, desk.filings.evidence)
        )
        last_day = local_date(desk.clock.now()) + dt.timedelta(days=days)
        token, _ = service.make(
            company_id=desk.companies["harbin-a"],
            name=name,
            feeds=["service_requests"],
            season=SEASON,
            periods=["2026-03-31"],  # nothing that falls due with it
            expires_on=last_day,
            by=desk.people["signatory-a"].actor,
        )
        return token


def told_on(desk: MessageDesk, day: dt.date) -> list[str]:
    """What the clerk has been told of tokens once the round of that day was made."""
    desk.go_round("remind_of_tokens", dt.datetime.combine(day, dt.time(8), SHANGHAI))
    return [one.title_en for one in desk.messages("clerk-a") if one.kind == "token_expires"]


def test_a_token_is_spoken_of_30_and_7_days_before_its_last_day_and_once_each(desk: MessageDesk) -> None:
    desk.wants_mail()
    last_day = local_date(token_for(desk, 90).expires_at - dt.timedelta(seconds=1))
    said = [len(told_on(desk, last_day - dt.timedelta(days=left))) for left in (31, 30, 29, 8, 7, 6, 0, -1)]
    assert said == [0, 1, 1, 1, 2, 2, 2, 2]
    assert desk.kinds("signatory-a") == ["token_expires"] * 2
    assert desk.kinds("clerk-b") == desk.kinds("officer") == []
    message = desk.messages("clerk-a")[0]
    assert (message.path, "billing" in message.title_zh) == ("/company/tokens", True)
    assert last_day.isoformat() in message.title_en
    assert len(desk.mails()) == 2


def test_a_round_that_was_missed_is_made_up_for(desk: MessageDesk) -> None:
    last_day = local_date(token_for(desk, 90).expires_at - dt.timedelta(seconds=1))
    assert len(told_on(desk, last_day - dt.timedelta(days=3))) == 1


@pytest.mark.parametrize(("days", "said"), [(31, 2), (30, 1), (8, 1), (7, 0)])
def test_a_token_made_for_fewer_days_is_not_spoken_of_so_early(
    desk: MessageDesk, days: int, said: int
) -> None:
    token = token_for(desk, days)
    last_day = local_date(token.expires_at - dt.timedelta(seconds=1))
    for left in range(days, -1, -1):
        told = told_on(desk, last_day - dt.timedelta(days=left))
    assert len(told) == said


def test_a_token_that_was_revoked_and_one_of_a_company_that_files_no_more_are_not_spoken_of(
    desk: MessageDesk,
) -> None:
    revoked, standing = token_for(desk, 90, "revoked"), token_for(desk, 90, "standing")
    day = local_date(revoked.expires_at) - dt.timedelta(days=20)
    with begin(desk.engine) as session:
        session.execute(
            update(ApiToken)
            .where(ApiToken.id == revoked.id)
            .values(revoked_at=desk.clock.now(), revoked_by="signatory-a")
        )
    assert ["standing" in one for one in told_on(desk, day)] == [True]
    with begin(desk.engine) as session:
        CompanyService(session, desk.clock).deactivate("harbin-a", by=SYSTEM)
    assert len(told_on(desk, local_date(standing.expires_at) - dt.timedelta(days=5))) == 1
