"""Refunds for time without heat: outages on paper, amounts worked out by hand from what the city's law says."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from black_box import Row, home, judged, paper

from checks.recompute import worksheet
from checks.recompute.service import time_without_heat
from checks.tariffs.consistency import contradictions
from checks.tariffs.in_force import season_dates
from checks.tariffs.laws import outage_law, outage_rule
from checks.tariffs.load import load_published, tariff_digest, tariff_from_dict, tariff_to_dict
from checks.tariffs.record import OutageDays, OutageRule
from ingest.standard import arrow_schema

JINAN = {"service_from": "2025-11-15", "service_to": "2026-03-15", "issued_on": "2026-05-20"}
CHANGCHUN = {"service_from": "2025-10-20", "service_to": "2026-04-06", "issued_on": "2026-05-20"}  # 169 days
LANZHOU = {"service_from": "2025-11-01", "service_to": "2026-03-31", "issued_on": "2026-05-20"}
LUOYANG = {"service_from": "2025-11-15", "service_to": "2026-03-15", "issued_on": "2026-05-20"}  # 121 days


def stopped(start: str, end: str, number: int = 1, affected: str = "1", network: str = "N1") -> Row:
    return {
        "outage_no": f"TR{number}",
        "network_code": network,
        "started_at": f"{start}:00+08:00",
        "ended_at": f"{end}:00+08:00",
        "planned": "false",
        "cause": "管道爆裂",
        "area_affected_m2": "100.00",
        "accounts_affected": affected,
    }


def refund_of(
    folder: Path,
    scope: str,
    bill: Row,
    outages: list[Row],
    homes: list[Row] | None = None,
    **service: list[Row],
) -> tuple[str, str, str, str]:
    roster = homes or [home(inner_area_m2="100.00", usable_area_m2="100.00")]
    given = {"outages": outages} | service
    found = judged(folder, scope, [bill], roster, service=given)[0]
    return found["outcome"], found["overcharge"], found["cause"], found["label"]


def jinan(refund: str = "", **more: str) -> Row:
    """100 m2 of inner area at 26.70 for the whole season, which is 120 days for Jinan's refunds."""
    return paper("inner", area_charge="2670.00", refund=refund, **(JINAN | more))


DAY = [stopped("2025-12-03T00:00", "2025-12-04T00:00")]
TWO_AND_A_HALF = [stopped("2025-12-03T06:00", "2025-12-05T18:00")]  # 60 hours


def test_exactly_24_hours_are_not_more_than_24_and_a_minute_more_is(tmp_path: Path) -> None:
    assert refund_of(tmp_path, "济南市", jinan(), DAY)[:2] == ("conforms", "0.00")
    longer = [stopped("2025-12-03T00:00", "2025-12-04T00:01")]
    season = _days_of_season("jn-res")
    # the time itself: 1441 minutes of 1440 x the days of the season
    due = _fen(Decimal("2670.00") * 1441 / (1440 * season))
    assert refund_of(tmp_path, "济南市", jinan(f"-{due}"), longer)[:2] == ("conforms", "0.00")
    assert refund_of(tmp_path, "济南市", jinan(), longer)[:3] == ("breach", str(due), "outage_not_refunded")


def test_shandong_gives_back_the_hours_lanzhou_the_days_touched_tianjin_whole_days(tmp_path: Path) -> None:
    # 60 hours: 2.5 days
    due = _fen(Decimal("2670.00") * Decimal("2.5") / _days_of_season("jn-res"))
    assert refund_of(tmp_path, "济南市", jinan(f"-{due}"), TWO_AND_A_HALF)[:2] == ("conforms", "0.00")
    # 3, 4 and 5 December: 2500.00 x 3 / 151 days = 49.668
    lanzhou = paper(area_charge="2500.00", refund="-49.67", **LANZHOU)
    assert refund_of(tmp_path, "兰州市", lanzhou, TWO_AND_A_HALF)[:2] == ("conforms", "0.00")
    # two whole days, the half is dropped: 2500.00 x 2 / days of the season
    due = _fen(Decimal("2500.00") * 2 / _days_of_season("tj-res"))
    tianjin = paper(area_charge="2500.00", refund=f"-{due}", **JINAN)
    assert refund_of(tmp_path, "天津市", tianjin, TWO_AND_A_HALF)[:2] == ("conforms", "0.00")


