"""Files that come in parts and survive a broken line, a killed server and a closed laptop.

Length and SHA-256 are declared first. A part is on the disk before the register says that it has come, so what a sender is
told is never taken back; bytes beyond what the register says are written over. The last part makes the whole a filing in the
very transaction that says it is whole."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Select, func, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from ingest.readers.manifest import Manifest, manifest_of
from ingest.standard import feed as feed_of
from supervision.channels.models import ResumableUpload
from supervision.channels.part_files import ALGORITHMS, PART_BYTES, Part, held, path_of, written
from supervision.db import begin, new_public_id, read, serialise
from supervision.filings import Filing, FilingRefused, FilingService
from supervision.filings.intake import Declared, refuse_by_declaration
from supervision.filings.names import shown_name
from supervision.filings.reading import period_of, season_text
from supervision.jobs import enqueue
from supervision.journal import Actor, Journal
from supervision.settings import Clock, Settings


class NoSuchUpload(LookupError):
    """The company has no such upload: never begun, ended, or expired."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an upload stands. ``received`` bytes are on the disk; ``filing`` is the public id of what it became."""

    id: int
    public_id: str
    company_id: int
    feed: str
    period: str
    season: str
    filename: str
    size: int
    digest: str
    is_test: bool
    is_correction: bool
    said: dict[str, Any] | None
    received: int
    begun_by: str
    begun_at: dt.datetime
    expires_at: dt.datetime
    filing: str | None

    @property
    def percent(self) -> int:
        return 100 * self.received // self.size

    @property
    def again(self) -> dict[str, str]:
        """What the upload page is asked with to go on with this very upload."""
        said = self.said or {}
        totals = "; ".join(f"{name}={amount}" for name, amount in said.get("totals", {}).items())
        fields = {
            "feed": self.feed,
            "period": self.period,
            "continue": self.digest,
            "test": "yes" if self.is_test else "",
            "correction": "yes" if self.is_correction else "",
            "rows": str(said.get("rows", "")),
            "totals": totals,
        }
        return {name: value for name, value in fields.items() if value}


