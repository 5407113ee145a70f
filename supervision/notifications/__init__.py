"""Notifications (通知): people are told of what happened in the portal, and by e-mail what they choose.

A feature tells in the transaction of its act: ``tell(session, clock, Kind.CASE_REPLY, officers(session), path=…, case=…)``.
"""

from __future__ import annotations

from typing import Any

from supervision.notifications.kinds import Kind
from supervision.notifications.models import MailState, Message, OutgoingMail
from supervision.notifications.service import NoSuchMessage, NotificationService
from supervision.notifications.telling import last_told, named, officers, people_of, tell
from supervision.notifications.waiting import on_the_desk
from supervision.security import Permission

__all__ = [
    "Kind",
    "MailState",
    "Message",
    "NoSuchMessage",
    "NotificationService",
    "OutgoingMail",
    "last_told",
    "named",
    "officers",
    "people_of",
    "tell",
]


def includeme(config: Any) -> None:
    config.register_service(
        NotificationService, lambda request: NotificationService(request.db, request.clock)
    )
    config.add_jinja2_search_path("supervision:notifications/templates", name=".jinja2")
    config.add_route("messages", "/messages")
    config.add_route("messages_read", "/messages/read")
    config.add_route("messages_settings", "/messages/settings")
    config.add_route("message_open", "/messages/{public_id}/open")
    config.add_route("mail", "/mail")
    config.add_route("mail_again", "/mail/{public_id}/again")
    config.add_request_method(unread_messages, "unread_messages", reify=True)
    config.add_navigation("mail", "邮件发送", Permission.MAIL_SEND, order=82)
    config.add_waiting(on_the_desk)
    config.scan("supervision.notifications.views")


def unread_messages(request: Any) -> int:
    """How many messages the visitor has not read, for the header; 0 on the page of an error, which asks nothing of a
    register that may have failed."""
    if request.identity is None or request.exception is not None:
        return 0
    return int(request.service(NotificationService).unread(request.identity))
