"""The edit report as CSV, XLSX or Parquet, safe to open in a spreadsheet, with two columns for the company to fill in and to
hand back."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits import CATALOGUE, EXPLAINED, EditClass

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
    "standing",
    "explained_on",
    "hit",
    "file_digest",
)
#: Signs that make a spreadsheet read a cell as a formula, the full-width ones among them; also behind leading spaces.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "−", "|", "%")
_FORMULA = "^[ \\x{a0}\\x{3000}]*[" + "".join("\\" * (sign in "-|+") + sign for sign in _FORMULA_SIGNS) + "]"
_BATCH = 10_000
_EXPLAINED = frozenset(str(one) for one in EXPLAINED)
_LOCAL = dt.timezone(dt.timedelta(hours=8))  # China has one clock and no summer time since 1991
_MOST_SHEET_ROWS = 1_048_575


def row_offset(encoding: str | None, delimiter: str | None) -> int:
    """What is added to the row of a table to give the row of the company's own file, as a spreadsheet shows it: 1 for a
    table, whose first row is row 0; 0 for a file of lines, whose first line is row 1."""
    return 1 if delimiter or encoding == "xlsx" else 0


def in_order(edits: pa.Table) -> pa.Table:
    """The hits as a report lists them: by class, those that block first, then by edit and row."""
    classes = list(EditClass)
    ranks = ranks_of(edits["edit_class"], lambda name: classes.index(EditClass(name)))
    ids = ranks_of(edits["edit_id"], str)
    return edits.take(pa.array(np.lexsort((edits["row"].to_numpy(), ids, ranks))))


def ranks_of(column: pa.ChunkedArray, key: Callable[[str], Any]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The place of each text among the distinct ones in order of ``key``."""
    coded = column.combine_chunks().cast(pa.string()).dictionary_encode()
    words = coded.dictionary.to_pylist()
    place = {word: place for place, word in enumerate(sorted(words, key=key))}
    places = np.array([place[word] for word in words], dtype=np.int64)
    return np.asarray(places[coded.indices.to_numpy()], np.int64)


