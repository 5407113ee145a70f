"""Profiles as their company and the officers see them: list, version, downloads, the re-check."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response
from pyramid.view import exception_view_config

from ingest.standard import FEEDS, Kind
from ingest.suggesting import Sample
from ingest.suggesting.in_child import sample_of
from supervision.filings import edit_report
from supervision.filings.models import MappingProfile
from supervision.filings.names import attachment
from supervision.filings.problems import FilingRefused
from supervision.filings.profile_lifecycle import PROFILE_LIFECYCLE, ProfileAct, ProfileState
from supervision.filings.views.filing import both, download
from supervision.profiles.lines import HOWS, changes, lines_of
from supervision.profiles.service import NoSuchProfile, ProfileService
from supervision.users import UserService
from supervision.web import Request
from supervision.web.audience import audience_of
from supervision.web.errors import not_found
from supervision.web.paging import SIZE, Page, page_number

# How a version stands: tone and source string.
STATES: dict[str, tuple[str, str]] = {
    ProfileState.DRAFT: ("open", "草稿，待签署"),
    ProfileState.IN_FORCE: ("good", "现行"),
    ProfileState.SUPERSEDED: ("secondary", "已被新版取代"),
    ProfileState.DISCARDED: ("secondary", "已放弃"),
}
# What a file would become: tone and source string.
VERDICTS: dict[str, tuple[str, str]] = {
    "accepted": ("good", "可以通过"),
    "needs_explanation": ("open", "可以通过，有疑点须说明"),
    "rejected": ("bad", "会被退回"),
}


def profile_asked(request: Request) -> MappingProfile:
    """The profile of the address, if the viewer may see it. Raises NoSuchProfile."""
    audience_of(request)
    return request.service(ProfileService).find(request.matchdict["public_id"], request.viewer)


def looked_of(found: MappingProfile) -> Sample:
    """What the sample of this version suggests, as it was looked at last."""
    return sample_of(found.looked)


@both("profiles", renderer="profiles/list.jinja2")
def profiles(request: Request) -> dict[str, Any]:
    """Every version the viewer may see, by company and feed."""
    audience = audience_of(request)
    found = request.db.scalars(request.service(ProfileService).visible_to(request.viewer)).all()
    names = [name for one in found for name in (one.drafted_by, one.signed_by or "")]
    return {
        "audience": audience,
        "profiles": found,
        "feeds": FEEDS,
        "states": STATES,
        "people": request.service(UserService).display_names(names),
    }


@both("profile", renderer="profiles/profile.jinja2")
def page(request: Request) -> dict[str, Any]:
    return shown(request, profile_asked(request))


def shown(request: Request, found: MappingProfile, refused: FilingRefused | None = None) -> dict[str, Any]:
    """The page of a version; with ``refused`` also why what was just entered was not taken."""
    service, held = request.service(ProfileService), request.viewer.permissions
    sample = looked_of(found)
    assert sample.suggestion is not None  # what nobody can read is never kept
    feed = FEEDS[found.feed]
    before = service.before(found)
    names = [found.drafted_by, found.signed_by or ""]
    entered = request.POST if refused is not None else {}
    return {
        **_common(request, found),
        "lines": lines_of(found.profile, sample.suggestion),
        "entered": entered,
        "refused": refused,
        "hows": HOWS,
        "sample": sample,
        "preview_columns": [feed.column(code) for code in sample.columns],
        "verdict": found.looked["verdict"],
        "verdicts": VERDICTS,
        "before": before,
        "changes": changes(before.profile if before else None, found.profile),
        "filings": service.filings_read_by(found)[:10],
        "recheck": found.recheck,
        "may_edit": PROFILE_LIFECYCLE.permits(found.state, ProfileAct.EDIT, held),
        "may_sign": PROFILE_LIFECYCLE.permits(found.state, ProfileAct.SIGN, held),
        "people": request.service(UserService).display_names(names),
    }


def _common(request: Request, found: MappingProfile) -> dict[str, Any]:
    audience = audience_of(request)
    return {
        "found": found,
        "feed": FEEDS[found.feed],
        "audience": audience,
        "states": STATES,
        "kinds": Kind,
        "routes": lambda name, **query: request.route_path(
            f"{audience}_{name}", public_id=found.public_id, _query=query
        ),
    }


@both("profile_json")
def profile_json(request: Request) -> Response:
    """The profile as ``supervision validate --profile`` and the validator for companies take it."""
    found = profile_asked(request)
    response = Response(found.text, content_type="application/json", charset="utf-8")
    name = f"{found.company.code}-{found.feed}-profile-{found.number}.json"
    response.headers["Content-Disposition"] = attachment(name)
    return response


@both("profile_recheck", renderer="profiles/recheck.jinja2")
def recheck(request: Request) -> dict[str, Any]:
    """What becomes of the last accepted filing when it is read by this version, row by row."""
    found = profile_asked(request)
    if found.recheck is None or found.recheck.done_at is None:
        raise HTTPNotFound
    one = found.recheck
    values = sum(one.fields.values()) + (one.added or 0) + (one.removed or 0)
    return {
        **_common(request, found),
        "recheck": one,
        "verdicts": VERDICTS,
        "groups": edit_report.groups_in(one.report),
        "page": _rows(request, one.difference_digest, values),
    }


def _rows(request: Request, digest: str | None, total: int) -> Page[dict[str, Any]]:
    number = page_number(request)
    start = (number - 1) * SIZE
    count = max(0, min(SIZE, total - start))
    rows = edit_report.slice_of(request.evidence, digest, start, count) if digest and count else []
    return Page(rows, number, max(1, -(-total // SIZE)), total)


@both("profile_recheck_report")
def recheck_report(request: Request) -> Response:
    """The edit report of the re-check as CSV."""
    found = profile_asked(request)
    if found.recheck is None:
        raise HTTPNotFound
    name = f"{found.company.code}-{found.feed}-复核-{found.number}.csv"
    return download(request, found.recheck.report_digest, name, "text/csv")


@exception_view_config(NoSuchProfile, renderer="error.jinja2")
def no_such_profile(error: NoSuchProfile, request: Request) -> dict[str, Any]:
    """Another company's profile looks exactly like one that never was."""
    answer: dict[str, Any] = not_found(request)
    return answer
