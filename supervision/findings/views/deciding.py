"""What an officer decides: a finding dismissed with its reason, opened again, a run asked for again."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config

from supervision.findings.forms import DismissalSchema
from supervision.findings.lifecycle import LIFECYCLE, FindingAct
from supervision.findings.service import DismissalRefused, FindingService
from supervision.findings.views.ground import Links, finding_of, run_of
from supervision.security import Permission
from supervision.web import Request
from supervision.web.forms import Form


@view_config(
    route_name="officer_finding_dismissal",
    request_method=("GET", "POST"),
    permission=Permission.CASE_OPEN,
    renderer="page_with_form.jinja2",
)
def dismissal(request: Request) -> Any:
    """The reason is asked for, and with it the finding is dismissed."""
    finding = finding_of(request)
    form = Form(request, DismissalSchema(), button="不予处理")
    if request.method == "GET":
        LIFECYCLE.step(finding.state, FindingAct.DISMISS)
        form.shown({"version": _version_of(request.GET.get("version", "")) or finding.version})
    else:
        clean = form.submitted()
        if clean is not None:
            try:
                request.service(FindingService).dismiss(finding, by=request.actor, **clean)
            except DismissalRefused as refusal:
                form.refuse("note", refusal.zh if request.language == "zh" else refusal.en)
            else:
                request.session.flash(request.say("已记录：不予处理。"), "success")
                return HTTPSeeOther(Links(request, "officer").finding(finding))
    return {
        "title": request.say("对该发现不予处理"),
        "lead": request.say("理由和依据永久保留；同一结果再次出现时沿用本决定，结果有变化时重新进入待处理。"),
        "form": form,
    }


def _version_of(text: str) -> int:
    """The version that the page showed; 0, which nothing has, where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@view_config(route_name="officer_finding_reopening", request_method="POST", permission=Permission.CASE_OPEN)
def reopening(request: Request) -> HTTPSeeOther:
    finding = finding_of(request)
    version = _version_of(request.POST.get("version", ""))
    request.service(FindingService).reopen(finding, by=request.actor, version=version)
    request.session.flash(request.say("该发现已重新进入待处理。"), "success")
    return HTTPSeeOther(Links(request, "officer").finding(finding))


@view_config(route_name="officer_run_recheck", request_method="POST", permission=Permission.CASE_OPEN)
def recheck(request: Request) -> HTTPSeeOther:
    run = run_of(request)
    request.service(FindingService).ask_recheck(run, by=request.actor)
    request.session.flash(
        request.say("已安排重新核查。依据没有变化时结果不变，不产生新的核查记录。"), "success"
    )
    return HTTPSeeOther(Links(request, "officer").run(run))
