"""Drafts of mapping profiles on the desk of the company that may sign them."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.profiles.service import ProfileService
from supervision.security import Permission
from supervision.web.request import Request
from supervision.web.waiting import Tone, Waiting


def on_the_desk(request: Request) -> Iterator[Waiting]:
    if not request.may(Permission.OWN_FILING_READ):
        return
    drafts = request.service(ProfileService).drafts(request.viewer)
    tone: Tone = "now" if request.may(Permission.FILING_SIGN) else "watch"
    yield Waiting("等待签署的对应方案", drafts, request.route_path("company_profiles"), tone)
