"""The edit report as CSV, XLSX or Parquet, safe to open in a spreadsheet, with two columns for the company to fill in."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from ingest.edits import CATALOGUE

HEADER = (
    "edit_id",
    "edit_class",
    "row",
    "file_row",
    "key",
    "field",
    "value",
    "message_zh",
    "message_en",
    "how_to_mend",
    "explanation_code",
    "note",
)
#: Signs that make a spreadsheet read a cell as a formula, the full-width ones among them; also behind leading spaces.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "−", "|", "%")
_BATCH = 10_000
_MOST_SHEET_ROWS = 1_048_575


def row_offset(encoding: str | None, delimiter: str | None) -> int:
    """What is added to the row of a table to give the row of the company's own file, as a spreadsheet shows it: 1 for a
    table, whose first row is row 0; 0 for a file of lines, whose first line is row 1."""
    return 1 if delimiter or encoding == "xlsx" else 0


def neutralised(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it as a formula (OWASP: CSV injection)."""
    return (
        "'" + text
        if text.lstrip(" \u00a0\u3000").startswith(_FORMULA_SIGNS) or text.startswith(("\t", "\r", "\n"))
        else text
    )


def write_csv(edits: pa.Table, path: Path, *, offset: int = 1, profile: str = "") -> None:
    """Writes every edit, one a line, as UTF-8 with a byte-order mark and CRLF: edit id, class, row, the row of the company's
    own file (``offset`` more; 0 for the whole file), key, field, value as filed, message in both languages, the anchor of the
    edit in the published guide, and two empty columns for an explanation. Where the file was read by a mapping profile the
    first line names it. Complete and streamed: there is no cap. Equal edits give equal bytes."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(HEADER)
        writer.writerows(_lines(edits, offset, profile))


def write_report(edits: pa.Table, path: Path, *, offset: int = 1, profile: str = "") -> None:
    """Writes the report in the form that the ending of ``path`` names: ``.csv``, ``.xlsx`` or ``.parquet``, every hit in each.
    ValueError for another ending, and for more hits than a sheet has rows."""
    kind = path.suffix.lower()
    if kind == ".csv":
        write_csv(edits, path, offset=offset, profile=profile)
    elif kind == ".xlsx":
        _write_xlsx(edits, path, offset, profile)
    elif kind == ".parquet":
        _write_parquet(edits, path, offset, profile)
    else:
        known = ".csv, .xlsx, .parquet"
        raise ValueError(
            f"审核报告只能写成 {known}：{path.name} / a report is written as {known}: {path.name}"
        )


def _write_parquet(edits: pa.Table, path: Path, offset: int, profile: str) -> None:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    blank = pa.array([""] * edits.num_rows, pa.string())
    links = [CATALOGUE[edit_id].mend_link for edit_id in edits.column("edit_id").to_pylist()]
    rows = edits.column("row")
    file_rows = pc.if_else(pc.equal(rows, 0), rows, pc.add(rows, pa.scalar(offset, pa.int32())))
    edits = edits.add_column(3, "file_row", file_rows)
    if profile:
        edits = edits.replace_schema_metadata({"profile": profile})
    whole = edits.append_column("how_to_mend", pa.array(links, pa.string()))
    pq.write_table(whole.append_column("explanation_code", blank).append_column("note", blank), path)


def _write_xlsx(edits: pa.Table, path: Path, offset: int, profile: str) -> None:
    import openpyxl

    if edits.num_rows > _MOST_SHEET_ROWS:
        most = f"{_MOST_SHEET_ROWS:,}"
        raise ValueError(
            f"工作表最多写 {most} 处，请用 .csv 或 .parquet。 / A sheet holds {most} hits at most; use .csv or .parquet."
        )
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("edits")
    sheet.append(HEADER)
    for line in _lines(edits, offset, profile):
        sheet.append(line)
    book.save(path)


#: The class of the line that names the profile; it is no edit and takes no explanation.
PROFILE_LINE = "profile"


def _lines(edits: pa.Table, offset: int, profile: str) -> Iterator[list[str]]:
    if profile:
        said = ("按本企业的对应方案读取。", "Read by the company's mapping profile.")
        yield ["", PROFILE_LINE, "0", "0", "", "", profile, *said, "", "", ""]
    for batch in edits.to_batches(max_chunksize=_BATCH):
        for hit in batch.to_pylist():
            texts = [hit[name] for name in ("key", "field", "value", "message_zh", "message_en")]
            safe = [neutralised(text or "") for text in texts]
            yield [
                hit["edit_id"],
                hit["edit_class"],
                str(hit["row"]),
                str(hit["row"] + offset if hit["row"] else 0),
                *safe,
                CATALOGUE[hit["edit_id"]].mend_link,
                "",
                "",
            ]
