"""`supervision validate`: the portal's verdict before anything is filed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from ingest.child import judge_in_child
from ingest.profiles import Profile
from supervision.cli.refusals import CANNOT_RUN
from tests.cli.command_line import Said, harbin_bill, in_both_languages, program, run, write_feed

PERIOD = "2013-10"


def validate(file: Path, *more: object, feed: str = "bills", period: str = PERIOD) -> Said:
    return run("validate", feed, file, "--period", period, *more)


def test_a_sound_file_ends_with_0_and_says_that_nothing_blocks(tmp_path: Path) -> None:
    said = validate(
        write_feed(
            tmp_path / "bills.csv", [harbin_bill("B1"), harbin_bill("B2", area="71.00", billed="2864.85")]
        )
    )
    assert said.code == 0, said
    assert "2 行 / rows" in said.out
    assert "不通过" not in said.out


def test_a_file_that_blocks_ends_with_1_and_says_where_what_and_how_to_mend(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", [harbin_bill("B1"), harbin_bill("B2", area="7o.00")])
    said = validate(bills)
    assert said.code == 1
    assert "不通过 / rejected" in said.out
    assert "V01 行 / row 3 billed_area_m2" in said.out
    assert "Write a decimal number such as 1234.50" in said.out


@pytest.mark.parametrize(
    "rows",
    [
        [harbin_bill("B1")],
        [harbin_bill("B1"), harbin_bill("B1")],
        [harbin_bill("B1", billed="2824.51") | {"total": "2824.50"}],
        [harbin_bill("B1", issued_on="2013-12-01")],
        [harbin_bill(f"B{number}", area="7000.00", billed="282450.00") for number in range(9)],
    ],
)
def test_the_verdict_is_that_of_the_portals_own_judge(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    bills = write_feed(tmp_path / "bills.csv", rows)
    judged = judge_in_child(bills, feed="bills", period=PERIOD, filename=bills.name)
    said = validate(bills, "--json")
    answer = json.loads(said.out)
    assert answer["verdict"] == judged.verdict
    assert {edit["id"]: edit["count"] for edit in answer["edits"]} == {
        group.edit_id: group.count for group in judged.summary()
    }
    assert said.code == (1 if judged.verdict == "rejected" else 0)


def test_the_report_holds_every_hit_and_the_screen_the_first_twenty(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", [harbin_bill(f"B{number}", area="x") for number in range(50)])
    said = validate(bills, "--report", tmp_path / "report.csv")
    assert said.code == 1
    assert said.out.count("V01 行") == 20
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["edit_id"] == "V01"]
    assert [int(row["row"]) for row in rows] == list(range(1, 51))


def test_json_is_one_object_and_nothing_else(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", [harbin_bill("B1")])
    done = program(
        "validate", "bills", bills.name, "--period", PERIOD, "--json", environment={}, folder=tmp_path
    )
    answer = json.loads(done.out)
    assert answer["file"] == "bills.csv"
    assert answer["rows"] == 1
    assert answer["totals"]["total"] == "2824.50"


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 100, b"a,b\r\n1,2\r\n", b"\x1f\x8bxxxx", bytes(range(256))]
)
def test_files_that_are_no_table_are_rejected_with_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bills.csv").write_bytes(content)
    said = validate(tmp_path / "bills.csv")
    assert said.code == 1
    assert "不通过 / rejected" in said.out


@pytest.mark.parametrize(
    ("feed", "period", "name"),
    [
        ("bill", PERIOD, "bills.csv"),
        ("bills", "2013", "bills.csv"),
        ("bills", "2013-13", "bills.csv"),
        ("accounts", "2013-10", "bills.csv"),
        ("bills", PERIOD, "missing.csv"),
        ("bills", PERIOD, "."),
    ],
)
def test_what_cannot_run_ends_with_2_in_both_languages(
    tmp_path: Path, feed: str, period: str, name: str
) -> None:
    write_feed(tmp_path / "bills.csv", [harbin_bill("B1")])
    said = validate(tmp_path / name, feed=feed, period=period)
    assert said.code == 2, said
    assert in_both_languages(said), said.err


def test_a_report_that_cannot_be_written_ends_with_2_and_the_file_is_never_overwritten(
    tmp_path: Path,
) -> None:
    bills = write_feed(tmp_path / "bills.csv", [harbin_bill("B1")])
    before = bills.read_bytes()
    for report in (tmp_path / "none" / "r.csv", tmp_path, bills):
        said = validate(bills, "--report", report)
        assert said.code == 2
        assert in_both_languages(said)
    assert bills.read_bytes() == before


def test_a_file_name_that_hides_something_is_refused(tmp_path: Path) -> None:
    hidden = write_feed(tmp_path / "bills\u202evsc.csv", [harbin_bill("B1")])
    said = validate(hidden)
    assert said.code == 1
    assert "T06" in said.both


def test_a_companys_own_headers_are_read_by_its_profile_and_written_as_the_standard_file_to_be_filed(
    tmp_path: Path,
) -> None:
    bills = write_feed(tmp_path / "bills.csv", [harbin_bill("B1")])
    bills.write_text(bills.read_text("utf-8").replace("account_no", "户号", 1), encoding="utf-8")
    profile, standard = tmp_path / "profile.json", tmp_path / "standard.csv"
    profile.write_text(Profile("bills", 1, {"户号": "account_no"}).text(), encoding="utf-8")
    assert validate(bills).code == 1
    assert validate(bills, "--profile", profile, "--standard", standard).code == 0
    filed = validate(standard, "--json")
    assert (filed.code, json.loads(filed.out)["verdict"]) == (0, "accepted")


def test_a_profile_of_another_feed_or_no_profile_at_all_is_refused_before_anything_is_judged(
    tmp_path: Path,
) -> None:
    bills = write_feed(tmp_path / "bills.csv", [harbin_bill("B1")])
    profile = tmp_path / "profile.json"
    for text, words in (
        (Profile("payments", 1, {}).text(), "The profile is of payments"),
        ("{}", "A profile has these keys"),
    ):
        profile.write_text(text, encoding="utf-8")
        said = validate(bills, "--profile", profile)
        assert (said.code, in_both_languages(said)) == (CANNOT_RUN, True)
        assert words in said.err
