"""The front page, the desk, help, the journal and the state of the portal itself."""

from __future__ import annotations

from typing import Any

from supervision.portal.waiting import on_the_desk
from supervision.security import Permission


def includeme(config: Any) -> None:
    config.add_jinja2_search_path("supervision:portal/templates", name=".jinja2")
    config.add_route("home", "/")
    config.add_route("desk", "/desk")
    config.add_route("help", "/help")
    config.add_route("health", "/healthz")
    config.add_route("journal", "/journal")
    config.add_route("journal_check", "/journal/check")
    config.add_route("system", "/system")
    config.add_waiting(on_the_desk)
    config.add_navigation("desk", "待办", Permission.DESK_READ, order=5)
    config.add_navigation("journal", "审计日志", Permission.JOURNAL_READ, order=70)
    config.add_navigation("system", "运行状态", Permission.SYSTEM_READ, order=70)
    config.add_navigation("help", "帮助", Permission.PUBLIC_READ, order=90)
    config.scan("supervision.portal.views")
