"""Which encoding a text file is in, decided over the whole file before anything is split.

UTF-8 if every byte is UTF-8, else GB18030 if every byte is GB18030, else refused. Two doubts are refused as mixed, because
one reading of them would be mojibake: a file that is not UTF-8 but has lines that are UTF-8 Chinese, and a file that is UTF-8
but has words that only make sense as GB18030 (停暖 and 联通 are, byte by byte, also UTF-8).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from ingest.readers.block import refuse

_CHUNK = 8 << 20
#: Three-byte UTF-8 of Chinese text and punctuation, and nothing else.
_UTF8_CHINESE = re.compile(rb"(?:[\xe3-\xe9\xef][\x80-\xbf]{2})+")
#: A run of at least two pairs that are both two-byte UTF-8 and characters of GB2312.
_GB_RUN = re.compile(rb"(?<![\x80-\xff])(?:[\xc4-\xdf][\xa1-\xbf]){2,}(?![\x80-\xff])")
#: Scripts that write whole words in two-byte UTF-8: extended Latin, Greek, Cyrillic, Hebrew, Arabic.
_SCRIPTS = (
    range(0x100, 0x250),
    range(0x370, 0x400),
    range(0x400, 0x530),
    range(0x590, 0x600),
    range(0x600, 0x700),
)
_OTHER_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
Finder = Callable[[bytes], int | None]


def find_encoding(path: Path, on_bytes: Callable[[int], None]) -> str:
    """``utf-8``, ``utf-8-sig`` (with a mark) or ``gb18030``. Refusal N01, N02 or N04 otherwise."""
    with path.open("rb") as file:
        start = file.read(4)
    for mark, name in _OTHER_MARKS.items():
        if start.startswith(mark):
            raise refuse("N04", name)
    if _is_wide(start):
        raise refuse("N04", "UTF-16")
    doubts = _Doubts()
    broken_at, at_end = _undecodable_at(path, "utf-8", on_bytes, doubts.look)
    if broken_at is None:
        odd = _line_where(path, _gb_line_in) if doubts.found else None
        if odd is not None:
            raise refuse("N02", f"第 {odd} 行像是 GB18030", f"line {odd} looks like GB18030")
        return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
    mixed = _line_where(path, _utf8_line_in)
    if mixed is not None and not at_end:
        raise refuse("N02", f"第 {mixed} 行是 UTF-8，其他行不是", f"line {mixed} is UTF-8, others are not")
    other_at, _ = _undecodable_at(path, "gb18030", on_bytes)
    if other_at is not None or mixed is not None or start.startswith(codecs.BOM_UTF8):
        raise refuse("N01", f"第 {broken_at + 1} 个字节", f"byte {broken_at + 1}")
    return "gb18030"


class _Doubts:
    """Whether any chunk holds a two-byte UTF-8 character beyond Latin-1: Chinese text has none."""

    def __init__(self) -> None:
        self.found = False

    def look(self, chunk: bytes) -> None:
        if not self.found and not chunk.isascii():
            leads = (np.frombuffer(chunk, np.uint8) - np.uint8(0xC4)) < 28
            self.found = bool(leads.any())


def _is_wide(start: bytes) -> bool:
    """Two-byte text without a mark: ASCII characters with a zero on the same side of each."""
    return len(start) == 4 and (start[0::2] == b"\0\0") != (start[1::2] == b"\0\0")


def _undecodable_at(
    path: Path, encoding: str, on_bytes: Callable[[int], None], look: Callable[[bytes], None] | None = None
) -> tuple[int | None, bool]:
    """Where strict decoding fails (None: nowhere), and whether the file merely ends inside a character."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    done = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return done - held + error.start, False
            if look is not None:
                look(chunk)
            done += len(chunk)
            on_bytes(done)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return done - 1, True
    return None, False


def _line_where(path: Path, find: Finder) -> int | None:
    """The first line (1-based) of the file that ``find`` finds among whole lines; None when there is none."""
    lines_before = 0
    rest = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            whole = rest + chunk
            cut = whole.rfind(b"\n") + 1 or len(whole)
            found = find(whole[:cut])
            if found is not None:
                return lines_before + found
            lines_before += whole.count(b"\n", 0, cut)
            rest = whole[cut:]
    found = find(rest)
    return None if found is None else lines_before + found


def _utf8_line_in(lines: bytes) -> int | None:
    """The first line that holds Chinese and is UTF-8 from end to end."""
    checked_to = 0
    for start, end in _three_byte_runs(lines):
        if start < checked_to or _UTF8_CHINESE.fullmatch(lines, start, end) is None:
            continue
        first = lines.rfind(b"\n", 0, start) + 1
        last = lines.find(b"\n", end)
        checked_to = len(lines) if last < 0 else last
        try:
            lines[first:checked_to].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return lines.count(b"\n", 0, first) + 1
    return None


def _three_byte_runs(lines: bytes) -> Iterator[tuple[int, int]]:
    """Where the runs of bytes outside ASCII begin and end that may be three-byte UTF-8 by their length and first bytes; of a
    GB18030 text few are."""
    data = np.frombuffer(lines, np.uint8)
    wide = np.zeros(data.size + 2, np.bool_)
    np.greater(data, 0x7F, out=wide[1:-1])
    starts, ends = np.flatnonzero(wide[1:] != wide[:-1]).reshape(-1, 2).T
    three = (ends - starts) % 3 == 0
    starts, ends = starts[three], ends[three]
    may_be = (data[starts] >= 0xE3) & (data[starts + 1] < 0xC0) & (data[starts + 2] < 0xC0)
    yield from zip(starts[may_be].tolist(), ends[may_be].tolist(), strict=True)


def _gb_line_in(lines: bytes) -> int | None:
    """The first line with a word that, read as UTF-8, belongs to no one script."""
    for run in _GB_RUN.finditer(lines):
        points = [ord(character) for character in run[0].decode("utf-8")]
        if not any(all(point in script for point in points) for script in _SCRIPTS):
            return lines.count(b"\n", 0, run.start()) + 1
    return None
