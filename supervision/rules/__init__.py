"""Rules of judgement (审核规则): the public register of them, how often each hits, and how a wrong one is withdrawn."""

from __future__ import annotations

from typing import Any

from supervision.rules.service import RuleService
from supervision.rules.waiting import on_the_desk
from supervision.security import Permission

__all__ = ["RuleService"]


def includeme(config: Any) -> None:
    config.register_service(RuleService, lambda request: RuleService(request.db, request.clock))
    config.add_jinja2_search_path("supervision:rules/templates", name=".jinja2")
    config.add_route("rules", "/rules")
    config.add_route("rules_json", "/rules.json")
    config.add_route("rules_csv", "/rules.csv")
    config.add_route("rule", "/rules/{edit_id}")
    config.add_route("rule_withdrawal", "/officer/rules/{edit_id}/withdrawal")
    config.add_route("rule_decision", "/officer/rules/{edit_id}/decision")
    config.add_navigation("rules", "审核规则", Permission.PUBLIC_READ, order=45)
    config.add_waiting(on_the_desk)
    config.scan("supervision.rules.views")
