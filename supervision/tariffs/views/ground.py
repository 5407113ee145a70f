"""What every view of a tariff draft shares: the draft meant, refusals in words, the way back to it."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import exception_view_config

from supervision.documents.attached import AttachmentRefused
from supervision.tariffs.deciding import DraftService
from supervision.tariffs.models import TariffDraft
from supervision.tariffs.problems import NoSuchDraft, TariffRefused
from supervision.web import Request
from supervision.web.errors import not_found


def draft_of(request: Request) -> TariffDraft:
    return request.service(DraftService).draft(request.matchdict["public_id"])


def said(request: Request, refusal: TariffRefused | AttachmentRefused) -> str:
    return refusal.en if request.language == "en" else refusal.zh


def to_draft(request: Request, draft: TariffDraft, text: str = "", queue: str = "success") -> HTTPSeeOther:
    if text:
        request.session.flash(request.say(text), queue)
    return HTTPSeeOther(request.route_path("officer_tariff", public_id=draft.public_id))


@exception_view_config(NoSuchDraft, renderer="error.jinja2")
def no_such_draft(error: NoSuchDraft, request: Request) -> dict[str, Any]:
    answer: dict[str, Any] = not_found(request)
    return answer


@exception_view_config(TariffRefused, renderer="error.jinja2")
def tariff_refused(error: TariffRefused, request: Request) -> dict[str, Any]:
    request.response.status = 409
    return {"code": 409, "title": "不能这样办理", "advice": said(request, error), "incident": None}
