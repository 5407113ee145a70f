"""Records of a CSV text, found on its bytes: UTF-8 never hides a quote, separator or newline inside a character."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.readers.block import Finding
from ingest.values.cells import Bool, Int64

_QUOTE, _NEWLINE, _RETURN = 34, 10, 13
_REPLACEMENT = "\ufffd".encode()
_SHOWN = 60
Bytes = npt.NDArray[np.uint8]


def last_record_end(text: bytes) -> int:
    """Bytes up to and including the last newline that stands outside quotes; 0 when there is none. ``text`` must begin
    at a record."""
    if _QUOTE not in text:
        return text.rfind(b"\n") + 1
    data = np.frombuffer(text, np.uint8)
    ends = _record_ends(data, np.flatnonzero(data == _QUOTE))
    return int(ends[-1]) + 1 if ends.size else 0


def end_of_records(text: bytes, count: int) -> int | None:
    """Where the first ``count`` records end, behind their newline; None when the text does not hold so many."""
    data = np.frombuffer(text, np.uint8)
    quotes = np.flatnonzero(data == _QUOTE) if _QUOTE in text else np.zeros(0, np.int64)
    if not quotes.size:
        place = 0
        for _ in range(count):
            place = text.find(b"\n", place) + 1
            if not place:
                return None
        return place
    ends = _record_ends(data, quotes)
    return int(ends[count - 1]) + 1 if ends.size >= count else None


def _record_ends(data: Bytes, quotes: Int64) -> Int64:
    newlines = np.flatnonzero(data == _NEWLINE)
    if not quotes.size:
        return newlines
    outside: Bool = np.searchsorted(quotes, newlines) % 2 == 0
    return np.asarray(newlines[outside], np.int64)


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the text stops being splittable; ``record_start`` is the byte at which that record begins."""

    edit_id: str
    record_start: int


def first_fault(text: bytes, delimiter: str) -> Fault | None:
    """The first lone carriage return (S10), stray quote (S14) or quote that is never closed (S04); None when sound."""
    data = np.frombuffer(text, np.uint8)
    returns = np.flatnonzero(data == _RETURN) if b"\r" in text else np.zeros(0, np.int64)
    lone = returns[data[np.minimum(returns + 1, data.size - 1)] != _NEWLINE]
    if lone.size:
        return Fault("S10", text.rfind(b"\n", 0, int(lone[0])) + 1)
    if _QUOTE not in text:
        return None
    quotes = np.flatnonzero(data == _QUOTE)
    faulty = _misplaced(data, quotes, ord(delimiter))
    if faulty.size:
        place = int(faulty[0])
        opener = place - place % 2
        span = text[quotes[opener] : quotes[place]]
        edit_id = "S04" if place % 2 and b"\n" in span else "S14"
        return Fault(edit_id, _start_of(data, quotes[:opener], int(quotes[opener])))
    if quotes.size % 2:
        return Fault("S04", _start_of(data, quotes[:-1], int(quotes[-1])))
    return None


def _misplaced(data: Bytes, quotes: Int64, delimiter: int) -> Int64:
    """Quotes (by place) that open inside a field or close before its end."""
    allowed = np.zeros(256, np.bool_)
    allowed[[delimiter, _NEWLINE, _RETURN, _QUOTE]] = True
    before = np.where(quotes > 0, data[np.maximum(quotes - 1, 0)], _NEWLINE)
    after = np.where(quotes + 1 < data.size, data[np.minimum(quotes + 1, data.size - 1)], _NEWLINE)
    opens = np.arange(quotes.size) % 2 == 0
    return np.flatnonzero(np.where(opens, ~allowed[before], ~allowed[after]))


def _start_of(data: Bytes, quotes: Int64, position: int) -> int:
    ends = _record_ends(data[:position], quotes)
    return int(ends[-1]) + 1 if ends.size else 0


