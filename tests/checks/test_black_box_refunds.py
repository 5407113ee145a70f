"""Refunds for rooms too cold: requests and measurements on paper, amounts worked out by hand from the city's rule."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from black_box import Row, judged, paper

HARBIN = {"service_from": "2025-10-20", "service_to": "2026-04-20", "issued_on": "2026-05-20"}  # 183 days
CHANGCHUN = {"service_from": "2025-10-20", "service_to": "2026-04-06", "issued_on": "2026-05-20"}  # 169 days
QINGDAO = {"service_from": "2025-11-16", "service_to": "2026-04-05", "issued_on": "2026-05-20"}  # 141 days
XIAN = {"issued_on": "2026-05-20"}  # 120 days


def asked(day: str, account: str = "A1", topic: str = "low_temperature") -> Row:
    return {
        "request_no": f"S{account}{day}",
        "received_at": f"{day}T08:00:00+08:00",
        "channel": "company_line",
        "account_no": account,
        "community": "一里",
        "topic": topic,
    }


def measured(
    day: str, temp: str, account: str = "A1", room: str = "bedroom", hour: str = "09", **more: str
) -> Row:
    return {
        "account_no": account,
        "measured_at": f"{day}T{hour}:00:00+08:00",
        "room": room,
        "room_temp_c": temp,
        "source": "fixed_sensor",
    } | more


def refund_of(
    folder: Path, scope: str, bill: Row, rooms: list[Row], requests: list[Row] | None = None
) -> tuple[str, str, str, str]:
    service = {"temperatures": rooms}
    if requests is None:
        requests = [asked("2025-12-01")]
    if requests:
        service["requests"] = requests
    found = judged(folder, scope, [bill], service=service)[0]
    return found["outcome"], found["overcharge"], found["cause"], found["missing"]


def harbin(refund: str = "", **more: str) -> Row:
    return paper("usable", area_charge="3832.00", refund=refund, **(HARBIN | more))


TEN_DAYS = [measured("2025-12-01", "17.50"), measured("2025-12-10", "17.90"), measured("2025-12-11", "20.00")]


@pytest.mark.parametrize(
    ("scope", "bill", "rooms"),
    [
        # 10 days at half: 3832.00 x 5 / 183 = 104.699
        ("哈尔滨市", harbin("-104.70"), TEN_DAYS),
        # exactly 16.00 is in the band from 16 to 20; 15.99 is below it: 3832.00 x 1 / 183 = 20.939
        ("哈尔滨市", harbin("-10.47"), [measured("2025-12-01", "16.00"), measured("2025-12-02", "20.00")]),
        ("哈尔滨市", harbin("-20.94"), [measured("2025-12-01", "15.99"), measured("2025-12-02", "20.00")]),
        # exactly the standard earns nothing, a hundredth less does
        ("哈尔滨市", harbin(), [measured("2025-12-01", "20.00")]),
        ("哈尔滨市", harbin("-10.47"), [measured("2025-12-01", "19.99")]),
        # the lowest room of the day decides
        (
            "哈尔滨市",
            harbin("-20.94"),
            [measured("2025-12-01", "21.00"), measured("2025-12-01", "15.00", room="living_room")],
        ),
        # of each month the mean of three days measured: 17.00, so 30 % of December: 2700.00 x 31 / 169 x 0.3 = 148.580
        (
            "长春市",
            paper(area_charge="2700.00", refund="-148.58", **CHANGCHUN),
            [measured("2025-12-05", "16"), measured("2025-12-15", "17"), measured("2025-12-25", "18")],
        ),
        # two days measured say nothing of the month
        (
            "长春市",
            paper(area_charge="2700.00", **CHANGCHUN),
            [measured("2025-12-05", "10"), measured("2025-12-15", "10")],
        ),
        # net of the base fee: (2320.00 - 696.00) x 10 x 0.5 / 120 = 67.667
        (
            "西安市",
            paper(area_charge="2320.00", refund="-67.67", **XIAN),
            [measured("2025-12-01", "15"), measured("2025-12-10", "15"), measured("2025-12-11", "18")],
        ),
        # 16.00 is not below 16: 20 %, not 50 %: 3040.00 x 0.2 / 141 = 4.312
        (
            "青岛市",
            paper("usable", area_charge="3040.00", refund="-4.31", **QINGDAO),
            [measured("2025-12-01", "16.00")],
        ),
    ],
)
def test_a_bill_that_gives_back_what_the_rule_says_conforms_and_one_fen_less_does_not(
    tmp_path: Path, scope: str, bill: Row, rooms: list[Row]
) -> None:
    assert refund_of(tmp_path, scope, bill, rooms) == ("conforms", "0.00", "", "")
    more = str(Decimal(bill["total"]) + Decimal("0.01"))
    assert refund_of(tmp_path, scope, bill | {"total": more}, rooms)[:2] == ("breach", "0.01")


def test_a_refund_left_out_is_named(tmp_path: Path) -> None:
    assert refund_of(tmp_path, "哈尔滨市", harbin(), TEN_DAYS) == ("breach", "104.70", "refund_missed", "")


def test_a_refund_by_another_band_is_named(tmp_path: Path) -> None:
    cold = [measured("2025-12-01", "15.50"), measured("2025-12-10", "15.50"), measured("2025-12-11", "20")]
    # ten whole days: 3832.00 x 10 / 183 = 209.399; half of them given back
    assert refund_of(tmp_path, "哈尔滨市", harbin("-104.70"), cold)[1:3] == ("104.70", "refund_wrong_band")
    # by the older rule of 30 % it is no band of this one
    assert refund_of(tmp_path, "哈尔滨市", harbin("-62.82"), cold)[1:3] == ("146.58", "refund_too_low")


def test_the_end_of_a_band_counted_the_other_way_is_a_wrong_band(tmp_path: Path) -> None:
    bill = paper(area_charge="2320.00", refund="-2.71", **XIAN)  # 20 % of a day, 16.00 is in the band above
    rooms = [measured("2025-12-01", "16.00")]
    assert refund_of(tmp_path, "西安市", bill, rooms)[0] == "conforms"
    at_fourteen = [measured("2025-12-01", "14.00")]  # 50 %: 1624.00 x 0.5 / 120 = 6.767
    wrong = paper(area_charge="2320.00", refund="-2.71", **XIAN)
    assert refund_of(tmp_path, "西安市", wrong, at_fourteen)[1:3] == ("4.06", "refund_wrong_band")


def test_days_run_from_the_request_to_the_day_before_a_measurement_that_passes(tmp_path: Path) -> None:
    rooms = [measured("2025-12-03", "17"), measured("2025-12-06", "17"), measured("2025-12-09", "20")]
    # 1 to 6 December: 3832.00 x 3 / 183 = 62.820
    assert refund_of(tmp_path, "哈尔滨市", harbin("-62.82"), rooms)[0] == "conforms"
    # without the request's own row the days run from the measurement that names it: 3 to 6 December, 41.880
    named = [rooms[0] | {"request_no": "S9"}, *rooms[1:]]
    assert refund_of(tmp_path, "哈尔滨市", harbin("-41.88"), named, [])[0] == "conforms"


@pytest.mark.parametrize(
    ("bill", "rooms", "requests"),
    [
        (harbin(), TEN_DAYS, []),  # nobody asked
        (harbin(), TEN_DAYS, [asked("2025-12-01", topic="leak")]),
        (harbin(), TEN_DAYS, [asked("2025-12-01", account="A2")]),
        (harbin(), TEN_DAYS, [asked("2025-12-12")]),  # asked after the cold days
        (harbin(issued_on="2025-10-15"), TEN_DAYS, None),  # issued before the cold days
        (harbin("-500.00"), TEN_DAYS, None),  # a higher refund stands
        (harbin("-33.00"), [measured("2025-12-01", "22")], None),  # where none is due it stands as billed
    ],
)
def test_nothing_is_claimed_where_nothing_is_due(
    tmp_path: Path, bill: Row, rooms: list[Row], requests: list[Row] | None
) -> None:
    assert refund_of(tmp_path, "哈尔滨市", bill, rooms, requests) == ("conforms", "0.00", "", "")


def test_where_the_refund_goes_by_rooms_a_missing_one_is_open_and_any_other_stands(tmp_path: Path) -> None:
    rooms = [measured("2025-12-01", "15.00")]
    bill = paper(area_charge="2400.00", issued_on="2026-05-20")
    scope = "北京市/city-network"
    assert refund_of(tmp_path, scope, bill, rooms) == ("inconclusive", "", "", "failing_rooms_area_missing")
    given = paper(area_charge="2400.00", refund="-4.00", issued_on="2026-05-20")
    assert refund_of(tmp_path, scope, given, rooms)[0] == "conforms"


def test_a_season_without_published_dates_has_no_daily_fee(tmp_path: Path) -> None:
    bill = paper(
        base_charge="690.00",
        metered_charge="765.00",
        heat_used="5000",
        heat_unit="kWh",
        service_from="2025-11-01",
        service_to="2026-03-31",
    )
    found = refund_of(tmp_path, "潍坊市", bill, [measured("2025-12-01", "15.00")])
    assert found == ("inconclusive", "", "", "season_dates_missing")


def test_temperatures_of_nobody_and_of_another_customer_change_nothing(tmp_path: Path) -> None:
    rooms = [measured("2025-12-01", "10.00", account="A7")]
    assert refund_of(tmp_path, "哈尔滨市", harbin(), rooms, [asked("2025-12-01", "A7")])[0] == "conforms"


def test_in_luoyang_a_cold_time_counts_once_it_has_lasted_longer_than_48_hours(tmp_path: Path) -> None:
    # half of three of the season's 121 days
    bill = paper(billed_area_m2="90.00", service_to="2026-03-15", area_charge="0.00", issued_on="2026-05-20")
    fee = Decimal(judged(tmp_path, "洛阳市", [bill])[0]["recomputed_total"])
    right = bill | {"area_charge": str(fee), "total": str(fee)}
    two = [measured("2025-12-01", "15"), measured("2025-12-02", "15"), measured("2025-12-03", "18")]
    assert refund_of(tmp_path, "洛阳市", right, two)[0] == "conforms"
    three = [measured("2025-12-01", "15"), measured("2025-12-03", "15"), measured("2025-12-04", "18")]
    due = (fee * 3 / 2 / 121).quantize(Decimal("0.01"))
    assert refund_of(tmp_path, "洛阳市", right, three)[1:3] == (str(due), "refund_missed")
