"""What a certificate states instead of having it searched for is checked against the rows beside it."""

from __future__ import annotations

import ast
import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from test_certificate_alone import HARBIN, signed_again, verify_alone
from test_refunds_twice import CITY, any_case

from checks.certificate import CHECKER, as_bytes, certificate_of, second_rules
from checks.certificate.verify_certificate import disagreements
from checks.recompute import recompute
from checks.tariffs.load import load_published
from ingest.standard import arrow_schema

SHIJIAZHUANG = HARBIN | {
    "category": "residential",
    "season": "2025-26",
    "service_from": dt.date(2025, 11, 15),
    "service_to": dt.date(2026, 3, 15),
    "area_basis": "floor",
    "billed_area_m2": Decimal("100.00"),
    "area_charge": Decimal("1980.00"),
    "total": Decimal("1980.00"),
    "issued_on": dt.date(2025, 11, 1),
}
METERED = HARBIN | {
    "category": "residential",
    "season": "2025-26",
    "service_from": dt.date(2025, 10, 20),
    "service_to": dt.date(2026, 4, 20),
    "billing_method": "metered",
    "kind": "settlement",
    "reading_from": Decimal("100"),
    "reading_to": Decimal("120"),
    "heat_unit": "GJ",
    "area_charge": None,
    "total": Decimal("2230.70"),  # 90 x 15.33 + 20 x 42.55
}


def certified(bill: dict[str, Any], city: str, *others: dict[str, Any]) -> Any:
    made = certificate_of(bill, None, load_published(), city=city, others=others)
    return json.loads(as_bytes(made))


def refuted(certificate: Any) -> set[str]:
    """What the checker objects to in a certificate whose digest was made anew."""
    return {what for what, _, _ in disagreements(signed_again(certificate))}


def test_the_reading_that_was_taken_is_stated_and_gives_the_billed_total() -> None:
    made = certified(SHIJIAZHUANG, "石家庄市")
    assert (made["outcome"]["outcome"], made["case"]["stated"]) == ("conforms", {"area": 1})
    assert refuted(made) == set()
    made["case"]["bill"]["total"] = "1980.01"
    assert "stated: reading" in refuted(made)


def test_a_reading_that_the_tariff_does_not_allow_cannot_be_stated() -> None:
    made = certified(SHIJIAZHUANG, "石家庄市")
    made["case"]["stated"] = {"area": 7}
    with pytest.raises(IndexError):
        refuted(made)


def test_the_range_that_the_counter_leaves_is_stated_and_no_wider_one_is_taken() -> None:
    made = certified(METERED, "哈尔滨市")
    assert made["outcome"]["label"] == "bounded"
    assert made["case"]["stated"]["range"] == [{"heat": "19"}, {"heat": "21"}]
    assert refuted(made) == set()
    made["case"]["stated"]["range"][1]["heat"] = "22"
    assert {"stated: range", "greatest_total"} <= refuted(made)


def test_a_duplicate_names_the_bill_that_covers_its_service() -> None:
    again = HARBIN | {"source_row": 2, "bill_no": "E14-again", "issued_on": dt.date(2014, 11, 1)}
    made = certified(again, "哈尔滨市", HARBIN)
    assert (made["outcome"]["recomputed_total"], made["case"]["stated"]) == ("0.00", {"of": [0]})
    assert refuted(made) == set()
    for name, value in (("account_no", "other"), ("service_to", "2014-10-20"), ("issued_on", "2015-01-01")):
        forged = json.loads(json.dumps(made))
        forged["related"][0]["bill"][name] = value
        assert refuted(forged) == {"stated: of"}


def test_a_correction_names_the_bill_that_it_corrects() -> None:
    correction = HARBIN | {
        "source_row": 2, "bill_no": "C", "kind": "correction", "corrects_bill_no": "E14-201310", "area_charge": None,
        "total": Decimal("-6.00"),
    }  # fmt: skip
    made = certified(correction, "哈尔滨市", HARBIN)
    assert (made["outcome"]["outcome"], made["case"]["stated"]) == ("conforms", {"of": [0]})
    assert refuted(made) == set()
    made["case"]["bill"]["corrects_bill_no"] = "another"
    assert refuted(made) == {"stated: of"}


def test_what_is_missing_is_not_believed_where_it_is_there() -> None:
    made = certified(HARBIN | {"area_basis": "floor"}, "哈尔滨市")
    assert refuted(made) == set()
    made["case"]["stated"] = {"missing": ["low_income_price_unknown"]}
    made["outcome"]["missing"] = {"low_income_price_unknown": {"zh": "", "en": ""}}
    assert refuted(made) == {"stated: missing"}


@pytest.mark.parametrize(
    ("place", "value"), [((0, 0), "999"), ((0, 1), "-40")], ids=["more days", "colder than measured"]
)
def test_no_more_days_than_there_are_and_no_colder_than_measured_earn_a_refund(
    place: tuple[int, int], value: str
) -> None:
    bills, _, rooms, tariffs = any_case(2)
    table = pa.Table.from_pylist(bills, schema=arrow_schema("bills"))
    outcomes = recompute(table, None, tariffs, city=CITY, measured=rooms).to_pylist()
    for bill, outcome in zip(bills, outcomes, strict=True):
        others = [one for one in bills if one is not bill and one["account_no"] == bill["account_no"]]
        if not outcome["refund_due"]:
            continue
        made = json.loads(
            as_bytes(certificate_of(bill, None, tariffs, city=CITY, others=others, measured=rooms))
        )
        if made["case"]["stated"]["refund"]["cold"]:
            break
    assert refuted(made) == set()
    made["case"]["stated"]["refund"]["cold"][place[0]][place[1]] = value
    assert "stated: refund" in refuted(made)


def test_a_certificate_of_the_first_schema_is_sent_back_with_a_clear_message(tmp_path: Any) -> None:
    made = certified(HARBIN, "哈尔滨市") | {"schema": "heat-bill-certificate/1"}
    code, said = verify_alone(tmp_path, signed_again(made))
    assert code == 2
    assert "'heat-bill-certificate/1' ≠ 'heat-bill-certificate/2'" in said
    assert "fetch both again" in said


def test_the_second_rules_share_no_code_with_the_first() -> None:
    source = Path(second_rules.__file__).read_text("utf-8")
    imported = [one.module or "" for one in ast.walk(ast.parse(source)) if isinstance(one, ast.ImportFrom)]
    assert {one for one in imported if one.startswith(("checks", "ingest"))} == {
        "checks.certificate",
        "checks.certificate.verify_certificate",
    }


def test_the_checker_is_a_file_that_a_person_can_read() -> None:
    lines = CHECKER.decode().splitlines()
    assert len(lines) <= 520
    assert max(map(len, lines)) <= 120
