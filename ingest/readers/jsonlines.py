"""JSON Lines: one object a line, decoded strictly as a whole, then read line by line by a strict grammar."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ingest.readers.block import BlankRows, Block, Finding, HeaderCoercion, Limits, drop_long_fields, refuse
from ingest.readers.encoding import find_encoding
from ingest.readers.header import Naming, match_header
from ingest.strict_json import each_key_once, no_such_number

_BLOCK_ROWS = 20_000
_MARK = b"\xef\xbb\xbf"


class JsonLinesReader:
    """A JSON Lines file of one feed. The columns are every key that a line has. ``on_bytes(stage, done)`` is told how far
    reading is."""

    def __init__(
        self, path: Path, naming: Naming, limits: Limits, on_bytes: Callable[[str, int], None]
    ) -> None:
        self._path = path
        self._naming = naming
        self._limits = limits
        self._on_bytes = on_bytes
        self._blank = BlankRows()
        self._names: tuple[str, ...] = ()
        self.columns: tuple[str, ...] = ()
        self.constants: dict[str, tuple[str, str]] = {}
        self.encoding = ""
        self.delimiter = ""
        self.header_coercions: tuple[HeaderCoercion, ...] = ()
        self.size = path.stat().st_size

    def open(self) -> None:
        """Finds the encoding and every key of the file. Refusal N01, N02, N04, S01, S02, S07, S15 or S16."""
        self.encoding = find_encoding(self._path, lambda done: self._on_bytes("decode", done))
        names: dict[str, None] = {}
        for line in self._lines():
            row = _object(line)
            if row is not None:
                names.update(dict.fromkeys(row))
        header = match_header(list(names), self._naming)
        # A key that the profile leaves out is not read at all.
        taken = [(name, code) for name, code in zip(names, header.codes, strict=True) if code is not None]
        self._names = tuple(name for name, _ in taken)
        self.columns = tuple(code for _, code in taken)
        self.header_coercions, self.constants = header.coercions, header.constants

    def blocks(self) -> Iterator[Block]:
        """The rows in order. A line that is no object is S17, one with a list or an object in it S18."""
        lines, row = self._lines(), 0
        while batch := list(islice(lines, _BLOCK_ROWS)):
            yield self._block(batch, row)
            row += len(batch)

    def objects(self) -> Iterator[dict[str, Any]]:
        """Every object, whatever its keys are."""
        self.encoding = find_encoding(self._path, lambda done: None)
        return (found for line in self._lines() if (found := _object(line)) is not None)

    def _lines(self) -> Iterator[str]:
        """Every line as text, without its end. Refusal S07 for one that is too long."""
        done = 0
        with self._path.open("rb") as file:
            while line := file.readline(self._limits.max_line_bytes + 1):
                if len(line) > self._limits.max_line_bytes:
                    raise refuse("S07", f"> {self._limits.max_line_bytes} B")
                bare = line.removeprefix(_MARK) if done == 0 else line
                done += len(line)
                yield bare.rstrip(b"\r\n").decode(self.encoding)
        self._on_bytes("read", done)

    def _block(self, batch: list[str], row: int) -> Block:
        source_rows = np.arange(row + 1, row + 1 + len(batch), dtype=np.int32)
        unread: list[Finding] = []
        texts: dict[str, list[str]] = {name: [] for name in self._names}
        keep = np.ones(len(batch), np.bool_)
        for at, line in enumerate(batch):
            values, findings = self._values(line, row + at + 1)
            unread += findings
            keep[at] = not findings
            for name in self._names:
                texts[name].append(values.get(name, ""))
        arrays = (pa.array(texts[name], pa.string()) for name in self._names)
        block = Block(source_rows, dict(zip(self.columns, arrays, strict=True)), unread)
        if not keep.all():
            block.keep(keep)
        self._blank.drop_from(block)
        drop_long_fields(block, self._limits.max_field_bytes)
        return block

    def _values(self, line: str, row: int) -> tuple[dict[str, str], list[Finding]]:
        if not line.strip(" \t"):
            return {}, []
        found = _object(line)
        if found is None:
            return {}, [Finding("S17", row=row, value=line[:40])]
        values: dict[str, str] = {}
        for place, name in enumerate(self._names):
            value = found.get(name)
            code = self.columns[place]
            if isinstance(value, list | dict):
                return {}, [Finding("S18", code, code, row, field=code)]
            values[name] = str(value).lower() if isinstance(value, bool) else value or ""
            fault = _unprintable(values[name])
            if fault:
                return {}, [Finding(fault, row=row, field=code)]
        return values, []


def first_objects(path: Path, naming: Naming, limits: Limits) -> Iterator[dict[str, Any]]:
    """The objects of the file in order, numbers as the text that stands there; lines that are none are passed over. Refusal
    N01, N02, N04 or S07."""
    reader = JsonLinesReader(path, naming, limits, lambda stage, done: None)
    return reader.objects()


def _object(line: str) -> dict[str, Any] | None:
    """The object of a line, numbers as the text that stands there; None when it is none, has a key twice, or holds NaN."""
    try:
        found = json.loads(
            line,
            object_pairs_hook=each_key_once,
            parse_int=str,
            parse_float=str,
            parse_constant=no_such_number,
        )
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _unprintable(text: str) -> str:
    """The edit that refuses characters of the text which no file may hold."""
    if text.isprintable() and "\ufffd" not in text:
        return ""
    if "\ufffd" in text:
        return "N05"
    bad = any(
        (ord(mark) < 32 and mark not in "\t\r\n") or ord(mark) == 127 or "\ud800" <= mark <= "\udfff"
        for mark in text
    )
    return "N03" if bad else ""
