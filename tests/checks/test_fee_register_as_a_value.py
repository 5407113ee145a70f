"""The register of charges is a value: what is passed in decides, what ships is only the default."""

from __future__ import annotations

import datetime as dt
import pickle
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from checks.certificate import certificate_of
from checks.certificate.verify_certificate import disagreements
from checks.engine import check
from checks.fees import (
    Fee,
    FeeRegister,
    FeeSource,
    Ruling,
    Standing,
    register_of,
    ruling_on,
    shipped_register,
)
from checks.recompute import worksheet
from checks.tariffs.errors import TariffDataError
from checks.tariffs.load import load_published
from ingest.standard import arrow_schema

CITY = "长春市"
NOTICE = FeeSource(
    "长春市关于蓝色费的通知", "Changchun's notice on the blue fee", "https://www.changchun.gov.cn/blue"
)
BILL: dict[str, Any] = {
    "source_row": 1,
    "bill_no": "B1",
    "account_no": "A1",
    "season": "2025-26",
    "kind": "season",
    "category": "residential",
    "billing_method": "area",
    "heating_state": "on",
    "service_from": dt.date(2025, 10, 20),
    "service_to": dt.date(2026, 4, 6),
    "billed_area_m2": Decimal("100.00"),
    "area_basis": "floor",
    "area_charge": Decimal("2700.00"),
    "other_charge": Decimal("88.00"),
    "other_charge_name": "蓝色费",
    "total": Decimal("2788.00"),
    "issued_on": dt.date(2025, 10, 21),
}


def blue(standing: Standing, **more: Any) -> FeeRegister:
    ruling = Ruling(standing, "blue", "蓝色费的规定", "what holds for the blue fee", city=CITY, **more)
    fee = Fee("blue_fee", "蓝色费", "Blue fee", ("蓝色费",), (ruling,))
    return shipped_register().with_fee(fee, {"blue": NOTICE})


def cause_under(fees: FeeRegister | None) -> tuple[str, str | None]:
    bills = pa.Table.from_pylist([BILL], schema=arrow_schema("bills"))
    row = check(bills, None, load_published(), city=CITY, fees=fees).outcomes.to_pylist()[0]
    return row["outcome"], row["cause"] or row["missing"]


def test_the_register_passed_in_decides_what_is_found() -> None:
    assert cause_under(None) == cause_under(shipped_register()) == ("breach", "unlisted_charge")
    assert cause_under(blue(Standing.FORBIDDEN)) == ("breach", "forbidden_charge")
    assert cause_under(blue(Standing.CONDITIONAL)) == ("inconclusive", "fee_condition_missing")


def test_worksheet_and_certificate_speak_by_the_register_passed_in() -> None:
    fees = blue(Standing.FORBIDDEN)
    sheet = worksheet(BILL, None, load_published(), city=CITY, fees=fees)
    line = next(one for one in sheet.lines if one.code == "other_charge")
    assert NOTICE.name in line.formula.zh
    assert NOTICE.name_en in line.formula.en
    certificate = certificate_of(BILL, None, load_published(), city=CITY, fees=blue(Standing.CONDITIONAL))
    assert certificate["outcome"]["outcome"] == "inconclusive"
    assert disagreements(certificate) == []


def test_a_register_comes_back_whole_from_its_written_form_and_from_another_process() -> None:
    fees = blue(Standing.FORBIDDEN, valid_from=dt.date(2025, 1, 1), limit_per_m2_month=Decimal("0.20"))
    assert register_of(fees.as_written()) == fees
    assert pickle.loads(pickle.dumps(fees)) == fees
    assert fees.digest != shipped_register().digest


def test_a_name_belongs_to_one_charge() -> None:
    fee = Fee("blue_fee", "蓝色费", "Blue fee", ("蓝色费", " 入网费 "), ())
    with pytest.raises(TariffDataError, match="entry_fee"):
        shipped_register().with_fee(fee, {})


def test_a_charge_the_register_knows_takes_more_names_and_rulings() -> None:
    entry = shipped_register().fee("entry_fee")
    assert entry is not None
    more = replace(entry, names=("入网费", "接网押金"), rulings=())
    grown = shipped_register().with_fee(more, {})
    found = grown.named("接网押金")
    assert found is not None
    assert (found.code, found.rulings) == ("entry_fee", entry.rulings)
    assert found.names == (*entry.names, "接网押金")


def test_of_two_rulings_of_a_place_the_later_binds_from_its_day() -> None:
    first, later = dt.date(2024, 1, 1), dt.date(2025, 1, 1)
    older = blue(Standing.CONDITIONAL, valid_from=first)
    fee = Fee(
        "blue_fee",
        "蓝色费",
        "Blue fee",
        (),
        (
            Ruling(
                Standing.FORBIDDEN,
                "blue",
                "不得收",
                "forbidden",
                city=CITY,
                valid_from=later,
                known_from=later,
            ),
        ),
    )
    both = older.with_fee(fee, {})

    def standing(register: FeeRegister, on: dt.date) -> Standing | None:
        named = register.named("蓝色费")
        assert named is not None
        found = ruling_on(named, province="吉林", city=CITY, category="residential", on=on)
        return found and found.standing

    day = dt.timedelta(days=1)
    assert standing(both, first - day) is None
    assert standing(both, later - day) is Standing.CONDITIONAL
    assert standing(both, later) is Standing.FORBIDDEN
