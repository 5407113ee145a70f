"""One's own messages, and what of them comes by e-mail."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config

from supervision.notifications.forms import choice_schema
from supervision.notifications.kinds import TEXTS, Kind, kinds_for
from supervision.notifications.service import NoSuchMessage, NotificationService
from supervision.security import Permission
from supervision.web.forms import Form
from supervision.web.languages import own_path
from supervision.web.paging import page_number, paged
from supervision.web.request import Request

OWN = Permission.OWN_SIGN_IN


@view_config(
    route_name="messages", request_method="GET", permission=OWN, renderer="notifications/messages.jinja2"
)
def messages(request: Request) -> dict[str, Any]:
    """The viewer's messages, newest first; ``unread=1`` narrows them."""
    only_unread = request.GET.get("unread") == "1"
    query = request.service(NotificationService).query(request.viewer, only_unread=only_unread)
    return {
        "page": paged(request.db, query, page_number(request)),
        "only_unread": only_unread,
        "labels": {str(kind): text.label for kind, text in TEXTS.items()},
        "can_be_told": bool(kinds_for(request.viewer.role)),
    }


@view_config(route_name="message_open", request_method="POST", permission=OWN)
def open_message(request: Request) -> HTTPSeeOther:
    """The message is read, and the visitor is where it leads."""
    try:
        found = request.service(NotificationService).open(request.matchdict["public_id"], request.viewer)
    except NoSuchMessage:
        raise HTTPNotFound from None
    return HTTPSeeOther(own_path(found.path))


@view_config(route_name="messages_read", request_method="POST", permission=OWN)
def read_all(request: Request) -> HTTPSeeOther:
    request.service(NotificationService).read_all(request.viewer)
    request.session.flash(request.say("全部通知已标为已读。"), "success")
    return HTTPSeeOther(request.route_path("messages"))


def _form(request: Request) -> Form:
    return Form(request, choice_schema(request.viewer.role), button="保存")


@view_config(
    route_name="messages_settings",
    request_method="GET",
    permission=OWN,
    renderer="notifications/settings.jinja2",
)
def settings(request: Request) -> dict[str, Any]:
    choice = request.service(NotificationService).choice(request.viewer)
    values = {"address": choice.address, "language": choice.language, "kinds": set(choice.kinds)}
    return _page(request, _form(request).shown(values))


def _page(request: Request, form: Form) -> dict[str, Any]:
    kinds: list[Kind] = kinds_for(request.viewer.role)
    return {"form": form, "kinds": kinds}


@view_config(
    route_name="messages_settings",
    request_method="POST",
    permission=OWN,
    renderer="notifications/settings.jinja2",
)
def save_settings(request: Request) -> Any:
    """What is chosen counts from the next message on, or the page says what is wrong."""
    form = _form(request)
    given = form.submitted()
    if given is None:
        return _page(request, form)
    request.service(NotificationService).choose(request.viewer, **given)
    request.session.flash(request.say("通知设置已保存。"), "success")
    return HTTPSeeOther(request.route_path("messages_settings"))
