"""The files of a document, for officers and for the company it is addressed to."""

from __future__ import annotations

from pyramid.httpexceptions import HTTPNotFound, HTTPServiceUnavailable
from pyramid.response import Response
from pyramid.view import view_config

from supervision.documents.models import IssuedDocument
from supervision.documents.service import DocumentService, NoSuchDocument, NotRendered
from supervision.security import Permission
from supervision.web import Request
from supervision.web.files import attached


@view_config(route_name="document_pdf", request_method="GET", permission=Permission.DOCUMENT_READ)
def pdf(request: Request) -> Response:
    """The bytes kept at issue."""
    document = _readable(request)
    try:
        body = request.service(DocumentService).pdf(document)
    except NotRendered:
        raise HTTPServiceUnavailable(
            "文书已签发，PDF 正在生成，请稍候刷新。", headers={"Retry-After": "5"}
        ) from None
    return _file(body, "application/pdf", f"{document.number}.pdf", f"document-{document.public_id}.pdf")


@view_config(route_name="document_annex", request_method="GET", permission=Permission.DOCUMENT_READ)
def annex(request: Request) -> Response:
    """Every bill of the annex, as the very file whose digest is printed."""
    document = _readable(request)
    try:
        body = request.service(DocumentService).annex(document)
    except NoSuchDocument:
        raise HTTPNotFound from None
    answer = _file(body, "text/csv", f"{document.number}附件.csv", f"annex-{document.public_id}.csv")
    answer.charset = "utf-8"
    return answer


def _readable(request: Request) -> IssuedDocument:
    try:
        return request.service(DocumentService).readable(request.matchdict["public_id"], request.viewer)
    except NoSuchDocument:
        raise HTTPNotFound from None


def _file(body: bytes, content_type: str, name: str, plain: str) -> Response:
    return attached(Response(body=body, content_type=content_type), name, plain)
