"""Where rooms were too cold or a network long without heat and nobody knows what is due, no bill is called right; and laws
that say it where the price notice is silent, each on its own days."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from black_box import Row, home, judged, paper
from test_black_box_outages import stopped
from test_black_box_refunds import asked, measured

from checks.certificate import second_rules
from checks.recompute.refunds import band_share
from checks.recompute.service import measured_rooms
from checks.recompute.worksheet import worksheet
from checks.tariffs.laws import longest_term_hours, refund_law, refund_laws, refund_rule
from checks.tariffs.load import load_published
from ingest.standard import arrow_schema

COLD = [measured("2025-12-01", "10.00"), measured("2025-12-20", "10.00")]
WARM = [measured("2025-12-01", "18.00"), measured("2025-12-20", "21.00")]
TWENTY_DAYS = [stopped("2025-12-01T00:00", "2025-12-21T00:00")]
SETTLED = {"issued_on": "2026-05-20"}
TAIYUAN = {"service_from": "2025-11-01", "service_to": "2026-03-31", "area_charge": "1800.00"} | SETTLED
SHIJIAZHUANG = {"service_to": "2026-03-15", "area_charge": "1980.00"} | SETTLED


def found(folder: Path, scope: str, bill: Row, **service: list[Row]) -> Row:
    roster = [home(inner_area_m2="100.00", usable_area_m2="100.00")]
    return judged(folder, scope, [bill], roster, service=service)[0]


@pytest.mark.parametrize(
    ("scope", "bill"),
    [("太原市", paper(**TAIYUAN)), ("石家庄市", paper(**SHIJIAZHUANG))],
    ids=["太原", "石家庄"],
)
def test_cold_rooms_without_a_rule_on_record_leave_the_bill_open(
    tmp_path: Path, scope: str, bill: Row
) -> None:
    requests = [asked("2025-12-01")]
    row = found(tmp_path, scope, bill, temperatures=COLD, requests=requests)
    assert (row["outcome"], row["missing"], row["label"]) == (
        "inconclusive",
        "refund_rule_unknown",
        "not_computable",
    )
    warm = found(tmp_path, scope, bill, temperatures=WARM, requests=requests)
    assert (warm["outcome"], warm["missing"]) == ("conforms", "")  # 18 °C is the standard of every city
    assert found(tmp_path, scope, bill, temperatures=COLD)["outcome"] == "conforms"  # nobody asked


@pytest.mark.parametrize(
    ("scope", "bill"),
    [("太原市", paper(**TAIYUAN)), ("石家庄市", paper(**SHIJIAZHUANG))],
    ids=["太原", "石家庄"],
)
def test_a_stop_longer_than_any_law_lets_pass_leaves_the_bill_open_without_a_rule(
    tmp_path: Path, scope: str, bill: Row
) -> None:
    row = found(tmp_path, scope, bill, outages=TWENTY_DAYS)
    assert (row["outcome"], row["missing"]) == ("inconclusive", "outage_rule_unknown")
    two_days = [stopped("2025-12-01T00:00", "2025-12-03T00:00")]  # exactly the longest term on record
    assert found(tmp_path, scope, bill, outages=two_days)["outcome"] == "conforms"
    a_minute_more = [stopped("2025-12-01T00:00", "2025-12-03T00:01")]
    assert found(tmp_path, scope, bill, outages=a_minute_more)["outcome"] == "inconclusive"
    early = found(tmp_path, scope, bill | {"issued_on": "2025-10-15"}, outages=TWENTY_DAYS)
    assert early["outcome"] == "conforms"  # it was right as it was issued


def test_what_holds_for_every_city_is_the_same_in_the_checker() -> None:
    assert second_rules._ANY_OUTAGE["after_hours"] == longest_term_hours() == 48


@pytest.mark.parametrize(
    ("season", "temp", "share"),
    # 2019-20 by the regulations of 2011, 2022-23 by the amendment of 29 October 2021
    [
        ("2019-20", "13.00", 1),
        ("2019-20", "15.00", "0.5"),
        ("2019-20", "19.00", 0),
        ("2022-23", "19.00", "0.5"),
    ],
)
def test_harbin_gives_back_what_the_law_of_the_province_said_that_winter(
    tmp_path: Path, season: str, temp: str, share: str
) -> None:
    year = season[:4]
    dates = {"service_from": f"{year}-10-20", "service_to": f"{int(year) + 1}-04-20"}
    bill = paper("usable", season, area_charge="3832.00", issued_on=f"{int(year) + 1}-05-20", **dates)
    days = 184 if season == "2019-20" else 183  # a leap winter
    rooms = [measured(f"{year}-12-{day:02}", temp) for day in (1, 20)]
    row = judged(
        tmp_path, "哈尔滨市", [bill], service={"temperatures": rooms, "requests": [asked(f"{year}-12-01")]}
    )[0]
    due = (Decimal("3832.00") * 20 * Decimal(share) / days).quantize(Decimal("0.01"))
    assert (row["overcharge"], row["missing"]) == (str(due), "")


def test_the_worksheet_names_the_law_where_the_record_is_silent() -> None:
    bill = {
        "source_row": 1,
        "bill_no": "B1",
        "account_no": "A1",
        "season": "2019-20",
        "kind": "season",
        "category": "residential",
        "billing_method": "area",
        "heating_state": "on",
        "service_from": dt.date(2019, 10, 20),
        "service_to": dt.date(2020, 4, 20),
        "billed_area_m2": Decimal("100.00"),
        "area_basis": "usable",
        "area_charge": Decimal("3832.00"),
        "total": Decimal("3832.00"),
        "issued_on": dt.date(2020, 5, 20),
    }
    at = dt.datetime(2019, 12, 1, 4, tzinfo=dt.UTC)
    room = {
        "account_no": "A1",
        "measured_at": at,
        "room": "bedroom",
        "room_temp_c": Decimal("13.00"),
        "request_no": "S1",
    }
    rooms = measured_rooms(_table("room_temperatures", room), None)
    sheet = worksheet(bill, None, load_published(), city="哈尔滨市", measured=rooms)
    # one day in full: 3832.00 / 184 = 20.826
    assert sheet.recomputed_total == Decimal("3811.17")
    assert any("黑龙江省城市供热条例（2011 年）" in note.zh for note in sheet.notes)
    assert any("Heilongjiang urban heating regulations (2011)" in note.en for note in sheet.notes)


def _table(feed: str, row: Row) -> object:
    import pyarrow as pa

    return pa.Table.from_pylist([row], schema=arrow_schema(feed))


def test_the_record_goes_before_the_law_and_each_law_binds_on_its_own_days() -> None:
    records = {one.id: one for one in load_published()}
    harbin = records["hrb-res-2006"]
    assert refund_law(harbin, dt.date(2011, 10, 19)) is None
    assert refund_law(harbin, dt.date(2021, 10, 28)).id == "heilongjiang-refund-2011"
    assert refund_law(harbin, dt.date(2021, 10, 29)).id == "heilongjiang-refund-2021"
    qingdao = records["qd-res"]
    assert refund_rule(qingdao, dt.date(2025, 11, 16)).bands == qingdao.refund_bands
    assert refund_rule(records["jn-res"], dt.date(2025, 11, 15)) is None


def test_the_bands_of_every_law_cover_each_temperature_below_the_standard() -> None:
    for law in refund_laws():
        for tenth in range(int(law.refund.standard_c * 10)):
            assert band_share(law.refund.bands, Decimal(tenth).scaleb(-1)) > 0, (law.id, tenth)
        assert band_share(law.refund.bands, law.refund.standard_c) == 0, law.id
        assert law.name_en
        assert law.place_en
