"""Rows of temperatures, requests and outages that cannot be read leave the bills of their accounts open, never “right”."""

from __future__ import annotations

from pathlib import Path

import pytest
from black_box import Row, home, judged_aloud, paper
from click.testing import CliRunner
from test_black_box_outages import jinan, stopped
from test_black_box_refunds import asked, harbin, measured

COLD = [measured("2025-12-01", "10.00"), measured("2025-12-20", "10.00")]


@pytest.mark.parametrize(
    ("feed", "wrong", "missing"),
    [
        ("temperatures", {"room_temp_c": "cold"}, "unreadable_temperatures_room_temp_c"),
        ("temperatures", {"measured_at": "yesterday"}, "unreadable_temperatures_measured_at"),
        ("requests", {"channel": "pigeon"}, "unreadable_requests_channel"),
        ("requests", {"topic": "冷"}, "unreadable_requests_topic"),
        ("requests", {"received_at": "soon"}, "unreadable_requests_received_at"),
    ],
)
def test_one_wrong_letter_does_not_make_a_cold_home_a_right_bill(
    tmp_path: Path, feed: str, wrong: Row, missing: str
) -> None:
    service = {"temperatures": COLD, "requests": [asked("2025-12-01")]}
    assert judged_aloud(tmp_path, "哈尔滨市", [harbin()], service=service)[0][0]["overcharge"] == "418.80"
    service[feed] = [row | wrong for row in service[feed]]
    found, said = judged_aloud(tmp_path, "哈尔滨市", [harbin(), harbin()], service=service)
    assert (found[0]["outcome"], found[0]["missing"]) == ("inconclusive", missing)
    assert found[0]["recomputed_total"] == found[0]["overcharge"] == ""
    assert found[1]["outcome"] == "conforms"  # nobody measured there
    assert f"{feed}.csv:1" in said
    assert "(1) are inconclusive" in said


def test_an_unreadable_outage_leaves_every_home_of_its_network_open(tmp_path: Path) -> None:
    bad = [stopped("2025-12-03T00:00", "2025-12-23T00:00") | {"ended_at": "23.12."}]
    homes = [home(inner_area_m2="100.00", network_code=network) for network in ("N1", "N1", "N2")]
    found, _ = judged_aloud(tmp_path, "济南市", [jinan()] * 3, homes, service={"outages": bad})
    assert [row["missing"] for row in found] == ["unreadable_outages_ended_at"] * 2 + [""]


def test_a_request_without_its_account_is_found_by_the_measurement_that_names_it(tmp_path: Path) -> None:
    request = asked("2025-12-01") | {"account_no": "", "channel": "pigeon"}
    rooms = [row | {"request_no": request["request_no"]} for row in COLD]
    service = {"temperatures": rooms, "requests": [request]}
    found, _ = judged_aloud(tmp_path, "哈尔滨市", [harbin()], service=service)
    assert found[0]["outcome"] == "inconclusive"
    assert "unreadable_requests_channel" in found[0]["missing"]


def test_rows_of_nobody_known_are_counted_in_the_summary_and_the_command_ends_well(tmp_path: Path) -> None:
    from black_box import write

    from supervision.cli import main

    bill = {"bill_no": "B1", "account_no": "A1"} | paper("usable", area_charge="3832.00")
    files = {
        "bills": write(tmp_path / "bills.csv", [bill]),
        "temperatures": write(
            tmp_path / "t.csv", [COLD[0], COLD[1] | {"account_no": "", "room_temp_c": "cold"}]
        ),
    }
    arguments = ["recompute", "--scope", "哈尔滨市", "--out", str(tmp_path / "out.csv")]
    for option, file in files.items():
        arguments += [f"--{option}", str(file)]
    said = CliRunner().invoke(main, arguments, prog_name="supervision")
    assert said.exit_code == 0
    assert "--temperatures：有 1 行未能读取" in said.stdout
    assert "belong to no known account: 1" in said.stderr
