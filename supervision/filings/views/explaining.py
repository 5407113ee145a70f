"""How a company explains what is unlikely: on the page for an edit or hit by hit, or by handing its report back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config

from ingest.standard.feed import explanation_codes
from supervision.db import read
from supervision.documents.attached import sent_file
from supervision.filings import edit_report
from supervision.filings.explaining import ExplanationsRefused, FilingExplanations, Said, Sent
from supervision.filings.intake import Declared, arriving
from supervision.filings.lifecycle import State
from supervision.filings.models import Filing, GivenExplanation
from supervision.filings.names import shown_name
from supervision.filings.problems import FilingRefused
from supervision.filings.reading import FilingReading
from supervision.filings.resources import FORM_BYTES
from supervision.filings.views.company import seen_version
from supervision.filings.views.edits import shown_edits
from supervision.filings.views.filing import Entered, both, common, download, shown, stem
from supervision.filings.views.ground import filing_of
from supervision.security import Permission
from supervision.users import UserService
from supervision.web import Request
from supervision.web.audience import audience_of


@both("filing_explanations", renderer="filings/explanations.jinja2")
def explanations(request: Request) -> dict[str, Any]:
    """How every point stands, and who explained what when."""
    filing = filing_of(request)
    groups = {group.edit_id: group for group in edit_report.groups_of(filing)}
    return {
        **common(request, filing),
        "groups": groups,
        "given": filing.given,
        "code_names": {one.code: one for one in explanation_codes()},
        "people": request.service(UserService).display_names([one.given_by for one in filing.given]),
    }


@both("filing_given_report")
def given_report(request: Request) -> Response:
    """A report as it was handed back."""
    filing = filing_of(request)
    found = _given(request, filing)
    if found is None or found.report_digest is None:
        raise HTTPNotFound
    name = f"{stem(filing)}-说明-{found.id}"
    return download(request, found.report_digest, name, "application/octet-stream")


@both("filing_given_attachment")
def given_attachment(request: Request) -> Response:
    """A file as it was attached to an explanation."""
    found = _given(request, filing_of(request))
    if found is None or found.attachment is None:
        raise HTTPNotFound
    kept = found.attachment
    return download(request, kept.digest, kept.name, kept.media_type)


@view_config(
    route_name="company_filing_explain",
    request_method="POST",
    permission=Permission.FILING_UPLOAD,
    renderer="filings/filing.jinja2",
)
def explain_edits(request: Request) -> Any:
    """One code and note, and a file where one proves it, for all hits of an edit that are not explained yet; what is left
    blank waits."""
    filing = filing_of(request)
    said = _said(request)
    try:
        request.service(FilingExplanations).by_edit(
            filing, said, by=request.actor, version=seen_version(request), sent=_sent(request)
        )
    except ExplanationsRefused as refused:
        request.response.status = 422
        return shown(request, filing, Entered(dict(said), refused.problems))
    return _done(request, filing)


@view_config(
    route_name="company_filing_explain_hits",
    request_method="POST",
    permission=Permission.FILING_UPLOAD,
    renderer="filings/edits.jinja2",
)
def explain_hits(request: Request) -> Any:
    """Code and note of single hits of the page that was shown; what is left blank waits."""
    filing = filing_of(request)
    said = {
        name: one
        for name, one in _said(request).items()
        if name.isascii() and name.isdigit() and len(name) < 10
    }
    by_hit = {int(name): one for name, one in said.items()}
    try:
        request.service(FilingExplanations).by_hits(
            filing, by_hit, by=request.actor, version=seen_version(request)
        )
    except ExplanationsRefused as refused:
        request.response.status = 422
        return shown_edits(request, filing, Entered(dict(said), refused.problems))
    return _done(request, filing)


@view_config(
    route_name="company_filing_explain_report",
    request_method="POST",
    permission=Permission.FILING_UPLOAD,
    renderer="filings/filing.jinja2",
)
def explain_by_report(request: Request) -> Any:
    """The report that was downloaded and filled in, CSV or XLSX: all of it is taken or nothing."""
    from ingest.child import explanations_in_child

    audience_of(request)
    part = request.POST.get("report")
    if not getattr(part, "filename", None):
        raise FilingRefused("T14")
    name = shown_name(part.filename)
    with read(request.registry.engine) as session:
        # Read in a transaction of its own: no writer waits while the report is taken apart.
        found = FilingReading(session, request.evidence).find(request.matchdict["public_id"], request.viewer)
        digest = found.bytes_digest
    with arriving(part.file, request.conf.incoming_root, Declared(), FORM_BYTES) as arrived:
        said = explanations_in_child(arrived.path, filename=name, file_digest=digest)
        filing = filing_of(request)
        try:
            request.service(FilingExplanations).by_report(
                filing, said, arrived.path, by=request.actor, version=seen_version(request)
            )
        except ExplanationsRefused as refused:
            request.response.status = 422
            return shown(request, filing, Entered({}, refused.problems, is_report=True))
    return _done(request, filing)


def _given(request: Request, filing: Filing) -> GivenExplanation | None:
    number = request.matchdict["given"]
    return next((one for one in filing.given if str(one.id) == number), None)


def _said(request: Request) -> Mapping[str, Said]:
    """Code and note by edit or hit, from the fields ``code-…`` and ``note-…``."""
    names = [name[5:] for name in request.POST if name.startswith("note-")]
    return {
        name: (request.POST.get(f"code-{name}", "").strip(), request.POST.get(f"note-{name}", "").strip())
        for name in names
    }


def _sent(request: Request) -> dict[str, Sent]:
    """The files that were chosen, by edit, from the fields ``file-…``."""
    fields = {name[5:]: sent_file(part) for name, part in request.POST.items() if name.startswith("file-")}
    return {edit_id: sent for edit_id, sent in fields.items() if sent is not None}


def _done(request: Request, filing: Filing) -> HTTPSeeOther:
    if filing.state is State.READY:
        request.session.flash(request.say("说明已保存，可以签署。"), "success")
    else:
        request.session.flash(request.say("说明已保存，还有未说明的。"), "success")
    return HTTPSeeOther(request.route_path("company_filing", public_id=filing.public_id))
