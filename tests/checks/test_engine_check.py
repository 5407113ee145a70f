"""A check run: outcomes, findings grouped by cause, counts, progress; and the catalogue behind them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from bill_cases import CITY, account, accounts_table, bill, bills_table, price, tariff

from checks.catalogue import CHECKS, check_of_cause
from checks.causes import CAUSES
from checks.engine import check
from checks.tariffs.record import Standing

M = Decimal
OLD = tariff(id="old", area_price=price("26"), valid_to=dt.date(2025, 9, 30), standing=Standing.SUPERSEDED)
NEW = tariff(id="new", valid_from=dt.date(2025, 10, 1))
SHOPS = tariff(id="shops", category="non_residential", area_price=price("31.5"))


def filing() -> list[dict[str, Any]]:
    rows = [bill(bill_no=f"B-{n}", account_no=f"A-{n}", area_charge="2400.00") for n in range(1, 8)]
    rows += [
        bill(bill_no="B-8", account_no="A-8", area_charge="2600.00", issued_on=dt.date(2025, 10, 25)),
        bill(
            bill_no="B-9",
            account_no="A-9",
            area_charge="5200.00",
            billed_area_m2="200.00",
            issued_on=dt.date(2025, 11, 3),
        ),
        bill(
            bill_no="B-10",
            account_no="A-10",
            area_charge="2400.00",
            other_charge="30.00",
            other_charge_name="表费",
        ),
        bill(bill_no="B-11", account_no="A-11", area_charge="2000.00"),
        bill(bill_no="B-12", account_no="A-12", category="non_residential", area_charge="3200.00"),
        bill(bill_no="B-13", account_no="A-13", area_basis="inner", area_charge="2400.00"),
    ]
    return rows


def test_bills_wrong_for_one_cause_make_one_finding() -> None:
    result = check(bills_table(*filing()), None, [OLD, NEW, SHOPS], city=CITY)
    found = {(one.cause, one.category): one for one in result.findings}
    old = found["old_price", "residential"]
    assert (old.bills, old.exposed_bills, old.tariff_id, old.season) == (2, 12, "new", "2025-26")
    assert (old.amount_over, old.amount_under, old.largest) == (M("600.00"), M("0.00"), M("400.00"))
    assert (old.first_seen, old.last_seen) == (dt.date(2025, 10, 25), dt.date(2025, 11, 3))
    assert old.source_rows == [8, 9]


def test_bills_in_a_wrong_category_are_held_against_all_that_their_tariff_prices() -> None:
    rows = [bill(bill_no=f"B-{n}", account_no=f"A-{n}", area_charge="2400.00") for n in range(1, 10)]
    rows.append(bill(bill_no="B-10", account_no="A-10", category="non_residential", area_charge="3150.00"))
    roster = accounts_table(*(account(account_no=f"A-{n}") for n in range(1, 11)))
    (found,) = check(bills_table(*rows), roster, [NEW, SHOPS], city=CITY).findings
    assert (found.cause, found.tariff_id) == ("wrong_category", "new")
    assert (found.bills, found.exposed_bills) == (1, 10)


def test_the_greatest_amount_stands_first_and_undercharges_count() -> None:
    result = check(bills_table(*filing()), None, [OLD, NEW, SHOPS], city=CITY)
    assert [(one.cause, one.amount_over, one.amount_under) for one in result.findings] == [
        ("old_price", M("600.00"), M("0.00")),
        ("unexplained", M("0.00"), M("400.00")),
        ("unexplained", M("50.00"), M("0.00")),
        ("unlisted_charge", M("30.00"), M("0.00")),
    ]


def test_every_bill_is_counted_once_and_what_is_missing_is_counted_by_code() -> None:
    counts = check(bills_table(*filing()), None, [OLD, NEW, SHOPS], city=CITY).counts
    assert counts == {
        "bills": 13,
        "conforms": 7,
        "breach": 5,
        "inconclusive": 1,
        "missing:area_of_basis_missing": 1,
    }


def test_the_sums_of_the_findings_are_the_sums_of_the_outcomes() -> None:
    result = check(bills_table(*filing()), None, [OLD, NEW, SHOPS], city=CITY)
    over = [value for value in result.outcomes["overcharge"].to_pylist() if value is not None]
    assert sum(one.amount_over for one in result.findings) == sum(value for value in over if value > 0)
    assert sum(one.amount_under for one in result.findings) == -sum(value for value in over if value < 0)
    assert sum(one.bills for one in result.findings) == result.counts["breach"]


def test_progress_runs_from_nothing_to_everything() -> None:
    heard: list[tuple[int, str]] = []
    check(
        bills_table(bill()),
        None,
        [NEW],
        city=CITY,
        on_progress=lambda share, step: heard.append((share, step)),
    )
    assert heard == [(0, "recompute"), (40, "causes"), (90, "group"), (100, "done")]


def test_without_a_breach_there_is_no_finding() -> None:
    result = check(bills_table(bill(area_charge="2400.00")), accounts_table(account()), [NEW], city=CITY)
    assert result.findings == ()
    assert result.counts["conforms"] == 1


def test_a_filing_without_bills_gives_nothing_and_no_error() -> None:
    result = check(bills_table(), None, [NEW], city=CITY)
    assert (len(result.outcomes), result.findings, result.counts["bills"]) == (0, (), 0)


def test_two_runs_over_the_same_bills_are_identical() -> None:
    rows = bills_table(*filing())
    one, two = (check(rows, None, [OLD, NEW, SHOPS], city=CITY) for _ in range(2))
    assert one.outcomes.equals(two.outcomes)
    assert one.findings == two.findings


def test_every_cause_has_a_check_with_a_legal_basis_in_both_languages() -> None:
    for cause in CAUSES:
        behind = check_of_cause(cause)
        assert CHECKS[behind.code] is behind
        assert behind.version
        assert behind.legal_basis
        for basis in behind.legal_basis:
            assert "法" in basis.zh or "令" in basis.zh or "号" in basis.zh or "条例" in basis.zh
            assert basis.en.isascii()
    assert next(iter(CHECKS)) == "bill_recomputed"