class ResumableUploads:
    """What can be done with them, each in transactions of its own: no lock on the register while bytes are written."""

    def __init__(self, engine: Engine, clock: Clock, evidence: EvidenceStore, settings: Settings) -> None:
        self._engine, self._clock, self._evidence, self._settings = engine, clock, evidence, settings

    def begin(
        self,
        *,
        company_id: int,
        by: Actor,
        feed: str,
        period: str,
        filename: str,
        declared: Declared,
        is_test: bool = False,
        is_correction: bool = False,
        manifest: Manifest | None = None,
    ) -> Standing:
        """An upload on record, with its digest in the journal; the unfinished one of the same file with the same
        declaration, where there is one. Raises FilingRefused (U01, U08, F11, and as a filing that is refused on its
        declaration)."""
        season = season_text(period_of(feed, period))
        name = shown_name(filename)
        if declared.size is None:
            raise FilingRefused("U01")
        if declared.digest is None:
            raise FilingRefused("T15")
        refuse_by_declaration(declared, self._settings.max_upload_bytes)
        now, said = self._clock.now(), manifest.as_data() if manifest else None
        with begin(self._engine) as session:
            serialise(session, f"uploads of company {company_id}")
            if is_correction:
                self._service(session).must_be_in_force(company_id, feed, period)
            alike = session.scalars(
                _unfinished(company_id, now).where(
                    ResumableUpload.feed == feed,
                    ResumableUpload.period == period,
                    ResumableUpload.digest == declared.digest,
                    ResumableUpload.size == declared.size,
                    ResumableUpload.is_test == is_test,
                    ResumableUpload.is_correction == is_correction,
                )
            )
            for known in alike:
                if known.declared == said:
                    return self._standing(session, known)
            self._refuse_beyond_quota(session, company_id, declared.size, now)
            upload = ResumableUpload(
                public_id=new_public_id(),
                company_id=company_id,
                feed=feed,
                period=period,
                season=season,
                filename=name,
                size=declared.size,
                digest=declared.digest,
                is_test=is_test,
                is_correction=is_correction,
                declared=said,
                received=0,
                begun_by=by.name,
                begun_at=now,
                expires_at=now + self._kept,
            )
            session.add(upload)
            session.flush()
            ask_to_expire(session, upload, now)
            detail = {"feed": feed, "period": period, "size": upload.size, "digest": upload.digest}
            record(session, self._clock, upload, "upload.begun", by, **detail)
            return self._standing(session, upload)

    def find(self, public_id: str, company_id: int) -> Standing:
        """Raises NoSuchUpload."""
        with read(self._engine) as session:
            return self._standing(session, self._found(session, public_id, company_id))

    def unfinished(self, company_id: int) -> list[Standing]:
        """The company's, latest first."""
        with read(self._engine) as session:
            found = session.scalars(_unfinished(company_id, self._clock.now()))
            return [self._standing(session, upload) for upload in found]

    def append(
        self, public_id: str, company_id: int, part: Part, *, by: Actor, began_at: dt.datetime
    ) -> Standing:
        """The part is on the disk and counts; the last one makes the whole a filing of ``began_at``. Raises
        NoSuchUpload, FilingRefused (U02, U03, U05, U06, U09, T11; T03 where the whole is not what was declared, which
        ends the upload)."""
        upload = self.find(public_id, company_id)
        if part.checksum is not None and part.checksum[0] not in ALGORITHMS:
            raise FilingRefused("U09", part.checksum[0][:20])
        if part.length > PART_BYTES or part.offset + part.length > upload.size:
            raise FilingRefused("U03", f"{part.length:,} / {min(PART_BYTES, upload.size):,}")
        with held(self.path_of(public_id), is_new=upload.received == 0) as file:
            upload = self.find(public_id, company_id)  # as it is now that nobody else writes
            if part.offset != upload.received:
                raise FilingRefused("U02", upload.received)
            if upload.filing is not None:
                return upload
            received = upload.received + written(file, part)
            if received < upload.size:
                return self._came(upload, received)
            return self._filed(upload, by, began_at)

    def end(self, public_id: str, company_id: int, *, by: Actor) -> None:
        """It is gone, with what had come. What was filed stays filed. Raises NoSuchUpload, FilingRefused (U05)."""
        upload = self.find(public_id, company_id)
        with held(self.path_of(public_id), is_new=upload.received == 0):
            self._remove(upload, "upload.ended", by)

    # -- steps --------------------------------------------------------------------------------------------

    def _came(self, upload: Standing, received: int) -> Standing:
        with begin(self._engine) as session:
            self._set(session, upload, received=received, expires_at=self._clock.now() + self._kept)
        return self.find(upload.public_id, upload.company_id)

    def _filed(self, upload: Standing, by: Actor, began_at: dt.datetime) -> Standing:
        path = self.path_of(upload.public_id)
        with path.open("rb") as whole:
            digest = hashlib.file_digest(whole, "sha256").hexdigest()
        if digest != upload.digest:
            self._remove(upload, "upload.refused", by)
            raise FilingRefused("T03", digest)
        with begin(self._engine) as session:
            received = self._service(session).receive(
                company_id=upload.company_id,
                feed=upload.feed,
                period=upload.period,
                path=path,
                filename=upload.filename,
                by=by,
                received_at=began_at,
                declared_digest=upload.digest,
                idempotency_key=f"upload:{upload.public_id}",
                is_test=upload.is_test,
                declared=None if upload.said is None else manifest_of(upload.said, feed_of(upload.feed)),
                is_correction=upload.is_correction,
            )
            self._set(session, upload, received=upload.size, filing_id=received.filing.id)
        path.unlink(missing_ok=True)
        return self.find(upload.public_id, upload.company_id)

    def _set(self, session: Session, upload: Standing, **changes: Any) -> None:
        """Raises NoSuchUpload where it was ended or expired meanwhile."""
        changed: CursorResult[Any] = session.execute(  # type: ignore[assignment]
            update(ResumableUpload).where(ResumableUpload.id == upload.id).values(**changes)
        )
        if changed.rowcount != 1:
            raise NoSuchUpload(upload.public_id)

    def _remove(self, upload: Standing, act: str, by: Actor) -> None:
        with begin(self._engine) as session:
            row = self._found(session, upload.public_id, upload.company_id)
            remove(session, self._clock, self._settings, row, act, by)

    def path_of(self, public_id: str) -> Path:
        return path_of(self._settings, public_id)

    # -- reading ------------------------------------------------------------------------------------------

    @property
    def _kept(self) -> dt.timedelta:
        return dt.timedelta(hours=self._settings.unfinished_upload_hours)

    def _found(self, session: Session, public_id: str, company_id: int) -> ResumableUpload:
        upload = session.scalars(
            select(ResumableUpload).where(
                ResumableUpload.public_id == public_id, ResumableUpload.company_id == company_id
            )
        ).one_or_none()
        if upload is None or (upload.filing_id is None and upload.expires_at <= self._clock.now()):
            raise NoSuchUpload(public_id)
        return upload

    def _standing(self, session: Session, upload: ResumableUpload) -> Standing:
        filing = None
        received = upload.received
        if upload.filing_id is not None:
            filing = session.scalar(select(Filing.public_id).where(Filing.id == upload.filing_id))
        elif received:
            # Somebody took the file away: what is gone has to come again.
            path = self.path_of(upload.public_id)
            received = min(received, path.stat().st_size if path.exists() else 0)
        return Standing(
            upload.id,
            upload.public_id,
            upload.company_id,
            upload.feed,
            upload.period,
            upload.season,
            upload.filename,
            upload.size,
            upload.digest,
            upload.is_test,
            upload.is_correction,
            upload.declared,
            received,
            upload.begun_by,
            upload.begun_at,
            upload.expires_at,
            filing,
        )

    def _service(self, session: Session) -> FilingService:
        return FilingService(session, self._clock, self._evidence, self._settings)

    def _refuse_beyond_quota(self, session: Session, company_id: int, size: int, now: dt.datetime) -> None:
        taken = session.scalar(select(func.sum(_unfinished(company_id, now).subquery().c.size))) or 0
        most = self._settings.unfinished_upload_bytes
        if taken and taken + size > most:
            raise FilingRefused("U08", f"{taken:,} + {size:,} > {most:,}")


