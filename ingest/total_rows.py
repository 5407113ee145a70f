"""Rows of totals (合计行) that companies leave under their data: left out where they come to the exact sums, else told (S23)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.readers.block import Block, Finding
from ingest.standard import Column, Feed, Kind
from ingest.values.cells import Bool, lengths_of
from ingest.values.numbers import read_number

#: What stands in the cell that names such a row, without blanks and colons, in lower case.
WORDS = (
    "合计",
    "总计",
    "小计",
    "共计",
    "总合计",
    "本页合计",
    "本页小计",
    "total",
    "grandtotal",
    "subtotal",
    "sum",
)
_WORD_SET = pa.array(WORDS, pa.string())
_AROUND = r"[\s:：]+"
MOST_AT_THE_END = 20


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A row that names itself a total: what stands in its cells, empty ones left out."""

    source_row: int
    cells: Mapping[str, str]


@dataclass(slots=True)
class TotalRows:
    """Takes the rows of totals out of the blocks of one part. A row is one where a word for a total stands in a column of
    text and a required value is missing, so no row of data is ever taken for one."""

    feed: Feed
    at_the_end: list[TotalRow] = field(default_factory=list)

    def take_from(self, block: Block) -> list[Finding]:
        """The block holds none of them; answers those that data follow."""
        taken = self._named(block)
        if not len(block.source_rows):
            return []
        data = np.flatnonzero(~taken)
        rows = [_row(block, int(place)) for place in np.flatnonzero(taken)]
        followed: list[TotalRow] = []
        if data.size:
            last = int(block.source_rows[data[-1]])
            followed = [*self.at_the_end, *(row for row in rows if row.source_row < last)]
            self.at_the_end = [row for row in rows if row.source_row > last]
        else:
            self.at_the_end += rows
        if taken.any():
            block.keep(~taken)
        while len(self.at_the_end) > MOST_AT_THE_END:
            followed.append(self.at_the_end.pop(0))
        return [_finding(row, "下面还有数据", "data follow below it") for row in followed]

    def compared(
        self, sums: Mapping[str, str], given: Collection[str]
    ) -> tuple[list[Finding], list[tuple[int, str, str]]]:
        """What is wrong with those at the end, beside the sums of the rows above; and row, column and text of each cell of
        those that are right. Columns that are ``given`` for every row say nothing."""
        faults: list[Finding] = []
        left_out: list[tuple[int, str, str]] = []
        for row in self.at_the_end:
            cells = {code: text for code, text in row.cells.items() if code not in given}
            fault = self._fault(row, cells, sums)
            if fault is not None:
                faults.append(fault)
            else:
                left_out += [(row.source_row, code, text) for code, text in cells.items()]
        return faults, left_out

    def _named(self, block: Block) -> Bool:
        taken = np.zeros(len(block.source_rows), np.bool_)
        lacking = np.zeros(len(block.source_rows), np.bool_)
        for column in self.feed.columns:
            if column.required and column.code in block.columns:
                lacking |= lengths_of(block.columns[column.code]) == 0
        places = np.flatnonzero(lacking)
        if not places.size:
            return taken
        for column in self.feed.columns:
            if column.kind in (Kind.TEXT, Kind.IDENTIFIER) and column.code in block.columns:
                words = _folded(block.columns[column.code].take(pa.array(places)))
                taken[places] |= pc.is_in(words, value_set=_WORD_SET).to_numpy(zero_copy_only=False)
        return taken

    def _fault(self, row: TotalRow, cells: Mapping[str, str], sums: Mapping[str, str]) -> Finding | None:
        compared = 0
        for code, text in cells.items():
            column = self.feed.column(code)
            if _is_word(text):
                continue
            if _names_unit(column, text, self._unit_of(column, sums)):
                continue
            name = self._summed(column, sums)
            if name is None:
                return _finding(row, f"“{column.zh}”不应有内容", f"“{column.en}” must be empty", column, text)
            here = sums.get(name, "0")
            if not _equals(text, column, here):
                return _finding(
                    row,
                    f"“{column.zh}”为 {text}，各行之和为 {here}",
                    f"“{column.en}” says {text}, the rows come to {here}",
                    column,
                    text,
                )
            compared += 1
        return None if compared else _finding(row, "没有合计数", "it holds no sum")

    def _summed(self, column: Column, sums: Mapping[str, str]) -> str | None:
        """The name of the sum that a row of totals may hold in the column; None where there is none."""
        if column.kind in (Kind.MONEY, Kind.AREA):
            return column.code
        if column.kind is Kind.HEAT and not column.is_cumulative:
            units = [name for name in sums if name.partition(" ")[0] == column.code]
            return units[0] if len(units) == 1 else None
        return None

    def _unit_of(self, column: Column, sums: Mapping[str, str]) -> str | None:
        """Of a column of units: the one unit in which all heat of the rows was filed."""
        units = {
            name.partition(" ")[2]
            for heat in self.feed.columns
            if heat.unit_column == column.code
            for name in sums
            if name.partition(" ")[0] == heat.code
        }
        return units.pop() if len(units) == 1 else None


def _names_unit(column: Column, text: str, unit: str | None) -> bool:
    return any(
        text.strip() in (code.code, code.zh, *code.aliases) for code in column.codes if code.code == unit
    )


def _equals(text: str, column: Column, amount: str) -> bool:
    read = read_number(text, column)
    return not read.edit and Decimal(read.value).scaleb(-column.scale) == Decimal(amount)


def _row(block: Block, place: int) -> TotalRow:
    cells = {code: texts[place].as_py() for code, texts in block.columns.items()}
    return TotalRow(int(block.source_rows[place]), {code: text for code, text in cells.items() if text})


def _folded(texts: pa.Array) -> pa.Array:
    narrow = pc.utf8_lower(pc.utf8_normalize(texts, form="NFKC"))
    return pc.replace_substring_regex(narrow, _AROUND, "")


def _is_word(text: str) -> bool:
    return _folded(pa.array([text], pa.string()))[0].as_py() in WORDS


def _finding(row: TotalRow, zh: str, en: str, column: Column | None = None, value: str = "") -> Finding:
    said = value or next((text for text in row.cells.values() if _is_word(text)), "")
    return Finding("S23", zh, en, row.source_row, column.code if column else "", said[:60])
