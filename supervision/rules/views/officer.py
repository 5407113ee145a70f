"""How officers withdraw a rule: proposed with a reason, decided by a supervising officer who is somebody else."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config

from supervision.filings.problems import FilingRefused
from supervision.rules.forms import DecisionSchema, WithdrawalSchema
from supervision.rules.service import RuleService
from supervision.rules.views.public import edit_of, shown
from supervision.security import Permission
from supervision.web import Request
from supervision.web.forms import Form


@view_config(
    route_name="rule_withdrawal",
    request_method="GET",
    permission=Permission.RULE_PROPOSE,
    renderer="rules/withdrawal.jinja2",
)
def withdrawal_page(request: Request) -> dict[str, Any]:
    edit = edit_of(request)
    form = Form(request, WithdrawalSchema(), button="提议撤销").shown()
    return {**shown(request, edit), "form": form, "touched": request.service(RuleService).touched(edit.id)}


@view_config(
    route_name="rule_withdrawal",
    request_method="POST",
    permission=Permission.RULE_PROPOSE,
    renderer="rules/withdrawal.jinja2",
)
def propose(request: Request) -> Any:
    """The withdrawal is proposed, or the page says what is wrong."""
    edit, service = edit_of(request), request.service(RuleService)
    form = Form(request, WithdrawalSchema(), button="提议撤销")
    values = form.submitted()
    if values is None:
        return {**shown(request, edit), "form": form, "touched": service.touched(edit.id)}
    service.propose(edit.id, reason=values["reason"], by=request.viewer)
    request.session.flash(request.say("已提议撤销，等待主管人员决定。"), "success")
    return HTTPSeeOther(request.route_path("rule", edit_id=edit.id))


@view_config(
    route_name="rule_decision",
    request_method="GET",
    permission=Permission.RULE_APPROVE,
    renderer="rules/decision.jinja2",
)
def decision_page(request: Request) -> dict[str, Any]:
    edit = edit_of(request)
    page = shown(request, edit)
    if not page["may_decide"]:
        raise FilingRefused("F23", edit.id)
    form = Form(request, DecisionSchema(), button="作出决定").shown({"version": page["open_one"].version})
    return {**page, "form": form, "touched": request.service(RuleService).touched(edit.id)}


@view_config(
    route_name="rule_decision",
    request_method="POST",
    permission=Permission.RULE_APPROVE,
    renderer="rules/decision.jinja2",
)
def decide(request: Request) -> Any:
    """Approved, and everything the rule touched is judged anew; or refused."""
    edit, service = edit_of(request), request.service(RuleService)
    form = Form(request, DecisionSchema(), button="作出决定")
    values = form.submitted()
    if values is None:
        return {**shown(request, edit), "form": form, "touched": service.touched(edit.id)}
    approve = values["decision"] == "approve"
    service.decide(
        edit.id, approve=approve, remark=values["remark"], by=request.viewer, version=values["version"]
    )
    said = "规则已撤销，受影响的报送正在重新审核。" if approve else "未批准撤销，规则继续生效。"
    request.session.flash(request.say(said), "success")
    return HTTPSeeOther(request.route_path("rule", edit_id=edit.id))
