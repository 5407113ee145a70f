"""Signing in and out."""

from __future__ import annotations

from typing import Any

from pyramid.csrf import new_csrf_token
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.view import exception_view_config, view_config

from supervision.security import Permission
from supervision.users.errors import (
    NoCodeDue,
    OneTimePasswordExpired,
    TooManyAttempts,
    WrongCode,
    WrongSignIn,
)
from supervision.users.forms import CodeSchema, SignInSchema
from supervision.users.policy import forget_ticket, set_ticket, token_of
from supervision.users.sign_in import SignIn
from supervision.web.forms import Form
from supervision.web.languages import own_path
from supervision.web.request import Request

SIGN_IN = {"permission": Permission.PUBLIC_SIGN_IN, "renderer": "users/sign_in.jinja2"}
CODE = {"permission": Permission.PUBLIC_SIGN_IN, "renderer": "users/code.jinja2"}


DESK = "/desk"  # where a person begins who was not on the way somewhere


def _target(request: Request) -> str:
    return own_path(request.GET.get("next", DESK))


def _entered(request: Request, token: str, target: str) -> HTTPSeeOther:
    """Signed in one step further: a new ticket, a new visit and a new form token, so that nothing a stranger may have
    planted before counts any more."""
    request.session.invalidate()
    new_csrf_token(request)
    answer = HTTPSeeOther(target)
    set_ticket(request, answer, token)
    return answer


@view_config(route_name="sign_in", request_method="GET", **SIGN_IN)
def show_sign_in(request: Request) -> Any:
    if request.identity is not None:
        return HTTPSeeOther(_target(request))
    return {"form": Form(request, SignInSchema(), button="登录").shown()}


@view_config(route_name="sign_in", request_method="POST", **SIGN_IN)
def sign_in(request: Request) -> Any:
    form = Form(request, SignInSchema(), button="登录")
    given = form.submitted()
    if given is None:
        return {"form": form}
    try:
        entry = request.service(SignIn).with_password(
            given["name"], given["password"], request.remote_addr, earlier=token_of(request)
        )
    except (WrongSignIn, OneTimePasswordExpired) as error:
        form.refuse("password", request.say(error.source))
        return {"form": form}
    target = _target(request)
    if entry.awaits_code:
        target = request.route_path("sign_in_code", _query={"next": target})
    return _entered(request, entry.token, target)


@view_config(route_name="sign_in_code", request_method="GET", **CODE)
def show_code(request: Request) -> Any:
    token = token_of(request)
    if token is None or not request.service(SignIn).awaits_code(token):
        return HTTPSeeOther(request.route_path("sign_in", _query={"next": _target(request)}))
    return {"form": Form(request, CodeSchema(), button="继续登录").shown()}


@view_config(route_name="sign_in_code", request_method="POST", **CODE)
def give_code(request: Request) -> Any:
    form = Form(request, CodeSchema(), button="继续登录")
    given = form.submitted()
    if given is None:
        return {"form": form}
    try:
        token = request.service(SignIn).with_code(token_of(request) or "", given["code"], request.remote_addr)
    except WrongCode as error:
        form.refuse("code", request.say(error.source))
        return {"form": form}
    except NoCodeDue as error:
        request.session.flash(request.say(error.source), "warning")
        return HTTPSeeOther(request.route_path("sign_in", _query={"next": _target(request)}))
    return _entered(request, token, _target(request))


@view_config(route_name="sign_out", request_method="POST", permission=Permission.OWN_SIGN_IN)
def sign_out(request: Request) -> HTTPSeeOther:
    request.service(SignIn).sign_out(token_of(request) or "")
    request.session.invalidate()
    request.session.flash(request.say("您已退出登录。"), "success")
    answer = HTTPSeeOther(request.route_path("sign_in"))
    forget_ticket(request, answer)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@exception_view_config(TooManyAttempts)
def too_many(error: TooManyAttempts, request: Request) -> Any:
    values = {
        "code": 429,
        "title": "尝试次数过多",
        "advice": request.say(error.source, **error.values),
        "incident": None,
    }
    answer = render_to_response("error.jinja2", values, request=request)
    answer.status = 429
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer
