"""The edit report, the samples and the guide that companies receive."""

from __future__ import annotations

import csv
import io
import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from ingest_filings import PERIODS, bill, judge_rows

from ingest.edits import CATALOGUE, EDIT_SCHEMA, EXPLAINED, EditClass
from ingest.edits.report import HEADER, Report, file_mark, neutralised, write_csv
from ingest.judge import judge
from ingest.samples import write_all, write_sample_csv
from ingest.standard import FEEDS
from ingest.standard.guide import guide

ROOT = Path(__file__).parents[2]


def test_the_report_lists_every_edit_with_a_mark_for_spreadsheets_and_a_link_that_the_guide_has(
    tmp_path: Path,
) -> None:
    judged = judge_rows(*(bill(number, total="x", category="y") for number in range(1, 1201)))
    path = tmp_path / "report.csv"
    write_csv(Report(judged.edits, "0" * 64), path)
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfedit_id,")
    lines = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert tuple(lines[0]) == HEADER
    assert len(lines) - 1 == judged.edits.num_rows == 2400
    hit = dict(zip(HEADER, lines[1], strict=True))
    assert (hit["edit_id"], hit["edit_class"], hit["row"], hit["key"], hit["field"], hit["value"]) == (
        "V08", "validity", "1", "B0001", "category", "y",
    )  # fmt: skip
    assert f'<a id="{hit["how_to_mend"]}"></a>' in guide()


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", "＋1", "－1", "＠a", "−1", " =1", "\u3000=1", "|cmd"],
)
def test_what_a_spreadsheet_would_run_is_neutralised_in_the_report(tmp_path: Path, text: str) -> None:
    judged = judge_rows(bill(1, total=text))
    assert judged.edits.num_rows == 1
    path = tmp_path / "report.csv"
    write_csv(Report(judged.edits, "0" * 64), path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert lines[0]["value"] == "'" + text


@pytest.mark.parametrize("text", ["", "B0001", "2148.00", "1-2", "a=b", "祥和里"])
def test_harmless_text_stands_in_the_report_as_it_was_filed(text: str) -> None:
    assert neutralised(text) == text


@pytest.mark.parametrize("feed", list(FEEDS))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("labels", [True, False])
def test_the_sample_of_a_feed_is_accepted_without_an_edit(
    tmp_path: Path, feed: str, encoding: str, labels: bool
) -> None:
    path = tmp_path / "sample.csv"
    write_sample_csv(feed, path, encoding=encoding, labels=labels)
    judged = judge(path, feed=feed, period=PERIODS[feed], filename=path.name)
    assert (judged.verdict, judged.edits.num_rows, judged.coercions.num_rows) == ("accepted", 0, 0)
    assert judged.rows == len(FEEDS[feed].sample)


@pytest.mark.parametrize("feed", list(FEEDS))
def test_the_empty_template_is_refused_only_for_having_no_rows_and_accepted_once_filled(
    tmp_path: Path, feed: str
) -> None:
    import openpyxl

    template = next(path for path in write_all(tmp_path) if path.name == f"{feed}-template.xlsx")
    empty = judge(template, feed=feed, period=PERIODS[feed], filename=template.name)
    assert [hit["edit_id"] for hit in empty.edits.to_pylist()] == ["S08"]
    book = openpyxl.load_workbook(template)
    for row in FEEDS[feed].sample:
        book.active.append([row.get(column.code) for column in FEEDS[feed].columns])
    book.save(template)
    filled = judge(template, feed=feed, period=PERIODS[feed], filename=template.name)
    assert (filled.verdict, filled.edits.num_rows) == ("accepted", 0)


def test_the_committed_guide_is_the_one_that_the_standard_gives(tmp_path: Path) -> None:
    written = tmp_path / "guide.md"
    subprocess.run([sys.executable, "-m", "ingest.standard.guide", str(written)], cwd=ROOT, check=True)
    committed = (ROOT / "docs" / "data-standard.md").read_bytes()
    assert written.read_bytes() == committed, "run: python -m ingest.standard.guide docs/data-standard.md"


def test_the_guide_names_every_column_and_every_edit() -> None:
    text = guide()
    for feed in FEEDS.values():
        for column in feed.columns:
            assert f"| `{column.code}` | {column.zh} | {column.en} |" in text
    assert all(f"**{edit_id}** `{edit.name}`" in text for edit_id, edit in CATALOGUE.items())


HOSTILE = [
    "", "B0001", 'a "quoted" word', "a,b", "line\nbreak", "line\r\nbreak", "=1+1", " =1", "\u3000\u00a0-1", "−1", "|cmd",
    "\t1", "^1", "]x", "祥和里", "100 %", "% off", "\\", "'", '"', ",", "a=b", "￥1,000.00", "😀,", '+"1"',
]  # fmt: skip


def test_the_report_is_byte_for_byte_what_the_csv_module_writes(tmp_path: Path) -> None:
    dice = random.Random(8)
    hits = [
        {
            "edit_id": dice.choice(list(CATALOGUE)),
            "edit_class": dice.choice(list(EditClass)).value,
            "row": dice.randint(0, 3),
            **{name: dice.choice(HOSTILE) for name in ("key", "field", "value", "message_zh", "message_en")},
        }
        for _ in range(25_000)
    ]
    edits = pa.concat_tables(
        [pa.Table.from_pylist(part, schema=EDIT_SCHEMA) for part in (hits[:3], hits[3:17_000], hits[17_000:])]
    )
    expected = io.StringIO()
    writer = csv.writer(expected, lineterminator="\r\n")
    writer.writerow(HEADER)
    for number, hit in enumerate(hits, start=1):
        texts = [neutralised(hit[name]) for name in ("key", "field", "value", "message_zh", "message_en")]
        file_row = hit["row"] + 1 if hit["row"] else 0
        standing = "missing" if hit["edit_class"] in EXPLAINED else ""
        link = CATALOGUE[hit["edit_id"]].mend_link
        whole = [hit["edit_id"], hit["edit_class"], hit["row"], file_row, *texts, link, "", "", standing, ""]
        writer.writerow([*whole, number, file_mark("ab" * 32)])
    write_csv(Report(edits, "ab" * 32), tmp_path / "report.csv")
    assert (tmp_path / "report.csv").read_bytes() == expected.getvalue().encode("utf-8-sig")
