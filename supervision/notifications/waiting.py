"""E-mails that could not be delivered, on the desk of the system administrator."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.notifications.service import NOT_DELIVERED, NotificationService
from supervision.security import Permission
from supervision.web.request import Request
from supervision.web.waiting import Waiting


def on_the_desk(request: Request) -> Iterator[Waiting]:
    if request.may(Permission.MAIL_SEND):
        counts = request.service(NotificationService).mail_counts()
        count = sum(counts[state] for state in NOT_DELIVERED)
        yield Waiting("未能送达的邮件", count, request.route_path("mail"), "late")
