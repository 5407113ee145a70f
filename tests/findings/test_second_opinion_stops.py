"""A run on which the two computations do not agree is never recorded."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest

from checks.certificate import CHECKER_DIGEST
from checks.certificate import verify_certificate as checker
from supervision.db import begin
from supervision.findings.stopped import stopped_checks
from supervision.jobs import parked, retry, work
from tests.findings.checked_company import DECEMBER, SEASON, CheckedCompany, account, bill


def test_a_run_says_how_many_bills_were_computed_twice_and_by_which_checker(company: CheckedCompany) -> None:
    company.file_and_check("accounts", SEASON, [account(1), account(2)])
    company.file_and_check("bills", DECEMBER, [bill(1), bill(2)])
    run = company.run()
    assert (run.second_opinions, run.second_seed) == (2, run.inputs_digest)
    assert run.checker_digest == CHECKER_DIGEST


def test_one_fen_between_the_two_computations_stops_the_run_and_names_the_bill(
    company: CheckedCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.file_and_check("accounts", SEASON, [account(1)])
    company.file("bills", DECEMBER, [bill(1)])
    exactly = checker.rounded
    monkeypatch.setattr(checker, "rounded", lambda ratio, unit: exactly(ratio, unit) + Decimal("0.01"))
    desk = company.desk
    work(
        desk.engine,
        desk.settings,
        threading.Event(),
        clock=desk.clock,
        only=["check_filing"],
        until_idle=True,
    )
    assert company.runs() == []
    with begin(desk.engine) as session:
        (job,) = parked(session)
    assert "两次核算不一致" in (job.error or "")
    assert "the two computations disagree" in (job.error or "")
    assert bill(1)["bill_no"] in (job.error or "")
    with begin(desk.engine) as session:
        (stopped,) = stopped_checks(session)
        assert stopped.filing.period == DECEMBER
        assert stopped.zh.startswith(f"账单 {bill(1)['bill_no']}")
        assert stopped.zh.endswith("重试。")
        assert stopped.en.startswith(f"Bill {bill(1)['bill_no']}")
        assert "账单" not in stopped.en

    monkeypatch.setattr(checker, "rounded", exactly)
    with begin(desk.engine) as session:
        assert retry(session, job.id)
    company.check()
    with begin(desk.engine) as session:
        assert stopped_checks(session) == []
