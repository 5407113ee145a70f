"""One's own sign-in: password, second factor, sessions."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config

from supervision.security import Permission
from supervision.users.codes import enrolment_uri, qr_svg
from supervision.users.errors import WeakPassword, WrongCode, WrongPassword
from supervision.users.forms import ROLE_NAMES, ChangePasswordSchema, CodeSchema, ConfirmSchema
from supervision.users.own import OwnSignIn
from supervision.users.policy import SignedIn, signed_in
from supervision.users.sign_in import SignIn
from supervision.web.forms import Form
from supervision.web.request import Request

OWN = Permission.OWN_SIGN_IN


def _here(request: Request) -> SignedIn:
    found = signed_in(request)
    if found is None:
        raise RuntimeError("a page of one's own sign-in was reached without one")
    return found


@view_config(route_name="own_sign_in", request_method="GET", permission=OWN, renderer="users/own.jinja2")
def show_own(request: Request) -> dict[str, Any]:
    here, own = _here(request), request.service(OwnSignIn)
    return {
        "user": own.user(here.identity.user_id),
        "role_name": ROLE_NAMES[here.identity.role],
        "tickets": own.tickets(here.identity.user_id),
        "this_ticket": here.ticket_id,
        "due": here.due,
    }


@view_config(
    route_name="own_password", request_method="GET", permission=OWN, renderer="users/password.jinja2"
)
def show_password(request: Request) -> dict[str, Any]:
    form = Form(request, ChangePasswordSchema(), button="更改密码")
    return {"form": form.shown(), "due": _here(request).due}


@view_config(
    route_name="own_password", request_method="POST", permission=OWN, renderer="users/password.jinja2"
)
def change_password(request: Request) -> Any:
    here = _here(request)
    form = Form(request, ChangePasswordSchema(), button="更改密码")
    given = form.submitted()
    if given is None:
        return {"form": form, "due": here.due}
    user_id = here.identity.user_id
    try:
        request.service(SignIn).confirm_password(user_id, given["current"], request.remote_addr)
        request.service(OwnSignIn).change_password(
            user_id, given["current"], given["new"], ticket_id=here.ticket_id
        )
    except (WrongPassword, WeakPassword) as error:
        field = "current" if isinstance(error, WrongPassword) else "new"
        form.refuse(field, request.say(error.source, **error.values))
        return {"form": form, "due": here.due}
    request.session.flash(request.say("密码已更改，您在其他设备上的登录已全部结束。"), "success")
    return HTTPSeeOther(request.route_path("own_sign_in"))


@view_config(
    route_name="own_second_factor", request_method="GET", permission=OWN, renderer="users/factor.jinja2"
)
def show_factor(request: Request) -> dict[str, Any]:
    here = _here(request)
    return {
        "form": Form(request, ConfirmSchema(), button="开始绑定").shown(),
        "has_factor": request.service(OwnSignIn).user(here.identity.user_id).has_factor,
        "due": here.due,
    }


@view_config(
    route_name="own_second_factor", request_method="POST", permission=OWN, renderer="users/factor.jinja2"
)
def begin_factor(request: Request) -> Any:
    here = _here(request)
    form = Form(request, ConfirmSchema(), button="开始绑定")
    given = form.submitted()
    if given is not None:
        try:
            request.service(SignIn).confirm_password(
                here.identity.user_id, given["current"], request.remote_addr
            )
            request.service(OwnSignIn).begin_enrolment(here.identity.user_id)
            return HTTPSeeOther(request.route_path("own_second_factor_confirm"))
        except WrongPassword as error:
            form.refuse("current", request.say(error.source))
    has_factor = request.service(OwnSignIn).user(here.identity.user_id).has_factor
    return {"form": form, "has_factor": has_factor, "due": here.due}


def _enrolment(request: Request, form: Form) -> dict[str, Any]:
    user = request.service(OwnSignIn).user(request.viewer.user_id)
    secret = user.totp_pending_secret or ""
    uri = enrolment_uri(secret, user.name, request.say("供热监督平台"))
    return {
        "form": form,
        "qr": qr_svg(uri, request.say("绑定验证器的二维码")),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }


@view_config(
    route_name="own_second_factor_confirm",
    request_method="GET",
    permission=OWN,
    renderer="users/factor_confirm.jinja2",
)
def show_confirm(request: Request) -> Any:
    if request.service(OwnSignIn).user(request.viewer.user_id).totp_pending_secret is None:
        return HTTPSeeOther(request.route_path("own_second_factor"))
    return _enrolment(request, Form(request, CodeSchema(), button="确认绑定").shown())


@view_config(
    route_name="own_second_factor_confirm",
    request_method="POST",
    permission=OWN,
    renderer="users/factor_confirm.jinja2",
)
def confirm_factor(request: Request) -> Any:
    here, own = _here(request), request.service(OwnSignIn)
    if own.user(here.identity.user_id).totp_pending_secret is None:
        return HTTPSeeOther(request.route_path("own_second_factor"))
    form = Form(request, CodeSchema(), button="确认绑定")
    given = form.submitted()
    if given is None:
        return _enrolment(request, form)
    try:
        own.confirm_enrolment(here.identity.user_id, given["code"], ticket_id=here.ticket_id)
    except WrongCode as error:
        form.refuse("code", request.say(error.source))
        return _enrolment(request, form)
    request.session.flash(request.say("双因素验证已绑定，您在其他设备上的登录已全部结束。"), "success")
    return HTTPSeeOther(request.route_path("own_sign_in"))


@view_config(route_name="own_tickets_end", request_method="POST", permission=OWN)
def end_tickets(request: Request) -> HTTPSeeOther:
    """Ends the one named by ``ticket``, or all others where none is named."""
    here, own = _here(request), request.service(OwnSignIn)
    named = request.POST.get("ticket", "")
    if named.isascii() and named.isdigit() and len(named) < 10:
        ended = own.end_ticket(here.identity.user_id, int(named))
        text = "该登录已结束。" if ended else "该登录早已结束。"
    else:
        own.end_other_tickets(here.identity.user_id, ticket_id=here.ticket_id)
        text = "其他登录已全部结束。"
    request.session.flash(request.say(text), "success")
    return HTTPSeeOther(request.route_path("own_sign_in"))