def test_changchun_gives_double_back_beyond_48_hours(tmp_path: Path) -> None:
    bill = paper(area_charge="2700.00", **CHANGCHUN)
    two_days = [stopped("2025-12-03T06:00", "2025-12-05T06:00")]
    assert refund_of(tmp_path, "长春市", bill, two_days)[0] == "conforms"
    # 60 hours are two whole days: 2700.00 x 2 x 200 % / 169 = 63.905
    assert refund_of(tmp_path, "长春市", bill, TWO_AND_A_HALF)[:3] == (
        "breach",
        "63.91",
        "outage_not_refunded",
    )
    single = paper(area_charge="2700.00", refund="-31.95", **CHANGCHUN)
    assert refund_of(tmp_path, "长春市", single, TWO_AND_A_HALF)[1:3] == ("31.96", "outage_counted_otherwise")


def test_luoyang_counts_from_more_than_12_hours_on(tmp_path: Path) -> None:
    # 100 m2 x 0.9 x 0.18 x 121 = 1960.20, the published example
    bill = paper(area_charge="1960.20", **LUOYANG)
    assert (
        refund_of(tmp_path, "洛阳市", bill, [stopped("2025-12-03T08:00", "2025-12-03T20:00")])[0]
        == "conforms"
    )
    # 18 hours: 1960.20 x 0.75 / 121 = 12.15
    found = refund_of(tmp_path, "洛阳市", bill, [stopped("2025-12-03T06:00", "2025-12-04T00:00")])
    assert found[:3] == ("breach", "12.15", "outage_not_refunded")


def test_outages_that_meet_are_one_and_those_apart_are_two(tmp_path: Path) -> None:
    halves = [
        stopped("2025-12-03T00:00", "2025-12-03T20:00", 1),
        stopped("2025-12-03T20:00", "2025-12-04T16:00", 2),
    ]
    due = _fen(Decimal("2670.00") * 40 / (24 * _days_of_season("jn-res")))
    assert refund_of(tmp_path, "济南市", jinan(), halves)[:2] == ("breach", str(due))
    apart = [halves[0], stopped("2025-12-03T21:00", "2025-12-04T16:00", 2)]
    assert refund_of(tmp_path, "济南市", jinan(), apart)[0] == "conforms"


@pytest.mark.parametrize(
    ("bill", "outages"),
    [
        (jinan(), [stopped("2025-11-01T00:00", "2025-11-10T00:00")]),  # before the season
        (jinan(issued_on="2025-10-15"), TWO_AND_A_HALF),  # issued before the outage
        (jinan(), [stopped("2025-12-03T06:00", "2025-12-05T18:00", network="N2")]),  # another network
        (jinan("-500.00"), TWO_AND_A_HALF),  # a higher refund stands
    ],
    ids=["before the season", "billed before", "another network", "gave back more"],
)
def test_nothing_more_is_due_back(tmp_path: Path, bill: Row, outages: list[Row]) -> None:
    assert refund_of(tmp_path, "济南市", bill, outages)[0] == "conforms"


def test_of_an_outage_that_runs_into_the_season_only_the_days_of_heat_count(tmp_path: Path) -> None:
    late = [stopped("2025-11-10T00:00", "2025-11-17T00:00")]  # started two days late
    due = _fen(Decimal("2670.00") * 2 / _days_of_season("jn-res"))
    assert refund_of(tmp_path, "济南市", jinan(), late)[:2] == ("breach", str(due))


def test_a_part_of_the_network_leaves_the_amount_open_until_the_customer_is_known_to_be_in_it(
    tmp_path: Path,
) -> None:
    homes = [home(inner_area_m2="100.00"), home(inner_area_m2="100.00")]
    assert refund_of(tmp_path, "济南市", jinan(), TWO_AND_A_HALF, homes)[0::3] == ("conforms", "bounded")
    asked = {
        "request_no": "S1",
        "received_at": "2025-12-04T08:00:00+08:00",
        "channel": "company_line",
        "account_no": "A1",
        "community": "一里",
        "topic": "no_heat",
    }
    found = refund_of(tmp_path, "济南市", jinan(), TWO_AND_A_HALF, homes, requests=[asked])
    assert (found[0], found[2:]) == ("breach", ("outage_not_refunded", "exact"))


