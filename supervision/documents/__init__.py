"""Documents that leave the building (文书): numbered, frozen, kept as the very bytes issued, proved by anybody."""

from __future__ import annotations

from typing import Any

from supervision.documents.models import IssuedDocument
from supervision.documents.service import (
    Assigned,
    DocumentService,
    NoSuchDocument,
    NotRendered,
    Proof,
    proof_of,
)

__all__ = [
    "Assigned",
    "DocumentService",
    "IssuedDocument",
    "NoSuchDocument",
    "NotRendered",
    "Proof",
    "proof_of",
]


def includeme(config: Any) -> None:
    config.register_service(
        DocumentService,
        lambda request: DocumentService(request.db, request.clock, request.evidence, request.conf),
    )
    config.add_jinja2_search_path("supervision:documents/templates", name=".jinja2")
    config.add_route("document_pdf", "/documents/{public_id}/document.pdf")
    config.add_route("document_annex", "/documents/{public_id}/annex.csv")
    config.add_route("document", "/documents/{public_id}")
    config.scan("supervision.documents.views")
