"""Who is behind a request, and what a person has to do before anything else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pyramid.httpexceptions import HTTPForbidden, HTTPSeeOther

from supervision.db import read
from supervision.security import EVERYBODY, Identity, Permission, TicketSecurityPolicy
from supervision.users.tickets import TOUCH_EVERY, Tickets, touch, touch_within
from supervision.web.database import SAFE_METHODS

OPEN_WHILE_DUE = EVERYBODY | {Permission.OWN_SIGN_IN}


class Due(StrEnum):
    """What stands before everything else, by the route that does it."""

    OWN_PASSWORD = "own_password"  # noqa: S105 -- a route name
    SECOND_FACTOR = "own_second_factor"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What the register said about the ticket at the beginning of the request."""

    ticket_id: int
    identity: Identity
    due: Due | None


def cookie_name(request: Any) -> str:
    return "__Host-ticket" if request.conf.secure_cookies else "ticket"


def token_of(request: Any) -> str | None:
    token: str | None = request.cookies.get(cookie_name(request))
    return token


def set_ticket(request: Any, response: Any, token: str) -> None:
    """The browser keeps ``token`` until it closes; no script can read it and no other site can send it."""
    _set_cookie(request, response, token, None)


def forget_ticket(request: Any, response: Any) -> None:
    """Set with the same attributes: a browser ignores a ``__Host-`` cookie that is not Secure, even an expired one."""
    _set_cookie(request, response, "", 0)


def _set_cookie(request: Any, response: Any, value: str, max_age: int | None) -> None:
    response.set_cookie(
        cookie_name(request),
        value,
        max_age=max_age,
        secure=request.conf.secure_cookies,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def signed_in(request: Any) -> SignedIn | None:
    """Read once per request, in a short reading transaction of its own: knowing who asks takes no lock."""
    known = vars(request)
    if "_signed_in" not in known:
        known["_signed_in"] = _look_up(request)
    found: SignedIn | None = known["_signed_in"]
    return found


def _look_up(request: Any) -> SignedIn | None:
    token = token_of(request)
    if not token:
        return None
    with read(request.registry.engine) as session:
        ticket = Tickets(session, request.clock, request.conf).find(token)
        if ticket is None:
            return None
        user = ticket.user
        found = SignedIn(ticket.id, user.identity, _due(user, request.conf))
        is_stale = request.clock.now() - ticket.last_seen_at >= TOUCH_EVERY
    if is_stale:
        _touch(request, found.ticket_id)
    return found


def _touch(request: Any, ticket_id: int) -> None:
    if "db" in vars(request) and request.method not in SAFE_METHODS:
        # This request already holds the register's writing lock; waiting for it from here would never end.
        touch_within(request.db, request.clock, ticket_id)
    else:
        touch(request.registry.engine, request.clock, ticket_id)


def _due(user: Any, settings: Any) -> Due | None:
    if user.is_password_one_time:
        return Due.OWN_PASSWORD
    if settings.second_factor_required and not user.has_factor:
        return Due.SECOND_FACTOR
    return None


def identity_of(request: Any) -> Identity | None:
    found = signed_in(request)
    return found.identity if found else None


class PortalSecurityPolicy(TicketSecurityPolicy):
    """While something is due a person holds only what the public holds and the pages of one's own sign-in."""

    def permits(self, request: Any, context: Any, permission: str) -> bool:
        found = signed_in(request)
        if found and found.due and permission not in OPEN_WHILE_DUE:
            return False
        return super().permits(request, context, permission)


def first_things_first(view: Callable[..., Any], info: Any) -> Callable[..., Any]:
    """View deriver: a person with something due is led there instead of being told of a missing right."""
    if info.options.get("permission") in OPEN_WHILE_DUE or info.exception_only:
        return view

    def wrapped(context: Any, request: Any) -> Any:
        found = signed_in(request)
        if not found or not found.due:
            return view(context, request)
        if request.method not in SAFE_METHODS:
            raise HTTPForbidden
        return HTTPSeeOther(request.route_path(str(found.due)))

    return wrapped
