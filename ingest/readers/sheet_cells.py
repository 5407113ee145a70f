"""The cells of a sheet gathered by columns while its XML is unpacked, without an object for each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.readers.sheet_tags import NOTHING, PADDING, Irregular, RegularRows, regular_rows

Forms = npt.NDArray[np.uint16]
_START, _ROW_END, _END = b"<sheetData>", b"</row>", b"</sheetData>"
#: Bytes of rows that are looked at together, and the most that may stand behind the rows.
_AT_ONCE = 2 << 20
_MOST_BEHIND = 8 << 20
_MOST_FORMS = 10_000
_CELL_REST = re.compile(r"((?: +[st]=\"\w{1,9}\")*) */?", re.ASCII)
_CELL_ATTRIBUTE = re.compile(r"([st])=\"(\w+)\"", re.ASCII)
_ROW_REST = re.compile(r"(?:\s+[A-Za-z_:][\w:.-]*=\"[^\"<&]*\")*\s*/?", re.ASCII)
_ATTRIBUTE = re.compile(r"\s([A-Za-z_:][\w:.-]*)=", re.ASCII)


@dataclass(frozen=True, slots=True)
class Form:
    """How cells are written: the attributes behind their reference as they stand, the style and the type these name (empty
    where they name none), and how the value is held."""

    rest: str
    style: str
    type: str
    held: int


#: The form of a cell that does not stand in the sheet or holds nothing: its place among the forms.
BLANK = 0


@dataclass(frozen=True, slots=True)
class RawColumn:
    """The cells of one column as they are written, from the first row of the sheet on: text and place of its form."""

    texts: pa.Array
    forms: Forms


@dataclass(slots=True)
class _Stretch:
    first_row: int
    count: int
    columns: dict[int, RawColumn]


@dataclass(slots=True)
class SheetCells:
    """Is shown the XML of a sheet piece by piece. Once ``is_regular`` is False it has given up and holds nothing."""

    is_regular: bool = True
    #: The XML before and behind the rows.
    before: bytes = b""
    behind: bytes = b""
    forms: list[Form] = field(default_factory=lambda: [Form("", "", "", NOTHING)])
    _places: dict[tuple[str, int], int] = field(default_factory=dict)
    _rows_seen: dict[str, None] = field(default_factory=dict)
    _stretches: list[_Stretch] = field(default_factory=list)
    _waiting: list[bytes] = field(default_factory=list)
    _size: int = 0
    _has_begun: bool = False
    _has_ended: bool = False

    def look(self, piece: bytes) -> None:
        """Takes in the next piece of the XML."""
        if not self.is_regular:
            return
        self._waiting.append(piece)
        self._size += len(piece)
        if self._size >= _AT_ONCE:
            self._try()

    def end(self) -> None:
        """All pieces have been shown. The sheet is regular only if its rows have ended."""
        if self.is_regular:
            self._try()
        if not self._has_ended:
            self._give_up()

    @property
    def height(self) -> int:
        """The number of the last row that is written."""
        return self._stretches[-1].first_row + self._stretches[-1].count - 1 if self._stretches else 0

    @property
    def width(self) -> int:
        """Columns up to the last in which a cell holds something."""
        return max((place + 1 for one in self._stretches for place in one.columns), default=0)

    def column(self, place: int) -> RawColumn:
        """The cells of the column at ``place``, from 0, one for each row from the first of the sheet to the last written."""
        texts: list[pa.Array] = []
        forms: list[Forms] = []
        row = 1
        for stretch in self._stretches:
            blank = stretch.first_row - row
            found = stretch.columns.get(place)
            if found is None:
                blank += stretch.count
            if blank:
                texts.append(_blanks(blank))
                forms.append(np.full(blank, BLANK, np.uint16))
            if found is not None:
                texts.append(found.texts)
                forms.append(found.forms)
            row = stretch.first_row + stretch.count
        if not texts:
            return RawColumn(_blanks(0), np.zeros(0, np.uint16))
        return RawColumn(pa.concat_arrays(texts), np.concatenate(forms))

    def _try(self) -> None:
        text = b"".join(self._waiting)
        self._waiting.clear()
        try:
            rest = self._take(text)
        except Irregular:
            self._give_up()
            return
        self._waiting.append(rest)
        self._size = len(rest)

    def _take(self, text: bytes) -> bytes:
        """Takes in what is whole and gives back the rest."""
        if not self._has_begun:
            self.before, start, text = text.partition(_START)
            if not start or b"<!" in self.before or b"sheetData" in self.before:
                raise Irregular
            self._has_begun = True
        if self._has_ended:
            if len(text) > _MOST_BEHIND:
                raise Irregular
            self.behind = text
            return text
        rows, end, behind = text.partition(_END)
        if end:
            self._has_ended = True
            self._add(rows)
            self.behind = behind
            return behind
        whole = rows.rfind(_ROW_END) + len(_ROW_END)
        if whole < len(_ROW_END):
            raise Irregular
        self._add(rows[:whole])
        return rows[whole:]

    def _add(self, rows: bytes) -> None:
        if not rows:
            return
        try:
            rows.decode()
        except UnicodeDecodeError:
            raise Irregular from None
        found = regular_rows(rows + bytes(PADDING))
        first = int(found.numbers[0])
        if first <= self.height:
            raise Irregular
        self._judge_row_rests(found)
        count = int(found.numbers[-1]) - first + 1
        self._stretches.append(_Stretch(first, count, self._columns(found, count)))

    def _judge_row_rests(self, found: RegularRows) -> None:
        """Irregular unless what stands in a row's tag behind its number are attributes, none of them twice."""
        pieces = found.pieces(found.row_rest_starts, found.row_rest_ends)
        rests = pieces.take(pa.array(np.arange(0, 2 * len(found.numbers), 2)))
        for rest in rests.unique().to_pylist():
            if rest in self._rows_seen:
                continue
            names = _ATTRIBUTE.findall(rest)
            if _ROW_REST.fullmatch(rest) is None or len({*names, "r"}) != len(names) + 1:
                raise Irregular
            if len(self._rows_seen) < _MOST_FORMS:
                self._rows_seen[rest] = None

    def _columns(self, found: RegularRows, count: int) -> dict[int, RawColumn]:
        forms = self._forms_of(found)
        pieces = found.pieces(found.value_starts, found.value_ends)
        nothing = 2 * len(found.row)
        row = (found.numbers - found.numbers[0])[found.row]
        columns = {}
        for place in range(int(found.column.max(initial=-1)) + 1):
            cells = np.flatnonzero((found.column == place) & (forms != BLANK))
            if not cells.size:
                continue
            written = np.full(count, nothing, np.int64)
            written[row[cells]] = 2 * cells
            ways = np.full(count, BLANK, np.uint16)
            ways[row[cells]] = forms[cells]
            columns[place] = RawColumn(pieces.take(pa.array(written)), ways)
        return columns

    def _forms_of(self, found: RegularRows) -> Forms:
        """The place of each cell's form."""
        pieces = found.pieces(found.rest_starts, found.rest_ends)
        rests = pieces.take(pa.array(np.arange(0, 2 * len(found.row), 2))).dictionary_encode()
        rest = rests.indices.to_numpy()
        known = np.zeros((len(rests.dictionary), 4), np.uint16)
        for at, held in np.argwhere(
            np.bincount(rest.astype(np.int64) * 4 + found.form, minlength=known.size).reshape(known.shape)
        ).tolist():
            known[at, held] = self._place_of(rests.dictionary[at].as_py(), held)
        return np.asarray(known[rest, found.form], np.uint16)

    def _place_of(self, rest: str, held: int) -> int:
        place = self._places.get((rest, held))
        if place is None:
            place = self._places[rest, held] = self._new_form(rest, held)
        return place

    def _new_form(self, rest: str, held: int) -> int:
        matched = _CELL_REST.fullmatch(rest)
        attributes = _CELL_ATTRIBUTE.findall(rest)
        named = dict(attributes)
        if matched is None or len(named) != len(attributes) or len(self.forms) > _MOST_FORMS:
            raise Irregular
        if held == NOTHING:
            return BLANK
        self.forms.append(Form(rest, named.get("s", ""), named.get("t", ""), held))
        return len(self.forms) - 1

    def _give_up(self) -> None:
        self.is_regular = False
        self._waiting.clear()
        self._stretches.clear()
        self.before = self.behind = b""


def _blanks(count: int) -> pa.Array:
    return pa.array([""], pa.string()).take(pa.array(np.zeros(count, np.int64)))
