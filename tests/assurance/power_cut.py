"""A disk as a power cut leaves it: only what was synced, at any point of a recorded act.

Read from a trace of strace with ``-xx``. The model is the harshest that POSIX allows: bytes are on the disk when their
file was synced, and a name, a new name or the loss of one when its folder was synced after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CALLS = "openat,close,write,pwrite64,fsync,fdatasync,rename,unlink,ftruncate,mkdir,lseek"
_LINE = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
TELLING = 1  # the descriptor on which the person is told


@dataclass
class Inode:
    written: bytearray
    synced: bytes = b""


@dataclass
class Opened:
    path: Path
    inode: Inode | None  # None: a folder
    position: int = 0


@dataclass
class Disk:
    """Names and bytes under ``root`` as processes see them, and as they are on the disk."""

    root: Path
    seen: dict[Path, Inode | None] = field(default_factory=dict)
    kept: dict[Path, Inode | None] = field(default_factory=dict)
    opened: dict[int, Opened] = field(default_factory=dict)
    told: str = ""

    @classmethod
    def of(cls, folder: Path, root: Path) -> Disk:
        """The files of ``folder``, all on the disk, under the name ``root``. What SQLite keeps in shared memory beside
        a register is made anew from the rest."""
        disk = cls(root)
        for path in sorted(folder.rglob("*")):
            if path.name.endswith("-shm"):
                continue
            content = path.read_bytes() if path.is_file() else None
            disk.seen[root / path.relative_to(folder)] = (
                None if content is None else Inode(bytearray(content), content)
            )
        disk.kept = dict(disk.seen)
        return disk

    def left_in(self, folder: Path) -> None:
        """The disk after a power cut now, laid out in ``folder``."""
        folder.mkdir()
        for path in sorted(self.kept):
            if any(parent not in self.kept for parent in path.parents if self.root in parent.parents):
                continue  # a folder whose own name is lost takes all in it along
            inode, place = self.kept[path], folder / path.relative_to(self.root)
            if inode is None:
                place.mkdir()
            else:
                place.write_bytes(inode.synced)

    def does(self, name: str, rest: str, result: int) -> bool:
        """The call is done; whether the disk may be another one now."""
        texts = [bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(rest)]
        handle = int(first[0]) if (first := re.match(r"\d+", rest)) else -1
        if name == "write" and handle == TELLING:
            said = texts[0].decode()
            self.told = said.removeprefix("told ").strip() if said.startswith("told ") else self.told
            return False
        if name in ("openat", "rename", "unlink", "mkdir"):
            return self._names(name, [Path(text.decode()) for text in texts], rest, result)
        file = self.opened.get(handle)
        if name == "close":
            self.opened.pop(handle, None)
        if file is None or name == "close":
            return False
        if name in ("fsync", "fdatasync"):
            self._sync(file)
            return True
        assert file.inode is not None, (name, file)
        if name == "lseek":
            file.position = result
        elif name == "ftruncate":
            length = int(rest.split(",")[1])
            file.inode.written[length:] = bytes(max(0, length - len(file.inode.written)))
        else:
            at = int(rest.rsplit(",", 1)[1]) if name == "pwrite64" else file.position
            gap = bytes(max(0, at - len(file.inode.written)))
            file.inode.written[len(file.inode.written) :] = gap
            file.inode.written[at : at + result] = texts[0][:result]
            file.position = file.position if name == "pwrite64" else at + result
        return False

    def _names(self, name: str, paths: list[Path], rest: str, result: int) -> bool:
        if self.root not in paths[0].parents and paths[0] != self.root:
            return False
        if name == "openat":
            if paths[0] not in self.seen and "O_CREAT" in rest:
                self.seen[paths[0]] = Inode(bytearray())
            inode = self.seen.get(paths[0])
            if inode is not None and "O_TRUNC" in rest:
                inode.written.clear()
            self.opened[result] = Opened(paths[0], inode)
        elif name == "rename":
            self.seen[paths[1]] = self.seen.pop(paths[0])
        elif name == "unlink":
            self.seen.pop(paths[0])
        else:
            self.seen[paths[0]] = None
        return False

    def _sync(self, file: Opened) -> None:
        if file.inode is not None:
            file.inode.synced = bytes(file.inode.written)
            return
        here = {path for path in {*self.seen, *self.kept} if path.parent == file.path}
        for path in here:
            if path in self.seen:
                self.kept[path] = self.seen[path]
            else:
                self.kept.pop(path, None)


def cuts(disk: Disk, log: Path) -> Iterator[str]:
    """After each call that may have changed what a power cut leaves, and at the end: what the person was told by then.
    ``disk`` is then as it was at that moment."""
    yield disk.told
    for line in log.read_text().splitlines():
        call = _LINE.match(line)
        if call is None or int(call[3]) < 0:
            continue
        told = disk.told
        if disk.does(call[1], call[2], int(call[3])) or disk.told != told:
            yield disk.told
    yield disk.told
