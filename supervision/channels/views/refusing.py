"""What a program is told when a request cannot be met: always a problem, never a page."""

from __future__ import annotations

import secrets
from typing import Any

import structlog
from pyramid.exceptions import BadCSRFOrigin, BadCSRFToken, PredicateMismatch
from pyramid.httpexceptions import HTTPException
from pyramid.response import Response
from pyramid.view import exception_view_config, forbidden_view_config, notfound_view_config

from supervision.channels import TOKEN_REFUSAL, problem_json
from supervision.db.lifecycle import MovedMeanwhile, NotPossible
from supervision.filings import FilingRefused, NoSuchFiling
from supervision.web import Request
from supervision.web.database import is_busy
from supervision.web.guards import methods_of_route

API = r"^/api/"
UPLOADS = r"^/company/uploads"  # the pages' own script is a program too
VERSION = "1.0.0"  # of tus
log = structlog.get_logger("supervision.channels")


@forbidden_view_config(path_info=API)
def without_token(request: Request) -> Response:
    """Why the token opens nothing; a cookie is no token."""
    why: FilingRefused = request.environ.get(TOKEN_REFUSAL) or FilingRefused("A01")
    answer = problem_json.refusal(request, why)
    if why.status == 429:
        answer.headers["Retry-After"] = str(why.detail)
    else:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="filing"'
    return answer


@notfound_view_config(path_info=API, append_slash=False)
def not_there(request: Request) -> Response:
    methods = methods_of_route(request)
    if isinstance(request.exception, PredicateMismatch) and methods and request.method not in methods:
        return problem_json.problem(request, 405)
    return problem_json.problem(request, 404)


@exception_view_config(NoSuchFiling, path_info=API)
def no_such_filing(error: NoSuchFiling, request: Request) -> Response:
    """Another company's filing looks exactly like one that never was."""
    return problem_json.problem(request, 404)


@exception_view_config(FilingRefused, path_info=API)
@exception_view_config(FilingRefused, path_info=UPLOADS)
def refused(error: FilingRefused, request: Request) -> Response:
    answer = problem_json.refusal(request, error)
    if "/uploads" in request.path:
        answer.headers["Tus-Resumable"] = answer.headers["Tus-Version"] = VERSION
    if error.code == "A09":
        answer.headers["Retry-After"] = "5"
    return answer


@exception_view_config(MovedMeanwhile, path_info=API)
@exception_view_config(NotPossible, path_info=API)
def conflict(error: Exception, request: Request) -> Response:
    return problem_json.problem(request, 409)


@exception_view_config(BadCSRFToken, path_info=API)
@exception_view_config(BadCSRFOrigin, path_info=API)
@exception_view_config(HTTPException, path_info=API)
def http_error(error: Any, request: Request) -> Response:
    return problem_json.problem(request, 400 if error.status_int == 403 else error.status_int)


@exception_view_config(Exception, path_info=API)
def last_resort(error: Exception, request: Request) -> Response:
    """Logged with an incident number; the program gets the number and no more."""
    if is_busy(error):
        answer = problem_json.problem(request, 503)
        answer.headers["Retry-After"] = "5"
        return answer
    incident = secrets.token_hex(4)
    log.error("unhandled", incident=incident, path=request.path, method=request.method, exc_info=error)
    return problem_json.problem(request, 500, incident=incident)
