"""What officers do: compute a season, look at the draft beside what stands, release it, withdraw it."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config

from supervision.ratings.forms import ComputeSchema, WithdrawalSchema
from supervision.ratings.lifecycle import LIFECYCLE, STATES, ReleaseAct
from supervision.ratings.models import RatingRelease
from supervision.ratings.problems import RatingRefused
from supervision.ratings.service import RatingService
from supervision.ratings.views.ground import page_of_rating, page_of_release
from supervision.security import Permission
from supervision.users import UserService
from supervision.web import Request
from supervision.web.forms import Form


def _said(request: Request, refusal: RatingRefused) -> str:
    return refusal.zh if request.language == "zh" else refusal.en


def _desk(request: Request, form: Form) -> dict[str, Any]:
    service = request.service(RatingService)
    seasons, releases = service.seasons_to_rate(), service.all()
    named = [name for one in releases for name in (one.computed_by, one.released_by) if name]
    return {
        "form": form,
        "releases": releases,
        "people": request.service(UserService).display_names(named),
        "states": STATES,
        "seasons": seasons,
        "under_way": [(season, status) for season in seasons if (status := service.under_way(season))],
    }


@view_config(
    route_name="officer_ratings",
    request_method="GET",
    permission=Permission.RATING_READ,
    renderer="ratings/desk.jinja2",
)
def desk(request: Request) -> dict[str, Any]:
    return _desk(request, Form(request, ComputeSchema(), button="计算评级").shown())


@view_config(
    route_name="officer_ratings",
    request_method="POST",
    permission=Permission.RATING_COMPUTE,
    renderer="ratings/desk.jinja2",
)
def compute(request: Request) -> Any:
    """The season is computed in the background."""
    form = Form(request, ComputeSchema(), button="计算评级")
    values = form.submitted()
    if values is None:
        return _desk(request, form)
    try:
        request.service(RatingService).ask(values["season"], request.viewer, reason=values["reason"])
    except RatingRefused as refusal:
        form.refuse("reason", _said(request, refusal))
        return _desk(request, form)
    request.session.flash(request.say("已开始计算，完成后出现在下面的列表中。"), "success")
    return HTTPSeeOther(request.route_path("officer_ratings"))


def _release(request: Request) -> RatingRelease:
    return request.service(RatingService).any(request.matchdict["public_id"])


def _page(request: Request, release: RatingRelease, form: Form | None = None) -> dict[str, Any]:
    permissions = request.viewer.permissions
    may_withdraw = LIFECYCLE.permits(release.state, ReleaseAct.WITHDRAW, permissions)
    if form is None and may_withdraw:
        form = Form(request, WithdrawalSchema(), button="撤回评级")
        form.act(request.route_path("officer_rating_withdrawal", public_id=release.public_id))
        form.shown({"version": release.version})
    return {
        **page_of_release(request, release, is_officer=True),
        "seasons": [],
        "may_release": LIFECYCLE.permits(release.state, ReleaseAct.RELEASE, permissions),
        "is_own": request.viewer.person_no == release.computed_by_person,
        "withdrawal": form,
    }


@view_config(
    route_name="officer_rating",
    request_method="GET",
    permission=Permission.RATING_READ,
    renderer="ratings/season.jinja2",
)
def one(request: Request) -> dict[str, Any]:
    return _page(request, _release(request))


@view_config(
    route_name="officer_rating_company",
    request_method="GET",
    permission=Permission.RATING_READ,
    renderer="ratings/company.jinja2",
)
def company(request: Request) -> dict[str, Any]:
    """How each number came about, each with the rows it was counted from."""
    rating = request.service(RatingService).rating(_release(request), request.matchdict["company_code"])
    return page_of_rating(request, rating, is_officer=True)


@view_config(route_name="officer_rating_release", request_method="POST", permission=Permission.RATING_RELEASE)
def release(request: Request) -> HTTPSeeOther:
    found = _release(request)
    text = request.POST.get("version", "")
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    try:
        request.service(RatingService).release(found, request.viewer, version=version)
    except RatingRefused as refusal:
        request.session.flash(_said(request, refusal), "danger")
    else:
        request.session.flash(request.say("评级已发布，企业评价结果单正在生成。"), "success")
    return HTTPSeeOther(request.route_path("officer_rating", public_id=found.public_id))


@view_config(
    route_name="officer_rating_withdrawal",
    request_method="POST",
    permission=Permission.RATING_RELEASE,
    renderer="ratings/season.jinja2",
)
def withdraw(request: Request) -> Any:
    found = _release(request)
    LIFECYCLE.step(found.state, ReleaseAct.WITHDRAW)
    form = Form(request, WithdrawalSchema(), button="撤回评级")
    values = form.submitted()
    if values is None:
        return _page(request, found, form)
    try:
        request.service(RatingService).withdraw(found, request.viewer, **values)
    except RatingRefused as refusal:
        form.refuse("reason", _said(request, refusal))
        return _page(request, found, form)
    request.session.flash(request.say("评级已撤回。"), "success")
    return HTTPSeeOther(request.route_path("officer_rating", public_id=found.public_id))
