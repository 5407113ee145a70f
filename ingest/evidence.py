"""The evidence store: what companies filed, named by its SHA-256, written once and never changed.

A file lies at ``<root>/<first two hex>/<64 hex>`` with mode 0440, so its name proves its content. A
``put_*`` call that has returned survives a power cut: bytes are written and synced before they get
their name, and the folder that holds the name is synced afterwards. Until then they lie under
``<root>/incoming`` where nothing looks for evidence.

Tables are Parquet, the same bytes for the same rows whatever way the table was put together: zstd,
integers (also dates, instants and money) delta-packed, groups of 16,384 rows so that one account's
bills are read without the rest, and a checksum on every page so that a flipped bit is noticed while
reading.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.evidence_tables import TableInPieces, demand_columns, sorted_pieces

STALE_AFTER: Final = dt.timedelta(hours=24)

_COPY_BYTES: Final = 1 << 20
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SHARD: Final = re.compile(r"[0-9a-f]{2}", re.ASCII)
_INCOMING: Final = "incoming"
_FOLDER_MODE: Final = 0o750
_FILE_MODE: Final = 0o440


class EvidenceError(Exception):
    """Something is wrong with a piece of evidence; ``zh`` and ``en`` say where, what, and how to mend it."""

    def __init__(self, digest: str, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.digest = digest
        self.zh = zh
        self.en = en


class EvidenceDigestMalformed(EvidenceError, ValueError):
    """What was given is not the 64 lower-case hexadecimal digits of a SHA-256."""

    def __init__(self, digest: object) -> None:
        shown = repr(digest)[:80]
        super().__init__(
            str(digest)[:80],
            f"{shown} 不是证据编号：应为 64 位小写十六进制的 SHA-256，请从回执或核查结果中原样复制。",
            f"{shown} is no evidence digest: expected 64 lower-case hex digits of a SHA-256; "
            "copy it unchanged from the receipt or the finding.",
        )


class EvidenceMissing(EvidenceError):
    """No file bears this digest, or it has no such rows."""


class EvidenceDamaged(EvidenceError):
    """The bytes under this name are not those that were put there."""

    def __init__(self, digest: str) -> None:
        super().__init__(
            digest,
            f"证据 {digest} 的内容与编号不符，已被损坏或改动：请停止使用，并从备份恢复同一编号的文件。",
            f"Evidence {digest} no longer matches its digest: it was damaged or altered. "
            "Stop using it and restore the file of the same name from the backup.",
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """A piece of evidence that is durable: ``digest`` is its SHA-256 in hex, ``size`` its length in
    bytes."""

    digest: str
    size: int


class EvidenceStore:
    """Evidence in the folder ``root``, which is made if it is not there. Safe for several processes at
    once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / _INCOMING
        for folder in (root, self._incoming):
            _make_folder(folder)

    # -- putting ----------------------------------------------------------------------------------------

    def put_file(self, path: Path) -> Stored:
        """The bytes of ``path`` are evidence and durable; memory stays at one megabyte whatever the
        size. Raises OSError (a full disk among them) with nothing left behind, EvidenceDamaged if the
        same digest is already there with other bytes."""
        with path.open("rb") as source:
            return self._put_stream(source)

    def put_bytes(self, content: bytes) -> Stored:
        """``content`` is evidence and durable. Raises as :meth:`put_file`."""
        return self._put_stream(io.BytesIO(content))

    def put_table(self, table: pa.Table, *, sort_by: str | Sequence[str] | None = None) -> Stored:
        """The rows are evidence as Parquet, sorted by the columns ``sort_by`` (ascending, blanks last,
        equal rows in their given order) or left in order. Equal rows give equal bytes. Raises KeyError
        when a column to sort by is not there, and as :meth:`put_file`."""
        keys = [sort_by] if isinstance(sort_by, str) else list(sort_by or ())
        demand_columns(table.schema, keys)
        with self.table_in_pieces(table.schema, sorted_by=keys) as pieces:
            for piece in sorted_pieces(table, keys):
                pieces.add(piece)
                del piece  # before the next is taken
        return pieces.stored

    @contextmanager
    def table_in_pieces(self, schema: pa.Schema, *, sorted_by: Sequence[str] = ()) -> Iterator[TableInPieces]:
        """The rows added in the block, already in ascending order of ``sorted_by``, are evidence when it ends well, and
        nothing is when it raises: the very bytes that :meth:`put_table` gives for all of them at once. Memory holds one
        group of rows. Raises as :meth:`put_file`."""
        with self._intake() as intake:
            pieces = TableInPieces(intake, schema, [(key, "ascending") for key in sorted_by])
            try:
                yield pieces
            finally:
                pieces.close()
            pieces.stored = self._kept(intake)

    def _put_stream(self, source: BinaryIO) -> Stored:
        with self._intake() as intake:
            while chunk := source.read(_COPY_BYTES):
                intake.write(chunk)
            return self._kept(intake)

    @contextmanager
    def _intake(self) -> Iterator[_Intake]:
        """A temporary file inside the tree (so that naming it is one rename), gone afterwards whatever
        happened."""
        path = self._incoming / f"{secrets.token_hex(16)}.part"
        intake = _Intake(path)
        try:
            yield intake
        finally:
            intake.close()
            path.unlink(missing_ok=True)

    def _kept(self, intake: _Intake) -> Stored:
        stored = Stored(intake.digest(), intake.size)
        if not self._place(stored.digest).exists():
            intake.sync()
        self._keep(stored, intake.path)
        return stored

    def _keep(self, stored: Stored, written: Path) -> None:
        """Give the written bytes their name. Order matters: bytes synced, renamed, then the folder
        synced, so that after a power cut a name never stands for bytes that are not there."""
        target = self._place(stored.digest)
        _make_folder(target.parent)
        if target.exists():
            if not EvidenceStore.verify(self, stored.digest):
                raise EvidenceDamaged(stored.digest)
        else:
            written.rename(target)
        # Also when another process made or named it: its own syncs may still be under way.
        _sync_folder(target.parent)
        _sync_folder(self.root)

    # -- reading ----------------------------------------------------------------------------------------

    def path(self, digest: str) -> Path:
        """The file of ``digest``, to be read only. Raises EvidenceDigestMalformed, EvidenceMissing."""
        place = self._place(digest)
        if not place.is_file():
            raise self._missing(digest)
        return place

    def _missing(self, digest: str) -> EvidenceMissing:
        return EvidenceMissing(
            digest,
            f"找不到证据 {digest}：请确认编号，或从备份恢复同名文件。",
            f"Evidence {digest} is not in the store: check the digest, or restore the file from the backup.",
        )

    def open(self, digest: str) -> BinaryIO:
        """The bytes of ``digest`` for streaming, not checked (:meth:`verify` does). Raises as
        :meth:`path`."""
        return self.path(digest).open("rb")

    def read_bytes(self, digest: str) -> bytes:
        """All bytes of ``digest``, proved against it. Raises EvidenceDamaged, and as :meth:`path`."""
        content = self.path(digest).read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise EvidenceDamaged(digest)
        return content

    def read_table(self, digest: str, columns: Sequence[str] | None = None, filters: Any = None) -> pa.Table:
        """The rows of a table that pass ``filters`` (as in ``pyarrow.parquet.read_table``), in stored
        order, with ``columns`` or all. Groups of rows whose statistics rule them out are not read.
        Raises KeyError for a column that is not there, EvidenceDamaged, ValueError when the evidence is
        no table, and as :meth:`path`."""
        path = self.path(digest)
        wanted = None if columns is None else list(columns)
        try:
            demand_columns(pq.read_schema(path), wanted or ())
            # partitioning=None: a folder named like "zone=1" above the store must not become a column.
            return pq.read_table(
                path, columns=wanted, filters=filters, partitioning=None, page_checksum_verification=True
            )
        except (pa.ArrowException, OSError) as error:
            if not self.verify(digest):
                raise EvidenceDamaged(digest) from error
            raise

    def open_table(self, digest: str) -> pq.ParquetFile:
        """A table to be read in groups of rows, so that memory holds one. A damaged page raises OSError when it is
        read. Raises as :meth:`path`."""
        return pq.ParquetFile(self.path(digest), page_checksum_verification=True)

    def read_rows(self, digest: str, source_rows: Sequence[int]) -> pa.Table:
        """The rows whose ``source_row`` is asked for, in the order asked, each as often as asked. Raises
        EvidenceMissing naming the rows that are not there, and as :meth:`read_table`."""
        wanted = pa.array(source_rows, pa.int64())
        found = self.read_table(digest, filters=pc.field("source_row").isin(wanted.unique()))
        positions = pc.index_in(wanted, value_set=found["source_row"].combine_chunks().cast(pa.int64()))
        if positions.null_count:
            absent = wanted.filter(positions.is_null()).to_pylist()
            shown = ", ".join(map(str, absent[:10])) + (" …" if len(absent) > 10 else "")
            raise EvidenceMissing(
                digest,
                f"证据 {digest} 中没有第 {shown} 行（共缺 {len(absent)} 行）：请确认引用的是同一次报送。",
                f"Evidence {digest} has no data row {shown} ({len(absent)} missing): check that the "
                "reference is to this very filing.",
            )
        return found.take(positions)

    def verify(self, digest: str) -> bool:
        """Whether the bytes still are what ``digest`` says, by reading all of them. Raises as
        :meth:`path`."""
        with EvidenceStore.path(self, digest).open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == digest

    def written_at(self, digest: str) -> dt.datetime:
        """When the bytes of ``digest`` were written. Raises as :meth:`path`."""
        return dt.datetime.fromtimestamp(self.path(digest).stat().st_mtime, dt.UTC)

    def digests(self) -> Iterator[str]:
        """Every digest held, ascending. Files with other names are passed over."""
        for shard in sorted(entry for entry in self.root.iterdir() if _SHARD.fullmatch(entry.name)):
            for name in sorted(entry.name for entry in shard.iterdir()):
                if _DIGEST.fullmatch(name) and name.startswith(shard.name):
                    yield name

    def _place(self, digest: str) -> Path:
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise EvidenceDigestMalformed(digest)
        return self.root / digest[:2] / digest

    # -- keeping tidy -----------------------------------------------------------------------------------

    def stale_temporaries(self, now: dt.datetime | None = None) -> list[Path]:
        """Unfinished files whose writer died: those untouched for 24 hours at ``now`` (aware), or all
        when no ``now`` is given (right only while nothing writes, as at start-up)."""
        latest = None if now is None else (now - STALE_AFTER).timestamp()
        return [
            path
            for path in sorted(self._incoming.glob("*.part"))
            if latest is None or _changed_at(path, latest) < latest
        ]

    def sweep(self, now: dt.datetime) -> list[Path]:
        """Remove what :meth:`stale_temporaries` names at ``now`` and return it. Evidence is never
        touched."""
        stale = self.stale_temporaries(now)
        for path in stale:
            path.unlink(missing_ok=True)
        return stale


class _Intake(io.RawIOBase):
    """A temporary file being written; knows the SHA-256 and the length of what went into it so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._hash = hashlib.sha256()
        self._file = path.open("xb", buffering=0)

    def writable(self) -> bool:
        return True

    def write(self, chunk: Any) -> int:
        view = memoryview(chunk).cast("B")
        self._hash.update(view)
        written = 0
        while written < len(view):
            written += self._file.write(view[written:])
        self.size += written
        return written

    def tell(self) -> int:
        return self.size

    def digest(self) -> str:
        return self._hash.hexdigest()

    def sync(self) -> None:
        """Bytes and mode are on the disk."""
        os.fchmod(self._file.fileno(), _FILE_MODE)
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()
        super().close()


def is_digest(text: str) -> bool:
    """Whether the text is 64 lower-case hexadecimal digits."""
    return _DIGEST.fullmatch(text) is not None


def _changed_at(path: Path, otherwise: float) -> float:
    """When ``path`` was last written, in seconds since 1970; ``otherwise`` if its writer has just named
    it."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return otherwise


def _make_folder(folder: Path) -> None:
    """``folder`` is there and its name is durable; parents that were missing as well."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
