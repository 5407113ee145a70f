"""The state of the portal on the desk of the system administrator."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.jobs import parked
from supervision.security import Permission
from supervision.web.request import Request
from supervision.web.waiting import Waiting


def on_the_desk(request: Request) -> Iterator[Waiting]:
    if request.may(Permission.SYSTEM_READ):
        yield Waiting(
            "多次失败、需要处理的后台任务", len(parked(request.db)), request.route_path("system"), "late"
        )
