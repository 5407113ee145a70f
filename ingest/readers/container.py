"""The ZIP directory of a workbook, judged before any member is opened.

Nothing here trusts a library's reading of the directory: a member may overlap another, lie about its name or size, or hide
behind a second archive, and common readers follow it (CVE-2024-0450).
"""

from __future__ import annotations

import re
import stat
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ingest.readers.block import Limits, refuse

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_DRIVE = re.compile(r"[A-Za-z]:")
_ARCHIVES = (".zip", ".gz", ".7z", ".rar", ".xlsx", ".xlsm", ".docx", ".jar", ".tar", ".bz2", ".xz")
_ARCHIVE_MARKS = (b"PK\3\4", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ")
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    method: int
    flags: int
    crc: int
    packed: int
    unpacked: int
    offset: int
    data_start: int


def read_directory(path: Path, limits: Limits, *, may_hold_workbooks: bool = False) -> list[Member]:
    """The members, once the directory is sound. Refusal C01 to C13 otherwise. A workbook is itself an archive; only where
    ``may_hold_workbooks`` is it a member like others."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        count, directory, directory_size = _end_record(file, start, size)
        if count > limits.max_members:
            raise refuse("C06", f"{count} > {limits.max_members}")
        file.seek(directory)
        entries = file.read(directory_size)
        members = [_with_data_start(file, member) for member in _entries(entries, count, size)]
    _judge_names(members, may_hold_workbooks)
    _judge_places(members, directory)
    _judge_sizes(members, limits)
    return members


def _end_record(file: BinaryIO, start: bytes, size: int) -> tuple[int, int, int]:
    """Number of members, place and size of the directory, from the record that must end the file."""
    if start.startswith(_OLE):
        raise refuse("C01", "旧版 .xls 或加密文件", "an old .xls or an encrypted file")
    tail_size = min(size, _END.size + 65535 + _PIECE)
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    place = tail.rfind(b"PK\5\6")
    if place < 0 or place + _END.size > len(tail):
        raise refuse("C01", "没有目录", "there is no directory")
    _, disk, first_disk, here, count, directory_size, directory, comment = _END.unpack_from(tail, place)
    if place + _END.size != len(tail) or comment:
        raise refuse("C02", "末尾有多余内容", "there is more after its end")
    if (
        0xFFFF in (here, count)
        or 0xFFFFFFFF in (directory, directory_size)
        or tail[max(place - 20, 0) : place].startswith(b"PK\6\7")
    ):
        raise refuse("C06", "ZIP64")
    if disk or first_disk or here != count:
        raise refuse("C01", "分卷", "it is one part of several")
    end = size - tail_size + place
    if directory + directory_size != end or not start.startswith(b"PK\3\4"):
        raise refuse("C02", "开头有多余内容", "there is more before its start")
    return count, directory, directory_size


def _entries(entries: bytes, count: int, size: int) -> list[Member]:
    members = []
    place = 0
    for _ in range(count):
        if entries[place : place + 4] != b"PK\1\2" or place + _ENTRY.size > len(entries):
            raise refuse("C01", "目录不完整", "its directory is not whole")
        (
            _,
            made_by,
            _,
            flags,
            method,
            _,
            _,
            crc,
            packed,
            unpacked,
            name_size,
            extra_size,
            note_size,
            _,
            _,
            mode,
            offset,
        ) = _ENTRY.unpack_from(entries, place)
        name = _name(entries[place + _ENTRY.size : place + _ENTRY.size + name_size], flags)
        place += _ENTRY.size + name_size + extra_size + note_size
        if flags & _ENCRYPTED:
            raise refuse("C03", name)
        if method not in (_STORED, _DEFLATED):
            raise refuse("C13", f"{name}: {method}")
        if made_by >> 8 == 3 and stat.S_IFMT(mode >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise refuse("C08", name)
        if 0xFFFFFFFF in (packed, unpacked, offset) or offset + packed > size:
            raise refuse("C01", name)
        members.append(Member(name, method, flags, crc, packed, unpacked, offset, 0))
    if place != len(entries):
        raise refuse("C01", "目录不完整", "its directory is not whole")
    return members


def _name(raw: bytes, flags: int) -> str:
    """The member's name: UTF-8 where flagged, else UTF-8 or GB18030, as Chinese software writes it."""
    for encoding in ("utf-8",) if flags & _UTF8_NAME else ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse("C07", raw[:40].hex())


def _with_data_start(file: BinaryIO, member: Member) -> Member:
    """The member with the place of its data, once its local header says what the directory says."""
    file.seek(member.offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\3\4"):
        raise refuse("C12", member.name)
    _, _, flags, method, _, _, crc, packed, unpacked, name_size, extra_size = _LOCAL.unpack(header)
    name = _name(file.read(name_size), flags)
    sizes_later = bool(flags & 8)
    said = (name, method, flags & 1) == (member.name, member.method, member.flags & 1)
    sizes = sizes_later or (crc, packed, unpacked) == (member.crc, member.packed, member.unpacked)
    if not said or not sizes:
        raise refuse("C12", f"{member.name} / {name}")
    start = member.offset + _LOCAL.size + name_size + extra_size
    return Member(
        member.name, method, flags, member.crc, member.packed, member.unpacked, member.offset, start
    )


def is_workbook(member: Member) -> bool:
    """Whether the member's name says that it is a workbook."""
    return member.name.lower().endswith(".xlsx")


def _judge_names(members: list[Member], may_hold_workbooks: bool) -> None:
    seen: set[str] = set()
    for member in members:
        name = member.name
        parts = name.split("/")
        if name.startswith("/") or "\\" in name or "\0" in name or _DRIVE.match(name) or ".." in parts:
            raise refuse("C07", name.replace("\0", "␀"))
        if name.lower() in seen:
            raise refuse("C10", name)
        seen.add(name.lower())
    for member in members:
        lower = member.name.lower()
        if (
            "vbaproject" in lower
            or "/externallinks/" in lower
            or "/embeddings/" in lower
            or "/activex/" in lower
        ):
            raise refuse("C15", member.name)
        if lower.endswith(_ARCHIVES) and not (may_hold_workbooks and is_workbook(member)):
            raise refuse("C09", member.name)


def _judge_places(members: list[Member], directory: int) -> None:
    end = 0
    for member in sorted(members, key=lambda member: member.offset):
        if member.offset < end:
            raise refuse("C11", member.name)
        end = member.data_start + member.packed
    if end > directory:
        raise refuse("C11", members[-1].name if members else "")


def _judge_sizes(members: list[Member], limits: Limits) -> None:
    packed = sum(member.packed for member in members)
    unpacked = sum(member.unpacked for member in members)
    if unpacked > limits.ratio_from_bytes and unpacked > limits.max_ratio * max(packed, 1):
        raise refuse("C04", f"{unpacked} / {packed} B")
    if unpacked > limits.max_unpacked_bytes:
        raise refuse("C05", f"{unpacked} > {limits.max_unpacked_bytes} B")
    for member in members:
        if member.unpacked > limits.max_part_bytes:
            raise refuse("C05", f"{member.name}: {member.unpacked} > {limits.max_part_bytes} B")


def check_member(
    path: Path, member: Member, look: Callable[[bytes], None], *, may_be_archive: bool = False
) -> None:
    """Unpacks a member in pieces and shows each to ``look``. Refusal C14 when it is not what the directory declares (size
    and CRC-32), C09 when it is an archive itself and may not be. Holds one piece in memory."""
    inflate = zlib.decompressobj(-15) if member.method == _DEFLATED else None
    crc = done = 0
    left = member.packed
    with path.open("rb") as file:
        file.seek(member.data_start)
        pending = b""
        while True:
            if not pending and left:
                pending = file.read(min(left, _PIECE))
                left -= len(pending)
            piece, pending, ended = _unpack(member, inflate, pending)
            if done == 0 and not may_be_archive and piece.startswith(_ARCHIVE_MARKS):
                raise refuse("C09", member.name)
            crc, done = zlib.crc32(piece, crc), done + len(piece)
            if done > member.unpacked:
                raise refuse("C14", member.name)
            look(piece)
            if ended or (not piece and not pending and not left):
                break
    if done != member.unpacked or crc != member.crc or left or pending:
        raise refuse("C14", member.name)


def _unpack(member: Member, inflate: zlib._Decompress | None, pending: bytes) -> tuple[bytes, bytes, bool]:
    """A piece of data, the packed bytes not yet used, and whether the stream has ended."""
    if inflate is None:
        return pending, b"", False
    try:
        piece = inflate.decompress(pending, _PIECE)
    except zlib.error:
        raise refuse("C14", member.name) from None
    if inflate.eof:
        return piece, inflate.unused_data, True
    return piece, inflate.unconsumed_tail, False
