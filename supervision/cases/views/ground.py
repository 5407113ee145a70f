"""What the pages of cases have in common: whose page it is, its forms, its refusals, its button on a finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import colander
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import exception_view_config

from supervision.cases import words
from supervision.cases.lifecycle import LIFECYCLE, REFUND_LIFECYCLE, CaseAct, RefundAct, RefundState
from supervision.cases.models import Case, RefundOrder
from supervision.cases.problems import CaseRefused, NoSuchCase
from supervision.cases.rebilled import rebilled
from supervision.cases.service import CaseService
from supervision.filings import Filing
from supervision.findings import Finding, FindingState
from supervision.security import Permission
from supervision.settings.clock import local_date
from supervision.web import Request
from supervision.web.audience import audience_of
from supervision.web.errors import not_found
from supervision.web.forms import Form


def case_of(request: Request) -> Case:
    """Raises NoSuchCase."""
    audience_of(request)
    return request.service(CaseService).case(request.matchdict["public_id"], request.viewer)


def may(request: Request, case: Case, act: CaseAct) -> bool:
    """Whether the viewer's role may take ``act`` from where the case stands."""
    return LIFECYCLE.permits(case.state, act, frozenset(map(str, request.viewer.permissions)))


def may_refund(request: Request, order: RefundOrder | None, act: RefundAct) -> bool:
    if order is None:
        return False
    return REFUND_LIFECYCLE.permits(order.state, act, frozenset(map(str, request.viewer.permissions)))


@dataclass(frozen=True, slots=True)
class Note:
    """What the page of a filing says of a case, and where the case is."""

    zh: str
    en: str
    url: str
    label: str


def difference_notes(request: Request, filing: Filing) -> list[Note]:
    """One for each open case whose bills the filing changes or leaves out."""
    audience = audience_of(request)
    return [
        Note(
            f"监管案件涉及的账单中，有 {one.bills:,} 张在本次报送中被修改或删除，请核对并说明原因。",
            f"Bills of an open case that this filing changes or leaves out: {one.bills:,}. Check them and say why.",
            request.route_path(f"{audience}_case", public_id=one.case.public_id),
            one.case.number,
        )
        for one in rebilled(request.db, request.evidence, filing, request.viewer)
    ]


def form_of(request: Request, case: Case, name: str, schema: colander.Schema, button: str) -> Form:
    """The form that posts to the act ``name`` of this case."""
    route = f"{audience_of(request)}_case_{name}"
    form = Form(request, schema, button=button, name=name)
    return form.act(request.route_path(route, public_id=case.public_id))


def page_of(request: Request, **values: Any) -> dict[str, Any]:
    """What every template of cases is handed."""
    from supervision.findings import wording

    return {
        "words": words,
        "wording": wording,
        "today": local_date(request.now()),
        "audience": audience_of(request),
        **values,
    }


def done(request: Request, case: Case, text: str, queue: str = "success") -> HTTPSeeOther:
    """Back to the case, with a word on what happened."""
    request.session.flash(request.say(text), queue)
    return HTTPSeeOther(request.route_path(f"{audience_of(request)}_case", public_id=case.public_id))


def refused(form: Form, error: CaseRefused, request: Request) -> None:
    """The form says at the field what cannot stand. Raises the error again where it is not about a field."""
    if error.field is None:
        raise error
    form.refuse(error.field, error.en if request.language == "en" else error.zh)


def is_late(order: RefundOrder, request: Request) -> bool:
    return order.state is not RefundState.CONFIRMED and order.due_on < local_date(request.now())


def finding_action(request: Request, finding: Finding) -> list[tuple[str, str, str]]:
    """The button that opens a case from an open finding, or the way to the case that has it."""
    if finding.state is FindingState.OPEN and request.may(Permission.CASE_OPEN):
        path = request.route_path("officer_case_open", public_id=finding.public_id)
        return [(request.say("立案"), path, "POST")]
    if finding.state in (FindingState.IN_CASE, FindingState.CLOSED) and request.may(Permission.CASE_READ):
        case = request.service(CaseService).case_of_finding(finding)
        if case is not None:
            path = request.route_path("officer_case", public_id=case.public_id)
            return [(request.say("查看案件 %(number)s", number=case.number), path, "GET")]
    return []


@exception_view_config(NoSuchCase, renderer="error.jinja2")
def no_such_case(error: NoSuchCase, request: Request) -> dict[str, Any]:
    """Another company's case, and one not notified yet, look exactly like one that never was."""
    answer: dict[str, Any] = not_found(request)
    return answer


@exception_view_config(CaseRefused, renderer="error.jinja2")
def case_refused(error: CaseRefused, request: Request) -> dict[str, Any]:
    request.response.status = 409
    return {
        "code": 409,
        "title": "不能这样办理",
        "advice": error.en if request.language == "en" else error.zh,
        "incident": None,
    }
