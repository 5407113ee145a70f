"""How certain an amount is: to the fen, to the digit of a counter, or not at all; figures worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from black_box import Row, judged, judged_aloud, paper

NETWORK = "北京市/city-network"  # 12.00 CNY/m2 and 0.16 CNY/kWh, at most 24.00 CNY/m2


def metered(total: str, opening: str = "1000", closing: str = "6000", **more: str) -> Row:
    return paper(
        kind="settlement",
        billing_method="metered",
        reading_from=opening,
        reading_to=closing,
        heat_unit="kWh",
        base_charge="1200.00",
        issued_on="2026-05-20",
        total=total,
        **more,
    )


def told(folder: Path, bill: Row) -> tuple[str, str, str]:
    found = judged(folder, NETWORK, [bill])[0]
    return found["outcome"], found["label"], found["overcharge"]


@pytest.mark.parametrize(
    ("total", "outcome", "overcharge"),
    [
        # 5,000 kWh between two whole numbers of kWh: 4,999 to 5,001, so 1,999.84 to 2,000.16
        ("2000.00", "conforms", "0.00"),
        ("2000.07", "conforms", "0.07"),
        ("1999.84", "conforms", "-0.16"),
        ("2000.16", "conforms", "0.16"),
        ("2000.17", "breach", "0.17"),
        ("1999.83", "breach", "-0.17"),
    ],
)
def test_whole_kilowatt_hours_leave_one_of_them_open_to_both_sides(
    tmp_path: Path, total: str, outcome: str, overcharge: str
) -> None:
    assert told(tmp_path, metered(total)) == (outcome, "bounded", overcharge)


def test_a_counter_that_shows_thousandths_leaves_nothing_open(tmp_path: Path) -> None:
    exact = {"opening": "1000.125", "closing": "6000.125"}
    assert told(tmp_path, metered("2000.00", **exact)) == ("conforms", "exact", "0.00")
    assert told(tmp_path, metered("2000.01", **exact)) == ("breach", "exact", "0.01")


def test_heat_that_is_stated_as_the_readings_say_is_exact(tmp_path: Path) -> None:
    assert told(tmp_path, metered("2000.00", heat_used="5000")) == ("conforms", "exact", "0.00")
    assert told(tmp_path, metered("2000.01", heat_used="5000")) == ("breach", "exact", "0.01")


def test_heat_that_is_stated_finer_than_the_counter_shows_is_known_to_its_digit(tmp_path: Path) -> None:
    assert told(tmp_path, metered("2000.06", heat_used="5000.4")) == ("conforms", "bounded", "0.00")
    assert told(tmp_path, metered("2000.00", heat_used="5000.4")) == ("conforms", "bounded", "-0.06")
    assert told(tmp_path, metered("2000.17", heat_used="5000.4"))[0] == "breach"


def test_the_cap_closes_the_range(tmp_path: Path) -> None:
    """Beyond 7,500 kWh the cap holds: one kWh more or less changes nothing."""
    capped = metered("2400.00", closing="9000")
    assert told(tmp_path, capped) == ("conforms", "bounded", "0.00")
    assert told(tmp_path, capped | {"total": "2400.01"})[0] == "breach"


def test_a_bill_by_area_is_exact_and_one_that_lacks_something_cannot_be_computed(tmp_path: Path) -> None:
    assert told(tmp_path, paper(area_charge="2400.00")) == ("conforms", "exact", "0.00")
    assert told(tmp_path, paper(area_charge="2400.00", billed_area_m2="0")) == (
        "inconclusive",
        "not_computable",
        "",
    )


def test_the_share_of_each_label_is_told_with_the_counts(tmp_path: Path) -> None:
    bills = [paper(area_charge="2400.00"), paper(area_charge="2400.00"), metered("2000.00"), paper(total="x")]
    found, _ = judged_aloud(tmp_path, NETWORK, bills)
    assert [row["label"] for row in found] == ["exact", "exact", "bounded", "not_computable"]
    assert list(found[0])[-1] == "label"


def test_the_differences_inside_the_range_can_be_summed(tmp_path: Path) -> None:
    found = judged(tmp_path, NETWORK, [metered("2000.16") for _ in range(50)])
    assert {row["outcome"] for row in found} == {"conforms"}
    assert sum(Decimal(row["overcharge"]) for row in found) == Decimal("8.00")


@pytest.mark.parametrize("line", ["refund", "subsidy"])
def test_what_lowers_a_bill_and_no_rule_proves_is_taken_as_filed_and_said_to_be(
    tmp_path: Path, line: str
) -> None:
    reduced = paper(area_charge="2400.00", **{line: "-500.00"})
    assert told(tmp_path, reduced) == ("conforms", "bounded", "0.00")


@pytest.mark.parametrize("line", ["refund", "subsidy"])
def test_a_positive_refund_or_subsidy_raises_nothing_and_is_due_back(tmp_path: Path, line: str) -> None:
    found = judged(tmp_path, NETWORK, [paper(area_charge="2400.00", **{line: "500.00"})])[0]
    assert (found["outcome"], found["label"]) == ("breach", "exact")
    assert (found["recomputed_total"], found["overcharge"]) == ("2400.00", "500.00")
    assert found["cause"] == "reduction_positive"


def test_a_reduction_under_the_wrong_sign_that_was_taken_off_is_named_by_its_sign(tmp_path: Path) -> None:
    found = judged(tmp_path, NETWORK, [paper(area_charge="2400.00", refund="500.00", total="1900.00")])[0]
    assert (found["recomputed_total"], found["overcharge"]) == ("2400.00", "-500.00")
    assert found["cause"] == "reduction_positive"
