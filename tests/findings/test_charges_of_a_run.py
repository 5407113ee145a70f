"""A run rests on the register of charges as it stood, keeps it by digest, and lists the names it does not know."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace

import pytest

from checks.fees import Fee, FeeSource, Ruling, Standing, register_of, shipped_register
from supervision.db import begin
from supervision.fees import Charge, FeeEntering, FeeService
from supervision.findings import CheckRun
from supervision.findings.as_of import ask
from supervision.findings.bills import BillView, certificate_of_bill
from supervision.findings.inputs import AsOf
from supervision.findings.unknown_charges import unknown_charges
from supervision.jobs.worker import work
from supervision.journal import SYSTEM
from supervision.security import Role
from tests.filings.filing_desk import person
from tests.findings.checked_company import CITY, DECEMBER, SEASON, CheckedCompany, account, bill

PUBLISHED = dt.date(2025, 11, 1)
NOTICE = FeeSource("哈尔滨市通知", "Harbin's notice", "https://www.harbin.gov.cn/1.html")
AUTHOR = replace(person(Role.OFFICER, "author", None), person_no="P-1")
APPROVER = replace(person(Role.SUPERVISING_OFFICER, "approver", None), person_no="P-2")


@pytest.fixture
def charged(company: CheckedCompany) -> CheckedCompany:
    """Two bills, one with 30.00 under a name that nobody registered."""
    company.file("accounts", SEASON, [account(number) for number in (1, 2)])
    extra = {"other_charge": "30.00", "other_charge_name": "蓝色费", "total": "3095.60"}
    company.file_and_check("bills", DECEMBER, [bill(1), bill(2, **extra)])
    return company


def register_blue(company: CheckedCompany, standing: Standing = Standing.FORBIDDEN) -> None:
    """The blue fee is entered and approved, and the bills are checked again."""
    ruling = Ruling(
        standing,
        "entry",
        "不得收取",
        "nothing is due",
        city=CITY,
        valid_from=dt.date(2025, 1, 1),
        known_from=PUBLISHED,
    )
    charge = Charge(Fee("blue_fee", "蓝色费", "Blue fee", ("蓝色费",), (ruling,)), NOTICE, PUBLISHED)
    with begin(company.engine) as session:
        entering = FeeEntering(session, company.desk.clock)
        entry = entering.start(charge, by=AUTHOR)
        entering.submit(entry, by=AUTHOR, version=entry.version)
        entering.approve(
            entry, by=APPROVER, version=entry.version, record_digest=entry.record_digest, reason="核对无误。"
        )
    company.work()


def seen(company: CheckedCompany, bill_no: str, run: CheckRun) -> BillView:
    with begin(company.engine) as session:
        return company.bills(session).bill(company.company_id, bill_no, run=session.get_one(CheckRun, run.id))


def asked(company: CheckedCompany, as_of: AsOf) -> CheckRun:
    """The run on what was known then, as the worker computes it."""
    desk, known = company.desk, {run.id for run in company.runs()}
    with begin(desk.engine) as session:
        ask(session, desk.clock, desk.evidence, session.get_one(CheckRun, company.run().id), as_of, by=SYSTEM)
    work(
        desk.engine,
        desk.settings,
        threading.Event(),
        clock=desk.clock,
        only=("check_as_of",),
        until_idle=True,
    )
    (found,) = [run for run in company.runs() if run.id not in known]
    return found


def causes(company: CheckedCompany) -> set[str]:
    return {one.cause for one in company.findings()}


def test_a_name_is_listed_until_somebody_registers_it(charged: CheckedCompany) -> None:
    assert causes(charged) == {"unlisted_charge"}, "it is a finding as it is"
    with begin(charged.engine) as session:
        (one,) = unknown_charges(session)
        assert (one.name, one.bills, str(one.amount)) == ("蓝色费", 1, "30.00")
        assert one.first_on == one.last_on == dt.date(2025, 12, 5)
    register_blue(charged)
    with begin(charged.engine) as session:
        assert unknown_charges(session) == []
    assert charged.run().fees_digest != shipped_register().digest


def test_a_new_run_rests_on_the_register_of_now_and_the_old_one_keeps_its_own(
    charged: CheckedCompany,
) -> None:
    before = charged.run()
    register_blue(charged)
    after = charged.run()
    assert after.number == before.number + 1
    assert (before.fees_digest, before.inputs_digest) != (after.fees_digest, after.inputs_digest)
    assert register_of(charged.desk.evidence.read_bytes(before.fees_digest or "")) == shipped_register()
    with begin(charged.engine) as session:
        assert FeeService(session).register().digest == after.fees_digest
    then = seen(charged, "B0002", before)
    now = seen(charged, "B0002", after)
    assert (then.worksheet.cause, now.worksheet.cause) == ("unlisted_charge", "forbidden_charge")
    assert then.is_reproduced
    assert now.is_reproduced
    told = next(line.formula.zh for line in now.worksheet.lines if line.code == "other_charge")
    assert NOTICE.name in told
    assert certificate_of_bill(now)["outcome"]["cause"]["code"] == "forbidden_charge"


def test_a_charge_that_the_register_makes_conditional_is_judged_so_and_certified(
    charged: CheckedCompany,
) -> None:
    register_blue(charged, Standing.CONDITIONAL)
    view = seen(charged, "B0002", charged.run())
    assert (view.outcome["outcome"], view.outcome["missing"]) == ("inconclusive", "fee_condition_missing")
    assert certificate_of_bill(view)["outcome"]["outcome"] == "inconclusive"


def test_by_the_law_of_an_earlier_day_the_charge_was_not_known(charged: CheckedCompany) -> None:
    register_blue(charged)
    run = asked(charged, AsOf(law=PUBLISHED - dt.timedelta(days=1)))
    assert run.fees_digest == shipped_register().digest
    same = asked(charged, AsOf(law=PUBLISHED))
    assert same.fees_digest == charged.run().fees_digest
