"""Outages in force decide what a bill of the season has to give back, once a law says so."""

from __future__ import annotations

from decimal import Decimal

from checks.tariffs.load import load_published
from supervision.companies.models import Company
from supervision.db import begin
from supervision.journal import SYSTEM
from supervision.tariffs import TariffService
from tests.findings.checked_company import SEASON, CheckedCompany, Row, account, bill

MAY, DAY = "2026-05", "2025-12-03"


def outage(affected: str) -> Row:
    return {
        "outage_no": "TR1",
        "network_code": account(1)["network_code"],
        "started_at": "2025-12-03T00:00:00+08:00",
        "ended_at": "2025-12-05T12:00:00+08:00",
        "planned": "false",
        "cause": "管道爆裂",
        "area_affected_m2": "160.00",
        "accounts_affected": affected,
    }


def settled(number: int, **changes: str) -> Row:
    return bill(number, issued_on="2026-05-20", due_on="2026-06-20", **changes)


def test_bills_stay_open_where_neither_tariff_nor_law_says_what_an_outage_of_60_hours_gives_back(
    company: CheckedCompany,
) -> None:
    company.file("accounts", SEASON, [account(1), account(2)])
    company.file_and_check("bills", MAY, [settled(1), settled(2)])
    company.file_and_check("outages", DAY, [outage("2")])
    run = company.run(MAY)
    assert run.measured_digest is not None  # the run rests on the outages now
    assert (run.conforms, run.breaches, run.inconclusive) == (0, 0, 2)
    assert run.missing == {"outage_rule_unknown": 2}


def test_a_refund_left_out_is_found_once_the_outage_is_in_force_where_the_law_says_so(
    company: CheckedCompany,
) -> None:
    with begin(company.engine) as session:
        session.get_one(Company, company.company_id).city = "长春市"
        changchun = [one for one in load_published() if one.city == "长春市"]
        TariffService(session, company.desk.clock).enter(changchun, SYSTEM)
    changes = {"area_basis": "floor", "billed_area_m2": "160.00", "service_to": "2026-04-06"}
    changes |= {"area_charge": "4320.00", "total": "4320.00"}  # 160 x 27.00
    company.file("accounts", SEASON, [account(1), account(2)])
    company.file_and_check("bills", MAY, [settled(1, **changes), settled(2, **changes)])
    assert company.run(MAY).breaches == 0
    company.file_and_check("outages", DAY, [outage("2")])
    run = company.run(MAY)
    # 60 hours are two whole days, double: 4320.00 x 2 x 2 / 169 = 102.248 each
    assert (run.breaches, run.amount_over, run.second_opinions) == (2, Decimal("204.50"), 2)
    (finding,) = company.findings()
    assert finding.cause == "outage_not_refunded"
    with begin(company.engine) as session:
        view = company.bills(session).bill(company.company_id, "B0001")
        assert view.is_reproduced
        (line,) = [one for one in view.worksheet.lines if one.code == "refund"]
        assert "停热 2025-12-03 00:00–2025-12-05 00:00，计 2 天" in line.formula.zh
