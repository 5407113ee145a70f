"""CSV: decoded strictly as a whole, then cut into blocks at the ends of records, then split into columns."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from ingest.readers.block import BlankRows, Block, HeaderCoercion, Limits, drop_long_fields, refuse
from ingest.readers.encoding import find_encoding
from ingest.readers.header import known_headers, match_header
from ingest.readers.records import Records, first_fault, last_record_end
from ingest.standard import Feed

_DELIMITERS = (",", "\t", ";")
_REFUSED_DELIMITERS = ("|", "，", "；", ":", "^")
#: A record that has not ended after this many bytes is an open quote or no text file.
_LONGEST_RECORD = 1 << 20


class TextReader:
    """A CSV file of one feed. ``on_bytes(stage, done)`` is told how far reading is."""

    def __init__(self, path: Path, feed: Feed, limits: Limits, on_bytes: Callable[[str, int], None]) -> None:
        self._path = path
        self._feed = feed
        self._limits = limits
        self._on_bytes = on_bytes
        self._blank = BlankRows()
        self._row = 0
        self.columns: tuple[str, ...] = ()
        self.encoding = ""
        self.delimiter = ""
        self.header_coercions: tuple[HeaderCoercion, ...] = ()
        self.size = path.stat().st_size

    def open(self) -> None:
        """Finds encoding, delimiter and header. Refusal N01, N02, N04, S01, S02, S07, S09, S10, S15 or S16."""
        self.encoding = find_encoding(self._path, lambda done: self._on_bytes("decode", done))
        line = self._header_line()
        self.delimiter, names = self._split_header(line)
        header = match_header(names, self._feed)
        self.columns, self.header_coercions = header.codes, header.coercions

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

    def _header_line(self) -> str:
        with self._path.open("rb") as file:
            start = file.read(self._limits.max_line_bytes + 1)
        line, newline, _ = start.partition(b"\n")
        if not newline and b"\r" in start:
            raise refuse("S10")
        if not newline and len(start) > self._limits.max_line_bytes:
            raise refuse("S07", f"> {self._limits.max_line_bytes} B")
        return line.rstrip(b"\r").decode(self.encoding)

    def _split_header(self, line: str) -> tuple[str, list[str]]:
        best, best_names, best_known = ",", [line], -1
        for delimiter in (*_DELIMITERS, *_REFUSED_DELIMITERS):
            names = _fields(line, delimiter)
            known = known_headers(names, self._feed)
            if known > best_known:
                best, best_names, best_known = delimiter, names, known
        if best in _REFUSED_DELIMITERS:
            raise refuse("S09", f"“{best}”")
        return best, best_names

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
                    header_gone = True
                    text = text[text.find(b"\n") + 1 :] if b"\n" in text else b""
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
            more, kept_arity = records.wrong_arity(len(self.columns), row, kept)
            unread += more
            kept &= kept_arity
            table = self._parse(records.only(kept), records.has_quotes)
            if table is None:
                raise refuse("S14", row=row + 1)
        columns = {code: _whole(table.column(place)) for place, code in enumerate(self.columns)}
        block = Block(source_rows[kept], columns, unread)
        self._blank.drop_from(block)
        drop_long_fields(block, self._limits.max_field_bytes)
        return block

    def _parse(self, data: bytes, has_quotes: bool) -> pa.Table | None:
        """The columns of complete records as text; None when a record has another number of fields."""
        names = list(self.columns)
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


def _fields(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return [line]


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
