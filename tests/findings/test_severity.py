"""How many, how much, how long, how long to fix: what the four severities of a finding come to."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from supervision.db import begin
from supervision.findings import Finding, QueueFilter, Severity
from supervision.settings.clock import local_date
from tests.findings.checked_company import DECEMBER, JANUARY, OFFICER, SEASON, CheckedCompany
from tests.findings.test_findings_of_a_season import FEBRUARY, in_case, month, roster


def severity(company: CheckedCompany, finding: Finding) -> Severity:
    with begin(company.engine) as session:
        service = company.service(session)
        today = local_date(company.desk.clock.now())
        return service.severities([service.by_id(finding.id)], today)[finding.id]


def later(company: CheckedCompany, days: int) -> dt.date:
    company.desk.clock.move(dt.timedelta(days=days))
    return local_date(company.desk.clock.now())


def test_how_many_how_much_and_how_long_are_those_of_all_periods(company: CheckedCompany) -> None:
    roster(company)
    month(company, DECEMBER, (1, 2), (3, 4))
    month(company, JANUARY, (5,), (6, 7, 8, 9))
    (finding,) = company.findings()
    found = severity(company, finding)
    assert (found.bills, found.share) == (3, Decimal(3) / Decimal(9))
    assert (found.amount_over, found.amount_under, found.largest) == (
        Decimal("487.20"),
        Decimal("0.00"),
        Decimal("162.40"),
    )
    assert (found.days, found.periods) == (35, (DECEMBER, JANUARY))  # 5 December to 8 January


def test_it_goes_on_until_a_later_period_is_filed_without_it(company: CheckedCompany) -> None:
    roster(company)
    month(company, DECEMBER, (1,))
    told_on = local_date(company.desk.clock.now())
    (finding,) = company.findings()
    later(company, 10)
    going_on = severity(company, finding).fixing
    assert (going_on.told_on, going_on.days, going_on.is_over) == (told_on, 10, False)
    month(company, JANUARY, (2,))
    assert not severity(company, finding).fixing.is_over
    fixed_on = later(company, 20)
    month(company, FEBRUARY, (), (3,))
    later(company, 5)
    over = severity(company, finding).fixing
    assert (over.over_on, over.period, over.days) == (fixed_on, FEBRUARY, 30)


def test_what_comes_back_is_not_over(company: CheckedCompany) -> None:
    roster(company)
    month(company, DECEMBER, (1,))
    month(company, JANUARY, (), (2,))
    (finding,) = company.findings()
    assert severity(company, finding).fixing.is_over
    month(company, FEBRUARY, (3,))
    assert not severity(company, finding).fixing.is_over


def test_new_bills_of_the_matter_keep_a_decided_finding_from_being_over(company: CheckedCompany) -> None:
    roster(company)
    month(company, DECEMBER, (1,))
    (first,) = company.findings()
    in_case(company, first)
    month(company, JANUARY, (2,))
    assert not severity(company, first).fixing.is_over
    fixed_on = later(company, 3)
    month(company, JANUARY, (), (2,))
    assert severity(company, first).fixing.over_on == fixed_on
    assert company.findings() == []


def test_bills_filed_again_without_it_end_it_as_well(company: CheckedCompany) -> None:
    roster(company)
    month(company, DECEMBER, (1,))
    (first,) = company.findings()
    in_case(company, first)
    fixed_on = later(company, 7)
    month(company, DECEMBER, (), (1,))
    over = severity(company, first).fixing
    assert (over.over_on, over.period, over.days) == (fixed_on, DECEMBER, 7)


def test_the_days_count_from_the_notice_once_there_is_one(company: CheckedCompany) -> None:
    roster(company)
    month(company, DECEMBER, (1,))
    (finding,) = company.findings()
    notified_on = later(company, 4)
    with begin(company.engine) as session:
        service = company.service(session)
        service.notified(service.by_id(finding.id), company.desk.clock.now())
    later(company, 6)
    found = severity(company, finding).fixing
    assert (found.told_on, found.days) == (notified_on, 6)


def test_a_whole_page_of_findings_has_its_severities_at_once(
    company: CheckedCompany, other_company: CheckedCompany
) -> None:
    for one in (company, other_company):
        roster(one)
        month(one, DECEMBER, (1,))
    month(other_company, JANUARY, (), (2,))
    with begin(company.engine) as session:
        service = company.service(session)
        findings = session.scalars(service.queue(OFFICER, QueueFilter(season=SEASON))).all()
        found = service.severities(findings, local_date(company.desk.clock.now()))
        over = {one.company.code: found[one.id].fixing.is_over for one in findings}
    assert over == {"songbei": False, "daoli": True}
