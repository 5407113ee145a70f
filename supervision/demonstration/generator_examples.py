"""The worked examples that were published for Harbin's price of 2008 to 2015, two of them with wrong arithmetic.

Source: 哈尔滨取暖费 examples: 70 m2 x 40.35 = 2,824.50 (right), 90 m2 x 44.49 printed as 4,010.10 (is 4,004.10),
200 m2 x 44.49 printed as 8,918.00 (is 8,898.00).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from supervision.demonstration.generator_accounts import Account
from supervision.demonstration.generator_bills import Bill
from supervision.demonstration.generator_companies import EXAMPLES
from supervision.demonstration.generator_rates import RATES
from supervision.demonstration.generator_truth import Truth

EXAMPLE_SEASON = "2013-14"
_ISSUED = dt.date(2013, 10, 21)
_EXAMPLES = (
    ("E13", "residential", "70.00", "2824.50", "2824.50", ""),
    ("E14", "non_residential", "90.00", "4010.10", "4004.10", "unexplained"),
    ("E15", "non_residential", "200.00", "8918.00", "8898.00", "unexplained"),
)


def example_bills() -> tuple[list[Bill], list[Truth]]:
    """The three published examples as bills, as printed, and the truth about the two wrong ones."""
    bills, truths = [], []
    for number, (key, category, area, billed, correct, cause) in enumerate(_EXAMPLES, start=1):
        bill = _bill(number, key, category, Decimal(area), Decimal(billed))
        bills.append(bill)
        if cause:
            truths.append(Truth(EXAMPLES.code, bill.bill_no, cause, Decimal(correct), bill.total))
    return bills, truths


def _bill(number: int, key: str, category: str, area: Decimal, billed: Decimal) -> Bill:
    first, last = RATES[EXAMPLES.city, category].season.dates(EXAMPLE_SEASON)
    account = Account(
        city=EXAMPLES.city,
        account_no=f"EX{number:04d}",
        network_code=EXAMPLES.networks[0].code,
        station_code="",
        community="公布算例",
        building=key,
        unit="",
        category=category,
        method="area",
        # A floor area is required; the examples give the usable area alone. 1.49 is Harbin's published ratio.
        floor=(area * Decimal("1.49")).quantize(Decimal("0.01")),
        usable=area,
        inner=None,
        height=Decimal("2.80"),
        meter_no="",
        connected_on=dt.date(2008, 10, 1),
        vulnerable=False,
        intensity=Decimal(0),
        meter_stand=Decimal(0),
    )
    return Bill(
        bill_no=f"{key}-201310",
        account=account,
        season=EXAMPLE_SEASON,
        kind="season",
        category=category,
        heating_state="on",
        service_from=first,
        service_to=last,
        billed_area=area,
        area_basis="usable",
        period="2013-10",
        issued_on=_ISSUED,
        due_on=dt.date(2013, 12, 31),
        area_charge=billed,
    )
