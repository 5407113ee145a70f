"""The background work of documents: what was issued becomes a PDF, once."""

from __future__ import annotations

from supervision.jobs import JobContext, job


@job("render_document", is_awaited=True)
def render_document(context: JobContext, document_id: int) -> None:
    """The document has its PDF in the evidence; one that has it keeps it for ever."""
    from supervision.documents import rendering

    rendering.render(context, document_id)
