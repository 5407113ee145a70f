"""`supervision recompute --certificates`: a folder that anybody can verify with nothing but Python."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command_line import Row, examples, harbin_bill, in_both_languages, write_feed
from tests.cli.recomputing_files import recompute


def index_of(folder: Path) -> dict[str, Row]:
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        return {row["bill_no"]: row for row in csv.DictReader(file)}


def verified(folder: Path) -> tuple[int, str]:
    """What the checker of the folder says of every certificate in it, on a Python without site-packages."""
    files = sorted(path.name for path in folder.glob("*.json"))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify_certificate.py", *files],
        cwd=folder,
        capture_output=True,
        env={"PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).decode()


def test_every_bill_in_breach_has_a_certificate_that_verifies(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", examples())
    said = recompute(bills, tmp_path / "o.csv", "--certificates", tmp_path / "certificates")
    assert said.code == 0, said.both
    assert "certificates 2" in said.out
    folder = tmp_path / "certificates"
    assert sorted(path.name for path in folder.iterdir()) == [
        "2_E14.json", "3_E15.json", "index.csv", "verify_certificate.py",
    ]  # fmt: skip
    code, text = verified(folder)
    assert (code, text.count("一致 AGREES")) == (0, 2)
    found = index_of(folder)
    assert {number: (row["file"], row["overcharge"]) for number, row in found.items()} == {
        "E14": ("2_E14.json", "6.00"),
        "E15": ("3_E15.json", "20.00"),
    }
    certificate = json.loads((folder / "2_E14.json").read_text(encoding="utf-8"))
    assert certificate["digest"] == found["E14"]["digest"]
    assert certificate["origin"]["filing_digest"] == hashlib.sha256(bills.read_bytes()).hexdigest()


def test_all_bills_can_have_one_also_the_duplicate_the_correction_and_the_one_without_a_price(
    tmp_path: Path,
) -> None:
    first = harbin_bill("A/1")
    again = harbin_bill("A/2", issued_on="2014-01-05", account_no="A-A/1")
    wrong = harbin_bill("B1", billed="2900.00")
    mended = harbin_bill(
        "B2", account_no="A-B1", kind="correction", corrects_bill_no="B1", issued_on="2014-02-01",
        billed="-75.50", area_charge="-75.50", total="-75.50",
    )  # fmt: skip
    early = harbin_bill("C1", service_from="2005-10-20", service_to="2006-04-20", season="2005-06")
    roster = [
        {
            "account_no": account, "network_code": "N1", "community": "松北一里", "building": "1",
            "category": "residential", "billing_method": "area", "floor_area_m2": "104.30",
            "usable_area_m2": "70.00", "connected_on": "1980-10-01", "heating_state": "on",
        }
        for account in ("A-A/1", "A-B1")
    ]  # fmt: skip
    bills = write_feed(tmp_path / "bills.csv", [first, again, wrong, mended, early])
    accounts = write_feed(tmp_path / "accounts.csv", roster, feed="accounts")
    folder = tmp_path / "all"
    folder.mkdir()  # an empty folder will do
    more = ("--accounts", accounts, "--certificates", folder, "--certificates-for", "all")
    said = recompute(bills, tmp_path / "o.csv", *more)
    assert said.code == 0, said.both
    found = index_of(folder)
    assert {number: (row["file"], row["outcome"], row["cause"]) for number, row in found.items()} == {
        "A/1": ("1_A-1.json", "conforms", ""),
        "A/2": ("2_A-2.json", "breach", "duplicate_bill"),
        "B1": ("3_B1.json", "breach", "unexplained"),
        "B2": ("4_B2.json", "conforms", ""),
        "C1": ("5_C1.json", "inconclusive", ""),
    }
    code, text = verified(folder)
    assert (code, text.count("一致 AGREES")) == (0, 5), text


def test_a_bill_that_was_not_wholly_read_has_none_and_the_index_says_why(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", [*examples(), harbin_bill("B4", area="7o.00")])
    folder = tmp_path / "certificates"
    said = recompute(bills, tmp_path / "o.csv", "--certificates", folder, "--certificates-for", "all")
    assert said.code == 0, said.both
    row = index_of(folder)["B4"]
    assert (row["file"], row["digest"], row["outcome"]) == ("", "", "inconclusive")
    assert "was not wholly read" in row["remark"]
    assert len(list(folder.glob("*.json"))) == 3


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_is_there_already_is_never_written_into(tmp_path: Path, kind: str) -> None:
    bills = write_feed(tmp_path / "bills.csv", examples())
    place = tmp_path / "certificates"
    if kind == "file":
        place.write_text("mine")
    else:
        place.mkdir()
        (place / "mine.txt").write_text("mine")
    said = recompute(bills, tmp_path / "o.csv", "--certificates", place)
    assert said.code == 1
    assert in_both_languages(said)
    assert not (tmp_path / "o.csv").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bills.csv", "certificates"]
