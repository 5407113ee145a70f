"""Pages for what went wrong: in the visitor's language, with what to do next, and nothing of our insides."""

from __future__ import annotations

import secrets
from typing import Any

import structlog
from pyramid.config import Configurator
from pyramid.exceptions import BadCSRFOrigin, BadCSRFToken, PredicateMismatch
from pyramid.httpexceptions import HTTPException, HTTPForbidden, HTTPSeeOther
from pyramid.view import exception_view_config, forbidden_view_config, notfound_view_config

from supervision.db.lifecycle import MovedMeanwhile, NotPossible
from supervision.web.database import is_busy
from supervision.web.guards import methods_of_route

log = structlog.get_logger("supervision.web")


@notfound_view_config(renderer="error.jinja2", append_slash=False)
def not_found(request: Any) -> dict[str, Any]:
    methods = methods_of_route(request)
    if isinstance(request.exception, PredicateMismatch) and methods and request.method not in methods:
        request.response.status = 405
        return {
            "code": 405,
            "title": "不支持的操作方式",
            "advice": "请从页面上的链接或按钮进入。",
            "incident": None,
        }
    request.response.status = 404
    return {
        "code": 404,
        "title": "没有这个页面",
        "advice": "链接可能有误，或该内容不在您可查看的范围内。",
        "incident": None,
    }


@exception_view_config(BadCSRFToken, renderer="error.jinja2")
@exception_view_config(BadCSRFOrigin, renderer="error.jinja2")
def not_from_our_page(request: Any) -> dict[str, Any]:
    request.response.status = 403
    return {
        "code": 403,
        "title": "页面已过期",
        "advice": "操作没有生效。请返回并刷新页面后再提交；如浏览器禁用了 Cookie，请启用。",
        "incident": None,
    }


@forbidden_view_config()
def forbidden(request: Any) -> Any:
    """A visitor is asked to sign in; somebody signed in is told that the page is not theirs."""
    from pyramid.renderers import render_to_response

    if request.identity is None and request.method in {"GET", "HEAD"}:
        return HTTPSeeOther(request.route_path("sign_in", _query={"next": request.path_qs}))
    values = {
        "code": 403,
        "title": "没有权限",
        "advice": "您的角色不能执行此操作。如需权限，请联系安全管理员。",
        "incident": None,
    }
    response = render_to_response("error.jinja2", values, request=request)
    response.status = 403
    return response


@exception_view_config(HTTPException, renderer="error.jinja2")
def http_error(error: HTTPException, request: Any) -> Any:
    if error.status_int < 400 or isinstance(error, HTTPForbidden):
        return error
    request.response.status = error.status_int
    advice = error.detail or "请检查后重试。"
    return {"code": error.status_int, "title": "请求无法处理", "advice": advice, "incident": None}


@exception_view_config(MovedMeanwhile, renderer="error.jinja2")
@exception_view_config(NotPossible, renderer="error.jinja2")
def conflict(error: Exception, request: Any) -> dict[str, Any]:
    request.response.status = 409
    advice = "该事项在您打开页面之后已被他人处理或状态已变化，请返回并刷新页面后再操作。"
    return {"code": 409, "title": "状态已变化", "advice": advice, "incident": None}


@exception_view_config(Exception, renderer="error.jinja2")
def last_resort(error: Exception, request: Any) -> dict[str, Any]:
    """Logged with an incident number; the page shows the number and no more."""
    if is_busy(error):
        request.response.status = 503
        request.response.headers["Retry-After"] = "5"
        return {
            "code": 503,
            "title": "系统繁忙",
            "advice": "请稍候几秒再试，您的操作尚未生效。",
            "incident": None,
        }
    incident = secrets.token_hex(4)
    log.error("unhandled", incident=incident, path=request.path, method=request.method, exc_info=error)
    request.response.status = 500
    return {
        "code": 500,
        "title": "系统出错",
        "advice": "操作没有生效。请稍后再试；如仍有问题，请把事件编号告知系统管理员。",
        "incident": incident,
    }


def includeme(config: Configurator) -> None:
    config.scan("supervision.web.errors")
