"""After a change of price, whoever still bills the old one is named within the check of the filing itself."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from supervision.db import begin
from supervision.settings import FixedClock, Settings
from tests.findings.checked_company import (
    DECEMBER,
    JANUARY,
    OLD_PRICE,
    SEASON,
    CheckedCompany,
    account,
    bill,
    enter_tariffs,
)
from tests.notifications.message_desk import MessageDesk


def alarms(desk: MessageDesk, name: str) -> list[str]:
    return [one.title_zh for one in desk.messages(name) if one.kind == "old_price_billed"]


def test_officers_and_the_company_are_told_once_a_period_that_bills_bear_the_old_price(
    engine: Engine, clock: FixedClock, settings: Settings, tmp_path: Path
) -> None:
    desk = MessageDesk.opened(engine, clock, settings, tmp_path)
    with begin(engine) as session:
        enter_tariffs(session, clock)
    company = CheckedCompany(desk.filings)
    company.file_and_check("accounts", SEASON, [account(number) for number in range(1, 8)])
    rows = [bill(1), bill(2, price=OLD_PRICE), bill(3), bill(4, "90.00")]
    company.file_and_check("bills", DECEMBER, rows)
    said = "harbin-a热力公司 2025-12：4 张账单中有 1 张（25.0%）仍按旧价收费，请尽快核实、更正。"
    for name in ("officer", "supervising-officer", "clerk-a", "signatory-a"):
        assert alarms(desk, name) == [said]
    assert [alarms(desk, name) for name in ("clerk-b", "system-administrator")] == [[], []]
    (finding,) = (one for one in company.findings() if one.cause == "old_price")
    (message,) = (one for one in desk.messages("officer") if one.kind == "old_price_billed")
    assert message.path == f"/officer/findings/{finding.public_id}"

    company.file_and_check("bills", DECEMBER, [*rows, bill(5, price=OLD_PRICE)])  # filed again: told already
    assert alarms(desk, "officer") == [said]
    company.file_and_check("bills", JANUARY, [bill(6), bill(7, price=OLD_PRICE)])
    assert len(alarms(desk, "officer")) == 2


def test_nobody_is_told_of_bills_at_the_price_in_force(
    engine: Engine, clock: FixedClock, settings: Settings, tmp_path: Path
) -> None:
    desk = MessageDesk.opened(engine, clock, settings, tmp_path)
    with begin(engine) as session:
        enter_tariffs(session, clock)
    company = CheckedCompany(desk.filings)
    company.file_and_check("accounts", SEASON, [account(1), account(2)])
    company.file_and_check("bills", DECEMBER, [bill(1), bill(2, "90.00")])
    assert alarms(desk, "officer") == []
