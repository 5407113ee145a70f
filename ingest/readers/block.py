"""What every reader yields: blocks of text columns, the rows that could not be read, and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.values.cells import Bool, lengths_of

Rows = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reader takes at most; sizes in bytes."""

    max_file_bytes: int = 2 << 30
    max_line_bytes: int = 64 << 10
    max_field_bytes: int = 4 << 10
    block_bytes: int = 4 << 20
    max_members: int = 200
    max_ratio: int = 50
    ratio_from_bytes: int = 64 << 20
    max_unpacked_bytes: int = 4 << 30
    max_part_bytes: int = 256 << 20
    max_sheet_rows: int = 1_000_000
    max_sheet_columns: int = 64


@dataclass(frozen=True, slots=True)
class Finding:
    """One hit of a reader, with its words. ``row`` 0 is the whole file."""

    edit_id: str
    detail_zh: str = ""
    detail_en: str = ""
    row: int = 0
    field: str = ""
    value: str = ""
    column_zh: str = ""
    column_en: str = ""


class Refusal(Exception):
    """The file cannot be read on; what was yielded before stands."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(finding.edit_id for finding in findings))
        self.findings = findings


def refuse(edit_id: str, zh: str = "", en: str = "", *, row: int = 0, value: str = "") -> Refusal:
    """A refusal with one finding."""
    return Refusal(Finding(edit_id, zh, en or zh, row, value=value))


@dataclass(frozen=True, slots=True)
class HeaderCoercion:
    """Something of the header, or of the rows around it, that was read otherwise than it stands. ``row`` as in the table, 0
    for the first row of the file; ``field`` the column, by default what it was read as."""

    before: str
    after: str
    rule: str = "header_form"
    row: int = 0
    field: str = ""


@dataclass(frozen=True, slots=True)
class CellCoercion:
    """Cells of a workbook that were not text; ``rows`` are source rows, ``before`` and ``after`` texts."""

    field: str
    rows: Rows
    before: pa.Array
    after: pa.Array
    rule: str


@dataclass(slots=True)
class Block:
    """Rows that were read. ``columns`` hold text without nulls, empty where nothing stands; ``unread`` are hits on rows
    that are not among ``source_rows``."""

    source_rows: Rows
    columns: dict[str, pa.Array]
    unread: list[Finding] = field(default_factory=list)
    coercions: list[CellCoercion] = field(default_factory=list)
    lost_digits: dict[str, Bool] = field(default_factory=dict)
    done: int = 0

    def keep(self, mask: Bool) -> None:
        """Drops the rows where ``mask`` is False."""
        wanted = pa.array(mask)
        self.source_rows = self.source_rows[mask]
        self.columns = {code: pc.filter(texts, wanted) for code, texts in self.columns.items()}
        self.lost_digits = {code: lost[mask] for code, lost in self.lost_digits.items()}


class Reader(Protocol):
    """A file being read. The attributes are known once ``open`` has returned."""

    columns: tuple[str, ...]
    encoding: str
    delimiter: str
    header_coercions: tuple[HeaderCoercion, ...]
    constants: dict[str, tuple[str, str]]
    size: int

    def open(self) -> None:
        """Reads as far as the header; Refusal when it is not the feed's."""

    def blocks(self) -> Iterator[Block]:
        """The data rows in order; Refusal when the file cannot be read on."""


class BlankRows:
    """Finds blank rows. Those at the end of a file carry nothing and pass; those among the data are S13."""

    def __init__(self) -> None:
        self._pending: list[Rows] = []

    def drop_from(self, block: Block) -> None:
        """Takes the blank rows out of the block and reports those that data followed."""
        blank = self._blank(block)
        if not blank.any():
            if len(blank):
                self._report(block)
            return
        filled = np.flatnonzero(~blank)
        rows = block.source_rows
        if filled.size:
            last = filled[-1]
            self._pending.append(rows[: last + 1][blank[: last + 1]])
            self._report(block)
            self._pending.append(rows[last + 1 :])
        else:
            self._pending.append(rows)
        block.keep(~blank)

    def _report(self, block: Block) -> None:
        for rows in self._pending:
            block.unread.extend(Finding("S13", row=int(row)) for row in rows)
        self._pending.clear()

    @staticmethod
    def _blank(block: Block) -> Bool:
        blank = np.ones(len(block.source_rows), np.bool_)
        for texts in block.columns.values():
            blank &= lengths_of(texts) == 0
            if not blank.any():
                break
        return blank


def drop_long_fields(block: Block, limit: int) -> None:
    """Takes out the rows with a field of more than ``limit`` bytes and reports each such field (S05)."""
    bad = np.zeros(len(block.source_rows), np.bool_)
    for code, texts in block.columns.items():
        lengths = lengths_of(texts)
        long = lengths > limit
        if not long.any():
            continue
        bad |= long
        for place in np.flatnonzero(long):
            said = f"{int(lengths[place])} > {limit} B"
            value = texts[int(place)].as_py()[:40] + "…"
            block.unread.append(Finding("S05", said, said, int(block.source_rows[place]), code, value))
    if bad.any():
        block.keep(~bad)
