"""Where a table begins in a file that people made: titles above the header, headers of several lines, rows of units.

A file whose first row is the header is taken as it stands. Otherwise the header is looked for among the first rows, and it
must be the only one that fits: nothing is guessed. What stands around it is listed with the coercions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ingest.readers.block import Finding, HeaderCoercion, Refusal, refuse
from ingest.readers.header import (
    Header,
    Naming,
    known_headers,
    match_header,
    meaning,
)
from ingest.readers.units import bare, foreign_unit, is_unit

#: Rows among which the header is looked for, and the lines that it may have.
SEARCHED_ROWS = 20
_MOST_LINES = 3
_SHOWN = 80
#: Required columns that a header may lack because it says their value otherwise: the unit of a heat.
_SAID_OTHERWISE = 2


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range of a sheet; rows and columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int
    name: str


Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """``skipped`` rows stand before the first data row. ``codes`` and ``constants`` as in the header."""

    codes: tuple[str | None, ...]
    skipped: int
    coercions: tuple[HeaderCoercion, ...]
    constants: dict[str, tuple[str, str]] = field(default_factory=dict)


def find_layout(rows: Rows, naming: Naming, merges: Iterable[Merge] = ()) -> Layout:
    """The layout of a file that begins with these rows. Refusal S01, S02, S15, S16, S21 or S22 of the header, S19 when two
    rows could be it, S20 when a row above it could be data, X09 for cells merged in the data."""
    table, merged = rows[:SEARCHED_ROWS], tuple(merges)
    found = _headers(table, naming, merged)
    if not found:
        _refuse_nearest(table, naming, merged)
    if len(found) > 1:
        numbers = [str(one.top + 1) for one in found]
        raise refuse("S19", "、".join(numbers), ", ".join(numbers), row=found[1].top)
    layout = _with_rows_above(found[0], table, naming)
    for one in merged:
        if one.bottom >= layout.skipped:
            raise refuse("X09", one.name, row=one.top, value=one.name)
    return layout


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A run of rows that is a whole header, with the row of units under it where there is one."""

    top: int
    lines: int
    units: int
    header: Header

    @property
    def bottom(self) -> int:
        return self.top + self.lines + self.units


def _headers(table: Rows, naming: Naming, merges: tuple[Merge, ...]) -> list[_Candidate]:
    """Every header of the table; of runs that overlap the one of fewest lines, so that a title is no line of a header."""
    whole: list[_Candidate] = []
    least = sum(column.required for column in naming.feed.columns) - _SAID_OTHERWISE
    least -= len(naming.profile.constants) if naming.profile else 0
    for top in range(len(table)):
        for lines in range(depth_of(merges, top), min(_MOST_LINES, len(table) - top) + 1):
            names = names_of(table, top, lines, merges, naming)
            units = unit_row_of(table, top + lines, len(names))
            if known_headers(names, naming) < max(least, 1):
                continue
            try:
                header = match_header(names, naming, units)
            except Refusal:
                continue
            whole.append(_Candidate(top, lines, bool(units), header))
            break
    chosen: list[_Candidate] = []
    for one in sorted(whole, key=lambda one: (one.lines, one.top)):
        if all(one.top >= other.bottom or one.bottom <= other.top for other in chosen):
            chosen.append(one)
    return _bilingual(sorted(chosen, key=lambda one: one.top))


def unit_row_of(table: Rows, row: int, width: int) -> Sequence[str]:
    """The row, where it holds units and nothing else; nothing otherwise."""
    if row >= len(table):
        return ()
    filled = [(place, cell) for place, cell in enumerate(table[row]) if bare(cell)]
    if not filled or filled[-1][0] >= width or not all(is_unit(cell) for _, cell in filled):
        return ()
    return table[row]


def depth_of(merges: tuple[Merge, ...], top: int) -> int:
    """Lines that a header has at least which begins in this row."""
    return 1 + max((one.bottom - top for one in merges if one.top == top), default=0)


def _bilingual(found: list[_Candidate]) -> list[_Candidate]:
    """Labels in one row and the same columns by their codes in the next are one header."""
    if len(found) == 2:
        first, second = found
        if second.top == first.bottom and second.header.codes == first.header.codes:
            return [replace(first, lines=second.bottom - first.top - second.units, units=second.units)]
    return found


