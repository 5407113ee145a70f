"""Two causes on one bill: their code, their names, their law, and how they are grouped."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal

import numpy as np
from bill_cases import CITY, bill, bills_table, price, tariff

from checks.catalogue import PRICE_LAW_12, PRICE_LAW_13, legal_basis_of
from checks.causes import CAUSES, cause_explanation, cause_parts, cause_rank, cause_text, find_causes
from checks.causes.hypotheses import HYPOTHESES
from checks.engine import check
from checks.recompute import recompute, worksheet
from checks.tariffs.record import Standing

OLD = tariff(id="old", area_price=price("22"), valid_to=dt.date(2025, 9, 30), standing=Standing.SUPERSEDED)
NEW = tariff(id="new", valid_from=dt.date(2025, 10, 1))
BOTH_WRONG = bill(area_charge="2200.00", other_charge="70.00", other_charge_name="入网费")


def test_a_pair_is_two_codes_in_the_order_of_the_catalogue() -> None:
    assert cause_parts("forbidden_charge+old_price") == ("forbidden_charge", "old_price")
    assert cause_rank("old_price") < cause_rank("unexplained") < cause_rank("forbidden_charge+old_price")
    places = list(CAUSES)
    assert places.index("forbidden_charge") < places.index("old_price")


def test_a_pair_speaks_both_languages_and_says_that_it_takes_both() -> None:
    text = cause_text("forbidden_charge+old_price")
    assert text.zh == "热价之外的收费 + 执行旧价"
    assert text.en == "charge outside the tariff + old price"
    explained = cause_explanation("forbidden_charge+old_price")
    assert CAUSES["old_price"].explanation.zh in explained.zh
    assert "together" in explained.en
    assert cause_text("known no longer").en == "known no longer"
    assert cause_explanation("old_price") == CAUSES["old_price"].explanation


def test_the_law_of_a_pair_is_that_of_both_each_provision_once() -> None:
    found = legal_basis_of("forbidden_charge+old_price")
    assert {PRICE_LAW_12, PRICE_LAW_13} <= set(found)
    assert len(found) == len(set(found))
    assert legal_basis_of("known no longer") == ()


def test_every_pair_fits_the_sixty_characters_of_the_register() -> None:
    codes = sorted({code for code, _ in HYPOTHESES})
    assert max(len("+".join(pair)) for pair in itertools.combinations(codes, 2)) <= 60


def test_a_run_groups_pairs_like_any_cause_and_the_worksheet_says_the_same() -> None:
    rows = [BOTH_WRONG | {"bill_no": f"B-{n}", "account_no": f"A-{n}"} for n in range(3)]
    result = check(bills_table(*rows), None, [OLD, NEW], city=CITY)
    assert [(one.cause, one.bills) for one in result.findings] == [("forbidden_charge+old_price", 3)]
    sheet = worksheet(BOTH_WRONG, None, [OLD, NEW], city=CITY)
    assert (sheet.cause, sheet.cause_text) == (
        "forbidden_charge+old_price",
        cause_explanation("forbidden_charge+old_price"),
    )
    assert sheet.overcharge == Decimal("-130.00")


def test_a_single_cause_goes_before_any_pair() -> None:
    row = bill(area_charge="2200.00")
    found = recompute(bills_table(row), None, [OLD, NEW], city=CITY)
    assert find_causes(bills_table(row), None, found, [OLD, NEW], city=CITY)["cause"].to_pylist() == [
        "old_price"
    ]


def test_bills_wrong_by_a_random_amount_hardly_ever_get_a_pair_by_chance() -> None:
    chance = np.random.default_rng(20251115)
    shops = tariff(id="shops", category="non_residential", area_price=price("34.5"))
    rows = []
    for number, (area, off) in enumerate(
        zip(
            chance.integers(3000, 20000, 2000).tolist(),
            chance.integers(-60000, 60000, 2000).tolist(),
            strict=True,
        )
    ):
        square = Decimal(area).scaleb(-2)
        total = (square * 24).quantize(Decimal("0.01")) + Decimal(off).scaleb(-2)
        rows.append(
            bill(bill_no=f"B{number}", account_no=f"A{number}", billed_area_m2=square, area_charge=total)
        )
    table = bills_table(*rows)
    tariffs = [OLD, NEW, shops]
    found = find_causes(table, None, recompute(table, None, tariffs, city=CITY), tariffs, city=CITY)
    causes = found["cause"].to_pylist()
    assert sum("+" in (cause or "") for cause in causes) <= 10
    assert causes.count("unexplained") >= 1900


def test_the_causes_of_a_bill_are_the_same_alone_and_among_others() -> None:
    rounded_to_the_yuan = [("88.52", "2158.00"), ("93.25", "2273.00"), ("121.90", "2971.00")]
    with_no_cause = [("88.52", "2165.01"), ("93.25", "9999.99"), ("121.90", "2978.48")]
    rows = [BOTH_WRONG] + [
        bill(bill_no=f"B{number}", account_no=f"A{number}", billed_area_m2=area, area_charge=charge)
        for number, (area, charge) in enumerate((*rounded_to_the_yuan, *with_no_cause))
    ]
    tariffs = [OLD, tariff(id="new", valid_from=dt.date(2025, 10, 1), area_price=price("24.37"))]

    def causes(*some: dict[str, object]) -> list[tuple[str | None, str | None]]:
        table = bills_table(*some)
        found = find_causes(table, None, recompute(table, None, tariffs, city=CITY), tariffs, city=CITY)
        return list(zip(found["cause"].to_pylist(), found["cause_ties"].to_pylist(), strict=True))

    together = causes(*rows)
    assert together == [one for row in rows for one in causes(row)]
    assert any("+" in (cause or "") for cause, _ in together)
    assert any(ties and "+" not in (cause or "") for cause, ties in together)
