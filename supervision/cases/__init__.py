"""Cases (案件): from findings to a decision that two people answer for, its notice, the reply and the refund."""

from __future__ import annotations

from typing import Any

from supervision.cases.lifecycle import CaseAct, CaseState, DecisionKind
from supervision.cases.models import Case
from supervision.cases.problems import CaseRefused, NoSuchCase, SamePerson, TextChanged
from supervision.cases.refunds import RefundFigures, RefundService
from supervision.cases.service import CaseService
from supervision.cases.waiting import on_the_desk
from supervision.security import Permission

__all__ = [
    "Case",
    "CaseAct",
    "CaseRefused",
    "CaseService",
    "CaseState",
    "DecisionKind",
    "NoSuchCase",
    "RefundFigures",
    "RefundService",
    "SamePerson",
    "TextChanged",
]

OFFICER_ACTS = {
    "draft": "/draft",
    "submit": "/submission",
    "approve": "/approval",
    "send_back": "/sending-back",
    "withdraw": "/withdrawal",
    "close": "/closing",
    "refund_confirm": "/refund/confirmation",
    "refund_return": "/refund/return",
}
COMPANY_ACTS = {"reply": "/reply", "refund_report": "/refund"}


def includeme(config: Any) -> None:
    from supervision.cases.views.ground import difference_notes, finding_action

    config.register_service(
        CaseService, lambda request: CaseService(request.db, request.clock, request.evidence, request.conf)
    )
    config.register_service(RefundService, lambda request: RefundService(request.db, request.clock))
    config.registry.finding_actions.append(finding_action)
    config.registry.difference_notes.append(difference_notes)
    config.add_jinja2_search_path("supervision:cases/templates", name=".jinja2")
    config.add_route("officer_case_open", "/officer/findings/{public_id}/case")
    for audience, acts in (("officer", OFFICER_ACTS), ("company", COMPANY_ACTS)):
        config.add_route(f"{audience}_cases", f"/{audience}/cases")
        config.add_route(f"{audience}_case", f"/{audience}/cases/{{public_id}}")
        for name, path in acts.items():
            config.add_route(f"{audience}_case_{name}", f"/{audience}/cases/{{public_id}}{path}")
    config.add_route("officer_case_annex", "/officer/cases/{public_id}/annex.csv")
    config.add_navigation("officer_cases", "案件办理", Permission.CASE_READ, order=40, only_officer=True)
    config.add_navigation("company_cases", "监管案件", Permission.OWN_CASE_READ, order=40, only_company=True)
    config.add_waiting(on_the_desk)
    config.scan("supervision.cases.views")
