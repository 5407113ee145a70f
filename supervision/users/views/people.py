"""The people who sign in, for the security administrator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config

from supervision.security import Permission, Role
from supervision.users.errors import NoSuchUser, NotAllowed
from supervision.users.forms import ROLE_NAMES, PersonSchema, RoleSchema
from supervision.users.models import PortalUser
from supervision.users.service import UserService
from supervision.web.forms import Form
from supervision.web.paging import page_number, paged
from supervision.web.request import Request

READ, CHANGE = Permission.USERS_READ, Permission.USERS_CHANGE


def _company_choices(request: Request) -> list[tuple[str, str]]:
    names = request.service(UserService).company_names()
    return [(str(each.id), each.name_en if request.language == "en" else each.name_zh) for each in names]


def _form(request: Request, schema: Any, button: str) -> Form:
    return Form(request, schema.bind(companies=_company_choices(request)), button=button)


def _person(request: Request) -> PortalUser:
    try:
        return request.service(UserService).by_name(request.matchdict["name"])
    except NoSuchUser:
        raise HTTPNotFound from None


@view_config(route_name="people", request_method="GET", permission=READ, renderer="users/people.jinja2")
def people(request: Request) -> dict[str, Any]:
    people_service = request.service(UserService)
    return {
        "page": paged(request.db, people_service.query(), page_number(request)),
        "companies": {company.id: company for company in people_service.company_names()},
        "role_names": ROLE_NAMES,
    }


@view_config(route_name="people_add", request_method="GET", permission=CHANGE, renderer="users/add.jinja2")
def show_add(request: Request) -> dict[str, Any]:
    return {"form": _form(request, PersonSchema(), "添加人员").shown()}


@view_config(route_name="people_add", request_method="POST", permission=CHANGE, renderer="users/add.jinja2")
def add(request: Request) -> Any:
    form = _form(request, PersonSchema(), "添加人员")
    given = form.submitted()
    if given is None:
        return {"form": form}
    try:
        added = request.service(UserService).add(
            name=given["name"].strip(),
            display_name=given["display_name"],
            role=Role(given["role"]),
            person_no=given["person_no"],
            company_id=given["company_id"],
            by=request.actor,
        )
    except NotAllowed as error:
        form.refuse("name", request.say(error.source, **error.values))
        return {"form": form}
    return _shown_once(request, added.user, added.one_time_password or "")


def _shown_once(request: Request, user: PortalUser, password: str) -> Any:
    """The one page that shows a one-time password: the answer to the POST itself, never stored, never in a cookie."""
    from pyramid.renderers import render_to_response

    return render_to_response("users/one_time.jinja2", {"user": user, "password": password}, request=request)


def _person_page(request: Request, user: PortalUser, form: Form) -> dict[str, Any]:
    companies = {company.id: company for company in request.service(UserService).company_names()}
    return {
        "user": user,
        "form": form,
        "role_name": ROLE_NAMES[user.role],
        "company": companies.get(user.company_id) if user.company_id else None,
        "is_self": user.id == request.viewer.user_id,
    }


@view_config(route_name="person", request_method="GET", permission=CHANGE, renderer="users/person.jinja2")
def show_person(request: Request) -> dict[str, Any]:
    user = _person(request)
    form = _form(request, RoleSchema(), "更改角色")
    return _person_page(request, user, form.shown({"role": str(user.role), "company_id": user.company_id}))


@view_config(route_name="person", request_method="POST", permission=CHANGE, renderer="users/person.jinja2")
def change_role(request: Request) -> Any:
    user = _person(request)
    form = _form(request, RoleSchema(), "更改角色")
    given = form.submitted()
    if given is None:
        return _person_page(request, user, form)
    try:
        request.service(UserService).change_role(
            user.name, Role(given["role"]), company_id=given["company_id"], by=request.actor
        )
    except NotAllowed as error:
        form.refuse("role", request.say(error.source, **error.values))
        return _person_page(request, user, form)
    request.session.flash(request.say("角色已更改，从下一次请求起生效。"), "success")
    return HTTPSeeOther(request.route_path("person", name=user.name))


def _acts(service: UserService) -> dict[str, tuple[Callable[..., Any], str]]:
    """Act in the address → what it does and what is said afterwards."""
    return {
        "deactivate": (service.deactivate, "该人员已停用，其所有登录已结束。"),
        "reactivate": (service.reactivate, "该人员已重新启用。"),
        "remove-factor": (service.remove_factor, "双因素验证已解除，下次登录时须重新绑定。"),
        "end-sessions": (service.end_all, "该人员的所有登录已结束。"),
    }


@view_config(route_name="person_act", request_method="POST", permission=CHANGE)
def act(request: Request) -> Any:
    user, service = _person(request), request.service(UserService)
    name = request.matchdict["act"]
    try:
        if name == "reset":
            return _shown_once(request, user, service.reset_password(user.name, by=request.actor))
        do, text = _acts(service)[name]
        do(user.name, by=request.actor)
    except KeyError:
        raise HTTPNotFound from None
    except NotAllowed as error:
        request.session.flash(request.say(error.source, **error.values), "danger")
    else:
        request.session.flash(request.say(text), "success")
    return HTTPSeeOther(request.route_path("person", name=user.name))
