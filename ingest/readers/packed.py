"""Files that come packed: gzip, or a ZIP with one file in it or with parts and their manifest, unpacked under the limits
before anything is read. A workbook in a ZIP is the one archive in an archive; nothing in it may be one again."""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ingest.readers.block import Limits, refuse
from ingest.readers.container import Member, check_member, is_workbook, read_directory
from ingest.readers.filename import extension
from ingest.readers.manifest import MANIFEST_NAME, MOST_PARTS

_GZIP, _ZIP = b"\x1f\x8b", b"PK\3\4"
_PIECE = 1 << 20
#: What a Macintosh adds to every ZIP.
_SIDE_FILES = "__MACOSX/"


_MOST_MANIFEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """One file to read: where it lies, the name that says how, and the SHA-256 of its bytes where it is one of several."""

    path: Path
    name: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """The files of a filing in the order of their names, and the bytes of its manifest where it has one."""

    parts: tuple[Part, ...]
    manifest: bytes | None = None


@contextmanager
def unpacked(path: Path, name: str, limits: Limits) -> Iterator[Package]:
    """The files to read: the file itself where ``name`` does not end in ``.gz`` or ``.zip``, else what is in it, in temporary
    files that are gone afterwards. Several only with a manifest. Refusal C01 to C17, T04, T08."""
    kind = extension(name)
    if kind not in ("gz", "zip"):
        yield Package((Part(path, name),))
        return
    with path.open("rb") as file:
        start = file.read(4)
    if not start.startswith(_GZIP if kind == "gz" else _ZIP):
        raise refuse("T04", name)
    with tempfile.TemporaryDirectory(prefix="unpacked-") as folder:
        if kind == "gz":
            inner = Path(folder) / "inner"
            with inner.open("wb") as out:
                inner_name = _gunzip(path, name, limits, out)
            package = Package((Part(inner, inner_name),))
        else:
            package = _unzip(path, limits, Path(folder))
        if any(part.path.stat().st_size == 0 for part in package.parts):
            raise refuse("T08")
        yield package


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


def _unzip(path: Path, limits: Limits, folder: Path) -> Package:
    """The files of the ZIP, each checked as its directory declares it. Workbooks in it may together unpack to no more than
    one may alone."""
    members = [
        member
        for member in read_directory(path, limits, may_hold_workbooks=True)
        if not member.name.endswith("/") and not member.name.startswith(_SIDE_FILES)
    ]
    names = [member.name.rpartition("/")[2] for member in members]
    manifest = None
    parts = []
    in_workbooks = 0
    for number, (member, name) in enumerate(sorted(zip(members, names, strict=True), key=lambda one: one[1])):
        if name == MANIFEST_NAME:
            if member.unpacked > _MOST_MANIFEST or manifest is not None:
                raise refuse("C16", "、".join(names)[:80])
            manifest = _bytes_of(path, member)
            continue
        inner = folder / f"part-{number}"
        parts.append(Part(inner, name, _write(path, member, inner)))
        if is_workbook(member):
            in_workbooks += sum(one.unpacked for one in read_directory(inner, limits))
            if in_workbooks > limits.max_unpacked_bytes:
                raise refuse("C05", f"{name}: {in_workbooks} > {limits.max_unpacked_bytes} B")
    if not parts or len(parts) > MOST_PARTS or (len(parts) > 1 and manifest is None):
        raise refuse("C16", "、".join(names)[:80] or "0")
    if len({part.name for part in parts}) != len(parts):
        raise refuse("C16", "、".join(names)[:80])
    return Package(tuple(parts), manifest)


def _write(path: Path, member: Member, inner: Path) -> str:
    """The member lies unpacked in ``inner``; its SHA-256."""
    whole = hashlib.sha256()
    with inner.open("wb") as out:

        def keep(piece: bytes) -> None:
            whole.update(piece)
            out.write(piece)

        check_member(path, member, keep, may_be_archive=is_workbook(member))
    return whole.hexdigest()


def _bytes_of(path: Path, member: Member) -> bytes:
    pieces: list[bytes] = []
    check_member(path, member, pieces.append)
    return b"".join(pieces)
