"""The register of charges beside the price: names on bills become charges, charges have rulings with their source."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from black_box import judged, paper

from checks.fees import Standing, ruling_on, shipped_register

SHIPPED = shipped_register()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("入网费", "entry_fee"),
        (" 热力 入网费（2025）", "entry_fee"),
        ("集中管网建设费", "network_construction_fee"),
        ("增值税9%", "tax"),
        ("恢复供热改造费", "suspension_fee"),
        ("蓝色费", None),
        ("", None),
    ],
    ids=["as registered", "in brackets and spaces", "longest", "tax", "resumed", "unknown", "none"],
)
def test_a_name_on_a_bill_becomes_a_registered_charge(name: str, code: str | None) -> None:
    found = SHIPPED.named(name)
    assert (found and found.code) == code


def test_every_ruling_names_its_source_and_says_it_in_both_languages() -> None:
    for fee in SHIPPED.fees:
        assert fee.names
        assert fee.rulings
        for ruling in fee.rulings:
            assert SHIPPED.source_of(ruling).name
            assert SHIPPED.source_of(ruling).name_en
            assert ruling.says_zh
            assert ruling.says_en.isascii() or "²" in ruling.says_en


def test_a_fee_is_abolished_from_its_day_and_the_citys_ruling_goes_first() -> None:
    entry = SHIPPED.named("入网费")
    boost = SHIPPED.named("二次加压费")
    assert entry is not None
    assert boost is not None
    place = {"province": "吉林", "city": "长春市", "category": "residential"}
    assert ruling_on(entry, **place, on=dt.date(2021, 2, 28)) is None
    on_the_day = ruling_on(entry, **place, on=dt.date(2021, 3, 1))
    assert on_the_day is not None
    assert on_the_day.standing is Standing.ABOLISHED
    xining = {"province": "青海", "city": "西宁市", "category": "residential"}
    day = dt.date(2025, 11, 1)
    standings = [ruling_on(boost, **where, on=day) for where in (place, xining)]
    assert [one and one.standing for one in standings] == [Standing.NO_AUTHORITY, Standing.CONDITIONAL]


CHANGCHUN = {"service_from": "2025-10-20", "service_to": "2026-04-06"}


@pytest.mark.parametrize(
    ("name", "cause"),
    [("入网费", "forbidden_charge"), ("蓝色费", "unlisted_charge"), ("", "unlisted_charge")],
    ids=["registered", "unknown name", "no name"],
)
def test_a_charge_beside_the_price_is_found_with_its_amount(tmp_path: Path, name: str, cause: str) -> None:
    bill = paper(area_charge="2700.00", other_charge="88.00", other_charge_name=name, **CHANGCHUN)
    found = judged(tmp_path, "长春市", [bill])[0]
    assert (found["outcome"], found["overcharge"], found["cause"]) == ("breach", "88.00", cause)


def test_a_charge_that_may_be_made_on_a_condition_is_not_called_a_breach(tmp_path: Path) -> None:
    xining = {"service_from": "2025-10-15", "service_to": "2026-04-15"}
    bill = paper(
        "inner", area_charge="3306.00", other_charge="120.00", other_charge_name="二次加压费", **xining
    )
    found = judged(tmp_path, "西宁市/gas", [bill])[0]
    assert (found["outcome"], found["missing"]) == ("inconclusive", "fee_condition_missing")