@dataclass(slots=True)
class Records:
    """Complete records; ``starts`` and ``ends`` (behind the newline) are byte positions."""

    data: bytes
    array: Bytes
    quotes: Int64
    starts: Int64
    ends: Int64
    delimiter: str

    @classmethod
    def of(cls, text: bytes, delimiter: str) -> Records:
        """The records of a text without faults that ends in a newline."""
        array = np.frombuffer(text, np.uint8)
        quotes = np.flatnonzero(array == _QUOTE) if _QUOTE in text else np.zeros(0, np.int64)
        ends = _record_ends(array, quotes) + 1
        return cls(text, array, quotes, np.concatenate(([0], ends[:-1])), ends, delimiter)

    @property
    def count(self) -> int:
        return len(self.ends)

    @property
    def has_quotes(self) -> bool:
        return bool(self.quotes.size)

    def unreadable(self, longest_line: int, longest_field: int, row: int) -> tuple[list[Finding], Bool]:
        """Hits on records with control (N03) or replacement characters (N05) or beyond the longest line (S05 when one
        field is to blame, else S07), and the mask of the records that remain."""
        kept = np.ones(self.count, np.bool_)
        found: list[Finding] = []
        for edit_id, positions in (("N03", self._controls()), ("N05", self._replacements())):
            for record in np.unique(np.searchsorted(self.ends, positions, "right")):
                found.append(Finding(edit_id, row=row + int(record) + 1, value=self._shown(int(record))))
                kept[record] = False
        lengths = self.ends - self.starts
        for record in np.flatnonzero(lengths > longest_line + 2):
            field = self._longest_field(int(record))
            edit_id, size = ("S05", field) if field > longest_field else ("S07", int(lengths[record]))
            limit = longest_field if edit_id == "S05" else longest_line
            said = f"{size} > {limit} B"
            found.append(Finding(edit_id, said, said, row + int(record) + 1, value=self._shown(int(record))))
            kept[record] = False
        return found, kept

    def wrong_arity(self, columns: int, row: int, among: Bool) -> tuple[list[Finding], Bool]:
        """Hits (S03) on records with another number of fields, blank records excepted, and the mask of the others."""
        separators = np.flatnonzero(self.array == ord(self.delimiter))
        if self.quotes.size:
            separators = separators[np.searchsorted(self.quotes, separators) % 2 == 0]
        owner = np.searchsorted(self.ends, separators, "right")
        fields = np.bincount(owner, minlength=self.count) + 1
        blank = (self.ends - self.starts <= 2) & (fields == 1)
        blank &= np.isin(self.array[self.starts], (_NEWLINE, _RETURN))
        wrong = (fields != columns) & ~blank & among
        found = [
            Finding(
                "S03",
                said := f"{int(fields[record])} ≠ {columns}",
                said,
                row + int(record) + 1,
                value=self._shown(int(record)),
            )
            for record in np.flatnonzero(wrong)
        ]
        return found, ~wrong

    def only(self, kept: Bool) -> bytes:
        """The text of the records of the mask."""
        if kept.all():
            return self.data
        return self.array[np.repeat(kept, self.ends - self.starts)].tobytes()

    def _controls(self) -> Int64:
        low = self.array < 32
        plain = sum(self.data.count(mark) for mark in (b"\n", b"\r", b"\t"))
        if int(np.count_nonzero(low)) == plain and b"\x7f" not in self.data:
            return np.zeros(0, np.int64)
        fine = np.isin(self.array, (9, _NEWLINE, _RETURN))
        return np.flatnonzero((low & ~fine) | (self.array == 127))

    def _replacements(self) -> Int64:
        places: list[int] = []
        place = self.data.find(_REPLACEMENT)
        while place >= 0:
            places.append(place)
            place = self.data.find(_REPLACEMENT, place + 3)
        return np.array(places, np.int64)

    def _longest_field(self, record: int) -> int:
        text = self.data[self.starts[record] : self.ends[record]].rstrip(b"\r\n")
        if b'"' in text:
            text = bytes(part for part in _unquoted(text, ord(self.delimiter)))
        return max(len(field) for field in text.split(self.delimiter.encode()))

    def _shown(self, record: int) -> str:
        text = self.data[self.starts[record] : self.ends[record]].rstrip(b"\r\n")
        shown = text[: _SHOWN * 4].decode("utf-8", "ignore")[:_SHOWN]
        return "".join(mark if mark.isprintable() else "\u2423" for mark in shown) + (
            "…" if len(text) > len(shown.encode()) else ""
        )


def _unquoted(text: bytes, delimiter: int) -> bytes:
    """The text with separators inside quotes replaced, so that splitting it keeps quoted fields whole."""
    data = np.frombuffer(text, np.uint8).copy()
    inside = np.cumsum(data == _QUOTE) % 2 == 1
    data[inside & (data == delimiter)] = 32
    return data.tobytes()
