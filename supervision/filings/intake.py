"""A file on its way in: written to a waiting place while its length and digest are taken, gone again unless kept."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ingest.readers.block import Refusal
from ingest.readers.manifest import Manifest, amounts_of, manifest_of
from ingest.standard import feed as feed_of
from supervision.filings.problems import FilingRefused

STALE_AFTER = dt.timedelta(hours=24)
_CHUNK = 1 << 20
_COUNT = re.compile(r"[0-9]{1,9}", re.ASCII)
DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Declared:
    """What the sender says of the file before sending it; None where nothing is said."""

    size: int | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A whole file in the waiting place. It is no evidence yet."""

    path: Path
    size: int
    digest: str
    declared: Declared


def is_yes(said: object) -> bool:
    """Whether a field of an upload that is ticked or not was ticked."""
    return said in ("1", "yes", "true")


def refuse_by_declaration(declared: Declared, most: int) -> None:
    """Nothing is read of a file that says itself that it cannot be taken. Raises FilingRefused (T01, T05, T08)."""
    if declared.digest is not None and not DIGEST.fullmatch(declared.digest):
        raise FilingRefused("T05", declared.digest[:80])
    if declared.size is not None and declared.size > most:
        raise FilingRefused("T01", _sizes_zh(declared.size, most), _sizes_en(declared.size, most))
    if declared.size == 0:
        raise FilingRefused("T08")


def declaration_of(feed: str, rows: str, totals: str) -> Manifest | None:
    """The rows and control totals that a person declares with a file, ``total=123.45; billed_area_m2=99.00``; None where
    nothing is declared. Raises FilingRefused (T16)."""
    said: dict[str, Any] = {}
    try:
        if rows.strip():
            if not _COUNT.fullmatch(rows.strip()):
                raise ValueError(rows.strip()[:20])
            said["rows"] = int(rows)
        if totals.strip():
            said["totals"] = amounts_of(totals)
        return manifest_of(said, feed_of(feed)) if said else None
    except ValueError as error:
        raise FilingRefused("T16", str(error)[:80]) from None
    except Refusal as refusal:
        finding = refusal.findings[0]
        raise FilingRefused("T16", finding.detail_zh, finding.detail_en) from None


@contextmanager
def arriving(source: BinaryIO, folder: Path, declared: Declared, most: int) -> Iterator[Arrived]:
    """The bytes of ``source`` in a file below ``folder``, removed when the block ends. Raises FilingRefused when they
    are none (T08), more than ``most`` (T01), not as declared (T02, T03), or do not fit on the disk (T11)."""
    refuse_by_declaration(declared, most)
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(16)}.part"
    try:
        yield _copy(source, path, declared, most)
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def full_disk_refused() -> Iterator[None]:
    """A full disk is told as such (T11); nothing was taken."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise FilingRefused("T11") from error
        raise


def sweep(folder: Path, now: dt.datetime) -> list[Path]:
    """Remove what uploads that died have left below ``folder`` for 24 hours at ``now``, and return it."""
    latest = (now - STALE_AFTER).timestamp()
    stale = [path for path in sorted(folder.glob("*.part")) if path.stat().st_mtime < latest]
    for path in stale:
        path.unlink(missing_ok=True)
    return stale


def _copy(source: BinaryIO, path: Path, declared: Declared, most: int) -> Arrived:
    size, whole = 0, hashlib.sha256()
    with full_disk_refused(), path.open("xb") as waiting:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise FilingRefused("T01", _sizes_zh(size, most), _sizes_en(size, most))
            whole.update(chunk)
            waiting.write(chunk)
    if declared.size is not None and size != declared.size:
        raise FilingRefused("T02", f"{size} / {declared.size}")
    if size == 0:
        raise FilingRefused("T08")
    digest = whole.hexdigest()
    if declared.digest is not None and digest != declared.digest:
        raise FilingRefused("T03", digest)
    return Arrived(path, size, digest, declared)


def _sizes_zh(size: int, most: int) -> str:
    return f"至少 {size:,} 字节，上限 {most:,} 字节"


def _sizes_en(size: int, most: int) -> str:
    return f"at least {size:,} bytes, at most {most:,} are taken"
