"""Files that are not what they should be: a stable code, the place, how to mend it; and what was in force stays so."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from supervision.db import begin
from supervision.filings import Filing, FilingRefused, State
from tests.filings.filing_desk import Desk, bill, csv_bytes

GOOD = csv_bytes("bills", [bill(1), bill(2)])
TOTAL = bill(1)["total"]

# what is wrong, the file, its name, the edit that says so, the row it points at
BAD_FILES: list[tuple[str, Callable[[], bytes], str, str, int]] = [
    ("a picture called csv", lambda: b"\x89PNG\r\n\x1a\n" + bytes(64), "bills.csv", "S01", 0),
    ("a gzip called csv", lambda: b"\x1f\x8b\x08\x00" + bytes(64), "bills.csv", "T04", 0),
    ("text called xlsx", lambda: GOOD + b"\r\n", "bills.xlsx", "C01", 0),
    ("a web page called csv", lambda: b"<!doctype html><script>alert(1)</script>", "bills.csv", "S01", 0),
    ("UTF-16", lambda: GOOD.decode().encode("utf-16"), "bills.csv", "N04", 0),
    (
        "two encodings in one file",
        lambda: GOOD + csv_bytes("bills", [bill(3, tariff_ref="哈发改")], encoding="gb18030").split(b"\r\n", 1)[1]
        + csv_bytes("bills", [bill(4, tariff_ref="哈发改")]).split(b"\r\n", 1)[1],
        "bills.csv",
        "N02",
        0,
    ),
    ("a missing column", lambda: csv_bytes("bills", [bill(1)], without=("total",)), "bills.csv", "S01", 0),
    ("an unknown code", lambda: csv_bytes("bills", [bill(1), bill(2, category="palace")]), "bills.csv", "V08", 2),
    ("a duplicate bill", lambda: csv_bytes("bills", [bill(1), bill(2), bill(1)]), "bills.csv", "K01", 3),
    ("a total that is not its lines", lambda: csv_bytes("bills", [bill(1, total="1.00")]), "bills.csv", "BIL01", 1),
    ("no data rows", lambda: csv_bytes("bills", []), "bills.csv", "S08", 0),
    ("a file cut in half", lambda: GOOD[: len(GOOD) - 40], "bills.csv", "S03", 2),
    ("personal data", lambda: GOOD.replace(b"bill_no", b"bill_no,phone", 1), "bills.csv", "S15", 0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "filename", "edit_id", "row"),
    [case[1:] for case in BAD_FILES],
    ids=[case[0].replace(" ", "_") for case in BAD_FILES],
)
def test_a_bad_file_is_rejected_with_code_place_and_remedy_and_leaves_what_is_in_force(
    desk: Desk, content: Callable[[], bytes], filename: str, edit_id: str, row: int
) -> None:
    first = desk.signed(GOOD)
    filing = desk.judged(content(), filename=filename)
    assert filing.state is State.REJECTED
    hits = {entry["edit_id"]: entry for entry in filing.report}
    assert edit_id in hits, hits
    assert hits[edit_id]["first_row"] == row
    assert hits[edit_id]["message_zh"].endswith("。")
    assert hits[edit_id]["message_en"].endswith(".")
    assert filing.table_digest is None
    current = desk.current()
    assert current is not None
    assert current.id == first.id
    with pytest.raises(Exception, match="sign"):
        desk.sign(filing)
    assert desk.signed(csv_bytes("bills", [bill(1), bill(3)])).is_current


def test_the_report_lists_every_hit_with_its_row_key_field_and_value(desk: Desk) -> None:
    rows = [bill(number, category="palace") for number in range(1, 121)]
    filing = desk.judged(csv_bytes("bills", rows))
    assert filing.report_digest is not None
    text = desk.evidence.read_bytes(filing.report_digest).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert len(lines) == filing.edit_count == 120
    assert {(line["edit_id"], line["field"], line["value"]) for line in lines} == {
        ("V08", "category", "palace")
    }
    assert [int(line["row"]) for line in lines] == list(range(1, 121))
    assert lines[4]["key"] == "B000005"


def test_an_empty_file_is_judged_as_such_when_it_comes_past_the_door(desk: Desk) -> None:
    filing = desk.judged(b"")
    assert filing.state is State.REJECTED
    assert [entry["edit_id"] for entry in filing.report] == ["T08"]


@pytest.mark.parametrize(
    "filename",
    ["a\x00.csv", "\u202evsc.exe", "a" * 5000 + ".csv", "", "a\u2066.csv", "a\r\nSet-Cookie: x.csv"],
    ids=["nul", "bidi", "too-long", "empty", "isolate", "header"],
)
def test_a_file_name_that_could_deceive_is_refused(desk: Desk, filename: str) -> None:
    with pytest.raises(FilingRefused) as refused:
        desk.upload(GOOD, filename=filename)
    assert refused.value.code == "T06"
    assert refused.value.mend_zh
    assert refused.value.mend_en


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../../../etc/cron.d/x.csv", "x.csv"),
        ("..\\..\\boot.csv", "boot.csv"),
        ("%2e%2e%2fx.csv", "%2e%2e%2fx.csv"),
        ("CON", "CON"),
        ("十二月*账单?[终].csv", "十二月*账单?[终].csv"),
    ],
)
def test_a_file_name_is_only_shown_and_never_a_path(desk: Desk, given: str, shown: str) -> None:
    before = {path for path in desk.settings.data.rglob("*") if path.is_file()}
    filing = desk.upload(GOOD, filename=given)
    after = {path for path in desk.settings.data.rglob("*") if path.is_file()}
    assert filing.filename == shown
    assert {path.name for path in after - before} == {filing.bytes_digest}


def test_a_file_rejected_for_its_extension_passes_under_the_right_name(desk: Desk) -> None:
    assert desk.judged(GOOD, filename="bills.xlsx").state is State.REJECTED
    again = desk.judged(GOOD, filename="bills.csv")
    assert (again.number, again.state) == (2, State.READY)


def test_a_rejected_file_sent_again_unchanged_answers_with_its_rejection(desk: Desk) -> None:
    bad = csv_bytes("bills", [bill(1, total="1.00")])
    first = desk.judged(bad)
    assert desk.judged(bad).id == first.id


def test_a_file_rejected_by_older_rules_is_judged_anew(desk: Desk) -> None:
    first = desk.judged(csv_bytes("bills", [bill(1, total="1.00")]))
    with begin(desk.engine) as session:
        session.get_one(Filing, first.id).pack_digest = "0" * 64
    again = desk.judged(csv_bytes("bills", [bill(1, total="1.00")]))
    assert (again.number, again.state) == (2, State.REJECTED)
