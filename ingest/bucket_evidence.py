"""Evidence in a bucket: the same store as :class:`ingest.evidence.EvidenceStore`, for several machines without a common
file system. The bucket is the truth; the folder holds copies of what was lately used, each proved when it was fetched."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ingest.bucket import Bucket
from ingest.evidence import EvidenceDamaged, EvidenceStore, Stored, is_digest

KEPT_FOR: Final = dt.timedelta(days=7)  # a copy that nobody asked for that long may go
_COPY_BYTES: Final = 1 << 20


class BucketEvidenceStore(EvidenceStore):
    """Evidence under ``<prefix><first two hex>/<64 hex>`` of ``bucket``; copies in the folder ``root``."""

    def __init__(self, root: Path, bucket: Bucket) -> None:
        super().__init__(root)
        self._bucket = bucket

    def _keep(self, stored: Stored, written: Path) -> None:
        """Nothing is overwritten, and what the bucket gives back has been hashed before anybody hears that it is kept."""
        self._bucket.put_new(_key(stored.digest), written, stored.digest, stored.size)
        if not self.verify(stored.digest):
            raise EvidenceDamaged(stored.digest)
        super()._keep(stored, written)

    def path(self, digest: str) -> Path:
        """A copy of ``digest`` to be read only, fetched and proved where there is none. Raises EvidenceDigestMalformed,
        EvidenceMissing, EvidenceDamaged."""
        place = self._place(digest)
        try:
            os.utime(place)  # it was asked for now: the sweep leaves it
        except FileNotFoundError:
            self._fetch(digest)
        return place

    def verify(self, digest: str) -> bool:
        """Whether the bytes in the bucket still are what ``digest`` says. A copy that is not goes. Raises as
        :meth:`path`."""
        place = self._place(digest)
        if place.is_file() and not super().verify(digest):
            place.unlink(missing_ok=True)
        whole = hashlib.sha256()
        try:
            with self._bucket.open(_key(digest)) as content:
                while chunk := content.read(_COPY_BYTES):
                    whole.update(chunk)
        except FileNotFoundError:
            raise self._missing(digest) from None
        return whole.hexdigest() == digest

    def written_at(self, digest: str) -> dt.datetime:
        self._place(digest)
        found = self._bucket.written_at(_key(digest))
        if found is None:
            raise self._missing(digest)
        return found

    def digests(self) -> Iterator[str]:
        """Every digest in the bucket, ascending. Other names are passed over."""
        for key in sorted(self._bucket.names()):
            shard, _, name = key.partition("/")
            if is_digest(name) and shard == name[:2]:
                yield name

    def sweep(self, now: dt.datetime) -> list[Path]:
        """As in every store; and copies that nobody asked for in seven days are gone. The bucket is never touched."""
        latest = (now - KEPT_FOR).timestamp()
        copies = [self._place(digest) for digest in super().digests()]
        old = [place for place in copies if place.stat().st_mtime < latest]
        for place in old:
            place.unlink(missing_ok=True)
        return [*super().sweep(now), *old]

    def _fetch(self, digest: str) -> None:
        with self._intake() as intake:
            try:
                with self._bucket.open(_key(digest)) as content:
                    while chunk := content.read(_COPY_BYTES):
                        intake.write(chunk)
            except FileNotFoundError:
                raise self._missing(digest) from None
            if intake.digest() != digest:
                raise EvidenceDamaged(digest)
            intake.sync()
            super()._keep(Stored(digest, intake.size), intake.path)


def _key(digest: str) -> str:
    return f"{digest[:2]}/{digest}"
