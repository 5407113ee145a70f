"""The PDF of an issued document: made outside every transaction, recorded once, never made again."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.engine import CursorResult

from supervision.db import read
from supervision.documents.content import ContentAltered, thawed
from supervision.documents.models import IssuedDocument
from supervision.jobs import CannotSucceed, JobContext
from supervision.journal import SYSTEM, Journal
from supervision.settings.evidence import open_evidence


def render(context: JobContext, document_id: int) -> None:
    """Nothing happens to a document that has its PDF. Raises CannotSucceed where the register no longer holds what was
    frozen, RenderFailed (tried again) where no PDF came out."""
    from reports.render import render_pdf

    with read(context.engine) as session:
        issued = session.get_one(IssuedDocument, document_id)
        if issued.bytes_digest is not None:
            return
        number, content, digest = issued.number, issued.content, issued.content_digest
    try:
        document = thawed(content, digest)
    except ContentAltered as error:
        raise CannotSucceed(f"document {number}: {error}") from error
    stored = open_evidence(context.settings).put_bytes(render_pdf(document))
    with context.transaction(final=True) as session:
        done: CursorResult[object] = session.execute(  # type: ignore[assignment]
            update(IssuedDocument)
            .where(IssuedDocument.id == document_id, IssuedDocument.bytes_digest.is_(None))
            .values(bytes_digest=stored.digest, bytes_size=stored.size, rendered_at=context.clock.now())
        )
        if done.rowcount == 1:
            issued = session.get_one(IssuedDocument, document_id)
            Journal(session, context.clock).record(
                "document.rendered",
                actor=SYSTEM,
                object_type="document",
                object_id=issued.public_id,
                company_id=issued.company_id,
                detail={"number": issued.number, "file": stored.digest, "size": stored.size},
            )