def names_of(table: Rows, top: int, lines: int, merges: tuple[Merge, ...], naming: Naming) -> list[str]:
    """The name of each column, from the lines of a header."""
    if lines == 1:
        return list(table[top])
    width = max(len(table[top + line]) for line in range(lines))
    grid = [[_at(table, top + line, place) for place in range(width)] for line in range(lines)]
    for line in range(lines - 1):
        grid[line] = _spread(grid[line], grid[line + 1], top + line, merges)
    columns = ([cells[place] for cells in grid if cells[place]] for place in range(width))
    return [_joined(list(dict.fromkeys(parts)), naming) for parts in columns]


def _joined(parts: list[str], naming: Naming) -> str:
    """The name that one column's lines make: the lowest by itself, or all joined, whichever is a column; joined by strokes
    where none is, or two are different ones."""
    strokes = "/".join(parts)
    spellings = dict.fromkeys(name for name in (parts[-1], "".join(parts), strokes) if name) if parts else {}
    meanings = {name: meaning(name, naming) for name in spellings}
    known = [name for name, meant in meanings.items() if meant is not None]
    return known[0] if len({meanings[name] for name in known}) == 1 else strokes


def _spread(cells: list[str], below: list[str], row: int, merges: tuple[Merge, ...]) -> list[str]:
    """A line of groups over all the cells that each stands for: those merged with it, and in a file that has no merged
    cells the blank ones to its right that have a name under them."""
    spread = list(cells)
    across = [one for one in merges if one.top == row]
    for one in across:
        for place in range(one.left, min(one.right + 1, len(cells))):
            spread[place] = cells[one.left]
    if merges:
        return spread
    group = ""
    for place, cell in enumerate(cells):
        group = cell or group
        if not cell and below[place]:
            spread[place] = group
    return spread


def _with_rows_above(one: _Candidate, table: Rows, naming: Naming) -> Layout:
    """The rows above the header are titles: each has fewer filled cells than a data row must have."""
    least = sum(column.required for column in naming.feed.columns)
    around: list[HeaderCoercion] = []
    for row in range(one.top):
        filled = sum(bool(cell.strip()) for cell in table[row])
        if filled >= least:
            zh, en = f"表头在第 {one.top + 1} 行", f"the header is row {one.top + 1}"
            raise refuse("S20", zh, en, row=row, value=_shown(table[row]))
        for cell in table[row]:
            _refuse_foreign_unit(cell, row)
        if filled:
            around.append(HeaderCoercion(_shown(table[row]), "", "title_row", row))
    if one.top or one.lines > 1:
        lines = range(one.top, one.top + one.lines)
        around += [HeaderCoercion(_shown(table[row]), "", "header_row", row) for row in lines]
    under = one.bottom - 1
    named = (
        replace(said, row=under if said.rule == "unit_row" else one.top) for said in one.header.coercions
    )
    return Layout(one.header.codes, one.bottom, (*around, *named), dict(one.header.constants))


def _refuse_foreign_unit(title: str, row: int) -> None:
    """Amounts under ``单位：万元`` are not CNY: they would be read ten thousand times too small."""
    found = foreign_unit(title)
    if found is not None:
        said, wanted = found
        raise Refusal(
            Finding("S21", wanted, wanted, row, value=said, column_zh="整张表", column_en="the table")
        )


def _refuse_nearest(table: Rows, naming: Naming, merges: tuple[Merge, ...]) -> None:
    """Refuses with the faults of the row, or of the lines, that come nearest to a header; of equals those of fewest lines, then
    the first."""
    best, score = (0, 1), 0
    for lines in range(1, _MOST_LINES + 1):
        for top in range(len(table) - lines + 1):
            known = known_headers(names_of(table, top, lines, merges, naming), naming)
            if known > score:
                best, score = (top, lines), known
    names = names_of(table, *best, merges, naming) if table else []
    try:
        match_header(names, naming, unit_row_of(table, sum(best), len(names)))
    except Refusal as refusal:
        raise Refusal(*(replace(one, row=best[0]) for one in refusal.findings)) from None
    raise refuse("X09", "、".join(one.name for one in merges)[:_SHOWN])


def _at(table: Rows, row: int, place: int) -> str:
    return table[row][place].strip() if place < len(table[row]) else ""


def _shown(row: Sequence[str]) -> str:
    said = " | ".join(cell.strip() for cell in row if cell.strip())
    return said if len(said) <= _SHOWN else said[:_SHOWN] + "…"
