"""Which encoding a text file is in, decided over the whole file before anything is split.

UTF-8 if every byte is UTF-8, else GB18030 if every byte is GB18030, else refused. A file that is not UTF-8 but has lines
that are UTF-8 Chinese was put together from two encodings: its GB18030 reading would be mojibake, so it is refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from pathlib import Path

from ingest.readers.block import refuse

_CHUNK = 8 << 20
#: A run of bytes outside ASCII that is nothing but three-byte UTF-8 of Chinese text and punctuation.
_UTF8_RUN = re.compile(rb"(?<![\x80-\xff])(?:[\xe3-\xe9\xef][\x80-\xbf]{2})+(?![\x80-\xff])")
_OTHER_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def find_encoding(path: Path, on_bytes: Callable[[int], None]) -> str:
    """``utf-8``, ``utf-8-sig`` (with a mark) or ``gb18030``. Refusal N01, N02 or N04 otherwise."""
    with path.open("rb") as file:
        start = file.read(4)
    for mark, name in _OTHER_MARKS.items():
        if start.startswith(mark):
            raise refuse("N04", name)
    if _is_wide(start):
        raise refuse("N04", "UTF-16")
    broken_at, at_end = _undecodable_at(path, "utf-8", on_bytes)
    if broken_at is None:
        return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
    mixed = _utf8_line(path)
    if mixed is not None and not at_end:
        line_zh, line_en = f"第 {mixed} 行起是 UTF-8，其他行不是", f"line {mixed} is UTF-8, others are not"
        raise refuse("N02", line_zh, line_en)
    other_at, _ = _undecodable_at(path, "gb18030", on_bytes)
    if other_at is not None or mixed is not None or start.startswith(codecs.BOM_UTF8):
        raise refuse("N01", f"第 {broken_at + 1} 个字节", f"byte {broken_at + 1}")
    return "gb18030"


def _is_wide(start: bytes) -> bool:
    """Two-byte text without a mark: ASCII characters with a zero on the same side of each."""
    return len(start) == 4 and (start[0::2] == b"\0\0") != (start[1::2] == b"\0\0")


def _undecodable_at(path: Path, encoding: str, on_bytes: Callable[[int], None]) -> tuple[int | None, bool]:
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
            done += len(chunk)
            on_bytes(done)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return done - 1, True
    return None, False


def _utf8_line(path: Path) -> int | None:
    """The first line (1-based) that holds Chinese and is UTF-8 from end to end; None when there is none."""
    lines_before = 0
    rest = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            whole = rest + chunk
            cut = whole.rfind(b"\n") + 1 or len(whole)
            found = _utf8_line_in(whole[:cut])
            if found is not None:
                return lines_before + found
            lines_before += whole.count(b"\n", 0, cut)
            rest = whole[cut:]
    found = _utf8_line_in(rest)
    return None if found is None else lines_before + found


def _utf8_line_in(lines: bytes) -> int | None:
    checked_to = 0
    for run in _UTF8_RUN.finditer(lines):
        if run.start() < checked_to:
            continue
        first = lines.rfind(b"\n", 0, run.start()) + 1
        last = lines.find(b"\n", run.end())
        checked_to = len(lines) if last < 0 else last
        try:
            lines[first:checked_to].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return lines.count(b"\n", 0, first) + 1
    return None