def neutralised(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it as a formula (OWASP: CSV injection)."""
    return (
        "'" + text
        if text.lstrip(" \u00a0\u3000").startswith(_FORMULA_SIGNS) or text.startswith(("\t", "\r", "\n"))
        else text
    )


def original(text: str) -> str:
    """The text before :func:`neutralised` set an apostrophe before it."""
    return text[1:] if text.startswith("'") and neutralised(text[1:]) == text else text


def file_mark(digest: str) -> str:
    """How a line of a report names the file that it speaks of: no spreadsheet takes it for a number."""
    return f"sha256:{digest[:16]}"


@dataclass(frozen=True, slots=True)
class Report:
    """The edits of one file, in the order in which its report lists them, and what was explained of them. ``offset`` is what is
    added to a row for the row of the company's own file, ``profile`` the mapping profile that it was read by."""

    edits: pa.Table
    file_digest: str
    standing: pa.Table | None = None
    offset: int = 1
    profile: str = ""


#: The class of the line that names the profile; it is no edit and takes no explanation.
PROFILE_LINE = "profile"


def write_csv(report: Report, path: Path) -> None:
    """Writes every edit, one a line (see :func:`csv_pieces`)."""
    with path.open("wb") as file:
        for piece in csv_pieces(report):
            file.write(piece)


def csv_pieces(report: Report) -> Iterator[bytes]:
    """The report as UTF-8 with a byte-order mark and CRLF, a piece for some ten thousand lines: edit id, class, row, the
    row of the company's own file (0 for the whole file), key, field, value as filed, message in both languages, the anchor of the edit in the published guide, the explanation (blank to
    fill in), how it stands and since when, the hit's number and the file's mark. Where the file was read by a mapping profile the first line names it. Complete and streamed: there is no cap. Equal
    reports give equal bytes."""
    yield b"\xef\xbb\xbf" + _csv([HEADER])
    if report.standing is None or report.standing.num_rows == 0:
        yield _csv(_profile_line(report))
        yield from _pieces_by_columns(report)
        return
    lines = _lines(report)
    while piece := list(islice(lines, _BATCH)):
        yield _csv(piece)


def _pieces_by_columns(report: Report) -> Iterator[bytes]:
    """The hits, of which none is explained, as :func:`_lines` and the csv module give them: by columns, because an error in
    every row of a long file is a long report."""
    hit = 0
    mark = pa.scalar(file_mark(report.file_digest) + "\r\n", pa.string())
    for batch in report.edits.unify_dictionaries().to_batches(max_chunksize=_BATCH):
        rows = batch["row"]
        offset = pa.scalar(report.offset, pa.int32())
        file_rows = pc.if_else(pc.equal(rows, 0), rows, pc.add(rows, offset))
        ids, classes = _coded(batch["edit_id"]), _coded(batch["edit_class"])
        links = pa.array([CATALOGUE[one].mend_link for one in ids.dictionary.to_pylist()], pa.string())
        standing = ["missing" if one in _EXPLAINED else "" for one in classes.dictionary.to_pylist()]
        lines = pc.binary_join_element_wise(
            batch["edit_id"].cast(pa.string()),
            batch["edit_class"].cast(pa.string()),
            rows.cast(pa.string()),
            file_rows.cast(pa.string()),
            *(_safe_cells(batch[name]) for name in ("key", "field", "value", "message_zh", "message_en")),
            _quoted(links).take(ids.indices),
            "",
            "",
            pa.array(standing, pa.string()).take(classes.indices),
            "",
            pa.array(np.arange(hit + 1, hit + 1 + len(batch))).cast(pa.string()),
            mark,
            ",",
        )
        hit += len(batch)
        yield _text_of(lines)


def _coded(column: pa.Array) -> pa.DictionaryArray:
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def _safe_cells(column: pa.Array) -> pa.Array:
    """The texts neutralised and quoted; of a column of few words each word once."""
    if pa.types.is_dictionary(column.type):
        return _safe_cells(column.dictionary).take(column.indices).fill_null("")
    column = column.fill_null("")
    is_formula = pc.match_substring_regex(column, _FORMULA)
    if pc.any(is_formula).as_py():
        column = pc.if_else(is_formula, pc.binary_join_element_wise("'", column, ""), column)
    return _quoted(column)


def _quoted(column: pa.Array) -> pa.Array:
    """In quotes where a comma, a quote or a line break stands in the text."""
    is_quoted = pc.match_substring_regex(column, '[,"\r\n]')
    if not pc.any(is_quoted).as_py():
        return column
    doubled = pc.replace_substring(column, '"', '""')
    return pc.if_else(is_quoted, pc.binary_join_element_wise('"', doubled, '"', ""), column)


def _text_of(lines: pa.Array) -> bytes:
    """The bytes of the texts one after the other."""
    _, offsets, content = lines.buffers()
    if content is None or len(lines) == 0:
        return b""
    ends = np.frombuffer(offsets, dtype=np.int32)
    return bytes(memoryview(content)[ends[lines.offset] : ends[lines.offset + len(lines)]])


def _csv(lines: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode()


def write_report(report: Report, path: Path) -> None:
    """Writes the report in the form that the ending of ``path`` names: ``.csv``, ``.xlsx`` or ``.parquet``, every hit in each.
    ValueError for another ending, and for more hits than a sheet has rows."""
    writers = {".csv": write_csv, ".xlsx": _write_xlsx, ".parquet": _write_parquet}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        known = ", ".join(writers)
        raise ValueError(
            f"审核报告只能写成 {known}：{path.name} / a report is written as {known}: {path.name}"
        )
    writer(report, path)


def _write_parquet(report: Report, path: Path) -> None:
    import pyarrow.parquet as pq

    columns = list(zip(*_lines(report, safe=False), strict=True)) or [()] * len(HEADER)
    table = pa.table([pa.array(column, pa.string()) for column in columns], names=list(HEADER))
    for name in ("row", "file_row", "hit"):
        place = HEADER.index(name)
        table = table.set_column(place, name, table.column(name).cast(pa.int32()))
    pq.write_table(table, path)


def _write_xlsx(report: Report, path: Path) -> None:
    import openpyxl

    if report.edits.num_rows > _MOST_SHEET_ROWS:
        most = f"{_MOST_SHEET_ROWS:,}"
        raise ValueError(
            f"工作表最多写 {most} 处，请用 .csv 或 .parquet。 / A sheet holds {most} hits at most; use .csv or .parquet."
        )
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("edits")
    sheet.append(HEADER)
    for line in _lines(report):
        sheet.append(line)
    book.save(path)


def _lines(report: Report, *, safe: bool = True) -> Iterator[list[str]]:
    mark = file_mark(report.file_digest)
    yield from _profile_line(report, safe=safe)
    explained = _explained(report.standing)
    said = next(explained, None)
    hit = 0
    for batch in report.edits.to_batches(max_chunksize=_BATCH):
        for one in batch.to_pylist():
            hit += 1
            texts = [one[name] or "" for name in ("key", "field", "value", "message_zh", "message_en")]
            code, note, standing, since = "", "", "", ""
            if one["edit_class"] in _EXPLAINED:
                standing = "missing"
            if said is not None and said["hit"] == hit:
                standing, since = said["standing"], said["given_at"].astimezone(_LOCAL).date().isoformat()
                if standing != "expired":
                    code, note = said["code"], said["note"]
                said = next(explained, None)
            yield [
                one["edit_id"],
                one["edit_class"],
                str(one["row"]),
                str(one["row"] + report.offset if one["row"] else 0),
                *(map(neutralised, texts) if safe else texts),
                CATALOGUE[one["edit_id"]].mend_link,
                code,
                neutralised(note) if safe else note,
                standing,
                since,
                str(hit),
                mark,
            ]


def _profile_line(report: Report, *, safe: bool = True) -> Iterator[list[str]]:
    if report.profile:
        words = ("按本企业的对应方案读取。", "Read by the company's mapping profile.")
        name = neutralised(report.profile) if safe else report.profile
        mark = file_mark(report.file_digest)
        yield ["", PROFILE_LINE, "0", "0", "", "", name, *words, "", "", "", "", "", "0", mark]


def _explained(standing: pa.Table | None) -> Iterator[dict[str, Any]]:
    """The explanations in the order of their hits."""
    for batch in [] if standing is None else standing.to_batches(max_chunksize=_BATCH):
        yield from batch.to_pylist()
