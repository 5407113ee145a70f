"""Hostile files end in the listed edit, and a good file is accepted right after each."""

from __future__ import annotations

import tracemalloc

import pytest
from hostile_files import GOOD, TEXT, noted
from hostile_workbooks import CONTAINERS, WORKBOOKS, overlapping
from ingest_filings import bill, csv_bytes, csv_text, ids, judge_bytes, judge_rows

from ingest.edits import CATALOGUE

HOSTILE = TEXT | CONTAINERS | WORKBOOKS


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_file_is_refused_by_its_listed_edit_first_and_a_good_file_is_accepted_right_after(
    name: str,
) -> None:
    hostile = HOSTILE[name]
    data = hostile.build()
    judged = judge_bytes(data, filename=hostile.filename)
    found = ids(judged)
    if hostile.expected is None:
        assert (judged.verdict, found) == ("accepted", [])
    else:
        assert judged.verdict == "rejected"
        assert judged.table is None
        assert found[0] == hostile.expected
    if hostile.count is not None:
        assert found.count(str(hostile.expected)) == hostile.count
    if hostile.rows:
        rows = judged.edits.column("row").to_pylist()
        assert [row for row, one in zip(rows, found, strict=True) if one == hostile.expected] == hostile.rows
    assert judge_bytes(data, filename=hostile.filename).edits.equals(judged.edits)
    assert judge_bytes(GOOD).verdict == "accepted"


def test_the_overlapping_container_really_overlaps() -> None:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(overlapping())) as archive:
        first, second = archive.infolist()
        assert first.header_offset < second.header_offset < first.header_offset + 30 + 9 + first.compress_size


def test_every_refusal_says_where_what_and_how_to_mend_in_both_languages() -> None:
    for name in sorted(TEXT):
        hostile = TEXT[name]
        for hit in judge_bytes(hostile.build(), filename=hostile.filename).edits.to_pylist():
            assert "{" not in hit["message_zh"].replace("{{7*7}}", "")
            assert CATALOGUE[hit["edit_id"]].mend_zh.split("{")[0] in hit["message_zh"]
            assert CATALOGUE[hit["edit_id"]].mend_en.split("{")[0] in hit["message_en"]


@pytest.mark.parametrize("note", ["億元|億", '乗"乗', "俓\\,俓", "𠮷祥里;供热站", "嘿\n第二行"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_characters_whose_gb18030_bytes_look_like_separators_come_through_whole(
    note: str, delimiter: str
) -> None:
    data = csv_text([noted(note), noted("平", 2)], delimiter=delimiter).encode("gb18030")
    judged = judge_bytes(data)
    assert judged.encoding == "gb18030"
    assert judged.delimiter == delimiter
    assert judged.table is not None
    assert judged.table.column("tariff_ref").to_pylist() == [note, "平"]


def test_a_utf8_file_that_gb18030_could_also_read_is_read_as_utf8() -> None:
    judged = judge_rows(noted("祥和里"))
    assert judged.table is not None
    assert judged.encoding == "utf-8"
    assert judged.table.column("tariff_ref").to_pylist() == ["祥和里"]


@pytest.mark.parametrize("at", range(1, 40))
def test_a_file_cut_anywhere_never_passes_with_a_row_that_was_not_filed(at: int) -> None:
    whole = csv_bytes([noted("供热站", number, paid_on="2025-12-20") for number in range(1, 6)])
    cut = whole[: len(whole) * at // 40]
    judged = judge_bytes(cut)
    if judged.verdict == "accepted":
        assert judged.table is not None
        before = judge_bytes(whole).table
        assert before is not None
        assert judged.table.equals(before.slice(0, judged.rows))
    else:
        assert judged.verdict == "rejected"


def test_memory_stays_bounded_when_a_file_has_no_line_end() -> None:
    data = b"a" * (64 << 20)
    tracemalloc.start()
    judged = judge_bytes(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ids(judged) == ["S07"]
    assert peak < 80 << 20


def test_an_open_quote_in_row_two_keeps_the_edits_of_row_one_and_says_what_was_not_judged() -> None:
    text = csv_text([noted("", 1, total="1.00"), noted("OPEN", 2), noted("", 3)]).replace("OPEN", '"open')
    judged = judge_bytes(text.encode())
    hits = [(hit["edit_id"], hit["row"]) for hit in judged.edits.to_pylist()]
    assert hits == [("BIL01", 1), ("S04", 2)]
    assert "S04" in {
        cause for skipped in judged.not_evaluated if skipped.edit_id == "BIL01" for cause in skipped.because
    }
    assert bill(1)["total"] != "1.00"