def _unfinished(company_id: int, now: dt.datetime) -> Select[ResumableUpload]:
    return (
        select(ResumableUpload)
        .where(
            ResumableUpload.company_id == company_id,
            ResumableUpload.filing_id.is_(None),
            ResumableUpload.expires_at > now,
        )
        .order_by(ResumableUpload.begun_at.desc(), ResumableUpload.id.desc())
    )


def remove(
    session: Session, clock: Clock, settings: Settings, upload: ResumableUpload, act: str, by: Actor
) -> None:
    """The upload and what came of it are gone with the caller's transaction, and the journal says why; where it was
    filed the journal has said so already. The file goes first: a row without one begins again, a file without a row
    would lie there for ever."""
    path_of(settings, upload.public_id).unlink(missing_ok=True)
    if upload.filing_id is None:
        record(session, clock, upload, act, by, received=upload.received)
    session.delete(upload)


def record(
    session: Session, clock: Clock, upload: ResumableUpload, act: str, by: Actor, **detail: Any
) -> None:
    Journal(session, clock).record(
        act,
        actor=by,
        object_type="upload",
        object_id=upload.public_id,
        company_id=upload.company_id,
        detail=detail,
    )


def ask_to_expire(session: Session, upload: ResumableUpload, now: dt.datetime) -> None:
    """A worker looks at the upload when its time is over."""
    enqueue(session, "expire_upload", enqueued_at=now, due_at=upload.expires_at, upload_id=upload.id)
