"""The people who sign in (登录人员): sign-in, second factor, sessions, and who looks after the people."""

from __future__ import annotations

from typing import Any

from pyramid.viewderivers import INGRESS

from supervision.security import Permission
from supervision.users.errors import (
    NoSuchUser,
    NotAllowed,
    TooManyAttempts,
    UsersError,
    WeakPassword,
    WrongCode,
    WrongPassword,
    WrongSignIn,
)
from supervision.users.models import PortalUser, SignInAttempt, Ticket
from supervision.users.own import OwnSignIn
from supervision.users.passwords import PasswordCost, Passwords
from supervision.users.policy import PortalSecurityPolicy, first_things_first, identity_of
from supervision.users.service import Added, UserService
from supervision.users.sign_in import SignIn

__all__ = [
    "Added",
    "NoSuchUser",
    "NotAllowed",
    "OwnSignIn",
    "PasswordCost",
    "Passwords",
    "PortalUser",
    "SignIn",
    "SignInAttempt",
    "Ticket",
    "TooManyAttempts",
    "UserService",
    "UsersError",
    "WeakPassword",
    "WrongCode",
    "WrongPassword",
    "WrongSignIn",
]


def includeme(config: Any) -> None:
    passwords = Passwords(config.registry.password_cost)
    config.registry.passwords = passwords
    config.register_service(
        SignIn, lambda request: SignIn(request.registry.engine, request.clock, request.conf, passwords)
    )
    config.register_service(
        UserService, lambda request: UserService(request.db, request.clock, request.conf, passwords)
    )
    config.register_service(
        OwnSignIn, lambda request: OwnSignIn(request.db, request.clock, request.conf, passwords)
    )
    config.set_security_policy(PortalSecurityPolicy(identity_of))
    config.add_view_deriver(first_things_first, "first_things_first", under=INGRESS, over="secured_view")
    config.add_jinja2_search_path("supervision:users/templates", name=".jinja2")
    config.add_route("sign_in", "/sign-in")
    config.add_route("sign_in_code", "/sign-in/code")
    config.add_route("sign_out", "/sign-out")
    config.add_route("own_sign_in", "/me")
    config.add_route("own_password", "/me/password")
    config.add_route("own_second_factor", "/me/second-factor")
    config.add_route("own_second_factor_confirm", "/me/second-factor/confirm")
    config.add_route("own_tickets_end", "/me/sessions/end")
    config.add_route("people", "/people")
    config.add_route("people_add", "/people/add")
    config.add_route("person", "/person/{name}")
    config.add_route("person_act", "/person/{name}/{act}")
    config.add_navigation("people", "人员管理", Permission.USERS_READ, order=80)
    config.scan("supervision.users.views")
