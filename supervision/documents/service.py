"""Documents as they are issued, found and proved."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.db import new_public_id, serialise
from supervision.documents.models import IssuedDocument
from supervision.jobs import JobStatus, enqueue
from supervision.jobs import find as find_job
from supervision.journal import Actor, Journal
from supervision.security import Identity
from supervision.settings import Clock, Settings
from supervision.settings.clock import local_date

if TYPE_CHECKING:
    from reports.documents import Document

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class NoSuchDocument(LookupError):
    """No document has this identifier, or it is not addressed to the asker's company: told apart by nobody."""


class NotRendered(Exception):
    """The document is issued; its PDF is still being made."""


class NoDigest(ValueError):
    """What was typed is no SHA-256."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """What a document is given at issue, to be put into it before it is frozen."""

    number: str
    public_id: str
    issued_on: dt.date
    verify_url: str


class Proof(StrEnum):
    """What a digest turned out to be the digest of."""

    FILE = "file"  # the PDF as issued
    CONTENT = "content"  # what is printed on it
    ANNEX = "annex"  # the CSV that belongs to it
    NOTHING = "nothing"


class DocumentService:
    def __init__(self, session: Session, clock: Clock, evidence: EvidenceStore, settings: Settings) -> None:
        self._session, self._clock = session, clock
        self._evidence, self._settings = evidence, settings

    # -- issuing ---------------------------------------------------------------------------------------------------

    def issue(
        self,
        make: Callable[[Assigned], Document],
        *,
        kind: str,
        series: str,
        object_type: str,
        object_id: str,
        company_id: int,
        annex_digest: str | None,
        drafted_by: str,
        by: Actor,
    ) -> IssuedDocument:
        """The document that ``make`` builds of its number is on record in the caller's transaction, numbered without a
        gap within (series, year), frozen for ever; its PDF is asked for. ``by`` approved it. Raises what ``make``
        raises (DocumentRefused among them), and then no number is used."""
        now = self._clock.now()
        issued_on = local_date(now)
        year = issued_on.year
        serialise(self._session, f"document number {series} {year}")
        last = select(func.max(IssuedDocument.serial)).where(
            IssuedDocument.series == series, IssuedDocument.year == year
        )
        serial = (self._session.scalar(last) or 0) + 1
        number = f"{series}〔{year}〕{serial}号"
        public_id = new_public_id()
        verify_url = f"{self._settings.public_url}/documents/{public_id}"
        document = make(Assigned(number, public_id, issued_on, verify_url))
        issued = IssuedDocument(
            public_id=public_id,
            kind=kind,
            series=series,
            year=year,
            serial=serial,
            number=number,
            title_zh=document.title.zh,
            title_en=document.title.en,
            object_type=object_type,
            object_id=object_id,
            company_id=company_id,
            content=document.as_dict(),
            content_digest=document.digest,
            annex_digest=annex_digest,
            drafted_by=drafted_by,
            approved_by=by.name,
            issued_at=now,
        )
        self._session.add(issued)
        self._session.flush()
        Journal(self._session, self._clock).record(
            "document.issued",
            actor=by,
            object_type="document",
            object_id=public_id,
            company_id=company_id,
            detail={
                "number": number,
                "kind": kind,
                "about": f"{object_type} {object_id}",
                "content": issued.content_digest,
                "annex": annex_digest,
                "drafted_by": drafted_by,
            },
        )
        enqueue(
            self._session,
            "render_document",
            key=_render_key(issued),
            enqueued_at=now,
            document_id=issued.id,
        )
        return issued

    # -- finding ---------------------------------------------------------------------------------------------------

    def public(self, public_id: str) -> IssuedDocument:
        """For anybody who holds the paper. Raises NoSuchDocument."""
        found = self._session.scalars(
            select(IssuedDocument).where(IssuedDocument.public_id == public_id)
        ).one_or_none()
        if found is None:
            raise NoSuchDocument(public_id)
        return found

    def readable(self, public_id: str, viewer: Identity) -> IssuedDocument:
        """Officers read every document, a company those addressed to it. Raises NoSuchDocument."""
        query = select(IssuedDocument).where(IssuedDocument.public_id == public_id)
        if viewer.is_company:
            query = query.where(IssuedDocument.company_id == viewer.company_id)
        found = self._session.scalars(query).one_or_none()
        if found is None:
            raise NoSuchDocument(public_id)
        return found

    def about(self, object_type: str, object_id: str) -> Sequence[IssuedDocument]:
        """Every document about that object, in the order of issue."""
        query = select(IssuedDocument).where(
            IssuedDocument.object_type == object_type, IssuedDocument.object_id == object_id
        )
        return self._session.scalars(query.order_by(IssuedDocument.id)).all()

    def rendering(self, document: IssuedDocument) -> JobStatus | None:
        """How the making of the PDF stands."""
        return find_job(self._session, _render_key(document))

    # -- serving and proving ---------------------------------------------------------------------------------------

    def pdf(self, document: IssuedDocument) -> bytes:
        """The bytes kept at issue, proved against their digest; never rendered again. Raises NotRendered, and
        EvidenceDamaged rather than serve anything else."""
        if document.bytes_digest is None:
            raise NotRendered(document.public_id)
        return self._evidence.read_bytes(document.bytes_digest)

    def annex(self, document: IssuedDocument) -> bytes:
        """The full annex as CSV, proved against its digest. Raises NoSuchDocument where it has none."""
        if document.annex_digest is None:
            raise NoSuchDocument(document.public_id)
        return self._evidence.read_bytes(document.annex_digest)


def proof_of(document: IssuedDocument, typed: str) -> Proof:
    """What the typed SHA-256 proves about the document; spaces and capitals do not matter. Raises NoDigest."""
    digest = "".join(typed.split()).lower().removeprefix("sha256:")
    if not _DIGEST.fullmatch(digest):
        raise NoDigest(typed[:80])
    if digest == document.bytes_digest:
        return Proof.FILE
    if digest == document.content_digest:
        return Proof.CONTENT
    return Proof.ANNEX if digest == document.annex_digest else Proof.NOTHING


def _render_key(document: IssuedDocument) -> str:
    return f"render_document {document.public_id}"
