"""The page whose address is printed on a document: anybody can hold a paper or a file against the register."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from supervision.documents.service import DocumentService, NoDigest, NoSuchDocument, proof_of
from supervision.security import Permission
from supervision.web import Request


@view_config(
    route_name="document",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="documents/document.jinja2",
)
def document_page(request: Request) -> dict[str, Any]:
    """What was issued, and whether the digest in the address is one of it. Nothing of what the document says is shown:
    who holds it can read it there."""
    service = request.service(DocumentService)
    try:
        document = service.public(request.matchdict["public_id"])
    except NoSuchDocument:
        raise HTTPNotFound from None
    typed = request.GET.get("sha256", "").strip()
    proof, is_no_digest = None, False
    if typed:
        try:
            proof = proof_of(document, typed)
        except NoDigest:
            is_no_digest = True
    viewer = request.identity
    is_read_by_viewer = request.may(Permission.DOCUMENT_READ) and (
        not viewer.is_company or viewer.company_id == document.company_id
    )
    job = None if document.bytes_digest else service.rendering(document)
    return {
        "document": document,
        "typed": typed[:200],
        "proof": proof,
        "is_no_digest": is_no_digest,
        "is_read_by_viewer": is_read_by_viewer,
        "job": job,
    }
