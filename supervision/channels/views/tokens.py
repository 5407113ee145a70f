"""The tokens of a company's programs, for its own people: listed for all of them, made and revoked by the signatory."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.view import view_config

from ingest.standard import FEEDS, season_of, season_starting
from supervision.channels.forms import TokenSchema
from supervision.channels.tokens import NoSuchToken, TokenService
from supervision.filings import FilingRefused
from supervision.security import Permission
from supervision.settings.clock import local_date
from supervision.users import UserService
from supervision.web import Request
from supervision.web.audience import audience_of
from supervision.web.forms import Form

#: The field of the form that a refusal speaks of.
FIELDS = {"K01": "name", "K02": "expires_on", "K03": "expires_on", "K04": "feeds", "T10": "periods"}
STANDINGS = {
    "valid": ("good", "有效"),
    "expired": ("secondary", "已到期"),
    "revoked": ("secondary", "已停用"),
}


def _company(request: Request) -> int:
    audience_of(request)
    company_id = request.viewer.company_id
    assert company_id is not None  # audience_of let in company people only
    return company_id


def _form(request: Request) -> Form:
    season = season_of(local_date(request.now()))
    seasons = [season_starting(season.first_day.year + later).text for later in (0, 1)]
    schema = TokenSchema().bind(request=request, seasons=seasons)
    return Form(request, schema, button="生成令牌").act(request.route_path("company_tokens"))


def _page(request: Request, form: Form | None) -> dict[str, Any]:
    tokens = request.service(TokenService).of(_company(request))
    return {
        "tokens": tokens,
        "now": request.now(),
        "standings": STANDINGS,
        "feeds": FEEDS,
        "form": form,
        "people": request.service(UserService).display_names([token.made_by for token in tokens]),
        "may_keep": request.may(Permission.TOKEN_KEEP),
    }


@view_config(
    route_name="company_tokens",
    request_method="GET",
    permission=Permission.OWN_FILING_READ,
    renderer="channels/tokens.jinja2",
)
def tokens(request: Request) -> dict[str, Any]:
    """Every token of the viewer's company; for the signatory the form of a new one."""
    return _page(request, _form(request).shown() if request.may(Permission.TOKEN_KEEP) else None)


@view_config(
    route_name="company_tokens",
    request_method="POST",
    permission=Permission.TOKEN_KEEP,
    renderer="channels/tokens.jinja2",
)
def make(request: Request) -> Any:
    """The new token is shown in the answer itself, this once: it is stored nowhere and travels in no cookie."""
    company_id = _company(request)
    form = _form(request)
    values = form.submitted()
    if values is None:
        return _page(request, form)
    try:
        token, secret = request.service(TokenService).make(
            company_id=company_id,
            name=values["name"].strip(),
            feeds=[code for code in FEEDS if code in values["feeds"]],
            season=values["season"],
            periods=list(values["periods"]),
            expires_on=values["expires_on"],
            by=request.actor,
        )
    except FilingRefused as refused:
        told = (
            f"{refused.zh}{refused.mend_zh}"
            if request.language == "zh"
            else f"{refused.en} {refused.mend_en}"
        )
        form.refuse(FIELDS[refused.code], told)
        return _page(request, form)
    return render_to_response(
        "channels/token_made.jinja2", {"token": token, "secret": secret, "feeds": FEEDS}, request=request
    )


@view_config(route_name="company_token_revoke", request_method="POST", permission=Permission.TOKEN_KEEP)
def revoke(request: Request) -> HTTPSeeOther:
    company_id = _company(request)
    try:
        token = request.service(TokenService).revoke(
            request.matchdict["public_id"], company_id=company_id, by=request.actor
        )
    except NoSuchToken:
        raise HTTPNotFound from None
    request.session.flash(request.say("已撤销令牌 %(name)s，立即失效。", name=token.name), "success")
    return HTTPSeeOther(request.route_path("company_tokens"))
