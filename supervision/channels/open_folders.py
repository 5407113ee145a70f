"""Folders that others write into, held open: names are looked up in them and never followed through links."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def folder_at(name: str | Path, at: int | None = None, *, make: bool = False) -> Iterator[int]:
    """The folder itself, open, never what a link leads to."""
    if make:
        try:
            os.mkdir(name, 0o750, dir_fd=at)
        except FileExistsError:
            pass
    handle = os.open(name, _FOLDER, dir_fd=at)
    try:
        yield handle
    finally:
        os.close(handle)


def start_of(folder: int, name: str, most: int) -> bytes | None:
    """The first bytes of a plain file, at most ``most``; None where it is no plain file. Raises OSError (links too)."""
    handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        return os.read(handle, most) if stat.S_ISREG(os.fstat(handle).st_mode) else None
    finally:
        os.close(handle)


def write(folder: int, name: str, content: bytes) -> None:
    """A file that is there whole or not at all."""
    part = f".{name}.part"
    handle = os.open(
        part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640, dir_fd=folder
    )
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)
    sync(folder)


def unlink(folder: int, name: str) -> None:
    """No file of this name is there."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass


def move_along(name: str, new: str, source: int, target: int) -> None:
    """What is called ``name`` in ``source``, if anything is, is called ``new`` in ``target``."""
    try:
        os.rename(name, new, src_dir_fd=source, dst_dir_fd=target)
    except FileNotFoundError:
        pass


def sync(*folders: int) -> None:
    """The names in the folders are on the disk."""
    for folder in folders:
        os.fsync(folder)
