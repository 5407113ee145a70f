"""A mistake that a company makes month after month is one matter: its findings of a season belong together."""

from __future__ import annotations

from supervision.db import begin
from supervision.findings import Finding
from tests.findings.checked_company import DECEMBER, JANUARY, OLD_PRICE, SEASON, CheckedCompany, account, bill


def test_open_findings_of_one_cause_belong_together_over_the_periods_of_a_season(
    company: CheckedCompany,
) -> None:
    company.file_and_check("accounts", SEASON, [account(number) for number in range(1, 6)])
    company.file_and_check("bills", DECEMBER, [bill(1, price=OLD_PRICE), bill(2)])
    later = {"issued_on": "2026-01-08", "due_on": "2026-01-31"}
    other = bill(4, other_charge="30.00", other_charge_name="管网建设费", total="3095.60", **later)
    company.file_and_check("bills", JANUARY, [bill(3, price=OLD_PRICE, **later), other])
    with begin(company.engine) as session:
        service = company.service(session)
        december = session.query(Finding).filter_by(period=DECEMBER).one()
        together = service.of_same_cause(december)
        assert [(one.period, one.cause) for one in together] == [
            (DECEMBER, "old_price"),
            (JANUARY, "old_price"),
        ]
        assert sum(one.amount_over for one in together) == 2 * december.amount_over


def test_a_dismissed_finding_does_not_go_with_the_others(company: CheckedCompany) -> None:
    company.file_and_check("accounts", SEASON, [account(number) for number in range(1, 4)])
    company.file_and_check("bills", DECEMBER, [bill(1, price=OLD_PRICE)])
    later = {"issued_on": "2026-01-08", "due_on": "2026-01-31"}
    company.file_and_check("bills", JANUARY, [bill(2, price=OLD_PRICE, **later)])
    with begin(company.engine) as session:
        service = company.service(session)
        december = session.query(Finding).filter_by(period=DECEMBER).one()
        service.dismiss(
            december,
            reason="explained",
            note="企业已更正并退款，凭证齐全。",
            by=company.clerk.actor,
            version=december.version,
        )
        january = session.query(Finding).filter_by(period=JANUARY).one()
        assert [one.period for one in service.of_same_cause(january)] == [JANUARY]
