"""What people decide about a finding, and who may see it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from supervision.db import begin
from supervision.db.lifecycle import MovedMeanwhile, NotPossible
from supervision.findings import (
    DismissalRefused,
    Finding,
    FindingState,
    NoSuchFinding,
    NoSuchRun,
    QueueFilter,
)
from supervision.findings.lifecycle import LIFECYCLE, REASONS, STATES
from supervision.journal import JournalEntry
from supervision.security import GRANTS, Role
from tests.findings.checked_company import (
    DECEMBER,
    JANUARY,
    OFFICER,
    OLD_PRICE,
    SEASON,
    SUPERVISING_OFFICER,
    CheckedCompany,
    account,
    bill,
)

NOTE = "企业已提供更正后的台账,差额已经查明。"


@pytest.fixture
def finding(company: CheckedCompany) -> Finding:
    """Two bills at the old price, 324.80 CNY too much."""
    company.file_and_check("accounts", SEASON, [account(1), account(2)])
    company.file_and_check("bills", DECEMBER, [bill(1, price=OLD_PRICE), bill(2, price=OLD_PRICE)])
    (found,) = company.findings()
    return found


def dismiss(company: CheckedCompany, finding: Finding, **changes: object) -> Finding:
    given = {"reason": "explained", "note": NOTE, "version": finding.version} | changes
    with begin(company.engine) as session:
        service = company.service(session)
        found = service.by_id(finding.id)
        service.dismiss(found, by=OFFICER.actor, **given)  # type: ignore[arg-type]
        return found


def test_every_state_has_words_and_every_step_starts_and_ends_in_one() -> None:
    assert set(STATES) == set(FindingState)
    for (state, _act), step in LIFECYCLE.steps.items():
        assert state in STATES
        assert step.to in STATES
    people = {str(permission) for role in Role for permission in GRANTS[role]}
    assert {step.permission for step in LIFECYCLE.steps.values()} <= people | {"system"}


def test_a_dismissal_keeps_its_reason_and_its_journal_entry(
    company: CheckedCompany, finding: Finding
) -> None:
    found = dismiss(company, finding)
    assert (found.state, found.reason, found.reason_note) == (FindingState.DISMISSED, "explained", NOTE)
    assert found.decided_by == "officer"
    with begin(company.engine) as session:
        (entry,) = session.query(JournalEntry).filter_by(act="finding.dismissed")
        assert (entry.object_id, entry.detail["reason"]) == (finding.public_id, "explained")


@pytest.mark.parametrize("changes", [{"reason": "no such reason"}, {"note": "太短"}, {"note": "长" * 2001}])
def test_a_dismissal_without_a_reason_and_its_grounds_is_refused(
    company: CheckedCompany, finding: Finding, changes: dict[str, str]
) -> None:
    with pytest.raises(DismissalRefused) as refusal:
        dismiss(company, finding, **changes)
    assert refusal.value.zh
    assert refusal.value.en
    assert company.findings()[0].state is FindingState.OPEN


def test_whoever_decides_on_an_old_page_is_told_so(company: CheckedCompany, finding: Finding) -> None:
    dismiss(company, finding)
    with pytest.raises(MovedMeanwhile):
        dismiss(company, finding)
    with pytest.raises(NotPossible):
        dismiss(company, finding, version=finding.version + 1)


def test_a_dismissed_finding_can_be_opened_again_and_loses_its_reason(
    company: CheckedCompany, finding: Finding
) -> None:
    dismissed = dismiss(company, finding)
    with begin(company.engine) as session:
        service = company.service(session)
        found = service.by_id(finding.id)
        service.reopen(found, by=OFFICER.actor, version=dismissed.version)
        assert (found.state, found.reason, found.reason_note) == (FindingState.OPEN, None, None)


def test_a_finding_goes_through_a_case_and_closes_with_it(company: CheckedCompany, finding: Finding) -> None:
    with begin(company.engine) as session:
        service = company.service(session)
        found = service.by_id(finding.id)
        service.take_into_case(found, by=OFFICER.actor, case="C-1")
        assert found.state is FindingState.IN_CASE
        service.give_back(found, by=OFFICER.actor, case="C-1")
        assert found.state is FindingState.OPEN
        service.take_into_case(found, by=OFFICER.actor, case="C-2")
        service.close(found, by=SUPERVISING_OFFICER.actor, case="C-2")
        assert found.state is FindingState.CLOSED
        acts = [entry.act for entry in session.query(JournalEntry).filter_by(object_id=finding.public_id)]
    assert acts == [
        "finding.taken_into_case",
        "finding.given_back",
        "finding.taken_into_case",
        "finding.closed",
    ]


def test_a_dismissal_is_remembered_while_the_result_stays_the_same(
    company: CheckedCompany, finding: Finding
) -> None:
    dismiss(company, finding)
    company.file_and_check("accounts", SEASON, [account(1), account(2), account(3)])
    (again,) = company.findings(QueueFilter(state=FindingState.DISMISSED))
    assert (again.id, again.reason, again.reason_note) == (finding.id, "explained", NOTE)
    assert [part.run_id for part in company.parts(again)] == [company.run().id]
    assert company.findings() == []


def test_a_dismissal_is_forgotten_when_the_result_is_another(
    company: CheckedCompany, finding: Finding
) -> None:
    dismiss(company, finding)
    rows = [bill(number, price=OLD_PRICE) for number in (1, 2, 3)]
    company.file("accounts", SEASON, [account(1), account(2), account(3)])
    company.file_and_check("bills", DECEMBER, rows)
    (again,) = company.findings()
    assert again.id != finding.id
    assert (again.bills, again.reason) == (3, None)
    assert [one.id for one in company.findings(QueueFilter(state=FindingState.SUPERSEDED))] == [finding.id]


def test_what_is_in_a_case_stays_there_when_the_bills_are_checked_again(
    company: CheckedCompany, finding: Finding
) -> None:
    with begin(company.engine) as session:
        service = company.service(session)
        service.take_into_case(service.by_id(finding.id), by=OFFICER.actor, case="C-1")
    company.file_and_check("bills", DECEMBER, [bill(1, price=OLD_PRICE), bill(2)])
    (in_case,) = company.findings(QueueFilter(state=FindingState.IN_CASE))
    (open_one,) = company.findings()
    assert in_case.id == finding.id
    assert (in_case.bills, open_one.bills) == (2, 1)
    assert company.parts(open_one)[0].predecessor_id == company.parts(in_case)[0].id
    with begin(company.engine) as session:
        alike = company.service(session).others_alike(open_one)
        assert [one.id for one in alike] == [in_case.id]


def test_what_comes_out_the_same_again_is_in_the_case_already(
    company: CheckedCompany, finding: Finding
) -> None:
    with begin(company.engine) as session:
        service = company.service(session)
        service.take_into_case(service.by_id(finding.id), by=OFFICER.actor, case="C-1")
    company.file_and_check("accounts", SEASON, [account(1), account(2), account(3)])
    (carried,) = company.findings(QueueFilter(state=FindingState.IN_CASE))
    assert carried.id == finding.id
    assert len(company.parts(carried)) == len(company.parts(carried, is_counted=False)) == 1
    with begin(company.engine) as session:
        service = company.service(session)
        service.close(service.by_id(finding.id), by=SUPERVISING_OFFICER.actor, case="C-1")
    (closed,) = company.findings(QueueFilter(state=FindingState.CLOSED))
    assert closed.id == carried.id


def test_the_queue_shows_the_greatest_harm_first_and_can_be_narrowed(
    company: CheckedCompany, other_company: CheckedCompany, finding: Finding
) -> None:
    other_company.file("accounts", SEASON, [account(1), account(2)])
    other_company.file_and_check("bills", DECEMBER, [bill(1, price=OLD_PRICE), bill(2, "70.00")])
    harm = [found.amount_over for found in company.findings()]
    assert harm == [Decimal("324.80"), Decimal("162.40"), Decimal("0.00")]

    def found(**wanted: object) -> list[tuple[str, Decimal]]:
        rows = company.findings(QueueFilter(**wanted))  # type: ignore[arg-type]
        return [(one.company.code, one.amount_over) for one in rows]

    assert found(company="daoli") == [("daoli", Decimal("162.40")), ("daoli", Decimal("0.00"))]
    assert found(cause="old_price", least=Decimal("200")) == [("songbei", Decimal("324.80"))]
    assert found(season="2024-25") == []
    assert found(city="北京市") == []
    assert found(by_under=True)[0] == ("daoli", Decimal("0.00"))
    assert len(found(category="residential")) == 3


def test_the_figures_of_the_queue_are_those_of_its_findings(
    company: CheckedCompany, other_company: CheckedCompany, finding: Finding
) -> None:
    other_company.file("accounts", SEASON, [account(1), account(2)])
    other_company.file_and_check("bills", DECEMBER, [bill(1, price=OLD_PRICE), bill(2, "70.00")])
    with begin(company.engine) as session:
        service = company.service(session)
        sums = service.sums(service.queue(OFFICER, QueueFilter()))
        assert (sums.findings, sums.bills) == (3, 4)
        assert (sums.amount_over, sums.amount_under) == (Decimal("487.20"), Decimal("383.20"))
        nothing = service.sums(service.queue(OFFICER, QueueFilter(season="2020-21")))
        assert (nothing.findings, nothing.amount_over) == (0, Decimal("0.00"))


def test_a_company_sees_its_own_findings_and_runs_only(
    company: CheckedCompany, other_company: CheckedCompany, finding: Finding
) -> None:
    run = company.run()
    with begin(company.engine) as session:
        service = company.service(session)
        assert service.finding(finding.public_id, company.clerk).id == finding.id
        assert service.finding(finding.public_id, OFFICER).id == finding.id
        with pytest.raises(NoSuchFinding):
            service.finding(finding.public_id, other_company.clerk)
        with pytest.raises(NoSuchRun):
            service.run(run.public_id, other_company.clerk)
        assert session.scalars(service.queue(other_company.clerk, QueueFilter(state=None))).all() == []
        assert service.choices(other_company.clerk)["cause"] == []
        assert service.seasons(other_company.clerk) == []


def test_the_season_summary_adds_up_the_current_runs_of_all_periods(company: CheckedCompany) -> None:
    company.file("accounts", SEASON, [account(1), account(2)])
    company.file_and_check("bills", DECEMBER, [bill(1, price=OLD_PRICE), bill(3)])
    company.file_and_check("bills", DECEMBER, [bill(1, price=OLD_PRICE)])
    company.file_and_check("bills", JANUARY, [bill(2, issued_on="2026-01-05", due_on="2026-01-31")])
    with begin(company.engine) as session:
        summary = company.service(session).season_summary(company.company_id, SEASON)
        nothing = company.service(session).season_summary(company.company_id, "2019-20")
    assert (summary.runs, summary.bills, summary.conforms, summary.breaches) == (2, 2, 1, 1)
    assert summary.billed_total == Decimal("6293.60")
    assert (summary.amount_over, summary.amount_under) == (Decimal("162.40"), Decimal("0.00"))
    assert (nothing.runs, nothing.bills, nothing.amount_over) == (0, 0, Decimal("0.00"))


def test_the_rows_of_a_finding_are_paged_largest_difference_first(company: CheckedCompany) -> None:
    numbers = range(1, 8)
    areas = {number: f"{60 + number}.00" for number in numbers}
    company.file("accounts", SEASON, [account(number, areas[number]) for number in numbers])
    rows = [bill(number, areas[number], OLD_PRICE) for number in numbers]
    company.file_and_check("bills", DECEMBER, rows)
    (finding,) = company.findings()
    with begin(company.engine) as session:
        service = company.service(session)
        first, last = service.rows(finding, 1, 3), service.rows(finding, 3, 3)
        everything = list(service.all_rows(service.parts(finding)))
    assert (first.pages, first.total) == (3, 7)
    assert [bill.row["bill_no"] for bill in first.items] == ["B0007", "B0006", "B0005"]
    assert [bill.row["bill_no"] for bill in last.items] == ["B0001"]
    assert [bill.row["bill_no"] for bill in everything] == [f"B{number:04}" for number in reversed(numbers)]
    assert sum(count for _low, _high, count in company.parts(finding)[0].distribution) == 7


def test_every_reason_is_told_in_both_languages() -> None:
    assert all(told.zh and told.en and told.zh != told.en for told in REASONS.values())
