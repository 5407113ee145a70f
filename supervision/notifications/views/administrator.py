"""E-mail as the system administrator sees it: how much waits, what was not delivered and why, and another try."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config

from supervision.notifications.kinds import TEXTS
from supervision.notifications.models import MailState
from supervision.notifications.service import NoSuchMessage, NotificationService
from supervision.security import Permission
from supervision.web.paging import page_number, paged
from supervision.web.request import Request

STATES = {
    MailState.WAITING: "等待发送",
    MailState.HANDING_OVER: "发送中",
    MailState.SENT: "已发送",
    MailState.UNCERTAIN: "是否送达不明",
    MailState.DEAD: "无法送达",
    MailState.DROPPED: "已取消",
}


@view_config(
    route_name="mail",
    request_method="GET",
    permission=Permission.SYSTEM_READ,
    renderer="notifications/mail.jinja2",
)
def mail(request: Request) -> dict[str, Any]:
    service = request.service(NotificationService)
    return {
        "counts": service.mail_counts(),
        "states": STATES,
        "page": paged(request.db, service.not_delivered(), page_number(request)),
        "labels": {str(kind): text.label for kind, text in TEXTS.items()},
        "masked": masked,
        "conf": request.conf,
    }


def masked(address: str) -> str:
    """``z***@company.example``: enough to recognise whose it is."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}***@{domain}"


@view_config(route_name="mail_again", request_method="POST", permission=Permission.MAIL_SEND)
def send_again(request: Request) -> HTTPSeeOther:
    """The e-mail waits for another try; one that does not stand still any more is left alone."""
    try:
        is_again = request.service(NotificationService).send_again(
            request.matchdict["public_id"], by=request.actor
        )
    except NoSuchMessage:
        raise HTTPNotFound from None
    if is_again:
        request.session.flash(request.say("邮件已重新排队。"), "success")
    else:
        request.session.flash(request.say("该邮件已有人处理。"), "warning")
    return HTTPSeeOther(request.route_path("mail"))