def test_a_bill_by_meter_gives_back_of_its_base_charge(tmp_path: Path) -> None:
    bill = paper(
        "inner", base_charge="801.00", metered_charge="200.00", heat_used="1000", heat_unit="kWh", **JINAN
    )
    homes = [home(inner_area_m2="100.00", billing_method="metered")]
    due = _fen(Decimal("801.00") * Decimal("2.5") / _days_of_season("jn-res"))
    assert refund_of(tmp_path, "济南市", bill, TWO_AND_A_HALF, homes)[:2] == ("breach", str(due))


def test_the_published_records_keep_the_digest_they_had_before_there_were_rules_for_outages() -> None:
    digests = [[one.id, tariff_digest(one)] for one in load_published()]
    together = hashlib.sha256(json.dumps(digests).encode()).hexdigest()
    assert together == "1ad9ff25bb872c7f7afbbb9933c563e6e3bcdd97bdfa8acf058a4b198071cef5"


def test_a_record_with_a_rule_of_its_own_goes_before_the_law_and_is_read_back_as_it_was_written() -> None:
    record = next(one for one in load_published() if one.id == "jn-res")
    day = dt.date(2025, 12, 1)
    law = outage_law(record, day)
    assert law is not None
    assert (law.id, outage_rule(record, dt.date(2021, 12, 2))) == (
        "shandong-outage",
        None,
    )  # not yet in force
    own = OutageRule(48, False, OutageDays.CALENDAR_DAYS, Decimal("1.5"), 7)
    entered = dataclasses.replace(record, outage=own)
    assert outage_rule(entered, day) == own
    assert tariff_from_dict(tariff_to_dict(entered)) == entered
    assert [
        one.field
        for one in contradictions(
            dataclasses.replace(record, outage=dataclasses.replace(own, share=Decimal(4)))
        )
    ] == ["outage.share"]


def test_the_worksheet_says_when_there_was_no_heat_and_what_is_given_back() -> None:
    zone = dt.timezone(dt.timedelta(hours=8))
    row = {
        "network_code": "N1",
        "outage_no": "TR1",
        "started_at": dt.datetime(2025, 12, 3, 6, tzinfo=zone),
        "ended_at": dt.datetime(2025, 12, 5, 18, tzinfo=zone),
        "accounts_affected": 1,
    }
    account = {
        "account_no": "A1",
        "network_code": "N1",
        "category": "residential",
        "billing_method": "area",
        "heating_state": "on",
        "inner_area_m2": Decimal("100.00"),
    }
    outages = pa.Table.from_pylist([row], schema=arrow_schema("outages"))
    roster = pa.Table.from_pylist([account], schema=arrow_schema("accounts"))
    bill = {
        name: (Decimal(value) if name.endswith(("_m2", "charge", "total")) else value)
        for name, value in jinan().items()
        if value
    } | {"account_no": "A1", "bill_no": "B1"}
    for name in ("service_from", "service_to", "issued_on", "due_on"):
        bill[name] = dt.date.fromisoformat(str(bill[name]))
    sheet = worksheet(
        bill, account, load_published(), city="济南市", measured=time_without_heat(outages, roster)
    )
    (line,) = [one for one in sheet.lines if one.code == "refund"]
    assert "停热 2025-12-03 06:00–2025-12-05 18:00，计 2 1/2 天" in line.formula.zh
    assert "without heat 2025-12-03 06:00–2025-12-05 18:00, counted as 2 1/2 days" in line.formula.en
    assert "2,670.00 × 2 1/2 ÷" in line.formula.en


def _days_of_season(tariff_id: str) -> int:
    record = next(one for one in load_published() if one.id == tariff_id)
    assert record.season is not None
    return season_dates(record.season, "2025-26")[2]


def _fen(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
