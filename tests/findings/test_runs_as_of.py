"""A run on what was known at a time stands beside the run in force and changes nothing but the journal."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pytest

from checks.tariffs.load import load_published
from supervision.db import begin
from supervision.findings.as_of import AsOfRefused, ask, end_of_day
from supervision.findings.inputs import AsOf
from supervision.findings.models import CheckRun
from supervision.jobs.worker import work
from supervision.journal import SYSTEM
from supervision.settings.clock import local_date
from tests.findings.checked_company import DECEMBER, OLD_PRICE, SEASON, CheckedCompany, account, bill

NOTICE = next(one.known_from for one in load_published() if one.id == "hrb-res-2015")


def asked(company: CheckedCompany, as_of: AsOf) -> CheckRun:
    """The run on what was known then, computed by the worker."""
    desk = company.desk
    with begin(company.engine) as session:
        run = session.get_one(CheckRun, company.run().id)
        ask(session, desk.clock, desk.evidence, run, as_of, by=SYSTEM)
    work(
        desk.engine,
        desk.settings,
        threading.Event(),
        clock=desk.clock,
        only=("check_as_of",),
        until_idle=True,
    )
    return company.runs()[-1]


def test_before_the_notice_was_out_the_old_price_was_right(company: CheckedCompany) -> None:
    company.file("accounts", SEASON, [account(1), account(2)])
    company.file_and_check("bills", DECEMBER, [bill(1), bill(2, price=OLD_PRICE)])
    before = company.run()
    findings = company.findings()
    run = asked(company, AsOf(law=NOTICE - dt.timedelta(days=1)))
    assert (run.is_as_of, run.is_current, run.previous_run_id) == (True, False, before.id)
    assert run.moved == {
        "late_tariff": {"bills": 2, "change": "-324.80"},
        "stands": {"bills": 0, "change": "0.00"},
    }
    assert run.second_opinions == 2  # the checker computed this run too
    assert company.run() == before or company.run().id == before.id
    assert [one.public_id for one in company.findings()] == [one.public_id for one in findings]
    with begin(company.engine) as session:
        assert company.service(session).run_of_filing(before.filing_id).id == before.id  # type: ignore[union-attr]


def test_what_a_company_sent_later_is_told_apart_from_what_it_did(company: CheckedCompany) -> None:
    company.file("accounts", SEASON, [account(1), account(2)])
    company.file_and_check("bills", DECEMBER, [bill(1), bill(2, price=OLD_PRICE)])
    then = company.desk.clock.now()
    company.desk.clock.move(dt.timedelta(days=2))
    company.file_and_check("accounts", SEASON, [account(1, "75.00"), account(2)])
    assert company.run().moved == {
        "late_data": {"bills": 1, "change": "191.60"},
        "stands": {"bills": 1, "change": "162.40"},
    }
    run = asked(company, AsOf(data=then))
    assert (run.breaches, run.amount_over) == (1, Decimal("162.40"))
    assert run.moved == {
        "late_data": {"bills": 1, "change": "-191.60"},
        "stands": {
            "bills": 1,
            "change": "162.40",
        },  # wrong on what was known at either time: the company's own
    }


def test_asking_twice_for_the_same_makes_one_run(company: CheckedCompany) -> None:
    company.file("accounts", SEASON, [account(1)])
    company.file_and_check("bills", DECEMBER, [bill(1)])
    first = asked(company, AsOf(law=NOTICE))
    assert asked(company, AsOf(law=NOTICE)).id == first.id
    assert len(company.runs()) == 2


@pytest.mark.parametrize(
    ("days", "said"), [(1, "in the future"), (-400, "No bills of 2025-12 were signed by then")]
)
def test_a_day_that_makes_no_sense_is_refused(company: CheckedCompany, days: int, said: str) -> None:
    company.file_and_check("bills", DECEMBER, [bill(1)])
    desk = company.desk
    day = local_date(desk.clock.now()) + dt.timedelta(days=days)
    with begin(company.engine) as session:
        run = session.get_one(CheckRun, company.run().id)
        with pytest.raises(AsOfRefused, match=said):
            ask(session, desk.clock, desk.evidence, run, AsOf(data=end_of_day(day)), by=SYSTEM)
        with pytest.raises(AsOfRefused, match="at least one"):
            ask(session, desk.clock, desk.evidence, run, AsOf(), by=SYSTEM)
