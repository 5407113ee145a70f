"""The bytes of an upload that comes in parts: one file, written by one sender at a time, on the disk before it counts."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from supervision.filings import FilingRefused
from supervision.filings.intake import full_disk_refused
from supervision.settings import Settings

PART_BYTES = 64 << 20
_CHUNK = 1 << 20
ALGORITHMS: dict[str, Callable[[], Any]] = {
    "sha256": hashlib.sha256,
    "sha1": lambda: hashlib.sha1(
        usedforsecurity=False
    ),  # every tus server knows it; the whole is proved by SHA-256
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it is sent: where it begins, how long it says it is, its bytes, and their checksum if one is given."""

    offset: int
    length: int
    source: BinaryIO
    checksum: tuple[str, bytes] | None = None


@contextmanager
def held(path: Path, *, is_new: bool) -> Iterator[BinaryIO]:
    """The file of the upload, open for writing by nobody else. Raises FilingRefused (U05, T11)."""
    with full_disk_refused():
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        if is_new:
            _sync(path.parent)
    with os.fdopen(handle, "r+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FilingRefused("U05") from None
        yield file


def written(file: BinaryIO, part: Part) -> int:
    """How many bytes of the part are on the disk now, after those that were. Raises FilingRefused (U06, T11) with
    nothing of it kept."""
    hashed = None if part.checksum is None else ALGORITHMS[part.checksum[0]]()
    taken = 0
    with full_disk_refused():
        file.truncate(part.offset)
        file.seek(part.offset)
        while taken < part.length and (chunk := part.source.read(min(_CHUNK, part.length - taken))):
            view = memoryview(chunk)
            while view:
                view = view[file.write(view) :]
            taken += len(chunk)
            if hashed is not None:
                hashed.update(chunk)
        if hashed is not None and part.checksum is not None and hashed.digest() != part.checksum[1]:
            file.truncate(part.offset)
            raise FilingRefused("U06")
        os.fsync(file.fileno())
    return taken


def _sync(folder: Path) -> None:
    """The names in the folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def path_of(settings: Settings, public_id: str) -> Path:
    return settings.uploads_root / f"{public_id}.part"
