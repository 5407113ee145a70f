"""Files that come packed: gzip, or a ZIP with one file in it, unpacked under the limits before anything is read."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ingest.readers.block import Limits, refuse
from ingest.readers.container import check_member, read_directory
from ingest.readers.filename import extension

_GZIP, _ZIP = b"\x1f\x8b", b"PK\3\4"
_PIECE = 1 << 20
#: What a Macintosh adds to every ZIP.
_SIDE_FILES = "__MACOSX/"


@contextmanager
def unpacked(path: Path, name: str, limits: Limits) -> Iterator[tuple[Path, str]]:
    """The file to read and the name that says how: the file itself where ``name`` does not end in ``.gz`` or ``.zip``, else
    what is in it, in a temporary file that is gone afterwards. Refusal C01 to C17, T04."""
    kind = extension(name)
    if kind not in ("gz", "zip"):
        yield path, name
        return
    with path.open("rb") as file:
        start = file.read(4)
    if not start.startswith(_GZIP if kind == "gz" else _ZIP):
        raise refuse("T04", name)
    with tempfile.TemporaryDirectory(prefix="unpacked-") as folder:
        inner = Path(folder) / "inner"
        with inner.open("wb") as out:
            inner_name = _gunzip(path, name, limits, out) if kind == "gz" else _unzip(path, limits, out)
        if inner.stat().st_size == 0:
            raise refuse("T08")
        yield inner, inner_name


def _gunzip(path: Path, name: str, limits: Limits, out: BinaryIO) -> str:
    """Writes what the gzip file holds, checked against its CRC-32 and length; the name without ``.gz``."""
    inflate = zlib.decompressobj(31)
    packed, done = path.stat().st_size, 0
    with path.open("rb") as file:
        while not inflate.eof:
            data = inflate.unconsumed_tail or file.read(_PIECE)
            if not data:
                raise refuse("C17", "文件被截断", "it is cut short")
            try:
                piece = inflate.decompress(data, _PIECE)
            except zlib.error:
                raise refuse("C17", "校验不符", "its check sum does not fit") from None
            done += len(piece)
            _judge_size(done, packed, limits)
            out.write(piece)
        if inflate.unused_data or file.read(1):
            raise refuse("C17", "末尾有多余内容", "there is more after its end")
    return name[: -len(".gz")]


def _judge_size(done: int, packed: int, limits: Limits) -> None:
    if done > limits.ratio_from_bytes and done > limits.max_ratio * packed:
        raise refuse("C04", f"> {limits.max_ratio} × {packed} B")
    if done > limits.max_unpacked_bytes:
        raise refuse("C05", f"> {limits.max_unpacked_bytes} B")


def _unzip(path: Path, limits: Limits, out: BinaryIO) -> str:
    """Writes the one file of the ZIP, checked as its directory declares it; its name."""
    members = [
        member
        for member in read_directory(path, limits)
        if not member.name.endswith("/") and not member.name.startswith(_SIDE_FILES)
    ]
    if len(members) != 1:
        raise refuse("C16", "、".join(member.name for member in members)[:80] or "0")

    def keep(piece: bytes) -> None:
        out.write(piece)

    check_member(path, members[0], keep)
    return members[0].name.rpartition("/")[2]
