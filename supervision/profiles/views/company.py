"""What a company does with its profiles: give a sample, mend what it suggests, sign, discard."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config

from ingest.profiles import ProfileError
from ingest.readers.opening import is_telegrams
from ingest.standard import FEEDS, season_of
from supervision.db import read
from supervision.filings.intake import Declared, arriving
from supervision.filings.names import shown_name
from supervision.filings.problems import FilingRefused
from supervision.filings.profile_lifecycle import PROFILE_LIFECYCLE, ProfileAct
from supervision.filings.resources import FORM_BYTES
from supervision.filings.views.company import seen_version
from supervision.profiles.lines import lines_of, profile_from
from supervision.profiles.looking import Looked, ground_of, look
from supervision.profiles.service import ProfileService
from supervision.profiles.views.profile import looked_of, profile_asked, shown
from supervision.security import Permission
from supervision.settings.clock import local_date
from supervision.web import Request
from supervision.web.audience import audience_of


@view_config(
    route_name="company_profile_sample",
    request_method="GET",
    permission=Permission.FILING_UPLOAD,
    renderer="profiles/sample.jinja2",
)
def sample_page(request: Request) -> dict[str, Any]:
    audience_of(request)
    return _sample_form(request)


def _sample_form(
    request: Request, refused: FilingRefused | None = None, looked: Looked | None = None
) -> dict[str, Any]:
    today = local_date(request.now())
    given = request.POST if request.method == "POST" else request.GET
    return {
        "feeds": FEEDS,
        "seasons": [season_of(today).text],
        "months": [f"{today:%Y-%m}"],
        "today": today.isoformat(),
        "chosen_feed": str(given.get("feed", "bills")),
        "chosen_period": str(given.get("period", "")),
        "refused": refused,
        "looked": looked,
        "form_megabytes": FORM_BYTES >> 20,
    }


_NO_HEADERS = (
    "M-Bus 电报没有表头和代码，不用对应方案，直接报送即可。",
    "M-Bus telegrams have no headers and no codes: file them as they are, without a profile.",
)


@view_config(
    route_name="company_profile_sample",
    request_method="POST",
    permission=Permission.FILING_UPLOAD,
    renderer="profiles/sample.jinja2",
)
def give_sample(request: Request) -> Any:
    """A draft as the file suggests it, or what hinders: a file that cannot be read, or that holds personal data, is not kept."""
    audience_of(request)
    feed, period = str(request.POST.get("feed", "")), str(request.POST.get("period", ""))
    try:
        part = request.POST.get("file")
        if not getattr(part, "filename", None):
            raise FilingRefused("T14")
        name = shown_name(part.filename)
        if is_telegrams(name):
            raise FilingRefused("F33", *_NO_HEADERS)
        company_id = request.viewer.company_id
        assert company_id is not None  # audience_of let in company people only
        with read(request.registry.engine) as session:
            # Read in a transaction of its own: no writer waits while the file is looked at.
            service = ProfileService(session, request.clock, request.evidence)
            number = service.next_number(company_id, feed)
            ground = ground_of(session, request.evidence, company_id, feed, period, number)
            if service.draft_of(company_id, feed) is not None:
                raise FilingRefused("F31", FEEDS[feed].zh, FEEDS[feed].en)
        with arriving(part.file, request.conf.incoming_root, Declared(), FORM_BYTES) as arrived:
            looked = look(arrived.path, name, ground)
            if not looked.is_usable:
                request.response.status = 422
                return _sample_form(request, looked=looked)
            found = request.service(ProfileService).draft(
                company_id=company_id,
                feed=feed,
                period=period,
                path=arrived.path,
                filename=name,
                looked=looked,
                by=request.actor,
            )
    except FilingRefused as refusal:
        request.response.status = refusal.status
        return _sample_form(request, refusal)
    return HTTPSeeOther(request.route_path("company_profile", public_id=found.public_id))


@view_config(
    route_name="company_profile",
    request_method="POST",
    permission=Permission.FILING_UPLOAD,
    renderer="profiles/profile.jinja2",
)
def edit(request: Request) -> Any:
    """The draft says what the form says, and its sample was looked at again by it; or the page says what is wrong."""
    audience_of(request)
    with read(request.registry.engine) as session:
        service = ProfileService(session, request.clock, request.evidence)
        found = service.find(request.matchdict["public_id"], request.viewer)
        PROFILE_LIFECYCLE.step(found.state, ProfileAct.EDIT)
        sample = looked_of(found)
        assert sample.suggestion is not None  # what nobody can read is never kept
        lines = lines_of(found.profile, sample.suggestion)
        ground = ground_of(
            session, request.evidence, found.company_id, found.feed, found.sample_period, found.number
        )
        path, name, before = request.evidence.path(found.sample_digest), found.sample_name, found.profile
    try:
        profile = profile_from(lines, request.POST, before)
    except ProfileError as error:
        request.response.status = 422
        return shown(request, profile_asked(request), FilingRefused("F33", error.zh, error.en))
    looked = look(path, name, ground, draft=profile)
    draft = profile_asked(request)
    request.service(ProfileService).edit(
        draft, profile, looked, by=request.actor, version=seen_version(request)
    )
    request.session.flash(request.say("草稿已保存，预览已更新。"), "success")
    return HTTPSeeOther(request.route_path("company_profile", public_id=draft.public_id))


@view_config(route_name="company_profile_sign", request_method="POST", permission=Permission.FILING_SIGN)
def sign(request: Request) -> HTTPSeeOther:
    """In force from now on, or refused with what is missing."""
    found = profile_asked(request)
    if request.POST.get("confirmed") != "yes":
        raise FilingRefused("F05")
    request.service(ProfileService).sign(found, by=request.actor, version=seen_version(request))
    request.session.flash(
        request.say("第 %(n)s 版对应方案已签署，即日起用于新的报送。", n=found.number), "success"
    )
    return HTTPSeeOther(request.route_path("company_profile", public_id=found.public_id))


@view_config(route_name="company_profile_discard", request_method="POST", permission=Permission.FILING_UPLOAD)
def discard(request: Request) -> HTTPSeeOther:
    found = profile_asked(request)
    request.service(ProfileService).discard(found, by=request.actor, version=seen_version(request))
    request.session.flash(request.say("草稿已放弃。"), "success")
    return HTTPSeeOther(request.route_path("company_profiles"))
