"""What happens at the same moment to one company: runs of two periods, a run and a decision."""

from __future__ import annotations

import threading
from collections.abc import Callable

from supervision.db import begin
from supervision.db.lifecycle import MovedMeanwhile, NotPossible
from supervision.findings import Finding, FindingState, QueueFilter
from supervision.findings.models import FindingPart
from supervision.jobs.models import Job
from supervision.jobs.worker import work
from tests.findings.checked_company import (
    DECEMBER,
    JANUARY,
    OFFICER,
    OLD_PRICE,
    SEASON,
    CheckedCompany,
    account,
    bill,
)
from tests.findings.test_findings_of_a_season import DATES, dismissed, periods, roster, sound

ROUNDS = 4  # with them the bills of the two periods never meet


def filed(company: CheckedCompany, period: str, *wrong: int) -> None:
    """Signed, and its check waits."""
    company.file("bills", period, [bill(number, price=OLD_PRICE, **DATES[period]) for number in wrong])


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each returned or raised, all started together."""
    together = threading.Barrier(len(acts))
    told: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        together.wait()
        try:
            told[place] = act()
        except Exception as error:  # looked at by the test, by its type
            told[place] = error

    racers = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    return told


def worker(company: CheckedCompany) -> Callable[[], int]:
    desk = company.desk
    names = ("check_filing",)
    return lambda: work(
        desk.engine, desk.settings, threading.Event(), clock=desk.clock, only=names, until_idle=True
    )


def errors(company: CheckedCompany) -> list[str | None]:
    with begin(company.engine) as session:
        return [job.error for job in session.query(Job).filter(Job.error.is_not(None))]


def test_runs_of_two_periods_recorded_at_once_make_one_finding(company: CheckedCompany) -> None:
    roster(company)
    for turn in range(1, ROUNDS + 1):
        filed(company, DECEMBER, *range(1, turn + 1))
        filed(company, JANUARY, *range(9, 9 - turn, -1))
        at_once(worker(company), worker(company))
        (finding,) = company.findings()
        assert (finding.bills, periods(company, finding)) == (2 * turn, [DECEMBER, JANUARY]), f"round {turn}"
    assert errors(company) == []
    assert sound(company)


def test_the_same_check_on_two_workers_is_recorded_once_and_nothing_looks_like_a_failure(
    company: CheckedCompany,
) -> None:
    roster(company)
    filed(company, DECEMBER, 1, 2)
    company.check()
    for turn in range(1, ROUNDS + 1):
        accounts = [account(number) for number in range(1, 9 + turn)]
        company.file("accounts", SEASON, accounts)
        filed(company, DECEMBER, *range(1, 2 + turn))
        at_once(worker(company), worker(company))
        assert errors(company) == []
        assert company.run().bills == 1 + turn
        assert [run.number for run in company.runs()] == list(range(1, len(company.runs()) + 1))
    assert sound(company)


def test_a_dismissal_and_a_run_never_both_count_the_new_bills(company: CheckedCompany) -> None:
    roster(company)
    for turn in range(1, ROUNDS + 1):
        filed(company, DECEMBER, *range(1, turn + 1))
        company.check()
        (seen,) = company.findings()
        filed(company, JANUARY, *range(9, 9 - turn, -1))
        outcome, _ = at_once(lambda seen=seen: dismissed(company, seen), worker(company))
        found = {one.state: periods(company, one) for one in company.findings(QueueFilter(state=None))}
        if isinstance(outcome, Finding):
            # Decided first: January is a matter of its own.
            assert found == {FindingState.DISMISSED: [DECEMBER], FindingState.OPEN: [JANUARY]}, (
                f"round {turn}"
            )
        else:
            assert isinstance(outcome, MovedMeanwhile), outcome
            assert found == {FindingState.OPEN: [DECEMBER, JANUARY]}, f"round {turn}"
        assert sound(company)
        with begin(company.engine) as session:
            service = company.service(session)
            for one in session.query(Finding).filter_by(state=FindingState.DISMISSED):
                service.reopen(one, by=OFFICER.actor, version=one.version)
        filed(company, JANUARY)
        company.check()
    assert errors(company) == []


def test_a_case_and_a_run_never_both_have_the_new_bills(company: CheckedCompany) -> None:
    roster(company)
    for turn in range(1, ROUNDS + 1):
        filed(company, DECEMBER, *range(1, turn + 1))
        company.check()
        (seen,) = company.findings()
        filed(company, JANUARY, *range(9, 9 - turn, -1))

        def take(seen: Finding = seen) -> list[str]:
            with begin(company.engine) as session:
                service = company.service(session)
                found = session.merge(seen, load=False)  # as the page showed it
                service.take_into_case(found, by=OFFICER.actor, case="C-1")
                return [part.period for part in service.parts(found)]

        outcome, _ = at_once(take, worker(company))
        in_case = company.findings(QueueFilter(state=FindingState.IN_CASE))
        if isinstance(outcome, list):
            assert outcome == [DECEMBER] == periods(company, in_case[0]), f"round {turn}"
        else:
            assert isinstance(outcome, MovedMeanwhile | NotPossible), outcome
            assert in_case == []
        (open_one,) = company.findings()
        assert JANUARY in periods(company, open_one)
        assert sound(company)
        with begin(company.engine) as session:
            service = company.service(session)
            for one in session.query(Finding).filter_by(state=FindingState.IN_CASE):
                service.give_back(one, by=OFFICER.actor, case="C-1")
        filed(company, JANUARY)
        company.check()
    with begin(company.engine) as session:
        of_one_run = session.query(FindingPart.run_id, FindingPart.is_counted).filter_by(is_counted=True)
        assert len({run for run, _ in of_one_run}) == of_one_run.count()
    assert errors(company) == []
