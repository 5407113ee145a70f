"""A change of price by day inside a bill: computed in parts up to the change and from it on, each rounded by itself."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa
import pytest
from bill_cases import CITY, account, accounts_table, bill, bills_table, price, tariff

from checks.causes import find_causes
from checks.certificate import certificate_of, check_sample
from checks.certificate.verify_certificate import disagreements
from checks.recompute import recompute, worksheet
from checks.tariffs.record import Proration, Rounding, RoundingWhen, Tariff, Transition

DAY = dt.timedelta(days=1)
FIRST, LAST = dt.date(2023, 11, 15), dt.date(2024, 3, 14)  # a leap winter: 121 days
YEAR_END, LEAP_DAY = dt.date(2024, 1, 1), dt.date(2024, 2, 29)


def versions(*changes: tuple[dt.date, str], **more: Any) -> list[Tariff]:
    """24.00 at first, then the prices given, each taking over by day."""
    ends = [change - DAY for change, _ in changes]
    found = [tariff(id="old", valid_to=ends[0])]
    for number, (change, value) in enumerate(changes, start=1):
        end = ends[number] if number < len(ends) else None
        by_day = {"transition": Transition.BY_DAY} | more
        found.append(
            tariff(id=f"new-{number}", valid_from=change, valid_to=end, area_price=price(value), **by_day)
        )
    return found


def a_bill(total: str = "0.00", **changes: Any) -> dict[str, Any]:
    row = {
        "season": "2023-24",
        "service_from": FIRST,
        "service_to": LAST,
        "area_charge": total,
        "total": total,
    }
    return bill(**(row | {"issued_on": dt.date(2024, 4, 1)} | changes))


def outcome(row: dict[str, Any], tariffs: list[Tariff], **of_account: Any) -> dict[str, Any]:
    """What a run says, the checker of certificates having come to the same."""
    bills, roster = bills_table(row), accounts_table(account(**of_account))
    found = recompute(bills, roster, tariffs, city=CITY)
    assert check_sample(bills, roster, lambda _rows: found, tariffs, city=CITY, seed="1").bills == 1
    return dict(find_causes(bills, roster, found, tariffs, city=CITY).to_pylist()[0])


def fen(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def in_two(days_before: int, season: int = 121) -> Decimal:
    old = fen(Decimal(2400) * days_before / season)
    return old + fen(Decimal(3000) * (season - days_before) / season)


@pytest.mark.parametrize("change", [YEAR_END, LEAP_DAY, dt.date(2024, 3, 1), dt.date(2024, 3, 14)], ids=str)
@pytest.mark.parametrize("step", [-1, 0, 1])
def test_days_before_the_change_bear_the_old_price_and_those_from_it_on_the_new_one(
    change: dt.date, step: int
) -> None:
    tariffs = versions((change, "30"))
    last = min(change + step * DAY, LAST)
    before = (change - FIRST).days
    if last < change:  # ends on the day before: one price
        due = fen(Decimal(2400) * ((last - FIRST).days + 1) / 121)
    else:
        due = fen(Decimal(2400) * before / 121) + fen(Decimal(3000) * ((last - change).days + 1) / 121)
    found = outcome(a_bill(str(due), service_to=last), tariffs)
    assert (found["outcome"], found["recomputed_total"], found["label"]) == ("conforms", due, "exact")
    assert outcome(a_bill(str(due + Decimal("0.01")), service_to=last), tariffs)["overcharge"] == Decimal(
        "0.01"
    )


def test_a_whole_season_is_cut_at_each_of_two_changes() -> None:
    tariffs = versions((YEAR_END, "30"), (LEAP_DAY, "36"))
    # 47 days at 24, 59 at 30, 15 at 36
    due = fen(Decimal(2400) * 47 / 121) + fen(Decimal(3000) * 59 / 121) + fen(Decimal(3600) * 15 / 121)
    assert outcome(a_bill(str(due)), tariffs)["outcome"] == "conforms"


def test_one_price_for_the_whole_season_is_named_whichever_of_the_two_it_is() -> None:
    tariffs = versions((YEAR_END, "30"))
    dear = versions((YEAR_END, "20"))
    assert outcome(a_bill("2400.00"), dear)["cause"] == "price_change_ignored"
    assert outcome(a_bill("3000.00"), tariffs)["cause"] == "early_price"
    assert outcome(a_bill("2400.00"), tariffs)["overcharge"] == Decimal("2400.00") - in_two(47)


def test_suspended_days_are_cut_too() -> None:
    tariffs = versions((YEAR_END, "30"))
    # heated to 10 January: 47 days at 24, 10 at 30; suspended 64 days at 30 x 20 %
    due = fen(Decimal(2400) * 47 / 121) + fen(Decimal(3000) * 10 / 121) + fen(Decimal(3000) * 64 / 121 / 5)
    suspended = {"heating_state": "suspended", "suspended_from": dt.date(2024, 1, 11)}
    assert outcome(a_bill(str(due)), tariffs, **suspended)["outcome"] == "conforms"


@pytest.mark.parametrize(
    ("row", "tariffs"),
    [
        (a_bill("2400.00", late_fee="1.00"), versions((YEAR_END, "30"))),
        (
            a_bill(
                "0.00", kind="settlement", billing_method="metered", heat_used="6000.000", heat_unit="kWh"
            ),
            versions((YEAR_END, "30")),
        ),
        (a_bill("2400.00"), versions((YEAR_END, "30"), proration=Proration.MONTH)),
        (a_bill("2400.00"), versions((YEAR_END, "30"), rounding=Rounding(when=RoundingWhen.BILL))),
    ],
    ids=["late fee", "heat between two readings", "started months", "rounded as a whole"],
)
def test_what_cannot_be_cut_by_day_is_sent_back_to_be_parted(
    row: dict[str, Any], tariffs: list[Tariff]
) -> None:
    found = outcome(row, tariffs, billing_method=row["billing_method"])
    assert (found["outcome"], found["missing"]) == ("inconclusive", "spans_price_change")


def test_two_versions_that_begin_on_one_day_price_nothing() -> None:
    tariffs = versions((YEAR_END, "30"))
    twin = dataclasses.replace(tariffs[1], id="twin")
    assert outcome(a_bill("2400.00", service_from=YEAR_END), [*tariffs, twin])["missing"] == "tariffs_collide"


def test_the_worksheet_shows_each_part_and_the_certificate_holds() -> None:
    tariffs = versions((YEAR_END, "30"))
    row, roster = a_bill("2400.00"), account()
    sheet = worksheet(row, roster, tariffs, city=CITY)
    (line,) = [one for one in sheet.lines if one.code == "area_charge"]
    assert line.due == in_two(47)
    assert "2023-11-15–2023-12-31（old）" in line.formula.zh
    assert (
        "2024-01-01–2024-03-14 (new-1): 100.00 m² × 30 CNY/m² × 74/121 days = 1,834.71 CNY" in line.formula.en
    )
    assert any("按日分段核算" in note.zh for note in sheet.notes)
    made = json.loads(json.dumps(certificate_of(row, roster, tariffs, city=CITY)))
    assert disagreements(made) == []
    assert [part[0] for part in made["case"]["parts"]] == ["old", "new-1"]
    del made["case"]["parts"]
    assert "stated: parts" in {what for what, _, _ in disagreements(made)}


def test_parts_that_are_not_the_service_cut_at_the_change_are_refuted() -> None:
    made = json.loads(
        json.dumps(certificate_of(a_bill("2400.00"), account(), versions((YEAR_END, "30")), city=CITY))
    )
    made["case"]["parts"][1][1] = made["case"]["parts"][0][2] = "2024-01-02"
    assert "stated: parts" in {what for what, _, _ in disagreements(made)}


def test_many_bills_are_cut_as_each_is_alone() -> None:
    tariffs = versions((YEAR_END, "30"))
    rows = [
        a_bill("2400.00", bill_no=f"B{n}", account_no=f"A{n}", source_row=n, service_to=LAST - (n % 60) * DAY)
        for n in range(1, 201)
    ]
    roster = accounts_table(*(account(account_no=f"A{n}") for n in range(1, 201)))
    together = recompute(bills_table(*rows), roster, tariffs, city=CITY)
    alone = [recompute(bills_table(one), roster, tariffs, city=CITY) for one in rows]
    told = [one.drop_columns(["source_row"]).to_pylist() for one in (together, pa.concat_tables(alone))]
    assert told[0] == told[1]
    assert set(together["outcome"].to_pylist()) == {"breach"}
