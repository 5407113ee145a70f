"""The XML of a workbook, scanned as bytes before a reader opens it: no DTD, no formula, nothing hidden, nothing far out."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from ingest.readers.block import Limits, refuse
from ingest.readers.container import Member

_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']+)")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_FORMULA_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=\"([A-Z]+)([0-9]+)\"[^>]*>\s*<(?:\w+:)?f[\s/>]")
_ERROR = re.compile(rb"<(?:\w+:)?c\s[^>]*?\bt=\"e\"")
_ERROR_CELL = re.compile(rb"<(?:\w+:)?c\s(?=[^>]*\bt=\"e\")[^>]*?\br=\"([A-Z]+)([0-9]+)\"")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([^\"]*)\"")
_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*?\br=\"([0-9]{6,})\"")
_FAR_CELL = re.compile(rb"\br=\"(?:[A-Z]{3,}|B[M-Z]|[C-Z][A-Z])[0-9]+\"")
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\s[^>]*?ref=\"(?:[^\":]*:)?([A-Z]+)([0-9]+)\"")
_HIDDEN = re.compile(rb"<(?:\w+:)?sheet\s[^>]*?state=\"(?:hidden|veryHidden)\"[^>]*>")
_HIDDEN_ROW = re.compile(  # one that has cells
    rb"<(?:\w+:)?row\s(?=[^>]*\bhidden=\"(?:1|true)\")[^>]*?\br=\"([0-9]{1,7})\"[^>]*(?<!/)>(?!</)"
)
_HIDDEN_COLUMNS = re.compile(rb"<(?:\w+:)?col\s(?=[^>]*\bhidden=\"(?:1|true)\")[^>]*>")
_COLUMN_ENDS = re.compile(rb"\b(min|max)=\"([0-9]{1,5})\"")
_SHEET_NAME = re.compile(rb"\bname=\"([^\"]*)\"")
_DATE_1904 = re.compile(rb"\bdate1904=\"(?:1|true|on)\"")
#: Longest tag that may lie across two pieces.
_OVERLAP = 4096
#: More merged ranges than a header has are merged data.
_MOST_MERGES = 1000
#: Bytes that may be looked at behind a quote.
_AHEAD = 16
_ROW_DIGITS = 6


class PartScan:
    """Looks at one part in pieces. Formula and error cells are gathered, everything else refuses at once."""

    def __init__(self, member: Member, limits: Limits) -> None:
        self._name = member.name
        self._limits = limits
        self._tail = b""
        self._first = True
        lower = member.name.lower()
        self._is_xml = lower.endswith((".xml", ".rels", ".vml"))
        self._is_sheet = is_sheet(member.name)
        self._is_workbook = lower == "xl/workbook.xml"
        #: Formula (X05) and error cells (X10): edit id, column letters, row of the sheet (0 where unknown).
        self.cells: dict[tuple[str, str, int], None] = {}
        #: Merged ranges as they stand, such as ``A1:F1``: the reader says whether they lie in the header.
        self.merges: dict[str, None] = {}
        #: Rows of the sheet that are hidden, by hand or by a filter, and runs of columns; all from 1.
        self.hidden_rows: dict[int, None] = {}
        self.hidden_columns: dict[tuple[int, int], None] = {}

    def look(self, piece: bytes) -> None:
        """Refusal X01, X02, X03, X06, X07 or X09 as soon as the part shows it."""
        if not self._is_xml or not piece:
            return
        if self._first:
            self._first = False
            self._look_at_start(piece)
        text = self._tail + piece
        if b"!" in text and _DTD.search(text):
            raise refuse("X01", self._name)
        if self._is_workbook:
            self._look_at_workbook(text)
        if self._is_sheet:
            self._look_at_sheet(text)
        self._tail = text[-_OVERLAP:]

    def _look_at_start(self, piece: bytes) -> None:
        bare = piece.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not bare.startswith(b"<") or b"\0" in piece[:16]:
            raise refuse("X02", self._name)
        declared = _DECLARED.match(bare)
        if declared is not None and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
            raise refuse("X02", f"{self._name}: {declared[1].decode('ascii', 'replace')}")

    def _look_at_workbook(self, text: bytes) -> None:
        hidden = _HIDDEN.search(text)
        if hidden is not None:
            name = _SHEET_NAME.search(hidden[0])
            raise refuse("X06", name[1].decode("utf-8", "replace") if name else self._name)
        if _DATE_1904.search(text):
            raise refuse("X07")

    def _look_at_sheet(self, text: bytes) -> None:
        signs = _Signs(text)
        far = self._far(text, signs)
        if far:
            raise refuse("X03", far)
        for merged in _MERGED.finditer(text) if b"mergeCell" in text else ():
            self.merges[merged[1].decode("ascii", "replace")] = None
            if len(self.merges) > _MOST_MERGES:
                raise refuse("X09", f"> {_MOST_MERGES}")
        if b"hidden=" in text:
            self._look_at_hidden(text)
        for edit_id, may_be, sign, cell in (
            ("X05", signs.formula(), _FORMULA, _FORMULA_CELL),
            ("X10", signs.error(), _ERROR, _ERROR_CELL),
        ):
            if may_be and sign.search(text):
                found = [(edit_id, one[1].decode(), int(one[2])) for one in cell.finditer(text)]
                self.cells.update(dict.fromkeys(found or [(edit_id, "", 0)]))

    def _look_at_hidden(self, text: bytes) -> None:
        self.hidden_rows.update(dict.fromkeys(int(one[1]) for one in _HIDDEN_ROW.finditer(text)))
        for one in _HIDDEN_COLUMNS.finditer(text):
            ends = {name: int(number) for name, number in _COLUMN_ENDS.findall(one[0])}
            if len(ends) == 2:
                self.hidden_columns[ends[b"min"], ends[b"max"]] = None

    def _far(self, text: bytes, signs: _Signs) -> str:
        cell = _FAR_CELL.search(text) if signs.far_cell() else None
        if cell is not None:
            return cell[0].decode()
        last = self._limits.max_sheet_rows + 1
        for row in _ROW.finditer(text) if signs.digits(max(_ROW_DIGITS, len(str(last + 1)))) else ():
            if int(row[1]) > last:
                return f"row {int(row[1])}"
        dimension = _DIMENSION.search(text) if b"dimension" in text else None
        if dimension is not None:
            column, row_number = dimension[1].decode(), int(dimension[2])
            if column_number(column) > self._limits.max_sheet_columns or row_number > last:
                return f"{column}{row_number}"
        return ""


class _Signs:
    """Whether a text may hold what an expression looks for: told by the bytes behind its quotes, in a small part of the time that
    the expression takes. What is True here is only then looked for."""

    def __init__(self, text: bytes) -> None:
        self._data = np.frombuffer(text + bytes(_AHEAD), np.uint8)
        self._quotes = np.flatnonzero(self._data == ord('"'))

    def far_cell(self) -> bool:
        """A reference to column BM or beyond: two letters behind a quote, or three."""
        first, second, third = (self._data[self._quotes + place] for place in (1, 2, 3))
        two = _is_letter(first) & _is_letter(second)
        far = (first > ord("B")) | ((first == ord("B")) & (second >= ord("M"))) | _is_letter(third)
        return bool((two & far).any())

    def digits(self, count: int) -> bool:
        """At least so many digits (up to 15) behind a quote."""
        places = self._quotes
        for ahead in range(1, min(count, _AHEAD - 1) + 1):
            places = places[self._data[places + ahead] - np.uint8(48) < 10]
        return bool(places.size)

    def formula(self) -> bool:
        """A tag whose name is, or begins with, an f."""
        before = self._data[np.flatnonzero(self._data[1:] == ord("f"))]
        return bool(((before == ord("<")) | (before == ord(":"))).any())

    def error(self) -> bool:
        """An attribute that is ``e`` and no more."""
        return bool(
            ((self._data[self._quotes + 1] == ord("e")) & (self._data[self._quotes + 2] == ord('"'))).any()
        )


def _is_letter(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    return data - np.uint8(65) < 26


def is_sheet(name: str) -> bool:
    """True for a part of that name that holds a sheet."""
    lower = name.lower()
    return lower.startswith("xl/worksheets/") and lower.endswith(".xml")


def column_name(number: int) -> str:
    """The letters of a column, 1 for A."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
