"""Which reader reads a file, by its name and its first bytes; and the rows of several files numbered as one filing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ingest.readers.block import Block, Limits, Reader, refuse
from ingest.readers.filename import extension
from ingest.readers.header import Naming
from ingest.readers.jsonlines import JsonLinesReader
from ingest.readers.text import TextReader

TEXT_EXTENSIONS = ("csv", "txt", "tsv")
JSON_EXTENSIONS = ("jsonl", "ndjson")
_TELEGRAM_EXTENSIONS = ("mbus", "hex")
_PACKED_EXTENSIONS = ("gz", "zip")
_PACKED_MARKS = {b"\x1f\x8b": "gzip", b"7z\xbc\xaf": "7z", b"Rar!": "RAR", b"%PDF": "PDF"}


@dataclass(frozen=True, slots=True)
class ReadPart:
    """A part as read: its rows are ``first_row`` to ``last_row`` of the filing; row n of the filing is row
    n - ``first_row`` + 1 of the part. ``rows`` counts those with data."""

    name: str
    first_row: int
    last_row: int
    rows: int
    sha256: str


def is_telegrams(name: str) -> bool:
    """Whether a file of that name is one of M-Bus telegrams, packed or not. They have neither headers nor codes of a company's
    own, so no mapping profile reads them."""
    kind = extension(name)
    return (extension(name[: -len(kind) - 1]) if kind in _PACKED_EXTENSIONS else kind) in _TELEGRAM_EXTENSIONS


def reader_of(
    path: Path, name: str, naming: Naming, limits: Limits, on_bytes: Callable[[str, int], None]
) -> Reader:
    """The reader for the file. Refusal T01, T04, T08."""
    size = path.stat().st_size
    if size == 0:
        raise refuse("T08")
    if size > limits.max_file_bytes:
        raise refuse("T01", f"{size} > {limits.max_file_bytes} B")
    with path.open("rb") as file:
        start = file.read(4)
    kind = extension(name)
    for mark, packed in _PACKED_MARKS.items():
        if start.startswith(mark) and kind != "xlsx":
            raise refuse("T04", packed)
    if kind == "xlsx":
        from ingest.readers.xlsx import WorkbookReader

        return WorkbookReader(path, naming, limits, on_bytes)
    if kind in JSON_EXTENSIONS:
        return JsonLinesReader(path, naming, limits, on_bytes)
    if kind in _TELEGRAM_EXTENSIONS:
        from ingest.readers.telegrams import TelegramReader

        return TelegramReader(path, naming, limits, on_bytes)
    if kind not in TEXT_EXTENSIONS or start.startswith(b"PK\3\4"):
        raise refuse("T04", name)
    return TextReader(path, naming, limits, on_bytes)


def last_row_of(block: Block) -> int:
    """The last row that the block speaks of; 0 where it speaks of none."""
    numbers = [int(block.source_rows.max())] if len(block.source_rows) else [0]
    return max([*numbers, *(finding.row for finding in block.unread)])


def moved_by(block: Block, rows: int) -> None:
    """Every row number of the block is ``rows`` higher: so many rows stand in the parts before."""
    if not rows:
        return
    block.source_rows = block.source_rows + np.int32(rows)
    block.unread = [replace(one, row=one.row + rows) if one.row else one for one in block.unread]
    block.coercions = [replace(one, rows=one.rows + np.int32(rows)) for one in block.coercions]
