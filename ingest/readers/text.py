"""CSV: decoded strictly as a whole, then cut into blocks at the ends of records, then split into columns."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from ingest.readers.block import BlankRows, Block, HeaderCoercion, Limits, drop_long_fields, refuse
from ingest.readers.encoding import find_encoding
from ingest.readers.header import Naming, known_headers
from ingest.readers.layout import SEARCHED_ROWS, find_layout
from ingest.readers.records import Records, end_of_records, first_fault, last_record_end

_DELIMITERS = (",", "\t", ";")
_REFUSED_DELIMITERS = ("|", "，", "；", ":", "^")
#: A record that has not ended after this many bytes is an open quote or no text file.
_LONGEST_RECORD = 1 << 20


class TextReader:
    """A CSV file of one feed. ``on_bytes(stage, done)`` is told how far reading is."""

    def __init__(
        self, path: Path, naming: Naming, limits: Limits, on_bytes: Callable[[str, int], None]
    ) -> None:
        self._path = path
        self._naming = naming
        self._limits = limits
        self._on_bytes = on_bytes
        self._blank = BlankRows()
        self._row = self._skipped = 0
        self._codes: tuple[str | None, ...] = ()
        self._fields: list[str] = []
        self.columns: tuple[str, ...] = ()
        self.constants: dict[str, tuple[str, str]] = {}
        self.encoding = ""
        self.delimiter = ""
        self.header_coercions: tuple[HeaderCoercion, ...] = ()
        self.size = path.stat().st_size

    def open(self) -> None:
        """Finds encoding, delimiter and header. Refusal N01, N02, N04, S01, S02, S07, S09, S10, S15, S16 or S19 to S22."""
        self.encoding = find_encoding(self._path, lambda done: self._on_bytes("decode", done))
        self.delimiter, rows = self._split_start(self._first_lines())
        layout = find_layout(rows, self._naming)
        self._codes, self._skipped, self.constants = layout.codes, layout.skipped, layout.constants
        self._fields = [code or f"#{place}" for place, code in enumerate(self._codes)]
        self._row = self._skipped - 1
        self.columns = tuple(code for code in self._codes if code is not None)
        self.header_coercions = layout.coercions

    def blocks(self) -> Iterator[Block]:
        """The data rows in order. Refusal S04, S07, S10 or S14 when the text cannot be split on."""
        for text in self._texts():
            fault = first_fault(text, self.delimiter)
            whole = text if fault is None else text[: fault.record_start]
            if len(whole):
                records = Records.of(whole, self.delimiter)
                block = self._block(records, self._row)
                self._row += records.count
                yield block
            if fault is not None:
                raise refuse(fault.edit_id, row=self._row + 1)

    def _first_lines(self) -> str:
        """The text in which the header is looked for: whole lines, as long as one line may be."""
        with self._path.open("rb") as file:
            start = file.read(self._limits.max_line_bytes + 1)
        line, newline, _ = start.partition(b"\n")
        if not newline and b"\r" in start:
            raise refuse("S10")
        if not newline and len(start) > self._limits.max_line_bytes:
            raise refuse("S07", f"> {self._limits.max_line_bytes} B")
        if newline and len(start) > self._limits.max_line_bytes:
            start = start[: start.rfind(b"\n") + 1]
        return start.decode(self.encoding)

    def _split_start(self, text: str) -> tuple[str, list[list[str]]]:
        best, best_rows, best_known = ",", [[text.partition("\n")[0]]], -1
        for delimiter in (*_DELIMITERS, *_REFUSED_DELIMITERS):
            rows = _first_rows(text, delimiter)
            known = max((known_headers(names, self._naming) for names in rows), default=0)
            if known > best_known:
                best, best_rows, best_known = delimiter, rows, known
        if best in _REFUSED_DELIMITERS:
            raise refuse("S09", f"“{best}”")
        return best, best_rows

    def _texts(self) -> Iterator[bytes]:
        """The text behind the header as UTF-8, cut at ends of records; the last piece ends in a newline too."""
        done = 0
        rest = b""
        header_gone = False
        decoder = codecs.getincrementaldecoder("gb18030")("strict") if self.encoding == "gb18030" else None
        with self._path.open("rb") as file:
            while chunk := file.read(self._limits.block_bytes):
                done += len(chunk)
                text = rest + (chunk if decoder is None else decoder.decode(chunk).encode())
                if not header_gone:
                    end = end_of_records(text, self._skipped)
                    if end is None and done < self.size:
                        rest = text
                        continue
                    header_gone = True
                    text = b"" if end is None else text[end:]
                cut = last_record_end(text)
                rest = text[cut:]
                if cut:
                    yield text[:cut]
                self._on_bytes("read", done)
                if len(rest) > _LONGEST_RECORD:
                    self._refuse_open_record(rest)
        if rest:
            rest = rest.removesuffix(b"\r")
            yield rest + b"\n"

    def _refuse_open_record(self, rest: bytes) -> None:
        if b'"' not in rest:
            raise refuse("S07", f"> {_LONGEST_RECORD} B", row=self._row + 1)
        raise refuse("S04", row=self._row + 1)

    def _block(self, records: Records, row: int) -> Block:
        source_rows = np.arange(row + 1, row + 1 + records.count, dtype=np.int32)
        unread, kept = records.unreadable(self._limits.max_line_bytes, self._limits.max_field_bytes, row)
        table = None
        if kept.all():
            table = self._parse(records.data, records.has_quotes)
        if table is None:
            more, kept_arity = records.wrong_arity(len(self._fields), row, kept)
            unread += more
            kept &= kept_arity
            table = self._parse(records.only(kept), records.has_quotes)
            if table is None:
                raise refuse("S14", row=row + 1)
        columns = {
            code: _whole(table.column(place)) for place, code in enumerate(self._codes) if code is not None
        }
        block = Block(source_rows[kept], columns, unread)
        self._blank.drop_from(block)
        drop_long_fields(block, self._limits.max_field_bytes)
        return block

    def _parse(self, data: bytes, has_quotes: bool) -> pa.Table | None:
        """The columns of complete records as text; None when a record has another number of fields."""
        names = self._fields
        if not data:
            return pa.table({name: pa.array([], pa.string()) for name in names})
        strings = dict.fromkeys(names, pa.string())
        try:
            return arrow_csv.read_csv(
                pa.BufferReader(data),
                arrow_csv.ReadOptions(column_names=names, block_size=len(data) + 1, use_threads=True),
                arrow_csv.ParseOptions(
                    delimiter=self.delimiter, newlines_in_values=has_quotes, ignore_empty_lines=False
                ),
                arrow_csv.ConvertOptions(column_types=strings, strings_can_be_null=False, check_utf8=False),
            )
        except pa.ArrowInvalid:
            return None


def _first_rows(text: str, delimiter: str) -> list[list[str]]:
    """The first rows, as far as their quotes are sound; the first line as one field where not even it is."""
    rows: list[list[str]] = []
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in lines:
            rows.append(row)
            if len(rows) == SEARCHED_ROWS:
                break
    except csv.Error:
        pass
    return rows or [[text.partition("\n")[0].rstrip("\r")]]


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
